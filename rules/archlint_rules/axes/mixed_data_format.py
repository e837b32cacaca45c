"""ARC215: a layer that reads channels last where they are first, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Finding, Label, Model, Node, Span, Tensor, rule, show
from archlint_rules.flow import place, text_of
from archlint_rules.origins import axis_source, is_entry
from archlint_rules.wording import caret, input_shape, name_of

_BY_AXIS = frozenset(["batch_normalization", "BatchNormalization", "Concatenate"])
"""Layers that take the axis of the channels as a number, the last one if nobody says another; ARC511 has sequences."""

_GLOBAL = ("set_image_data_format", "set_image_dim_ordering")


@rule("ARC215", "mixed-data-format", severity="warning", category="axes", fix="unsafe")
def mixed_data_format(model: Model) -> Iterator[Finding]:
    """Layers of Keras and TensorFlow that take an axis of space for the channels, the first of each path."""
    if model.framework == "torch" or changes_default(model):
        return
    seen: set[Span] = set()
    spoilt: set[int] = set()  # what comes after a layer that is wrong already
    for node in model.nodes:
        if any(t.node in spoilt for t in node.inputs):
            spoilt.add(node.id)
            continue
        at = channels_read(node)
        first = layout(node.inputs[0]) if at is not None else None
        if (
            of_rows(model, node)
            or at is None
            or first is None
            or at == (1 if first else -1)
            or any(layout(t) != first for t in node.inputs)
        ):
            continue
        spoilt.add(node.id)
        if place(node) not in seen:
            seen.add(place(node))
            yield finding(model, node, at, first)


def of_rows(model: Model, node: Node) -> bool:
    """Is it the norm of an input: each frequency of a spectrum (N, 96, T, 1) by itself?"""
    source = model.graph[node.inputs[0].node] if node.inputs and node.inputs[0].node >= 0 else None
    return node.family == "norm" and source is not None and is_entry(source)


def changes_default(model: Model) -> bool:
    """Does the program choose the order for all layers that do not state one?"""
    calls = model.file.calls if model.file is not None else []
    return any(call.name.endswith(_GLOBAL) for call in calls)


def channels_read(node: Node) -> int | None:
    """The axis that a layer takes for the channels, 1 or -1; None for a layer without such an axis."""
    name = node.op.rpartition(".")[2]
    if not node.inputs or node.faults:
        return None
    rank = node.inputs[0].rank
    if rank is None or rank < 4:
        return None
    if name in _BY_AXIS:
        axis = node.args.get("axis")
        stated = name == "Concatenate" and "axis" in node.given
        known = isinstance(axis, int) and axis in (1, -1, rank - 1) and not stated
        return (1 if axis == 1 else -1) if known else None
    if name.startswith("SpatialDropout"):
        return {None: -1, "channels_last": -1, "channels_first": 1}.get(node.args.get("data_format"))
    roles = node.out.demand.roles if node.out.demand is not None else ()
    if len(roles) != rank or "channel" not in roles:
        return None
    return {1: 1, rank - 1: -1}.get(roles.index("channel"))


def layout(tensor: Tensor) -> bool | None:
    """Are the channels first, (N, C, H, W), or last?  None where the axes stand otherwise or are not known."""
    roles = [axis[0].role if len(axis) == 1 else "" for axis in tensor.axes or ()]
    if len(roles) < 4 or roles[0] != "batch" or roles.count("channel") != 1:
        return None
    rest = [r for r in roles[1:] if r != "channel"]
    if rest != [f"space{i}" for i in range(len(rest))]:
        return None
    place = roles.index("channel")
    return True if place == 1 else False if place == len(roles) - 1 else None


def finding(model: Model, node: Node, at: int, first: bool) -> Finding:
    tensor = node.inputs[0]
    assert tensor.shape is not None
    axis, channels = at % len(tensor.shape), 1 if first else len(tensor.shape) - 1
    order = "first" if first else "last"
    by_axis = node.op.rpartition(".")[2] in _BY_AXIS
    right = f"axis={1 if first else -1}" if by_axis else f'data_format="channels_{order}"'
    source = axis_source(model, tensor, channels)
    made = f"{name_of(source)} puts its {show(tensor.shape[channels])} channels {order} here" if source else ""
    unstated = not by_axis and node.args.get("data_format") is None
    return Finding(
        caret(node, "axis" if by_axis else "data_format"),
        f"{name_of(node)} takes axis {axis} ({show(tensor.shape[axis])}) for the channels, but those of "
        f"{input_shape(node)} are axis {channels} ({show(tensor.shape[channels])})",
        related=(Label(place(source), made),) if source is not None else (),
        help=f"{right}, or one order of axes for the whole model",
        layer=node.path,
        confidence="likely" if unstated else None,
        edits=stated(model, node, right),
    )


def stated(model: Model, node: Node, right: str) -> tuple[Edit, ...]:
    """`BatchNormalization()` becomes `BatchNormalization(axis=1)`."""
    name, made = right.partition("=")[0], place(node)
    span = node.arg_spans.get(name)
    if span is not None:
        return (Edit(span, right),) if text_of(model.file, span).startswith(name) else ()
    text = text_of(model.file, made)
    if not text.endswith(")") or text.count("(") != 1 or text.rstrip(") \n").endswith(","):
        return ()
    at = made.end - 1
    return (Edit(Span(made.path, at, at), right if text.endswith("()") else f", {right}"),)

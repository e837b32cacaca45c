"""ARC102: a layer declares channels that its input does not have."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Label, Model, Node, Span, proven_different, proven_equal, rule, show
from archlint_rules.amounts import number
from archlint_rules.certainty import settled
from archlint_rules.flow import ancestors
from archlint_rules.origins import axis_source, is_entry
from archlint_rules.shapes.exchanged import exchange
from archlint_rules.shapes.layout import swapped
from archlint_rules.wording import also, caret, causes, faults, input_shape, name_of, new_number, produced, shape_text


@rule("ARC102", "channel-mismatch", severity="error", category="shapes", fix="unsafe")
def channel_mismatch(model: Model) -> Iterator[Finding]:
    """Declared channels against the channels that arrive; those of a Keras layer are declared by its first input."""
    yield from of_shared_layers(model)
    for node, fault in faults(model, "channels", "features"):
        if node.family == "dense" or not node.inputs or swapped(model, node) is not None:
            continue
        if not fault.arg or "declared" not in fault.text:
            yield from of_tensors(model, node, fault)
            continue
        source = None if fault.axis is None else axis_source(model, node.inputs[0], fault.axis)
        both = exchange(model, node, fault)
        span, behind = caret(node, fault.arg), channels_behind(node, fault)
        yield Finding(
            span,
            message(node, fault),
            label=f"{show(fault.want)} declared",
            related=(*causes(model, node, span, fault.axis), *also(model, node, fault)),
            help=f"the last axis holds {show(fault.want)}: transpose(1, 2) first"
            if behind
            else one_sample(node, fault) or way_out(fault, source, bool(both)),
            layer=node.path,
            edits=()
            if behind or one_sample(node, fault)
            else both or new_number(model, node.arg_spans.get(fault.arg), fault.want, fault.got),
        )


def of_tensors(model: Model, node: Node, fault: Fault) -> Iterator[Finding]:
    """A number that no argument declares: `tf.nn.conv2d(x, filter)`, queries and keys, a network for RGB on grey."""
    if not settled_above(model, node):
        return
    made = [label for tensor in node.inputs[:2] for label in produced(model, tensor)]
    yield Finding(
        node.span,
        f"{name_of(node)}: {fault.text}",
        label=f"gets {' and '.join(shape_text(t.shape) for t in node.inputs[:2])}",
        related=tuple(dict.fromkeys(made)),
        help=agreement(node, fault),
        layer=node.path,
    )


def agreement(node: Node, fault: Fault) -> str:
    """Which of two numbers to change."""
    if fault.want == 3 and fault.got == 1:
        return "repeat the grey channel: concatenate([x, x, x])"
    if node.family in ("conv", "conv_transpose"):
        return (
            f"give the filter {show(fault.got)} channels of input, or the tensor before it {show(fault.want)} channels"
        )
    return f"{show(fault.want)} and {show(fault.got)} have to be the same number" if len(node.inputs) > 1 else ""


def settled_above(model: Model, node: Node) -> bool:
    """Is the form of everything that the node depends on stated, or taken on every way to it?"""
    return all(settled(model, node, n) for n in ancestors(model, node) if is_entry(n))


def of_shared_layers(model: Model) -> Iterator[Finding]:
    """`shared(question)`, `shared(answer)`: the weights are made for the first, and the second has other features."""
    first: dict[int, Node] = {}
    seen: set[Span] = set()
    for node in model.nodes:
        if node.layer is None or not node.op.startswith("keras.") or not node.inputs:
            continue
        before = first.setdefault(node.layer, node)
        if node.branch or before.branch or node.faults or before.faults or node.span in seen:
            continue
        if proven_different(before.out.params, node.out.params) and settled_above(model, node):
            seen.add(node.span)
            yield built_for_another(model, before, node)


def built_for_another(model: Model, before: Node, node: Node) -> Finding:
    shown = () if node.span == before.span else (Label(before.span, f"built here, for {input_shape(before)}"),)
    weights = f"{number(before.out.params)} weights, {number(node.out.params)} are needed"
    return Finding(
        node.span,
        f"{name_of(node)} was built for {input_shape(before)}, then gets {input_shape(node)}: it has {weights}",
        label=f"gets {input_shape(node)}",
        related=(*shown, *produced(model, node.inputs[0])),
        help="bring both inputs to the same features before it, or make a layer for each",
        layer=node.path,
    )


def channels_behind(node: Node, fault: Fault) -> bool:
    """A sequence (N, T, F) for `Conv1d(F, …)`: the features are all there, on the last axis."""
    shape = node.inputs[0].shape or ()
    return node.family == "conv" and fault.axis == 1 and len(shape) == 3 and proven_equal(shape[-1], fault.want)


def one_sample(node: Node, fault: Fault) -> str:
    """`nn.Conv2d(1, 8, 3)` on pictures (N, h, w): it takes them for one picture of N channels."""
    shape = node.inputs[0].shape or ()
    if node.family not in ("conv", "conv_transpose") or len(shape) != len(node.out.window) + 1 or fault.axis != 0:
        return ""
    way = "x.unsqueeze(1)" if proven_equal(fault.want, 1) else "keep the axis of the batch"
    return f"without a batch axis, axis 0 is the channels; if it is the batch: {way}"


def message(node: Node, fault: Fault) -> str:
    """`conv2` expects 64 channels but gets 32: its input is (N, 32, 30, 30)."""
    what = "channels" if fault.kind == "channels" else "features"
    arrives = f"{show(fault.got)}: its input is {input_shape(node)}"
    return f"{name_of(node)} expects {show(fault.want)} {what} but gets {arrives}"


def way_out(fault: Fault, source: Node | None, exchanged: bool) -> str:
    """The number to write at either end, or the other order of the two."""
    if exchanged:
        return f"exchange the two: in_channels={show(fault.got)}, out_channels={show(fault.want)}"
    here = f"set {fault.arg}={show(fault.got)}"
    if source is None or is_entry(source) or source.family not in ("conv", "conv_transpose", "dense", "embedding"):
        return here
    return f"{here}, or make {name_of(source)} give {show(fault.want)}"

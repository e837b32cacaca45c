"""ARC511: normalisation along an axis that fits by its size alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, Span, rule, show
from archlint_rules.flow import place
from archlint_rules.origins import axis_source, is_entry, readers
from archlint_rules.wording import caret, input_shape, name_of, op_name, produced

_NAMES = {"time": "the steps", "space0": "the height", "space1": "the width", "space2": "the depth"}
"""What an axis holds that is no axis of features."""

_MEANT = frozenset(["channel", "features"])


@rule("ARC511", "norm-axis", severity="warning", confidence="likely", category="training")
def norm_axis(model: Model) -> Iterator[Finding]:
    """Normalisations whose axis holds steps or space, while another one holds the features."""
    seen: set[Span] = set()
    for node in model.family("norm"):
        axis = along(node)
        if axis is None or place(node) in seen or node.faults:
            continue
        roles = [a[0].role if len(a) == 1 else "" for a in node.inputs[0].axes or ()]
        features = [i for i, role in enumerate(roles) if role in _MEANT]
        if len(features) == 1 and roles[0] == "batch" and axis != features[0]:
            what = _NAMES.get(roles[axis]) or ("the words" if of_words(model, node, axis) else None)
            if what is not None and not may_mix_positions(model, node, features[0]):
                seen.add(place(node))
                yield finding(model, node, axis, "the positions" if len(roles) == 3 else what, features[0])


def of_words(model: Model, node: Node, axis: int) -> bool:
    """Is the axis that of indices which an embedding reads: `embed(x)` with x of (N, T)?"""
    source = axis_source(model, node.inputs[0], axis)
    return source is not None and is_entry(source) and all(n.family == "embedding" for n in readers(model, source))


def may_mix_positions(model: Model, node: Node, axis: int) -> bool:
    """Is the axis of an entry one of features by pointwise convolutions alone: `Conv1d(tokens, 4 * tokens, 1)`?"""
    source = axis_source(model, node.inputs[0], axis)
    if source is None or not is_entry(source) or node.inputs[0].axes is None:
        return False
    atoms = node.inputs[0].axes[axis]
    reading = [n for n in model.family("conv") if n.inputs and any(atoms == own for own in n.inputs[0].axes or ())]
    return bool(reading) and all(n.args.get("kernel_size") in (1, (1,), [1]) for n in reading)


def along(node: Node) -> int | None:
    """The axis of features in the layer's own terms; None if that is another matter: of pictures in Keras, ARC215."""
    rank = node.inputs[0].rank if node.inputs else None
    if rank is None or rank < 3 or node.inputs[0].axes is None:
        return None
    name = op_name(node)
    if name == "LayerNorm" and node.op.startswith("torch."):
        shape = node.args.get("normalized_shape")
        single = isinstance(shape, int) or (isinstance(shape, (list, tuple)) and len(shape) == 1)
        return rank - 1 if single else None
    if re.fullmatch(r"(Batch|Instance|Group)Norm([123]d)?", name) and node.op.startswith("torch."):
        return 1
    if rank == 3 and name in ("BatchNormalization", "GroupNormalization") and node.op.startswith("keras."):
        axis = node.args.get("axis", -1)
        return axis % rank if isinstance(axis, int) and -rank <= axis < rank else None
    return None


def finding(model: Model, node: Node, axis: int, what: str, features: int) -> Finding:
    shape = node.inputs[0].shape
    assert shape is not None
    name = op_name(node)
    way = f"the features have to be on axis {axis} here"
    if name == "BatchNorm1d":
        way += f": transpose(1, 2) before it, or use LayerNorm({show(shape[features])})"
    elif name == "LayerNorm":
        way += f": permute before it, or use GroupNorm(1, {show(shape[features])})"
    elif node.op.startswith("keras."):
        way = f"axis={features}"
    else:
        way += ": permute before it"
    return Finding(
        caret(node, "normalized_shape" if name == "LayerNorm" else "num_features"),
        f"{name_of(node)} goes along axis {axis} of {input_shape(node)}, {what} ({show(shape[axis])}): "
        f"the {show(shape[features])} features are on axis {features}",
        related=tuple(label for label in produced(model, node.inputs[0]) if label.span != place(node)),
        help=way,
        layer=node.path,
    )

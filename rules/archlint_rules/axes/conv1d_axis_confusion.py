"""ARC216: a one-dimensional layer of channels-first order on a sequence whose features come last."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Label, Model, Node, Span, Tensor, proven_different, proven_equal, rule, show
from archlint_rules.axes.sequences import sequence_behind
from archlint_rules.flow import applied_at, place, text_of
from archlint_rules.wording import input_shape, name_of, new_number, op_name, output_shape


@rule("ARC216", "conv1d-axis-confusion", severity="warning", confidence="likely", category="axes", fix="unsafe")
def conv1d_axis_confusion(model: Model) -> Iterator[Finding]:
    """Conv1d and pools over the output of an embedding or a recurrent layer, not transposed."""
    seen: set[Span] = set()
    for node in model.family("conv", "pool") if model.framework == "torch" else ():
        if not node.inputs or node.faults or place(node) in seen:
            continue
        maker = sequence_behind(model, node.inputs[0])
        does = misread(node, node.inputs[0]) if maker is not None else ""
        if maker is not None and does:
            seen.add(place(node))
            yield finding(model, node, maker, does)


def misread(node: Node, tensor: Tensor) -> str:
    """What the layer does to a sequence of vectors, "" where that may be meant."""
    name, known = op_name(node).lower(), tensor.rank == 3
    width = node.out.window[0][0] if len(node.out.window) == 1 else None
    if name in ("conv1d", "lazyconv1d"):  # a window of 1 mixes the steps, as an MLP-Mixer does
        return f"slides a window of {width} along" if isinstance(width, int) and width > 1 else ""
    if "pool1d" in name and known and tensor.shape is not None:
        steps, features = tensor.shape[1:]
        whole = proven_equal(width, steps) and proven_different(steps, features)
        return f"slides a window of all {show(steps)} steps along" if whole else ""
    return ""


def finding(model: Model, node: Node, maker: Node, does: str) -> Finding:
    tensor = node.inputs[0]
    features = show(tensor.features)
    declared = node.args.get("in_channels")
    wider = declared is not None and proven_different(declared, tensor.features)
    more = f" and in_channels={features}" if wider else ""
    first, second = ("samples", "steps") if batch_first(maker) else ("steps", "samples")
    way = ".transpose(1, 2)" if batch_first(maker) else ".permute(1, 2, 0)"
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} {does} the {features} features of {name_of(maker)}, and takes the {second} for channels",
        label=f"gets {input_shape(node)}: {first}, {second}, features",
        related=(Label(place(maker), f"{name_of(maker)} gives {output_shape(maker)} here"),),
        help=f"{op_name(node)} reads (batch, channels, length): put {way} before it{more}",
        layer=node.path,
        edits=transposed(model, node, way),
    )


def batch_first(maker: Node) -> bool:
    """Are the steps on axis 1?  Of ids (batch, steps) an embedding makes (batch, steps, features)."""
    return maker.family == "embedding" or maker.args.get("batch_first") is True


def transposed(model: Model, node: Node, way: str) -> tuple[Edit, ...]:
    """`self.conv(x)` becomes `self.conv(x.transpose(1, 2))`, and `in_channels` the number of features."""
    text = text_of(model.file, node.span)
    try:
        call = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return ()
    if not isinstance(call, ast.Call) or "\n" in text or not text.isascii() or not node.path:
        return ()
    named = isinstance(call.func, ast.Attribute) and call.func.attr == node.path.rpartition(".")[2]
    given = call.args[0] if call.args else None
    if not named or not isinstance(given, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
        return ()
    at = node.span.start + (given.end_col_offset or 0)
    edits = [Edit(Span(node.span.path, at, at), way)]
    declared = node.args.get("in_channels")
    if declared is not None and not proven_equal(declared, node.inputs[0].features):
        numbers = new_number(model, node.arg_spans.get("in_channels"), declared, node.inputs[0].features)
        return (*edits, *numbers) if numbers else ()
    return tuple(edits)

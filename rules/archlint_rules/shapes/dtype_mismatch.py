"""ARC130: numbers of a type that a layer or loss does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, Tensor, rule
from archlint_rules.flow import applied_at
from archlint_rules.shapes.calls import refused
from archlint_rules.wording import op_name

_WHOLE = frozenset(("int64", "int32", "int16", "int8", "uint8", "bool"))
_WEIGHTED = frozenset(("dense", "conv", "conv_transpose", "recurrent"))
_CAST = re.compile(
    r"\.double\b|\.half\b|bfloat16|set_default_dtype|set_default_tensor_type|autocast|\.type\(|"
    r"\.to\([^)\n]*(?:dtype|float64|float16|double|half|int8)|dtype=torch\.(?:float64|double|float16|half)|quantiz"
)
"""Code that may give the weights another type."""
_CLASSES = frozenset(("CrossEntropyLoss", "cross_entropy", "NLLLoss", "nll_loss"))
_YES_OR_NO = {
    "BCELoss": (*_WHOLE, "float64"), "binary_cross_entropy": (*_WHOLE, "float64"),
    "BCEWithLogitsLoss": tuple(_WHOLE), "binary_cross_entropy_with_logits": tuple(_WHOLE),
}  # fmt: skip
_WORDS = {"float64": "Double", "float32": "Float", "int64": "Long", "int32": "Int", "uint8": "Byte", "bool": "Bool"}
"""The types as PyTorch's messages name them."""


@rule("ARC130", "dtype-mismatch", severity="error", category="shapes")
def dtype_mismatch(model: Model) -> Iterator[Finding]:
    """Weights are float32, and arrays of numpy float64; labels are numbers of classes, or parts of one."""
    if model.framework != "torch" or model.file is None:
        return
    cast = _CAST.search(model.file.lines.text) is not None
    first = next((n for n in model.nodes if weighted(model, n)), None)
    if first is not None and not cast:  # the layers behind it would get the same type
        text = f"its weights are float32, its input is {weighted(model, first)}"
        way = "use x.float(), or dtype=np.float32 where the array is made"
        yield refused(model, first, text, at=applied_at(model, first), way_out=way)
    seen: set[object] = set()
    for record in model.losses:
        node = record.graph[record.node]
        if node.span not in seen and not node.faults and not node.branch:
            for text, way in label(node):
                seen.add(node.span)
                yield Finding(node.span, f"`{op_name(node)}`: {text}", label="target of another type", help=way)


def weighted(model: Model, node: Node) -> str:
    """The type of an input that float32 weights do not take; "" where it is not known."""
    if node.family not in _WEIGHTED or not node.weights or not node.op.startswith("torch.nn.") or not node.inputs:
        return ""
    here = model.file.path if model.file is not None else ""
    if node.span.path != here or (node.made_at or node.span).path != here or "dtype" in node.given or node.branch:
        return ""
    given = node.inputs[0].dtype or ""
    return given if given == "float64" or given in _WHOLE else ""


def label(node: Node) -> Iterator[tuple[str, str]]:
    """What is wrong with the type of a loss's target, and the way out."""
    name = node.op.rpartition(".")[2]
    if not node.op.startswith("torch.nn.") or len(node.inputs) < 2:
        return
    scores, target = node.inputs[:2]
    dtype = target.dtype or ""
    if name in _CLASSES and numbers(scores, target) and dtype and dtype not in ("int64", "uint8"):
        yield f"it wants class numbers of type int64 ({_WORDS['int64']}), the target is {dtype}", "use target.long()"
    elif name.startswith(("Cross", "cross")) and vectors(scores, target) and dtype in _WHOLE:
        text = f"the target has a value per class, which must be a probability, and is {dtype}"
        yield text, "use target.float(), or give the class numbers themselves: target.argmax(dim=1)"
    elif dtype in _YES_OR_NO.get(name, ()) and (dtype != "float64" or scores.dtype == "float32"):
        yield f"the target is {dtype}, the scores are {scores.dtype or 'float32'}", "use target.float()"


def numbers(scores: Tensor, target: Tensor) -> bool:
    return scores.shape is not None and target.shape is not None and len(target.shape) == len(scores.shape) - 1


def vectors(scores: Tensor, target: Tensor) -> bool:
    return scores.shape is not None and target.shape is not None and len(target.shape) == len(scores.shape) > 1

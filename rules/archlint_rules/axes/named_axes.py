"""The axes that a reshape names: sizes written as those of the very tensor that is reshaped.

`x.view(x.size(0), x.size(2), x.size(1))` wants axes 1 and 2 exchanged, whichever numbers they are.
"""

from __future__ import annotations

import ast
import re

from archlint.rule import Model, Node, Shape, Span, proven_equal
from archlint_rules.flow import text_of


def named_order(model: Model, node: Node) -> tuple[int, ...] | None:
    """The axes of its input in the order in which a reshape names them, all of them once; None if it does not."""
    before, after = node.inputs[0].shape, node.output.shape
    found = written(text_of(model.file, node.span))
    if before is None or after is None or found is None:
        return None
    tensor, sizes = found
    names = unpacked(model, node, tensor)
    order = [axis_named(size, tensor, names, len(before)) for size in sizes]
    places = [place for place in order if place is not None]
    whole = len(places) == len(order) and sorted(places) == list(range(len(before)))
    return tuple(places) if whole and as_named(before, after, places) else None


def as_named(before: Shape, after: Shape, places: list[int]) -> bool:
    """Are the sizes those of the axes named?  A name may have been bound again."""
    assert before is not None
    assert after is not None
    return len(before) == len(after) and all(proven_equal(after[i], before[axis]) for i, axis in enumerate(places))


def written(text: str) -> tuple[str, list[ast.expr]] | None:
    """The tensor and the sizes of `x.view(…)`, `x.reshape((…))`, `torch.reshape(x, (…))`."""
    try:
        call = ast.parse(f"({text})", mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.keywords:
        return None
    if call.func.attr not in ("view", "reshape") or not call.args:
        return None
    function = isinstance(call.func.value, ast.Name) and call.func.value.id == "torch"
    tensor, sizes = (call.args[0], call.args[1:]) if function else (call.func.value, call.args)
    if len(sizes) == 1 and isinstance(sizes[0], (ast.Tuple, ast.List)):
        sizes = sizes[0].elts
    return ast.unparse(tensor), sizes


def axis_named(size: ast.expr, tensor: str, names: dict[str, int], rank: int) -> int | None:
    """The axis whose size is written: `x.size(1)`, `x.shape[-1]`, `t` of `n, t, c = x.shape`."""
    if isinstance(size, ast.Name):
        return names.get(size.id)
    text = ast.unparse(size)
    found = re.fullmatch(rf"{re.escape(tensor)}\.(?:size\((-?\d+)\)|shape\[(-?\d+)\])", text)
    axis = int(found[1] or found[2]) if found else rank
    return axis % rank if -rank <= axis < rank else None


def unpacked(model: Model, node: Node, tensor: str) -> dict[str, int]:
    """`n, t, c = x.shape`: the last such line before the reshape, if neither `x` nor a name is bound after it."""
    if model.file is None or not re.fullmatch(r"\w+", tensor):
        return {}
    lines = model.file.lines
    end = lines.starts[lines.line_of(node.span.start) - 1]
    text = text_of(model.file, Span(node.span.path, 0, end))
    block = text[max(text.rfind("\ndef "), text.rfind(" def "), 0) :]
    unpacking = re.compile(rf"^[ \t]*(\w+(?:, *\w+)+) *= *{tensor}\.(?:shape|size\(\))[ \t]*(?:#.*)?$", re.MULTILINE)
    found = list(unpacking.finditer(block))
    if not found:
        return {}
    names = [name.strip() for name in found[-1][1].split(",")]
    bound = re.compile(rf"\b({'|'.join({tensor, *names})})\b[^=\n()]*=(?!=)|\bfor\b", re.MULTILINE)
    if len(set(names)) != len(names) or bound.search(block[found[-1].end() :]):
        return {}
    return {name: axis for axis, name in enumerate(names)}

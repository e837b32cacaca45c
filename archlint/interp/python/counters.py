"""Numbers that a loop of unknown length adds to: not known afterwards, but numbers still.

offset = 0
for scores in levels:
    indices.append(scores.topk(k)[1] + offset)   # a number added to integers: integers
    offset += scores.shape[1]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archlint.dims import Dim
from archlint.interp.python.frame import Frame
from archlint.source import ir
from archlint.text import Span
from archlint.values import Reason, Unknown

_KEEP_WHOLE = ("+", "-", "*", "//", "%")


def counted(frame: Frame, statements: Iterable[ir.Stmt], where: Span) -> dict[str, Unknown]:
    """What is known of each such name at the start and the end of any turn: it is a number, perhaps a whole one.

    That holds if it is one before the loop, and every assignment to it in the body adds, by its form, a number to it.
    """
    values: dict[str, list[ir.Expr | None]] = {}
    steps: dict[str, list[ir.AugAssign]] = {}
    for node in statements:
        if isinstance(node, ir.AugAssign) and isinstance(node.target, ir.Name):
            steps.setdefault(node.target.id, []).append(node)
        for name, value in _bindings(node):
            values.setdefault(name, []).append(value)
    found: dict[str, Unknown] = {}
    for name, nodes in steps.items():
        before = frame.names.get(name)
        if name in values or name in frame.outer_names or not _number(before):
            continue
        kinds = [_kind(frame, values, node.value, 0) for node in nodes]
        if all(kinds) and all(node.op in (*_KEEP_WHOLE, "/") for node in nodes):
            whole = isinstance(before, (int, Dim)) or (isinstance(before, Unknown) and before.whole)
            whole = whole and set(kinds) == {"whole"} and all(node.op in _KEEP_WHOLE for node in nodes)
            found[name] = Unknown(Reason.LOOP, "a number that a loop changes", where, number=True, whole=whole)
    return found


def _number(value: Any) -> bool:
    if isinstance(value, Unknown):
        return value.number
    return isinstance(value, (int, float, Dim)) and not isinstance(value, bool)


def _bindings(node: ir.Stmt) -> list[tuple[str, ir.Expr | None]]:
    """Names that a statement binds, each with its value where that is written on its own."""
    if isinstance(node, ir.Assign):
        return [
            (name, node.value if isinstance(target, ir.Name) else None)
            for target in node.targets
            for name in _names(target)
        ]
    if isinstance(node, ir.For):
        return [(name, None) for name in _names(node.target)]
    if isinstance(node, ir.With):
        return [(name, None) for _, bound in node.items if bound is not None for name in _names(bound)]
    return [(name, None) for name in (*getattr(node, "binds", ()), *_defined(node))]


def _defined(node: ir.Stmt) -> list[str]:
    return [node.name] if isinstance(node, (ir.FunctionDef, ir.ClassDef)) else []


def _names(target: ir.Expr) -> list[str]:
    if isinstance(target, ir.Name):
        return [target.id]
    if isinstance(target, ir.Starred):
        return _names(target.value)
    return [name for item in target.items for name in _names(item)] if isinstance(target, ir.Display) else []


def _kind(frame: Frame, values: dict[str, list[ir.Expr | None]], node: ir.Expr | None, depth: int) -> str:
    """`whole` or `number` for an expression that is certainly one, else ""."""
    if depth > 4:
        return ""
    if isinstance(node, ir.Const):
        return "whole" if type(node.value) is int else "number" if type(node.value) is float else ""
    if isinstance(node, ir.Subscript):
        shape = isinstance(node.value, ir.Attr) and node.value.attr == "shape"
        return "whole" if shape and isinstance(node.index, (ir.Const, ir.UnaryOp)) else ""
    if isinstance(node, ir.Call):
        if isinstance(node.func, ir.Name):
            return {"len": "whole", "int": "whole", "float": "number"}.get(node.func.id, "")
        sized = isinstance(node.func, ir.Attr) and node.func.attr == "size" and len(node.args) == 1
        return "whole" if sized else ""
    if isinstance(node, ir.BinOp) and node.op in (*_KEEP_WHOLE, "/"):
        both = {_kind(frame, values, node.left, depth + 1), _kind(frame, values, node.right, depth + 1)}
        return "" if "" in both else "whole" if both == {"whole"} and node.op in _KEEP_WHOLE else "number"
    if isinstance(node, ir.Name):
        if node.id in values:
            kinds = {_kind(frame, values, value, depth + 1) for value in values[node.id]}
            return kinds.pop() if len(kinds) == 1 else ""
        known = frame.names.get(node.id)
        return "whole" if type(known) is int or isinstance(known, Dim) else "number" if type(known) is float else ""
    return ""

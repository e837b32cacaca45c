"""Shapes that annotations state: `x: Float[Tensor, "b c h w"]` of jaxtyping, `TensorType["b", 3]` of torchtyping.

They are noted at the applications whose outputs they are about; sizes are never taken from them, since nothing makes
the program keep to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archlint.graph import Annotation
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import expr
from archlint.interp.python.frame import Frame
from archlint.source import ir
from archlint.values import External, Tensor

_TUPLES = ("tuple", "Tuple")
_CHECKERS = ("beartype", "typechecked")


def given(ev: Evaluator, frame: Frame, node: ir.FunctionDef | ir.Lambda) -> int:
    """Note what a function's parameters state; the number of this call, or 0 if no annotation states a shape."""
    if isinstance(node, ir.Lambda) or not _states_shapes(node):
        return 0
    ev.session.annotated += 1
    call = ev.session.annotated
    for param in node.params:
        if param.annotation is not None:
            _note(ev, frame, param.annotation, frame.names.get(param.name), param.name, call)
    return call


def returned(ev: Evaluator, frame: Frame, node: ir.FunctionDef | ir.Lambda, value: Any, call: int) -> None:
    """Note what a function states of its value."""
    if isinstance(node, ir.FunctionDef) and node.returns is not None:
        _note(ev, frame, node.returns, value, "", call)


def _states_shapes(node: ir.FunctionDef) -> bool:
    return any(_written(a) for a in (*(p.annotation for p in node.params), node.returns) if a is not None)


def _written(annotation: ir.Expr) -> bool:
    if isinstance(annotation, ir.BinOp):
        return _written(annotation.left) or _written(annotation.right)
    if not isinstance(annotation, ir.Subscript):
        return False
    items = annotation.index.items if isinstance(annotation.index, ir.Display) else [annotation.index]
    return any(isinstance(i, ir.Const) and isinstance(i.value, str) for i in items) or any(map(_written, items))


def _note(ev: Evaluator, frame: Frame, annotation: ir.Expr, value: Any, name: str, call: int) -> None:
    for part, tensor in _pairs(annotation, value):
        origin = ev.node(tensor.node)
        spec = _spec(ev, frame, part)
        if origin is not None and spec is not None:
            checked = frame.function is not None and _checked(frame.function.node)
            origin.annotated.append(Annotation(call, frame.span(part), spec, tensor.slot, name, checked))


def _pairs(annotation: ir.Expr, value: Any) -> Iterator[tuple[ir.Subscript, Tensor]]:
    """Annotations of single tensors beside the tensors: `tuple[Float[…], Int[…]]` is two, `Float[…] | None` one."""
    if isinstance(annotation, ir.BinOp) and annotation.op == "|":
        sides = [s for s in (annotation.left, annotation.right) if not isinstance(s, ir.Const)]
        if len(sides) == 1:
            yield from _pairs(sides[0], value)
    if not isinstance(annotation, ir.Subscript):
        return
    name = _last_name(annotation.value)
    if name == "Optional":
        yield from _pairs(annotation.index, value)
    elif name in _TUPLES and isinstance(value, tuple) and isinstance(annotation.index, ir.Display):
        if len(annotation.index.items) == len(value):
            for item, one in zip(annotation.index.items, value):
                yield from _pairs(item, one)
    elif isinstance(value, Tensor):
        yield annotation, value


def _last_name(head: ir.Expr) -> str:
    return head.id if isinstance(head, ir.Name) else head.attr if isinstance(head, ir.Attr) else ""


def _spec(ev: Evaluator, frame: Frame, annotation: ir.Subscript) -> str | None:
    """The axes as jaxtyping writes them: `b 3 h w`."""
    index = annotation.index
    items: list[ir.Expr] = list(index.items) if isinstance(index, ir.Display) else [index]
    if not isinstance(annotation.value, (ir.Name, ir.Attr)):
        return None
    module = Frame(frame.module, frame.chunk, frame.module.names)
    head = expr.evaluate(ev, module, annotation.value)
    if not isinstance(head, External):
        return None
    if head.name.startswith("jaxtyping.") and len(items) == 2:
        spec = items[1].value if isinstance(items[1], ir.Const) else None
        return spec if isinstance(spec, str) else None
    if head.name == "torchtyping.TensorType":
        return _torchtyping(items)
    return None


def _torchtyping(items: list[ir.Expr]) -> str | None:
    found = []
    for item in items:
        value = item.value if isinstance(item, ir.Const) else None
        if isinstance(value, str) and value.isidentifier():
            found.append(value)
        elif value is ... or (isinstance(value, int) and not isinstance(value, bool) and value >= -1):
            found.append("..." if value is ... else "_" if value == -1 else str(value))
        else:
            return None
    return " ".join(found)


def _checked(node: ir.FunctionDef | ir.Lambda) -> bool:
    """Do decorators hold every call to its annotations: `@jaxtyped(typechecker=beartype)`, or both apart?"""
    if isinstance(node, ir.Lambda):
        return False
    names = []
    for decorator in node.decorators:
        if isinstance(decorator, ir.Call) and _last_name(decorator.func) == "jaxtyped":
            stated = next((a.value for a in decorator.args if a.keyword == "typechecker"), None)
            if stated is not None and not (isinstance(stated, ir.Const) and stated.value is None):
                return True
        names.append(_last_name(decorator.func if isinstance(decorator, ir.Call) else decorator))
    return "jaxtyped" in names and any(checker in names for checker in _CHECKERS)

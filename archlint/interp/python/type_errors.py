"""`try: act(inplace=True)`, `except TypeError: act()`: a call that is made to see whether it fits."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import call, expr, functions, library
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.layers import canonical, find
from archlint.layers.arguments import NotKnown
from archlint.layers.spec import Spec
from archlint.source import ir
from archlint.values import Class, External, Function, Method


def settled(ev: Evaluator, frame: Frame, node: ir.Try) -> list[ir.Stmt] | None:
    """What is run of a `try` that guards the fit of one call's arguments; None where that is not what it does.

    A call that fits may still raise a TypeError from within; that is not what such code is written for.
    """
    caught, _, otherwise = node.handlers[0]
    first, *rest = node.body
    value = getattr(first, "value", None)
    if len(node.handlers) > 1 or not isinstance(caught, ir.Name) or caught.id != "TypeError":
        return None
    if not isinstance(value, ir.Call) or not all(map(_is_quiet, rest)):
        return None
    if not all(isinstance(part, (ir.Name, ir.Attr, ir.Const)) for part in (value.func, *(a.value for a in value.args))):
        return None  # it is evaluated here and when it is run, so it must not do anything
    answer = _fits(expr.evaluate(ev, frame, value.func), call.arguments_of(ev, frame, value))
    return None if answer is None else [*node.body, *node.orelse] if answer else otherwise


def falls_back(node: ir.Try) -> str:
    """What it makes sure of, if a handler does in another way what the body may fail to do.

    try: out = model(*inputs)
    except Exception: out = model(inputs)
    """
    aims = _aims(node.body)
    for caught, _, body in node.handlers:
        name = caught.id if isinstance(caught, ir.Name) else ""
        if (caught is None or name in _BROAD) and not aims.isdisjoint(_aims(body)):
            return "sizes"
    return ""


_BROAD = ("Exception", "BaseException", "RuntimeError", "ValueError", "IndexError", "TypeError", "AssertionError")


def _aims(body: list[ir.Stmt]) -> set[str]:
    """The names that statements bind, `return` among them."""
    targets = [t for s in body if isinstance(s, ir.Assign) for t in s.targets]
    returned = any(isinstance(s, ir.Return) and s.value is not None for s in body)
    return {t.id for t in targets if isinstance(t, ir.Name)} | ({"return"} if returned else set())


def _is_quiet(node: ir.Stmt) -> bool:
    """`accepts_rate = True` raises nothing."""
    return isinstance(node, (ir.Assign, ir.Return, ir.Simple)) and isinstance(
        getattr(node, "value", None), (ir.Const, ir.Name, type(None))
    )


def _fits(callee: Any, arguments: Arguments) -> bool | None:
    """Does a layer, a class, a function or a method take these arguments?  None if that is not known."""
    partial = library.PARTIALS.get(id(callee))
    if partial is not None:
        return _fits(partial.function, partial.completed(arguments))
    if arguments.open:
        return None
    if isinstance(callee, Class):
        found = functions.class_attribute(callee, "__init__")
        if found is None or not isinstance(found[0], Function):
            return None
        return _takes(found[0], 1 + len(arguments.positional), arguments.keywords)
    if isinstance(callee, Method) and isinstance(callee.function, Function):
        return _takes(callee.function, 1 + len(arguments.positional), arguments.keywords)
    if isinstance(callee, Function):
        return _takes(callee, len(arguments.positional), arguments.keywords)
    spec = find(canonical(callee.name)) if isinstance(callee, External) else None
    return None if spec is None else _binds(spec, arguments)


def _binds(spec: Spec, arguments: Arguments) -> bool | None:
    try:
        spec.bind_call(arguments.positional, arguments.keywords)
    except TypeError:
        return False
    except NotKnown:
        return None
    return True


def _takes(function: Function, count: int, keywords: dict[str, Any]) -> bool | None:
    """A function of the project's own; one with `**kwargs` may pass them on to where they do not fit."""
    params = function.node.params
    if any(p.kind in ("star", "doublestar") for p in params):
        return None
    places = [p.name for p in params if p.kind in ("posonly", "normal")]
    named = {p.name for p in params if p.kind != "posonly"}
    if count > len(places) or not named.issuperset(keywords) or not set(places[:count]).isdisjoint(keywords):
        return False
    given = {*places[:count], *keywords}
    return all(p.name in given or p.default is not None for p in params)

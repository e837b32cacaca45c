"""Execution of statements: decided tests take one arm, undecided ones both, then the states are joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import (
    attribute,
    branches,
    call,
    expr,
    functions,
    imports,
    iterate,
    loops,
    operators,
    subscript,
    type_errors,
)
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import RETURN, Frame, UserRaise
from archlint.interp.python.truth import compare, truth
from archlint.interp.slips import definitions as slips
from archlint.interp.slips import uses
from archlint.interp.tensors import guards, shape_unpack
from archlint.interp.torch import modules as torch_modules
from archlint.layers.torch import contents
from archlint.source import ir
from archlint.text import Span
from archlint.values import ListValue, Object, Reason, Tensor, Unknown


def block(ev: Evaluator, frame: Frame, body: list[ir.Stmt]) -> str | None:
    """Execute statements; None, or how the block was left."""
    for node in body:
        ev.budget.step()
        signal = _EXECUTE[type(node)](ev, frame, node)
        if signal is not None:
            return signal
    return None


def assign(ev: Evaluator, frame: Frame, target: ir.Expr, value: Any) -> None:
    """Bind a value to a target: name, attribute, subscript, or a tuple of them."""
    if isinstance(target, ir.Name):
        bind(ev, frame, target.id, value, frame.span(target))
    elif isinstance(target, ir.Attr):
        owner = expr.evaluate(ev, frame, target.value)
        where = frame.chunk.span(target.attr_start, target.attr_start + len(target.attr))
        slips.assigned(ev, frame, owner, target.attr, value, where)
        uses.frozen(ev, owner, target.attr, where)
        attribute.put(ev, owner, target.attr, value, where)
        _name_output(ev, frame, value, target.attr, where)
    elif isinstance(target, ir.Subscript):
        owner, index = expr.evaluate(ev, frame, target.value), expr.evaluate(ev, frame, target.index)
        uses.placed(ev, frame, target, owner, index, value)
        subscript.put(ev, owner, index, value)
    elif isinstance(target, ir.Display):
        _unpack(ev, frame, target, value)
    elif isinstance(target, ir.Starred):
        assign(ev, frame, target.value, value)


def bind(ev: Evaluator, frame: Frame, name: str, value: Any, where: Span) -> None:
    """Bind a name in the scope that owns it."""
    names = functions.owner_of(frame, name)
    ev.heap.touch(names)
    names[name] = value
    _name_output(ev, frame, value, name, where)


def _name_output(ev: Evaluator, frame: Frame, value: Any, name: str, where: Span) -> None:
    node = ev.node(value.node) if isinstance(value, Tensor) and value.slot == 0 else None
    if node is not None:
        node.names.append((name, where))


def _unpack(ev: Evaluator, frame: Frame, target: ir.Display, value: Any) -> None:
    """`a, (b, *rest) = value`; the number of targets also tells the rank of an open `x.shape`."""
    stars = [i for i, t in enumerate(target.items) if isinstance(t, ir.Starred)]
    names = [t.id if isinstance(t, ir.Name) else "" for t in target.items]
    items = iterate.unpack(ev, value, len(target.items), names if not stars else None)
    if isinstance(items, Unknown):
        for t in target.items:
            assign(ev, frame, t, ListValue(None, items) if isinstance(t, ir.Starred) else items)
        return
    if stars:
        at, after = stars[0], len(target.items) - stars[0] - 1
        middle = ListValue(items[at : len(items) - after])
        items = [*items[:at], middle, *items[len(items) - after :]] if after else [*items[:at], middle]
    if len(items) != len(target.items):
        raise UserRaise("wrong number of values to unpack")
    for t, item in zip(target.items, items):
        assign(ev, frame, t, item)


def _if(ev: Evaluator, frame: Frame, node: ir.If) -> str | None:
    decided = branches.decide(ev, frame, node.test)
    if decided is False and "TYPE_CHECKING" in (getattr(node.test, "id", ""), getattr(node.test, "attr", "")):
        imports.for_type_checkers(ev, frame, node.body)
    if decided is not None:
        return block(ev, frame, node.body if decided else node.orelse)

    guards.refused(ev, frame, node)
    unseen = ev.unseen

    def arm(positive: bool, body: list[ir.Stmt]) -> str | None:
        branches.narrow(ev, frame, node.test, positive)
        return block(ev, frame, body)

    arms = [lambda: arm(True, node.body), lambda: arm(False, node.orelse)]
    return branches.undecided(ev, frame, arms, unseen=unseen)


def _try(ev: Evaluator, frame: Frame, node: ir.Try) -> str | None:
    """The body, or a handler where the body raises for certain; both where it may."""

    def handler(name: str | None, body: list[ir.Stmt]) -> str | None:
        if name is not None:
            bind(ev, frame, name, Unknown(Reason.DATA, "an exception"), frame.span(node))
        return block(ev, frame, body)

    if all(isinstance(s, (ir.Import, ir.ImportFrom)) for s in node.body) or not node.handlers:
        signal = block(ev, frame, [*node.body, *node.orelse])
    elif (body := type_errors.settled(ev, frame, node)) is not None:
        signal = block(ev, frame, body)
    else:
        arms: list[Callable[[], str | None]] = [lambda: block(ev, frame, [*node.body, *node.orelse])]
        for _, name, body in node.handlers:
            arms.append(lambda name=name, body=body: handler(name, body))  # type: ignore[misc]
        doubts = ev.doubts
        signal = branches.undecided(ev, frame, arms, lambda: ev.doubts == doubts, type_errors.falls_back(node))
    return block(ev, frame, node.final) or signal


def _with(ev: Evaluator, frame: Frame, node: ir.With) -> str | None:
    return call.with_items(ev, frame, node)


def _return(ev: Evaluator, frame: Frame, node: ir.Return) -> str | None:
    frame.result = None if node.value is None else expr.evaluate(ev, frame, node.value)
    return RETURN


def _expression(ev: Evaluator, frame: Frame, node: ir.ExprStmt) -> str | None:
    value = expr.evaluate(ev, frame, node.value)
    if isinstance(node.value, ir.Attr):
        uses.uncalled(ev, frame, node.value, value)
    guards.called(ev, frame, node.value)
    return None


def _assign(ev: Evaluator, frame: Frame, node: ir.Assign) -> str | None:
    value = expr.evaluate(ev, frame, node.value)
    for target in node.targets:
        shape_unpack.note(ev, frame, node.value, target, value)
        assign(ev, frame, target, value)
    return None


def _augmented(ev: Evaluator, frame: Frame, node: ir.AugAssign) -> str | None:
    old, value = expr.evaluate(ev, frame, node.target), expr.evaluate(ev, frame, node.value)
    contents.forget(old)  # `t += 1` writes to a tensor in place
    if isinstance(old, ListValue) and node.op == "+":
        iterate.extend(ev, old, value)
        return None
    if isinstance(old, Object) and old.items is not None and old.kind.startswith("torch.") and node.op == "+":
        more = Arguments([value], {}, frame.span(node))
        torch_modules.call_method(ev, frame, old, "extend", more)  # `self.layers += [Block()]` on a ModuleList
        return None
    assign(ev, frame, node.target, operators.binary(ev, frame, node.op, old, value, frame.span(node)))
    return None


def _function(ev: Evaluator, frame: Frame, node: ir.FunctionDef) -> str | None:
    plain = functions.define(ev, frame, node)
    if frame.parent is None:
        ev.definitions.append(plain)
    made = functions.decorate(ev, frame, node, plain)
    bind(ev, frame, node.name, made, frame.span(node))
    return None


def _class(ev: Evaluator, frame: Frame, node: ir.ClassDef) -> str | None:
    plain = functions.define_class(ev, frame, node)
    if frame.parent is None:
        ev.definitions.append(plain)
    made = functions.decorate(ev, frame, node, plain)
    bind(ev, frame, node.name, made, frame.span(node))
    return None


def _raise(ev: Evaluator, frame: Frame, node: ir.Raise) -> str | None:
    raise UserRaise(f"raises at {frame.module.name}")


def _assert(ev: Evaluator, frame: Frame, node: ir.Assert) -> str | None:
    held = branches.decide(ev, frame, node.test)
    if held is False:
        raise UserRaise("an assertion fails")
    if held is None:
        guards.asserted(ev, frame, node.test)
    return None


def _simple(ev: Evaluator, frame: Frame, node: ir.Simple) -> str | None:
    return None if node.kind == "pass" else node.kind


def _scope(ev: Evaluator, frame: Frame, node: ir.Scope) -> str | None:
    for name in node.names:
        frame.outer_names[name] = node.kind
    return None


def _delete(ev: Evaluator, frame: Frame, node: ir.Delete) -> str | None:
    for target in node.targets:
        if isinstance(target, ir.Name):
            names = functions.owner_of(frame, target.id)
            ev.heap.touch(names)
            names.pop(target.id, None)
        elif isinstance(target, ir.Attr):
            attribute.delete(ev, expr.evaluate(ev, frame, target.value), target.attr)
        elif isinstance(target, ir.Subscript):
            owner, index = expr.evaluate(ev, frame, target.value), expr.evaluate(ev, frame, target.index)
            subscript.delete(ev, owner, index)
    return None


def _match(ev: Evaluator, frame: Frame, node: ir.Match) -> str | None:
    subject = expr.evaluate(ev, frame, node.subject)
    possible: list[Callable[[], str | None]] = []
    for pattern, guard, body in node.cases:
        decided = _matches(ev, frame, pattern, subject)
        if decided is not False and guard is not None:
            held = truth(expr.evaluate(ev, frame, guard))
            decided = False if held is False else None if held is None else decided
        if decided is False:
            continue
        if decided is True and not possible:
            return block(ev, frame, body)
        possible.append(lambda body=body: block(ev, frame, body))  # type: ignore[misc]
        if decided is True:
            return branches.undecided(ev, frame, possible)
    return branches.undecided(ev, frame, [*possible, lambda: None]) if possible else None


def _matches(ev: Evaluator, frame: Frame, pattern: ir.Expr, subject: Any) -> bool | None:
    if isinstance(pattern, ir.Name):
        if pattern.id != "_":
            bind(ev, frame, pattern.id, subject, frame.span(pattern))
        return True
    if isinstance(pattern, ir.BoolOp):
        found = [_matches(ev, frame, p, subject) for p in (pattern.left, pattern.right)]
        return True if True in found else None if None in found else False
    if isinstance(pattern, (ir.Const, ir.Attr, ir.UnaryOp)):
        decided: bool | None = compare(ev, "==", subject, expr.evaluate(ev, frame, pattern))
        return decided
    if isinstance(pattern, ir.Display):
        items = iterate.items(ev, subject)
        if isinstance(items, Unknown):
            return None
        if len(items) != len(pattern.items):
            return False
        found = [_matches(ev, frame, p, i) for p, i in zip(pattern.items, items)]
        return False if False in found else None if None in found else True
    return None


def _opaque(ev: Evaluator, frame: Frame, node: ir.OpaqueStmt) -> str | None:
    for name in node.binds:
        bind(ev, frame, name, Unknown(Reason.SYNTAX, node.kind, frame.span(node)), frame.span(node))
    return None


_EXECUTE: dict[type, Callable[[Evaluator, Frame, Any], str | None]] = {
    ir.ExprStmt: _expression,
    ir.Assign: _assign,
    ir.Declare: lambda ev, frame, node: None,
    ir.AugAssign: _augmented,
    ir.Return: _return,
    ir.If: _if,
    ir.For: lambda ev, frame, node: loops.for_loop(ev, frame, node),
    ir.While: lambda ev, frame, node: loops.while_loop(ev, frame, node),
    ir.Try: _try,
    ir.With: _with,
    ir.FunctionDef: _function,
    ir.ClassDef: _class,
    ir.Import: lambda ev, frame, node: imports.module(ev, frame, node),
    ir.ImportFrom: lambda ev, frame, node: imports.names(ev, frame, node),
    ir.Simple: _simple,
    ir.Raise: _raise,
    ir.Assert: _assert,
    ir.Scope: _scope,
    ir.Delete: _delete,
    ir.Match: _match,
    ir.OpaqueStmt: _opaque,
}

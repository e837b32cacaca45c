"""Execution of statements: decided tests take one arm, undecided ones both, then the states are joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.interp import attribute, call, expr, functions, imports, iterate, operators, subscript
from archlint.interp.budget import MAX_LOOP
from archlint.interp.evaluator import Evaluator
from archlint.interp.frame import Frame, UserRaise
from archlint.interp.heap import Writes, join_dicts
from archlint.interp.join import join
from archlint.interp.truth import compare, truth
from archlint.source import ir
from archlint.text import Span
from archlint.values import Choice, DictValue, ListValue, Object, Reason, Tensor, Unknown

RETURN, BREAK, CONTINUE, DEAD = "return", "break", "continue", "dead"
"""How a block was left; DEAD: in every arm of an undecided test, in ways already written down."""


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
        start = frame.chunk.base + target.attr_start
        where = Span(frame.chunk.path, start, start + len(target.attr))
        attribute.put(ev, frame, owner, target.attr, value, where)
        _name_output(ev, frame, value, target.attr, where)
    elif isinstance(target, ir.Subscript):
        owner, index = expr.evaluate(ev, frame, target.value), expr.evaluate(ev, frame, target.index)
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
    if isinstance(value, Tensor) and 0 <= value.node < len(ev.session.graph.nodes) and value.slot == 0:
        ev.session.graph.nodes[value.node].names.append((name, where))


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


def both(ev: Evaluator, arms: list[Callable[[], Any]]) -> list[Any]:
    """Run every arm from the present state and join what they wrote; arms that raise are left out."""
    test = ev.serial()
    results: list[Any] = []
    writes: list[Writes] = []
    for number, arm in enumerate(arms):
        ev.heap.begin()
        ev.branches.append((test, number))
        try:
            results.append(arm())
        except UserRaise:
            ev.heap.capture()
        except BaseException:
            ev.heap.capture()
            raise
        else:
            writes.append(ev.heap.capture())
        finally:
            ev.branches.pop()
    if not writes:
        raise UserRaise("every branch raises")
    ev.heap.join(writes, lambda values: join(ev, values))
    return results


def undecided(ev: Evaluator, frame: Frame, arms: list[Callable[[], str | None]]) -> str | None:
    """Both arms of an `if` whose test is not decided, some of which may leave the block."""
    test = ev.serial()
    going: list[Writes] = []
    left = 0
    for number, arm in enumerate(arms):
        ev.heap.begin()
        ev.branches.append((test, number))
        try:
            signal = arm()
        except UserRaise:
            ev.heap.capture()
            continue
        except BaseException:
            ev.heap.capture()
            raise
        finally:
            ev.branches.pop()
        if signal == BREAK:
            frame.breaks.append(dict(frame.names))
        elif signal == CONTINUE:
            frame.continues.append(dict(frame.names))
        elif signal == RETURN:
            frame.pending.append(frame.result)
        writes = ev.heap.capture()
        if signal is None:
            going.append(writes)
        else:
            left += 1
    if going:
        ev.heap.join(going, lambda values: join(ev, values))
        return None
    if not left:
        raise UserRaise("every branch raises")
    return DEAD


def narrow(ev: Evaluator, frame: Frame, test: ir.Expr, positive: bool) -> None:
    """Inside an arm, drop the options that the test rules out: `if self.downsample is not None`."""
    if isinstance(test, ir.UnaryOp) and test.op == "not":
        narrow(ev, frame, test.operand, not positive)
        return
    if isinstance(test, ir.BoolOp) and (test.op == "and") is positive:
        narrow(ev, frame, test.left, positive)
        narrow(ev, frame, test.right, positive)
        return
    place: ir.Expr = test
    keep: Callable[[Any], bool] = lambda v: truth(v) is not (not positive)  # noqa: E731
    if isinstance(test, ir.Compare) and len(test.ops) == 1 and test.ops[0] in ("is", "is not", "==", "!="):
        place, op = test.left, test.ops[0]
        right = test.comparators[0]
        if not isinstance(right, ir.Const):
            return
        keep = lambda v: compare(ev, op, v, right.value) is not (not positive)  # noqa: E731
    if not isinstance(place, (ir.Name, ir.Attr)):
        return
    value = expr.evaluate(ev, frame, place)
    if not isinstance(value, Choice):
        return
    kept = [option for option in value.options if keep(option)]
    if kept and len(kept) < len(value.options):
        found = kept[0] if len(kept) == 1 else Choice(tuple(kept))
        if isinstance(place, ir.Name):
            names = functions.owner_of(frame, place.id)
            ev.heap.touch(names)
            names[place.id] = found
        else:
            owner = expr.evaluate(ev, frame, place.value)
            if isinstance(owner, Object) and place.attr in owner.attrs:
                ev.heap.touch(owner.attrs)
                owner.attrs[place.attr] = found


def _if(ev: Evaluator, frame: Frame, node: ir.If) -> str | None:
    decided = truth(expr.evaluate(ev, frame, node.test))
    if decided is not None:
        return block(ev, frame, node.body if decided else node.orelse)

    def arm(positive: bool, body: list[ir.Stmt]) -> str | None:
        narrow(ev, frame, node.test, positive)
        return block(ev, frame, body)

    return undecided(ev, frame, [lambda: arm(True, node.body), lambda: arm(False, node.orelse)])


def _merge_names(ev: Evaluator, frame: Frame, states: list[dict[str, Any]]) -> None:
    merged = join_dicts([frame.names, *states], lambda values: join(ev, values))
    ev.heap.touch(frame.names)
    frame.names.update(merged)


def _for(ev: Evaluator, frame: Frame, node: ir.For) -> str | None:
    items = iterate.items(ev, expr.evaluate(ev, frame, node.iter))
    if isinstance(items, Unknown) or len(items) > MAX_LOOP:
        why = items if isinstance(items, Unknown) else Unknown(Reason.BUDGET, "too many iterations")
        return _unknown_loop(ev, frame, node.target, node.body, Unknown(Reason.LOOP, why.about, frame.span(node.iter)))
    outer = frame.breaks, frame.continues
    frame.breaks, frame.continues = [], []
    try:
        for item in items:
            assign(ev, frame, node.target, item)
            signal = _iteration(ev, frame, node.body)
            if signal == BREAK:
                _leave_loop(ev, frame)
                return None
            if signal in (RETURN, DEAD):
                return _left_inside(ev, frame, signal)
        signal = block(ev, frame, node.orelse)
        _leave_loop(ev, frame)
        return signal
    finally:
        frame.breaks, frame.continues = outer


def _iteration(ev: Evaluator, frame: Frame, body: list[ir.Stmt]) -> str | None:
    signal = block(ev, frame, body)
    if frame.continues:
        states, frame.continues = frame.continues, []
        if signal in (DEAD, RETURN, BREAK):
            if signal == BREAK:
                frame.breaks.append(dict(frame.names))
            elif signal == RETURN:
                frame.pending.append(frame.result)
            ev.heap.touch(frame.names)
            frame.names.update(states[0])
            states = states[1:]
            signal = None
        _merge_names(ev, frame, states)
    return None if signal == CONTINUE else signal


def _leave_loop(ev: Evaluator, frame: Frame) -> None:
    if frame.breaks:
        _merge_names(ev, frame, frame.breaks)


def _left_inside(ev: Evaluator, frame: Frame, signal: str) -> str | None:
    """The loop's present path returned (or died), but a `break` in an undecided arm may go on behind it."""
    if not frame.breaks:
        return signal
    if signal == RETURN:
        frame.pending.append(frame.result)
    ev.heap.touch(frame.names)
    frame.names.update(frame.breaks[0])
    frame.breaks = frame.breaks[1:]
    _leave_loop(ev, frame)
    return None


def _unknown_loop(
    ev: Evaluator, frame: Frame, target: ir.Expr | None, body: list[ir.Stmt], why: Unknown
) -> str | None:
    """A loop of unknown length: what its body assigns is not known, and neither are lists it grows.

    The body still runs once, so that the layers in it are seen; nothing it computes is kept.
    """
    ev.session.stops.append(why)
    forget(ev, frame, body, why)
    outer = frame.breaks, frame.continues
    frame.breaks, frame.continues = [], []

    def once() -> str | None:
        if target is not None:
            assign(ev, frame, target, why)
        return block(ev, frame, body)

    try:
        undecided(ev, frame, [once, lambda: None])
    except UserRaise:
        pass
    finally:
        frame.breaks, frame.continues = outer
    if target is not None:
        forget_target(ev, frame, target, why)
    forget(ev, frame, body, why)
    return None


def forget(ev: Evaluator, frame: Frame, body: list[ir.Stmt], why: Unknown) -> None:
    """Make unknown every name, attribute and list that the statements may change."""
    for node in body:
        if isinstance(node, ir.Assign):
            for t in node.targets:
                forget_target(ev, frame, t, why)
        elif isinstance(node, ir.AugAssign):
            forget_target(ev, frame, node.target, why)
        elif isinstance(node, ir.For):
            forget_target(ev, frame, node.target, why)
        elif isinstance(node, ir.ExprStmt) and isinstance(node.value, ir.Call):
            _forget_receiver(ev, frame, node.value, why)
        elif isinstance(node, ir.OpaqueStmt):
            for name in node.binds:
                bind(ev, frame, name, why, frame.span(node))
        elif isinstance(node, ir.With):
            for _, t in node.items:
                if t is not None:
                    forget_target(ev, frame, t, why)
        for part in ("body", "orelse", "final"):
            forget(ev, frame, getattr(node, part, []) if not isinstance(node, (ir.FunctionDef, ir.ClassDef)) else [], why)
        for handler in getattr(node, "handlers", []):
            forget(ev, frame, handler[2], why)
        for case in getattr(node, "cases", []):
            forget(ev, frame, case[2], why)


def forget_target(ev: Evaluator, frame: Frame, target: ir.Expr, why: Unknown) -> None:
    """Make the target of an assignment unknown."""
    if isinstance(target, ir.Display):
        for item in target.items:
            forget_target(ev, frame, item, why)
    elif isinstance(target, ir.Subscript):
        _empty(ev, expr.evaluate(ev, frame, target.value), why)
    else:
        assign(ev, frame, target, why)


def _forget_receiver(ev: Evaluator, frame: Frame, node: ir.Call, why: Unknown) -> None:
    if isinstance(node.func, ir.Attr) and isinstance(node.func.value, (ir.Name, ir.Attr)):
        _empty(ev, expr.evaluate(ev, frame, node.func.value), why)


def _empty(ev: Evaluator, value: Any, why: Unknown) -> None:
    if isinstance(value, (ListValue, DictValue)):
        ev.heap.touch(value)
        value.items, value.why = None, why
    elif isinstance(value, Object) and value.items is not None:
        ev.heap.touch(value.attrs)
        value.attrs["__unknown_items__"] = why


def _while(ev: Evaluator, frame: Frame, node: ir.While) -> str | None:
    outer = frame.breaks, frame.continues
    frame.breaks, frame.continues = [], []
    try:
        for _ in range(MAX_LOOP):
            decided = truth(expr.evaluate(ev, frame, node.test))
            if decided is None or frame.breaks:
                why = Unknown(Reason.LOOP, "while on an undecided test", frame.span(node.test))
                _leave_loop(ev, frame)
                return _unknown_loop(ev, frame, None, node.body, why)
            if not decided:
                return block(ev, frame, node.orelse)
            signal = _iteration(ev, frame, node.body)
            if signal == BREAK:
                _leave_loop(ev, frame)
                return None
            if signal in (RETURN, DEAD):
                return _left_inside(ev, frame, signal)
        why = Unknown(Reason.BUDGET, "too many iterations", frame.span(node.test))
        return _unknown_loop(ev, frame, None, node.body, why)
    finally:
        frame.breaks, frame.continues = outer


def _try(ev: Evaluator, frame: Frame, node: ir.Try) -> str | None:
    """The body, or a handler where the body raises for certain; both where it may."""

    def handler(name: str | None, body: list[ir.Stmt]) -> str | None:
        if name is not None:
            bind(ev, frame, name, Unknown(Reason.DATA, "an exception"), frame.span(node))
        return block(ev, frame, body)

    if all(isinstance(s, (ir.Import, ir.ImportFrom)) for s in node.body) or not node.handlers:
        signal = block(ev, frame, [*node.body, *node.orelse])
    else:
        arms: list[Callable[[], str | None]] = [lambda: block(ev, frame, [*node.body, *node.orelse])]
        for _, name, body in node.handlers:
            arms.append(lambda name=name, body=body: handler(name, body))  # type: ignore[misc]
        signal = undecided(ev, frame, arms)
    return block(ev, frame, node.final) or signal


def _with(ev: Evaluator, frame: Frame, node: ir.With) -> str | None:
    return call.with_items(ev, frame, node)


def _return(ev: Evaluator, frame: Frame, node: ir.Return) -> str | None:
    frame.result = None if node.value is None else expr.evaluate(ev, frame, node.value)
    return RETURN


def _expression(ev: Evaluator, frame: Frame, node: ir.ExprStmt) -> str | None:
    expr.evaluate(ev, frame, node.value)
    return None


def _assign(ev: Evaluator, frame: Frame, node: ir.Assign) -> str | None:
    value = expr.evaluate(ev, frame, node.value)
    for target in node.targets:
        assign(ev, frame, target, value)
    return None


def _augmented(ev: Evaluator, frame: Frame, node: ir.AugAssign) -> str | None:
    old, value = expr.evaluate(ev, frame, node.target), expr.evaluate(ev, frame, node.value)
    if isinstance(old, ListValue) and node.op == "+":
        iterate.extend(ev, old, value)
        return None
    assign(ev, frame, node.target, operators.binary(ev, frame, node.op, old, value, frame.span(node)))
    return None


def _function(ev: Evaluator, frame: Frame, node: ir.FunctionDef) -> str | None:
    made = functions.decorate(ev, frame, node, functions.define(ev, frame, node))
    bind(ev, frame, node.name, made, frame.span(node))
    return None


def _class(ev: Evaluator, frame: Frame, node: ir.ClassDef) -> str | None:
    made = functions.decorate(ev, frame, node, functions.define_class(ev, frame, node))
    bind(ev, frame, node.name, made, frame.span(node))
    return None


def _raise(ev: Evaluator, frame: Frame, node: ir.Raise) -> str | None:
    raise UserRaise(f"raises at {frame.module.name}")


def _assert(ev: Evaluator, frame: Frame, node: ir.Assert) -> str | None:
    if truth(expr.evaluate(ev, frame, node.test)) is False:
        raise UserRaise("an assertion fails")
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
            return undecided(ev, frame, possible)
    return undecided(ev, frame, [*possible, lambda: None]) if possible else None


def _matches(ev: Evaluator, frame: Frame, pattern: ir.Expr, subject: Any) -> bool | None:
    if isinstance(pattern, ir.Name):
        if pattern.id != "_":
            bind(ev, frame, pattern.id, subject, frame.span(pattern))
        return True
    if isinstance(pattern, ir.BoolOp):
        found = [_matches(ev, frame, p, subject) for p in (pattern.left, pattern.right)]
        return True if True in found else None if None in found else False
    if isinstance(pattern, (ir.Const, ir.Attr, ir.UnaryOp)):
        return compare(ev, "==", subject, expr.evaluate(ev, frame, pattern))
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
    ir.For: _for,
    ir.While: _while,
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

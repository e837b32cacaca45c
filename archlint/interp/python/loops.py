"""Loops: concrete over known sequences, forgetful over unknown ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from archlint.interp.budget import MAX_LOOP, MAX_NESTED
from archlint.interp.data import batches
from archlint.interp.evaluator import Evaluator
from archlint.interp.heap import join_dicts
from archlint.interp.python import alike, among, branches, counters, expr, iterate, stmt
from archlint.interp.python.frame import BREAK, CONTINUE, DEAD, RETURN, Frame, UserRaise
from archlint.interp.python.join import join
from archlint.layers.torch import contents
from archlint.source import ir
from archlint.text import Span
from archlint.values import Batches, DictValue, ListValue, Object, Reason, Unknown

FORESEEN = 2
"""Loops inside a loop may get shorter: `for j in range(i, n)`."""


def _merge_names(ev: Evaluator, frame: Frame, states: list[dict[str, Any]]) -> None:
    merged = join_dicts([frame.names, *states], lambda values: join(ev, values))
    ev.heap.touch(frame.names)
    frame.names.update(merged)


def for_loop(ev: Evaluator, frame: Frame, node: ir.For) -> str | None:
    source = expr.evaluate(ev, frame, node.iter)
    if isinstance(source, Batches):
        why = Unknown(Reason.LOOP, "the batches of a data set", frame.span(node.iter))
        return _unknown_loop(ev, frame, node.target, node.body, why, source)
    items = among.turns(source, iterate.items(ev, source))
    if isinstance(items, Unknown) or len(items) > MAX_LOOP or _too_many(frame, len(items)):
        why = items if isinstance(items, Unknown) else Unknown(Reason.BUDGET, "too many iterations")
        why = Unknown(Reason.LOOP, why.about, frame.span(node.iter))
        return _unknown_loop(ev, frame, node.target, node.body, why, source)
    outer = frame.breaks, frame.continues
    frame.breaks, frame.continues = [], []
    frame.loops += 1
    around, frame.planned = frame.planned, frame.planned * len(items)
    try:
        for item, sure in items:

            def turn(item: Any = item) -> str | None:
                stmt.assign(ev, frame, node.target, item)
                return stmt.block(ev, frame, node.body)

            signal = _iteration(ev, frame, turn if sure else partial(branches.undecided, ev, frame, [turn, _none]))
            if signal == BREAK:
                _leave_loop(ev, frame)
                return None
            if signal in (RETURN, DEAD):
                return _left_inside(ev, frame, signal)
        signal = stmt.block(ev, frame, node.orelse)
        _leave_loop(ev, frame)
        return signal
    finally:
        frame.breaks, frame.continues = outer
        frame.loops -= 1
        frame.planned = around


def _none() -> None:
    """The arm that does nothing."""


def _too_many(frame: Frame, turns: int) -> bool:
    """Would loops inside a loop turn too often?  Counts the turns; those still to come are foreseen with a margin."""
    frame.turns = frame.turns + turns if frame.loops else turns
    return frame.turns > MAX_NESTED or (frame.loops > 0 and frame.planned * turns > FORESEEN * MAX_NESTED)


def _iteration(ev: Evaluator, frame: Frame, turn: Callable[[], str | None]) -> str | None:
    signal = turn()
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
    ev: Evaluator, frame: Frame, target: ir.Expr | None, body: list[ir.Stmt], why: Unknown, source: Any = None
) -> str | None:
    """A loop of unknown length: what its body assigns is not known, and of lists it grows only their elements' form.

    The body still runs once, so that the layers in it are seen; nothing else it computes is kept.
    """
    ev.session.stops.append(why)
    lists, steady = alike.growing(ev, frame, body), False
    alike.watch(ev, lists)
    numbers = counters.counted(frame, alike.statements(body), why.where or Span(frame.chunk.path, 0, 0))
    _forget(ev, frame, body, why)
    frame.names.update(numbers)
    outer = frame.breaks, frame.continues
    frame.breaks, frame.continues = [], []

    def once() -> str | None:
        ev.loops.add(ev.branches[-1][0])
        if target is not None:
            stmt.assign(ev, frame, target, _item(ev, source, why, frame.span(target)))
        signal = stmt.block(ev, frame, body)
        nonlocal steady
        steady = alike.steady(ev, frame)
        return signal

    try:
        branches.undecided(ev, frame, [once, _none])
    except UserRaise:
        pass
    finally:
        frame.breaks, frame.continues = outer
    if target is not None:
        _forget_target(ev, frame, target, why)
    _forget(ev, frame, body, why)
    frame.names.update(numbers)
    alike.grown(ev, lists, why, steady)
    return None


def _item(ev: Evaluator, source: Any, why: Unknown, where: Span) -> Any:
    """What a turn of the loop is about."""
    if isinstance(source, Batches):
        return batches.each(ev, source, why.where or where)
    found = alike.form(source)
    return why if found is None else found


def _forget(ev: Evaluator, frame: Frame, body: list[ir.Stmt], why: Unknown) -> None:
    """Make unknown every name, attribute and list that the statements may change."""
    for node in body:
        if isinstance(node, ir.Assign):
            for t in node.targets:
                _forget_target(ev, frame, t, why)
        elif isinstance(node, (ir.AugAssign, ir.For)):
            _forget_target(ev, frame, node.target, why)
        elif isinstance(node, ir.ExprStmt) and isinstance(node.value, ir.Call):
            _forget_receiver(ev, frame, node.value, why)
        elif isinstance(node, ir.OpaqueStmt):
            for name in node.binds:
                stmt.bind(ev, frame, name, why, frame.span(node))
        elif isinstance(node, ir.With):
            for _, bound in node.items:
                if bound is not None:
                    _forget_target(ev, frame, bound, why)
        for part in ("body", "orelse", "final"):
            _forget(
                ev, frame, getattr(node, part, []) if not isinstance(node, (ir.FunctionDef, ir.ClassDef)) else [], why
            )
        for handler in getattr(node, "handlers", []):
            _forget(ev, frame, handler[2], why)
        for case in getattr(node, "cases", []):
            _forget(ev, frame, case[2], why)


def _forget_target(ev: Evaluator, frame: Frame, target: ir.Expr, why: Unknown) -> None:
    """Make the target of an assignment unknown."""
    if isinstance(target, ir.Display):
        for item in target.items:
            _forget_target(ev, frame, item, why)
    elif isinstance(target, ir.Subscript):
        _empty(ev, expr.evaluate(ev, frame, target.value), why)
    else:
        stmt.assign(ev, frame, target, why)


def _forget_receiver(ev: Evaluator, frame: Frame, node: ir.Call, why: Unknown) -> None:
    if isinstance(node.func, ir.Attr) and isinstance(node.func.value, (ir.Name, ir.Attr)):
        _empty(ev, expr.evaluate(ev, frame, node.func.value), why)


def _empty(ev: Evaluator, value: Any, why: Unknown) -> None:
    contents.forget(value)
    if isinstance(value, (ListValue, DictValue)):
        ev.heap.touch(value)
        value.items, value.why = None, why
    elif isinstance(value, Object) and value.items is not None:
        ev.heap.touch(value.attrs)
        value.attrs["__unknown_items__"] = why


def _turns(frame: Frame, node: ir.While) -> int:
    """How often a loop may turn; `while True: yield batch` goes on for as long as somebody asks."""
    definition = frame.function.node if frame.function is not None else None
    endless = isinstance(node.test, ir.Const) and isinstance(definition, ir.FunctionDef) and definition.generator
    return 64 if endless else MAX_LOOP


def while_loop(ev: Evaluator, frame: Frame, node: ir.While) -> str | None:
    outer = frame.breaks, frame.continues
    frame.breaks, frame.continues = [], []
    try:
        for _ in range(_turns(frame, node)):
            decided = branches.decide(ev, frame, node.test)
            if decided is None or frame.breaks:
                why = Unknown(Reason.LOOP, "while on an undecided test", frame.span(node.test))
                _leave_loop(ev, frame)
                return _unknown_loop(ev, frame, None, node.body, why)
            if not decided:
                return stmt.block(ev, frame, node.orelse)
            signal = _iteration(ev, frame, lambda: stmt.block(ev, frame, node.body))
            if signal == BREAK:
                _leave_loop(ev, frame)
                return None
            if signal in (RETURN, DEAD):
                return _left_inside(ev, frame, signal)
        why = Unknown(Reason.BUDGET, "too many iterations", frame.span(node.test))
        return _unknown_loop(ev, frame, None, node.body, why)
    finally:
        frame.breaks, frame.continues = outer

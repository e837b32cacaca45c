"""Undecided tests: both arms run from one state, and what they leave behind is joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.heap import Writes
from archlint.interp.python import expr, functions
from archlint.interp.python.frame import BREAK, CONTINUE, DEAD, RETURN, Frame, UserRaise
from archlint.interp.python.join import join
from archlint.interp.python.truth import compare, is_choice, is_unseen, is_worded, truth
from archlint.source import ir
from archlint.values import Choice, Object


def decide(ev: Evaluator, frame: Frame, test: ir.Expr) -> bool | None:
    """Does a test hold?  `self.training and self.deep_supervision` is decided by either part being false."""
    seen: list[Any] = []
    decided = _decide(ev, frame, test, seen)
    ev.unseen = ""
    if decided is None:
        kinds = {"sizes": is_unseen, "choice": is_choice, "word": is_worded}
        ev.unseen = next((kind for kind, is_it in kinds.items() if any(map(is_it, seen))), "")
    return decided


def _decide(ev: Evaluator, frame: Frame, test: ir.Expr, seen: list[Any]) -> bool | None:
    if isinstance(test, ir.UnaryOp) and test.op == "not":
        inner = _decide(ev, frame, test.operand, seen)
        return None if inner is None else not inner
    if isinstance(test, ir.BoolOp):
        settles = test.op == "or"
        left = _decide(ev, frame, test.left, seen)
        if left is settles:
            return settles
        try:
            right = _decide(ev, frame, test.right, seen)
        except UserRaise:
            if left is not None:
                raise
            ev.doubts += 1
            return settles  # `isinstance(x, Unheard) and x.shape[0]`, x None: settled by the left side, or it raises
        return right if left is not None or right is settles else None
    seen.append(expr.evaluate(ev, frame, test))
    return truth(seen[-1])


def _number(ev: Evaluator, unseen: str) -> int:
    test = ev.serial()
    if unseen:
        ev.guarding[test] = unseen
    return test


def both(ev: Evaluator, arms: list[Callable[[], Any]], unseen: str = "") -> list[Any]:
    """Run every arm from the present state and join what they wrote; arms that raise are left out."""
    test = _number(ev, unseen)
    results: list[Any] = []
    writes: list[Writes] = []
    for number, arm in enumerate(arms):
        ev.heap.begin()
        depth = len(ev.branches)
        ev.branches.append((test, number))
        try:
            results.append(arm())
        except UserRaise:
            ev.doubts += 1
            ev.heap.capture()
        except BaseException:
            ev.heap.capture()
            raise
        else:
            writes.append(ev.heap.capture())
        finally:
            del ev.branches[depth:]
    if not writes:
        raise UserRaise("every branch raises")
    ev.heap.join(writes, lambda values: join(ev, values))
    return results


def undecided(
    ev: Evaluator,
    frame: Frame,
    arms: list[Callable[[], str | None]],
    certain: Callable[[], bool] = lambda: False,
    unseen: str = "",
) -> str | None:
    """Both arms of an `if` whose test is not decided, some of which may leave the block.

    `certain`, asked after the first arm: is it the only one that runs?  `unseen`: what the test may make sure of.
    """
    test = _number(ev, unseen)
    going: list[Writes] = []
    left = stays = 0
    for number, arm in enumerate(arms):
        ev.heap.begin()
        depth = len(ev.branches)
        ev.branches.append((test, number))
        try:
            signal = arm()
        except UserRaise:
            ev.doubts += 1
            ev.heap.capture()
            continue
        except BaseException:
            ev.heap.capture()
            raise
        finally:
            del ev.branches[depth:]
        if signal == BREAK:
            frame.breaks.append(dict(frame.names))
        elif signal == CONTINUE:
            frame.continues.append(dict(frame.names))
        elif signal == RETURN:
            frame.pending.append(frame.result)
        writes = ev.heap.capture()
        if signal is None:
            going.append(writes)
            stays = number
        else:
            left += 1
        if not number and certain():
            break
    if going:
        ev.heap.join(going, lambda values: join(ev, values))
        if left:  # what follows runs in the other arms only, until the function ends
            ev.branches.append((test, stays))
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

"""Evaluation of expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archlint.dims import Dim
from archlint.interp.budget import MAX_ELEMENTS
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import (
    alike,
    among,
    attribute,
    branches,
    call,
    functions,
    generators,
    iterate,
    operators,
    stmt,
    subscript,
)
from archlint.interp.python.frame import Frame, UserRaise
from archlint.interp.python.iterate import OpenShape
from archlint.interp.python.join import join
from archlint.interp.python.truth import CHOSEN, UNSEEN, WORDED, compare, left_open, truth, unseen, worded
from archlint.interp.slips import calls as slips_in_calls
from archlint.interp.slips import definitions as slips
from archlint.interp.slips import returns, uses
from archlint.source import ir
from archlint.values import (
    Alike,
    Among,
    Array,
    Choice,
    DictValue,
    External,
    ListValue,
    Reason,
    SetValue,
    SliceValue,
    Tensor,
    Unknown,
)


def evaluate(ev: Evaluator, frame: Frame, node: ir.Expr) -> Any:
    """The value of an expression; `Unknown` with a reason where it cannot be told."""
    return _EVALUATE[type(node)](ev, frame, node)


def _const(ev: Evaluator, frame: Frame, node: ir.Const) -> Any:
    return node.value


def _name(ev: Evaluator, frame: Frame, node: ir.Name) -> Any:
    value = functions.look_up(ev, frame, node.id)
    ev.doubts += type(value) is Unknown
    if isinstance(value, External):
        ev.library_reads[(value.name, frame.span(node))] = None
    return value


def _attr(ev: Evaluator, frame: Frame, node: ir.Attr) -> Any:
    owner = _present(ev, evaluate(ev, frame, node.value))
    value = attribute.get(ev, frame, owner, node.attr, frame.span(node))
    uses.missing(ev, frame, node, owner, value)
    ev.doubts += type(value) is Unknown
    if isinstance(value, External):
        ev.library_reads[(value.name, frame.span(node))] = None
    return value


def _present(ev: Evaluator, value: Any) -> Any:
    """What has an attribute, or is called, is not None: `found, ok = optional("pkg")` gives the module here."""
    if not isinstance(value, Choice) or None not in value.options:
        return value
    ev.doubts += 1  # it may raise
    rest = tuple(option for option in value.options if option is not None)
    return Choice(rest) if len(rest) > 1 else rest[0]


def _call(ev: Evaluator, frame: Frame, node: ir.Call) -> Any:
    ev.budget.step()
    callee = _present(ev, evaluate(ev, frame, node.func))
    arguments = call.arguments_of(ev, frame, node)
    slips_in_calls.forward(ev, frame, node, callee)
    uses.shape_misread(ev, frame, node, callee)
    value = call.call(ev, frame, callee, arguments)
    if value is None:
        returns.handed_on(ev, frame, node, callee)
    ev.doubts += type(value) is Unknown
    return _visited(ev, frame, node, value)


def _visited(ev: Evaluator, frame: Frame, node: ir.Expr, value: Any) -> Any:
    """The value, written down where an executed run is to be held against it."""
    if ev.trace is not None:
        ev.trace.add(frame.span(node), value, frame.receiver, not ev.branches)
    return value


def _binary(ev: Evaluator, frame: Frame, node: ir.BinOp) -> Any:
    left, right = evaluate(ev, frame, node.left), evaluate(ev, frame, node.right)
    ev.doubts += not (type(left) is type(right) is int)
    if node.op == "*" and (type(left) is ListValue or type(right) is ListValue):
        slips.multiplied(ev, frame, node, left, right)
    uses.added(ev, frame, node)
    return _visited(ev, frame, node, operators.binary(ev, frame, node.op, left, right, frame.span(node)))


def _unary(ev: Evaluator, frame: Frame, node: ir.UnaryOp) -> Any:
    value = evaluate(ev, frame, node.operand)
    if node.op == "not":
        decided = truth(value)
        return Unknown(Reason.BRANCH, "undecided test", frame.span(node)) if decided is None else not decided
    return operators.unary(ev, node.op, value)


def _boolean(ev: Evaluator, frame: Frame, node: ir.BoolOp) -> Any:
    left = evaluate(ev, frame, node.left)
    decided = truth(left)
    if decided is None:
        try:
            return join(ev, [left, evaluate(ev, frame, node.right)])
        except UserRaise:
            ev.doubts += 1
            return left
    if decided is (node.op == "or"):
        return left
    return evaluate(ev, frame, node.right)


def _compare(ev: Evaluator, frame: Frame, node: ir.Compare) -> Any:
    left = evaluate(ev, frame, node.left)
    result: bool | None = True
    about = "undecided test"
    for op, comparator in zip(node.ops, node.comparators):
        right = evaluate(ev, frame, comparator)
        if op not in ("is", "is not", "in", "not in") and (
            isinstance(left, (Tensor, Array)) or isinstance(right, (Tensor, Array))
        ):
            return operators.binary(ev, frame, op, left, right, frame.span(node))
        one = compare(ev, op, left, right)
        if one is False:
            return False
        result = None if one is None else result
        if one is None and about != UNSEEN:
            about = UNSEEN if unseen(op, left, right) else CHOSEN if left_open(op, left, right) else about
            about = WORDED if about == "undecided test" and worded(op, left, right) else about
        left = right
    if result is None:
        return Unknown(Reason.BRANCH, about, frame.span(node))
    return True


def _items(ev: Evaluator, frame: Frame, nodes: list[ir.Expr]) -> list[Any] | Unknown | OpenShape:
    items: list[Any] = []
    for node in nodes:
        if isinstance(node, ir.Starred):
            value = evaluate(ev, frame, node.value)
            if isinstance(value, OpenShape) and value.without is not None and node is nodes[0]:
                more = _items(ev, frame, nodes[1:])
                return value.followed(more) if isinstance(more, list) else more
            spread = iterate.items(ev, value)
            if isinstance(spread, Unknown):
                return spread
            items.extend(spread)
        else:
            items.append(evaluate(ev, frame, node))
    return items


def _display(ev: Evaluator, frame: Frame, node: ir.Display) -> Any:
    items = _items(ev, frame, node.items)
    if isinstance(items, OpenShape) and node.kind == "tuple":  # (*x.shape[:-1], -1, 64)
        return items
    if isinstance(items, OpenShape):
        items = Unknown(Reason.ARGUMENT, "shape of an input", frame.span(node))
    if node.kind == "tuple":  # `(1, *grid, -1)` is not `grid`, which may be a size
        return iterate.bare(items) if isinstance(items, Unknown) else tuple(items)
    known, why = (None, items) if isinstance(items, Unknown) else (items, None)
    return ev.heap.born(ListValue(known, why) if node.kind == "list" else SetValue(known, why))


def _dict(ev: Evaluator, frame: Frame, node: ir.DictDisplay) -> Any:
    items: dict[Any, Any] = {}
    for key, value in node.items:
        if key is None:
            spread = evaluate(ev, frame, value)
            if not isinstance(spread, DictValue) or spread.items is None:
                return DictValue(None, Unknown(Reason.SYNTAX, "** of an unknown mapping", frame.span(node)))
            items.update(spread.items)
            continue
        name = evaluate(ev, frame, key)
        if not is_key(name):
            return DictValue(None, Unknown(Reason.SYNTAX, "a key that is not known", frame.span(node)))
        items[name] = evaluate(ev, frame, value)
    return ev.heap.born(DictValue(items))


def is_key(value: Any) -> bool:
    """Can the value be a known key of a dict?"""
    if isinstance(value, tuple):
        return all(is_key(v) for v in value)
    if isinstance(value, Tensor):
        return value.framework == "tf" and value.data is None  # `feed_dict={x: batch}`
    return not isinstance(value, (Unknown, Dim, ListValue, DictValue, SetValue))


def _subscript(ev: Evaluator, frame: Frame, node: ir.Subscript) -> Any:
    value = evaluate(ev, frame, node.value)
    index = evaluate(ev, frame, node.index)
    uses.shape_misread(ev, frame, node, value)
    found = subscript.get(ev, frame, value, index, frame.span(node))
    ev.doubts += not isinstance(value, (ListValue, tuple, DictValue)) or type(found) is Unknown
    return _visited(ev, frame, node, found)


def _slice(ev: Evaluator, frame: Frame, node: ir.Slice) -> Any:
    parts = [None if p is None else evaluate(ev, frame, p) for p in (node.lower, node.upper, node.step)]
    return SliceValue(*parts)


def _conditional(ev: Evaluator, frame: Frame, node: ir.IfExp) -> Any:
    decided = branches.decide(ev, frame, node.test)
    if decided is not None:
        return evaluate(ev, frame, node.body if decided else node.orelse)
    found: list[Any] = []

    def arm(positive: bool, body: ir.Expr) -> None:
        branches.narrow(ev, frame, node.test, positive)
        found.append(evaluate(ev, frame, body))

    branches.both(ev, [lambda: arm(True, node.body), lambda: arm(False, node.orelse)], ev.unseen)
    return join(ev, found) if found else Unknown(Reason.BRANCH, "both arms raise", frame.span(node))


def _comprehension(ev: Evaluator, frame: Frame, node: ir.Comprehension) -> Any:
    names: dict[str, Any] = ev.heap.born({})
    inner = Frame(frame.module, frame.chunk, names, frame, frame.function, frame.owner, frame.receiver)
    found: list[Any] = []
    why = _generate(ev, inner, node, 0, found)
    if isinstance(why, (Alike, Among)):
        return ev.heap.born(ListValue(None, why))
    if node.kind == "dict":
        if why is None and not all(is_key(k) for k, _ in found):
            why = Unknown(Reason.SYNTAX, "a key that is not known", frame.span(node))
        return ev.heap.born(DictValue(None, why) if why is not None else DictValue(dict(found)))
    if node.kind == "set":
        return ev.heap.born(SetValue(None if why is not None else found, why))
    if why is None and any(type(value) is _Perhaps for value in found):
        undecided = Unknown(Reason.BRANCH, "undecided filter", frame.span(node))
        sure = [(v.value, False) if isinstance(v, _Perhaps) else (v, True) for v in found]
        return ev.heap.born(among.listed(undecided, sure))
    return ev.heap.born(ListValue(None if why is not None else found, why))


def _one_of_many(
    ev: Evaluator, frame: Frame, node: ir.Comprehension, source: Any, why: Unknown
) -> Unknown | Alike | Among | None:
    """`[box_area(b) for b in boxes]` of an unknown number of boxes."""
    if len(node.generators) > 1 or node.key is not None or node.kind == "set":
        return why
    target, _, conditions = node.generators[0]

    def element() -> Any:
        found = alike.form(source)
        stmt.assign(ev, frame, target, why if found is None else found)
        for condition in conditions:
            evaluate(ev, frame, condition)
        return evaluate(ev, frame, node.element)

    made = alike.each(ev, frame, why, element)
    return why if made is None else made.why


def _generate(
    ev: Evaluator, frame: Frame, node: ir.Comprehension, depth: int, found: list[Any]
) -> Unknown | Alike | Among | None:
    if depth == len(node.generators):
        if len(found) > MAX_ELEMENTS:
            return Unknown(Reason.BUDGET, "too many elements")
        ev.budget.step()
        value = evaluate(ev, frame, node.element)
        found.append(value if node.key is None else (evaluate(ev, frame, node.key), value))
        return None
    target, iterable, conditions = node.generators[depth]
    source = evaluate(ev, frame.parent if depth == 0 and frame.parent else frame, iterable)
    items = among.turns(source, iterate.items(ev, source))
    if isinstance(items, Unknown):
        return _one_of_many(ev, frame, node, source, items)
    for item, sure in items:
        stmt.assign(ev, frame, target, item)
        decided = [True if sure else None, *(branches.decide(ev, frame, c) for c in conditions)]
        if None in decided and False not in decided:
            if node.kind in ("dict", "set") or depth + 1 < len(node.generators):
                return Unknown(Reason.BRANCH, "undecided filter", frame.span(node))
            _perhaps(ev, frame, node, found)
        elif False not in decided:
            why = _generate(ev, frame, node, depth + 1, found)
            if why is not None:
                return why
    return None


def _perhaps(ev: Evaluator, frame: Frame, node: ir.Comprehension, found: list[Any]) -> None:
    """An element that an undecided filter may leave out."""
    ev.budget.step()
    made: list[Any] = []
    branches.both(ev, [lambda: made.append(evaluate(ev, frame, node.element)), lambda: None])
    found += [_Perhaps(value) for value in made]


@dataclass(slots=True)
class _Perhaps:
    value: Any


def _fstring(ev: Evaluator, frame: Frame, node: ir.FString) -> Any:
    text = ""
    for part in node.parts:
        if isinstance(part, str):
            text += part
            continue
        value = evaluate(ev, frame, part[0])
        if not isinstance(value, (str, int, float, bool, type(None))):
            return Unknown(Reason.DATA, "text with an unknown part", frame.span(node))
        try:
            text += format(repr(value) if part[2] == "r" else value, part[1] or "")
        except (ValueError, TypeError):
            return Unknown(Reason.SYNTAX, "format", frame.span(node))
    return text


def _named(ev: Evaluator, frame: Frame, node: ir.NamedExpr) -> Any:
    value = evaluate(ev, frame, node.value)
    stmt.assign(ev, frame, node.target, value)
    return value


def _lambda(ev: Evaluator, frame: Frame, node: ir.Lambda) -> Any:
    return functions.define(ev, frame, node)


def _starred(ev: Evaluator, frame: Frame, node: ir.Starred) -> Any:
    return Unknown(Reason.SYNTAX, "starred", frame.span(node))


def _opaque(ev: Evaluator, frame: Frame, node: ir.Opaque) -> Any:
    parts = [evaluate(ev, frame, part) for part in node.parts]
    if node.kind == "yield":
        generators.give(ev, frame, [parts[0] if parts else None])
        return None
    if node.kind in ("yield from", "yield_from"):
        generators.give_all(ev, frame, iterate.items(ev, parts[0]) if parts else [])
        return None
    return Unknown(Reason.SYNTAX, node.kind, frame.span(node))


_EVALUATE: dict[type, Callable[[Evaluator, Frame, Any], Any]] = {
    ir.Const: _const,
    ir.Name: _name,
    ir.Attr: _attr,
    ir.Call: _call,
    ir.BinOp: _binary,
    ir.UnaryOp: _unary,
    ir.BoolOp: _boolean,
    ir.Compare: _compare,
    ir.Display: _display,
    ir.DictDisplay: _dict,
    ir.Starred: _starred,
    ir.Subscript: _subscript,
    ir.Slice: _slice,
    ir.IfExp: _conditional,
    ir.Comprehension: _comprehension,
    ir.FString: _fstring,
    ir.NamedExpr: _named,
    ir.Lambda: _lambda,
    ir.Opaque: _opaque,
}

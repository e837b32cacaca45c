"""Calls that were made before with the like of what they are given now are done again from a record.

    for _ in range(36):                  the third block of a stage costs a look-up and renumbering,
        blocks.append(Block(256, 64))    its construction as well as its forward

What comes out is what evaluation would have given.  A call that wrote to anything it was given or that a module
holds, that settled the shape of an entry tensor, or that made symbols, is always evaluated.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from archlint.dims import Dim
from archlint.interp.budget import MAX_NODES
from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.reuse import likeness, replay, shared
from archlint.interp.reuse.memory import Record, Slot
from archlint.source import ir
from archlint.values import Class, External, Function, Layer, Nominal, Object, Tensor, Unknown

BARREN = 24
"""After so many calls none of which was like another, what is called is left alone."""


@dataclass(slots=True)
class Attempt:
    """A call: `recalled` with its `result`; or to be evaluated, and with a `slot`, to be recorded when it is done.

    What else it holds is how things stood when the call began.
    """

    recalled: bool = False
    result: Any = None
    slot: Slot | None = None
    roots: list[Any] = field(default_factory=list)
    given: likeness.Given | None = None
    state: tuple[int, ...] = ()
    lengths: tuple[int, int, int, int] = (0, 0, 0, 0)
    standing: list[tuple[Any, str, bool]] = field(default_factory=list)
    named: list[int] = field(default_factory=list)
    first: int = 0
    mark: int = 0
    doubts: int = 0
    unread: set[str] | None = None
    texts: Texts | None = None


@dataclass(slots=True)
class Texts:
    """Texts that a call was given, by parameter, and the slot of the calls that are like it but for these."""

    given: dict[str, str]
    key: tuple[Any, ...]
    slot: Slot

    def value_key(self) -> tuple[Any, ...]:
        """The key of the calls whose texts are equal as far as any of them was looked at."""
        return (self.key, *((name, self.given[name]) for name in self.slot.texts))


def call(ev: Evaluator, module: Object, arguments: Arguments) -> Attempt:
    """`module(x)`: was a module like this one called with the like of x before?"""
    what = id(module.cls.node) if module.cls is not None else module.kind
    return _attempt(ev, what, [module], arguments, 1)


def construction(ev: Evaluator, cls: Class, arguments: Arguments) -> Attempt:
    """`Block(256, 64)`: was one made with the like of these arguments before?"""
    return _attempt(ev, id(cls.node), [cls], arguments, 2)


def function(ev: Evaluator, function: Function, arguments: Arguments) -> Attempt:
    """`trunc_normal_(weight, std=0.02)`: was it called with the like of these arguments, all of them plain?

    Not asked of what a module's statements call, between which its names change: decorators, configurations.
    `_init_weight(module, name)`: an argument that the function never mentions may be any, and so may a text that it
    does not look at, as for a layer that `if "head" in name` is not asked of.
    """
    if (
        len(ev.calls) < 2
        or isinstance(function.node, ir.Lambda)
        or ev.memory.barren.get((id(function.node), 1), 0) > BARREN
    ):
        return _EVALUATE
    if not all(type(v) in _PLAIN for v in (*arguments.positional, *arguments.keywords.values())):
        return _EVALUATE
    idle = _idle(ev, function)
    texts = {} if None in idle else _texts(arguments, idle, function)
    return _attempt(ev, id(function.node), [function], arguments, 1, idle, texts)


_PLAIN = frozenset(
    [str, int, float, bool, type(None), tuple, Dim, Tensor, Unknown, External, Nominal, Class, Function, Layer, Object]
)


def _idle(ev: Evaluator, function: Function) -> frozenset[str | None]:
    """Parameters that the body does not mention; None where that cannot be told."""
    known = ev.memory.idle.get(id(function.node))
    if known is None:
        mentioned = _mentioned(function.node)
        params = function.node.params
        starred = any(p.kind in ("star", "doublestar") for p in params)
        every = starred or not mentioned.isdisjoint(_READS_ALL)
        known = frozenset([None]) if every else frozenset(p.name for p in params) - mentioned
        ev.memory.idle[id(function.node)] = known
    return known


_READS_ALL = frozenset(["", "locals", "vars", "eval", "exec"])


def _mentioned(function: ir.FunctionDef | ir.Lambda) -> frozenset[str]:
    """Names that occur in a body at any depth; "" where there is syntax that is not modelled."""
    found: set[str] = set()
    queue: list[Any] = [function.body]
    while queue:
        item = queue.pop()
        if isinstance(item, (list, tuple)):
            queue += item
        elif isinstance(item, ir.Name):
            found.add(item.id)
        elif isinstance(item, (ir.OpaqueStmt, ir.Opaque)):
            found.add("")
        elif hasattr(item, "__slots__"):
            queue += [getattr(item, name) for name in item.__slots__]
    return frozenset(found)


def _texts(arguments: Arguments, idle: frozenset[str | None], function: Function) -> dict[str, str]:
    """Texts among the arguments of a function without starred parameters, by parameter."""
    names = [p.name for p in function.node.params]
    given = {**dict(zip(names, arguments.positional)), **arguments.keywords}
    return {k: v for k, v in given.items() if type(v) is str and k in names and k not in idle}


def _described(arguments: Arguments, idle: Collection[str | None], function: Function) -> list[Any]:
    """The arguments without those that the function does not mention, or only may look at."""
    names = [p.name for p in function.node.params]
    positional = [
        None if place < len(names) and names[place] in idle else v for place, v in enumerate(arguments.positional)
    ]
    return [*positional, {k: None if k in idle else v for k, v in arguments.keywords.items()}]


def _attempt(
    ev: Evaluator,
    what: Any,
    roots: list[Any],
    arguments: Arguments,
    worth: int,
    idle: frozenset[str | None] = frozenset(),
    given_texts: dict[str, str] | None = None,
) -> Attempt:
    """`worth`: the time of seeing a call from which on it is recorded."""
    memory = ev.memory
    if not memory.enabled or ev.trace is not None or "keras" in ev.frameworks or "tf" in ev.frameworks:
        return _EVALUATE
    tried = memory.barren.get((what, worth), 0)
    if tried > BARREN:
        return _EVALUATE
    memory.barren[what, worth] = tried + 1
    shared.scan(ev)
    if idle or given_texts:
        roots = [*roots, *_described(arguments, idle | (given_texts or {}).keys(), roots[0])]
    else:
        roots = [*roots, *arguments.positional, arguments.keywords]
    try:
        given = likeness.describe(ev, roots, likeness.MAX_PARTS if given_texts is None else likeness.FEW_PARTS)
        key = (*_key(ev, worth, arguments, given), *(given_texts or ()))
        slot = memory.slots.setdefault(key, Slot())
        slot.last = memory.entry_points
        texts = Texts(given_texts, key, slot) if given_texts else None
        if texts is not None and slot.texts:
            slot = memory.slots.setdefault(texts.value_key(), Slot())
            slot.last = memory.entry_points
        if slot.record is not None and len(ev.session.graph.nodes) + len(slot.record.made) < MAX_NODES:
            memory.barren[what, worth] = 0
            ev.budget.step()
            return Attempt(True, replay.again(ev, slot.record, given))
    except (likeness.Irregular, RecursionError):
        return _EVALUATE
    if slot.seen and not slot.spoiled:
        memory.barren[what, worth] = tried  # it will be recalled the next time
    slot.seen += 1
    if slot.record is not None or slot.spoiled or slot.seen < worth:
        return _EVALUATE
    standing = [_standing(value) for value in given.objects]
    named = [len(node.names) if (node := ev.node(n)) is not None else 0 for n in given.nodes]
    marks = ev.next_node(), ev.reserve(0)
    unread = None if texts is None else set(texts.given)
    state, lengths = _state(ev), _lengths(ev)
    return Attempt(False, None, slot, roots, given, state, lengths, standing, named, *marks, ev.doubts, unread, texts)


_EVALUATE = Attempt()


def _key(ev: Evaluator, worth: int, arguments: Arguments, given: likeness.Given) -> tuple[Any, ...]:
    written = (arguments.span, *arguments.positional_spans, *arguments.keyword_spans.items())
    opened = (arguments.open_positional, arguments.open_keywords, arguments.guessed)
    state = (ev.heap.epoch, len(ev.calls), ev.steps, ev.scope_known, ev.shapes_set, len(ev.stated), bool(ev.owners))
    return (worth, written, opened, state, ev.guarded(), ev.session.by_default, tuple(given.parts))


def settle(ev: Evaluator, attempt: Attempt, result: Any) -> Any:
    """The result of a call that was evaluated; recorded, if the call kept to itself."""
    slot, given = attempt.slot, attempt.given
    if slot is None or given is None:
        return result
    slot = _slot_of_texts(ev, attempt, slot)
    slot.spoiled = True
    if attempt.state == _state(ev) and _untouched(ev, attempt, given):
        try:
            slot.record = _record(ev, attempt, given, result)
            slot.spoiled = False
        except (likeness.Irregular, RecursionError):
            pass
    return result


def _slot_of_texts(ev: Evaluator, attempt: Attempt, slot: Slot) -> Slot:
    """The slot for the texts that were looked at: another one, if some were that none of the calls before did."""
    texts = attempt.texts
    if texts is None or attempt.unread is None:
        return slot
    looked = texts.given.keys() - attempt.unread - set(texts.slot.texts)
    if not looked:
        return slot
    texts.slot.record, texts.slot.texts = None, tuple(sorted({*texts.slot.texts, *looked}))
    return ev.memory.slots.setdefault(texts.value_key(), Slot(slot.seen, slot.last))


def _record(ev: Evaluator, attempt: Attempt, given: likeness.Given, result: Any) -> Record:
    session, first, mark = ev.session, attempt.first, attempt.mark
    made, stops, objects, layers = attempt.lengths
    nodes = session.graph.nodes[made:]
    owner = ev.owners[0] if ev.owners else None
    root = None if owner is None else (owner.ident, owner.attrs.get("__calls__", 0))
    allowed = set(given.nodes)
    for node in nodes:
        if node.root != root or any(not _reachable(ev, t.node, first, allowed) for t in node.inputs):
            raise likeness.Irregular
    copy = replay.Copy(ev, first, mark, first + len(nodes), given.places)
    called = [_standing(v)[2] and not before[2] for v, before in zip(given.objects, attempt.standing)]
    return Record(
        first,
        mark,
        ev.reserve(0) - mark,
        len(ev.calls),
        len(ev.branches),
        list(given.nodes),
        list(given.atoms),
        list(given.entries),
        {value.ident: place for place, value in enumerate(given.objects) if isinstance(value, Layer)},
        [(node, list(node.names)) for node in nodes],
        _names_given(ev, given, attempt.named),
        [place for place, was_called in enumerate(called) if was_called],
        session.stops[stops:],
        ev.doubts - attempt.doubts,
        [copy.value(made) for made in session.objects[objects:]],
        [copy.value(made) for made in session.layers[layers:]],
        copy.value(result),
    )


def _state(ev: Evaluator) -> tuple[int, ...]:
    """What a call that keeps to itself leaves as it was."""
    session = ev.session
    return (
        ev.heap.epoch, len(ev.modules), len(session.entries), len(ev.internal_errors), ev.symbols_made(),
        len(ev.stated), session.annotated, len(session.like_ranks),
    )  # fmt: skip


def _lengths(ev: Evaluator) -> tuple[int, int, int, int]:
    session = ev.session
    return len(session.graph.nodes), len(session.stops), len(session.objects), len(session.layers)


def _standing(value: Any) -> tuple[Any, str, bool]:
    """Where a given layer or module is registered, and whether it was called: what a call may change about it."""
    if isinstance(value, Object):
        return value.parent, value.name, "__called__" in value.attrs
    return (value.parent, value.name, False) if isinstance(value, Layer) else (None, "", False)


def _untouched(ev: Evaluator, attempt: Attempt, given: likeness.Given) -> bool:
    """Is what the call was given as it was before?"""
    try:
        now = likeness.describe(ev, attempt.roots)
    except (likeness.Irregular, RecursionError):
        return False
    return (
        now.parts == given.parts
        and len(now.objects) == len(given.objects)
        and all(a is b for a, b in zip(now.objects, given.objects))
        and all(_standing(v)[:2] == place[:2] for v, place in zip(given.objects, attempt.standing))
    )


def _reachable(ev: Evaluator, number: int, first: int, given: set[int]) -> bool:
    """Is a tensor the call's own, given, or of no application of this session?"""
    return number >= first or number in given or ev.node(number) is None


def _names_given(ev: Evaluator, given: likeness.Given, before: list[int]) -> list[tuple[int, list[tuple[str, Any]]]]:
    found = []
    for place, number in enumerate(given.nodes):
        node = ev.node(number)
        if node is not None and len(node.names) > before[place]:
            found.append((place, node.names[before[place] :]))
    return found

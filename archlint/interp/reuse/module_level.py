"""What a file's own statements made of its names, for an editor that has the file analysed again after every key.

    class Block(nn.Module): ...             typed in: nothing looked at it while the statements ran, it alone runs again

    @register_model                         81 of these stay as they are
    def resnet18(): return ResNet(Block)

What cannot be told apart like this runs anew, all of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from archlint.interp.budget import Budget
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import imports, library
from archlint.interp.reuse import shared
from archlint.interp.reuse.entry_points import Kept, Reading, placed
from archlint.interp.reuse.memory import Memory
from archlint.model import Model
from archlint.source import ir
from archlint.source.model import Chunk, Source
from archlint.values import Module, Unknown

LISTED = ("library_reads", "slips", "guards")
"""What holds places of the text, which move: kept as lists, for their hashes do not stay."""

RESTORED = (
    "internal_errors", "reached", "frameworks", "shapes_set", "data_format", "weights", "dictionaries", "describing",
    "unready", "loops", "stated", "growing", "forms", "late_forms", "documented", "needed",
)  # fmt: skip
"""What an entry point may leave behind it, and the next key must not find."""

LASTING = ("patches", "marks")
"""What an import may set for good: where an entry point changed it, the statements run anew."""


class Watched(dict[str, Any]):
    """The names of a module, with those that were looked up while somebody asked."""

    __slots__ = ("looked_up",)

    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__(names)
        self.looked_up: set[Any] = set()

    def __getitem__(self, name: str) -> Any:
        self.looked_up.add(name)
        return dict.__getitem__(self, name)

    def __contains__(self, name: object) -> bool:
        self.looked_up.add(name)
        return dict.__contains__(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        self.looked_up.add(name)
        return dict.get(self, name, default)

    def items(self) -> Any:
        self.looked_up.add("")
        return dict.items(self)


@dataclass(slots=True)
class Ground:
    """A file whose statements have run.

    bound: by name, the numbers of the statements that bound it.  read: the names that any of them looked up.
    plain: the numbers of those that defined something and did nothing else.  state: of the evaluator behind them.
    """

    ev: Evaluator
    module: Module
    reading: Reading
    stated: tuple[Any, ...]
    chunks: list[Chunk] = field(default_factory=list)
    bound: dict[str, list[int]] = field(default_factory=dict)
    read: set[Any] = field(default_factory=set)
    plain: set[int] = field(default_factory=set)
    state: dict[str, Any] = field(default_factory=dict)
    models: list[Model] = field(default_factory=list)
    stops: list[Unknown] = field(default_factory=list)
    seconds: list[tuple[str, float]] = field(default_factory=list)
    partials: dict[int, Any] = field(default_factory=dict)
    _names: dict[str, Any] = field(default_factory=dict)
    _mark: tuple[Any, ...] = ()

    def begin(self) -> None:
        """The first statement is about to run."""
        self._names, self._mark = dict(self.module.names), _mark(self.ev)

    def ran(self, chunk: Chunk) -> None:
        """A statement did: what it bound, and whether it defined something and did nothing else."""
        number, names = len(self.chunks), self.module.names
        self.chunks.append(chunk)
        self.read |= names.looked_up if isinstance(names, Watched) else {""}  # "": all of them
        for name in [n for n, value in dict.items(names) if self._names.get(n, self) is not value]:
            self.bound.setdefault(name, []).append(number)
            self._names[name] = dict.__getitem__(names, name)
        mark = _mark(self.ev)
        if _is_definition(chunk) and mark == self._mark:
            self.plain.add(number)
        self._mark = mark

    def give(self, found: Any) -> None:
        """Add what the statements gave."""
        found.models += self.models
        found.stops += self.stops
        found.seconds += self.seconds

    def stand(self, kept: Kept, found: Any) -> None:
        """All have run: keep what they gave, and how things stand."""
        ev, names = self.ev, self.module.names
        self.models, self.stops, self.seconds = list(found.models), list(found.stops), list(found.seconds)
        self.read |= set() if not isinstance(names, Watched) else names.looked_up - {""}
        self.state = {name: _copy(getattr(ev, name)) for name in (*RESTORED, *LASTING)}
        self.state |= {name: list(getattr(ev, name)) for name in LISTED}
        self.state["slips"] = [placed(slip, kept.place) for slip in ev.slips]
        self.reading.stand(dict(names))

    def resumes(self, chunks: Sequence[Chunk], stated: tuple[Any, ...], resolver: Any) -> bool:
        """Take the file up again with the statements of now; False if they must all run anew."""
        if self.stated != stated or len(chunks) != len(self.chunks) or self.module.stars:
            return False
        changed = [n for n, (old, new) in enumerate(zip(self.chunks, chunks)) if old is not new]
        if any(not self._replaceable(number, chunks[number]) for number in changed):
            return False
        self._restore(resolver)
        return all(self._redefine(number, chunks[number]) for number in changed)

    def _replaceable(self, number: int, new: Chunk) -> bool:
        """`class Block` for `class Block`, at which nothing looked while the statements ran."""
        old = self.chunks[number]
        if number not in self.plain or not _is_definition(new):
            return False
        name = old.body[0].name  # type: ignore[union-attr]
        return new.body[0].name == name and self.bound.get(name) == [number] and self.read.isdisjoint((name, ""))  # type: ignore[union-attr]

    def _restore(self, resolver: Any) -> None:
        ev = self.ev
        ev.resolver, ev.budget, ev.memory = resolver, Budget(), Memory(enabled=ev.memory.enabled)
        for name in RESTORED:
            setattr(ev, name, _copy(self.state[name]))
        for name in LISTED:
            setattr(ev, name, dict.fromkeys(self.state[name]))
        library.PARTIALS.update(self.partials)

    def _redefine(self, number: int, new: Chunk) -> bool:
        """Run a definition again; False if it did more, or looked at what was bound behind it."""
        ev, old, names = self.ev, self.chunks[number], self.module.names
        own = {id(span) for span in old.spans.values()}
        ev.library_reads = {read: None for read in ev.library_reads if id(read[1]) not in own}
        with looked_up(names) as seen, ev.new_session():
            before = _mark(ev)
            imports.evaluate(ev, self.module, new)
            if _mark(ev) != before or "" in seen:
                return False
        if any(max(self.bound.get(name, (-1,))) >= number for name in seen):
            return False
        name = new.body[0].name  # type: ignore[union-attr]
        made = [d for d in ev.definitions if d.chunk is new]
        place = next((i for i, d in enumerate(ev.definitions) if d.chunk is old), None)
        if place is None or len(made) != 1:
            return False
        gone = ev.definitions[place]
        ev.definitions.remove(made[0])
        ev.definitions[place] = made[0]
        self.chunks[number], self.read = new, self.read | seen
        self.state["library_reads"] = list(ev.library_reads)
        self.reading.values[name] = dict.__getitem__(names, name)
        self.reading.forget(name, gone)
        heap = ev.heap
        heap.shared.clear()  # else what was typed over would stay
        heap.rewritten.clear()
        heap.modules = 0
        heap.advance()
        return True

    def lasts(self) -> bool:
        """At the end of an analysis: can the next begin here?  Keeps what modules hold of partial functions."""
        ev = self.ev
        shared.scan(ev)
        self.partials = {key: one for key, one in library.PARTIALS.items() if key in ev.heap.shared}
        return all(_size(getattr(ev, name)) == _size(self.state[name]) for name in LASTING)


def begun(ev: Evaluator, module: Module, kept: Kept, source: Source, stated: Sequence[Any]) -> Ground:
    """The ground of a file whose statements are about to run."""
    module.names = Watched(module.names)
    ground = Ground(ev, module, Reading(ev, module, kept), _places(source, stated))
    ground.reading.stated = _by_statement(source, stated)
    ground.begin()
    return ground


def resumed(kept: Kept, source: Source, stated: Sequence[Any], resolver: Any) -> Ground | None:
    """The ground of before, for the text of now; None if its statements must all run."""
    ground, kept.ground = kept.ground, None
    if ground is None:
        return None
    ground.reading.stated = _by_statement(source, stated)
    return ground if ground.resumes(source.chunks, _places(source, stated), resolver) else None


def settle(kept: Kept, source: Source, ground: Ground) -> None:
    """An analysis is over: keep its ground, if that lasts, and nothing of statements that are no longer there."""
    live = {id(chunk.body) for chunk in source.chunks}
    kept.named = {key: known for key, known in (kept.named | ground.reading.named).items() if key in live}
    ground.reading.named = {}
    kept.ground = ground if ground.lasts() else None


def _places(source: Source, stated: Sequence[Any]) -> tuple[Any, ...]:
    """Shapes in comments, by where they stand among the statements, whatever the lines are."""
    firsts = [source.lines.line_of(chunk.base) for chunk in source.chunks]
    found = []
    for line, name, shape in stated:
        number = bisect_right(firsts, line) - 1
        around = firsts[max(number, 0) : number + 2]
        found.append((number, tuple(line - first for first in around), name, shape))
    return tuple(found)


def _by_statement(source: Source, stated: Sequence[Any]) -> dict[int, tuple[Any, ...]]:
    """By the id of a statement, what comments in it and on the line above it state."""
    found: dict[int, tuple[Any, ...]] = {}
    for chunk in source.chunks if stated else ():
        first, last = source.lines.line_of(chunk.base), source.lines.line_of(chunk.base + len(chunk.text))
        near = tuple((line - first, name, shape) for line, name, shape in stated if first - 1 <= line <= last)
        if near:
            found[id(chunk)] = near
    return found


def _is_definition(chunk: Chunk) -> bool:
    """A class or function without decorators."""
    only = chunk.body[0] if len(chunk.body) == 1 else None
    return isinstance(only, (ir.ClassDef, ir.FunctionDef)) and not only.decorators


def _mark(ev: Evaluator) -> tuple[Any, ...]:
    """What a definition that only defines leaves as it is."""
    session = ev.session
    return (
        len(session.graph.nodes), len(session.objects), len(session.layers), len(session.stops), ev.symbols_made(),
        len(ev.slips), len(ev.guards), *(_size(getattr(ev, name)) for name in (*RESTORED, *LASTING)),
    )  # fmt: skip


def _size(value: Any) -> Any:
    return len(value) if isinstance(value, (dict, set, list)) else value


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, (dict, set, list)) else value


@contextmanager
def looked_up(names: dict[str, Any]) -> Iterator[set[Any]]:
    """The names that are looked up meanwhile; those before are not among them."""
    if not isinstance(names, Watched):
        yield {""}
        return
    before, names.looked_up = names.looked_up, set()
    try:
        yield names.looked_up
    finally:
        names.looked_up = before

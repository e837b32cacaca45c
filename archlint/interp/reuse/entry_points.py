"""What the entry points of a file gave before, for an editor that has it analysed again after every key.

An entry point is evaluated again if anything is another that it can reach: the definitions it names, what these name,
and what the file's own statements made of all of them.

    def resnet18(): return ResNet(BasicBlock)      reads ResNet, BasicBlock, conv3x3; not VGG, whatever is typed there
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from archlint.dims import Dim
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import imports
from archlint.interp.python.frame import Frame
from archlint.interp.reuse.memory import Memory
from archlint.model import Model, Slip
from archlint.source import ir
from archlint.text import Span
from archlint.values import Array, Builtin, Class, Function, Layer, Method, Module, Object, Tensor, Unknown

if TYPE_CHECKING:
    from archlint.interp.reuse.module_level import Ground

READS_ALL = frozenset(
    ["globals", "vars", "locals", "eval", "exec", "import_module", "__import__", "modules", "__dict__"]
)
"""Names and attributes through which a definition may reach any other."""

MAX_PARTS = 200_000
"""Parts of a value that are compared; a larger one counts as changed."""


@dataclass(slots=True)
class Record:
    """What one entry point gave.  key: all that it could reach.  reached: ids of the definitions that it called.

    reading, version: that and when the key was found to hold.
    """

    key: Any
    models: list[Model]
    stops: list[Unknown]
    library_reads: list[tuple[str, Span]]
    slips: list[Slip]
    guards: list[Span]
    errors: list[str]
    reached: frozenset[int]
    after: tuple[Any, ...]
    seconds: float
    reading: Reading | None = None
    version: int = 0

    def stands(self, reading: Reading) -> bool:
        """Is nothing another that it could reach, by what was changed since?"""
        if self.reading is not reading or self.key[3] != _state(reading.ev):
            return False
        new = [name for name, version in reading.changed.items() if version > self.version]
        return not new or {"", *new}.isdisjoint(name for name, _ in self.key[1])


@dataclass(slots=True)
class Kept:
    """The records of one file.

    in_time: is there time for one more entry point, which took so many seconds before?  unwanted: is there a newer text
    already?  Then an evaluation is Interrupted, and what was found before it stays.  late: the last records of those
    for which there was none, or None for one that was never evaluated.  place: the span that moves with the text.
    """

    in_time: Callable[[float], bool] = lambda seconds: True
    unwanted: Callable[[], bool] = lambda: False
    place: Callable[[Span], Span] = lambda span: span
    records: dict[tuple[str, int], Record] = field(default_factory=dict)
    late: list[Record | None] = field(default_factory=list)
    named: dict[int, tuple[Any, frozenset[str]]] = field(default_factory=dict)
    evaluated: int = 0
    spent: float = 0.0
    """Seconds of those that were evaluated."""
    ground: Ground | None = None
    """How things stand behind the file's own statements."""


@dataclass(slots=True)
class Reading:
    """What the names of a module stand for after its statements have run, as far as it is asked for.

    values: by name.  stated: by id of a statement, the shapes that comments in it and right above it state.
    """

    ev: Evaluator
    module: Module
    kept: Kept
    parts: dict[str, tuple[Any, frozenset[str]]] = field(default_factory=dict)
    named: dict[int, tuple[Any, frozenset[str]]] = field(default_factory=dict)
    owned: dict[int, tuple[Any, tuple[Any, frozenset[str]]]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    stated: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    scoped: bool = False
    version: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    """By name, the last version in which it stood for something else."""

    def stand(self, values: dict[str, Any]) -> None:
        """The statements have run, the names have these values."""
        self.values = values
        self.scoped = any(name.endswith("arg_scope") and name != "arg_scope" for name in values)

    def key(self, definition: Function | Class) -> Any:
        """All that an entry point can reach: equal keys, equal outcome."""
        found: dict[str, Any] = {}
        own, pending = self._own(definition)
        todo = sorted(pending)
        while todo:
            name = todo.pop()
            if name in found:
                continue
            found[name], more = self._of_name(name)
            todo += sorted(more - found.keys())
        return own, tuple(sorted(found.items(), key=lambda item: item[0])), self.scoped, _state(self.ev)

    def _own(self, definition: Function | Class) -> tuple[Any, frozenset[str]]:
        known = self.owned.get(id(definition))
        if known is None:
            known = self.owned[id(definition)] = definition, self._described(definition)
        return known[1]

    def forget(self, name: str, definition: Any) -> None:
        """A name stands for something else, and the definition that it stood for is gone."""
        self.parts.pop(name, None)
        self.owned.pop(id(definition), None)
        self.version += 1
        self.changed[name] = self.version

    def _of_name(self, name: str) -> tuple[Any, frozenset[str]]:
        if name == "":  # everything may be read
            return None, frozenset(self.values)
        if name not in self.parts:
            held = name in self.values
            self.parts[name] = self._described(self.values[name]) if held else (None, frozenset())
        return self.parts[name]

    def _described(self, value: Any) -> tuple[Any, frozenset[str]]:
        """What a value is, up to identity, and the names that the code in it mentions."""
        sketch = Sketch(self)
        sketch.add(value)
        return tuple(sketch.parts), frozenset(sketch.names)

    def mentioned(self, chunk: Any) -> frozenset[str]:
        """The names in a statement; "" where it may read any."""
        known = self.named.get(id(chunk.body)) or self.kept.named.get(id(chunk.body))
        if known is None or known[0] is not chunk.body:
            found = _mentioned(chunk.body)
            known = chunk.body, frozenset(found if READS_ALL.isdisjoint(found) else {*found, ""})
        self.named[id(chunk.body)] = known
        return known[1]


def _mentioned(body: list[ir.Stmt]) -> set[str]:
    """The names that come up in a statement."""
    found: set[str] = set()
    todo: list[Any] = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, (list, tuple)):
            todo += node
        elif (parts := getattr(node, "__slots__", None)) is not None:
            found.update(_names(node))
            todo += [getattr(node, part) for part in parts]
    return found


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, ir.Name):
        yield node.id
    elif isinstance(node, ir.Attr):
        if node.attr in READS_ALL:
            yield node.attr
    elif isinstance(node, ir.Scope):
        yield from node.names
    elif isinstance(node, (ir.Opaque, ir.OpaqueStmt)):
        yield ""


@dataclass(frozen=True, slots=True, eq=False)
class Itself:
    """Equal to what holds the very same object."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


@dataclass(slots=True)
class Sketch:
    """Takes a value apart: `parts` are equal for values that no evaluation could tell from each other."""

    reading: Reading
    parts: list[Any] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    seen: dict[int, int] = field(default_factory=dict)

    def add(self, value: Any) -> None:
        """Add a value and everything that is reachable from it."""
        kind = type(value)
        if kind in _PLAIN:
            self.parts += (kind, value if value == value else "nan")  # which is not equal to itself
            return
        if id(value) in self.seen:
            self.parts.append(self.seen[id(value)])
            return
        if len(self.parts) > MAX_PARTS:
            self.parts.append(object())
            return
        self.seen[id(value)] = len(self.seen)
        self.parts.append(kind)
        if kind in (tuple, list, set, frozenset):
            self._all(value)
        elif kind is dict:
            self._all(part for item in value.items() for part in item)
        else:
            self._object(value)

    def _all(self, values: Iterable[Any]) -> None:
        for value in values:
            self.add(value)
        self.parts.append(Ellipsis)

    def _object(self, value: Any) -> None:
        match value:
            case Function():
                self._code(value.chunk, value.node)
                closure = value.closure
                self._all([value.defaults, value.attrs, value.owner])
                if isinstance(closure, Frame) and closure.names is not value.module.names:
                    self.add(closure.names)
            case Class():
                self._code(value.chunk, value.node)
                self._all([value.bases, value.attrs])
            case Module():
                self.parts.append(value.path)
            case Span():  # the same one as long as its statement is
                self.parts.append(Itself(value) if value.path == self.reading.module.path else value.path)
            case Layer():
                self._all([value.spec.name, value.args, value.attrs, value.span])
            case Object():
                self._all([value.kind, value.cls, value.attrs, value.items, value.native, value.span])
            case Tensor():
                self._all([value.shape, value.dtype, value.last, value.framework, value.slot])
            case Array():
                self._all([value.shape, value.dtype, value.contents])
            case Method():
                self._all([value.receiver, value.function, value.owner])
            case Builtin():
                self._builtin(value)
            case imports.Waiting():
                self.parts += (value.module.path, value.section.base, value.section.text)
            case _ if is_dataclass(value):
                self._all(getattr(value, part.name) for part in fields(value))
            case _:
                self.parts.append(object())  # equal to nothing

    def _builtin(self, value: Builtin) -> None:
        from archlint.interp.python import library  # which imports what imports this

        partial = library.PARTIALS.get(id(value))
        self.parts.append(value.name)
        if partial is not None:
            self._all([partial.function, partial.fixed, partial.keywords, partial.open])
        elif value is not python_builtin(value.name):
            self.parts.append(object())

    def _code(self, chunk: Any, node: Any) -> None:
        """A definition: its statement, which stays the same object as long as it is not edited."""
        own = chunk.path == self.reading.module.path
        if not own:
            self.parts += (chunk.path, chunk.base, node.start)
        else:
            self.parts += (Itself(chunk), Itself(node), self.reading.stated.get(id(chunk), ()))
            self.names |= self.reading.mentioned(chunk)


def python_builtin(name: str) -> Any:
    """Python's own function of that name."""
    from archlint.interp.python import builtin_functions as python_builtins

    return python_builtins.find(name)


_PLAIN = frozenset([str, int, float, bool, bytes, complex, Dim, type(None), type(Ellipsis), imports.Lazy])


def _state(ev: Evaluator) -> tuple[Any, ...]:
    """What else one entry point may leave to the next."""
    return ev.shapes_set, ev.data_format, frozenset(ev.frameworks)


def take(
    ev: Evaluator, kept: Kept, reading: Reading, definition: Function | Class, found: Any, evaluate: Callable[[], None]
) -> None:
    """Add what an entry point gave before, if it would give it again; else evaluate it, if there is time."""
    alike = [d for d in ev.definitions if d.module is definition.module and d.name == definition.name]
    name = definition.name, alike.index(definition)
    record = kept.records.get(name)
    own = reading.changed.get(definition.name, 0) > (record.version if record is not None else 0)
    if record is not None and not own and record.stands(reading):
        key = record.key
    else:
        key = reading.key(definition)
    if record is None or record.key != key:
        if not kept.in_time(record.seconds if record is not None else 0.0):
            kept.late.append(record)
            if record is not None:
                ev.reached |= record.reached
            return
        record = kept.records[name] = _evaluated(ev, key, found, evaluate)
        record.slips = [placed(slip, kept.place) for slip in record.slips]
        kept.evaluated += 1
        kept.spent += record.seconds
    record.reading, record.version = reading, reading.version
    found.models += record.models
    found.stops += record.stops
    found.seconds.append((definition.name, record.seconds))
    ev.library_reads.update(dict.fromkeys(record.library_reads))
    ev.slips.update(dict.fromkeys(record.slips))
    ev.guards.update(dict.fromkeys(record.guards))
    ev.internal_errors += record.errors
    ev.reached |= record.reached
    ev.shapes_set, ev.data_format = record.after


def placed(slip: Slip, place: Callable[[Span], Span]) -> Slip:
    """A slip with places that move with the text."""
    return replace(slip, span=place(slip.span), places=tuple(map(place, slip.places)))


def _evaluated(ev: Evaluator, key: Any, found: Any, evaluate: Callable[[], None]) -> Record:
    """Evaluate an entry point apart from the others: nothing recorded for them serves it, all that it reads shows."""
    before = ev.library_reads, ev.slips, ev.guards, ev.reached, ev.internal_errors, ev.memory
    outcome = found.models, found.stops, found.seconds
    ev.library_reads, ev.slips, ev.guards, ev.internal_errors = {}, {}, {}, []
    ev.reached, ev.memory = set(), Memory(enabled=ev.memory.enabled)
    found.models, found.stops, found.seconds = [], [], []
    try:
        evaluate()
        return Record(
            key, found.models, found.stops, list(ev.library_reads), list(ev.slips), list(ev.guards), ev.internal_errors,
            frozenset(ev.reached), (ev.shapes_set, ev.data_format), sum(s for _, s in found.seconds),
        )  # fmt: skip
    finally:
        ev.library_reads, ev.slips, ev.guards, ev.reached, ev.internal_errors, ev.memory = before
        found.models, found.stops, found.seconds = outcome

"""What the text of a file does not read again: calls whose values are dropped, parameters, results of loops.

def forward(self, x):
    h = self.norm(x)         the value of this call is read on no way through the function
    h = self.conv(x)
    return self.relu(h)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from archlint.source import ir
from archlint.source.model import Chunk, Source
from archlint.text import Span

_REFLECTION = frozenset(("locals", "vars", "eval", "exec", "globals", "dir"))
_DEEPEST = 6
"""Loops inside loops; each costs three passes over its body."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A call whose value nobody reads.  name: what it is bound to, "" for a call that is a statement.

    place: the name.  function: the one around it, "" at module level; `answers`: that function returns a value.
    again: the name is read somewhere, where it stands for another value.
    """

    name: str
    place: Span | None
    function: str
    answers: bool
    again: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """`for layer in layers: out = layer(x)`: every turn reads the same `x`, and the next turn drops its `out`.

    call: `layer(x)`; name: `out`; given: the place of `x`; loop: the statement.
    """

    call: Span
    name: str
    given: Span
    loop: Span


@dataclass(slots=True)
class Dataflow:
    """What is dropped in a file: `ignored` are parameters that a function never mentions, `overwrites` the
    statements and calls that write over a tensor by their very names: `x += y`, `x.relu_()`."""

    unread: dict[Span, Unread] = field(default_factory=dict)
    repeated: list[Repeated] = field(default_factory=list)
    ignored: frozenset[Span] = frozenset()
    overwrites: frozenset[Span] = frozenset()


def dataflow(source: Source) -> Dataflow:
    """Follow the names of every function of a file, and of the file itself, backwards."""
    parts = [_part(chunk) for chunk in source.chunks]
    found = Dataflow()
    for part in parts:
        found.unread.update(part.unread)
        found.repeated += part.repeated
    found.ignored = frozenset(span for part in parts for span in part.ignored)
    found.overwrites = frozenset(span for part in parts for span in part.overwrites)
    _module(found, source, parts)
    return found


@dataclass(slots=True)
class _Part:
    """What one top-level statement gives.  inside: names in its functions and classes; exported: its texts.

    loops: how many it has, None where its names cannot be followed; deepest: how many of them lie in each other.
    """

    unread: list[tuple[Span, Unread]] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)
    ignored: list[Span] = field(default_factory=list)
    overwrites: list[Span] = field(default_factory=list)
    inside: set[str] = field(default_factory=set)
    exported: set[str] = field(default_factory=set)
    loops: int | None = 0
    deepest: int = 0


def _part(chunk: Chunk) -> _Part:
    known = chunk.derived.get("unread")
    if isinstance(known, _Part):
        return known
    part = chunk.derived["unread"] = _Part(loops=_loops(chunk.body), deepest=_depth(chunk.body))
    for node in _below(chunk.body):
        if isinstance(node, ir.FunctionDef):
            _function(part, chunk, node)
            part.ignored += [chunk.span(p.start, p.start + len(p.name)) for p in _ignored(node)]
        if isinstance(node, (ir.FunctionDef, ir.ClassDef, ir.Lambda)):
            part.inside |= _names(node.body)
        elif isinstance(node, ir.Const):
            if isinstance(node.value, str) and node.value:
                part.exported.add(node.value)
        elif isinstance(node, ir.AugAssign) or (isinstance(node, ir.Call) and _other_numbers(node)):
            part.overwrites.append(chunk.span(node.start, node.end))
    return part


def _module(found: Dataflow, source: Source, parts: list[_Part]) -> None:
    loops = [part.loops for part in parts]
    if None in loops:
        return
    if sum(filter(None, loops)) > _DEEPEST and max((part.deepest for part in parts), default=0) > _DEEPEST:
        return
    inside = {name for part in parts for name in part.inside}
    live = inside | {text for part in parts for text in part.exported}
    for chunk in reversed(source.chunks):
        way = _Way(chunk, "", False, live=frozenset(inside))
        live = way.block(chunk.body, live)
        found.unread.update(way.dropped(inside))


def _function(part: _Part, chunk: Chunk, node: ir.FunctionDef) -> None:
    if not _followed(node.body):
        return
    own = list(_own(node.body))
    held = {n for inner in own if isinstance(inner, (ir.FunctionDef, ir.Lambda, ir.ClassDef)) for n in _names(inner)}
    held |= {name for s in own if isinstance(s, ir.Scope) for name in s.names}
    answers = node.generator or any(isinstance(s, ir.Return) and s.value is not None for s in own)
    way = _Way(chunk, node.name, answers, live=frozenset(held))
    way.block(node.body, set())
    part.unread += way.dropped(_read(node.body)).items()
    for loop in own:
        if isinstance(loop, ir.For):
            part.repeated += _repeated(chunk, loop)


def _followed(body: list[ir.Stmt]) -> bool:
    """Can the names of a body be followed?  Not with `locals()`, nor through statements that are not modelled."""
    loops = _loops(body)
    return loops is not None and (loops <= _DEEPEST or _depth(body) <= _DEEPEST)


def _loops(body: list[ir.Stmt]) -> int | None:
    """How many loops there are; None where names cannot be followed."""
    count = 0
    for node in _below(body):
        if isinstance(node, (ir.OpaqueStmt, ir.Match)):
            return None
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id in _REFLECTION:
            return None
        count += isinstance(node, (ir.For, ir.While))
    return count


def _depth(tree: Any) -> int:
    inner = max((_depth(part) for part in _parts(tree)), default=0)
    return inner + isinstance(tree, (ir.For, ir.While))


@dataclass(slots=True)
class _Way:
    """A walk backwards through one function; `live`: names that may be read at any time."""

    chunk: Chunk
    function: str
    answers: bool
    live: frozenset[str]
    found: dict[Span, tuple[bool, str, Span | None]] = field(default_factory=dict)
    leaving: list[tuple[set[str], set[str]]] = field(default_factory=list)

    def dropped(self, read: set[str]) -> dict[Span, Unread]:
        """The calls whose values nobody reads; `read` are the names that are read anywhere."""
        return {
            call: Unread(name, place, self.function, self.answers, name in read)
            for call, (dead, name, place) in self.found.items()
            if dead
        }

    def block(self, body: list[ir.Stmt], live: set[str]) -> set[str]:
        """Names that are read before they are written, from the start of `body` on."""
        for statement in reversed(body):
            live = self.statement(statement, live)
        return live

    def statement(self, s: ir.Stmt, live: set[str]) -> set[str]:
        match s:
            case ir.ExprStmt():
                if isinstance(s.value, ir.Call) and not _in_place(s.value):
                    self.found[self.span(s.value)] = (True, "", None)
                return live | _names(s.value)
            case ir.Assign():
                return self.assignment(s, live)
            case ir.Return() | ir.Raise():
                return _names(s.value)
            case ir.Simple():
                if s.kind == "pass" or not self.leaving:
                    return live
                return set(self.leaving[-1][s.kind == "continue"])
            case ir.If():
                return self.block(s.body, set(live)) | self.block(s.orelse, set(live)) | _names(s.test)
            case ir.For() | ir.While():
                return self.loop(s, live)
            case ir.Try():
                return self.attempt(s, live)
            case ir.With():
                return self.context(s, live)
            case ir.FunctionDef() | ir.ClassDef():
                return (live - {s.name}) | _names(s.decorators)
        return live | _names(s)

    def assignment(self, s: ir.Assign, live: set[str]) -> set[str]:
        names = [t.id for t in s.targets if isinstance(t, ir.Name)]
        plain = len(names) == len(s.targets)
        if plain and isinstance(s.value, ir.Call) and not _in_place(s.value):
            dead = (
                live.isdisjoint(names)
                and self.live.isdisjoint(names)
                and not any(name.startswith("_") for name in names)
            )
            place = self.chunk.span(s.targets[0].start, s.targets[0].end)
            self.found[self.span(s.value)] = (dead, names[0], place)
        written = {n for t in s.targets for n in _bound(t)}
        read = {n for t in s.targets if not isinstance(t, ir.Name) for n in _names(t)} - written
        return (live - written) | read | _names(s.value)

    def loop(self, s: ir.For | ir.While, live: set[str]) -> set[str]:
        after = self.block(s.orelse, set(live))
        asked = _names(s.test) if isinstance(s, ir.While) else set()
        taken = set() if isinstance(s, ir.While) else _bound(s.target)
        head = after | asked
        while True:
            self.leaving.append((live, head))
            turn = head | (self.block(s.body, set(head)) - taken)
            self.leaving.pop()
            if turn == head:
                return head | (_names(s.iter) if isinstance(s, ir.For) else set())
            head = turn

    def attempt(self, s: ir.Try, live: set[str]) -> set[str]:
        final = self.block(s.final, set(live))
        before, self.live = self.live, self.live | final
        caught: set[str] = set()
        for kind, _, body in s.handlers:
            caught |= self.block(body, set(final)) | _names(kind)
        orelse = self.block(s.orelse, set(final))
        self.live |= caught
        begun = self.block(s.body, orelse)
        self.live = before
        return begun | caught

    def context(self, s: ir.With, live: set[str]) -> set[str]:
        before, after = self.live, set(live)
        swallows = any("suppress" in n or "raises" in n for value, _ in s.items for n in _words(value))
        self.live = before | after if swallows else before
        live = self.block(s.body, live) | (after if swallows else set())
        self.live = before
        for value, target in reversed(s.items):
            live = (live - (_bound(target) if target is not None else set())) | _names(value)
        return live

    def span(self, call: ir.Call) -> Span:
        return self.chunk.span(call.start, call.end)


def _repeated(chunk: Chunk, loop: ir.For) -> Iterator[Repeated]:
    """The turns of a loop that all read the same, where only the last one's result is left."""
    called = _bound(loop.target)
    inner = list(_below(loop.body))
    if any(
        isinstance(n, (ir.Return, ir.Raise, ir.Try)) or getattr(n, "kind", "") in ("break", "continue") for n in inner
    ):
        return
    written = {n for s in inner for n in _written(s)}
    for s in loop.body:
        if not isinstance(s, ir.Assign) or len(s.targets) != 1 or not isinstance(s.value, ir.Call):
            continue
        target, call = s.targets[0], s.value
        given = call.args[0].value if call.args and not call.args[0].star else None
        if not isinstance(target, ir.Name) or not isinstance(call.func, ir.Name) or not isinstance(given, ir.Name):
            continue
        mentions = sum(isinstance(n, ir.Name) and n.id == target.id for n in inner)
        if call.func.id in called and mentions == 1 and _names(call).isdisjoint(written | (called - {call.func.id})):
            yield Repeated(
                chunk.span(call.start, call.end), target.id, chunk.span(given.start, given.end),
                chunk.span(loop.start, loop.end),
            )  # fmt: skip


def _written(s: Any) -> set[str]:
    if isinstance(s, ir.Assign):
        return {n for t in s.targets for n in _bound(t)}
    return _bound(s.target) if isinstance(s, (ir.AugAssign, ir.For, ir.NamedExpr)) else set()


def _ignored(node: ir.FunctionDef) -> list[ir.Param]:
    """Parameters whose names do not come up in the body, which does something."""
    if not _followed(node.body) or not any(isinstance(s, ir.Return) for s in _own(node.body)):
        return []
    read = _names(node.body)
    return [p for p in node.params[1:] if p.kind in ("posonly", "normal") and p.name not in read]


_NO_NUMBERS = frozenset({"requires_grad_", "detach_", "share_memory_"})
"""Methods that change what is told about a tensor, not the numbers in it."""


def _called(call: ir.Call) -> str:
    return call.func.attr if isinstance(call.func, ir.Attr) else str(getattr(call.func, "id", ""))


def _other_numbers(call: ir.Call) -> bool:
    """`x.relu_()`: it writes over what it is given first.  `torch.add(a, b, out=c)` leaves `a` alone."""
    return _by_name(call) and _called(call) not in _NO_NUMBERS


def _by_name(call: ir.Call) -> bool:
    """`x.relu_()`, `x.requires_grad_()`."""
    name = _called(call)
    return name.endswith("_") and not name.endswith("__")


def _in_place(call: ir.Call) -> bool:
    """`x.relu_()`, `F.relu(x, inplace=flag)`, `torch.add(a, b, out=c)`: it writes to what it is given."""
    return _by_name(call) or any(
        a.keyword == "out"
        or (a.keyword == "inplace" and not (isinstance(a.value, ir.Const) and a.value.value is False))
        for a in call.args
    )


def _bound(target: ir.Expr) -> set[str]:
    """Names that an assignment to a target binds."""
    if isinstance(target, ir.Name):
        return {target.id}
    if isinstance(target, ir.Starred):
        return _bound(target.value)
    return {n for item in target.items for n in _bound(item)} if isinstance(target, ir.Display) else set()


def _names(tree: Any) -> set[str]:
    return {node.id for node in _below(tree) if isinstance(node, ir.Name)}


def _read(body: list[ir.Stmt]) -> set[str]:
    """Names that come up anywhere but as what an assignment binds."""
    mentions = Counter(n.id for n in _below(body) if isinstance(n, ir.Name))
    mentions.subtract(n for s in _below(body) if isinstance(s, ir.Assign) for t in s.targets for n in _bound(t))
    return {name for name, times in mentions.items() if times > 0}


def _words(tree: Any) -> Iterator[str]:
    for node in _below(tree):
        if isinstance(node, (ir.Name, ir.Attr)):
            yield node.id if isinstance(node, ir.Name) else node.attr


def _own(body: list[ir.Stmt]) -> Iterator[Any]:
    """The nodes of a function, without the insides of functions and classes in it."""
    queue: list[Any] = list(body)
    while queue:
        node = queue.pop()
        yield node
        if not isinstance(node, (ir.FunctionDef, ir.ClassDef, ir.Lambda)):
            queue += _parts(node)


def _below(tree: Any) -> Iterator[Any]:
    queue = [tree]
    while queue:
        node = queue.pop()
        kind = type(node)
        if kind is list or kind is tuple:
            queue += node
        elif node is not None and kind is not str:
            yield node
            queue += _parts(node)


_FIELDS: dict[type, tuple[str, ...]] = {list: (), tuple: (), str: (), type(None): ()}
_PLAIN = frozenset(("start", "end", "attr_start", "name_start", "id", "attr", "op", "ops", "kind", "name", "generator"))


def _parts(node: Any) -> Iterable[Any]:
    """What stands directly below a node: nodes, and those in its lists."""
    kind = type(node)
    if kind is list or kind is tuple:
        return node  # type: ignore[no-any-return]
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(n for n in getattr(kind, "__slots__", ()) if n not in _PLAIN)
    return [getattr(node, name) for name in names]

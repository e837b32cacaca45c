"""The state of an evaluation: modules, heap, graph being built, entry tensors, scopes, budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from archlint.dims import Dim, Size, var
from archlint.graph import LayerGraph, Node
from archlint.interp import documented_forms
from archlint.interp.budget import MAX_NODES, Budget, BudgetExceeded
from archlint.interp.heap import Heap
from archlint.interp.reuse.memory import Memory
from archlint.interp.tensors import late_forms
from archlint.interp.trace import Trace
from archlint.layers.spec import Demand, Out
from archlint.model import DataRecord, Slip
from archlint.source.outline import Outline
from archlint.text import Span
from archlint.values import Atom, Axis, Layer, Module, Object, Shape, Tensor, Unknown

SESSION_STRIDE = 1_000_000
"""More numbers than one session can use."""


class Resolver(Protocol):
    """Finds the project's other files; the evaluator itself never touches the file system."""

    def outline(self, path: str) -> Outline | None:
        """The file's statements, each parsed when it is asked for; None if it cannot be read."""

    def mentions(self, path: str, name: str) -> bool:
        """Does a name occur in a file, or may it come from a star import there?  A cheap look at its text."""

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """Path of the project file that `importer` means by `module` with `level` leading dots."""


@dataclass(slots=True)
class Entry:
    """An entry tensor whose shape may still be open: `forward(self, x)`."""

    id: int
    name: str
    node: int
    span: Span
    shape: Shape = None
    axes: tuple[Axis, ...] | None = None
    last: Size = None
    source: str = "open"
    dtype: str | None = None
    asked: bool = False
    """Was a size of it read while it was open?"""


@dataclass(slots=True)
class Event:
    """One application of a Keras layer or TensorFlow function, with the means to do it again on other tensors."""

    positional: list[Any]
    keywords: dict[str, Any]
    redo: Any
    result: Any


@dataclass(slots=True)
class Session:
    """What one entry point has produced: nodes, objects, models, reasons for stopping.

    Nodes and entries are numbered from `base`, so that a tensor of another session (a module-level one, seen in a
    function that is evaluated on its own) is not taken for one of this.
    """

    base: int = 0
    graph: LayerGraph = field(default_factory=LayerGraph)
    entries: list[Entry] = field(default_factory=list)
    objects: list[Object] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    stops: list[Unknown] = field(default_factory=list)
    roots: list[Object] = field(default_factory=list)
    feeds: list[tuple[int | None, DataRecord]] = field(default_factory=list)
    complete: bool = True
    multiplied: list[tuple[Span, Span, Any, int]] = field(default_factory=list)
    """`[layer] * 5`: the place, that of the list, the layer, how often."""
    retied: bool = False
    """A weight was set of a module that is not known: whose weights are shared is not known either."""
    like_ranks: dict[tuple[int, int], tuple[Tensor, int]] = field(default_factory=dict)
    """By node and slot of a tensor of open rank: one with as many axes, alike in all but so many of the last."""
    annotated: int = 0
    """Calls of functions whose annotations state shapes."""
    built: bool = True
    """Construction came to its end; `complete`: so did the forward pass."""
    assumed: tuple[str, ...] = ()
    """Classes of configurations that nobody made: the entry point was called with their defaults."""
    by_default: bool = False
    """The entry point is given nothing: a definition that the program may call with more."""


@dataclass(slots=True)
class Evaluator:
    """Everything the evaluation functions share.  One per checked file."""

    resolver: Resolver
    heap: Heap = field(default_factory=Heap)
    budget: Budget = field(default_factory=Budget)
    session: Session = field(default_factory=Session)
    modules: dict[str, Module] = field(default_factory=dict)
    frameworks: set[str] = field(default_factory=set)
    main_path: str = ""
    keras: int = 0
    """The major version of Keras that the configuration names, or 0."""
    calls: list[Span] = field(default_factory=list)
    running: list[int] = field(default_factory=list)
    doubts: int = 0
    """How often something was evaluated that may raise when it runs: what is not known, or not the project's."""
    owners: list[Any] = field(default_factory=list)
    branches: list[tuple[int, int]] = field(default_factory=list)
    arg_scopes: list[dict[str, dict[str, Any]]] = field(default_factory=lambda: [{}])
    scope_known: bool = True
    variable_scopes: list[str] = field(default_factory=list)
    scope_counts: dict[str, int] = field(default_factory=dict)
    steps: Size = 1
    name_counts: dict[str, int] = field(default_factory=dict)
    definitions: list[Any] = field(default_factory=list)
    forcing: set[tuple[str, str]] = field(default_factory=set)
    registering: dict[tuple[str, str], bool] = field(default_factory=dict)
    weights: dict[int, tuple[Tensor, Layer]] = field(default_factory=dict)
    dictionaries: dict[int, tuple[Any, Object]] = field(default_factory=dict)
    describing: dict[tuple[int, bool], bool] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)
    library_reads: dict[tuple[str, Span], None] = field(default_factory=dict)
    slips: dict[Slip, None] = field(default_factory=dict)
    guards: dict[Span, None] = field(default_factory=dict)
    """Tests that let the code raise for sizes that cannot be divided."""
    relative: dict[str, int] = field(default_factory=dict)
    """By path of a file, the most dots of its relative imports."""
    marks: set[str] = field(default_factory=set)
    """Attributes that the program gave to some tensor, or to what may be one: `weight.initialised = True`."""
    patches: dict[str, Any] = field(default_factory=dict)
    """By full name, what the program set on a library's names."""
    unready: dict[int, tuple[str, Span, str] | None] = field(default_factory=dict)
    """Instances whose framework base is not initialised yet, and the first layer that they are given before it."""
    unseen: str = ""
    """"sizes" where the test that was looked at last compared what may be sizes, which are not known; "choice" where
    it asked for a value that an earlier test left open, "word" where for a word."""
    guarding: dict[int, str] = field(default_factory=dict)
    """Such tests, by number: what fails in their arms may be what they make sure of."""
    loops: set[int] = field(default_factory=set)
    """Numbers of the undecided tests that are loops: whether their body runs at all."""
    shapes_set: bool = False
    """`x.set_shape(…)` was called: which sizes are open is no longer certain."""
    stated: dict[tuple[int, int], tuple[Shape, Tensor]] = field(default_factory=dict)
    """By node and slot: a tensor's shape before `image.set_shape([160, 160, 3])`, and the tensor since then."""
    data_format: Any = "channels_last"
    wanted: dict[str, tuple[tuple[Size, ...], str]] = field(default_factory=dict)
    tape: list[Event] = field(default_factory=list)
    tape_depth: int = 0
    internal_errors: list[str] = field(default_factory=list)
    trace: Trace | None = None
    shared_layers: dict[str, int] = field(default_factory=dict)
    growing: dict[int, list[Any]] = field(default_factory=dict)
    """What is appended to lists in loops of unknown length, by the lists' ids."""
    forms_found: dict[str, Demand] | None = None
    """Being looked for: forms of entry tensors, by name, that show only later (`late_forms`)."""
    late_forms: dict[str, Demand] = field(default_factory=dict)
    documented: dict[Dim, tuple[str, int]] = field(default_factory=dict)
    """Sizes that a docstring names: of which parameter's tensor, and which axis."""
    needed: dict[tuple[str, int], Size] = field(default_factory=dict)
    """Of these sizes, what layers need."""
    forms: dict[int, Any] = field(default_factory=dict)
    """Dicts that stand for many, by their ids."""
    memory: Memory = field(default_factory=Memory)
    _last_serial: int = 0
    symbol_counts: dict[str, int] = field(default_factory=dict)

    def guarded(self) -> frozenset[str]:
        """What the tests of whose arms the present place is in may make sure of; two for words are a choice."""
        kinds = [self.guarding[test] for test, _ in self.branches if test in self.guarding]
        return frozenset(kinds) | ({"choice"} if kinds.count("word") > 1 else set())

    def serial(self) -> int:
        """A number not given before."""
        self._last_serial += 1
        return self._last_serial

    def reserve(self, count: int) -> int:
        """Give out `count` numbers at once: those behind the one returned."""
        self._last_serial += count
        return self._last_serial - count

    def symbol(self, name: str, origin: str = "input") -> Dim:
        """A symbol not used before: `N`, then `N2`."""
        count = self.symbol_counts.get(name, 0) + 1
        self.symbol_counts[name] = count
        return var(name if count == 1 else f"{name}{count}", origin)

    def symbols_made(self) -> int:
        """How many symbols this session has made."""
        return sum(self.symbol_counts.values())

    @contextmanager
    def new_session(self, restart: bool = True) -> Iterator[Session]:
        """Evaluate one entry point: its own graph, symbols and scopes, nothing left behind."""
        kept = self.session, self.symbol_counts, self.calls, self.owners, self.arg_scopes, self.scope_known
        scopes = self.variable_scopes, self.scope_counts, self.shared_layers, self.branches, self.steps
        tape = self.tape, self.tape_depth, self.wanted, self.name_counts
        remembered = len(self.weights)
        self.session, self.symbol_counts = Session(self.serial() * SESSION_STRIDE), {}
        self.calls, self.owners, self.arg_scopes, self.branches = [], [], [{}], []
        self.variable_scopes, self.scope_counts, self.shared_layers, self.steps = [], {}, {}, 1
        self.tape, self.tape_depth, self.wanted, self.scope_known, self.name_counts = [], 0, {}, True, {}
        if restart:
            self.budget.restart()
        else:
            self.budget.imports += 1
        try:
            yield self.session
        finally:
            self.budget.imports -= not restart
            self.session, self.symbol_counts, self.calls, self.owners, self.arg_scopes, self.scope_known = kept
            self.variable_scopes, self.scope_counts, self.shared_layers, self.branches, self.steps = scopes
            self.tape, self.tape_depth, self.wanted, self.name_counts = tape
            if restart:
                while len(self.weights) > remembered:  # else every model stays to the end of the file
                    self.weights.popitem()

    def atoms(self, shape: Shape, roles: Iterable[str] = ()) -> tuple[Axis, ...] | None:
        """Fresh axes for a shape, with roles where given."""
        if shape is None:
            return None
        named = [*roles, *[""] * len(shape)]
        return tuple((Atom(self.serial(), size, role),) for size, role in zip(shape, named))

    def add_node(self, node: Node) -> Node:
        """Put an application into the graph."""
        if len(self.session.graph.nodes) >= MAX_NODES:
            raise BudgetExceeded("too many layers")
        if self.owners:
            root = self.owners[0]
            node.root = (root.ident, root.attrs.get("__calls__", 0))
        self.session.graph.nodes.append(node)
        return node

    def next_node(self) -> int:
        """The id the next node will have."""
        return self.session.base + len(self.session.graph.nodes)

    def node(self, number: int) -> Node | None:
        """The node of this session with that number."""
        place = number - self.session.base
        return self.session.graph.nodes[place] if 0 <= place < len(self.session.graph.nodes) else None

    def nodes_from(self, first: int) -> list[Node]:
        """The nodes from that number on."""
        return self.session.graph.nodes[first - self.session.base :]

    def entry(self, number: int | None) -> Entry | None:
        """The entry tensor of this session with that number."""
        place = -1 if number is None else number - self.session.base
        return self.session.entries[place] if 0 <= place < len(self.session.entries) else None

    def _stated(self, name: str) -> tuple[tuple[Size, ...], str] | None:
        """The shape stated of a parameter, or of whichever comes first; the configuration gives way to all else."""
        given, first = self.wanted.pop(name, None), self.wanted.get("")
        if given is None or (given[1] == "configuration" and first is not None and first[1] != given[1]):
            return self.wanted.pop("", None)
        return given

    def new_entry(self, name: str, span: Span, framework: str, declared: bool = False) -> Tensor:
        """An entry tensor with its input node; its shape is open unless a directive states it."""
        entry = Entry(self.session.base + len(self.session.entries), name, self.next_node(), span)
        self.session.entries.append(entry)
        tensor = Tensor(None, node=entry.node, entry=entry.id, framework=framework)
        self.add_node(Node(entry.node, "input", "input", name, span, [], [tensor], Out(None), names=[(name, span)]))
        given = None if declared else self._stated(name)
        if given is not None:
            shape, source = given
            sizes = tuple(self.symbol("D") if s is None else s for s in shape)
            self.bind_entry(entry.id, sizes, ("batch",) + ("",) * (len(shape) - 1), source)
            return self.refresh(tensor)
        if name in self.late_forms and self.demand(tensor, self.late_forms[name]):
            return self.refresh(tensor)
        return tensor

    def refresh(self, tensor: Tensor) -> Tensor:
        """The tensor with the shape its entry has taken by now; of another session's, only what it holds itself."""
        if tensor.node >= 0 and self.node(tensor.node) is None:
            return replace(tensor, node=-1, slot=0, entry=None)
        if self.stated and (found := self.stated.get((tensor.node, tensor.slot))) and found[0] == tensor.shape:
            return found[1]
        entry = self.entry(tensor.entry)
        if entry is None or tensor.shape is not None:
            return tensor
        if entry.shape is None:
            last = entry.last if tensor.last is None else tensor.last
            return tensor if last is tensor.last else _with(tensor, None, None, last)
        return _with(tensor, entry.shape, entry.axes, None)

    def bind_entry(self, index: int, shape: tuple[Size, ...], roles: tuple[str, ...], source: str) -> None:
        """Give an entry tensor its shape."""
        entry = self.entry(index)
        node = self.node(entry.node) if entry is not None else None
        if entry is None or node is None:
            return
        entry.shape, entry.source = shape, source
        entry.axes = self.atoms(shape, roles)
        node.outputs = [_with(node.outputs[0], shape, entry.axes, None)]
        node.out = Out(shape)

    def demand(self, tensor: Tensor, demand: Demand) -> bool:
        """Let an open entry tensor take the form its first consumer needs; True if it did."""
        entry = self.entry(tensor.entry)
        if self.documented and not self.branches:
            documented_forms.demanded(self, tensor, demand)
        if entry is None and self.forms_found is not None:
            late_forms.search(self, tensor, demand)
        if entry is None or self.branches:
            return False  # what one arm of an undecided test needs, the other may not
        if entry.shape is not None:
            return False
        if demand.last_only:
            if entry.last is not None or demand.sizes[-1] is None:
                return False
            entry.last, entry.source = demand.sizes[-1], "first layer"
            return True
        if entry.asked:
            late_forms.found(self, entry, demand)
        names = _symbol_names(demand.roles)
        sizes = list(demand.sizes)
        if entry.last is not None and sizes[-1] is None:
            sizes[-1] = entry.last
        shape = tuple(self.symbol(n) if s is None else s for n, s in zip(names, sizes))
        self.bind_entry(entry.id, shape, demand.roles, "first layer")
        return True

    def inner_sizes(self, demand: Demand, last: Size) -> tuple[Size, ...]:
        """The form that a layer needs of a tensor that is not known: a symbol for each size that it leaves open."""
        sizes = (*demand.sizes[:-1], demand.sizes[-1] if demand.sizes[-1] is not None else last)
        if self.branches or self.steps != 1:
            return sizes  # of what is evaluated once for many turns, a size is another one in each
        return tuple(self.symbol(n, "inner") if s is None else s for n, s in zip(_symbol_names(demand.roles), sizes))


def _with(tensor: Tensor, shape: Shape, axes: tuple[Axis, ...] | None, last: Size) -> Tensor:
    return Tensor(shape, tensor.dtype, axes, tensor.node, tensor.slot, last, tensor.entry, None, tensor.framework)


_ROLE_SYMBOLS = {"batch": "N", "time": "T", "channel": "C", "features": "F", "heads": "heads", "classes": "K"}
_SPACE_SYMBOLS = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


def _symbol_names(roles: tuple[str, ...]) -> list[str]:
    """Letters people use for the axes: N, C, H, W …"""
    spaces = iter(_SPACE_SYMBOLS.get(sum(r.startswith("space") for r in roles), ()))
    return [next(spaces, "S") if r.startswith("space") else _ROLE_SYMBOLS.get(r, "D") for r in roles]

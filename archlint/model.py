"""A model as the rules see it: its layer graph and the facts of its source.  Plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archlint.dims import Size
from archlint.graph import LayerGraph, Node
from archlint.layers.spec import Fault
from archlint.source.calls import CallRecord
from archlint.source.index import Index
from archlint.source.model import Comment, Directive
from archlint.source.unread import Dataflow
from archlint.text import LineIndex, Span
from archlint.values import Shape, Unknown


@dataclass(slots=True)
class LayerRecord:
    """A layer instance that belongs to the model, applied or not: its own numbers, once."""

    ident: int
    op: str
    path: str
    params: Size
    state: Size
    span: Span
    applied: bool


@dataclass(slots=True)
class AttributeRecord:
    """`self.attr = …` of a user's module class, as it stood after the constructor.

    kind: `layer`, `module`, `registered` (ModuleList, Sequential …), `plain` (list, tuple or dict of layers that
    torch does not register), `value`.  `layers` are the idents of the layers in it, at any depth.
    """

    attr: str
    kind: str
    span: Span
    layers: tuple[int, ...]
    params: Size


@dataclass(slots=True)
class ModuleRecord:
    """An instance of a user's class inside the model."""

    class_name: str
    path: str
    class_span: Span
    framework: str
    attributes: dict[str, AttributeRecord]
    called: bool
    inherited_reads: frozenset[str] = frozenset()
    foreign_base: bool = False
    """Attributes that its base classes read; whether a base is outside the project and may read any."""


@dataclass(slots=True)
class ClassRecord:
    """A user's class: names its methods (and those of its project bases and subclasses) read from `self`."""

    name: str
    span: Span
    reads: frozenset[str]
    dynamic: bool
    subclassed: bool


@dataclass(slots=True)
class InputRecord:
    """An entry tensor: its name, shape, and where the shape came from.

    source: `directive`, `declared` (Keras Input, placeholder), `example` (a call in the file), `command line`,
    `first layer` (demanded by the first consumer), `open`.
    """

    name: str
    node: int
    shape: Shape
    source: str
    span: Span


@dataclass(slots=True)
class CompileRecord:
    """What `model.compile(…)` states, as evaluated values."""

    loss: Any
    optimizer: Any
    metrics: Any
    span: Span


@dataclass(slots=True)
class DataRecord:
    """Data that meets the model: `model.fit(x, y)`, `feed_dict={x: batch}`, `criterion(net(x), y)`.

    call: `fit`, `predict`, `feed_dict` …; role: `input`, or `label` of the output under `loss`.  shape: of the data;
    expected: of the model's input or output, `node` in its graph.  classes: the labels are whole numbers below it.
    fault: why they do not fit, if that is proven.  made: where the data comes from.
    """

    call: str
    role: str
    span: Span
    shape: Shape
    expected: Shape
    node: int
    loss: str = ""
    classes: int | None = None
    fault: Fault | None = None
    made: Span | None = None
    at: Span | None = None
    """Where the loss is stated, if not in the call itself."""


@dataclass(frozen=True, slots=True)
class GivenInput:
    """A tensor that a model takes: of `keras.Model(inputs=…)`, or for a parameter of a module's `forward`.

    node: in the model's graph, -1 if nothing in it reads the tensor.  span: where it is made, or the parameter.
    """

    name: str
    span: Span
    node: int


@dataclass(frozen=True, slots=True)
class AsideRecord:
    """A layer applied to tensors of a functional model (`reads`: their nodes) that leads to no model's output.

    read: another layer takes its output, which leads nowhere either.
    """

    op: str
    path: str
    span: Span
    reads: tuple[int, ...]
    read: bool


@dataclass(slots=True)
class LossRecord:
    """A loss, or the logarithm of one written by hand, that reads the model's output, and all that it depends on.

    graph: the model's layers and what comes between them and the loss, numbered anew; `node` is the loss.
    """

    graph: LayerGraph
    node: int


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip in the definition of a module, with the places and numbers that belong to it (`interp/slips/definitions`).

    kind: `no super init`, `bare super init`, `late super init`, `overwritten`, `tensor attribute`, `multiplied`,
    `made in call`, `returns nothing`, `not a module`, `no forward`, `arity`, `forward called`, `result indexed`; those
    of `interp/slips/uses`: `no attribute`, `tensor as setting`, `not a tensor`, `shape misread`, `freezes nothing`,
    `not called`, `not parameters`, `too few axes`, `does not fit place`, `no gradient`, `name with dot`; those of
    `interp/slips/arguments`: `misspelled argument`, `missing argument`, and `tensor as setting` again.
    """

    kind: str
    span: Span
    subject: str = ""
    places: tuple[Span, ...] = ()
    numbers: tuple[Any, ...] = ()


@dataclass(slots=True)
class FileFacts:
    """Facts of one file that need no model: text, comments, names."""

    path: str
    lines: LineIndex
    comments: list[Comment]
    index: Index
    imports: list[tuple[str, Span]] = field(default_factory=list)
    """Every qualified library name that is imported or read through an import, with the place."""
    models: list[Model] = field(default_factory=list)
    """The models built by the file, for rules that hold a place against every use of it."""
    calls: list[CallRecord] = field(default_factory=list)
    """Calls of library names that the file spells out, wherever they were evaluated."""
    directives: list[Directive] = field(default_factory=list)
    stated: list[tuple[int, str, tuple[Size, ...]]] = field(default_factory=list)
    """Shapes in `# archlint: input=…` comments: line, parameter or "", shape."""
    slips: list[Slip] = field(default_factory=list)
    guards: list[Span] = field(default_factory=list)
    """Tests in what was evaluated, own or imported, that let it raise for sizes that cannot be divided."""
    complaints: list[tuple[Span, str]] = field(default_factory=list)
    """Comments that speak to archlint and cannot be followed, and why."""
    flow: Dataflow = field(default_factory=Dataflow)
    """What the text reads again, and what it drops."""
    ran: frozenset[str] | None = None
    """Codes of the rules that run on the file; None: all."""

    def tells(self, code: str) -> bool:
        """May a finding be left to another rule?  Not where that one does not run: `ignore = ["ARC605"]`."""
        return self.ran is None or code in self.ran


@dataclass(slots=True)
class Model:
    """One analysed model.

    framework: `torch`, `keras` or `tf`.  `entry`: how it was built (`factory call`, `class defaults`,
    `module level`, `function`).  `stops`: what could not be evaluated, and why.
    """

    name: str
    framework: str
    span: Span
    entry: str
    graph: LayerGraph
    inputs: list[InputRecord] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    returned: frozenset[int] | None = None
    """Nodes whose outputs the model's call gives back; None if that is not known."""
    keyed: bool = False
    """Do the outputs of a functional model stand in a dictionary, whose keys are their names?"""
    layers: list[LayerRecord] = field(default_factory=list)
    modules: list[ModuleRecord] = field(default_factory=list)
    classes: dict[str, ClassRecord] = field(default_factory=dict)
    compiled: CompileRecord | None = None
    data: list[DataRecord] = field(default_factory=list)
    losses: list[LossRecord] = field(default_factory=list)
    given: list[GivenInput] | None = None
    """What it is declared to take, or was called with; None if that is not known."""
    given_at: Span | None = None
    """`Model(inputs=…, outputs=…)`, where a functional model is made."""
    aside: list[AsideRecord] = field(default_factory=list)
    stops: list[Unknown] = field(default_factory=list)
    file: FileFacts | None = None
    complete: bool = True
    assumed: tuple[str, ...] = ()
    """Classes of configurations with whose defaults it stands by itself; what makes it may have others."""
    shared: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What one rule worked out and others ask for, too."""

    def family(self, *families: str) -> Iterator[Node]:
        """Nodes of the given families, in order."""
        return (n for n in self.graph.nodes if n.family in families)

    @property
    def nodes(self) -> list[Node]:
        """All nodes in order of evaluation."""
        return self.graph.nodes

    @property
    def understood(self) -> tuple[int, int]:
        """(layer calls whose output rank is known, layer calls)."""
        calls = [n for n in self.graph.nodes if n.family not in ("input", "join", "variable")]
        return sum(n.output.shape is not None or n.output.last is not None for n in calls), len(calls)

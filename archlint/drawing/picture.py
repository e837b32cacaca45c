"""What is drawn of a model: boxes for applications of layers, groups for modules, edges for tensors.  Plain data.

Boxes and groups share one numbering: boxes are `0 … len(boxes) - 1`, groups follow.  The first group is the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from archlint.facts.table import Count, Totals

Kind: TypeAlias = Literal["input", "output", "layer", "join", "variable"]

VERSION = 1
"""Of the JSON; it grows with every change that a reader would notice."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the text of a file, counted from 1; `end` is the last line of what stands there.

    shown: the line as people know it, in a notebook `cell 3:7`.
    """

    path: str
    line: int
    column: int
    end: int
    shown: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.shown or self.line}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding in a drawing, and the boxes that it is about."""

    code: str
    name: str
    severity: str
    message: str
    help: str
    place: Place | None
    boxes: tuple[int, ...]


@dataclass(slots=True)
class Box:
    """One application of a layer, an entry tensor, what the model gives back, or where branches meet.

    op: short name (`Conv2d`), op_name: the qualified one.  path: dotted path, Keras name or slim scope; label: the part
    of it that its group does not say.  arguments: what the source states, as (name, text).  place: the application,
    made: the construction.  unknown: why the shape is not known.  undecided: it stands in one arm of an open test.
    """

    number: int
    kind: Kind
    op: str
    op_name: str
    family: str
    path: str
    shape: str
    dims: tuple[Count, ...] | None = None
    label: str = ""
    params: Count = 0
    state: Count = 0
    shared: bool = False
    macs: Count = 0
    receptive_field: str = ""
    memory: int | None = 0
    arguments: tuple[tuple[str, str], ...] = ()
    place: Place | None = None
    made: Place | None = None
    unknown: str = ""
    undecided: bool = False
    repeats: int = 1
    group: int = 0


@dataclass(slots=True)
class Group:
    """A module: what ran between its first application and its last.

    members: boxes and groups in order of evaluation.  alike: how many equal modules in a row it stands for, 1 for a
    module itself.  layers, params, macs: totals of all below it; shapes: of the tensors that leave it.
    """

    number: int
    path: str
    label: str
    class_name: str
    parent: int | None
    members: list[int] = field(default_factory=list)
    alike: int = 1
    layers: int = 0
    params: Count = 0
    macs: Count = 0
    shapes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A tensor on its way: output `slot` of box `source` is input `place` of box `target`."""

    source: int
    slot: int
    target: int
    place: int
    shape: str


@dataclass(slots=True)
class Picture:
    """A model to be drawn.  notes: what could not be evaluated, and why."""

    model: str
    framework: str
    place: Place
    entry: str
    boxes: list[Box]
    groups: list[Group]
    edges: list[Edge]
    marks: list[Mark]
    totals: Totals
    understood: tuple[int, int]
    notes: tuple[str, ...] = ()
    _leaving: dict[int, list[Edge]] | None = field(default=None, repr=False)
    _taken: dict[int, list[Edge]] | None = field(default=None, repr=False)

    @property
    def root(self) -> int:
        """Number of the group that is the whole model."""
        return len(self.boxes)

    def group(self, number: int) -> Group:
        """The group of a number."""
        return self.groups[number - len(self.boxes)]

    def parent(self, item: int) -> int | None:
        """The group that a box or a group stands in; None for the model."""
        return self.boxes[item].group if item < self.root else self.group(item).parent

    def ancestors(self, item: int) -> Iterator[int]:
        """The groups around an item, innermost first."""
        at = self.parent(item)
        while at is not None:
            yield at
            at = self.group(at).parent

    def edges_from(self, box: int) -> list[Edge]:
        """The tensors that leave a box, by slot."""
        if self._leaving is None:
            self._leaving = {}
            for edge in self.edges:
                self._leaving.setdefault(edge.source, []).append(edge)
        return sorted(self._leaving.get(box, ()), key=lambda edge: edge.slot)

    def edges_to(self, box: int) -> list[Edge]:
        """The tensors that a box takes, in order."""
        if self._taken is None:
            self._taken = {}
            for edge in self.edges:
                self._taken.setdefault(edge.target, []).append(edge)
        return sorted(self._taken.get(box, ()), key=lambda edge: edge.place)

    def inside(self, item: int) -> Iterator[Box]:
        """The boxes of an item: itself, or all below it."""
        if item < self.root:
            yield self.boxes[item]
        else:
            for member in self.group(item).members:
                yield from self.inside(member)

    def marks_of(self, boxes: Iterable[Box]) -> list[Mark]:
        """The findings about any of some boxes, the worst first."""
        wanted = {box.number for box in boxes}
        order = ("error", "warning", "info")
        found = [mark for mark in self.marks if not wanted.isdisjoint(mark.boxes)]
        return sorted(found, key=lambda mark: order.index(mark.severity))

    def to_json(self) -> dict[str, Any]:
        """The same as dictionaries, lists, strings and numbers."""
        found = asdict(self)
        return {name: value for name, value in found.items() if not name.startswith("_")}

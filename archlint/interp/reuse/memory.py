"""What calls gave before, by what they were given: the state behind `reuse`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archlint.graph import Node
from archlint.values import Layer, Object, Unknown


@dataclass(frozen=True, slots=True)
class Place:
    """Stands in a record for the object number `number` among those that the call was given."""

    number: int


@dataclass(slots=True)
class Record:
    """What one call did, to be done again under other names.

    `first` and `mark`: the first node and serial number that were the call's own; `used`: how many serial numbers.
    `nodes`, `atoms`, `entries`: the numbers it was given, `layers`: place of a given layer by its ident.
    `doubts`: how often it may have raised.  `named`: variables that given tensors were bound to; `called`: given
    modules whose forward ran.
    `objects`, `layers_made`, `result`: private copies, with a `Place` for what was given.
    """

    first: int
    mark: int
    used: int
    depth: int
    branches: int
    nodes: list[int]
    atoms: list[int]
    entries: list[int]
    layers: dict[int, int]
    made: list[tuple[Node, list[tuple[str, Any]]]]
    named: list[tuple[int, list[tuple[str, Any]]]]
    called: list[int]
    stops: list[Unknown]
    doubts: int
    objects: list[Object]
    layers_made: list[Layer]
    result: Any


@dataclass(slots=True)
class Slot:
    """How often a call was seen, and in which entry point of the file last; its record, once it has one.

    texts: parameters that calls alike but for their texts looked at; there is a slot for each value of these.
    """

    seen: int = 0
    last: int = 0
    record: Record | None = None
    spoiled: bool = False
    texts: tuple[str, ...] = ()


@dataclass(slots=True)
class Memory:
    """Records of one file, and whether they are to be made.

    `barren` counts, by what is called, the calls that found nothing: what is never called alike is left alone.
    """

    enabled: bool = True
    slots: dict[Any, Slot] = field(default_factory=dict)
    barren: dict[Any, int] = field(default_factory=dict)
    idle: dict[int, frozenset[str | None]] = field(default_factory=dict)
    layer_kinds: dict[int, int] = field(default_factory=dict)
    rewritten: set[int] = field(default_factory=set)
    """Layers whose arguments were written to: of no kind."""
    kinds: dict[Any, int] = field(default_factory=dict)
    compares: dict[int, bool] = field(default_factory=dict)
    """By the id of a call's node: is there a comparison among what it is given?"""
    divides: dict[int, bool] = field(default_factory=dict)
    """By the id of a test's node: does it divide?"""
    hits: int = 0
    entry_points: int = 0
    """How many were evaluated."""


_SPAN = 8
"""Entry points after which what was not called again is dropped: variants of a model stand side by side."""


def forget(memory: Memory) -> None:
    """At the end of an entry point: drop the calls whose like was not seen for long, which only costs time."""
    memory.entry_points += 1
    if memory.entry_points % _SPAN == 0:
        oldest = memory.entry_points - _SPAN
        memory.slots = {key: slot for key, slot in memory.slots.items() if slot.last >= oldest}

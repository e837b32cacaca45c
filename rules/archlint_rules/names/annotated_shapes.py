"""Shapes as jaxtyping writes them, `b 3 h w`, held against the sizes of tensors."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from archlint.rule import Annotation, Model, Node, Size, Tensor, proven_different, proven_equal
from archlint_rules.flow import ancestors
from archlint_rules.names.comment_shapes import Entry, Open, Rest, evaluated, letters, read_entry
from archlint_rules.origins import is_entry, record_of

_GUESSED = ("first layer", "open")


@dataclass(frozen=True, slots=True)
class Stated:
    """An annotation, the application that made its tensor, and its entries."""

    annotation: Annotation
    node: Node
    entries: tuple[Entry, ...]

    @property
    def tensor(self) -> Tensor:
        """The tensor that it is about."""
        return self.node.outputs[self.annotation.slot]


@dataclass(slots=True)
class Letters:
    """What the letters stand for in one call of a function, and where each was first used."""

    sizes: dict[str, Size] = field(default_factory=dict)
    places: dict[str, Annotation] = field(default_factory=dict)

    def bind(self, stated: Stated) -> None:
        """Take the sizes of letters that are new; one that is used for several sizes stands for none of them."""
        for entry, size in pairs(stated):
            if isinstance(entry, str) and size is not None and self.places.get(entry) in (None, stated.annotation):
                if entry in self.sizes and not proven_equal(self.sizes[entry], size):
                    continue
                self.sizes[entry] = size
                self.places[entry] = stated.annotation

    def differs(self, entry: Entry, size: Size) -> bool:
        """Is the entry wrong for every value of the symbols?"""
        if isinstance(entry, int):
            return proven_different(entry, size)
        if isinstance(entry, str):
            return proven_different(self.sizes.get(entry), size)
        if not isinstance(entry, ast.expr):
            return False
        values = {k: float(v) for k in letters(entry) if isinstance(v := self.sizes.get(k), int)}
        value = evaluated(entry, values)
        return value is not None and value == int(value) and proven_different(int(value), size)


def stated_in(model: Model, path: str) -> dict[int, list[Stated]]:
    """The annotations of a file that a model runs through, by calls, each call's in order of the text."""
    found: dict[int, list[Stated]] = {}
    for node in model.nodes:
        for annotation in node.annotated:
            entries = read_spec(annotation.spec)
            if annotation.span.path == path and annotation.slot < len(node.outputs) and entries is not None:
                found.setdefault(annotation.call, []).append(Stated(annotation, node, entries))
    for each in found.values():
        each.sort(key=lambda s: s.annotation.span.start)
    return found


def read_spec(spec: str) -> tuple[Entry, ...] | None:
    """The entries of `*batch c=3 #h _ {n}`; None with two entries for any number of axes."""
    entries = tuple(map(_entry, spec.split()))
    return entries if sum(isinstance(e, Rest) for e in entries) <= 1 else None


def _entry(text: str) -> Entry:
    if text == "..." or text.startswith("*"):
        return Rest()
    if text.startswith(("_", "#", "?")):
        return Open()  # not checked; or 1 as well
    _, _, value = text.rpartition("=")
    return read_entry(value) or Open()


def pairs(stated: Stated) -> list[tuple[Entry, Size]]:
    """Entries beside the sizes of their axes; [] where the numbers of axes differ."""
    shape, entries = stated.tensor.shape, list(stated.entries)
    if shape is None:
        return []
    at = next((i for i, e in enumerate(entries) if isinstance(e, Rest)), None)
    if at is not None:
        entries[at : at + 1] = [Open()] * max(len(shape) - len(entries) + 1, 0)
    return list(zip(entries, shape)) if len(entries) == len(shape) else []


def other_rank(model: Model, stated: Stated) -> bool:
    """Is the number of axes wrong, also if the model is called on single samples, whose rank is one less?"""
    shape = stated.tensor.shape
    if shape is None or agrees(stated):
        return False
    off = len(shape) - len(stated.entries)
    if any(isinstance(e, Rest) for e in stated.entries):
        return off < -2
    entries = [n for n in (*ancestors(model, stated.node), stated.node) if is_entry(n)]
    return abs(off) > 1 or all(settled(model, n) for n in entries)


def agrees(stated: Stated) -> bool:
    """Has the tensor as many axes as the annotation names?"""
    shape, entries = stated.tensor.shape, stated.entries
    if shape is None:
        return False
    if any(isinstance(e, Rest) for e in entries):
        return len(shape) >= len(entries) - 1
    return len(shape) == len(entries)


def settled(model: Model, entry: Node) -> bool:
    """Is an input's rank stated: by the program, or by an annotation that agrees with what its first layer takes?"""
    record = record_of(model, entry)
    if record is not None and record.source not in _GUESSED:
        return True
    specs = [read_spec(a.spec) for a in entry.annotated]
    fixed = [Stated(a, entry, s) for a, s in zip(entry.annotated, specs) if s and not any(map(_rest, s))]
    return any(map(agrees, fixed))


def _rest(entry: Entry) -> bool:
    return isinstance(entry, Rest)


def misread(model: Model) -> bool:
    """Has an input another rank than its annotation says, only because its first layer was taken at its word?"""
    for node in model.family("input"):
        record = record_of(model, node)
        if record is None or record.source in _GUESSED:
            for annotation in node.annotated:
                entries = read_spec(annotation.spec)
                if entries is not None and node.output.shape is not None:
                    if not agrees(Stated(annotation, node, entries)):
                        return True
    return False

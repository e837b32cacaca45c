"""Shapes that a Keras model declares with one axis too many or too few: the batch, or the channels of grey images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Fault, InputRecord, Model, Node, Size, Span, show, symbols
from archlint_rules.flow import PASSIVE, producer, text_of
from archlint_rules.origins import is_entry, record_of
from archlint_rules.wording import faults

IMAGE_CHANNELS = (1, 3, 4)
"""Grey, RGB, RGBA."""

MANY = 512
"""No clip has so many frames: a first entry above it counts samples."""


def refusing(model: Model, surplus: int) -> Iterator[tuple[Node, Fault, InputRecord]]:
    """First layers that get `surplus` axes more than they take, and the declaration of the input they read."""
    for node, fault in faults(model, "rank") if model.framework == "keras" else ():
        record = declaration(model, node)
        known = isinstance(fault.want, int) and isinstance(fault.got, int) and fault.got - fault.want == surplus
        if record is not None and record.shape and known:
            yield node, fault, record


def declaration(model: Model, node: Node) -> InputRecord | None:
    """The declaration of the input that a first layer reads."""
    entry = producer(model, node, PASSIVE)
    record = record_of(model, entry) if entry is not None and is_entry(entry) else None
    return record if record is not None and record.source == "declared" else None


def with_batch(model: Model) -> Iterator[tuple[Node, InputRecord]]:
    """Inputs declared with the batch: the first entry counts samples, or is left open."""
    for node, _, record in refusing(model, 1):
        assert record.shape is not None
        first = record.shape[1]
        if node.family in ("conv", "pool", "recurrent") and (opened(first) or first == 1 or counts_samples(first)):
            yield node, record
    for node in model.family("conv") if model.framework == "keras" else ():  # Keras 2 takes any number of batch axes
        stated = declaration(model, node)
        shape = stated.shape if stated is not None else None
        if stated is not None and shape and len(shape) == len(node.out.window) + 3 and counts_samples(shape[1]):
            yield node, stated


def without_channels(model: Model) -> Iterator[tuple[Node, InputRecord]]:
    """Inputs of image layers declared without channels: (28, 28) for Conv2D, (600,) for Conv1D."""
    for node, _, record in refusing(model, -1):
        assert record.shape is not None
        sides = record.shape[1:]
        if node.family in ("conv", "pool") and sides and not {sides[0], sides[-1]} & set(IMAGE_CHANNELS):
            yield node, record


def misdeclared(model: Model, node: Node | None = None) -> bool:
    """Is the shape of the model's input (or of what `node` reads) declared with or without one axis?"""
    found = [n for n, _ in (*with_batch(model), *without_channels(model))]
    return bool(found) if node is None else any(n is node for n in found)


def opened(size: Size) -> bool:
    """Is it `None` in the declaration?"""
    return any(v.origin == "dynamic" for v in symbols(size))


def counts_samples(size: Size) -> bool:
    """Is it too large for frames or time steps of an image layer?"""
    return isinstance(size, int) and size > MANY


def entries(shape: tuple[Size, ...]) -> str:
    """The declaration as it is written: `(None, 28, 28)` without the batch axis in front."""
    inner = ", ".join("None" if opened(s) else show(s) for s in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def rewritten(model: Model, record: InputRecord, shape: tuple[Size, ...]) -> tuple[Edit, ...]:
    """The edit that writes another shape where the declaration has it as a literal."""
    written = text_of(model.file, record.span)
    assert record.shape is not None
    literal = re.escape(entries(record.shape[1:])).replace(r"\ ", r"\s*")
    found = list(re.finditer(literal, written))
    if len(found) != 1:
        return ()
    start = record.span.start + found[0].start()
    return (Edit(Span(record.span.path, start, start + len(found[0][0])), entries(shape)),)

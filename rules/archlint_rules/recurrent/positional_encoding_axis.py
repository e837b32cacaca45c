"""ARC310: a table of codes for positions, cut to the length of another axis than the one it is added along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archlint.rule import (
    Dim,
    Edit,
    Finding,
    Label,
    Model,
    Node,
    Span,
    Tensor,
    batch_axis,
    proven_different,
    proven_equal,
    rule,
    show,
    show_shape,
    symbols,
)  # fmt: skip
from archlint_rules.flow import place, text_of
from archlint_rules.recurrent.batches import entry_behind, is_plain_batch, is_settled, read_as_batch, stated
from archlint_rules.wording import name_of, shape_text

_ADDING = frozenset(["torch.operator+", "torch.add", "torch.Tensor.add", "torch.Tensor.add_"])


@dataclass(frozen=True, slots=True)
class Coded:
    """Codes that are added to `x`; axis: of the table, where it is cut to the size of the batch.

    single: one row was taken instead of a slice.
    """

    x: Tensor
    cut: Node
    axis: int
    evidence: Label
    single: bool = False


@rule("ARC310", "positional-encoding-axis", severity="warning", confidence="likely", category="recurrent", fix="unsafe")
def positional_encoding_axis(model: Model) -> Iterator[Finding]:
    """Sums of a batch of sequences and a table that is none of the data."""
    seen: set[object] = set()
    if model.framework != "torch":
        return
    fed = batch_axis(model).fed
    for node in model.nodes:
        if node.op not in _ADDING or len(node.inputs) != 2 or node.faults:
            continue
        for x, codes in (node.inputs, node.inputs[::-1]):
            found = coded(model, node, x, codes) if x.node in fed and codes.node not in fed else None
            if found is not None and place(found.cut) not in seen:
                seen.add(place(found.cut))
                yield finding(model, found)


def coded(model: Model, node: Node, x: Tensor, codes: Tensor) -> Coded | None:
    """How the codes are cut wrongly for `x` of (N, T, F); None where they are not."""
    cut = model.graph[codes.node] if codes.node >= 0 else None
    if cut is None or cut.family != "index" or x.rank != 3 or codes.shape is None or not cut.inputs:
        return None
    table, parts, shape = cut.inputs[0].shape, cut.args.get("index"), x.shape
    if table is None or shape is None or not isinstance(parts, tuple) or len(parts) > len(table):
        return None
    if not is_plain_batch(model, x, 0) or not is_settled(model, node) or proven_equal(shape[1], 1):
        return None
    entry = entry_behind(model, x, 0)
    evidence = (stated(model, entry) or read_as_batch(model, entry)) if entry is not None else None
    if evidence is None:
        return None
    for axis, part in enumerate(parts):
        if one_row(part, shape[1]) and not any(proven_equal(s, shape[1]) for s in codes.shape):
            return Coded(x, cut, axis, evidence, single=True)
        if upto(part, shape[0]) and misses(codes.shape, axis, x):
            return Coded(x, cut, axis, evidence)
    return None


def one_row(part: Any, steps: Any) -> bool:
    """`pe[x.size(1)]`: a number where a slice is meant."""
    return isinstance(part, Dim) and bool(symbols(steps)) and proven_equal(part, steps)


def upto(part: Any, batch: Any) -> bool:
    """`:x.size(0)`."""
    upper, rest = getattr(part, "upper", None), [getattr(part, n, 0) for n in ("lower", "step")]
    return isinstance(upper, (int, Dim)) and rest == [None, None] and proven_equal(upper, batch)


def misses(codes: tuple[Any, ...], axis: int, x: Tensor) -> bool:
    """Do the rows of the table lie along the batch, the same for all steps, or along steps of another number?"""
    assert x.shape is not None
    along = axis + 3 - len(codes)
    if along == 0:
        return len(codes) == 3 and proven_equal(codes[1], 1) and not proven_equal(codes[0], 1)
    differ = symbols(codes[axis]) != symbols(x.shape[1]) or proven_different(codes[axis], x.shape[1])
    return along == 1 and differ and not proven_equal(codes[axis], x.shape[1])


def finding(model: Model, found: Coded) -> Finding:
    x, cut = found.x, found.cut
    assert x.shape is not None
    batch, steps = show(x.shape[0]), show(x.shape[1])
    codes, shape = show_shape(cut.output.shape), shape_text(x.shape)
    if found.single:
        text = f"takes row {steps} alone, {codes}: {shape} gets the same code at every step"
    elif found.axis + 3 - (cut.output.rank or 3) == 0:
        text = f"gives {codes}, which adds a different code per sample of {shape}, the same at every step"
    else:
        text = (
            f"gives {codes}, a code per sample for the {steps} steps of {shape}: it fits only where {batch} is {steps}"
        )
    written = text_of(model.file, cut.span)
    shown = f"`{written}`" if written and len(written) < 50 and "\n" not in written else name_of(cut)
    return Finding(
        place(cut),
        f"{shown} {text}",
        label=f"axis {found.axis} holds the positions",
        related=(found.evidence,),
        help=f"cut the table to the {steps} steps: "
        f"{'pe[:, :x.size(1)]' if found.axis else 'pe[:x.size(1)]'}{turn(found)}",
        edits=edits(model, found),
    )


def turn(found: Coded) -> str:
    """What brings the rows into the axis of the steps."""
    shape = found.cut.output.shape
    lying = found.axis == 0 and shape is not None and len(shape) == 3
    return ".transpose(0, 1)" if lying and found.cut.inputs[0].rank == 3 else ""


def edits(model: Model, found: Coded) -> tuple[Edit, ...]:
    """`self.pe[:x.size(1)].transpose(0, 1)` for `self.pe[:x.size(0)]`."""
    span, text = found.cut.span, text_of(model.file, found.cut.span)
    if found.single or len(re.findall(r"\.size\(0\)|\.shape\[0\]", text)) != 1 or not text.endswith("]"):
        return ()
    new = text.replace(".size(0)", ".size(1)").replace(".shape[0]", ".shape[1]")
    return (Edit(Span(span.path, span.start, span.end), new + turn(found)),)

"""The summary of a model as plain data: what `archlint summary` prints and `--output-format json` writes.

A `Count` is a number, the text of an expression in the model's symbols (`"512*(H//32)"`), or None: not known.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TypeAlias, Union

from archlint.text import Span

Count: TypeAlias = Union[int, str, None]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """Receptive field along one axis, in input positions.

    axis: role of the axis (`space0`, `space1`, `time`).  size: None if not known; `whole`: every output position
    sees the whole input, then size is None too.  jump: input positions between two neighbours, `"4"` or `"1/2"`.
    aligned: False where branches of different jump meet.
    """

    axis: str
    size: int | None
    jump: str | None
    whole: bool
    aligned: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One application of a layer.

    node: its number in the model's graph.  path: dotted path, Keras name or slim scope.
    op: short name (`Conv2d`), op_name: the qualified one.
    shape: for people, `(N, 64, H//2, W//2)`; dims: the same as data, None for unknown rank.
    params, state: trainable and non-trainable numbers, at the first application only; `shared` marks later ones.
    neurons: output values of a weight layer per sample; macs: multiply-accumulates per sample.
    receptive_field: for people, `7x7`, `all` or ""; fields: the same per axis.
    memory: bytes of the output per sample; 0 for views and in-place calls.
    span: where it is applied; line: its line if it stands in the model's own file, in a notebook that in its `cell`.
    unknown: why the shape is not known, "" if it is.
    """

    node: int
    path: str
    op: str
    op_name: str
    family: str
    shape: str
    dims: tuple[Count, ...] | None
    params: Count
    state: Count
    shared: bool
    neurons: Count
    macs: Count
    receptive_field: str
    fields: tuple[FieldRow, ...]
    memory: int | None
    span: Span
    line: int | None
    unknown: str
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class InputRow:
    """An entry tensor and where its shape came from: `declared`, `directive`, `example`, `first layer` …"""

    name: str
    shape: str
    dims: tuple[Count, ...] | None
    source: str
    line: int | None
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the model; every layer once.

    unapplied: trainable numbers of registered layers that are never applied, part of `trainable`.
    largest, largest_params, largest_share: the layer with most numbers, and its share of `params` (0..1).
    macs: per sample; None if some layer's are not known.
    """

    trainable: Count
    non_trainable: Count
    params: Count
    unapplied: Count
    largest: str
    largest_params: Count
    largest_share: float | None
    macs: Count


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """Activation memory in bytes: per sample, and at a batch size.  A lower bound: no workspace, no fragmentation.

    outputs: every output that is a storage of its own.  saved: kept for the backward pass.  peak: most alive at one
    time in inference.  training: saved + weights + gradients + two Adam moments; inference: peak + weights.
    None where a size is not known.  partial: layers whose saved tensors are not modelled were left out.
    """

    batch: int
    outputs_per_sample: int | None
    saved_per_sample: int | None
    peak_per_sample: int | None
    outputs: int | None
    saved: int | None
    peak: int | None
    weights: int | None
    training: int | None
    inference: int | None
    partial: bool


@dataclass(frozen=True, slots=True)
class LayerCount:
    """One way of counting layers: `count` to `most` where an undecided branch leaves it open; None: not known."""

    name: str
    count: int | None
    most: int | None
    convention: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A model in numbers.  understood: (calls whose output rank is known, calls).

    least_input: the least value of each open input size at which nothing is empty, where that is not 1.
    accepts: open input sizes that fit a declared number of features, `H=W 224..255`, "" if nothing asks for one.
    """

    model: str
    framework: str
    path: str
    line: int | None
    entry: str
    inputs: tuple[InputRow, ...]
    rows: tuple[Row, ...]
    totals: Totals
    memory: MemoryRow
    counts: tuple[LayerCount, ...]
    least_input: dict[str, int]
    accepts: str
    understood: tuple[int, int]
    complete: bool
    stops: tuple[str, ...]
    cell: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The same as dictionaries, lists, strings and numbers."""
        return asdict(self)

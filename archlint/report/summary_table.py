"""The summary of a model as a table of at most 120 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from archlint.facts.table import Count, InputRow, LayerCount, Row, Summary
from archlint.report.cells import COLORS, clean, text_width
from archlint.report.folding import folded, total
from archlint.report.listing import count
from archlint.text import line_shown

WIDTH = 120
INDENT = 14
FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "tf": "TensorFlow"}
HEADINGS = ("line", "layer", "op", "output", "parameters", "neurons", "field", "memory")
RIGHT = (True, False, False, False, True, True, True, True)
CUTS = (("neurons", 14), ("parameters", 12), ("layer", 24), ("neurons", 7), ("op", 14), ("layer", 12), ("output", 14))
"""What a table that is too wide gives up, in this order: a column and the width it keeps."""

NEURONS = ("conv", "conv_transpose", "dense", "recurrent")
"""Families of which the outputs are counted."""
MOST_REASONS = 5


def render_summary(summary: Summary, *, color: bool = False, depth: int | None = None) -> str:
    """One model: its inputs, a row per layer call, totals, counts, and what is not known.

    depth: how many names of a path are told apart; what is deeper is one row for each module.
    """
    place = summary.path if summary.line is None else f"{summary.path}:{line_shown(summary.line, summary.cell)}"
    framework = FRAMEWORKS.get(summary.framework, summary.framework)
    lines = [_bold(f"{clean(summary.model)}  {framework}, {clean(place)}", color)]
    lines += _field("inputs", [_input(one) for one in summary.inputs])
    if summary.rows:
        groups = [("", [row]) for row in summary.rows] if depth is None else folded(summary.rows, depth)
        cells = [_module_cells(module, rows) if module else _cells(rows[0]) for module, rows in groups]
        lines += ["", *_table(cells, color), ""]
    lines += _totals(summary)
    return "\n".join(lines) + "\n"


def _input(one: InputRow) -> str:
    return f"{clean(one.name)} {one.shape}  ({one.source})" if one.source else f"{clean(one.name)} {one.shape}"


def _module_cells(module: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """What the layers of a module do together: the shape and field of the last, the sums of all."""
    _, _, _, output, _, _, field, _ = _cells(rows[-1])
    neurons = [row.neurons for row in rows if row.family in NEURONS]
    memory = total([row.memory for row in rows])
    return (
        "",
        clean(module),
        f"{len(rows)} calls",
        output,
        number(total([row.params for row in rows]), none="-"),
        number(total(neurons)) if neurons else "-",
        field,
        "-" if memory == 0 else size(memory),
    )


def _cells(row: Row) -> tuple[str, ...]:
    neurons = row.family in NEURONS
    shared = row.shared and (neurons or row.family in ("embedding", "norm", "attention"))
    return (
        "" if row.line is None else line_shown(row.line, row.cell),
        clean(row.path),
        clean(row.op),
        "?" if row.unknown and row.dims is None else clean(row.shape),
        "shared" if shared else number(row.params, none="-"),
        number(row.neurons) if neurons else "-",
        row.receptive_field or "-",
        "-" if row.memory == 0 else size(row.memory),
    )


def _table(rows: Sequence[tuple[str, ...]], color: bool) -> Iterator[str]:
    widths = [max(map(text_width, column)) for column in zip(HEADINGS, *rows)]
    for name, least in CUTS:
        excess = sum(widths) + 2 * (len(widths) - 1) - WIDTH
        place = HEADINGS.index(name)
        widths[place] = max(widths[place] - max(excess, 0), min(widths[place], least))
    yield _bold(_aligned(HEADINGS, widths), color)
    for row in rows:
        yield _aligned(row, widths)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = []
    for place, (cell, width) in enumerate(zip(cells, widths)):
        text = _cut(cell, width, tail=HEADINGS[place] == "layer")
        space = " " * (width - text_width(text))
        shown.append(space + text if RIGHT[place] else text + space)
    return "  ".join(shown).rstrip()


def _cut(text: str, width: int, *, tail: bool) -> str:
    """`..layer4.1.conv2`: of a path the end tells most, of anything else the beginning."""
    if text_width(text) <= width:
        return text
    while text and text_width(text) > width - 2:
        text = text[1:] if tail else text[:-1]
    return f"..{text}" if tail else f"{text}.."


def _totals(summary: Summary) -> Iterator[str]:
    yield from _field("parameters", _parameters(summary))
    if summary.totals.macs not in (None, 0):
        yield from _field("operations", [f"{number(summary.totals.macs)} multiply-accumulates per sample"])
    yield from _field("memory", _memory(summary))
    yield from _field("layers", [_count(one) for one in summary.counts if one.count is not None])
    understood, calls = summary.understood
    yield from _field("understood", [f"{understood:,} of {count(calls, 'layer call')}"])
    unknown = dict.fromkeys((*summary.stops, *(row.unknown for row in summary.rows if row.unknown)))
    more = [f"and {len(unknown) - MOST_REASONS} more"] if len(unknown) > MOST_REASONS else []
    yield from _field("not known", [*map(clean, list(unknown)[:MOST_REASONS]), *more])


def _parameters(summary: Summary) -> Iterator[str]:
    totals = summary.totals
    yield f"{number(totals.trainable)} trainable, {number(totals.non_trainable)} not trainable"
    if totals.unapplied not in (None, 0):
        yield f"{number(totals.unapplied)} of them in layers that are never applied"
    if totals.largest and totals.largest_params not in (None, 0):
        share = "" if totals.largest_share is None else f" ({totals.largest_share:.0%})"
        yield f"most in {clean(totals.largest)}: {number(totals.largest_params)}{share}"


def _memory(summary: Summary) -> Iterator[str]:
    """Totals in float32 at the batch size asked for; at least so much, because workspace is not counted."""
    memory = summary.memory
    if memory.outputs is None and memory.weights is None:
        return
    yield f"float32, {count(memory.batch, 'sample')} in a batch; a lower bound: workspace is not counted"
    parts = {"outputs": memory.outputs, "kept for backward": memory.saved, "most alive in inference": memory.peak}
    known = [f"{name} {size(value)}" for name, value in parts.items() if value is not None]
    if known:
        yield ", ".join(known)
    sums = {"training with Adam": memory.training, "inference": memory.inference}
    known = [f"{name} {size(value)}" for name, value in sums.items() if value is not None]
    if known:
        yield "with weights: " + ", ".join(known)
    if memory.partial:
        yield "some layers keep tensors that are not modelled and not in these sums"


def _count(one: LayerCount) -> str:
    if one.most is None:
        shown = f"at least {one.count:,}"
    else:
        shown = f"{one.count:,}" if one.most == one.count else f"{one.count:,} to {one.most:,}"
    return f"{one.name} {shown}: {one.convention}"


def _field(name: str, texts: Sequence[str] | Iterator[str]) -> Iterator[str]:
    """A name and what is to say about it, each on a line of its own and wrapped."""
    title = name
    for text in texts:
        wrapped = textwrap.wrap(text, WIDTH - INDENT, break_long_words=False, subsequent_indent="  ")
        for line in wrapped or [""]:
            yield f"{title:<{INDENT}}{line}"
            title = ""


def number(value: Count, *, none: str = "?") -> str:
    """`1,792`; an expression as it is; `?` if not known, `none` for nothing."""
    if value is None:
        return "?"
    if isinstance(value, str):
        return value
    return f"{value:,}" if value else none.replace("?", "0")


def size(value: int | None) -> str:
    """Bytes as people read them: `900 B`, `225.0 KiB`, `1.4 GiB`."""
    if value is None:
        return "?"
    amount, unit = float(value), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:,.0f} B" if unit == "B" else f"{amount:,.1f} {unit}"


def _bold(text: str, color: bool) -> str:
    return f"\x1b[{COLORS['bold']}m{text}\x1b[0m" if color else text

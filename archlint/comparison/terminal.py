"""A comparison for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archlint.comparison.layers import LayerChange, LayerRow
from archlint.comparison.models import Comparison, Found, ModelChange
from archlint.comparison.wording import alike, amount, closing, heading, totals, what_it_is, whole
from archlint.report.cells import COLORS, clean, text_width
from archlint.report.listing import count

WIDEST = 36
"""Of the column of paths; a longer one pushes its own line."""
MOST_FOLLOW, MOST_ROWS = 3, 40
SIGNS = {"+": "32", "-": "31", "~": "33"}


def render_text(comparison: Comparison, *, color: bool = False) -> str:
    """Model by model: totals, layers (+ added, - removed, ~ changed), findings; then one line on all."""
    parts = ["\n".join(_model(change, color)) for change in comparison.changed]
    rest = [_signed("+", whole(row), color) for row in comparison.added]
    rest += [_signed("-", whole(row), color) for row in comparison.removed]
    rest += list(_findings(comparison.found, comparison.gone, color, ""))
    if rest:
        parts.append("\n".join(rest))
    return "\n\n".join([*parts, clean(closing(comparison))]) + "\n"


def _model(change: ModelChange, color: bool) -> Iterator[str]:
    yield _painted(clean(heading(change)), COLORS["bold"], color)
    for name, text in totals(change):
        yield f"  {name:<12} {clean(text)}"
    rows: list[tuple[str, str, str, int | None]] = []
    layers = change.layers
    rows += [("-", row.path or row.op, _without_name(row), row.line) for row in layers.removed]
    rows += [("+", row.path or row.op, _without_name(row), row.line) for row in layers.added]
    rows += [("~", paths, _with_name(one, text), one.line) for paths, text, one in alike(layers.changed)]
    width = min(max((text_width(clean(path)) for _, path, _, _ in rows), default=0), WIDEST)
    for sign, path, text, line in rows[:MOST_ROWS]:
        where = "" if line is None else f"  (line {line})"
        shown = clean(path)
        yield _signed(sign, f"{shown}{' ' * (width - text_width(shown))}  {clean(text)}{where}", color, "  ")
    if len(rows) > MOST_ROWS:
        yield f"  and {len(rows) - MOST_ROWS:,} lines more: --output-format json has them all"
    yield from _renamed(layers.renamed)
    if layers.follow:
        yield f"  in consequence {count(len(layers.follow), 'layer')} with other shapes or parameters:"
        groups = alike(layers.follow)
        yield from (f"      {clean(paths)}: {clean(text)}" for paths, text, _ in groups[:MOST_FOLLOW])
        if len(groups) > MOST_FOLLOW:
            yield f"      and {len(groups) - MOST_FOLLOW:,} lines more"
    yield from _findings(change.found, change.gone, color, "  ")
    if not all(change.understood):
        yield "  not all of this model is understood: layers that are not may differ too"


def _without_name(row: LayerRow) -> str:
    """A call without a path is named by what it is, once."""
    return what_it_is(row) if row.path else ", ".join(filter(None, (row.arguments, amount(row.params), row.shape)))


def _with_name(one: LayerChange, text: str) -> str:
    """A layer that is another one now is named by what changed."""
    return f"{one.op}: {text}" if one.path and one.op == one.op_before else text


def _renamed(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    if pairs:
        shown = ", ".join(f"{clean(old)} -> {clean(new)}" for old, new in pairs[:MOST_FOLLOW])
        more = f" and {len(pairs) - MOST_FOLLOW:,} more" if len(pairs) > MOST_FOLLOW else ""
        yield f"  renamed {shown}{more}"


def _findings(found: Sequence[Found], gone: Sequence[Found], color: bool, indent: str) -> Iterator[str]:
    for one in found:
        text = f"finding {one.code} {one.severity}: {clean(one.message)}  ({clean(one.place)})"
        yield _signed("+", text, color, indent, COLORS[one.severity])
    for one in gone:
        yield _signed("-", f"finding {one.code} {one.severity}: {clean(one.message)}", color, indent)


def _signed(sign: str, text: str, color: bool, indent: str = "", paint: str = "") -> str:
    return f"{indent}{_painted(f'{sign} {text}', paint or SIGNS[sign], color)}"


def _painted(text: str, paint: str, color: bool) -> str:
    return f"\x1b[{paint}m{text}\x1b[0m" if color else text

"""Models as they stand in a page: where each is defined, what it sums up to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from archlint.server.analysis import Analysis
from archlint.server.shapes import SILENT, shape_text

if TYPE_CHECKING:
    from archlint.facts.table import Count, Summary
    from archlint.graph import Node
    from archlint.model import Model

MOST_LAYERS = 2_000
PREFIXES = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))


def definitions(analysis: Analysis) -> list[tuple[tuple[int, int], list[Model]]]:
    """Where models are defined, by the range of the name: of the function that builds one, else of its class or call.

    A class that several functions build is told of as well.
    """
    functions = {name: (start, start + len(name)) for name, start in _functions(analysis)}
    found: dict[tuple[int, int], list[Model]] = {}
    for model in analysis.models:
        own = (model.span.start, model.span.end) if model.span.path == analysis.path else None
        built = functions.get(model.name.partition("#")[0])
        for place in dict.fromkeys(p for p in (built, own) if p is not None and p[1] > p[0]):
            found.setdefault(place, []).append(model)
    return sorted(found.items(), key=lambda item: item[0])


def _functions(analysis: Analysis) -> Iterator[tuple[str, int]]:
    from archlint.source import ir

    for chunk in analysis.source.chunks:
        for statement in chunk.body:
            if isinstance(statement, ir.FunctionDef):
                yield statement.name, analysis.page.text.find(statement.name, chunk.base + statement.start)


def lenses(analysis: Analysis, start: int, end: int) -> Iterator[types.CodeLens]:
    """A line above each model: what it sums up to, and its graph."""
    for (first, last), models in analysis.definitions():
        if not start <= first < end:
            continue
        location = analysis.page.location(first, last)
        uri = analysis.page.uri
        title = _title([analysis.summary(model) for model in models])
        names = [models[0].name] if len(models) == 1 else []
        show = types.Command(title=title, command="archlint.showGraph", arguments=[uri, *names])
        yield types.CodeLens(location.range, show)
        yield types.CodeLens(
            location.range, types.Command(title="Show graph", command="archlint.showGraph", arguments=[uri, *names])
        )


def _title(summaries: list[Summary]) -> str:
    """`12 layers · 25.6 M parameters`; of several models, from the least to the greatest."""
    counts = [len(summary.rows) for summary in summaries]
    totals = [summary.totals.params for summary in summaries]
    head = f"{len(summaries)} models · " if len(summaries) > 1 else ""
    known = sorted(total for total in totals if isinstance(total, int))
    if not known or len(known) != len(totals):
        weights = f"{short(totals[0])} parameters" if len(totals) == 1 else "parameters not all known"
    else:
        ends = dict.fromkeys((short(known[0]), short(known[-1])))
        weights = f"{' … '.join(ends)} parameters"
    layers = " … ".join(dict.fromkeys(str(n) for n in (min(counts), max(counts))))
    return f"{head}{layers} layer{'s' * (counts != [1])} · {weights}"


def short(count: Count) -> str:
    """`25.6 M`."""
    if not isinstance(count, int):
        return "?" if count is None else count
    for unit, prefix in PREFIXES:
        if count >= unit:
            return f"{count / unit:.3g} {prefix}" if count < 1000 * unit else f"{count // unit:,} {prefix}"
    return str(count)


def symbols(analysis: Analysis, uri: str) -> list[types.DocumentSymbol]:
    """Models with their layers, for the outline."""
    first, last = analysis.page.whole_of(uri)
    found = []
    seen: set[int] = set()
    for (start, end), models in analysis.definitions():
        if not first <= start <= last:
            continue
        for model in models:
            if id(model) not in seen:
                seen.add(id(model))
                found.append(_symbol(analysis, uri, model, (start, end)))
    return found


def _symbol(analysis: Analysis, uri: str, model: Model, name: tuple[int, int]) -> types.DocumentSymbol:
    layers = [child for child in (_layer(analysis, uri, node) for node in model.nodes[:MOST_LAYERS]) if child]
    selection = analysis.page.location(*name).range
    whole = types.Range(
        min((selection.start, *(c.range.start for c in layers)), key=_order),
        max((selection.end, *(c.range.end for c in layers)), key=_order),
    )
    return types.DocumentSymbol(
        name=model.name, detail=_title([analysis.summary(model)]), kind=types.SymbolKind.Class,
        range=whole, selection_range=selection, children=layers,
    )  # fmt: skip


def _layer(analysis: Analysis, uri: str, node: Node) -> types.DocumentSymbol | None:
    if node.family in SILENT or (node.family == "identity" and node.layer is None) or node.span.path != analysis.path:
        return None
    place = analysis.page.location(node.span.start, node.span.end)
    if place.uri != uri:
        return None
    op = node.op.rpartition(".")[2]
    kind = types.SymbolKind.Field if node.layer is not None else types.SymbolKind.Operator
    return types.DocumentSymbol(
        name=f"{node.path}: {op}" if node.path else op, detail=shape_text(node.output), kind=kind,
        range=place.range, selection_range=place.range,
    )  # fmt: skip


def _order(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def highlights(analysis: Analysis, uri: str, offset: int) -> list[types.DocumentHighlight]:
    """The call under the cursor, what it reads, and what reads what it gives."""
    around = [p for p in analysis.places() if p.start <= offset <= p.end and p.kind != "definition"]
    if not around:
        return []
    place = min(around, key=lambda p: p.end - p.start)
    found: dict[tuple[int, int], types.DocumentHighlightKind] = {}
    for model, node in place.nodes:
        for other in model.graph.consumers(node.id):
            _mark(found, analysis, other, types.DocumentHighlightKind.Read)
        for other in model.graph.producers(node.id):
            _mark(found, analysis, other, types.DocumentHighlightKind.Write)
    found[place.start, place.end] = types.DocumentHighlightKind.Text
    shown = ((analysis.page.location(*span), kind) for span, kind in sorted(found.items()))
    return [types.DocumentHighlight(at.range, kind) for at, kind in shown if at.uri == uri]


def _mark(
    found: dict[tuple[int, int], types.DocumentHighlightKind],
    analysis: Analysis,
    node: Node,
    kind: types.DocumentHighlightKind,
) -> None:
    if node.span.path == analysis.path:
        found.setdefault((node.span.start, node.span.end), kind)

"""What stands under the cursor: a layer, a model, a finding, a suppression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from archlint.server.analysis import Analysis
from archlint.server.shapes import SILENT, shape_text

if TYPE_CHECKING:
    from archlint.facts.table import Count, Row, Summary
    from archlint.graph import Node
    from archlint.model import Model
    from archlint.text import Span

MOST_NODES = 4
MOST_MODELS = 6
PAGE_LINES = 40
TIMES = "\u00d7"


def hover(analysis: Analysis, offset: int) -> types.Hover | None:
    """All that is known of a place; None where that is nothing."""
    parts = [*_rules(analysis, offset)]
    where, text = _model_at(analysis, offset) or _layer_at(analysis, offset) or (None, "")
    if text:
        parts.insert(0, text)
    if not parts:
        return None
    place = None if where is None else analysis.page.location(*where).range
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(parts)), place)


def _rules(analysis: Analysis, offset: int) -> Iterator[str]:
    """The rules of findings at the place, and those that a suppression there names."""
    from archlint.rule import rules

    names: dict[str, None] = {}
    for one in analysis.diagnostics:
        span = one.finding.span
        if span.path == analysis.path and span.start <= offset <= span.end:
            names[one.code] = None
    for directive in analysis.source.directives:
        if directive.start <= offset <= directive.end:
            names.update(dict.fromkeys(directive.codes))
    for name in names:
        for rule in rules().values():
            if name.upper() == rule.code or name.lower() == rule.name:
                yield _page(rule.page)


def _page(text: str) -> str:
    """What a rule's page says before its first example."""
    lines = text.strip().splitlines()
    kept: list[str] = []
    for line in lines[:PAGE_LINES]:
        if line.startswith("## Example"):
            break
        kept.append(
            f"### {line[2:]}" if line.startswith("# ") else f"**{line[3:]}**" if line.startswith("## ") else line
        )
    return "\n".join(kept).strip()


def _layer_at(analysis: Analysis, offset: int) -> tuple[tuple[int, int], str] | None:
    """The layer that is applied or made at the place: the one whose text closes most tightly around it."""
    best: tuple[int, tuple[int, int]] | None = None
    found: list[tuple[Model, Node]] = []
    for model in analysis.models:
        for node in model.nodes:
            if node.family in SILENT:
                continue
            for span in (node.span, node.made_at):
                if span is None or not _holds(span, analysis, offset):
                    continue
                key = (span.end - span.start, (span.start, span.end))
                if best is None or key[0] < best[0]:
                    best, found = key, []
                if key == best and all(known is not node for _, known in found):
                    found.append((model, node))
    if best is None:
        return None
    return best[1], _layers(analysis, found)


def _holds(span: Span, analysis: Analysis, offset: int) -> bool:
    return span.path == analysis.path and span.start <= offset <= span.end


def _layers(analysis: Analysis, found: list[tuple[Model, Node]]) -> str:
    """Applications one below the other; of many, the first and the last of each model."""
    named = len({model.name for model, _ in found}) > 1
    texts = list(dict.fromkeys(_layer(analysis, model, node, named) for model, node in found))
    if len(texts) > MOST_NODES:
        half = MOST_NODES // 2
        texts = [*texts[:half], f"… {len(texts) - MOST_NODES} more …", *texts[-half:]]
    return "\n\n".join(texts)


def _layer(analysis: Analysis, model: Model, node: Node, named: bool) -> str:
    row = analysis.row(model, node)
    head = f"**{node.op.rpartition('.')[2]}**" + (f" `{node.path}`" if node.path else "")
    head += f" in `{model.name}`" if named else ""
    given = ", ".join(shape_text(t) for t in node.inputs)
    gives = ", ".join(shape_text(t) for t in node.outputs)
    lines = [head, f"```text\n{given} → {gives}\n```"]
    if node.unknown:
        lines.append(f"not known: {node.unknown}")
    if row is not None:
        lines.append(" · ".join(_numbers(row)))
    return "\n\n".join(line for line in lines if line)


def _amount(amount: Count) -> str:
    """As code where it is a formula: Markdown takes `2*H*W` for emphasis."""
    text = number(amount)
    return f"`{text}`" if "*" in text else text


def _numbers(row: Row) -> Iterator[str]:
    """What a layer costs and sees."""
    if row.shared:
        yield "shares its parameters with an earlier call"
    elif row.params:
        yield f"{number(row.params)} parameters"
    if row.macs:
        yield f"{_amount(row.macs)} multiply-accumulates per sample"
    if row.receptive_field:
        yield f"receptive field {row.receptive_field.replace('x', TIMES)}"


def number(count: Count) -> str:
    """`25,557,032`, or the expression."""
    return "?" if count is None else f"{count:,}" if isinstance(count, int) else count


def _model_at(analysis: Analysis, offset: int) -> tuple[tuple[int, int], str] | None:
    """The models that a class, function or variable at the place stands for."""
    for (start, end), models in analysis.definitions():
        if start <= offset <= end:
            texts = [_model(analysis.summary(model)) for model in models[:MOST_MODELS]]
            more = [f"… and {len(models) - MOST_MODELS} more models"] if len(models) > MOST_MODELS else []
            return (start, end), "\n\n".join([*texts, *more])
    return None


def _model(summary: Summary) -> str:
    totals = summary.totals
    lines = [f"**{summary.model}**"]
    for one in summary.inputs:
        lines.append(f"input `{one.name}` {one.shape.replace('//', '/')}" + (f" ({one.source})" if one.source else ""))
    own = f"{number(totals.trainable)} parameters"
    if totals.non_trainable:
        own += f", {number(totals.non_trainable)} not trained"
    lines.append(own + (f"; most in `{totals.largest}`" if totals.largest and totals.largest_share else ""))
    if totals.macs:
        lines.append(f"{_amount(totals.macs)} multiply-accumulates per sample")
    if summary.accepts:
        lines.append(f"accepts {summary.accepts}")
    if summary.least_input:
        lines.append("at least " + ", ".join(f"{name}={least}" for name, least in summary.least_input.items()))
    understood, calls = summary.understood
    if understood < calls:
        lines.append(f"{understood} of {calls} layer calls understood")
    return "  \n".join(lines)

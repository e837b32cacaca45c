"""ARC006: a comment states another input than the code."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, InputRecord, Label, Model, Shape, Span, proven_different, rule, show_shape
from archlint_rules.flow import block_of

SAID = {"declared": "declares", "example": "gives"}


@rule("ARC006", "input-shape-conflict", severity="warning", category="analysis", scope="file")
def input_shape_conflict(facts: FileFacts) -> Iterator[Finding]:
    """Comments that the evaluation did not need, as the code states the input too, and that say something else."""
    for line, _, shape in facts.stated:
        records = [record for model in facts.models if (record := stated_in_code(facts, model, line)) is not None]
        if records and all(conflict(shape, record.shape) for record in records):
            yield finding(facts, line, shape, records[0])


def stated_in_code(facts: FileFacts, model: Model, line: int) -> InputRecord | None:
    """The only input of a model that the comment is about, if the code states it: in the class, or on its line."""
    if len(model.inputs) != 1 or model.inputs[0].source not in SAID or model.inputs[0].span.path != facts.path:
        return None
    record = model.inputs[0]
    roots = [module for module in model.modules if not module.path]
    spans = [module.class_span for module in roots if module.class_span.path == facts.path]
    first, last = facts.lines.line_of(record.span.start), facts.lines.line_of(record.span.end - 1)
    within = any(in_block(facts, span, line) for span in spans) if spans else first <= line <= last
    return record if within else None


def in_block(facts: FileFacts, name: Span, line: int) -> bool:
    """Is the line one of the class whose name stands at the place, or the one above it?"""
    first = facts.lines.line_of(name.start)
    return first - 1 <= line < first + block_of(facts, name).count("\n") + 1


def conflict(stated: Shape, known: Shape) -> bool:
    """Do two shapes differ for certain?  The batch does not count: an example call has one, a comment has none."""
    if stated is None or known is None:
        return False
    return len(stated) != len(known) or any(map(proven_different, stated[1:], known[1:]))


def finding(facts: FileFacts, line: int, shape: Shape, record: InputRecord) -> Finding:
    directive = next(d for d in facts.directives if d.line == line and d.kind == "input")
    code = facts.lines.line_of(record.span.start)
    return Finding(
        Span(facts.path, directive.start, directive.end),
        f"the comment says {show_shape(shape)}, the code {SAID[record.source]} {show_shape(record.shape)} "
        f"(line {code}): the comment has no effect",
        related=(Label(record.span, f"{show_shape(record.shape)} counts"),),
        help="make the comment say the same, or remove it",
    )

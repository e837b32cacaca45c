"""ARC117: a view of axes that a permutation has moved apart in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Label, Model, Node, Span, Torn, rule, torn_views
from archlint_rules.certainty import settled
from archlint_rules.flow import ancestors, place, text_of
from archlint_rules.origins import is_entry, record_of
from archlint_rules.shapes.calls import call_name
from archlint_rules.wording import name_of, output_shape, shape_text


@rule("ARC117", "view-on-noncontiguous", severity="error", category="shapes", fix="safe")
def view_on_noncontiguous(model: Model) -> Iterator[Finding]:
    """`x.permute(0, 2, 1).view(n, -1)`: a view copies nothing, so it cannot join what does not lie together."""
    seen: set[Span] = set()
    for node, torn in torn_views(model.graph) if model.framework == "torch" else ():
        if node.span not in seen and known(model, node, torn):
            seen.add(node.span)
            yield finding(model, node, torn)


def known(model: Model, node: Node, torn: Torn) -> bool:
    """Is the memory told by the program?  An input that nobody states may come from a permutation itself."""
    entries = [n for n in ancestors(model, node) if is_entry(n)]
    if not all(settled(model, node, e) for e in entries):
        return False
    moved = model.graph[torn.moved]
    source = model.graph[moved.inputs[0].node]
    record = record_of(model, source) if is_entry(source) else None
    return record is None or record.source in ("directive", "example")


def finding(model: Model, node: Node, torn: Torn) -> Finding:
    """Which axes, and who moved them."""
    moved, (left, right) = model.graph[torn.moved], torn.axes
    given = node.inputs[0].shape
    return Finding(
        node.span,
        f"{call_name(model, node)}: view joins axes {left} and {right} of {shape_text(given)}, which {name_of(moved)} "
        "has moved apart in memory",
        label=f"gives {output_shape(node)}" if node.output.shape else "",
        related=(Label(place(moved), f"{name_of(moved)} gives {output_shape(moved)} without moving anything"),)
        if moved.span.end < node.span.start or moved.span.path != node.span.path
        else (),
        help="use .reshape(...), which copies where it has to, or .contiguous() before the view",
        notes=() if torn.sure else ("a size of 1, or inputs in another memory format, can hide it",),
        layer=node.path,
        severity=None if torn.sure else "warning",
        confidence=None if torn.sure else "likely",
        edits=reshaped(model, node),
        safe=True,
    )


def reshaped(model: Model, node: Node) -> tuple[Edit, ...]:
    """`.reshape` in the place of `.view`: the same values wherever the view is possible."""
    written = text_of(model.file, node.span)
    for found in re.finditer(r"\.(view)\s*\(", written):
        depth, inside = 1, written[found.end() :]
        closed = [i for i, c in enumerate(inside) if (depth := depth + (c in "([{") - (c in ")]}")) == 0]
        if closed and closed[0] == len(inside) - 1:
            start = node.span.start + found.start(1)
            return (Edit(Span(node.span.path, start, start + len("view")), "reshape"),)
    return ()

"""ARC131: `x.shape(0)` and `x.size[0]`."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Span, rule
from archlint_rules.wiring.places import text_at, unguarded


@rule("ARC131", "shape-misread", severity="error", category="shapes", scope="file", fix="unsafe")
def shape_misread(facts: FileFacts) -> Iterator[Finding]:
    """The attribute is called, or the method is indexed."""
    for slip in unguarded(facts, "shape misread"):
        behind = slip.places[0]
        opened = facts.lines.text.index("(" if slip.subject == "shape" else "[", behind.start)
        inner = facts.lines.text[opened + 1 : behind.end - 1].strip()
        before = text_at(facts, Span(behind.path, slip.span.start, behind.start))
        shape = slip.subject == "shape"
        right = (before if not inner else f"[{inner}]") if shape else f"({inner})"
        edit = Edit(Span(behind.path, behind.start, behind.end), "" if shape and not inner else right)
        yield Finding(
            slip.span,
            f"`{before}` is an attribute and cannot be called" if shape else f"`{before}` is a method and has no index",
            label="torch.Size is not callable" if shape else "not subscriptable",
            help=f"write `{before}{right if inner or not shape else ''}`",
            edits=(edit,),
        )

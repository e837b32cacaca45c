"""ARC627: an optimizer that is given something else than parameters."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Slip, Span, rule
from archlint_rules.wiring.places import text_at, unguarded


@rule("ARC627", "optimizer-parameters", severity="error", category="wiring", scope="file", fix="unsafe")
def optimizer_parameters(facts: FileFacts) -> Iterator[Finding]:
    """`Adam(model)`, `Adam(model.parameters)`, `Adam(a.parameters() + b.parameters())`."""
    for slip in unguarded(facts, "not parameters"):
        yield finding(facts, slip)


def finding(facts: FileFacts, slip: Slip) -> Finding:
    written = text_at(facts, slip.span)
    end = Span(slip.span.path, slip.span.end, slip.span.end)
    if slip.subject == "sum":
        return Finding(
            slip.span,
            "`parameters()` gives a generator, and generators cannot be added",
            label="PyTorch: unsupported operand type(s) for +",
            help="put them into one list: `[*a.parameters(), *b.parameters()]`",
        )
    missing = ".parameters()" if slip.subject == "module" else "()"
    return Finding(
        slip.span,
        f"`{slip.numbers[0]}` takes parameters, and is given "
        + ("the module itself" if slip.subject == "module" else "the method that lists them"),
        label="not iterable",
        help=f"write `{written}{missing}`" if written.replace(".", "").isidentifier() else f"add `{missing}`",
        edits=(Edit(end, missing),),
    )

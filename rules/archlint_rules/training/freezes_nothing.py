"""ARC516: weights that stay trainable, though the code means to freeze them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Slip, Span, rule
from archlint_rules.wiring.places import met


@rule("ARC516", "freezes-nothing", severity="warning", category="training", scope="file", fix="unsafe")
def freezes_nothing(facts: FileFacts) -> Iterator[Finding]:
    """`parameter.require_grad = False`, `module.requires_grad = False`."""
    for slip in met(facts, "freezes nothing"):
        if slip.numbers[0] == "module":
            if not of_its_own(facts.lines.text, slip.span):
                yield of_module(facts, slip)
        elif not re.search(rf"\.{slip.subject}\b(?!\s*=[^=])", facts.lines.text):
            yield Finding(
                slip.span,
                f"`{slip.subject}` is no attribute of a parameter: this sets one that nothing reads",
                label="misspelled",
                help="write `requires_grad`",
                edits=(Edit(slip.span, "requires_grad"),),
            )


def of_its_own(text: str, name: Span) -> bool:
    """`self.requires_grad = requires_grad`: a setting that the class keeps for itself."""
    if not text[: name.start].endswith("self."):
        return False
    stated = re.match(r"\s*=\s*(?:True|False)\b", text[name.end :])
    return stated is None or re.search(r"\bself\.requires_grad\b(?!\s*=[^=])", text) is not None


def of_module(facts: FileFacts, slip: Slip) -> Finding:
    text, path = facts.lines.text, slip.span.path
    assigned = re.compile(r"\s*=\s*(True|False)[ \t]*(?=\n|#|;|$)").match(text, slip.span.end)
    edits: tuple[Edit, ...] = ()
    if assigned is not None:
        edits = (Edit(Span(path, slip.span.start, assigned.end(1)), f"requires_grad_({assigned[1]})"),)
    return Finding(
        slip.span,
        "`requires_grad` of a module is an attribute that nothing reads: its parameters keep their own",
        label="changes no parameter",
        help=f"write `requires_grad_({assigned[1] if assigned else '…'})`, which sets it of every parameter",
        edits=edits,
    )

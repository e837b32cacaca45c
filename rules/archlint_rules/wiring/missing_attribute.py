"""ARC623: a name that a module does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Label, rule
from archlint_rules.wiring.places import unguarded


@rule("ARC623", "missing-attribute", severity="error", category="wiring", scope="file", fix="unsafe")
def missing_attribute(facts: FileFacts) -> Iterator[Finding]:
    """`self.fc_2` where `__init__` made `self.fc2`."""
    for slip in unguarded(facts, "no attribute"):
        cls, _, name = slip.subject.rpartition(".")
        if written(facts.lines.text, cls, name):
            continue
        near = slip.numbers[0] if slip.numbers else ""
        yield Finding(
            slip.span,
            f"`{cls}` has no attribute `{name}`",
            label=f"it has `{near}`" if near else "nothing in the file gives it one",
            related=(Label(slip.places[0], "made here"),),
            help=f"did you mean `{near}`?" if near else f"give it `self.{name}` in its `__init__`",
            edits=(Edit(slip.span, near),) if near else (),
        )


def written(text: str, cls: str, name: str) -> bool:
    """May the file give it one: `net.name = …`, `setattr(net, "name", …)`, a class derived from it?"""
    word, derived = re.escape(name), re.escape(cls)
    stored = rf"\.{word}\s*(?:[-+*/@|&]?=(?!=)|:\s*\w|,[^()\n]*=(?!=))|['\"]{word}['\"]|\b(?:def|class)\s+{word}\b"
    inherited = rf"\bclass\s+\w+\s*\([^)]*\b{derived}\b"
    return re.search(rf"{stored}|{inherited}|\b(?:for|as)\s+[\w.]+\.{word}\b", text) is not None

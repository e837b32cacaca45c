"""ARC628: a child of a module whose name has a dot in it."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, rule
from archlint_rules.wiring.places import unguarded


@rule("ARC628", "child-name-with-dot", severity="error", category="wiring", scope="file")
def child_name_with_dot(facts: FileFacts) -> Iterator[Finding]:
    """`nn.ModuleDict({"layer.1": nn.Linear(4, 4)})`."""
    for slip in unguarded(facts, "name with dot"):
        yield Finding(
            slip.span,
            f"`{slip.subject}` cannot be a child's name: the parts of a path are told by dots",
            label="""PyTorch: module name can't contain \".\"""",
            help=f"call it `{slip.subject.replace('.', '_')}`",
        )

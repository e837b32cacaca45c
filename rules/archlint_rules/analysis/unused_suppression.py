"""ARC005: a suppression of nothing; the engine reports it once all findings are known."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, rule


@rule("ARC005", "unused-suppression", severity="info", category="analysis", scope="engine", fix="safe")
def unused_suppression(file: FileFacts) -> Iterator[Finding]:
    """Nothing: what is unused is known after all rules."""
    yield from ()

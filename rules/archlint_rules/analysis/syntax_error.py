"""ARC001: what does not parse; the engine reports it while reading the file."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, rule


@rule("ARC001", "syntax-error", severity="error", category="analysis", scope="engine")
def syntax_error(file: FileFacts) -> Iterator[Finding]:
    """Nothing: parsing yields these findings."""
    yield from ()

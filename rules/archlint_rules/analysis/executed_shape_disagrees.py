"""ARC007: a value that is not what was inferred; running the model yields these findings."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, rule


@rule("ARC007", "executed-shape-disagrees", severity="error", category="analysis", scope="engine")
def executed_shape_disagrees(model: Model) -> Iterator[Finding]:
    """Nothing: the executed mode yields these findings."""
    yield from ()

"""ARC008: a model that raises when it is built or called; running the model yields these findings."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, rule


@rule("ARC008", "executed-model-failed", severity="error", category="analysis", scope="engine")
def executed_model_failed(model: Model) -> Iterator[Finding]:
    """Nothing: the executed mode yields these findings."""
    yield from ()

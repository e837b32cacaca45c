"""`module.forward(x)` where `module(x)` is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, rule
from archlint_rules.wiring.places import met, text_at

_SCRIPTED = re.compile(r"\bjit\.(interface|script|export)\b|@jit\b")
"""TorchScript calls a module that is declared by its interface through `forward`."""


@rule("ARC608", "direct-forward-call", severity="info", category="wiring", scope="file", fix="safe")
def direct_forward_call(facts: FileFacts) -> Iterator[Finding]:
    if _SCRIPTED.search(facts.lines.text):
        return
    for slip in met(facts, "forward called"):
        written = text_at(facts, slip.span)
        module = written.removesuffix(".forward").strip()
        yield Finding(
            slip.span,
            f"`{module}.forward(…)` runs no hook of the module",
            label="goes round __call__",
            help=f"call `{module}(…)`",
            notes=("hooks are how pruning, quantisation, weight_norm and sharded training do their work",),
            edits=(Edit(slip.places[0], ""),) if module.isidentifier() or "\n" not in written else (),
            safe=True,
        )

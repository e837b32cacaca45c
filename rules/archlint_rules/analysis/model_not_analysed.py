"""ARC002: how much of a model was understood, and where that ended."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, rule


@rule("ARC002", "model-not-analysed", severity="info", category="analysis", default=False)
def model_not_analysed(model: Model) -> Iterator[Finding]:
    """Models with layers of unknown shape, or whose code could not be followed to the end."""
    known, calls = model.understood
    if known == calls and model.complete:
        return
    stop = next((s for s in model.stops if s.where is not None), model.stops[0] if model.stops else None)
    where = next((n for n in model.nodes if n.output.shape is None and n.output.last is None), None)
    text = f"{known} of {calls} layers have shapes"
    if stop is not None:
        text += f"; stopped at {stop.about} ({stop.why})" if stop.about else f"; stopped: {stop.why}"
    elif where is not None and where.unknown:
        text += f"; {where.unknown}"
    related: tuple[Label, ...] = ()
    if stop is not None and stop.where is not None:
        related = (Label(stop.where, f"not followed any further: {stop.why}"),)
    elif where is not None:
        related = (Label(where.span, "no shape from here on"),)
    yield Finding(model.span, text, related=related, help=way_out(model) if stop is None else "")


def way_out(model: Model) -> str:
    """What the user can tell archlint."""
    if any(record.source == "open" for record in model.inputs):
        return "state the input's shape: # archlint: input=(N, 3, 224, 224)"
    return ""

"""ARC612: an input that changes no output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, GivenInput, Label, Model, Span, rule
from archlint_rules.flow import ancestors, text_of
from archlint_rules.wiring.functional_graph_disconnected import missing
from archlint_rules.wiring.result_never_used import thrown_away

_LOSS = re.compile(r"add_loss|add_metric|compute_loss|train_step|\.function\(|GradientTape")
"""Ways to use an input past the outputs."""
_EXPECTED = re.compile(r"_|unused|dummy|args?$|kwargs$|.*mask|.*label|target|batch_idx|training|y$")


@rule("ARC612", "unreached-input", severity="warning", category="wiring")
def unreached_input(model: Model) -> Iterator[Finding]:
    """Tensors of `Model(inputs=…)` that no output depends on; parameters of a `forward` that it never reads."""
    if model.given is None or model.file is None or not model.complete:
        return
    if any(n.family == "other" or n.branch for n in model.nodes):
        return  # what is called there may hold the tensor already
    if model.framework == "keras" and (model.stops or any(t.shape is None for n in model.nodes for t in n.outputs)):
        return  # what is not understood may have read it
    if missing(model):
        return  # ARC611 is about those
    for given in model.given:
        if given.node >= 0:
            continue
        if model.framework == "keras" and not _LOSS.search(model.file.lines.text) and not lost(model.file, given):
            yield of_keras(model, given)
        if model.framework == "torch" and never_mentioned(model, given):
            yield of_torch(model, given)


def lost(facts: FileFacts, given: GivenInput) -> bool:
    """Is what a layer makes of the input thrown away: `b = branch(meta)`, and `a` is used twice?  ARC606 says so."""
    for model in facts.models:
        for _, nodes, _, _ in thrown_away(model):
            above = {n.id for node in nodes for n in ancestors(model, node)}
            if any(r.node in above and r.span == given.span for r in model.inputs):
                return True
            if any(model.graph[i].family == "input" and model.graph[i].span == given.span for i in above):
                return True
    return False


def of_keras(model: Model, given: GivenInput) -> Finding:
    return Finding(
        given.span,
        f"input `{given.name}` does not influence any output",
        label=f"`{given.name}` is made here",
        related=(Label(model.given_at or model.span, "the model takes it, but no output depends on it"),),
        help=f"let a layer read `{given.name}`, or leave it out of inputs=",
        notes=("Keras accepts it silently: the data for it are asked for, and ignored",),
    )


def never_mentioned(model: Model, given: GivenInput) -> bool:
    """Does a method of its own, called nowhere else under another signature, leave the parameter alone?"""
    if model.file is None or given.span not in model.file.flow.ignored or _EXPECTED.match(given.name.lower()):
        return False
    own = next((m for m in model.modules if m.path == ""), None)
    record = model.classes.get(own.class_name) if own is not None else None
    if own is None or record is None or record.subclassed or own.foreign_base:
        return False
    bases = model.file.index.classes[own.class_name].bases
    return bases in (["nn.Module"], ["torch.nn.Module"], ["Module"]) and not shared_form(model, given)


def shared_form(model: Model, given: GivenInput) -> bool:
    """Do other classes of the file take the same parameter?  Then it is a form that all of them keep."""
    assert model.file is not None
    heads = re.findall(r"def forward\(([^)]*)\)", model.file.lines.text)
    return sum(bool(re.search(rf"\b{re.escape(given.name)}\b", head)) for head in heads) > 1


def of_torch(model: Model, given: GivenInput) -> Finding:
    whole = Span(given.span.path, given.span.start, given.span.end)
    return Finding(
        whole,
        f"`{text_of(model.file, whole) or given.name}` does not influence any output: forward never reads it",
        label="given a tensor, never read",
        related=(Label(model.span, "its call hands over a tensor for it"),),
        help="use it, delete it, or call it `_` if others need the signature",
        severity="info",
    )

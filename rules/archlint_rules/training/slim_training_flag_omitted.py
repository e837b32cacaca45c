"""ARC503: a function has `is_training`, and its slim dropout or batch normalisation is not told."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Label, Model, Node, Span, rule
from archlint_rules.training.dropouts import literal
from archlint_rules.training.enclosing import Def, flag_of, function_of, start_of, tested
from archlint_rules.training.layer_never_in_training_mode import with_keyword
from archlint_rules.wording import op_name

_OPS = ("tf_slim.dropout", "tf_slim.batch_norm")


@rule(
    "ARC503", "slim-training-flag-omitted", severity="warning", confidence="likely", category="training", fix="unsafe"
)
def slim_training_flag_omitted(model: Model) -> Iterator[Finding]:
    """Slim's random and batch-dependent layers in a function with a flag that does not reach them."""
    seen: set[object] = set()
    for node in model.family("dropout", "norm"):
        if node.op not in _OPS or "is_training" in node.given or not node.scope_known or not active(model, node):
            continue
        function = function_of(model.file, node.span)
        flag = flag_of(function) if function is not None else None
        if function is None or flag is None or tested(model.file, (node.span, *node.calls)):
            continue
        key = (start_of(model.file, function), node.op) if as_normaliser(node) and model.file else node.span
        if key not in seen:
            seen.add(key)
            yield finding(model, node, function, flag)


def active(model: Model, node: Node) -> bool:
    """Does training mode matter?  A `keep_prob` that the caller sets to 1 switches a dropout off by itself."""
    if node.family == "norm":
        return True
    keep = node.args.get("keep_prob")
    known = isinstance(keep, (int, float)) and keep < 1
    return known and ("keep_prob" not in node.given or literal(model, node.arg_spans.get("keep_prob")))


def as_normaliser(node: Node) -> bool:
    """Does another layer apply it, as its `normalizer_fn`?"""
    return node.family == "norm" and "inputs" not in node.arg_spans


def finding(model: Model, node: Node, function: Def, flag: str) -> Finding:
    facts = model.file
    assert facts is not None
    name, applied = op_name(node), as_normaliser(node)
    does = "drops values" if node.family == "dropout" else "normalises by the batch"
    parameter = next((a for a in ast.walk(function.args) if isinstance(a, ast.arg) and a.arg == flag), function)
    start = start_of(facts, parameter)
    edits: tuple[Edit, ...] = () if applied else with_keyword(facts, node.span, f"is_training={flag}")
    return Finding(
        node.span,
        f"{name} {does} in evaluation too: `is_training` is True unless it is passed, and `{function.name}` "
        f"does not pass its `{flag}`",
        label=f"{'its normalizer_fn' if applied else 'is_training'} is not told",
        related=(Label(Span(facts.path, start, start + len(flag)), "the flag is here"),),
        help=f'pass normalizer_params={{"is_training": {flag}}}' if applied else f"pass is_training={flag}",
        layer=node.path,
        edits=edits,
    )

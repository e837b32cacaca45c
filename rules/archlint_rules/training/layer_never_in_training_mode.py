"""ARC502: `tf.layers.dropout(x, 0.5)`, which does nothing, and batch normalisation that never normalises by a batch."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Model, Node, Span, rule
from archlint_rules.flow import text_of
from archlint_rules.training.dropouts import dropouts, never
from archlint_rules.training.enclosing import flag_of, function_of
from archlint_rules.wording import op_name

_OPS = ("tensorflow.layers.dropout", "tensorflow.layers.batch_normalization")
_TRAINS = frozenset(["minimize", "apply_gradients", "create_train_op", "optimize_loss"])


@rule("ARC502", "layer-never-in-training-mode", severity="warning", category="training", fix="unsafe")
def layer_never_in_training_mode(model: Model) -> Iterator[Finding]:
    """Calls of `tf.layers` whose `training` is left at False."""
    off = {d.node.id for d in dropouts(model) if never(d) and d.rate == 0}
    seen: set[Span] = set()
    for node in model.family("dropout", "norm"):
        if node.op in _OPS and "training" not in node.given and node.id not in off and node.span not in seen:
            seen.add(node.span)
            yield finding(model, node)


def trains(facts: FileFacts | None) -> bool:
    """Does the file train anything?"""
    return facts is not None and not _TRAINS.isdisjoint(facts.index.attributes)


def finding(model: Model, node: Node) -> Finding:
    what = (
        "does nothing: `training` is False unless it is passed, so no value is ever dropped"
        if node.family == "dropout"
        else "uses mean 0 and variance 1, as they start: `training` is False unless it is passed, so no batch counts"
    )
    function = function_of(model.file, node.span)
    flag = flag_of(function) if function is not None else None
    return Finding(
        node.span,
        f"{op_name(node)} {what}",
        label="training is not stated",
        help=f"pass training={flag or 'is_training'}, a flag or placeholder that is True while training",
        notes=() if node.family == "dropout" else ("its update operations have to run with the train step, too",),
        layer=node.path,
        severity=None if trains(model.file) else "info",
        edits=with_keyword(model.file, node.span, f"training={flag}") if flag is not None else (),
    )


def with_keyword(facts: FileFacts | None, call: Span, keyword: str) -> tuple[Edit, ...]:
    """One more argument at the end of a call."""
    text = text_of(facts, call)
    if not text.endswith(")") or "#" in text:
        return ()
    at = call.start + len(text[:-1].rstrip().rstrip(","))
    return (Edit(Span(call.path, at, at), f", {keyword}"),)

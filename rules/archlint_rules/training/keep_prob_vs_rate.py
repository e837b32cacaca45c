"""ARC504: a probability of keeping where one of dropping is taken, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archlint.rule import Edit, FileFacts, Finding, Model, Node, Severity, Span, rule
from archlint_rules.flow import text_of
from archlint_rules.training.dropouts import Dropout, dropouts
from archlint_rules.wording import op_name

_NAME = re.compile(r"[\w.]*?(\w+)(?:\[[\"'](\w+)[\"']\])?")
_KEEP = re.compile(r"\w*keep(_?(prob|probability|rate|ratio|p))?(_?(ph|placeholder|value|\d+))?", re.IGNORECASE)
_RATE = re.compile(r"\w*drop(out)?_?(rate|ratio|prob|probability|fraction|p)(_?\d+)?|rate|p_?drop(out)?", re.IGNORECASE)
_VAGUE = re.compile(r"\w*drop(out)?(_?\d+)?", re.IGNORECASE)
"""`dropout` may be either: believed of a value below one half."""
_INSIDE = ("dropout", "recurrent_dropout")
_WRAPPER = ("input_keep_prob", "output_keep_prob", "state_keep_prob")


@dataclass(frozen=True, slots=True)
class Passed:
    """A name given as a probability: `keeps` says what it is taken for."""

    name: str
    span: Span
    arg: str
    keeps: bool
    value: Any


@rule("ARC504", "keep-prob-vs-rate", severity="warning", confidence="likely", category="training", fix="unsafe")
def keep_prob_vs_rate(model: Model) -> Iterator[Finding]:
    """Probabilities whose name says the opposite of what the call takes."""
    seen: set[Span] = set()
    for call, passed in (*given(model), *wrapped(model.file)):
        if passed.span not in seen and contradicts(passed):
            seen.add(passed.span)
            yield finding(model, call, passed)


def given(model: Model) -> Iterator[tuple[str, Passed]]:
    """Names given as probability of a dropout, or of a layer with dropout inside."""
    for dropout in dropouts(model):
        yield from named(model, dropout.node, dropout.arg, dropout.keeps)
    for node in model.family("recurrent", "attention"):
        for arg in node.arg_spans:
            if arg in _INSIDE:
                yield from named(model, node, arg, keeps=False)


def named(model: Model, node: Node, arg: str, keeps: bool) -> Iterator[tuple[str, Passed]]:
    """The argument of a layer, if it is given by a name."""
    span = node.arg_spans.get(arg)
    name = written(model.file, span)
    if name and span is not None:
        yield op_name(node), Passed(name, span, arg, keeps, node.args.get(arg))


def wrapped(facts: FileFacts | None) -> Iterator[tuple[str, Passed]]:
    """Names given to wrappers around cells of TensorFlow 1."""
    for call in facts.calls if facts is not None else ():
        if call.name.endswith(".rnn_cell.DropoutWrapper") or call.name.endswith(".rnn.DropoutWrapper"):
            places = dict(zip(("cell", *_WRAPPER), call.positional)) | {k: v for k, (_, v) in call.keywords.items()}
            for arg in _WRAPPER:
                name = written(facts, places.get(arg))
                if name:
                    yield "DropoutWrapper", Passed(name, places[arg], arg, True, None)


def written(facts: FileFacts | None, span: Span | None) -> str:
    """`keep_prob` of `self.keep_prob`, `FLAGS.keep_prob` and `params["keep_prob"]`; "" for what is no name."""
    found = _NAME.fullmatch(text_of(facts, span)) if span is not None else None
    return (found[2] or found[1]) if found is not None and not found[1][0].isdigit() else ""


def mistaken(model: Model, dropout: Dropout) -> bool:
    """Is a dropout's probability named for the opposite?"""
    return any(contradicts(p) for _, p in named(model, dropout.node, dropout.arg, dropout.keeps))


def contradicts(passed: Passed) -> bool:
    """Does the name say the opposite of what the argument is?"""
    keep = "keep" in passed.name.lower()
    if not passed.keeps:
        return keep and _KEEP.fullmatch(passed.name) is not None
    if keep or passed.value == 1:  # `dropout = 1.0` keeps everything, as it is meant to
        return False
    small = isinstance(passed.value, float) and 0 < passed.value < 0.5
    return _RATE.fullmatch(passed.name) is not None or (small and _VAGUE.fullmatch(passed.name) is not None)


def finding(model: Model, call: str, passed: Passed) -> Finding:
    is_, taken = ("the share to keep", "the share to drop")[:: -1 if passed.keeps else 1]
    value = passed.value if isinstance(passed.value, (int, float)) and 0 <= passed.value <= 1 else None
    effect = ""
    if value is not None:
        goes, meant = (1 - value, value) if passed.keeps else (value, 1 - value)
        effect = f": {goes:.0%} of the values go, where {meant:.0%} are meant to"
    same: Severity | None = "info" if value == 0.5 else None
    return Finding(
        passed.span,
        f"`{passed.name}` is {is_} by its name, `{passed.arg}` of {call} is {taken}" + (effect if value != 0.5 else ""),
        help=f"pass 1 - {passed.name}" + (", or rename it" if passed.keeps else ""),
        severity=same,
        edits=complement(model.file, passed.span),
    )


def complement(facts: FileFacts | None, span: Span) -> tuple[Edit, ...]:
    """`1 - keep_prob` for `keep_prob`."""
    return (Edit(span, f"1 - {text_of(facts, span)}"),)

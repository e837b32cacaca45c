"""ARC308: dropout between the layers of a recurrent stack that has one layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import CallRecord, Edit, FileFacts, Finding, Node, Span, rule
from archlint_rules.flow import text_of

_PLACES = {"torch.nn.RNN": (2, 6), "torch.nn.GRU": (2, 5), "torch.nn.LSTM": (2, 5)}
"""Where `num_layers` and `dropout` stand among the positional arguments."""


@rule("ARC308", "rnn-dropout-single-layer", severity="info", category="recurrent", scope="file", fix="unsafe")
def rnn_dropout_single_layer(facts: FileFacts) -> Iterator[Finding]:
    """torch drops values between recurrent layers, never behind the last one."""
    built: dict[Span, list[tuple[str, Node]]] = {}
    for model in facts.models:
        for node in model.family("recurrent"):
            if node.made_at is not None:
                built.setdefault(node.made_at, []).append((model.entry, node))
    for call in facts.calls:
        if call.name in _PLACES and not call.open:
            found = finding(facts, call, built.get(call.span, []))
            if found is not None:
                yield found


def finding(facts: FileFacts, call: CallRecord, built: list[tuple[str, Node]]) -> Finding | None:
    layers, rate = (argument(call, name, place) for name, place in zip(("num_layers", "dropout"), _PLACES[call.name]))
    if rate is None or not one_layer(facts, layers, built):
        return None
    dropped = number(facts, rate)
    if dropped is None:
        dropped = drops_always(built)
    if not dropped:
        return None
    name = call.name.rpartition(".")[2]
    stated = "by default" if layers is None else f"as `{text_of(facts, layers)}` says"
    return Finding(
        rate,
        f"dropout={dropped:g} of {name} has no effect: it acts between layers, and there is one",
        label="never applied",
        help="delete it, give num_layers=2, or apply nn.Dropout to the output",
        notes=(f"num_layers is 1 {stated}",),
        edits=deletion(facts, call, rate),
    )


def argument(call: CallRecord, name: str, place: int) -> Span | None:
    """Where the value of an argument stands."""
    if name in call.keywords:
        return call.keywords[name][1]
    return call.positional[place] if place < len(call.positional) else None


def number(facts: FileFacts, span: Span) -> float | None:
    """The number that is written at a place; None for anything else."""
    text = text_of(facts, span)
    return float(text) if re.fullmatch(r"\d+(\.\d*)?|\.\d+", text) else None


def one_layer(facts: FileFacts, span: Span | None, built: list[tuple[str, Node]]) -> bool:
    """Is it one by default, by a literal, or in every model of the file, none of which the tool made up?"""
    if span is None or number(facts, span) == 1:
        return True
    own = all(entry == "module level" for entry, _ in built)
    return bool(built) and own and all(node.args.get("num_layers") == 1 for _, node in built)


def drops_always(built: list[tuple[str, Node]]) -> float | None:
    """The one rate that every model has."""
    rates = {rate for _, node in built if isinstance(rate := node.args.get("dropout"), (int, float))}
    known = all(isinstance(node.args.get("dropout"), (int, float)) for _, node in built)
    return rates.pop() if len(rates) == 1 and known else None


def deletion(facts: FileFacts, call: CallRecord, rate: Span) -> tuple[Edit, ...]:
    """The edit that takes `, dropout=0.5` out."""
    if "dropout" not in call.keywords:
        return ()
    start, text = call.keywords["dropout"][0].start, facts.lines.text
    before = re.search(r",\s*$", text[:start])
    return (Edit(Span(rate.path, before.start(), rate.end), ""),) if before else ()

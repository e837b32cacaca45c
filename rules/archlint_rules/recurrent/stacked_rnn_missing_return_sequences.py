"""A Keras recurrent layer that gives its last state only, before a layer that needs every step."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Label, Model, Node, Tensor, rule, show, show_shape
from archlint_rules.flow import PASSIVE, applied_at, place, producer
from archlint_rules.wording import faults, name_of


@rule("ARC304", "stacked-rnn-missing-return-sequences", severity="error", category="recurrent")
def stacked_rnn_missing_return_sequences(model: Model) -> Iterator[Finding]:
    seen: set[int] = set()
    for node, fault in faults(model, "rank"):
        rnn = last_state_from(model, node, fault)
        if rnn is not None and rnn.id not in seen:
            seen.add(rnn.id)
            yield finding(model, node, rnn)


def last_state_from(model: Model, node: Node, fault: Fault) -> Node | None:
    """The recurrent layer whose last state `(N, F)` reached a layer that wants more axes."""
    if fault.got != 2 or len(node.inputs) != 1:
        return None
    rnn = producer(model, node, PASSIVE)
    if rnn is None or rnn.family != "recurrent" or not rnn.op.startswith("keras."):
        return None
    return rnn if rnn.args.get("return_sequences") is False and rnn.output.rank == 2 else None


def finding(model: Model, node: Node, rnn: Node) -> Finding:
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} needs (batch, steps, features) but {name_of(rnn)} returns its last state "
        f"{show_shape(rnn.output.shape)} alone",
        label=f"gets {show_shape(node.inputs[0].shape)}",
        related=(Label(place(rnn), f"{show_shape(rnn.inputs[0].shape)} becomes {show_shape(rnn.output.shape)} here"),),
        help=f"set return_sequences=True on {name_of(rnn)}: it then returns {every_step(rnn.inputs[0], rnn)}",
        layer=rnn.path,
    )


def every_step(before: Tensor, rnn: Node) -> str:
    """Shape of the output with return_sequences=True."""
    steps = before.shape[:-1] if before.shape else (None, None)
    return show_shape((*steps, rnn.output.features)) if before.shape else f"(N, T, {show(rnn.output.features)})"

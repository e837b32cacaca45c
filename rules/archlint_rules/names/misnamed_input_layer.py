"""The first hidden layer, called the input."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import (
    Finding,
    InputRecord,
    Label,
    Model,
    Node,
    Span,
    batch_axis,
    neurons,
    rule,
    show_shape,
)
from archlint_rules.amounts import number
from archlint_rules.flow import bound_names, descendants, followers, last_of_call, place, producer, weighted
from archlint_rules.names.written import renamed
from archlint_rules.wording import count

_INPUT = re.compile(r"(inputs?|input_?layer|in_layer|inp)_?\d*", re.IGNORECASE)
_UNCHANGED = ("flatten", "reshape", "identity", "permute", "norm", "dropout", "pad")


@rule("ARC701", "misnamed-input-layer", severity="info", category="names", fix="unsafe")
def misnamed_input_layer(model: Model) -> Iterator[Finding]:
    entries = {i.node: i for i in model.inputs}
    taken = {i.name for i in model.inputs} | {name for n in model.family("input") for name, _ in n.names}
    for node in model.nodes:
        source = producer(model, node, _UNCHANGED) if weighted(node) else None
        entry = entries.get(source.id) if source is not None else None
        if entry is None or not isinstance(node.out.params, int):
            continue  # sizes that its caller chooses: a block of a network, whose first layer it may well name
        named = next((n for n in names_of(model, node) if _INPUT.fullmatch(n[0]) and n[0] not in taken), None)
        if named is not None and followers(model, node):
            yield finding(model, node, entry, *named)


def names_of(model: Model, node: Node) -> Iterator[tuple[str, Span]]:
    """Names of the layer's output and of the layer: variables bound once, its attribute, Keras name or scope."""
    for name, span in bound_names(model, node):
        if sum(name == other for n in model.nodes for other, _ in n.names) == 1:
            yield name, span
    yield node.path.rpartition(".")[2], place(node)


def finding(model: Model, node: Node, entry: InputRecord, name: str, span: Span) -> Finding:
    hidden = hidden_layers(model, node)
    params = f"{number(node.out.params)} parameters" if node.out.params is not None else "weights of its own"
    rank = f"hidden layer 1 of {hidden}" if hidden else "the first hidden layer"
    return Finding(
        span,
        f"`{name}` is the output of a layer with {params}: it is {rank}, the input is {input_name(model, entry)}",
        label=f"holds {show_shape(last_of_call(model, node).output.shape)}",
        related=(Label(entry.span, f"the input, {show_shape(entry.shape)}: no weights, not counted as a layer"),),
        help="name it after its rank, for instance hidden1",
        notes=tuple(size_of(model, node, hidden)),
        layer=node.path,
        edits=renamed(model.file, span, name, "hidden1") if model.file is not None else (),
    )


def input_name(model: Model, entry: InputRecord) -> str:
    """The variable that holds the input, else its own name."""
    names = [name for name, _ in model.graph[entry.node].names] or [entry.name]
    return f"`{names[0]}`"


def hidden_layers(model: Model, node: Node) -> int | None:
    """Weighted layers on the longest path from this first one, without the last; None where a branch is open.

    The convention of CS231n: the input is not counted, the output layer is.
    """
    after = descendants(model, node)
    if not model.complete or any(n.branch for n in after):
        return None
    depth = {node.id: 1}
    for n in after:
        before = max(depth.get(t.node, 0) for t in n.inputs)
        depth[n.id] = before + (n.repeats if weighted(n) else 0)
    return max(depth.values()) - 1


def size_of(model: Model, node: Node, hidden: int | None) -> Iterator[str]:
    """The network in one line: layers, neurons of the first, parameters of all that follows it."""
    if not hidden:
        return
    own = neurons(node, batch_axis(model))
    units = f" of {count(number(own), 'neuron')}" if hidden == 1 and isinstance(own, int) else ""
    layers = {n.layer if n.layer is not None else -n.id - 1: n.out.params for n in (node, *descendants(model, node))}
    total = 0
    for params in layers.values():
        if not isinstance(params, int):
            return
        total += params
    yield f"the network has {count(hidden, 'hidden layer')}{units} and 1 output layer; {number(total)} parameters"

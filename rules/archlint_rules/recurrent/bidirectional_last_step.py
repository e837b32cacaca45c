"""ARC307: the last step of a bidirectional output, where the backward half has just begun."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archlint.rule import Dim, Finding, Label, Model, Node, Size, Tensor, proven_equal, rule, show
from archlint_rules.flow import PASSIVE, consumers, place, text_of
from archlint_rules.recurrent.batches import UNROLLED
from archlint_rules.wording import name_of

_TF = "tensorflow.nn.bidirectional_dynamic_rnn"


@rule("ARC307", "bidirectional-last-step", severity="warning", category="recurrent")
def bidirectional_last_step(model: Model) -> Iterator[Finding]:
    """The backward direction starts at the last step: there it has seen nothing else."""
    seen: set[object] = set()
    for node in model.family("index"):
        rnn = backward_begins(model, node)
        if rnn is not None and place(node) not in seen:
            seen.add(place(node))
            yield finding(model, node, rnn)


def backward_begins(model: Model, node: Node) -> Node | None:
    """The bidirectional layer whose output the node takes the last step of, both directions of it."""
    rnn = bidirectional(model, node.inputs[0]) if node.inputs else None
    if rnn is None:
        return None
    time = 0 if time_first(rnn) else 1
    index, rank = node.args.get("index"), node.inputs[0].rank
    if not isinstance(index, tuple) or any(i is Ellipsis or i is None for i in index) or len(index) <= time:
        return None
    if rank not in (3, None) or not is_last(index[time], rnn, time) or not all(map(whole, others(index, time))):
        return None
    if rank is None and time == 1 and len(index) == 2 and not consumers(model, node, PASSIVE):
        return None
    return None if takes_apart(model, node) else rnn


def bidirectional(model: Model, tensor: Tensor) -> Node | None:
    """The layer whose output, both directions side by side, a tensor is."""
    while tensor.node >= 0:
        node = model.graph[tensor.node]
        if node.family == "recurrent":
            return node if tensor.slot == 0 and gives_both(node) else None
        if node.family == "concat" and model.framework == "tf":
            made = [(t.node, t.slot) for t in node.inputs]
            first = model.graph[made[0][0]] if made and made[0][0] >= 0 else None
            both = first is not None and first.op == _TF and made == [(first.id, 0), (first.id, 1)]
            return first if both and first is not None and first.args.get("sequence_length") is None else None
        if node.family not in ("dropout", "activation", "identity") or not node.inputs:
            return None
        tensor = node.inputs[0]
    return None


def gives_both(node: Node) -> bool:
    """Does every step of the output hold both directions?"""
    if node.op in UNROLLED:
        return node.args.get("bidirectional") is True
    wrapped = node.args.get("wrapper") == "keras.layers.Bidirectional" and node.args.get("merge_mode") == "concat"
    return wrapped and node.args.get("return_sequences") is True


def time_first(node: Node) -> bool:
    return node.args.get("batch_first") is not True if node.op in UNROLLED else node.args.get("time_major") is True


def is_last(index: Any, rnn: Node, time: int) -> bool:
    """-1, or the number of steps less one; a sequence of one step has no other."""
    shape = rnn.output.shape
    steps: Size = shape[time] if shape is not None and len(shape) == 3 else None
    if proven_equal(steps, 1) or isinstance(index, bool) or not isinstance(index, (int, Dim)):
        return False
    return proven_equal(index, -1) or (steps is not None and proven_equal(index, steps - 1))


def others(index: tuple[Any, ...], time: int) -> tuple[Any, ...]:
    return index[:time] + index[time + 1 :]


def whole(part: Any) -> bool:
    """Is it a bare `:`?"""
    return [getattr(part, name, 0) for name in ("lower", "upper", "step")] == [None, None, None]


def takes_apart(model: Model, node: Node) -> bool:
    """Are the halves told apart afterwards, or is the first step used beside it?"""
    users = consumers(model, node, PASSIVE)
    if any(u.family in ("index", "split", "reshape", "other") for u in users):
        return True
    source = node.inputs[0].node
    beside = [t.node for u in users if u.family in ("concat", "elementwise", "stack") for t in u.inputs]
    return any(
        other.family == "index" and other is not node and other.inputs[:1] and other.inputs[0].node == source
        for other in (model.graph[n] for n in beside if n >= 0)
    )


def finding(model: Model, node: Node, rnn: Node) -> Finding:
    shape = rnn.output.shape
    steps = shape[0 if time_first(rnn) else 1] if shape is not None and len(shape) == 3 else None
    seen = "1 step" if steps is None else f"1 of {show(steps)} steps"
    units = rnn.args.get("hidden_size")
    half = show(units) if isinstance(units, int) else "H"
    written = text_of(model.file, node.span)
    shown = f"`{written}`" if written and len(written) < 40 and "\n" not in written else "the last step"
    return Finding(
        place(node),
        f"{shown} takes the backward direction of {name_of(rnn)} after {seen}: it starts there",
        label="the backward half has seen this step only",
        related=(Label(place(rnn), f"{name_of(rnn)} runs in both directions"),),
        help=way_out(model, half),
        layer=rnn.path,
    )


def way_out(model: Model, half: str) -> str:
    if model.framework == "torch":
        return f"use the final states: torch.cat([h_n[-2], h_n[-1]], 1), or out[:, 0, {half}:] for the backward half"
    if model.framework == "tf":
        return "use the final states that bidirectional_dynamic_rnn returns beside the outputs"
    return "use return_sequences=False: Bidirectional then joins the last state of each direction"

"""ARC416: two linear layers in a row, with nothing between them that is not linear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import (
    Finding,
    Label,
    Model,
    Node,
    Size,
    Span,
    activation,
    filters,
    keeps_values,
    product,
    proven_equal,
    rule,
)  # fmt: skip
from archlint_rules.amounts import number
from archlint_rules.flow import place
from archlint_rules.wording import name_of

_PLAIN = re.compile(r"(Linear|Dense|dense|fully_connected|[Cc]onv(olution)?[123][dD])")
_WASTE = 1.25
"""How many times the parameters of the one map they must have: less is a matter of taste."""


@rule("ARC416", "linear-collapse", severity="warning", category="output")
def linear_collapse(model: Model, *, least_parameters: int = 1000) -> Iterator[Finding]:
    """Affine layers of one kind, of which the first is read by the second alone."""
    if model.returned is None and (model.framework != "tf" or model.entry == "function"):
        return  # what comes out between them may be handed out
    elsewhere = outputs_of_others(model)
    seen: set[object] = set()
    for second in model.family("dense", "conv"):
        first = before(model, second)
        if first is None or not wasteful(first, second, least_parameters):
            continue
        written = (place(first), place(second))
        if written not in seen and first.span not in elsewhere and once(model, first) and once(model, second):
            seen.add(written)  # a block that is built ten times is one defect
            yield finding(first, second)


def outputs_of_others(model: Model) -> set[Span]:
    """What else the file makes Keras models of: `encoder = Model(x, codes)` beside `Model(x, decoded)`."""
    others = model.file.models if model.file is not None and model.framework == "keras" else []
    return {other.graph[n].span for other in others if other is not model for n in other.outputs}


def before(model: Model, second: Node) -> Node | None:
    """The linear layer whose output is all that another one reads, and is read by nobody else."""
    node = second
    while node.inputs and node.inputs[0].node >= 0:
        source = model.graph[node.inputs[0].node]
        if len(model.graph.consumers(source.id)) != 1 or source.id in (model.returned or ()) or source.branch:
            return None
        if source.family == second.family:
            return source if activation(source) == "linear" and follows(source, second) else None
        if source.family not in ("dropout", "identity") and not (keeps_values(source) and source.family != "index"):
            return None
        if source.family in ("permute", "reshape", "flatten") and second.family == "conv":
            return None
        node = source
    return None


def follows(first: Node, second: Node) -> bool:
    """Are both of the plain kind, and the features that the first makes those that the second reads?"""
    plain = all(_PLAIN.fullmatch(n.op.rpartition(".")[2]) for n in (first, second))
    whole = all(n.args.get("groups", 1) == 1 and n.scope_known and n.inputs for n in (first, second))
    same = first.family == "conv" or proven_equal(first.output.features, second.inputs[0].features)
    return plain and whole and same and not second.branch and not first.faults and not second.faults


def once(model: Model, node: Node) -> bool:
    """Is the layer applied in this place only?"""
    return node.repeats == 1 and sum(n.layer == node.layer and n.layer is not None for n in model.nodes) <= 1


def wasteful(first: Node, second: Node, least: int) -> bool:
    """Have the two clearly more parameters than the one map that they are?  A bottleneck has fewer."""
    apart, together = weights(first, second)
    return isinstance(apart, int) and isinstance(together, int) and apart >= max(together * _WASTE, together + least)


def weights(first: Node, second: Node) -> tuple[int | None, int | None]:
    """Parameters of both, and weights of the one layer that does the same."""
    taken, out = width(first), filters(second)
    one, two = first.out.params, second.out.params
    sizes = [taken, out]
    if first.family == "conv":
        for (a, step), (b, _) in zip(first.out.window, second.out.window):
            sizes.append(
                a + (b - 1) * step if isinstance(a, int) and isinstance(b, int) and isinstance(step, int) else None
            )
        if len(first.out.window) != len(second.out.window) or not first.out.window:
            return None, None
    together = product(sizes)
    if isinstance(one, int) and isinstance(two, int) and isinstance(together, int):
        return one + two, together
    return None, None


def width(node: Node) -> Size:
    """Features or channels that a layer reads."""
    taken = node.inputs[0]
    if node.family == "dense":
        return taken.features
    roles = node.out.demand.roles if node.out.demand is not None else ()
    if taken.shape is None or len(roles) != len(taken.shape) or "channel" not in roles:
        return None
    return taken.shape[roles.index("channel")]


def finding(first: Node, second: Node) -> Finding:
    apart, together = weights(first, second)
    one = "one linear layer" if first.family == "dense" else "one convolution"
    return Finding(
        place(second),
        f"{name_of(first)} -> {name_of(second)} has no nonlinearity: together they are {one} from "
        f"{number(width(first))} to {number(filters(second))}, {number(apart)} parameters do the work of "
        f"{number(together)}",
        related=(Label(place(first), f"{name_of(first)} has no activation"),),
        notes=("what they pad makes a difference at the borders",) if padded(first) or padded(second) else (),
        help=f"put an activation behind {name_of(first)}, or make them one layer",
        layer=second.path,
    )


def padded(node: Node) -> bool:
    """A convolution that pads: the one that does the same has borders of its own."""
    return node.family == "conv" and node.args.get("padding", 0) not in (0, "valid", "VALID", (0, 0))

"""ARC416: two linear layers in a row, with nothing between them that is not linear."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, activation, filters, keeps_values, rule
from archlint_rules.amounts import number
from archlint_rules.flow import applied_at, place
from archlint_rules.output.left_out import Gap, gap
from archlint_rules.output.linear_pairs import follows, joined_window, once, weights, width
from archlint_rules.wording import name_of, op_name

_WASTE = 1.25
"""How many times the parameters of the one map they must have: less is a matter of taste."""


@rule("ARC416", "linear-collapse", severity="warning", category="output")
def linear_collapse(model: Model, *, least_parameters: int = 1000) -> Iterator[Finding]:
    """Affine layers of one kind, of which the first is read by the second alone."""
    if model.returned is None and (model.framework != "tf" or model.entry == "function"):
        return  # what comes out between them may be handed out
    elsewhere = outputs_of_others(model)
    seen: set[object] = set()
    chains: list[list[Node]] = []
    for second in model.family("dense", "conv"):
        first = before(model, second)
        if first is None or not wasteful(first, second, least_parameters):
            continue
        written = (place(first), place(second))
        if written not in seen and first.span not in elsewhere and once(model, first) and once(model, second):
            seen |= {written, place(first)}  # a block that is built ten times is one defect
            longer = next((chain for chain in chains if chain[-1] is first), None)
            if longer is None:
                chains.append([first, second])
            else:
                longer.append(second)
    yield from (finding(model, *chain) for chain in chains)
    if model.framework != "tf":
        yield from left_out(model, seen | elsewhere)


def left_out(model: Model, seen: set[object]) -> Iterator[Finding]:
    """Layers without the activation that the layer beside them has, each place once."""
    for first in model.nodes:
        found = gap(model, first) if not {first.span, place(first)} & seen else None
        if found is not None:
            seen.add(place(first))
            yield missing(model, found)


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


def wasteful(first: Node, second: Node, least: int) -> bool:
    """Have the two clearly more parameters than the one map that they are?  A bottleneck has fewer."""
    apart, together = weights(first, second)
    return isinstance(apart, int) and isinstance(together, int) and apart >= max(together * _WASTE, together + least)


def finding(model: Model, first: Node, second: Node, *further: Node) -> Finding:
    """Two layers, and those that go on from them in the same way."""
    chain = " -> ".join(map(name_of, (second, *further)))
    more = (f"so it goes on: {chain} has none either",) if further else ()
    apart, together = weights(first, second)
    padding = ("what they pad makes a difference at the borders",) if padded(first) or padded(second) else ()
    one = "one linear layer" if first.family == "dense" else "one convolution"
    return Finding(
        place(second),
        f"{name_of(first)} -> {name_of(second)} has no nonlinearity: together they are {one} from "
        f"{number(width(first))} to {number(filters(second))}, {number(apart)} parameters do the work of "
        f"{number(together)}",
        related=(Label(applied_at(model, first), f"{name_of(first)} has no activation"),),
        notes=(*more, *padding),
        help=f"put an activation behind {name_of(first)}, or make them one layer",
        layer=second.path,
    )


def missing(model: Model, found: Gap) -> Finding:
    """The activation of the layer beside it, asked for behind this one."""
    first, last = found.first, (found.between or (found.first,))[-1]
    chain = " -> ".join(map(name_of, (first, *found.between)))
    norms = any(n.family == "norm" for n in found.between)
    return Finding(
        place(found.seconds[0]),
        f"{chain} -> {', '.join(map(name_of, found.seconds))} has no activation, and {name_of(found.beside)} has one: "
        f"{'in evaluation ' if norms else ''}{one_map(found)}",
        related=(
            Label(applied_at(model, last), f"no activation behind {name_of(last)}"),
            Label(place(found.shown), f"the activation of {name_of(found.beside)}"),
        ),
        notes=notes(found),
        help=f"put an activation behind {name_of(last)}",
        layer=found.seconds[0].path,
        confidence="likely",
    )


def one_map(found: Gap) -> str:
    """What the layers are together: `the two are one 5x5 convolution from 3 to 8`."""
    first, second = found.first, found.seconds[0]
    ends = f"from {number(width(first))} to {' + '.join(number(filters(n)) for n in found.seconds)}"
    these = f"the {'two' if len(found.seconds) == 1 else len(found.seconds) + 1} are one"
    apart, together = weights(first, *found.seconds)
    if first.family == "dense":
        return f"{these} linear layer {ends}, {number(apart)} parameters do the work of {number(together)}"
    window = joined_window(first, second) if first.family == second.family == "conv" else None
    if window is None:
        return f"{these} linear map {ends}"
    cost = f" ({number(together)} weights, they have {number(apart)} parameters)" if together is not None else ""
    return f"{these} {'x'.join(map(str, window))} convolution {ends}{cost}"


def notes(found: Gap) -> tuple[str, ...]:
    """What a batch norm is in evaluation, and what padding changes."""
    norm = next((op_name(n) for n in found.between if n.family == "norm"), "")
    said = (f"{norm} is then a scale and a shift of each channel, with numbers that no longer change",) if norm else ()
    pads = any(padded(n) for n in (found.first, *found.seconds))
    return (*said, "what they pad makes a difference at the borders") if pads else said


def padded(node: Node) -> bool:
    """A convolution that pads: the one that does the same has borders of its own."""
    return node.family == "conv" and node.args.get("padding", 0) not in (0, "valid", "VALID", (0, 0))

"""Facts of one layer in a sentence: filters and neurons, what a neuron reads, how many layers a call makes."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Model, Node, Size, batch_axis, filters, neurons, product, weights_per_neuron
from archlint_rules.amounts import number
from archlint_rules.flow import producer, weighted
from archlint_rules.wording import count, op_name


def neuron_notes(model: Model, node: Node) -> Iterator[str]:
    """`128 filters, 98x98x128 = 1,229,312 neurons; each reads 3x3x1 = 9 of the 10,000 values before it`."""
    conv = convolution(model, node)
    if conv is None or conv.output.shape is None:
        return
    many, kinds = neurons(conv, batch_axis(model)), filters(conv)
    if not isinstance(many, int) or not isinstance(kinds, int):
        return
    sizes = "x".join(number(s) for s in conv.output.shape[1:])
    text = f"{op_name(conv)} has {count(kinds, 'filter')} (output channels) and {sizes} = {number(many)} neurons"
    read = reads(conv)
    before = product((conv.inputs[0].shape or (None,))[1:])
    if read is not None and isinstance(before, int):
        text += f", each reading {read} of the {number(before)} values it gets"
    yield text


def convolution(model: Model, node: Node) -> Node | None:
    """The convolution whose output this is, looking through its activation."""
    if node.family == "activation":
        before = producer(model, node)
        node = before if before is not None else node
    return node if node.family == "conv" else None


def reads(conv: Node) -> str | None:
    """Values that one neuron reads: `3x3x1 = 9`; None with dilation or where a size is not known."""
    kernel = [k for k, _ in conv.out.window]
    roles = [axis[0].role if len(axis) == 1 else "" for axis in conv.inputs[0].axes or ()]
    demanded = conv.out.demand.roles if conv.out.demand else ()
    place = next((r.index("channel") for r in (demanded, roles) if "channel" in r), None)
    if place is None or conv.inputs[0].shape is None or not kernel:
        return None
    sizes: list[Size] = [*kernel, conv.inputs[0].shape[place]]
    total, owned = product(sizes), weights_per_neuron(conv)
    if not isinstance(total, int) or owned not in (total, total + 1):
        return None
    return f"{'x'.join(map(str, sizes))} = {number(total)}"


def filters_note(conv: Node) -> Iterator[str]:
    """A convolution in words, while its picture has no known size: channels are not neurons."""
    kinds = filters(conv)
    if conv.family == "conv" and isinstance(kinds, int):
        yield f"{kinds} is its number of output channels"


def stack_note(model: Model, layer: Node) -> Iterator[str]:
    """How many layers one call made: `slim.stack(x, slim.fully_connected, [32, 64, 128])` makes three."""
    made = [n for n in model.nodes if n.span == layer.span and n.op == layer.op and weighted(n)]
    if len(made) > 1:
        widths = ", ".join(number(n.output.features) for n in made)
        yield f"this one call makes {len(made)} layers ({widths}), each with ReLU"

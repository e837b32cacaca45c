"""ARC127: an array, or a tensor of another model, that the model's input cannot take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archlint.rule import (
    DataRecord,
    Fault,
    Finding,
    Label,
    Model,
    Node,
    Shape,
    Size,
    Span,
    product,
    proven_different,
    proven_equal,
    rule,
    show,
    show_shape,
)
from archlint_rules.shapes.declared import misdeclared
from archlint_rules.shapes.fed import given_text, origin, written
from archlint_rules.wording import faults, input_shape, name_of, produced


@rule("ARC127", "data-shape-mismatch", severity="error", category="shapes")
def data_shape_mismatch(model: Model) -> Iterator[Finding]:
    """Arrays given to `fit`, `evaluate`, `predict` or `feed_dict` against the input they are meant for."""
    for node, fault in faults(model, "taken"):
        yield inner(model, node, fault)
    seen: dict[object, Finding] = {}
    for record, found in from_data(model):
        why = record.fault
        key = (record.node, record.expected, why and why.kind, why and why.axis, (record.shape or ())[1:])
        first = seen.setdefault(key, found)
        if first is not found and first.span != found.span:  # `x` and those to validate with: one cause
            label = Label(found.span, f"neither does it take {given_text(model, record)}, {show_shape(record.shape)}")
            seen[key] = replace(first, related=(*first.related, label))
    yield from seen.values()


def from_data(model: Model) -> Iterator[tuple[DataRecord, Finding]]:
    """What is given to the model from outside, where it does not fit."""
    for record in model.data:
        if record.role != "input" or record.fault is None or misdeclared(model):
            continue
        yield (
            record,
            Finding(
                record.span,
                message(model, record),
                label=f"is {show_shape(record.shape)}",
                related=(*declared(model, record), *origin(record)),
                help=way_out(model, record),
                notes=notes(record),
            ),
        )


def inner(model: Model, node: Node, fault: Fault) -> Finding:
    """A model as a layer of another: `discriminator(generator(z))`, with pictures of another size."""
    given = input_shape(node)
    return Finding(
        node.span,
        f"the model {name_of(node)} takes {show_shape(fault.want)} and gets {given}: {fault.text}",
        label=f"gets {given}",
        related=(*produced(model, node.inputs[0]), *(() if node.made_at is None else (made(node, node.made_at),))),
        help=fitting(node, fault),
        layer=node.path,
    )


def made(node: Node, span: Span) -> Label:
    return Label(span, f"{name_of(node)} is made here")


def fitting(node: Node, fault: Fault) -> str:
    """What brings a model and its input together."""
    wanted, given = fault.want, node.inputs[0].shape or ()
    if len(given) == len(wanted) + 1 and not any(proven_different(a, b) for a, b in zip(wanted[1:], given[2:])):
        return "TimeDistributed(model) applies it to every step of axis 1"
    if len(given) == len(wanted) - 1:
        return "add the missing axis: layers.Reshape((..., 1))"
    return f"make what comes before give {show_shape(wanted)}, or state the model's Input as {show_shape(given)}"


def message(model: Model, record: DataRecord) -> str:
    """`x_train` is (60000, 28, 28), the model takes (N, 784)."""
    fault = record.fault
    if fault is not None and fault.kind == "inputs":
        return f"{given_text(model, record)} is {fault.got} of the {fault.want} inputs that the model takes"
    takes = "the placeholder takes" if record.call == "feed_dict" else "the model takes"
    text = f"{given_text(model, record)} is {show_shape(record.shape)}, {takes} {show_shape(record.expected)}"
    if fault is not None and fault.kind == "layer":
        return f"{text}: {fault.text}"
    if fault is not None and fault.axis is not None:
        return f"{text}: axis {fault.axis} is {show(fault_size(record.shape, fault.axis))}"
    return text


def notes(record: DataRecord) -> tuple[str, ...]:
    """What another version does."""
    fault = record.fault
    if record.call == "feed_dict" or fault is None or fault.kind != "merge":
        return ()
    return ("Keras 2 gives a warning and goes on as far as the layers allow it",)


def fault_size(shape: Shape, axis: int) -> Size:
    """Size of an axis, None if it is not there."""
    return shape[axis] if shape is not None and axis < len(shape) else None


def declared(model: Model, record: DataRecord) -> Iterator[Label]:
    """Where the input has its shape from."""
    found = next((r for r in model.inputs if r.node == record.node), None)
    if found is not None and not (found.span.path == record.span.path and found.span.start == record.span.start):
        how = "is declared" if found.source == "declared" else "has"
        yield Label(found.span, f"the input {how} {show_shape(record.expected)} here")


def way_out(model: Model, record: DataRecord) -> str:
    """How such an array usually becomes one that fits."""
    given, wanted, name = record.shape, record.expected, written(model, record)
    if record.fault is not None and record.fault.kind == "inputs":
        return "give it a list with an array for each Input, in the order of the model's inputs"
    if not given or not wanted:
        return ""
    if len(given) == len(wanted) - 1 and all(proven_equal(a, b) for a, b in zip(given, wanted[1:])):
        return f"it is one sample without a batch axis: {name}[None]" if name else "add a batch axis in front"
    if record.call == "feed_dict" and len(given) == 1 and len(wanted) == 2 and isinstance(wanted[1], int):
        return f"class numbers become one-hot by np.eye({wanted[1]})[{name or 'y'}]"
    inner, goal = given[1:], wanted[1:]
    if not goal or None in inner or not all(isinstance(s, int) for s in goal):
        return ""
    if len(given) != len(wanted) and proven_equal(product(inner), product(goal)):
        sizes = ", ".join(map(show, goal))
        return f"reshape it: {name or 'x'}.reshape(-1, {sizes})"
    if len(inner) == 3 and len(goal) == 3 and inner != goal and sorted(map(str, inner)) == sorted(map(str, goal)):
        order = (2, 0, 1) if proven_equal(inner[2], goal[0]) else (1, 2, 0)
        if all(proven_equal(inner[i], s) for i, s in zip(order, goal)):
            places = ", ".join(str(i + 1) for i in order)
            return f"the channels stand elsewhere: {name or 'x'}.transpose(0, {places})"
    return ""

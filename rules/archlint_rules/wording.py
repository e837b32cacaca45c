"""How rules name layers and say where a size came from, so that all messages speak one language."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Fault, Label, Model, Node, Span, Tensor, product, proven_equal, show, show_shape
from archlint_rules.flow import place


def op_name(node: Node) -> str:
    """`Conv2d` of `torch.nn.Conv2d`."""
    return node.op.rpartition(".")[2]


def name_of(node: Node) -> str:
    """The layer as the user calls it: `` `conv1` ``; a bare number gets its kind: `` `features.3` (Conv2d) ``."""
    if not node.path:
        return f"`{op_name(node)}`"
    if node.path.rpartition(".")[2].isdigit():
        return f"`{node.path}` ({op_name(node)})"
    return f"`{node.path}`"


def input_shape(node: Node) -> str:
    """Shape of the node's first input, for people."""
    return show_shape(node.inputs[0].shape if node.inputs else None)


def output_shape(node: Node) -> str:
    """Shape of the node's first output, for people."""
    return show_shape(node.output.shape)


def caret(node: Node, arg: str = "") -> Span:
    """The argument that states the broken number, else the call itself."""
    return node.arg_spans.get(arg) or place(node)


def count(number: object, noun: str) -> str:
    """`1 axis`, `3 axes`."""
    if str(number) == "1":
        return f"1 {noun}"
    return f"{number} {'axes' if noun == 'axis' else noun + 's'}"


def faults(model: Model, *kinds: str) -> Iterator[tuple[Node, Fault]]:
    """Faults of some kinds, each once: a helper called five times with the same numbers is one defect."""
    seen: set[tuple[object, ...]] = set()
    for node in model.nodes:
        for fault in node.faults:
            key = (caret(node, fault.arg), node.made_at, fault.kind, str(fault.want), str(fault.got), fault.axis)
            if fault.kind in kinds and key not in seen:
                seen.add(key)
                yield node, fault


def axis_source(model: Model, tensor: Tensor, axis: int) -> Node | None:
    """The node that gave an axis its size: `conv1`, though `relu` and `pool` came after it.

    An axis keeps the atoms it was made of as long as layers leave it alone.
    """
    if tensor.node < 0:
        return None
    node = model.graph[tensor.node]
    if tensor.axes is None or tensor.shape is None or not -len(tensor.axes) <= axis < len(tensor.axes):
        return node
    atoms = tensor.axes[axis]
    before = next(
        (
            (source, place)
            for source in node.inputs
            for place, candidate in enumerate(source.axes or ())
            if atoms and [a.ident for a in candidate] == [a.ident for a in atoms]
        ),
        None,
    )
    return node if before is None else axis_source(model, before[0], before[1])


def is_entry(node: Node) -> bool:
    """Is the node an entry tensor of the model?"""
    return node.family == "input"


def entry_name(model: Model, node: Node) -> str:
    """The entry tensor's name: `` `x` ``."""
    record = next((r for r in model.inputs if r.node == node.id), None)
    return f"`{record.name}`" if record and record.name else "the input"


def produced(model: Model, tensor: Tensor, axis: int | None = None) -> tuple[Label, ...]:
    """A label at the layer that made the tensor (or one axis of it), or at the entry that declares it."""
    if tensor.node < 0:
        return ()
    node = model.graph[tensor.node] if axis is None else axis_source(model, tensor, axis)
    if node is None:
        return ()
    if not is_entry(node):
        return (Label(place(node), f"{name_of(node)} gives {output_shape(node)} here"),)
    record = next((r for r in model.inputs if r.node == node.id), None)
    if record is None:
        return ()
    if record.source == "first layer":
        taker = assumed_by(model, node)
        text = f"{name_of(taker)} takes {entry_name(model, node)} as {show_shape(record.shape)} here" if taker else ""
        return (Label(taker.span, text),) if taker else ()
    how = {"declared": "is declared", "directive": "is stated", "example": "is called with"}.get(record.source, "is")
    return (Label(record.span, f"{entry_name(model, node)} {how} {show_shape(record.shape)} here"),)


def assumed_by(model: Model, entry: Node) -> Node | None:
    """The first layer that reads an entry tensor: what its form was taken from, if nobody states it."""
    return next((n for n in model.nodes if any(t.node == entry.id for t in n.inputs)), None)


def other_mode(model: Model, node: Node, entry: Node) -> bool:
    """Does the form of the entry come from a layer on another arm of a test than `node`?

    `if self.rgb: return self.conv3(x)` and, below, `return self.conv1(x)`: each mode has its own inputs.
    """
    record = next((r for r in model.inputs if r.node == entry.id), None)
    if record is None or record.source != "first layer":
        return False
    taker = assumed_by(model, entry)
    return taker is None or taker.branch != node.branch


def applied(node: Node, primary: Span) -> tuple[Label, ...]:
    """A label at the call when the caret is on the construction."""
    if node.span.path == primary.path and node.span.start <= primary.start < node.span.end:
        return ()
    return (Label(node.span, f"{name_of(node)} gets {input_shape(node)} here"),)


def factors(model: Model, tensor: Tensor, axis: int) -> str:
    """`16*12*12` for the 2304 features a flatten made, else ""."""
    node = axis_source(model, tensor, axis)
    if node is None or node.family not in ("flatten", "reshape") or not node.inputs:
        return ""
    shape = node.inputs[0].shape
    if not shape or len(shape) < 3 or not proven_equal(tensor.features, product(shape[1:])):
        return ""
    return "*".join(show(s) if show(s).isalnum() else f"({show(s)})" for s in shape[1:])


def new_number(model: Model, span: Span | None, old: object, new: object) -> tuple[Edit, ...]:
    """The edit that writes one number for another, where the source has it as a literal."""
    file = model.file
    if span is None or file is None or file.path != span.path or not isinstance(new, int):
        return ()
    written = file.lines.text[span.start : span.end]
    name, equals, value = written.rpartition("=")
    return (Edit(span, f"{name}{equals}{new}"),) if value.strip() == str(old) else ()

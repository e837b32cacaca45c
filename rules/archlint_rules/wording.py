"""How rules name layers and say where a size came from, so that all messages speak one language."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import (
    Dim,
    Edit,
    Fault,
    Label,
    Model,
    Node,
    Shape,
    Size,
    Span,
    Tensor,
    factor,
    product,
    proven_equal,
    show,
)  # fmt: skip
from archlint_rules.flow import place
from archlint_rules.origins import axis_source, is_entry, readers, record_of


def op_name(node: Node) -> str:
    """`Conv2d` of `torch.nn.Conv2d`."""
    return node.op.rpartition(".")[2]


def name_of(node: Node) -> str:
    """The layer as the user calls it: `` `conv1` ``; a bare number gets its kind: `` `features.3` (Conv2d) ``."""
    if not node.path:
        name = op_name(node).removeprefix("operator")
        return "`[…]`" if name == "subscript" else f"`{name}`"
    if node.path.rpartition(".")[2].isdigit():
        return f"`{node.path}` ({op_name(node)})"
    return f"`{node.path}`"


def size_text(size: Size) -> str:
    """A size for people: `48*(H//4 - 3)*(W//4 - 3)`, where the normal form multiplies out."""
    if isinstance(size, Dim) and any(len(monomial) > 1 for monomial, _ in size.terms):
        whole = factor(size)
        if whole is not None:
            parts = [show(f.size) for f in whole.factors]
            named = [p if p.isidentifier() else f"({p})" for p in parts]
            return "*".join([str(whole.constant)] * (whole.constant != 1) + named)
    return show(size)


def shape_text(shape: Shape, last: Size = None) -> str:
    """A shape for people; `(..., 256)` where only the last axis is known."""
    if shape is None:
        return "(...)" if last is None else f"(..., {size_text(last)})"
    inner = ", ".join(map(size_text, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def input_shape(node: Node) -> str:
    """Shape of the node's first input, for people."""
    return shape_text(node.inputs[0].shape, node.inputs[0].last) if node.inputs else "(...)"


def output_shape(node: Node) -> str:
    """Shape of the node's first output, for people."""
    return shape_text(node.output.shape, node.output.last)


def caret(node: Node, arg: str = "") -> Span:
    """The argument that states the broken number, else the call itself."""
    return node.arg_spans.get(arg) or place(node)


def count(number: object, noun: str) -> str:
    """`1 axis`, `3 axes`."""
    if str(number) == "1":
        return f"1 {noun}"
    return f"{number} {'axes' if noun == 'axis' else noun + 's'}"


def faults(model: Model, *kinds: str) -> Iterator[tuple[Node, Fault]]:
    """Certain faults of some kinds, each once: a helper called five times with the same numbers is one defect."""
    from archlint_rules.accused import crashes  # it asks rules, which import this module

    seen: set[tuple[object, ...]] = set()
    for root in crashes(model):  # those of losses are ARC128's
        node, fault = root.node, root.fault
        if root.told is not None:
            continue
        key = (caret(node, fault.arg), node.made_at, fault.kind, str(fault.want), str(fault.got), fault.axis)
        if fault.kind in kinds and key not in seen:
            seen.add(key)
            yield node, fault


def crashed(model: Model, at: Span) -> tuple[Label, ...]:
    """The place of the crash that a finding explains."""
    from archlint_rules.accused import crashes

    told = (root for root in crashes(model) if root.told == at)
    return tuple(Label(root.node.span, f"{name_of(root.node)} fails for it: {root.fault.text}") for root in told)[:1]


def also(model: Model, node: Node, fault: Fault) -> tuple[Label, ...]:
    """Where else the cause of a crash shows: at most two layers that one change cures with it."""
    from archlint_rules.accused import crashes

    root = next((r for r in crashes(model) if r.node is node and r.fault is fault), None)
    here, shown = caret(node, fault.arg), dict[Span, Label]()
    for other, its in root.follow if root is not None else ():
        span = caret(other, its.arg)
        if span != here:
            shown.setdefault(span, Label(span, f"{name_of(other)} fails for the same reason: {its.text}"))
    return tuple(shown.values())[:2]


def entry_name(model: Model, node: Node) -> str:
    """The entry tensor's name: `` `x` ``."""
    record = record_of(model, node)
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
    record = record_of(model, node)
    if record is None:
        return ()
    if record.source == "first layer":
        taker = next(iter(readers(model, node)), None)
        text = f"{name_of(taker)} takes {entry_name(model, node)} as {shape_text(record.shape)} here" if taker else ""
        return (Label(taker.span, text),) if taker else ()
    how = {"declared": "is declared", "directive": "is stated", "example": "is called with"}.get(record.source, "is")
    return (Label(record.span, f"{entry_name(model, node)} {how} {shape_text(record.shape)} here"),)


def gives(model: Model, node: Node) -> str:
    """What a place has: `` `conv` gives (N, 32, H, W) here ``, of an entry `` `x` is (N, 3, H, W) here ``."""
    if is_entry(node):
        return f"{entry_name(model, node)} is {output_shape(node)} here"
    return f"{name_of(node)} gives {output_shape(node)} here"


def applied(node: Node, *shown: Span) -> tuple[Label, ...]:
    """A label at the call, unless one of the places that are shown is inside it: caret and causes."""
    if any(node.span.path == s.path and node.span.start <= s.start < node.span.end for s in shown):
        return ()
    return (Label(node.span, f"{name_of(node)} gets {input_shape(node)} here"),)


def causes(model: Model, node: Node, caret: Span, axis: int | None = None) -> tuple[Label, ...]:
    """Labels at the layer that made the node's input, and at the call if neither it nor the caret show that."""
    made = produced(model, node.inputs[0], axis) if node.inputs else ()
    return (*made, *applied(node, caret, *(label.span for label in made)))


def factors(model: Model, tensor: Tensor, axis: int) -> str:
    """`16*12*12` for the 2304 features a flatten made, else ""."""
    node = axis_source(model, tensor, axis)
    if node is None or node.family not in ("flatten", "reshape") or not node.inputs:
        return ""
    shape = node.inputs[0].shape
    if not shape or len(shape) < 3 or not proven_equal(tensor.features, product(shape[1:])):
        return ""
    parts = [show(s) for s in shape[1:] if s != 1]
    return "*".join(p if p.isalnum() else f"({p})" for p in parts) if len(parts) > 1 else ""


def new_number(model: Model, span: Span | None, old: object, new: object) -> tuple[Edit, ...]:
    """The edit that writes one number for another, where the source has it as a literal."""
    file = model.file
    if span is None or file is None or file.path != span.path or not isinstance(new, int):
        return ()
    written = file.lines.text[span.start : span.end]
    name, equals, value = written.rpartition("=")
    return (Edit(span, f"{name}{equals}{new}"),) if value.strip() == str(old) else ()

"""ARC103: BatchNorm1d, 2d, 3d or InstanceNorm on a tensor with other axes."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Fault, Finding, Model, Node, rule
from archlint_rules.flow import text_of
from archlint_rules.wording import caret, causes, faults, input_shape, name_of, op_name

RANKS = {2: 1, 3: 1, 4: 2, 5: 3}
"""Which BatchNorm takes a tensor of so many axes."""


@rule("ARC103", "norm-rank-mismatch", severity="error", category="shapes", fix="unsafe")
def norm_rank_mismatch(model: Model) -> Iterator[Finding]:
    """Normalisations that are declared for a number of axes of space."""
    for node, fault in faults(model, "rank"):
        if not for_space(node) or not node.inputs or short_of_batch(model, node):
            continue
        span = caret(node)
        yield Finding(
            span,
            f"{title(node)} needs {needed(node)} axes but its input has {fault.got}: {input_shape(node)}",
            label=f"gets {input_shape(node)}",
            related=causes(model, node, span),
            help=way_out(node, fault),
            layer=node.path,
            edits=renamed(model, node, fault),
        )


def for_space(node: Node) -> bool:
    """Is it one of torch's normalisations over 1, 2 or 3 axes of space?"""
    return node.family == "norm" and node.op.startswith("torch.nn.") and op_name(node)[-2:] in ("1d", "2d", "3d")


def short_of_batch(model: Model, node: Node) -> bool:
    """Did the convolution before it take the batch for its channels?  ARC102 is about that one."""
    before = model.graph.producers(node.id)
    return any(n.family == "conv" and f.kind == "channels" and f.axis == 0 for n in before for f in n.faults)


def title(node: Node) -> str:
    """The layer with its kind: `` `bn1` (BatchNorm2d) ``."""
    name, kind = name_of(node), op_name(node)
    return name if kind in name else f"{name} ({kind})"


def needed(node: Node) -> str:
    """`2 or 3`, `4`: ranks that the layer takes."""
    space = int(op_name(node)[-2])
    if "Instance" in op_name(node):
        return f"{space + 1} or {space + 2}"
    return "2 or 3" if space == 1 else str(space + 2)


def way_out(node: Node, fault: Fault) -> str:
    """The one that fits, or the place where this one does."""
    other = fitting(node, fault)
    if not other:
        return ""
    vectors = fault.got == 2
    return f"use {other}, or apply {name_of(node)} before the flatten" if vectors else f"use {other}"


def fitting(node: Node, fault: Fault) -> str:
    """`BatchNorm1d` for 2 axes; "" if none fits."""
    name = op_name(node)
    space = RANKS.get(fault.got) if isinstance(fault.got, int) else None
    if space is None or ("Instance" in name and fault.got == 2):
        return ""
    return f"{name[:-2]}{space}d"


def renamed(model: Model, node: Node, fault: Fault) -> tuple[Edit, ...]:
    """`BatchNorm2d(…)` written as `BatchNorm1d(…)`, where the call names the class itself."""
    made, other, name = node.made_at, fitting(node, fault), op_name(node)
    head = "" if made is None else text_of(model.file, made).partition("(")[0]
    if made is None or not other or head.rpartition(".")[2] != name or "." not in head:
        return ()
    start = made.start + len(head) - len(name)
    return (Edit(type(made)(made.path, start, start + len(name)), other),)

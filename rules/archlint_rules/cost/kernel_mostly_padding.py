"""Kernels that are larger than what they look at: most of their weights only ever meet padding."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.accused import crashes
from archlint_rules.amounts import number
from archlint_rules.cost.windows import Placed, once, sizes, windows
from archlint_rules.flow import ancestors, descendants, place
from archlint_rules.one_cause import turned
from archlint_rules.wording import caret, count, input_shape, name_of, produced

LEAST_LIVE = 0.5


@rule("ARC808", "kernel-mostly-padding", severity="warning", category="cost")
def kernel_mostly_padding(model: Model) -> Iterator[Finding]:
    """Convolutions of which less than half of the taps meet a real position; once for each model."""
    busy = {n.layer for n in model.family("conv") if n.layer is not None and not mostly_padding(n)}
    found = [node for node in model.family("conv") if node.layer not in busy and mostly_padding(node)]
    shown = once(model, found)
    if shown and not explained(model, shown[0]):
        yield finding(model, shown[0], windows(shown[0]), len(shown) - 1)


def explained(model: Model, node: Node) -> bool:
    """Are the maps that small because rows are read as channels, or do they soon run out?  The crash says so."""
    for root in crashes(model):
        if root.fault.kind == "empty" and root.node in descendants(model, node):
            return True
        if turned(model, root.node, root.fault) and (root.node is node or root.node in ancestors(model, node)):
            return True
    return False


def mostly_padding(node: Node) -> bool:
    """Are the sizes known, is the padding zeros, and are less than half of the taps alive?"""
    if node.args.get("padding_mode", "zeros") != "zeros" or not node.weights or node.output.shape is None:
        return False
    placed = windows(node)
    if not placed or any(w.size is None or w.count is None for w in placed):
        return False
    return prod(w.live_taps() for w in placed) < LEAST_LIVE * prod(w.kernel for w in placed)


def finding(model: Model, node: Node, placed: list[Placed], others: int) -> Finding:
    taps, live = prod(w.kernel for w in placed), prod(w.live_taps() for w in placed)
    kernel, area = sizes([w.kernel for w in placed]), sizes([w.size or 0 for w in placed])
    rate = f" of rate {sizes([w.dilation for w in placed])}" if any(w.dilation > 1 for w in placed) else ""
    dead = idle_weights(node, taps - live)
    weights = f" ({number(dead)} weights get no gradient)" if dead else ""
    more = (f"so do the kernels of {count(others, 'more layer')}",) if others else ()
    origin: tuple[Label, ...] = produced(model, node.inputs[0]) if node.inputs else ()
    return Finding(
        caret(node, "kernel_size"),
        f"{name_of(node)} is a {kernel} kernel{rate} on a {area} map: {taps - live} of {taps} taps only ever meet "
        f"padding{weights}",
        label=f"reads {input_shape(node)}",
        related=tuple(label for label in origin if label.span != place(node)),
        help="shrink the maps less before it, use larger pictures, or a 1x1 kernel or a smaller rate",
        notes=more,
        layer=node.path,
    )


def idle_weights(node: Node, dead: int) -> int:
    """Weights at the dead taps, where the layer states its channels; else 0."""
    numbers = [node.args.get(name) for name in ("in_channels", "out_channels", "groups")]
    inputs, outputs, groups = (n if isinstance(n, int) and n > 0 else 0 for n in numbers)
    return dead * (inputs // groups) * outputs if groups else 0

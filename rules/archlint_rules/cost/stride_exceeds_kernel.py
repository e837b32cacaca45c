"""Strides that are larger than the kernel: most of the input is never looked at."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from archlint.rule import Finding, Model, Node, rule
from archlint_rules.amounts import percent
from archlint_rules.cost.windows import Placed, once, sizes, windows
from archlint_rules.flow import PASSIVE, ancestors, descendants, weighted
from archlint_rules.wording import caret, input_shape, name_of

_ADDS = frozenset({"elementwise", "merge"})


@rule("ARC806", "stride-exceeds-kernel", severity="warning", category="cost")
def stride_exceeds_kernel(model: Model, *, least_share: float = 0.5, shortcuts: bool = False) -> Iterator[Finding]:
    """Convolutions and pools that jump over positions.  A pool of one position is a subsampling, and means it."""
    skipping = []
    for node in model.family("conv", "pool"):
        if not node.inputs or None in (node.inputs[0].shape or (None,)):
            continue  # a loop of unknown length made what it reads: this may be the shortcut of a block
        placed = windows(node)
        alone = node.family == "pool" and all(w.extent == 1 for w in placed)
        if not alone and any(w.stride > w.extent for w in placed) and left_out(placed) >= least_share:
            skipping.append(node)
    for node in once(model, skipping):
        block = one_of_several(model, node)
        if shortcuts or not block:
            yield finding(node, windows(node), block)


def left_out(placed: list[Placed]) -> float:
    """The part of the positions that no window reads, in the middle of the axes that are jumped over."""
    return 1 - prod(w.read_share() for w in placed if w.stride > w.extent)


def one_of_several(model: Model, node: Node) -> bool:
    """Does the result first meet, in a sum, what else was made of the same input?  So ResNet's 1x1 shortcuts do.

    Or elsewhere, before it goes through further layers: the queries of a LeViT see every other key.
    """
    after = {n.id for n in descendants(model, node)}
    branches = [
        [other, *descendants(model, other)]
        for source in sources(model, node)
        for other in model.graph.consumers(source.id)
        if other.id != node.id and other.id not in after
    ]
    first = min((n for branch in branches for n in branch if n.id in after), key=lambda n: n.id, default=None)
    if first is None:
        return any(lost(model, branch) for branch in branches) or meets_unknown(model, node)
    if first.family in _ADDS:
        return True
    return not any(n.id in after and weighted(n) for n in ancestors(model, first))


def lost(model: Model, branch: list[Node]) -> bool:
    """Does a branch end where nothing shows what takes it: `sum(x[i] for i in range(WIDTH))` of an unknown WIDTH?"""
    return any(not model.graph.consumers(n.id) and n.id not in (model.returned or ()) for n in branch)


def meets_unknown(model: Model, node: Node) -> bool:
    """Is the result added to what layers made of nobody knows what: the other end of a branch that was lost?"""
    sums = [n for n in descendants(model, node) if n.family in _ADDS]
    return any(not a.inputs and a.layer is not None and a.family != "input" for n in sums for a in ancestors(model, n))


def sources(model: Model, node: Node) -> Iterator[Node]:
    """What the layer reads, and what that is made of by norms, blurs, pads and slices: the block's input."""
    todo, seen = [node], {node.id}
    while todo:
        for source in model.graph.producers(todo.pop().id):
            if source.id in seen:
                continue
            seen.add(source.id)
            yield source
            groups = source.args.get("groups")
            blurs = source.family == "conv" and isinstance(groups, int) and groups > 1
            if blurs or source.family in PASSIVE | {"cast", "index", "pad"}:
                todo.append(source)


def finding(node: Node, placed: list[Placed], block: bool) -> Finding:
    kernel, stride = sizes([w.extent for w in placed]), sizes([w.stride for w in placed])
    usual = ("usual in residual blocks; ResNet-D averages over 2x2 before the 1x1 convolution",) if block else ()
    wide = sizes([max(w.extent, w.stride) for w in placed])
    arg = next((a for a in ("stride", "strides") if a in node.arg_spans), "")
    return Finding(
        caret(node, arg),
        f"{name_of(node)} skips {percent(left_out(placed))} of its input: kernel {kernel}, stride {stride}",
        label=f"reads {input_shape(node)} in windows of {kernel}, {stride} apart",
        help=f"a kernel of at least {wide} reads everything; or a smaller stride",
        notes=usual,
        severity="info" if block else None,
        layer=node.path,
    )

"""Two linear layers in a row: which they are, what they cost, and what the one layer costs that does the same."""

from __future__ import annotations

import re

from archlint.rule import Model, Node, Size, filters, product, proven_equal

_PLAIN = re.compile(r"(Linear|Dense|dense|fully_connected|[Cc]onv(olution)?[123][dD])")


def plain(node: Node) -> bool:
    """Is it of a kind that is a weight matrix, or a window that slides, and nothing else?"""
    return _PLAIN.fullmatch(node.op.rpartition(".")[2]) is not None


def follows(first: Node, second: Node) -> bool:
    """Are both of the plain kind, and the features that the first makes those that the second reads?"""
    whole = all(n.args.get("groups", 1) == 1 and n.scope_known and n.inputs for n in (first, second))
    same = first.family == "conv" or proven_equal(first.output.features, second.inputs[0].features)
    faulty = bool(second.branch or first.faults or second.faults)
    return plain(first) and plain(second) and whole and same and not faulty


def once(model: Model, node: Node) -> bool:
    """Is the layer applied in this place only?"""
    return node.repeats == 1 and (node.layer is None or model.graph.applications(node.layer) <= 1)


def weights(first: Node, *seconds: Node) -> tuple[int | None, int | None]:
    """Parameters of a layer and those that read it, and weights of the one layer that does the same."""
    given, params = [filters(n) for n in seconds], [n.out.params for n in (first, *seconds)]
    if not all(isinstance(n, int) for n in (*given, *params)):
        return None, None
    sizes = [width(first), sum(n for n in given if isinstance(n, int))]
    if first.family == "conv":
        window = joined_window(first, seconds[0])
        if window is None:
            return None, None
        sizes += window
    together = product(sizes)
    apart = sum(n for n in params if isinstance(n, int))
    return (apart, together) if isinstance(together, int) else (None, None)


def joined_window(first: Node, second: Node) -> list[int] | None:
    """The window of the one convolution that does what two do: 5x5 of 3x3 and 3x3."""
    sizes = []
    for (a, step), (b, _) in zip(first.out.window, second.out.window):
        if not (isinstance(a, int) and isinstance(b, int) and isinstance(step, int)):
            return None
        sizes.append(a + (b - 1) * step)
    return sizes if sizes and len(first.out.window) == len(second.out.window) else None


def width(node: Node) -> Size:
    """Features or channels that a layer reads."""
    taken = node.inputs[0]
    if node.family == "dense":
        return taken.features
    roles = node.out.demand.roles if node.out.demand is not None else ()
    if taken.shape is None or len(roles) != len(taken.shape) or "channel" not in roles:
        return None
    return taken.shape[roles.index("channel")]

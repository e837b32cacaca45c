"""The trunk of a network that is one chain of layers; of others nothing is said."""

from __future__ import annotations

from archlint.rule import Model, Node

_SIDE = frozenset({"input", "variable", "loss"})


def chain(model: Model) -> list[Node]:
    """The layers in order where each takes only what the one before gives; empty where ways part or meet."""
    if not model.complete or len(model.inputs) != 1:
        return []
    nodes = [node for node in model.nodes if node.family not in _SIDE]
    before = model.inputs[0].node
    for node in nodes:
        sources = {t.node for t in node.inputs if t.node >= 0}
        if sources != {before} or node.branch or node.unknown:
            return []
        before = node.id
    return nodes


def convolutions(model: Model) -> list[Node]:
    """The convolutions of the trunk that mix channels: depthwise ones are left out."""
    return [node for node in chain(model) if node.family == "conv" and not depthwise(node)]


def depthwise(node: Node) -> bool:
    """One kernel for each channel."""
    return "epthwise" in node.op or node.args.get("groups", 1) != 1


def channels(node: Node) -> int | None:
    """Feature maps that come out, as the source states them."""
    stated = (node.args.get(name) for name in ("out_channels", "filters", "num_outputs"))
    return next((n for n in stated if isinstance(n, int)), None)


def kernel(node: Node) -> tuple[int, ...]:
    """Size of the kernel on each axis; empty where it is not known."""
    found = tuple(slide.kernel for slide in node.out.slides if isinstance(slide.kernel, int))
    return found if len(found) == len(node.out.slides) else ()

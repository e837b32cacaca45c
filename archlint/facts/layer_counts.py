"""How many layers a model has, in every usual way of counting, each with its convention named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archlint.facts.storage import short
from archlint.facts.table import LayerCount
from archlint.graph import LayerGraph, Node
from archlint.model import Model

WEIGHT_FAMILIES = ("conv", "conv_transpose", "dense", "recurrent")

DEPTH = "layers with weights on the longest path (convolution, fully connected, recurrent; not norm or embedding)"
HIDDEN = "depth without the output layer; the input is not counted (CS231n)"
DISTINCT = "convolutions, fully connected and recurrent layers, a shared one once"
APPLIED = "the same, a shared one as often as it is called"
RECURRENT = "stacked recurrent layers times directions"
FRAMEWORK = {
    "torch": "modules without children, as `model.modules()` has them",
    "keras": "as `len(model.layers)` without input layers, the layers of an inner model one by one",
}


def layer_counts(model: Model) -> tuple[LayerCount, ...]:
    """Every count of a model; `most` is None where a part of the model is not known."""
    return tuple(_counts(model))


def _counts(model: Model) -> Iterator[LayerCount]:
    nodes = [n for n in model.nodes if n.family in WEIGHT_FAMILIES]
    low, high = depth(model.graph, model.outputs)
    open_end = not model.complete or any(n.family == "model" for n in model.nodes)  # `VGG16()` has layers of its own
    yield LayerCount("depth", low, None if open_end else high, DEPTH)
    if low:
        yield LayerCount("hidden layers", low - 1, None if open_end else high - 1, HIDDEN)
    distinct = len({n.layer if n.layer is not None else ("call", n.id) for n in nodes})
    yield LayerCount("weight layers", distinct, None if open_end else distinct, DISTINCT)
    yield LayerCount("applications", len(nodes), None if open_end else len(nodes), APPLIED)
    recurrent = list(first_applications(n for n in nodes if n.family == "recurrent"))
    if recurrent:
        stacks = [stacked(n) for n in recurrent]
        known = None if None in stacks else sum(s * directions(n) for s, n in zip(stacks, recurrent) if s is not None)
        yield LayerCount("recurrent layers", known, None if open_end else known, RECURRENT)
    if model.framework in FRAMEWORK:
        count = framework_layers(model)
        if count is not None:
            yield LayerCount("framework layers", count, None if open_end else count, FRAMEWORK[model.framework])


def framework_layers(model: Model) -> int | None:
    """Layer objects of the model, applied or not; None for Keras models with layer classes of their own."""
    idents = {n.layer for n in model.nodes if n.layer is not None and n.family != "input"}
    if model.framework == "torch":
        return len(idents | {record.ident for record in model.layers if record.op != "torch.nn.Parameter"})
    if model.modules or model.layers:
        return None
    # `layers.add([x, y])` makes a layer, too
    return len(idents) + sum(n.layer is None and n.op.startswith("keras.layers.") for n in model.nodes)


def depth(graph: LayerGraph, outputs: Iterable[int]) -> tuple[int, int]:
    """Weight layers on the longest path from an input to an output; least and most, where a branch is undecided."""
    found: list[tuple[int, int]] = []
    cells: set[int] = set()
    for node in graph.nodes:
        before = [found[t.node] for t in node.inputs if 0 <= t.node < len(found)] or [(0, 0)]
        least = min if node.family == "join" else max
        own = _own_depth(node, cells)
        found.append((least(low for low, _ in before) + own, max(high for _, high in before) + own))
    ends = [found[i] for i in outputs if i < len(found)] or found or [(0, 0)]
    return max(low for low, _ in ends), max(high for _, high in ends)


def _own_depth(node: Node, cells: set[int]) -> int:
    if node.family not in WEIGHT_FAMILIES:
        return 0
    if node.family != "recurrent":
        return 1
    if short(node.op).endswith("cell") and node.layer is not None:
        # a cell in a loop over time is one layer, not one per step
        if node.layer in cells:
            return 0
        cells.add(node.layer)
    return stacked(node) or 1


def stacked(node: Node) -> int | None:
    """Layers a recurrent module stacks (`num_layers=2`)."""
    layers = node.args.get("num_layers", 1)
    return layers if isinstance(layers, int) and layers > 0 else None


def directions(node: Node) -> int:
    """2 for a bidirectional layer."""
    both = node.args.get("bidirectional") is True or node.args.get("wrapper") == "keras.layers.Bidirectional"
    return 2 if both else 1


def first_applications(nodes: Iterable[Node]) -> Iterator[Node]:
    """Applications whose numbers count: each layer's first."""
    seen: set[int] = set()
    for node in nodes:
        if node.layer is None or node.layer not in seen:
            yield node
        if node.layer is not None:
            seen.add(node.layer)

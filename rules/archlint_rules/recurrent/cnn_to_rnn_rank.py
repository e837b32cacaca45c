"""Feature maps, or one flat vector per image, handed to a recurrent layer that wants a sequence."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Label, Model, Node, Size, Tensor, product, rule, show, show_shape
from archlint_rules.flow import ancestors, applied_at, place
from archlint_rules.wording import faults, name_of


@rule("ARC301", "cnn-to-rnn-rank", severity="error", category="recurrent")
def cnn_to_rnn_rank(model: Model) -> Iterator[Finding]:
    for node, fault in faults(model, "rank"):
        source = maps_before(model, node, fault)
        if source is not None:
            yield frames(model, node, source) if fault.got == 5 else finding(model, node, source)


def maps_before(model: Model, node: Node, fault: Fault) -> Node | None:
    """The last layer that gave feature maps `(N, H, W, C)`, if a recurrent layer fails on what came of them."""
    if node.family != "recurrent" or fault.got not in ((2, 4, 5) if model.framework == "keras" else (2, 4)):
        return None
    before = ancestors(model, node)
    if any(n.family == "recurrent" for n in before):
        return None
    rank = 5 if fault.got == 5 else 4
    images = [n for n in before if n.family in ("conv", "pool") and n.output.rank == rank]
    return images[-1] if images else None


def finding(model: Model, node: Node, source: Node) -> Finding:
    got = node.inputs[0]
    maker = model.graph[got.node]
    related = [Label(place(maker), f"{name_of(maker)} gives {show_shape(got.shape)} here")]
    if source is not maker:
        related.append(Label(place(source), f"the feature maps {show_shape(source.output.shape)} come from here"))
    vector, columns = as_sequences(source.output)
    ways = [f"for frames of a video run the CNN on every frame: {vector} per clip of T frames"]
    if columns:
        ways.append(f"for columns of one image permute and reshape: {columns}, one step per column")
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} needs (batch, steps, features) but gets {show_shape(got.shape)} from {name_of(maker)}",
        label=f"gets {show_shape(got.shape)}",
        related=tuple(related),
        help="; ".join(ways),
        notes=(frames_note(model),),
        layer=node.path,
    )


def frames(model: Model, node: Node, source: Node) -> Finding:
    """The maps of every frame, `(N, T, H, W, C)`: each frame has to become a vector first."""
    got = node.inputs[0]
    assert got.shape is not None
    steps, channels, whole = show(got.shape[1]), show(got.shape[4]), show(product(got.shape[2:]))
    return Finding(
        applied_at(model, node),
        f"{name_of(node)} needs (batch, steps, features) but gets {show_shape(got.shape)} from {name_of(source)}",
        label=f"gets {show_shape(got.shape)}",
        related=(Label(place(source), f"the maps {show_shape(source.output.shape)} come from here"),),
        help=f"make one vector of each frame, under TimeDistributed: a Flatten gives (N, {steps}, {whole}), "
        f"a GlobalAveragePooling2D (N, {steps}, {channels})",
        layer=node.path,
    )


def frames_note(model: Model) -> str:
    if model.framework == "torch":
        return "per frame in torch: fold (N, T, C, H, W) into (N*T, C, H, W), run the CNN, view its output as (N, T, F)"
    if model.framework == "tf":
        return "per frame in TensorFlow: run the CNN on (N*T, H, W, C), then tf.reshape its flat output to [N, T, F]"
    return "per frame in Keras: TimeDistributed(cnn) on (N, T, H, W, C)"


def as_sequences(maps: Tensor) -> tuple[str, str]:
    """The two sound forms of feature maps: `(N, T, 1152)` per frame, `(N, 12, 96)` per column."""
    assert maps.shape is not None
    sizes: dict[str, Size] = {}
    for axis, size in zip(maps.axes or (), maps.shape):
        if len(axis) == 1:
            sizes[axis[0].role] = size
    vector = f"(N, T, {show(product(maps.shape[1:]))})"
    if not {"space0", "space1", "channel"} <= sizes.keys():
        return vector, ""
    column = product((sizes["channel"], sizes["space0"]))
    return vector, f"(N, {show(sizes['space1'])}, {show(column)})"

"""A CNN on every frame of every clip at once, before a recurrent layer: memory grows with batch times steps."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import (
    Finding,
    Label,
    Model,
    Node,
    Size,
    activation_memory,
    batch_axis,
    product,
    proven_equal,
    rule,
    show_shape,
)  # fmt: skip
from archlint_rules.amounts import amount
from archlint_rules.flow import ancestors, applied_at, place
from archlint_rules.wording import name_of

_FLOAT = 4
_WRAPPER = "keras.layers.TimeDistributed"


@rule("ARC804", "time-folded-into-batch", severity="info", confidence="likely", category="cost")
def time_folded_into_batch(model: Model, *, least_mib: float = 16.0, least_ratio: float = 4.0) -> Iterator[Finding]:
    for rnn in model.family("recurrent"):
        before = ancestors(model, rnn)
        convs = [n for n in before if n.family == "conv"]
        if not convs or not rnn.inputs or any(n.family == "recurrent" for n in before):
            continue
        steps, width = frames(rnn, before, convs), rnn.inputs[0].features
        if not isinstance(steps, int) or steps < 2 or not isinstance(width, int):
            continue
        kept = kept_per_clip(model, before, convs[-1], steps)
        if kept is not None and kept >= max(least_mib * 2**20, least_ratio * steps * width * _FLOAT):
            yield finding(model, rnn, convs[0], steps, kept, steps * width * _FLOAT)


def frames(rnn: Node, before: list[Node], convs: list[Node]) -> Size:
    """Frames per clip that the CNN runs on at once: steps of a TimeDistributed, or cut out of a batch by a reshape."""
    if all(n.args.get("wrapper") == _WRAPPER for n in convs):
        return convs[-1].repeats
    for node in before:
        if node.family != "reshape" or node.id < convs[-1].id or not node.inputs:
            continue
        frame, clip = node.inputs[0].shape, node.output.shape
        if frame and clip is not None and len(clip) == 3 and proven_equal(frame[0], product(clip[:2])):
            return clip[1] if rnn.args.get("batch_first", True) is not False else clip[0]
    return None


def kept_per_clip(model: Model, before: list[Node], conv: Node, steps: int) -> int | None:
    """Bytes that the layers before the recurrent one keep for their gradients, for one clip; None if not known."""
    saved, batch = activation_memory(model).saved_by, batch_axis(model)
    total = 0
    for node in before:
        sample = saved[node.id].sample if node.id in saved else 0
        if not isinstance(sample, int):
            return None
        total += sample
    size, image = batch.per_sample(conv), product((conv.output.shape or (None,))[-3:])
    if not isinstance(size, int) or not isinstance(image, int) or not image:
        return None
    return {steps: total, 1: total * steps}.get(size // image)


def finding(model: Model, rnn: Node, conv: Node, steps: int, kept: int, features: int) -> Finding:
    shape = rnn.inputs[0].shape or ()
    batch = shape[0] if rnn.args.get("batch_first", True) is not False else shape[1]
    if isinstance(batch, int):
        whole, many = f"{batch * steps:,} frames ({batch} clips of {steps})", batch
    else:
        whole, many = f"{steps} frames per clip", 1
    return Finding(
        applied_at(model, rnn),
        f"the CNN before {name_of(rnn)} runs on {whole} at once: it keeps {amount(kept * many)} for the gradients, "
        f"the features take {amount(features * many)}",
        label=f"reads {show_shape(shape)}",
        related=(Label(place(conv), "the CNN begins here"),),
        help="encode the frames in chunks and keep only the features; with a trained CNN, checkpoint the chunks",
        notes=(
            f"{amount(kept // steps)} per frame in float32, each storage once; exact if the CNN is frozen: "
            "its features do not change between epochs",
        ),
        layer=rnn.path,
    )

"""One dense layer behind a Flatten that holds most of the model's parameters."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Tensor, parameters, product, proven_equal, rule, show
from archlint_rules.amounts import number, percent
from archlint_rules.flow import PASSIVE, place, producer
from archlint_rules.wording import count, name_of


@rule("ARC801", "parameter-concentration", severity="info", category="cost")
def parameter_concentration(
    model: Model, *, least_share: float = 0.8, least_parameters: int = 1_000_000
) -> Iterator[Finding]:
    owned = parameters(model)
    largest = owned.largest
    share = owned.share(largest) if largest else None
    if not model.complete or largest is None or share is None or largest.node is None or share < least_share:
        return
    dense = model.graph[largest.node]
    flat = producer(model, dense, PASSIVE)
    if dense.family != "dense" or flat is None or int(str(largest.trainable)) < least_parameters:
        return
    maps = flat.inputs[0] if len(flat.inputs) == 1 and flat.family in ("flatten", "reshape") else None
    if maps is not None and of_space(maps, flat):
        yield finding(model, dense, flat, share)


def of_space(maps: Tensor, flat: Node) -> bool:
    """Does the flatten fold feature maps, positions and channels, into one vector?"""
    if maps.shape is None or maps.axes is None or flat.output.rank != 2 or len(maps.shape) < 3:
        return False
    roles = {a.role for axis in maps.axes for a in axis}
    channels = product(s for s, axis in zip(maps.shape[1:], maps.axes[1:]) if axis[0].role == "channel")
    if proven_equal(channels, flat.output.features):
        return False  # one position is left: it has been pooled already
    return "space0" in roles and product(maps.shape[1:]) == flat.output.features


def finding(model: Model, dense: Node, flat: Node, share: float) -> Finding:
    owned = parameters(model)
    maps = flat.inputs[0]
    assert maps.shape is not None
    assert maps.axes is not None
    inputs, units = flat.output.features, dense.output.features
    sizes = "x".join(show(s) for s in maps.shape[1:])
    pooled = product(s for s, axis in zip(maps.shape[1:], maps.axes[1:]) if axis[0].role == "channel")
    return Finding(
        place(dense),
        f"{name_of(dense)} holds {number(dense.out.params)} of {number(owned.trainable)} parameters ({percent(share)})",
        label=f"{number(inputs)} inputs x {count(number(units), 'unit')}",
        related=(Label(place(flat), f"{sizes} values become one vector of {number(inputs)} here"),),
        help=f"global average pooling instead of the Flatten leaves {number(pooled)} inputs: "
        f"{number(product((pooled, units)))} weights",
        layer=dense.path,
    )

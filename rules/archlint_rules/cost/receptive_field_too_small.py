"""A network that pools over the whole picture but looks at small patches of it only."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, receptive_fields, rule
from archlint_rules.amounts import percent
from archlint_rules.flow import descendants, place
from archlint_rules.wording import name_of


@rule("ARC807", "receptive-field-too-small", severity="info", category="cost")
def receptive_field_too_small(model: Model, *, least_share: float = 0.5) -> Iterator[Finding]:
    pictures = [i for i in model.inputs if i.shape is not None and len(i.shape) == 4]
    if len(model.inputs) != 1 or not pictures:
        return
    picture = model.graph[pictures[0].node]
    sizes = [extent(model, picture, axis) for axis in ("space0", "space1")]
    pools = [p for p in model.family("global_pool") if len(p.inputs) == 1 and ends_in_dense(model, p)]
    seen = receptive_fields(model.graph) if pools and None not in sizes else []
    for pool in pools if seen else ():
        sight = seen[pool.inputs[0].node]
        fields = [sight.fields.get(axis) for axis in ("space0", "space1")]
        if sight.whole or not sight.known or None in fields:
            continue
        pairs = [(f.size, s) for f, s in zip(fields, sizes) if f is not None and isinstance(s, int)]
        if len(pairs) == 2 and all(f is not None and f < least_share * s for f, s in pairs):
            yield finding(model, pool, [(f, s) for f, s in pairs if f is not None])


def extent(model: Model, picture: Node, role: str) -> int | None:
    """Known size of the input along an axis of space, as its first layer reads the axes."""
    shape = picture.output.shape or ()
    for taker in model.graph.consumers(picture.id):
        roles = taker.out.demand.roles if taker.out.demand else ()
        size = shape[roles.index(role)] if role in roles and len(roles) == len(shape) else None
        if isinstance(size, int):
            return size
    return None


def ends_in_dense(model: Model, pool: Node) -> bool:
    """A classifier or regressor: the last weighted layers are dense, or there are none."""
    after = descendants(model, pool)
    return not any(n.family in ("conv", "conv_transpose", "merge", "elementwise", "recurrent") for n in after)


def finding(model: Model, pool: Node, pairs: list[tuple[int, int]]) -> Finding:
    (height, full_height), (width, full_width) = pairs
    share = percent(height * width / (full_height * full_width))
    source = model.graph[pool.inputs[0].node]
    return Finding(
        place(pool),
        f"each pooled feature sees {height}x{width} of {full_height}x{full_width} pixels ({share})",
        label="averages over patches that were never seen together",
        related=(Label(place(source), f"{name_of(source)} sees {height}x{width} pixels of the input"),),
        help="add strides, pooling or layers before it, so that one feature covers more of the picture",
        layer=pool.path,
    )

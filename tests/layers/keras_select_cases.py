"""Random calls of the functions of `keras.ops` that slide windows, pick elements and put them in order."""

from __future__ import annotations

from typing import Any

from differential import Case, Generator, Shape
from keras_sampling import Rng, maybe, shape, similar, some

O = "keras.ops."


def image(rng: Rng, n: int, channels: int, last: bool) -> Shape:
    """A batch of images whose sizes are large enough for most windows."""
    space = [rng.choice([5, 6, 9, None]) for _ in range(n)]
    return (rng.choice([None, 2]), *space, channels) if last else (rng.choice([None, 2]), channels, *space)


def conv(rng: Rng) -> Case:
    n, channels, last = rng.choice([1, 2, 2, 3]), rng.choice([4, 6]), rng.random() < 0.8
    weights = (*(rng.choice([1, 2, 3]) for _ in range(n)), maybe(rng, channels, rng.choice([2, 3, 5]), 0.2), 4)
    kwargs = some(rng, strides=[1, 2], padding=["same", "valid"], dilation_rate=[1, 1, 2])
    if kwargs.get("strides", 1) != 1:
        kwargs.pop("dilation_rate", None)
    kwargs["data_format"] = "channels_last" if last else "channels_first"
    return Case(O + "conv", ["$0", "$1"], kwargs, inputs=[image(rng, n, channels, last), weights])


def depthwise(rng: Rng) -> Case:
    channels = rng.choice([2, 3])
    weights = (3, rng.choice([1, 3]), maybe(rng, channels, 5, 0.1), rng.choice([1, 2]))
    kwargs = some(rng, strides=[1, 2], padding=["same", "valid"])
    kwargs["data_format"] = "channels_last"
    return Case(O + "depthwise_conv", ["$0", "$1"], kwargs, inputs=[image(rng, 2, channels, True), weights])


def transposed(rng: Rng) -> Case:
    n, channels = rng.choice([1, 2]), rng.choice([3, 4])
    weights = (*(rng.choice([2, 3]) for _ in range(n)), 5, maybe(rng, channels, 2, 0.1))
    kwargs: dict[str, Any] = {"strides": rng.choice([1, 2]), "data_format": "channels_last"}
    kwargs |= some(rng, padding=["same", "valid"])
    return Case(O + "conv_transpose", ["$0", "$1"], kwargs, inputs=[image(rng, n, channels, True), weights])


def pool(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        n = rng.choice([1, 2, 3])
        kwargs = some(rng, strides=[1, 2, 3], padding=["same", "valid"])
        kwargs["data_format"] = "channels_last"
        return Case(O + name, ["$0", rng.choice([1, 2, 3])], kwargs, inputs=[image(rng, n, 4, True)])

    return make


def patches(rng: Rng) -> Case:
    kwargs = some(rng, strides=[1, 2], padding=["same", "valid"])
    return Case(O + "image.extract_patches", ["$0", rng.choice([2, 3])], kwargs, inputs=[image(rng, 2, 3, True)])


def einsum(rng: Rng) -> Case:
    a, b, c = rng.choice([2, None]), 3, rng.choice([4, 5])
    equation = rng.choice(["abc,cd->abd", "abc,abd->acd", "...c,cd->...d", "abc,cd"])
    second = {"abc,abd->acd": (a, b, 6)}.get(equation, (maybe(rng, c, 7, 0.1), 6))
    return Case(O + "einsum", [equation, "$0", "$1"], inputs=[(a, b, c), second])


def along(rng: Rng) -> Case:
    made = shape(rng, rng.randint(1, 2))
    at = rng.randrange(len(made))
    places = tuple(rng.choice([1, 2, 7]) if i == at else maybe(rng, 1, s, 0.2) for i, s in enumerate(made))
    return Case(O + "take_along_axis", ["$0", "$1"], {"axis": at}, inputs=[made, places], dtypes=["float32", "int32"])


def top(rng: Rng) -> Case:
    made = (*shape(rng, rng.randint(0, 2))[:-1], 6)
    return Case(O + "top_k", ["$0", rng.choice([1, 3])], inputs=[made])


def ordered(name: str) -> Generator:
    return lambda rng: Case(O + name, ["$0"], some(rng, axis=[-1, 0, 1]), inputs=[shape(rng, rng.randint(1, 2))])


def cut(rng: Rng) -> Case:
    made = (rng.choice([3, 4]), rng.choice([4, 5]))
    return Case(O + "slice", ["$0", [0, 1], [rng.choice([1, 2, 3]), rng.choice([1, 2, 3])]], inputs=[made])


def two(name: str, least: int = 1) -> Generator:
    def make(rng: Rng) -> Case:
        made = shape(rng, rng.randint(least, 2))
        return Case(O + name, ["$0", "$1"], inputs=[made, similar(rng, made, 0.1)])

    return make


def stacked(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        made = tuple(rng.choice([2, 3]) for _ in range(rng.choice([1, 2, 3])))
        return Case(O + name, [["$0", "$1"]], inputs=[made, made])

    return make


def grids(rng: Rng) -> Case:
    vectors: list[Shape] = [(rng.choice([2, 3]),) for _ in range(rng.choice([2, 3]))]
    args = [f"${i}" for i in range(len(vectors))]
    return Case(O + "meshgrid", args, some(rng, indexing=["ij", "xy"]), inputs=vectors)


def attention(rng: Rng) -> Case:
    batch, heads, width = rng.choice([2, 3]), 2, 4
    query = (batch, 5, heads, width)
    other = (batch, rng.choice([5, 7]), heads, width)
    return Case(O + "dot_product_attention", ["$0", "$1", "$2"], inputs=[query, other, other])


MAKERS: dict[str, Generator] = {
    "conv": conv, "depthwise_conv": depthwise, "conv_transpose": transposed, "einsum": einsum,
    **{name: pool(name) for name in ("max_pool", "average_pool")},
    "image.extract_patches": patches, "take_along_axis": along, "top_k": top, "argsort": ordered("argsort"),
    "slice": cut, "outer": two("outer"), "append": two("append"),
    **{name: two(name) for name in ("fmax", "hypot", "logaddexp2", "isclose")},
    **{name: stacked(name) for name in ("hstack", "vstack")},
    "meshgrid": grids, "dot_product_attention": attention,
    "eye": lambda rng: Case(O + "eye", [rng.choice([2, 3])], some(rng, M=[4, 2])),
    "linspace": lambda rng: Case(O + "linspace", [0.0, 1.0], some(rng, num=[3, 7])),
    "expand_dims/several": lambda rng: Case(
        O + "expand_dims", ["$0"], {"axis": rng.choice([[0, 1], [0, -1], [1, 3]])}, inputs=[shape(rng, 1)]
    ),
}  # fmt: skip

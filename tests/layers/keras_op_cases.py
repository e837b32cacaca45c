"""Random calls of `keras.ops` and of the functions of `keras.backend` that Keras 3 still has."""

from __future__ import annotations

from typing import Any

from differential import Case, Generator, Shape
from keras_sampling import Rng, maybe, shape, similar, some

from archlint.layers.keras.ops_elementwise import BINARY, BOOLEAN, COMPARISON, UNARY
from archlint.layers.keras.ops_math import REDUCTIONS, TESTS

O = "keras.ops."
EXTRA: dict[str, list[Any]] = {"clip": [0.0, 1.0], "flip": [1], "roll": [2], "threshold": [0.5, 0.0], "reverse": [1]}


def unary(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        return Case(O + name, ["$0", *EXTRA.get(name, [])], inputs=[shape(rng, rng.randint(1, 3))])

    return make


def binary(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        first = shape(rng, rng.randint(0, 2))
        other = similar(rng, first, 0.15)
        if rng.random() < 0.2:
            return Case(O + name, ["$0", 2.0], inputs=[first])
        return Case(O + name, ["$0", "$1"], inputs=[first, rng.choice([other, other[1:] or (1,)])])

    return make


def reduction(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        kwargs = some(rng, axis=[None, -1, 1, 0, [1, 2], [-1], 3], keepdims=[True, False])
        return Case(O + name, ["$0"], kwargs, inputs=[shape(rng, rng.randint(0, 3))])

    return make


def reshape(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 3), high=6)
    sizes: list[int] = [s or rng.choice([2, 3]) for s in made]
    rng.shuffle(sizes)
    if rng.random() < 0.5 and len(sizes) > 1:
        sizes.append(sizes.pop() * sizes.pop())
    if rng.random() < 0.7:
        sizes[rng.randrange(len(sizes))] = rng.choice([-1, -1, -1, 2, 5])
    return Case(O + "reshape", ["$0", sizes], inputs=[made])


def transpose(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 3))
    order = list(range(len(made)))
    rng.shuffle(order)
    if rng.random() < 0.1:
        order[0] = rng.choice([0, 1, 5, -1])
    return Case(O + "transpose", ["$0"], {"axes": order} if rng.random() < 0.8 else {}, inputs=[made])


def with_axis(name: str, argument: str = "axis", before: list[Any] | None = None) -> Generator:
    def make(rng: Rng) -> Case:
        made = shape(rng, rng.randint(0, 3))
        if name == "squeeze":
            made = tuple(maybe(rng, 1, s, 0.5) if i else s for i, s in enumerate(made))
        args = ["$0", *([rng.choice(before)] if before else [])]
        kwargs = {argument: rng.choice([-1, 1, 0, 2, -2, 4])}
        return Case(O + name, args, kwargs, inputs=[made])

    return make


def two_axes(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        made = shape(rng, rng.randint(0, 3))
        return Case(O + name, ["$0", rng.choice([-1, 0, 1, 2, 4]), rng.choice([-1, 0, 1, 2])], inputs=[made])

    return make


def joined(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        first = shape(rng, rng.randint(0, 2))
        other = similar(rng, first, 0.08)
        kwargs = {"axis": rng.choice([-1, 1, 0, 2, 3])} if rng.random() < 0.8 else {}
        return Case(O + name, [["$0", "$1"]], kwargs, inputs=[first, other])

    return make


def split(rng: Rng) -> Case:
    made: Shape = (maybe(rng, None, 4), rng.choice([6, 8, 12]), rng.choice([4, 6, None]))
    parts = rng.choice([2, 3, 4, [2, 4], [1], [3, 5]])
    return Case(O + "split", ["$0", parts], {"axis": rng.choice([1, 2, -1, 3])}, inputs=[made])


def matmul(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        shared = rng.choice([2, 3, 4])
        left = [*(rng.choice([None, 2, 3]) for _ in range(rng.randint(0, 3))), shared]
        right = [
            *(rng.choice([2, 2, 3]) for _ in range(rng.randint(0, 2))),
            maybe(rng, shared, rng.choice([5, None]), 0.15),
        ]
        if rng.random() < 0.8:
            right.append(rng.choice([1, 5]))
        return Case(O + name, ["$0", "$1"], inputs=[tuple(left), tuple(right)])

    return make


def tensordot(rng: Rng) -> Case:
    inputs: list[Shape] = [(None, 3, rng.choice([4, 5])), (rng.choice([4, 4, 5]), 3, 6)]
    return Case(
        O + "tensordot", ["$0", "$1"], {"axes": rng.choice([1, 2, [[2], [0]], [[1, 2], [1, 0]]])}, inputs=inputs
    )


def where(rng: Rng) -> Case:
    first = shape(rng, rng.randint(0, 2))
    inputs = [similar(rng, first, 0.1), first, similar(rng, first, 0.1)]
    return Case(O + "where", ["$0", "$1", rng.choice(["$2", 0.0])], inputs=inputs, dtypes=["bool"])


def pad(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 2))
    width: Any = rng.choice([1, [[1, 2]] * len(made), [[0, 0]] * (len(made) - 1) + [[2, 1]], [[1, 1]]])
    return Case(O + "pad", ["$0", width], inputs=[made])


def repeated(rng: Rng) -> Case:
    kwargs = {"axis": rng.choice([-1, 1, 0])} if rng.random() < 0.7 else {}
    return Case(O + "repeat", ["$0", rng.choice([1, 2, 3])], kwargs, inputs=[shape(rng, rng.randint(0, 2))])


def tile(rng: Rng) -> Case:
    made = shape(rng, rng.randint(0, 2))
    times = [rng.choice([1, 2]) for _ in range(len(made) + rng.choice([-1, 0, 0, 1]))]
    return Case(O + "tile", ["$0", times or [2]], inputs=[made])


def one_hot(rng: Rng) -> Case:
    kwargs = some(rng, axis=[-1, 0, 1])
    return Case(
        O + "one_hot", ["$0", rng.choice([2, 5])], kwargs, inputs=[shape(rng, rng.randint(0, 2))[:-1]], dtypes=["int32"]
    )


def take(rng: Rng) -> Case:
    indices: Any = rng.choice(["$1", 0])
    inputs = [shape(rng, rng.randint(1, 2)), rng.choice([(2,), (None, 3)])]
    return Case(O + "take", ["$0", indices], some(rng, axis=[0, 1, -1]), inputs=inputs, dtypes=["float32", "int32"])


def broadcast_to(rng: Rng) -> Case:
    made = (rng.choice([1, 2]), rng.choice([1, 3]))
    return Case(O + "broadcast_to", ["$0", rng.choice([[2, 3], [4, 2, 3], [2, 5], [3]])], inputs=[made])


def arange(rng: Rng) -> Case:
    return Case(O + "arange", rng.choice([[5], [1, 8], [1, 9, 3], [9, 1, -2]]))


def constant(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        return Case(O + name, [rng.choice([[2, 3], [4], [1, 2, 3]])])

    return make


def resize(rng: Rng) -> Case:
    made = shape(rng, 2, 3, low=3)
    return Case(
        O + "image.resize", ["$0", [rng.randint(2, 7), rng.randint(2, 7)]], inputs=[rng.choice([made, (5, 6, 3)])]
    )


def plain(name: str) -> Generator:
    def make(rng: Rng) -> Case:
        return Case(name, ["$0"], inputs=[shape(rng, rng.randint(0, 3))])

    return make


def setting(name: str) -> Generator:
    return lambda rng: Case(name)


NOT_IN_OPS = {"exponential", "l2_normalize", "linear", "mish", "reverse"}
MAKERS: dict[str, Generator] = {
    **{name: unary(name) for name in (*UNARY, *BOOLEAN, "zeros_like", "ones_like") if name not in NOT_IN_OPS},
    **{name: binary(name) for name in (*BINARY, *COMPARISON)},
    **{name: reduction(name) for name in (*REDUCTIONS, *TESTS)},
    **{name: with_axis(name) for name in ("cumsum", "cumprod")},
    **{name: with_axis(name) for name in ("argmax", "argmin", "expand_dims", "squeeze", "log_softmax")},
    **{name: two_axes(name) for name in ("swapaxes", "moveaxis")},
    **{name: joined(name) for name in ("concatenate", "stack")},
    **{name: matmul(name) for name in ("matmul", "dot")},
    **{name: constant(name) for name in ("zeros", "ones")},
    **{name: plain(O + name) for name in ("ravel", "shape")},
    **{f"keras.{name}": setting(f"keras.{name}") for name in ("backend.image_data_format", "config.floatx")},
    "reshape": reshape, "transpose": transpose, "split": split, "tensordot": tensordot, "where": where, "pad": pad,
    "cumsum/flat": plain(O + "cumsum"), "repeat": repeated, "tile": tile, "one_hot": one_hot, "take": take,
    "broadcast_to": broadcast_to, "arange": arange,
    "image.resize": resize,
}  # fmt: skip

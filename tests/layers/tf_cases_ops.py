"""Random calls of `tf.*` functions on numbers and axes, valid ones and broken ones."""

from __future__ import annotations

import random
from typing import Any

from differential import Case, Generator, Shape
from tf_cases_slim import anything, some

Rng = random.Random
T = "tensorflow."


def pick(
    *names: str, low: int = 0, high: int = 4, dtype: str = "float32", extra: Any = None, **choices: Any
) -> Generator:
    """One of several functions of a tensor."""

    def make(rng: Rng) -> Case:
        args = ["$0", *([] if extra is None else extra(rng))]
        return Case(rng.choice(names), args, some(rng, **choices), inputs=[anything(rng, low, high)], dtypes=[dtype])

    return make


def related(rng: Rng, made: Shape) -> Shape:
    """A shape that often broadcasts with another one."""
    sizes = [s if rng.random() < 0.75 else rng.choice([1, 1, 2, None]) for s in made]
    cut = rng.choice([0, 0, 0, 1]) if sizes else 0
    return tuple(([rng.choice([1, 3])] if rng.random() < 0.1 else []) + sizes[cut:])


def pair(*names: str, dtype: str = "float32", numbers: list[Any] | None = None) -> Generator:
    """One of several functions of two tensors, or of a tensor and a number."""

    def make(rng: Rng) -> Case:
        first = anything(rng, 0, 4)
        if numbers and rng.random() < 0.3:
            args = rng.choice([["$0", rng.choice(numbers)], [rng.choice(numbers), "$0"]])
            return Case(rng.choice(names), args, inputs=[first], dtypes=[dtype])
        return Case(rng.choice(names), ["$0", "$1"], inputs=[first, related(rng, first)], dtypes=[dtype, dtype])

    return make


def add_n(rng: Rng) -> Case:
    first = anything(rng, 1, 3)
    second = first if rng.random() < 0.7 else related(rng, first)
    return Case(T + "add_n", [["$0", "$1"]], inputs=[first, second])


def axes(rng: Rng, rank: int) -> Any:
    """An axis, several, or all; rarely one too many."""
    one = rng.randint(-rank, rank - 1) if rank and rng.random() < 0.93 else rank
    return rng.choice([None, one, one, [one], [0, -1], list(range(rank))])


def reduction(rng: Rng) -> Case:
    shape = anything(rng, 0, 4)
    name, dtype = rng.choice(["mean", "sum", "max", "min", "prod", "logsumexp", "any", "all"]), "float32"
    if name in ("any", "all"):
        dtype = "bool"
    kwargs: dict[str, Any] = {}
    if rng.random() < 0.8:
        kwargs[rng.choice(["axis", "reduction_indices"])] = axes(rng, len(shape))
    kwargs |= some(rng, 0.3, **{rng.choice(["keepdims", "keep_dims"]): [True, False]})
    return Case(f"{T}reduce_{name}", ["$0"], kwargs, inputs=[shape], dtypes=[dtype])


def argmax(rng: Rng) -> Case:
    shape = anything(rng, 1, 4)
    kwargs = some(rng, 0.7, **{rng.choice(["axis", "dimension"]): [0, 1, -1, -2]})
    return Case(rng.choice([T + "argmax", T + "argmin"]), ["$0"], kwargs, inputs=[shape])


def matmul(rng: Rng) -> Case:
    rank = rng.choice([1, 2, 2, 2, 3, 4])
    batch = [rng.choice([1, 2, None]) for _ in range(rank - 2)]
    rows, inner, columns = (rng.choice([1, 2, 3, 5, None]) for _ in range(3))
    other = inner if rng.random() < 0.85 else rng.choice([1, 2, 3])
    kwargs = some(rng, 0.3, transpose_a=[True], transpose_b=[True])
    left = [inner, rows] if kwargs.get("transpose_a") else [rows, inner]
    right = [columns, other] if kwargs.get("transpose_b") else [other, columns]
    if rank == 1:
        left = left[:1]
    return Case(T + "matmul", ["$0", "$1"], kwargs, inputs=[(*batch, *left), (*related(rng, tuple(batch)), *right)])


def tensordot(rng: Rng) -> Case:
    a, b = anything(rng, 1, 3, 3), anything(rng, 1, 3, 3)
    given = rng.choice([0, 1, 1, 2, [[0], [0]], [[-1], [0]], [[0, 1], [1, 0]]])
    return Case(T + "tensordot", ["$0", "$1", given], inputs=[a, b])


def reshape(rng: Rng) -> Case:
    shape = anything(rng, 1, 4)
    known = [s for s in shape if s is not None]
    total = 1
    for s in known:
        total *= s
    target: list[int] = []
    while total > 1 and len(target) < 3:
        target.append(rng.choice([f for f in range(1, total + 1) if total % f == 0]))
        total //= target[-1]
    target.append(total)
    if rng.random() < 0.6:
        target[rng.randrange(len(target))] = -1
    if rng.random() < 0.1:
        target.append(rng.choice([-1, 2]))
    return Case(T + "reshape", ["$0", target], inputs=[shape])


def squeeze(rng: Rng) -> Case:
    shape = tuple(rng.choice([1, 1, 2, 3]) if s is not None else None for s in anything(rng, 1, 4))
    kwargs = some(rng, 0.8, **{rng.choice(["axis", "squeeze_dims"]): [0, [1], [-1], [1, 2], [0, 1], 2]})
    return Case(T + "squeeze", ["$0"], kwargs, inputs=[shape])


def transpose(rng: Rng) -> Case:
    shape = anything(rng, 1, 4)
    order = list(range(len(shape)))
    rng.shuffle(order)
    if rng.random() < 0.1:
        order = order[:-1] if rng.random() < 0.5 else [*order, 0]
    return Case(T + "transpose", ["$0"] if rng.random() < 0.2 else ["$0", order], inputs=[shape])


def concat(rng: Rng) -> Case:
    shape = anything(rng, 1, 4)
    at = rng.randrange(len(shape)) if rng.random() < 0.95 else len(shape)
    inputs = [shape]
    for _ in range(rng.choice([1, 1, 2])):
        sizes = list(shape)
        if at < len(sizes):
            sizes[at] = rng.choice([1, 2, 3, None])
        if rng.random() < 0.12:
            sizes[rng.randrange(len(sizes))] = 7
        inputs.append(tuple(sizes) if rng.random() < 0.96 else tuple(sizes[1:]))
    axis = at - len(shape) if rng.random() < 0.4 else at
    marks = [f"${i}" for i in range(len(inputs))]
    return Case(T + "concat", [marks], {"axis": axis}, inputs=inputs)


def stack(rng: Rng) -> Case:
    shape = anything(rng, 0, 3)
    other = shape if rng.random() < 0.85 else related(rng, shape)
    return Case(T + "stack", [["$0", "$1"]], some(rng, 0.6, axis=[0, 1, -1, 2, -3]), inputs=[shape, other])


def unstack(rng: Rng) -> Case:
    shape = anything(rng, 1, 3)
    return Case(T + "unstack", ["$0"], some(rng, 0.5, axis=[0, 1, -1], num=[2, 3]), inputs=[shape])


def split(rng: Rng) -> Case:
    shape = anything(rng, 1, 3, 8)
    parts = rng.choice([1, 2, 2, 3, 4, [2, 2], [1, -1], [3, 1, -1], [2, 4]])
    return Case(T + "split", ["$0", parts], some(rng, 0.7, axis=[0, 1, 1, -1]), inputs=[shape])


def tile(rng: Rng) -> Case:
    shape = anything(rng, 1, 3)
    many = len(shape) if rng.random() < 0.92 else len(shape) + 1
    return Case(T + "tile", ["$0", [rng.choice([1, 1, 2, 3]) for _ in range(many)]], inputs=[shape])


def pad(rng: Rng) -> Case:
    shape = anything(rng, 1, 4)
    many = len(shape) if rng.random() < 0.93 else len(shape) + 1
    amounts = [[rng.choice([0, 0, 1, 2]), rng.choice([0, 1, 3])] for _ in range(many)]
    return Case(T + "pad", ["$0", amounts], some(rng, 0.4, mode=["CONSTANT", "REFLECT", "SYMMETRIC", "reflect"]),
                inputs=[shape])  # fmt: skip


def slices(rng: Rng) -> Case:
    shape = anything(rng, 1, 3)
    many = len(shape) if rng.random() < 0.95 else len(shape) + 1
    begin = [rng.choice([0, 0, 1, 2]) for _ in range(many)]
    return Case(T + "slice", ["$0", begin, [rng.choice([-1, -1, 1, 2, 3]) for _ in range(many)]], inputs=[shape])


def gather(rng: Rng) -> Case:
    ids = anything(rng, 0, 2, 3)
    return Case(T + "gather", ["$0", "$1"], some(rng, 0.5, axis=[0, 1, -1, 2]), inputs=[anything(rng, 1, 3), ids],
                dtypes=["float32", "int32"])  # fmt: skip


def gather_nd(rng: Rng) -> Case:
    ids = (*anything(rng, 0, 2, 3), rng.choice([1, 2, 3]))
    return Case(T + "gather_nd", ["$0", "$1"], inputs=[anything(rng, 1, 3), ids], dtypes=["float32", "int32"])


def boolean_mask(rng: Rng) -> Case:
    shape = tuple(2 for _ in anything(rng, 1, 3))
    return Case(T + "boolean_mask", ["$0", "$1"], inputs=[shape, shape[: rng.choice([1, 1, 2, 3])]],
                dtypes=["float32", "bool"])  # fmt: skip


def where(rng: Rng) -> Case:
    shape = tuple(rng.choice([2, 3, 4]) for _ in anything(rng, 1, 3))
    if rng.random() < 0.2:
        return Case(T + "where", ["$0"], inputs=[shape], dtypes=["bool"])
    chosen = shape if rng.random() < 0.7 else shape[:1] if rng.random() < 0.6 else ()
    return Case(T + "where", ["$0", "$1", "$2"], inputs=[chosen, shape, shape], dtypes=["bool", "float32", "float32"])


def one_hot(rng: Rng) -> Case:
    kwargs = some(rng, 0.4, axis=[-1, 0, 1, 2], on_value=[1.0])
    return Case(T + "one_hot", ["$0", rng.choice([1, 3, 10])], kwargs, inputs=[anything(rng, 0, 3)], dtypes=["int32"])


def made(rng: Rng) -> Case:
    shape = [rng.choice([1, 2, 5, 0]) for _ in range(rng.randint(0, 3))]
    name = rng.choice(["zeros", "ones", "random_normal", "truncated_normal", "random_uniform"])
    if rng.random() < 0.1:
        return Case(T + "fill", [shape, 2.0])
    return Case(T + name, [shape])


def variable(rng: Rng) -> Case:
    shape = [rng.choice([1, 2, 5, 5, 9]) for _ in range(rng.randint(0, 3))]
    kwargs = some(rng, 0.3, trainable=[True, False], dtype=["float32"])
    if rng.random() < 0.7:
        return Case(T + "get_variable", ["w", shape if rng.random() < 0.93 else [*shape, -1]], kwargs)
    return Case("tf_slim.model_variable", ["w"], {"shape": shape, **kwargs})


def ranges(rng: Rng) -> Case:
    args = rng.choice([[rng.randint(0, 9)], [1, rng.randint(1, 9)], [0, 12, rng.choice([1, 2, 5])], [9, 0, -2]])
    return Case(T + "range", args)


def eye(rng: Rng) -> Case:
    return Case(T + "eye", [rng.choice([1, 3])], some(rng, 0.5, num_columns=[2, 5], batch_shape=[[2], [2, 3]]))


def expand_dims(rng: Rng) -> Case:
    key = rng.choice(["axis", "dim"])
    return Case(T + "expand_dims", ["$0"], {key: rng.choice([0, 1, -1, 2, -2, 4])}, inputs=[anything(rng, 0, 3)])


def broadcast_to(rng: Rng) -> Case:
    shape = tuple(rng.choice([1, 2, 3]) for _ in anything(rng, 1, 3))
    target = [s if rng.random() < 0.8 and s > 1 else 4 for s in shape]
    return Case(T + "broadcast_to", ["$0", rng.choice([target, [2, *target], [5, 5]])], inputs=[shape])


def repeat(rng: Rng) -> Case:
    kwargs = some(rng, 0.7, axis=[0, 1, -1])
    return Case(T + "repeat", ["$0", rng.choice([1, 2, 3])], kwargs, inputs=[anything(rng, 1, 3)])


def ensure_shape(rng: Rng) -> Case:
    shape = anything(rng, 1, 3)
    said = [rng.choice([s, s, None, s, 2]) for s in shape]
    return Case(T + "ensure_shape", ["$0", said if rng.random() < 0.9 else [*said, 1]], inputs=[shape])


MAKERS: dict[str, Generator] = {
    "unary": pick(*(f"{T}{n}" for n in ("abs", "exp", "log", "sqrt", "square", "negative", "sigmoid", "tanh", "sign",
                                        "round", "floor", "ceil", "rsqrt", "reciprocal", "sin", "erf", "identity",
                                        "stop_gradient", "zeros_like", "ones_like", "is_nan", "to_float",
                                        "math.log", "math.square", "nn.sigmoid", "nn.tanh", "math.log1p"))),
    "casts": pick(f"{T}cast", extra=lambda rng: [rng.choice(["int32", "float64", "bool", "float32"])]),
    "arithmetic": pair(*(f"{T}{n}" for n in ("add", "subtract", "multiply", "divide", "maximum", "minimum", "pow",
                                             "squared_difference", "truediv", "floordiv", "math.add", "mod")),
                       numbers=[2, 0.5, 3.0]),
    "comparisons": pair(*(f"{T}{n}" for n in ("equal", "less", "greater_equal", "not_equal")), numbers=[1.0]),
    "logic": pair(T + "logical_and", T + "logical_or", dtype="bool"),
    "add_n": add_n, "reduction": reduction, "argmax": argmax, "matmul": matmul, "tensordot": tensordot,
    "cumsum": pick(T + "cumsum", low=1),
    "count_nonzero": pick(T + "count_nonzero", axis=[0, -1], keepdims=[True]),
    "norm": pick(T + "norm", low=1, axis=[0, -1], keepdims=[True]),
    "reshape": reshape, "expand_dims": expand_dims, "squeeze": squeeze, "transpose": transpose, "concat": concat,
    "stack": stack, "unstack": unstack, "split": split, "tile": tile, "pad": pad, "slice": slices, "gather": gather,
    "gather_nd": gather_nd, "boolean_mask": boolean_mask, "where": where, "one_hot": one_hot, "made": made,
    "variable": variable, "range": ranges, "eye": eye, "broadcast_to": broadcast_to, "repeat": repeat,
    "ensure_shape": ensure_shape,
    "matrix_transpose": pick(T + "matrix_transpose", low=0),
    "reverse": pick(T + "reverse", low=1, extra=lambda rng: [[0]]),
    "sequence_mask": pick(T + "sequence_mask", low=0, high=2, dtype="int32", extra=lambda rng: [rng.choice([3, 7])]),
    "clip": pick(T + "clip_by_value", extra=lambda rng: [0.0, 1.0]),
    "sort": pick(T + "sort", T + "argsort", low=1),
}  # fmt: skip

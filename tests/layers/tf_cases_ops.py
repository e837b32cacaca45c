"""Random calls of `tf.*` functions that have no weights of their own, valid ones and broken ones."""

from __future__ import annotations

import random
from typing import Any

from differential import Case, Generator, Shape
from tf_cases_slim import anything, image, per_axis, some

Rng = random.Random
T, M, N = "tensorflow.", "tensorflow.math.", "tensorflow.nn."


def pick(*names: str, low: int = 0, high: int = 4, dtype: str = "float32", extra: Any = None, **choices: Any) -> Generator:
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


def crelu(rng: Rng) -> Case:
    return Case(N + "crelu", ["$0"], some(rng, 0.5, axis=[-1, 1, 3]), inputs=[anything(rng, 1, 4)])


def bias_add(rng: Rng) -> Case:
    shape = anything(rng, 1, 5)
    kwargs = some(rng, 0.4, data_format=["NHWC", "NCHW"])
    size = shape[1 if kwargs.get("data_format") == "NCHW" and len(shape) > 1 else -1]
    bias = (size,) if rng.random() < 0.85 else rng.choice([(3,), (1,), (2, 2)])
    return Case(N + "bias_add", ["$0", "$1"], kwargs, inputs=[shape, bias])


def xw_plus_b(rng: Rng) -> Case:
    a, b, c = (rng.choice([1, 2, 3, None]) for _ in range(3))
    x = (a, b) if rng.random() < 0.9 else (a, b, 2)
    bias = (c,) if rng.random() < 0.85 else (4,)
    return Case(N + "xw_plus_b", ["$0", "$1", "$2"], inputs=[x, (b if rng.random() < 0.9 else 5, c), bias])


def moments(rng: Rng) -> Case:
    shape = anything(rng, 1, 4)
    given = rng.choice([[0], [-1], list(range(len(shape) - 1)) or [0]])
    return Case(N + "moments", ["$0", given], some(rng, 0.4, keepdims=[True, False]), inputs=[shape])


def lookup(rng: Rng) -> Case:
    return Case(N + "embedding_lookup", ["$0", "$1"], inputs=[anything(rng, 1, 3), anything(rng, 0, 3)],
                dtypes=["float32", "int32"])  # fmt: skip


def cross_entropy(rng: Rng) -> Case:
    logits = (rng.choice([None, 2]), *[rng.choice([2, 3]) for _ in range(rng.randint(1, 2))])
    kind = rng.choice(["softmax_cross_entropy_with_logits", "sigmoid_cross_entropy_with_logits",
                       "sparse_softmax_cross_entropy_with_logits", "softmax_cross_entropy_with_logits_v2"])  # fmt: skip
    sparse = kind.startswith("sparse")
    labels = logits[:-1] if sparse else logits
    if rng.random() < 0.15:
        labels = rng.choice([(*labels[:-1], 5), (*labels, 1), labels[:-1], logits])
    return Case(N + kind, [], {"labels": "$0", "logits": "$1"}, inputs=[labels, logits],
                dtypes=["int64" if sparse else "float32", "float32"])  # fmt: skip


def losses(rng: Rng) -> Case:
    shape = (rng.choice([None, 2]), *[rng.choice([2, 3]) for _ in range(rng.randint(1, 2))])
    name = rng.choice(["mean_squared_error", "absolute_difference", "huber_loss", "log_loss", "hinge_loss",
                       "sigmoid_cross_entropy", "softmax_cross_entropy", "sparse_softmax_cross_entropy"])  # fmt: skip
    sparse = name.startswith("sparse")
    labels = rng.choice([shape[:-1], (*shape[:-1], 1)]) if sparse else shape
    if rng.random() < 0.15:
        labels = rng.choice([(*labels[:-1], 5), (*labels, 1), labels[:-1]])
    kwargs = some(rng, 0.2, reduction=["none", "weighted_sum"])
    dtypes = ["int64" if sparse else "float32", "float32"]
    return Case(f"{T}losses.{name}", ["$0", "$1"], kwargs, inputs=[labels, shape], dtypes=dtypes)


def slim_losses(rng: Rng) -> Case:
    shape = (rng.choice([None, 2]), rng.choice([2, 3]))
    name = rng.choice(["mean_squared_error", "absolute_difference", "log_loss", "sigmoid_cross_entropy",
                       "softmax_cross_entropy"])  # fmt: skip
    labels = shape if rng.random() < 0.85 else (*shape, 1)
    return Case(f"tf_slim.losses.{name}", ["$0", "$1"], inputs=[shape, labels])


def strides(rng: Rng, n: int, last: bool = True, values: tuple[int, ...] = (1, 1, 2, 3)) -> list[int]:
    """A list over all axes."""
    space = [rng.choice(values) for _ in range(n)]
    return [1, *space, 1] if last else [1, 1, *space]


def nn_conv(n: int) -> Generator:
    def make(rng: Rng) -> Case:
        last = rng.random() < 0.8 or n == 3
        words = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}[n]
        shape = image(rng, n, 12 if n < 3 else 6, last=last)
        deep = shape[-1 if last else 1] if len(shape) > 1 else 3
        inputs = deep if deep is not None and rng.random() < 0.85 else rng.choice([1, 2, 3])
        filters = (*[rng.choice([1, 2, 3, 5]) for _ in range(n)], inputs, rng.choice([2, 4, 6]))
        kwargs: dict[str, Any] = {"padding": rng.choice(["SAME", "VALID"])}
        if not last or rng.random() < 0.1:
            kwargs["data_format"] = words[0 if last else 1]
        kwargs["stride" if n == 1 else "strides"] = rng.choice([1, 2]) if n == 1 else strides(rng, n, last)
        if n > 1 and rng.random() < 0.2:
            kwargs |= {"strides": strides(rng, n, last, (1,)), "dilations": strides(rng, n, last, (1, 2))}
        return Case(f"{N}conv{n}d", ["$0", "$1"], kwargs, inputs=[shape, filters])

    return make


def atrous(rng: Rng) -> Case:
    shape = image(rng, 2, 12)
    inputs = shape[-1] or 3
    filters = (rng.choice([1, 3]), 3, inputs, 4)
    return Case(N + "atrous_conv2d", ["$0", "$1", rng.choice([1, 2, 3]), rng.choice(["SAME", "VALID"])],
                inputs=[shape, filters])  # fmt: skip


def depthwise(rng: Rng) -> Case:
    shape = image(rng, 2, 12)
    inputs = shape[-1] if shape[-1] is not None and rng.random() < 0.9 else 3
    filters = (rng.choice([1, 2, 3]), rng.choice([1, 3]), inputs, rng.choice([1, 2]))
    step = rng.choice([1, 2])
    kwargs = some(rng, 0.3, rate=[[2, 2]]) if step == 1 else {}
    args = ["$0", "$1", [1, step, step, 1], rng.choice(["SAME", "VALID"])]
    return Case(N + "depthwise_conv2d", args, kwargs, inputs=[shape, filters])


def separable(rng: Rng) -> Case:
    shape = image(rng, 2, 12)
    inputs, many = shape[-1] or 3, rng.choice([1, 2])
    deep = inputs * many if rng.random() < 0.9 else 5
    step = rng.choice([1, 2])
    args = ["$0", "$1", "$2", [1, step, step, 1], rng.choice(["SAME", "VALID"])]
    return Case(N + "separable_conv2d", args, inputs=[shape, (3, 3, inputs, many), (1, 1, deep, 7)])


def transposed(rng: Rng) -> Case:
    height, width, deep, out, step = (rng.choice([2, 3, 4]), rng.choice([2, 5]), rng.choice([2, 3]), 4, rng.choice([1, 2]))
    inputs = deep if rng.random() < 0.85 else 7
    target = [2, height * step, width * step, out]
    return Case(N + "conv2d_transpose", ["$0", "$1"], {"output_shape": target, "strides": [1, step, step, 1]},
                inputs=[(2, height, width, deep), (3, 3, out, inputs)])  # fmt: skip


def nn_pool(n: int) -> Generator:
    def make(rng: Rng) -> Case:
        kind = rng.choice(["max", "avg"])
        last = rng.random() < 0.85
        shape = image(rng, n, 9, last=last)
        kwargs: dict[str, Any] = {"padding": rng.choice(["SAME", "VALID"])}
        if not last:
            kwargs["data_format"] = {1: "NCW", 2: "NCHW", 3: "NCDHW"}[n]
        name = f"{N}{kind}_pool" + ("" if n == 2 and rng.random() < 0.6 else f"{n}d")
        whole = n != 1
        size = strides(rng, n, last) if whole else rng.choice([1, 2, 3])
        step = strides(rng, n, last) if whole else rng.choice([1, 2])
        return Case(name, ["$0"], {"ksize": size, "strides": step, **kwargs}, inputs=[shape])

    return make


def any_pool(rng: Rng) -> Case:
    n = rng.choice([1, 2, 3])
    kwargs = {"padding": rng.choice(["SAME", "VALID"])}
    kwargs |= some(rng, 0.5, strides=[[1] * n, [2] * n]) if rng.random() < 0.6 else some(rng, 0.5, dilations=[[2] * n])
    return Case(N + "pool", ["$0", [rng.choice([1, 2, 3]) for _ in range(n)], "MAX"], kwargs, inputs=[image(rng, n, 9)])


def blocks(rng: Rng) -> Case:
    shape = image(rng, 2, 8, rng.choice([4, 4, 8, 9]))
    return Case(rng.choice([T + "space_to_depth", T + "depth_to_space"]), ["$0", rng.choice([2, 2, 3])], inputs=[shape])


def resize(rng: Rng) -> Case:
    name = rng.choice(["resize_bilinear", "resize_nearest_neighbor", "resize_images", "resize_images",
                       "resize_bicubic", "resize_area"])  # fmt: skip
    shape = image(rng, 2, 8)
    if name == "resize_images" and rng.random() < 0.4:
        shape = shape[1:]
    size = [rng.choice([1, 4, 9]), rng.choice([2, 5])]
    return Case(f"{T}image.{name}", ["$0", size if rng.random() < 0.93 else [*size, 3]], inputs=[shape])


def crop(rng: Rng) -> Case:
    shape = image(rng, 2, 9)
    shape = shape[1:] if rng.random() < 0.4 else shape
    kind = rng.choice(["resize_image_with_crop_or_pad", "resize_image_with_pad", "grayscale_to_rgb", "rgb_to_grayscale"])
    if "gray" in kind:
        shape = (*shape[:-1], rng.choice([1, 3, 3]))
        return Case(f"{T}image.{kind}", ["$0"], inputs=[shape])
    return Case(f"{T}image.{kind}", ["$0", rng.choice([2, 5]), rng.choice([3, 8])], inputs=[shape])


def boxes(rng: Rng) -> Case:
    many = rng.choice([None, 5])
    return Case(T + "image.crop_and_resize", ["$0", "$1", "$2", [rng.choice([2, 7]), 3]],
                inputs=[image(rng, 2, 9), (many, 4), (many,)], dtypes=["float32", "float32", "int32"])  # fmt: skip


def patches(rng: Rng) -> Case:
    kwargs = {"ksizes": strides(rng, 2, values=(1, 2, 3)), "strides": strides(rng, 2),
              "rates": strides(rng, 2, values=(1, 2)), "padding": rng.choice(["SAME", "VALID"])}  # fmt: skip
    return Case(T + "extract_image_patches", ["$0"], kwargs, inputs=[image(rng, 2, 9)])


def expand_dims(rng: Rng) -> Case:
    key = rng.choice(["axis", "dim"])
    return Case(T + "expand_dims", ["$0"], {key: rng.choice([0, 1, -1, 2, -2, 4])}, inputs=[anything(rng, 0, 3)])


def broadcast_to(rng: Rng) -> Case:
    shape = tuple(rng.choice([1, 2, 3]) for _ in anything(rng, 1, 3))
    target = [s if rng.random() < 0.8 and s > 1 else 4 for s in shape]
    return Case(T + "broadcast_to", ["$0", rng.choice([target, [2, *target], [5, 5]])], inputs=[shape])


def repeat(rng: Rng) -> Case:
    return Case(T + "repeat", ["$0", rng.choice([1, 2, 3])], some(rng, 0.7, axis=[0, 1, -1]), inputs=[anything(rng, 1, 3)])


def ensure_shape(rng: Rng) -> Case:
    shape = anything(rng, 1, 3)
    said = [rng.choice([s, s, None, s, 2]) for s in shape]
    return Case(T + "ensure_shape", ["$0", said if rng.random() < 0.9 else [*said, 1]], inputs=[shape])


def fused_norm(rng: Rng) -> Case:
    shape = image(rng, 2, 5)
    deep = shape[-1] if rng.random() < 0.85 else 5
    return Case(N + "fused_batch_norm", ["$0", "$1", "$2"], inputs=[(*shape[:1], 3, 3, deep), (shape[-1],), (shape[-1],)])


MAKERS: dict[str, Generator] = {
    "unary": pick(*(f"{T}{n}" for n in ("abs", "exp", "log", "sqrt", "square", "negative", "sigmoid", "tanh", "sign",
                                        "round", "floor", "ceil", "rsqrt", "reciprocal", "sin", "erf", "identity",
                                        "stop_gradient", "zeros_like", "ones_like", "is_nan", "to_float",
                                        "math.log", "math.square", "nn.sigmoid", "nn.tanh", "math.log1p"))),
    "activations": pick(*(f"{N}{n}" for n in ("relu", "relu6", "elu", "selu", "leaky_relu", "softplus", "softsign",
                                              "swish", "softmax", "log_softmax", "dropout")), low=0),
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
    "top_k": pick(N + "top_k", low=0, high=3, k=[1, 2, 4]),
    "clip": pick(T + "clip_by_value", extra=lambda rng: [0.0, 1.0]),
    "sort": pick(T + "sort", T + "argsort", low=1),
    "crelu": crelu, "bias_add": bias_add, "xw_plus_b": xw_plus_b, "moments": moments, "lookup": lookup,
    "lrn": pick(N + "lrn", N + "local_response_normalization", low=3, high=5),
    "l2": pick(N + "l2_normalize", low=1, axis=[0, -1]),
    "l2_loss": pick(N + "l2_loss", N + "zero_fraction"),
    "cross entropy": cross_entropy, "losses": losses, "slim losses": slim_losses,
    **{f"nn conv{n}d": nn_conv(n) for n in (1, 2, 3)},
    **{f"nn pool{n}d": nn_pool(n) for n in (1, 2, 3)},
    "atrous": atrous, "depthwise": depthwise, "separable": separable, "conv2d_transpose": transposed,
    "any pool": any_pool, "blocks": blocks, "resize": resize, "crop": crop, "boxes": boxes, "patches": patches,
    "fused_norm": fused_norm,
    "flips": pick(*(f"{T}image.{n}" for n in ("flip_left_right", "random_flip_up_down", "per_image_standardization",
                                              "random_flip_left_right")), low=3),
}  # fmt: skip

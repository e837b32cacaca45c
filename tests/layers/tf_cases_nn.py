"""Random calls of `tf.nn`, `tf.image` and `tf.losses` functions, valid ones and broken ones."""

from __future__ import annotations

import random
from typing import Any

from differential import Case, Generator
from tf_cases_ops import pick
from tf_cases_slim import anything, image, some

Rng = random.Random
T, N = "tensorflow.", "tensorflow.nn."


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
    height, width, deep = rng.choice([2, 3, 4]), rng.choice([2, 5]), rng.choice([2, 3])
    out, step = 4, rng.choice([1, 2])
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
    kind = rng.choice(["resize_image_with_crop_or_pad", "resize_image_with_pad", "grayscale_to_rgb",
                       "rgb_to_grayscale"])  # fmt: skip
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


def fused_norm(rng: Rng) -> Case:
    shape = image(rng, 2, 5)
    deep = shape[-1] if rng.random() < 0.85 else 5
    channels = (shape[-1],)
    return Case(N + "fused_batch_norm", ["$0", "$1", "$2"], inputs=[(*shape[:1], 3, 3, deep), channels, channels])


MAKERS: dict[str, Generator] = {
    "activations": pick(*(f"{N}{n}" for n in ("relu", "relu6", "elu", "selu", "leaky_relu", "softplus", "softsign",
                                              "swish", "softmax", "log_softmax", "dropout")), low=0),
    "top_k": pick(N + "top_k", low=0, high=3, k=[1, 2, 4]),
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

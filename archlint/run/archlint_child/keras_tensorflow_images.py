"""`tf.nn` and `tf.image` made of `keras.ops`: convolutions, pooling, resizing of NHWC images."""

import functools
from typing import Any, Dict

NEURAL = (
    "relu", "relu6", "elu", "selu", "softmax", "sigmoid", "tanh", "gelu", "silu", "softplus", "softsign", "leaky_relu",
    "log_softmax", "one_hot", "batch_normalization",
)  # fmt: skip
RESIZERS = {"resize_bilinear": "bilinear", "resize_nearest_neighbor": "nearest", "resize_bicubic": "bicubic"}


def neural(keras: Any) -> Dict[str, Any]:
    """Functions of `tf.nn`."""
    ops = keras.ops

    def conv2d(x: Any, filters: Any, strides: Any = 1, padding: str = "VALID", **_: Any) -> Any:
        return ops.conv(x, filters, spatial(strides), padding.lower())

    def depthwise_conv2d(x: Any, filters: Any, strides: Any = 1, padding: str = "VALID", **_: Any) -> Any:
        return ops.depthwise_conv(x, filters, spatial(strides), padding.lower())

    def pooling(pool: Any, x: Any, ksize: Any, strides: Any, padding: str = "VALID", **_: Any) -> Any:
        return pool(x, spatial(ksize), spatial(strides), padding.lower())

    functions = {name: getattr(ops, name) for name in NEURAL}
    functions.update(
        swish=ops.silu,
        conv2d=conv2d,
        depthwise_conv2d=depthwise_conv2d,
        max_pool=functools.partial(pooling, ops.max_pool),
        max_pool2d=functools.partial(pooling, ops.max_pool),
        avg_pool=functools.partial(pooling, ops.average_pool),
        avg_pool2d=functools.partial(pooling, ops.average_pool),
        bias_add=lambda x, bias, **_: x + bias,
        dropout=lambda x, *_, **__: x,
        moments=lambda x, axes, keepdims=False, **_: ops.moments(x, axes, keepdims),
        depth_to_space=functools.partial(depth_to_space, ops),
        space_to_depth=functools.partial(space_to_depth, ops),
    )
    return functions


def images(keras: Any) -> Dict[str, Any]:
    """Functions of `tf.image`, those of TensorFlow 1 too."""
    ops = keras.ops

    def resize(x: Any, size: Any, method: Any = "bilinear", **_: Any) -> Any:
        return ops.image.resize(x, tuple(size), method if method in ("nearest", "bicubic") else "bilinear")

    def extract_patches(x: Any, sizes: Any, strides: Any, rates: Any, padding: str) -> Any:
        return ops.image.extract_patches(x, spatial(sizes), spatial(strides), spatial(rates), padding.lower())

    functions = {name: functools.partial(_resized, resize, method) for name, method in RESIZERS.items()}
    return dict(functions, resize=resize, extract_patches=extract_patches)


def _resized(resize: Any, method: str, x: Any, size: Any, **_: Any) -> Any:
    return resize(x, size, method)


def spatial(sizes: Any) -> Any:
    """`[1, 2, 2, 1]` of NHWC -> `(2, 2)`."""
    return tuple(sizes[1:3]) if isinstance(sizes, (list, tuple)) and len(sizes) == 4 else sizes


def depth_to_space(ops: Any, x: Any, block_size: int, **_: Any) -> Any:
    """Blocks of channels become rows and columns."""
    _, height, width, channels = ops.shape(x)
    blocks = ops.reshape(x, (-1, height, width, block_size, block_size, channels // block_size**2))
    rows = ops.transpose(blocks, (0, 1, 3, 2, 4, 5))
    return ops.reshape(rows, (-1, height * block_size, width * block_size, channels // block_size**2))


def space_to_depth(ops: Any, x: Any, block_size: int, **_: Any) -> Any:
    """Rows and columns become blocks of channels."""
    _, height, width, channels = ops.shape(x)
    rows, columns = height // block_size, width // block_size
    blocks = ops.reshape(x, (-1, rows, block_size, columns, block_size, channels))
    return ops.reshape(ops.transpose(blocks, (0, 1, 3, 2, 4, 5)), (-1, rows, columns, channels * block_size**2))

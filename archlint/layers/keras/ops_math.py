"""Functions of `keras.ops` and `keras.backend` that sum, multiply matrices, choose or make tensors."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size, mul
from archlint.layers.arguments import NotKnown, axis_index, flag, is_unknown, known, size
from archlint.layers.families import tensordot as products
from archlint.layers.families.conv import Layout
from archlint.layers.families.elementwise import matmul as matrix_product
from archlint.layers.families.reduce import reduce
from archlint.layers.families.reshape import bad_axis
from archlint.layers.families.space import upsample
from archlint.layers.keras.merge import contracted
from archlint.layers.keras.reading import channels_last, dtype_name, is_open, shape_argument, tensor
from archlint.layers.keras.space import to_image_size
from archlint.layers.spec import Out, function
from archlint.values import Reason, Tensor, Unknown

REDUCTIONS = (
    "amax", "amin", "logsumexp", "max", "mean", "median", "min", "nanmax", "nanmean", "nanmin", "nansum", "prod", "std",
    "sum", "var",
)  # fmt: skip
TESTS = ("all", "any")


def _names(name: str) -> tuple[str, ...]:
    return f"keras.ops.{name}", f"keras.backend.{name}"


def _flagged(x: Any, axis: Any, keepdims: Any, dtype: str | None) -> Out:
    return reduce(tensor(x), axis, flag(keepdims), arg="axis", dtype=dtype)


def _reduction(x: Any, axis: Any = None, keepdims: Any = False, **_: Any) -> Out:
    """Axes reduced to one number each; they go away, or stay as 1."""
    return _flagged(x, axis, keepdims, None)


def _index_reduction(x: Any, axis: Any = None, keepdims: Any = False, **_: Any) -> Out:
    """Axes reduced to an index or a count."""
    return _flagged(x, axis, keepdims, "int32")


def _test(x: Any, axis: Any = None, keepdims: Any = False) -> Out:
    """Axes reduced to whether all, or any, elements are true."""
    return _flagged(x, axis, keepdims, "bool")


for _name in REDUCTIONS:
    function(*_names(_name), family="reduce")(_reduction)
for _name in TESTS:
    function(*_names(_name), family="reduce")(_test)
function("keras.ops.argmax", "keras.ops.argmin", "keras.ops.count_nonzero", family="reduce")(_index_reduction)


@function("keras.backend.argmax", "keras.backend.argmin", family="reduce")
def backend_argmax(x: Any, axis: Any = -1) -> Out:
    """Place of the greatest (least) element along an axis."""
    return _flagged(x, axis, False, "int64")


@function("keras.ops.norm", family="reduce")
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Out:  # noqa: A002  Keras' own name
    """Length of vectors, or norm of matrices."""
    return _flagged(x, axis, keepdims, None)


@function("keras.ops.moments", family="reduce")
def moments(x: Any, axes: Any, keepdims: Any = False, synchronized: Any = False) -> tuple[Out, Out]:
    """Mean and variance."""
    out = _flagged(x, axes, keepdims, None)
    return out, out


@function("keras.ops.matmul", family="matmul")
def matmul(x1: Any, x2: Any) -> Out:
    """Matrix product with broadcast batch axes."""
    return matrix_product(tensor(x1), tensor(x2))


@function("keras.ops.dot", family="matmul")
def ops_dot(x1: Any, x2: Any) -> Out:
    """Last axis of the first with the last but one of the second."""
    return products.dot(tensor(x1), tensor(x2))


@function("keras.backend.dot", family="matmul")
def backend_dot(x: Any, y: Any) -> Out:
    """Last axis of the first with the last but one of the second."""
    return products.dot(tensor(x), tensor(y))


@function("keras.backend.batch_dot", family="matmul")
def batch_dot(x: Any, y: Any, axes: Any = None) -> Out:
    """Sum of products along one axis of each, per sample."""
    a, b = tensor(x), tensor(y)
    if a.shape is None or b.shape is None:
        return Out()
    if known(axes) is None:
        axes = (len(a.shape) - 1, max(len(b.shape) - 2, 1))
    return contracted(a, b, axes, strict=False)


@function("keras.ops.tensordot", family="matmul")
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Out:
    """Sum of products over several axes."""
    a, b, axes = tensor(x1), tensor(x2), known(axes)
    if isinstance(axes, int):
        if a.shape is None or axes < 0:
            raise NotKnown
        return products.tensordot(a, b, range(len(a.shape) - axes, len(a.shape)), range(axes))
    left, right = (list(v) if isinstance(v, (tuple, list)) else [v] for v in axes)
    if len(left) != len(right):
        raise NotKnown
    return products.tensordot(a, b, left, right)


@function("keras.ops.one_hot", family="encode")
def ops_one_hot(x: Any, num_classes: Any, axis: Any = -1, dtype: Any = None, sparse: Any = False) -> Out:
    """A new axis of `num_classes`, 1 at the place of the integer."""
    given = tensor(x)
    if given.shape is None:
        return Out(last=size(num_classes) if axis == -1 else None, dtype="float32")
    at = axis_index(axis, len(given.shape) + 1)
    if at is None:
        return bad_axis(axis, len(given.shape) + 1, "axis")
    shape = (*given.shape[:at], size(num_classes), *given.shape[at:])
    axes = (*range(at), "classes", *range(at, len(given.shape)))
    return Out(shape, axes=axes, dtype="float32" if dtype is None else dtype_name(dtype))


@function("keras.backend.one_hot", family="encode")
def backend_one_hot(indices: Any, num_classes: Any) -> Out:
    """A new last axis of `num_classes`."""
    return ops_one_hot(indices, num_classes)  # type: ignore[no-any-return]


@function("keras.ops.arange", family="create")
def ops_arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Out:
    """Numbers at equal distances."""
    first, last, by = (0, start, step) if stop is None else (start, stop, step)
    by = 1 if by is None else by
    if is_unknown(start) or is_unknown(stop) or not all(type(v) is int for v in (first, last, by)) or by == 0:
        length = size(last) if first == 0 and by == 1 and not isinstance(last, (float, Tensor)) else None
        return Out((length,), dtype="")
    return Out((len(range(first, last, by)),), dtype="int32" if dtype is None else dtype_name(dtype))


@function("keras.backend.arange", family="create")
def backend_arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Out:
    """Numbers at equal distances."""
    return ops_arange(start, stop, step, dtype)  # type: ignore[no-any-return]


@function("keras.ops.zeros", "keras.backend.zeros", "keras.ops.ones", "keras.backend.ones", "keras.ops.empty",
          family="create")  # fmt: skip
def constant(shape: Any, dtype: Any = None, name: Any = None) -> Out:
    """A tensor of zeros or ones."""
    return Out(tuple(shape_argument(shape)), dtype="float32" if dtype is None else dtype_name(dtype))


@function("keras.ops.full", family="create")
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Out:
    """A tensor of one number."""
    return Out(tuple(shape_argument(shape)), dtype="" if dtype is None else dtype_name(dtype))


@function("keras.random.normal", "keras.random.uniform", "keras.random.truncated_normal", "keras.random.randint",
          "keras.backend.random_normal", "keras.backend.random_uniform", "keras.backend.truncated_normal",
          "keras.backend.random_binomial", family="create")  # fmt: skip
def noise(shape: Any, *_args: Any, **_: Any) -> Out:
    """Random numbers."""
    return Out(tuple(shape_argument(shape)), dtype="")


@function("keras.random.dropout", "keras.backend.dropout", family="dropout")
def dropout(inputs: Any, *_args: Any, **_: Any) -> Out:
    """A share of the values becomes zero."""
    given = tensor(inputs)
    return Out(given.shape, like_input=True, last=given.last)


@function("keras.ops.image.resize", family="resize")
def image_resize(images: Any, size: Any, interpolation: Any = "bilinear", antialias: Any = False,
                 crop_to_aspect_ratio: Any = False, pad_to_aspect_ratio: Any = False, fill_mode: Any = "constant",
                 fill_value: Any = 0.0, data_format: Any = None) -> Out:  # fmt: skip
    """Images scaled to a height and a width."""
    height, width = shape_argument(size)
    return to_image_size(tensor(images), height, width, data_format)


@function("keras.backend.resize_images", family="upsample")
def resize_images(
    x: Any, height_factor: Any, width_factor: Any, data_format: Any, interpolation: Any = "nearest"
) -> Out:
    """Images with rows and columns repeated."""
    given = tensor(x)
    if given.shape is None or len(given.shape) != 4:
        raise NotKnown
    return upsample(given, Layout(2, channels_last(data_format)).space, (size(height_factor), size(width_factor)))


@function("keras.backend.int_shape", family="shape")
def int_shape(x: Any) -> Any:
    """Sizes as plain values; `None` where Keras itself does not know one."""
    given = tensor(x)
    if given.shape is None:
        raise NotKnown
    return tuple(_plain(s) for s in given.shape)


def _plain(value: Size) -> Any:
    if value is None:
        return Unknown(Reason.SPEC, "size")
    return None if not isinstance(value, int) and is_open(value) else value


@function("keras.ops.shape", family="shape")
def ops_shape(x: Any) -> Any:
    """Sizes, symbols where they are open."""
    given = tensor(x)
    if given.shape is None:
        raise NotKnown
    return tuple(Unknown(Reason.SPEC, "size") if s is None else s for s in given.shape)


@function("keras.backend.shape", family="shape")
def backend_shape(x: Any) -> Out:
    """Sizes as a tensor."""
    given = tensor(x)
    if given.shape is None:
        return Out((None,), dtype="int32")
    return Out((len(given.shape),), dtype="int32", data=given.shape)


@function("keras.ops.ndim", "keras.backend.ndim", family="shape")
def ndim(x: Any) -> int:
    """Number of axes."""
    given = tensor(x)
    if given.shape is None:
        raise NotKnown
    return len(given.shape)


@function("keras.backend.count_params", "keras.ops.size", family="shape")
def count(x: Any) -> Any:
    """Number of elements."""
    total: Size = 1
    for s in tensor(x).shape or (None,):
        total = mul(total, s)
    if total is None:
        raise NotKnown
    return total


@function("keras.backend.image_data_format", "keras.config.image_data_format", family="setting")
def image_data_format() -> str:
    """Layout of images in the default configuration."""
    return "channels_last"


@function("keras.backend.image_dim_ordering", family="setting")
def image_dim_ordering() -> str:
    """Keras 1: layout of images in the default configuration."""
    return "tf"


@function("keras.backend.floatx", "keras.config.floatx", family="setting")
def floatx() -> str:
    """Type of weights and activations in the default configuration."""
    return "float32"


@function("keras.backend.epsilon", "keras.config.epsilon", family="setting")
def epsilon() -> float:
    """Small number added to divisors."""
    return 1e-07

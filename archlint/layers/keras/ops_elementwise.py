"""Functions of `keras.ops`, `keras.backend` and `keras.activations` that go element by element."""

from __future__ import annotations

from typing import Any

from archlint.dims import divide, product
from archlint.layers.arguments import NotKnown, axis_index, known
from archlint.layers.families.contract import divisibility_fault
from archlint.layers.families.elementwise import broadcast, like, merged
from archlint.layers.families.split import resize_axis
from archlint.layers.keras.reading import dtype_name, tensor
from archlint.layers.spec import Out, function
from archlint.values import Tensor

UNARY = (
    "abs", "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "ceil", "celu", "clip",
    "copy", "cos", "cosh", "deg2rad", "elu", "erf", "erfinv", "exp", "exp2", "expm1",
    "exponential", "flip", "floor", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "l2_normalize", "leaky_relu", "linear", "log", "log10", "log1p", "log2", "log_sigmoid", "log_softmax", "mish",
    "nan_to_num", "negative", "normalize", "reciprocal", "relu", "relu6", "reverse", "roll", "round", "rsqrt", "selu",
    "sigmoid", "sign", "silu", "sin", "sinh", "soft_shrink", "softmax", "softplus", "softsign", "sort", "sparse_plus",
    "sparsemax", "sqrt", "square", "squareplus", "stop_gradient", "swish", "tan", "tanh", "tanh_shrink", "threshold",
    "tril", "triu", "trunc",
)  # fmt: skip
BOOLEAN = ("isfinite", "isinf", "isnan", "logical_not")
BINARY = (
    "add", "arctan2", "divide", "divide_no_nan", "floor_divide", "fmod", "logaddexp", "maximum", "minimum", "mod",
    "multiply", "power", "subtract", "true_divide",
)  # fmt: skip
COMPARISON = (
    "equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_or", "logical_xor", "not_equal",
)  # fmt: skip
PLACES = ("keras.ops", "keras.backend", "keras.activations")


def _names(name: str) -> tuple[str, ...]:
    return tuple(f"{place}.{name}" for place in PLACES)


def _unary(x: Any, *_args: Any, **_: Any) -> Out:
    """A function of each element (or along an axis) that keeps the shape."""
    return like(tensor(x))


def _boolean(x: Any) -> Out:
    """A test of each element."""
    return like(tensor(x), dtype="bool")


def _binary(x1: Any, x2: Any, *_args: Any, **_: Any) -> Out:
    """Two tensors, or a tensor and a number, element by element with broadcasting."""
    return broadcast(x1, x2)


def _comparison(x1: Any, x2: Any) -> Out:
    """A comparison element by element with broadcasting."""
    return broadcast(x1, x2, dtype="bool")


for _name in UNARY:
    function(*_names(_name), family="activation")(_unary)
for _name in BOOLEAN:
    function(*_names(_name), family="elementwise")(_boolean)
for _name in BINARY:
    function(*_names(_name), family="elementwise")(_binary)
for _name in COMPARISON:
    function(*_names(_name), family="elementwise")(_comparison)


@function("keras.ops.cumsum", "keras.ops.cumprod", family="elementwise")
def cumulative(x: Any, axis: Any = None, dtype: Any = None) -> Out:
    """Running sums along an axis; without one, of all elements in a row."""
    given = tensor(x)
    if known(axis) is not None:
        return like(given, dtype=None if dtype is None else dtype_name(dtype))
    return Out((None if given.shape is None else product(given.shape),), axes="reshape", dtype="")


@function("keras.backend.cumsum", "keras.backend.cumprod", family="elementwise")
def backend_cumulative(x: Any, axis: Any = 0) -> Out:
    """Running sums along an axis."""
    return like(tensor(x))


@function("keras.backend.pow", family="elementwise")
def backend_power(x: Any, a: Any) -> Out:
    """Each element to a power."""
    return broadcast(x, a)


@function("keras.backend.identity", family="identity")
def identity(x: Any, name: Any = None) -> Out:
    """The tensor itself."""
    return like(tensor(x))


@function("keras.ops.cast", "keras.backend.cast", "keras.ops.saturate_cast", family="elementwise")
def cast(x: Any, dtype: Any) -> Out:
    """The same numbers in another type."""
    return like(tensor(x), dtype=dtype_name(dtype))


@function("keras.ops.convert_to_tensor", family="elementwise")
def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Out:
    """A tensor as it is."""
    return like(tensor(x), dtype=None if dtype is None else dtype_name(dtype))


@function("keras.ops.zeros_like", "keras.backend.zeros_like", "keras.ops.ones_like", "keras.backend.ones_like",
          "keras.ops.empty_like", family="create")  # fmt: skip
def filled_like(x: Any, dtype: Any = None, *_: Any) -> Out:
    """Constants in the shape of another tensor."""
    return like(tensor(x), dtype=None if dtype is None else dtype_name(dtype))


@function("keras.ops.full_like", family="create")
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Out:
    """One number in the shape of another tensor."""
    return like(tensor(x), dtype=None if dtype is None else dtype_name(dtype))


@function("keras.ops.where", family="elementwise")
def where(condition: Any, x1: Any = None, x2: Any = None) -> Out:
    """Elements of one tensor or the other, all three broadcast."""
    if x1 is None or x2 is None:
        raise NotKnown
    given = [t for t in (condition, x1, x2) if isinstance(t, Tensor)]
    if not all(isinstance(t, (Tensor, int, float)) for t in (condition, x1, x2)):
        raise NotKnown
    return merged(given, dtype="")


@function("keras.backend.switch", family="elementwise")
def switch(condition: Any, then_expression: Any, else_expression: Any) -> Out:
    """One of two tensors of the same shape."""
    if isinstance(then_expression, Tensor) and isinstance(else_expression, Tensor):
        if then_expression.shape == else_expression.shape:
            return like(then_expression)
    raise NotKnown


@function("keras.activations.glu", "keras.ops.glu", family="activation")
def glu(x: Any, axis: Any = -1) -> Out:
    """One half of an axis gates the other."""
    given = tensor(x)
    at = None if given.shape is None else axis_index(axis, len(given.shape))
    half = None if given.shape is None or at is None else given.shape[at]
    faults = divisibility_fault("axis", half, 2, "positions to split")
    return Out(faults=faults) if faults else resize_axis(given, axis, divide(half, 2), arg="axis")

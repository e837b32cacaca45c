"""`tf.*` arithmetic: element by element, reductions, products of matrices.

Vectors of sizes (`tf.shape(x)`) keep their elements through arithmetic, so that they still are sizes in a reshape.
"""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from archlint.dims import Dim, Size, add, divide, floordiv, mul, product, proven_different
from archlint.layers.arguments import NotKnown, known, truth
from archlint.layers.families import einsum as products
from archlint.layers.families.elementwise import like, matmul, merged
from archlint.layers.families.merge import agree
from archlint.layers.families.reduce import reduce
from archlint.layers.families.reshape import bad_axis
from archlint.layers.families.tensordot import tensordot as dot_over
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import literal
from archlint.layers.tf.versions import AXIS, each, in_math, renamed
from archlint.values import Tensor

_UNARY = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh digamma erf erfc exp expm1 floor is_finite is_inf is_nan lgamma"
    " log log1p logical_not negative/neg reciprocal rint round rsqrt sign sin sinh sqrt square tan"
)


@each(*in_math(*_UNARY.split()), family="elementwise")
@each("tensorflow.nn.sigmoid tensorflow.sigmoid tensorflow.math.sigmoid", family="activation")
@each("tensorflow.nn.tanh tensorflow.tanh tensorflow.math.tanh", family="activation")
@each("tensorflow.log_sigmoid tensorflow.math.log_sigmoid", family="activation")
def unary(x: Any, name: Any = None) -> Out:
    """A function of each element."""
    return like(literal.tensor(x))


@each("tensorflow.identity", "tensorflow.stop_gradient", "tensorflow.guarantee_const", family="identity")
def identity(input: Any, name: Any = None) -> Out:
    """The tensor itself."""
    given = literal.tensor(input)
    return replace(like(given), data=given.data)


@function("tensorflow.Print", family="identity")
def printed(
    input_: Any, data: Any, message: Any = None, first_n: Any = None, summarize: Any = None, name: Any = None
) -> Out:
    """The tensor itself, told on the way."""
    return identity(input_)  # type: ignore[no-any-return]


@function("tensorflow.check_numerics", "tensorflow.debugging.check_numerics", family="identity")
def check_numerics(tensor: Any, message: Any, name: Any = None) -> Out:
    """The tensor itself, checked on the way."""
    return identity(tensor)  # type: ignore[no-any-return]


@each("tensorflow.cast", "tensorflow.saturate_cast", family="cast", legacy=renamed(value="x"))
def cast(x: Any, dtype: Any, name: Any = None) -> Out:
    """Elements of another type."""
    given = literal.tensor(x)
    kind = literal.dtype(dtype, "") or ""
    return replace(like(given, dtype=kind), data=given.data if "int" in kind else None)


def _declare_cast(word: str, kind: str) -> None:
    @function(f"tensorflow.to_{word}", family="cast")
    def to(x: Any, name: Any = None) -> Out:
        """Elements of the type in its name."""
        given = literal.tensor(x)
        return replace(like(given, dtype=kind), data=given.data if "int" in kind else None)


for _word, _kind in (("float", "float32"), ("double", "float64"), ("int32", "int32"), ("int64", "int64")):
    _declare_cast(_word, _kind)

Numbers = tuple[Size, ...] | int | Dim | None


def _elementwise(a: Any, b: Any, op: Callable[[Size, Size], Size]) -> Numbers:
    """The numbers of two integer tensors combined, a scalar with every element of a vector."""
    if a is None or b is None:
        return None
    if not isinstance(a, tuple) and not isinstance(b, tuple):
        return op(a, b)
    left = a if isinstance(a, tuple) else (a,) * len(b)
    right = b if isinstance(b, tuple) else (b,) * len(a)
    if len(left) != len(right) or any(isinstance(v, tuple) for v in (*left, *right)):
        return None
    return tuple(op(x, y) for x, y in zip(left, right))


def _quotient(a: Size, b: Size) -> Size:
    if a is None or not isinstance(b, int):
        return divide(a, b)
    return floordiv(a, b) if b > 0 else None


def _subtract(a: Size, b: Size) -> Size:
    return add(a, mul(b, -1))


def _greatest(a: Size, b: Size) -> Size:
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else a if a == b else None


def _least(a: Size, b: Size) -> Size:
    return min(a, b) if isinstance(a, int) and isinstance(b, int) else a if a == b else None


def _power(a: Size, b: Size) -> Size:
    return product((a,) * b) if isinstance(b, int) and 0 <= b <= 8 else None


def combined(x: Any, y: Any, op: Callable[[Size, Size], Size] | None, dtype: str | None = None) -> Out:
    """`x op y` with broadcasting; lists and numbers are tensors, too."""
    a, b = literal.tensor(x), literal.tensor(y)
    out = merged((a, b), dtype=dtype)
    if a.shape is None and b.shape == ():
        out = like(a, dtype=out.dtype)
    elif b.shape is None and a.shape == ():
        out = replace(out, last=b.last)
    numbers = None if op is None else _elementwise(a.data, b.data, op)
    if dtype is None and out.dtype == "":
        kinds = {t.dtype for t in (a, b) if not _is_number(x if t is a else y)}
        out = replace(out, dtype=next(iter(kinds)) if len(kinds) == 1 else "")
    return replace(out, data=numbers)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Dim))


def _declare_binary(names: tuple[str, ...], op: Callable[[Size, Size], Size] | None, dtype: str | None = None) -> None:
    @each(*in_math(*names), family="elementwise")
    def binary(x: Any, y: Any, name: Any = None) -> Out:
        """Two tensors element by element, with broadcasting."""
        return combined(x, y, op, dtype)


_declare_binary(("add",), add)
_declare_binary(("subtract/sub",), _subtract)
_declare_binary(("multiply/mul",), mul)
_declare_binary(("floordiv/floor_div", "div"), _quotient)
_declare_binary(("maximum",), _greatest)
_declare_binary(("minimum",), _least)
_declare_binary(("pow",), _power)
_declare_binary(("divide", "truediv", "realdiv", "div_no_nan", "divide_no_nan", "squared_difference", "mod", "floormod",
                 "truncatediv", "truncatemod", "multiply_no_nan", "xlogy"), None)  # fmt: skip
_declare_binary(("equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or",
                 "logical_xor"), None, "bool")  # fmt: skip


@function("tensorflow.atan2", "tensorflow.math.atan2", family="elementwise")
def atan2(y: Any, x: Any, name: Any = None) -> Out:
    """Angle of a point, with broadcasting."""
    return combined(y, x, None)


@each(*in_math("add_n", "accumulate_n"), family="merge")
def add_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: Any = None) -> Out:
    """Sum of tensors of one shape."""
    if isinstance(inputs, Tensor):
        return like(inputs)
    if not isinstance(inputs, (tuple, list)) or not inputs:
        raise NotKnown
    given = [literal.tensor(t) for t in inputs]
    known = [t.shape for t in given if t.shape is not None]
    if not known:
        return Out()
    if len({len(s) for s in known}) > 1:
        ranks = sorted({len(s) for s in known})
        return Out(faults=(Fault("merge", "inputs", f"adds tensors of {ranks[0]} and {ranks[-1]} axes", *ranks[:2]),))
    common, faults = agree(known, None, "adds")
    return Out(None if faults else tuple(common), axes=tuple(range(len(common))), faults=faults)


def _reduce(input_tensor: Any, axis: Any, keepdims: Any, dtype: str | None = None, fold: Any = None) -> Out:
    x = literal.tensor(input_tensor)
    axes = None if axis is None else literal.integers(axis)
    keeps = truth(keepdims)
    if keeps is None:
        raise NotKnown
    if axes and x.shape == ():
        return bad_axis(axes[0], 0, "axis")
    out = reduce(x, axes, keeps, arg="axis", dtype=dtype)
    if fold is not None and isinstance(x.data, tuple) and out.shape == () and not out.faults:
        return replace(out, data=fold(x.data))
    return out


def _total(sizes: tuple[Size, ...]) -> Size:
    found: Size = 0
    for s in sizes:
        found = add(found, s)
    return found


def _declare_reduction(names: tuple[str, ...], dtype: str | None = None, fold: Any = None) -> None:
    @each(*in_math(*names), family="reduce", legacy=AXIS)
    def reduction(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: Any = None) -> Out:
        """Axes reduced to one value; all of them unless stated otherwise."""
        return _reduce(input_tensor, axis, keepdims, dtype, fold)


_declare_reduction(("reduce_prod",), fold=product)
_declare_reduction(("reduce_sum",), fold=_total)
_declare_reduction(("reduce_mean", "reduce_max", "reduce_min", "reduce_logsumexp", "reduce_std", "reduce_variance",
                    "reduce_euclidean_norm"))  # fmt: skip
_declare_reduction(("reduce_any", "reduce_all"), "bool")


@function("tensorflow.count_nonzero", "tensorflow.math.count_nonzero", family="reduce",
          legacy=renamed(input_tensor="input", reduction_indices="axis", keep_dims="keepdims"))  # fmt: skip
def count_nonzero(input: Any, axis: Any = None, keepdims: Any = None, dtype: Any = None, name: Any = None) -> Out:
    """How many elements are not zero."""
    return _reduce(input, axis, keepdims, "int64")


@function("tensorflow.norm", "tensorflow.linalg.norm", family="reduce", legacy=renamed(keep_dims="keepdims"))
def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: Any = None) -> Out:
    """Length of vectors, or norm of matrices."""
    return _reduce(tensor, axis, keepdims)


@each(*in_math("argmax/arg_max", "argmin/arg_min"), family="reduce", legacy=AXIS)
def argmax(input: Any, axis: Any = None, name: Any = None, output_type: Any = None) -> Out:
    """Place of the extreme along an axis, the first one unless stated otherwise."""
    return _reduce(input, 0 if axis is None else literal.integer(axis), False, literal.dtype(output_type, "int64"))


@each(*in_math("cumsum", "cumprod", "cumulative_logsumexp"), family="elementwise")
def cumsum(x: Any, axis: Any = 0, exclusive: Any = False, reverse: Any = False, name: Any = None) -> Out:
    """Running sums along an axis."""
    return like(literal.tensor(x))


def _transposed(x: Tensor, flag: Any) -> Tensor:
    flip = truth(flag)
    if flip is None:
        raise NotKnown
    if not flip or x.shape is None or len(x.shape) < 2:
        return replace(x, shape=None) if flip and x.shape is None else x
    return Tensor((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)


@function("tensorflow.matmul", "tensorflow.linalg.matmul", "tensorflow.batch_matmul", family="matmul",
          legacy=renamed(x="a", y="b", adj_x="adjoint_a", adj_y="adjoint_b"))  # fmt: skip
def matmul_(
    a: Any,
    b: Any,
    transpose_a: Any = False,
    transpose_b: Any = False,
    adjoint_a: Any = False,
    adjoint_b: Any = False,
    a_is_sparse: Any = False,
    b_is_sparse: Any = False,
    output_type: Any = None,
    grad_a: Any = False,
    grad_b: Any = False,
    name: Any = None,
) -> Out:
    """Product of matrices; both have at least two axes, those in front are a batch."""
    left, right = literal.tensor(a), literal.tensor(b)
    for arg, x in (("a", left), ("b", right)):
        if x.shape is not None and len(x.shape) < 2:
            text = f"needs at least 2 axes, got {len(x.shape)}"
            return Out(faults=(Fault("rank", arg, text, 2, len(x.shape)),))
    left = _transposed(_transposed(left, transpose_a), adjoint_a)
    out = matmul(left, _transposed(_transposed(right, transpose_b), adjoint_b))
    return replace(out, axes=None) if out.axes is not None and left is not a else out


@function("tensorflow.tensordot", "tensorflow.linalg.tensordot", family="matmul")
def tensordot(a: Any, b: Any, axes: Any, name: Any = None) -> Out:
    """Sum over some axes of two tensors: the last `n` with the first `n`, or pairs of axes."""
    left, right = literal.tensor(a), literal.tensor(b)
    first, second = _contracted(axes)
    if len(first) != len(second):
        raise NotKnown
    out = dot_over(left, right, first, second)
    if any(fault.kind == "matmul" for fault in out.faults) and left.shape is not None and right.shape is not None:
        summed, other = product(left.shape[i] for i in first), product(right.shape[j] for j in second)
        if not proven_different(summed, other):
            raise NotKnown  # it only counts the elements summed over: (2, 3) with (3, 2) passes
    return out


def _contracted(axes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if isinstance(axes, (tuple, list)) and len(axes) == 2:
        return literal.integers(axes[0]), literal.integers(axes[1])
    n = literal.integer(axes)
    if n < 0:
        raise NotKnown
    return tuple(range(-n, 0)), tuple(range(n))


@function("tensorflow.einsum", "tensorflow.linalg.einsum", family="matmul")
def einsum(equation: Any, *inputs: Any, name: Any = None, **_: Any) -> Out:
    """Sums of products over the letters that the output leaves out."""
    if not isinstance(known(equation), str):
        raise NotKnown
    terms, output = products.letters(equation)
    given = [literal.tensor(x) for x in inputs]
    return products.einsum(terms, products.implicit_output(terms) if output is None else output, given)

"""numpy functions of the elements: one by one, in pairs, reduced along axes, matrix products."""

from __future__ import annotations

from typing import Any

from archlint.layers.arguments import NotKnown, flag, is_unknown
from archlint.layers.families.elementwise import broadcast_shapes, floating, like, matmul, promoted
from archlint.layers.families.reduce import reduce
from archlint.layers.numpy.reading import array, dtype, fractions
from archlint.layers.spec import Out, function
from archlint.values import Tensor


def _elementwise(name: str, real: bool) -> None:
    @function(f"numpy.{name}", family="array")
    def one_by_one(x: Any, *others: Any, **options: Any) -> Out:
        """A function of each element on its own."""
        given = array(x)
        return like(given, dtype=fractions(given) if real else given.dtype or "")


for _name in ("sqrt", "exp", "log", "log2", "log10", "log1p", "expm1", "sin", "cos", "tan", "tanh", "sinh", "cosh",
              "arctan", "arcsin", "arccos", "deg2rad", "rad2deg", "cbrt"):  # fmt: skip
    _elementwise(_name, True)
for _name in ("square", "negative", "reciprocal"):
    _elementwise(_name, False)
for _name in ("abs", "absolute", "fabs", "sign", "round", "around", "rint", "floor", "ceil", "real", "conj"):
    _elementwise(_name, _name in ("fabs", "rint"))


def _test(name: str) -> None:
    @function(f"numpy.{name}", family="array")
    def test(x: Any, **options: Any) -> Out:
        """True or false for each element."""
        return like(array(x), dtype="bool")


for _name in ("isnan", "isinf", "isfinite", "logical_not"):
    _test(_name)


def _pairwise(name: str, kind: str | None) -> None:
    @function(f"numpy.{name}", family="array")
    def pairwise(x1: Any, x2: Any, *others: Any, **options: Any) -> Out:
        """A function of pairs of elements, broadcast."""
        a, b = array(x1), array(x2)
        shape, faults = broadcast_shapes([a.shape, b.shape])
        found = promoted((a.dtype, b.dtype)) if name != "divide" else ""
        return Out(shape, dtype=kind if kind is not None else found, faults=faults)


for _name in ("add", "subtract", "multiply", "divide", "true_divide", "power", "maximum", "minimum", "mod", "fmod",
              "arctan2", "hypot", "floor_divide", "remainder"):  # fmt: skip
    _pairwise(_name, None if _name not in ("divide", "true_divide", "arctan2", "hypot", "power") else "")
for _name in ("equal", "not_equal", "less", "greater", "less_equal", "greater_equal", "logical_and", "logical_or",
              "logical_xor", "isclose"):  # fmt: skip
    _pairwise(_name, "bool")


@function("numpy.where", family="array")
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """One value or the other; with a condition alone, the places where it holds."""
    test = array(condition)
    if x is None and y is None:
        if test.shape is None:
            raise NotKnown
        return tuple(Out((None,), dtype="int64") for _ in test.shape)
    a, b = array(x), array(y)
    return Out(broadcast_shapes([test.shape, a.shape, b.shape])[0], dtype=promoted((a.dtype, b.dtype)))


def _kind(name: str, x: Tensor) -> str:
    if name in ("any", "all"):
        return "bool"
    if name in ("argmax", "argmin", "count_nonzero"):
        return "int64"
    return fractions(x) if name in ("mean", "std", "var", "median", "average") else ""


def _reduction(name: str, method: bool) -> None:
    names = [f"numpy.{name}", f"numpy.ndarray.{name}"] if method else [f"numpy.{name}"]

    @function(*names, family="array")
    def reduction(a: Any, axis: Any = None, *others: Any, **options: Any) -> Out:
        """Axes are reduced to one number."""
        given, keep = array(a), flag(options.get("keepdims", False))
        if given.shape is None or is_unknown(axis):
            raise NotKnown
        kind = dtype(options.get("dtype"), _kind(name, given) or ("" if not floating(given.dtype) else given.dtype))
        out = reduce(given, list(axis) if isinstance(axis, tuple) else axis, keep, arg="axis", dtype=kind)
        return Out(out.shape, dtype=kind, faults=out.faults)


for _name in ("sum", "mean", "std", "var", "max", "min", "prod", "argmax", "argmin", "any", "all", "ptp"):
    _reduction(_name, _name != "ptp")
for _name in ("amax", "amin", "median", "average", "nanmean", "nanmax", "nanmin", "nansum", "nanstd", "count_nonzero"):
    _reduction(_name, False)


@function("numpy.cumsum", "numpy.ndarray.cumsum", "numpy.cumprod", family="array")
def cumulated(a: Any, axis: Any = None, **options: Any) -> Out:
    """Sums of all that came before."""
    given = array(a)
    if axis is None and given.shape is not None and len(given.shape) != 1:
        raise NotKnown
    return Out(given.shape, dtype="")


@function("numpy.argsort", "numpy.ndarray.argsort", family="array")
def argsort(a: Any, axis: Any = -1, **options: Any) -> Out:
    """The order of the elements along an axis."""
    given = array(a)
    if axis is None:
        raise NotKnown
    return Out(given.shape, dtype="int64")


@function("numpy.unique", family="array")
def unique(ar: Any, *others: Any, **options: Any) -> Out:
    """The values that occur."""
    given = array(ar)
    if others or any(v is not False and v is not None for v in options.values()):
        raise NotKnown
    return Out((None,), dtype=given.dtype or "")


@function("numpy.nonzero", "numpy.ndarray.nonzero", family="array")
def nonzero(a: Any) -> Any:
    """The places of what is not zero, axis by axis."""
    given = array(a)
    if given.shape is None:
        raise NotKnown
    return tuple(Out((None,), dtype="int64") for _ in given.shape)


@function("numpy.bincount", family="array")
def bincount(x: Any, weights: Any = None, minlength: Any = 0) -> Out:
    """How often each number occurs."""
    return Out((None,), dtype="")


@function("numpy.matmul", family="array")
def product_of_matrices(x1: Any, x2: Any, **options: Any) -> Out:
    """Matrix product, with broadcast axes in front."""
    out = matmul(array(x1), array(x2))
    return Out(out.shape, dtype=out.dtype or "", faults=out.faults)


@function("numpy.dot", "numpy.ndarray.dot", family="array")
def dot(a: Any, b: Any, out: Any = None) -> Out:
    """Last axis of one with the last but one of the other."""
    x, y = array(a), array(b)
    if x.shape is None or y.shape is None:
        raise NotKnown
    kind = promoted((x.dtype, y.dtype))
    if not x.shape or not y.shape:
        return Out(broadcast_shapes([x.shape, y.shape])[0], dtype=kind)
    rest = (*y.shape[:-2], y.shape[-1]) if len(y.shape) > 1 else ()
    return Out((*x.shape[:-1], *rest), dtype=kind)


@function("numpy.outer", family="array")
def outer(a: Any, b: Any, out: Any = None) -> Out:
    """The product of every element with every other."""
    x, y = array(a), array(b)
    if x.shape is None or y.shape is None or len(x.shape) != 1 or len(y.shape) != 1:
        raise NotKnown
    return Out((x.shape[0], y.shape[0]), dtype=promoted((x.dtype, y.dtype)))


@function("numpy.linalg.norm", family="array")
def norm(x: Any, ord_: Any = None, axis: Any = None, keepdims: Any = False, **options: Any) -> Out:
    """Lengths of vectors along an axis."""
    given = array(x)
    if given.shape is None or is_unknown(axis):
        raise NotKnown
    out = reduce(given, list(axis) if isinstance(axis, tuple) else axis, flag(keepdims), arg="axis")
    return Out(out.shape, dtype=fractions(given))


@function("numpy.ndarray.astype", family="array")
def astype(a: Tensor, dtype_: Any = None, *others: Any, **options: Any) -> Out:
    """The same numbers as another type."""
    return like(a, dtype=dtype(options.get("dtype", dtype_)))


@function("numpy.diff", family="array")
def diff(a: Any, n: Any = 1, axis: Any = -1, **options: Any) -> Out:
    """Differences of neighbours."""
    given = array(a)
    if given.shape is None or n != 1 or type(axis) is not int or not -len(given.shape) <= axis < len(given.shape):
        raise NotKnown
    if options:
        raise NotKnown
    at, total = axis % len(given.shape), given.shape[axis]
    less = total - 1 if total is not None and (not isinstance(total, int) or total > 0) else None
    return Out((*given.shape[:at], less, *given.shape[at + 1 :]), dtype="")


@function("numpy.shape", family="array")
def shape_of(a: Any) -> Any:
    """The shape as a tuple."""
    given = array(a)
    if given.shape is None or None in given.shape:
        raise NotKnown
    return given.shape


@function("numpy.ndim", family="array")
def rank_of(a: Any) -> Any:
    """The number of axes."""
    given = array(a)
    if given.shape is None:
        raise NotKnown
    return len(given.shape)


@function("numpy.array_equal", "numpy.allclose", family="array")
def equal_arrays(*given: Any, **options: Any) -> Any:
    """A truth value that depends on the contents."""
    raise NotKnown

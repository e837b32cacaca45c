"""numpy functions that make arrays."""

from __future__ import annotations

from math import ceil
from typing import Any

from archlint.dims import Dim
from archlint.layers.arguments import NotKnown, size
from archlint.layers.families.elementwise import like
from archlint.layers.numpy.reading import array, dtype, shape
from archlint.layers.spec import Out, function
from archlint.values import Tensor


def _filled(name: str) -> None:
    @function(f"numpy.{name}", family="array")
    def filled(shape_: Any, dtype_: Any = None, order: Any = "C", **options: Any) -> Out:
        """An array of the given shape."""
        return Out(shape(shape_), dtype=dtype(options.get("dtype", dtype_), "float64"))

    @function(f"numpy.{name}_like", family="array")
    def filled_like(a: Any, dtype_: Any = None, order: Any = "K", subok: Any = True, **options: Any) -> Out:
        """An array of the shape of another."""
        given, wanted = array(a), options.get("dtype", dtype_)
        if options.get("shape") is not None:
            return Out(shape(options["shape"]), dtype=dtype(wanted, given.dtype))
        return like(given, dtype=dtype(wanted, given.dtype))


for _name in ("zeros", "ones", "empty"):
    _filled(_name)


@function("numpy.full", family="array")
def full(shape_: Any, fill_value: Any, dtype_: Any = None, **options: Any) -> Out:
    """An array with one value everywhere, or rows of them."""
    wanted = options.get("dtype", dtype_)
    return Out(shape(options.get("shape", shape_)), dtype=dtype(wanted, array(fill_value).dtype))


@function("numpy.full_like", family="array")
def full_like(a: Any, fill_value: Any, dtype_: Any = None, **options: Any) -> Out:
    """An array of the shape of another."""
    given = array(a)
    return like(given, dtype=dtype(options.get("dtype", dtype_), given.dtype))


@function("numpy.eye", family="array")
def eye(n: Any = None, m: Any = None, k: Any = 0, dtype_: Any = None, **options: Any) -> Out:
    """A matrix with ones on a diagonal: rows are the one-hot vectors."""
    rows, columns = options.get("N", n), options.get("M", m)
    shape_ = (size(rows), size(rows if columns is None else columns))
    return Out(shape_, dtype=dtype(options.get("dtype", dtype_), "float64"))


@function("numpy.identity", family="array")
def identity(n: Any, dtype_: Any = None, **options: Any) -> Out:
    """A square matrix with ones on its diagonal."""
    return Out((size(n), size(n)), dtype=dtype(options.get("dtype", dtype_), "float64"))


@function("numpy.arange", family="array")
def arange(start: Any = None, stop: Any = None, step: Any = 1, dtype_: Any = None, **options: Any) -> Out:
    """Numbers from `start` to `stop` in steps."""
    low, high = (0, start) if stop is None else (0 if start is None else start, stop)
    step = 1 if step is None else step
    wanted = options.get("dtype", dtype_)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high, step))
    whole = all(isinstance(v, (int, Dim)) for v in (low, high, step))
    kind = dtype(wanted, "int64" if whole else "float64" if numbers else "")
    if numbers and step != 0:
        return Out((max(ceil((high - low) / step), 0),), dtype=kind)
    if low == 0 and step == 1 and isinstance(high, Dim):
        return Out((high,), dtype=kind)
    return Out((None,), dtype=kind)


def _spaced(name: str) -> None:
    @function(f"numpy.{name}", family="array")
    def spaced(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, **options: Any) -> Out:
        """So many numbers from `start` to `stop`, or rows of them between arrays."""
        ends = (array(start).shape, array(stop).shape)
        if ends != ((), ()) or options.get("retstep") or options.get("axis"):
            raise NotKnown
        return Out((size(num),), dtype=dtype(options.get("dtype"), "float64"))


for _name in ("linspace", "logspace", "geomspace"):
    _spaced(_name)


def _converted(name: str, kind: str | None = None) -> None:
    @function(f"numpy.{name}", family="array")
    def converted(a: Any, dtype_: Any = None, *others: Any, **options: Any) -> Out:
        """An array of nested lists of numbers, of arrays, or the array itself."""
        given = array(a)
        if options.get("ndmin") or given.shape is None:
            return Out(None, dtype=dtype(options.get("dtype", dtype_), kind or given.dtype))
        return Out(given.shape, dtype=dtype(options.get("dtype", dtype_), kind or given.dtype))


for _name in ("array", "asarray", "asanyarray", "copy", "asfortranarray"):
    _converted(_name)
for _name in ("float32", "float64", "int64", "int32"):
    _converted(_name, _name)


@function("numpy.ascontiguousarray", family="array")
def ascontiguousarray(a: Any, dtype_: Any = None, **options: Any) -> Out:
    """An array that lies in one piece; a number gets an axis."""
    given = array(a)
    return Out(
        given.shape or ((1,) if given.shape == () else None), dtype=dtype(options.get("dtype", dtype_), given.dtype)
    )


@function("numpy.meshgrid", family="array")
def meshgrid(*xi: Any, copy: Any = True, sparse: Any = False, indexing: Any = "xy") -> Any:
    """Coordinates of a grid, one array per axis; `xy` swaps the first two axes."""
    given = [array(x) for x in xi]
    if sparse is not False or indexing not in ("xy", "ij"):
        raise NotKnown
    sizes = [
        None if x.shape is None else x.shape[0] if len(x.shape) == 1 else 1 if not x.shape else None for x in given
    ]
    if indexing == "xy" and len(sizes) > 1:
        sizes[0], sizes[1] = sizes[1], sizes[0]
    return [Out(tuple(sizes), dtype=x.dtype or "") for x in given]


@function("numpy.diag", family="array")
def diag(v: Any, k: Any = 0) -> Out:
    """The diagonal of a matrix, or the matrix of a diagonal."""
    given = array(v)
    if given.shape is None or len(given.shape) != 1 or k != 0:
        return Out(None if given.shape is None or len(given.shape) != 2 else (None,), dtype=given.dtype or "")
    return Out((given.shape[0], given.shape[0]), dtype=given.dtype or "")


def one_hot(y: Tensor, classes: Any) -> Out:
    """`to_categorical`: a vector of classes for each number; a last axis of 1 gives way to it."""
    if y.shape is None:
        return Out(None, last=size(classes), dtype="float32")
    kept = y.shape[:-1] if len(y.shape) > 1 and y.shape[-1] == 1 else y.shape
    if len(y.shape) > 1 and not isinstance(y.shape[-1], int):
        return Out(None, last=size(classes), dtype="float32")
    return Out((*kept, size(classes)), dtype="float32")

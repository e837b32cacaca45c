"""torch functions and methods that make axes go away."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.layers.arguments import NotKnown, flag, is_unknown, known
from archlint.layers.families.elementwise import broadcast, floating
from archlint.layers.families.reduce import reduce
from archlint.layers.spec import Out, function
from archlint.layers.torch.reading import dtype_name
from archlint.values import Tensor


def names(name: str) -> tuple[str, str]:
    """As a function and as a method."""
    return f"torch.{name}", f"torch.Tensor.{name}"


def no_axes(dim: Any) -> Any:
    """An empty list of axes means all of them for sums."""
    return None if dim in ((), []) else dim


def _kept(dtype: str | None) -> str | None:
    return None if floating(dtype) else ""


def _summed(dtype: str | None) -> str | None:
    """Sums and products of integers and of truths are int64: `(rows * width).sum(-1)` is an index."""
    return "int64" if dtype == "bool" or (dtype or "").lstrip("u").startswith("int") else _kept(dtype)


def _total(name: str) -> None:
    @function(*names(name), family="reduce")
    def total(input: Tensor, dim: Any = None, keepdim: Any = False, *, dtype: Any = None, axis: Any = None) -> Out:
        """One number for each position of the other axes; of everything without `dim`."""
        axes = no_axes(known(dim if axis is None else axis))
        result = dtype_name(dtype, _summed(input.dtype) if name in ("sum", "nansum") else _kept(input.dtype))
        return reduce(input, axes, flag(keepdim), dtype=result)


for _name in ("sum", "mean", "nansum", "nanmean", "logsumexp"):
    _total(_name)


@function(*names("prod"), family="reduce")
def prod(input: Tensor, dim: Any = None, keepdim: Any = False, *, dtype: Any = None) -> Out:
    """The product along an axis, or of everything."""
    return reduce(input, dim, flag(keepdim), dtype=dtype_name(dtype, _summed(input.dtype)))


def _extreme(name: str) -> None:
    @function(*names(name), family="reduce")
    def extreme(input: Tensor, dim: Any = (), keepdim: Any = False) -> Out:
        """The greatest or least along axes, or of everything."""
        return reduce(input, no_axes(known(dim)), flag(keepdim))


for _name in ("amax", "amin"):
    _extreme(_name)


def _chosen(name: str) -> None:
    @function(*names(name), family="reduce")
    def chosen(input: Tensor, dim: Any = None, keepdim: Any = False) -> Out:
        """The place of the greatest or least along an axis, or in everything."""
        return reduce(input, dim, flag(keepdim), dtype="int64")


for _name in ("argmax", "argmin"):
    _chosen(_name)


def _truth(name: str) -> None:
    @function(*names(name), family="reduce")
    def truth(input: Tensor, dim: Any = None, keepdim: Any = False) -> Out:
        """Whether any, or every element along axes is true."""
        return reduce(input, no_axes(known(dim)), flag(keepdim), dtype="bool")


for _name in ("any", "all"):
    _truth(_name)


@function(*names("count_nonzero"), family="reduce")
def count_nonzero(input: Tensor, dim: Any = None) -> Out:
    """The number of elements that are not zero along axes, or in everything."""
    return reduce(input, dim, False, dtype="int64")


def _picked(input: Tensor, dim: Any, keepdim: Any, other: Any = None) -> Any:
    """`max()` is a number, `max(dim)` a pair of values and places, `max(other)` a comparison of two tensors."""
    second = dim if other is None else other
    if isinstance(second, Tensor):
        return broadcast(input, second)
    if is_unknown(dim):
        raise NotKnown
    if dim is None:
        return reduce(input, None, False)
    found = reduce(input, dim, flag(keepdim))
    return found, replace(found, dtype="int64", faults=())


@function(*names("max"), family="reduce")
@function(*names("min"), family="reduce")
def extreme_pair(input: Tensor, dim: Any = None, keepdim: Any = False, *, other: Any = None) -> Any:
    """The greatest or least: of everything, along an axis with its place, or of two tensors."""
    return _picked(input, dim, keepdim, other)


@function(*names("median"), family="reduce")
@function(*names("nanmedian"), family="reduce")
@function(*names("mode"), family="reduce")
def median(input: Tensor, dim: Any = None, keepdim: Any = False) -> Any:
    """The middle value: of everything, or along an axis with its place."""
    return _picked(input, dim, keepdim)


def _spread(name: str, pair: bool) -> None:
    @function(*(names(name) if not pair else (f"torch.{name}",)), family="reduce")
    def spread(
        input: Tensor, dim: Any = None, unbiased: Any = True, keepdim: Any = False, *, correction: Any = 1
    ) -> Any:
        """Variance or deviation along axes, or of everything; perhaps with the mean."""
        everything = isinstance(dim, bool)  # `x.std(False)` is about the estimate, not about an axis
        found = reduce(input, None if everything else no_axes(known(dim)), flag(keepdim))
        return (found, found) if pair else found


for _name in ("var", "std"):
    _spread(_name, False)
    _spread(f"{_name}_mean", True)


@function(*names("norm"), "torch.linalg.norm", family="reduce")
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: Any = False, out: Any = None, dtype: Any = None,
         ord: Any = None) -> Out:  # fmt: skip
    """Length of vectors or size of matrices along axes, or of everything."""
    return reduce(input, dim, flag(keepdim))


@function("torch.linalg.vector_norm", family="reduce")
def vector_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: Any = False, *, dtype: Any = None) -> Out:
    """Length of vectors along axes, or of everything."""
    return reduce(x, dim, flag(keepdim))


@function("torch.aminmax", "torch.Tensor.aminmax", family="reduce")
def aminmax(input: Tensor, *, dim: Any = None, keepdim: Any = False) -> Any:
    """The least and the greatest along an axis, or of everything."""
    found = reduce(input, dim, flag(keepdim))
    return found, replace(found, faults=())


@function("torch.Tensor.item", "torch.Tensor.tolist", family="shape")
def item(input: Tensor) -> Any:
    """Contents of a tensor: never known."""
    raise NotKnown

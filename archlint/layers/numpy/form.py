"""numpy functions that give the elements another form, join or cut arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from archlint.dims import add, mul, product
from archlint.layers.arguments import NotKnown, is_unknown, size
from archlint.layers.families import merge
from archlint.layers.families import reshape as forms
from archlint.layers.families.elementwise import like
from archlint.layers.numpy.reading import array, arrays, shape, varargs
from archlint.layers.spec import Out, function
from archlint.values import Tensor


def _axes(value: Any) -> list[Any] | None:
    """`axis=1`, `axis=(0, 2)`; None for all."""
    if value is None:
        return None
    if is_unknown(value):
        raise NotKnown
    return list(value) if isinstance(value, (tuple, list)) else [value]


@function("numpy.reshape", family="array")
def reshape(a: Any, shape_: Any = None, order: Any = "C", **options: Any) -> Out:
    """The same elements in another shape; one -1 is solved."""
    return forms.reshape(array(a), shape(options.get("shape", options.get("newshape", shape_))))


@function("numpy.ndarray.reshape", family="array")
def reshape_method(a: Tensor, *sizes: Any, **options: Any) -> Out:
    """The same elements in another shape; one -1 is solved."""
    return forms.reshape(a, varargs(sizes or (options.get("shape"),)))


@function("numpy.resize", family="array")
def resize(a: Any, new_shape: Any) -> Out:
    """The elements repeated until the shape is full."""
    return Out(shape(new_shape), dtype=array(a).dtype or "")


@function("numpy.ravel", "numpy.ndarray.ravel", "numpy.ndarray.flatten", family="array")
def ravel(a: Any, order: Any = "C") -> Out:
    """All elements on one axis."""
    given = array(a)
    return Out((None if given.shape is None else product(given.shape),), dtype=given.dtype or "")


@function("numpy.expand_dims", family="array")
def expand_dims(a: Any, axis: Any) -> Out:
    """New axes of 1."""
    given = array(a)
    if given.shape is None:
        return Out()
    places = _axes(axis)
    rank = len(given.shape) + len(places or ())
    if places is None or not all(type(p) is int and -rank <= p < rank for p in places):
        raise NotKnown
    new = {p % rank for p in places}
    rest = iter(given.shape)
    return Out(tuple(1 if i in new else next(rest) for i in range(rank)), dtype=given.dtype or "")


@function("numpy.squeeze", "numpy.ndarray.squeeze", family="array")
def squeeze(a: Any, axis: Any = None) -> Out:
    """Axes of 1 go away."""
    return forms.squeeze(array(a), _axes(axis), strict=True, arg="axis")


@function("numpy.transpose", "numpy.permute_dims", family="array")
def transpose(a: Any, axes: Any = None) -> Out:
    """Axes in another order, or all of them reversed."""
    given, order = array(a), _axes(axes)
    if given.shape is None:
        return Out()
    return forms.permute(given, list(reversed(range(len(given.shape)))) if order is None else order)


@function("numpy.ndarray.transpose", family="array")
def transpose_method(a: Tensor, *axes: Any) -> Out:
    """Axes in another order, or all of them reversed."""
    given = axes[0] if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))) else axes or None
    return transpose(a, given)  # type: ignore[no-any-return]


@function("numpy.swapaxes", "numpy.ndarray.swapaxes", family="array")
def swapaxes(a: Any, axis1: Any, axis2: Any) -> Out:
    """Two axes change places."""
    return forms.swap(array(a), axis1, axis2)


@function("numpy.moveaxis", family="array")
def moveaxis(a: Any, source: Any, destination: Any) -> Out:
    """Axes go to other places, the rest keep their order."""
    return forms.move(array(a), _axes(source) or (), _axes(destination) or ())


@function("numpy.rollaxis", family="array")
def rollaxis(a: Any, axis: Any, start: Any = 0) -> Out:
    """One axis goes in front of another."""
    if type(axis) is not int or type(start) is not int or start != 0:
        raise NotKnown
    return forms.move(array(a), [axis], [0])


@function("numpy.concatenate", "numpy.concat", family="array")
def concatenate(arrays_: Any, axis: Any = 0, **options: Any) -> Out:
    """Joined along an axis."""
    given = arrays(arrays_)
    if axis is None:
        return Out((None,))
    return merge.concatenate(given, axis, arg="axis")


@function("numpy.append", family="array")
def append(arr: Any, values: Any, axis: Any = None) -> Out:
    """Two arrays joined; without an axis, as one row of elements."""
    given, more = array(arr), array(values)
    if axis is not None:
        return merge.concatenate([given, more], axis, arg="axis")
    counts = [None if x.shape is None else product(x.shape) for x in (given, more)]
    return Out((add(counts[0], counts[1]),))


@function("numpy.stack", family="array")
def stack(arrays_: Any, axis: Any = 0, **options: Any) -> Out:
    """A new axis over arrays of one shape."""
    return merge.stack(arrays(arrays_), axis, arg="axis")


def _raised(xs: Sequence[Tensor], rank: int, behind: bool = False) -> list[Tensor]:
    """Arrays with axes of 1 in front, or (`behind`, a vector only) one more at the end."""
    found = []
    for x in xs:
        if x.shape is None:
            raise NotKnown
        missing = max(rank - len(x.shape), 0)
        sizes = (*x.shape, *(1,) * missing) if behind and x.shape else (*(1,) * missing, *x.shape)
        found.append(Tensor(sizes, x.dtype))
    return found


@function("numpy.vstack", "numpy.row_stack", family="array")
def vstack(tup: Any, **options: Any) -> Out:
    """Rows under rows."""
    return merge.concatenate(_raised(arrays(tup), 2), 0)


@function("numpy.hstack", family="array")
def hstack(tup: Any, **options: Any) -> Out:
    """Columns beside columns; vectors one after the other."""
    given = _raised(arrays(tup), 1)
    return merge.concatenate(given, 0 if len(given[0].shape or ()) == 1 else 1)


@function("numpy.dstack", family="array")
def dstack(tup: Any) -> Out:
    """Along a third axis."""
    given = _raised(arrays(tup), 2)
    return merge.concatenate([Tensor((*(x.shape or ()), 1)[:3], x.dtype) for x in given], 2)


@function("numpy.column_stack", family="array")
def column_stack(tup: Any) -> Out:
    """Vectors as columns of a matrix."""
    return merge.concatenate(_raised(arrays(tup), 2, behind=True), 1)


def _parts(name: str, exact: bool) -> None:
    @function(f"numpy.{name}", family="array")
    def cut(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
        """Parts along an axis: so many equal ones, or cut at places."""
        given, parts = array(ary), indices_or_sections
        if given.shape is None or type(axis) is not int or not -len(given.shape) <= axis < len(given.shape):
            raise NotKnown
        at, total = axis % len(given.shape), given.shape[axis]
        if not isinstance(total, int):
            raise NotKnown
        if type(parts) is int and parts > 0:
            small, rest = divmod(total, parts)
            if exact and rest:
                raise NotKnown
            sizes = [small + (i < rest) for i in range(parts)]
        elif isinstance(parts, (tuple, list)) and all(type(p) is int for p in parts):
            edges = [0, *parts, total]
            sizes = [len(range(total)[a:b]) for a, b in pairwise(edges)]
        else:
            raise NotKnown
        return [Out((*given.shape[:at], s, *given.shape[at + 1 :]), dtype=given.dtype or "") for s in sizes]


_parts("split", True)
_parts("array_split", False)


@function("numpy.tile", family="array")
def tile(a: Any, reps: Any) -> Out:
    """The whole array repeated along each axis."""
    return forms.tile(array(a), shape(reps), pad_times=True)


@function("numpy.repeat", "numpy.ndarray.repeat", family="array")
def repeat(a: Any, repeats: Any, axis: Any = None) -> Out:
    """Each element repeated along an axis, or on one axis for all."""
    given, times = array(a), size(repeats)
    if given.shape is None or not (axis is None or type(axis) is int):
        raise NotKnown
    if axis is None:
        return Out((mul(product(given.shape), times),), dtype=given.dtype or "")
    if not -len(given.shape) <= axis < len(given.shape):
        raise NotKnown
    at = axis % len(given.shape)
    return Out((*given.shape[:at], mul(given.shape[at], times), *given.shape[at + 1 :]), dtype=given.dtype or "")


@function("numpy.broadcast_to", family="array")
def broadcast_to(array_: Any, shape_: Any = None, **options: Any) -> Out:
    """Repeated to a shape."""
    return Out(shape(options.get("shape", shape_)), dtype=array(array_).dtype or "")


@function("numpy.pad", family="array")
def pad(array_: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Out:
    """More rows and columns around."""
    given = array(array_)
    if given.shape is None or not isinstance(pad_width, (int, tuple, list)):
        raise NotKnown  # of unknown width, or of widths in an array
    rank = len(given.shape)
    widths: list[tuple[Any, Any]]
    if isinstance(pad_width, int):
        widths = [(pad_width, pad_width)] * rank
    elif all(isinstance(w, int) for w in pad_width) and len(pad_width) == 2:
        widths = [(pad_width[0], pad_width[1])] * rank
    elif len(pad_width) == rank and all(isinstance(w, (tuple, list)) and len(w) == 2 for w in pad_width):
        widths = [(w[0], w[1]) for w in pad_width]
    else:
        raise NotKnown
    sizes = tuple(add(add(s, size(a)), size(b)) for s, (a, b) in zip(given.shape, widths))
    return Out(sizes, dtype=given.dtype or "")


def _same(*names: str) -> None:
    @function(*names, family="array")
    def same(a: Any, *others: Any, **options: Any) -> Out:
        """The elements in another order, or the same."""
        given = array(a)
        return Out(given.shape, dtype=given.dtype or "")


_same("numpy.flip", "numpy.fliplr", "numpy.flipud", "numpy.roll", "numpy.ndarray.copy", "numpy.nan_to_num",
      "numpy.clip", "numpy.ndarray.clip", "numpy.ndarray.round", "numpy.copyto")  # fmt: skip


@function("numpy.sort", family="array")
def ordered(a: Any, axis: Any = -1, **options: Any) -> Out:
    """In order along an axis."""
    given = array(a)
    if axis is None:
        return ravel(given)  # type: ignore[no-any-return]
    return like(given)


def _at_least(rank: int) -> None:
    @function(f"numpy.atleast_{rank}d", family="array")
    def at_least(*arys: Any) -> Any:
        """Axes of 1 in front where there are too few."""
        if len(arys) != 1:
            raise NotKnown
        (given,) = _raised([array(arys[0])], rank)
        return Out(given.shape, dtype=given.dtype or "")


_at_least(1)
_at_least(2)


@function("numpy.take", "numpy.ndarray.take", family="array")
def take(a: Any, indices: Any, axis: Any = None, **options: Any) -> Out:
    """Rows of an axis by number."""
    given, places = array(a), array(indices)
    if given.shape is None or places.shape is None:
        raise NotKnown
    if axis is None:
        return Out(places.shape, dtype=given.dtype or "")
    if type(axis) is not int or not -len(given.shape) <= axis < len(given.shape):
        raise NotKnown
    at = axis % len(given.shape)
    return Out((*given.shape[:at], *places.shape, *given.shape[at + 1 :]), dtype=given.dtype or "")

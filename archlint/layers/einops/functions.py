"""`rearrange`, `reduce`, `repeat`, `einsum`, `pack`, `unpack`, `parse_shape`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archlint.dims import Size, add, product, proven_different, show, show_shape
from archlint.layers.arguments import NotKnown, is_unknown, known, size, tensor
from archlint.layers.einops.pattern import REST, Group, demand, groups, measure, sides
from archlint.layers.families import einsum as products
from archlint.layers.families.merge import stack
from archlint.layers.families.reduce import covers_positions
from archlint.layers.spec import Fault, Out, function
from archlint.values import Tensor, Unknown


def transformed(x: Any, pattern: Any, stated: Mapping[str, Any], reduction: Any = None) -> Out:
    """The tensor under the right side's axes; a list of tensors is stacked along a new first axis."""
    left, right = sides(pattern)
    stacked = isinstance(x, (tuple, list))
    x = _stack(x) if stacked else tensor(x)
    found = measure(left, x, stated)
    form = None if stacked else demand(left, stated)
    if isinstance(found, Fault):
        return Out(None, faults=(found,), demand=form)
    shape = found.shape(right)
    axes = None if shape is None or x.shape is None or stacked else found.sources(right)
    last = product(map(found.of, right[-1])) if shape is None and right[-1] != REST else None
    moved = axes is not None and all(isinstance(a, int) or a == "" for a in axes)
    dtype = "bool" if reduction in ("any", "all") else None
    return Out(shape, axes=axes, dtype=dtype, last=last, demand=form, family="permute" if moved else "")


def _stack(parts: tuple[Any, ...] | list[Any]) -> Tensor:
    if not parts:
        raise NotKnown
    out = stack([tensor(part) for part in parts], 0)
    if out.faults:
        raise NotKnown
    return Tensor(out.shape, out.dtype)


@function("einops.rearrange", family="rearrange")
def rearrange(tensor: Any, pattern: Any, **axes_lengths: Any) -> Out:
    """The same elements under other axes: permuted, merged, split."""
    left, right = sides(pattern)
    if _names(left) != _names(right):
        raise NotKnown
    return transformed(tensor, pattern, axes_lengths)


@function("einops.reduce", family="reduce")
def reduce(tensor: Any, pattern: Any, reduction: Any, **axes_lengths: Any) -> Out:
    """A mean, sum, maximum over the axes that the right side leaves out, the others rearranged."""
    left, right = sides(pattern)
    if not _names(right) <= _names(left):
        raise NotKnown
    return reduced(tensor, pattern, reduction, axes_lengths)


def reduced(x: Any, pattern: Any, reduction: Any, stated: Mapping[str, Any]) -> Out:
    """`transformed`, and whether what goes away is all of space or time."""
    out = transformed(x, pattern, stated, reduction)
    left, right = sides(pattern)
    if out.shape is None or not isinstance(x, Tensor) or x.shape is None:
        return replace(out, family="reduce")
    found = measure(left, x, stated)
    assert not isinstance(found, Fault)
    kept = _names(right)
    gone = [place for name, place in found.places.items() if name not in kept]
    gone += found.rest if "..." not in kept else ()
    return replace(out, family="reduce", sees_all=covers_positions(x, sorted(gone)))


@function("einops.repeat", family="repeat")
def repeat(tensor: Any, pattern: Any, **axes_lengths: Any) -> Out:
    """New axes along which the elements are repeated, the others rearranged."""
    left, right = sides(pattern)
    if not _names(left) <= _names(right):
        raise NotKnown
    return replace(transformed(tensor, pattern, axes_lengths), family="repeat")


def _names(side: tuple[Group, ...]) -> set[str]:
    """Names that must stand on both sides; a number of its own is none."""
    return {"..." if group == REST else name for group in side for name in group if "@" not in name}


@function("einops.einsum", family="matmul")
def einsum(*tensors_and_pattern: Any) -> Out:
    """Sums of products over the axes that the right side leaves out."""
    *operands, equation = tensors_and_pattern
    if not isinstance(known(equation), str) or "->" not in equation:
        raise NotKnown
    before, _, after = equation.partition("->")
    terms = [_words(term) for term in before.split(",")]
    return products.einsum(terms, _words(after), list(map(tensor, operands)), arg="tensors_and_pattern")


def _words(term: str) -> list[str]:
    found = groups(term)
    if any(len(group) != 1 for group in found):
        raise NotKnown  # einops takes neither `(h w)` nor `1` here
    return [products.REST if group == REST else group[0] for group in found]


@function("einops.pack", family="concat")
def pack(tensors: Any, pattern: Any) -> Any:
    """Tensors that differ in the axes at the star, these flattened, one behind the other; and their shapes there."""
    before, after = _around_star(pattern)
    if isinstance(tensors, Unknown) or not isinstance(tensors, (tuple, list)):
        return Out((None,) * (before + 1 + after)), Unknown("data", "packed shapes")
    kept: list[Size] = [None] * (before + after)
    packed: list[Any] = []
    total: Size = 0
    for x in map(tensor, tensors):
        if x.shape is None:
            packed.append(Unknown("data", "a packed shape"))
            total = None
            continue
        if len(x.shape) < before + after:
            text = f"the pattern names {before + after} axes, an input has {len(x.shape)}"
            return Out(None, faults=(Fault("rank", "pattern", text, before + after, len(x.shape)),)), []
        behind = len(x.shape) - after
        for i, given in enumerate((*x.shape[:before], *x.shape[behind:])):
            if proven_different(kept[i], given):
                text = f"axis {i} is {show(kept[i])} and {show(given)}"
                return Out(None, faults=(Fault("merge", "tensors", text, kept[i], given, i),)), []
            kept[i] = given if kept[i] is None else kept[i]
        packed.append(tuple(Unknown("data", "a size") if s is None else s for s in x.shape[before:behind]))
        total = add(total, product(x.shape[before:behind]))
    return Out((*kept[:before], total, *kept[before:])), packed


@function("einops.unpack", family="split")
def unpack(tensor: Tensor, packed_shapes: Any, pattern: Any) -> Any:
    """The tensors that `pack` put together, each with its own axes at the star; one size of -1 is solved."""
    before, after = _around_star(pattern)
    if not isinstance(packed_shapes, (tuple, list)):
        raise NotKnown
    if tensor.shape is not None and len(tensor.shape) != before + 1 + after:
        text = f"the pattern names {before + 1 + after} axes, the input has {len(tensor.shape)}"
        return Out(None, faults=(Fault("rank", "", text, before + 1 + after, len(tensor.shape)),))
    shape = tensor.shape or (None,) * (before + 1 + after)
    parts = [_sizes(part) for part in packed_shapes]
    lengths = [None if part is None else product(part) for part in parts]
    holes = [part is not None and any(type(s) is int and s < 0 for s in part) for part in parts]
    if not any(holes) and None not in lengths:
        total: Size = 0
        for length in lengths:
            total = add(total, length)
        if proven_different(total, shape[before]):
            text = f"the parts take {show(total)} of axis {before}, which has {show(shape[before])}"
            return Out(None, faults=(Fault("count", "packed_shapes", text, total, shape[before], before),))
    found = []
    for part in parts:
        middle = None if part is None else tuple(None if type(s) is int and s < 0 else s for s in part)
        found.append(Out() if middle is None else Out((*shape[:before], *middle, *shape[before + 1 :])))
    return found


def _sizes(part: Any) -> tuple[Size, ...] | None:
    return tuple(map(size, part)) if isinstance(part, (tuple, list)) else None


def _around_star(pattern: Any) -> tuple[int, int]:
    """How many axes stand before the star and behind it."""
    if not isinstance(known(pattern), str):
        raise NotKnown
    axes = pattern.split()
    if axes.count("*") != 1 or not all(axis == "*" or axis.isidentifier() for axis in axes):
        raise NotKnown
    return axes.index("*"), len(axes) - 1 - axes.index("*")


@function("einops.parse_shape", family="shape")
def parse_shape(x: Tensor, pattern: Any) -> Any:
    """Sizes of the axes by name; `_` leaves one out."""
    if not isinstance(known(pattern), str) or x.shape is None:
        raise NotKnown
    names = pattern.split()
    if not all(name.isidentifier() for name in names):
        raise NotKnown
    if len(names) != len(x.shape):
        text = f"the pattern names {len(names)} axes, the input has {len(x.shape)}: {show_shape(x.shape)}"
        return Out(None, faults=(Fault("rank", "pattern", text, len(names), len(x.shape)),))
    return {
        name: Unknown("data", "a size") if given is None else given
        for name, given in zip(names, x.shape, strict=True)
        if name != "_"
    }


@function("einops.asnumpy", family="identity")
def asnumpy(tensor: Tensor) -> Out:
    """The tensor as an array."""
    if is_unknown(tensor):
        raise NotKnown
    return Out(tensor.shape, like_input=True, last=tensor.last)

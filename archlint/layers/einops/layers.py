"""`Rearrange`, `Reduce` and `EinMix` of `einops.layers.torch`, `.keras` and `.tensorflow`."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size, product
from archlint.layers.arguments import NotKnown, known, size
from archlint.layers.einops.functions import reduced, transformed
from archlint.layers.einops.pattern import REST, demand, groups, measure, sides
from archlint.layers.spec import Fault, Out, layer


def _everywhere(name: str) -> tuple[str, ...]:
    return tuple(f"einops.layers.{framework}.{name}" for framework in ("torch", "keras", "tensorflow"))


@layer(*_everywhere("Rearrange"), family="rearrange")
def rearrange(x: Any, /, pattern: Any, **axes_lengths: Any) -> Out:
    """The same elements under other axes: permuted, merged, split."""
    return transformed(x, pattern, axes_lengths)


@layer(*_everywhere("Reduce"), family="reduce")
def reduce(x: Any, /, pattern: Any, reduction: Any, **axes_lengths: Any) -> Out:
    """A mean, sum, maximum over the axes that the right side leaves out, the others rearranged."""
    return reduced(x, pattern, reduction, axes_lengths)


@layer(*_everywhere("EinMix"), family="dense", weights=True)
def ein_mix(x: Any, /, pattern: Any, weight_shape: Any, bias_shape: Any = None, **axes_lengths: Any) -> Out:
    """A product with learned weights over named axes, and a bias."""
    left, right = sides(pattern)
    if not isinstance(known(weight_shape), str) or not isinstance(known(bias_shape), (str, type(None))):
        raise NotKnown
    stated = {name: size(value) for name, value in axes_lengths.items()}
    params = _count(weight_shape, stated)
    if bias_shape:
        bias = _count(bias_shape, stated)
        params = None if params is None or bias is None else params + bias
    found = measure(left, x, axes_lengths)
    form = demand(left, axes_lengths)
    if isinstance(found, Fault):
        return Out(None, params, faults=(found,), demand=form)
    shape = found.shape(right)
    last = product(map(found.of, right[-1])) if shape is None and right[-1] != REST else None
    return Out(shape, params, last=last, demand=form)


def _count(names: str, stated: dict[str, Size]) -> Size:
    return product(stated.get(name) for group in groups(names) for name in group)

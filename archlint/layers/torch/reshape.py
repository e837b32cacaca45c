"""torch functions and methods that re-arrange axes without touching the elements."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from typing import Any

from archlint.dims import Size, product
from archlint.layers.arguments import NotKnown, known, size
from archlint.layers.families import reshape as family
from archlint.layers.families.elementwise import broadcast_shapes
from archlint.layers.spec import Out, function, layer
from archlint.layers.torch.reading import shape_of, varargs
from archlint.values import Tensor

_METHOD = "torch.Tensor."


@layer("torch.nn.Flatten", family="flatten")
def flatten_layer(x: Tensor, start_dim: Any = 1, end_dim: Any = -1) -> Out:
    """A run of axes becomes one; by default all behind the batch."""
    return family.flatten(x, start_dim, end_dim)


@function("torch.flatten", _METHOD + "flatten", family="flatten")
def flatten(input: Tensor, start_dim: Any = 0, end_dim: Any = -1) -> Out:
    """A run of axes becomes one; by default all of them."""
    return family.flatten(input, start_dim, end_dim)


@function("torch.ravel", _METHOD + "ravel", family="flatten")
def ravel(input: Tensor) -> Out:
    """All axes become one."""
    return family.flatten(input, 0, -1)


@layer("torch.nn.Unflatten", family="reshape")
def unflatten_layer(x: Tensor, dim: Any, unflattened_size: Any) -> Out:
    """One axis becomes several."""
    return family.unflatten(x, dim, _listed(unflattened_size), arg="unflattened_size")


@function("torch.unflatten", _METHOD + "unflatten", family="reshape")
def unflatten(input: Tensor, dim: Any, sizes: Any) -> Out:
    """One axis becomes several."""
    return family.unflatten(input, dim, _listed(sizes))


def _listed(value: Any) -> list[Size]:
    if not isinstance(value, (tuple, list)):
        raise NotKnown
    return [size(v) for v in value]


@function(_METHOD + "view", family="reshape")
def view(input: Tensor, *shape: Any, size: Any = None) -> Out:
    """The same elements in row-major order under other axes; one -1 is solved."""
    return family.reshape(input, shape_of(shape if size is None else (size,)))


@function("torch.reshape", _METHOD + "reshape", family="reshape")
def reshape(input: Tensor, *sizes: Any, shape: Any = None) -> Out:
    """The same elements in row-major order under other axes; one -1 is solved."""
    return family.reshape(input, shape_of(sizes if shape is None else (shape,)))


@function(_METHOD + "view_as", _METHOD + "reshape_as", family="reshape")
def view_as(input: Tensor, other: Tensor) -> Out:
    """The same elements under the axes of another tensor."""
    if other.shape is None:
        raise NotKnown
    return family.reshape(input, other.shape, arg="other")


@function("torch.permute", _METHOD + "permute", family="permute")
def permute(input: Tensor, *axes: Any, dims: Any = None) -> Out:
    """Axes in another order."""
    return family.permute(input, varargs(axes if dims is None else (dims,)))


@function("torch.transpose", _METHOD + "transpose", _METHOD + "transpose_", family="permute")
def transpose(input: Tensor, dim0: Any, dim1: Any) -> Out:
    """Two axes change places."""
    return family.swap(input, dim0, dim1)


@function("torch.swapaxes", _METHOD + "swapaxes", family="permute")
def swapaxes(input: Tensor, axis0: Any, axis1: Any) -> Out:
    """Two axes change places."""
    return family.swap(input, axis0, axis1, a_arg="axis0", b_arg="axis1")


@function("torch.swapdims", _METHOD + "swapdims", family="permute")
def swapdims(input: Tensor, dim0: Any, dim1: Any) -> Out:
    """Two axes change places."""
    return family.swap(input, dim0, dim1)


@function("torch.t", _METHOD + "t", _METHOD + "t_", family="permute")
def transpose_matrix(input: Tensor) -> Out:
    """A matrix with rows and columns swapped; a vector as it is."""
    rank = input.rank
    if rank is None or rank > 2:
        return Out()
    return family.permute(input, list(reversed(range(rank))))


@function("torch.movedim", _METHOD + "movedim", "torch.moveaxis", _METHOD + "moveaxis", family="permute")
def movedim(input: Tensor, source: Any, destination: Any) -> Out:
    """Some axes go to other places, the others keep their order."""
    start = list(source) if isinstance(known(source), (tuple, list)) else [source]
    goal = list(destination) if isinstance(known(destination), (tuple, list)) else [destination]
    return family.move(input, start, goal)


@function("torch.unsqueeze", _METHOD + "unsqueeze", _METHOD + "unsqueeze_", family="reshape")
def unsqueeze(input: Tensor, dim: Any) -> Out:
    """A new axis of 1."""
    return family.unsqueeze(input, dim)


@function("torch.squeeze", _METHOD + "squeeze", _METHOD + "squeeze_", family="reshape")
def squeeze(input: Tensor, dim: Any = None) -> Out:
    """Axes of 1 go away: the given ones, or all; an axis that is not 1 stays."""
    if known(dim) is None:
        return family.squeeze(input, None)
    return family.squeeze(input, dim if isinstance(dim, (tuple, list)) else [dim])


@function(_METHOD + "expand", family="tile")
def expand(input: Tensor, *sizes: Any, size: Any = None) -> Out:
    """Axes of 1 repeated up to the given sizes; -1 keeps a size; new axes in front."""
    return family.expand(input, shape_of(sizes if size is None else (size,)))


@function(_METHOD + "expand_as", family="tile")
def expand_as(input: Tensor, other: Tensor) -> Out:
    """Axes of 1 repeated up to the shape of another tensor."""
    if other.shape is None:
        raise NotKnown
    return family.expand(input, other.shape, arg="other")


@function("torch.broadcast_to", _METHOD + "broadcast_to", family="tile")
def broadcast_to(input: Tensor, size: Any) -> Out:
    """Axes of 1 repeated up to the given sizes; new axes in front."""
    return family.expand(input, _listed(size))


@function("torch.broadcast_tensors", family="tile")
def broadcast_tensors(*tensors: Any) -> Any:
    """All tensors repeated to their common shape."""
    found = varargs(tensors)
    if not all(isinstance(t, Tensor) for t in found):
        raise NotKnown
    shape, faults = broadcast_shapes([t.shape for t in found])
    return tuple(Out(shape, dtype=t.dtype or "", faults=() if i else faults) for i, t in enumerate(found))


@function(_METHOD + "repeat", family="tile")
def repeat(input: Tensor, *repeats: Any) -> Out:
    """The whole tensor repeated along each axis."""
    return family.tile(input, shape_of(repeats))


@function("torch.tile", _METHOD + "tile", family="tile")
def tile(input: Tensor, *repeats: Any, dims: Any = None) -> Out:
    """The whole tensor repeated along each axis; missing factors are 1."""
    return family.tile(input, shape_of(repeats if dims is None else (dims,)), arg="dims", pad_times=True)


@function(_METHOD + "size", family="shape")
def size_of(input: Tensor, dim: Any = None) -> Any:
    """Sizes of all axes, or of one."""
    if input.shape is None:
        raise NotKnown
    if known(dim) is None:
        if None in input.shape:
            raise NotKnown
        return input.shape
    if not isinstance(dim, int) or not -len(input.shape) <= dim < len(input.shape) or input.shape[dim] is None:
        raise NotKnown
    return input.shape[dim]


@function(_METHOD + "dim", _METHOD + "ndimension", family="shape")
def dim_of(input: Tensor) -> Any:
    """Number of axes."""
    if input.shape is None:
        raise NotKnown
    return len(input.shape)


@function("torch.numel", _METHOD + "numel", _METHOD + "nelement", family="shape")
def numel(input: Tensor) -> Any:
    """Number of elements."""
    count = None if input.shape is None else product(input.shape)
    if count is None:
        raise NotKnown
    return count


def _at_least(n: int) -> None:
    @function(f"torch.atleast_{n}d", family="reshape")
    def atleast(*tensors: Any) -> Any:
        """New axes of 1 where there are too few: in front of a vector, around it for three."""
        found = [t for t in varargs(tensors) if isinstance(t, Tensor)]
        if len(found) != len(varargs(tensors)):
            raise NotKnown
        outs = tuple(_raised(t, n) for t in found)
        return outs[0] if len(outs) == 1 and isinstance(tensors[0], Tensor) else outs


def _raised(x: Tensor, n: int) -> Out:
    if x.shape is None:
        return Out()
    if len(x.shape) >= n:
        return Out(x.shape, axes=tuple(range(len(x.shape))))
    if not x.shape:
        return Out((1,) * n)
    if n == 2 or len(x.shape) == 1:
        return Out((1, *x.shape) if n == 2 else (1, *x.shape, 1))
    return Out((*x.shape, 1))


for _n in (1, 2, 3):
    _at_least(_n)

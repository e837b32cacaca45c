"""torch matrix products and einsum."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from typing import Any

from archlint.dims import proven_different, show, show_shape
from archlint.layers.arguments import NotKnown, known, tensor
from archlint.layers.families import einsum as family
from archlint.layers.families.elementwise import broadcast, matmul, promoted
from archlint.layers.spec import Fault, Out, function
from archlint.layers.torch.reading import varargs
from archlint.values import Tensor


@function("torch.matmul", "torch.Tensor.matmul", "torch.linalg.matmul", family="matmul")
def matmul_of(input: Tensor, other: Tensor) -> Out:
    """Matrix product on the last two axes, the others broadcast; a vector stands in for a matrix."""
    return matmul(input, other)


def _of_rank(a: Tensor, b: Tensor, rank: int) -> Out:
    """A product that takes exactly `rank` axes on both sides."""
    for x in (a, b):
        if x.shape is not None and len(x.shape) != rank:
            text = f"needs {rank} axes, got {len(x.shape)}: {show_shape(x.shape)}"
            return Out(None, faults=(Fault("rank", "", text, rank, len(x.shape)),))
    if rank == 3 and a.shape is not None and b.shape is not None and proven_different(a.shape[0], b.shape[0]):
        text = f"batches of {show(a.shape[0])} and {show(b.shape[0])}"
        return Out(None, faults=(Fault("matmul", "", text, a.shape[0], b.shape[0], 0),))
    return matmul(a, b)


@function("torch.mm", "torch.Tensor.mm", family="matmul")
def mm(input: Tensor, mat2: Tensor) -> Out:
    """Product of two matrices."""
    return _of_rank(input, mat2, 2)


@function("torch.bmm", "torch.Tensor.bmm", family="matmul")
def bmm(input: Tensor, mat2: Tensor) -> Out:
    """Products of two batches of matrices."""
    return _of_rank(input, mat2, 3)


@function("torch.mv", "torch.Tensor.mv", family="matmul")
def mv(input: Tensor, vec: Tensor) -> Out:
    """Product of a matrix and a vector."""
    if input.rank not in (None, 2) or vec.rank not in (None, 1):
        return Out(None, faults=(Fault("rank", "", "needs a matrix and a vector", 2, input.rank),))
    return matmul(input, vec)


@function("torch.dot", "torch.Tensor.dot", "torch.inner", "torch.Tensor.inner", family="matmul")
def dot(input: Tensor, other: Tensor) -> Out:
    """Product of two vectors."""
    if input.rank != 1 or other.rank != 1:
        raise NotKnown
    return matmul(input, other)


@function("torch.outer", "torch.Tensor.outer", "torch.ger", family="matmul")
def outer(input: Tensor, vec2: Tensor) -> Out:
    """Every element of one vector times every element of another."""
    sizes = [x.shape[0] if x.shape else None for x in (input, vec2)]
    return Out(tuple(sizes), dtype=promoted((input.dtype, vec2.dtype)))


@function("torch.addmm", "torch.Tensor.addmm", family="matmul")
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Out:
    """A matrix plus the product of two."""
    return _added(input, _of_rank(mat1, mat2, 2))


@function("torch.baddbmm", "torch.Tensor.baddbmm", family="matmul")
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Out:
    """A batch of matrices plus the products of two."""
    return _added(input, _of_rank(batch1, batch2, 3))


def _added(x: Tensor, found: Out) -> Out:
    """The product's shape; what is added must broadcast to it."""
    if found.faults or found.shape is None:
        return found
    clash = broadcast(Tensor(found.shape), x)
    return Out(None, faults=clash.faults) if clash.faults else found


@function("torch.einsum", family="matmul")
def einsum(equation: Any, *operands: Any) -> Out:
    """Sums of products over the letters that the output leaves out."""
    given = varargs(operands)
    if not isinstance(known(equation), str):
        raise NotKnown  # `einsum(a, [0, 1], b, [1, 2])`
    terms, output = family.letters(equation)
    return family.einsum(terms, family.implicit_output(terms) if output is None else output, list(map(tensor, given)))


@function("torch.tensordot", family="matmul")
def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Any = None) -> Out:
    """Sum over the last `dims` axes of one tensor and the first of another."""
    if a.shape is None or b.shape is None or not isinstance(known(dims), int):
        raise NotKnown
    if dims > min(len(a.shape), len(b.shape)):
        raise NotKnown
    cut = len(a.shape) - dims
    for x, y in zip(a.shape[cut:], b.shape[:dims], strict=True):
        if proven_different(x, y) and proven_different(x, 1) and proven_different(y, 1):
            text = f"summed sizes {show(x)} and {show(y)} differ"
            return Out(None, faults=(Fault("matmul", "", text, x, y),))
    return Out((*a.shape[:cut], *b.shape[dims:]))

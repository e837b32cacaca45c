"""Functions of `keras.ops` that pick, order, put or combine elements."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size, mul, product, proven_different
from archlint.layers.arguments import NotKnown, axis_index, known, size, tensors
from archlint.layers.families import einsum as products
from archlint.layers.families import merge
from archlint.layers.families.attention import attention_macs
from archlint.layers.families.elementwise import broadcast, broadcast_shapes, like, merged
from archlint.layers.families.reshape import bad_axis
from archlint.layers.keras.reading import dtype_name, shape_argument, tensor
from archlint.layers.spec import Fault, Out, function
from archlint.values import Tensor


@function("keras.ops.einsum", family="matmul")
def einsum(subscripts: Any, *operands: Any, **_: Any) -> Out:
    """Products of tensors, summed over the letters that the output leaves out."""
    if not isinstance(subscripts, str):
        raise NotKnown
    terms, output = products.letters(subscripts)
    given = tensors(list(operands))
    return products.einsum(
        terms, products.implicit_output(terms) if output is None else output, given, arg="subscripts"
    )


@function("keras.ops.take_along_axis", family="index")
def take_along_axis(x: Any, indices: Any, axis: Any = None) -> Out:
    """Positions of an axis chosen by a tensor of the same rank; the other axes broadcast."""
    given, places = tensor(x), tensor(indices)
    if known(axis) is None:
        return Out(places.shape if places.shape is not None and len(places.shape) == 1 else None, dtype=given.dtype)
    if given.shape is None or places.shape is None:
        return Out(dtype=given.dtype)
    rank, other = len(given.shape), len(places.shape)
    if rank != other:
        text = f"indices have {other} axes, the input has {rank}"
        return Out(faults=(Fault("rank", "indices", text, rank, other),))
    at = axis_index(axis, rank)
    if at is None:
        return bad_axis(axis, rank, "axis")
    alone = [(*t.shape[:at], *t.shape[at + 1 :]) for t in (given, places) if t.shape is not None]
    shared, faults = broadcast_shapes(alone)
    if faults or shared is None:
        return Out(faults=faults)
    return Out((*shared[:at], places.shape[at], *shared[at:]), axes=tuple(range(rank)), dtype=given.dtype)


@function("keras.ops.top_k", family="index")
def top_k(x: Any, k: Any, sorted: Any = True) -> tuple[Out, Out]:  # noqa: A002  Keras' own name
    """The greatest elements of the last axis, and where they were."""
    given = tensor(x)
    count = size(k)
    shape = None if not given.shape else (*given.shape[:-1], count)
    return Out(shape, last=count), Out(shape, last=count, dtype="int32")


@function("keras.ops.argsort", "keras.ops.argpartition", family="index")
def argsort(x: Any, *args: Any, axis: Any = -1, **_: Any) -> Out:
    """Places of the elements in order along an axis."""
    axis = args[-1] if args else axis
    given = tensor(x)
    if known(axis) is None:
        return Out(None if given.shape is None else (product(given.shape),), dtype="int32")
    return like(given, dtype="int32")


@function("keras.ops.slice", family="slice")
def slice_(inputs: Any, start_indices: Any, shape: Any) -> Out:
    """A block of a stated shape."""
    given, sizes = tensor(inputs), shape_argument(shape)
    for axis, (whole, wanted) in enumerate(zip(given.shape or (), sizes, strict=False)):
        if isinstance(whole, int) and isinstance(wanted, int) and wanted > whole:
            text = f"{wanted} positions of axis {axis}, which has {whole}"
            return Out(faults=(Fault("axis", "shape", text, whole, wanted, axis),))
    return Out(tuple(None if s == -1 else s for s in sizes), axes=tuple(range(len(sizes))), dtype=given.dtype)


@function("keras.ops.slice_update", "keras.ops.scatter_update", family="elementwise")
def updated(inputs: Any, *_: Any, **__: Any) -> Out:
    """The tensor with some elements replaced."""
    return like(tensor(inputs))


@function("keras.ops.scatter", family="create")
def scatter(indices: Any, values: Any, shape: Any) -> Out:
    """Elements put into zeros of a stated shape."""
    return Out(tuple(shape_argument(shape)), dtype=tensor(values).dtype)


@function("keras.ops.segment_sum", "keras.ops.segment_max", "keras.ops.segment_min", "keras.ops.segment_prod",
          family="reduce")  # fmt: skip
def segment(data: Any, segment_ids: Any, num_segments: Any = None, sorted: Any = False) -> Out:  # noqa: A002
    """Rows of one segment become one."""
    given = tensor(data)
    return Out() if given.shape is None else Out((size(num_segments), *given.shape[1:]))


@function("keras.ops.meshgrid", family="create")
def meshgrid(*x: Any, indexing: Any = "xy") -> Any:
    """One grid per vector; the first two axes change places under "xy"."""
    sizes: list[Size] = []
    for given in map(tensor, x):
        sizes.append(given.shape[0] if given.shape is not None and len(given.shape) == 1 else None)
    if known(indexing) not in ("xy", "ij"):
        raise NotKnown
    if indexing == "xy" and len(sizes) > 1:
        sizes[:2] = sizes[1], sizes[0]
    return [Out(tuple(sizes), axes=("",) * len(sizes), dtype="")] * len(x)


@function("keras.ops.linspace", family="create")
def linspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, dtype: Any = None,
             axis: Any = 0) -> Out:  # fmt: skip
    """Evenly spaced numbers."""
    if retstep or any(isinstance(v, Tensor) and v.shape != () for v in (start, stop)):
        raise NotKnown
    return Out((size(num),), axes=("",), dtype="float32" if dtype is None else dtype_name(dtype))


@function("keras.ops.eye", "keras.backend.eye", family="create")
def eye(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Out:  # noqa: N803  Keras' own names
    """Ones on the diagonal of a matrix."""
    rows = size(N)
    columns = rows if known(M) is None or isinstance(M, str) else size(M)
    return Out((rows, columns), axes=("", ""), dtype="")


@function("keras.ops.identity", family="create")
def identity(n: Any, dtype: Any = None) -> Out:
    """Ones on the diagonal of a square matrix."""
    return Out((size(n), size(n)), axes=("", ""), dtype="")


@function("keras.ops.tri", family="create")
def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Out:  # noqa: N803  Keras' own names
    """Ones on and below the diagonal."""
    return eye(N, M)  # type: ignore[no-any-return]


@function("keras.ops.outer", family="matmul")
def outer(x1: Any, x2: Any) -> Out:
    """Every element of one times every element of the other, both in a row."""
    a, b = tensor(x1), tensor(x2)
    sides = tuple(None if t.shape is None else product(t.shape) for t in (a, b))
    return Out(sides, axes=("", ""))


@function("keras.ops.hstack", family="concat")
def hstack(xs: Any) -> Out:
    """Joined along the second axis."""
    return _joined(xs, 1)


@function("keras.ops.vstack", family="concat")
def vstack(xs: Any) -> Out:
    """Joined along the first axis."""
    return _joined(xs, 0)


def _joined(xs: Any, axis: int) -> Out:
    """Vectors are left alone: what Keras says of them on symbols is not what it does on numbers."""
    given = tensors(xs)
    if not given or given[0].shape is None or len(given[0].shape) < 2:
        raise NotKnown
    return merge.concatenate(given, axis, arg="xs")


@function("keras.ops.append", family="concat")
def append(x1: Any, x2: Any, axis: Any = None) -> Out:
    """One tensor behind another; without an axis, both in a row."""
    a, b = tensor(x1), tensor(x2)
    if known(axis) is not None:
        return merge.concatenate([a, b], axis, arg="axis")
    rows = [None if t.shape is None else product(t.shape) for t in (a, b)]
    return Out((None if rows[0] is None or rows[1] is None else rows[0] + rows[1],))


@function("keras.ops.diag", family="index")
def diag(x: Any, k: Any = 0) -> Out:
    """A vector as the diagonal of a matrix, or the diagonal of a square matrix."""
    given = tensor(x)
    if given.shape is None or known(k) != 0 or not 1 <= len(given.shape) <= 2:
        raise NotKnown
    if len(given.shape) == 1:
        return Out((given.shape[0],) * 2, axes=(0, 0))
    if given.shape[0] != given.shape[1]:
        raise NotKnown
    return Out((given.shape[0],))


@function("keras.ops.cross", family="elementwise")
def cross(x1: Any, x2: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> Out:
    """Cross products of vectors in space."""
    a, b = tensor(x1), tensor(x2)
    if a.features != 3 or b.features != 3 or {axisa, axisb, axisc} != {-1} or axis not in (None, -1):
        raise NotKnown
    return merged((a, b))


@function("keras.ops.kron", family="elementwise")
def kron(x1: Any, x2: Any) -> Out:
    """Every element of one times the whole other: sizes multiply."""
    a, b = tensor(x1), tensor(x2)
    if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
        raise NotKnown
    return Out(tuple(mul(s, t) for s, t in zip(a.shape, b.shape, strict=True)))


@function("keras.ops.dot_product_attention", family="attention")
def dot_product_attention(query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, scale: Any = None,
                          is_causal: Any = False, flash_attention: Any = None,
                          attn_logits_soft_cap: Any = None) -> Out:  # fmt: skip
    """Attention of `(batch, time, heads, features)`; several query heads may share one of key and value."""
    q, k, v = tensor(query), tensor(key), tensor(value)
    if q.shape is None or v.shape is None or len(q.shape) != 4 or len(v.shape) != 4:
        raise NotKnown
    if proven_different(q.shape[3], k.features):
        text = f"query has {q.shape[3]} features, key {k.features}"
        return Out(faults=(Fault("features", "key", text, q.shape[3], k.features, 3),))
    macs = attention_macs(q.shape, k.shape, v.shape)
    return Out((*q.shape[:3], v.shape[3]), axes=(0, 1, 2, "features"), sees_all=True, macs=macs)


@function("keras.ops.batch_normalization", family="norm")
def batch_normalization(x: Any, mean: Any, variance: Any, axis: Any, offset: Any = None, scale: Any = None,
                        epsilon: Any = 1e-3) -> Out:  # fmt: skip
    """Channels shifted and scaled by given numbers."""
    return like(tensor(x))


@function("keras.backend.batch_normalization", family="norm")
def backend_batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: Any = -1,
                                epsilon: Any = 1e-3) -> Out:  # fmt: skip
    """Channels shifted and scaled by given numbers."""
    return like(tensor(x))


@function("keras.ops.layer_normalization", "keras.ops.rms_normalization", family="norm")
def normalised(x: Any, *args: Any, **_: Any) -> Out:
    """Features of each position shifted and scaled."""
    return like(tensor(x))


@function("keras.ops.in_top_k", family="index")
def in_top_k(targets: Any, predictions: Any, k: Any) -> Out:
    """Is each target among the greatest predictions?"""
    return like(tensor(targets), dtype="bool")


@function("keras.backend.in_top_k", family="index")
def backend_in_top_k(predictions: Any, targets: Any, k: Any) -> Out:
    """Is each target among the greatest predictions?"""
    return like(tensor(targets), dtype="bool")


@function("keras.ops.inner", family="matmul")
def inner(x1: Any, x2: Any) -> Out:
    """Sums of products over the last axis of both."""
    a, b = tensor(x1), tensor(x2)
    if a.shape is None or b.shape is None or not a.shape or not b.shape:
        raise NotKnown
    if proven_different(a.shape[-1], b.shape[-1]):
        text = f"last axes of {a.shape[-1]} and {b.shape[-1]}"
        return Out(faults=(Fault("matmul", "x2", text, a.shape[-1], b.shape[-1]),))
    return Out((*a.shape[:-1], *b.shape[:-1]))


_PAIRWISE = "bitwise_and bitwise_or bitwise_xor fmax fmin gcd heaviside hypot lcm ldexp logaddexp2 nextafter"


def _pairwise(x1: Any, x2: Any) -> Out:
    """Two tensors element by element with broadcasting."""
    return broadcast(x1, x2)


for _name in _PAIRWISE.split():
    function(f"keras.ops.{_name}", family="elementwise")(_pairwise)


@function("keras.ops.isclose", family="elementwise")
def isclose(x1: Any, x2: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> Out:
    """Are two tensors nearly equal, element by element?"""
    return broadcast(x1, x2, dtype="bool")


_EACH = "angle conj conjugate erfc fabs fliplr flipud i0 imag rad2deg real sinc sparse_sigmoid"


def _each(x: Any) -> Out:
    """A function of every element."""
    return like(tensor(x), dtype="")


for _name in _EACH.split():
    function(f"keras.ops.{_name}", family="elementwise")(_each)


@function("keras.ops.is_tensor", "keras.backend.is_keras_tensor", family="test")
def is_tensor(x: Any) -> Any:
    """Is this a tensor?"""
    if isinstance(x, Tensor):
        return True
    raise NotKnown


@function("keras.ops.dtype", "keras.backend.dtype", "keras.backend.standardize_dtype", family="test")
def dtype(x: Any) -> Any:
    """The name of a tensor's type."""
    name = x.dtype if isinstance(x, Tensor) else x
    if isinstance(name, str) and name:
        return name
    raise NotKnown


@function("keras.ops.unravel_index", family="index")
def unravel_index(indices: Any, shape: Any) -> Any:
    """Places in a row as places per axis."""
    return tuple(like(tensor(indices)) for _ in shape_argument(shape))


@function("keras.ops.array", family="elementwise")
def array(x: Any, dtype: Any = None) -> Out:
    """A tensor as it is."""
    return like(tensor(x), dtype=None if dtype is None else dtype_name(dtype))


@function("keras.ops.trace", family="reduce")
def trace(x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Out:
    """Sums along the diagonals of matrices."""
    given = tensor(x)
    if given.shape is None:
        return Out()
    places = {axis_index(axis1, len(given.shape)), axis_index(axis2, len(given.shape))}
    if None in places or len(places) != 2:
        raise NotKnown
    return Out(tuple(s for i, s in enumerate(given.shape) if i not in places))

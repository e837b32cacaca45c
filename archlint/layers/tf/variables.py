"""Variables written to, elements scattered into them, rows grouped by segment, matrices by their diagonals."""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import NotKnown, size
from archlint.layers.families import index
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.elementwise import broadcast, like
from archlint.layers.spec import Out, function
from archlint.layers.tf import literal
from archlint.layers.tf.versions import each, in_math, renamed
from archlint.values import SliceValue, Tensor


@each("tensorflow.assign", "tensorflow.assign_add", "tensorflow.assign_sub", "tensorflow.scalar_mul", family="identity")
def assign(ref: Any, value: Any = None, *_: Any, **__: Any) -> Out:
    """The variable, with other numbers in it."""
    if not isinstance(ref, Tensor):  # tf.scalar_mul(2.0, x)
        return like(literal.tensor(value))
    return like(ref)


@each("tensorflow.scatter_add", "tensorflow.scatter_sub", "tensorflow.scatter_update", "tensorflow.scatter_mul",
      "tensorflow.scatter_div", "tensorflow.scatter_max", "tensorflow.scatter_min", "tensorflow.scatter_nd_update",
      "tensorflow.scatter_nd_add", "tensorflow.scatter_nd_sub", "tensorflow.tensor_scatter_nd_update",
      "tensorflow.tensor_scatter_update", "tensorflow.tensor_scatter_nd_add", "tensorflow.tensor_scatter_add",
      "tensorflow.tensor_scatter_nd_sub", "tensorflow.tensor_scatter_sub", "tensorflow.tensor_scatter_nd_max",
      "tensorflow.tensor_scatter_nd_min", family="identity",
      legacy=renamed(tensor="ref"))  # fmt: skip
def scattered(ref: Any, indices: Any, updates: Any, *_: Any, **__: Any) -> Out:
    """The variable or tensor with some elements changed."""
    return like(literal.tensor(ref))


@each("tensorflow.read_value", "tensorflow.initialized_value", "tensorflow.value",
      "tensorflow.verify_tensor_all_finite", "tensorflow.grad_pass_through", family="identity")  # fmt: skip
def itself(input_: Any, *_: Any, **__: Any) -> Out:
    """The tensor, looked at on the way."""
    return like(literal.tensor(input_))


@function("tensorflow.strided_slice", family="slice")
def strided_slice(
    input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: Any = 0, end_mask: Any = 0,
    ellipsis_mask: Any = 0, new_axis_mask: Any = 0, shrink_axis_mask: Any = 0, var: Any = None, name: Any = None,
) -> Out:  # fmt: skip
    """`x[begin:end:strides]` over the first axes; a bit of a mask drops a bound, or an axis."""
    x, starts, stops = literal.tensor(input_), literal.shape(begin), literal.shape(end)
    steps = literal.shape(strides) if strides is not None else None
    masks = (begin_mask, end_mask, shrink_axis_mask)
    if ellipsis_mask or new_axis_mask or not all(isinstance(m, int) for m in masks):
        raise NotKnown
    if x.shape is None or starts is None or stops is None or len(starts) != len(stops):
        raise NotKnown
    if strides is not None and steps is None:
        raise NotKnown
    parts: list[Any] = []
    for i, (lower, upper) in enumerate(zip(starts, stops)):
        bit, step = 1 << i, 1 if steps is None else steps[i] if i < len(steps) else None
        if shrink_axis_mask & bit:
            parts.append(0 if lower is None else lower)
            continue
        if step is None or (lower is None and not begin_mask & bit) or (upper is None and not end_mask & bit):
            raise NotKnown
        bounds = (None if begin_mask & bit else lower, None if end_mask & bit else upper)
        parts.append(SliceValue(*bounds, step))
    return index.subscript(x, tuple(parts))


@each("tensorflow.nn.in_top_k tensorflow.math.in_top_k", family="compare")
def in_top_k(predictions: Any, targets: Any, k: Any, name: Any = None) -> Out:
    """Is each target among the greatest predictions?"""
    for given in map(literal.tensor, (predictions, targets)):
        if given.shape is not None and len(given.shape) == 2:  # which of the two comes first depends on the version
            return Out((given.shape[0],), dtype="bool")
    found = literal.tensor(targets)
    return Out(found.shape, dtype="bool") if found.shape is not None and len(found.shape) == 1 else Out(dtype="bool")


@each("tensorflow.multinomial tensorflow.random.multinomial", "tensorflow.random.categorical", family="sample")
def multinomial(logits: Any, num_samples: Any, *_: Any, **__: Any) -> Out:
    """`num_samples` classes drawn for each row."""
    x = literal.tensor(logits)
    faults = rank_fault(x, 2)
    return Out(None if faults or x.shape is None else (x.shape[0], size(num_samples)), dtype="int64", faults=faults)


def _square(size_: tuple[Size, ...]) -> bool:
    return len(size_) >= 2 and (size_[-1] is not None and size_[-1] == size_[-2])


@each("tensorflow.matrix_diag_part tensorflow.linalg.diag_part", family="diag")
def matrix_diag_part(input: Any, *_: Any, **__: Any) -> Out:
    """The diagonals of matrices."""
    x = literal.tensor(input)
    if x.shape is None or len(x.shape) < 2:
        raise NotKnown
    rows, columns = x.shape[-2:]
    least = min(rows, columns) if isinstance(rows, int) and isinstance(columns, int) else None
    return Out((*x.shape[:-2], rows if _square(x.shape) else least))


@each("tensorflow.matrix_diag tensorflow.linalg.diag", family="diag")
def matrix_diag(diagonal: Any, *_: Any, **__: Any) -> Out:
    """Vectors as the diagonals of matrices."""
    x = literal.tensor(diagonal)
    return Out() if not x.shape else Out((*x.shape, x.shape[-1]))


@each("tensorflow.trace tensorflow.linalg.trace", family="reduce")
def trace(x: Any, name: Any = None) -> Out:
    """Sums of the diagonals of matrices."""
    given = literal.tensor(x)
    return Out() if given.shape is None or len(given.shape) < 2 else Out(given.shape[:-2])


@each("tensorflow.matrix_determinant tensorflow.linalg.det", family="reduce")
def determinant(input: Any, name: Any = None) -> Out:
    """One number per square matrix."""
    return trace(input)  # type: ignore[no-any-return]


@each("tensorflow.matrix_inverse tensorflow.linalg.inv", "tensorflow.cholesky tensorflow.linalg.cholesky",
      "tensorflow.matrix_set_diag tensorflow.linalg.set_diag", "tensorflow.linalg.sqrtm", "tensorflow.linalg.expm",
      family="elementwise")  # fmt: skip
def same_matrix(input: Any, *_: Any, **__: Any) -> Out:
    """Square matrices in, square matrices out."""
    return like(literal.tensor(input))


@each("tensorflow.matrix_solve tensorflow.linalg.solve", "tensorflow.matrix_triangular_solve",
      "tensorflow.linalg.triangular_solve", "tensorflow.cholesky_solve tensorflow.linalg.cholesky_solve",
      family="matmul")  # fmt: skip
def solve(matrix: Any, rhs: Any, *_: Any, **__: Any) -> Out:
    """A solution has the shape of the right side."""
    return like(literal.tensor(rhs))


@each(*in_math("segment_sum", "segment_mean", "segment_max", "segment_min", "segment_prod"), family="reduce")
def segment(data: Any, segment_ids: Any, name: Any = None) -> Out:
    """Rows of one segment reduced to one; how many segments there are is not known."""
    x = literal.tensor(data)
    return Out() if not x.shape else Out((None, *x.shape[1:]), axes=("", *range(1, len(x.shape))))


@each(*in_math("confusion_matrix"), "tensorflow.train.confusion_matrix", family="count")
def confusion_matrix(labels: Any, predictions: Any, num_classes: Any = None, *_: Any, **__: Any) -> Out:
    """How often each class was taken for each other."""
    return Out((size(num_classes),) * 2, dtype="int32")


@each("tensorflow.cross tensorflow.linalg.cross", family="elementwise")
def cross(a: Any, b: Any, name: Any = None) -> Out:
    """Vectors of three, element by element."""
    return like(literal.tensor(a))


@function("tensorflow.sparse_to_dense", family="create")
def sparse_to_dense(sparse_indices: Any, output_shape: Any, sparse_values: Any, *_: Any, **__: Any) -> Out:
    """A tensor of a stated shape, given by the elements that are not the default."""
    return Out(literal.shape(output_shape), dtype=literal.tensor(sparse_values).dtype)


@each("tensorflow.sparse_tensor_dense_matmul tensorflow.sparse.matmul", family="matmul")
def sparse_matmul(sp_a: Any, b: Any, adjoint_a: Any = False, adjoint_b: Any = False, name: Any = None) -> Out:
    """A sparse matrix times a dense one: rows as many as the sparse one has, which is not known."""
    x = literal.tensor(b)
    if x.shape is None or len(x.shape) != 2 or not isinstance(adjoint_b, bool):
        raise NotKnown
    return Out((None, x.shape[0] if adjoint_b else x.shape[1]))


@each(*in_math("xdivy", "xlog1py", "igamma", "igammac", "zeta", "polygamma", "nextafter"), "tensorflow.complex",
      family="elementwise")  # fmt: skip
def pairwise(x: Any, y: Any, name: Any = None, **_: Any) -> Out:
    """Two tensors element by element, broadcast."""
    return broadcast(literal.tensor(x), literal.tensor(y))


@each(*in_math("angle", "conj", "imag", "real", "erfinv", "ndtri", "reciprocal_no_nan"), "tensorflow.to_complex64",
      "tensorflow.to_bfloat16", "tensorflow.to_complex128", "tensorflow.as_string", family="elementwise")  # fmt: skip
def elementwise(input: Any, *_: Any, **__: Any) -> Out:
    """A function of each element."""
    return like(literal.tensor(input), dtype="")


@each(*(f"tensorflow.{place}{name}" for place in ("", "signal.", "spectral.")
        for name in ("fft", "ifft", "fft2d", "ifft2d", "fft3d", "ifft3d")), family="elementwise")  # fmt: skip
def fourier(input: Any, name: Any = None) -> Out:
    """Complex numbers of the same shape."""
    return like(literal.tensor(input), dtype="complex64")


@each("tensorflow.unique", family="choose")
def unique(x: Any, out_idx: Any = None, name: Any = None) -> tuple[Out, Out]:
    """Distinct elements of a vector, and where each element is among them."""
    given = literal.tensor(x)
    return Out((None,), dtype=given.dtype), Out(given.shape, dtype="int32")


@each("tensorflow.unique_with_counts", family="choose")
def unique_with_counts(x: Any, out_idx: Any = None, name: Any = None) -> tuple[Out, Out, Out]:
    """The same, and how often each of them is there."""
    distinct, places = unique(x)
    return distinct, places, Out((None,), dtype="int32")


@each("tensorflow.linalg.matvec", family="matmul")
def matvec(a: Any, b: Any, transpose_a: Any = False, *_: Any, **__: Any) -> Out:
    """Matrices times vectors."""
    left, right = literal.tensor(a), literal.tensor(b)
    if left.shape is None or right.shape is None or len(left.shape) < 2 or not isinstance(transpose_a, bool):
        raise NotKnown
    if len(left.shape) != len(right.shape) + 1:
        raise NotKnown
    return Out((*right.shape[:-1], left.shape[-1 if transpose_a else -2]))

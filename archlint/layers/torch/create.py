"""torch functions that make tensors."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from math import ceil
from typing import Any

from archlint.dims import Dim, Size, bounds, product
from archlint.layers.arguments import NotKnown, is_unknown, known, size, truth
from archlint.layers.families.conv import ceiling
from archlint.layers.families.elementwise import like
from archlint.layers.spec import Out, function
from archlint.layers.torch.reading import dtype_name, shape_of, varargs
from archlint.values import Shape, Tensor, Unknown


def _sized(name: str, family: str) -> None:
    @function(f"torch.{name}", family=family)
    def sized(
        *sizes: Any, size: Any = None, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
        requires_grad: Any = False, generator: Any = None, pin_memory: Any = False, memory_format: Any = None,
    ) -> Out:  # fmt: skip
        """A tensor of the given sizes."""
        shape = tuple(shape_of(sizes if size is None else (size,)))
        return Out(shape, axes=("",) * len(shape), dtype=dtype_name(dtype, "float32"))


for _name in ("zeros", "ones", "empty"):
    _sized(_name, "constant")
for _name in ("rand", "randn"):
    _sized(_name, "random")


@function("torch.full", family="constant")
def full(
    size: Any, fill_value: Any, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: Any = False,
) -> Out:  # fmt: skip
    """A tensor of the given sizes with one value everywhere."""
    kind = {bool: "bool", int: "int64", float: "float32"}.get(type(fill_value), "")
    return Out(tuple(shape_of((size,))), dtype=dtype_name(dtype, kind))


@function("torch.randint", family="random")
def randint(
    *limits: Any, low: Any = None, high: Any = None, size: Any = None, generator: Any = None, out: Any = None,
    dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: Any = False,
) -> Out:  # fmt: skip
    """Random whole numbers: `randint(low, high, size)` or `randint(high, size)`."""
    given = size if size is not None else limits[-1] if limits else None
    if not isinstance(given, (tuple, list)):
        raise NotKnown
    return Out(tuple(shape_of((given,))), dtype=dtype_name(dtype, "int64"))


@function("torch.randperm", family="random")
def randperm(n: Any, *, generator: Any = None, out: Any = None, dtype: Any = None, device: Any = None,
             layout: Any = None, requires_grad: Any = False, pin_memory: Any = False) -> Out:  # fmt: skip
    """Whole numbers in random order."""
    return Out((size(n),), dtype=dtype_name(dtype, "int64"))


@function("torch.arange", "torch.range", family="constant")
def arange(
    start: Any = 0, end: Any = None, step: Any = 1, *, out: Any = None, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: Any = False,
) -> Out:  # fmt: skip
    """Numbers from `start` to `end` in steps."""
    low, high = (0, start) if end is None else (start, end)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high, step))
    whole = all(v.whole if isinstance(v, Unknown) else isinstance(v, (int, Dim)) for v in (low, high, step))
    kind = dtype_name(dtype, "int64" if whole else "float32" if numbers else "")
    if numbers and step != 0:
        return Out((max(ceil((high - low) / step), 0),), dtype=kind)
    return Out((_steps(size(low), size(high), step),), dtype=kind)


def _steps(low: Size, high: Size, step: Any) -> Size:
    if low is None or high is None or not isinstance(step, int) or step <= 0:
        return None
    length = high - low
    return ceiling(length, step) if bounds(length)[0] >= 0 else None


@function("torch.linspace", "torch.logspace", family="constant")
def linspace(
    start: Any, end: Any, steps: Any, *, base: Any = 10.0, out: Any = None, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: Any = False,
) -> Out:  # fmt: skip
    """So many numbers at equal distances."""
    return Out((size(steps),), dtype=dtype_name(dtype, "float32"))


@function("torch.eye", family="constant")
def eye(
    n: Any, m: Any = None, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: Any = False,
) -> Out:  # fmt: skip
    """A matrix with ones on its diagonal."""
    return Out((size(n), size(n if m is None else m)), dtype=dtype_name(dtype, "float32"))


def _of_literal(value: Any) -> tuple[Shape, str]:
    """Shape and type of nested lists of numbers."""
    if isinstance(value, Tensor):
        return value.shape, value.dtype or ""
    if isinstance(value, bool):
        return (), "bool"
    if isinstance(value, (int, Dim)):
        return (), "int64"
    if isinstance(value, float):
        return (), "float32"
    if isinstance(value, (tuple, list)):
        inner = [_of_literal(v) for v in value]
        if not inner:
            return (0,), "float32"
        shape = inner[0][0]
        kinds = {kind for _, kind in inner}
        kind = kinds.pop() if len(kinds) == 1 else "float32" if kinds == {"int64", "float32"} else ""
        same = all(s == shape for s, _ in inner)
        return (None if shape is None or not same else (len(value), *shape)), kind
    return (() if isinstance(value, Unknown) and value.number else None), ""


@function("torch.tensor", "torch.as_tensor", "torch.asarray", "torch.from_numpy", "torch.scalar_tensor",
          family="constant")  # fmt: skip
def tensor(
    data: Any, dtype: Any = None, device: Any = None, requires_grad: Any = False, pin_memory: Any = False,
    copy: Any = None,
) -> Out:  # fmt: skip
    """A tensor of nested lists of numbers."""
    shape, kind = _of_literal(data)
    return Out(shape, dtype=dtype_name(dtype, kind))


@function("torch.Tensor", "torch.FloatTensor", "torch.LongTensor", "torch.cuda.FloatTensor", family="constant")
def tensor_class(*data: Any) -> Out:
    """The old constructor: sizes, or a list of numbers."""
    if len(data) == 1 and isinstance(data[0], (tuple, list)):
        if isinstance(data[0], tuple) and data[0] and all(isinstance(v, (int, Dim)) for v in data[0]):
            raise NotKnown  # numbers, but sizes if it is a torch.Size: `torch.Tensor(mean.shape)`
        return Out(_of_literal(data[0])[0], dtype="")
    if not data or any(not isinstance(v, (int, Dim)) or isinstance(v, bool) for v in data):
        raise NotKnown
    return Out(tuple(size(v) for v in data), dtype="")


def _like(name: str, family: str) -> None:
    @function(f"torch.{name}_like", family=family)
    def like_other(input: Tensor, *values: Any, dtype: Any = None, **options: Any) -> Out:
        """A tensor of the shape of another."""
        return like(input, dtype=dtype_name(dtype))


for _name in ("zeros", "ones", "empty", "full"):
    _like(_name, "constant")
for _name in ("rand", "randn", "randint"):
    _like(_name, "random")


def _new(name: str) -> None:
    @function(f"torch.Tensor.new_{name}", family="constant")
    def new(input: Tensor, *sizes: Any, size: Any = None, dtype: Any = None, **options: Any) -> Out:
        """A tensor of the given sizes and the type of another."""
        given = sizes[:1] if name == "full" and sizes else sizes
        shape = tuple(shape_of(given if size is None else (size,)))
        return Out(shape, axes=("",) * len(shape), dtype=dtype_name(dtype))


for _name in ("zeros", "ones", "empty", "full"):
    _new(_name)


@function("torch.Tensor.new_tensor", family="constant")
def new_tensor(input: Tensor, data: Any, **options: Any) -> Out:
    """A tensor of nested lists of numbers, of the type of another."""
    return Out(_of_literal(data)[0], axes=None)


@function("torch.bernoulli", "torch.Tensor.bernoulli", "torch.poisson", family="random")
def bernoulli(input: Tensor, p: Any = None, *, generator: Any = None, out: Any = None) -> Out:
    """A random number for each element."""
    return like(input)


@function("torch.normal", family="random")
def normal(mean: Any, std: Any = 1.0, size: Any = None, **options: Any) -> Out:
    """Random numbers of given means and deviations, or of given sizes."""
    if size is not None:
        return Out(tuple(shape_of((size,))), dtype="float32")
    found = next((t for t in (mean, std) if isinstance(t, Tensor)), None)
    if found is None or is_unknown((mean, std)):
        raise NotKnown
    return like(found)


@function("torch.meshgrid", family="constant")
def meshgrid(*tensors: Any, indexing: Any = None) -> Any:
    """Coordinates of a grid, one tensor per axis; `xy` swaps the first two axes."""
    given = varargs(tensors)
    if any(not isinstance(t, Tensor) or t.shape is None or len(t.shape) > 1 for t in given):
        raise NotKnown
    shape = [t.shape[0] if t.shape else 1 for t in given]
    if known(indexing) == "xy" and len(shape) > 1:
        shape[0], shape[1] = shape[1], shape[0]
    return tuple(Out(tuple(shape), dtype=t.dtype or "") for t in given)


@function("torch.nn.Parameter", family="variable")
def parameter(data: Any = None, requires_grad: Any = True) -> Out:
    """A tensor that belongs to the model."""
    if not isinstance(data, Tensor):
        raise NotKnown
    out = like(data)
    count = None if data.shape is None else product(data.shape)
    trained = truth(requires_grad)
    params = None if trained is None else count if trained else 0
    state = None if trained is None else 0 if trained else count
    return Out(out.shape, params, state, axes=out.axes, like_input=True, last=out.last)


@function("torch.nn.Buffer", family="identity")
def buffer(data: Any = None, *, persistent: Any = True) -> Out:
    """The tensor itself, which a module registers when it becomes an attribute of it."""
    if not isinstance(data, Tensor):
        raise NotKnown
    return like(data)


@function("torch.diag_embed", "torch.Tensor.diag_embed", family="constant")
def diag_embed(input: Tensor, offset: Any = 0, dim1: Any = -2, dim2: Any = -1) -> Out:
    """Vectors on the last axis as diagonals of matrices."""
    if not input.shape or known((offset, dim1, dim2)) != (0, -2, -1):
        return Out()
    return Out((*input.shape, input.shape[-1]))

"""torch functions and methods that work element by element."""
# ruff: noqa: A002, SIM905  the parameters bear torch's own names; long lists of names read best as text

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.layers.arguments import NotKnown, is_unknown
from archlint.layers.families.elementwise import (
    broadcast,
    broadcast_shapes,
    fractional,
    like,
    merged,
    promoted,
)
from archlint.layers.spec import Out, function
from archlint.layers.torch.reading import dtype_name
from archlint.layers.torch.spelling import everywhere
from archlint.values import External, Tensor

UNARY = """abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh ceil clone conj
conj_physical contiguous cos cosh deg2rad detach digamma erf erfc erfinv exp exp2 expm1 fix floor frac
i0 lgamma log log10 log1p log2 logit nan_to_num neg negative positive rad2deg real reciprocal requires_grad_
resolve_conj resolve_neg round rsqrt sgn sign sin sinc sinh sqrt square tan tril triu trunc""".split()
"""Functions of each element on its own; some take options that no shape depends on."""

IDENTITY = frozenset({"clone", "contiguous", "detach", "requires_grad_", "positive", "resolve_conj", "resolve_neg"})
FRACTIONS = frozenset("""acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cos cosh deg2rad
digamma erf erfc erfinv exp exp2 expm1 i0 lgamma log log10 log1p log2 logit rad2deg reciprocal rsqrt sin sinc sinh
sqrt tan""".split())  # fmt: skip
BINARY = """add sub subtract mul multiply pow fmod remainder maximum minimum fmax fmin hypot bitwise_and
bitwise_or bitwise_xor nextafter gcd lcm rsub copysign heaviside""".split()
DIVISION = ["div", "divide", "true_divide", "floor_divide", "atan2", "arctan2", "xlogy", "ldexp", "float_power"]
COMPARISON = """eq ne gt ge lt le greater greater_equal less less_equal not_equal isclose logical_and logical_or
logical_xor""".split()
TESTS = ["isfinite", "isinf", "isnan", "isposinf", "isneginf", "logical_not", "signbit"]
IN_PLACE = """zero_ fill_ normal_ uniform_ copy_ bernoulli_ exponential_ random_ fill_diagonal_ cauchy_ geometric_
log_normal_ share_memory_""".split()
INITIALISERS = """normal_ uniform_ trunc_normal_ zeros_ ones_ constant_ xavier_uniform_ xavier_normal_ kaiming_uniform_
kaiming_normal_ orthogonal_ eye_ dirac_ sparse_""".split()
CASTS = {"float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16", "long": "int64",
         "int": "int32", "short": "int16", "byte": "uint8", "char": "int8", "bool": "bool"}  # fmt: skip
MOVES = ["cuda", "cpu", "pin_memory", "xpu"]


def _unary(name: str) -> None:
    family = "identity" if name in IDENTITY else "elementwise"

    @function(*everywhere(name, functional=False), family=family)
    def unary(input: Tensor, *options: Any, **keywords: Any) -> Out:
        """A function of each element."""
        return like(input, dtype=fractional(input) if name in FRACTIONS else None)


def _binary(name: str, division: bool, dtype: str | None) -> None:
    @function(*everywhere(name, functional=False), family="elementwise")
    def binary(input: Any, other: Any, **keywords: Any) -> Out:
        """Two tensors, or a tensor and a number, element by element with broadcasting."""
        out = broadcast(input, other, dtype=dtype, division=division)
        return replace(out, dtype="") if name in ("copysign", "float_power") else out


def _test(name: str) -> None:
    @function(*everywhere(name, functional=False), family="elementwise")
    def test(input: Tensor) -> Out:
        """Whether something holds of each element."""
        return like(input, dtype="bool")


for _name in UNARY:
    _unary(_name)
for _name in BINARY:
    _binary(_name, False, None)
for _name in DIVISION:
    _binary(_name, True, None)
for _name in COMPARISON:
    _binary(_name, False, "bool")
for _name in TESTS:
    _test(_name)


def _fill(name: str) -> None:
    @function(name, family="identity")
    def fill(input: Tensor, *values: Any, **keywords: Any) -> Out:
        """The tensor itself, with other elements."""
        return like(input)


def _initialise(name: str) -> None:
    @function(f"torch.nn.init.{name}", family="identity")
    def initialise(tensor: Tensor, *values: Any, **keywords: Any) -> Out:
        """The tensor itself, with other elements."""
        return like(tensor)


for _name in IN_PLACE:
    _fill(f"torch.Tensor.{_name}")
for _name in INITIALISERS:
    _initialise(_name)


def _cast(name: str, dtype: str) -> None:
    @function(f"torch.Tensor.{name}", family="cast")
    def cast(input: Tensor, *options: Any, **keywords: Any) -> Out:
        """The same numbers as another type."""
        return like(input, dtype=dtype)


def _move(name: str) -> None:
    @function(f"torch.Tensor.{name}", family="identity")
    def move(input: Tensor, *options: Any, **keywords: Any) -> Out:
        """The same tensor on another device."""
        return like(input)


for _name, _type in CASTS.items():
    _cast(_name, _type)
for _name in MOVES:
    _move(_name)


@function("torch.Tensor.to", "torch.Tensor.type", family="cast")
def to(input: Tensor, *options: Any, **keywords: Any) -> Out:
    """The same tensor on another device, as another type, or both."""
    given = [*options, *(v for k, v in keywords.items() if k in ("dtype", "other"))]
    like_other = next((t.dtype or "" for t in given if isinstance(t, Tensor)), None)
    named = next((dtype_name(v) for v in given if isinstance(v, External)), None)
    known = named if named in _TYPES else None
    unclear = any(is_unknown(v) or isinstance(v, External) for v in given) and known is None
    return like(input, dtype=like_other if like_other is not None else "" if unclear else known)


_TYPES = frozenset({*CASTS.values(), "complex64", "complex128"})


@function("torch.Tensor.type_as", family="cast")
def type_as(input: Tensor, other: Any) -> Out:
    """The same numbers as the type of another tensor."""
    return like(input, dtype=(other.dtype or "") if isinstance(other, Tensor) else "")


@function("torch.where", "torch.Tensor.where", family="elementwise")
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """One tensor where a condition holds, another elsewhere, broadcast together."""
    if input is None and other is None and isinstance(condition, Tensor) and condition.shape is not None:
        return (Out((None,), dtype="int64"),) * max(len(condition.shape), 1)  # places of what is true, axis by axis
    if input is None or other is None or any(map(is_unknown, (condition, input, other))):
        raise NotKnown
    given = [t for t in (condition, input, other) if isinstance(t, Tensor)]
    out = merged(given)
    chosen = [t.dtype for t in (input, other) if isinstance(t, Tensor)]
    if len(chosen) == 1:  # a number takes the tensor's type, as in a sum
        tensor, number = (input, other) if isinstance(input, Tensor) else (other, input)
        kind = broadcast(tensor, number).dtype
        return replace(out, dtype=(tensor.dtype or "") if kind is None else kind)
    dtype = promoted(chosen) if len(chosen) == 2 else ""
    return replace(out, dtype="" if dtype is None else dtype)


@function("torch.masked_fill", "torch.Tensor.masked_fill", family="elementwise")
def masked_fill(input: Tensor, mask: Any, value: Any) -> Out:
    """A number where a mask is true; the mask is broadcast with the input."""
    out = broadcast(input, mask) if isinstance(mask, Tensor) else Out(None)
    return replace(out, dtype=None, like_input=False)


@function("torch.Tensor.masked_fill_", "torch.Tensor.masked_scatter_", "torch.Tensor.masked_scatter",
          "torch.masked_scatter", family="elementwise")  # fmt: skip
def masked_fill_in_place(input: Tensor, mask: Any, value: Any) -> Out:
    """The input with other numbers where a mask is true."""
    return like(input)


@function(*everywhere("clamp", functional=False), *everywhere("clip", functional=False), family="elementwise")
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Out:
    """Elements below a least or above a greatest value replaced by it."""
    bounds = [t for t in (min, max) if isinstance(t, Tensor)]
    whole = all(type(bound) is int or bound is None for bound in (min, max))
    return merged((input, *bounds), dtype="") if bounds else like(input, dtype=None if whole else fractional(input))


@function(*everywhere("clamp_min", functional=False), family="elementwise")
def clamp_min(input: Tensor, min: Any) -> Out:
    """Elements below a least value replaced by it."""
    return broadcast(input, min)


@function(*everywhere("clamp_max", functional=False), family="elementwise")
def clamp_max(input: Tensor, max: Any) -> Out:
    """Elements above a greatest value replaced by it."""
    return broadcast(input, max)


@function(*everywhere("lerp", functional=False), family="elementwise")
def lerp(input: Tensor, end: Tensor, weight: Any) -> Out:
    """A weighted mean of two tensors."""
    return merged((input, end, weight)) if isinstance(weight, Tensor) else merged((input, end))


@function(*everywhere("addcmul", functional=False), family="elementwise")
@function(*everywhere("addcdiv", functional=False), family="elementwise")
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Out:
    """The input plus a product or quotient of two tensors."""
    return merged((input, tensor1, tensor2))


@function("torch.broadcast_shapes", family="shape")
def broadcast_shapes_of(*shapes: Any) -> Any:
    """The common shape of several."""
    if not all(isinstance(s, (tuple, list)) and not is_unknown(s) for s in shapes):
        raise NotKnown
    shape, faults = broadcast_shapes([tuple(s) for s in shapes])
    if faults or shape is None or None in shape:
        raise NotKnown
    return shape

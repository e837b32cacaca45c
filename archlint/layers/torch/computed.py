"""What torch functions make of the elements of small constant tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from archlint.layers.spec import Out
from archlint.layers.torch import rounding
from archlint.layers.torch.contents import MOST, Elements, forget, fresh, view
from archlint.layers.torch.rounding import Element, Near
from archlint.values import Tensor

Args = Mapping[str, Any]
Find = Callable[[Args, Any], Any]

_OPERATORS = frozenset({"+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "max", "min"})


def filled(name: str, args: Args, result: Any) -> Any:
    """The result of a declared torch function with what stands in it, where that can be told.

    `args` are the bound arguments; the result's shape is already known.
    """
    forget(args.get("out"))
    find = _FIND.get(name)
    if find is None or (isinstance(result, Out) and (result.faults or result.shape is None)):
        return result
    found = find(args, result)
    return result if found is None else found


def operator(op: str, a: Any, b: Any, out: Out) -> Out:
    """The result of `a op b` with its elements."""
    return _binary(op, a, b, out) or out


def _plain(args: Args, *read: str) -> bool:
    """Are all arguments but these left out?  What a device or a memory format is does not matter."""
    silent = {"device", "requires_grad", "layout", "pin_memory", "memory_format", "non_blocking", *read}
    return all(name in silent or value in (None, False, ()) for name, value in args.items())


def _constant(value: Any) -> bool:
    return isinstance(value, (bool, int, float))


def _arange(args: Args, out: Out) -> Out | None:
    low, high = (0, args["start"]) if args["end"] is None else (args["start"], args["end"])
    step, dtype = args["step"], out.dtype or ""
    if not all(map(_constant, (low, high, step))) or out.shape is None or not isinstance(out.shape[0], int):
        return None
    count = out.shape[0]
    if count > MOST:
        return None
    whole = all(isinstance(v, int) for v in (low, step))
    found = [low + i * step if whole else _step(low, step, i, dtype) for i in range(count)]
    return fresh(out, [rounding.convert(v, dtype) for v in found])


def _step(low: float, step: float, i: int, dtype: str) -> Element:
    """`low + i * step` where kernels may round in between."""
    if not rounding.floating(dtype):
        return None
    by, start = rounding.convert(step, dtype), rounding.convert(low, dtype)
    if by == step and start == low and float(step).is_integer() and float(low).is_integer():
        return low + i * step
    spread = (abs(low) + abs(i * step)) * 2.0**-21
    return Near(low + i * step - spread, low + i * step + spread)


def _linspace(args: Args, out: Out) -> Out | None:
    start, end, dtype = args["start"], args["end"], out.dtype or ""
    if out.shape is None or not isinstance(count := out.shape[0], int) or not 0 < count <= MOST:
        return None
    if not _constant(start) or not _constant(end) or not rounding.floating(dtype):
        return fresh(out, [None] * count)
    steps = max(count - 1, 1)
    step = (end - start) / steps
    inner = [_step(start, step, i, dtype) if step else start for i in range(1, steps)]
    return fresh(out, [rounding.convert(v, dtype) for v in [start, *inner, end][:count]])


def _of_list(args: Args, out: Out) -> Out | None:
    data, dtype = args["data"], out.dtype or ""
    if isinstance(data, Tensor):
        return None if data.elements is None else view(out, data, data.elements)
    given = data if isinstance(data, (list, tuple)) else [data]
    if len(given) > MOST:
        return None
    scalars = [_scalar(v) for v in given]
    return fresh(out, [rounding.convert(v, dtype) for v in scalars])


def _scalar(value: Any) -> Element:
    if isinstance(value, Tensor):
        return value.elements[0] if value.elements is not None and value.shape == () else None
    return value if _constant(value) else None


def _same_everywhere(value: Any) -> Find:
    def fill(args: Args, out: Out) -> Out | None:
        wanted = args.get("fill_value", (*args.get("values", ()), None)[0]) if value is None else value
        length = 1 if out.shape == () else out.shape[0] if out.shape is not None and len(out.shape) == 1 else None
        if not isinstance(length, int) or length > MOST or not _constant(wanted):
            return None
        like = args.get("input")
        dtype = out.dtype if out.dtype is not None else like.dtype if isinstance(like, Tensor) else None
        return fresh(out, [rounding.convert(wanted, dtype or "")] * length)

    return fill


def _type_of(value: Any) -> str:
    return (value.dtype or "") if isinstance(value, Tensor) else ""


def _elements(value: Any) -> Elements | None:
    return value.elements if isinstance(value, Tensor) else (value,) if _constant(value) else None


def _common(a: Any, b: Any, division: bool) -> str:
    """Type that both are brought to: a number takes the tensor's, unless it is a fraction and that is whole."""
    types = [_type_of(v) for v in (a, b) if isinstance(v, Tensor)]
    if len(set(types)) == 1:
        found = types[0]
    else:
        ranked = [t for t in types if rounding.floating(t)]
        found = ranked[0] if len(ranked) == 1 else ""
    fraction = any(isinstance(v, float) for v in (a, b))
    if found and not rounding.floating(found) and (fraction or division):
        return "float32"
    if found == "bool" and any(isinstance(v, int) and not isinstance(v, bool) for v in (a, b)):
        return "int64"
    return found


def _binary(op: str, a: Any, b: Any, out: Out) -> Out | None:
    """Two tensors of one length, or a tensor and a number."""
    left, right = _elements(a), _elements(b)
    if left is None or right is None or out.faults or out.shape is None:
        return None
    dtype = _common(a, b, op == "/")
    result = "bool" if op in ("==", "!=", "<", "<=", ">", ">=") else dtype
    if not dtype or (op not in _OPERATORS and op not in rounding.UNARY):
        return None
    count = max(len(left), len(right))
    pairs = zip(left * (count // max(len(left), 1)), right * (count // max(len(right), 1)))
    found = [rounding.binary(op, rounding.convert(x, dtype), rounding.convert(y, dtype), dtype) for x, y in pairs]
    return fresh(out, found, result)


def _pair(op: str) -> Find:
    def find(args: Args, out: Out) -> Out | None:
        return _binary(op, args["input"], args["other"], out) if _plain(args, "input", "other") else None

    return find


def _each(name: str) -> Find:
    def find(args: Args, out: Out) -> Out | None:
        x = args["input"]
        if not isinstance(x, Tensor) or x.elements is None or not _plain(args, "input"):
            return None
        dtype = x.dtype or ""
        if name in ("log", "exp", "sqrt", "log2", "log10") and dtype and not rounding.floating(dtype):
            dtype = "float32"
        known = [rounding.unary(name, rounding.convert(e, dtype), dtype) for e in x.elements]
        return fresh(out, known, dtype)

    return find


def _cast(args: Args, out: Out) -> Out | None:
    """`t.int()`, `t.to(torch.long)`: a copy, or the tensor itself; either way what is written to one may be in both."""
    x = args["input"]
    if not isinstance(x, Tensor) or x.elements is None:
        return None
    dtype = x.dtype if out.dtype is None else out.dtype
    known = tuple(rounding.convert(e, dtype or "") for e in x.elements)
    return view(out, x, known)


def _kept(args: Args, out: Out) -> Out | None:
    """The same elements in order: `t.view(-1)`, `t.squeeze()`, `t.detach()`."""
    x = args.get("input")
    return view(out, x, x.elements) if isinstance(x, Tensor) and x.elements is not None else None


def _buffer(args: Args, out: Out) -> Out | None:
    return _kept({"input": args["data"]}, out)


def _clamp(args: Args, out: Out) -> Out | None:
    x, low, high = args["input"], args["min"], args["max"]
    if not isinstance(x, Tensor) or x.elements is None or not all(v is None or type(v) is int for v in (low, high)):
        return None
    dtype = x.dtype or ""
    found: Elements = x.elements
    for limit, op in ((low, "max"), (high, "min")):
        if limit is not None:
            found = tuple(rounding.binary(op, e, rounding.convert(limit, dtype), dtype) for e in found)
    return fresh(out, found)


def _folded(op: str) -> Find:
    """The sum, maximum … of a vector; that of fractions that are not whole depends on the order: not known."""

    def find(args: Args, result: Any) -> Any:
        x = args["input"]
        if isinstance(result, tuple) or not isinstance(x, Tensor) or x.elements is None or not x.elements:
            return None
        if not _plain(args, "input", "dim", "keepdim") or isinstance(args.get("dim"), Tensor):
            return None
        dtype = "int64" if op in "+*" and x.dtype in ("bool", "int32", "int16", "int8", "uint8") else x.dtype or ""
        total, *rest = (rounding.convert(e, dtype) for e in x.elements)
        for element in rest:
            whole = all(isinstance(v, int) or (isinstance(v, float) and v.is_integer()) for v in (total, element))
            total = rounding.binary(op, total, element, dtype) if whole or op not in "+*" else None
        if isinstance(total, float) and op in "+*" and abs(total) >= 2.0**24:
            return None
        return fresh(result, (total,), dtype)

    return find


def _running(args: Args, out: Out) -> Out | None:
    """`cumsum` of whole numbers."""
    x, total, sums = args["input"], 0, []
    if not isinstance(x, Tensor) or x.elements is None or not _plain(args, "input", "dim"):
        return None
    for element in x.elements:
        if type(element) is not int:
            return None
        total += element
        sums.append(total)
    return fresh(out, sums, "int64")


def _steps_between(args: Args, out: Out) -> Out | None:
    """`torch.diff(ends)`: each element less the one before."""
    x = args["input"]
    if (
        not isinstance(x, Tensor)
        or x.elements is None
        or x.rank != 1
        or args["n"] != 1
        or not _plain(args, "input", "n", "dim")
    ):
        return None
    dtype = x.dtype or ""
    return fresh(out, [rounding.binary("-", b, a, dtype) for a, b in pairwise(x.elements)])


def distinct(x: Tensor) -> Elements | None:
    """Each element once, in ascending order."""
    if x.elements is None or any(e is None or isinstance(e, Near) for e in x.elements):
        return None
    return tuple(sorted(set(x.elements)))


def _unique(args: Args, result: Any) -> Any:
    first, *others = result if isinstance(result, tuple) else (result,)
    found = distinct(args["input"]) if isinstance(args["input"], Tensor) else None
    flat = args.get("dim") is None
    filled_first = fresh(replace(first, shape=(len(found),)), found) if found is not None and flat else None
    return filled_first if filled_first is None or not others else (filled_first, *others)


def _parts(args: Args, result: Any) -> Any:
    """`t.split([2, 3])`: runs of a vector, in order."""
    x = next(iter(args.values()))
    if not isinstance(x, Tensor) or x.elements is None or not isinstance(result, (tuple, list)):
        return None
    found, at = [], 0
    for part in result:
        length = 1 if part.shape == () else part.shape[0] if part.shape else None
        if not isinstance(length, int):
            return None
        found.append(view(part, x, x.elements[at : at + length]))
        at += length
    return tuple(found) if at == len(x.elements) else None


def _joined(args: Args, out: Out) -> Out | None:
    given = args["tensors"]
    if not all(isinstance(t, Tensor) and t.elements is not None for t in given) or len({t.dtype for t in given}) != 1:
        return None
    return fresh(out, [e for t in given for e in t.elements])


def _flipped(args: Args, out: Out) -> Out | None:
    x = args["input"]
    return fresh(out, x.elements[::-1]) if isinstance(x, Tensor) and x.elements is not None and x.rank == 1 else None


_FIND: dict[str, Find] = {
    "torch.arange": _arange, "torch.linspace": _linspace, "torch.tensor": _of_list, "torch.cat": _joined,
    "torch.stack": _joined, "torch.flip": _flipped, "torch.unique": _unique, "torch.diff": _steps_between,
    "torch.cumsum": _running, "torch.clamp": _clamp, "torch.Tensor.to": _cast,
    "torch.nn.Buffer": _buffer,
    **{f"torch.{n}": _same_everywhere(v) for n, v in (("zeros", 0), ("ones", 1), ("full", None))},
    **{f"torch.{n}_like": _same_everywhere(v) for n, v in (("zeros", 0), ("ones", 1), ("full", None))},
    **{f"torch.{n}": _each(n) for n in rounding.UNARY},
    **{f"torch.Tensor.{n}": _cast for n in ("float", "double", "long", "int", "short", "bool", "cuda", "cpu")},
    **{f"torch.{n}": _kept for n in ("clone", "detach", "flatten", "ravel", "squeeze", "reshape", "atleast_1d")},
    **{f"torch.Tensor.{n}": _kept for n in ("contiguous", "view")},
    **{f"torch.{n}": _parts for n in ("split", "chunk", "unbind")},
    **{f"torch.{n}": _folded(op) for n, op in (("sum", "+"), ("prod", "*"), ("max", "max"), ("min", "min"),
                                               ("amax", "max"), ("amin", "min"))},
    **{f"torch.{n}": _pair(op) for n, op in (
        ("add", "+"), ("sub", "-"), ("subtract", "-"), ("mul", "*"), ("multiply", "*"), ("div", "/"), ("divide", "/"),
        ("true_divide", "/"), ("floor_divide", "//"), ("pow", "**"), ("remainder", "%"), ("maximum", "max"),
        ("minimum", "min"), ("eq", "=="), ("ne", "!="), ("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="),
    )},
}  # fmt: skip

"""numpy arrays as values: functions, methods, attributes, subscripts, operators.  Only their form is followed.

X = np.random.rand(1000, 20)[:, 1:]      (1000, 19)
y = np.eye(3)[np.random.randint(0, 3, 1000)]     (1000, 3)
"""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim, product
from archlint.interp.data import array_forms
from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.tensors import apply
from archlint.layers import find
from archlint.layers.arguments import NotKnown
from archlint.layers.families.elementwise import broadcast, matmul
from archlint.layers.families.index import subscript
from archlint.layers.families.reshape import permute
from archlint.layers.numpy import reading
from archlint.layers.spec import Out, Spec
from archlint.text import Span
from archlint.values import Array, Contents, External, ListValue, Method, Reason, Tensor, Unknown

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_SAME_ELEMENTS = frozenset([
    "reshape", "ravel", "flatten", "squeeze", "expand_dims", "transpose", "swapaxes", "moveaxis", "rollaxis", "array",
    "asarray", "asanyarray", "copy", "ascontiguousarray", "float32", "float64", "int64", "int32", "permutation",
    "flip", "fliplr", "flipud", "roll", "sort", "astype", "nan_to_num",
])  # fmt: skip
"""Functions whose result has every element of their first argument, and no others."""

_WRITES = frozenset(["sort", "fill", "put", "itemset", "partition", "resize", "setfield"])
_NUMBERS = frozenset(["item", "trace"])


def tensor(value: Array) -> Tensor:
    """The array as declarations read it."""
    return Tensor(value.shape, value.dtype, framework="numpy")


def array(value: Any) -> Array | None:
    """A value as `np.asarray` takes it: an array, nested lists of numbers; None if its form is not known."""
    if isinstance(value, Array):
        return value
    if not isinstance(value, (ListValue, tuple)):
        return None
    given = apply.plain(value)
    found = reading.array(given)
    return None if found.shape is None else Array(found.shape, found.dtype, Contents(_classes_in(given)))


def _classes_in(value: Any) -> int | None:
    """`[0, 1, 2, 1]` holds numbers of three classes."""
    if isinstance(value, (list, tuple)) and value:
        found = [_classes_in(v) for v in value]
        return None if None in found else max(v for v in found if v is not None)
    return value + 1 if type(value) is int and value >= 0 else None


def takes(name: str, arguments: Arguments) -> bool:
    """Is a numpy function that is modelled for numbers, too, given an array?"""
    return name.startswith("numpy.") and any(isinstance(v, Array) for v in arguments.positional)


def forget(value: Any) -> None:
    """Someone else may write to the array: its elements are no longer known."""
    if isinstance(value, Array):
        value.contents.classes = None


def call(ev: Evaluator, name: str, arguments: Arguments, spec: Spec) -> Any:
    """`np.stack([a, b])`, or the method `numpy.ndarray.reshape` with the array in front."""
    if arguments.open:
        return Unknown(Reason.SYNTAX, "unpacked arguments", arguments.span)
    first = arguments.positional[0] if len(arguments.positional) == 1 else None
    if name in ("numpy.int32", "numpy.int64") and isinstance(first, (int, Dim)):
        return first
    if name in ("numpy.float32", "numpy.float64") and isinstance(first, (int, float)):
        return float(first)
    positional = [apply.plain(v) for v in arguments.positional]
    keywords = {k: apply.plain(v) for k, v in arguments.keywords.items()}
    if any(t.framework != "numpy" for t in (*apply.tensors_in(positional), *apply.tensors_in(keywords))):
        return apply.opaque(ev, name, arguments, Unknown(Reason.EXTERNAL, name, arguments.span))
    try:
        bound = spec.bind(positional, keywords)
    except (TypeError, NotKnown):
        return Unknown(Reason.SPEC, f"arguments of {name} do not fit its declaration", arguments.span)
    result, why = apply.guarded(ev, lambda: spec.apply(None, bound), name)
    if why is not None:
        return Array(None, made=arguments.span) if not name.startswith("numpy.random") else why
    return _made(result, arguments.span, _contents(name.rpartition(".")[2], arguments, result))


def _made(result: Any, where: Span, contents: Contents | None = None) -> Any:
    """An `Out` as an array, or as a number of unknown value; lists and tuples of them."""
    if isinstance(result, Out):
        if result.shape == ():
            return Unknown(Reason.DATA, "contents of an array", where, number=True)
        return Array(result.shape, result.dtype or None, contents or Contents(), where)
    if isinstance(result, list):
        return ListValue([_made(v, where) for v in result])
    return tuple(_made(v, where) for v in result) if isinstance(result, tuple) else result


def _contents(name: str, arguments: Arguments, result: Any) -> Contents | None:
    first = arguments.positional[0] if arguments.positional else None
    if name in ("randint", "integers") and isinstance(result, Out):
        return Contents(_drawn(arguments, result))
    if name == "arange" and len(arguments.positional) == 1 and not arguments.keywords:
        return Contents(first if type(first) is int and first > 0 else None)
    if name not in _SAME_ELEMENTS or "bool" in str(arguments.get(1, "dtype")):
        return None
    given = array(first)
    return given.contents if given is not None else None


def _drawn(arguments: Arguments, result: Out) -> int | None:
    """`np.random.randint(0, 10, 1000)`: with so many draws, the greatest is certainly among them."""
    low, high = arguments.get(0, "low"), arguments.get(1, "high")
    low, high = (0, low) if high is None else (low, high)
    count = product(result.shape) if result.shape is not None else None
    if low != 0 or type(high) is not int or not isinstance(count, int) or "endpoint" in arguments.keywords:
        return None
    return high if high > 0 and (1 - 1 / high) ** count < 1e-12 else None


def attribute(ev: Evaluator, value: Array, name: str, where: Span) -> Any:
    """`x.shape`, `x.T`, `x.reshape`."""
    if name == "shape":
        if value.shape is None:
            return Unknown(Reason.DATA, "shape of an array", where)
        return tuple(Unknown(Reason.DATA, "a size", where) if s is None else s for s in value.shape)
    if name == "ndim":
        return Unknown(Reason.DATA, "rank of an array", where) if value.shape is None else len(value.shape)
    if name == "size":
        count = None if value.shape is None else product(value.shape)
        return Unknown(Reason.DATA, "size of an array", where) if count is None else count
    if name == "dtype":
        return External(f"numpy.{value.dtype}") if value.dtype else Unknown(Reason.DATA, "dtype", where)
    if name == "T" and value.shape is not None:
        return _made(permute(tensor(value), list(reversed(range(len(value.shape))))), where, value.contents)
    if name in ("real", "flat", "values"):
        return value if name != "flat" else Array((attribute_size(value),), value.dtype, value.contents, where)
    return Method(value, f"array.{name}")


def attribute_size(value: Array) -> Any:
    """The number of elements, if it is known."""
    return None if value.shape is None else product(value.shape)


def method(ev: Evaluator, value: Array, name: str, arguments: Arguments) -> Any:
    """`x.reshape(-1, 784)`, `x.astype("float32")`, `y.max()`."""
    if name == "tolist" and value.shape is not None:
        return (
            array_forms.rows(value)
            if len(value.shape) == 1
            else Unknown(Reason.DATA, "contents of an array", arguments.span)
        )
    if name in ("max", "argmax") and value.contents.classes and not arguments.positional and not arguments.keywords:
        return value.contents.classes - 1 if name == "max" else Unknown(Reason.DATA, "a place", arguments.span)
    if name in _WRITES:
        if name != "sort":
            forget(value)
        if name == "resize":
            value.shape = None
        return None
    spec = find(f"numpy.ndarray.{name}")
    if spec is not None:
        return call(ev, f"numpy.ndarray.{name}", arguments.behind(value), spec)
    forget(value)
    return Unknown(Reason.EXTERNAL, f"ndarray.{name}", arguments.span, number=name in _NUMBERS)


def get(ev: Evaluator, value: Array, index: Any, where: Span) -> Any:
    """`X[:, 1:]`, `y[mask]`, `np.eye(10)[y]`."""
    parts = tuple(_position(i) for i in (index if isinstance(index, tuple) else (index,)))
    result, why = apply.guarded(ev, lambda: subscript(tensor(value), parts), "subscript")
    if why is not None or result is None or result.faults:
        return Array(None, value.dtype, made=where)
    whole = all(p is None or p is Ellipsis for p in parts)
    found = _made(result, where, value.contents if whole else None)
    return Array(found.shape, value.dtype, found.contents, where) if isinstance(found, Array) else found


def _position(index: Any) -> Any:
    """A number that is not known still picks one position; a row of them picks rows."""
    if isinstance(index, Unknown) and index.number and index.symbol is None:
        return Tensor((), "int64")
    given = array(index) if isinstance(index, (ListValue, Array)) else None
    return tensor(given) if given is not None else apply.plain(index)


def operate(ev: Evaluator, op: str, a: Any, b: Any, where: Span) -> Any:
    """`x / 255.0`, `x @ w`, `y == 3`."""
    left, right = (array(v) or v if isinstance(v, (ListValue, Array)) else v for v in (a, b))
    x, y = (tensor(v) if isinstance(v, Array) else apply.any_number(apply.plain(v)) for v in (left, right))

    def outcome() -> Out:
        if op == "@":
            return matmul(x, y)
        return broadcast(x, y, dtype="bool" if op in COMPARISONS else None, division=op == "/")

    result, why = apply.guarded(ev, outcome, f"operator {op}")
    if why is not None or result is None or result.faults:
        return Array(None, made=where)
    return _made(result, where)

"""What is modelled by hand rather than declared: the standard library's functions, containers, framework classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from archlint.dims import Dim, floordiv
from archlint.interp.data import arrays, batches, datasets, feeds, picture_data
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import applications as keras_applications
from archlint.interp.keras import models as keras_models
from archlint.interp.python import (
    attribute,
    class_making,
    construct,
    containers,
    control_flow,
    iterate,
    mappings,
    patterns,
    records,
    reflection,
    standard_library,
    versions,
)
from archlint.interp.python import builtin_functions as python_builtins
from archlint.interp.python import call as calls
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.handlers import Call, on_constants
from archlint.interp.slips import calls as slips_in_calls
from archlint.interp.slips import uses
from archlint.interp.tensors import methods as tensor_methods
from archlint.interp.tf import scopes as tf_scopes
from archlint.interp.torch import modules as torch_modules
from archlint.interp.torch import tuples
from archlint.layers import find
from archlint.text import Span
from archlint.values import (
    Builtin,
    External,
    ListValue,
    Method,
    Object,
    Ratio,
    Reason,
    Unknown,
)

BASES = frozenset(
    [
        "torch.nn.Module",
        "torch.nn.Sequential",
        "torch.nn.ModuleList",
        "torch.nn.ModuleDict",
        "keras.Model",
        "keras.Sequential",
        "keras.layers.Layer",
        "keras.Input",
    ]
)


def _container(kind: str) -> Call:
    def build(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        made = Object(None, kind, ev.heap.born({}), ev.serial(), arguments.span, items=ev.heap.born({}))
        slips_in_calls.made(ev, made)
        slips_in_calls.children(ev, kind, arguments)
        construct.fill_container(ev, frame, made, arguments)
        ev.session.objects.append(made)
        return made

    return build


def _module(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    made = Object(None, "torch.nn.Module", ev.heap.born({}), ev.serial(), arguments.span)
    ev.session.objects.append(made)
    return made


def _float_functional(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`FloatFunctional().add(a, b)`: arithmetic that quantisation can observe; shapes are those of torch's own."""
    methods = {name: _torch_function(name) for name in ("add", "mul", "cat", "matmul")}
    methods |= {"add_scalar": methods["add"], "mul_scalar": methods["mul"], "add_relu": methods["add"]}
    return Object(None, "", dict(methods), ev.serial(), arguments.span)


def _torch_function(name: str) -> Builtin:
    return Builtin(name, lambda ev, frame, given: calls.call(ev, frame, External(f"torch.{name}"), given))


def _identity(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`QuantStub()`: marks a place, changes no shape."""
    spec = find("torch.nn.Identity")
    assert spec is not None
    return construct.layer(ev, spec, Arguments([], {}, arguments.span))


def _partial(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`partial(nn.BatchNorm2d, eps=1e-3)`: the function with some arguments fixed."""
    if not arguments.positional:
        return Unknown(Reason.SYNTAX, "partial", arguments.span)
    function = arguments.positional[0]
    fixed, keywords = arguments.positional[1:], dict(arguments.keywords)
    inner = PARTIALS.get(id(function))
    if inner is not None and not inner.fixed:  # Python, too, unfolds a partial of a partial
        function, keywords = inner.function, {**inner.keywords, **keywords}
    spans = dict(arguments.keyword_spans)

    def call(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        return calls.call(ev, frame, function, PARTIALS[id(made)].completed(given))

    made = Builtin("functools.partial", call)
    PARTIALS[id(made)] = Partial(made, function, keywords, tuple(fixed), spans, arguments.open_keywords)
    return made


@dataclass(frozen=True, slots=True)
class Partial:
    """What `partial(…)` made, and of what."""

    made: Builtin
    function: Any
    keywords: dict[str, Any]
    fixed: tuple[Any, ...]
    spans: dict[str, Span]
    open: bool

    def completed(self, given: Arguments) -> Arguments:
        """What the function is called with when the partial is called with `given`."""
        return Arguments(
            [*self.fixed, *given.positional],
            {**self.keywords, **given.keywords},
            given.span,
            [given.span] * len(self.fixed) + given.positional_spans,
            {**self.spans, **given.keyword_spans},
            given.open_positional,
            given.open_keywords or self.open,
        )


PARTIALS: dict[int, Partial] = {}
"""Every partial made so far, by its id."""


def _ceil(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "x")
    if isinstance(value, Ratio):
        return -floordiv(-value.num, value.den)
    return value if isinstance(value, Dim) else on_constants(math.ceil, int, float)(ev, frame, arguments)


def _floor(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    value = arguments.get(0, "x")
    if isinstance(value, Ratio):
        return floordiv(value.num, value.den)
    return value if isinstance(value, Dim) else on_constants(math.floor, int, float)(ev, frame, arguments)


def _prod(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    from archlint.interp.python import operators

    items = iterate.items(ev, arguments.get(0, "a"))
    if isinstance(items, Unknown):
        return items
    total: Any = 1
    for item in items:
        total = operators.binary(ev, frame, "*", total, item, arguments.span)
    return total


def _of_dict(name: str) -> Call:
    """`six.iteritems(d)`."""

    def call(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        value = arguments.get(0, "d")
        return containers.call_method(ev, frame, value, name, Arguments([], {}, arguments.span))

    return call


def _built_in(name: str) -> Call:
    """`six.moves.xrange(n)`."""
    return lambda ev, frame, arguments: calls.call(ev, frame, python_builtins.find(name), arguments)


def _reduce(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`functools.reduce(operator.mul, shape, 1)`."""
    items = iterate.items(ev, arguments.get(1, "iterable"))
    if isinstance(items, Unknown):
        return items
    if len(arguments.positional) > 2:
        items = [arguments.positional[2], *items]
    if not items:
        return Unknown(Reason.SYNTAX, "reduce of nothing", arguments.span)
    total = items[0]
    for item in items[1:]:
        total = calls.call(ev, frame, arguments.get(0, "function"), Arguments([total, item], {}, arguments.span))
    return total


def _operator(symbol: str) -> Call:
    def apply(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        from archlint.interp.python import operators

        left, right = arguments.get(0, "a"), arguments.get(1, "b")
        return operators.binary(ev, frame, symbol, left, right, arguments.span)

    return apply


def _linspace(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`np.linspace(0, rate, depth)`: stochastic-depth rates."""
    start, stop, count = arguments.get(0, "start"), arguments.get(1, "stop"), arguments.get(2, "num", 50)
    if not isinstance(count, int) or not 0 <= count <= 4096:
        return ListValue(None, Unknown(Reason.LOOP, "linspace", arguments.span))
    if not isinstance(start, (int, float)) or not isinstance(stop, (int, float)):
        return ListValue([Unknown(Reason.DATA, "a rate", arguments.span)] * count)
    return ListValue([start + (stop - start) * i / max(count - 1, 1) for i in range(count)])


def _repeat(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    times = arguments.get(1, "times")
    if isinstance(times, int) and times <= 4096:
        return ListValue([arguments.get(0, "object")] * times)
    return ListValue(None, Unknown(Reason.LOOP, "repeat", arguments.span))


def _chain(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    if arguments.open:
        return ListValue(None, Unknown(Reason.SYNTAX, "unpacked arguments", arguments.span))
    found: list[Any] = []
    for value in arguments.positional:
        items = iterate.items(ev, value)
        if isinstance(items, Unknown):
            return items
        found.extend(items)
    return ListValue(found)


def _first(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    return arguments.positional[0] if arguments.positional else None


def _decorator_or_first(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`torch.jit.script(f)`, `torch.no_grad()`: what goes in comes out."""
    return arguments.positional[0] if arguments.positional else Unknown(Reason.EXTERNAL, "context", arguments.span)


def _constant(value: Any) -> Call:
    return lambda ev, frame, arguments: value


def _copy(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """A deep copy: containers and modules are copied, so that weights are not shared."""
    return containers.deep_copy(ev, arguments.get(0, "x"), {})


def _size(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`torch.Size([3, 4])`."""
    return python_builtins.builtins()["tuple"].call(ev, frame, arguments)


_NUMBERS = (int, float)
HANDLERS: dict[str, Call] = {
    "torch.nn.Module": _module,
    **{
        f"torch.nn.{kind}": _container(f"torch.nn.{kind}")
        for kind in ("Sequential", "ModuleList", "ModuleDict", "ParameterList")
    },
    "torch.nn.ParameterDict": _container("torch.nn.ModuleDict"),
    **dict.fromkeys(("torch.nn.quantized.FloatFunctional", "torch.ao.nn.quantized.FloatFunctional"), _float_functional),
    **{
        f"torch.{prefix}.{name}": _identity
        for prefix in ("ao.quantization", "quantization")
        for name in ("QuantStub", "DeQuantStub")
    },
    "torch._C._get_tracing_state": _constant(None),
    "functools.partial": _partial, "math.ceil": _ceil, "math.floor": _floor, "math.prod": _prod, "numpy.prod": _prod,
    **{
        f"math.{n}": on_constants(getattr(math, n), *_NUMBERS)
        for n in ("sqrt", "log", "log2", "log10", "exp", "pow", "cos", "sin", "gcd", "isclose", "isqrt", "tanh")
    },
    **{
        f"numpy.{n}": on_constants(getattr(math, n), *_NUMBERS)
        for n in ("sqrt", "log", "log2", "log10", "exp", "ceil", "floor")
    },
    "numpy.log1p": on_constants(math.log1p, *_NUMBERS),
    **{f"operator.{n}": _operator(symbol) for n, symbol in (("mul", "*"), ("add", "+"), ("sub", "-"))},
    "functools.reduce": _reduce,
    **{f"six.{name}": _of_dict(name[4:]) for name in ("iteritems", "itervalues", "iterkeys")},
    **{f"six.moves.{n}": _built_in(n.removeprefix("x")) for n in ("xrange", "range", "zip", "map", "filter", "input")},


    "numpy.linspace": _linspace,
    "dataclasses.dataclass": lambda *given: class_making.dataclass_of(*given),
    "dataclasses.fields": lambda *given: class_making.fields_of(*given),
    "itertools.repeat": _repeat,
    "itertools.chain": _chain,
    "copy.deepcopy": _copy, "copy.copy": _copy, "typing.cast": lambda ev, frame,
    arguments: arguments.get(1, "val"), "torch.jit.is_scripting": _constant(False),
    "torch.jit.is_tracing": _constant(False), "torch.onnx.is_in_onnx_export": _constant(False),
    "torch.compiler.is_compiling": _constant(False), "torch.jit.is_exporting": _constant(False),
    "torch.compiler.is_exporting": _constant(False), "torch.compiler.is_dynamo_compiling": _constant(False),
    "torch.cuda.is_current_stream_capturing": _constant(False),
    "torch.xpu.is_current_stream_capturing": _constant(False),
    "torch._dynamo.is_compiling": _constant(False), "torch.overrides.has_torch_function": _constant(False),
    "torch._assert_async": _constant(None), "torch._assert": _constant(None),
    "torch._C._log_api_usage_once": _constant(None), "torch.fx.wrap": _first, "torch.jit.script": _decorator_or_first,
    "torch.jit.ignore": _decorator_or_first, "torch.compile": _decorator_or_first, "torch.jit.annotate": lambda ev,
    frame, arguments: arguments.get(1, "x"), "torch.utils.checkpoint.checkpoint": lambda ev, frame,
    arguments: calls.call(
        ev, frame, arguments.get(0, "function"),
        Arguments(arguments.positional[1:], {}, arguments.span),
    ),
    "torch.nn.DataParallel": _first, "torch.nn.parallel.DistributedDataParallel": _first,
    "torch.nn.utils.weight_norm": _first, "torch.nn.utils.spectral_norm": _first,
    "torch.nn.utils.remove_weight_norm": _first, "torch.nn.utils.parametrizations.weight_norm": _first,
    "torch.nn.utils.parametrizations.spectral_norm": _first, "torch.Size": _size,
}  # fmt: skip


@cache
def _handlers() -> dict[str, Call]:
    """The tables of all modules; made at the first call, since the modules import each other."""
    return {
        **keras_applications.HANDLERS, **control_flow.HANDLERS, **tf_scopes.HANDLERS, **keras_models.HANDLERS,
        **picture_data.HANDLERS, **batches.HANDLERS, **datasets.HANDLERS, **patterns.HANDLERS, **tuples.HANDLERS,
        **standard_library.HANDLERS, **versions.HANDLERS, **records.HANDLERS, **reflection.HANDLERS, **HANDLERS,
    }  # fmt: skip


def handler(name: str) -> Call | None:
    """The hand-written model of a library function or class, by canonical name."""
    return _handlers().get(name)


def call_method(ev: Evaluator, frame: Frame, method: Method, arguments: Arguments) -> Any:
    """A modelled method of a value that is not a user's object."""
    name = method.function
    assert isinstance(name, str)
    receiver = method.receiver
    if name.startswith("base:"):
        return _base_method(ev, frame, receiver, name[5:], arguments)
    if name.startswith("array."):
        return arrays.method(ev, receiver, name[6:], arguments)
    if name.startswith("batches."):
        return batches.method(ev, receiver, name[8:], arguments)
    if name.startswith("tensor."):
        if name in ("tensor.eval", "tensor.run"):
            feeds.placeholders(ev, arguments)
        if name == "tensor.backward":
            uses.backward(ev, receiver, arguments.span)
        return tensor_methods.call(ev, frame, receiver, name[7:], arguments)
    if name.startswith("module."):
        return torch_modules.call_method(ev, frame, receiver, name[7:], arguments)
    if name.startswith("keras."):
        return keras_models.call_method(ev, frame, receiver, name[6:], arguments)
    return containers.call_method(ev, frame, receiver, name, arguments)


def _base_method(ev: Evaluator, frame: Frame, receiver: Any, name: str, arguments: Arguments) -> Any:
    """`super().method(…)` that reaches a class outside the project."""
    base, _, method = name.rpartition(".")
    if not isinstance(receiver, Object):
        return Unknown(Reason.EXTERNAL, name, arguments.span)
    mixin = mappings.mixin(ev, receiver, method)
    if mixin is not None:
        return mixin.call(ev, frame, arguments)
    held = mappings.storage(receiver)
    if held is not None and mappings.offers(method):
        return mappings.call(ev, frame, held, method, arguments)
    if receiver.kind.startswith("torch."):
        return torch_modules.base_method(ev, frame, receiver, base, method, arguments)
    if receiver.kind.startswith("keras."):
        return keras_models.base_method(ev, frame, receiver, base, method, arguments)
    if method == "__getattribute__" and isinstance(arguments.get(0, "name"), str):
        return attribute.own_attribute(ev, frame, receiver, arguments.get(0, "name"), arguments.span, dynamic=False)
    if method == "__setattr__":
        written, value = arguments.get(0, "name"), arguments.get(1, "value")
        attribute.put_named(ev, receiver, written, value, arguments.span, put=attribute.put_own)
        return None
    return None if method in ("__init__", "__init_subclass__") else Unknown(Reason.EXTERNAL, name, arguments.span)

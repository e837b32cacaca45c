"""One declaration per layer: a function whose signature is the framework's own.

    @layer("torch.nn.Linear", family="dense")
    def linear(x, in_features, out_features, bias=True, device=None, dtype=None):
        '''Fully connected layer on the last axis.'''
        return dense(x, out=out_features, bias=bias, declared_in=in_features, arg="in_features")

`x` is the input; the other parameters are the constructor's (`layer`) or the call's (`function`).
Arguments arrive as plain Python values, sizes as `int | Dim`, tensors as `Tensor`, and what is not
known as `Unknown`: read them through `archlint.layers.arguments`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, Union

from archlint.dims import Size
from archlint.layers import binding
from archlint.layers.arguments import tensor
from archlint.layers.binding import Plan
from archlint.values import Choice, Shape, Tensor, Unknown

AxisSource: TypeAlias = Union[int, str, tuple[int, ...], None]
"""Where an output axis comes from: input axis i, a new axis of a role, a merge of input axes, or unknown."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A contract the call breaks for every value of the symbols in it.

    `kind`: `rank channels features empty count divide inferred merge dynamic axis order unpack broadcast matmul
    arguments state`.
    `arg` is the parameter that states the broken contract (for the caret), "" for the input itself.
    `want` and `got` are the numbers (sizes, ranks or shapes), `axis` the axis they are about.
    """

    kind: str
    arg: str
    text: str
    want: Any = None
    got: Any = None
    axis: int | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """The form the input must have: one size and one role per axis (`None`: any size, "": any role).

    An entry tensor whose shape is open takes this form from its first consumer.  Give it whenever the
    layer has a contract on its input: `Conv2d(3, …)` demands roles `batch channel space0 space1` and sizes
    `(None, 3, None, None)`.  `last_only` demands just the last axis, any rank (`Linear(784, …)`).
    """

    sizes: tuple[Size, ...]
    roles: tuple[str, ...]
    last_only: bool = False


@dataclass(frozen=True, slots=True)
class Slide:
    """How a window lies on one axis of space: `size` of the axis, what is padded `before` it, how many windows fit."""

    size: Size
    kernel: Size
    stride: Size
    dilation: Size
    before: Size
    count: Size


@dataclass(frozen=True, slots=True)
class Out:
    """What one application of a layer gives.

    shape: sizes of the output's axes; None for unknown rank, then `last` may hold the last axis.
    params, state: trainable and non-trainable numbers the layer itself owns.
    axes: where each output axis comes from (an axis whose size changed keeps its role); None: axes of equal
        size at equal place are kept; "reshape": a row-major re-grouping of the input's elements.
    window: (effective kernel, stride) per spatial axis, stride as a fraction `(1, s)` when it upsamples.
    slides: the windows of a convolution or pool, one for each axis of space, where the input's rank is known.
    sees_all: every output position depends on all input positions (global pool, attention over space).
    macs: multiply-accumulates per sample-and-batch, if the family can tell.
    dtype: None keeps the input's, "" says that it is not known.
    like_input: output has the shape of the (first) input, whatever that is, also while it is unknown.
    """

    shape: Shape = None
    params: Size = 0
    state: Size = 0
    axes: tuple[AxisSource, ...] | Literal["reshape"] | None = None
    window: tuple[tuple[Size, Any], ...] = ()
    slides: tuple[Slide, ...] = ()
    sees_all: bool = False
    macs: Size = None
    dtype: str | None = None
    last: Size = None
    like_input: bool = False
    faults: tuple[Fault, ...] = ()
    demand: Demand | None = None
    data: Any = None
    family: str = ""


@dataclass(slots=True)
class Spec:
    """A declared layer or function: its names, family, signature, and the function itself."""

    names: tuple[str, ...]
    family: str
    kind: Literal["layer", "function"]
    function: Callable[..., Any]
    call: tuple[str, ...]
    legacy: Callable[[list[Any], dict[str, Any]], tuple[list[Any], dict[str, Any]]] | None
    weights: bool
    _signature: inspect.Signature | None = field(default=None, init=False)
    _plan: Plan | None = field(default=None, init=False)
    _takes_tensor: frozenset[str] = field(default=frozenset(), init=False)

    @property
    def signature(self) -> inspect.Signature:
        """The constructor's signature (`layer`) or the call's (`function`); found out when first needed."""
        if self._signature is None:
            parameters = list(inspect.signature(self.function).parameters.values())
            self._takes_tensor = frozenset(p.name for p in parameters if p.annotation in ("Tensor", Tensor))
            self._signature = inspect.Signature(parameters[1:] if self.kind == "layer" else parameters)
        return self._signature

    @property
    def takes_tensor(self) -> frozenset[str]:
        """Parameters annotated `Tensor`."""
        return self._takes_tensor if self.signature is not None else frozenset()

    @property
    def plan(self) -> Plan:
        """The signature, taken apart for binding."""
        if self._plan is None:
            self._plan = binding.plan(self.signature)
        return self._plan

    @property
    def name(self) -> str:
        """The canonical qualified name."""
        return self.names[0]

    @property
    def doc(self) -> str:
        """One line on what the layer does."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments by parameter name, defaults filled in; TypeError as Python itself would raise it.

        A `**_` parameter's extra keywords are merged into the result under their own names.
        """
        return self.bind_call(args, kwargs)[0]

    def bind_call(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
        """`bind`, and the names of the parameters that the call itself states."""
        if self.legacy is not None:
            args, kwargs = self.legacy(list(args), dict(kwargs))
        if self.kind == "function" and kwargs and self.name.startswith("torch.") and ".nn." not in self.name:
            kwargs = _respelled(kwargs, self.plan.by_name)
        return binding.bind(self.plan, args, kwargs)

    def apply(self, x: Any, arguments: Mapping[str, Any]) -> Any:
        """Output of the layer on `x` (`layer`), or of the call (`function`, `x` is ignored).

        An `Out`, a nested tuple/list/dict of them, or a plain value for functions like `Tensor.size`.
        """
        if not self.takes_tensor.isdisjoint(arguments):
            arguments = {k: tensor(v) if k in self.takes_tensor else v for k, v in arguments.items()}
        args, kwargs = binding.unbind(self.plan, arguments)
        if self.kind == "layer":
            args.insert(0, self._input(x))
        return self.function(*args, **kwargs)

    def _input(self, x: Any) -> Any:
        """The layer's input: a parameter annotated `Tensor` gets one, of unknown rank for a value not known."""
        if not self.call:
            return tensor(x) if self.takes_tensor else x
        first = x.get(self.call[0]) if isinstance(x, Mapping) else None
        return {**x, self.call[0]: Tensor(None)} if isinstance(first, (Unknown, Choice)) else x


_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim", "split_size": "split_size_or_sections"}


def _respelled(kwargs: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """torch also takes numpy's names: `x.sum(axis=1, keepdims=True)`."""
    return {
        _NUMPY_NAMES[key] if key not in names and _NUMPY_NAMES.get(key) in names else key: value
        for key, value in kwargs.items()
    }


SPECS: dict[str, Spec] = {}


def _declare(spec: Spec) -> None:
    for name in spec.names:
        if name in SPECS:
            raise ValueError(f"{name} is declared twice")
        SPECS[name] = spec


def layer(
    *names: str,
    family: str,
    call: tuple[str, ...] = (),
    legacy: Callable[[list[Any], dict[str, Any]], tuple[list[Any], dict[str, Any]]] | None = None,
    weights: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a layer class: first parameter the input, the others the constructor's own.

    `call`: names of the call's parameters when there are several (`query, key, value, …`); then `x` is a
    dict of them, absent ones left out.  `legacy` rewrites the arguments of older framework versions.
    `weights`: the layer owns trainable numbers (conv, dense, recurrent, norm, embedding …).
    """

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        _declare(Spec(names, family, "layer", function, call, legacy, weights))
        return function

    return add


def function(
    *names: str,
    family: str,
    legacy: Callable[[list[Any], dict[str, Any]], tuple[list[Any], dict[str, Any]]] | None = None,
    weights: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function or a tensor method (`torch.Tensor.view`): its signature is the call's own."""

    def add(fn: Callable[..., Any]) -> Callable[..., Any]:
        _declare(Spec(names, family, "function", fn, (), legacy, weights))
        return fn

    return add

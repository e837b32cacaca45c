"""Slips in how modules are called: layers made anew by each call, calls that give nothing back or do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.slips import definitions as slips
from archlint.interp.torch import modules as torch_modules
from archlint.layers import find
from archlint.source import ir
from archlint.text import Span
from archlint.values import (
    Choice,
    Class,
    DictValue,
    External,
    Function,
    Layer,
    ListValue,
    Method,
    Module,
    Object,
    SetValue,
    Super,
)

_MARK = "__made_in_call__"


def made(ev: Evaluator, value: Layer | Object) -> None:
    """A layer or module was constructed; inside a forward, that is written on it."""
    if ev.owners:
        owner = next((o for o in reversed(ev.owners) if isinstance(o, Object) and o.cls is not None), None)
        if owner is not None:
            name = owner.cls.name if owner.cls is not None else owner.kind
            value.attrs[_MARK] = f"{name}.{'call' if owner.kind.startswith('keras.') else 'forward'}"


def next_call(made: Object) -> int:
    """The number of a module's next call; where two ways met that called it more and less often, after both."""
    known = made.attrs.get("__calls__", 0)
    counts = known.options if isinstance(known, Choice) else (known,)
    return 1 + max((n for n in counts if isinstance(n, int)), default=0)


def made_once(ev: Evaluator, since: int) -> None:
    """What `build` and the functions that it calls made, which Keras runs before the first call alone."""
    for layer in ev.session.layers[since:]:
        if _MARK in layer.attrs:
            ev.heap.touch(layer.attrs)
            del layer.attrs[_MARK]


def collect(ev: Evaluator, module: Module) -> None:
    """At the end of a session: which of the layers that were applied are made anew by each call, or stand twice."""
    _multiplied(ev)
    fresh = {v.ident: v for v in ev.session.layers if _MARK in v.attrs and "__modified__" not in v.attrs}
    if not fresh:
        return
    kept = [
        v for o in ev.session.objects if _MARK not in o.attrs for v in (*o.attrs.values(), *(o.items or {}).values())
    ]
    held = set(_held([*kept, *module.names.values()]))
    for node in ev.session.graph.nodes:
        layer = fresh.get(node.layer) if node.layer is not None else None
        if layer is None or held.intersection(_line(layer)) or node.out.params == 0:
            continue
        if node.out.params is None and node.family not in ("dense", "conv", "embedding", "recurrent"):
            continue  # a norm may have none
        slips.note(ev, "made in call", layer.span, str(layer.attrs[_MARK]), layer.spec.name, node.out.params)


def _line(layer: Layer) -> Iterator[int]:
    """The layer, and the modules around it."""
    value: Any = layer
    for _ in range(64):
        if value is None:
            return
        yield value.ident
        value = value.parent


def _held(values: Iterable[Any]) -> Iterator[int]:
    """Layers and modules in values, at any depth of containers."""
    todo, seen = list(values), set()
    while todo:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, (Layer, Object)):
            yield value.ident
        if isinstance(value, Object) and _MARK not in value.attrs:
            todo += [*value.attrs.values(), *(value.items or {}).values()]
        elif isinstance(value, (ListValue, SetValue)):
            todo += value.items or ()
        elif isinstance(value, DictValue):
            todo += (value.items or {}).values()
        elif isinstance(value, tuple):
            todo += value


def _multiplied(ev: Evaluator) -> None:
    """`[layer] * 5` whose places are used: in a container, or called one after the other."""
    for span, where, item, times in ev.session.multiplied:
        places = sum(child is item for o in ev.session.objects for child in (o.items or {}).values())
        inside = {v.ident for _, v in torch_modules.walk(item) if isinstance(v, Layer)}
        calls = [n for n in ev.session.graph.nodes if n.layer in inside]
        params = slips.total(item)
        if params is None:
            own = {n.layer: n.out.params for n in calls}
            known = [p for p in own.values() if isinstance(p, int)]
            params = sum(known) if known and len(known) == len(own) else None
        if params is not None and params != 0 and (places > 1 or len(calls) > len(inside)):
            slips.note(ev, "multiplied", span, "", where, item.span, times, params)


def called(ev: Evaluator, frame: Frame, callee: Any, arguments: Arguments) -> None:
    """A module or layer is called: do the arguments fit its forward?"""
    if arguments.guessed is not None or arguments.open or ev.branches:
        return
    if isinstance(callee, Object) and callee.kind in ("torch.nn.ModuleList", "torch.nn.ModuleDict"):
        written = functions.method(callee, "forward") or functions.method(callee, "__call__")
        if written is None and "forward" not in callee.attrs:
            slips.note(ev, "no forward", arguments.span, callee.kind, callee.span)
        return
    fits = _accepted(callee, arguments)
    if fits is not None:
        given = len(arguments.positional) + len(arguments.keywords)
        if given < fits[1] and _may_be_given_more(ev, frame):
            return
        slips.note(ev, "arity", arguments.span, fits[0], callee.span, *fits[1:], given)


def _may_be_given_more(ev: Evaluator, frame: Frame) -> bool:
    """Is it in a forward that nobody calls, without an input that it may be given?

    def forward(self, x, condition=None):
        x = self.norm(x) if condition is None else self.norm(x, condition)
    """
    params = frame.function.node.params if frame.function is not None else ()
    return ev.session.by_default and any(p.default is not None and frame.names.get(p.name, 0) is None for p in params)


_ONE_INPUT = frozenset(("dense", "conv", "activation", "dropout", "flatten", "norm"))


def _accepted(callee: Any, arguments: Arguments) -> tuple[Any, ...] | None:
    """What a module takes, where the arguments do not fit: its name, (the fewest, the most), the parameters' names."""
    given = len(arguments.positional) + len(arguments.keywords)
    if isinstance(callee, Layer):
        name = callee.spec.name
        if not name.startswith("torch.nn.") or callee.spec.family not in _ONE_INPUT or callee.spec.call:
            return None
        return None if given == 1 else (name.rpartition(".")[2], 1, 1, ("input",))
    if not isinstance(callee, Object) or not callee.kind.startswith("torch.nn.") or "forward" in callee.attrs:
        return None
    if callee.cls is None:
        fits = given == 1 or callee.kind != "torch.nn.Sequential"
        return None if fits else ("Sequential", 1, 1, ("input",))
    found = functions.method(callee, "forward")
    if found is None or functions.method(callee, "__call__") is not None or "__wrapped__" in found[0].attrs:
        return None
    node = found[0].node
    if not isinstance(node, ir.FunctionDef) or node.decorators or found[0].attrs.get("__kind__"):
        return None
    params = node.params[1:]
    if any(p.kind in ("star", "doublestar") for p in node.params) or not node.params:
        return None
    positional = [p for p in params if p.kind in ("posonly", "normal")]
    needed = [p.name for p in params if p.default is None]
    taken = {p.name for p in positional[: len(arguments.positional)]} | set(arguments.keywords)
    wrong = len(arguments.positional) > len(positional) or not set(arguments.keywords) <= {p.name for p in params}
    if not wrong and set(needed) <= taken:
        return None
    return callee.cls.name, len(needed), len(params), tuple(p.name for p in params)


def forward(ev: Evaluator, frame: Frame, node: ir.Call, callee: Any) -> None:
    """`self.block.forward(x)`: a call that goes round what `self.block(x)` does."""
    func = node.func
    if not isinstance(func, ir.Attr) or func.attr != "forward" or not isinstance(callee, Method):
        return
    receiver, own = callee.receiver, isinstance(func.value, ir.Name) and slips.is_self(frame, callee.receiver)
    name = callee.function.name if isinstance(callee.function, Function) else callee.function
    if own or isinstance(receiver, Super) or isinstance(func.value, ir.Call):
        return
    kind = receiver.spec.name if isinstance(receiver, Layer) else getattr(receiver, "kind", "")
    if not kind.startswith("torch.nn.") or name not in ("forward", "module.forward"):
        return
    slips.note(ev, "forward called", frame.span(func), "", frame.chunk.span(func.value.end, func.end))


def children(ev: Evaluator, kind: str, arguments: Arguments) -> None:
    """`nn.Sequential(…)`, `nn.ModuleList(…)`: is something among the children that is no module?"""
    if ev.branches or arguments.open or kind not in ("torch.nn.Sequential", "torch.nn.ModuleList", "keras.Sequential"):
        return
    placed = list(zip(arguments.positional, arguments.positional_spans))
    if kind == "keras.Sequential":
        if len(placed) > 1 and all(isinstance(v, (Layer, Object)) for v, _ in placed):
            whole = Span(arguments.span.path, placed[0][1].start, placed[-1][1].end)
            slips.note(ev, "not a module", whole, "layers", arguments.span, kind, len(placed))
        return
    if kind == "torch.nn.ModuleList":
        placed = [(v, s) for value, s in placed for v in (value.items or () if isinstance(value, ListValue) else ())]
    for value, where in placed:
        what = _no_module(value)
        if what and not (len(placed) == 1 and isinstance(value, DictValue)):
            slips.note(ev, "not a module", where, what, arguments.span, kind, len(placed), getattr(value, "name", ""))


def added(ev: Evaluator, layer: Any, arguments: Arguments) -> None:
    """`model.add(Flatten)`: the class, where Keras takes a layer that is made."""
    if ev.branches or not isinstance(layer, External) or not layer.name.startswith("keras.layers."):
        return
    spec = find(layer.name)
    if spec is not None and spec.kind == "layer" and arguments.positional_spans:
        where = arguments.positional_spans[0]
        slips.note(ev, "not a module", where, "class", arguments.span, "keras.Sequential", 1, layer.name)


def _no_module(value: Any) -> str:
    """What a child is that torch refuses: `list`, `class`, `function`, `string`; else ""."""
    if isinstance(value, (ListValue, tuple)):
        return "list"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Class):
        return "class" if functions.kind_of(value).startswith("torch.nn.") else ""
    if isinstance(value, External):
        spec = find(value.name)
        if spec is None or not value.name.startswith("torch."):
            return ""
        last = value.name.rpartition(".")[2]
        if last[:1].isupper():
            return "class" if spec.kind == "layer" else ""
        return "function" if spec.kind == "function" else ""
    return "function" if isinstance(value, Function) else ""

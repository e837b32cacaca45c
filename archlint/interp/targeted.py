"""One entry point alone, with given arguments, and what every expression in it gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archlint.interp import entry
from archlint.interp.evaluator import Evaluator, Resolver
from archlint.interp.python import functions, imports
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tf import scopes as tf_scopes
from archlint.interp.trace import Trace, Visited, settled
from archlint.model import Model
from archlint.source.index import Index, build
from archlint.source.model import Source
from archlint.text import Span
from archlint.values import Class, DictValue, Function, ListValue, Module, SetValue, Shape, Tensor, Unknown


class Placeholder:
    """Stands for a tensor among the arguments; the evaluator makes an entry tensor of it, as of any unknown one."""


@dataclass(slots=True)
class Traced:
    """What the entry point gave.  entries: (name, shape) of its entry tensors in order.  files: what was read."""

    models: list[Model] = field(default_factory=list)
    visits: list[Visited] = field(default_factory=list)
    entries: list[tuple[str, Shape]] = field(default_factory=list)
    stops: list[Unknown] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


def traced(
    source: Source,
    resolver: Resolver,
    stated: entry.Directives,
    name: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    arg_scope: str = "",
    index: Index | None = None,
    visits: bool = True,
) -> Traced:
    """Evaluate `name(*args, **kwargs)` of a file and call what it makes; "" is the module itself.

    arg_scope: the function of the file that makes the scope to be in, as in `with slim.arg_scope(vgg_arg_scope()):`.
    visits: also write down what every expression gave.
    Arguments are Python literals or `Placeholder()`.  A name that the file does not define gives no models.
    """
    ev = Evaluator(resolver, main_path=source.path, keras=stated.keras)
    module = Module("__main__", source.path, {"__name__": "__main__"}, state="running")
    ev.modules[source.path] = module
    analysis, found = entry.Analysis(), Traced()
    work = entry.Work(ev, module, source, stated, analysis)
    if not name:
        ev.trace = Trace() if visits else None
        work.module_level(lambda: _finish(ev, found))
    else:
        with ev.new_session():
            imports.run(ev, module, source)
        definition = _definition(ev, module, index or build(source), name)
        if definition is not None:
            ev.trace = Trace() if visits else None

            def arguments(made: Function | Class, span: Span) -> Arguments:
                _enter(ev, module, arg_scope, span)
                return bound(made, span, args, kwargs or {})

            work.definition(definition, arguments, lambda: _finish(ev, found))
    found.models, found.stops, found.internal_errors = analysis.models, analysis.stops, ev.internal_errors
    found.files = {path for path, loaded in ev.modules.items() if loaded.state != "new"}
    return found


def _definition(ev: Evaluator, module: Module, index: Index, name: str) -> Function | Class | None:
    """The function or class that a name of the module means, also by another name (`Net = _Net`)."""
    own: list[Function | Class] = [d for d in ev.definitions if d.module is module and d.name == name]
    if own:
        return own[-1]  # a later definition of the same name replaces an earlier one
    value = module.names.get(name)
    return value if isinstance(value, (Function, Class)) else None


def bound(definition: Function | Class, span: Span, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Arguments:
    """The literals as values of the evaluator.  A tensor is left out: a parameter that nothing gives is taken for one
    where a layer takes it."""
    function = definition if isinstance(definition, Function) else _constructor(definition)
    positional: list[Any] = []
    keywords = {key: of_literal(value) for key, value in kwargs.items() if not isinstance(value, Placeholder)}
    params = [p for p in function.node.params if p.kind in ("posonly", "normal")] if function is not None else []
    names = [p.name for p in params][int(isinstance(definition, Class)) :]
    if any(isinstance(value, Placeholder) for value in args):
        keywords |= {n: of_literal(v) for n, v in zip(names, args) if not isinstance(v, Placeholder)}
    else:
        positional = [of_literal(value) for value in args]
    return Arguments(positional, keywords, span, guessed=True)


def refused(definition: Function | Class, names: Iterable[str]) -> list[str]:
    """The names that are no parameters of a function or constructor; none where it takes any, or is not known."""
    function = definition if isinstance(definition, Function) else _constructor(definition)
    params = function.node.params if function is not None else []
    if not params or any(p.kind == "doublestar" for p in params):
        return []
    return [name for name in names if all(p.name != name for p in params)]


def _enter(ev: Evaluator, module: Module, name: str, span: Span) -> None:
    """Be in the scope that a function makes, until the session ends."""
    maker = functions.global_name(ev, module, name) if name else None
    if isinstance(maker, Function):
        scope = functions.invoke(ev, maker, Arguments([], {}, span))
        tf_scopes.enter(ev, Frame(module, maker.chunk, module.names), scope)


def _constructor(cls: Class) -> Function | None:
    found = functions.class_attribute(cls, "__init__")
    return found[0] if found is not None and isinstance(found[0], Function) else None


def of_literal(value: Any) -> Any:
    """A Python literal as the evaluator holds it."""
    match value:
        case list():
            return ListValue([of_literal(item) for item in value])
        case tuple():
            return tuple(of_literal(item) for item in value)
        case dict():
            return DictValue({key: of_literal(item) for key, item in value.items()})
        case set():
            return SetValue([of_literal(item) for item in value])
    return value


def _finish(ev: Evaluator, found: Traced) -> None:
    """While the session is still there: give open entry tensors the shapes that later layers settled."""

    def refresh(tensor: Any) -> Any:
        fresh = ev.refresh(tensor)
        node = ev.node(tensor.node)
        if fresh.shape is None and node is not None and tensor.slot < len(node.outputs):
            return node.outputs[tensor.slot]
        return fresh

    for visit in ev.trace.visits if ev.trace is not None else ():
        node = ev.node(visit.value.node) if isinstance(visit.value, Tensor) else None
        visit.op = node.op if node is not None else ""
        visit.value = settled(visit.value, refresh)
    found.visits = ev.trace.visits if ev.trace is not None else []
    found.entries = [(one.name, one.shape) for one in ev.session.entries]
    ev.trace = None

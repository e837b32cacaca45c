"""Entry points of a file: module level, functions that nothing calls, classes that nothing builds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Any

from archlint.dims import Size
from archlint.interp import first_call, uncalled
from archlint.interp.budget import BudgetExceeded, Interrupted, collecting_seldom
from archlint.interp.evaluator import Evaluator, Resolver
from archlint.interp.extraction import models as extract
from archlint.interp.keras import applications as keras_applications
from archlint.interp.keras import models as keras_models
from archlint.interp.python import alike, construct, functions, imports, receivers
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame, UserRaise
from archlint.interp.reuse import shared
from archlint.interp.reuse.entry_points import Kept, take
from archlint.interp.reuse.memory import Memory, forget
from archlint.interp.reuse.module_level import Ground, begun, resumed, settle
from archlint.interp.slips import calls as slips_in_calls
from archlint.interp.tensors import late_forms
from archlint.interp.torch import modules as torch_modules
from archlint.interp.torch import taken_apart, training_steps
from archlint.model import Model, Slip
from archlint.source import ir
from archlint.source.index import Index
from archlint.source.model import Chunk, Source
from archlint.text import Span
from archlint.values import Class, Function, ListValue, Module, Object, Reason, Tensor, Unknown

Shapes = dict[str, tuple[Size, ...]]
"""Shapes of entry tensors by `Net`, `Net.x` or ""."""


@dataclass(slots=True)
class Analysis:
    """What one file gave: its models, every library name it reads, errors of our own."""

    models: list[Model] = field(default_factory=list)
    library_reads: list[tuple[str, Span]] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    guards: list[Span] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)
    stops: list[Unknown] = field(default_factory=list)
    seconds: list[tuple[str, float]] = field(default_factory=list)
    """Processor time of each entry point: of the file's own statements first."""


@dataclass(slots=True)
class Directives:
    """Input shapes that the source states: (first line, last line it may apply to, name or "", shape).

    options, configured: shapes of the command line, which goes before comments, and of the configuration, behind them.
    arguments: by the name of a definition, literals to call it with.  complaints: what it does not take.
    """

    stated: list[tuple[int, str, tuple[Size, ...]]]
    options: Shapes
    configured: Shapes = field(default_factory=dict)
    arguments: Mapping[str, tuple[Sequence[Any], Mapping[str, Any]]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    keras: int = 0
    """The major version that the code is for; 0: what it tells by itself."""

    def wanted(self, name: str, lines: tuple[int, int]) -> dict[str, tuple[tuple[Size, ...], str]]:
        """Shapes for a model called `name` that stands on these lines, by parameter name."""
        found: dict[str, tuple[tuple[Size, ...], str]] = {}
        for key, shape in self.configured.items():
            owner, _, parameter = key.partition(".")
            if owner == name:
                found[parameter] = (shape, "configuration")
        for line, parameter, shape in self.stated:
            if lines[0] - 1 <= line <= lines[1]:
                found[parameter] = (shape, "directive")
        for key, shape in self.options.items():
            owner, _, parameter = key.partition(".")
            if owner in ("", name):
                found[parameter] = (shape, "command line")
        return found

    def given(self, definition: Function | Class, span: Span) -> Arguments:
        """What an entry point is called with: as configured, else nothing."""
        if definition.name not in self.arguments:
            return no_arguments(definition, span)
        from archlint.interp.targeted import bound, refused

        args, kwargs = self.arguments[definition.name]
        if refused(definition, kwargs):
            taken = ", ".join(f"`{name}`" for name in refused(definition, kwargs))
            self.complaints.append(f"{definition.name} is configured with {taken}, which it does not take")
        return bound(definition, span, args, kwargs)


@collecting_seldom()
def analyse(
    source: Source,
    index: Index,
    resolver: Resolver,
    stated: Directives,
    reuse: bool = True,
    only: str = "",
    kept: Kept | None = None,
) -> Analysis:
    """Every model of a file; without `reuse`, each call is evaluated, whatever was evaluated before.

    only: the model that is asked for; where a definition of that name makes it, the others are left out.
    kept: what the file's entry points gave when it was analysed before; these are evaluated only if they changed.
    Interrupted where `kept` says that a newer text has come.
    """
    found = Analysis()
    ground = None if kept is None else resumed(kept, source, stated.stated, resolver)
    if ground is None:
        work, ground = _begun(source, resolver, stated, reuse, found, kept)
    else:
        work = Work(ground.ev, ground.module, source, stated, found)
        work.ev.budget.unwanted = kept.unwanted if kept is not None else None
        ground.give(found)
    ev, module = work.ev, work.module
    definitions = list(_in_order(ev, module, index))
    meant = [d for d in definitions if d.name == only]
    try:
        for definition in meant or definitions:
            if id(definition.node) not in ev.reached or definition.name in stated.arguments:
                evaluate = partial(work.definition, definition, stated.given)
                if kept is None or ground is None:
                    evaluate()
                else:
                    take(ev, kept, ground.reading, definition, found, evaluate)
    except Interrupted:
        if kept is not None and ground is not None:
            settle(kept, source, ground)
        raise
    if kept is not None and ground is not None:
        settle(kept, source, ground)
    found.library_reads = list(ev.library_reads)
    found.slips = [slip for slip in ev.slips if slip.span.path == source.path]
    found.guards = list(ev.guards)
    found.internal_errors = ev.internal_errors
    return found


def _begun(
    source: Source, resolver: Resolver, stated: Directives, reuse: bool, found: Analysis, kept: Kept | None
) -> tuple[Work, Ground | None]:
    """The file's statements have run; with `kept`, how things stand behind them."""
    ev = Evaluator(resolver, main_path=source.path, memory=Memory(enabled=reuse), keras=stated.keras)
    module = Module("__main__", source.path, {"__name__": "__main__"}, state="running")
    ev.modules[source.path] = module
    work = Work(ev, module, source, stated, found)
    if kept is None:
        work.module_level()
        return work, None
    ev.budget.unwanted = kept.unwanted
    ground = begun(ev, module, kept, source, stated.stated)
    work.module_level(ran=ground.ran)
    ground.stand(kept, found)
    return work, ground


def _in_order(ev: Evaluator, module: Module, index: Index) -> Iterator[Function | Class]:
    """Own functions and classes: those that no other definition mentions first, then functions, then classes."""
    own: list[Function | Class] = [d for d in ev.definitions if d.module is module]
    mentioned = set().union(*(names for name, names in index.references.items() if name)) if index.references else set()
    yield from (d for d in own if d.name not in mentioned)
    yield from (d for d in own if d.name in mentioned and isinstance(d, Function))
    yield from (d for d in own if d.name in mentioned and isinstance(d, Class))


def no_arguments(definition: Function | Class, span: Span) -> Arguments:
    """An entry point is called with nothing: defaults, and symbols for the rest."""
    return Arguments([], {}, span, guessed=True)


def nothing() -> None:
    """Nothing more to do before the session ends."""


@dataclass(slots=True)
class Work:
    """The evaluation of one file's entry points, each in a session of its own."""

    ev: Evaluator
    module: Module
    source: Source
    directives: Directives
    found: Analysis

    def module_level(self, finish: Callable[[], None] = nothing, ran: Callable[[Chunk], None] | None = None) -> None:
        """Run the file; what it builds and does not call is called.  `ran` is told of each statement."""
        with self.ev.new_session() as session:
            self.ev.wanted = self.directives.wanted("", (0, 0)) if not self.directives.stated else {}
            imports.run(self.ev, self.module, self.source, ran)
            self._collect(_stem(self.source.path), "module level", Span(self.source.path, 0, 0))
            self.found.stops += session.stops
            self.found.seconds.append((_stem(self.source.path), self.ev.budget.spent()))
            uncalled.to_be_seen(self.ev, set(), session.objects)
            finish()

    def definition(
        self,
        value: Function | Class,
        arguments: Callable[[Function | Class, Span], Arguments] = no_arguments,
        finish: Callable[[], None] = nothing,
    ) -> None:
        """Evaluate one definition as an entry point of its own; `finish` while its session still stands."""
        span = value.chunk.span(value.node.start, value.node.end)
        if isinstance(value, Class):
            kind = functions.kind_of(value)
            if not kind.startswith(("torch.nn.", "keras.")) or kind.startswith("torch.nn.init"):
                return
        shared.scan(self.ev)
        before = set(self.ev.reached)
        with self.ev.new_session() as session, self.ev.heap.apart():
            given = arguments(value, span)
            session.by_default = not given.positional and not given.keywords
            if isinstance(value, Function):
                self.ev.wanted = self.directives.wanted(value.name, self._lines(span))
                result = self._guard(lambda: self._function(value, given))
                session.built = session.complete
                self._collect(value.name, "function", span, result)
            else:
                self._guard(lambda: self._class(value, given))
                session.built = session.complete
                self._collect(value.name, "class", span)
            self.found.stops += session.stops
            self.found.seconds.append((value.name, self.ev.budget.spent()))
            uncalled.to_be_seen(self.ev, before, session.objects)
            finish()
        forget(self.ev.memory)

    def _lines(self, span: Span) -> tuple[int, int]:
        lines = self.source.lines
        return lines.line_of(span.start), lines.line_of(max(span.start, span.end - 1))

    def _guard(self, run: Callable[[], Any]) -> Any:
        """Run an entry point; whatever stops it is a reason, and what was understood before stands."""
        session = self.ev.session
        try:
            return run()
        except UserRaise as raised:
            session.stops.append(Unknown(Reason.DATA, str(raised)))
        except BudgetExceeded as spent:
            session.stops.append(Unknown(Reason.BUDGET, str(spent)))
        except RecursionError:
            session.stops.append(Unknown(Reason.BUDGET, "the model recurses too deeply"))
        session.complete = False
        return None

    def _frame(self, chunk: Chunk) -> Frame:
        return Frame(self.module, chunk, self.module.names)

    def _function(self, function: Function, arguments: Arguments) -> Any:
        if function.attrs.get("__kind__"):
            return None
        ev = self.ev
        ev.reached.add(id(function.node))
        if any(name.endswith("arg_scope") and name != "arg_scope" for name in self.module.names):
            ev.scope_known = False  # `with arg_scope(resnet_arg_scope()): net(…)` may stand in another file
        arguments = keras_applications.with_submodules(ev, self.source, function, arguments)
        return functions.invoke(ev, function, arguments)

    def _class(self, cls: Class, arguments: Arguments) -> Any:
        ev = self.ev
        made = construct.instance(ev, self._frame(cls.chunk), cls, arguments)
        if isinstance(made, Object):
            made.attrs["__entry__"] = True
        return made

    def _collect(self, name: str, entry: str, span: Span, result: Any = None) -> None:
        """Run what was built but not called, then take the models out of the session's graph."""
        ev, session = self.ev, self.ev.session
        wanted = dict(ev.wanted)
        roots = [made for made in session.objects if self._is_root(made)]
        named = [result] if entry == "function" else list(self.module.names.values())
        if any(made is value for made in roots for value in named):
            roots = [made for made in roots if any(made is value for value in named)]
        else:  # a bare Sequential that nobody names may be a list of layers that are called one by one
            roots = [made for made in roots if made.cls is not None and taken_apart.is_whole(made, roots)]
        session.roots = roots
        for made in roots:
            if not made.attrs.get("__called__"):
                ev.wanted = dict(wanted) or self._wanted(made, name)
                self._guard(lambda made=made: self._forward(made))  # type: ignore[misc]
            training_steps.run(ev, made)
        slips_in_calls.collect(ev, self.module)
        self.found.models += extract.models(ev, self.module, self.source, name, entry, span)

    def _wanted(self, made: Object, name: str) -> dict[str, tuple[tuple[Size, ...], str]]:
        """Shapes stated where the object is made, or in its class."""
        found: dict[str, tuple[tuple[Size, ...], str]] = {}
        if made.span.path == self.source.path:
            found.update(
                self.directives.wanted(made.cls.name if made.cls is not None else name, self._lines(made.span))
            )
        if made.cls is not None and made.cls.chunk.path == self.source.path:
            base, node = made.cls.chunk.base, made.cls.node
            span = Span(self.source.path, base + node.start, base + node.end)
            found.update(self.directives.wanted(node.name, self._lines(span)))
        return found

    def _is_root(self, made: Object) -> bool:
        if made.parent is not None or not made.kind:
            return False
        if made.kind in ("torch.nn.ModuleList", "torch.nn.ModuleDict", "torch.nn.ParameterList"):
            return False
        if made.kind.startswith("torch.nn."):
            return made.cls is not None or made.kind == "torch.nn.Sequential"
        if made.kind == "keras.Sequential":
            return "__output__" not in made.attrs
        return (
            made.kind in ("keras.Model", "keras.layers.Layer")
            and made.cls is not None
            and "__outputs__" not in made.attrs
        )

    def _forward(self, made: Object) -> None:
        """Run a module's forward on entry tensors."""
        self.ev.frameworks.add("keras" if made.kind.startswith("keras.") else "torch")  # `from .imports import *`
        frame = self._frame(self.source.chunks[0] if self.source.chunks else Chunk(self.source.path, 0, "", []))
        method = functions.method(made, "call" if made.kind.startswith("keras.") else "forward")
        module = keras_models if made.kind.startswith("keras.") else torch_modules

        def called(given: list[ir.Param], formed: bool) -> Any:
            arguments = Arguments([], {}, made.span, guessed=True)
            if method is None:
                framework = "keras" if made.kind.startswith("keras.") else "torch"
                arguments.positional.append(self.ev.new_entry("input", made.span, framework))
            else:
                function = functions.unwrapped(method[0])
                needed = self._needed(function)
                arguments.positional.extend(self._entry(function, p, formed) for p in needed)
                arguments.keywords |= {p.name: self._entry(function, p, formed) for p in given}
            return module.call(self.ev, frame, made, arguments)

        def run(given: list[ir.Param]) -> Any:
            if method is None:
                return called(given, False)
            function = functions.unwrapped(method[0])
            if any(first_call.is_formed(function, p) for p in (*self._needed(function), *given)):
                return first_call.by_convention(self.ev, made, partial(called, given))
            return called(given, False)

        optional = first_call.optional_tensors(functions.unwrapped(method[0])) if method is not None else []
        calls = [partial(run, given) for given in first_call.choices(optional)] if optional else [partial(run, [])]
        tries = late_forms.tries(self.ev, made, calls[0]) if len(calls) == 1 else calls
        made.attrs["__result__"] = first_call.attempts(self.ev, made, tries)

    def _needed(self, function: Function) -> list[ir.Param]:
        """The parameters of a forward that have no default."""
        params = receivers.params(function)
        return list(takewhile(lambda p: p.kind in ("posonly", "normal") and p.default is None, params))

    def _entry(self, function: Function, param: ir.Param, formed: bool) -> Tensor | ListValue | Unknown:
        """What a parameter is given; `formed`: of the form that convention says."""
        span = function.chunk.span(param.start, param.start + len(param.name))
        top = functions.kind_of(function.owner).partition(".")[0] if function.owner is not None else ""
        framework = top if top in ("torch", "keras") else "torch" if "torch" in self.ev.frameworks else "keras"
        head = param.annotation
        text = head.id if isinstance(head, ir.Name) else head.attr if isinstance(head, ir.Attr) else ""
        if framework == "torch" and _is_list_of_tensors(head):
            return alike.listed(self.ev, Unknown(Reason.ARGUMENT, param.name, span), Tensor(None))
        if isinstance(head, ir.Subscript) or text in ("int", "bool", "str", "float", "dict", "list", "Dict", "List"):
            return Unknown(Reason.ARGUMENT, param.name, span)
        made = self.ev.new_entry(param.name, span, framework)
        return first_call.give_form(self.ev, function, param, made) if formed else made


def _is_list_of_tensors(annotation: ir.Expr | None) -> bool:
    """`images: list[Tensor]`."""

    def last(node: ir.Expr) -> str:
        return node.id if isinstance(node, ir.Name) else node.attr if isinstance(node, ir.Attr) else ""

    if not isinstance(annotation, ir.Subscript):
        return False
    return last(annotation.value) in ("list", "List", "Sequence") and last(annotation.index) == "Tensor"


def _stem(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".py").removesuffix(".ipynb")

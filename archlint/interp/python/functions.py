"""Names, functions and classes of the user's program: look-up, definition, call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.interp import entry_parameters
from archlint.interp.budget import MAX_DEPTH
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import builtin_functions as python_builtins
from archlint.interp.python import (
    call,
    class_making,
    decorators,
    expr,
    generators,
    imports,
    rebound,
    star_imports,
    stmt,
)
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import DEAD, RETURN, Frame, UserRaise
from archlint.interp.python.join import join
from archlint.interp.slips import returns as slips_in_returns
from archlint.interp.tensors import shape_annotations
from archlint.layers import canonical
from archlint.layers.torch.module_attributes import MODULE_ATTRIBUTES
from archlint.source import ir
from archlint.values import (
    Builtin,
    Choice,
    Class,
    DictValue,
    External,
    Function,
    ListValue,
    Method,
    Module,
    Object,
    Reason,
    SetValue,
    Unknown,
)

_TRANSPARENT_KINDS = {"staticmethod", "classmethod", "property", "contextmanager", "cached_property"}


def look_up(ev: Evaluator, frame: Frame, name: str) -> Any:
    """A name as Python finds it: local, enclosing, global, star imports, built-in."""
    scope: Frame | None = frame
    while scope is not None:
        if name in scope.names and (scope is frame or not scope.is_class):
            value = scope.names[name]
            if scope.unread is not None:
                scope.unread.discard(name)
            if isinstance(value, (imports.Lazy, imports.Waiting, rebound.Rebound)):
                value = scope.names[name] = imports.resolved(ev, value)
            return value
        scope = scope.parent
    return global_name(ev, frame.module, name)


ABSENT = object()


def global_name(ev: Evaluator, module: Module, name: str) -> Any:
    """A global of a module, or what its star imports may give, or a built-in."""
    found = own_name(ev, module, name)
    if found is ABSENT:
        builtin = python_builtins.find(name)
        found = star_imports.found(ev, module, name, builtin is None, set()) if module.stars else ABSENT
        if found is ABSENT:
            return Unknown(Reason.NAME, name) if builtin is None else builtin
    return found


def own_name(ev: Evaluator, module: Module, name: str) -> Any:
    """What a module itself binds, or ABSENT."""
    value = module.names.get(name, ABSENT)
    if isinstance(value, (imports.Lazy, imports.Waiting, rebound.Rebound)):
        value = module.names[name] = imports.resolved(ev, value)
    return value


def owner_of(frame: Frame, name: str) -> dict[str, Any]:
    """The names among which an assignment in this frame binds `name`."""
    kind = frame.outer_names.get(name)
    if kind == "global":
        return frame.module.names
    if kind == "nonlocal":
        scope = frame.parent
        while scope is not None:
            if name in scope.names and not scope.is_class:
                return scope.names
            scope = scope.parent
    return frame.names


def define(ev: Evaluator, frame: Frame, node: ir.FunctionDef | ir.Lambda) -> Function:
    """A function value with its defaults evaluated now, as Python does."""
    defaults = {p.name: expr.evaluate(ev, frame, p.default) for p in node.params if p.default is not None}
    return Function(node, frame.chunk, frame.module, frame, defaults)


def define_class(ev: Evaluator, frame: Frame, node: ir.ClassDef) -> Class:
    """A class value: bases, attributes from running its body, method resolution order."""
    bases = tuple(expr.evaluate(ev, frame, b.value) for b in node.bases if b.keyword is None and not b.star)
    names: dict[str, Any] = {}
    inner = Frame(frame.module, frame.chunk, names, frame, is_class=True)
    made = Class(node, frame.chunk, frame.module, bases, names)
    stmt.block(ev, inner, node.body)
    made.mro = linearise(made)
    for value in names.values():
        if isinstance(value, Function) and value.owner is None:
            value.owner = made
            if isinstance(setter := value.attrs.get("__setter__"), Function):
                setter.owner = made
    class_making.announce(ev, frame, made, _class_keywords(ev, frame, node))
    return made


def _class_keywords(ev: Evaluator, frame: Frame, node: ir.ClassDef) -> dict[str, Any]:
    given = {b.keyword: b.value for b in node.bases if b.keyword is not None and b.keyword != "metaclass"}
    return {name: expr.evaluate(ev, frame, value) for name, value in given.items()}


def linearise(cls: Class) -> tuple[Any, ...]:
    """C3 order; bases that are not project classes stand for themselves."""
    sequences = [list(b.mro) if isinstance(b, Class) else [b] for b in cls.bases]
    sequences.append(list(cls.bases))
    order: list[Any] = [cls]
    while any(sequences):
        sequences = [s for s in sequences if s]
        for sequence in sequences:
            head = sequence[0]
            if not any(_among(head, s[1:]) for s in sequences):
                break
        else:
            head = sequences[0][0]
        order.append(head)
        sequences = [[c for c in s if not _same_class(c, head)] for s in sequences]
    return tuple(order)


def _same_class(a: Any, b: Any) -> bool:
    return a is b or (isinstance(a, External) and a == b)


def _among(value: Any, sequence: list[Any]) -> bool:
    return any(_same_class(value, other) for other in sequence)


def kind_of(cls: Class) -> str:
    """Qualified name of the first framework class in the order, or "" for a plain class."""
    for base in cls.mro:
        if isinstance(base, External):
            return canonical(base.name)
    return "?" if any(isinstance(b, (Unknown, Choice)) for b in cls.mro) else ""


def class_attribute(cls: Class, name: str, after: Class | None = None) -> tuple[Any, Any] | None:
    """(value, class) of an attribute in method resolution order, starting behind `after` if given."""
    order = cls.mro
    if after is not None:
        order = order[next((i for i, c in enumerate(order) if c is after), -1) + 1 :]
    module: External | None = None
    for base in order:
        if isinstance(base, Class):
            if name in base.attrs:
                return base.attrs[name], base
        elif isinstance(base, External) and base.name == "torch.nn.Module" and name not in MODULE_ATTRIBUTES:
            module = base  # `class Net(nn.Module, Mixin)`: a method of the mixin
        elif isinstance(base, External):
            return base, base
        elif module is not None:
            break
    return None if module is None else (module, module)


def decorate(ev: Evaluator, frame: Frame, node: ir.FunctionDef | ir.ClassDef, made: Function | Class) -> Any:
    """Decorators that change what a name means; any other is left alone."""
    value: Any = made
    for decorator in reversed(node.decorators):
        head = expr.evaluate(ev, frame, decorator.func if isinstance(decorator, ir.Call) else decorator)
        name = head.name if isinstance(head, (External, Builtin)) else ""
        short = name.rpartition(".")[2]
        if isinstance(decorator, ir.Attr) and decorator.attr in ("setter", "deleter"):
            return _with_setter(look_up(ev, frame, node.name), made, decorator.attr)
        if isinstance(made, Function) and short in _TRANSPARENT_KINDS:
            made.attrs["__kind__"] = "property" if short == "cached_property" else short
        elif isinstance(made, Function) and short == "wraps" and isinstance(decorator, ir.Call) and decorator.args:
            made.attrs["__wrapped__"] = expr.evaluate(ev, frame, decorator.args[0].value)
        elif isinstance(made, Function) and short == "add_arg_scope":
            made.attrs["__arg_scope__"] = True
        elif isinstance(made, Function) and short == "custom_gradient":
            value = call.call(ev, frame, head, Arguments([value], {}, frame.span(decorator)))
        elif isinstance(made, Class) and short == "dataclass":
            made.attrs["__dataclass__"] = True
        elif short == "as_validated_field":
            value = class_making.validated_field(ev, frame, Arguments([made], {}, frame.span(decorator)))
        elif isinstance(head, Class) and class_making.is_descriptor(head):
            value = Object(head, kind_of(head), {"fget": made}, ev.serial(), frame.span(decorator))
        elif isinstance(head, Function) and decorators.only_describes(ev, head, decorator):
            continue
        elif isinstance(head, (Function, Method)):
            value = _wrapped(ev, frame, decorator, head, value)
    return value


def _with_setter(getter: Any, made: Function | Class, kind: str) -> Any:
    """`@depth.setter`: the property as it was, knowing what an assignment runs; its owner is set with the class."""
    if isinstance(getter, Function) and isinstance(made, Function) and kind == "setter":
        copy = replace(getter, attrs={**getter.attrs, "__setter__": made})
        return copy
    return getter


def _wrapped(ev: Evaluator, frame: Frame, decorator: ir.Expr, head: Any, value: Any) -> Any:
    """A decorator of the project's own, applied; where its result is not known, it is left alone.

    `@layer` may feed its function another input than the call states, so it cannot be ignored.
    """
    try:
        if isinstance(decorator, ir.Call):
            head = expr.evaluate(ev, frame, decorator)
        found = call.call(ev, frame, head, Arguments([value], {}, frame.span(decorator)))
    except UserRaise:
        return value
    return found if isinstance(found, (Function, Class, Method, Builtin)) else value


def invoke(
    ev: Evaluator, function: Function, arguments: Arguments, receiver: Any = None, unread: set[str] | None = None
) -> Any:
    """Call a user's function: bind the parameters, run the body, join what its paths return.

    unread: parameters, of which those are taken out that the body looks at.
    """
    if len(ev.calls) >= MAX_DEPTH:
        why = Unknown(Reason.BUDGET, f"{function.name} calls itself for ever, or too deeply", arguments.span)
        ev.session.stops.append(why)
        return why
    if _leads_nowhere(ev, function, arguments):
        return Unknown(Reason.LOOP, f"{function.name} calls itself on what is not known", arguments.span)
    names = ev.heap.born(bind_parameters(ev, function, arguments))
    lacks = _lacks(function, arguments, names)
    ev.reached.add(id(function.node))
    frame = Frame(function.module, function.chunk, names, function.closure, function, function.owner, receiver)
    frame.unread = unread
    noted = shape_annotations.given(ev, frame, function.node)
    ev.calls.append(arguments.span)
    ev.running.append(id(function.node))
    depth, first = len(ev.branches), ev.next_node()
    frame.entered = depth
    try:
        if isinstance(function.node, ir.Lambda):
            return expr.evaluate(ev, frame, function.node.body)
        signal = stmt.block(ev, frame, function.node.body)
    except UserRaise:
        if not frame.pending:
            raise
        signal = DEAD  # it raises on one path, but another has returned before
    finally:
        ev.calls.pop()
        ev.running.pop()
        del ev.branches[depth:]
    if isinstance(function.node, ir.FunctionDef) and function.node.generator:
        return generators.made(frame)
    results = list(frame.pending)
    if signal == RETURN:
        results.append(frame.result)
    elif signal is None:
        results.append(None)
    if not results:
        raise UserRaise("no path returns")
    if results[0] is None and receiver is not None and len(results) == 1:
        slips_in_returns.returned(ev, frame, first)
    value = results[0] if len(results) == 1 else join(ev, results)
    if noted:
        shape_annotations.returned(ev, frame, function.node, value, noted)
    return Unknown(Reason.ARGUMENT, function.name, arguments.span) if lacks else value


def _lacks(function: Function, arguments: Arguments, names: dict[str, Any]) -> bool:
    """Does a call fail, for want of an argument: `self.norm(x)`, which needs the condition too?

    A model whose optional condition is not given comes here: nobody calls it so.
    """
    if arguments.guessed is not None or isinstance(function.node, ir.Lambda) or function.node.decorators:
        return False
    given = (names.get(p.name) for p in function.node.params if p.default is None)
    return any(isinstance(v, Unknown) and v.why == Reason.ARGUMENT and v.where is arguments.span for v in given)


def _leads_nowhere(ev: Evaluator, function: Function, arguments: Arguments) -> bool:
    """Does a function call itself with nothing known that is new: `clean(child)` for each child of an unknown tree?"""
    if not ev.branches or ev.running.count(id(function.node)) < 2:
        return False
    given = [*arguments.positional, *arguments.keywords.values()]
    return any(isinstance(value, Unknown) for value in given) and all(
        isinstance(value, (Unknown, Object, str, bool, type(None), ListValue, DictValue)) for value in given
    )


def bind_parameters(ev: Evaluator, function: Function, arguments: Arguments) -> dict[str, Any]:
    """Parameters by name; what neither the call nor a default gives is an unknown parameter."""
    names: dict[str, Any] = {}
    positional, keywords = list(arguments.positional), dict(arguments.keywords)
    unknown = Unknown(Reason.SYNTAX, "unpacked arguments", arguments.span)
    for param in function.node.params:
        if param.kind == "star":
            names[param.name] = entry_parameters.spread(function, param, arguments, positional)
            positional = []
        elif param.kind == "doublestar":
            known = None if arguments.open_keywords else keywords
            names[param.name] = DictValue(known, unknown if known is None else None)
            keywords = {}
        elif param.kind in ("posonly", "normal") and positional:
            names[param.name] = positional.pop(0)
        elif param.kind != "posonly" and param.name in keywords:
            names[param.name] = keywords.pop(param.name)
        elif arguments.open_keywords or (arguments.open_positional and param.kind != "kwonly"):
            names[param.name] = unknown
        elif param.name in function.defaults:
            names[param.name] = function.defaults[param.name]
        else:
            where = arguments.span if arguments.guessed is None else None
            names[param.name] = (
                Unknown(Reason.ARGUMENT, param.name, where)
                if arguments.guessed is None
                else entry_parameters.guess(ev, function, param, arguments)
            )
    return names


def unwrapped(function: Function) -> Function:
    """The function that a decorator wrapped (`@wraps(f)`), whose parameters are those that callers see."""
    for _ in range(16):
        inner = function.attrs.get("__wrapped__")
        if not isinstance(inner, Function):
            break
        function = inner
    return function


def copy_default(value: Any) -> Any:
    """A default of a dataclass field made by a factory is a fresh container each time."""
    if isinstance(value, ListValue):
        return ListValue(None if value.items is None else list(value.items), value.why)
    if isinstance(value, DictValue):
        return DictValue(None if value.items is None else dict(value.items), value.why)
    if isinstance(value, SetValue):
        return SetValue(None if value.items is None else list(value.items), value.why)
    return value


def method(receiver: Any, name: str) -> tuple[Function, Class] | None:
    """A user's method of an object, by name."""
    if isinstance(receiver, Object) and receiver.cls is not None:
        found = class_attribute(receiver.cls, name)
        if found is not None and isinstance(found[0], Function):
            return found[0], found[1]
    return None

"""Calls: what is called, with which arguments, written where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from archlint.interp.data import arrays, feeds
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import layers as keras_layers
from archlint.interp.keras import models as keras_models
from archlint.interp.keras import tape as keras_tape
from archlint.interp.keras import versions as keras_versions
from archlint.interp.python import (
    alike,
    branches,
    construct,
    escapes,
    expr,
    functions,
    iterate,
    library,
    receivers,
    stmt,
    versions,
)
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.join import join
from archlint.interp.reuse import calls as reuse
from archlint.interp.slips import calls as slips_in_calls
from archlint.interp.slips import uses
from archlint.interp.tensors import apply
from archlint.interp.tf import scopes as tf_scopes
from archlint.interp.tf import sessions as tf_sessions
from archlint.interp.torch import hooks
from archlint.interp.torch import modules as torch_modules
from archlint.layers import canonical, find
from archlint.layers.torch import contents
from archlint.source import ir
from archlint.values import (
    Builtin,
    Choice,
    Class,
    DictValue,
    External,
    Function,
    Layer,
    Method,
    Object,
    Reason,
    Unknown,
)


def arguments_of(ev: Evaluator, frame: Frame, node: ir.Call) -> Arguments:
    """Evaluate the arguments of a call in order."""
    made = Arguments([], {}, frame.span(node))
    for arg in node.args:
        value = expr.evaluate(ev, frame, arg.value)
        where = frame.span(arg.value)
        made.unpacked = made.unpacked or bool(arg.star)
        if arg.star == "*":
            items = iterate.items(ev, value)
            if isinstance(items, Unknown):
                made.open_positional = True
            else:
                made.positional.extend(items)
                made.positional_spans.extend([where] * len(items))
        elif arg.star == "**":
            if isinstance(value, DictValue) and value.items is not None:
                for key, item in value.items.items():
                    if isinstance(key, str):
                        made.keywords[key] = item
                        made.keyword_spans[key] = where
            else:
                made.open_keywords = True
        elif arg.keyword is not None:
            made.keywords[arg.keyword] = value
            made.keyword_spans[arg.keyword] = where
        else:
            made.positional.append(value)
            made.positional_spans.append(where)
    return made


def call(ev: Evaluator, frame: Frame, callee: Any, arguments: Arguments) -> Any:
    """The value of a call."""
    if not isinstance(callee, Choice):
        return _call_one(ev, frame, callee, arguments)
    test, results = ev.serial(), []
    for number, option in enumerate(callee.options):  # `conv = nn.Conv2d if dims == 2 else nn.Conv3d`
        ev.branches.append((test, number))
        try:
            results.append(_call_one(ev, frame, option, arguments))
        finally:
            ev.branches.pop()
    return join(ev, results)


_NEVER_RAISES = frozenset(
    ("isinstance", "hasattr", "len", "super", "callable", "type", "get", "keys", "items", "values", "append",
     "startswith", "endswith", "lower", "upper", "strip", "removeprefix", "replace", "bool", "str",
     "module.get_parameter", "module.get_submodule", *versions.HANDLERS)  # what they do not find is not known
)  # fmt: skip


def _may_raise(callee: Any) -> bool:
    """May the call itself raise, apart from what the project's code does in it?"""
    if isinstance(callee, Method):
        return isinstance(callee.function, str) and callee.function not in _NEVER_RAISES
    return not isinstance(callee, (Function, Class)) and getattr(callee, "name", "") not in _NEVER_RAISES


def _call_one(ev: Evaluator, frame: Frame, callee: Any, arguments: Arguments) -> Any:
    ev.doubts += _may_raise(callee)
    if isinstance(callee, Function):
        return call_function(ev, callee, arguments)
    if isinstance(callee, Method):
        return _call_method(ev, frame, callee, arguments)
    if isinstance(callee, External):
        return _taped(ev, arguments, lambda given: call_external(ev, frame, callee, given))
    if isinstance(callee, Builtin):
        return callee.call(ev, frame, arguments)
    if isinstance(callee, Class):
        return construct.instance(ev, frame, callee, arguments)
    if isinstance(callee, Layer):
        slips_in_calls.called(ev, frame, callee, arguments)
        uses.given_to(ev, callee.spec, arguments)
        result = _taped(ev, arguments, lambda given: apply.call_layer(ev, frame, callee, given))
        return hooks.after(ev, frame, callee, arguments, result)
    if isinstance(callee, Object):
        slips_in_calls.called(ev, frame, callee, arguments)
        result = _taped(ev, arguments, lambda given: call_object(ev, frame, callee, given))
        return hooks.after(ev, frame, callee, arguments, result)
    _note_tensors(ev, callee, arguments)
    if isinstance(callee, Unknown):
        feeds.placeholders(ev, arguments)
        escapes.handed_over(ev, arguments)
        machinery = tf_sessions.on_unknown(ev, callee.about, arguments)
        if machinery is not None:
            return machinery
        return apply.opaque(ev, callee.about or "unknown callee", arguments, callee, owner=True)
    return Unknown(Reason.SYNTAX, "call of a value that is not callable", arguments.span)


def _taped(ev: Evaluator, arguments: Arguments, run: Callable[[Arguments], Any]) -> Any:
    """Applications outside PyTorch are written down, so that a functional model can be called again."""
    if "keras" not in ev.frameworks and "tf" not in ev.frameworks:
        return run(arguments)

    def redo(positional: list[Any], keywords: dict[str, Any]) -> Any:
        return run(arguments.but(positional, keywords))

    return keras_tape.note(ev, arguments.positional, arguments.keywords, redo)


def _note_tensors(ev: Evaluator, callee: Any, arguments: Arguments) -> None:
    if isinstance(callee, Unknown) and callee.why != Reason.ARGUMENT:
        ev.session.stops.append(callee)


def call_function(ev: Evaluator, function: Function, arguments: Arguments) -> Any:
    """A user's function, under the slim argument scope if it asked for that."""
    if function.attrs.get("__arg_scope__"):
        arguments = tf_scopes.with_defaults(ev, function.name, arguments)
    attempt = reuse.function(ev, function, arguments)
    if attempt.recalled:
        return attempt.result
    return reuse.settle(ev, attempt, functions.invoke(ev, function, arguments, unread=attempt.unread))


def _call_method(ev: Evaluator, frame: Frame, callee: Method, arguments: Arguments) -> Any:
    if isinstance(callee.function, Function):
        keras_layers.note_build(ev, callee)
        return functions.invoke(ev, callee.function, arguments.behind(callee.receiver), callee.receiver)
    return library.call_method(ev, frame, callee, arguments)


def call_external(ev: Evaluator, frame: Frame, callee: External, arguments: Arguments) -> Any:
    """A library's function or class: modelled by hand, declared, or unknown."""
    name = canonical(callee.name)
    uses.optimized(ev, name, arguments)
    uses.initialised(ev, name, arguments)
    handler = library.handler(name)
    if handler is not None and not arrays.takes(name, arguments):
        return handler(ev, frame, arguments)
    if name.startswith("torch.") and name.endswith("_"):
        contents.forget(arguments.get(0, "input"))
    if (module := _unbound(name, arguments)) is not None:
        base, _, method = name.rpartition(".")
        given = replace(arguments, positional=arguments.positional[1:], positional_spans=arguments.positional_spans[1:])
        return torch_modules.base_method(ev, frame, module, base, method, given)
    spec = find(name)
    if spec is not None and spec.kind == "function":
        uses.given_to(ev, spec, arguments)
    if spec is not None and spec.family == "array":
        return arrays.call(ev, name, arguments, spec)
    if spec is not None:
        if spec.kind == "layer":
            return construct.layer(ev, spec, keras_versions.settled(ev, callee.name, name, arguments))
        found = alike.applied(ev, spec, arguments)
        return apply.call_function(ev, frame, spec, arguments) if found is None else found
    if name.endswith(("initializer", "regularizer")) or ".initializers." in name or ".regularizers." in name:
        return callee  # what matters to a layer is that there is one
    machinery = tf_sessions.handler(name)
    if machinery is not None:
        return machinery(ev, frame, arguments)
    escapes.handed_over(ev, arguments)
    return apply.opaque(ev, name, arguments, Unknown(Reason.EXTERNAL, name, arguments.span))


def _unbound(name: str, arguments: Arguments) -> Object | None:
    """`nn.LayerNorm.forward(self, x)` in a class that derives from it: the module."""
    base, _, method = name.rpartition(".")
    module = arguments.positional[0] if arguments.positional else None
    if method not in ("forward", "__init__") or not isinstance(module, Object) or module.kind != base:
        return None
    return module if base.startswith("torch.nn.") and (method == "__init__" or module.native is not None) else None


def call_object(ev: Evaluator, frame: Frame, callee: Object, arguments: Arguments) -> Any:
    """An instance: a module's forward, a Keras layer's call, or the user's `__call__`."""
    if callee.kind.startswith("torch."):
        return torch_modules.call(ev, frame, callee, arguments)
    if callee.kind.startswith("keras."):
        return keras_models.call(ev, frame, callee, arguments)
    found = functions.method(callee, "__call__") or functions.method(callee, "forward")
    if found is not None:
        return receivers.invoke(ev, found[0], arguments, callee)
    return apply.opaque(ev, callee.kind or "object", arguments, Unknown(Reason.EXTERNAL, callee.kind, arguments.span))


def with_items(ev: Evaluator, frame: Frame, node: ir.With) -> str | None:
    """`with a as b, c:`: scopes of slim and TensorFlow take effect for the body, others are left alone."""
    leave = []
    try:
        for context, target in node.items:
            value = expr.evaluate(ev, frame, context)
            entered, undo = tf_scopes.enter(ev, frame, value)
            leave.append(undo)
            if target is not None:
                stmt.assign(ev, frame, target, entered)
        if any(_expects_failure(context) for context, _ in node.items):
            arms = [lambda: stmt.block(ev, frame, node.body), lambda: None]
            return branches.undecided(ev, frame, arms, unseen="sizes")
        return stmt.block(ev, frame, node.body)
    finally:
        for undo in reversed(leave):
            undo()


def _expects_failure(context: ir.Expr) -> bool:
    """`with pytest.raises(ValueError):`, `with self.assertRaisesRegex(…):`: what fails in the body is meant to."""
    made = context.func if isinstance(context, ir.Call) else context
    name = made.attr if isinstance(made, ir.Attr) else made.id if isinstance(made, ir.Name) else ""
    return name in ("raises", "suppress") or name.startswith("assertRaises")

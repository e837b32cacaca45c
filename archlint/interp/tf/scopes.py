"""TF-slim and TensorFlow 1: argument scopes, variable scopes, layers with their normaliser and activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import inputs as keras_inputs
from archlint.interp.python import call as calls
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.layers import canonical, find
from archlint.layers.spec import Out, Spec
from archlint.values import (
    Builtin,
    DictValue,
    External,
    Function,
    ListValue,
    Method,
    Object,
    Reason,
    Tensor,
    Unknown,
)

Table = dict[str, dict[str, Any]]
_DEFAULT_SCOPES = {
    "conv2d": "Conv", "convolution": "Conv", "convolution2d": "Conv", "conv1d": "Conv", "conv3d": "Conv",
    "conv2d_transpose": "Conv2d_transpose", "separable_conv2d": "SeparableConv2d", "batch_norm": "BatchNorm",
    "layer_norm": "LayerNorm", "max_pool2d": "MaxPool2D", "avg_pool2d": "AvgPool2D", "dropout": "Dropout",
    "flatten": "Flatten", "convolution2d_transpose": "Conv2d_transpose", "separable_convolution2d": "SeparableConv2d",
}  # fmt: skip


def _post_steps() -> frozenset[str]:
    from archlint.layers.tf.slim import POST_STEPS

    return POST_STEPS


def is_scoped(name: str) -> bool:
    """Does an argument scope apply to this function?"""
    return name.startswith("tf_slim.")


def _key(operation: Any) -> str | None:
    """Under which name a scope keeps an operation's defaults; aliases of one function share it."""
    if isinstance(operation, External):
        spec = find(operation.name)
        return spec.name if spec is not None else canonical(operation.name)
    if isinstance(operation, Function):
        return operation.name
    if isinstance(operation, Method) and isinstance(operation.function, Function):
        return operation.function.name
    return operation.name if isinstance(operation, Builtin) else None


def arg_scope(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`slim.arg_scope([slim.conv2d], padding="SAME")`, or a stored scope to enter again."""
    first = arguments.get(0, "list_ops_or_scope")
    table: Table | None
    if isinstance(first, Object) and first.kind == "tf_slim.arg_scope":
        table = first.attrs["table"]
    else:
        operations = iterate.items(ev, first)
        table = None
        if not isinstance(operations, Unknown) and not arguments.open_keywords:
            table = {name: dict(found) for name, found in ev.arg_scopes[-1].items()}
            for operation in operations:
                name = _key(operation)
                if name is None:
                    table = None
                    break
                table.setdefault(name, {}).update(arguments.keywords)
    made = Object(None, "tf_slim.arg_scope", {"table": table}, ev.serial(), arguments.span)
    return made


def current_arg_scope(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`current_arg_scope()`."""
    return Object(None, "tf_slim.arg_scope", {"table": ev.arg_scopes[-1]}, ev.serial(), arguments.span)


def with_defaults(ev: Evaluator, name: str, arguments: Arguments) -> Arguments:
    """The call's arguments with what the current scope adds; what the call states wins."""
    from archlint.layers.tf.slim import SCOPED_AS

    table = ev.arg_scopes[-1].get(name) or ev.arg_scopes[-1].get(SCOPED_AS.get(name, ""))
    if not table:
        return arguments
    spec = find(name)
    stated = set(arguments.keywords)
    if spec is not None:
        stated |= set(list(spec.signature.parameters)[: len(arguments.positional)])
    added = {k: v for k, v in table.items() if k not in stated}
    return arguments.but(arguments.positional, {**added, **arguments.keywords})


def variable_scope(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.variable_scope(scope, "Block", [inputs], reuse=reuse)`."""
    name, default = arguments.get(0, "name_or_scope"), arguments.get(1, "default_name")
    made = Object(None, "tensorflow.variable_scope", {}, ev.serial(), arguments.span)
    if isinstance(name, Object) and "path" in name.attrs:
        made.attrs["path"] = name.attrs["path"]
    else:
        given = name if isinstance(name, str) else default if isinstance(default, str) else "?"
        parent = ev.variable_scopes[-1] if ev.variable_scopes else ""
        path = f"{parent}/{given}" if parent else given
        made.attrs["path"] = path if isinstance(name, str) else _unique(ev, path)
    path = made.attrs["path"]
    made.attrs.update(name=path, original_name_scope=f"{path}/", reuse=arguments.keywords.get("reuse"))
    return made


def _unique(ev: Evaluator, path: str) -> str:
    count = ev.scope_counts.get(path, 0)
    ev.scope_counts[path] = count + 1
    return path if count == 0 else f"{path}_{count}"


def _nothing() -> None:
    return None


def enter(ev: Evaluator, frame: Frame, value: Any) -> tuple[Any, Callable[[], None]]:
    """Enter a context: what `as` binds, and how to leave again."""
    if isinstance(value, Object) and value.kind == "tf_slim.arg_scope":
        return _enter_arg_scope(ev, value)
    if isinstance(value, Object) and value.kind == "tensorflow.variable_scope":
        ev.variable_scopes.append(value.attrs["path"])
        return value, lambda: _leave(ev.variable_scopes)
    if isinstance(value, Unknown) and "arg_scope" in value.about:
        kept, ev.scope_known = ev.scope_known, False
        return value, lambda: setattr(ev, "scope_known", kept)
    return value, _nothing


def _enter_arg_scope(ev: Evaluator, value: Object) -> tuple[Any, Callable[[], None]]:
    table = value.attrs["table"]
    kept = ev.scope_known
    if table is None:
        ev.scope_known = False
        return value, lambda: setattr(ev, "scope_known", kept)
    ev.arg_scopes.append(table)
    return value, lambda: _leave(ev.arg_scopes)


def _leave(stack: list[Any]) -> None:
    stack.pop()


def apply_scoped(
    ev: Evaluator, frame: Frame, spec: Spec, bound: dict[str, Any], given: frozenset[str], arg_spans: dict[str, Any],
    arguments: Arguments,
) -> Any:  # fmt: skip
    """A function that owns variables: its path is its variable scope; slim's then normalise and activate."""
    short = spec.name.rpartition(".")[2]
    scope = bound.get("scope") if spec.name.startswith("tf_slim.") else bound.get("name")
    parent = ev.variable_scopes[-1] if ev.variable_scopes else ""
    default = _DEFAULT_SCOPES.get(short, short)
    if isinstance(scope, str):
        path = f"{parent}/{scope}" if parent else scope
        ident = ev.shared_layers.setdefault(path, ev.serial())
    else:
        path = _unique(ev, f"{parent}/{default}" if parent else default)
        ident = ev.serial()
    if spec.name == "tensorflow.get_variable" and bound.get("shape") is None:
        earlier = _made_earlier(ev, path)
        if earlier is not None:
            return earlier
    site = apply.Site(spec.name, spec.family, arguments.span, path, None, ident, given, arg_spans, bound, spec.weights)
    value = apply.run(ev, spec, None, bound, site)
    if spec.name not in _post_steps() or not isinstance(value, Tensor):
        return value
    node = value.node
    ev.variable_scopes.append(path)
    try:
        value = _normalise(ev, frame, bound, value, arguments)
        return _activate(ev, frame, bound, value, arguments, node, "activation_fn" in given)
    finally:
        ev.variable_scopes.pop()


def _made_earlier(ev: Evaluator, path: str) -> Tensor | None:
    """`tf.get_variable("w")` in a scope that is entered again: the variable that has this name already."""
    for node in ev.session.graph.nodes:
        if node.op == "tensorflow.get_variable" and node.path == path:
            return node.output
    return None


def _normalise(ev: Evaluator, frame: Frame, bound: dict[str, Any], value: Tensor, arguments: Arguments) -> Any:
    function = bound.get("normalizer_fn")
    if function is None:
        return value
    params = bound.get("normalizer_params") or {}
    keywords = dict(params) if isinstance(params, dict) else {}
    step = Arguments([value], keywords, arguments.span, open_keywords=not isinstance(params, dict))
    return calls.call(ev, frame, function, step)


def _activate(
    ev: Evaluator, frame: Frame, bound: dict[str, Any], value: Any, arguments: Arguments, node: int, stated: bool
) -> Any:
    """The activation that slim applies after the layer; `args["stated"]` tells whether the call asked for it."""
    function = bound.get("activation_fn")
    if function is None:
        return value
    first = ev.next_node()
    result = calls.call(ev, frame, function, Arguments([value], {}, arguments.span))
    for made in ev.nodes_from(first):
        made.args = {**made.args, "by": node, "stated": stated}
        made.given = frozenset()
    return result


def repeat(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`slim.repeat(net, 3, slim.conv2d, 256, [3, 3], scope="conv3")`: the same layer n times, one after another."""
    value, times, layer = arguments.get(0, "inputs"), arguments.get(1, "repetitions"), arguments.get(2, "layer")
    keywords = {k: v for k, v in arguments.keywords.items() if k not in ("inputs", "repetitions", "layer", "scope")}
    if not isinstance(times, int) or times > 4096:
        return apply.opaque(ev, "tf_slim.repeat", arguments, Unknown(Reason.LOOP, "repeat", arguments.span))
    scope = _scope_name(arguments.keywords.get("scope"), layer, "Repeat")
    return _numbered(
        ev,
        scope,
        times,
        lambda number, value, name: calls.call(
            ev,
            frame,
            layer,
            Arguments([value, *arguments.positional[3:]], {**keywords, "scope": name}, arguments.span),
        ),
        value,
    )


def stack(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`slim.stack(x, slim.fully_connected, [32, 64, 128], scope="fc")`: one layer per element."""
    value, layer = arguments.get(0, "inputs"), arguments.get(1, "layer")
    steps = iterate.items(ev, arguments.get(2, "stack_args"))
    keywords = {k: v for k, v in arguments.keywords.items() if k not in ("inputs", "layer", "stack_args", "scope")}
    if isinstance(steps, Unknown):
        return apply.opaque(ev, "tf_slim.stack", arguments, steps)
    known = steps
    scope = _scope_name(arguments.keywords.get("scope"), layer, "Stack")

    def one(number: int, value: Any, name: str) -> Any:
        step = known[number]
        extra = list(step) if isinstance(step, tuple) else step.items or [] if isinstance(step, ListValue) else [step]
        return calls.call(ev, frame, layer, Arguments([value, *extra], {**keywords, "scope": name}, arguments.span))

    return _numbered(ev, scope, len(known), one, value)


def _scope_name(scope: Any, layer: Any, default: str) -> str:
    if isinstance(scope, str):
        return scope
    name = getattr(layer, "name", "")
    return name.rpartition(".")[2] if isinstance(name, str) and name else default


def _numbered(ev: Evaluator, scope: str, times: int, one: Callable[[int, Any, str], Any], value: Any) -> Any:
    parent = ev.variable_scopes[-1] if ev.variable_scopes else ""
    ev.variable_scopes.append(f"{parent}/{scope}" if parent else scope)
    try:
        for number in range(times):
            value = one(number, value, f"{scope.rpartition('/')[2]}_{number + 1}")
        return value
    finally:
        ev.variable_scopes.pop()


def placeholder(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.placeholder(tf.float32, [None, 784])`."""
    items = keras_inputs.shape_items(ev, arguments.get(1, "shape"))
    name = arguments.get(2, "name")
    label = name if isinstance(name, str) else "placeholder"
    if items is None:
        return ev.new_entry(label, arguments.span, "tf")
    if not items:
        return apply.record(ev, apply.Site("tensorflow.placeholder", "input", arguments.span), [], Out(()))
    return keras_inputs.declared_input(ev, label, items[1:], items[0], arguments.span, "tensorflow.placeholder")


def _named_output(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`utils.collect_named_outputs(collection, alias, outputs)` gives the outputs back."""
    return arguments.get(2, "outputs")


def _open_dict(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    return DictValue(None, Unknown(Reason.DATA, "a collection", arguments.span))


def _last_dimension(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    shape = arguments.get(0, "shape")
    if isinstance(shape, tuple) and shape:
        return shape[-1]
    return Unknown(Reason.ARGUMENT, "shape", arguments.span)


HANDLERS = {
    "tf_slim.arg_scope": arg_scope,
    "tf_slim.current_arg_scope": current_arg_scope,
    "tf_slim.repeat": repeat,
    "tf_slim.stack": stack,
    "tensorflow.variable_scope": variable_scope,
    "tensorflow.name_scope": lambda ev, frame, arguments: Unknown(Reason.EXTERNAL, "name scope", arguments.span),
    "tensorflow.placeholder": placeholder,
    "tf_slim.collect_named_outputs": _named_output,
    "tf_slim.convert_collection_to_dict": _open_dict,
    "tf_slim.last_dimension": _last_dimension,
    "tensorflow.TensorShape": lambda ev, frame, arguments: arguments.get(0, "dims"),
}

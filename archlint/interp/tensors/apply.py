"""Applying a declared layer or function: arguments in, a node in the graph, tensors out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from archlint.graph import Node
from archlint.interp.data import arrays
from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame, UserRaise
from archlint.interp.python.iterate import OpenShape
from archlint.interp.python.join import join
from archlint.interp.tensors import axes, outputs
from archlint.interp.tensors.doubtful import doubtful
from archlint.interp.tf import scopes as tf_scopes
from archlint.layers.arguments import NotKnown, Refused
from archlint.layers.spec import Out, Spec
from archlint.layers.torch import computed, contents
from archlint.text import Span
from archlint.values import (
    Array,
    Batches,
    Choice,
    DictValue,
    Layer,
    ListValue,
    RangeValue,
    Ratio,
    Reason,
    SetValue,
    Tensor,
    Unknown,
)

_NOT_TENSORS = {
    "size", "sizes", "shape", "start", "end", "stop", "n", "N", "steps", "fill_value", "data", "args", "name", "dims",
    "dtype", "cell", "cell_fw", "num_rows", "initial_value", "scope", "add_regularization_losses",
}  # fmt: skip


@dataclass(slots=True)
class Site:
    """What the graph records about one application besides its tensors."""

    op: str
    family: str
    span: Span
    path: str = ""
    made_at: Span | None = None
    layer: int | None = None
    given: frozenset[str] = frozenset()
    arg_spans: dict[str, Span] = field(default_factory=dict)
    args: dict[str, Any] = field(default_factory=dict)
    weights: bool = False


def plain(value: Any) -> Any:
    """A value as the declarations read it: plain Python containers, tensors, sizes, unknowns."""
    if isinstance(value, (ListValue, SetValue)):
        return Unknown(Reason.LOOP, "elements") if value.items is None else [plain(v) for v in value.items]
    if isinstance(value, DictValue):
        return Unknown(Reason.LOOP, "keys") if value.items is None else {k: plain(v) for k, v in value.items.items()}
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    if isinstance(value, RangeValue):
        return tuple(range(value.start, value.stop, value.step))
    if isinstance(value, Ratio):
        return Unknown(Reason.SYNTAX, "a fraction of a size")
    if isinstance(value, Array):
        return arrays.tensor(value)
    if isinstance(value, Batches):
        return Unknown(Reason.DATA, "a data set")
    if isinstance(value, OpenShape):
        return Unknown(Reason.ARGUMENT, "shape of an input of unknown rank")
    return value


def as_value(value: Any) -> Any:
    """A plain result as the program sees it: the inverse of `plain`."""
    if isinstance(value, list):
        return ListValue([as_value(v) for v in value])
    if isinstance(value, dict):
        return DictValue({k: as_value(v) for k, v in value.items()})
    return tuple(as_value(v) for v in value) if isinstance(value, tuple) else value


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor in a plain value."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)


def refreshed(ev: Evaluator, value: Any) -> Any:
    if isinstance(value, Tensor):
        return ev.refresh(value)
    if isinstance(value, list):
        return [refreshed(ev, v) for v in value]
    if isinstance(value, tuple):
        return tuple(refreshed(ev, v) for v in value)
    if isinstance(value, dict):
        return {k: refreshed(ev, v) for k, v in value.items()}
    return value


def entry_of(ev: Evaluator, unknown: Unknown) -> Tensor:
    """The entry tensor that an unknown parameter turns out to be: `def net(inputs): slim.conv2d(inputs, …)`."""
    for entry in ev.session.entries:
        if entry.name == unknown.about and entry.span == unknown.where:
            return ev.refresh(ev.nodes_from(entry.node)[0].outputs[0])
    framework = "torch" if "torch" in ev.frameworks else "keras" if "keras" in ev.frameworks else "tf"
    return ev.new_entry(unknown.about, unknown.where or Span(ev.main_path, 0, 0), framework)


def call_layer(ev: Evaluator, frame: Frame, layer: Layer, arguments: Arguments) -> Any:
    """`layer(x)`: the declared layer on its input."""
    spec: Spec = layer.spec
    x: Any = _layer_input(ev, spec, arguments)
    site = Site(
        spec.name,
        spec.family,
        arguments.span,
        path_of(layer),
        layer.span,
        layer.ident,
        layer.attrs.get("__given__", frozenset()),
        layer.arg_spans,
        {**layer.args, **x} if spec.family == "loss" and isinstance(x, dict) else layer.args,
        spec.weights,
    )
    first = ev.next_node()
    if isinstance(x, Choice):
        result = join(ev, [run(ev, spec, option, layer.args, site) for option in x.options])
    else:
        result = run(ev, spec, x, layer.args, site)
    if "__modified__" in layer.attrs:
        for node in ev.nodes_from(first):
            node.out = replace(node.out, params=None, state=None)
    return result


def _layer_input(ev: Evaluator, spec: Spec, arguments: Arguments) -> Any:
    if spec.call:
        given = dict(zip(spec.call, arguments.positional))
        given.update(arguments.keywords)
        first = given.get(spec.call[0])
        if isinstance(first, Unknown) and first.symbol is not None:
            given[spec.call[0]] = entry_of(ev, first)
        return {k: plain(v) for k, v in given.items()}
    if arguments.positional:
        x = arguments.positional[0]
    else:
        x = next(iter(arguments.keywords.values()), Unknown(Reason.ARGUMENT, "no input"))
    if isinstance(x, Unknown) and x.symbol is not None:
        return entry_of(ev, x)
    return x if isinstance(x, Choice) else plain(x)


def path_of(value: Any) -> str:
    """Dotted path of a layer or module below its root: `layer1.0.conv1`."""
    parts: list[str] = []
    while value is not None and len(parts) < 64:
        if value.parent is None and parts:
            break
        parts.append(value.name)
        value = value.parent
    return ".".join(p for p in reversed(parts) if p)


def call_function(ev: Evaluator, frame: Frame, spec: Spec, arguments: Arguments) -> Any:
    """`torch.cat([a, b], 1)`, `x.view(-1, 10)`, `slim.conv2d(net, 64, 3)`."""
    if tf_scopes.is_scoped(spec.name):
        arguments = tf_scopes.with_defaults(ev, spec.name, arguments)
    if arguments.open:
        return opaque(ev, spec.name, arguments, Unknown(Reason.SYNTAX, "unpacked arguments", arguments.span))
    positional, keywords = list(arguments.positional), dict(arguments.keywords)
    choice = next((i for i, v in enumerate(positional) if isinstance(v, Choice)), None)
    if choice is not None:
        results = []
        for option in positional[choice].options:
            tried = [*positional[:choice], option, *positional[choice + 1 :]]
            results.append(call_function(ev, frame, spec, arguments.but(tried, keywords)))
        return join(ev, results)
    names = list(spec.signature.parameters)
    for where in (positional, keywords):
        key: Any = 0 if where is positional else names[0] if names else ""
        first = positional[0] if where is positional and positional else keywords.get(key)
        if isinstance(first, Unknown) and first.symbol is not None and names and names[0] not in _NOT_TENSORS:
            where[key] = entry_of(ev, first)
    if spec.family == "elementwise" or spec.name == "torch.where":  # x.div_(keep_prob): any number will do
        positional = [any_number(v) for v in positional]
        keywords = {k: any_number(v) for k, v in keywords.items()}
    try:
        bound, given = spec.bind_call([plain(v) for v in positional], {k: plain(v) for k, v in keywords.items()})
    except (TypeError, NotKnown):
        why = Unknown(Reason.SPEC, f"arguments of {spec.name} do not fit its declaration", arguments.span)
        return opaque(ev, spec.name, arguments, why)
    arg_spans = dict(zip(names, arguments.positional_spans))
    arg_spans.update(arguments.keyword_spans)
    if spec.name.startswith("keras.") and bound.get("data_format", 0) is None and ev.data_format != "channels_last":
        bound["data_format"] = ev.data_format
    if spec.weights or spec.name.startswith("tf_slim."):
        return tf_scopes.apply_scoped(ev, frame, spec, bound, given, arg_spans, arguments)
    site = Site(spec.name, spec.family, arguments.span, given=given, arg_spans=arg_spans, args=bound)
    return run(ev, spec, None, bound, site)


def run(ev: Evaluator, spec: Spec, x: Any, args: dict[str, Any], site: Site) -> Any:
    """Apply a declaration and record the node."""
    args = {k: refreshed(ev, plain(v)) for k, v in args.items()} if spec.kind == "layer" else refreshed(ev, args)
    x = refreshed(ev, x)
    result, why = guarded(ev, lambda: spec.apply(x, args), spec.name)
    inputs = list(tensors_in(x)) if spec.kind == "layer" else list(tensors_in(args))
    leading = first_out(result)
    if leading is not None and leading.demand is not None and inputs and ev.demand(inputs[0], leading.demand):
        x, args = refreshed(ev, x), refreshed(ev, args)
        result, why = guarded(ev, lambda: spec.apply(x, args), spec.name)
        inputs = list(tensors_in(x)) if spec.kind == "layer" else list(tensors_in(args))
        leading = first_out(result)
    if leading is None and (why is None or (spec.family == "shape" and not spec.name.startswith("tensorflow."))):
        return as_value(result) if why is None else why
    if leading is not None and spec.kind == "function":
        result = computed.filled(spec.name, args, result)
    if leading is not None and spec.kind == "layer":
        result = _of_the_form(ev, spec, x, args, result, leading)
    if isinstance(result, Out) and result.like_input and result.shape is None:
        subject = x if spec.kind == "layer" else next(iter(args.values()), None)
        if isinstance(subject, dict):
            subject = next(iter(subject.values()), None)
        if not isinstance(subject, Tensor):  # F.batch_norm(unknown, running_mean, …): the first tensor is another
            result = replace(result, like_input=False)
    if leading is None:
        result = Out(params=None, state=None) if site.weights else Out()  # its numbers are not known to be none
    return record(ev, site, inputs, result, why)


def _of_the_form(ev: Evaluator, spec: Spec, x: Any, args: dict[str, Any], result: Any, leading: Out) -> Any:
    """A layer on a tensor of which nothing is known: what it gives for an input of the form it needs.

    `self.backbone(images.tensors)`: the first convolution's output has its channels, whatever came in.
    """
    demand = leading.demand
    if leading.shape is not None or leading.faults or demand is None or demand.last_only or spec.call:
        return result
    if not isinstance(x, (Tensor, Unknown)) or (isinstance(x, Tensor) and x.shape is not None):
        return result
    sizes = ev.inner_sizes(demand, x.last if isinstance(x, Tensor) else None)
    supposed = Tensor(sizes, axes=ev.atoms(sizes, demand.roles), framework=outputs.framework_of(spec.name))
    found, _ = guarded(ev, lambda: spec.apply(supposed, args), spec.name)
    settled = first_out(found)
    return found if settled is not None and not settled.faults else result


def guarded(ev: Evaluator, apply: Callable[[], Any], name: str) -> tuple[Any, Unknown | None]:
    """A declaration that raises gives an unknown output; an unexpected error is our own bug, and is counted.

    What the framework refuses without fail ends the program's path, as its exception would.
    """
    try:
        return apply(), None
    except Refused as refused:
        raise UserRaise(f"{name} is given {refused}") from None
    except NotKnown:
        return None, Unknown(Reason.ARGUMENT, f"an argument of {name}")
    except RecursionError:
        raise
    except Exception as error:
        ev.internal_errors.append(f"declaration of {name}: {type(error).__name__}: {error}")
        return None, Unknown(Reason.SPEC, name)


def first_out(result: Any) -> Out | None:
    """The leading output of a result: the one that carries parameters and faults."""
    if isinstance(result, Out):
        return result
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple)):
        for item in result:
            found = first_out(item)
            if found is not None:
                return found
    return None


def record(ev: Evaluator, site: Site, inputs: list[Tensor], result: Any, why: Unknown | None = None) -> Any:
    """Put the application into the graph and give back its tensors in the structure of `result`."""
    leading = first_out(result) or Out()
    open_sizes = ev.shapes_set and any(f.kind == "dynamic" for f in leading.faults)
    if open_sizes or (leading.faults and doubtful(ev, site, inputs, leading.faults)):
        result, leading = Out(params=leading.params), Out(params=leading.params)
        ev.doubts += 1
    first = next((t for t in inputs if t.shape is not None and t.shape == leading.shape), inputs[0] if inputs else None)
    if leading.axes is not None and inputs:
        first = inputs[0]
    if first is not None and leading.demand is not None:
        first = axes.mark(first, leading.demand)
    node = ev.next_node()
    made: list[Tensor] = []
    framework = outputs.framework_of(site.op, first)

    def build(item: Any) -> Any:
        if isinstance(item, Out):
            made.append(outputs.tensor(ev, item, first, node, len(made), framework))
            return made[-1]
        if isinstance(item, tuple):
            return tuple(build(i) for i in item)
        if isinstance(item, list):
            return ListValue([build(i) for i in item])
        if isinstance(item, dict):
            return DictValue({k: build(v) for k, v in item.items()})
        return item

    value = build(result)
    if not made:
        made.append(Tensor(None, node=node, framework=framework))
    known = made[0].shape is not None or made[0].last is not None
    unknown = "" if known else outputs.reason(inputs, leading, why, site.op)
    ev.add_node(
        Node(
            node,
            site.op,
            leading.family or site.family,
            site.path,
            site.span,
            inputs,
            made,
            leading,
            site.args,
            site.given,
            site.arg_spans,
            site.made_at,
            site.layer,
            leading.faults,
            [],
            tuple(ev.calls),
            tuple(ev.branches),
            site.weights,
            ev.steps if isinstance(ev.steps, int) else 1,
            ev.scope_known,
            unknown,
        )
    )
    return value


def any_number(value: Any) -> Any:
    """A number of unknown value stands for any number: only its being one matters to shapes."""
    if isinstance(value, Unknown) and value.number:
        return 1 if value.whole else 1.0
    return value


def opaque(ev: Evaluator, name: str, arguments: Arguments, why: Unknown, owner: bool = False) -> Any:
    """A call that is not modelled.  With tensors among its arguments it is a node, so that it is counted.

    `owner`: what is called may own parameters, whose number is then not known either.
    """
    for value in (*arguments.positional, *arguments.keywords.values()):
        contents.forget(value)  # what is called may write to it
    positional = [refreshed(ev, plain(v)) for v in arguments.positional]
    keywords = {k: refreshed(ev, plain(v)) for k, v in arguments.keywords.items()}
    inputs = [t for t in (*tensors_in(positional), *tensors_in(keywords)) if t.framework != "numpy"]
    for tensor in inputs:
        contents.forget(tensor)  # what is called may write to it
    if why.where is None:
        why = Unknown(why.why, why.about, arguments.span)
    if not inputs:
        return why
    ev.session.stops.append(why)
    site = Site(name, "other", arguments.span, args=keywords)
    return record(ev, site, inputs, Out(params=None, state=None) if owner else Out(), why)

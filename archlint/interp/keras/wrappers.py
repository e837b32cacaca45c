"""Keras layers that hold another layer or a function: TimeDistributed, Bidirectional, Lambda."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import attribute
from archlint.interp.python import call as calls
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.interp.tensors import operators as tensor_operators
from archlint.layers.keras.cells import both_directions
from archlint.layers.spec import Demand, Fault, Out
from archlint.values import DictValue, Layer, ListValue, Object, Reason, SliceValue, Tensor, Unknown, as_size


def _single(arguments: Arguments) -> Any:
    if arguments.positional:
        return arguments.positional[0]
    return next(iter(arguments.keywords.values()), Unknown(Reason.ARGUMENT, "no input"))


def _time_distributed(ev: Evaluator, frame: Frame, wrapper: Object, arguments: Arguments) -> Any:
    """The inner layer on every step of axis 1."""
    x, inner = _single(arguments), wrapper.attrs.get("layer")
    if isinstance(x, Unknown) and x.symbol is not None:
        x = apply.entry_of(ev, x)
    if not isinstance(x, Tensor):
        return apply.opaque(
            ev, wrapper.kind, arguments, Unknown(Reason.SYNTAX, "input of TimeDistributed", arguments.span)
        )
    x = ev.refresh(x)
    demand = _of_every_step(ev, inner, x) if x.shape is None else None
    if demand is not None and ev.demand(x, demand):
        x = ev.refresh(x)
    if x.shape is not None and len(x.shape) < 3:
        text = f"needs at least 3 axes (batch, time, …), got {len(x.shape)}"
        site = apply.Site(wrapper.kind, "other", arguments.span, wrapper.name, wrapper.span, wrapper.ident)
        site.args = {"layer": inner}
        return apply.record(ev, site, [x], Out(faults=(Fault("rank", "", text, 3, len(x.shape)),)))
    step = Tensor(
        None if x.shape is None else (x.shape[0], *x.shape[2:]),
        x.dtype,
        None if x.axes is None else (x.axes[0], *x.axes[2:]),
        x.node,
        x.slot,
        x.last,
        framework=x.framework,
    )
    first, kept = ev.next_node(), ev.steps
    ev.steps = _times(kept, None if x.shape is None else x.shape[1])
    try:
        result = calls.call(ev, frame, inner, Arguments([step], dict(arguments.keywords), arguments.span))
    finally:
        ev.steps = kept
    return _with_time(ev, wrapper, x, first, result)


def _of_every_step(ev: Evaluator, inner: Any, x: Tensor) -> Demand | None:
    """What the wrapped layer needs of one step, with the axis of time in front."""
    if not isinstance(inner, Layer) or inner.spec.call:
        return None
    args = {k: apply.plain(v) for k, v in inner.args.items()}
    result, _ = apply.guarded(ev, lambda: inner.spec.apply(Tensor(None, framework="keras"), args), inner.spec.name)
    out = apply.first_out(result)
    one = None if out is None else out.demand
    if one is None or one.last_only:
        return one
    return Demand((one.sizes[0], None, *one.sizes[1:]), (one.roles[0], "time", *one.roles[1:]))


def _times(a: Size, b: Size) -> Size:
    return None if a is None or b is None else a * b


def _with_time(ev: Evaluator, wrapper: Object, x: Tensor, first: int, result: Any) -> Any:
    """Put the time axis back into the result, and mark the nodes of the inner layer."""
    nodes = ev.nodes_from(first)
    for node in nodes:
        node.args = {**node.args, "wrapper": wrapper.kind}
        node.made_at = wrapper.span
    if not isinstance(result, Tensor) or result.shape is None:
        return result
    time = x.axes[1] if x.axes is not None else None
    if time is not None and len(time) == 1 and not time[0].role:
        time = (type(time[0])(time[0].ident, time[0].size, "time"),)
    axes = None if result.axes is None or time is None else (result.axes[0], time, *result.axes[1:])
    timed = Tensor(
        (result.shape[0], None if x.shape is None else x.shape[1], *result.shape[1:]),
        result.dtype,
        axes,
        result.node,
        result.slot,
        framework=result.framework,
    )
    if nodes and result.node == nodes[-1].id:
        nodes[-1].outputs = [timed if t.slot == result.slot else t for t in nodes[-1].outputs]
    if len(nodes) == 1:
        nodes[0].inputs = [x if t.node == x.node and t.slot == x.slot else t for t in nodes[0].inputs]
    return timed


def _bidirectional(ev: Evaluator, frame: Frame, wrapper: Object, arguments: Arguments) -> Any:
    """The recurrent layer forwards and backwards, merged."""
    inner, x = wrapper.attrs.get("layer"), _single(arguments)
    if isinstance(x, Unknown) and x.symbol is not None:
        x = apply.entry_of(ev, x)
    if not isinstance(inner, Layer) or not isinstance(x, Tensor):
        hidden = Unknown(Reason.SPEC, "Bidirectional of a layer that is not declared", arguments.span)
        return apply.opaque(ev, wrapper.kind, arguments, hidden)
    x = ev.refresh(x)
    args = {k: apply.plain(v) for k, v in inner.args.items()}
    mode = wrapper.attrs.get("merge_mode", "concat")
    call = {inner.spec.call[0]: x} if inner.spec.call else x
    starts = _halves(ev, arguments)

    def outcome() -> Any:
        there, back = (inner.spec.apply({**call, **s} if isinstance(call, dict) else call, args) for s in starts)
        return both_directions(there, back, mode)

    why: Unknown | None
    result, why = apply.guarded(ev, outcome, wrapper.kind)
    leading = apply.first_out(result)
    if leading is not None and leading.demand is not None and ev.demand(x, leading.demand):
        x = ev.refresh(x)
        call = {inner.spec.call[0]: x} if inner.spec.call else x
        result, why = apply.guarded(ev, outcome, wrapper.kind)
    site = apply.Site(
        inner.spec.name,
        inner.spec.family,
        arguments.span,
        wrapper.name,
        wrapper.span,
        wrapper.ident,
        inner.attrs.get("__given__", frozenset()),
        inner.arg_spans,
        {**inner.args, "wrapper": wrapper.kind, "merge_mode": mode},
        True,
    )
    given = [t for start in starts for t in apply.tensors_in(list(start.values()))]
    return apply.record(ev, site, [x, *given], result if result is not None else Out(), why)


def _halves(ev: Evaluator, arguments: Arguments) -> tuple[dict[str, Any], dict[str, Any]]:
    """The initial states of each direction: the first half of the list goes forwards, the second backwards."""
    value = apply.refreshed(ev, apply.plain(arguments.get(1, "initial_state")))
    if not isinstance(value, (list, tuple)):
        return {}, {}
    middle = len(value) // 2
    return {"initial_state": list(value[:middle])}, {"initial_state": list(value[middle:])}


def _lambda(ev: Evaluator, frame: Frame, wrapper: Object, arguments: Arguments) -> Any:
    """`Lambda(lambda x: x[:, 0])`."""
    function = wrapper.attrs.get("layer")
    extra = wrapper.attrs.get("arguments")
    keywords = dict(extra.items) if isinstance(extra, DictValue) and extra.items is not None else {}
    return calls.call(ev, frame, function, Arguments([_single(arguments)], keywords, arguments.span))


def _input_layer(ev: Evaluator, frame: Frame, wrapper: Object, arguments: Arguments) -> Any:
    return _single(arguments)


def _rnn(ev: Evaluator, frame: Frame, wrapper: Object, arguments: Arguments) -> Any:
    """A user's cell (or several) on one step; the layer's output has the cell's size at the last or at every step."""
    x = _single(arguments)
    if isinstance(x, Unknown) and x.symbol is not None:
        x = apply.entry_of(ev, x)
    x = ev.refresh(x) if isinstance(x, Tensor) else x
    if not isinstance(x, Tensor) or x.shape is None or len(x.shape) < 3:
        why = Unknown(Reason.ARGUMENT, "input not known", arguments.span)
        return apply.opaque(ev, wrapper.kind, arguments, why, owner=True)
    output: Any = tensor_operators.index_tensor(ev, x, (SliceValue(None, None, None), 0), arguments.span)
    states: list[Any] = []
    for cell in wrapper.attrs["cells"]:
        start = _start(ev, frame, cell, x.shape[0], arguments)
        result = calls.call(ev, frame, cell, Arguments([output, ListValue(start)], {}, arguments.span))
        if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[0], Tensor):
            why = Unknown(Reason.SYNTAX, "a cell that is not understood", arguments.span)
            return apply.opaque(ev, wrapper.kind, arguments, why)
        output = ev.refresh(result[0])
        states += start
    return _unrolled(ev, wrapper, x, output, states, arguments)


def _start(ev: Evaluator, frame: Frame, cell: Any, batch: Size, arguments: Arguments) -> list[Any]:
    """The first states of a cell: zeros of its `state_size`, one number, a shape or a list of these."""
    sizes = attribute.get(ev, frame, cell, "state_size", arguments.span)
    many = sizes.items if isinstance(sizes, ListValue) else list(sizes) if isinstance(sizes, tuple) else [sizes]
    found = []
    for size in many or [None]:
        rest = size if isinstance(size, tuple) else (size,)
        found.append(Tensor((batch, *(as_size(s) for s in rest)), "float32", framework="keras"))
    return found


def _unrolled(
    ev: Evaluator, wrapper: Object, x: Tensor, output: Tensor, states: list[Any], arguments: Arguments
) -> Any:
    sequences, state = wrapper.attrs.get("return_sequences", False), wrapper.attrs.get("return_state", False)
    assert x.shape is not None
    if not isinstance(sequences, bool) or not isinstance(state, bool) or output.shape is None:
        why = Unknown(Reason.ARGUMENT, "an argument of RNN", arguments.span)
        return apply.opaque(ev, wrapper.kind, arguments, why)
    shape = (output.shape[0], x.shape[1], *output.shape[1:]) if sequences else output.shape
    outs: Any = Out(shape, dtype=output.dtype)
    result = (outs, *(Out(s.shape) for s in states)) if state else outs
    site = apply.Site(wrapper.kind, "recurrent", arguments.span, wrapper.name, wrapper.span, wrapper.ident)
    site.args = {"return_sequences": sequences, "return_state": state}
    return apply.record(ev, site, [x, output], result)


CALLS = {
    "keras.layers.RNN": _rnn,
    "keras.layers.TimeDistributed": _time_distributed,
    "keras.layers.Bidirectional": _bidirectional,
    "keras.layers.Lambda": _lambda,
    "keras.layers.InputLayer": _input_layer,
}

"""Library functions that call the user's: `tf.cond`, `tf.while_loop`, `tf.map_fn`, `K.rnn`, `ops.scan`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from archlint.dims import Size, same
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import inputs as keras_inputs
from archlint.interp.python import branches, iterate
from archlint.interp.python import call as calls
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.join import join
from archlint.interp.python.truth import truth
from archlint.interp.tensors import apply
from archlint.interp.tensors import operators as tensor_operators
from archlint.layers.spec import Out
from archlint.text import Span
from archlint.values import (
    Builtin,
    DictValue,
    Function,
    ListValue,
    Method,
    Reason,
    SliceValue,
    Tensor,
    Unknown,
    as_size,
)

_CALLABLE = (Function, Method, Builtin)


def _given(arguments: Arguments, place: int, *names: str) -> Any:
    """An argument by place, or by any of the names it has had."""
    if place < len(arguments.positional):
        return arguments.positional[place]
    return next((arguments.keywords[n] for n in names if n in arguments.keywords), None)


def _run(ev: Evaluator, frame: Frame, function: Any, values: list[Any], where: Span) -> Any:
    return calls.call(ev, frame, function, Arguments(values, {}, where))


def _one_of(ev: Evaluator, frame: Frame, test: Any, yes: Any, no: Any, where: Span) -> Any:
    """What one of two functions gives; both run where the test is not decided."""

    def arm(value: Any) -> Callable[[], Any]:
        return lambda: _run(ev, frame, value, [], where) if isinstance(value, _CALLABLE) else value

    decided = None if isinstance(test, Tensor) else truth(test)
    if decided is not None:
        return arm(yes if decided else no)()
    return join(ev, branches.both(ev, [arm(yes), arm(no)]))


def cond(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.cond(training, lambda: dropped, lambda: x)`."""
    test = _given(arguments, 0, "pred")
    yes, no = _given(arguments, 1, "true_fn", "fn1"), _given(arguments, 2, "false_fn", "fn2")
    return _one_of(ev, frame, test, yes, no, arguments.span)


def switch(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`K.switch(condition, a, b)`: values, or functions that give them."""
    test = _given(arguments, 0, "condition")
    yes, no = _given(arguments, 1, "then_expression"), _given(arguments, 2, "else_expression")
    if isinstance(yes, _CALLABLE) or isinstance(no, _CALLABLE):
        return _one_of(ev, frame, test, yes, no, arguments.span)
    return _one_of(ev, frame, Unknown(Reason.DATA, "a condition"), yes, no, arguments.span)


def in_train_phase(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`K.in_train_phase(noised, x)`."""
    test = _given(arguments, 2, "training")
    test = Unknown(Reason.DATA, "training") if test is None else test
    return _one_of(ev, frame, test, _given(arguments, 0, "x"), _given(arguments, 1, "alt"), arguments.span)


def in_test_phase(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`K.in_test_phase(x, noised)`."""
    test = _given(arguments, 2, "training")
    test = Unknown(Reason.DATA, "training") if test is None else test
    return _one_of(ev, frame, test, _given(arguments, 1, "alt"), _given(arguments, 0, "x"), arguments.span)


def case(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.case([(test, function), …], default=function)`."""
    pairs = iterate.items(ev, _given(arguments, 0, "pred_fn_pairs"))
    if isinstance(pairs, Unknown):
        return pairs
    functions = [pair[1] for pair in pairs if isinstance(pair, tuple) and len(pair) == 2]
    functions += [f for f in (_given(arguments, 1, "default"),) if f is not None]
    if not functions:
        return Unknown(Reason.SYNTAX, "case", arguments.span)
    arms: list[Callable[[], Any]] = [lambda f=f: _run(ev, frame, f, [], arguments.span) for f in functions]  # type: ignore[misc]
    return join(ev, branches.both(ev, arms))


def _carried(value: Any) -> Any:
    """A loop variable as the body sees it in any round: of the same shape, but not the same number."""
    if isinstance(value, Tensor):
        return Tensor(value.shape, value.dtype, value.axes, value.node, value.slot, value.last, value.entry, None,
                      value.framework)  # fmt: skip
    if isinstance(value, (bool, int, float)):
        return Unknown(Reason.LOOP, "a number that a loop changes", number=True)
    if isinstance(value, tuple):
        return tuple(_carried(v) for v in value)
    if isinstance(value, ListValue) and value.items is not None:
        return ListValue([_carried(v) for v in value.items])
    return value


def _settled(ev: Evaluator, before: Any, after: Any) -> Any:
    """The form of a loop variable behind the loop, as an `Out`: what all rounds have in common."""
    if isinstance(before, Tensor):
        before = ev.refresh(before)
        shape = before.shape
        if isinstance(after, Tensor):
            after = ev.refresh(after)
            shape = _common(before.shape, after.shape)
        return Out(shape, dtype=before.dtype)
    if isinstance(before, (bool, int, float)):
        return Out((), dtype="int32" if isinstance(before, int) else "float32")
    if isinstance(before, tuple):
        others = after if isinstance(after, tuple) and len(after) == len(before) else (None,) * len(before)
        return tuple(_settled(ev, a, b) for a, b in zip(before, others))
    if isinstance(before, ListValue) and before.items is not None:
        found = after.items if isinstance(after, ListValue) and after.items is not None else after
        ends = list(found) if isinstance(found, (list, tuple)) else []
        ends = ends if len(ends) == len(before.items) else [None] * len(before.items)
        return [_settled(ev, a, b) for a, b in zip(before.items, ends)]
    return after if after is not None else before


def _common(a: Any, b: Any) -> tuple[Size, ...] | None:
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(x if same(x, y) is True else None for x, y in zip(a, b))


def while_loop(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.while_loop(cond, body, loop_vars)`: the body runs once; a loop variable keeps its shape."""
    test, body = _given(arguments, 0, "cond"), _given(arguments, 1, "body")
    start = _given(arguments, 2, "loop_vars")
    values = iterate.items(ev, start) if isinstance(start, (tuple, ListValue)) else [start]
    if isinstance(values, Unknown):
        return apply.opaque(ev, "tensorflow.while_loop", arguments, values)
    values = _under(ev, values, _given(arguments, 3, "shape_invariants"))
    _run(ev, frame, test, [_carried(v) for v in values], arguments.span)
    after = _run(ev, frame, body, [_carried(v) for v in values], arguments.span)
    ends = list(after) if isinstance(after, tuple) else after.items if isinstance(after, ListValue) else [after]
    if ends is None or len(ends) != len(values):
        ends = [None] * len(values)
    found = [_settled(ev, a, b) for a, b in zip(values, ends)]
    result: Any = tuple(found) if isinstance(start, tuple) else found if len(found) > 1 else found[0]
    return _recorded(ev, "while_loop", arguments, values, result)


def _under(ev: Evaluator, values: list[Any], invariants: Any) -> list[Any]:
    """The loop variables with the shapes that they are said to keep: `shape_invariants=[TensorShape([None, 8])]`."""
    stated = [] if invariants is None else iterate.items(ev, invariants)
    if isinstance(stated, Unknown) or (invariants is not None and len(stated) != len(values)):
        return [replace(v, shape=None, axes=None, entry=None) if isinstance(v, Tensor) else v for v in values]
    if invariants is None:
        return values
    found = []
    for value, shape in zip(values, stated):
        items = keras_inputs.shape_items(ev, shape)
        if isinstance(value, Tensor) and items is not None:
            sizes = tuple(as_size(i) for i in items)
            value = replace(ev.refresh(value), shape=sizes, axes=ev.atoms(sizes), entry=None)
        elif isinstance(value, Tensor):
            value = replace(value, shape=None, axes=None, entry=None)
        found.append(value)
    return found


def _recorded(ev: Evaluator, name: str, arguments: Arguments, values: Any, result: Any) -> Any:
    """One node for the whole loop, behind the nodes of its body."""
    inputs = [ev.refresh(t) for t in apply.tensors_in(apply.plain(values))]
    if apply.first_out(result) is None:
        return result
    return apply.record(ev, apply.Site(f"tensorflow.{name}", "other", arguments.span), inputs, result)


def fori_loop(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`ops.fori_loop(0, n, body, start)`."""
    body, start = _given(arguments, 2, "body_fun"), _given(arguments, 3, "init_val")
    number = Unknown(Reason.LOOP, "the number of a round", number=True)
    after = _run(ev, frame, body, [number, _carried(start)], arguments.span)
    return _recorded(ev, "fori_loop", arguments, start, _settled(ev, start, after))


def _row(ev: Evaluator, value: Any, where: Span) -> Any:
    """The first element of every tensor along its first axis."""
    if isinstance(value, Tensor):
        return tensor_operators.index_tensor(ev, value, 0, where)
    if isinstance(value, tuple):
        return tuple(_row(ev, v, where) for v in value)
    if isinstance(value, ListValue) and value.items is not None:
        return ListValue([_row(ev, v, where) for v in value.items])
    return Unknown(Reason.DATA, "an element", where)


def _length(ev: Evaluator, value: Any) -> Size:
    first = next(apply.tensors_in(apply.plain(value)), None)
    shape = ev.refresh(first).shape if first is not None else None
    return shape[0] if shape else None


def _stacked(ev: Evaluator, value: Any, length: Size) -> Any:
    """The results of all rounds, one behind the other on a new first axis."""
    if isinstance(value, Tensor):
        value = ev.refresh(value)
        return Out(None if value.shape is None else (length, *value.shape), dtype=value.dtype, last=value.features)
    if isinstance(value, tuple):
        return tuple(_stacked(ev, v, length) for v in value)
    if isinstance(value, ListValue) and value.items is not None:
        return [_stacked(ev, v, length) for v in value.items]
    if isinstance(value, DictValue) and value.items is not None:
        return {k: _stacked(ev, v, length) for k, v in value.items.items()}
    return Out((length,)) if isinstance(value, (bool, int, float)) else Out()


def map_fn(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.map_fn(function, elements)`: the function on every position of the first axis."""
    function, elements = _given(arguments, 0, "fn", "f", "function"), _given(arguments, 1, "elems", "elements", "xs")
    if next(apply.tensors_in(apply.plain(elements)), None) is None:
        return apply.opaque(ev, "tensorflow.map_fn", arguments, Unknown(Reason.ARGUMENT, "elements", arguments.span))
    result = _run(ev, frame, function, [_row(ev, elements, arguments.span)], arguments.span)
    return _recorded(ev, "map_fn", arguments, elements, _stacked(ev, result, _length(ev, elements)))


def _folded(stacked: bool) -> Callable[[Evaluator, Frame, Arguments], Any]:
    def fold(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        """`tf.scan(function, elements, start)`, `tf.foldl`: what was found so far goes into the next round."""
        function, elements = _given(arguments, 0, "fn"), _given(arguments, 1, "elems")
        start = _given(arguments, 2, "initializer")
        if next(apply.tensors_in(apply.plain(elements)), None) is None:
            why = Unknown(Reason.ARGUMENT, "elements", arguments.span)
            return apply.opaque(ev, "tensorflow.scan", arguments, why)
        row = _row(ev, elements, arguments.span)
        first = row if start is None else start
        after = _run(ev, frame, function, [_carried(first), row], arguments.span)
        found = after if stacked else _settled(ev, first, after)
        result = _stacked(ev, found, _length(ev, elements)) if stacked else found
        return _recorded(ev, "scan" if stacked else "foldl", arguments, elements, result)

    return fold


def ops_scan(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`ops.scan(step, start, elements)` gives the last carry and every output."""
    function, start = _given(arguments, 0, "f"), _given(arguments, 1, "init")
    elements = _given(arguments, 2, "xs")
    row = None if elements is None else _row(ev, elements, arguments.span)
    length = _given(arguments, 3, "length") if elements is None else _length(ev, elements)
    after = _run(ev, frame, function, [_carried(start), row], arguments.span)
    if not isinstance(after, tuple) or len(after) != 2:
        return apply.opaque(ev, "keras.ops.scan", arguments, Unknown(Reason.LOOP, "scan", arguments.span))
    result = (_settled(ev, start, after[0]), _stacked(ev, after[1], length if isinstance(length, int) else None))
    return _recorded(ev, "scan", arguments, (start, elements), result)


def rnn(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`K.rnn(step, inputs, states)`: the last output, all outputs, and the states."""
    step, inputs = _given(arguments, 0, "step_function"), _given(arguments, 1, "inputs")
    states = _given(arguments, 2, "initial_states")
    if not isinstance(inputs, Tensor):
        return apply.opaque(ev, "keras.backend.rnn", arguments, Unknown(Reason.ARGUMENT, "inputs", arguments.span))
    inputs = ev.refresh(inputs)
    x = tensor_operators.index_tensor(ev, inputs, (_ALL, 0), arguments.span)
    constants = iterate.items(ev, arguments.keywords.get("constants") or ())
    extra = [] if isinstance(constants, Unknown) else constants
    kept = iterate.items(ev, states)
    if isinstance(kept, Unknown):
        return apply.opaque(ev, "keras.backend.rnn", arguments, kept)
    after = _run(ev, frame, step, [x, ListValue([*map(_carried, kept), *extra])], arguments.span)
    if not isinstance(after, tuple) or len(after) != 2 or not isinstance(after[0], Tensor):
        why = Unknown(Reason.LOOP, "a step that is not understood", arguments.span)
        return apply.opaque(ev, "keras.backend.rnn", arguments, why)
    output = ev.refresh(after[0])
    time = inputs.shape[1] if inputs.shape is not None and len(inputs.shape) > 1 else None
    every = None if output.shape is None else (output.shape[0], time, *output.shape[1:])
    ends = [_settled(ev, state, None) for state in kept]
    return _recorded(ev, "rnn", arguments, [inputs, *kept], (Out(output.shape), Out(every), ends))


def first_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`@tf.custom_gradient`: the function gives its value and a gradient; its callers see the value."""
    function = arguments.get(0, "f")

    def run(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        result = calls.call(ev, frame, function, given)
        return result[0] if isinstance(result, tuple) and len(result) == 2 else result

    return Builtin("custom_gradient", run)


def template(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.make_template("encoder", encode, depth=3)`: the function with some arguments fixed."""
    function = _given(arguments, 1, "func_")
    fixed = {k: v for k, v in arguments.keywords.items() if k not in ("func_", "name_") and not k.endswith("_")}

    def run(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        return calls.call(ev, frame, function, given.but(given.positional, {**fixed, **given.keywords}))

    return Builtin("make_template", run)


def itself(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """A decorator that changes nothing about shapes, with or without arguments of its own."""
    if arguments.positional and isinstance(arguments.positional[0], _CALLABLE):
        return arguments.positional[0]
    return Builtin("decorator", lambda ev, frame, given: given.positional[0] if given.positional else None)


_ALL = SliceValue(None, None, None)
HANDLERS = {
    **dict.fromkeys(("tensorflow.cond", "tensorflow.contrib.framework.smart_cond", "tf_slim.smart_cond",
                     "tensorflow.smart_cond", "keras.ops.cond"), cond),
    "keras.backend.switch": switch, "keras.backend.in_train_phase": in_train_phase,
    "keras.backend.in_test_phase": in_test_phase, "tensorflow.case": case,
    "tensorflow.while_loop": while_loop, "keras.ops.while_loop": while_loop, "keras.ops.fori_loop": fori_loop,
    **dict.fromkeys(("tensorflow.map_fn", "tensorflow.vectorized_map", "keras.backend.map_fn", "keras.ops.map",
                     "keras.ops.vectorized_map"), map_fn),
    "tensorflow.scan": _folded(True),
    **dict.fromkeys(("tensorflow.foldl", "tensorflow.foldr", "keras.backend.foldl", "keras.backend.foldr"),
                    _folded(False)),
    "keras.ops.scan": ops_scan, "keras.backend.rnn": rnn, "tensorflow.make_template": template,
    **dict.fromkeys(("tensorflow.custom_gradient", "keras.ops.custom_gradient"), first_of),
    **dict.fromkeys(("tensorflow.function", "tensorflow.recompute_grad", "tf_slim.recompute_grad",
                     "tensorflow.autograph.experimental.do_not_convert"), itself),
}  # fmt: skip

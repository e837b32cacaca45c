"""TensorFlow 1's input pipelines: queues of tensors, and batches that are made of what comes out of them."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import inputs as keras_inputs
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.handlers import Call
from archlint.interp.tensors import apply
from archlint.layers.spec import Out
from archlint.values import Builtin, ListValue, Object, Reason, Shape, Tensor, Unknown, as_size


def batches(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.train.batch([image, label], batch_size)`: each tensor with one axis more in front."""
    return _batched(ev, arguments, arguments.get(0, "tensors"))


def joined(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.train.batch_join([[image, label], [image, label]], batch_size)`: one list of tensors for each thread."""
    given = arguments.get(0, "tensors_list")
    threads = iterate.items(ev, given) if isinstance(given, (tuple, ListValue)) else []
    if isinstance(threads, Unknown) or not threads:
        return Unknown(Reason.DATA, "a queue", arguments.span)
    return _batched(ev, arguments, threads[0], [_columns(ev, t) for t in threads])


def _columns(ev: Evaluator, tensors: Any) -> list[Tensor] | None:
    items = iterate.items(ev, tensors) if isinstance(tensors, (tuple, ListValue)) else [tensors]
    if isinstance(items, Unknown) or not all(isinstance(t, Tensor) for t in items):
        return None
    return [ev.refresh(t) for t in items]


def _batched(
    ev: Evaluator, arguments: Arguments, tensors: Any, threads: list[list[Tensor] | None] | None = None
) -> Any:
    """`enqueue_many`: each tensor is a batch of its own already; `shapes` states those of single elements."""
    columns = [_columns(ev, tensors)] if threads is None else threads
    elements = _shapes(ev, arguments.keywords.get("shapes"))
    if elements is None:
        first = columns[0]
        if first is None or any(c is None or len(c) != len(first) for c in columns):
            return Unknown(Reason.DATA, "a queue", arguments.span)
        many = arguments.keywords.get("enqueue_many", False)
        elements = [_element([c[at] for c in columns if c is not None], many) for at in range(len(first))]
    count = None if arguments.keywords.get("allow_smaller_final_batch") else as_size(arguments.get(1, "batch_size"))
    outs = [Out(None if element is None else (count, *element), dtype="") for element in elements]
    inputs = [ev.refresh(t) for t in apply.tensors_in(apply.plain(tensors))]
    found = apply.record(ev, apply.Site("tensorflow.train.batch", "variable", arguments.span), inputs, outs)
    return found if len(outs) > 1 else found.items[0]  # of a list of one tensor, too


def _element(tensors: list[Tensor], many: Any) -> Shape:
    """The shape of one element of a column, if all threads agree on it."""
    shape = tensors[0].shape
    if any(t.shape != shape for t in tensors) or not isinstance(many, bool) or shape is None or (many and not shape):
        return None
    return shape[1:] if many else shape


def _shapes(ev: Evaluator, value: Any) -> list[Shape] | None:
    """`shapes=[(160, 160, 3), ()]`; the shape of the only component may stand alone."""
    items = iterate.items(ev, value) if isinstance(value, (tuple, ListValue)) else Unknown(Reason.DATA)
    if isinstance(items, Unknown):
        return None
    if items and all(i is None or as_size(i) is not None for i in items):
        return [tuple(as_size(i) for i in items)]
    found = [keras_inputs.shape_items(ev, item) for item in items]
    return [None if shape is None else tuple(as_size(s) for s in shape) for shape in found]


def first_in_first_out(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.FIFOQueue(100, [tf.string, tf.int64], shapes=[(3,), (3,)])`."""
    return _queue(ev, arguments, arguments.get(1, "dtypes"), arguments.get(2, "shapes"))


def shuffling(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.RandomShuffleQueue(100, 50, [tf.float32], shapes=[[28, 28, 1]])`."""
    return _queue(ev, arguments, arguments.get(2, "dtypes"), arguments.get(3, "shapes"))


def _queue(ev: Evaluator, arguments: Arguments, dtypes: Any, shapes: Any) -> Any:
    types = iterate.items(ev, dtypes) if isinstance(dtypes, (tuple, ListValue)) else [dtypes]
    if isinstance(types, Unknown):
        return Unknown(Reason.EXTERNAL, "a queue", arguments.span)
    stated = _shapes(ev, shapes)
    elements = stated if stated is not None and len(stated) == len(types) else [None] * len(types)

    def taken(given: Arguments, lead: tuple[Any, ...]) -> Any:
        outs = [Out(None if shape is None else (*lead, *shape), dtype="") for shape in elements]
        found = apply.record(ev, apply.Site("tensorflow.FIFOQueue.dequeue", "variable", given.span), [], outs)
        return found if len(outs) > 1 else found.items[0]

    def some(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        return taken(given, (as_size(given.get(0, "n")),))

    methods: dict[str, Any] = {
        "dequeue": Builtin("dequeue", lambda ev, frame, given: taken(given, ())),
        "dequeue_many": Builtin("dequeue_many", some),
        "dequeue_up_to": Builtin("dequeue_up_to", lambda ev, frame, given: taken(given, (None,))),
    }
    for name in ("enqueue", "enqueue_many", "close", "size", "cancel_enqueues"):
        methods[name] = Builtin(name, lambda ev, frame, given: Unknown(Reason.EXTERNAL, "a queue", given.span))
    return Object(None, "tensorflow.FIFOQueue", ev.heap.born(methods), ev.serial(), arguments.span)


def moving_average(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`ema = tf.train.ExponentialMovingAverage(0.9)`: the average of a tensor has its shape."""

    def average(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        value = given.get(0, "var")
        return ev.refresh(value) if isinstance(value, Tensor) else Unknown(Reason.DATA, "an average", given.span)

    def unknown(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        return Unknown(Reason.EXTERNAL, "a moving average", given.span)

    methods: dict[str, Any] = {"average": Builtin("average", average)}
    methods |= {name: Builtin(name, unknown) for name in ("apply", "average_name", "variables_to_restore")}
    return Object(None, "tensorflow.train.ExponentialMovingAverage", ev.heap.born(methods), ev.serial(), arguments.span)


HANDLERS: dict[str, Call] = {
    **dict.fromkeys(("tensorflow.train.batch", "tensorflow.train.shuffle_batch"), batches),
    **dict.fromkeys(("tensorflow.train.batch_join", "tensorflow.train.shuffle_batch_join"), joined),
    **dict.fromkeys(("tensorflow.FIFOQueue", "tensorflow.queue.FIFOQueue"), first_in_first_out),
    **dict.fromkeys(("tensorflow.RandomShuffleQueue", "tensorflow.queue.RandomShuffleQueue"), shuffling),
    "tensorflow.train.ExponentialMovingAverage": moving_average,
}

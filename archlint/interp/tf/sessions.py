"""What runs and trains a TensorFlow graph: sessions, optimisers, queues, summaries.  None of it is a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.interp.data import feeds
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import inputs as keras_inputs
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.interp.tf import queues as tf_queues
from archlint.layers.spec import Out
from archlint.values import (
    Builtin,
    DictValue,
    ListValue,
    Object,
    Reason,
    Tensor,
    Unknown,
    as_size,
)

Handler = Callable[[Evaluator, Frame, Arguments], Any]

_PREFIXES = (
    "tensorflow.train.", "tensorflow.summary.", "tensorflow.saved_model.", "tensorflow.gfile.", "tensorflow.io.gfile.",
    "tensorflow.python_io.", "tensorflow.logging.", "tensorflow.test.", "tensorflow.flags.", "tensorflow.app.",
    "tensorflow.graph_util.", "tensorflow.profiler.", "tensorflow.metrics.", "tensorflow.estimator.",
    "tensorflow.data.",
    "keras.optimizers.", "keras.callbacks.", "keras.metrics.", "keras.utils.", "keras.saving.",
    "keras.preprocessing.",
    "tensorflow.contrib.learn.", "tensorflow.contrib.training.", "tensorflow.contrib.opt.", "tf_slim.learning.",
    "tf_slim.metrics.", "tf_slim.evaluation.", "tensorflow.config.", "tensorflow.distribute.",
)  # fmt: skip
_NAMES = frozenset((
    "Session", "InteractiveSession", "Graph", "get_default_graph", "get_default_session", "reset_default_graph",
    "ConfigProto", "GPUOptions", "add_to_collection", "add_to_collections", "get_collection", "get_collection_ref",
    "global_variables", "trainable_variables", "local_variables", "model_variables", "all_variables",
    "global_variables_initializer", "local_variables_initializer", "initialize_all_variables",
    "initialize_local_variables", "initialize_variables", "variables_initializer", "tables_initializer",
    "gradients", "hessians", "group", "no_op", "control_dependencies", "device", "colocate_with", "set_random_seed",
    "assert_equal", "assert_greater", "assert_greater_equal", "assert_less", "assert_less_equal", "assert_rank",
    "assert_positive", "assert_non_negative", "Assert", "import_graph_def", "FIFOQueue", "PaddingFIFOQueue",
    "RandomShuffleQueue", "clip_by_global_norm", "global_norm", "image_summary", "scalar_summary",
    "histogram_summary", "merge_summary", "merge_all_summaries", "get_variable_scope", "is_variable_initialized",
    "report_uninitialized_variables", "histogram_fixed_width", "print",
))  # fmt: skip
_OF_KERAS = frozenset((
    "get_keras_mask", "set_keras_mask", "clear_session", "get_session", "set_session", "set_learning_phase",
    "learning_phase", "gradients", "function", "get_value", "set_value", "batch_get_value", "batch_set_value",
    "update", "update_add", "update_sub", "get_uid", "name_scope", "set_floatx", "set_epsilon", "backend",
    "manual_variable_initialization", "set_image_dim_ordering", "moving_average_update",
))  # fmt: skip


def handler(name: str) -> Handler | None:
    """How a call of machinery is answered: with a value that is not known, and no node in the graph."""
    top, _, short = name.rpartition(".")
    found = HANDLERS.get(name) or tf_queues.HANDLERS.get(name)
    if found is not None:
        return found
    if name.startswith(_PREFIXES) or (top == "tensorflow" and short in _NAMES):
        return _unknown(name)
    if top in ("keras.backend", "keras.backend.tensorflow") and short in _OF_KERAS:
        return _unknown(name)
    return None


def _unknown(name: str) -> Handler:
    return lambda ev, frame, arguments: Unknown(Reason.EXTERNAL, name, arguments.span)


def session(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.Session()`: what it runs comes back with the shape that it has in the graph."""
    methods = {"run": Builtin("run", run), "graph": Unknown(Reason.EXTERNAL, "the graph")}
    for name in ("close", "as_default", "partial_run", "list_devices"):
        methods[name] = Builtin(name, lambda ev, frame, given: Unknown(Reason.EXTERNAL, "a session", given.span))
    return Object(None, "tensorflow.Session", dict(methods), ev.serial(), arguments.span)


def run(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`sess.run([logits, loss], feed_dict={x: images})`: arrays; what is fed may be of any size the graph left open."""
    feeds.placeholders(ev, arguments)
    return _fetched(ev, arguments.get(0, "fetches"), arguments)


def _fetched(ev: Evaluator, value: Any, arguments: Arguments) -> Any:
    if isinstance(value, tuple):
        return tuple(_fetched(ev, v, arguments) for v in value)
    if isinstance(value, ListValue) and value.items is not None:
        return ListValue([_fetched(ev, v, arguments) for v in value.items])
    if isinstance(value, DictValue) and value.items is not None:
        return DictValue({k: _fetched(ev, v, arguments) for k, v in value.items.items()})
    return Unknown(Reason.DATA, "what a session gives", arguments.span)


def on_unknown(ev: Evaluator, name: str, arguments: Arguments) -> Unknown | None:
    """A method of something not known that can only be machinery: `sess.run(…)`, `optimizer.minimize(loss)`."""
    top, _, short = name.rpartition(".")
    if not top or "tf" not in ev.frameworks or short not in _METHODS:
        return None
    return Unknown(Reason.EXTERNAL, name, arguments.span)


_METHODS = frozenset((
    "run", "minimize", "apply_gradients", "compute_gradients", "add_summary", "enqueue", "enqueue_many", "restore",
    "save", "update_state", "maybe_restore", "average", "add_run_metadata",
))  # fmt: skip


def tensor_array(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.TensorArray(tf.float32, size=n)`: written element by element, read as one tensor."""
    size = as_size(arguments.get(1, "size"))
    return _array(ev, size, _element(ev, arguments.keywords.get("element_shape")), arguments)


def _element(ev: Evaluator, shape: Any) -> Tensor | None:
    items = keras_inputs.shape_items(ev, shape)
    return None if items is None else Tensor(tuple(as_size(i) for i in items), framework="tf")


def _array(ev: Evaluator, size: Any, element: Tensor | None, arguments: Arguments) -> Object:
    """A tensor array; each write gives a new one, as in TensorFlow."""

    def write(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        value = given.get(1, "value")
        return _array(ev, size, value if isinstance(value, Tensor) else None, given)

    def unstack(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        value = given.get(0, "value")
        fresh = ev.refresh(value) if isinstance(value, Tensor) else None
        if fresh is None or not fresh.shape:
            return _array(ev, None, None, given)
        row = Tensor(fresh.shape[1:], fresh.dtype, None, fresh.node, fresh.slot, framework="tf")
        return _array(ev, fresh.shape[0], row, given)

    def read(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        return Unknown(Reason.DATA, "an element", given.span) if element is None else element

    def stack(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        if element is None:
            return Unknown(Reason.DATA, "elements", given.span)
        fresh = ev.refresh(element)
        out = Out(None if fresh.shape is None else (size, *fresh.shape), dtype=fresh.dtype)
        inputs = [fresh] if fresh.node >= 0 else []
        return apply.record(ev, apply.Site("tensorflow.TensorArray.stack", "stack", given.span), inputs, out)

    methods: dict[str, Any] = {"write": write, "unstack": unstack, "read": read, "stack": stack}
    attrs: dict[str, Any] = {name: Builtin(name, method) for name, method in methods.items()}
    attrs["size"] = Builtin("size", lambda ev, frame, given: Unknown(Reason.DATA, "a size") if size is None else size)
    return Object(None, "", attrs, ev.serial(), arguments.span)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("tensorflow.Session", "tensorflow.InteractiveSession"), session),
    "tensorflow.TensorArray": tensor_array,
}

"""A module named `tensorflow` made of `keras.ops`, for tf.keras code where Keras runs on another backend.

Only what makes tensors out of tensors is there.  The rest (`tf.data`, `tf.config`, …) is accepted and does nothing,
and says "not installed" when it is called with a tensor.
"""

import functools
import sys
from types import ModuleType
from typing import Any, Callable, Dict

from . import keras_shapes, keras_tensorflow_images
from .standins import StandInModule

SAME_NAME = (
    "cast", "add", "multiply", "subtract", "divide", "exp", "log", "sqrt", "square", "abs",
    "maximum", "minimum", "zeros", "ones", "einsum", "sigmoid", "tanh", "zeros_like", "ones_like", "where", "sign",
    "round", "floor", "sin", "cos", "equal", "not_equal", "greater", "greater_equal", "less", "less_equal",
    "argmax", "argmin", "cumsum", "meshgrid", "logical_and", "logical_or", "logical_not", "rsqrt",
)  # fmt: skip
OTHER_NAME = {
    "pow": "power",
    "truediv": "divide",
    "broadcast_to": "broadcast_to",
    "stop_gradient": "stop_gradient",
    "eye": "eye",
}
REDUCTIONS = {"reduce_mean": "mean", "reduce_sum": "sum", "reduce_max": "max", "reduce_min": "min",
              "reduce_prod": "prod", "reduce_std": "std", "reduce_variance": "var", "reduce_all": "all",
              "reduce_any": "any", "reduce_logsumexp": "logsumexp"}  # fmt: skip
FIRST = ("input", "input_tensor", "images", "features")
DTYPES = (
    "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "bool", "string",
)  # fmt: skip
MODULES = ("initializers", "losses", "metrics", "optimizers", "activations")
INERT = (
    "data", "io", "image", "random", "train", "distribute", "config", "compat", "summary", "errors", "strings",
    "signal", "autograph", "saved_model", "test", "python", "app", "flags", "logging", "estimator",
    "feature_column", "lite", "debugging", "experimental",
)  # fmt: skip
VERSION = "2.16.0"
"""Programs compare it: `if tf.__version__.startswith("2")`."""


def stand_in(keras: Any) -> ModuleType:
    """The module and its parts, in `sys.modules`."""
    tf = StandInModule("tensorflow")
    tf.__path__ = []
    functions = _functions(keras)
    neural = {name: _called_as_there(one) for name, one in keras_tensorflow_images.neural(keras).items()}
    images = {name: _called_as_there(one) for name, one in keras_tensorflow_images.images(keras).items()}
    neural["l2_normalize"] = neural["normalize"] = functions["l2_normalize"]
    parts = {
        "nn": _part("nn", neural),
        "image": _part("image", images),
        "math": _part("math", functions),
        "linalg": _part("linalg", functions),
    }
    parts.update({name: StandInModule("tensorflow." + name) for name in INERT if name not in parts})
    for name, value in dict(functions, keras=keras, __version__=VERSION, **parts).items():
        setattr(tf, name, value)
    for name, part in parts.items():
        part.__path__ = []
        sys.modules["tensorflow." + name] = part
    _versions(tf)
    sys.modules["tensorflow"] = tf
    keras_shapes.install_on_tracers(keras.backend.backend())
    return tf


def _versions(tf: Any) -> None:
    """`import tensorflow.compat.v2 as tf`; TensorFlow 1 is not what this stands for."""
    tf.compat.v2, tf.compat.v1 = tf, StandInModule("tensorflow.compat.v1")
    tf.compat.v1.__path__ = []
    tf.compat.v1.image = tf.image
    sys.modules.update({"tensorflow.compat.v2": tf, "tensorflow.compat.v1": tf.compat.v1})


def _part(name: str, functions: Dict[str, Any]) -> ModuleType:
    part = StandInModule("tensorflow." + name)
    for key, function in functions.items():
        setattr(part, key, function)
    return part


def _functions(keras: Any) -> Dict[str, Any]:
    """Functions by their name in TensorFlow 2, with its argument names."""
    ops = keras.ops
    functions: Dict[str, Any] = {name: getattr(ops, name) for name in SAME_NAME if hasattr(ops, name)}
    functions.update({old: getattr(ops, new) for old, new in OTHER_NAME.items()})
    functions.update({old: _reduction(getattr(ops, new)) for old, new in REDUCTIONS.items()})
    functions.update(_arrangements(ops))
    functions.update(
        identity=lambda x: x,
        ensure_shape=lambda x, shape: x,
        cond=lambda pred, true_fn=None, false_fn=None: ops.cond(pred, true_fn, false_fn),
        map_fn=lambda fn, elems, **_: ops.map(fn, elems),
        constant=lambda value, dtype=None, shape=None: _filled(ops, value, dtype, shape),
        convert_to_tensor=lambda value, dtype=None, **_: ops.convert_to_tensor(value, dtype),
        Variable=functools.partial(_variable, keras),
    )
    functions = {name: _called_as_there(function) for name, function in functions.items()}
    functions.update({name: name for name in DTYPES})
    functions.update({name: getattr(keras, name) for name in MODULES})
    functions.update(is_tensor=ops.is_tensor, executing_eagerly=lambda: True)
    functions.update(function=_decorator, Tensor=keras.KerasTensor, Module=object, newaxis=None, TensorShape=tuple)
    return functions


def _variable(keras: Any, initial_value: Any, trainable: bool = True, dtype: Any = None, **_: Any) -> Any:
    """With an initializer, because Keras allows only that while it infers shapes."""
    value = initial_value() if callable(initial_value) else keras.ops.convert_to_tensor(initial_value, dtype)
    name = keras.backend.standardize_dtype(value.dtype)
    return keras.Variable(lambda shape, dtype: value, shape=tuple(value.shape), dtype=name, trainable=trainable)


def _decorator(function: Any = None, **_options: Any) -> Any:
    """`@tf.function`, `@tf.function(jit_compile=True)`."""
    return function if function is not None else _decorator


def _arrangements(ops: Any) -> Dict[str, Any]:
    def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, **_: Any) -> Any:
        turned_a = ops.swapaxes(a, -1, -2) if transpose_a else a
        return ops.matmul(turned_a, ops.swapaxes(b, -1, -2) if transpose_b else b)

    def split(value: Any, num_or_size_splits: Any, axis: int = 0, **_: Any) -> Any:
        """Sizes of the parts here, places of the cuts in `keras.ops`."""
        if isinstance(num_or_size_splits, int):
            return ops.split(value, num_or_size_splits, axis)
        cuts = [sum(num_or_size_splits[: i + 1]) for i in range(len(num_or_size_splits) - 1)]
        return ops.split(value, cuts, axis)

    return {
        "matmul": matmul,
        "reshape": lambda tensor, shape: ops.reshape(tensor, shape),
        "tile": lambda x, multiples: ops.tile(x, multiples),
        "clip_by_value": lambda t, clip_value_min, clip_value_max: ops.clip(t, clip_value_min, clip_value_max),
        "range": lambda start, limit=None, delta=1, dtype=None: ops.arange(start, limit, delta, dtype),
        "split": split,
        "concat": lambda values, axis: ops.concatenate(values, axis),
        "transpose": lambda a, perm=None, **_: ops.transpose(a, perm),
        "expand_dims": lambda x, axis=-1: ops.expand_dims(x, axis),
        "squeeze": lambda x, axis=None: ops.squeeze(x, axis),
        "stack": lambda values, axis=0: ops.stack(values, axis),
        "unstack": lambda value, num=None, axis=0: ops.unstack(value, num, axis),
        "shape": lambda x, *_, **__: ops.shape(x),
        "rank": lambda x: len(x.shape),
        "size": lambda x, **_: ops.size(x),
        "fill": lambda dims, value: ops.full(dims, value),
        "pad": lambda tensor, paddings, mode="CONSTANT", constant_values=0: _padded(ops, tensor, paddings, mode),
        "gather": lambda params, indices, axis=0, **_: ops.take(params, indices, axis),
        "one_hot": lambda indices, depth, axis=-1, **_: ops.one_hot(indices, depth, axis=axis),
        "reverse": lambda tensor, axis: ops.flip(tensor, axis),
        "l2_normalize": lambda x, axis=None, **_: ops.normalize(x, axis if axis is not None else -1),
        "repeat": lambda x, repeats, axis=None: ops.repeat(x, repeats, axis),
        "tensordot": lambda a, b, axes: ops.tensordot(a, b, axes),
        "add_n": lambda inputs: sum(inputs[1:], inputs[0]),
    }


def _called_as_there(function: Callable[..., Any]) -> Callable[..., Any]:
    """With the keywords of TensorFlow: `tf.add(a, b, name="sum")`, `tf.reduce_sum(input_tensor=x)`."""

    def call(*args: Any, **kwargs: Any) -> Any:
        kwargs.pop("name", None)
        first = [kwargs.pop(key) for key in FIRST if key in kwargs and not args]
        return function(*args, *first, **kwargs)

    return call


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False: function(x, axis=axis, keepdims=keepdims)


def _padded(ops: Any, tensor: Any, paddings: Any, mode: str) -> Any:
    return ops.pad(tensor, tuple(tuple(pair) for pair in paddings), mode.lower())


def _filled(ops: Any, value: Any, dtype: Any, shape: Any) -> Any:
    tensor = ops.convert_to_tensor(value, dtype)
    return ops.broadcast_to(tensor, shape) if shape is not None else tensor

"""`keras.backend` as Keras 1 and 2 had it (`K.concatenate`, `K.int_shape`, …), made of `keras.ops`."""

import functools
import importlib
import operator
from typing import Any, Dict

SAME_NAME = (
    "shape", "cast", "exp", "log", "square", "sqrt", "abs", "sum", "mean", "max", "min", "prod", "argmax", "argmin",
    "any", "all", "maximum", "minimum", "concatenate", "reshape", "expand_dims", "squeeze", "relu", "elu",
    "sigmoid", "tanh", "softmax", "softplus", "softsign", "hard_sigmoid", "stack", "tile", "clip", "zeros_like",
    "ones_like", "zeros", "ones", "round", "sign", "sin", "cos", "equal", "not_equal", "greater", "greater_equal",
    "less", "less_equal", "cumsum", "cumprod", "std", "var", "arange", "eye", "one_hot", "stop_gradient",
    "binary_crossentropy",
)  # fmt: skip
OTHER_NAME = {
    "dot": "matmul",
    "permute_dimensions": "transpose",
    "pow": "power",
    "gather": "take",
    "conv1d": "conv",
    "conv2d": "conv",
    "conv3d": "conv",
    "conv2d_transpose": "conv_transpose",
    "transpose": "transpose",
}
ORDERINGS = {"th": "channels_first", "tf": "channels_last"}


def install(keras: Any) -> None:
    """Adds to `keras.backend` what it lacks."""
    functions = dict(_renamed(keras.ops), **_shapes(keras))
    functions.update(_configuration(keras))
    for name, function in functions.items():
        if not hasattr(keras.backend, name):
            setattr(keras.backend, name, function)
    if keras.backend.backend() == "tensorflow":
        legacy = importlib.import_module("keras.src.legacy.backend")
        for name in dir(legacy):
            if not name.startswith("_") and not hasattr(keras.backend, name):
                setattr(keras.backend, name, getattr(legacy, name))


def _renamed(ops: Any) -> Dict[str, Any]:
    functions = {name: getattr(ops, name) for name in SAME_NAME}
    functions.update({old: getattr(ops, new) for old, new in OTHER_NAME.items()})
    functions["gather"] = lambda reference, indices: ops.take(reference, indices, axis=0)
    functions["concatenate"] = lambda tensors, axis=-1: ops.concatenate(tensors, axis)
    functions["expand_dims"] = lambda x, axis=-1: ops.expand_dims(x, axis)
    functions["argmax"] = lambda x, axis=-1: ops.argmax(x, axis)
    functions["argmin"] = lambda x, axis=-1: ops.argmin(x, axis)
    return functions


def _shapes(keras: Any) -> Dict[str, Any]:
    """Functions that change shapes or make tensors."""
    ops = keras.ops

    def batch_flatten(x: Any) -> Any:
        sizes = tuple(x.shape)[1:]
        return ops.reshape(x, (-1, functools.reduce(operator.mul, sizes, 1) if None not in sizes else -1))

    def resize_images(
        x: Any, height_factor: int, width_factor: int, data_format: Any = None, interpolation: str = "nearest"
    ) -> Any:
        layer = keras.layers.UpSampling2D((height_factor, width_factor), data_format, interpolation)
        return layer(x)

    def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
        return keras.layers.ZeroPadding2D(padding, data_format)(x)

    def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
        return keras.layers.Dot(axes=axes if axes is not None else (len(x.shape) - 1, len(y.shape) - 2))([x, y])

    def pool2d(
        x: Any,
        pool_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: Any = None,
        pool_mode: str = "max",
    ) -> Any:
        pool = ops.max_pool if pool_mode == "max" else ops.average_pool
        return pool(x, pool_size, strides, padding, data_format)

    return {
        "int_shape": lambda x: tuple(x.shape),
        "ndim": lambda x: len(x.shape),
        "dtype": lambda x: keras.backend.standardize_dtype(x.dtype),
        "flatten": lambda x: ops.reshape(x, (-1,)),
        "batch_flatten": batch_flatten,
        "batch_dot": batch_dot,
        "pool2d": pool2d,
        "resize_images": resize_images,
        "spatial_2d_padding": spatial_2d_padding,
        "temporal_padding": lambda x, padding=(1, 1): keras.layers.ZeroPadding1D(padding)(x),
        "repeat": lambda x, n: ops.repeat(ops.expand_dims(x, 1), n, 1),
        "repeat_elements": lambda x, rep, axis: ops.repeat(x, rep, axis),
        "reverse": lambda x, axes: ops.flip(x, axes),
        "l2_normalize": lambda x, axis=None: ops.normalize(x, axis if axis is not None else -1),
        "variable": lambda value, dtype=None, name=None, **_: ops.convert_to_tensor(value, dtype),
        "constant": lambda value, dtype=None, shape=None, name=None: _constant(ops, value, dtype, shape),
        "switch": lambda condition, then, other: ops.where(condition, _evaluated(then), _evaluated(other)),
        "random_normal": lambda shape, mean=0.0, stddev=1.0, **_: keras.random.normal(shape, mean, stddev),
        "random_uniform": lambda shape, minval=0.0, maxval=1.0, **_: keras.random.uniform(shape, minval, maxval),
        "dropout": lambda x, level, *_, **__: keras.random.dropout(x, level),
        "update": lambda x, new: new,
    }


def _constant(ops: Any, value: Any, dtype: Any, shape: Any) -> Any:
    tensor = ops.convert_to_tensor(value, dtype)
    return ops.broadcast_to(tensor, shape) if shape is not None else tensor


def _evaluated(value: Any) -> Any:
    return value() if callable(value) else value


def _configuration(keras: Any) -> Dict[str, Any]:
    config = keras.config
    named = {layout: ordering for ordering, layout in ORDERINGS.items()}

    def nothing(*args: Any, **kwargs: Any) -> None:
        """Sessions, learning phases, assigned values: they change no shape."""

    silent = [
        "set_session",
        "set_learning_phase",
        "set_value",
        "batch_set_value",
        "get_session",
        "manual_variable_initialization",
    ]
    functions: Dict[str, Any] = dict.fromkeys(silent, nothing)
    functions.update(
        image_dim_ordering=lambda: named[config.image_data_format()],
        set_image_dim_ordering=lambda ordering: config.set_image_data_format(ORDERINGS[ordering]),
        set_image_data_format=config.set_image_data_format,
        learning_phase=lambda: 0,
        in_train_phase=lambda x, alt, training=None: _evaluated(x if training else alt),
        in_test_phase=lambda x, alt, training=None: _evaluated(alt if training else x),
        normalize_data_format=lambda value=None: value or config.image_data_format(),
        get_value=lambda x: x,
        is_keras_tensor=lambda x: isinstance(x, keras.KerasTensor),
        is_sparse=lambda x: False,
        placeholder=lambda shape=None, **_: keras.Input(batch_shape=shape),
        function=lambda inputs, outputs, **_: nothing,
    )
    return functions

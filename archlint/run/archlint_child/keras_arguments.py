"""Calls written for Keras 1 and 2, turned into those of Keras 3: `Convolution2D(32, 3, 3, border_mode="same")`."""

import functools
import importlib
import inspect
from typing import Any, Dict, List, Set, Tuple

from .keras_signatures import replace

RENAMED = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
    "dim_ordering": "data_format",
    "pool_length": "pool_size",
    "stride": "strides",
    "length": "size",
    "bias": "use_bias",
    "output_dim": "units",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "U_constraint": "recurrent_constraint",
    "b_constraint": "bias_constraint",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "p": "rate",
    "sigma": "stddev",
    "alpha": "negative_slope",
    "dims": "target_shape",
    "layer_size": "units",
}
"""Keyword of Keras 1 or 2 -> that of Keras 3, where the layer has the new one and not the old one."""
EMBEDDING = {"init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer"}
WITHOUT_MEANING = frozenset(
    ["weights", "input_length", "consume_less", "forget_bias_init", "mode", "batch_size",
     "gamma_init", "beta_init", "gamma_regularizer", "output_shape"]
)  # fmt: skip
"""Old keywords that change no shape; dropped where the layer does not know them."""
VALUES: Dict[str, Dict[str, Any]] = {
    "data_format": {"th": "channels_first", "tf": "channels_last", "default": None},
    "kernel_initializer": {"normal": "random_normal", "uniform": "random_uniform", "zero": "zeros", "one": "ones"},
}
ALIASES = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "AvgPool2D": "AveragePooling2D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "SeparableConvolution2D": "SeparableConv2D",
}
OLD_STYLE = frozenset(["AtrousConvolution2D", "Deconvolution2D", "Convolution2D", "SeparableConvolution2D"])
"""By these names `C(32, 3, 5)` has a kernel of 3 by 5; `Conv2D(32, 3, 5)` has a stride of 5."""
OF_CONVOLUTIONS = frozenset(
    [
        "nb_filter",
        "nb_row",
        "nb_col",
        "border_mode",
        "subsample",
        "dim_ordering",
        "init",
        "atrous_rate",
        "W_regularizer",
    ]
)
SEQUENCES = frozenset(
    ["LSTM", "GRU", "SimpleRNN", "Conv1D", "ConvLSTM2D", "TimeDistributed", "Bidirectional", "Masking"]
)

Call = Tuple[Tuple[Any, ...], Dict[str, Any]]


def converted(name: str, accepted: Set[str], args: Any, kwargs: Dict[str, Any], old_style: bool = False) -> Call:
    """The call of layer class `name`, whose constructor takes the keywords `accepted`, as Keras 3 wants it."""
    args, kwargs = _kernel(name, tuple(args), dict(kwargs), old_style)
    renamed = {}
    for key, value in kwargs.items():
        new = RENAMED.get(key) if name != "Embedding" else EMBEDDING.get(key, key)
        known = key in accepted or (key == "alpha" and name == "ELU")
        key = key if known or new is None or new in kwargs or new not in accepted else new
        renamed[key] = _value(key, value)
    return args, _input_shape(name, accepted, renamed)


def _value(key: str, value: Any) -> Any:
    if key == "padding" and isinstance(value, str):
        return value.lower()
    key = "kernel_initializer" if key.endswith("_initializer") else key
    return VALUES.get(key, {}).get(value, value) if isinstance(value, str) else value


def _kernel(name: str, args: Any, kwargs: Dict[str, Any], old_style: bool) -> Call:
    """Rows and columns that were arguments of their own."""
    old_style = old_style or bool(OF_CONVOLUTIONS & set(kwargs))
    sides = 3 if "3D" in name else 2
    if "Conv" in name and "1D" not in name and (old_style or sides == 3):
        rest = args[1 : sides + 1]
        if len(rest) == sides and all(type(side) is int for side in rest):
            args, kwargs["kernel_size"] = args[:1], tuple(rest)
        elif len(args) == 2 and "nb_col" in kwargs:
            args, kwargs["nb_row"] = args[:1], args[1]
    for names in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        if all(side in kwargs for side in names):
            kwargs["kernel_size"] = tuple(kwargs.pop(side) for side in names)
    return args, kwargs


def _input_shape(name: str, accepted: Set[str], kwargs: Dict[str, Any]) -> Dict[str, Any]:
    """`input_dim=16, input_length=10`, `batch_input_shape=(…)` of a first layer."""
    steps = kwargs.get("input_length")
    if "batch_input_shape" in kwargs:
        kwargs["input_shape"] = tuple(kwargs.pop("batch_input_shape")[1:])
    elif name == "Embedding":
        kwargs.pop("dropout", None)
        if steps is not None:
            kwargs.setdefault("input_shape", tuple(steps) if isinstance(steps, (list, tuple)) else (steps,))
    elif "input_dim" in kwargs and "input_dim" not in accepted and name in SEQUENCES:
        kwargs["input_shape"] = (steps, kwargs.pop("input_dim"))
    return {key: value for key, value in kwargs.items() if key in accepted or key not in WITHOUT_MEANING}


def install(keras: Any, notes: Set[str]) -> None:
    """Makes the layers, models and optimizers of Keras 3 accept old calls; `notes` gets what was turned into what."""
    others = (keras.layers.Layer, keras.layers.InputLayer)
    converting = {cls for _, cls in _classes(keras.layers, keras.layers.Layer) if cls not in others}
    for cls in converting:
        _accept_old_calls(cls, converting, notes)
    for old, new in ALIASES.items():
        layer = getattr(keras.layers, new)
        setattr(keras.layers, old, _old_style(layer) if old in OLD_STYLE else layer)
    optimizers = {cls for _, cls in _classes(keras.optimizers, keras.optimizers.Optimizer)}
    for cls in optimizers:
        _accept_old_rates(cls, optimizers)
    keras.layers.merge = functools.partial(merge, keras.layers)
    keras.layers.TimeDistributedDense = lambda *a, **k: keras.layers.TimeDistributed(keras.layers.Dense(*a, **k))
    _accept_input_and_output(keras)
    _accept_name_first(keras.layers.Layer, notes)


def _classes(module: Any, parent: Any) -> List[Tuple[str, Any]]:
    found = [(name, getattr(module, name)) for name in dir(module)]
    return [(name, cls) for name, cls in found if isinstance(cls, type) and issubclass(cls, parent)]


def _accept_old_calls(cls: Any, converting: Set[Any], notes: Set[str]) -> None:
    original = cls.__init__
    accepted = set(inspect.signature(original).parameters)

    def init(self: Any, *args: Any, **kwargs: Any) -> Any:
        if next(one for one in type(self).__mro__ if one in converting) is not cls:
            return original(self, *args, **kwargs)  # Keras calls the constructor of its own base class
        old = kwargs.pop("_old_style", False)
        if kwargs.get("batch_input_shape") is not None:
            object.__setattr__(self, "_batch_shape_of_input", tuple(kwargs["batch_input_shape"]))
        args, now = converted(cls.__name__, accepted, args, kwargs, old)
        notes.update("%s of Keras 1 or 2 was read as today's argument" % key for key in kwargs if key not in now)
        return original(self, *args, **now)

    replace(cls, "__init__", init)


def _old_style(cls: Any) -> Any:
    """The class under a name by which its positional arguments mean something else."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        cls.__init__(self, *args, **dict(kwargs, _old_style=True))

    init.__signature__ = inspect.signature(cls.__init__)  # type: ignore[attr-defined]
    return type(cls.__name__, (cls,), {"__init__": init, "__module__": cls.__module__})


def _accept_old_rates(cls: Any, converting: Set[Any]) -> None:
    """`SGD(lr=0.01, decay=1e-6)`."""
    original = cls.__init__
    accepted = set(inspect.signature(original).parameters)

    def init(self: Any, *args: Any, **kwargs: Any) -> Any:
        if next(one for one in type(self).__mro__ if one in converting) is not cls:
            return original(self, *args, **kwargs)
        if "lr" in kwargs:
            kwargs["learning_rate"] = kwargs.pop("lr")
        kwargs = {key: value for key, value in kwargs.items() if key in accepted and value is not None}
        return original(self, *args, **kwargs)

    replace(cls, "__init__", init)


def merge(
    layers: Any,
    inputs: Any,
    mode: Any = "sum",
    concat_axis: int = -1,
    dot_axes: Any = -1,
    output_shape: Any = None,
    name: Any = None,
    **_ignored: Any,
) -> Any:
    """`merge([a, b], mode="concat", concat_axis=1)` of Keras 1."""
    if callable(mode):
        return layers.Lambda(mode, output_shape=output_shape, name=name)(inputs)
    if mode == "concat":
        return layers.Concatenate(axis=concat_axis, name=name)(inputs)
    if mode in ("dot", "cos"):
        return layers.Dot(axes=dot_axes, normalize=mode == "cos", name=name)(inputs)
    classes = {"sum": layers.Add, "mul": layers.Multiply, "ave": layers.Average, "max": layers.Maximum}
    if mode not in classes:
        raise ValueError("Invalid merge mode: %s" % (mode,))
    return classes[mode](name=name)(inputs)


def _accept_input_and_output(keras: Any) -> None:
    """`Model(input=x, output=y)`: both `__new__` and `__init__` see the keywords."""
    functional = importlib.import_module("keras.src.models.functional").Functional
    make, init = keras.Model.__new__, functional.__init__

    def plural(kwargs: Dict[str, Any]) -> Dict[str, Any]:
        return {{"input": "inputs", "output": "outputs"}.get(key, key): value for key, value in kwargs.items()}

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        return make(cls, *args, **plural(kwargs))

    def functional_init(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **plural(kwargs))

    keras.Model.__new__ = staticmethod(new)
    replace(functional, "__init__", functional_init)


def _accept_name_first(layer: Any, notes: Set[str]) -> None:
    """`self.add_weight("kernel", shape=(3, 3))`: the shape comes first since Keras 3."""
    original = layer.add_weight

    def add_weight(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            notes.add("add_weight with the name first, as in Keras 2, was read as today's call")
            kwargs["name"], args = args[0], args[1:]
        return original(self, *args, **kwargs)

    replace(layer, "add_weight", add_weight)
    layer.add_variable = add_weight

"""How Keras 1 and 2 called the arguments that Keras 3 has under other names."""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS = {
    "init": "kernel_initializer",
    "bias": "use_bias",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
}
WINDOW = {"border_mode": "padding", "dim_ordering": "data_format"}
CONV = {
    **WEIGHTS, **WINDOW, "nb_filter": "filters", "filter_length": "kernel_size", "subsample": "strides",
    "subsample_length": "strides", "atrous_rate": "dilation_rate",
}  # fmt: skip
POOL = {**WINDOW, "pool_length": "pool_size", "stride": "strides"}
DENSE = {**WEIGHTS, "output_dim": "units"}
RECURRENT = {
    **DENSE, "inner_init": "recurrent_initializer", "inner_activation": "recurrent_activation",
    "U_regularizer": "recurrent_regularizer", "U_constraint": "recurrent_constraint", "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}  # fmt: skip
EMBEDDING = {"init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer"}
LAYOUT = {"dim_ordering": "data_format"}

TWO_SIDES = ("Conv2D", "Convolution2D", "SeparableConv2D", "SeparableConvolution2D", "Conv2DTranspose")
_TABLES: tuple[tuple[Mapping[str, str], tuple[str, ...]], ...] = (
    (CONV, (*TWO_SIDES, "Conv1D", "Convolution1D", "Conv3D", "Convolution3D", "DepthwiseConv2D")),
    (POOL, tuple(f"{kind}Pooling{n}D" for kind in ("Max", "Average") for n in (1, 2, 3))),
    (DENSE, ("Dense",)),
    (RECURRENT, ("LSTM", "GRU", "SimpleRNN")),
    (EMBEDDING, ("Embedding",)),
    (LAYOUT, tuple(f"{kind}{n}D" for kind in ("ZeroPadding", "Cropping", "UpSampling") for n in (2, 3))),
    ({"p": "rate"}, ("Dropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")),
    ({"sigma": "stddev"}, ("GaussianNoise",)),
    ({"gamma_init": "gamma_initializer", "beta_init": "beta_initializer"}, ("BatchNormalization",)),
    ({"input": "inputs", "output": "outputs"}, ("Model",)),
    ({"lr": "learning_rate"}, ("SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam")),
)
BY_CLASS: dict[str, Mapping[str, str]] = {name: table for table, names in _TABLES for name in names}
_PLACES = ("layers", "models", "optimizers", "")


def keras_class(name: str) -> str:
    """`Conv2D` of `keras.layers.Conv2D`, `tensorflow.keras.layers.Conv2D`, `keras.layers.convolutional.Conv2D`.

    "" for what is no layer, model or optimizer of Keras, and for Keras before its third version by name (`tf_keras`).
    """
    _, is_keras, inner = name.removeprefix("tensorflow.").partition("keras.")
    place, _, last = inner.rpartition(".")
    known = is_keras and name.removeprefix("tensorflow.").startswith("keras.")
    return last if known and place.split(".")[0] in _PLACES and "legacy" not in place else ""

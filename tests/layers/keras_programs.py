"""Random Keras programs that give a small model data: some fit, some do not."""

from __future__ import annotations

from random import Random

_MODELS = (
    ("(6,)", "layers.Dense(4), layers.Dense({units}{act})"),
    ("(4, 4, 1)", "layers.Conv2D(2, 3), layers.Flatten(), layers.Dense({units}{act})"),
    ("(4, 4, 3)", "layers.Conv2D(2, 3), layers.GlobalAveragePooling2D(), layers.Dense({units}{act})"),
    ("(5, 2)", "layers.LSTM(3), layers.Dense({units}{act})"),
    ("(5, 2)", "layers.Dense({units}{act})"),
    ("(4, 4)", "layers.Flatten(), layers.Dense({units}{act})"),
)
_DATA = (
    "(8, 6)",
    "(8, 4, 4, 1)",
    "(8, 4, 4, 3)",
    "(8, 4, 4)",
    "(8, 5, 2)",
    "(8, 5, 5, 3)",
    "(8, 16)",
    "(8,)",
    "(4, 4)",
)
_LOSSES = (
    "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy", "mse", "mae", "hinge",
    "categorical_focal_crossentropy", "binary_focal_crossentropy", "huber", "log_cosh", "poisson", "kl_divergence",
    "mean_squared_logarithmic_error", "mean_absolute_percentage_error", "squared_hinge",
)  # fmt: skip
_OBJECTS = ("keras.losses.{}()", "keras.losses.{}(from_logits=True)")
_CLASSES = {
    "categorical_crossentropy": "CategoricalCrossentropy", "sparse_categorical_crossentropy":
    "SparseCategoricalCrossentropy", "binary_crossentropy": "BinaryCrossentropy",
}  # fmt: skip
_FITTING = {"(6,)": "(8, 6)", "(4, 4, 1)": "(8, 4, 4, 1)", "(4, 4, 3)": "(8, 4, 4, 3)", "(5, 2)": "(8, 5, 2)"}


def _model(rng: Random, shape: str, layers: str) -> str:
    kind = rng.randrange(4)
    if kind == 0:
        return f"model = keras.Sequential([keras.Input({shape}), {layers}])"
    if kind == 1:
        return f"model = keras.Sequential([{layers}])"
    chain = "x = inputs = keras.Input(" + shape + ")\n" + f"for layer in [{layers}]:\n    x = layer(x)\n"
    return chain + "model = keras.Model(inputs, x)"


def _labels(rng: Random, units: int) -> str:
    other = units + 1
    return rng.choice((
        f"np.random.randint(0, {units}, 8)", f"np.random.randint(0, {units}, (8, 1))",
        f"np.eye({units})[np.zeros(8, int)]", f"np.eye({other})[np.zeros(8, int)]", "np.random.rand(8, 1)",
        "np.random.rand(8)", f"np.random.rand(8, {units})", f"keras.utils.to_categorical(np.zeros(8, int), {units})",
        "np.random.rand(7, 1)", f"np.random.rand(8, 5, {units})",
        "np.random.rand(8, 4, 4)",
    ))  # fmt: skip


def program(rng: Random) -> str:
    """One program: a model, its loss, data and labels."""
    shape, layers = rng.choice(_MODELS)
    units = rng.choice((1, 2, 3))
    act = rng.choice(("", ', activation="softmax"', ', activation="sigmoid"'))
    data = rng.choice(_DATA) if rng.random() < 0.5 else _FITTING.get(shape, "(8, 4, 4)")
    loss = rng.choice(_LOSSES) if rng.random() < 0.4 else rng.choice(_LOSSES[:4])
    stated = f'"{loss}"'
    if loss in _CLASSES and rng.random() < 0.3:
        stated = rng.choice(_OBJECTS).format(_CLASSES[loss])
    call = rng.choice((
        "fit(x, y, verbose=0)", "fit(x, y, verbose=0)", "evaluate(x, y, verbose=0)", "train_on_batch(x, y)",
        "predict(x, verbose=0)", "fit(x, y, validation_data=(x, y), verbose=0)",
    ))  # fmt: skip
    return "\n".join((
        "import numpy as np", "import keras", "from keras import layers",
        _model(rng, shape, layers.format(units=units, act=act)), f"model.compile(loss={stated}, optimizer='sgd')",
        f"x = np.random.rand(*{data})", f"y = {_labels(rng, units)}", f"model.{call}", "",
    ))  # fmt: skip


def programs(count: int, seed: int = 3) -> list[str]:
    """Different programs."""
    rng = Random(seed)
    return list(dict.fromkeys(program(rng) for _ in range(count)))

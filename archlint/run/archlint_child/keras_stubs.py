"""Training, files and data sets that do nothing: a program's `fit`, `save`, `load_data`, `weights="imagenet"`."""

import importlib
import sys
from typing import Any, Callable, List, Tuple

NOWHERE = "/nonexistent/archlint"
INERT = ("save", "save_weights", "load_weights", "summary", "export", "reset_states", "save_to_json")
TRAINING = ("fit", "fit_generator")
EVALUATING = ("evaluate", "evaluate_generator", "train_on_batch", "test_on_batch")
PREDICTING = ("predict", "predict_generator", "predict_on_batch", "predict_proba")
IMAGES = {"mnist": (28, 28), "fashion_mnist": (28, 28), "cifar10": (32, 32, 3), "cifar100": (32, 32, 3)}
TEXTS = {"imdb": (25000, 25000), "reuters": (8982, 2246)}
TABLES = {"boston_housing": (404, 102, 13), "california_housing": (16512, 4128, 8)}
"""Rows for training, rows for testing, columns."""


def install(keras: Any) -> None:
    """Makes a Keras (`keras` itself, or `tf.keras`) inert where it would train, read or write."""
    models = {keras.models.Model, keras.models.Sequential}
    for model in models:
        _training(model)
    _datasets(keras.datasets)
    _files(keras)
    for name in ("ModelCheckpoint", "TensorBoard", "CSVLogger", "BackupAndRestore"):
        callback = getattr(getattr(keras, "callbacks", None), name, None)
        if callback is not None:
            callback.__init__ = _nothing  # it checks the ending of a file name


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Accepts everything."""


class History(dict):  # type: ignore[type-arg]
    """`history.history["val_loss"][-1]` of a training that did not take place."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.history, self.params, self.epoch = self, {"epochs": epochs}, list(range(epochs))

    def __missing__(self, key: Any) -> List[float]:
        return [0.0] * len(self.epoch)


def _training(model: Any) -> None:
    """A user's own `fit`, in a subclass, stays."""

    def fit(self: Any, *args: Any, **kwargs: Any) -> History:
        epochs = kwargs.get("epochs", kwargs.get("nb_epoch", 1))
        return History(epochs if isinstance(epochs, int) and 0 < epochs < 1000 else 1)

    def compiled(self: Any, *args: Any, **kwargs: Any) -> None:
        metrics = kwargs.get("metrics")
        self.__dict__["_archlint_metrics"] = len(metrics) if isinstance(metrics, (list, tuple)) else int(bool(metrics))

    def evaluate(self: Any, *args: Any, **kwargs: Any) -> Any:
        count = self.__dict__.get("_archlint_metrics", 0)
        return [0.0] * (count + 1) if count else 0.0

    for names, function in ((INERT, _nothing), (TRAINING, fit), (EVALUATING, evaluate), (PREDICTING, predict)):
        for name in names:
            setattr(model, name, function)
    model.predict_classes, model.compile = _predict_classes, compiled


def predict(self: Any, x: Any = None, *args: Any, **kwargs: Any) -> Any:
    """Zeros of the output's shape, a row for each of `x`; None where the shape is not known."""
    np = importlib.import_module("numpy")
    first = x[0] if isinstance(x, (list, tuple)) and len(x) else x
    try:
        rows = int(first.shape[0])
        shape = self.output_shape
    except (AttributeError, IndexError, TypeError, ValueError, RuntimeError):
        return None
    shapes = shape if isinstance(shape, list) else [shape]
    if any(size is None for one in shapes for size in one[1:]):
        return None
    arrays = [np.zeros((rows, *one[1:]), "float32") for one in shapes]
    return arrays if isinstance(shape, list) else arrays[0]


def _predict_classes(self: Any, x: Any = None, *args: Any, **kwargs: Any) -> Any:
    scores = predict(self, x)
    return None if scores is None or isinstance(scores, list) else scores.argmax(-1)


def _datasets(datasets: Any) -> None:
    for name, shape in IMAGES.items():
        train = 50000 if name.startswith("cifar") else 60000
        _replace(datasets, name, _images(train, 10000, shape, column=name.startswith("cifar")))
    for name, (train, test) in TEXTS.items():
        _replace(datasets, name, _texts(train, test))
    for name, (train, test, columns) in TABLES.items():
        _replace(datasets, name, _table(train, test, columns))


def _replace(datasets: Any, name: str, load: Callable[..., Any]) -> None:
    module: Any = getattr(datasets, name, None) or sys.modules.get("%s.%s" % (datasets.__name__, name))
    if module is None:
        try:
            module = importlib.import_module("%s.%s" % (datasets.__name__, name))
        except ImportError:
            return  # newer than this Keras
    module.load_data = load
    if hasattr(module, "get_word_index"):
        module.get_word_index = lambda *args, **kwargs: {"the": 1}


def _images(train: int, test: int, shape: Tuple[int, ...], column: bool) -> Callable[..., Any]:
    def load_data(*args: Any, **kwargs: Any) -> Any:
        np = importlib.import_module("numpy")

        def part(rows: int) -> Any:
            return np.zeros((rows, *shape), "uint8"), np.zeros((rows, 1) if column else (rows,), "uint8")

        return part(train), part(test)

    return load_data


def _texts(train: int, test: int) -> Callable[..., Any]:
    def load_data(*args: Any, **kwargs: Any) -> Any:
        np = importlib.import_module("numpy")

        def part(rows: int) -> Any:
            reviews = np.empty(rows, dtype=object)
            reviews[:] = [[1, 2]] * rows
            return reviews, np.zeros(rows, "int64")

        return part(train), part(test)

    return load_data


def _table(train: int, test: int, columns: int) -> Callable[..., Any]:
    def load_data(*args: Any, **kwargs: Any) -> Any:
        np = importlib.import_module("numpy")
        return (np.zeros((train, columns)), np.zeros(train)), (np.zeros((test, columns)), np.zeros(test))

    return load_data


def _files(keras: Any) -> None:
    """Downloads: `weights="imagenet"` asks `get_file` for a path, and `load_weights` for its content."""

    def get_file(fname: Any = "", *args: Any, **kwargs: Any) -> str:
        return "%s/%s" % (NOWHERE, fname or "file")

    keras.utils.get_file = get_file
    for name, module in list(sys.modules.items()):
        if "keras" in name and "get_file" in vars(module):
            module.get_file = get_file  # type: ignore[attr-defined]

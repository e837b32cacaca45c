"""The data sets that examples use, by the shapes that they have; nothing is downloaded.

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()      (60000, 28, 28), (60000,) …
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import Any

from archlint.dims import Size
from archlint.interp.data import arrays
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.layers.numpy.create import one_hot
from archlint.text import Span
from archlint.values import Array, Builtin, Contents, DictValue, ListValue, Object, Reason, Tensor, Unknown, as_size

Call = Callable[[Evaluator, Frame, Arguments], Any]


def _array(shape: tuple[Size, ...], dtype: str, where: Span, classes: int | None = None) -> Array:
    return Array(shape, dtype, Contents(classes), where)


def _pictures(sample: tuple[int, ...], label: tuple[int, ...], classes: int, train: int, test: int) -> Call:
    def load(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        where, mode = arguments.span, arguments.get(0, "label_mode", "fine")
        known = classes if classes != 100 or mode == "fine" else 20 if mode == "coarse" else None
        return tuple(
            (_array((n, *sample), "uint8", where), _array((n, *label), "uint8", where, known)) for n in (train, test)
        )

    return load


def _split(total: int, share: Any, place: int, name: str) -> Callable[[Arguments], tuple[Size, Size]]:
    def sizes(arguments: Arguments) -> tuple[Size, Size]:
        given = arguments.get(place, name, share)
        if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given < 1:
            return None, None
        first = int(total * (1 - given))
        return first, total - first

    return sizes


def _sequences(classes: int, sizes: Callable[[Arguments], tuple[Size, Size]]) -> Call:
    """Reviews as lists of word numbers, of any length; `maxlen` leaves long ones out."""

    def load(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        found = (None, None) if arguments.get(3, "maxlen") is not None else sizes(arguments)
        whole = classes if None not in found else None
        return tuple(
            (_array((n,), "object", arguments.span), _array((n,), "int64", arguments.span, whole)) for n in found
        )

    return load


def _housing(features: int, sizes: Callable[[Arguments], tuple[Size, Size]]) -> Call:
    def load(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        found = sizes(arguments)
        return tuple(
            (_array((n, features), "float64", arguments.span), _array((n,), "float64", arguments.span)) for n in found
        )

    return load


def _california(arguments: Arguments) -> tuple[Size, Size]:
    version = arguments.get(0, "version", "large")
    total = {"large": 20640, "small": 600}.get(version) if isinstance(version, str) else None
    return (None, None) if total is None else _split(total, 0.2, 2, "test_split")(arguments)


def _table(rows: int, columns: int, classes: int | None) -> Call:
    """`load_iris()`: an object with `data` and `target`, or the pair with `return_X_y=True`."""

    def load(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        kind = "float64" if classes is None else "int64"
        x = _array((rows, columns), "float64", arguments.span)
        y = _array((rows,), kind, arguments.span, classes)
        if arguments.keywords.get("return_X_y") is True:
            return x, y
        if arguments.positional or arguments.keywords:
            return Unknown(Reason.DATA, "a data set", arguments.span)
        names = _array((columns,), "str", arguments.span)
        held = {"data": x, "target": y, "feature_names": names}
        if classes is not None:
            held["target_names"] = _array((classes,), "str", arguments.span)
        return Object(None, "", {**held}, ev.serial(), arguments.span, items={**held})

    return load


def _drawn(columns: int, samples: int, name: str, classes: int | None) -> Call:
    """`make_classification(n_samples=1000, n_features=20)`."""

    def draw(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        if arguments.open or arguments.keywords.get("coef") or arguments.keywords.get("return_centers"):
            return Unknown(Reason.DATA, "drawn data", arguments.span)
        count = arguments.get(0, "n_samples", samples)
        width = arguments.get(1, name, columns) if name else columns
        targets = arguments.keywords.get("n_targets", 1)
        if targets != 1 or isinstance(count, (ListValue, tuple)):
            return Unknown(Reason.DATA, "drawn data", arguments.span)
        rows = as_size(count)
        kind = "float64" if classes is None else "int64"
        return _array((rows, as_size(width)), "float64", arguments.span), _array((rows,), kind, arguments.span)

    return draw


def _to_categorical(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`to_categorical(y, 10)`; without a number, as many classes as the greatest label needs."""
    given, count = arrays.array(arguments.get(0, "y", arguments.keywords.get("x"))), arguments.get(1, "num_classes")
    count = arguments.keywords.get("nb_classes", count)
    if given is None:
        return Array(None, "float32", made=arguments.span)
    out = one_hot(arrays.tensor(given), given.contents.classes if count is None else count)
    return Array(out.shape, "float32", made=arguments.span)


def _pad_sequences(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`pad_sequences(x, maxlen=80)`: one row for each sequence."""
    rows = iterate.length(ev, arguments.get(0, "sequences"))
    length = arguments.get(1, "maxlen")
    if arguments.open or isinstance(arguments.get(0, "sequences"), Tensor):
        return Array(None, made=arguments.span)
    sample = given.shape[2:] if isinstance(given := arguments.get(0, "sequences"), Array) and given.shape else ()
    return Array((as_size(rows), as_size(length), *sample), "int32", made=arguments.span)


def train_test_split(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)`."""
    if arguments.open or not arguments.positional:
        return Unknown(Reason.DATA, "a split", arguments.span)
    found: list[Any] = []
    lengths = [as_size(iterate.length(ev, v)) for v in arguments.positional]
    rows = next((n for n in lengths if n is not None), None)
    sizes = _train_and_test(rows, arguments.keywords.get("train_size"), arguments.keywords.get("test_size"))
    for value in arguments.positional:
        given = arrays.array(value)
        for size in sizes:
            if given is None or given.shape is None or not given.shape:
                found.append(Unknown(Reason.DATA, "part of a split", arguments.span))
            else:
                found.append(Array((size, *given.shape[1:]), given.dtype, made=arguments.span))
    return ListValue(found)


def _train_and_test(rows: Size, train: Any, test: Any) -> tuple[Size, Size]:
    """As scikit-learn counts: the test part rounded up, the train part down."""
    if not isinstance(rows, int) or any(
        isinstance(v, bool) or not isinstance(v, (int, float, type(None))) for v in (train, test)
    ):
        return None, None
    if train is None and test is None:
        test = 0.25
    count_test = ceil(test * rows) if isinstance(test, float) else test
    count_train = floor(train * rows) if isinstance(train, float) else train
    if count_train is None:
        count_train = rows - count_test
    if count_test is None:
        count_test = rows - count_train
    fine = 0 < count_train <= rows and 0 < count_test <= rows
    return (count_train, count_test) if fine else (None, None)


def read_data_sets(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`mnist = input_data.read_data_sets("MNIST_data", one_hot=True)`, which TensorFlow 1's tutorials read."""
    hot, flat = arguments.keywords.get("one_hot", False), arguments.keywords.get("reshape", True)
    hot = arguments.positional[2] if len(arguments.positional) > 2 else hot
    held: Any = arguments.keywords.get("validation_size", 5000)
    if arguments.open or not all(isinstance(v, bool) for v in (hot, flat)) or len(arguments.positional) > 3:
        return Unknown(Reason.DATA, "a data set", arguments.span)
    sizes = {"train": 60000 - held, "validation": held, "test": 10000} if isinstance(held, int) else {"test": 10000}
    parts = {name: _mnist_part(ev, n, hot, flat, arguments.span) for name, n in sizes.items()}
    return Object(None, "", {**parts}, ev.serial(), arguments.span)


def _mnist_part(ev: Evaluator, count: Size, hot: bool, flat: bool, where: Span) -> Object:
    def rows(n: Size) -> tuple[Array, Array]:
        x = _array((n, *((784,) if flat else (28, 28, 1))), "float32", where)
        y = _array((n, *((10,) if hot else ())), "float64" if hot else "uint8", where, None if hot else 10)
        return x, y

    def next_batch(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        x, y = rows(as_size(arguments.get(0, "batch_size")))
        return x, Array(y.shape, y.dtype, made=where)

    images, labels = rows(count)
    held = {"images": images, "labels": labels, "num_examples": count}
    return Object(None, "", {**held, "next_batch": Builtin("next_batch", next_batch)}, ev.serial(), where)


def _like_first(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`scale(X)`: as many rows and columns as came in."""
    given = arrays.array(arguments.get(0, "X", arguments.keywords.get("x")))
    return Array(None if given is None else given.shape, "float64", made=arguments.span)


def _scaler(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`StandardScaler().fit_transform(X)`."""
    methods = {name: Builtin(name, _like_first) for name in ("fit_transform", "transform", "inverse_transform")}
    made = Object(None, "", {**methods}, ev.serial(), arguments.span)
    made.attrs["fit"] = Builtin("fit", lambda ev, frame, given: made)
    return made


def _word_index(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    return DictValue(None, Unknown(Reason.DATA, "a dictionary of words", arguments.span))


_PREFIX = "keras.datasets."
_IMDB = _sequences(2, lambda arguments: (25000, 25000))
_REUTERS = _sequences(46, _split(11228, 0.2, 4, "test_split"))
HANDLERS: dict[str, Call] = {
    f"{_PREFIX}mnist.load_data": _pictures((28, 28), (), 10, 60000, 10000),
    f"{_PREFIX}fashion_mnist.load_data": _pictures((28, 28), (), 10, 60000, 10000),
    f"{_PREFIX}cifar10.load_data": _pictures((32, 32, 3), (1,), 10, 50000, 10000),
    f"{_PREFIX}cifar100.load_data": _pictures((32, 32, 3), (1,), 100, 50000, 10000),
    f"{_PREFIX}imdb.load_data": _IMDB,
    f"{_PREFIX}reuters.load_data": _REUTERS,
    f"{_PREFIX}imdb.get_word_index": _word_index,
    f"{_PREFIX}reuters.get_word_index": _word_index,
    f"{_PREFIX}boston_housing.load_data": _housing(13, _split(506, 0.2, 1, "test_split")),
    f"{_PREFIX}california_housing.load_data": _housing(8, _california),
    **dict.fromkeys(("keras.utils.to_categorical", "keras.utils.np_utils.to_categorical",
                     "keras.np_utils.to_categorical"), _to_categorical),
    **dict.fromkeys(("keras.preprocessing.sequence.pad_sequences", "keras.utils.pad_sequences",
                     "keras.utils.data_utils.pad_sequences"), _pad_sequences),
    **dict.fromkeys(("sklearn.model_selection.train_test_split", "sklearn.cross_validation.train_test_split"),
                    train_test_split),
    "sklearn.datasets.load_iris": _table(150, 4, 3), "sklearn.datasets.load_digits": _table(1797, 64, 10),
    "sklearn.datasets.load_wine": _table(178, 13, 3), "sklearn.datasets.load_breast_cancer": _table(569, 30, 2),
    "sklearn.datasets.load_diabetes": _table(442, 10, None),
    "sklearn.datasets.load_boston": _table(506, 13, None),
    "sklearn.datasets.fetch_california_housing": _table(20640, 8, None),
    "sklearn.datasets.make_classification": _drawn(20, 100, "n_features", 2),
    "sklearn.datasets.make_regression": _drawn(100, 100, "n_features", None),
    "sklearn.datasets.make_blobs": _drawn(2, 100, "n_features", 3),
    "sklearn.datasets.make_moons": _drawn(2, 100, "", 2), "sklearn.datasets.make_circles": _drawn(2, 100, "", 2),
    **{f"sklearn.preprocessing.{n}": _scaler
       for n in ("StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler", "Normalizer")},
    **dict.fromkeys(("sklearn.preprocessing.scale", "sklearn.preprocessing.normalize",
                     "sklearn.preprocessing.minmax_scale", "keras.utils.normalize"), _like_first),
    "tensorflow.examples.tutorials.mnist.input_data.read_data_sets": read_data_sets,
    "tensorflow.contrib.learn.python.learn.datasets.mnist.read_data_sets": read_data_sets,
    "input_data.read_data_sets": read_data_sets,
}  # fmt: skip

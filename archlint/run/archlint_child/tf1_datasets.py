"""Datasets of tutorials, as zeros of their true shapes: `input_data.read_data_sets("MNIST_data", one_hot=True)`."""

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from typing import Any, Dict, List, Tuple

from .tf1_modules import optional

SHAPES: Dict[str, Tuple[int, int, Tuple[int, ...]]] = {
    "mnist": (60000, 10000, (28, 28)),
    "fashion_mnist": (60000, 10000, (28, 28)),
    "cifar10": (50000, 10000, (32, 32, 3)),
    "cifar100": (50000, 10000, (32, 32, 3)),
    "boston_housing": (404, 102, (13,)),
}
"""Training samples, test samples, shape of one."""
LEARN = "tensorflow.contrib.learn.python.learn.datasets"
TUTORIAL = "tensorflow.examples.tutorials.mnist"


class Part(object):
    """Training, validation or test samples: `mnist.train.next_batch(100)`."""

    def __init__(self, count: int, classes: int, one_hot: bool, reshape: bool) -> None:
        numpy = importlib.import_module("numpy")
        shape = (count, 784) if reshape else (count, 28, 28, 1)
        self.images = numpy.zeros(shape, "float32")
        self.labels = numpy.zeros((count, classes) if one_hot else (count,), "float64" if one_hot else "uint8")
        self.num_examples, self.epochs_completed, self._at = count, 0, 0

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> Tuple[Any, Any]:
        """(images, labels), `batch_size` of each; epochs are counted."""
        self._at += batch_size
        if self._at > self.num_examples:
            self.epochs_completed, self._at = self.epochs_completed + 1, batch_size
        return self.images[:batch_size], self.labels[:batch_size]


class Datasets(object):
    """What `read_data_sets` gives."""

    def __init__(self, validation: int, one_hot: bool, reshape: bool) -> None:
        self.train = Part(60000 - validation, 10, one_hot, reshape)
        self.validation = Part(validation, 10, one_hot, reshape)
        self.test = Part(10000, 10, one_hot, reshape)

    def __iter__(self) -> Any:
        return iter((self.train, self.validation, self.test))


def read_data_sets(
    train_dir: Any = None,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = None,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: Any = None,
    source_url: Any = None,
) -> Datasets:
    """MNIST: 55000 + 5000 + 10000 images of 784 (or 28 x 28 x 1) floats."""
    return Datasets(validation_size, one_hot, reshape)


def load_dataset(name: str = "mnist", size: str = "small", test_with_fake_data: bool = False) -> Datasets:
    """`tf.contrib.learn.datasets.load_dataset("mnist")`.  NotImplementedError for any other."""
    if name != "mnist":
        raise NotImplementedError("the dataset %s is not stood in for" % name)
    return Datasets(5000, False, True)


def learn_datasets() -> types.ModuleType:
    """`tf.contrib.learn.datasets`."""
    module = types.ModuleType("tensorflow.contrib.learn.datasets")
    module.__dict__.update(mnist_module("tensorflow.contrib.learn.datasets.mnist").__dict__)
    module.__dict__.update({"load_dataset": load_dataset, "mnist": mnist_module(module.__name__ + ".mnist")})
    return module


def mnist_module(name: str) -> types.ModuleType:
    """A module with the tutorial's names."""
    module = types.ModuleType(name)
    module.__dict__.update({"read_data_sets": read_data_sets, "load_mnist": load_dataset})
    module.__dict__.update({"IMAGE_SIZE": 28, "IMAGE_PIXELS": 784, "NUM_CLASSES": 10})
    return module


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """`from tensorflow.examples.tutorials.mnist import input_data`."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        wanted = TUTORIAL.startswith(name + ".") and name.startswith("tensorflow.examples")
        if wanted or name == TUTORIAL or name.startswith(TUTORIAL + "."):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        module = mnist_module(spec.name)
        module.__path__ = []
        if spec.name == TUTORIAL:
            for leaf in ("input_data", "mnist"):
                inner = mnist_module("%s.%s" % (TUTORIAL, leaf))
                sys.modules[inner.__name__] = inner
                setattr(module, leaf, inner)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing more to do."""


def install(v1: Any, tf: Any) -> None:
    """Stand in for the tutorial's module and for `tf.keras.datasets`."""
    for name in [each for each in sys.modules if each.startswith("tensorflow.examples")]:
        del sys.modules[name]
    sys.meta_path.insert(0, Finder())
    places: List[Any] = []
    for owner in (v1, tf):
        try:
            places.append(owner.keras.datasets)
        except (AttributeError, ImportError):
            continue
    places.append(optional("keras.datasets"))
    for place in places:
        for name, (train, test, shape) in SHAPES.items():
            if hasattr(place, name):
                getattr(place, name).load_data = loader(train, test, shape)
    for name in (LEARN, LEARN + ".mnist"):
        native = sys.modules.get(name)  # TensorFlow 1 itself
        if native is not None:
            native.__dict__.update({"read_data_sets": read_data_sets, "load_dataset": load_dataset})


def loader(train: int, test: int, shape: Tuple[int, ...]) -> Any:
    """`load_data()` of one dataset."""

    def load_data(*args: Any, **kwargs: Any) -> Any:
        numpy = importlib.import_module("numpy")
        kind, column = ("float64", ()) if len(shape) == 1 else ("uint8", (1,) if len(shape) == 3 else ())
        parts = [(numpy.zeros((n, *shape), kind), numpy.zeros((n, *column), kind)) for n in (train, test)]
        return tuple(parts)

    return load_data

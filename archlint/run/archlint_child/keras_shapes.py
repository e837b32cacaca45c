"""Shapes of symbolic tensors with the methods they had in Keras 2: `x.shape.as_list()`, `x.get_shape()`."""

import importlib
import sys
from typing import Any, List, Optional, Set


class Shape(tuple):  # type: ignore[type-arg]
    """A tuple as in Keras 3, with what `tf.TensorShape` could do."""

    def as_list(self) -> List[Optional[int]]:
        """The sizes."""
        return list(self)

    @property
    def ndims(self) -> int:
        """How many sizes."""
        return len(self)

    rank = ndims


def install(keras: Any, watch: Any, notes: Set[str]) -> None:
    """Only the user's own files get the richer shape: Keras tells tuples from other containers by their exact type."""
    tensor = keras.KerasTensor
    plain = tensor.shape

    def shape(self: Any) -> Any:
        sizes = plain.fget(self)
        return Shape(sizes) if sys._getframe(1).f_code.co_filename in watch.files else sizes

    def get_shape(self: Any) -> Shape:
        notes.add("get_shape of Keras 2 was answered, which a tensor of Keras 3 does not have")
        return Shape(plain.fget(self))

    tensor.shape = property(shape, plain.fset)
    tensor.get_shape = get_shape


def install_on_tracers(backend: str) -> None:
    """`x.get_shape()` inside a `call`, where the tensors are those of the backend."""
    if backend == "jax":
        cls = importlib.import_module("jax.core").Tracer
    elif backend == "torch":
        cls = importlib.import_module("torch").Tensor
    else:
        return
    cls.get_shape = lambda self: Shape(self.shape)

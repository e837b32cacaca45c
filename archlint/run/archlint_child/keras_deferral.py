"""Weights of Keras 3 that have a shape and an initializer but no memory, so that building VGG16 costs milliseconds."""

import contextlib
import importlib
from typing import Any, Callable, Iterator

_allocating = [False]


@contextlib.contextmanager
def real_weights() -> Iterator[None]:
    """Inside, variables are allocated and initialised as always: for a run on numbers."""
    before, _allocating[0] = _allocating[0], True
    try:
        yield
    finally:
        _allocating[0] = before


def install(keras: Any) -> None:
    """`Variable(initializer, shape)` keeps both; Keras itself computes the value whenever somebody reads it.

    Unlike inside `keras.StatelessScope`, variables that start from a value (those of an optimizer) stay possible.
    """
    variable = keras.Variable
    allocate = variable._initialize_with_initializer
    allocate_late = variable._deferred_initialize
    assign = variable._direct_assign
    assigns_in_place = keras.backend.backend() != "jax"

    def initialize(self: Any, initializer: Any) -> None:
        if _allocating[0]:
            allocate(self, initializer)
        else:
            self._value, self._initializer = None, initializer

    def initialize_late(self: Any) -> None:
        if _allocating[0]:
            allocate_late(self)

    def direct_assign(self: Any, value: Any) -> None:
        if assigns_in_place and getattr(self, "_value", None) is None and self._initializer is not None:
            allocate(self, self._initializer)
        assign(self, value)

    variable._initialize_with_initializer = initialize
    variable._deferred_initialize = initialize_late
    variable._direct_assign = direct_assign
    if keras.backend.backend() == "torch":
        _defer_parameters(importlib.import_module("keras.src.backend.torch.layer").TorchLayer)


def _defer_parameters(layer: Any) -> None:
    """A layer of the torch backend is a `torch.nn.Module` too, whose parameters would read every value."""
    track: Callable[[Any], None] = layer._post_build

    def post_build(self: Any) -> None:
        if _allocating[0]:
            track(self)

    layer._post_build = post_build

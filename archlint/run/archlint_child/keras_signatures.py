"""Replaces methods of Keras' classes; Keras reads their signatures, to save what a layer was made with."""

import functools
import inspect
from typing import Any


def replace(cls: Any, name: str, function: Any) -> None:
    """`function` in the place of a method, with its name and signature.

    Of a constructor Keras asks for the signature in two ways, which must agree; of `build` it asks the bound method.
    """
    original = getattr(cls, name)
    functools.update_wrapper(function, original)
    if name == "__init__":
        function.__signature__ = inspect.signature(original)
    setattr(cls, name, function)

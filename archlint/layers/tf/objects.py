"""Initialisers and regularisers: calls that make neither a tensor nor a layer, but something that is not `None`."""

from __future__ import annotations

from typing import Any

from archlint.layers.spec import function
from archlint.values import External

_INITIALIZERS = (
    "constant glorot_normal glorot_uniform identity lecun_normal lecun_uniform he_normal he_uniform ones orthogonal"
    " random_normal random_uniform truncated_normal uniform_unit_scaling variance_scaling zeros"
)
_SLIM = (
    "xavier_initializer xavier_initializer_conv2d variance_scaling_initializer l1_regularizer l2_regularizer"
    " l1_l2_regularizer sum_regularizer"
)


def _declare(*names: str) -> None:
    @function(*names, family="object")
    def make(*args: Any, **_: Any) -> External:
        """An object of the library, known by its name alone."""
        return External(names[0])


for _word in _INITIALIZERS.split():
    _declare(f"tensorflow.{_word}_initializer", f"tensorflow.initializers.{_word}")
for _word in _SLIM.split():
    _declare(f"tf_slim.{_word}")

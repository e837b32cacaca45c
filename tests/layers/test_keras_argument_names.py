"""No argument of a Keras layer is missing from the names that are never called misspelled."""

from __future__ import annotations

import inspect

import pytest

from archlint.layers.keras.argument_names import NAMES


def test_every_argument_of_keras_is_known() -> None:
    keras = pytest.importorskip("keras")
    made = [c for c in vars(keras.layers).values() if inspect.isclass(c) and issubclass(c, keras.Layer)]
    found = {
        p.name
        for layer in made
        for p in inspect.signature(layer.__init__).parameters.values()
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    }
    assert len(found) > 100
    assert found - {"self"} <= NAMES

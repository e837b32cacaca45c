"""Layers of Keras around another layer, which they call themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import add
from archlint.layers.arguments import NotKnown, size
from archlint.layers.spec import Out, layer
from archlint.values import Layer, Tensor

_OUTPUTS = ("units", "filters", "output_dim")


@layer("keras.layers.SpectralNormalization", family="wrapper", weights=True)
def spectral_normalization(x: Tensor, layer: Any, power_iterations: Any = 1, **_: Any) -> Out:
    """A layer whose kernel is divided by its greatest singular value: one untrained number per output beside it."""
    if not isinstance(layer, Layer) or layer.spec is None or layer.spec.call:
        raise NotKnown
    out = layer.spec.apply(x, layer.args)
    outputs = next((layer.args[name] for name in _OUTPUTS if name in layer.args), None)
    if not isinstance(out, Out) or outputs is None:
        raise NotKnown
    return replace(out, state=add(out.state, size(outputs)))

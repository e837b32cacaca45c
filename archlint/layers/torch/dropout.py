"""torch dropouts: the shape stays."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from typing import Any

from archlint.layers.families.contract import rank_fault
from archlint.layers.families.elementwise import like
from archlint.layers.spec import Fault, Out, function, layer
from archlint.values import Tensor

NAMES = {
    "Dropout": "dropout", "Dropout1d": "dropout1d", "Dropout2d": "dropout2d", "Dropout3d": "dropout3d",
    "AlphaDropout": "alpha_dropout", "FeatureAlphaDropout": "feature_alpha_dropout",
}  # fmt: skip


def _drop(x: Tensor, name: str, p: Any) -> Out:
    """`dropout1d` takes 2 or 3 axes and nothing else; the others refuse, if at all, in training only."""
    if isinstance(p, (int, float)) and not 0 <= p <= 1:
        return Out(None, faults=(Fault("arguments", "p", f"must be between 0 and 1, got {p}", 1, p),))
    faults = rank_fault(x, 3, (2, 3)) if name == "dropout1d" else ()
    return Out(None, faults=faults) if faults else like(x)


def _declare(layer_name: str, name: str) -> None:
    @layer(f"torch.nn.{layer_name}", family="dropout")
    def dropout(x: Tensor, p: Any = 0.5, inplace: Any = False) -> Out:
        """Zeroes elements, or whole channels, at random while training."""
        return _drop(x, name, p)

    training = "alpha" not in name

    @function(f"torch.nn.functional.{name}", family="dropout")
    def f_dropout(input: Tensor, p: Any = 0.5, training: Any = training, inplace: Any = False) -> Out:
        """Zeroes elements, or whole channels, at random while training."""
        return _drop(input, name, p)


for _layer, _name in NAMES.items():
    _declare(_layer, _name)


@function("torch.dropout", "torch.dropout_", "torch.alpha_dropout", "torch.feature_dropout", family="dropout")
def t_dropout(input: Tensor, p: Any, train: Any) -> Out:
    """Zeroes elements at random while training."""
    return like(input)

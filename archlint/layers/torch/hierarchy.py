"""Which layers of PyTorch derive from which: `isinstance(nn.ReLU6(), nn.Hardtanh)`."""

from __future__ import annotations

from archlint.layers import find

_BASES = {
    "GRU": "RNNBase", "GRUCell": "RNNCellBase", "LSTM": "RNNBase", "LSTMCell": "RNNCellBase", "RNN": "RNNBase",
    "RNNCell": "RNNCellBase", "LazyConv1d": "Conv1d", "LazyConv2d": "Conv2d", "LazyConv3d": "Conv3d",
    "LazyConvTranspose1d": "ConvTranspose1d", "LazyConvTranspose2d": "ConvTranspose2d",
    "LazyConvTranspose3d": "ConvTranspose3d", "LazyLinear": "Linear", "ReLU6": "Hardtanh",
    "UpsamplingBilinear2d": "Upsample", "UpsamplingNearest2d": "Upsample", "ZeroPad1d": "ConstantPad1d",
    "ZeroPad2d": "ConstantPad2d", "ZeroPad3d": "ConstantPad3d",
}  # fmt: skip
_TOP = "torch.nn."


def derives(name: str, other: str) -> bool | None:
    """Is the layer `name` one of `other` (`torch.nn.Linear`)?  None for what is no declared layer of `torch.nn`."""
    if name == other:
        return True
    short, wanted = name.removeprefix(_TOP), other.removeprefix(_TOP)
    if _BASES.get(short) == wanted:
        return True
    return False if _is_layer(name) and _is_layer(other) else None


def _is_layer(name: str) -> bool:
    spec = find(name)
    own = name.startswith(_TOP) and "." not in name.removeprefix(_TOP)
    return own and spec is not None and spec.kind == "layer" and spec.name == name

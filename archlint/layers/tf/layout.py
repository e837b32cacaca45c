"""How TensorFlow says padding, layout and windows: words (`"SAME"`, `"NCHW"`) and lists over all axes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, add
from archlint.layers.arguments import NotKnown, is_unknown, sizes, truth
from archlint.layers.families.conv import Padding
from archlint.layers.spec import Out
from archlint.layers.tf import literal
from archlint.values import Tensor


def padding(value: Any) -> Padding:
    """`"SAME"` or `"VALID"` in any case; None when not known, NotKnown for a third way (`"EXPLICIT"`, `"causal"`)."""
    if is_unknown(value):
        return None
    word = literal.text(value, "VALID")
    if word == "SAME":
        return "same"
    if word == "VALID":
        return "valid"
    raise NotKnown


def channels_last(data_format: Any) -> bool:
    """`None`, `"NHWC"`, `"NWC"`, `"channels_last"` are true; `"NCHW"`, `"channels_first"` are not."""
    word = literal.text(data_format, "NHWC")
    return not (word.startswith("NC") or word == "CHANNELS_FIRST")


def per_axis(value: Any, n: int, last: bool, default: int = 1) -> tuple[Size, ...]:
    """Spatial sizes out of a list over all axes: `[1, 2, 2, 1]` is `(2, 2)`; one number or `n` of them do, too."""
    if value is None:
        return (default,) * n
    if isinstance(value, Tensor):
        value = literal.shape(value)
    if isinstance(value, (tuple, list)) and len(value) == n + 2:
        return sizes(tuple(value[1:-1] if last else value[2:]), n)
    return sizes(value, n)


def trained(out: Out, trainable: Any) -> Out:
    """The layer's numbers: trainable, or all of them state under `trainable=False`; neither is known if that is not."""
    trains = truth(trainable)
    if trains is None:
        return replace(out, params=None, state=None)
    return out if trains else replace(out, params=0, state=add(out.state, out.params))

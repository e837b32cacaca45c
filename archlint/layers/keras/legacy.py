"""Keras 1 and 2 keywords: each call is rewritten to the names and the order that the layers have now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from archlint.dims import Dim
from archlint.layers.arguments import is_unknown

Rewrite: TypeAlias = Callable[[list[Any], dict[str, Any]], tuple[list[Any], dict[str, Any]]]

WEIGHTS: Mapping[str, str] = {
    "init": "kernel_initializer",
    "bias": "use_bias",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
}
WINDOW: Mapping[str, str] = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "dim_ordering": "data_format",
}
RECURRENT: Mapping[str, str] = {
    "output_dim": "units",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "U_regularizer": "recurrent_regularizer",
    "U_constraint": "recurrent_constraint",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}
LAYOUT = {"tf": "channels_last", "th": "channels_first", "default": None}


def renaming(*tables: Mapping[str, str]) -> Rewrite:
    """Old keywords to new ones; a keyword that is already new stays."""
    names = {old: new for table in tables for old, new in table.items()}

    def rewrite(args: list[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        found: dict[str, Any] = {}
        for name, value in kwargs.items():
            if name == "dim_ordering" and "data_format" in names.values():
                value = LAYOUT.get(value, value) if isinstance(value, str) else value
            found[names.get(name, name) if names.get(name) not in kwargs else name] = value
        return args, found

    return rewrite


_SIDES = ("nb_row", "nb_col")
_KERAS1 = {*_SIDES, "nb_filter", "border_mode", "subsample", "dim_ordering", "init", "atrous_rate", "W_regularizer"}
_rename_conv = renaming(WEIGHTS, WINDOW)


def _number(value: Any) -> bool:
    return isinstance(value, (int, Dim)) and not isinstance(value, bool)


def conv2d(*, keras1: bool, after: tuple[str, ...] = ()) -> Rewrite:
    """`Convolution2D(32, 3, 5)` has a kernel of 3 by 5; `Conv2D(32, 3, 5)` a stride of 5.

    `keras1`: the class name alone says that the old calling style is meant; otherwise an old keyword does.
    `after`: names of the old positional parameters that follow the two sides.
    """

    def rewrite(args: list[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        old_style = keras1 or bool(_KERAS1 & kwargs.keys())
        if old_style and len(args) > 2 and not isinstance(args[1], (tuple, list)):
            if is_unknown(args[1]) and "nb_col" not in kwargs:
                # one side, or a whole kernel followed by a stride
                kwargs = {"kernel_size": args[1], "strides": args[2], **kwargs}
                args = args[:1]
            elif _number(args[2]) or is_unknown(args[2]):
                kwargs = {**dict(zip(after, args[3:], strict=False)), "kernel_size": (args[1], args[2]), **kwargs}
                args = args[:1]
        elif old_style and len(args) == 2 and "nb_col" in kwargs:
            kwargs = {**kwargs, "kernel_size": (args[1], kwargs["nb_col"])}
            args = args[:1]
        if all(side in kwargs for side in _SIDES):
            kwargs = {**kwargs, "kernel_size": (kwargs["nb_row"], kwargs["nb_col"])}
        return _rename_conv(args, {k: v for k, v in kwargs.items() if k not in _SIDES})

    return rewrite


def conv3d(args: list[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """`Convolution3D(32, 3, 3, 3)` has a kernel of three sides."""
    sides = ("kernel_dim1", "kernel_dim2", "kernel_dim3")
    if len(args) > 3 and all(map(_number, args[1:4])):
        args, kwargs = args[:1], {**kwargs, "kernel_size": tuple(args[1:4])}
    if all(side in kwargs for side in sides):
        kwargs = {**kwargs, "kernel_size": tuple(kwargs[side] for side in sides)}
    return _rename_conv(args, {k: v for k, v in kwargs.items() if k not in sides})


conv1d = _rename_conv
pool = renaming(WINDOW)
dense = renaming(WEIGHTS, {"output_dim": "units"})
recurrent = renaming(WEIGHTS, RECURRENT)
embedding = renaming({"init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer",
                      "W_constraint": "embeddings_constraint"})  # fmt: skip
rate = renaming({"p": "rate", "dim_ordering": "data_format"})
noise = renaming({"sigma": "stddev"})
leaky = renaming({"alpha": "negative_slope"})
upsampling1d = renaming({"length": "size"})
space = renaming({"dim_ordering": "data_format"})

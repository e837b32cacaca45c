"""Convolutional LSTMs: the matrices of an LSTM replaced by convolutions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, add, mul, product
from archlint.layers.arguments import size
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.conv import conv
from archlint.layers.families.space import SPACE
from archlint.layers.keras import legacy
from archlint.layers.keras.conv import padding_of, stretched_twice
from archlint.layers.keras.reading import Windows, adding, channels_last, must_be_fixed, positive, windows, yes
from archlint.layers.keras.recurrent import CALL, Outs, returned, sequence_of
from archlint.layers.spec import AxisSource, Demand, Out, layer
from archlint.values import Tensor


def _conv_lstm(
    call: Any,
    n: int,
    w: Windows,
    filters: Any,
    padding: Any,
    data_format: Any,
    use_bias: Any,
    return_sequences: Any,
    return_state: Any,
) -> Outs:
    """Four gates, each `filters * (prod(k) * (channels + filters) + 1)` weights."""
    x, last, out, bias = sequence_of(call), channels_last(data_format), size(filters), yes(use_bias)
    bad = (*w.faults, *positive(out, "filters"), *stretched_twice(w))
    if bad:
        return Out(faults=bad)
    roles = ("batch", "time", *SPACE[:n], "channel") if last else ("batch", "time", "channel", *SPACE[:n])
    demand = Demand((None,) * (n + 3), roles)
    wrong = rank_fault(x, n + 3)
    if x.shape is None or wrong:
        none = Out(last=out if last else None, params=None, faults=wrong, demand=demand)
        return returned(none, none, (Out(), Out()), return_sequences, return_state)
    step = conv(
        Tensor((x.shape[0], *x.shape[2:])),
        n=n,
        out=out,
        kernel=w.kernel,
        stride=w.stride,
        padding=padding_of(padding),
        dilation=w.dilation,
        channels_last=last,
    )
    weights = _weights(x.shape[-1 if last else 2], out, w.kernel, bias)
    if step.shape is None:
        return Out(None, weights, faults=step.faults, demand=demand)
    frame: list[AxisSource] = [a + 1 if isinstance(a, int) and a else a for a in step.axes or ()]
    final = replace(step, params=weights, macs=None, axes=tuple(frame), demand=demand, window=(), slides=())
    steps = replace(final, shape=(x.shape[0], x.shape[1], *step.shape[1:]), axes=(0, 1, *frame[1:]))
    faults = must_be_fixed(x, [-1 if last else 2])  # Keras 3 wants the sizes of space to be known as well
    state = Out(step.shape, axes=tuple(frame))
    return returned(adding(steps, faults), adding(final, faults), (state, state), return_sequences, return_state)


def _weights(channels: Size, filters: Size, kernel: tuple[Size, ...], bias: bool | None) -> Size:
    gate = add(mul(product(kernel), add(channels, filters)), None if bias is None else int(bias))
    return mul(mul(filters, gate), 4)


@layer("keras.layers.ConvLSTM1D", family="recurrent", call=CALL, legacy=legacy.conv1d, weights=True)
def conv_lstm1d(x: Any, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                data_format: Any = None, dilation_rate: Any = 1, activation: Any = "tanh",
                recurrent_activation: Any = "sigmoid", use_bias: Any = True, *, return_sequences: Any = False,
                return_state: Any = False, **_: Any) -> Outs:  # fmt: skip
    """LSTM over `(batch, time, rows, channels)`."""
    w = windows(1, kernel_size, strides, dilation_rate)
    return _conv_lstm(x, 1, w, filters, padding, data_format, use_bias, return_sequences, return_state)


@layer("keras.layers.ConvLSTM2D", family="recurrent", call=CALL, legacy=legacy.conv2d(keras1=False), weights=True)
def conv_lstm2d(x: Any, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                data_format: Any = None, dilation_rate: Any = 1, activation: Any = "tanh",
                recurrent_activation: Any = "sigmoid", use_bias: Any = True, *, return_sequences: Any = False,
                return_state: Any = False, **_: Any) -> Outs:  # fmt: skip
    """LSTM over `(batch, time, rows, columns, channels)`."""
    w = windows(2, kernel_size, strides, dilation_rate)
    return _conv_lstm(x, 2, w, filters, padding, data_format, use_bias, return_sequences, return_state)


@layer("keras.layers.ConvLSTM3D", family="recurrent", call=CALL, legacy=legacy.conv3d, weights=True)
def conv_lstm3d(x: Any, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                data_format: Any = None, dilation_rate: Any = 1, activation: Any = "tanh",
                recurrent_activation: Any = "sigmoid", use_bias: Any = True, *, return_sequences: Any = False,
                return_state: Any = False, **_: Any) -> Outs:  # fmt: skip
    """LSTM over `(batch, time, depth, rows, columns, channels)`."""
    w = windows(3, kernel_size, strides, dilation_rate)
    return _conv_lstm(x, 3, w, filters, padding, data_format, use_bias, return_sequences, return_state)

"""torch.nn recurrent layers and cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archlint.dims import Size, proven_different, show_shape
from archlint.layers.arguments import NotKnown, flag, size
from archlint.layers.families.recurrent import Stack, gate_weights, stacked, step
from archlint.layers.spec import Fault, Out, layer
from archlint.values import Tensor


def _stack(
    x: Mapping[str, Any], gates: int, states: int, input_size: Any, hidden_size: Any, num_layers: Any, bias: Any,
    batch_first: Any, bidirectional: Any, proj_size: Any,
) -> Any:  # fmt: skip
    """`(output, h)`, or `(output, (h, c))` with a cell state."""
    if not isinstance(proj_size, int):
        raise NotKnown  # 0 means no projection at all
    stack = Stack(
        size(input_size), size(hidden_size), gates, layers=size(num_layers),
        directions=2 if flag(bidirectional) else 1, projection=size(proj_size), bias=flag(bias),
        batch_first=flag(batch_first),
    )  # fmt: skip
    found = stacked(x["input"], stack)
    sequence = found.sequence
    if not sequence.faults:
        sequence = replace(sequence, faults=_unfit(x.get("hx"), found.states[:states]))
    return sequence, (found.states[0] if states == 1 else found.states[:2])


def _unfit(given: Any, states: tuple[Out, ...]) -> tuple[Fault, ...]:
    """Initial states must have the shapes of the final ones: layers first, whatever `batch_first` says."""
    starts = given if isinstance(given, (tuple, list)) else (given,)
    for start, state in zip(starts, states):
        if not isinstance(start, Tensor) or start.shape is None or state.shape is None:
            continue
        pairs = list(zip(start.shape, state.shape))
        axis = next((i for i, (got, want) in enumerate(pairs) if proven_different(got, want)), None)
        if len(start.shape) != len(state.shape) or axis is not None:
            text = f"the initial state is {show_shape(start.shape)}, must be {show_shape(state.shape)}"
            return (Fault("state", "", text, state.shape, start.shape, axis),)
    return ()


@layer("torch.nn.RNN", family="recurrent", call=("input", "hx"), weights=True)
def rnn(
    x: Mapping[str, Any], input_size: Any, hidden_size: Any, num_layers: Any = 1, nonlinearity: Any = "tanh",
    bias: Any = True, batch_first: Any = False, dropout: Any = 0.0, bidirectional: Any = False, device: Any = None,
    dtype: Any = None,
) -> Any:  # fmt: skip
    """Elman network: every step's output, and the last state of each layer and direction."""
    return _stack(x, 1, 1, input_size, hidden_size, num_layers, bias, batch_first, bidirectional, 0)


@layer("torch.nn.GRU", family="recurrent", call=("input", "hx"), weights=True)
def gru(
    x: Mapping[str, Any], input_size: Any, hidden_size: Any, num_layers: Any = 1, bias: Any = True,
    batch_first: Any = False, dropout: Any = 0.0, bidirectional: Any = False, device: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    """Gated recurrent units: every step's output, and the last state of each layer and direction."""
    return _stack(x, 3, 1, input_size, hidden_size, num_layers, bias, batch_first, bidirectional, 0)


@layer("torch.nn.LSTM", family="recurrent", call=("input", "hx"), weights=True)
def lstm(
    x: Mapping[str, Any], input_size: Any, hidden_size: Any, num_layers: Any = 1, bias: Any = True,
    batch_first: Any = False, dropout: Any = 0.0, bidirectional: Any = False, proj_size: Any = 0, device: Any = None,
    dtype: Any = None,
) -> Any:  # fmt: skip
    """Long short-term memory: every step's output, and the last hidden and cell state of each layer and direction."""
    return _stack(x, 4, 2, input_size, hidden_size, num_layers, bias, batch_first, bidirectional, proj_size)


def _cell(
    x: Mapping[str, Any], gates: int, states: int, input_size: Any, hidden_size: Any, bias: Any
) -> tuple[Out, ...]:
    inputs, units = size(input_size), size(hidden_size)
    weights: Size = gate_weights(gates, inputs, units, biases=2 if flag(bias) else 0)
    return step(x["input"], inputs=inputs, units=units, states=states, weights=weights, arg="input_size")


@layer("torch.nn.RNNCell", family="recurrent", call=("input", "hx"), weights=True)
def rnn_cell(
    x: Mapping[str, Any], input_size: Any, hidden_size: Any, bias: Any = True, nonlinearity: Any = "tanh",
    device: Any = None, dtype: Any = None,
) -> Out:  # fmt: skip
    """One step of an Elman network."""
    return _cell(x, 1, 1, input_size, hidden_size, bias)[0]


@layer("torch.nn.GRUCell", family="recurrent", call=("input", "hx"), weights=True)
def gru_cell(
    x: Mapping[str, Any], input_size: Any, hidden_size: Any, bias: Any = True, device: Any = None, dtype: Any = None
) -> Out:
    """One step of gated recurrent units."""
    return _cell(x, 3, 1, input_size, hidden_size, bias)[0]


@layer("torch.nn.LSTMCell", family="recurrent", call=("input", "hx"), weights=True)
def lstm_cell(
    x: Mapping[str, Any], input_size: Any, hidden_size: Any, bias: Any = True, device: Any = None, dtype: Any = None
) -> Any:
    """One step of long short-term memory: the new hidden and cell state."""
    return _cell(x, 4, 2, input_size, hidden_size, bias)

"""Recurrent cells, the layer that unrolls any of them, and the merging of two directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from archlint.dims import Size, add
from archlint.layers.arguments import NotKnown, flag, known, size
from archlint.layers.families.elementwise import broadcast_shapes
from archlint.layers.families.recurrent import gate_weights, unroll
from archlint.layers.keras import legacy
from archlint.layers.keras.reading import adding, must_be_fixed, yes
from archlint.layers.keras.recurrent import CALL, Outs, returned, sequence_of
from archlint.layers.spec import Out, layer
from archlint.values import Layer, Tensor

CELL_CALL = ("inputs", "states", "training")


@dataclass(frozen=True, slots=True)
class Cell:
    """What an unrolled cell needs: gates, bias vectors, units and number of states."""

    gates: int
    biases: Size
    units: Size
    states: int

    def weights(self, inputs: Size) -> Size:
        """Numbers the cell owns for inputs of a size."""
        return gate_weights(self.gates, inputs, self.units, biases=self.biases)


def _cell_step(call: Any, cell: Cell) -> tuple[Out, list[Out]]:
    """`(batch, features)` to the output, and the list of new states."""
    x = call.get("inputs") if isinstance(call, dict) else call
    x = x if isinstance(x, Tensor) else Tensor(None)
    weights = cell.weights(x.shape[-1] if x.shape else x.last)
    if x.shape is None or len(x.shape) != 2:  # no check of the rank: the state is broadcast to what comes out
        return Out(None, weights, last=cell.units), [Out(last=cell.units)] * cell.states
    first = Out((x.shape[0], cell.units), weights, axes=(0, "features"))
    state = Out((x.shape[0], cell.units), axes=(0, "features"))
    return adding(first, must_be_fixed(x, [-1])), [state] * cell.states


def _lstm(args: dict[str, Any]) -> Cell:
    return Cell(4, _bias(args, 1), size(args.get("units")), 2)


def _gru(args: dict[str, Any]) -> Cell:
    after = yes(args.get("reset_after", True))
    return Cell(3, _bias(args, None if after is None else 2 if after else 1), size(args.get("units")), 1)


def _simple(args: dict[str, Any]) -> Cell:
    return Cell(1, _bias(args, 1), size(args.get("units")), 1)


def _bias(args: dict[str, Any], vectors: Size) -> Size:
    bias = yes(args.get("use_bias", True))
    return None if bias is None else vectors if bias else 0


CELLS = {"keras.layers.LSTMCell": _lstm, "keras.layers.GRUCell": _gru, "keras.layers.SimpleRNNCell": _simple}


@layer("keras.layers.LSTMCell", family="recurrent", call=CELL_CALL, legacy=legacy.recurrent, weights=True)
def lstm_cell(x: Any, units: Any, activation: Any = "tanh", recurrent_activation: Any = "sigmoid",
              use_bias: Any = True, **_: Any) -> Any:  # fmt: skip
    """One step of an LSTM."""
    return _cell_step(x, _lstm({"units": units, "use_bias": use_bias}))


@layer("keras.layers.GRUCell", family="recurrent", call=CELL_CALL, legacy=legacy.recurrent, weights=True)
def gru_cell(x: Any, units: Any, activation: Any = "tanh", recurrent_activation: Any = "sigmoid",
             use_bias: Any = True, *, reset_after: Any = True, **_: Any) -> Any:  # fmt: skip
    """One step of a GRU."""
    return _cell_step(x, _gru({"units": units, "use_bias": use_bias, "reset_after": reset_after}))


@layer("keras.layers.SimpleRNNCell", family="recurrent", call=CELL_CALL, legacy=legacy.recurrent, weights=True)
def simple_rnn_cell(x: Any, units: Any, activation: Any = "tanh", use_bias: Any = True, **_: Any) -> Any:
    """One step of a simple recurrent layer."""
    return _cell_step(x, _simple({"units": units, "use_bias": use_bias}))


def cells_of(value: Any) -> Sequence[Cell]:
    """The cells that `RNN` is given: one, a list, or `StackedRNNCells`; NotKnown for a user's own."""
    value = known(value)
    if isinstance(value, (tuple, list)):
        return [cell for part in value for cell in cells_of(part)]
    if isinstance(value, Layer) and value.spec is not None:
        if value.spec.name == "keras.layers.StackedRNNCells":
            return cells_of(value.args["cells"])
        read = CELLS.get(value.spec.name)
        if read is not None:
            return [read(value.args)]
    raise NotKnown


@layer("keras.layers.StackedRNNCells", family="recurrent", call=CELL_CALL, weights=True)
def stacked_rnn_cells(x: Any, cells: Any, **_: Any) -> Any:
    """One step through several cells."""
    raise NotKnown


@layer("keras.layers.RNN", family="recurrent", call=CALL, weights=True)
def rnn(x: Any, cell: Any, return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False,
        stateful: Any = False, unroll: Any = False, zero_output_for_mask: Any = False, **_: Any) -> Any:  # fmt: skip
    """Any cell, or several on top of each other, over a sequence; the weights are counted here, not in the cells."""
    return _unrolled(sequence_of(x), cells_of(cell), return_sequences, return_state)


def _unrolled(x: Tensor, cells: Sequence[Cell], return_sequences: Any, return_state: Any) -> Any:
    if not cells:
        raise NotKnown
    features = x.shape[-1] if x.shape and len(x.shape) == 3 else None if x.shape else x.last
    weights: Size = 0
    for cell in cells:
        weights = add(weights, cell.weights(features))
        features = cell.units
    found = unroll(x, units=cells[-1].units, states=cells[-1].states, weights=weights)
    if x.shape and len(x.shape) == 3:
        faults = must_be_fixed(x, [-1])
        found = replace(found, sequence=adding(found.sequence, faults), last=adding(found.last, faults))
    if len(cells) == 1:
        return returned(found.sequence, found.last, found.states, return_sequences, return_state)
    if flag(return_state):
        raise NotKnown  # nested states, cell by cell
    return returned(found.sequence, found.last, (), return_sequences, False)


def both_directions(forward: Outs, backward: Outs, merge_mode: Any) -> Any:
    """Output of `Bidirectional`: the outputs merged, then the states of both directions; parameters add up."""
    first, *states = forward if isinstance(forward, tuple) else (forward,)
    second, *more = backward if isinstance(backward, tuple) else (backward,)
    merged = _merged(first, second, merge_mode)
    rest = (*states, *more)
    return (*merged, *rest) if isinstance(merged, tuple) else (merged, *rest) if rest else merged


def _merged(a: Out, b: Out, merge_mode: Any) -> Outs:
    mode = known(merge_mode)
    faults = (*a.faults, *b.faults[: 0 if a.faults else None])
    if mode is None:
        return (replace(a, faults=faults), b)
    params, state, macs = add(a.params, b.params), add(a.state, b.state), add(a.macs, b.macs)
    whole = replace(a, params=params, state=state, macs=macs, faults=faults, sees_all=True)
    if mode == "concat":
        last_a, last_b = a.shape[-1] if a.shape else a.last, b.shape[-1] if b.shape else b.last
        both = add(last_a, last_b)
        return replace(whole, shape=None if a.shape is None else (*a.shape[:-1], both), last=both)
    if mode in ("sum", "mul", "ave"):
        shape, _ = broadcast_shapes((a.shape, b.shape))
        return replace(whole, shape=shape)
    raise NotKnown

"""`tf.nn.rnn_cell.*` and the functions that unroll them.

A cell's state is a tensor, for an LSTM the pair `(c, h)`, for `MultiRNNCell` the tuple of its cells' states.
The cell's weights are made where it is first unrolled, so they belong to that call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archlint.dims import Size, add, mul, product
from archlint.layers.arguments import NotKnown, flag, size
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.recurrent import gate_weights, sequence_demand
from archlint.layers.keras.reading import adding, must_be_fixed
from archlint.layers.spec import Out, function, layer
from archlint.layers.tf import literal
from archlint.values import Layer, Tensor

_PREFIX = "tensorflow.nn.rnn_cell."
CALL = ("inputs", "state", "scope")


@dataclass(frozen=True, slots=True)
class Unit:
    """One cell: gates, units, what it feeds back (`units` unless projected), numbers beside the gates."""

    gates: int
    units: Size
    fed_back: Size
    extra: Size = 0
    carries: bool = False

    def weights(self, inputs: Size) -> Size:
        """Numbers it owns for inputs of a size."""
        return add(gate_weights(self.gates, inputs, self.units, self.fed_back), self.extra)

    def state(self, batch: Size) -> Any:
        """Its state for a batch: `h`, or `(c, h)`."""
        h = Out((batch, self.fed_back), axes=("batch", "features"), sees_all=True)
        return (Out((batch, self.units), axes=("batch", "features"), sees_all=True), h) if self.carries else h


def _lstm(arguments: Mapping[str, Any]) -> Unit:
    """Peepholes are three vectors, a projection is a matrix."""
    units, projected = size(arguments["num_units"]), arguments.get("num_proj")
    if not flag(arguments.get("state_is_tuple", True)):
        raise NotKnown
    out = units if projected is None else size(projected)
    peepholes = mul(units, 3) if flag(arguments.get("use_peepholes", False)) else 0
    return Unit(4, units, out, add(peepholes, 0 if projected is None else mul(units, out)), carries=True)


def _cells(cell: Any) -> tuple[Sequence[Unit], bool]:
    """The cells that a cell consists of, and whether its state is a tuple of theirs; NotKnown for a user's own."""
    if not isinstance(cell, Layer) or not cell.spec.name.startswith(_PREFIX):
        raise NotKnown
    name, arguments = cell.spec.name.removeprefix(_PREFIX), cell.args
    if name in ("DropoutWrapper", "ResidualWrapper", "DeviceWrapper"):
        return _cells(arguments["cell"])
    if name == "MultiRNNCell":
        return _stack(arguments), True
    units = size(arguments["num_units"])
    if name in ("BasicLSTMCell", "LSTMCell"):
        return [_lstm(arguments)], False
    if name in ("GRUCell", "BasicRNNCell"):
        return [Unit(3 if name == "GRUCell" else 1, units, units)], False
    raise NotKnown


def _stack(arguments: Mapping[str, Any]) -> Sequence[Unit]:
    cells = arguments["cells"]
    if not isinstance(cells, (tuple, list)) or not cells or not flag(arguments.get("state_is_tuple", True)):
        raise NotKnown
    if len({id(c) for c in cells}) < len(cells):
        raise NotKnown  # one cell several times: whether it shares its weights depends on the version
    found = [_cells(cell) for cell in cells]
    if any(nested for _, nested in found):
        raise NotKnown
    return [unit for units, _ in found for unit in units]


def _weights(units: Sequence[Unit], inputs: Size) -> Size:
    total: Size = 0
    for unit in units:
        total, inputs = add(total, unit.weights(inputs)), unit.fed_back
    return total


def _states(units: Sequence[Unit], nested: bool, batch: Size) -> Any:
    return tuple(unit.state(batch) for unit in units) if nested else units[0].state(batch)


def unrolled(cell: Any, x: Tensor, time_major: bool) -> tuple[Out, Any]:
    """Outputs of every step, and the last state."""
    units, nested = _cells(cell)
    demand = sequence_demand(None, batch_first=not time_major)
    wrong = rank_fault(x, 3, layout="(time, batch, features)" if time_major else "(batch, time, features)")
    inputs = x.shape[-1] if x.shape and not wrong else x.last
    weights, out = _weights(units, inputs), units[-1].fed_back
    if x.shape is None or wrong:
        return Out(None, weights, last=out, faults=wrong, demand=demand), _states(units, nested, None)
    macs = mul(product(x.shape[:2]), weights)
    first = Out((*x.shape[:2], out), weights, axes=(0, 1, "features"), macs=macs, demand=demand)
    state = _states(units, nested, x.shape[1 if time_major else 0])
    return adding(first, must_be_fixed(x, [-1])), state


@function("tensorflow.nn.dynamic_rnn", family="recurrent", weights=True)
def dynamic_rnn(
    cell: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: Any = None,
    swap_memory: Any = False,
    time_major: Any = False,
    scope: Any = None,
) -> Any:
    """A cell over `(batch, time, features)`: `(outputs, state)`."""
    return unrolled(cell, literal.tensor(inputs), flag(time_major))


@function("tensorflow.nn.bidirectional_dynamic_rnn", family="recurrent", weights=True)
def bidirectional_dynamic_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: Any = None,
    swap_memory: Any = False,
    time_major: Any = False,
    scope: Any = None,
) -> Any:
    """Two cells, one backwards: `((outputs, outputs), (state, state))`; the first has the weights of both."""
    x, major = literal.tensor(inputs), flag(time_major)
    (forward, state), (backward, other) = unrolled(cell_fw, x, major), unrolled(cell_bw, x, major)
    first = replace(forward, params=add(forward.params, backward.params), macs=add(forward.macs, backward.macs))
    return (first, replace(backward, params=0, macs=0, faults=(), demand=None)), (state, other)


@function("tensorflow.nn.static_rnn", family="recurrent", weights=True)
def static_rnn(
    cell: Any, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
) -> Any:
    """A cell over a list of `(batch, features)`: `([output, …], state)`; the first has the weights."""
    if not isinstance(inputs, (tuple, list)) or not inputs:
        raise NotKnown
    steps, (units, nested) = [literal.tensor(x) for x in inputs], _cells(cell)
    first = steps[0]
    wrong = rank_fault(first, 2, layout="(batch, features)")
    batch: Size = first.shape[0] if first.shape and not wrong else None
    weights = _weights(units, first.shape[-1] if first.shape else first.last)
    out = Out((batch, units[-1].fed_back), axes=(0, "features"))
    head = adding(replace(out, params=weights), wrong, must_be_fixed(first, [-1]))
    return [head, *(out for _ in steps[1:])], _states(units, nested, batch)


def _step(call: Any, units: Sequence[Unit], nested: bool) -> Any:
    """One step `(batch, features)`: `(output, new state)`."""
    x = literal.tensor(call.get("inputs") if isinstance(call, dict) else call)
    wrong = rank_fault(x, 2, layout="(batch, features)")
    weights, out = _weights(units, x.shape[-1] if x.shape else x.last), units[-1].fed_back
    if x.shape is None or wrong:
        return Out(None, weights, last=out, faults=wrong), _states(units, nested, None)
    first = Out((x.shape[0], out), weights, axes=(0, "features"))
    return adding(first, must_be_fixed(x, [-1])), _states(units, nested, x.shape[0])


@layer(f"{_PREFIX}BasicRNNCell", family="recurrent", call=CALL, weights=True)
def basic_rnn_cell(
    x: Any, num_units: Any, activation: Any = None, reuse: Any = None, name: Any = None, dtype: Any = None, **_: Any
) -> Any:
    """One recurrent layer of `num_units`, one step."""
    return _step(x, [Unit(1, size(num_units), size(num_units))], False)


@layer(f"{_PREFIX}GRUCell", family="recurrent", call=CALL, weights=True)
def gru_cell(
    x: Any,
    num_units: Any,
    activation: Any = None,
    reuse: Any = None,
    kernel_initializer: Any = None,
    bias_initializer: Any = None,
    name: Any = None,
    dtype: Any = None,
    **_: Any,
) -> Any:
    """Gated recurrent units, one step."""
    return _step(x, [Unit(3, size(num_units), size(num_units))], False)


@layer(f"{_PREFIX}BasicLSTMCell", family="recurrent", call=CALL, weights=True)
def basic_lstm_cell(
    x: Any,
    num_units: Any,
    forget_bias: Any = 1.0,
    state_is_tuple: Any = True,
    activation: Any = None,
    reuse: Any = None,
    name: Any = None,
    dtype: Any = None,
    **_: Any,
) -> Any:
    """Long short-term memory, one step."""
    return _step(x, [_lstm({"num_units": num_units, "state_is_tuple": state_is_tuple})], False)


@layer(f"{_PREFIX}LSTMCell", family="recurrent", call=CALL, weights=True)
def lstm_cell(
    x: Any,
    num_units: Any,
    use_peepholes: Any = False,
    cell_clip: Any = None,
    initializer: Any = None,
    num_proj: Any = None,
    proj_clip: Any = None,
    num_unit_shards: Any = None,
    num_proj_shards: Any = None,
    forget_bias: Any = 1.0,
    state_is_tuple: Any = True,
    activation: Any = None,
    reuse: Any = None,
    name: Any = None,
    dtype: Any = None,
    **_: Any,
) -> Any:
    """Long short-term memory with optional peepholes and projection, one step."""
    unit = _lstm({"num_units": num_units, "num_proj": num_proj, "use_peepholes": use_peepholes,
                  "state_is_tuple": state_is_tuple})  # fmt: skip
    return _step(x, [unit], False)


@layer(f"{_PREFIX}MultiRNNCell", family="recurrent", call=CALL, weights=True)
def multi_rnn_cell(x: Any, cells: Any, state_is_tuple: Any = True) -> Any:
    """Cells on top of each other, one step; the state is the tuple of theirs."""
    return _step(x, _stack({"cells": cells, "state_is_tuple": state_is_tuple}), True)


@layer(f"{_PREFIX}DropoutWrapper", family="recurrent", call=CALL, weights=True)
def dropout_wrapper(
    x: Any,
    cell: Any,
    input_keep_prob: Any = 1.0,
    output_keep_prob: Any = 1.0,
    state_keep_prob: Any = 1.0,
    variational_recurrent: Any = False,
    input_size: Any = None,
    dtype: Any = None,
    seed: Any = None,
    dropout_state_filter_visitor: Any = None,
    **_: Any,
) -> Any:
    """A cell with dropout around it, one step."""
    return _step(x, *_cells(cell))


@layer(f"{_PREFIX}ResidualWrapper", family="recurrent", call=CALL, weights=True)
def residual_wrapper(x: Any, cell: Any, residual_fn: Any = None, **_: Any) -> Any:
    """A cell whose input is added to its output, one step."""
    return _step(x, *_cells(cell))


@layer(f"{_PREFIX}DeviceWrapper", family="recurrent", call=CALL, weights=True)
def device_wrapper(x: Any, cell: Any, device: Any, **_: Any) -> Any:
    """A cell on a device, one step."""
    return _step(x, *_cells(cell))

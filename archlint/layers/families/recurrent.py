"""Recurrent layers: every gate has a kernel, a recurrent kernel and its bias vectors."""

from __future__ import annotations

from dataclasses import dataclass

from archlint.dims import Size, add, mul, product
from archlint.layers.families.contract import rank_fault, size_fault
from archlint.layers.spec import Demand, Fault, Out
from archlint.values import Shape, Tensor

SEQUENCE = Demand((None, None, None), ("batch", "time", "features"))
"""What a batch-first recurrent layer takes; `sequence_demand` fills in the size of the features."""


def gate_weights(gates: int, inputs: Size, units: Size, recurrent: Size = None, biases: Size = 1) -> Size:
    """`gates * units * (inputs + recurrent + biases)`; `recurrent` is the size fed back, `units` unless projected."""
    fed_back = units if recurrent is None else recurrent
    return mul(mul(units, gates), add(add(inputs, fed_back), biases))


def sequence_demand(features: Size, batch_first: bool = True) -> Demand:
    """A sequence of vectors of one size, batch or time first."""
    return Demand(
        (None, None, features), ("batch", "time", "features") if batch_first else ("time", "batch", "features")
    )


@dataclass(frozen=True, slots=True)
class Unrolled:
    """The three things a recurrent layer can return: every step's output, the last one's, the states."""

    sequence: Out
    last: Out
    states: tuple[Out, ...]


def unroll(x: Tensor, *, units: Size, states: int, weights: Size, faults: tuple[Fault, ...] = ()) -> Unrolled:
    """One layer over `(batch, time, features)` as Keras has it; states are `(batch, units)` each."""
    demand = SEQUENCE
    wrong = rank_fault(x, 3, layout="(batch, time, features)")
    if x.shape is None or wrong:
        out = Out(last=units, faults=(*faults, *wrong), demand=demand, params=weights)
        return Unrolled(out, out, (Out(),) * states)
    batch, steps, _ = x.shape
    macs = mul(mul(batch, steps), weights)
    return Unrolled(
        Out((batch, steps, units), weights, axes=(0, 1, "features"), macs=macs, faults=faults, demand=demand),
        Out((batch, units), weights, axes=(0, "features"), sees_all=True, macs=macs, faults=faults, demand=demand),
        (Out((batch, units), axes=(0, "features"), sees_all=True),) * states,
    )


@dataclass(frozen=True, slots=True)
class Stack:
    """A multi-layer recurrent module as torch has it."""

    inputs: Size
    units: Size
    gates: int
    layers: Size = 1
    directions: int = 1
    projection: Size = 0
    bias: bool = True
    batch_first: bool = False

    @property
    def outputs(self) -> Size:
        """Size of one direction's output: the projection if there is one."""
        return self.units if self.projection == 0 else self.projection

    @property
    def weights(self) -> Size:
        """Numbers of all layers and directions; layers above the first read all directions of the one below."""
        first = self._layer(self.inputs)
        upper = self._layer(mul(self.outputs, self.directions))
        above = None if self.layers is None else mul(upper, self.layers - 1)
        if self.layers == 1:
            above = 0
        return mul(add(first, above), self.directions)

    def _layer(self, inputs: Size) -> Size:
        gates = gate_weights(self.gates, inputs, self.units, self.outputs, 2 if self.bias else 0)
        return gates if self.projection == 0 else add(gates, mul(self.projection, self.units))


def stacked(x: Tensor, stack: Stack, arg: str = "input_size") -> Unrolled:
    """Sequence output, and hidden and cell states `(layers * directions, batch, size)`; 2-D input is one sample."""
    features = mul(stack.outputs, stack.directions)
    demand = sequence_demand(stack.inputs, stack.batch_first)
    layers = mul(stack.layers, stack.directions)
    if x.shape is None:
        sequence = Out(None, stack.weights, last=features, demand=demand)
        return Unrolled(sequence, sequence, (Out(last=stack.outputs), Out(last=stack.units)))
    rank, wrong = len(x.shape), rank_fault(x, 3, (2, 3))
    if wrong:
        sequence = Out(None, stack.weights, last=features, faults=wrong, demand=demand)
        return Unrolled(sequence, sequence, (Out(), Out()))
    faults = size_fault("features", arg, stack.inputs, x.shape[-1], rank - 1)
    batch: Shape = () if rank == 2 else (x.shape[0 if stack.batch_first else 1],)
    assert batch is not None
    batch_axis = () if rank == 2 else (0 if stack.batch_first else 1,)
    shape = (*x.shape[:-1], features)
    axes = (*range(rank - 1), "features")
    sequence = Out(shape, stack.weights, axes=axes, sees_all=stack.directions == 2, faults=faults, demand=demand,
                   macs=mul(product(x.shape[:-1]), stack.weights))  # fmt: skip
    states = tuple(
        Out((layers, *batch, size), axes=("layers", *batch_axis, "features"), sees_all=True)
        for size in (stack.outputs, stack.units)
    )
    return Unrolled(sequence, sequence, states)


def step(x: Tensor, *, inputs: Size, units: Size, states: int, weights: Size, arg: str = "") -> tuple[Out, ...]:
    """One time step `(batch, features)` or `(features,)`: the new states, all of the same shape."""
    if x.shape is None:
        return (Out(None, weights, last=units), *(Out(last=units),) * (states - 1))
    rank, wrong = len(x.shape), rank_fault(x, 2, (1, 2), "(batch, features)")
    if wrong:
        return (Out(None, weights, faults=wrong), *(Out(),) * (states - 1))
    faults = size_fault("features", arg, inputs, x.shape[-1], rank - 1)
    shape = (*x.shape[:-1], units)
    axes = (*range(rank - 1), "features")
    first = Out(shape, weights, axes=axes, faults=faults, macs=mul(product(x.shape[:-1]), weights))
    return (first, *(Out(shape, axes=axes),) * (states - 1))

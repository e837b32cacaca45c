"""Recurrent layers of Keras, their cells, and how a bidirectional pair is merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, Union

from archlint.dims import Size, proven_different, show
from archlint.layers.arguments import flag, is_unknown, size
from archlint.layers.families.recurrent import gate_weights, unroll
from archlint.layers.keras import legacy
from archlint.layers.keras.reading import is_open, must_be_fixed, positive, yes
from archlint.layers.spec import Fault, Out, layer
from archlint.values import Tensor

Outs: TypeAlias = Union[Out, tuple[Out, ...]]

CALL = ("sequences", "initial_state", "mask", "training")


def sequence_of(call: Any) -> Tensor:
    """The sequence among the arguments of the call; Keras also takes `[sequence, state, …]` as one list."""
    x = call.get("sequences", call.get("inputs")) if isinstance(call, dict) else call
    if isinstance(x, (tuple, list)) and x:
        x = x[0]
    return x if isinstance(x, Tensor) else Tensor(None)


def states_of(call: Any) -> list[Any] | None:
    """The initial states of the call, as `initial_state=[h, c]` or `[sequence, h, c]`; None if there are none."""
    given = call.get("initial_state") if isinstance(call, dict) else None
    x = call.get("sequences", call.get("inputs")) if isinstance(call, dict) else call
    if given is None and isinstance(x, (tuple, list)) and len(x) > 1:
        given = list(x[1:])
    if isinstance(given, (tuple, list)):
        return list(given)
    return [given] if isinstance(given, Tensor) else None


def _state_faults(call: Any, x: Tensor, units: Size, states: int) -> tuple[Fault, ...]:
    """Each state is `(batch, units)`; a longer list than Keras 3 reads is taken by it."""
    given, batch = states_of(call), x.shape[0] if x.shape else None
    for state in given or ():
        shape = state.shape if isinstance(state, Tensor) else None
        if shape and len(shape) == 2 and proven_different(shape[1], units) and shape[1] != 1:
            text = f"{show(shape[1])} units in the state, {show(units)} in the layer"
            return (Fault("state", "", text, (batch, units), shape),)
    if given is not None and len(given) < states and all(isinstance(s, Tensor) and s.shape for s in given):
        return (Fault("state", "", f"needs {states} states, got {len(given)}", (batch, units), None),)
    return ()


def _weights(x: Tensor, gates: int, units: Size, use_bias: Any, bias_vectors: Size) -> Size:
    bias = yes(use_bias)
    features = x.shape[-1] if x.shape and len(x.shape) == 3 else None if x.shape else x.last
    return None if bias is None else gate_weights(gates, features, units, biases=bias_vectors if bias else 0)


def _recurrent(
    call: Any, units: Any, states: int, gates: int, biases: Size, use_bias: Any, return_sequences: Any,
    return_state: Any, stateful: Any,
) -> Outs:  # fmt: skip
    x, wide = sequence_of(call), size(units)
    bad = positive(wide, "units")
    if bad:
        return Out(faults=bad)
    faults = must_be_fixed(x, [-1]) if x.shape and len(x.shape) == 3 else ()
    if x.shape and yes(stateful) and is_open(x.shape[0]):
        text = f"stateful=True needs a fixed batch size, got {show(x.shape[0])}"
        faults = (*faults, Fault("dynamic", "stateful", text, None, x.shape[0], 0))
    faults = (*faults, *_state_faults(call, x, wide, states))
    weights = _weights(x, gates, wide, use_bias, biases)
    found = unroll(x, units=wide, states=states, weights=weights, faults=faults)
    return returned(found.sequence, found.last, found.states, return_sequences, return_state)


def returned(sequence: Out, last: Out, states: Sequence[Out], return_sequences: Any, return_state: Any) -> Outs:
    """What the two flags ask for; a flag that is not known leaves the rank open."""
    if is_unknown(return_sequences):
        features = sequence.shape[-1] if sequence.shape else sequence.last
        out = Out(None, sequence.params, last=features, faults=sequence.faults, demand=sequence.demand)
    else:
        out = sequence if flag(return_sequences) else last
    return (out, *states) if flag(return_state) else out


@layer("keras.layers.LSTM", family="recurrent", call=CALL, legacy=legacy.recurrent, weights=True)
def lstm(x: Any, units: Any, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: Any = True, *,
         return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False,
         unroll: Any = False, **_: Any) -> Outs:  # fmt: skip
    """Long short-term memory: `4 * units * (in + units + 1)` weights, states h and c."""
    return _recurrent(x, units, 2, 4, 1, use_bias, return_sequences, return_state, stateful)


@layer("keras.layers.GRU", family="recurrent", call=CALL, legacy=legacy.recurrent, weights=True)
def gru(x: Any, units: Any, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: Any = True, *,
        return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False,
        unroll: Any = False, reset_after: Any = True, **_: Any) -> Outs:  # fmt: skip
    """Gated recurrent unit: `3 * units * (in + units + 2)` weights, `+ 1` without `reset_after`."""
    after = yes(reset_after)
    biases = None if after is None else 2 if after else 1
    return _recurrent(x, units, 1, 3, biases, use_bias, return_sequences, return_state, stateful)


@layer("keras.layers.SimpleRNN", family="recurrent", call=CALL, legacy=legacy.recurrent, weights=True)
def simple_rnn(x: Any, units: Any, activation: Any = "tanh", use_bias: Any = True, *, return_sequences: Any = False,
               return_state: Any = False, go_backwards: Any = False, stateful: Any = False, unroll: Any = False,
               **_: Any) -> Outs:  # fmt: skip
    """Output fed back to the input: `units * (in + units + 1)` weights."""
    return _recurrent(x, units, 1, 1, 1, use_bias, return_sequences, return_state, stateful)


@layer("keras.layers.CuDNNLSTM", family="recurrent", call=CALL, weights=True)
def cudnn_lstm(x: Any, units: Any, *, return_sequences: Any = False, return_state: Any = False,
               go_backwards: Any = False, stateful: Any = False, **_: Any) -> Outs:  # fmt: skip
    """LSTM of the cuDNN library: two bias vectors per gate."""
    return _recurrent(x, units, 2, 4, 2, True, return_sequences, return_state, stateful)


@layer("keras.layers.CuDNNGRU", family="recurrent", call=CALL, weights=True)
def cudnn_gru(x: Any, units: Any, *, return_sequences: Any = False, return_state: Any = False,
              go_backwards: Any = False, stateful: Any = False, **_: Any) -> Outs:  # fmt: skip
    """GRU of the cuDNN library: two bias vectors per gate."""
    return _recurrent(x, units, 1, 3, 2, True, return_sequences, return_state, stateful)

"""`tf.contrib.rnn` beyond `tf.nn.rnn_cell`: cells and functions with the states, shapes and weights of the original."""

from typing import Any, Dict, List, Sequence, Tuple


def cells(v1: Any) -> Dict[str, Any]:
    """Additions to `tf.contrib.rnn`."""
    found = {"LSTMBlockCell": block_lstm(v1), "GRUBlockCell": block_gru(v1), "GRUBlockCellV2": block_gru(v1)}
    found.update({"LayerNormBasicLSTMCell": normalized_lstm(v1), "ConvLSTMCell": convolutional_lstm(v1)})
    for rank in (1, 2, 3):
        found["Conv%dDLSTMCell" % rank] = convolutional_lstm(v1, rank)
    found.update(projections(v1))
    found.update(unrolled(v1))
    return found


def block_lstm(v1: Any) -> Any:
    """The LSTM whose steps are one kernel: states and weights of a `BasicLSTMCell`, plus peepholes."""

    class LSTMBlockCell(v1.nn.rnn_cell.LSTMCell):  # type: ignore[misc]
        def __init__(
            self,
            num_units: int,
            forget_bias: float = 1.0,
            cell_clip: Any = None,
            use_peephole: bool = False,
            dtype: Any = None,
            reuse: Any = None,
            name: str = "lstm_cell",
        ) -> None:
            super(LSTMBlockCell, self).__init__(
                num_units, use_peepholes=use_peephole, forget_bias=forget_bias, reuse=reuse, name=name
            )

    return LSTMBlockCell


def block_gru(v1: Any) -> Any:
    """The GRU whose steps are one kernel."""

    class GRUBlockCell(v1.nn.rnn_cell.GRUCell):  # type: ignore[misc]
        def __init__(
            self, num_units: Any = None, cell_size: Any = None, reuse: Any = None, name: str = "gru_cell"
        ) -> None:
            super(GRUBlockCell, self).__init__(num_units or cell_size, reuse=reuse, name=name)

    return GRUBlockCell


def normalized_lstm(v1: Any) -> Any:
    """LSTM with layer normalisation of each gate and of the state: a gain and a shift each, then no bias."""
    rnn = v1.nn.rnn_cell

    class LayerNormBasicLSTMCell(rnn.RNNCell):  # type: ignore[misc, name-defined]
        def __init__(
            self,
            num_units: int,
            forget_bias: float = 1.0,
            input_size: Any = None,
            activation: Any = None,
            layer_norm: bool = True,
            norm_gain: float = 1.0,
            norm_shift: float = 0.0,
            dropout_keep_prob: Any = 1.0,
            dropout_prob_seed: Any = None,
            reuse: Any = None,
        ) -> None:
            super(LayerNormBasicLSTMCell, self).__init__(_reuse=reuse)
            self._units, self._normalized = num_units, layer_norm
            self._activation = activation or v1.tanh

        @property
        def state_size(self) -> Any:
            return rnn.LSTMStateTuple(self._units, self._units)

        @property
        def output_size(self) -> int:
            return self._units

        def normalize(self, value: Any, scope: str) -> Any:
            if not self._normalized:
                return value
            mean, variance = v1.nn.moments(value, [1], keep_dims=True)
            with v1.variable_scope(scope):
                gain, shift = v1.get_variable("gamma", [self._units]), v1.get_variable("beta", [self._units])
                return v1.nn.batch_normalization(value, mean, variance, shift, gain, 1e-12)

        def call(self, inputs: Any, state: Any) -> Tuple[Any, Any]:
            c, h = state
            both = v1.concat([inputs, h], 1)
            gates = v1.matmul(both, v1.get_variable("kernel", [int(both.get_shape()[-1]), 4 * self._units]))
            if not self._normalized:
                gates = gates + v1.get_variable("bias", [4 * self._units])
            i, j, f, o = v1.split(gates, 4, axis=1)
            scopes = ("input", "transform", "forget", "output")
            i, j, f, o = [self.normalize(gate, scope) for gate, scope in zip((i, j, f, o), scopes)]
            c = self.normalize(c * v1.sigmoid(f) + v1.sigmoid(i) * self._activation(j), "state")
            h = self._activation(c) * v1.sigmoid(o)
            return h, rnn.LSTMStateTuple(c, h)

    return LayerNormBasicLSTMCell


def convolutional_lstm(v1: Any, rank: int = 0) -> Any:
    """ConvLSTM over 1, 2 or 3 axes; `ConvLSTMCell` itself takes the number of axes first (rank 0)."""
    rnn = v1.nn.rnn_cell

    class ConvLSTMCell(rnn.RNNCell):  # type: ignore[misc, name-defined]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            names = [] if rank else ["conv_ndims"]
            names += ["input_shape", "output_channels", "kernel_shape", "use_bias", "skip_connection"]
            given = dict(zip(names, args), **kwargs)
            super(ConvLSTMCell, self).__init__(name=given.get("name", "conv_lstm_cell"))
            self._rank = rank or int(given["conv_ndims"])
            shape = list(given["input_shape"])
            if len(shape) != self._rank + 1:
                raise ValueError("Invalid input_shape %s for conv_ndims=%d." % (given["input_shape"], self._rank))
            self._channels, self._kernel = int(given["output_channels"]), list(given["kernel_shape"])
            self._bias, self._skip = given.get("use_bias", True), given.get("skip_connection", False)
            self._state = v1.TensorShape(shape[:-1] + [self._channels])
            self._out = v1.TensorShape(shape[:-1] + [self._channels + (shape[-1] if self._skip else 0)])

        @property
        def state_size(self) -> Any:
            return rnn.LSTMStateTuple(self._state, self._state)

        @property
        def output_size(self) -> Any:
            return self._out

        def call(self, inputs: Any, state: Any, scope: Any = None) -> Tuple[Any, Any]:
            c, h = state
            both = v1.concat([inputs, h], -1)
            kernel = v1.get_variable("kernel", self._kernel + [int(both.get_shape()[-1]), 4 * self._channels])
            gates = v1.nn.convolution(both, kernel, "SAME")
            if self._bias:
                gates = gates + v1.get_variable("biases", [4 * self._channels])
            i, j, f, o = v1.split(gates, 4, axis=-1)
            c = v1.sigmoid(f) * c + v1.sigmoid(i) * v1.tanh(j)
            h = v1.sigmoid(o) * v1.tanh(c)
            return v1.concat([h, inputs], -1) if self._skip else h, rnn.LSTMStateTuple(c, h)

    return ConvLSTMCell


def projections(v1: Any) -> Dict[str, Any]:
    """Cells around a cell: a Dense before it, a Dense behind it, an embedding before it."""
    rnn = v1.nn.rnn_cell

    def dense(value: Any, units: int) -> Any:
        kernel = v1.get_variable("kernel", [int(value.get_shape()[-1]), units])
        return v1.matmul(value, kernel) + v1.get_variable("bias", [units])

    class Wrapper(rnn.RNNCell):  # type: ignore[misc, name-defined]
        def __init__(self, cell: Any, size: int, width: int = 0, **kwargs: Any) -> None:
            super(Wrapper, self).__init__(_reuse=kwargs.get("reuse"))
            self._cell, self._size, self._width = cell, size, width
            self._activation = kwargs.get("activation") or v1.identity

        @property
        def state_size(self) -> Any:
            return self._cell.state_size

        @property
        def output_size(self) -> Any:
            return self._cell.output_size

    class InputProjectionWrapper(Wrapper):
        def __init__(self, cell: Any, num_proj: int, activation: Any = None, input_size: Any = None, **kw: Any) -> None:
            super(InputProjectionWrapper, self).__init__(cell, num_proj, activation=activation, **kw)

        def call(self, inputs: Any, state: Any) -> Any:
            return self._cell(self._activation(dense(inputs, self._size)), state)

    class OutputProjectionWrapper(Wrapper):
        def __init__(self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None) -> None:
            super(OutputProjectionWrapper, self).__init__(cell, output_size, activation=activation, reuse=reuse)

        @property
        def output_size(self) -> Any:
            return self._size

        def call(self, inputs: Any, state: Any) -> Any:
            out, state = self._cell(inputs, state)
            return self._activation(dense(out, self._size)), state

    class EmbeddingWrapper(Wrapper):
        def __init__(
            self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None
        ) -> None:
            super(EmbeddingWrapper, self).__init__(cell, embedding_classes, embedding_size, reuse=reuse)

        def call(self, inputs: Any, state: Any) -> Any:
            table = v1.get_variable("embedding", [self._size, self._width])
            return self._cell(v1.nn.embedding_lookup(table, v1.reshape(inputs, [-1])), state)

    wrappers = (InputProjectionWrapper, OutputProjectionWrapper, EmbeddingWrapper)
    return {wrapper.__name__: wrapper for wrapper in wrappers}


def unrolled(v1: Any) -> Dict[str, Any]:
    """Functions that unroll several layers of cells in both directions."""

    def stack(unroll: Any, given: Tuple[Sequence[Any], Sequence[Any]], inputs: Any, scope: Any, kwargs: Any) -> Any:
        """Layer on layer, each over both directions of the one below."""
        value: Any = inputs
        states: Tuple[List[Any], List[Any]] = ([], [])
        with v1.variable_scope(scope or "stack_bidirectional_rnn"):
            for index, (forward, backward) in enumerate(zip(*given)):
                with v1.variable_scope("cell_%d" % index):
                    value, first, second = unroll(forward, backward, value, kwargs)
                states[0].append(first)
                states[1].append(second)
        return value, tuple(states[0]), tuple(states[1])

    def dynamic(forward: Any, backward: Any, value: Any, kwargs: Any) -> Any:
        (left, right), (first, second) = v1.nn.bidirectional_dynamic_rnn(forward, backward, value, **kwargs)
        return v1.concat([left, right], 2), first, second

    def static(forward: Any, backward: Any, value: Any, kwargs: Any) -> Any:
        return v1.nn.static_bidirectional_rnn(forward, backward, value, **kwargs)

    def stack_bidirectional_dynamic_rnn(
        cells_fw: Any,
        cells_bw: Any,
        inputs: Any,
        initial_states_fw: Any = None,
        initial_states_bw: Any = None,
        dtype: Any = None,
        sequence_length: Any = None,
        parallel_iterations: Any = None,
        time_major: bool = False,
        scope: Any = None,
    ) -> Any:
        options = {"dtype": dtype or inputs.dtype, "sequence_length": sequence_length, "time_major": time_major}
        return stack(dynamic, (cells_fw, cells_bw), inputs, scope, options)

    def stack_bidirectional_rnn(
        cells_fw: Any,
        cells_bw: Any,
        inputs: Any,
        initial_states_fw: Any = None,
        initial_states_bw: Any = None,
        dtype: Any = None,
        sequence_length: Any = None,
        scope: Any = None,
    ) -> Any:
        options = {"dtype": dtype or inputs[0].dtype, "sequence_length": sequence_length}
        return stack(static, (cells_fw, cells_bw), inputs, scope, options)

    def transpose_batch_time(value: Any) -> Any:
        """(N, T, …) <-> (T, N, …)."""
        rank = value.get_shape().ndims
        return value if rank is None or rank < 2 else v1.transpose(value, [1, 0, *range(2, rank)])

    return {
        "stack_bidirectional_dynamic_rnn": stack_bidirectional_dynamic_rnn,
        "stack_bidirectional_rnn": stack_bidirectional_rnn,
        "transpose_batch_time": transpose_batch_time,
    }

"""TensorFlow functions on sizes, old call orders, recurrent cells: what random shapes alone do not show."""

from __future__ import annotations

from typing import Any

import pytest

from archlint.dims import Dim, var
from archlint.layers import Out, find
from archlint.layers.tf.slim import POST_STEPS, SCOPED_AS
from archlint.text import Span
from archlint.values import External, Layer, Reason, Tensor, Unknown

N, H = var("N", "dynamic"), var("H")


def call(name: str, /, *args: Any, **kwargs: Any) -> Any:
    """A function's answer."""
    spec = find(name)
    assert spec is not None, name
    return spec.apply(None, spec.bind(args, kwargs))


def tensor(out: Out) -> Tensor:
    """The output as the interpreter hands it on."""
    return Tensor(out.shape, out.dtype, data=out.data)


def x(*shape: Any, dtype: str = "float32") -> Tensor:
    return Tensor(tuple(shape), dtype)


def test_sizes_survive_arithmetic() -> None:
    sizes = tensor(call("tensorflow.shape", x(N, 7, 7, 64)))
    assert sizes.data == (N, 7, 7, 64)
    inner = tensor(call("tensorflow.slice", sizes, [1], [3]))
    total = tensor(call("tensorflow.reduce_prod", inner))
    assert total.data == 3136
    target = tensor(call("tensorflow.stack", [tensor(call("tensorflow.gather", sizes, 0)), total]))
    assert call("tensorflow.reshape", x(N, 7, 7, 64), target).shape == (N, 3136)
    doubled = tensor(call("tensorflow.multiply", tensor(call("tensorflow.slice", sizes, [1], [2])), 2))
    assert call("tensorflow.image.resize_bilinear", x(N, 7, 7, 64), doubled).shape == (N, 14, 14, 64)


def test_batch_of_a_dynamic_reshape() -> None:
    batch = tensor(call("tensorflow.shape", x(N, 28, 28)))
    assert isinstance(batch.data, tuple)
    first = Tensor((), "int32", data=batch.data[0])
    assert call("tensorflow.reshape", x(N, 28, 28), [first, -1]).shape == (N, 784)
    assert call("tensorflow.zeros", [first, 128]).shape == (N, 128)


def test_unstacked_sizes() -> None:
    sizes = tensor(call("tensorflow.shape", x(N, 7, 9)))
    assert [out.data for out in call("tensorflow.unstack", sizes)] == [N, 7, 9]
    joined = call("tensorflow.concat", [tensor(call("tensorflow.slice", sizes, [0], [1])), [63]], 0)
    assert call("tensorflow.reshape", x(N, 7, 9), tensor(joined)).shape == (N, 63)


def test_constant_paddings() -> None:
    amounts = tensor(call("tensorflow.constant", [[0, 0], [1, 2], [3, 3], [0, 0]]))
    assert call("tensorflow.pad", x(N, H, 8, 3), amounts).shape == (N, H + 3, 14, 3)


@pytest.mark.parametrize(("old", "new"), [
    (lambda: call("tensorflow.concat", 1, [x(N, 2), x(N, 3)]), (N, 5)),
    (lambda: call("tensorflow.concat", concat_dim=1, values=[x(N, 2), x(N, 3)]), (N, 5)),
    (lambda: call("tensorflow.split", 1, 2, x(N, 6))[0], (N, 3)),
    (lambda: call("tensorflow.split", split_dim=1, num_split=2, value=x(N, 6))[0], (N, 3)),
    (lambda: call("tensorflow.pack", [x(N, 2), x(N, 2)]), (2, N, 2)),
    (lambda: call("tensorflow.reduce_mean", x(N, 7, 7, 8), reduction_indices=[1, 2], keep_dims=True), (N, 1, 1, 8)),
    (lambda: call("tensorflow.expand_dims", x(N, 7), dim=1), (N, 1, 7)),
    (lambda: call("tensorflow.squeeze", x(N, 1, 1, 7), squeeze_dims=[1, 2]), (N, 7)),
    (lambda: call("tensorflow.argmax", x(N, 10), dimension=1), (N,)),
    (lambda: call("tensorflow.nn.conv2d", x(N, 8, 8, 3), x(3, 3, 3, 5), [1, 2, 2, 1], "SAME"), (N, 4, 4, 5)),
    (lambda: call("tensorflow.nn.conv2d", x(N, 3, 8, 8), x(3, 3, 3, 5), 2, "SAME", "NCHW"), (N, 5, 4, 4)),
    (lambda: call("tensorflow.nn.convolution", x(N, 8, 8, 3), x(3, 3, 3, 5), [2, 2], "SAME"), (N, 4, 4, 5)),
    (lambda: call("tensorflow.nn.convolution", x(N, 8, 8, 3), x(3, 3, 3, 5), "SAME", [2, 2]), (N, 4, 4, 5)),
    (lambda: call("tensorflow.nn.convolution", x(N, 8, 8, 3), x(3, 3, 3, 5), strides=2, padding="SAME"), (N, 4, 4, 5)),
    (lambda: call("tensorflow.nn.pool", x(N, 8, 8, 3), [2, 2], "MAX", [2, 2], "SAME"), (N, 4, 4, 3)),
    (lambda: call("tensorflow.nn.max_pool", value=x(N, 8, 8, 3), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1],
                  padding="VALID"), (N, 4, 4, 3)),
    (lambda: call("tensorflow.gather", x(5, 6, 7), x(2, dtype="int32"), None, 1), (5, 2, 7)),
    (lambda: call("tensorflow.nn.softmax", x(N, 5), dim=1), (N, 5)),
])  # fmt: skip
def test_old_and_new_spellings(old: Any, new: Any) -> None:
    assert old().shape == new


def test_placeholders_and_variables() -> None:
    assert call("tensorflow.placeholder", External("tensorflow.float32"), [None, 784]).shape == (None, 784)
    assert call("tensorflow.placeholder", External("tensorflow.int32"), ()).dtype == "int32"
    assert call("tensorflow.placeholder", External("tensorflow.float32")).shape is None
    start = tensor(call("tensorflow.truncated_normal", [5, 5, 3, 32], stddev=0.1))
    made = call("tensorflow.Variable", start)
    assert (made.shape, made.params, made.state) == ((5, 5, 3, 32), 2400, 0)
    made = call("tensorflow.Variable", 0, trainable=False, name="step")
    assert (made.shape, made.params, made.state) == ((), 0, 1)
    made = call("tensorflow.get_variable", "w", [784, H])
    assert made.params == H * 784


def test_normaliser_takes_the_bias() -> None:
    made = call("tf_slim.conv2d", x(N, 8, 8, 3), 16, [3, 3], normalizer_fn=External("tf_slim.batch_norm"))
    assert made.params == 432
    assert call("tf_slim.conv2d", x(N, 8, 8, 3), 16, [3, 3]).params == 448
    assert call("tf_slim.conv2d", x(N, 8, 8, 3), 16, [3, 3], normalizer_fn=Unknown(Reason.ARGUMENT)).params is None
    frozen = call("tf_slim.conv2d", x(N, 8, 8, 3), 16, [3, 3], trainable=False)
    assert (frozen.params, frozen.state) == (0, 448)


def test_nothing_known_of_the_input() -> None:
    assert call("tf_slim.conv2d", Tensor(None), 16, 3).last == 16
    assert call("tf_slim.fully_connected", Tensor(None, last=10), 4).params == 44
    assert call("tf_slim.flatten", Tensor(None)).shape == (None, None)
    assert call("tf_slim.batch_norm", Tensor(None)).like_input


def test_contrib_embeddings() -> None:
    made = call("tensorflow.contrib.layers.embed_sequence", x(N, 9, dtype="int32"), vocab_size=100, embed_dim=8)
    assert (made.shape, made.params) == ((N, 9, 8), 800)
    made = call("tensorflow.contrib.layers.embedding_lookup_unique", x(100, 8), x(N, 9, dtype="int32"))
    assert made.shape == (N, 9, 8)


def test_initializers_are_something() -> None:
    made = call("tensorflow.contrib.layers.xavier_initializer", uniform=False)
    assert made == External("tf_slim.xavier_initializer")
    biases = call("tensorflow.constant_initializer", 0.1)
    assert call("tf_slim.conv2d", x(N, 8, 8, 3), 16, 3, biases_initializer=biases).params == 448


def test_every_function_has_its_own_name() -> None:
    for name in ("tensorflow.nn.avg_pool", "tensorflow.nn.log_softmax", "tensorflow.ones", "tf_slim.avg_pool2d"):
        spec = find(name)
        assert spec is not None
        assert spec.name == name


def test_post_steps_are_declared() -> None:
    for name in [*POST_STEPS, *SCOPED_AS, *SCOPED_AS.values()]:
        spec = find(name)
        assert spec is not None, name
        assert "activation_fn" in spec.signature.parameters
    declared = {n for n in ("tf_slim.conv2d", "tf_slim.fully_connected") if n in POST_STEPS}
    assert len(declared) == 2


def cell(name: str, *args: Any, **kwargs: Any) -> Layer:
    """A cell as the interpreter constructs it."""
    spec = find(f"tensorflow.contrib.rnn.{name}")
    assert spec is not None
    return Layer(spec, spec.bind(args, kwargs), {}, Span("", 0, 0), 0)


CELLS: dict[str, tuple[Any, int]] = {
    "lstm": (lambda: cell("BasicLSTMCell", 6), 6),
    "gru": (lambda: cell("GRUCell", 6), 6),
    "rnn": (lambda: cell("BasicRNNCell", 6), 6),
    "peepholes": (lambda: cell("LSTMCell", 6, use_peepholes=True), 6),
    "projected": (lambda: cell("LSTMCell", 6, num_proj=4), 4),
    "stack": (lambda: cell("MultiRNNCell", [cell("GRUCell", 6), cell("DropoutWrapper", cell("GRUCell", 3))]), 3),
}
WEIGHTS = {"lstm": 288, "gru": 216, "rnn": 72, "peepholes": 306, "projected": 264, "stack": 306}
"""What TensorFlow 2.21 creates for inputs of 5 features."""


@pytest.mark.parametrize("kind", list(CELLS))
def test_dynamic_rnn(kind: str) -> None:
    made, units = CELLS[kind]
    outputs, state = call("tensorflow.nn.dynamic_rnn", made(), x(N, 9, 5), dtype=External("tensorflow.float32"))
    assert outputs.shape == (N, 9, units)
    assert outputs.params == WEIGHTS[kind]
    flat = list(state) if isinstance(state, tuple) else [state]
    assert flat[-1].shape == (N, units)


def test_both_directions() -> None:
    cells = cell("BasicLSTMCell", 6), cell("BasicLSTMCell", 4)
    (forward, backward), _ = call("tensorflow.nn.bidirectional_dynamic_rnn", *cells, x(9, N, 5), time_major=True)
    assert (forward.shape, backward.shape) == ((9, N, 6), (9, N, 4))
    assert (forward.params, backward.params) == (288 + 160, 0)


def test_a_size_the_graph_leaves_open() -> None:
    out = call("tf_slim.fully_connected", x(N, N), 3)
    assert [f.kind for f in out.faults] == ["dynamic"]
    assert isinstance(N, Dim)

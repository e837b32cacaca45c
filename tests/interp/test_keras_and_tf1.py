"""Keras and TensorFlow 1 as people write them: functions that call functions, sessions, Keras handed in by keyword."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from archlint.check import analyze_texts, check_texts
from archlint.dims import show_shape
from archlint.facts.parameters import parameters
from archlint.model import Model

TF1 = "import tensorflow as tf\n"
KERAS = "import keras\nfrom keras import layers, ops\nfrom keras import backend as K\n"


def model(source: str, header: str = TF1, name: str = "", **others: str) -> Model:
    """The model of a file, by name or the only one."""
    files = {"net.py": header + dedent(source), **{f"{key}.py": dedent(text) for key, text in others.items()}}
    found = analyze_texts(files)
    return next(m for m in found if not name or m.name == name)


def shapes(made: Model) -> dict[str, str]:
    """The last output of every operation, by its short name."""
    return {n.op.rpartition(".")[2]: show_shape(n.output.shape) for n in made.graph.nodes if n.output.shape is not None}


def test_a_branch_that_both_functions_leave_with_one_shape_is_known() -> None:
    source = """
        x = tf.placeholder(tf.float32, [None, 8])
        training = tf.placeholder(tf.bool, [])
        x = tf.cond(training, lambda: tf.nn.dropout(x, 0.5), lambda: x)
        y = tf.layers.dense(x, 3)
    """
    assert shapes(model(source))["dense"] == "(N, 3)"


def test_a_branch_of_two_widths_has_no_width() -> None:
    source = """
        x = tf.placeholder(tf.float32, [None, 8])
        test = tf.placeholder(tf.bool, [])
        x = tf.cond(test, lambda: tf.layers.dense(x, 4, name="a"), lambda: tf.layers.dense(x, 5, name="b"))
        y = tf.layers.dense(x, 3, name="c")
    """
    assert parameters(model(source)).total is None


def test_a_loop_keeps_the_shape_of_its_variables_and_forgets_their_numbers() -> None:
    source = """
        x = tf.placeholder(tf.float32, [4, 8])
        def body(i, y):
            return i + 1, tf.layers.dense(y, 8, name="step")
        n, y = tf.while_loop(lambda i, y: i < 10, body, [tf.constant(0), x])
        z = tf.layers.dense(y, 3)
        w = tf.reshape(z, [n, -1])
    """
    made = model(source)
    assert shapes(made)["dense"] == "(4, 3)"
    assert shapes(made)["reshape"] == "(?, ?)"


def test_a_loop_whose_variable_grows_is_not_of_the_size_it_starts_with() -> None:
    source = """
        x = tf.placeholder(tf.float32, [4, 8])
        shapes = [tf.TensorShape([]), tf.TensorShape([None, 8])]
        body = lambda i, y: (i + 1, tf.concat([y, tf.layers.dense(y, 8)], 0))
        n, y = tf.while_loop(lambda i, y: i < 10, body, [tf.constant(0), x], shape_invariants=shapes)
        z = tf.layers.dense(y, 3, name="last")
    """
    made = model(source)
    assert [show_shape(n.output.shape) for n in made.graph.nodes if n.op.endswith("dense")] == ["(?, 8)", "(?, 3)"]


@pytest.mark.parametrize(("call", "wanted"), [
    ("tf.map_fn(lambda row: tf.reshape(row, [2, 4]), x)", "(5, 2, 4)"),
    ("tf.scan(lambda total, row: total + row, x)", "(5, 8)"),
    ("tf.foldl(lambda total, row: total + row, x)", "(8)"),
    ("tf.strided_slice(x, [0, 1], [3, 8], [1, 2])", "(3, 4)"),
    ("tf.where(x > 0, 0.0, x)", "(5, 8)"),
])  # fmt: skip
def test_functions_of_rows(call: str, wanted: str) -> None:
    source = f"""
        x = tf.placeholder(tf.float32, [5, 8])
        tf.layers.dense(x, 2)
        y = {call}
    """
    found = model(source).graph.nodes[-1].output.shape
    assert show_shape(found).replace(",)", ")") == wanted


def test_a_variable_is_found_again_in_its_scope() -> None:
    source = """
        def net(x):
            with tf.variable_scope("fc"):
                w = tf.get_variable("w", [8, 3])
            with tf.variable_scope("fc", reuse=True):
                w = tf.get_variable("w")
            return tf.matmul(x, w)
        y = net(tf.placeholder(tf.float32, [None, 8]))
    """
    made = model(source)
    assert shapes(made)["matmul"] == "(N, 3)"
    assert parameters(made).total == 24


def test_what_runs_a_graph_is_no_layer() -> None:
    source = """
        x = tf.placeholder(tf.float32, [None, 8])
        loss = tf.reduce_mean(tf.layers.dense(x, 1))
        train = tf.train.AdamOptimizer(1e-3).minimize(loss)
        tf.summary.scalar("loss", loss)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            _, value = sess.run([train, loss], feed_dict={x: [[0.0] * 8]})
    """
    known, calls = model(source).understood
    assert known == calls == 2


def test_a_tensor_array_gives_what_was_written_to_it() -> None:
    source = """
        x = tf.placeholder(tf.float32, [None, 8])
        outputs = tf.TensorArray(tf.float32, size=6)
        for t in range(6):
            outputs = outputs.write(t, tf.layers.dense(x, 3, name="step", reuse=t > 0))
        y = outputs.stack()
    """
    assert shapes(model(source))["stack"] == "(6, N, 3)"


def test_keras_that_a_caller_hands_in_by_keyword() -> None:
    source = """
        from . import get_submodules_from_kwargs
        def Net(classes=10, **kwargs):
            backend, layers, models, keras_utils = get_submodules_from_kwargs(kwargs)
            axis = 3 if backend.image_data_format() == "channels_last" else 1
            image = layers.Input(shape=(32, 32, 3))
            x = layers.Conv2D(8, 3)(image)
            x = layers.BatchNormalization(axis=axis)(x)
            x = layers.GlobalAveragePooling2D()(x)
            return models.Model(image, layers.Dense(classes)(x))
    """
    parts = """
        def get_submodules_from_kwargs(kwargs):
            for key in kwargs:
                if key not in ("backend", "layers", "models", "utils"):
                    raise TypeError(key)
            return tuple(kwargs.get(key) for key in ("backend", "layers", "models", "utils"))
    """
    files = {"keras_nets/net.py": dedent(source), "keras_nets/__init__.py": dedent(parts)}
    made = next(m for m in analyze_texts(files) if m.name == "Net")
    assert made.understood == (4, 4)
    assert parameters(made).total == 3 * 3 * 3 * 8 + 8 + 4 * 8 + 8 * 10 + 10


@pytest.mark.parametrize(("imports", "call", "wanted"), [
    ("keras", "Convolution2D(4, 3, 3, border_mode='same', input_shape=(9, 9, 3))", "(N, 9, 9, 4)"),
    ("tensorflow.keras", "Convolution2D(4, 3, 3, input_shape=(9, 9, 3))", "(N, 3, 3, 4)"),
    ("tensorflow.keras", "Conv2D(4, 3, 3, input_shape=(9, 9, 3))", "(N, 3, 3, 4)"),
    ("keras", "Conv2D(4, 3, 3, input_shape=(9, 9, 3)), Dropout(0.5), Dense(2, W_regularizer=None)", "(N, 7, 7, 4)"),
])  # fmt: skip
def test_which_keras_a_call_is_written_for(imports: str, call: str, wanted: str) -> None:
    source = f"""
        from {imports}.models import Sequential
        from {imports}.layers import Convolution2D, Conv2D, Dense, Dropout
        net = Sequential([{call}])
    """
    nodes = model(source, header="").graph.nodes
    assert show_shape(next(n for n in nodes if "Conv" in n.op).output.shape) == wanted


@pytest.mark.parametrize(("network", "wanted", "total"), [
    ("VGG16(include_top=False, input_shape=(224, 224, 3))", "(N, 7, 7, 512)", 14_714_688),
    ("ResNet50(include_top=False, weights=None, pooling='avg')", "(N, 2048)", 23_587_712),
    ("InceptionV3(classes=10, weights=None)", "(N, 10)", 21_802_784 + 2049 * 10),
    ("MobileNetV2(include_top=False, input_shape=(160, 161, 3))", "(N, 5, ?, 1280)", 2_257_984),
    ("VGG16(weights=None)", "(N, 1000)", 138_357_544),
])  # fmt: skip
def test_a_network_that_keras_brings(network: str, wanted: str, total: int) -> None:
    source = f"""
        from keras.applications import VGG16, ResNet50, MobileNetV2
        from keras.applications.inception_v3 import InceptionV3
        base = {network}
        net = keras.Model(base.input, layers.Activation("relu")(base.output))
        twice = keras.Sequential([base, layers.Activation("relu")])
    """
    for name in ("net", "twice"):
        made = model(source, KERAS, name)
        assert show_shape(made.graph.nodes[-1].output.shape) == wanted
        assert parameters(made).total == total


def test_a_network_that_keras_brings_in_another_width_is_not_known() -> None:
    source = """
        from keras.applications import MobileNet
        base = MobileNet(alpha=0.5, include_top=False, input_shape=(128, 128, 3))
        net = keras.Model(base.input, layers.Flatten()(base.output))
    """
    assert parameters(model(source, KERAS, "net")).total is None


CELL = """
    class Cell(layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = self.state_size = units
        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], self.units))
            self.recurrent = self.add_weight(shape=(self.units, self.units))
        def call(self, inputs, states):
            h = K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent)
            return h, [h]
    x = layers.Input((20, 8))
"""


@pytest.mark.parametrize(("options", "wanted"), [("", "(N, 12)"), (", return_sequences=True", "(N, 20, 12)")])
def test_a_cell_of_ones_own(options: str, wanted: str) -> None:
    source = (
        CELL + f"    y = layers.RNN(Cell(12){options})(x)\n    net = keras.Model(x, layers.Activation('relu')(y))\n"
    )
    made = model(source, KERAS)
    assert shapes(made)["RNN"] == wanted
    assert parameters(made).total == 8 * 12 + 12 * 12


def test_a_layer_that_states_its_output_where_its_call_is_not_understood() -> None:
    source = """
        import tensorflow as tf
        class Masked(layers.Layer):
            def call(self, x):
                return tf.py_function(lambda v: v[:, :7], [x], tf.float32)
            def compute_output_shape(self, shape):
                return (shape[0], 7)
        x = layers.Input((20,))
        net = keras.Model(x, layers.Dense(3)(Masked()(x)))
    """
    assert shapes(model(source, KERAS))["Dense"] == "(N, 3)"


def test_weights_of_layers_inside_layers_are_counted() -> None:
    source = """
        class Norm(layers.Layer):
            def build(self, shape):
                self.scale = self.add_weight(shape=(shape[-1],))
            def call(self, x):
                return x * self.scale
        class Block(layers.Layer):
            def __init__(self):
                super().__init__()
                self.norms = []
                for _ in range(3):
                    self.norms.append(Norm())
                self.dense = layers.Dense(6)
            def build(self, shape):
                self.dense.build(shape)
                self.norms[0].build(shape)
            def call(self, x):
                for norm in self.norms:
                    x = norm(x)
                return self.dense(x)
        x = layers.Input((6,))
        net = keras.Model(x, Block()(x))
    """
    assert parameters(model(source, KERAS)).total == 3 * 6 + 6 * 6 + 6


def test_attention_from_inside() -> None:
    source = """
        class Cached(layers.MultiHeadAttention):
            def call(self, query, value):
                q, k, v = self._query_dense(query), self._key_dense(value), self._value_dense(value)
                out, scores = self._compute_attention(q, k, v)
                return self._output_dense(out)
        x = layers.Input((10, 16))
        net = keras.Model(x, Cached(num_heads=2, key_dim=8)(x, x))
    """
    made = model(source, KERAS)
    assert shapes(made)["EinsumDense"] == "(N, 10, 16)"
    assert parameters(made).total == 3 * (16 * 16 + 16) + 16 * 16 + 16


def test_a_layer_named_by_text() -> None:
    source = """
        def net(activation="ReLU"):
            x = layers.Input((4,))
            return keras.Model(x, eval("layers." + activation)()(layers.Dense(3)(x)))
    """
    assert shapes(model(source, KERAS, "net"))["ReLU"] == "(N, 3)"


@pytest.mark.parametrize(
    "call", ["K.switch(K.equal(x, 0), x, x)", "K.in_train_phase(x, x)", "ops.cond(True, lambda: x, lambda: x)"]
)
def test_backend_choices(call: Any) -> None:
    source = f"""
        x = layers.Input((4,))
        net = keras.Model(x, layers.Dense(3)({call}))
    """
    assert parameters(model(source, KERAS)).total == 15


def test_nothing_is_found_wrong_in_any_of_this() -> None:
    source = """
        x = tf.placeholder(tf.float32, [None, 8])
        y = tf.cond(tf.placeholder(tf.bool, []), lambda: tf.layers.dense(x, 4), lambda: tf.layers.dense(x, 5))
        z = tf.while_loop(lambda i, v: True, lambda i, v: (i, tf.concat([v, v], 1)), [0, x],
                          shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, None])])
        w = tf.layers.dense(y + y, 3)
    """
    report = check_texts({"net.py": TF1 + dedent(source)})
    assert not report.internal_errors
    assert [d.code for d in report.diagnostics if d.severity == "error"] == []

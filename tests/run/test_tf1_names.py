"""What TensorFlow 1 had is there on a current TensorFlow too, with the same shapes and variables."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

import archlint.run
from archlint.run.records import Executed, Given
from tests.run.tf1_programs import CURRENT, Child, child_of_tf1  # noqa: F401

pytestmark = pytest.mark.tf1


def test_the_ways_to_import_contrib(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        import tensorflow.contrib.slim as slim
        import tensorflow.contrib.layers as tcl
        import tensorflow.contrib as tc
        from tensorflow.contrib import layers, rnn
        from tensorflow.contrib.layers import fully_connected, xavier_initializer
        from tensorflow.contrib.layers.python.layers import layers as layers_lib
        from tensorflow.contrib.layers.python.layers import utils, initializers, regularizers
        from tensorflow.contrib.framework import arg_scope
        from tensorflow.contrib.framework.python.ops import add_arg_scope
        from tensorflow.contrib.framework.python.ops import arg_scope as scope_of_ops
        from tensorflow.contrib.framework.python.ops.arg_scope import arg_scope as scope_of_module
        from tensorflow.contrib.framework.python.ops import variables
        from tensorflow.contrib.slim.nets import vgg
        from tensorflow.contrib.slim.python.slim.nets import resnet_v1, resnet_utils
        from tensorflow.contrib.rnn.python.ops import core_rnn_cell
        from tensorflow.contrib.rnn import BasicLSTMCell, static_rnn
        from tensorflow.python.framework import ops
        from tensorflow.python.framework.ops import IndexedSlices, Tensor
        from tensorflow.python.keras.applications.imagenet_utils import decode_predictions
        from tensorflow.python.keras.layers import Flatten
        from tensorflow.python.keras.utils import get_file
        from tensorflow.python.ops import array_ops, control_flow_ops, variable_scope
        from tensorflow.python.ops.rnn_cell_impl import LSTMStateTuple
        from tensorflow.python.util import nest
        from tensorflow.contrib.training import HParams
        from tensorflow.contrib.seq2seq import TrainingHelper

        x = tf.placeholder(tf.float32, [None, 6])
        with arg_scope([fully_connected], activation_fn=None), scope_of_ops([slim.conv2d], stride=2), \\
             scope_of_module([slim.conv2d], padding="SAME"):
            a = fully_connected(x, 3, weights_initializer=xavier_initializer())
            b = slim.conv2d(tf.reshape(x, [-1, 2, 3, 1]), 5, 1)
        c = layers_lib.fully_connected(x, 4, weights_regularizer=regularizers.l2_regularizer(0.1))
        d = tcl.fully_connected(tc.layers.dropout(x), 7)
        e = layers.embed_sequence(tf.placeholder(tf.int32, [None, 9]), vocab_size=50, embed_dim=5)
        settings = HParams(units=11, rate=0.5, deep=False).parse("units=12,deep=true")
        f = tf.layers.dense(e, settings.units if settings.deep else 1)
        g, state = static_rnn(BasicLSTMCell(2), [x, x], dtype=tf.float32)
        h = control_flow_ops.cond(tf.constant(True), lambda: array_ops.zeros([2]), lambda: tf.ones([2]))
        many = nest.is_sequence([g])
        name = tf.get_default_graph().get_name_scope() + utils.convert_collection_to_dict.__name__
    """).went_well()
    assert ran.shape("fully_connected(x, 3") == (None, 3)
    assert ran.shape("slim.conv2d") == (None, 1, 2, 5)
    assert ran.shape("layers_lib.fully_connected") == (None, 4)
    assert ran.shape("tcl.fully_connected") == (None, 7)
    assert ran.shape("layers.embed_sequence") == (None, 9, 5)
    assert ran.shape("tf.layers.dense") == (None, 9, 12)
    assert ran.values("static_rnn") == [((Executed((None, 2), "float32"),) * 2, (Executed((None, 2), "float32"),) * 2)]


def test_cells_that_only_contrib_had(child: Child) -> None:
    """Variables and shapes of the stand-ins equal those of TensorFlow 1."""
    ran = child.run("""
        import tensorflow as tf
        from tensorflow.contrib import rnn

        x = tf.placeholder(tf.float32, [2, 5, 3])
        def over(cell, inputs, name):
            with tf.variable_scope(name):
                return tf.nn.dynamic_rnn(cell, inputs, dtype=tf.float32)
        over(rnn.LayerNormBasicLSTMCell(4), x, "normalized")
        over(rnn.LSTMBlockCell(4, use_peephole=True), x, "block")
        over(rnn.GRUBlockCell(4), x, "gru")
        over(rnn.OutputProjectionWrapper(rnn.GRUCell(4), 9), x, "out")
        over(rnn.InputProjectionWrapper(rnn.GRUCell(4), 6), x, "in")
        over(rnn.ConvLSTMCell(2, [8, 8, 3], 5, [3, 3]), tf.zeros([2, 5, 8, 8, 3]), "conv")
        over(rnn.EmbeddingWrapper(rnn.GRUCell(4), 20, 6), tf.zeros([2, 5, 1], tf.int32), "embed")
        deep = rnn.stack_bidirectional_dynamic_rnn([rnn.GRUCell(4), rnn.GRUCell(3)], [rnn.GRUCell(4), rnn.GRUCell(3)],
                                                   x, dtype=tf.float32)
    """).went_well()

    def under(scope: str) -> int:
        return sum(count or 0 for path, count in ran.variables.items() if path.startswith(scope + "/"))

    assert under("normalized") == 7 * 16 + 10 * 4
    assert under("block") == 7 * 16 + 16 + 3 * 4
    assert under("gru") == 7 * 8 + 8 + 7 * 4 + 4
    assert under("out") == under("gru") + 4 * 9 + 9
    assert under("in") == 3 * 6 + 6 + 10 * 8 + 8 + 10 * 4 + 4
    assert under("conv") == 9 * (3 + 5) * 20 + 20
    assert under("embed") == 20 * 6 + 10 * 8 + 8 + 10 * 4 + 4
    firsts = [value[0] for value in ran.values("over(") if isinstance(value, tuple)]
    shapes = [(2, 5, 4), (2, 5, 4), (2, 5, 4), (2, 5, 9), (2, 5, 4), (2, 5, 8, 8, 5), (2, 5, 4)]
    assert firsts == [Executed(shape, "float32") for shape in shapes]
    (deep,) = ran.values("rnn.stack_bidirectional_dynamic_rnn")
    assert isinstance(deep, tuple)
    assert deep[0] == Executed((2, 5, 6), "float32")


def test_a_transposed_convolution_takes_its_batch_from_its_output_shape(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        z = tf.placeholder(tf.float32, [None, 7, 7, 8])
        fixed = tf.nn.conv2d_transpose(z, tf.zeros([5, 5, 4, 8]), [64, 14, 14, 4], [1, 2, 2, 1])
        flat = tf.layers.dense(tf.reshape(fixed, [64, -1]), 3)
        open_ = tf.nn.conv2d_transpose(z, tf.zeros([5, 5, 4, 8]), [tf.shape(z)[0], 14, 14, 4], [1, 2, 2, 1])
    """).went_well()
    assert ran.shape("tf.reshape") == (64, 784)
    assert [value.shape for value in ran.values("tf.nn.conv2d_transpose")] == [  # type: ignore[union-attr]
        (64, 14, 14, 4), (None, 14, 14, 4),
    ]  # fmt: skip


def test_the_bodies_of_loops_are_visited(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        x = tf.placeholder(tf.float32, [None, 6, 3])
        flag = tf.placeholder(tf.bool, [])
        a = tf.map_fn(lambda row: tf.reduce_sum(row, 0), x)
        b = tf.scan(lambda total, row: total + row, x)
        c = tf.while_loop(lambda i, v: i < 3, lambda i, v: [i + 1, v * 2.0], [0, a])
        d = tf.cond(flag, lambda: tf.layers.dense(x, 5), lambda: tf.zeros([2, 6, 5]))
    """).went_well()
    assert ran.shape("tf.reduce_sum") == (3,)
    assert ran.shape("total + row") == (6, 3)
    assert ran.shape("v * 2.0") == (None, 3)
    assert ran.shape("tf.layers.dense") == (None, 6, 5)
    assert ran.shape("tf.map_fn") == (None, 3)


def test_what_a_current_tensorflow_lacks_is_said(child: Child) -> None:
    if child.native:
        pytest.skip("TensorFlow 1 has it")
    source = """
        import tensorflow as tf
        from tensorflow.contrib.seq2seq import BahdanauAttention

        class Cell(tf.contrib.seq2seq.AttentionWrapper):
            pass

        def net(memory):
            return BahdanauAttention(8, tf.layers.dense(memory, 4))
    """
    ran = child.run(source, "net", args=(Given("memory", (None, 5, 3)),))
    (failure,) = ran.outcome.failures
    assert failure.type == "NotAvailable"
    assert failure.message == (
        "tf.contrib.seq2seq.BahdanauAttention is not in this TensorFlow: "
        "give an interpreter that has TensorFlow 1 (--python)"
    )


def test_keras_2_layers_on_placeholders(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        from keras import backend as K
        from keras.layers import Dense
        from keras.layers.core import Dropout
        from keras.utils import np_utils, to_categorical

        sess = tf.Session()
        K.set_session(sess)
        images = tf.placeholder(tf.float32, shape=(None, 784))
        x = Dense(128, activation="relu")(images)
        x = Dropout(0.5)(x)
        predictions = Dense(10)(x)
    """)
    if ran.outcome.statements and "No module named 'keras'" in ran.outcome.statements[0].message:
        pytest.skip("Keras 2 is not installed beside TensorFlow 1")
    ran.went_well()
    assert ran.shape('Dense(128, activation="relu")(images)') == (None, 128)
    assert ran.params == 784 * 128 + 128 + 1290


def test_names_of_tensorflow_0(child: Child) -> None:
    if child.native:
        pytest.skip("TensorFlow 1 refuses them")
    ran = child.run("""
        import tensorflow as tf
        a = tf.placeholder(tf.float32, [None, 3])
        b = tf.concat(1, [tf.mul(a, a), tf.sub(a, a)])
        c = tf.pack([b, b])
    """).went_well()
    assert ran.shape("tf.concat") == (None, 6)
    assert ran.shape("tf.pack") == (2, None, 6)


def test_alexnet_of_tf_slim(child: Child) -> None:
    source = """
        import tensorflow as tf
        from tensorflow.contrib.slim.nets import alexnet

        def build(inputs):
            with tf.contrib.slim.arg_scope(alexnet.alexnet_v2_arg_scope()):
                return alexnet.alexnet_v2(inputs, num_classes=1000, is_training=False)
    """
    ran = child.run(source, "build", args=(Given("inputs", (None, 224, 224, 3)),)).went_well()
    output = ran.outcome.runs[0].output
    assert isinstance(output, tuple)
    assert output[0] == Executed((None, 1000), "float32")
    assert isinstance(output[1], dict)
    assert output[1]["alexnet_v2/conv5"] == Executed((None, 12, 12, 256), "float32")
    assert ran.params == 50303912


def test_without_tf_slim_and_tf_keras_it_says_what_to_install() -> None:
    program = dedent("""
        import sys
        sys.modules["tf_slim"] = sys.modules["tf_keras"] = None
        sys.path.insert(0, sys.argv[1])
        import archlint_child.tf1_side as side
        print("said:", side.setup({}))
        import tensorflow as tf
        x = tf.placeholder(tf.float32, [None, 4])
        for use in (lambda: tf.contrib.slim.fully_connected(x, 3), lambda: tf.layers.dense(x, 3),
                    lambda: tf.contrib.rnn.GRUCell(3), lambda: tf.matmul(x, tf.zeros([4, 2])).shape.as_list()):
            try:
                print("said:", use())
            except Exception as exc:
                print("said:", side.tf1_modules.not_there(exc))
    """)
    folder = Path(archlint.run.__file__).parent
    environment = {name: value for name, value in os.environ.items() if name != "TF_USE_LEGACY_KERAS"}
    command = [CURRENT, "-I", "-c", program, str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert ran.returncode == 0, ran.stderr[-2000:]
    version, *said = [line[6:] for line in ran.stdout.splitlines() if line.startswith("said: ")]
    if "without tf_keras" not in version:
        pytest.skip(f"{version} has the legacy layers in its own Keras")
    assert said == [
        "tf.contrib.slim.fully_connected is not in this TensorFlow: install tf_slim, or give an interpreter that has "
        "TensorFlow 1 (--python)",
        "tf.layers, batch normalization and RNN cells of a current TensorFlow need tf_keras: install it",
        "tf.contrib.rnn.GRUCell is not in this TensorFlow: install tf_keras, or give an interpreter that has "
        "TensorFlow 1 (--python)",
        "[None, 2]",
    ]

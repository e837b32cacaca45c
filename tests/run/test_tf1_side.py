"""Functions and classes that build graphs of TensorFlow 1: their executed shapes and variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from archlint.run.host import Children
from archlint.run.records import Attempt, Executed, Given, Settings
from tests.run.tf1_programs import CURRENT, FIXTURES, IMAGES, Child, child_of_tf1  # noqa: F401

pytestmark = pytest.mark.tf1


def test_digits_with_two_batch_sizes(child: Child) -> None:
    tried = Attempt((Given("images", (2, 784)),), (Given("images", (3, 784)),))
    args = (Given("images", (None, 784)),)
    ran = child.run(FIXTURES / "models/digits_slim.py", "digits", args=args, attempts=(tried,)).went_well()
    assert [ran.shape("slim.fully_connected(images", n) for n in (0, 1)] == [(2, 6000), (3, 6000)]
    assert [run.output for run in ran.outcome.runs] == [Executed((2, 10), "float32"), Executed((3, 10), "float32")]
    assert [run.shapes for run in ran.outcome.runs] == [((2, 784),), ((3, 784),)]
    assert ran.variables == {
        "hidden/weights": 784 * 6000, "hidden/biases": 6000, "logits/weights": 60000, "logits/biases": 10,
    }  # fmt: skip


def test_the_module_level_of_a_file_is_no_visit_of_its_function(child: Child) -> None:
    """`logits = digits(images)` at the end of the file runs on import, before the call that is looked at."""
    args = (Given("images", (None, 784)),)
    ran = child.run(FIXTURES / "models/digits_slim.py", "digits", args=args).went_well()
    assert ran.shape("slim.fully_connected(images") == (None, 6000)
    assert ran.params == 4770010


def test_a_script_of_contrib_layers(child: Child) -> None:
    ran = child.run(FIXTURES / "seeds/slim_channels.py").went_well()
    assert ran.shape("tf.contrib.layers.conv2d(stem") == (None, 16, 16, 32)
    assert ran.shape("tf.contrib.layers.flatten") == (None, 2048)
    assert ran.params == (3 * 9 * 32 + 32) + (32 * 9 * 32 + 32) + (2048 * 10 + 10)


def test_slim_stack(child: Child) -> None:
    ran = child.run(FIXTURES / "seeds/slim_layer_count.py").went_well()
    assert ran.shape("slim.stack") == (None, 128)
    assert ran.variables["fc/fc_2/weights"] == 32 * 64


def test_the_arg_scope_beside_a_function_holds_for_the_call(child: Child) -> None:
    source = """
        import tensorflow as tf
        slim = tf.contrib.slim

        def net_arg_scope(decay=0.1):
            with slim.arg_scope([slim.conv2d], padding="VALID", normalizer_fn=slim.batch_norm) as scope:
                return scope

        def net(images, is_training=True):
            end_points = {}
            with tf.variable_scope("net"):
                end_points["a"] = slim.conv2d(images, 8, [5, 5], stride=2, scope="a")
            return slim.flatten(end_points["a"]), end_points
    """
    kwargs = {"is_training": False}
    ran = child.run(source, "net", args=(IMAGES,), kwargs=kwargs, arg_scope="net_arg_scope").went_well()
    assert ran.shape("slim.conv2d(images") == (None, 14, 14, 8)
    output = (Executed((None, 1568), "float32"), {"a": Executed((None, 14, 14, 8), "float32")})
    assert ran.outcome.runs[0].output == output
    assert ran.variables == {"net/a/weights": 600, "net/a/BatchNorm/beta": 8}
    states = {fact.path for fact in ran.outcome.models[0].modules if fact.cls == "state"}
    assert states == {"net/a/BatchNorm/moving_mean", "net/a/BatchNorm/moving_variance"}
    assert child.run(source, "net", args=(IMAGES,)).went_well().shape("slim.conv2d(images") == (None, 16, 16, 8)


def test_raw_tensorflow(child: Child) -> None:
    ran = child.run(
        """
        import tensorflow as tf

        def weight(shape):
            return tf.Variable(tf.truncated_normal(shape, stddev=0.1))

        def lenet(images, keep_prob):
            net = tf.nn.conv2d(images, weight([5, 5, 3, 16]), strides=[1, 1, 1, 1], padding="SAME")
            net = tf.nn.max_pool(net, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
            size = net.get_shape()[1] * net.shape[2].value * 16
            flat = tf.reshape(net, [-1, int(size)])
            rows = tf.shape(flat)[0]
            with tf.variable_scope("fc", reuse=tf.AUTO_REUSE):
                kernel = tf.get_variable("kernel", [flat.get_shape().as_list()[1], 10])
                again = tf.get_variable("kernel", [4096, 10])
            net = tf.matmul(tf.nn.dropout(flat, keep_prob), kernel)
            return net + tf.zeros([10])
    """,
        "lenet",
        args=(IMAGES, Given("keep_prob", ())),
    ).went_well()
    assert ran.shape("tf.nn.max_pool") == (None, 16, 16, 16)
    assert ran.values("net.get_shape()[1] * net.shape[2].value * 16") == [4096]
    assert ran.values("net.get_shape()[1]")[0] == 16
    assert ran.shape("tf.shape(flat)[0]") == ()
    assert ran.shape("tf.matmul") == (None, 10)
    assert ran.params == 5 * 5 * 3 * 16 + 4096 * 10


def test_a_tensor_without_a_rank_is_visited_and_unknown(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        x = tf.placeholder(tf.float32)
        y = tf.reshape(x, [-1, 4])
    """).went_well()
    assert ran.values("tf.placeholder") == [None]
    assert ran.shape("tf.reshape") == (None, 4)


def test_recurrent_cells(child: Child) -> None:
    ran = child.run(
        """
        import tensorflow as tf

        def tagger(words, lengths):
            table = tf.get_variable("table", [100, 16])
            net = tf.nn.embedding_lookup(table, words)
            cells = [tf.nn.rnn_cell.LSTMCell(8), tf.contrib.rnn.GRUCell(6)]
            stacked = tf.contrib.rnn.MultiRNNCell([tf.contrib.rnn.DropoutWrapper(cell, 0.5) for cell in cells])
            outputs, state = tf.nn.dynamic_rnn(stacked, net, sequence_length=lengths, dtype=tf.float32)
            both, last = tf.nn.bidirectional_dynamic_rnn(
                tf.nn.rnn_cell.BasicLSTMCell(5), tf.nn.rnn_cell.BasicLSTMCell(5), outputs, dtype=tf.float32)
            return tf.concat(both, 2), state
    """,
        "tagger",
        args=(Given("words", (None, 7), "int32", 100), Given("lengths", (None,), "int32")),
    ).went_well()
    assert ran.shape("tf.concat") == (None, 7, 10)
    lstm, gru = (16 + 8) * 32 + 32, (8 + 6) * 12 + 12 + (8 + 6) * 6 + 6
    assert ran.params == 1600 + lstm + gru + 2 * ((6 + 5) * 20 + 20)
    pair = (Executed((None, 8), "float32"),) * 2
    assert ran.values("tf.nn.dynamic_rnn")[0] == (
        Executed((None, 7, 6), "float32"), (pair, Executed((None, 6), "float32")),
    )  # fmt: skip


def test_a_class_whose_constructor_builds_the_graph(child: Child) -> None:
    ran = child.run(
        """
        import tensorflow as tf

        class TextCNN(object):
            def __init__(self, sequence_length, num_classes=2, filters=(3, 4)):
                self.words = tf.placeholder(tf.int32, [None, sequence_length], name="words")
                table = tf.Variable(tf.random_uniform([50, 16], -1.0, 1.0), name="table")
                self.net = tf.expand_dims(tf.nn.embedding_lookup(table, self.words), -1)
                pooled = [self.branch(size, sequence_length) for size in filters]
                self.scores = tf.layers.dense(tf.reshape(tf.concat(pooled, 3), [-1, 16]), num_classes)

            def branch(self, size, length):
                net = tf.layers.conv2d(self.net, 8, (size, 16))
                return tf.nn.max_pool(net, [1, length - size + 1, 1, 1], [1, 1, 1, 1], "VALID")
    """,
        "TextCNN",
        "class",
        args=(20,),
    ).went_well()
    assert [value.shape for value in ran.values("tf.nn.max_pool")] == [(None, 1, 1, 8)] * 2  # type: ignore[union-attr]
    assert ran.params == 800 + (3 * 16 * 8 + 8) + (4 * 16 * 8 + 8) + 34
    assert {visit.owner for visit in ran.outcome.runs[0].visits} == {""}


def test_classes_whose_method_builds_the_graph(child: Child) -> None:
    source = """
        import tensorflow as tf

        class Encoder(object):
            def __init__(self, units):
                self.dense = tf.layers.Dense(units)

            def __call__(self, features):
                return self.dense(features * 1.0)

        class Trainer(object):
            def __init__(self, config=None):
                self.encoder = Encoder(4)

            def build_model(self):
                self.inputs = tf.placeholder(tf.float32, [None, 12])
                return self.encoder(self.inputs)
    """
    tried = Attempt((Given("features", (2, 6)),), (Given("features", (3, 6)),))
    ran = child.run(source, "Encoder", "class", args=(5,), attempts=(tried,)).went_well()
    assert [run.output for run in ran.outcome.runs] == [Executed((2, 5), "float32"), Executed((3, 5), "float32")]
    assert ran.params == 35
    ran = child.run(source, "Trainer", "class").went_well()
    assert ran.params == 52
    assert [visit.owner for visit in ran.outcome.runs[0].visits if visit.value == Executed((None, 4), "float32")] == [
        "encoder", "",
    ]  # fmt: skip


def test_a_class_that_wants_a_session(child: Child) -> None:
    ran = child.run(
        """
        import tensorflow as tf

        class Agent(object):
            def __init__(self, sess, actions=4):
                self.sess = sess
                self.state = tf.placeholder(tf.float32, [None, 84, 84, 4])
                self.values = tf.layers.dense(tf.layers.flatten(self.state), actions)
                self.sess.run(tf.global_variables_initializer())
    """,
        "Agent",
        "class",
    ).went_well()
    assert ran.params == 84 * 84 * 4 * 4 + 4


def test_a_failure_is_the_frameworks_own(child: Child) -> None:
    source = """
        import tensorflow as tf

        def net(images):
            flat = tf.reshape(images, [-1, 3072])
            return tf.matmul(flat, tf.get_variable("w", [768, 10]))
    """
    ran = child.run(source, "net", args=(IMAGES,))
    (failure,) = ran.outcome.failures
    assert ran.outcome.status == "failed"
    assert (failure.phase, failure.type) == ("run", "ValueError")
    assert "Dimensions must be equal, but are 3072 and 768" in failure.message
    assert [(Path(file).name[:8], line, where) for file, line, where in failure.frames] == [("program_", 6, "net")]


def test_the_first_attempt_that_works_counts(child: Child) -> None:
    source = """
        import tensorflow as tf

        def net(images):
            net = tf.layers.flatten(tf.layers.conv2d(images, 4, 3))
            return tf.matmul(net, tf.get_variable("w", [3600, 10]))
    """
    tried = tuple(Attempt((Given("images", (2, n, n, 3)),), (Given("images", (3, n, n, 3)),)) for n in (28, 32, 64))
    ran = child.run(source, "net", args=(IMAGES,), attempts=tried)
    assert ran.outcome.status == "ran"
    assert [failure.attempt for failure in ran.outcome.failures] == [0]
    assert [(run.attempt, run.shapes) for run in ran.outcome.runs] == [(1, ((2, 32, 32, 3),)), (1, ((3, 32, 32, 3),))]
    assert ran.params == 112 + 36000


def test_tensors_go_to_the_parameters_of_their_names(child: Child) -> None:
    source = """
        import tensorflow as tf

        def pair(left, units, right):
            return tf.concat([tf.layers.dense(left, units), right], 1)
    """
    tried = Attempt((Given("right", (2, 3)), Given("left", (2, 5))))
    ran = child.run(source, "pair", kwargs={"units": 4}, attempts=(tried,)).went_well()
    assert ran.shape("tf.concat") == (2, 7)


def test_probes_run_the_graph(tmp_path: Path) -> None:
    """A softmax over the samples makes each row depend on the others; one over the classes does not."""
    settings = Settings(CURRENT, (str(tmp_path),), probe=True)
    source = """
        import tensorflow as tf

        def over_samples(images):
            return tf.nn.softmax(tf.layers.dense(images, 4), 0)

        def over_classes(images):
            return tf.nn.softmax(tf.layers.dense(images, 4))
    """
    tried = Attempt((Given("images", (2, 6)),))
    with Children(settings) as children:
        child = Child(children, tmp_path, False)
        for name, verdict in (("over_samples", "violated"), ("over_classes", "holds")):
            ran = child.run(source, name, args=(Given("images", (None, 6)),), attempts=(tried,)).went_well()
            assert {one.probe: one.verdict for one in ran.outcome.probes}["batch independence"] == verdict

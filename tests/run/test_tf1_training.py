"""Scripts for TensorFlow 1 run to their end, and train nothing."""

from __future__ import annotations

import pytest

from archlint.run.records import Executed, Given
from tests.run.tf1_programs import Child, child_of_tf1  # noqa: F401

pytestmark = pytest.mark.tf1


def test_a_script_that_trains(child: Child) -> None:
    ran = child.run("""
        from __future__ import print_function
        import os
        import tensorflow as tf
        from tensorflow.examples.tutorials.mnist import input_data
        mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)

        tf.app.flags.DEFINE_integer("hidden", 32, "units")
        FLAGS = tf.app.flags.FLAGS
        tf.reset_default_graph()
        x = tf.placeholder(tf.float32, [None, 784])
        y_ = tf.placeholder(tf.float32, [None, 10])
        y = tf.layers.dense(tf.layers.dense(x, FLAGS.hidden, tf.nn.relu), 10)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=y))
        step = tf.train.AdamOptimizer(1e-3).minimize(loss)
        correct = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1)), tf.float32))
        saver = tf.train.Saver()

        def main(argv):
            tf.gfile.MakeDirs("logs/run")
            tf.summary.scalar("loss", loss)
            merged = tf.summary.merge_all()
            with tf.Session(config=tf.ConfigProto()) as sess:
                writer = tf.summary.FileWriter("logs", sess.graph)
                writer.add_summary(sess.run(merged, {x: mnist.test.images, y_: mnist.test.labels}), 0)
                sess.run(tf.global_variables_initializer())
                for i in range(20000):
                    batch = mnist.train.next_batch(50)
                    _, value = sess.run([step, loss], feed_dict={x: batch[0], y_: batch[1]})
                    if i % 100 == 0:
                        print("step %d: %.3f" % (i, value), correct.eval({x: batch[0], y_: batch[1]}))
                        saver.save(sess, "logs/model", global_step=i)
                answers = sess.run(y, {x: mnist.test.images[:7]})

        if __name__ == "__main__":
            tf.app.run()
    """).went_well()
    assert ran.params == 784 * 32 + 32 + 330
    assert ran.shape("tf.layers.dense(tf.layers") == (None, 10)
    assert ran.values("mnist.train.next_batch")[0] == (Executed((50, 784), "float32"), Executed((50, 10), "float64"))
    assert ran.outcome.notes == ("a training loop was left after 2001 calls of session.run",)


def test_a_function_below_a_training_loop(child: Child) -> None:
    """The file trains as it is imported."""
    ran = child.run(
        """
        import tensorflow as tf
        x = tf.placeholder(tf.float32, [None, 3])
        y = tf.layers.dense(x, 2)
        sess = tf.Session()
        sess.run(tf.global_variables_initializer())
        for i in range(5000):
            sess.run(y, {x: [[1, 2, 3]]})

        def net(features):
            return tf.layers.dense(features, 7)
        """,
        "net",
        args=(Given("features", (None, 5)),),
    ).went_well()
    assert ran.params == 42


def test_what_session_run_gives(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        x = tf.placeholder(tf.float32, [None, 4])
        w = tf.Variable(tf.zeros([4, 2]))
        y = tf.matmul(x, w)
        sess = tf.InteractiveSession()
        sess.run(tf.global_variables_initializer())
        rows = sess.run({"y": y, "w": w, "n": [tf.reduce_sum(y)]}, {x: [[1, 2, 3, 4]] * 6})
        first = sess.run(y, {x: [[1, 2, 3, 4]] * 5})[0]
        value = w.eval()
        by_name = sess.run(y.name, feed_dict={x: rows["y"][:, [0, 1, 0, 1]]})
    """).went_well()
    assert ran.values("sess.run({") == [
        {"y": Executed((6, 2), "float32"), "w": Executed((4, 2), "float32"), "n": (None,)}
    ]
    assert ran.shape("w.eval()") == (4, 2)
    assert ran.shape("sess.run(y.name") == (6, 2)


def test_input_pipelines_end(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        data = tf.data.Dataset.from_tensor_slices(tf.zeros([100, 8])).repeat().batch(25)
        batch = data.make_one_shot_iterator().get_next()
        net = tf.layers.dense(batch, 3)
        with tf.Session() as sess:
            while True:
                try:
                    sess.run(net)
                except tf.errors.OutOfRangeError:
                    break
            coord = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(sess=sess, coord=coord)
            while not coord.should_stop():
                sess.run(net)
            coord.request_stop()
            coord.join(threads)
        with tf.train.MonitoredTrainingSession(checkpoint_dir="x") as sess:
            while not sess.should_stop():
                sess.run(net)
        after = tf.layers.dense(net, 2)
    """).went_well()
    assert ran.shape("tf.layers.dense(batch") == (None, 3)
    assert ran.shape("tf.layers.dense(net, 2") == (None, 2)


def test_an_estimator_builds_its_graph(child: Child) -> None:
    ran = child.run("""
        import numpy as np
        import tensorflow as tf

        def model_fn(features, labels, mode):
            net = tf.layers.conv2d(tf.reshape(features["x"], [-1, 28, 28, 1]), 32, [5, 5], padding="same")
            net = tf.layers.dropout(tf.layers.flatten(net), training=mode == tf.estimator.ModeKeys.TRAIN)
            logits = tf.layers.dense(net, 10)
            if mode == tf.estimator.ModeKeys.PREDICT:
                return tf.estimator.EstimatorSpec(mode=mode, predictions=logits)
            loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)
            train_op = tf.train.AdamOptimizer().minimize(loss, global_step=tf.train.get_global_step())
            return tf.estimator.EstimatorSpec(mode=mode, loss=loss, train_op=train_op)

        def main(unused_argv):
            (images, labels), test = tf.keras.datasets.mnist.load_data()
            data = {"x": images.reshape(-1, 784).astype(np.float32)}
            classifier = tf.estimator.Estimator(model_fn=model_fn, model_dir="nowhere/model")
            train = tf.estimator.inputs.numpy_input_fn(x=data, y=labels.astype(np.int32), batch_size=100,
                                                       num_epochs=None, shuffle=True)
            classifier.train(input_fn=train, steps=20000)

        if __name__ == "__main__":
            tf.app.run(main)
    """).went_well()
    assert ran.shape("tf.layers.flatten(net)") == (100, 28 * 28 * 32)
    assert ran.params == 832 + 25088 * 10 + 10


def test_a_failing_statement_costs_that_statement(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        x = tf.placeholder(tf.float32, [None, 6])
        a = tf.layers.dense(x, 4)
        b = tf.matmul(a, tf.zeros([5, 2]))
        c = tf.layers.dense(a, 3)
    """)
    (failure,) = ran.outcome.statements
    assert "Dimensions must be equal, but are 4 and 5" in failure.message
    assert ran.outcome.status == "ran"
    assert ran.params == 28 + 15


def test_two_graphs_are_two_models(child: Child) -> None:
    ran = child.run("""
        import tensorflow as tf
        for units in (3, 4):
            with tf.Graph().as_default():
                tf.layers.dense(tf.placeholder(tf.float32, [None, 2]), units)
    """).went_well()
    assert [model.params for model in ran.outcome.models] == [9, 12]

"""What training programs of TensorFlow 1 do before the network: queues, decoded pictures, stated shapes."""

from __future__ import annotations

from textwrap import dedent

from archlint.check import analyze_texts, check_texts
from archlint.dims import show_shape
from archlint.graph import Node


def nodes(source: str, **others: str) -> list[Node]:
    files = {"net.py": "import tensorflow as tf\n" + dedent(source)}
    files.update({f"{name}.py": dedent(text) for name, text in others.items()})
    report = check_texts(files)
    assert not report.internal_errors
    assert not [d for d in report.diagnostics if d.severity == "error"]
    return [node for model in analyze_texts(files) if model.span.path == "net.py" for node in model.nodes]


def shapes(source: str, family: str, **others: str) -> list[str]:
    return [show_shape(node.output.shape) for node in nodes(source, **others) if node.family == family]


READ = """
    def read(path):
        image = tf.image.decode_image(tf.read_file(path), channels=3)
        image = tf.random_crop(image, [size, size, 3])
"""


def test_set_shape_tells_the_open_sizes_of_a_picture() -> None:
    source = """
        def net(path):
            image = tf.image.decode_image(tf.read_file(path), channels=3)
            image = tf.image.resize_image_with_crop_or_pad(image, 160, 160)
            image.set_shape((160, 160, 3))
            images = tf.expand_dims(image, 0)
            return tf.layers.conv2d(images, 8, 3)
    """
    assert shapes(source, "conv") == ["(1, 158, 158, 8)"]


def test_set_shape_leaves_what_it_does_not_tell() -> None:
    source = """
        def net(path, size):
            image = tf.image.decode_jpeg(tf.read_file(path), channels=3)
            image.set_shape((size, 64, None))
            images = tf.expand_dims(image, 0)
            return tf.layers.conv2d(images, 8, 3, padding="same")
    """
    (conv,) = [n for n in nodes(source) if n.family == "conv"]
    assert conv.output.shape is not None
    assert conv.output.shape[2:] == (64, 8)


def test_a_shape_that_is_set_in_an_arm_that_may_not_run_is_not_told() -> None:
    source = """
        def net(path, fixed):
            image = tf.image.decode_jpeg(tf.read_file(path), channels=3)
            if fixed:
                image.set_shape((64, 64, 3))
            return tf.layers.conv2d(tf.expand_dims(image, 0), 8, 3)
    """
    (conv,) = [n for n in nodes(source) if n.family == "conv"]
    assert conv.output.shape is not None
    assert conv.output.shape[1:3] == (None, None)


def test_a_queue_gives_what_was_said_of_its_components() -> None:
    source = """
        from tensorflow.python.ops import data_flow_ops
        def net(batch):
            queue = data_flow_ops.FIFOQueue(capacity=100, dtypes=[tf.float32, tf.int64], shapes=[(28, 28, 1), ()])
            images, labels = queue.dequeue_many(16)
            one, label = queue.dequeue()
            x = tf.layers.conv2d(images, 8, 3)
            y = tf.layers.conv2d(tf.expand_dims(one, 0), 8, 5)
            return x, y
    """
    assert shapes(source, "conv") == ["(16, 26, 26, 8)", "(1, 24, 24, 8)"]


def test_batches_of_several_threads() -> None:
    source = """
        def net(path, label, size):
            threads = []
            for _ in range(4):
                image = tf.image.decode_image(tf.read_file(path), channels=3)
                image.set_shape((160, 160, 3))
                threads.append([image, label])
            images, labels = tf.train.batch_join([[t[0], tf.constant(1)] for t in threads], batch_size=32)
            return tf.layers.conv2d(images, 8, 3)
        def net2(path, size):
            images = [tf.zeros((160, 160, 3))]
            batch, labels = tf.train.batch_join([[images, tf.constant([1])]], batch_size=size, enqueue_many=True,
                                                shapes=[(160, 160, 3), ()], allow_smaller_final_batch=True)
            return tf.layers.conv2d(tf.identity(batch), 8, 3)
        def net3(path):
            a = tf.zeros((160, 160, 3))
            b = tf.zeros((80, 80, 3))
            batch = tf.train.batch_join([[a], [b]], batch_size=2)
            return tf.layers.conv2d(batch, 8, 3)
    """
    assert shapes(source, "conv") == ["(32, 158, 158, 8)", "(?, 158, 158, 8)", "(...)"]


def test_the_moving_average_of_a_tensor_has_its_shape() -> None:
    source = """
        def net(training):
            h = tf.layers.dense(tf.placeholder(tf.float32, [None, 8]), 16)
            mean, var = tf.nn.moments(h, [0])
            ema = tf.train.ExponentialMovingAverage(0.9)
            def update():
                op = ema.apply([mean, var])
                with tf.control_dependencies([op]):
                    return tf.identity(mean), tf.identity(var)
            m, v = tf.cond(training, update, lambda: (ema.average(mean), ema.average(var)))
            return h, m
    """
    either = [n for n in nodes(source) if n.op in ("join", "tensorflow.cond")]
    assert [show_shape(n.output.shape) for n in either] == ["(16,)", "(16,)"]


def test_a_variable_that_starts_as_a_product_keeps_its_channels() -> None:
    source = """
        from tensorflow.keras import layers
        class Scale(layers.Layer):
            def __init__(self, start, width=96, **kwargs):
                super().__init__(**kwargs)
                self.start, self.width = start, width
            def build(self, input_shape):
                self.gamma = tf.Variable(self.start * tf.ones((self.width,)))
            def call(self, x):
                return x * self.gamma
        def net(start):
            x = layers.Input((8, 8, 96))
            return layers.Dense(4)(Scale(start)(x))
    """
    products = [n for n in nodes(source) if n.op == "keras.ops.operator*"]
    assert products
    assert all(n.output.features == 96 for n in products)

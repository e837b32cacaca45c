"""Programs for tf.keras, Keras 1 and Keras 2 on Keras 3, and on the Keras 2 that they were written for.

ARCHLINT_KERAS2_PYTHON (else ARCHLINT_TF1_PYTHON) is an interpreter with Keras 2.3.1 on TensorFlow 1.15, Python 3.7;
without it those tests are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from keras_child import Child

from archlint.run.host import Children
from archlint.run.records import Attempt, Given, Settings

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def child(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """Keras 3."""
    folder = tmp_path_factory.mktemp("keras")
    with Children(Settings(python, (str(folder),), unsafe=True)) as children:
        yield Child(children, folder)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """Keras 2 as it was."""
    python = os.environ.get("ARCHLINT_KERAS2_PYTHON") or os.environ.get("ARCHLINT_TF1_PYTHON")
    if not python:
        pytest.skip("ARCHLINT_KERAS2_PYTHON names no interpreter with Keras 2")
    folder = tmp_path_factory.mktemp("keras2")
    with Children(Settings(python, (str(folder),), unsafe=True)) as children:
        yield Child(children, folder)


TF_KERAS = """
    import tensorflow as tf
    from tensorflow.keras import Model, layers
    from tensorflow.keras.applications import VGG16
    from tensorflow.keras.layers import *
    import tensorflow.keras.backend as K

    if tf.config.list_physical_devices("GPU"):
        print("fast")

    class Summary(tf.keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super(Summary, self).__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.w = self.add_weight(name="w", shape=(shape[-1], self.units), initializer="zeros", trainable=True)

        def call(self, x):
            y = tf.matmul(x, self.w)
            y = tf.reshape(y, (-1, y.shape[1] * y.shape[2], self.units))
            mean = tf.reduce_mean(y, axis=1, keepdims=True)
            return tf.concat([y, mean], axis=1)

    base = VGG16(weights="imagenet", include_top=False, input_shape=(64, 96, 3))
    base.trainable = False
    x = Conv2D(4, 1, activation=tf.nn.relu)(base.output)
    x = Summary(6)(x)
    x = Lambda(lambda t: K.sum(t, axis=1))(x)
    model = Model(base.input, Dense(3)(x))
"""


def test_tf_keras_runs_with_and_without_tensorflow(child: Child) -> None:
    ran = child.run(TF_KERAS)
    assert ran.outcome.status == "ran", ran.outcome
    assert ran.outcome.statements == []
    assert ran.shapes("tf.matmul(x, self.w)") == [(None, 2, 3, 6)]
    assert ran.shapes("tf.concat([y, mean], axis=1)") == [(None, 7, 6)]
    assert ran.shapes("K.sum(t, axis=1)") == [(None, 6)]
    assert [(m.name, m.params) for m in ran.outcome.models] == [("base", 14714688), ("model", 14716785)]
    assert any("stood in" in note for note in ran.outcome.notes) == ("tensorflow" not in child.version)


def test_shapes_answer_as_in_keras_2(child: Child) -> None:
    source = """
        from tensorflow.keras import Input, layers
        import tensorflow as tf

        x = Input((6, 5, 3))
        height, width = x.shape.as_list()[1:3]
        channels = x.get_shape()[-1] * 2

        class Scale(layers.Layer):
            def build(self, shape):
                self.scale = self.add_weight("scale", shape=(shape[-1],), initializer="ones")

            def call(self, x):
                return tf.image.resize(x * self.scale, (8, 4))

        y = Scale()(x)
    """
    ran = child.run(source)
    assert ran.outcome.statements == []
    assert ran.values("x.shape.as_list()[1:3]") == [(6, 5)]
    assert ran.values("x.get_shape()[-1] * 2") == [6]
    assert ran.shapes("Scale()(x)") == [(None, 8, 4, 3)]


def test_what_the_stand_in_does_not_have_is_not_blamed_on_the_model(child: Child) -> None:
    source = """
        import tensorflow as tf
        from tensorflow.keras import Input, Model

        x = Input((8,))
        model = Model(x, tf.some_operation_of_tomorrow(x))
    """
    ran = child.run(source)
    (failure,) = ran.outcome.failures
    if "tensorflow" in child.version:
        assert failure.type == "AttributeError"
    else:
        assert (failure.phase, failure.type) == ("import", "ModuleNotFoundError")
        assert "tensorflow is not installed" in failure.message


KERAS_1 = """
    from keras.models import Sequential, Model
    from keras.layers.core import Dense, Activation, Flatten, Dropout
    from keras.layers.convolutional import Convolution2D, MaxPooling2D, Conv2D
    from keras.layers import Input, merge, LSTM, Embedding
    from keras.utils import np_utils
    from keras import backend as K

    labels = np_utils.to_categorical([0, 1, 2], 3)
    model = Sequential()
    model.add(Convolution2D(32, 3, 5, border_mode="same", subsample=(2, 1), input_shape=(28, 28, 1), init="uniform"))
    model.add(Activation("relu"))
    model.add(MaxPooling2D(pool_size=(2, 2), dim_ordering="tf"))
    model.add(Dropout(p=0.5))
    model.add(Flatten())
    model.add(Dense(output_dim=10, W_regularizer=None, bias=False))

    a, b = Input(shape=(4,)), Input(shape=(6,))
    joined = merge([a, b], mode="concat", concat_axis=1)
    two = Model(input=[a, b], output=Dense(3)(joined))

    words = Sequential()
    words.add(Embedding(100, 16, input_length=12))
    words.add(LSTM(output_dim=8, dropout_W=0.2, inner_activation="sigmoid"))

    stateful = Sequential([LSTM(4, batch_input_shape=(32, 10, 16), stateful=True)])
    flat = Sequential([LSTM(4, input_dim=16, input_length=10)])
"""


def test_programs_for_keras_1_run_on_keras_3(child: Child) -> None:
    ran = child.run(KERAS_1)
    assert ran.outcome.status == "ran", ran.outcome
    assert ran.outcome.statements == []
    by_name = {model.name: model for model in ran.outcome.models}
    assert ran.layers(by_name["model"]) == [
        ("conv2d", "Conv2D", 3 * 5 * 32 + 32, (None, 14, 28, 32)),
        ("activation", "Activation", 0, (None, 14, 28, 32)),
        ("max_pooling2d", "MaxPooling2D", 0, (None, 7, 14, 32)),
        ("dropout", "Dropout", 0, (None, 7, 14, 32)),
        ("flatten", "Flatten", 0, (None, 3136)),
        ("dense", "Dense", 31360, (None, 10)),
    ]
    assert ran.shapes('merge([a, b], mode="concat", concat_axis=1)') == [(None, 10)]
    assert {name: model.params for name, model in by_name.items()} == {
        "model": 512 + 31360, "two": 33, "words": 1600 + 800, "stateful": 336, "flat": 336,
    }  # fmt: skip
    assert ran.layers(by_name["stateful"])[0][3] == (32, 4)
    assert "border_mode of Keras 1 or 2 was read as today's argument" in ran.outcome.notes


def test_conv2d_with_two_numbers_has_a_stride_convolution2d_a_second_side(child: Child) -> None:
    source = """
        from keras import Input
        from keras.layers import Conv2D, Convolution2D
        x = Input((12, 12, 3))
        new, old = Conv2D(8, 3, 2)(x), Convolution2D(8, 3, 2)(x)
    """
    ran = child.run(source)
    assert ran.shapes("Conv2D(8, 3, 2)(x)") == [(None, 5, 5, 8)]
    assert ran.shapes("Convolution2D(8, 3, 2)(x)") == [(None, 10, 11, 8)]
    assert ran.outcome.models == []


def test_keras_2_runs_as_it_is(old: Child) -> None:
    source = """
        import keras
        from keras.layers import Conv2D, Convolution2D, Dense, Flatten, Input, MaxPooling2D
        from keras.models import Model, Sequential
        from keras.applications.vgg16 import VGG16

        (images, labels), _ = keras.datasets.cifar10.load_data()
        model = Sequential()
        model.add(Convolution2D(8, 3, 5, border_mode="same", input_shape=images.shape[1:]))
        model.add(MaxPooling2D())
        model.add(Flatten())
        model.add(Dense(10))
        model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(lr=0.1, decay=1e-6))
        model.fit(images, labels, epochs=3)
        base = VGG16(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
        x = Flatten()(base.output)
        top = Model(inputs=base.input, outputs=Dense(2)(x))
    """
    ran = old.run(source)
    assert ran.outcome.status == "ran", ran.outcome
    assert ran.outcome.statements == []
    model, base, top = ran.outcome.models
    assert [(layer[1], *layer[2:]) for layer in ran.layers(model)] == [
        ("Conv2D", 3 * 5 * 3 * 8 + 8, (None, 32, 32, 8)),
        ("MaxPooling2D", 0, (None, 16, 16, 8)),
        ("Flatten", 0, (None, 2048)),
        ("Dense", 20490, (None, 10)),
    ]
    assert (base.params, top.params) == (14714688, 14714688 + 2 * 2048 + 2)
    assert ran.shapes("Dense(2)(x)") == [(None, 2)]


def test_keras_2_subclasses_are_called(old: Child) -> None:
    source = """
        from keras.layers import Dense
        from keras.models import Model

        class Net(Model):
            def __init__(self):
                super().__init__()
                self.a = Dense(3)
                self.b = Dense(4)

            def call(self, x):
                return self.b(self.a(x))
    """
    ran = old.run(source, "Net", attempts=(Attempt((Given("x", (2, 5)),)),))
    assert ran.outcome.status == "ran", ran.outcome
    assert ran.shapes("self.b(self.a(x))") == [(2, 4)]
    assert ran.model.params == 18 + 16

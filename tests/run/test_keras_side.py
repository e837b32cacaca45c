"""Keras in the child: sources in, executed shapes out, on whichever backend ARCHLINT_TEST_PYTHON has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from keras_child import Child

from archlint.run.host import Children
from archlint.run.records import Attempt, Executed, Given, Settings

pytestmark = pytest.mark.keras

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def child(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """Keras 3."""
    folder = tmp_path_factory.mktemp("keras")
    with Children(Settings(python, (str(folder),), unsafe=True)) as children:
        yield Child(children, folder)


@pytest.fixture(scope="module")
def probing(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """Keras 3, whose models are probed too."""
    folder = tmp_path_factory.mktemp("probes")
    with Children(Settings(python, (str(folder),), probe=True, unsafe=True)) as children:
        yield Child(children, folder)


NET = """
    import keras
    from keras import layers

    class Block(layers.Layer):
        def __init__(self, filters):
            super().__init__()
            self.conv = layers.Conv2D(filters, 3, padding="same")

        def call(self, x):
            return x + self.conv(x)

    class Net(keras.Model):
        def __init__(self, classes):
            super().__init__()
            self.first = Block(3)
            self.second = Block(3)
            self.flatten = layers.Flatten()
            self.dense = layers.Dense(classes)

        def call(self, images, training=False):
            features = self.second(self.first(images))
            double = features.shape[1] * 2
            return self.dense(self.flatten(features))
"""
IMAGES = Attempt((Given("images", (2, 8, 6, 3)),), (Given("images", (3, 10, 4, 3)),), "declared", True)


def test_a_subclass_is_called_with_known_sizes_and_each_expression_counts_once(child: Child) -> None:
    ran = child.run(NET, "Net", args=(5,), attempts=(IMAGES,))
    assert ran.outcome.status == "ran", ran.outcome
    assert [run.shapes for run in ran.outcome.runs] == [((2, 8, 6, 3),), ((3, 10, 4, 3),)]
    assert ran.shapes("x + self.conv(x)") == [(2, 8, 6, 3), (2, 8, 6, 3)]
    assert ran.shapes("self.flatten(features)") == [(2, 144)]
    assert ran.shapes("self.flatten(features)", 1) == [(3, 120)]
    assert ran.values("features.shape[1] * 2") == [16]
    assert ran.values("features.shape[1] * 2", 1) == [20]
    assert ran.outcome.runs[0].output == Executed((2, 5), "float32")


def test_visits_belong_to_the_layer_that_is_self(child: Child) -> None:
    ran = child.run(NET, "Net", args=(5,), attempts=(IMAGES,))
    assert ran.owners("x + self.conv(x)") == ["block", "block_1"]
    assert ran.owners("self.first(images)") == [""]


def test_layers_inside_the_users_own_layers_have_their_own_parameters(child: Child) -> None:
    ran = child.run(NET, "Net", args=(5,), attempts=(IMAGES,))
    assert ran.model.params == 2 * 84 + 145 * 5
    assert ran.layers() == [
        ("block", "Block", 0, (2, 8, 6, 3)),
        ("block/conv2d", "Conv2D", 84, (2, 8, 6, 3)),
        ("block_1", "Block", 0, (2, 8, 6, 3)),
        ("block_1/conv2d_1", "Conv2D", 84, (2, 8, 6, 3)),
        ("flatten", "Flatten", 0, (2, 144)),
        ("dense", "Dense", 725, (2, 5)),
    ]


def test_the_first_attempt_that_fits_is_taken(child: Child) -> None:
    wrong = Attempt((Given("images", (2, 8, 6, 4)),))
    ran = child.run(NET, "Net", args=(5,), attempts=(wrong, IMAGES))
    assert ran.outcome.status == "ran"
    assert [failure.attempt for failure in ran.outcome.failures] == [0]
    assert ran.outcome.runs[0].attempt == 1


def test_without_an_input_only_the_construction_runs(child: Child) -> None:
    ran = child.run(NET, "Net", args=(5,))
    assert ran.outcome.status == "ran"
    assert ran.outcome.notes == ("no input is known: only its construction ran",)
    assert ran.model.params is None


def test_several_inputs_go_where_their_names_say(child: Child) -> None:
    source = """
        import keras

        class Pair(keras.Model):
            def __init__(self):
                super().__init__()
                self.left = keras.layers.Dense(3)
                self.right = keras.layers.Dense(3)

            def call(self, a, b, training=None):
                return self.left(a) + self.right(b)

        class Both(Pair):
            def call(self, inputs):
                a, b = inputs
                return super().call(a, b)
    """
    attempt = Attempt((Given("b", (2, 7)), Given("a", (2, 4))))
    assert child.run(source, "Pair", attempts=(attempt,)).shapes("self.left(a) + self.right(b)") == [(2, 3)]
    ran = child.run(source, "Pair", attempts=(attempt,))
    assert {path: params for path, _, params, _ in ran.layers()} == {"dense": 15, "dense_1": 24}
    other = child.run(source, "Both", attempts=(attempt,))
    assert {path: params for path, _, params, _ in other.layers()} == {"dense": 24, "dense_1": 15}


def test_a_call_that_looks_at_numbers_runs_on_numbers(child: Child) -> None:
    source = """
        import keras
        from keras import layers, ops

        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.dense = layers.Dense(3)

            def call(self, x):
                y = self.dense(x)
                if float(ops.sum(y)) > 1e9:
                    y = y * 2
                return ops.concatenate([y, y])
    """
    attempt = Attempt((Given("x", (2, 5)),), (Given("x", (3, 5)),))
    ran = child.run(source, "Net", attempts=(attempt,))
    assert ran.outcome.status == "ran", ran.outcome
    assert ran.shapes("self.dense(x)") == [(2, 3)]
    assert ran.shapes("ops.concatenate([y, y])", 1) == [(6, 3)]
    assert ran.model.params == 18


def test_what_fails_says_what_keras_says_and_where(child: Child) -> None:
    source = """
        import keras

        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.a = keras.layers.Dense(3)
                self.b = keras.layers.Dense(4)

            def call(self, x):
                return keras.layers.add([self.a(x), self.b(x)])
    """
    ran = child.run(source, "Net", attempts=(Attempt((Given("x", (2, 5)),)),))
    (failure,) = ran.outcome.failures
    assert ran.outcome.status == "failed"
    assert (failure.phase, failure.type) == ("run", "ValueError")
    assert "Inputs have incompatible shapes" in failure.message
    assert "Exception encountered" not in failure.message
    assert failure.frames[-1][1:] == (11, "call")


def test_a_function_returns_a_model_or_several_or_tensors(child: Child) -> None:
    source = """
        import keras
        from keras import layers

        def build(units=4):
            inputs = keras.Input((9,))
            return keras.Model(inputs, layers.Dense(units)(inputs))

        def several():
            return {"small": build(2), "large": build(20)}

        def head(x, units):
            return layers.Dense(units, name="head")(x)

        class LeNet:
            @staticmethod
            def build(width):
                model = keras.Sequential([keras.Input((width,)), layers.Dense(3)])
                return model
    """
    one = child.run(source, "build", kwargs={"units": 6})
    assert one.model.params == 60
    assert one.shapes("layers.Dense(units)(inputs)") == [(None, 6)]
    assert one.outcome.runs[0].shapes == ((None, 9),)
    assert [m.params for m in child.run(source, "several").outcome.models] == [20, 200]
    head = child.run(source, "head", args=(Given("x", (2, 7)), 5))
    assert head.shapes('layers.Dense(units, name="head")(x)') == [(2, 5)]
    assert head.model.params == 40
    assert child.run(source, "LeNet.build", "function", args=(5,)).model.params == 18


def test_a_script_gives_every_model_it_makes(child: Child) -> None:
    source = """
        import keras
        from keras import layers

        encoder = keras.Sequential([keras.Input((12,)), layers.Dense(3)])
        decoder = keras.Sequential()
        decoder.add(keras.Input((3,)))
        decoder.add(layers.Dense(6))
        decoder.add(layers.Dense(12))
        x = keras.Input((12,))
        both = keras.Model(x, decoder(encoder(x)))
    """
    ran = child.run(source)
    assert [(m.name, m.cls, m.params) for m in ran.outcome.models] == [
        ("encoder", "Sequential", 39),
        ("decoder", "Sequential", 24 + 84),
        ("both", "Functional", 39 + 24 + 84),
    ]
    assert ("sequential_1/dense_2", "Dense", 84, (None, 12)) in ran.layers(ran.outcome.models[2])
    assert ran.shapes("decoder(encoder(x))") == [(None, 12)]


def test_layers_of_a_sequential_run_once_however_often_it_is_rebuilt(child: Child) -> None:
    source = """
        import keras
        from keras import layers, ops

        class Patches(layers.Layer):
            def call(self, x):
                batch, height, width, channels = ops.shape(x)
                return ops.reshape(x, (batch, height * width, channels))

        model = keras.Sequential()
        model.add(keras.Input((6, 5, 3)))
        model.add(Patches())
        model.add(layers.Dense(3))
        model.add(layers.Dense(2))
    """
    ran = child.run(source)
    assert ran.values("height * width") == [30]
    assert ran.shapes("ops.reshape(x, (batch, height * width, channels))") == [(None, 30, 3)]
    assert ran.values("ops.shape(x)") == [(None, 6, 5, 3)]


def test_training_data_and_files_cost_nothing(child: Child) -> None:
    source = """
        import keras
        from keras import layers
        from keras.datasets import mnist
        from keras.callbacks import ModelCheckpoint

        (images, labels), (unseen, _) = mnist.load_data()
        images = images.reshape(images.shape[0], 784)
        labels = keras.utils.to_categorical(labels, 10)
        model = keras.Sequential([keras.Input((784,)), layers.Dense(10, activation="softmax")])
        model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(lr=0.1), metrics=["accuracy"])
        history = model.fit(images, labels, epochs=2, callbacks=[ModelCheckpoint("best.h5")])
        last = history.history["val_accuracy"][-1]
        loss, accuracy = model.evaluate(unseen.reshape(-1, 784), _)
        best = model.predict(unseen.reshape(-1, 784)).argmax(axis=1)
        model.save("model.h5")
        model.load_weights("elsewhere.h5")
    """
    ran = child.run(source)
    assert ran.outcome.statements == []
    assert ran.shapes("images.reshape(images.shape[0], 784)") == [(60000, 784)]
    assert ran.shapes("model.predict(unseen.reshape(-1, 784)).argmax(axis=1)") == [(10000,)]
    assert ran.model.params == 7850


def test_only_the_first_failing_add_is_told(child: Child) -> None:
    source = """
        import keras
        from keras.layers import *

        model = keras.Sequential()
        model.add(Input((8, 8, 3)))
        model.add(Conv2D(4, 9))
        model.add(Flatten())
        model.add(Dense(5))
        other = keras.Sequential([Input((4,)), Dense(2)])
        model.fit(1)
    """
    ran = child.run(source)
    assert ran.outcome.status == "failed"
    (failure,) = ran.outcome.failures
    assert failure.phase == "build"
    assert failure.frames[-1][1] == 7
    assert "zero or negative" in failure.message or "negative dimension" in failure.message.lower()
    assert len(ran.outcome.statements) == 1
    assert [(m.name, m.params) for m in ran.outcome.models] == [("model", None), ("other", 10)]


def test_a_statement_that_is_not_about_the_model_is_no_failure_of_it(child: Child) -> None:
    ran = child.run("import keras\nn = 1 / 0\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])\n")
    assert ran.outcome.status == "ran"
    assert [failure.type for failure in ran.outcome.statements] == ["ZeroDivisionError"]


def test_a_sequential_without_input_takes_an_attempt(child: Child) -> None:
    source = "import keras\nmodel = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(4)])\n"
    assert child.run(source).model.params is None
    ran = child.run(source, attempts=(Attempt((Given("x", (2, 5)),)),))
    assert ran.model.params == 18 + 16
    assert ran.outcome.runs[0].attempt == 0


def test_weights_take_no_time_and_no_memory(child: Child) -> None:
    child.run("import keras\n")
    ran = child.run('import keras\nmodel = keras.applications.VGG16(weights="imagenet")\n')
    assert ran.model.params == 138357544
    assert ran.outcome.cpu < 2


def test_what_fails_inside_a_layer_of_a_graph_is_told_with_its_own_line_and_message(child: Child) -> None:
    source = """
        import keras
        from keras import layers

        class Sum(layers.Layer):
            def __init__(self):
                super().__init__()
                self.a, self.b = layers.Dense(3), layers.Dense(4)

            def call(self, x):
                return layers.add([self.a(x), self.b(x)])

        inputs = keras.Input((5,))
        model = keras.Model(inputs, Sum()(inputs))
    """
    (failure,) = child.run(source).outcome.failures
    assert [frame[1:] for frame in failure.frames] == [(14, "<module>"), (11, "call")]
    assert failure.message.startswith("Inputs have incompatible shapes")


@pytest.mark.parametrize(
    ("path", "models"),
    [
        ("seeds/cifar10_dense.py", {"model": 1250858}),
        ("seeds/receptive_field.py", {"model": 1230593}),
        ("models/cifar_keras.py", {"model": 1250858}),
        ("models/unet_keras.py", {"model": 489443}),
    ],
)
def test_the_fixtures_run(child: Child, path: str, models: dict[str, int]) -> None:
    ran = child.run(FIXTURES / path)
    assert ran.outcome.statements == []
    assert {model.name: model.params for model in ran.outcome.models} == models


def test_the_three_taggers_of_the_seed_are_functions(child: Child) -> None:
    path = FIXTURES / "seeds/flatten_or_time_distributed.py"
    params = {name: child.run(path, name).model.params for name in ("flattened", "wrapped", "plain")}
    assert params == {"flattened": 344, "wrapped": 55, "plain": 55}


def test_models_are_probed_with_real_weights(probing: Child) -> None:
    source = """
        import keras
        from keras import layers

        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.left, self.right = layers.Dense(3), layers.Dense(3)

            def call(self, a, b):
                return keras.ops.softmax(self.left(a) + self.right(b), axis=0)
    """
    attempt = Attempt((Given("a", (2, 5)), Given("b", (2, 4))))
    ran = probing.run(source, "Net", attempts=(attempt,))
    verdicts = {probe.probe: probe.verdict for probe in ran.outcome.probes}
    assert verdicts["batch independence"] == "violated"
    assert verdicts["evaluation determinism"] == "holds"
    script = "import keras\nmodel = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4)])\n"
    verdicts = {probe.probe: probe.verdict for probe in probing.run(script).outcome.probes}
    assert verdicts["batch independence"] == "holds"
    assert verdicts["evaluation determinism"] == "holds"

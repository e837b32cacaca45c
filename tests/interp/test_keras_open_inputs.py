"""Keras code whose inputs nobody states: what its own layers and shapes tell of them."""

from __future__ import annotations

from textwrap import dedent

from archlint.check import analyze_texts, check_texts
from archlint.dims import show_shape
from archlint.model import Model

HEADER = "import keras\nfrom keras import layers, ops\n"


def models(source: str) -> dict[str, Model]:
    files = {"net.py": HEADER + dedent(source)}
    report = check_texts(files)
    assert not report.internal_errors
    assert not [d for d in report.diagnostics if d.severity == "error"]
    return {model.name: model for model in analyze_texts(files)}


def outputs(model: Model) -> list[str]:
    """`Dense (N, T, 8)` of every layer that is applied."""
    return [f"{n.op.rpartition('.')[2]} {show_shape(n.output.shape)}" for n in model.nodes if n.family != "input"]


def test_the_equation_of_einsum_dense_tells_the_rank_of_its_input() -> None:
    source = """
        class Attention(layers.Layer):
            def __init__(self, heads=8, width=64, **kwargs):
                super().__init__(**kwargs)
                self.query = layers.EinsumDense("bqm,muh->bquh", output_shape=(None, heads, width))
                self.out = layers.EinsumDense("bquh,uhm->bqm", output_shape=(None, 512))
            def call(self, x):
                q = self.query(x)
                b, t, h, d = ops.shape(q)
                q = ops.reshape(q, (b, t, h * d))
                q = ops.reshape(q, (b, t, h, d))
                return self.out(q)
    """
    assert outputs(models(source)["Attention"]) == [
        "EinsumDense (N, D, 8, 64)",
        "reshape (N, D, 512)",
        "reshape (N, D, 8, 64)",
        "EinsumDense (N, D, 512)",
    ]


def test_unpacking_ops_shape_tells_the_rank() -> None:
    source = """
        class Windows(layers.Layer):
            def call(self, x):
                b, h, w, c = ops.shape(x)
                return ops.reshape(x, (b, h * w, c))
    """
    assert outputs(models(source)["Windows"]) == ["reshape (b, h*w, c)"]


def test_a_reshape_to_sizes_that_are_not_known_has_a_rank() -> None:
    source = """
        class Heads(layers.Layer):
            def __init__(self, heads, **kwargs):
                super().__init__(**kwargs)
                self.heads = heads
            def call(self, x):
                batch = ops.shape(x)[0]
                return ops.reshape(x, (batch, -1, self.heads, 64))
    """
    assert outputs(models(source)["Heads"]) == ["reshape (?, ?, heads, 64)"]


WRAPPED = {
    "wrapped/__init__.py": """
        from tensorflow import keras
        def newer():
            if hasattr(keras, "version") and keras.version().startswith("3."):
                return True
            return False
        if not newer():
            import wrapped.older as keras
        else:
            import keras
    """,
    "wrapped/older.py": """
        from tensorflow import keras
        from tensorflow.keras import *
        keras.activations.silu = keras.activations.swish
    """,
    "net.py": """
        from wrapped import keras
        class Block(keras.layers.Layer):
            def __init__(self, filters, **kwargs):
                super().__init__(**kwargs)
                self.conv = keras.layers.Conv2D(filters, 3)
            def call(self, x):
                return self.conv(x)
        def net():
            x = keras.layers.Input((32, 32, 24))
            return keras.Model(x, Block(8)(x))
    """,
}


def test_a_project_s_own_keras_is_keras_whichever_is_installed() -> None:
    found = [m for m in analyze_texts({path: dedent(text) for path, text in WRAPPED.items()}) if m.name == "net"]
    assert [outputs(model) for model in found] == [["Conv2D (N, 30, 30, 8)"]]


def test_a_parameter_that_is_a_tensor_is_no_number() -> None:
    source = """
        def sample(locations):
            levels = ops.shape(locations)[3]
            grids = 2 * locations - 1
            return ops.transpose(grids, axes=(0, 2, 1, 3, 4))
        def number_at_first(locations):
            return ops.transpose(2 * locations - 1, axes=(0, 2, 1))
        class Sample(layers.Layer):
            def call(self, locations):
                return sample(locations)
        class NumberAtFirst(layers.Layer):
            def call(self, locations):
                return number_at_first(locations)
    """
    for name, rank in (("Sample", 5), ("NumberAtFirst", 3)):
        assert models(source)[name].nodes[-1].output.rank == rank


def test_nobody_runs_keras_on_theano() -> None:
    source = """
        from keras import backend as K
        def net():
            x = layers.Input((8, 8, 3))
            y = layers.Conv2D(4, 3, name="conv")(x)
            if K.backend() == "theano":
                y = layers.Lambda(lambda t: K.pattern_broadcast(t, [True, True, True, False]))(y)
            if K.backend() != "theano":
                y = layers.Dense(8)(y)
            return keras.Model(x, y)
        def other():
            x = layers.Input((8, 8, 3))
            y = layers.Conv2D(4 if K.backend() == "tensorflow" else 5, 3)(x)
            return keras.Model(x, y)
    """
    found = models(source)
    assert outputs(found["net"]) == ["Conv2D (N, 6, 6, 4)", "Dense (N, 6, 6, 8)"]
    assert outputs(found["other"]) == ["Conv2D (N, 6, 6, ?)"]


def test_a_layer_on_every_step_tells_what_comes_in() -> None:
    source = """
        def frames(x):
            x = layers.TimeDistributed(layers.Conv2D(8, 3))(x)
            x = layers.TimeDistributed(layers.Flatten())(x)
            return layers.TimeDistributed(layers.Dense(4))(x)
        def net(inputs):
            return keras.Model(inputs, frames(inputs))
        import features
        class After(layers.Layer):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.conv = layers.TimeDistributed(layers.Conv2D(8, 3))
                self.pool = layers.TimeDistributed(layers.MaxPooling2D())
            def call(self, x):
                return self.pool(self.conv(features.extract(x)))
    """
    found = models(source)
    assert outputs(found["net"])[0] == "Conv2D (N, T, H - 2, W - 2, 8)"
    assert outputs(found["net"])[2] == "Dense (N, T, 4)"
    assert outputs(found["After"])[-2:] == ["Conv2D (?, ?, ?, ?, 8)", "MaxPooling2D (?, ?, ?, ?, 8)"]


def test_a_parameter_may_be_a_list_of_tensors() -> None:
    source = """
        def add(inputs):
            if not isinstance(inputs, list):
                return inputs
            return layers.Add()(inputs)
        class Sum(layers.Layer):
            def __init__(self):
                super().__init__()
                self.out = layers.Dense(4)
            def call(self, inputs):
                return self.out(add(inputs))
    """
    assert outputs(models(source)["Sum"])[-1].startswith("Dense")

"""The names of TensorFlow 1 on a current TensorFlow: `tf.placeholder`, `tensorflow.python.ops.rnn_cell`."""

import importlib
import importlib.util
import sys
import types
from typing import Any, Dict, List, Sequence, Tuple

from . import tf1_modules
from .tf1_modules import Alias

VERSION = "1.15.5"
"""What `tf.__version__` answers: code that asks wants to know which of its branches is for TensorFlow 1."""

OLDER: Dict[str, str] = {
    "mul": "multiply",
    "sub": "subtract",
    "neg": "negative",
    "inv": "reciprocal",
    "pack": "stack",
    "unpack": "unstack",
    "select": "where",
    "batch_matmul": "matmul",
    "initialize_all_variables": "global_variables_initializer",
    "initialize_local_variables": "local_variables_initializer",
    "initialize_variables": "variables_initializer",
    "all_variables": "global_variables",
    "image_summary": "summary.image",
    "scalar_summary": "summary.scalar",
    "histogram_summary": "summary.histogram",
    "merge_all_summaries": "summary.merge_all",
    "merge_summary": "summary.merge",
}
"""Names of TensorFlow 0.x that only changed their spelling."""

V1 = "tensorflow.compat.v1"
KERAS = "tf_keras.api._v1.keras"
CELLS = "tf_keras.src.layers.rnn.legacy_cells"
MOVED: Dict[str, Tuple[str, ...]] = {
    "tensorflow.python.framework.ops": ("tensorflow.python.framework.tensor", V1),
    "tensorflow.python.ops.array_ops": (V1,),
    "tensorflow.python.ops.control_flow_ops": (V1,),
    "tensorflow.python.ops.math_ops": (V1, V1 + ".math"),
    "tensorflow.python.ops.nn": (V1 + ".nn",),
    "tensorflow.python.ops.nn_ops": (V1 + ".nn",),
    "tensorflow.python.ops.random_ops": (V1,),
    "tensorflow.python.ops.rnn_cell": (CELLS,),
    "tensorflow.python.ops.rnn_cell_impl": (CELLS,),
    "tensorflow.python.ops.standard_ops": (V1,),
    "tensorflow.python.ops.variable_scope": (V1,),
    "tensorflow.python.ops.variables": ("tensorflow.python.ops.ref_variable", "tensorflow.python.ops.variable_v1", V1),
    KERAS + ".utils": ("tf_keras.src.utils",),
}
"""Modules that code imports from and that TensorFlow 2 emptied, and where their names are now."""
for _part in ("", ".layers", ".utils", ".models", ".engine", ".regularizers", ".initializers", ".losses", ".metrics"):
    MOVED["tensorflow.python.keras" + _part] = (KERAS + _part,)


class Tensorflow(types.ModuleType):
    """`tensorflow` with the names of TensorFlow 1, then those of 0.x, then what is left of 2."""

    def __init__(self, v1: Any, v2: Any) -> None:
        super(Tensorflow, self).__init__("tensorflow")
        self._v1, self._v2 = v1, v2
        self.__path__, self.__spec__, self.__file__ = v2.__path__, v2.__spec__, v2.__file__
        self.__version__ = self.VERSION = VERSION

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for source in (self._v1, self._v2):
            try:
                return getattr(source, name)
            except AttributeError:
                continue
        if name not in OLDER:
            raise AttributeError("module 'tensorflow' has no attribute '%s'" % name)
        value = self._v1
        for part in OLDER[name].split("."):
            value = getattr(value, part)
        return value

    def __dir__(self) -> List[str]:
        return sorted(set(dir(self._v1)) | set(self.__dict__))


def install(v1: Any, v2: Any) -> Tensorflow:
    """Put TensorFlow 1 in the place of a TensorFlow 2: what `import tensorflow` gives from now on."""
    v1.logging.set_verbosity(v1.logging.ERROR)
    v1.disable_v2_behavior()
    if importlib.util.find_spec("tf_keras") is not None:
        # TensorFlow loads `tf_keras.legacy_tf_layers` for every `slim.batch_norm`; it is in `tf_keras.src` now
        sys.meta_path.insert(0, Alias("tf_keras.legacy_tf_layers", "tf_keras.src.legacy_tf_layers"))
        # `import keras` of code for TensorFlow 1 is Keras 2: its layers take placeholders, those of Keras 3 do not
        for name in [each for each in sys.modules if each.split(".")[0] == "keras"]:
            del sys.modules[name]
        real = (KERAS, "tf_keras.src")
        sys.meta_path.insert(0, Alias("keras", *real))
        # last: only what TensorFlow no longer has there itself
        sys.meta_path.append(Alias("tensorflow.python.keras", *real))
    else:
        sys.meta_path.append(Alias("keras.legacy_tf_layers", "keras.src.legacy_tf_layers"))  # TensorFlow 2.13 to 2.15
    for name, sources in MOVED.items():
        fill(name, sources)
    restore_behaviour()
    first = Tensorflow(v1, v2)
    first.__dict__["concat"] = older_concat(v1)
    sys.modules["tensorflow"] = first
    return first


def restore_behaviour() -> None:
    """Where TensorFlow 2 does something else than 1 under the same name."""
    nest = importlib.import_module("tensorflow.python.util.nest")
    nest.is_sequence = nest.is_nested  # type: ignore[attr-defined]
    # `tf.map_fn(body, x)` would run a rewritten copy of the body, made of the text on disk, which records nothing
    map_fn = importlib.import_module("tensorflow.python.ops.map_fn")
    map_fn.autograph = types.SimpleNamespace(tf_convert=lambda fn, context: fn)  # type: ignore[attr-defined]
    kernels = importlib.import_module("tensorflow.python.ops.gen_nn_ops")
    for name in ("conv2d_backprop_input", "conv3d_backprop_input_v2"):
        setattr(kernels, name, with_static_shape(getattr(kernels, name)))


def with_static_shape(kernel: Any) -> Any:
    """A transposed convolution whose result has the `output_shape` that it was given, also its batch:
    `tf.nn.conv2d_transpose(x, w, [64, 28, 28, 1], …)` of an `x` with any batch."""
    util = importlib.import_module("tensorflow.python.framework.tensor_util")

    def call(input_sizes: Any, *args: Any, **kwargs: Any) -> Any:
        result = kernel(input_sizes, *args, **kwargs)
        sizes = result.op.inputs[0]
        result.set_shape(util.constant_value_as_shape(sizes))
        return result

    return call


def fill(name: str, sources: Sequence[str]) -> None:
    """Let a module answer with the names of others where it has none itself; nothing if one is not installed."""
    module = tf1_modules.optional(name)
    found = [source for source in map(tf1_modules.optional, sources) if source is not None]
    if module is None or not found:
        return

    def answer(word: str) -> Any:
        for source in found:
            if not word.startswith("__") and hasattr(source, word):
                return getattr(source, word)
        raise AttributeError("module '%s' has no attribute '%s'" % (name, word))

    module.__dict__["__getattr__"] = answer


def older_concat(v1: Any) -> Any:
    """`tf.concat` that takes the arguments of TensorFlow 0.x too: `tf.concat(1, [a, b])`."""

    def concat(values: Any, axis: Any = None, name: str = "concat", concat_dim: Any = None) -> Any:
        if concat_dim is not None:
            axis = concat_dim
        if isinstance(values, int) and isinstance(axis, (list, tuple)):
            values, axis = axis, values
        return v1.concat(values, axis, name=name)

    return concat

"""From the many names a framework gives a thing to the one it is declared under."""

from __future__ import annotations

import re
from functools import lru_cache

_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^tensorflow\.(compat\.v[12]|python)\.(?=.)", "tensorflow."),
        (r"^tensorflow\.(compat\.v[12]|python)$", "tensorflow"),
        (r"^tensorflow\._api\.v[12]\.(?=.)", "tensorflow."),
        (r"^tensorflow\.keras\b", "keras"),
        (r"^tf_keras\b", "keras"),
        (r"^keras\.(src|api|_tf_keras\.keras)\.", "keras."),
        (r"^keras\.engine\.(topology|input_layer)\.Input$", "keras.Input"),
        (r"^keras\.layers\.Input$", "keras.Input"),
        (
            r"^keras\.(engine\.(topology|training)\.)?(models\.)?(model\.|functional\.)?(Model|Functional)$",
            "keras.Model",
        ),
        (r"^keras\.(engine\.)?(models\.)?(sequential\.)?Sequential$", "keras.Sequential"),
        (r"^keras\.(engine\.topology|engine\.base_layer)\.Layer$", "keras.layers.Layer"),
        (r"^keras\.Layer$", "keras.layers.Layer"),
        (r"^keras\.layers\.([a-z_0-9]+\.)+([A-Za-z_0-9]+)$", r"keras.layers.\2"),
        (r"^keras\.ops\.(nn|numpy|linalg|core)\.(?=.)", "keras.ops."),
        (r"^keras\.(legacy\.)?backend\.(([a-z]+_backend|common|load_backend)\.)?(?=.)", "keras.backend."),
        # tf.contrib: slim and its two halves are tf_slim, the rest lives on in tensorflow or nowhere
        (r"^tensorflow\.contrib\.slim\.python\.slim\b", "tf_slim"),
        (r"^tensorflow\.contrib\.(layers|framework)\.python\.(layers|ops)\b", "tf_slim"),
        (r"^tensorflow\.contrib\.(slim|layers|framework)\b", "tf_slim"),
        (r"^tensorflow\.contrib\.losses\.python\.losses\b", "tf_slim.losses"),
        (r"^tensorflow\.contrib\.(losses|metrics)\b", r"tf_slim.\1"),
        (r"^tensorflow\.contrib\.rnn\.(python\.ops\.)?([a-z_]+\.)*(?=[A-Z])", "tensorflow.nn.rnn_cell."),
        (r"^tensorflow\.contrib\.rnn\.(?=static_|bidirectional_)", "tensorflow.nn."),
        # modules of tf_slim whose names its package re-exports: tf_slim.layers.layers.conv2d
        (r"^tf_slim\.(layers|ops)\.(?=.)", "tf_slim."),
        (
            r"^tf_slim\.(layers|normalization|optimizers|regularizers|initializers|variables|framework_ops|arg_scope|utils)\.(?=.)",
            "tf_slim.",
        ),
        (r"^tf_slim\.losses\.(loss_ops|metric_learning)\.(?=.)", "tf_slim.losses."),
        # modules behind tensorflow.*: tensorflow.python.ops.rnn_cell, tensorflow.python.ops.array_ops
        (r"^tensorflow\.ops\.rnn_cell(_impl)?\.(?=.)", "tensorflow.nn.rnn_cell."),
        (r"^tensorflow\.ops\.rnn\.(?=.)", "tensorflow.nn."),
        (r"^tensorflow\.ops\.nn(_ops|_impl)?\.(?=.)", "tensorflow.nn."),
        (r"^tensorflow\.ops\.image_ops(_impl)?\.(?=.)", "tensorflow.image."),
        (r"^tensorflow\.ops\.[a-z_]+\.(?=.)", "tensorflow."),
        (r"^tensorflow\.layers\.(core|convolutional|pooling|normalization)\.(?=.)", "tensorflow.layers."),
        (r"^torch\.nn\.modules\.[a-z_]+\.([A-Za-z0-9_]+)$", r"torch.nn.\1"),
        (r"^torch\.nn\.modules\.([A-Z][A-Za-z0-9_]*)$", r"torch.nn.\1"),
        (r"^torch\.functional\.", "torch."),
        (r"^torch\.ops\.torchvision\.(?=.)", "torchvision.operators."),
        (r"^torch\.nn\.parameter\.", "torch.nn."),
        (r"^(pytorch_lightning|lightning)(\.[a-z_]+)*\.LightningModule$", "torch.nn.Module"),
    )
)


@lru_cache(maxsize=8192)
def canonical(name: str) -> str:
    """`tensorflow.compat.v1.keras.layers.Dense` and `keras.src.layers.Dense` are `keras.layers.Dense`.

    TF-slim's layers are declared under `tf_slim.NAME`, whichever module re-exports them.
    """
    for pattern, to in _REWRITES:
        name = pattern.sub(to, name)
    return name

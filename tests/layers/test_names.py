"""One name for everything a framework re-exports."""

from __future__ import annotations

import pytest

from archlint.layers import find
from archlint.layers.names import canonical

SAME = {
    "tf_slim.conv2d": [
        "tensorflow.contrib.slim.conv2d",
        "tensorflow.contrib.layers.conv2d",
        "tensorflow.contrib.slim.python.slim.conv2d",
        "tensorflow.contrib.layers.python.layers.conv2d",
        "tensorflow.contrib.layers.python.layers.layers.conv2d",
        "tf_slim.layers.conv2d",
        "tf_slim.layers.layers.conv2d",
    ],
    "tf_slim.layer_norm": ["tensorflow.contrib.layers.layer_norm", "tf_slim.layers.layers.layer_norm"],
    "tf_slim.group_norm": ["tf_slim.layers.normalization.group_norm", "tensorflow.contrib.layers.group_norm"],
    "tf_slim.l2_regularizer": ["tf_slim.layers.regularizers.l2_regularizer", "tensorflow.contrib.slim.l2_regularizer"],
    "tf_slim.xavier_initializer": ["tensorflow.contrib.layers.python.layers.initializers.xavier_initializer"],
    "tf_slim.arg_scope": [
        "tensorflow.contrib.framework.arg_scope",
        "tensorflow.contrib.framework.python.ops.arg_scope.arg_scope",
        "tensorflow.contrib.slim.arg_scope",
        "tf_slim.ops.arg_scope.arg_scope",
    ],
    "tf_slim": ["tensorflow.contrib.slim", "tensorflow.contrib.layers", "tensorflow.contrib.slim.python.slim"],
    "tf_slim.nets.vgg.vgg_16": ["tensorflow.contrib.slim.nets.vgg.vgg_16",
                                "tensorflow.contrib.slim.python.slim.nets.vgg.vgg_16"],
    "tf_slim.losses.softmax_cross_entropy": ["tensorflow.contrib.losses.softmax_cross_entropy",
                                             "tf_slim.losses.loss_ops.softmax_cross_entropy"],
    "tensorflow.nn.rnn_cell.BasicLSTMCell": [
        "tensorflow.contrib.rnn.BasicLSTMCell",
        "tensorflow.contrib.rnn.python.ops.core_rnn_cell.BasicLSTMCell",
        "tensorflow.python.ops.rnn_cell.BasicLSTMCell",
        "tensorflow.compat.v1.nn.rnn_cell.BasicLSTMCell",
    ],
    "tensorflow.nn.static_rnn": ["tensorflow.contrib.rnn.static_rnn"],
    "tensorflow.nn.dynamic_rnn": ["tensorflow.python.ops.rnn.dynamic_rnn"],
    "tensorflow.concat": ["tensorflow.compat.v1.concat", "tensorflow.python.ops.array_ops.concat",
                          "tensorflow._api.v2.concat"],
    "tensorflow.nn.max_pool": ["tensorflow.python.ops.nn_ops.max_pool", "tensorflow.compat.v2.nn.max_pool"],
    "tensorflow.layers.conv2d": ["tensorflow.python.layers.convolutional.conv2d",
                                 "tensorflow.compat.v1.layers.conv2d"],
    "tensorflow": ["tensorflow.compat.v1", "tensorflow.compat.v2"],
    "keras.layers.Dense": ["tensorflow.keras.layers.Dense", "tensorflow.compat.v1.keras.layers.Dense",
                           "tensorflow.python.keras.layers.Dense", "keras.layers.core.Dense",
                           "keras.src.layers.core.dense.Dense", "tf_keras.layers.Dense"],
    "keras.Sequential": ["keras.models.Sequential", "tensorflow.keras.Sequential"],
    "keras.Model": ["keras.models.Model", "tensorflow.keras.models.Model"],
    "keras.Input": ["keras.layers.Input", "tensorflow.keras.layers.Input", "tensorflow.keras.Input"],
    "torch.nn.Conv2d": ["torch.nn.modules.conv.Conv2d"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "other"), [(k, v) for k, names in SAME.items() for v in (k, *names)])
def test_canonical(name: str, other: str) -> None:
    assert canonical(other) == name


@pytest.mark.parametrize("name", ["tensorflow.nn.conv2d", "tensorflow.reduce_mean", "tensorflow.layers.dense",
                                  "tf_slim.losses.get_total_loss", "tensorflow.contrib.crf.crf_log_likelihood",
                                  "my.slim.layers.conv2d"])  # fmt: skip
def test_left_alone(name: str) -> None:
    assert canonical(name) == name


def test_contrib_is_declared() -> None:
    assert find("tensorflow.contrib.slim.conv2d") is find("tf_slim.conv2d") is not None

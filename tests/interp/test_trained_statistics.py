"""Running statistics that the source puts among the trained variables count as trained."""

from __future__ import annotations

import pytest

from archlint.check import analyze_texts
from archlint.facts.parameters import parameters

NET = """
import tensorflow as tf
import tensorflow.contrib.slim as slim

images = tf.placeholder(tf.float32, [None, 8, 8, 4])
net = slim.batch_norm(images{more})
"""


@pytest.mark.parametrize(
    ("more", "trained"),
    [
        ("", 4),  # a shift
        (", scale=True", 8),
        (", variables_collections=[tf.GraphKeys.TRAINABLE_VARIABLES]", 12),
        (", variables_collections=['losses']", 4),
    ],
)
def test_batch_norm(more: str, trained: int) -> None:
    [model] = analyze_texts({"net.py": NET.format(more=more)})
    assert parameters(model).trainable == trained

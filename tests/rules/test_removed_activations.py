"""A fix takes away the activation that the finding is about, and nothing that other layers need."""

from __future__ import annotations

from textwrap import dedent

from archlint.check import check_texts
from archlint.fix import apply_fixes

SLIM = "import tensorflow.compat.v1 as tf\nimport tf_slim as slim\n"
TF1 = "import tensorflow.compat.v1 as tf\n"
KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"


def fixed(source: str) -> tuple[list[str], str]:
    """What is found before any fix, and the text after all of them."""
    texts = {"net.py": dedent(source)}
    report = check_texts(texts)
    assert not report.internal_errors
    after = apply_fixes(texts, report, check_texts, unsafe=True).texts
    return [d.code for d in report.diagnostics], after.get("net.py", texts["net.py"])


def slim(call: str, scope: str = "activation_fn=tf.nn.relu") -> str:
    return (
        SLIM
        + f"""
def net(x, y):
    with slim.arg_scope([slim.fully_connected], {scope}):
        h = slim.fully_connected(x, 64, scope="fc1")
        scores = {call}
    return tf.losses.sparse_softmax_cross_entropy(y, scores)

net(tf.placeholder(tf.float32, [None, 20]), tf.placeholder(tf.int32, [None]))
"""
    )


def test_the_activation_that_a_scope_gives_is_switched_off_where_the_layer_is_called() -> None:
    codes, text = fixed(slim('slim.fully_connected(h, 5, scope="fc2")'))
    assert codes == ["ARC408"]
    assert 'scores = slim.fully_connected(h, 5, scope="fc2", activation_fn=None)' in text


def test_the_activation_that_a_call_of_slim_states_becomes_none() -> None:
    codes, text = fixed(slim("slim.fully_connected(h, 5, activation_fn=tf.nn.relu)", "biases_initializer=None"))
    assert codes == ["ARC408"]
    assert "scores = slim.fully_connected(h, 5, activation_fn=None)" in text


HELPER = """
def dense(x, n, name, activation=None):
    with tf.variable_scope(name):
        w = tf.get_variable("w", [x.shape[-1], n])
        y = tf.matmul(x, w)
        return activation(y) if activation else y

x = tf.placeholder(tf.float32, [None, 784])
labels = tf.placeholder(tf.float32, [None, 10])
scores = dense(dense(x, 128, "h", tf.nn.relu), 10, "out", tf.nn.softmax)
loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=scores)
"""


def test_a_call_of_whatever_activation_it_is_given_stays() -> None:
    codes, text = fixed(TF1 + HELPER)
    assert codes == ["ARC401"]
    assert "return activation(y) if activation else y" in text


def test_an_activation_that_hidden_layers_have_from_the_same_line_stays() -> None:
    source = """
def block(x, n):
    return layers.Dense(n, activation="relu")(x)

inputs = keras.Input((8,))
model = keras.Model(inputs, block(block(inputs, 16), 3))
model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
"""
    codes, text = fixed(KERAS + source)
    assert codes == ["ARC408"]
    assert 'layers.Dense(n, activation="relu")(x)' in text
    lone = source.replace("block(block(inputs, 16), 3)", "block(inputs, 3)")
    codes, text = fixed(KERAS + lone)
    assert codes == ["ARC408"]
    assert "layers.Dense(n)(x)" in text


def test_the_activation_of_a_loop_over_batches_goes_from_the_forward_pass() -> None:
    source = """
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


net, criterion = Net(), nn.CrossEntropyLoss()
for x, y in [(torch.randn(8, 4), torch.randint(0, 3, (8,))) for _ in range(3)]:
    criterion(net(x), y).backward()
"""
    codes, text = fixed(source)
    assert codes == ["ARC401"]
    assert "return self.fc(x)\n" in text

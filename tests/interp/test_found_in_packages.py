"""Bugs that packages from PyPI showed: code that works, and was accused."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import check_texts

TORCH = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def codes(source: str, header: str = TORCH, **others: str) -> list[str]:
    files = {"net.py": header + dedent(source), **{f"{name}.py": dedent(text) for name, text in others.items()}}
    report = check_texts(files)
    assert not report.internal_errors
    return [d.code for d in report.diagnostics]


HOOKED = """
    class Net(nn.Module):
        def __init__(self, model, layer=-2):
            super().__init__()
            self.model = model
            self.head = nn.Linear(256, 8)
            self.found = torch.empty(0)
            {register}

        def keep(self, layer, given, output):
            self.found = output.flatten(1)

        def forward(self, x):
            self.model(x)
            return self.head(self.found)
"""


def test_what_a_hook_of_an_unknown_layer_writes_is_not_known() -> None:
    register = "list(self.model.children())[layer].register_forward_hook(self.keep)"
    assert codes(HOOKED.format(register=register)) == []
    assert codes(HOOKED.format(register="pass").replace("empty(0)", "empty(2)")) == ["ARC104"]


def test_containers_that_a_hook_of_an_unknown_layer_fills_are_not_known() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, model):
                super().__init__()
                self.model = model
                self.head = nn.Linear(256, 8)
                self.kept = [torch.zeros(1, 3)]
                def keep(layer, given, output):
                    self.kept[0] = output.flatten(1)
                pick(model).register_forward_hook(keep)

            def forward(self, x):
                self.model(x)
                return self.head(self.kept[0])
    """
    assert codes(source) == []
    assert codes(source.replace("pick(model).register_forward_hook(keep)", "pass")) == ["ARC104"]


def test_a_tensor_is_no_list_nor_tuple() -> None:
    source = """
        def move(x, device):
            if isinstance(x, torch.Tensor) and x.device != device:
                x = x.to(device)
            elif isinstance(x, tuple | list) and x[0].device != device:
                x = [move(one, device) for one in x]
            return x

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(256, 8)

            def forward(self, x):
                return move(self.head(x).sum(), "cuda")
    """
    assert codes(source) == []


def test_what_is_declared_of_a_library_is_there() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(256, 8)
                self.fast = hasattr(nn.functional, "scaled_dot_product_attention")

            def forward(self, x):  # archlint: input=(N, 8, 256)
                x = self.head(x)
                if self.fast:
                    return F.scaled_dot_product_attention(x, x, x)
                return torch.mm(x, x)  # needs two axes
    """
    assert codes(source) == []
    assert codes(source.replace('scaled_dot_product_attention")', 'faster")')) == ["ARC101"]


def test_a_module_that_takes_torch_from_a_star_import_has_tensors_of_torch() -> None:
    net = """
        from stuff import *

        class Net(nn.Module):
            def __init__(self, inputs, kernels):
                super().__init__()
                self.convs = nn.ModuleList()
                for size in kernels:
                    self.convs.append(nn.Conv1d(inputs, 1, size))

            def forward(self, x):
                out = self.convs[0](x).cpu()
                return out.max(dim=-1)[0]
    """
    assert codes(net, header="", stuff="import torch\nimport torch.nn as nn\n") == []


def test_parts_of_a_complex_tensor_are_tensors() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.re = nn.Conv1d(4, 8, 3)
                self.im = nn.Conv1d({width}, 8, 3)

            def forward(self, x):
                x = torch.complex(x, torch.zeros_like(x))
                return self.re(x.real) - self.im(x.imag)

        Net()(torch.zeros(2, 4, 16))
    """
    assert codes(source.format(width=4)) == []
    assert codes(source.format(width=3)) == ["ARC102"]


@pytest.mark.parametrize("call", ["requires_grad_(True)", "detach_()", "share_memory_()", "relu_()"])
def test_what_ends_in_an_underscore_and_leaves_the_numbers_alone_writes_over_nothing(call: str) -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)

            def forward(self, x):
                h = self.fc(x)
                {use}
                return y + h
    """
    assert codes(source.format(use=f"y = self.fc(h.{call})")) == (["ARC616"] if call == "relu_()" else [])
    assert codes(source.format(use=f"h.{call}; y = self.fc(h)")) == []


def test_a_size_of_a_layer_that_is_not_known_is_not_open() -> None:
    source = """
        from settings import size

        model = keras.Sequential([layers.Conv2D(64, 3), layers.Dropout(0.2), layers.Flatten(), layers.Dense(128)])
        for side in size():
            model(tf.zeros(side))
        first = keras.Input(model.layers[1].input_shape[1:])
        x = first
        for layer in model.layers[1:]:
            x = layer(x)
        behind = keras.Model(first, x)
    """
    header = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n"
    assert codes(source, header) == []
    assert codes(source.replace("model.layers[1].input_shape[1:]", "(None, None, 64)"), header) == ["ARC119"]


def test_what_arithmetic_makes_of_parameters_may_be_a_tensor() -> None:
    source = """
        def difference(output, target, axis=-1):
            return tf.reduce_mean(tf.reduce_sum(tf.abs(output - target), axis))

        def overlap(output, target, axis=(1, 2, 3)):
            return tf.reduce_sum(output * target, axis=axis) / tf.reduce_sum(output * output, axis=axis)
    """
    assert codes(source, "import tensorflow as tf\n") == []
    assert codes(source.replace("output - target", "1 - 2"), "import tensorflow as tf\n") == ["ARC116"]


def test_a_number_times_what_arithmetic_makes_of_parameters() -> None:
    source = """
        def penalty(real, fake, critic):
            mixed = torch.rand(16, 1, 1, 1) * (fake - real)
            return F.conv2d(mixed, torch.zeros(8, 3, 3, 3))

        def distance(a, b):
            return (torch.ones(8) * (a - b)).sum(1)

        def shares(width):
            return torch.softmax(torch.ones(8, 2) * (width + 1), 2)
    """
    assert codes(source) == []
    assert codes(source.replace("(width + 1)", "3")) == ["ARC116"]
    assert codes(source.replace("(width + 1)", "(width // 2 - 1)")) == ["ARC116"]


def test_a_buffer_that_a_subclass_of_a_layer_registers_anew_takes_the_place_of_the_layers_own() -> None:
    source = """
        class Ghost(nn.BatchNorm2d):
            def __init__(self, num_features, splits):
                super().__init__(num_features)
                self.splits = splits
                self.register_buffer("running_mean", torch.zeros(num_features * splits))
                self.register_buffer("running_var", torch.ones(num_features * splits))

            def forward(self, x):
                n, c, h, w = x.shape
                scale, shift = self.weight.repeat(self.splits), self.bias.repeat(self.splits)
                parts = x.view(-1, c * self.splits, h, w)
                y = F.batch_norm(parts, self.running_mean, self.running_var, scale, shift, True)
                return y.view(n, c, h, w)

        net = nn.Sequential(nn.Conv2d(3, 64, 3), Ghost(64, 16))
        net(torch.zeros(32, 3, 8, 8))
    """
    assert codes(source) == []
    assert codes(source.replace('_mean", torch.zeros(num_features * splits)', '_mean", torch.zeros(7)')) == ["ARC102"]


def test_a_sum_of_parameters_may_be_a_shape() -> None:
    source = """
        def noise(batch_shape, event_shape):
            return nn.Softmax(2)(torch.zeros(batch_shape + event_shape))
    """
    assert codes(source) == []
    assert codes(source.replace("batch_shape + event_shape", "event_shape + 1")) == ["ARC116"]


def test_an_output_shape_that_no_call_gives_is_not_one_number() -> None:
    source = """
        def deconv2d(input_, output_shape, name="deconv2d"):
            with tf.variable_scope(name):
                w = tf.get_variable("w", [5, 5, output_shape[-1], input_.get_shape()[-1]])
                return tf.nn.conv2d_transpose(input_, w, output_shape=output_shape, strides=[1, 2, 2, 1])
    """
    header = "import tensorflow.compat.v1 as tf\n"
    assert codes(source, header) == []
    assert codes(source.replace("=output_shape", "=[3, 3]"), header) == ["ARC101"]


def test_a_function_that_guards_tf_contrib_may_be_asked_for_it() -> None:
    guarding = """
        try:
            from tensorflow.contrib import framework as contrib_framework
            is_tf2 = False
        except ImportError:
            is_tf2 = True

        def framework():
            if is_tf2:
                raise RuntimeError("only with TensorFlow 1")
            return contrib_framework
    """
    source = "def flat(tree):\n    return contrib.framework().nest.flatten(tree)\n"
    assert codes(source, "import contrib\n", contrib=guarding) == []
    assert codes("x = tf.contrib.framework.nest.flatten([1])\n", "import tensorflow as tf\n") == ["ARC901"]


def test_an_arm_for_complex_numbers_is_not_for_floats() -> None:
    source = """
        def solve(x):
            if torch.is_complex(x):
                x = torch.cat((x.real, x.imag), dim=0)
            return nn.ReLU()(x)

        solve(torch.tensor(0.0))
    """
    assert codes(source) == []
    assert codes(source.replace("torch.is_complex(x)", "torch.is_floating_point(x)")) == ["ARC116"]


def test_the_table_of_an_embedding_is_not_what_is_looked_up() -> None:
    source = """
        class Lookup(nn.Module):
            def __init__(self):
                super().__init__()
                self.table = nn.Parameter(torch.empty(30, 30))

            def forward(self, x):
                return F.embedding(x, self.table)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.lookup = Lookup()

            def forward(self, inputs: list[torch.Tensor]):
                return self.lookup(inputs[0])
    """
    assert codes(source) == []
    assert codes(source.replace("inputs[0]", "torch.rand(3)")) == ["ARC126"]

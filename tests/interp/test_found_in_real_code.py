"""Bugs that real code showed: the source that was misread, and what is right about it."""

from __future__ import annotations

from textwrap import dedent

from archlint.check import analyze_texts, check_texts
from archlint.dims import show_shape
from archlint.facts.parameters import parameters
from archlint.model import Model

TORCH = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
KERAS = "import keras\nfrom keras import layers\n"


def models(source: str, header: str = TORCH, **others: str) -> dict[str, Model]:
    files = {"net.py": header + dedent(source)}
    files.update({f"{name}.py": dedent(text) for name, text in others.items()})
    return {m.name: m for m in analyze_texts(files) if m.span.path == "net.py"}


def codes(source: str, header: str = TORCH, **others: str) -> list[str]:
    files = {"net.py": header + dedent(source), **{f"{name}.py": dedent(text) for name, text in others.items()}}
    report = check_texts(files)
    assert not report.internal_errors
    return [d.code for d in report.diagnostics]


def test_a_registry_that_decorators_fill_is_read_as_it_is_filled() -> None:
    registry = """
        import sys
        _cfgs = {}
        def register(fn):
            mod = sys.modules[fn.__module__]
            if fn.__name__ in mod.defaults:
                _cfgs[fn.__name__] = mod.defaults[fn.__name__]
            return fn
        def cfg(name):
            return _cfgs[name] if name in _cfgs else None
    """
    net = """
        from registry import register, cfg
        defaults = {"net": {"n": 7}}
        @register
        def net():
            c = cfg("net") or {"n": 5}
            return nn.Sequential(nn.Linear(c["n"], 10))
    """
    assert parameters(models(net, registry=registry)["net"]).total == 80


def test_a_module_of_unknown_class_makes_the_total_unknown() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
                self.bn = pick("x")(8)
            def forward(self, x):
                return self.bn(self.conv(x))
    """
    assert parameters(models(source)["Net"]).total is None


def test_a_parameter_that_is_set_to_none_is_not_counted() -> None:
    source = """
        class NoBias(nn.LayerNorm):
            def __init__(self, n):
                super().__init__(n)
                self.bias = None
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.norm = NoBias(8)
            def forward(self, x):
                return self.norm(x)
    """
    assert parameters(models(source)["Net"]).total != 16


def test_what_follows_an_undecided_return_is_conditional() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
                self.pool = nn.MaxPool2d(2) if flag() else None
            def forward(self, x):
                x = self.conv(x)
                if self.pool is None:
                    return x
                return self.pool(x)
    """
    graph = models(source)["Net"].graph
    branches = {n.path: bool(n.branch) for n in graph.nodes}
    assert (branches["conv"], branches["pool"]) == (False, True)


def test_paths_are_those_of_the_finished_model() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                stages = nn.ModuleList([])
                stages.append(nn.Sequential(nn.Linear(8, 8)))
                self.blocks = nn.Sequential(*stages)
            def forward(self, x):
                return self.blocks(x)
    """
    assert [n.path for n in models(source)["Net"].family("dense")] == ["blocks.0.0"]


def test_own_weights_of_a_keras_layer_are_counted() -> None:
    source = """
        class Scale(layers.Layer):
            def __init__(self, dim, **kwargs):
                super().__init__(**kwargs)
                self.dim = dim
            def build(self, _):
                self.gamma = self.add_weight(shape=(self.dim,))
            def call(self, x):
                return x * self.gamma
        inputs = keras.Input((8, 8, 3))
        model = keras.Model(inputs, Scale(3)(inputs))
    """
    assert parameters(models(source, KERAS)["model"]).total == 3


def test_an_import_first_used_in_an_undecided_arm_stays() -> None:
    net = """
        from blocks import Block
        class Net(nn.Module):
            def __init__(self, kind="a"):
                super().__init__()
                self.a = Block(8) if choose() else nn.Identity()
                self.b = Block(8)
            def forward(self, x):
                return self.b(x)
    """
    blocks = """
        from torch import nn
        class Block(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.fc = nn.Linear(n, n)
            def forward(self, x):
                return self.fc(x)
    """
    assert [n.path for n in models(net, blocks=blocks)["Net"].family("dense")] == ["b.fc"]


def test_a_raise_behind_an_undecided_return_does_not_stop_the_model() -> None:
    source = """
        def width(name):
            if known(name):
                return 8
            raise KeyError(name)
        def net():
            return nn.Sequential(nn.Linear(4, width("a")))
    """
    assert [n.output.last for n in models(source)["net"].family("dense")] == [8]


def test_layers_set_on_a_sequential_are_its_children() -> None:
    source = """
        class Down(nn.Sequential):
            def __init__(self, a, b):
                super().__init__()
                self.norm = nn.BatchNorm2d(a)
                self.__setattr__("conv", nn.Conv2d(a, b, 1))
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.down = Down(8, 4)
                self.head = nn.Conv2d(4, 2, 1)
            def forward(self, x):
                return self.head(self.down(x))
    """
    assert [n.path for n in models(source)["Net"].nodes[1:]] == ["down.norm", "down.conv", "head"]
    assert codes(source) == []


def test_a_decorator_of_the_project_may_change_the_arguments() -> None:
    source = """
        import tensorflow as tf
        def layer(op):
            def decorated(self, *args, **kwargs):
                self.last = op(self, self.last, *args, **kwargs)
                return self
            return decorated
        class Network:
            def __init__(self, x):
                self.last = x
            @layer
            def conv(self, x, size, depth):
                kernel = tf.get_variable("w", [size, size, x.get_shape()[-1], depth])
                return tf.nn.conv2d(x, kernel, [1, 1, 1, 1], padding="SAME")
        x = tf.placeholder(tf.float32, [None, 32, 32, 3])
        out = Network(x).conv(3, 10).conv(3, 16).last
    """
    assert codes(source, "") == []
    conv = [n for model in models(source, "").values() for n in model.family("conv")]
    assert [n.output.features for n in conv] == [10, 16]


def test_set_shape_may_settle_an_open_size() -> None:
    source = """
        import tensorflow as tf
        x = tf.placeholder(tf.float32, [None, None, 10])
        y = tf.reshape(x, [-1, 40])
        z = tf.layers.flatten(x)
        z.set_shape([None, 400])
        out = tf.layers.dense(z, 5)
    """
    assert codes(source, "") == []


def test_an_unknown_class_decides_no_isinstance() -> None:
    source = """
        import six
        class Net(nn.Module):
            def __init__(self, name="a"):
                super().__init__()
                self.fc = nn.Linear(4, 4) if isinstance(name, six.string_types) else nn.Linear(5, 5)
                self.out = nn.Linear(4, 2)
            def forward(self, x):
                return self.out(self.fc(x))
    """
    assert codes(source) == []


def test_a_base_class_may_use_the_layer() -> None:
    base = """
        from torch import nn
        class Base(nn.Module):
            def forward(self, x):
                return self.head(self.body(x))
    """
    source = """
        from base import Base
        class Net(Base):
            def __init__(self):
                super().__init__()
                self.body = nn.Linear(4, 4)
                self.head = nn.Linear(4, 2)
    """
    assert codes(source, base=base) == []


def test_a_model_that_recurses_for_ever_is_noted_and_hides_nothing() -> None:
    source = """
        class Loop(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = Loop()
            def forward(self, x):
                return self.inner(x)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a = nn.Conv2d(3, 8, 3)
                self.b = nn.Conv2d(16, 8, 3)
            def forward(self, x):
                return self.b(self.a(x))
    """
    report = check_texts({"net.py": TORCH + dedent(source)})
    assert [d.code for d in report.diagnostics] == ["ARC102"]
    assert any("calls itself for ever" in note for note in report.notes)


def test_a_layer_of_undecided_class_does_not_fix_the_rank_of_the_input() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, dims=2):
                super().__init__()
                conv = nn.Conv2d if dims == pick() else nn.Conv3d
                self.conv = conv(3, 8, 3)
            def forward(self, x):
                return self.conv(x)
    """
    assert models(source)["Net"].inputs[0].shape is None


def test_a_test_is_decided_by_either_part_being_false() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, deep=False):
                super().__init__()
                self.deep, self.maps = deep, [torch.rand(1)]
                self.conv = nn.Conv2d(3, 8, 3)
            def forward(self, x):
                x = self.conv(x)
                if self.training and self.deep:
                    return [F.interpolate(m, x.shape[2:]) for m in self.maps]
                return x
    """
    assert codes(source) == []


def test_unknown_length_loops_leave_what_they_change_unknown() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, widths):
                super().__init__()
                layers, last = [], 3
                for width in widths:
                    layers.append(nn.Conv2d(last, width, 3))
                    last = width
                self.body = nn.Sequential(*layers)
                self.head = nn.Conv2d(5, 2, 1)
            def forward(self, x):
                return self.head(self.body(x))
    """
    assert codes(source) == []


def test_an_undecided_break_joins_the_states() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.ModuleList([nn.Conv2d(3, 8, 3), nn.Conv2d(8, 16, 3)])
                self.head = nn.Conv2d(8, 2, 1)
            def forward(self, x, stop=None):
                for layer in self.body:
                    x = layer(x)
                    if finished(x):
                        break
                return self.head(x)
    """
    assert codes(source) == []


def test_the_form_of_an_unknown_input_is_not_taken_from_another_tensor() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.bn, self.conv = nn.BatchNorm2d(8), nn.Conv2d(8, 4, 3)
            def forward(self, x):
                y = mystery()
                y = F.batch_norm(y, self.bn.running_mean, self.bn.running_var, torch.zeros(8), torch.ones(8))
                return self.conv(y)
    """
    assert codes(source) == []
    [conv] = models(source)["Net"].family("conv")
    assert show_shape(conv.output.shape) == "(N, 4, H - 2, W - 2)"  # of the convolution's own input, not of `zeros(8)`


def test_a_comment_that_cannot_be_read_is_said() -> None:
    source = "net = nn.Sequential(nn.Linear(8, 2))  # archlint: input=(8)\nbad = 1  # archlint: ignor[ARC104]\n"
    report = check_texts({"net.py": TORCH + source})
    lines = [report.texts["net.py"].line_of(d.finding.span.start) for d in report.diagnostics if d.code == "ARC004"]
    assert lines == [4, 5]


def test_star_imports_in_a_circle_end() -> None:
    a = "from b import *\nfrom torch import nn\nclass A(nn.Module):\n    pass\n"
    b = "from a import *\nWIDTH = 8\n"
    source = "from a import *\nnet = nn.Sequential(nn.Linear(4, WIDTH), missing(8))\n"
    [dense] = models(source, a=a, b=b)["net"].family("dense")
    assert dense.output.last == 8


def test_a_module_level_tensor_keeps_its_shape_in_a_function_and_is_no_input_of_it() -> None:
    source = """
        import tensorflow as tf
        import tf_slim as slim
        a = tf.placeholder(tf.float32, [None, 5])
        b = slim.fully_connected(a, 7, activation_fn=None)
        x = tf.placeholder(tf.float32, [None, 784])
        def net():
            return slim.fully_connected(slim.fully_connected(x, 300), 10, activation_fn=None)
        def joined(z):
            y = slim.fully_connected(z, 12, activation_fn=None)
            return tf.concat([y, b], 1)
    """
    found = models(source, "")
    assert [n.out.params for n in found["net"].family("dense")] == [784 * 300 + 300, 3010]
    [concat] = [n for n in found["joined"].nodes if n.op == "tensorflow.concat"]
    assert concat.inputs[1].features == 7
    assert found["joined"].graph[concat.inputs[1].node].family == "variable"
    assert [i.name for i in found["joined"].inputs] == ["z"]


def test_a_module_level_constant_is_not_taken_for_the_input() -> None:
    source = """
        scale = torch.zeros(1, 8, 30, 30)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
            def forward(self, x):
                return self.conv(x) + scale
    """
    model = models(source)["Net"]
    [added] = model.family("elementwise")
    assert [model.graph[t.node].family for t in added.inputs] == ["conv", "variable"]

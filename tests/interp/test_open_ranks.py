"""Tensors whose number of axes only shows later: what their last axis is, and what proves the rest."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import analyze_texts
from archlint.dims import show, show_shape
from archlint.graph import Node
from archlint.model import Model

TORCH = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def model(source: str) -> Model:
    [found] = analyze_texts({"net.py": TORCH + dedent(source)})
    return found


def layer(net: Model, op: str) -> Node:
    return next(node for node in net.nodes if node.op.rpartition(".")[2] == op)


def test_leading_sizes_and_another_last_one() -> None:
    net = model(
        """
        class Conv1D(nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = nn.Parameter(torch.empty(8, 24))
                self.bias = nn.Parameter(torch.zeros(24))

            def forward(self, x):
                x = F.layer_norm(x, (8,))
                size_out = x.size()[:-1] + (24,)
                x = torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight)
                return x.view(size_out).softmax(-1)
        """
    )
    softmax = layer(net, "softmax")
    assert (softmax.output.shape, show(softmax.output.features)) == (None, "24")


def test_leading_sizes_unpacked() -> None:
    net = model(
        """
        class Heads(nn.Module):
            def __init__(self):
                super().__init__()
                self.q = nn.Linear(8, 24)

            def forward(self, x):
                shape = (*x.shape[:-1], -1, 6)
                return F.softmax(self.q(x).view(shape), dim=-1)
        """
    )
    softmax = layer(net, "softmax")
    assert (softmax.output.shape, show(softmax.output.features)) == (None, "6")


ATTENTION = """
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.weight = nn.Parameter(torch.empty(8, 24))
        self.out = nn.Linear(8, 8)

    def forward(self, x):
        h = self.norm(x)
        size_out = h.size()[:-1] + (24,)
        h = (h.view(-1, h.size(-1)) @ self.weight).view(size_out)
        q, k, v = h.split({parts}, dim={dim})
        heads = (*q.shape[:-1], -1, 4)
        q, k, v = (t.view(heads).transpose(1, 2) for t in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        return self.out(y.reshape(*y.shape[:-2], -1))
"""


def test_parts_that_add_up_to_the_last_axis_say_which_axis_that_is() -> None:
    for parts in ("8", "[8, 8, 8]"):
        net = model(ATTENTION.format(parts=parts, dim=2))
        assert [show_shape(one.shape) for one in net.inputs] == ["(N, T, 8)"]
        assert show_shape(layer(net, "Linear").output.shape) == "(N, T, 8)"
        assert not [node.op for node in net.nodes if node.unknown]


def test_parts_that_do_not_add_up_say_nothing() -> None:
    net = model(ATTENTION.format(parts="7", dim=2))
    assert [one.shape for one in net.inputs] == [None]


def test_parts_of_the_last_axis_by_its_name_leave_the_rank_open() -> None:
    net = model(
        """
        class Gate(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 24)

            def forward(self, x):
                a, b = self.fc(x).split([16, 8], dim=-1)
                return a.tanh(), b.sigmoid()
        """
    )
    assert [one.shape for one in net.inputs] == [None]
    assert show(layer(net, "tanh").output.features) == "16"
    assert show(layer(net, "sigmoid").output.features) == "8"


SQUEEZE = """
    class Net(nn.Module):
        def __init__(self, training_size=None):
            super().__init__()
            self.reduce = nn.Conv2d(8, 2, 1)
            self.expand = nn.Conv2d(2, 8, 1)
            self.pad = nn.ZeroPad2d(1)
            self.act = nn.ReLU()
            self.norm = nn.GroupNorm(2, 8)
            self.scale = nn.Parameter(torch.ones(8, 1, 1))
            self.table = nn.Parameter(torch.ones(1, 8, 4, 4))

        def forward(self, x):
            y = {y}
            return x * self.expand(self.reduce(y))
"""


@pytest.mark.parametrize(
    ("y", "shape"),
    [
        ("x.mean((2, 3), keepdim=True)", "(N, 8, H, W)"),
        ("self.act(self.norm(x)).to(torch.float32)", "(N, 8, H, W)"),
        ("self.pad(x)", "(N, C, H, W)"),
        ("x[:, :, 1:]", "(N, 8, H, W)"),
        ("x[..., :-1]", "(N, 8, H, W)"),
        ("F.interpolate(x, scale_factor=2).amax(3, keepdim=True)", "(N, 8, H, W)"),
        ("self.act(x.transpose(1, 3))", "(D, D2, D3, 8)"),
        ("self.act(x) * self.scale", "(N, C, H, W)"),
        ("F.pad(x, (0, 1)) if x.shape[-1] % 2 else x", "(N, 8, H, W)"),
    ],
)
def test_a_later_layer_proves_the_axes_of_the_input(y: str, shape: str) -> None:
    net = model(SQUEEZE.format(y=y))
    assert [show_shape(n.output.shape) for n in net.nodes if n.family == "input"] == [shape]


@pytest.mark.parametrize(
    "y",
    [
        "x.mean((2, 3))[:, :, None, None]",  # a number among the indices, or None, changes the number of axes
        "self.act(x) * self.table",  # four axes, whatever x has
        "x[0]",
        "x.mean((2, 3), keepdim=self.training)",
    ],
)
def test_what_does_not_prove_them(y: str) -> None:
    net = model(SQUEEZE.format(y=y).replace("return x *", "return"))
    assert [n.output.shape for n in net.nodes if n.family == "input"] == [None]


def test_one_more_axis_before_a_convolution() -> None:
    net = model(SQUEEZE.format(y="self.act(x.unsqueeze(1).expand(-1, 8, -1, -1))").replace("return x *", "return"))
    assert [n.output.shape for n in net.nodes if n.family == "input"] == [None]  # expand may add axes
    net = model(SQUEEZE.format(y="x.unsqueeze(1)").replace("return x *", "return").replace("Conv2d(8,", "Conv2d(1,"))
    assert [show_shape(n.output.shape) for n in net.nodes if n.family == "input"] == ["(D, D2, D3)"]

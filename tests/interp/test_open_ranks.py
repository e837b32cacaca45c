"""Tensors whose number of axes only shows later: what their last axis is, and what proves the rest."""

from __future__ import annotations

from textwrap import dedent

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

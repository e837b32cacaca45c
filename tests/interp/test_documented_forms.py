"""What a model that nobody calls is given where its docstring states shapes."""

from __future__ import annotations

import pytest

from archlint.dims import show_shape
from tests.interp.test_found_in_real_code import codes, models

NET = '''
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.LayerNorm(16)
            self.fc = nn.Linear(16, 8)

        def forward(self, x, grid):
            """
            Args:
                {of_x}
                    what is read
                grid (`torch.LongTensor` of shape `(num_images, 3)`):
                    frames, height and width of each picture
            """
            return self.fc(self.norm(x)).mean(1), grid.prod(-1)
'''


@pytest.mark.parametrize(
    "of_x",
    [
        "x (`torch.FloatTensor` of shape `(batch_size, steps, width)`, *optional*):",
        "x: (B, T, D)",
        "x (Tensor): input with shape [batch, time, channels].",
        ":param x: tensor of shape (N, 2 * T, C)",
        "x (torch.Tensor): Shape: (batch size, time, 16)",
    ],
)
def test_the_shapes_that_a_docstring_states(of_x: str) -> None:
    """The first layer tells what the docstring names: 16."""
    (net,) = models(NET.format(of_x=of_x)).values()
    (fc,) = net.family("dense")
    assert fc.inputs[0].shape is not None
    assert show_shape(fc.inputs[0].shape).endswith(", 16)")
    assert [len(n.output.shape or ()) for n in net.nodes if n.op in ("torch.mean", "torch.prod")] == [2, 1]
    assert net.understood[0] == net.understood[1]


@pytest.mark.parametrize(
    "of_x",
    [
        "x: (B, T, D) or (T, D)",
        "x (Tensor): of shape (N, T, C) or of shape (T, C)",
        "x (Tensor): of shape (N, *, C)",
        "x (Tensor, optional): the input",
        "x: a pair (start, end) of tensors",
        "x: (see the paper, table 3)",
    ],
)
def test_what_says_no_shape_or_two(of_x: str) -> None:
    (net,) = models(NET.format(of_x=of_x)).values()
    (fc,) = net.family("dense")
    assert fc.inputs[0].shape is None


def test_a_docstring_that_the_model_contradicts() -> None:
    text = '''
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 4, 3)
                self.fc = nn.Linear(4, 4)
            def forward(self, x):
                """x: (B, C, L)"""
                return self.fc(self.conv(x).mean((2, 3)))
    '''
    (net,) = models(text).values()
    assert [show_shape(n.output.shape) for n in net.family("conv")] == ["(N, 4, H - 2, W - 2)"]
    assert codes(text) == []


def test_a_docstring_that_makes_the_model_raise() -> None:
    text = '''
        class Net(nn.Module):
            """Reads pictures.

            Args:
                x: (N, C)
            """
            def __init__(self):
                super().__init__()
                self.drop = nn.Dropout(0.5)
            def forward(self, x):
                n, c, h, w = x.shape
                return self.drop(x.view(n, c, h * w))
    '''
    (net,) = models(text).values()
    assert [show_shape(n.output.shape) for n in net.family("dropout")] == ["(n, c, h*w)"]


def test_sizes_of_two_parameters_are_not_one_because_they_are_called_alike() -> None:
    """With `steps` of the keys in its place, the sum would be said to fit, or not to."""
    text = '''
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.key = nn.Linear(8, 8)
            def forward(self, x, y):
                """
                x: (B, T, D)
                y: (B, T, D)
                """
                return x @ self.key(y).transpose(1, 2)
    '''
    (net,) = models(text).values()
    assert show_shape(net.nodes[-1].output.shape) == "(?, T, T2)"
    assert codes(text) == []

"""Receptive fields against published numbers, and against gradients where torch is installed."""

from __future__ import annotations

import pytest
from built import Net

from archlint.check import analyze_texts
from archlint.facts.receptive_field import Sight, receptive_fields
from archlint.values import Tensor


def last(net: Net) -> Sight:
    return receptive_fields(net.graph)[-1]


def field(net: Net) -> tuple[int | None, str]:
    found = last(net).fields["space0"]
    return found.size, str(found.jump)


def vgg(net: Net, x: Tensor) -> Tensor:
    channels = 3
    for convs, width in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(convs):
            x = net("ReLU", net("Conv2d", x, channels, width, 3, padding=1))
            channels = width
        x = net("MaxPool2d", x, 2)
    return x


def resnet(net: Net, x: Tensor, stride_in_first: bool) -> Tensor:
    x = net("MaxPool2d", net("BatchNorm2d", net("Conv2d", x, 3, 64, 7, 2, 3), 64), 3, 2, 1)
    channels = 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        for block in range(blocks):
            width, stride = 64 * 2**stage, 2 if stage and not block else 1
            first, second = (stride, 1) if stride_in_first else (1, stride)
            y = net("Conv2d", x, channels, width, 1, first)
            y = net("Conv2d", y, width, width, 3, second, 1)
            y = net("Conv2d", y, width, 4 * width, 1)
            if not block:
                x = net("Conv2d", x, channels, 4 * width, 1, stride)
            x, channels = net("torch.add", x, y), 4 * width
    return x


def test_vgg16_sees_212_positions_after_its_last_pool() -> None:
    net = Net()
    vgg(net, net.input())
    assert field(net) == (212, "32")
    assert last(net).text == "212x212"


@pytest.mark.parametrize(("stride_in_first", "size"), [(True, 483), (False, 427)])
def test_resnet50_by_the_place_of_its_stride(stride_in_first: bool, size: int) -> None:
    net = Net()
    resnet(net, net.input(), stride_in_first)
    assert field(net) == (size, "32")
    assert last(net).fields["space0"].aligned


def test_dilation_widens_the_kernel() -> None:
    net = Net()
    net("Conv2d", net.input(), 3, 8, 3, dilation=4)
    assert field(net) == (9, "1")


def test_a_shorter_branch_with_another_stride_is_misaligned() -> None:
    net = Net()
    x = net.input(1, 3, 32, 32)
    net("torch.cat", [net("Conv2d", x, 3, 8, 3, 2, 1), net("Conv2d", x, 3, 8, 15, padding="same")], 1)
    assert field(net) == (15, "None")
    assert not last(net).fields["space0"].aligned


def test_transposed_convolution_makes_positions_finer() -> None:
    net = Net()
    x = net("Conv2d", net.input(), 3, 8, 3, 2, 1)
    x = net("ConvTranspose2d", x, 8, 8, 2, 2)
    assert field(net) == (3, "1")
    net("Conv2d", x, 8, 8, 3, padding=1)
    assert field(net) == (5, "1")


def test_positions_may_be_made_finer_and_coarser_as_often_as_one_likes() -> None:
    net = Net()
    x = net("Conv2d", net.input(), 3, 3, 1)
    for _ in range(1200):
        x = net("MaxPool2d", net("ConvTranspose2d", x, 3, 3, 2, 2), 2)
    assert field(net) == (1201, "1")


def test_classifier_on_flattened_positions_sees_everything() -> None:
    net = Net()
    x = net("Conv2d", net.input(2, 3, 8, 8), 3, 8, 3, padding=1)
    x = net("Flatten", x)
    assert last(net).text == "3x3"
    net("Linear", x, 512, 10)
    assert last(net).text == "all"


def test_linear_on_channels_sees_its_own_position() -> None:
    net = Net()
    x = net("Conv2d", net.input(2, 3, 8, 8), 3, 8, 3, padding=1)
    x = net("torch.Tensor.permute", x, 0, 2, 3, 1)
    net("Linear", x, 8, 10)
    assert last(net).text == "3x3"


def test_global_pool_sees_everything() -> None:
    net = Net()
    net("AdaptiveAvgPool2d", net("Conv2d", net.input(), 3, 8, 3), 1)
    assert last(net).text == "all"


def test_nothing_is_said_of_a_model_without_space() -> None:
    net = Net()
    net("Linear", net.input(), 10, 5)
    assert last(net).text == ""


@pytest.mark.parametrize("upsample", ["nearest", "bilinear", "bicubic", "transposed 3", "transposed 4"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_upsampling_agrees_with_gradients(upsample: str, kernel: int) -> None:
    torch = pytest.importorskip("torch")
    nn = torch.nn
    net = Net()
    x = net("Conv2d", net.input(1, 1, 64, 64), 1, 1, 3, 2, 1)
    real = [nn.Conv2d(1, 1, 3, 2, 1)]
    if upsample.startswith("transposed"):
        size = int(upsample[-1])
        x = net("ConvTranspose2d", x, 1, 1, size, 2)
        real.append(nn.ConvTranspose2d(1, 1, size, 2))
    else:
        x = net("Upsample", x, scale_factor=2, mode=upsample)
        real.append(nn.Upsample(scale_factor=2, mode=upsample))
    net("Conv2d", x, 1, 1, kernel)
    real.append(nn.Conv2d(1, 1, kernel))
    model = nn.Sequential(*real)
    for p in model.parameters():
        nn.init.constant_(p, 1.0)
    image = torch.ones(1, 1, 64, 64, requires_grad=True)
    out = model(image)
    most = 0
    for row in range(20, 28):
        (seen,) = torch.autograd.grad(out[0, 0, row, 24], image, retain_graph=True)
        rows = seen[0, 0].abs().sum(1).nonzero().flatten()
        most = max(most, int(rows.max() - rows.min()) + 1)
    assert last(net).fields["space0"].size == most


def test_a_pool_of_an_element_of_an_unknown_list_is_not_known() -> None:
    text = """
from typing import List

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d((2, 2))
        self.head = nn.Conv2d(3, 4, 1)

    def forward(self, features: List[torch.Tensor]):
        x = features[-1]
        return self.head(self.pool(x))
"""
    [model] = analyze_texts({"net.py": text})
    assert not receptive_fields(model.graph)[-1].known

"""Bytes kept for the backward pass, against what torch keeps (recorded, and measured again where torch is there)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from built import Net

from archlint.dims import var
from archlint.facts.memory import activation_memory
from archlint.model import Model

Layers = list[tuple[Any, ...]]


def block(*widths: int, activation: tuple[Any, ...] = ("ReLU",)) -> Layers:
    found: Layers = []
    for before, width in pairwise(widths):
        found += [("Conv2d", before, width, 3, 1, 1), activation, ("MaxPool2d", 2)]
    return found


NETS: dict[str, tuple[tuple[int, ...], Layers, int]] = {
    "three conv blocks": ((3, 64, 64), block(3, 32, 64, 128), 1_622_016),
    "in-place": ((3, 64, 64), block(3, 32, 64, 128, activation=("ReLU", True)), 1_622_016),
    "gelu": ((3, 32, 32), block(3, 16, 32, activation=("GELU",)), 274_432),
    "sigmoid": ((3, 32, 32), block(3, 16, 32, activation=("Sigmoid",)), 176_128),
    "relu6": ((3, 32, 32), block(3, 16, 32, activation=("ReLU6",)), 274_432),
    "leaky": ((3, 32, 32), block(3, 16, 32, activation=("LeakyReLU", 0.1)), 274_432),
    "relu6 in-place": ((3, 32, 32), block(3, 16, 32, activation=("ReLU6", True)), 274_432),
    "elu in-place": ((3, 32, 32), block(3, 16, 32, activation=("ELU", 1.0, True)), 176_128),
    "leaky in-place": ((3, 32, 32), block(3, 16, 32, activation=("LeakyReLU", 0.1, True)), 176_128),
    "conv bn relu": ((3, 32, 32), [("Conv2d", 3, 8, 3), ("BatchNorm2d", 8), ("ReLU",)], 69_888),
    "conv bn relu in-place": ((3, 32, 32), [("Conv2d", 3, 8, 3), ("BatchNorm2d", 8), ("ReLU", True)], 69_888),
    "mlp": ((784,), [("Linear", 784, 300), ("Tanh",), ("Linear", 300, 10), ("LogSoftmax", 1)], 4_376),
    "flatten": ((3, 8, 8), [("Conv2d", 3, 4, 3), ("Flatten",), ("Linear", 144, 10), ("Softmax", 1)], 1_384),
    "average pool": ((3, 8, 8), [("Conv2d", 3, 4, 3), ("AvgPool2d", 2), ("Conv2d", 4, 4, 1)], 1_488),
    "global pool": ((3, 8, 8), [("Conv2d", 3, 4, 3), ("AdaptiveAvgPool2d", 1), ("Flatten",), ("Linear", 4, 2)], 784),
    "adaptive pool": (
        (3, 9, 9),
        [("Conv2d", 3, 4, 3), ("AdaptiveAvgPool2d", 3), ("Flatten",), ("Linear", 36, 2)],
        1_900,
    ),
    "upsample": ((3, 8, 8), [("Conv2d", 3, 4, 3), ("Upsample", None, 2), ("Conv2d", 4, 4, 1)], 3_072),
    "transposed": ((3, 8, 8), [("ConvTranspose2d", 3, 4, 2, 2), ("ELU",), ("Conv2d", 4, 4, 1)], 8_960),
    "first layer without weights": ((3, 8, 8), [("ReLU",), ("AvgPool2d", 2), ("Conv2d", 3, 4, 3), ("ReLU",)], 256),
    "pad": ((3, 8, 8), [("Conv2d", 3, 4, 3), ("ZeroPad2d", 1), ("Conv2d", 4, 4, 3)], 1_792),
    "pixel shuffle": ((3, 8, 8), [("Conv2d", 3, 8, 3), ("PixelShuffle", 2), ("Conv2d", 2, 4, 3)], 1_920),
}


def built(shape: tuple[int, ...], layers: Layers, batch: int) -> Model:
    net = Net()
    x = net.input(batch, *shape)
    for name, *args in layers:
        x = net(name, x, *args)
    return net.model()


def measured(shape: tuple[int, ...], layers: Layers, batch: int) -> int:
    """Bytes that torch saves for the backward pass, parameters apart, each storage once."""
    import torch

    net = torch.nn.Sequential(*(getattr(torch.nn, name)(*args) for name, *args in layers))
    own = {p.untyped_storage().data_ptr() for p in [*net.parameters(), *net.buffers()]}
    kept = []

    def pack(tensor: Any) -> Any:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        out = net(torch.randn(batch, *shape))
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in kept}
    assert out.grad_fn is not None
    return sum(size for place, size in storages.items() if place not in own)


@pytest.mark.parametrize("name", NETS)
def test_kept_bytes_are_those_recorded_from_torch(name: str) -> None:
    shape, layers, recorded = NETS[name]
    for batch in (1, 8):
        memory = activation_memory(built(shape, layers, batch))
        assert memory.saved.at(1) == recorded
        assert not memory.partial


@pytest.mark.parametrize("name", NETS)
def test_recorded_bytes_are_what_torch_keeps(name: str) -> None:
    pytest.importorskip("torch")
    shape, layers, recorded = NETS[name]
    # the difference of two batches leaves out what is kept once, the statistics of a batch norm
    assert (measured(shape, layers, 4) - measured(shape, layers, 2)) // 2 == recorded


def test_worked_example() -> None:
    shape, layers, _ = NETS["three conv blocks"]
    memory = activation_memory(built(shape, layers, 1))
    assert memory.outputs.at(1) == 4 * 516_096
    batch = memory.saved.at(128)
    assert batch is not None
    assert f"{batch / 2**20:.0f} MiB" == "198 MiB"
    frames = memory.saved.at(128 * 100)
    assert frames is not None
    assert f"{frames / 2**30:.1f} GiB" == "19.3 GiB"
    # the first block: image, convolution (freed by its ReLU's output), ReLU
    assert memory.peak(1) == 4 * 2 * 32 * 64 * 64
    assert memory.peak(10) == 10 * 4 * 2 * 32 * 64 * 64


def test_a_symbolic_input_gives_an_expression() -> None:
    net = Net()
    x = net.input(var("N"), 3, var("H"), var("W"), roles=("batch", "channel", "space0", "space1"))
    net("ReLU", net("Conv2d", x, 3, 8, 3, padding=1))
    memory = activation_memory(net.model())
    assert str(memory.saved.sample) == "44*H*W"
    assert memory.saved.at(1) is None
    assert memory.peak(1) is None


def test_a_skip_connection_stays_alive_over_its_branch() -> None:
    net = Net()
    x = net("Conv2d", net.input(1, 4, 8, 8), 4, 4, 3, padding=1)
    y = net("Conv2d", net("Conv2d", x, 4, 4, 3, padding=1), 4, 4, 3, padding=1)
    net("torch.add", x, y)
    one = 4 * 4 * 8 * 8
    assert activation_memory(net.model()).peak(1) == 3 * one


def test_half_precision_halves_it() -> None:
    net = Net()
    x = net("torch.Tensor.half", net.input(1, 4, 8, 8))
    net("ReLU", net("Conv2d", x, 4, 4, 3, padding=1))
    assert activation_memory(net.model()).saved.at(1) == 2 * 2 * 4 * 8 * 8


def test_a_masked_dropout_keeps_one_byte_per_element_and_none_when_it_never_drops() -> None:
    for rate, mask in ((0.5, 300), (0, 0)):
        net = Net()
        net("Dropout", net("Linear", net.input(2, 100), 100, 300), rate)
        assert activation_memory(net.model()).saved.at(1) == 400 + mask


def test_a_batch_axis_that_was_lost_on_the_way_is_still_a_factor() -> None:
    """`scale * x` with `scale` of (16, 1, 1): the product's axes come from `scale`, which has no batch."""
    net = Net()
    x = net("Conv2d", net.input(4, 3, 8, 8), 3, 16, 1)
    net("ReLU", x)
    made = net.graph[2].outputs[0]
    assert made.shape is not None
    net.graph[2].outputs = [replace(made, axes=tuple(net.atom(size) for size in made.shape))]
    assert activation_memory(net.model()).saved.at(1) == 4 * (3 * 64 + 16 * 64)

"""Parameters, neurons, multiply-accumulates and layer counts of well-known layers and models."""

from __future__ import annotations

import pytest
from built import HERE, Net
from test_receptive_field import resnet, vgg

from archlint.dims import var
from archlint.facts.batch import batch_axis
from archlint.facts.layer_counts import layer_counts
from archlint.facts.macs import macs, total_macs
from archlint.facts.neurons import connections, filters, neurons, weights_per_neuron
from archlint.facts.parameters import parameters
from archlint.model import LayerRecord, Model
from archlint.values import Tensor


def counts(model: Model) -> dict[str, int | None]:
    return {c.name: c.count for c in layer_counts(model)}


def vgg16(net: Net, x: Tensor) -> Tensor:
    x = net("Flatten", vgg(net, x))
    x = net("Dropout", net("ReLU", net("Linear", x, 512 * 7 * 7, 4096)))
    x = net("Dropout", net("ReLU", net("Linear", x, 4096, 4096)))
    return net("Linear", x, 4096, 1000, path="classifier.6")


def test_vgg16_has_sixteen_layers_and_138_357_544_numbers() -> None:
    net = Net()
    vgg16(net, net.input(1, 3, 224, 224))
    model = net.model()
    found = counts(model)
    assert (found["depth"], found["hidden layers"], found["weight layers"]) == (16, 15, 16)
    owned = parameters(model)
    assert (owned.trainable, owned.non_trainable) == (138_357_544, 0)
    assert owned.largest is not None
    assert owned.largest.trainable == 102_764_544
    assert owned.share(owned.largest) == pytest.approx(0.7427, abs=1e-4)
    assert total_macs(model.graph, batch_axis(model)) == 15_470_264_320


def test_resnet50_is_fifty_deep_with_four_more_layers_on_its_shortcuts() -> None:
    net = Net()
    x = resnet(net, net.input(1, 3, 224, 224), stride_in_first=False)
    net("Linear", net("Flatten", net("AdaptiveAvgPool2d", x, 1)), 2048, 1000)
    found = counts(net.model())
    assert (found["depth"], found["weight layers"], found["applications"]) == (50, 54, 54)


def test_a_shared_layer_counts_once_and_is_called_twice() -> None:
    net = Net()
    x = net("Linear", net.input(1, 8), 8, 8, ident=7)
    net("Linear", x, 8, 8, ident=7)
    model = net.model()
    assert parameters(model).trainable == 72
    assert (counts(model)["weight layers"], counts(model)["applications"]) == (1, 2)


def test_a_layer_that_is_never_applied_still_has_its_numbers() -> None:
    net = Net()
    net("Linear", net.input(1, 8), 8, 8, ident=7)
    model = net.model()
    model.layers = [
        LayerRecord(7, "torch.nn.Linear", "fc", 72, 0, HERE, True),
        LayerRecord(8, "torch.nn.Linear", "unused", 90, 0, HERE, False),
    ]
    owned = parameters(model)
    assert (owned.trainable, owned.unapplied) == (162, 90)
    assert counts(model)["framework layers"] == 2


def test_symbolic_numbers_are_an_expression() -> None:
    net = Net()
    net("Linear", net.input(1, var("d", "argument")), var("d", "argument"), 10)
    assert str(parameters(net.model()).trainable) == "10*d + 10"


def test_neurons_filters_and_weights_are_three_numbers() -> None:
    net = Net()
    net("Conv2d", net.input(1, 3, 227, 227), 3, 96, 11, 4)
    node, batch = net.graph[1], batch_axis(net.model())
    assert neurons(node, batch) == 290_400
    assert filters(node) == 96
    assert weights_per_neuron(node) == 11 * 11 * 3 + 1
    assert connections(node, batch) == 290_400 * 364


def test_one_channel_image_of_a_hundred_by_a_hundred() -> None:
    net = Net("keras")
    net("Conv2D", net.input(var("N"), 100, 100, 1, roles=("batch", "space0", "space1", "channel")), 128, 3)
    model = net.model()
    node, batch = net.graph[1], batch_axis(net.model())
    assert node.output.shape[1:] == (98, 98, 128)
    assert neurons(node, batch) == 1_229_312
    assert macs(node, batch) == 11_063_808
    assert parameters(model).trainable == 1_280


def test_dense_on_steps_has_a_neuron_for_every_step() -> None:
    net = Net()
    net("Linear", net.input(var("N"), 50, 10, roles=("batch", "time", "features")), 10, 5)
    node, batch = net.graph[1], batch_axis(net.model())
    assert neurons(node, batch) == 250
    assert macs(node, batch) == 2500


@pytest.mark.parametrize(
    ("layers", "both", "depth", "recurrent"), [(1, False, 2, 1), (2, False, 3, 2), (3, True, 4, 6)]
)
def test_recurrent_layers_are_stacked_times_directions(layers: int, both: bool, depth: int, recurrent: int) -> None:
    net = Net()
    x = net.input(1, 7, 10, roles=("batch", "time", "features"))
    x, *_ = net("LSTM", x, 10, 20, num_layers=layers, bidirectional=both, batch_first=True)
    net("Linear", x, 40 if both else 20, 5)
    found = counts(net.model())
    assert (found["depth"], found["recurrent layers"]) == (depth, recurrent)


def test_a_cell_in_a_loop_is_one_layer() -> None:
    net = Net()
    x = net.input(1, 8, roles=("batch", "features"))
    for _ in range(5):
        x = net("GRUCell", x, 8, 8, ident=3)
    assert counts(net.model())["depth"] == 1


def test_attention_counts_projections_scores_and_sums() -> None:
    net = Net()
    x = net.input(2, 5, 8, roles=("batch", "time", "features"))
    net("MultiheadAttention", {"query": x, "key": x, "value": x}, 8, 2, batch_first=True)
    assert macs(net.graph[1], batch_axis(net.model())) == 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8

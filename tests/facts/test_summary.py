"""The table of a model as plain data."""

from __future__ import annotations

import json

from built import Net
from test_counts import vgg16

from archlint.facts.summary import summarize


def test_a_row_for_every_application() -> None:
    net = Net()
    x = net("Conv2d", net.input(2, 3, 32, 32), 3, 16, 3, path="conv")
    x = net("ReLU", x, True, path="relu")
    x = net("Flatten", x, path="flat")
    net("Linear", x, 16 * 30 * 30, 10, path="fc")
    table = summarize(net.model(), batch=64)
    assert [(r.path, r.op, r.shape, r.params) for r in table.rows] == [
        ("conv", "Conv2d", "(2, 16, 30, 30)", 448),
        ("relu", "ReLU", "(2, 16, 30, 30)", 0),
        ("flat", "Flatten", "(2, 14400)", 0),
        ("fc", "Linear", "(2, 10)", 144_010),
    ]
    conv, relu, flat, fc = table.rows
    assert (conv.neurons, conv.macs, conv.receptive_field, conv.memory) == (14_400, 388_800, "3x3", 57_600)
    assert (relu.neurons, relu.memory, flat.memory) == (None, 0, 0)
    assert (fc.receptive_field, fc.fields[0].whole) == ("all", True)
    assert table.totals.largest == "fc"
    assert table.memory.batch == 64
    assert table.memory.saved == 64 * 4 * (3 * 32 * 32 + 16 * 30 * 30)
    assert table.memory.weights == 4 * (448 + 144_010)
    assert table.memory.training == table.memory.saved + 4 * 4 * (448 + 144_010)


def test_a_shared_layer_has_its_numbers_in_its_first_row() -> None:
    net = Net()
    x = net("Linear", net.input(1, 8), 8, 8, ident=7)
    net("Linear", x, 8, 8, ident=7)
    first, second = summarize(net.model()).rows
    assert (first.params, first.shared, second.params, second.shared) == (72, False, 0, True)


def test_an_open_input_gives_expressions_and_no_bytes() -> None:
    net = Net()
    net("MaxPool2d", net("Conv2d", net.input(), 3, 8, 3, padding=1), 2)
    table = summarize(net.model())
    assert [r.shape for r in table.rows] == ["(N, 8, H, W)", "(N, 8, H//2, W//2)"]
    assert table.rows[0].neurons == "8*H*W"
    assert table.rows[0].memory is None
    assert table.memory.saved is None
    assert table.totals.params == 224
    assert table.least_input == {"H": 2, "W": 2}


def test_an_open_input_whose_size_a_linear_layer_fixes() -> None:
    net = Net()
    vgg16(net, net.input())
    table = summarize(net.model())
    assert table.accepts == "H=W 224..255"
    assert table.least_input == {"H": 32, "W": 32}


def test_the_table_is_json() -> None:
    net = Net()
    vgg16(net, net.input())
    text = json.dumps(summarize(net.model()).to_json())
    assert json.loads(text)["totals"]["trainable"] == 138_357_544

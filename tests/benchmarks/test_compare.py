"""A recorded run beside our model: what agrees, what we do not know, what is wrong."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from archlint.check import analyze_texts
from archlint.dims import var
from archlint.model import Model
from archlint.options import Options
from archlint.run.layers import Comparison, compare, recorded, verdict

NET = textwrap.dedent(
    """
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 3)
            self.head = nn.Linear(8, 10)

        def forward(self, x):
            return self.head(self.stem(x).mean((2, 3)))

    def net():
        return Net()
    """
)
RUN: dict[str, Any] = {
    "model": "net",
    "input": [2, 3, 8, 8],
    "src": "/pkg/net.py",
    "out": [2, 10],
    "params": 314,
    "modules": [
        ["stem", "Conv2d", [[2, 3, 8, 8]], [2, 8, 6, 6], 224],
        ["head", "Linear", [[2, 8]], [2, 10], 90],
        ["", "Net", [[2, 3, 8, 8]], [2, 10], 0],
    ],
}


def ours(text: str = NET) -> Model:
    [model] = analyze_texts({"net.py": text}, Options(inputs={"": (2, 3, 8, 8)}))
    return model


def against(record: dict[str, Any], text: str = NET) -> Comparison:
    return compare(ours(text), recorded(record))


def test_a_model_that_agrees_has_no_difference() -> None:
    found = against(RUN)
    assert found.differences == []
    assert found.counts["total", "equal"] == 1
    assert found.counts["output", "equal"] == 1
    assert found.counts["shape", "equal"] == 2
    assert found.counts["params", "equal"] == 2


def test_a_wrong_shape_is_told_with_both_shapes() -> None:
    record = {**RUN, "modules": [["stem", "Conv2d", [[2, 3, 8, 8]], [2, 8, 8, 8], 224], *RUN["modules"][1:]]}
    [found] = against(record).differences
    assert (found.what, found.path, found.ours, found.theirs) == ("shape", "stem", "(2, 8, 6, 6)", "(2, 8, 8, 8)")


def test_a_wrong_total_is_a_difference() -> None:
    found = against({**RUN, "params": 315}).differences
    assert [(d.what, d.ours, d.theirs) for d in found] == [("total", "314", "315")]


def test_a_layer_that_the_framework_never_applied_is_a_difference() -> None:
    found = against({**RUN, "modules": RUN["modules"][:1]}).differences
    assert [(d.what, d.path) for d in found] == [("path", "head")]


def test_a_module_that_we_do_not_reach_is_missing_not_wrong() -> None:
    found = against({**RUN, "modules": [*RUN["modules"], ["late", "Linear", [[2, 10]], [2, 5], 55]]})
    assert found.differences == []
    assert found.counts["shape", "missing"] == 1
    assert found.counts["params", "missing"] == 1


def test_the_numbers_of_a_parameter_belong_to_the_module_that_holds_it() -> None:
    text = NET.replace("self.head =", "self.scale = nn.Parameter(torch.ones(8))\n        self.head =")
    record = {**RUN, "params": 322, "modules": [*RUN["modules"][:2], ["", "Net", [[2, 3, 8, 8]], [2, 10], 8]]}
    found = against(record, text)
    assert found.differences == []
    assert found.counts["params", "equal"] == 3


def test_a_builder_without_a_model_is_counted() -> None:
    assert compare(None, recorded(RUN)).counts["total", "no model"] == 1


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ((2, 8), (2, 8), "equal"),
        ((2, 8), (2, 9), "differs"),
        ((2, 8, 1), (2, 8), "differs"),
        ((2, None), (2, 9), "unknown"),
        ((None, 8), (2, 9), "differs"),
        ((2, var("C")), (2, 9), "unknown"),
        ((2, var("C") * 2), (2, 9), "differs"),
        ((var("N"), 8), (None, 8), "equal"),
        (None, (2, 9), "unknown"),
    ],
)
def test_a_shape_differs_only_where_it_cannot_be_equal(ours: Any, theirs: Any, expected: str) -> None:
    assert verdict(ours, theirs) == expected


KERAS = textwrap.dedent(
    """
    from keras import Input, Model, layers

    def net():
        x = inputs = Input((8, 8, 3))
        x = layers.Conv2D(4, 3, name="stem")(x)
        x = layers.Conv2D(4, 3)(x)
        x = layers.add([x, x], name="sum")
        x = layers.Conv2D(6, 1)(x)
        return Model(inputs, x)
    """
)


def test_keras_layers_are_found_by_name_and_the_numbered_ones_by_order() -> None:
    record = {
        "model": "net",
        "input": "(None, 8, 8, 3)",
        "params": 112 + 148 + 30,
        "layers": [
            ["input_layer_7", "InputLayer", "(None, 8, 8, 3)", 0],
            ["stem", "Conv2D", "(None, 6, 6, 4)", 112],
            ["conv2d_32", "Conv2D", "(None, 4, 4, 6)", 30],
            ["conv2d_31", "Conv2D", "(None, 4, 4, 4)", 148],
            ["sum", "Add", "(None, 4, 4, 4)", 0],
        ],
    }
    [model] = analyze_texts({"net.py": KERAS})
    found = compare(model, recorded(record))
    assert found.differences == []
    assert found.counts["shape", "equal"] == 5

"""Which losses judge which outputs, and what makes the outputs' values."""

from __future__ import annotations

import pytest

from archlint.check import analyze_texts
from archlint.facts.output_contract import Judged, judged

TORCH = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
KERAS = "import keras\nfrom keras import layers\n"


def pairs(text: str) -> list[Judged]:
    return [pair for model in analyze_texts({"net.py": text}) for pair in judged(model)]


def told(text: str) -> list[tuple[str, str, str | None]]:
    return [(p.loss, p.expects, p.ending.kind if p.ending is not None else None) for p in pairs(text)]


def test_each_output_has_the_loss_of_its_place_or_name() -> None:
    heads = (
        "x = keras.Input((8,))\n"
        "a = layers.Dense(3, activation='softmax', name='a')(x)\n"
        "b = layers.Dense(1, name='b')(x)\n"
        "model = keras.Model(x, [a, b])\n"
    )
    expected = [
        ("categorical_crossentropy", "class probabilities", "softmax"),
        ("mean_squared_error", "values", "linear"),
    ]
    assert told(f"{KERAS}{heads}model.compile(loss=['categorical_crossentropy', 'mse'])\n") == expected
    assert told(f"{KERAS}{heads}model.compile(loss={{'b': 'mse', 'a': 'categorical_crossentropy'}})\n") == expected


def test_one_loss_is_not_paired_with_a_list_of_another_length() -> None:
    model = "x = keras.Input((8,))\nmodel = keras.Model(x, [layers.Dense(3)(x), layers.Dense(1)(x)])\n"
    assert told(f"{KERAS}{model}model.compile(loss=['mse'])\n") == []


def test_scores_are_told_from_labels_by_their_parameter() -> None:
    net = "net = nn.Sequential(nn.Linear(8, 3))\nx = torch.zeros(4, 8)\n"
    call = "nn.CrossEntropyLoss()(target=torch.softmax(net(x), 1), input=net(x))\n"
    assert told(f"{TORCH}{net}{call}") == [("CrossEntropyLoss", "class scores", "linear")]


def test_values_are_followed_through_what_only_moves_them() -> None:
    net = "net = nn.Sequential(nn.Linear(8, 6), nn.Sigmoid())\nx = torch.zeros(4, 8)\n"
    moves = "net(x).float().view(-1, 2, 3).transpose(1, 2)[:, 0].contiguous()"
    [pair] = pairs(f"{TORCH}{net}loss = F.mse_loss({moves}, torch.zeros(4, 2))\n")
    assert pair.ending is not None
    assert pair.ending.kind == "sigmoid"
    assert pair.ending.moved[0].op.endswith(".contiguous")
    assert told(f"{TORCH}{net}loss = F.mse_loss(2 * net(x), torch.zeros(4, 6))\n") == [("mse_loss", "values", None)]


def test_a_loss_that_one_of_two_branches_names_is_not_certain() -> None:
    net = "import sys\nnet = nn.Sequential(nn.Linear(8, 1))\nx, y = torch.zeros(4, 8), torch.zeros(4, 1)\n"
    chosen = "criterion = nn.BCELoss() if len(sys.argv) > 1 else nn.BCEWithLogitsLoss()\nloss = criterion(net(x), y)\n"
    assert told(f"{TORCH}{net}{chosen}") == []


@pytest.mark.parametrize("base", ["lightning.LightningModule", "pytorch_lightning.LightningModule"])
def test_the_step_of_lightning_is_taken(base: str) -> None:
    source = (
        f"import {base.partition('.')[0]}\n{TORCH}"
        f"class Net({base}):\n"
        "    def __init__(self):\n        super().__init__()\n        self.out = nn.Linear(8, 3)\n"
        "    def forward(self, x):\n        return self.out(x).softmax(1)\n"
        "    def training_step(self, batch, index):\n        x, y = batch\n"
        "        return F.cross_entropy(self(x), y)\n"
    )
    assert told(source) == [("cross_entropy", "class scores", "softmax")]
    [model] = analyze_texts({"net.py": source})
    assert [n.op for n in model.nodes] == ["input", "torch.nn.Linear", "torch.softmax"]
    assert model.stops == []

"""One mistake, one finding: what only follows from another finding is not reported besides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archlint.check import check_texts
from archlint.diagnostic import Diagnostic
from archlint.options import Options
from archlint.rule import Fault, Model, Node, Span
from archlint_rules import accused
from archlint_rules.one_cause import Root, roots

FLAT = """
import torch
from torch import nn

model = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.MaxPool2d(4), nn.Flatten(0), nn.Linear(16 * 8 * 8, 10))
criterion = nn.CrossEntropyLoss()
output = model(torch.rand(20, 3, 32, 32))
loss = criterion(output, torch.randint(10, (20,)))
"""


def codes(source: str) -> list[str]:
    report = check_texts({"net.py": source})
    assert not report.internal_errors
    return [d.code for d in report.diagnostics]


def test_a_flattened_batch_is_the_cause_of_what_the_linear_layer_and_the_loss_get() -> None:
    assert codes(FLAT) == ["ARC202"]
    assert codes(FLAT.replace("Flatten(0)", "Flatten()")) == []
    assert codes(FLAT.replace("Flatten(0)", "Flatten()").replace("16 * 8 * 8", "100")) == ["ARC104"]


def wrong(source: str) -> list[Diagnostic]:
    """What is wrong, facts left out."""
    report = check_texts({"net.py": source})
    assert not report.internal_errors
    return [d for d in report.diagnostics if d.severity != "info"]


def errors(source: str) -> list[tuple[str, int]]:
    """Codes and lines of what is wrong."""
    return [(d.code, source[: d.finding.span.start].count("\n") + 1) for d in wrong(source)]


HEADS = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 64)
        self.mean = nn.Linear(128, 16)
        self.spread = nn.Linear(128, 16)
        self.out = nn.Linear(16, 10)

    def forward(self, x):
        h = torch.relu(self.fc(x))
        return self.out(self.mean(h) + self.spread(h))


net = Net()
y = net(torch.randn(8, 784))
"""


def test_two_layers_that_fail_for_one_that_is_too_narrow_are_one_finding() -> None:
    assert errors(HEADS) == [("ARC104", 10)]
    assert errors(HEADS.replace("784, 64", "784, 128")) == []
    [one] = wrong(HEADS)
    assert one.finding.related[-1].text == "`spread` fails for the same reason: 128 declared, the input has 64"


def test_a_number_that_no_change_of_the_first_layer_would_cure_is_a_finding_of_its_own() -> None:
    assert errors(HEADS.replace("spread = nn.Linear(128", "spread = nn.Linear(100")) == [("ARC104", 10), ("ARC104", 11)]
    assert errors(HEADS.replace("Linear(16, 10)", "Linear(20, 10)")) == [("ARC104", 10), ("ARC104", 12)]


CHAIN = """
import torch
from torch import nn

net = nn.Sequential(
    nn.Conv2d(16, 3, 3, padding=1),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.Conv2d(16, 8, 3, padding=1),
    nn.Flatten(),
    nn.Linear(8 * 32 * 32, 10),
)
y = net(torch.randn(4, 3, 32, 32))
"""


def test_arguments_that_are_exchanged_fail_once_not_at_each_layer_that_follows() -> None:
    [one] = wrong(CHAIN)
    assert one.finding.help == "exchange the two: in_channels=3, out_channels=16"
    assert [edit.text for edit in one.finding.edits] == ["3", "16"]
    assert errors(CHAIN.replace("Conv2d(16, 3,", "Conv2d(3, 16,")) == []


def test_a_layer_behind_exchanged_arguments_that_fails_all_the_same_is_found() -> None:
    assert errors(CHAIN.replace("8 * 32 * 32", "8 * 16 * 16")) == [("ARC102", 6), ("ARC104", 11)]


FORWARD = """
import torch
from torch import nn
import torch.nn.functional as F


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 5)
        self.fc1 = nn.Linear(16 * 12 * 12, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


net = LeNet()
loss = nn.CrossEntropyLoss()(net(torch.randn(4, 1, 28, 28)), torch.randint(0, 10, (4,)))
"""


def test_a_flatten_left_out_is_not_besides_a_mistake_in_the_labels() -> None:
    [one] = wrong(FORWARD.replace("        x = torch.flatten(x, 1)\n", ""))
    assert one.finding.help == "flatten its input first: torch.flatten(x, 1) makes 2304 features of 16*12*12"
    assert not one.finding.edits
    assert errors(FORWARD) == []


def test_labels_that_are_wrong_on_their_own_are_found_besides_a_crash() -> None:
    both = FORWARD.replace("Linear(84, 10)", "Linear(80, 10)").replace("(0, 10, (4,))", "(0, 10, (5,))")
    assert errors(both) == [("ARC104", 13), ("ARC128", 24)]


def test_a_layer_that_is_made_and_never_called_is_the_cause_of_the_crash_behind_it() -> None:
    [one] = wrong(FORWARD.replace("F.relu(self.fc2(x))", "F.relu(x)"))
    assert (one.code, one.severity) == ("ARC605", "error")
    assert one.finding.related[-1].text == "`fc3` fails for it: 84 declared, the input has 120"


@pytest.mark.parametrize(
    ("change", "teller"),
    [
        (("F.relu(self.fc2(x))", "F.relu(x)"), "ARC605"),
        (("x = torch.flatten(x, 1)", "torch.flatten(x, 1)"), "ARC606"),
        (("self.fc2(x)", "self.fc1(x)"), "ARC609"),
    ],
)
def test_a_crash_is_not_left_to_a_rule_that_is_ignored(change: tuple[str, str], teller: str) -> None:
    source = FORWARD.replace(*change)
    assert [d.code for d in wrong(source)] == [teller]
    report = check_texts({"net.py": source}, Options(ignore=(teller,)))
    assert "ARC104" in [d.code for d in report.diagnostics if d.severity == "error"]
    lines = source.split("\n")
    lines[errors(source)[0][1] - 1] += f"  # archlint: ignore[{teller}] of an older version"
    assert "ARC104" in [d.code for d in wrong("\n".join(lines))]
    assert "ARC104" in [d.code for d in wrong(f"# archlint: file-ignore[{teller}]\n{source}")]
    assert [d.code for d in wrong(f"# archlint: file-ignore[ARC416]\n{source}")] == [teller]


def test_an_unused_layer_that_would_not_cure_the_crash_is_another_mistake() -> None:
    other = FORWARD.replace("F.relu(self.fc2(x))", "F.relu(x)").replace("Linear(120, 84)", "Linear(120, 80)")
    assert errors(other) == [("ARC605", 12), ("ARC104", 13)]


def test_the_wrong_layer_called_is_the_cause_of_what_fails_in_it_and_behind_it() -> None:
    [one] = wrong(FORWARD.replace("self.fc2(x)", "self.fc1(x)"))
    assert (one.code, one.severity) == ("ARC609", "error")
    assert "self.fc1` is called twice" in one.finding.message


def test_a_value_that_is_thrown_away_is_the_cause_of_the_crash_behind_it() -> None:
    [one] = wrong(FORWARD.replace("x = torch.flatten(x, 1)", "torch.flatten(x, 1)"))
    assert (one.code, one.severity) == ("ARC606", "error")
    assert one.finding.related[0].text.startswith("`fc1` fails for it")


def test_a_layer_made_in_the_forward_pass_in_place_of_one_of_the_class() -> None:
    assert errors(FORWARD.replace("self.fc2(x)", "nn.Linear(120, 84)(x)")) == [("ARC603", 19)]
    other = FORWARD.replace("self.fc2(x)", "nn.Linear(120, 84, bias=False)(x)")
    assert errors(other) == [("ARC605", 12), ("ARC603", 19)]


JOIN = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(10, 48)
        self.b = nn.Linear(10, 48)
        self.fc = nn.Linear(96, 5)

    def forward(self, x):
        return self.fc(torch.cat([torch.relu(self.a(x)), torch.relu(self.b(x))], 0))


net = Net()
loss = nn.CrossEntropyLoss()(net(torch.randn(4, 10)), torch.randint(0, 5, (4,)))
"""


def test_parts_joined_along_the_batch_are_the_cause_of_what_the_loss_gets() -> None:
    assert len(errors(JOIN)) == 1
    assert errors(JOIN.replace("], 0)", "], 1)")) == []


KERAS = """
import keras
import numpy as np
from keras import layers

model = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
x, y = np.zeros((100, 32, 32, 3)), np.random.randint(0, 10, (100,))
model.fit(x, y, validation_data=(np.zeros((20, 32, 32, 3)), np.zeros((20,))))
"""


def test_a_keras_model_without_flatten_says_so_and_that_fit_fails_for_it() -> None:
    [one] = wrong(KERAS.replace("        layers.Flatten(),\n", ""))
    assert (one.code, one.severity) == ("ARC206", "error")
    assert one.finding.notes == ("`fit` fails for it: the labels are (100,)",)


def test_one_unit_for_ten_classes_is_told_by_the_labels() -> None:
    vectors = KERAS.replace("sparse_categorical", "categorical").replace("randint(0, 10, (100,))", "rand(100, 10)")
    [one] = wrong(vectors.replace("Dense(10", "Dense(1").split(", validation_data")[0] + ")\n")
    assert one.code == "ARC128"
    assert one.finding.help == "give the last layer 10 units"


def test_one_unit_under_a_softmax_is_told_at_the_softmax_where_no_labels_are_known() -> None:
    alone = KERAS.replace("Dense(10", "Dense(1").split("x, y")[0]
    assert errors(alone) == [("ARC211", 12)]


def test_a_picture_in_another_order_than_the_data_is_one_finding() -> None:
    assert [code for code, _ in errors(KERAS.replace("Input((32, 32, 3))", "Input((3, 32, 32))"))] == ["ARC127"]


def test_the_labels_to_validate_with_are_of_the_same_kind_as_those_to_train_on() -> None:
    [one] = wrong(KERAS.replace("sparse_categorical", "categorical"))
    assert one.code == "ARC128"
    assert one.finding.related[-1].text == "neither can it hold the labels of `validation_data`, (20,)"


def test_labels_to_validate_with_of_another_kind_are_another_mistake() -> None:
    other = KERAS.replace("sparse_categorical", "categorical").replace("np.zeros((20,))", "np.zeros((20, 7))")
    assert [code for code, _ in errors(other)] == ["ARC128", "ARC128"]


LINEAR = """
from torch import nn

net = nn.Sequential(nn.Linear(10, 64), nn.Linear(64, 64), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
"""


def test_three_layers_without_activation_are_one_finding() -> None:
    [one] = wrong(LINEAR)
    assert one.code == "ARC416"
    assert one.finding.notes == ("so it goes on: `1` (Linear) -> `2` (Linear) has none either",)


def test_the_causes_of_two_hundred_faulty_blocks_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule about shapes asks for them; an editor waits for all of these after each key."""
    source = """
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = nn.Conv2d(c, c, 3, padding=1)
        self.b = nn.Conv2d(c + 1, c, 3, padding=1)

    def forward(self, x):
        return x + self.b(self.a(x))

net = nn.Sequential(*[Block(64) for _ in range(200)])
net(torch.zeros(1, 64, 32, 32))
"""
    looked: list[str] = []

    def counted(model: Model, told: Callable[[Node, Fault], Span | None]) -> list[Root]:
        looked.append(model.name)
        return roots(model, told)

    monkeypatch.setattr(accused, "roots", counted)
    assert [d.code for d in wrong(source)] == ["ARC102"]
    assert len(looked) == 1


def test_what_a_call_with_missing_inputs_gives_is_not_held_against_the_model_besides() -> None:
    """As in pytorchcv's own test of ProPainter, which gives two of five inputs, and one with too few channels."""
    source = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear({width}, 10)

    def forward(self, x, mask, flow):
        b, t, _, h, w = x.size()
        y = self.conv(x.view(b * t, 3, h, w))
        return self.fc((y + mask.mean()).mean((2, 3))) + flow

net = Net()
frames, mask = torch.randn(4, 5, 2, 16, 16), torch.randn(4, 5, 1, 16, 16)
net(frames, mask{flow})
"""
    assert errors(source.format(width=8, flow="")) == [("ARC622", 18)]
    assert errors(source.format(width=8, flow=", torch.randn(1)")) == [("ARC107", 13)]
    assert errors(source.format(width=9, flow="")) == [("ARC104", 9), ("ARC622", 18)]

"""The input sizes that messages name are right: checked by trying every size."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from archlint.check import check_texts
from archlint.plugins import load
from archlint.rule import Finding

load("archlint_rules")

DIGITS = """
import torch.nn as nn

class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(LAYERS)
        self.head = nn.Linear(FEATURES, 10)

    def forward(self, x):  # archlint: input=(N, 1, SIZE, SIZE)
        x = self.features(x)
        return self.head(x.view(x.size(0), -1))
"""

STACKS = [
    ("nn.Conv2d(1, 16, 5), nn.MaxPool2d(2)", 1600),
    ("nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.ReLU(), nn.AvgPool2d(3, 2), nn.Conv2d(4, 8, 2)", 128),
    ("nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)", 400),
    ("nn.Conv2d(1, 2, 3, dilation=2), nn.BatchNorm2d(2), nn.MaxPool2d(3, ceil_mode=True)", 50),
]


def findings(layers: str, features: int, size: int) -> list[Finding]:
    text = DIGITS.replace("LAYERS", layers).replace("FEATURES", str(features)).replace("SIZE", str(size))
    return [d.finding for d in check_texts({"net.py": text}).diagnostics if d.severity == "error"]


@pytest.mark.parametrize(("layers", "features"), STACKS)
def test_a_wrong_number_of_features_fits_the_sizes_that_the_note_names(layers: str, features: int) -> None:
    (found,) = findings(layers, features, 50)
    (note,) = found.notes
    named = [int(n) for n in re.findall(r"\d+", note.partition("H=W")[2])]
    silent = [size for size in range(named[0] - 4, named[-1] + 5) if not findings(layers, features, size)]
    assert silent == list(range(named[0], named[-1] + 1))


@pytest.mark.parametrize(("layers", "size"), [(STACKS[0][0], 5), (STACKS[1][0], 6), (STACKS[2][0], 14)])
def test_the_least_size_in_the_help_is_the_least_that_survives(layers: str, size: int) -> None:
    (found,) = findings(layers, 1, size)
    least = int(re.findall(r"at least (\d+)x", found.help)[0])
    assert not any("does not fit" in f.message for f in findings(layers, 1, least))
    assert any("does not fit" in f.message for f in findings(layers, 1, least - 1))


def test_a_helper_that_is_called_often_is_reported_once() -> None:
    text = """
        import torch.nn as nn

        def block():
            return nn.Sequential(nn.Conv2d(8, 16, 3), nn.Conv2d(8, 8, 3))

        net = nn.Sequential(block(), block(), block())
    """
    found = check_texts({"net.py": dedent(text)}).diagnostics
    assert [d.code for d in found] == ["ARC102"]

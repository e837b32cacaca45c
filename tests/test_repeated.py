"""One place, one finding, whatever number of models or layers it is about."""

from __future__ import annotations

from textwrap import dedent

from archlint.check import check_texts
from archlint.diagnostic import Diagnostic


def found(source: str) -> list[Diagnostic]:
    report = check_texts({"net.py": "import torch\nfrom torch import nn\n" + dedent(source)})
    assert not report.internal_errors
    return report.diagnostics


HEAD = """
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1)
        self.fc = nn.Linear(99, 10)
    def forward(self, x):
        return self.fc(self.conv(x).mean((2, 3)))
"""


def test_models_that_differ_in_numbers_share_one_finding_which_names_them() -> None:
    [one] = found(HEAD + "a = Net(8)\nb = Net(16)\nc = Net(32)\n")
    assert one.code == "ARC104"
    assert "receives 8" in one.finding.message
    assert one.finding.notes[-1] == "the same, with other names or numbers, in `b`, `c`"


def test_a_fix_that_suits_one_of_the_models_only_is_not_offered() -> None:
    [alone] = found(HEAD + "a = Net(8)\n")
    [shared] = found(HEAD + "a = Net(8)\nb = Net(16)\n")
    assert alone.finding.edits
    assert not shared.finding.edits


def test_the_same_words_at_two_places_are_two_findings() -> None:
    other = HEAD.replace("class Net", "class Other")
    assert len(found(HEAD + other + "a = Net(8)\nb = Other(16)\n")) == 2


def test_what_two_rules_say_of_one_number_in_two_models_is_one_finding() -> None:
    net = HEAD.replace("self.fc(self.conv(x).mean((2, 3)))", "self.fc(self.pool(self.conv(x)).flatten(1))")
    net = net.replace("        self.fc", "        self.pool = nn.AdaptiveAvgPool2d(7)\n        self.fc")
    [one] = found(net + "a = Net(16)\na(torch.rand(1, 3, 64, 64))\nb = Net(32)\n")
    assert one.code == "ARC104"
    assert one.finding.notes[-1] == "the same, in other words, in `b`"
    assert not one.finding.edits

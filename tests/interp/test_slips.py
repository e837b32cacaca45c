"""Slips are met once and kept, however often equal blocks are made."""

from __future__ import annotations

from archlint.check import check_texts
from archlint.options import Options
from archlint.plugins import load

load("archlint_rules")

BLOCK = """
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.fc = nn.Linear(width, width)

    def forward(self, x):
        return nn.Linear(8, 8)(self.fc(x, x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(8) for _ in range(6)])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
"""


def found(text: str, *codes: str) -> list[tuple[str, int]]:
    report = check_texts({"net.py": text}, Options(select=codes))
    assert not report.internal_errors
    lines = report.texts.get("net.py")
    return [(d.code, lines.line_of(d.finding.span.start)) for d in report.diagnostics if lines is not None]


def test_equal_blocks_have_one_finding() -> None:
    assert sorted(found(BLOCK, "ARC603", "ARC618", "ARC622")) == [("ARC603", 12), ("ARC618", 9), ("ARC622", 12)]


def test_a_module_that_is_imported_is_judged_where_it_is_checked() -> None:
    files = {"net.py": "from block import Block\n\nnet = Block(8)\n", "block.py": BLOCK}
    report = check_texts(files, Options(select=("ARC618",)))
    assert [(d.code, d.finding.span.path) for d in report.diagnostics] == [("ARC618", "block.py")]


def test_which_of_two_modules_is_called_is_not_known() -> None:
    text = BLOCK.replace("self.fc(x, x)", "(self.fc if x.mean() > 0 else self.two)(x, x)")
    assert found(text, "ARC622") == []

"""The mistakes are ones that people make, and what is said of a mutant is what it does."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from benchmarks import mutants
from benchmarks.mistake_list import MISTAKES
from benchmarks.mistakes import Change, Program, made
from benchmarks.mutants import Mutant, Outcome, Seed

PROGRAMS = {path.name: path.read_text() for path in sorted(mutants.SOUND.glob("*.py"))}
NET = """
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3)
        self.fc = nn.Linear(16 * 6 * 6, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = x.view(x.size(0), -1)
        return self.fc(x)


net = Net()
x = torch.randn(2, 3, 8, 8)
loss = nn.CrossEntropyLoss()(net(x), torch.tensor([1, 2]))
"""


def mutated(name: str) -> list[str]:
    """The changed line of each mutant."""
    mistake = next(m for m in MISTAKES if m.name == name)
    found = []
    for change in mistake.sites(Program(NET)):
        old, new = NET.splitlines(), made(NET, change).splitlines()
        found += [line.strip() for line in new if line not in old]
    return found


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("wrong in_features", "self.fc = nn.Linear(8 * 6 * 6, 10)"),
        ("wrong in_channels", "self.conv2 = nn.Conv2d(4, 16, kernel_size=3)"),
        ("in and out changed over", "self.conv1 = nn.Conv2d(8, 3, kernel_size=3, padding=1)"),
        ("padding left out", "self.conv1 = nn.Conv2d(3, 8, kernel_size=3)"),
        ("batch merged by a view", "x = x.view(-1, 256)"),
        ("missing flatten", "x = x"),
        ("softmax before cross-entropy", "return torch.softmax(self.fc(x), dim=1)"),
        ("activation left out", "x = self.conv1(x)"),
        ("missing super().__init__()", "pass"),
        ("no return", "self.fc(x)"),
        ("layer used again", "x = F.relu(self.conv1(x))"),
        ("layer never called", "return x"),
        ("misspelled forward", "def foward(self, x):"),
        ("H, W, C in another order", "x = torch.randn(2, 8, 8, 3)"),
    ],
)
def test_a_mistake_is_made_in_the_text(name: str, line: str) -> None:
    assert line in mutated(name) or (name == "layer used again" and mutated(name) == [])


@pytest.mark.parametrize("path", PROGRAMS)
def test_every_mutant_is_python_and_differs(path: str) -> None:
    program = Program(PROGRAMS[path])
    changes = [(m.name, change) for m in MISTAKES for change in m.sites(program)]
    assert changes
    for name, change in changes:
        text = made(PROGRAMS[path], change)
        assert text != PROGRAMS[path], name
        compile(text, f"{path}: {name}", "exec")


def test_each_mistake_can_be_made_somewhere() -> None:
    programs = [Program(text) for text in PROGRAMS.values()]
    assert [m.name for m in MISTAKES if not any(list(m.sites(p)) for p in programs)] == []


@pytest.mark.parametrize("path", PROGRAMS)
def test_nothing_is_found_in_the_programs_as_they_are(path: str) -> None:
    found = mutants.findings(Seed("", mutants.SOUND, path, PROGRAMS[path]), PROGRAMS[path])
    assert [(code, finding.message) for code, finding in found] == []


def test_a_finding_is_at_the_place_if_it_or_a_label_shows_the_changed_line() -> None:
    start = NET.index("3, 8")
    change = Change(start, start + 4, "3, 9")
    seed = Seed("torch", mutants.SOUND, "lenet.py", NET)
    [(code, finding)] = [f for f in mutants.findings(seed, made(NET, change)) if f[0] == "ARC102"]
    assert code == "ARC102"
    assert mutants.at_place(seed, finding, change)
    elsewhere = Change(NET.index("net = Net"), NET.index("net = Net") + 3, "net")
    assert not mutants.at_place(seed, finding, elsewhere)


def test_the_table_counts_what_is_seen() -> None:
    name = MISTAKES[0].name
    some = [
        Mutant("a.py", name, 1, "crash", found=("ARC104",), at_place=True),
        Mutant("a.py", name, 2, "crash"),
        Mutant("a.py", name, 3, "silent", found=("ARC105",)),
        Mutant("a.py", name, 4, ""),
    ]
    text = mutants.report(Outcome(some), MISTAKES[:1], 1)
    cells = [cell.strip() for cell in text.splitlines()[-1].strip("|").split("|")]
    assert cells == ["all", "2", "50 %", "1", "100 %", "50 %", "1"]


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="runs models with PyTorch")
def test_execution_says_what_a_mutant_does(tmp_path: Path) -> None:
    seed = Seed("torch", tmp_path, "net.py", NET)
    with mutants.Children(sys.executable) as children:
        before = children.run(seed, NET)
        assert before == children.run(seed, NET)
        effects = {}
        for mistake in MISTAKES:
            for change in list(mistake.sites(Program(NET)))[:1]:
                effects[mistake.name] = mutants.judged(seed, mistake, change, before, children).effect
    assert effects["wrong in_features"] == effects["missing super().__init__()"] == effects["no return"] == "crash"
    assert effects["softmax before cross-entropy"] == effects["activation left out"] == "silent"

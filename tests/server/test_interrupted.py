"""A key stops what is under way for the text before it, wherever that is, and leaves nothing half done behind."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from test_ground import program
from test_incremental import ZOO, edits, page, settled, shown

from archlint.interp import budget
from archlint.keeping import Superseded
from archlint.server.pages import Page
from archlint.server.settings import Settings
from archlint.server.texts import Text
from archlint.server.workbench import Workbench

DEEP = """\
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width + 1, 3, padding=1)

    def forward(self, x):
        return self.conv(x)


def small():
    return nn.Sequential(Block(3))


def deep():
    return nn.Sequential(*[Block(3 + i) for i in range(1500)])
"""


def asked(times: int) -> Callable[[], bool]:
    """Is a newer text there?  So many times it is not."""
    left = [times]

    def stopped() -> bool:
        left[0] -= 1
        return left[0] < 0

    return stopped


def interrupted(bench: Workbench, text: str, version: int, times: int) -> bool:
    """Was the analysis of a text stopped when it had asked so many times?"""
    try:
        bench.analyse(page(text, version), {}, "/project", Settings(), asked(times))
    except Superseded:
        return True
    return False


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_that_stop_each_other(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "LOOKS", 1)
    chance = random.Random(seed)
    bench, text, stops = Workbench(), ZOO, 0
    for number, text in enumerate(edits(ZOO, seed, 16)):
        stops += interrupted(bench, text, number, chance.randrange(1500))
        if number % 4 == 3:
            assert settled(bench, text, number) == shown(Workbench(), text), f"seed {seed}, edit {number}"
    assert stops > 3


@pytest.mark.parametrize("name", ["partial", "registered", "rebound", "later", "result"])
def test_a_program_is_stopped_at_every_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "LOOKS", 1)
    text = program(name)
    edited = text.replace("nn.Conv2d(3, width * 2, 3)", "nn.Conv2d(4, width * 3, 3)")
    assert edited != text
    fresh = [shown(Workbench(), text), shown(Workbench(), edited)]
    bench, times = Workbench(), 0
    shown(bench, text)
    while interrupted(bench, edited, times, times):
        assert shown(bench, (text, edited)[times % 2]) == fresh[times % 2], f"stopped when asked {times} times"
        shown(bench, text)
        times += 3
    assert times > 5


def test_a_long_entry_point_stops_within_it() -> None:
    bench = Workbench()
    bench.warm_up()
    start = time.thread_time()
    bench.analyse(page(DEEP, 0), {}, "/project", Settings())
    whole = time.thread_time() - start
    text = DEEP.replace("width + 1", "width + 2")
    began = time.thread_time()
    with pytest.raises(Superseded):
        bench.analyse(page(text, 1), {}, "/project", Settings(), lambda: time.thread_time() > began + whole / 20)
    assert time.thread_time() - began < whole / 3


def test_what_was_done_when_it_was_stopped_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "LOOKS", 1)
    text = DEEP.replace("1500", "30")
    bench = Workbench()
    assert bench.analyse(page(text, 0), {}, "/project", Settings()).evaluated == 2
    edited = text.replace("width + 1", "width + 2")
    assert interrupted(bench, edited, 1, 150)
    again = bench.analyse(page(edited, 1), {}, "/project", Settings())
    assert again.evaluated == 1
    assert shown(bench, edited) == shown(Workbench(), edited)


def test_a_file_that_was_read_by_what_was_stopped_counts(tmp_path: Path) -> None:
    blocks, net = tmp_path / "blocks.py", tmp_path / "net.py"
    blocks.write_text(DEEP[: DEEP.index("def small")])
    bench = Workbench()

    def texts_shown(bench: Workbench, text: str, stopped: Callable[[], bool]) -> list[str]:
        typed = Page(net.as_uri(), str(net), [(net.as_uri(), Text(text))], 1)
        found = bench.analyse(typed, {}, str(tmp_path), Settings(), stopped)
        return [f"{node.op} {node.output}" for model in found.models for node in model.nodes]

    texts_shown(bench, "import torch.nn as nn\n", asked(1000))
    text = "import torch.nn as nn\nfrom blocks import Block\n\nnet = nn.Sequential(Block(3))\n"
    with pytest.raises(Superseded):
        texts_shown(bench, text, asked(2))
    blocks.write_text(blocks.read_text().replace("width + 1", "width + 2"))
    assert texts_shown(bench, text, asked(1000)) == texts_shown(Workbench(), text, asked(1000)) != []

"""Programs whose statements look at each other: whatever is typed, an editor shows what a fresh server shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_incremental import URI, page, settled, shown

from archlint.server.settings import Settings
from archlint.server.workbench import Workbench

NET = """\
import torch.nn as nn
from functools import partial
from collections import namedtuple
{above}
class Block(nn.Module):
    expansion = 2

    def __init__(self, width=4):
        super().__init__()
        self.conv = nn.Conv2d(3, width * 2, 3)

    def forward(self, x):
        return self.conv(x)
{below}
"""

TEXT = (Path(__file__).parent / "programs.py.txt").read_text(encoding="utf-8")
PROGRAMS = {
    name: (above, below)
    for name, above, below in re.findall(r"### (.+)\n([\s\S]*?)--- Block ---\n([\s\S]*?)(?=###|\Z)", TEXT)
}
"""By name, what stands above a class `Block` and what below it."""


def program(name: str) -> str:
    above, below = PROGRAMS[name]
    return NET.format(above=above, below=below)


def differing(text: str) -> list[str]:
    """The text with another number in the place of each, with comments and empty lines, then as it was."""
    found = []
    for match in list(re.finditer(r"\b\d\b", text))[::2]:
        found.append(text[: match.start()] + str((int(match[0]) + 3) % 10) + text[match.end() :])
    for match in list(re.finditer(r"[^\n]\n", text))[::4]:
        found.append(text[: match.start() + 1] + "  # é" + text[match.start() + 1 :])
        found.append(text[: match.end()] + "\n\n" + text[match.end() :])
    found.append(re.sub(r"\((?=\w)", "( ", text))
    return [*found, text]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_number_and_comment_typed(name: str) -> None:
    text = program(name)
    bench = Workbench()
    fresh: dict[str, Any] = {}
    shown(bench, text)
    for number, edited in enumerate(differing(text)):
        if edited not in fresh:
            fresh[edited] = shown(Workbench(), edited)
        bench.analyse(page(edited, number), {}, "/project", Settings(), whole=False)
        assert settled(bench, edited, number) == fresh[edited], edited


@pytest.mark.parametrize("name", ["default", "rebound", "registered", "later"])
def test_numbers_typed_one_after_another(name: str) -> None:
    bench, text = Workbench(), program(name)
    shown(bench, text)
    for count, at in enumerate([m.start() for m in re.finditer(r"\b\d\b", text)]):
        text = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
        assert settled(bench, text, count) == shown(Workbench(), text), text


def evaluated(bench: Workbench, text: str) -> int:
    return bench.analyse(page(text, 1), {}, "/project", Settings()).evaluated


def test_a_comment_or_white_space_in_a_block_evaluates_nothing() -> None:
    bench, text = Workbench(), program("registered")
    assert evaluated(bench, text) > 0
    for new in ("conv = nn.Conv2d(3,  width * 2, 3)  # wider", "conv = nn.Conv2d(\n            3, width * 2, 3)"):
        edited = text.replace("conv = nn.Conv2d(3, width * 2, 3)", new)
        assert edited != text
        assert evaluated(bench, edited) == 0
        assert shown(bench, edited) == shown(Workbench(), edited)
    assert evaluated(bench, text.replace("width * 2, 3)", "width * 3, 3)")) > 0


def test_a_shape_in_a_comment_is_no_mere_comment() -> None:
    bench, text = Workbench(), program("alone")
    evaluated(bench, text)
    edited = text.replace("class Block", "# archlint: input=(2, 3, 9, 9)\nclass Block")
    assert evaluated(bench, edited) > 0
    assert shown(bench, edited) == shown(Workbench(), edited)


def test_another_page_analysed_meanwhile_takes_nothing_away() -> None:
    bench, text = Workbench(), program("partial")
    shown(bench, text)
    other = page(program("result"), 1)
    other.uri = URI.replace("zoo", "other")
    bench.analyse(other, {}, "/project", Settings())
    edited = text.replace("width=4", "width=5")
    assert shown(bench, edited) == shown(Workbench(), edited)

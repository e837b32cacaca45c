"""What is shown after many edits is what a fresh server shows for the same text."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archlint.keeping import Superseded
from archlint.server.actions import workspace_edit
from archlint.server.diagnostics import by_document
from archlint.server.inlay import hints
from archlint.server.pages import Page
from archlint.server.settings import Settings
from archlint.server.texts import Text
from archlint.server.workbench import Workbench

ZOO = (Path(__file__).parent / "zoo.py.txt").read_text(encoding="utf-8")
URI = "file:///project/zoo.py"
PIECES = (
    "64",
    "3",
    "1",
    "0",
    "x",
    "\n",
    "    ",
    "self.",
    "(",
    ")",
    "Net",
    "# a comment\n",
    "stride=2",
    ", bias=False",
    "é",
)


def page(text: str, version: int) -> Page:
    return Page(URI, "/project/zoo.py", [(URI, Text(text))], version)


def shown(bench: Workbench, text: str, version: int = 0, **how: Any) -> list[Any]:
    """Everything that a client would be told of a text."""
    analysis = bench.analyse(page(text, version), {}, "/project", Settings(), **how)
    found = by_document(analysis)[URI]
    places = [(at, label) for at, label, _ in hints(analysis, Settings(), 0, len(text))]
    fixes = [workspace_edit(analysis, one.finding.edits) for one in analysis.diagnostics]
    models = [(m.name, m.framework, m.understood) for m in analysis.models]
    return [found, places, fixes, models, analysis.errors]


def edits(text: str, seed: int, count: int) -> Iterator[str]:
    """Texts that follow from each other: characters typed and deleted, lines put in and taken out, numbers changed."""
    chance = random.Random(seed)
    original = text
    for _ in range(count):
        kind = chance.random()
        at = chance.randrange(len(text) + 1)
        if kind < 0.35:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind < 0.55:
            text = text[:at] + text[at + chance.randrange(1, 4) :]
        elif kind < 0.75:
            lines = text.splitlines(keepends=True)
            line = chance.randrange(len(lines))
            if chance.random() < 0.5:
                lines.insert(line, chance.choice(lines))
            else:
                del lines[line]
            text = "".join(lines)
        elif kind < 0.82:
            ends = [i for i, c in enumerate(text) if c == "\n"]
            at = chance.choice(ends) if ends else 0
            text = text[:at] + chance.choice(("  # é", " ", "\n")) + text[at:]
        elif kind < 0.92:
            digits = [i for i, c in enumerate(text) if c.isdigit()]
            at = chance.choice(digits) if digits else 0
            text = text[:at] + chance.choice("1248") + text[at + 1 :]
        else:
            text = original
        yield text


def settled(bench: Workbench, text: str, version: int) -> list[Any]:
    """As a client has it in the end; a statement that is half typed is left out, as a fresh server leaves it out."""
    analysis = bench.analyse(page(text, version), {}, "/project", Settings())
    if analysis.typing:
        bench.kept[URI].analysis = None
    return shown(bench, text, version)


@pytest.mark.parametrize("seed", range(3))
def test_random_edits_leave_what_a_fresh_server_shows(seed: int) -> None:
    bench = Workbench()
    shown(bench, ZOO)
    for number, text in enumerate(edits(ZOO, seed, 8)):
        assert settled(bench, text, number) == shown(Workbench(), text), f"seed {seed}, edit {number}"


def test_only_models_that_read_what_was_typed_are_evaluated() -> None:
    bench = Workbench()
    first = bench.analyse(page(ZOO, 0), {}, "/project", Settings())
    assert first.evaluated > 3
    text = ZOO.replace("self.head = nn.Linear(64, classes)", "self.head = nn.Linear(65, classes)")
    assert text != ZOO
    again = bench.analyse(page(text, 1), {}, "/project", Settings())
    assert 0 < again.evaluated < first.evaluated
    other = bench.analyse(page("\n\n# nothing\n" + text, 2), {}, "/project", Settings())
    assert other.evaluated == 0


def test_what_there_is_no_time_for_stays_until_there_is() -> None:
    bench = Workbench()
    shown(bench, ZOO)
    text = ZOO.replace("kernel_size=3", "kernel_size=5")
    bench.kept[URI].keeping.entries.records = {  # type: ignore[union-attr]
        name: replace(record, seconds=9.0)
        for name, record in bench.kept[URI].keeping.entries.records.items()  # type: ignore[union-attr]
    }
    first = bench.analyse(page(text, 1), {}, "/project", Settings(), whole=False)
    assert not first.complete
    assert first.models
    with pytest.raises(Superseded):
        bench.analyse(page(text, 1), {}, "/project", Settings(), lambda: True)
    assert shown(bench, text, 1) == shown(Workbench(), text)


def test_shapes_stay_while_a_statement_is_half_typed() -> None:
    bench = Workbench()
    whole = shown(bench, ZOO)
    text = ZOO.replace("self.head = nn.Linear(64, classes)", "self.head = nn.Linear(64, ")
    broken = bench.analyse(page(text, 1), {}, "/project", Settings())
    labels = [label for _, label, _ in hints(broken, Settings(), 0, len(text))]
    assert [label for _, label in whole[1]] == labels
    assert "ARC001" in [d.code for d in by_document(broken)[URI]]
    for at, label, place in hints(broken, Settings(), 0, len(text)):
        assert text[place.start : place.end].strip(), label
        assert at <= len(text)
    assert shown(bench, ZOO, 2) == whole

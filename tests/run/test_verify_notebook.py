"""Notebooks are built and run from their cells: places are those of cells, a broken one costs no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archlint.options import Options
from archlint.plugins import load_rules
from archlint.project import Project
from archlint.run.verify import Request, verify

IMPORT = "%matplotlib inline\n!pip install torch\nimport torch\nfrom torch import nn"
NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(8, 4)
        self.head = nn.Linear({width}, 2)

    def forward(self, x):
        return self.head(self.body(x))"""


@pytest.mark.torch
@pytest.mark.parametrize(("width", "status", "place"), [(4, "agrees", None), (5, "not run", "cell 4:5:31")])
def test_the_cells_run_as_one_program(
    width: int, status: str, place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    load_rules()
    monkeypatch.chdir(tmp_path)
    sources = [IMPORT, "x = (", NET.format(width=width), "%%time\nnet = Net()\n%time y = net(torch.rand(3, 8))"]
    cells = [{"cell_type": "markdown", "source": "# Net"}]
    cells += [{"cell_type": "code", "source": source} for source in sources]
    Path("net.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    report, found = verify(Project.of_paths(["net.ipynb"]), Options(), Request(python=python))
    (model,) = [one for one in found.models if one.name == "Net"]
    assert (model.cell, model.line, model.status) == (4, 1, status), model
    broken, *others = report.diagnostics
    assert (broken.code, report.position(broken).shown) == ("ARC001", "cell 3:1:5")
    if place is None:
        assert (others, model.calls.get("differs", 0), model.parameters) == ([], 0, ("46", "46"))
    else:
        (wrong,) = others
        assert (wrong.code, wrong.standing, report.position(wrong).shown) == ("ARC104", "confirmed", place)

"""`archlint summary`."""

from __future__ import annotations

import json
from pathlib import Path

from shell import CLEAN, Cli

TWO = CLEAN + CLEAN.replace("import torch.nn as nn\n", "").replace("Net", "Head").replace("16", "8")


def test_every_model_of_a_file_in_source_order(cli: Cli) -> None:
    Path("net.py").write_text(TWO)
    outcome = cli("summary", "net.py")
    assert outcome.code == 0
    heads = [line for line in outcome.out.splitlines() if "PyTorch, net.py" in line]
    assert [head.split()[0] for head in heads] == ["Net", "Head"]
    assert "(N, 16, H - 2, W - 2)" in outcome.out
    assert "448" in outcome.out


def test_one_model_by_name_with_a_shape_and_a_batch(cli: Cli) -> None:
    Path("net.py").write_text(TWO)
    outcome = cli("summary", "net.py::Head", "--input", "(N, 3, 32, 32)", "--batch", "16")
    assert outcome.code == 0
    assert "Net" not in outcome.out
    assert "(N, 8, 30, 30)" in outcome.out
    assert "16 samples in a batch" in outcome.out


def test_json(cli: Cli) -> None:
    Path("net.py").write_text(TWO)
    records = json.loads(cli("summary", "net.py", "--output-format", "json").out)
    assert [record["model"] for record in records] == ["Net", "Head"]
    assert [row["params"] for row in records[0]["rows"]] == [448, 0, 4640]


def test_a_depth_folds_the_table(cli: Cli) -> None:
    nest = "class Outer(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.net = Net()\n"
    Path("net.py").write_text(CLEAN + nest + "    def forward(self, x):\n        return self.net(x)\n")
    whole = cli("summary", "net.py::Outer").out
    outcome = cli("summary", "net.py::Outer", "--depth", "1")
    assert outcome.code == 0
    assert sum("  net." in line for line in whole.splitlines()) == 2  # and a function between them
    [folded] = [line for line in outcome.out.splitlines() if line.split()[:1] == ["net"]]
    assert "3 calls" in folded
    assert "5,088" in folded
    assert cli("summary", "net.py", "--depth", "1", "--output-format", "json").code == 2
    assert cli("summary", "net.py", "--depth", "0").code == 2


def test_a_name_that_no_model_has(cli: Cli) -> None:
    Path("net.py").write_text(TWO)
    outcome = cli("summary", "net.py::Hed")
    assert (outcome.code, outcome.out) == (2, "")
    assert "no model 'Hed'; did you mean 'Head'?" in outcome.err
    assert "Models in net.py: Net, Head." in outcome.err


def test_files_without_models_and_missing_files(cli: Cli) -> None:
    Path("none.py").write_text("x = 1\n")
    outcome = cli("summary", "none.py")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "archlint: no models in none.py\n")
    assert cli("summary", "gone.py").code == 2
    assert cli("summary", "gone.py::Net").code == 2

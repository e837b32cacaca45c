"""`archlint graph`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, Cli, Process

TWO = CLEAN + CLEAN.replace("import torch.nn as nn\n", "").replace("Net", "Head").replace("16", "8")


def test_mermaid_on_standard_output(cli: Cli) -> None:
    Path("net.py").write_text(CLEAN)
    outcome = cli("graph", "net.py")
    assert outcome.code == 0
    assert outcome.out.splitlines()[:6] == [
        "flowchart TB",
        '    n0(["input<br/>x"])',
        '    n1["Conv2d<br/>conv1 · 448 params"]',
        '    n2["relu"]',
        '    n3["Conv2d<br/>conv2 · 4,640 params"]',
        '    n4(["output"])',
    ]


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("net.svg", "<svg "),
        ("net.html", "<!doctype html>"),
        ("net.dot", 'digraph "Net" {'),
        ("net.json", '{\n  "version": 1'),
        ("net.mmd", "flowchart TB"),
        ("net.txt", "flowchart TB"),
    ],
)
def test_the_name_of_the_file_says_the_format(name: str, start: str, cli: Cli) -> None:
    Path("net.py").write_text(CLEAN)
    outcome = cli("graph", "net.py", "-o", name)
    assert (outcome.code, outcome.out, outcome.err) == (0, "", f"wrote {name}: Net\n")
    assert Path(name).read_text(encoding="utf-8").startswith(start)


def test_a_format_that_is_asked_for_wins(cli: Cli) -> None:
    Path("net.py").write_text(CLEAN)
    cli("graph", "net.py", "--format", "dot", "-o", "net.txt")
    assert Path("net.txt").read_text().startswith("digraph")


def test_json_holds_layers_tensors_and_findings(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    [model] = json.loads(cli("graph", "net.py", "--format", "json").out)["models"]
    assert [(box["kind"], box["op"], box["path"], box["shape"]) for box in model["boxes"]] == [
        ("input", "input", "x", "(N, 3, H, W)"),
        ("layer", "Conv2d", "conv1", "(N, 16, H - 2, W - 2)"),
        ("layer", "relu", "", "(N, 16, H - 2, W - 2)"),
        ("layer", "Conv2d", "conv2", "(N, 32, H - 4, W - 4)"),
        ("output", "output", "", "(N, 32, H - 4, W - 4)"),
    ]
    assert [(edge["source"], edge["target"]) for edge in model["edges"]] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    [mark] = [mark for mark in model["marks"] if mark["severity"] == "error"]
    assert (mark["code"], mark["boxes"], mark["place"]["line"]) == ("ARC102", [3], 8)


def test_one_model_of_several(cli: Cli) -> None:
    Path("net.py").write_text(TWO)
    models = json.loads(cli("graph", "net.py::Head", "--format", "json").out)["models"]
    assert [model["model"] for model in models] == ["Head"]


def test_several_models_are_several_drawings(cli: Cli) -> None:
    Path("net.py").write_text(TWO)
    assert cli("graph", "net.py").out.count("```mermaid\nflowchart TB\n") == 2
    assert re.findall(r"^digraph .*", cli("graph", "net.py", "--format", "dot").out, re.MULTILINE) == [
        'digraph "Net" {', 'digraph "Head" {',
    ]  # fmt: skip
    assert cli("graph", "net.py", "-o", "net.html").err == "wrote net.html: Net, Head\n"


def test_an_svg_file_holds_one_model(cli: Cli) -> None:
    Path("net.py").write_text(TWO)
    outcome = cli("graph", "net.py", "--format", "svg")
    assert outcome.code == 2
    assert "name one as net.py::MODEL\nModels in net.py: Net, Head.\n" in outcome.err


def test_a_name_that_no_model_has(cli: Cli) -> None:
    Path("net.py").write_text(TWO)
    outcome = cli("graph", "net.py::Haed")
    assert outcome.code == 2
    assert "no model 'Haed'; did you mean 'Head'?\nModels in net.py: Net, Head.\n" in outcome.err


def test_a_path_that_does_not_exist_and_a_file_without_models(cli: Cli) -> None:
    Path("plain.py").write_text("x = 1\n")
    assert "no such file or directory: net.py" in cli("graph", "net.py").err
    outcome = cli("graph", "plain.py")
    assert (outcome.code, outcome.out, outcome.err) == (2, "", "archlint: no models in plain.py\n")


def test_a_file_that_cannot_be_written(cli: Cli) -> None:
    Path("net.py").write_text(CLEAN)
    outcome = cli("graph", "net.py", "-o", "there/is/none.svg")
    assert outcome.code == 2
    assert "cannot write there/is/none.svg: No such file or directory" in outcome.err


def test_the_shape_of_an_input(cli: Cli) -> None:
    Path("net.py").write_text(CLEAN)
    assert '|"(8, 3, 32, 32)"|' in cli("graph", "net.py", "--input", "(8, 3, 32, 32)").out


def test_depth(cli: Cli) -> None:
    Path("net.py").write_text(
        CLEAN.replace("self.conv1 = nn.Conv2d(3, 16, 3)", "self.conv1 = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU())")
    )
    assert 'n5[["conv1<br/>2 layers · 448 params"]]' not in cli("graph", "net.py").out
    assert '[["conv1<br/>2 layers · 448 params"]]' in cli("graph", "net.py", "--depth", "0").out


def test_links_of_a_page_start_where_the_page_is(cli: Cli, tmp_path: Path) -> None:
    Path("src").mkdir()
    Path("out").mkdir()
    Path("src/my net.py").write_text(CLEAN)
    cli("graph", "src/my net.py", "-o", "out/net.html")
    data = re.search(r'id="data">(.*?)</script>', Path("out/net.html").read_text(), re.DOTALL)
    assert data
    [source] = json.loads(data[1])["sources"].values()
    assert source["href"] == "../src/my%20net.py"
    assert source["editor"] == str(tmp_path).replace("\\", "/") + "/src/my%20net.py"


def test_a_model_in_a_notebook(cli: Cli) -> None:
    cells = [{"cell_type": "code", "source": part, "metadata": {}, "outputs": [], "execution_count": None}
             for part in ("import torch.nn as nn\n", CLEAN.replace("import torch.nn as nn\n", ""))]  # fmt: skip
    Path("net.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    [model] = json.loads(cli("graph", "net.ipynb", "--format", "json").out)["models"]
    assert [box["place"]["shown"] for box in model["boxes"] if box["kind"] == "layer"] == ["cell 2:10"] * 3


def test_a_suppressed_finding_is_not_marked(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN.replace("(64, 32, 3)", "(64, 32, 3)  # archlint: ignore[ARC102]"))
    [model] = json.loads(cli("graph", "net.py", "--format", "json").out)["models"]
    assert "ARC102" not in {mark["code"] for mark in model["marks"]}


def test_the_same_page_every_time(process: Process, tmp_path: Path) -> None:
    net = tmp_path / "net.py"
    net.write_text(TWO)
    first, second = (process("graph", str(net), "--format", "html", PYTHONHASHSEED=seed).stdout for seed in "12")
    assert first == second
    assert "Net" in first

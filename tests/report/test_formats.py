"""What programs read: each format is parsed as its reader does, and says where the finding is."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from archlint.check import check_texts
from archlint.cli.output import FORMATS
from archlint.diagnostic import Report
from archlint.fingerprints import fingerprints
from archlint.plugins import load
from archlint.report.formats import render
from archlint.report.listing import findings

load("archlint_rules")

NET = "import torch.nn as nn\n\nnet = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear({width}, 2))\n"


@pytest.fixture
def report() -> Report:
    """One error in a file whose line has a letter of two bytes before it, and one in a file with an odd name."""
    wide = "import torch.nn as nn\n\nπ = 3; net = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(5, 2))\n"
    return check_texts({"a b/net.py": wide, "x,y:z.py": NET.format(width=6)})


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_names_every_finding(report: Report, name: str) -> None:
    text = render(report, name)
    assert text.count("ARC104") >= 2
    assert text.endswith("\n")
    assert render(Report(), name) is not None


def test_github_escapes_what_would_end_a_property(report: Report) -> None:
    lines = render(report, "github").splitlines()
    assert lines[0].startswith("::error title=archlint (ARC104),file=a b/net.py,line=3,col=66,")
    assert ",file=x%2Cy%3Az.py,line=3," in lines[1]


def test_rdjson_counts_bytes_and_sarif_code_points(report: Report) -> None:
    at = json.loads(render(report, "rdjson"))["diagnostics"][0]["location"]["range"]["start"]
    [run] = json.loads(render(report, "sarif"))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"]["startColumn"] == 66
    assert at == {"line": 3, "column": 67}
    assert place["artifactLocation"] == {"uri": "a%20b/net.py", "uriBaseId": "%SRCROOT%"}
    assert run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]]["id"] == "ARC104"


def test_junit_is_well_formed_and_counts_what_fails(report: Report) -> None:
    root = ElementTree.fromstring(render(report, "junit").encode())
    assert root.get("failures") == "2"
    assert [suite.get("name") for suite in root] == ["a b/net.py", "x,y:z.py"]
    assert [case.get("name") for case in ElementTree.fromstring(render(Report(), "junit").encode()).iter("testcase")]


def test_json_lines_are_the_records_of_json(report: Report) -> None:
    lines = [json.loads(line) for line in render(report, "json-lines").splitlines()]
    assert lines == json.loads(render(report, "json"))


def marks(report: Report) -> list[str]:
    return fingerprints(findings(report), report.texts)


@pytest.mark.parametrize("move", [lambda t: f"# a comment\n\n{t}", lambda t: t.replace("(8, 4)", "(8,  4)")])
def test_a_fingerprint_outlives_moved_lines(move: Callable[[str], str]) -> None:
    text = NET.format(width=6)
    before, after = check_texts({"net.py": text}), check_texts({"net.py": move(text).replace("(8,  4)", "(8, 4)")})
    assert marks(before) == marks(after)
    assert len(marks(before)) == 1


def test_two_findings_never_share_a_fingerprint() -> None:
    net = "nn.Sequential(\n    nn.Linear(8, 4),\n    nn.Tanh(),\n    nn.Linear(6, 2),\n)\n"
    text = f"import torch.nn as nn\n\nleft = {net}right = {net}"
    both = marks(check_texts({"net.py": text}))
    assert len(both) == len(set(both)) == 2

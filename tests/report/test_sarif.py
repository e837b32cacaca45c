"""SARIF: places, fingerprints and limits, and the verdict of Microsoft's validator."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from odd import ODD, odd, validate

from archlint.diagnostic import Report
from archlint.report import sarif
from archlint.report.formats import render
from archlint.report.line_hashes import line_hashes


def results_of(report: Report) -> list[dict[str, Any]]:
    [run] = json.loads(render(report, "sarif"))["runs"]
    found: list[dict[str, Any]] = run["results"]
    return found


def test_sarif_uris_lead_back_to_the_files() -> None:
    artifacts = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in results_of(odd())]
    uris = [one["uri"] for one in artifacts if "uriBaseId" in one]
    told = {unquote(uri, errors="surrogateescape") for uri in uris}
    assert told >= {ODD, "new\nline.py", "\udcff.py", "dot.py", "net.py", "locked.py"}
    [outside] = [one["uri"] for one in artifacts if "uriBaseId" not in one]
    assert outside == (Path.cwd().parent / "up.py").as_uri()


def test_sarif_columns_count_code_points_and_show_the_code_around() -> None:
    [fixed] = [one for one in results_of(odd()) if one["level"] == "note"]
    place = fixed["locations"][0]["physicalLocation"]
    assert place["region"] == {
        "startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 11, "snippet": {"text": "z"},
    }  # fmt: skip
    assert place["contextRegion"]["snippet"]["text"].startswith("x = 1\ny = '\U0001f600'; z = 2")
    assert [change["artifactLocation"]["uri"] for change in fixed["fixes"][0]["artifactChanges"]] == [
        "net.py",
        "other.py",
    ]


def test_sarif_keeps_what_a_run_said_and_what_went_wrong() -> None:
    report = odd()
    assert {one["properties"].get("standing") for one in results_of(report)} == {
        None,
        "confirmed",
        "refuted",
        "not reached",
    }
    report.internal_errors.append("ARC102 on Net: KeyError")
    [invocation] = json.loads(render(report, "sarif"))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["error", "note"]


def test_sarif_lists_the_gravest_where_github_would_refuse_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST", 3)
    report = odd()
    assert {one["level"] for one in results_of(report)} == {"error"}
    assert len(results_of(report)) == 3
    assert "the 3 gravest are listed" in render(report, "sarif")


def test_line_hashes_are_those_that_github_computes() -> None:
    """The values are facts of github/codeql-action."""
    assert line_hashes("") == ["c129715d7a2bc9a3:1"]
    assert line_hashes(" a\nb\n  \t\tc\n d") == [
        "271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1",
    ]  # fmt: skip
    ends = [
        " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
        " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
    ]
    assert line_hashes(ends[0]) == line_hashes(ends[1])
    assert line_hashes(ends[0])[:2] == ["e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1"]
    assert line_hashes("Lorem ipsum dolor sit amet.\n" * 10)[5:7] == ["a7f2ff13bc495cf2:6", "a7f2ff1481e87703:1"]


@pytest.fixture(scope="session")
def multitool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of Microsoft's SARIF validator, with the whole schema in it; npm is asked for it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not here")
    folder = tmp_path_factory.mktemp("multitool")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "@microsoft/sarif-multitool@5.7.0"]
    try:
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm does not answer")
    tool = folder / "node_modules" / "@microsoft" / "sarif-multitool-linux"
    if run.returncode != 0 or not (tool / "Sarif.Multitool").is_file():
        pytest.skip("npm has no validator for this machine")
    (tool / "Sarif.Multitool").chmod(0o755)
    return tool


ADVICE = {
    "SARIF2002": "messages by id are for tools that translate them",
    "SARIF2003": "the revision is known to whoever uploads the file",
    "SARIF2005": "archlint has no site that an informationUri could name",
    "SARIF2006": "the validator cannot reach the schema's address from here",
    "SARIF2010": "a file that could not be read has no code to show, nor has the end of one",
    "SARIF2011": "the same",
    "SARIF2016": "a file outside of the folder of the run has no relative place",
    "SARIF2012": "the same as 2005: the rule's page is in help.markdown",
}
"""What the validator would like to have beyond the standard, and why it is not there."""


def test_sarif_passes_the_whole_schema_and_the_validator(multitool: Path, tmp_path: Path) -> None:
    for name, report in (("odd", odd()), ("empty", Report())):
        text = render(report, "sarif")
        validate(json.loads(text), multitool / "sarif-2.1.0.json")
        (tmp_path / f"{name}.sarif").write_text(text, encoding="utf-8")
        assert complaints(multitool, tmp_path / f"{name}.sarif") <= {*ADVICE}
    wrong = json.loads((tmp_path / "odd.sarif").read_text(encoding="utf-8"))
    del wrong["runs"][0]["results"][0]["message"]
    wrong["runs"][0]["results"][0]["ruleIndex"] = 99
    (tmp_path / "wrong.sarif").write_text(json.dumps(wrong), encoding="utf-8")
    assert not complaints(multitool, tmp_path / "wrong.sarif") <= {*ADVICE}, "the validator sees nothing"


def complaints(multitool: Path, file: Path) -> set[str]:
    """The rules of the validator that a file breaks."""
    command = [str(multitool / "Sarif.Multitool"), "validate", str(file), "--rule-kind", "Sarif;Ghas"]
    wanted = ["--level", "Error;Warning;Note", "--kind", "Fail;Review;Open"]
    environment = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    run = subprocess.run([*command, *wanted], capture_output=True, text=True, timeout=120, env=environment)
    assert "1 files scanned" in run.stdout, run.stdout + run.stderr
    return set(re.findall(r": (?:note|warning|error) (\w+)", run.stdout))

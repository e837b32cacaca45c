"""The formats of services in the form that each documents: GitLab, reviewdog, SARIF in short, JUnit."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from odd import SCHEMAS, odd, validate

from archlint.diagnostic import Report
from archlint.report.formats import render
from archlint.report.listing import findings


@pytest.fixture(params=["odd", "empty"])
def report(request: pytest.FixtureRequest) -> Report:
    return odd() if request.param == "odd" else Report()


@pytest.mark.parametrize("name", ["gitlab", "rdjson", "sarif"])
def test_the_format_has_the_form_that_its_service_documents(report: Report, name: str) -> None:
    text = render(report, name)
    text.encode("utf-8")
    read = json.loads(text)
    validate(read, SCHEMAS / f"{name}.json")
    results = {"gitlab": read, "rdjson": read, "sarif": read}[name]
    if name == "rdjson":
        results = read["diagnostics"]
    elif name == "sarif":
        results = read["runs"][0]["results"]
    assert len(results) == len(findings(report))


def test_a_schema_refuses_what_is_wrong() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    read = json.loads(render(odd(), "sarif"))
    read["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "../up.py"
    with pytest.raises(jsonschema.ValidationError):
        validate(read, SCHEMAS / "sarif.json")


def test_gitlab_shows_each_finding_by_itself() -> None:
    marks = [one["fingerprint"] for one in json.loads(render(odd(), "gitlab"))]
    assert len(marks) == len(set(marks))


ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "file"},
    "testcase": {"name", "time", "classname", "group"},
    "failure": {"type", "message"},
    "system-out": set(),
}
"""Elements and attributes that Jenkins' xUnit, the strictest reader, allows."""


def test_junit_is_what_strict_readers_allow(report: Report) -> None:
    root = ElementTree.fromstring(render(report, "junit").encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag]
    for suite in root:
        cases = list(suite)
        failing = [case for case in cases if case.find("failure") is not None]
        assert (suite.get("tests"), suite.get("failures")) == (str(len(cases)), str(len(failing)))
        names = [(case.get("classname"), case.get("name")) for case in cases]
        assert len(names) == len(set(names)), "a service shows the first of two cases with one name"


def test_junit_is_read_by_a_parser_of_ci_systems(report: Report) -> None:
    junitparser = pytest.importorskip("junitparser")
    read = junitparser.JUnitXml.fromfile(io.BytesIO(render(report, "junit").encode()))
    cases = list(cases_of(read))
    assert len(cases) == max(1, len(findings(report)))
    assert read.failures == sum(isinstance(r, junitparser.Failure) for case in cases for r in case.result)
    if report.diagnostics:
        [case] = [case for case in cases if case.name.startswith("ARC102")]
        [failure] = case.result
        assert failure.message.startswith("net.py:2:1: ARC102 error: Conv2d has a")
        assert failure.message.endswith("<b>& [confirmed]")
        assert "help: help\tit" in failure.text
        [advice] = [case for case in cases if case.system_out]
        assert not advice.result


def cases_of(read: Any) -> Iterator[Any]:
    for suite in read:
        yield from suite

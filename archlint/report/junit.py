"""JUnit XML: a suite for each file, a case for each finding, for services that show tests.

Elements and attributes are those that strict readers allow: Jenkins' xUnit refuses the whole for a `line` on a case.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from pathlib import PurePath
from xml.etree import ElementTree as Xml

from archlint.diagnostic import Diagnostic, Report
from archlint.report.listing import findings, place_of, told_of

_PACKAGE = "archlint"


def render_junit(report: Report) -> str:
    """Errors and warnings are failures; advice is a case that passes and says what it says."""
    found = findings(report)
    root = Xml.Element("testsuites", name=_PACKAGE, tests=str(len(found)), failures=_failures(found), errors="0")
    for path, group in groupby(found, key=lambda one: one.path):
        _suite(root, path, list(group), report)
    if not found:
        suite = Xml.SubElement(root, "testsuite", name=_PACKAGE, tests="1", failures="0", errors="0", skipped="0")
        Xml.SubElement(suite, "testcase", name="no findings", classname=_PACKAGE)
        root.set("tests", "1")
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _suite(root: Xml.Element, path: str, found: list[Diagnostic], report: Report) -> None:
    counts = {"tests": str(len(found)), "failures": _failures(found), "errors": "0", "skipped": "0"}
    suite = Xml.SubElement(root, "testsuite", {"name": _plain(path), "file": _plain(path), **counts})
    stem = _plain(PurePath(path).with_suffix("").as_posix())
    seen: Counter[str] = Counter()
    for one in found:
        case = Xml.SubElement(suite, "testcase", {"name": _plain(_name(one, seen)), "classname": stem})
        told = f"{place_of(report, one.finding.span)}: {one.code} {one.severity}: {told_of(one)}"
        if one.severity == "info":
            Xml.SubElement(case, "system-out").text = _plain(told)
        else:
            failure = Xml.SubElement(case, "failure", message=_plain(told), type=one.severity)
            failure.text = "\n".join(_plain(t) for t in (told, *_more(one)))


def _name(found: Diagnostic, seen: Counter[str]) -> str:
    """Without line numbers, so that a service knows a case again; of two with one name it would show the first only."""
    of = ".".join(part for part in (found.model, found.finding.layer) if part)
    name = f"{found.code} {found.name}" + (f": {of}" if of else "")
    seen[name] += 1
    return name if seen[name] == 1 else f"{name} ({seen[name]})"


def _more(found: Diagnostic) -> list[str]:
    finding = found.finding
    return [*([f"help: {finding.help}"] if finding.help else []), *(f"note: {note}" for note in finding.notes)]


def _failures(found: list[Diagnostic]) -> str:
    return str(sum(one.severity != "info" for one in found))


def _plain(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text)

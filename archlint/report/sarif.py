"""SARIF 2.1.0 (OASIS), as GitHub code scanning takes it: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote_from_bytes

from archlint import __version__
from archlint.diagnostic import Diagnostic, Report
from archlint.fingerprints import fingerprints
from archlint.notebook_file import lines_in_file
from archlint.options import RANK
from archlint.report.line_hashes import line_hashes
from archlint.report.listing import file_position, findings, in_cell
from archlint.rule import Rule, rules
from archlint.text import Edit, Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {"error": "error", "warning": "warning", "info": "note"}
_PROBLEM = {"error": "error", "warning": "warning", "info": "recommendation"}
_PRECISION = {"proven": "very-high", "likely": "high", "hint": "medium"}
_ROOT = "%SRCROOT%"
_IN_BASELINE = {"suppressions": [{"kind": "external", "status": "accepted", "justification": "in the baseline"}]}
_AROUND = 2
"""Lines of code above and below a finding that are shown with it."""

MOST = 25_000
"""Results in one run that GitHub takes; it refuses a file with more."""


def render_sarif(report: Report) -> str:
    """One run; paths are relative to the folder of the run, columns count code points."""
    accepted = {id(one) for one in report.accepted or ()}
    every = findings(replace(report, diagnostics=[*report.diagnostics, *(report.accepted or ())]))
    marked = list(zip(every, fingerprints(every, report.texts)))
    if len(marked) > MOST:
        marked = sorted(marked, key=lambda one: -RANK[one[0].severity])[:MOST]
    known = rules()
    codes = sorted({one.code for one, _ in marked})
    files = {one.path for one, _ in marked}
    hashes = {path: line_hashes(lines_in_file(of).text) for path, of in report.texts.items() if path in files}
    run = {
        "tool": {
            "driver": {
                "name": "archlint",
                "semanticVersion": __version__,
                "rules": [_rule(known[code]) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that archlint was run in."}}},
        "invocations": [{"executionSuccessful": not report.internal_errors, **_told(report, len(every))}],
        "results": [
            _result(one, mark, codes.index(one.code), report, hashes) | (_IN_BASELINE if id(one) in accepted else {})
            for one, mark in marked
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _told(report: Report, found: int) -> dict[str, Any]:
    """What else there is to say of the run: errors of ours, notes, findings that are left out."""
    said = [("error", text) for text in report.internal_errors] + [("note", text) for text in report.notes]
    if found > MOST:
        said.append(("warning", f"{found:,} findings; the {MOST:,} gravest are listed"))
    notifications = [{"level": level, "message": {"text": text}} for level, text in said]
    return {"toolExecutionNotifications": notifications} if notifications else {}


def _rule(rule: Rule) -> dict[str, Any]:
    """A rule with its page; the paragraph below *What it finds* is its description."""
    paragraph = re.search(r"^## What it finds\n\n(.+?)\n\n", rule.page + "\n\n", re.MULTILINE | re.DOTALL)
    text = " ".join(paragraph[1].split()) if paragraph else rule.name.replace("-", " ")
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ").capitalize() + "."},
        "fullDescription": {"text": text},
        "help": {"text": text, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVEL[rule.severity], "enabled": rule.default},
        "properties": {
            "tags": ["deep-learning", rule.category],
            "precision": _PRECISION[rule.confidence],
            "problem.severity": _PROBLEM[rule.severity],
        },
    }


def _result(
    found: Diagnostic, fingerprint: str, index: int, report: Report, hashes: Mapping[str, list[str]]
) -> dict[str, Any]:
    finding = found.finding
    message = finding.message + in_cell(report, finding.span)
    said = [message, *([f"Help: {finding.help}."] if finding.help else []), *finding.notes]
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": _LEVEL[found.severity],
        "message": {"text": "\n".join(said)},
        "locations": [{"physicalLocation": _place(finding.span, report, snippet=True)}],
        "partialFingerprints": {"archlint/v1": fingerprint, **_line_hash(found, report, hashes)},
        "properties": _properties(found),
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": i, "physicalLocation": _place(label.span, report), "message": {"text": label.text}}
            for i, label in enumerate(finding.related)
        ]
    if finding.edits and not any(_cells(report, edit.span.path) for edit in finding.edits):
        result["fixes"] = [_fix(finding.help or finding.message, finding.edits, report)]
    return result


def _cells(report: Report, path: str) -> bool:
    """Is it a notebook?  The text of an edit, or of a place, is not what stands in its file."""
    lines = report.texts.get(path)
    return lines is not None and lines.cells is not None


def _line_hash(found: Diagnostic, report: Report, hashes: Mapping[str, list[str]]) -> dict[str, str]:
    own, line = hashes.get(found.path, []), file_position(report, found.finding.span).line
    return {"primaryLocationLineHash": own[line - 1]} if line <= len(own) else {}


def _properties(found: Diagnostic) -> Mapping[str, str]:
    stated = {"confidence": found.confidence, "model": found.model, "layer": found.finding.layer}
    return {name: value for name, value in {**stated, "standing": found.standing or ""}.items() if value}


def _fix(text: str, edits: tuple[Edit, ...], report: Report) -> dict[str, Any]:
    paths = list(dict.fromkeys(edit.span.path for edit in edits))
    return {
        "description": {"text": text},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path),
                "replacements": [
                    {"deletedRegion": _region(edit.span, report), "insertedContent": {"text": edit.text}}
                    for edit in edits
                    if edit.span.path == path
                ],
            }
            for path in paths
        ],
    }


def _place(span: Span, report: Report, *, snippet: bool = False) -> dict[str, Any]:
    region = _region(span, report)
    place = {"artifactLocation": _artifact(span.path), "region": region}
    lines = report.texts.get(span.path)
    if snippet and lines is not None and span.end > span.start and not _cells(report, span.path):
        region["snippet"] = {"text": lines.text[span.start : span.end]}
    if "snippet" in region and lines is not None:
        first = max(1, region["startLine"] - _AROUND)
        last = min(region["endLine"] + _AROUND, len(lines.starts))
        shown = "\n".join(lines.line_text(line) for line in range(first, last + 1))
        place["contextRegion"] = {"startLine": first, "endLine": last, "snippet": {"text": shown}}
    return place


def _region(span: Span, report: Report) -> dict[str, Any]:
    start, end = file_position(report, span), file_position(report, span, end=True)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _artifact(path: str) -> dict[str, str]:
    """A path below the folder of the run belongs to the root of the sources, whatever that is where it is read."""
    plain = PurePath(path)
    if plain.is_absolute() or ".." in plain.parts:
        return {"uri": Path(os.path.abspath(path)).as_uri()}
    return {"uri": quote_from_bytes(os.fsencode(plain.as_posix())), "uriBaseId": _ROOT}

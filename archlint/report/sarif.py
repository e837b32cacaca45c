"""SARIF 2.1.0 (OASIS), as GitHub code scanning takes it: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from archlint import __version__
from archlint.diagnostic import Diagnostic, Report
from archlint.fingerprints import fingerprints
from archlint.report.listing import findings, position
from archlint.rule import Rule, rules
from archlint.text import Edit, Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {"error": "error", "warning": "warning", "info": "note"}
_ROOT = "%SRCROOT%"


def render_sarif(report: Report) -> str:
    """One run; paths are relative to the folder of the run, columns count code points."""
    found = findings(report)
    known = rules()
    codes = sorted({one.code for one in found})
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
        "invocations": [{"executionSuccessful": not report.internal_errors}],
        "results": [
            _result(one, mark, codes.index(one.code), report)
            for one, mark in zip(found, fingerprints(found, report.texts))
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


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
        "properties": {"tags": ["deep-learning", rule.category], "precision": _precision(rule)},
    }


def _precision(rule: Rule) -> str:
    return {"proven": "very-high", "likely": "high", "hint": "medium"}[rule.confidence]


def _result(found: Diagnostic, fingerprint: str, index: int, report: Report) -> dict[str, Any]:
    finding = found.finding
    said = [finding.message, *([f"Help: {finding.help}."] if finding.help else []), *finding.notes]
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": _LEVEL[found.severity],
        "message": {"text": "\n".join(said)},
        "locations": [{"physicalLocation": _place(finding.span, report, snippet=True)}],
        "partialFingerprints": {"archlint/v1": fingerprint},
        "properties": _properties(found),
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": i, "physicalLocation": _place(label.span, report), "message": {"text": label.text}}
            for i, label in enumerate(finding.related)
        ]
    if finding.edits:
        result["fixes"] = [_fix(finding.help or finding.message, finding.edits, report)]
    return result


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
    lines = report.texts.get(span.path)
    if snippet and lines is not None and span.end > span.start:
        region["snippet"] = {"text": lines.text[span.start : span.end]}
    return {"artifactLocation": _artifact(span.path), "region": region}


def _region(span: Span, report: Report) -> dict[str, Any]:
    start, end = position(report, span), position(report, span, end=True)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _artifact(path: str) -> dict[str, str]:
    """A relative path belongs to the root of the sources, whatever that is where the report is read."""
    plain = path.replace("\\", "/")
    if plain.startswith("/"):
        return {"uri": "file://" + quote(plain)}
    return {"uri": quote(plain.removeprefix("./")), "uriBaseId": _ROOT}

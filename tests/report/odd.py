"""Findings in files with odd names, with odd messages; what holds a report against the schema of a format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archlint.check import check_texts
from archlint.diagnostic import Diagnostic, Report
from archlint.plugins import load
from archlint.rule import Finding, Label
from archlint.text import Edit, LineIndex, Span

load("archlint_rules")
SCHEMAS = Path(__file__).parent / "schemas"
WIDTH = "import torch.nn as nn\n\nπ = 3; net = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(5, 2))\n"
ODD = "a folder/é☃:x,y;z]%3B#q?.py"
CONTROL = "Conv2d has a \x1b[31mred\x1b[0m name,\nan \u2028 line and 50%3B;] of ::error:: <b>&"


def odd() -> Report:
    """Odd names, an unreadable file, advice, a finding that was run, edits of two files, all control characters."""
    report = check_texts({ODD: WIDTH, "new\nline.py": WIDTH, "\udcff.py": WIDTH, "./dot.py": WIDTH, "../up.py": WIDTH})
    report.texts["net.py"] = LineIndex("x = 1\r\ny = '\U0001f600'; z = 2\r\n")
    report.texts["other.py"] = LineIndex("a\n")
    place = Span("net.py", 7, 8)
    edits = (Edit(place, "w"), Edit(Span("other.py", 0, 1), ""))
    said = Finding(place, CONTROL, "here", (Label(Span("other.py", 0, 1), "\x07 there"),), "help\tit", ("a\vnote",))
    fixed = Finding(Span("net.py", 16, 17), "edits two files", edits=edits, safe=True)
    ends = Finding(Span("net.py", 25, 25), "at the end of the file")
    report.diagnostics += [
        Diagnostic("ARC102", "channel-mismatch", "error", "proven", "Net", said, "confirmed"),
        Diagnostic("ARC604", "dense-bottleneck", "info", "hint", "", fixed, "refuted"),
        Diagnostic("ARC604", "dense-bottleneck", "warning", "likely", "Net", ends, "not reached"),
    ]
    report.errors.append(("locked.py", "permission denied"))
    report.notes.append("net.py: a loop was not followed")
    return report


def validate(found: Any, schema: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(found, json.loads(schema.read_text(encoding="utf-8")))

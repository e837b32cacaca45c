"""What ARCHITECTURE.md promises of the engine as a whole."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import archlint.rule
from archlint.check import check_paths, check_texts
from archlint.diagnostic import Report
from archlint.layers import registry
from archlint.layers.spec import SPECS, layer
from archlint.plugins import load
from archlint.rule import Finding, Model, rules

load("archlint_rules")
EXAMPLE = Path(__file__).parents[1] / "fixtures" / "example"


def lines(report: Report) -> list[str]:
    return [f"{d.path}:{report.position(d).line} {d.code} {d.finding.message}" for d in report.diagnostics]


def test_findings_are_plain_data() -> None:
    report = check_paths([str(EXAMPLE)])
    assert report.diagnostics
    assert pickle.loads(pickle.dumps(report.diagnostics)) == report.diagnostics
    assert lines(pickle.loads(pickle.dumps(report))) == lines(report)


def test_the_same_files_give_the_same_report_in_any_order() -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(EXAMPLE.glob("*.py"))}
    there = lines(check_texts(files))
    back = lines(check_texts(dict(reversed(files.items()))))
    assert there == back == lines(check_texts(files))


def test_a_name_is_declared_once() -> None:
    for framework in registry.MODULES:
        registry.load(framework)
    name = next(iter(SPECS))
    with pytest.raises(ValueError, match=f"{name} is declared twice"):
        layer(name, family="other")(lambda x: x)


def test_every_declaration_has_a_line_of_documentation() -> None:
    for framework in registry.MODULES:
        registry.load(framework)
    assert not [spec.name for spec in SPECS.values() if not spec.doc]


def test_a_rule_that_fails_costs_its_own_findings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(model: Model) -> Iterator[Finding]:
        raise LookupError(model.name)

    monkeypatch.setitem(archlint.rule._RULES, "ARC204", replace(rules()["ARC204"], check=broken))
    report = check_paths([str(EXAMPLE)])
    assert {d.code for d in report.diagnostics} >= {"ARC409", "ARC602"}
    assert any("ARC204 on model: LookupError: model" in error for error in report.internal_errors)


def test_any_module_of_the_evaluator_may_be_imported_first() -> None:
    script = """
import pkgutil, sys, importlib, archlint.interp
found = [m.name for m in pkgutil.walk_packages(archlint.interp.__path__, "archlint.interp.") if not m.ispkg]
for name in found:
    for loaded in [m for m in sys.modules if m.startswith("archlint.interp.")]:
        del sys.modules[loaded]
    importlib.import_module(name)
print(len(found))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr == ""
    assert int(done.stdout) > 50

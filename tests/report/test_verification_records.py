"""An executed run as JSON: one object, the same keys whatever happened."""

from __future__ import annotations

import json
from typing import Any

from verdicts import ISOLATION, agreeing, difference, differing, failing, found, idle, report_of_run, run_of

from archlint.report.verification_records import render_verification_json
from archlint.verdict import Verification


def read(verification: Verification, *diagnostics: Any) -> dict[str, Any]:
    records = json.loads(render_verification_json(verification, report_of_run(*diagnostics)))
    assert isinstance(records, dict)
    return records


def test_a_model_that_agrees() -> None:
    [model] = read(run_of(agreeing()))["models"]
    assert model == {
        "name": "Net",
        "filename": "model.py",
        "line": 1,
        "cell": None,
        "framework": "torch",
        "status": "agrees",
        "how": "default arguments",
        "inputs": "(2, 3, 64, 96) and (3, 3, 128, 80) [first layer]",
        "reason": None,
        "error": None,
        "error_location": None,
        "foreseen": None,
        "calls": {"equal": 24, "unknown": 0, "differs": 0, "not reached": 0},
        "numbers": {"equal": 31, "unknown": 0, "differs": 0, "not reached": 0},
        "layers": {"equal": 0, "unknown": 0, "differs": 0, "not reached": 0},
        "parameters": {"inferred": "1234567", "executed": "1234567"},
        "differences": [],
        "unknown": {},
        "guards": [],
        "probes": [],
        "notes": [],
        "strategy": "fake",
        "seconds": 0.25,
    }


def test_every_model_has_the_same_keys() -> None:
    models = read(run_of(agreeing(), differing(), failing(), idle()))["models"]
    assert len({tuple(model) for model in models}) == 1
    assert [model["status"] for model in models] == ["agrees", "differs", "failed", "not run"]


def test_a_difference_has_its_place_both_values_and_the_declaration() -> None:
    one = difference(declaration="layers/torch/pool.py:41")
    [model] = read(run_of(differing(differences=[one])))["models"]
    assert model["differences"] == [
        {
            "filename": "model.py",
            "location": {"row": 3, "column": 13},
            "end_location": {"row": 3, "column": 25},
            "verdict": "differs",
            "what": "self.pool(x)",
            "inferred": "(N, 64, 16, 16)",
            "executed": "(2, 64, 15, 15)",
            "model": "Net",
            "declaration": "layers/torch/pool.py:41",
            "note": None,
        }
    ]


def test_a_failure_has_its_place_and_the_finding_that_foresaw_it() -> None:
    [model] = read(run_of(failing(foreseen="ARC104")))["models"]
    assert model["error"].startswith("RuntimeError: mat1")
    assert model["error_location"]["location"] == {"row": 4, "column": 16}
    assert (model["foreseen"], model["parameters"]) == ("ARC104", None)


def test_probes_have_names() -> None:
    [model] = read(run_of(agreeing(probes=[("gradient flow", "violated", "no gradient in head")])))["models"]
    assert model["probes"] == [{"probe": "gradient flow", "verdict": "violated", "detail": "no gradient in head"}]


def test_the_run_itself() -> None:
    run = run_of(agreeing(), differing(), failing(), idle(), notes=["a"], internal_errors=["b"])
    records = read(run, found("ARC104", "self.head(x)", "wrong", "confirmed"))
    assert list(records) == [
        "models", "findings", "totals", "isolation", "python", "frameworks", "notes", "internal_errors",
    ]  # fmt: skip
    assert records["totals"] == {
        "models": 4,
        "run": 3,
        "agrees": 1,
        "differs": 1,
        "failed": 1,
        "not run": 1,
        "values": {"equal": 108, "unknown": 2, "differs": 1, "not reached": 3},
    }
    assert [(f["code"], f["standing"], f["location"]["row"]) for f in records["findings"]] == [
        ("ARC104", "confirmed", 4)
    ]
    assert (records["isolation"], records["python"], records["frameworks"]) == (
        ISOLATION, "python3", {"torch": "torch 2.13.0"},
    )  # fmt: skip
    assert (records["notes"], records["internal_errors"]) == (["a"], ["b"])

"""An executed run as one JSON object: every model, the findings as `check` writes them, the totals."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from archlint.diagnostic import Report
from archlint.report.listing import findings
from archlint.report.records import place_record, record
from archlint.report.verification_listing import totals
from archlint.verdict import VERDICTS, Comparison, ModelVerdict, Verdict, Verification


def render_verification_json(verification: Verification, report: Report) -> str:
    """The object.  Keys are always there; what is not known is null, what did not happen 0 or empty."""
    known = replace(report, texts={**verification.texts, **report.texts})
    counted = totals(verification)
    return json.dumps(
        {
            "models": [model_record(model, known) for model in verification.models],
            "findings": [record(found, known) for found in findings(known)],
            "totals": {
                "models": len(verification.models),
                "run": verification.ran,
                **{status: _having(verification, status) for status in ("agrees", "differs", "failed", "not run")},
                "values": {verdict: counted[verdict] for verdict in VERDICTS},
            },
            "isolation": verification.isolation or None,
            "python": verification.python or None,
            "frameworks": verification.frameworks,
            "notes": [*verification.notes, *report.notes],
            "internal_errors": [*verification.internal_errors, *report.internal_errors],
        },
        indent=2,
    ) + "\n"  # fmt: skip


def _having(verification: Verification, status: str) -> int:
    return sum(model.status == status for model in verification.models)


def model_record(model: ModelVerdict, report: Report) -> dict[str, Any]:
    """One model.  Counts are by verdict; `parameters` is null where they were not compared."""
    error_place = None if model.error_span is None else place_record(model.error_span, report)
    return {
        "name": model.name,
        "filename": model.path,
        "line": model.line,
        "cell": model.cell,
        "framework": model.framework,
        "status": model.status,
        "how": model.how or None,
        "inputs": model.inputs or None,
        "reason": model.reason or None,
        "error": model.error or None,
        "error_location": error_place,
        "foreseen": model.foreseen or None,
        "calls": _by_verdict(model.calls),
        "numbers": _by_verdict(model.numbers),
        "layers": _by_verdict(model.layers),
        "parameters": None
        if model.parameters is None
        else {"inferred": model.parameters[0], "executed": model.parameters[1]},
        "differences": [comparison_record(difference, report) for difference in model.differences],
        "unknown": model.unknown,
        "guards": list(model.guards),
        "probes": [
            {"probe": probe, "verdict": verdict, "detail": detail or None} for probe, verdict, detail in model.probes
        ],
        "notes": list(model.notes),
        "strategy": model.strategy or None,
        "seconds": round(model.seconds, 3),
    }


def comparison_record(one: Comparison, report: Report) -> dict[str, Any]:
    """One value at one place."""
    return {
        **place_record(one.span, report),
        "verdict": one.verdict,
        "what": one.what,
        "inferred": one.inferred,
        "executed": one.executed,
        "model": one.model or None,
        "declaration": one.declaration or None,
        "note": one.note or None,
    }


def _by_verdict(counted: dict[Verdict, int]) -> dict[str, int]:
    return {verdict: counted.get(verdict, 0) for verdict in VERDICTS}

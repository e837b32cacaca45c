"""A run made by hand: a model of three lines, what could be inferred of it and what came of it."""

from __future__ import annotations

from typing import Any

from archlint.diagnostic import Diagnostic, Report
from archlint.rule import Finding
from archlint.text import LineIndex, Span
from archlint.verdict import Comparison, ModelVerdict, Standing, Verification

TEXT = """\
class Net(nn.Module):
    def forward(self, x):
        x = self.pool(x)
        return self.head(x)
"""
ISOLATION = "locked: no network, no new processes, writes only in a private directory"


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span("model.py", start, start + len(words))


def agreeing(**more: Any) -> ModelVerdict:
    verdict = ModelVerdict(
        "Net",
        "model.py",
        1,
        "torch",
        "agrees",
        how="default arguments",
        inputs="(2, 3, 64, 96) and (3, 3, 128, 80) [first layer]",
        calls={"equal": 24},
        numbers={"equal": 31},
        parameters=("1234567", "1234567"),
        strategy="fake",
        seconds=0.25,
    )
    for name, value in more.items():
        setattr(verdict, name, value)
    return verdict


def difference(words: str = "self.pool(x)", **more: Any) -> Comparison:
    return Comparison(span(words), "differs", words, "(N, 64, 16, 16)", "(2, 64, 15, 15)", "Net", **more)


def differing(**more: Any) -> ModelVerdict:
    calls = {"equal": 22, "differs": 1, "unknown": 2, "not reached": 3}
    given = {"status": "differs", "calls": calls, "differences": [difference()], "parameters": None}
    return agreeing(**{**given, **more})


def failing(**more: Any) -> ModelVerdict:
    error = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3072 and 768x10)"
    given = {"status": "failed", "error": error, "error_span": span("self.head(x)"), "calls": {}, "numbers": {}}
    return agreeing(parameters=None, **{**given, **more})


def idle(**more: Any) -> ModelVerdict:
    reason = "needs num_classes: give --args 'num_classes=10'"
    given = {"name": "Head", "path": "model.py", "line": 9, "framework": "torch", "status": "not run", "reason": reason}
    return ModelVerdict(**{**given, **more})


def run_of(*models: ModelVerdict, **more: Any) -> Verification:
    return Verification(
        list(models),
        {"model.py": LineIndex(TEXT)},
        ISOLATION,
        "python3",
        {"torch": "torch 2.13.0"},
        **more,
    )


def found(code: str, words: str, message: str, standing: Standing | None = None, **more: Any) -> Diagnostic:
    names = {"ARC007": "executed-shape-disagrees", "ARC008": "executed-model-failed"}
    name = names.get(code, "linear-in-features-mismatch")
    return Diagnostic(code, name, "error", "proven", "Net", Finding(span(words), message, **more), standing)


def report_of_run(*diagnostics: Diagnostic) -> Report:
    return Report(list(diagnostics), texts={"model.py": LineIndex(TEXT)} if diagnostics else {}, files=1)

"""Findings in texts, found by the words they mark."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archlint.diagnostic import Diagnostic, Report
from archlint.rule import Finding, Label
from archlint.text import LineIndex, Span

Place = tuple[str, str]
Render = Callable[..., str]


def span(texts: dict[str, str], words: str, path: str = "model.py") -> Span:
    """Where `words` stand first; `a … b` reaches from a to the first b after it."""
    first, dots, last = words.partition(" … ")
    start = texts[path].index(first)
    end = texts[path].index(last, start) + len(last) if dots else start + len(first)
    return Span(path, start, end)


@pytest.fixture
def report_of() -> Callable[..., Report]:
    """A report with one finding at some words of `model.py`."""

    def make(
        texts: dict[str, str], primary: str, label: str = "", *related: tuple[str, str, str], **more: object
    ) -> Report:
        labels = tuple(Label(span(texts, words, path), text) for words, text, path in related)
        finding = Finding(span(texts, primary), "the time axis is gone", label, labels, **more)  # type: ignore[arg-type]
        found = Diagnostic("ARC204", "flatten-before-timestep-dense", "error", "proven", "Net", finding)
        return Report([found], texts={path: LineIndex(text) for path, text in texts.items()}, files=len(texts))

    return make


@pytest.fixture
def snippet_of(report_of: Callable[..., Report]) -> Render:
    """What stands below the header of that finding."""
    from archlint.report.terminal import render

    def make(*args: object, **more: object) -> str:
        return render(report_of(*args, **more)).split("\n", 1)[1].rstrip("\n")

    return make

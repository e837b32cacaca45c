"""The models that were found, how much of each was understood, and why not all."""

from __future__ import annotations

from collections import Counter

from archlint.diagnostic import Report
from archlint.report.cells import clean
from archlint.report.listing import count
from archlint.text import line_shown


def render_models(report: Report, *, reasons: bool = False) -> str:
    """One line a model; with `reasons`, below it what stopped the analysis and how often."""
    lines = []
    for model in sorted(report.models, key=lambda m: (m.path, m.cell or 0, m.line, m.name)):
        place = f"{clean(model.path)}:{line_shown(model.line, model.cell)}"
        understood = f"{model.understood:,} of {count(model.calls, 'layer call')} understood"
        lines.append(f"{place}: {clean(model.name)} ({model.framework}), {understood}\n")
        if reasons:
            by_number = sorted(Counter(model.stops).items(), key=lambda stop: (-stop[1], stop[0]))
            lines += [f"    {count(number, 'time')}: {clean(reason)}\n" for reason, number in by_number]
    return "".join(lines)

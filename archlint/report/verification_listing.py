"""What an executed run is counted by: tallies of a model, closing lines of a run, what makes it fail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from archlint.diagnostic import Diagnostic, Report
from archlint.finding import Severity
from archlint.options import RANK
from archlint.report.cells import clean
from archlint.report.listing import DISAGREES, FAILED, TOLD, count, findings, found_line, standing
from archlint.text import line_shown
from archlint.verdict import VERDICTS, ModelVerdict, Verdict, Verification

VERSION = re.compile(r"[\w-]+ \d")
"""`torch 2.13.0`; anything else in its place is why it is missing."""

NOT_EQUAL: dict[Verdict, tuple[str, str]] = {
    "unknown": ("unknown", "unknown"),
    "differs": ("differs", "differ"),
    "not reached": ("not reached", "not reached"),
}
"""How one and several values of a verdict are spoken of."""


def failed(report: Report, threshold: Severity) -> bool:
    """Did execution find something?  It disagreed, a model raised, or it confirmed a finding of that severity."""
    least = max(RANK[threshold], RANK["warning"])
    return any(
        found.code in (DISAGREES, FAILED) or (found.standing == "confirmed" and RANK[found.severity] >= least)
        for found in report.diagnostics
    )


def model_line(model: ModelVerdict) -> str:
    """`model.py:12: Net (torch) agrees: 24 of 24 tensor values equal, …`, one line."""
    said = {"not run": model.reason, "failed": model.error.strip().partition("\n")[0]}
    text = said.get(model.status) or ", ".join(tallies(model))
    place = f"{clean(model.path)}:{line_shown(model.line, model.cell)}: {clean(model.name)} ({model.framework})"
    return f"{place} {model.status}: {clean(text)}" if text else f"{place} {model.status}"


def tallies(model: ModelVerdict) -> Iterator[str]:
    """What was compared: tensor values, numbers, layers, parameters."""
    yield from filter(None, (_tally(model.calls, "tensor value"), _tally(model.numbers, "number")))
    if layers := _tally(model.layers, "layer"):
        yield f"{layers} in parameters"
    if model.parameters is not None:
        yield _parameters(*model.parameters)


def _tally(verdicts: Mapping[Verdict, int], noun: str) -> str:
    """`22 of 26 numbers equal (3 unknown, 1 differs)`.  What was not reached is no part of the total."""
    executed = sum(number for verdict, number in verdicts.items() if verdict != "not reached")
    others = _others(verdicts)
    if not executed:
        return f"no {noun}s executed{others}" if others else ""
    return f"{verdicts.get('equal', 0):,} of {count(executed, noun)} equal{others}"


def _others(verdicts: Mapping[Verdict, int]) -> str:
    parts = [
        f"{verdicts[verdict]:,} {words[verdicts[verdict] != 1]}"
        for verdict, words in NOT_EQUAL.items()
        if verdicts.get(verdict)
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _parameters(inferred: str, executed: str) -> str:
    if inferred in ("", "?", "None"):
        return f"{grouped(executed)} parameters, not inferred"
    if inferred == executed:
        return f"{grouped(executed)} parameters equal"
    return f"{grouped(inferred)} parameters inferred, {grouped(executed)} executed"


def grouped(number: str) -> str:
    """`1,234,567`; an expression as it is."""
    return f"{int(number):,}" if number.isdecimal() else clean(number)


def totals(verification: Verification) -> Counter[str]:
    """Tensor values and numbers of all models, by verdict."""
    counted: Counter[str] = Counter(dict.fromkeys(VERDICTS, 0))
    for model in verification.models:
        counted.update(model.calls)
        counted.update(model.numbers)
    return counted


def closing_lines(verification: Verification, report: Report) -> list[str]:
    """What was run and found, by which frameworks, and what was locked."""
    told = _standings(findings(report))
    first, *others = run_lines(verification)
    return [first, f"{found_line(report)}: {told}" if told else found_line(report), *others]


def run_lines(verification: Verification) -> list[str]:
    """`2 models run (1 not run), 55 of 55 values equal`, the frameworks, what was locked."""
    lines = [f"{_models(verification)}, {_values(verification)}"]
    there = [text for text in verification.frameworks.values() if VERSION.match(text)]
    if there:
        by = f", run by {verification.python}" if verification.python else ""
        lines.append(clean(", ".join(there) + by))
    others = (item for item in verification.frameworks.items() if item[1] not in there)
    lines += [clean(f"{name} not run: {why}") for name, why in others]
    if verification.isolation:
        lines.append(clean(verification.isolation))
    return lines


def _models(verification: Verification) -> str:
    """`3 models run (1 differs, 1 failed), 2 not run`."""
    statuses: Counter[str] = Counter(model.status for model in verification.models)
    words = {"differs": NOT_EQUAL["differs"][statuses["differs"] != 1], "failed": "failed"}
    split = [f"{statuses[status]:,} {word}" for status, word in words.items() if statuses[status]]
    idle = f", {statuses['not run']:,} not run" if statuses["not run"] else ""
    return f"{count(verification.ran, 'model')} run" + (f" ({', '.join(split)})" if split else "") + idle


def _values(verification: Verification) -> str:
    counted = totals(verification)
    compared = counted.total() - counted["not reached"]
    verdicts: dict[Verdict, int] = {verdict: counted[verdict] for verdict in VERDICTS}
    if not compared:
        return f"no values compared{_others(verdicts)}"
    return f"{counted['equal']:,} of {count(compared, 'value')} equal{_others(verdicts)}"


def _standings(found: Collection[Diagnostic]) -> str:
    standings = Counter(map(standing, found))
    return ", ".join(f"{standings[one]:,} {words}" for one, words in TOLD.items() if standings[one])

"""How often each rule was broken: for people, and as plain data."""

from __future__ import annotations

from typing import Any

from archlint.diagnostic import Report
from archlint.report.cells import clean
from archlint.report.listing import findings, mark


def statistics(report: Report, *, unsafe: bool) -> list[dict[str, Any]]:
    """By rule, the most frequent first: how many findings there are, and how many of them `--fix` fixes."""
    counts: dict[str, dict[str, Any]] = {}
    for found in findings(report):
        one = counts.setdefault(found.code, {"code": found.code, "name": found.name, "count": 0, "fixable": 0})
        one["count"] += 1
        one["fixable"] += bool(mark(found, unsafe=unsafe))
    return sorted(counts.values(), key=lambda one: (-one["count"], one["code"]))


def statistics_table(report: Report, *, unsafe: bool) -> str:
    """`12  ARC102  [*]  channel-mismatch`; `[-]` where some of the findings are fixed by --fix, but not all."""
    rows = statistics(report, unsafe=unsafe)
    widest = max((len(f"{row['count']:,}") for row in rows), default=0)
    return "".join(f"{row['count']:>{widest},}  {row['code']}  {_mark(row)} {clean(row['name'])}\n" for row in rows)


def _mark(row: dict[str, Any]) -> str:
    return "[ ]" if not row["fixable"] else "[*]" if row["fixable"] == row["count"] else "[-]"

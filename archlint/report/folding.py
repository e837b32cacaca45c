"""Rows of a summary that stand deeper than somebody wants to look, as one row for each module."""

from __future__ import annotations

from collections.abc import Sequence

from archlint.facts.table import Count, Row


def folded(rows: Sequence[Row], depth: int) -> list[tuple[str, list[Row]]]:
    """Rows that follow one another below one module at `depth`, by its path; "" for a row that stays as it is.

    layer1.0.conv1, layer1.0.bn1, x + y, layer1.0.relu: at depth 2 all of them are `layer1.0`
    """
    groups: list[tuple[str, list[Row]]] = []
    between: list[Row] = []
    """Rows without a path: part of a module if it goes on behind them."""
    for row in rows:
        names = row.path.split(".")
        module = ".".join(names[:depth]) if len(names) > depth else ""
        if not row.path:
            between.append(row)
        elif module and groups and groups[-1][0] == module:
            groups[-1][1].extend([*between, row])
            between = []
        else:
            groups += [("", [one]) for one in between]
            groups.append((module, [row]))
            between = []
    groups += [("", [one]) for one in between]
    return [(module, group) if len(group) > 1 else ("", group) for module, group in groups]


def total(counts: Sequence[Count]) -> int | None:
    """The sum of some counts; None where one is not a number."""
    known = [count for count in counts if isinstance(count, int)]
    return sum(known) if len(known) == len(counts) else None

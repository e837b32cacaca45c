"""A comparison as the comment of a pull request: GitHub's and GitLab's Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archlint.comparison.models import Comparison, Found, ModelChange
from archlint.comparison.wording import ARROW, alike, closing, heading, totals, what_it_is, whole
from archlint.report.listing import count

MOST_OPEN = 12
"""Rows that are shown at once; more of them are folded."""
SPECIAL = re.compile(r"([\\`*_\[\]<#|~])")
CODE = re.compile(r"`([^`]+)`")


def render_markdown(comparison: Comparison, drawings: dict[int, str] | None = None) -> str:
    """A section for each model that changed.  drawings: by its place in `changed`, Mermaid of the model as it is."""
    parts = [f"## Architecture: {escaped(closing(comparison))}"]
    for place, change in enumerate(comparison.changed):
        parts.append(_model(change, (drawings or {}).get(place, "")))
    for name, rows in (("New models", comparison.added), ("Models that are gone", comparison.removed)):
        if rows:
            parts.append(f"### {name}\n\n" + "\n".join(f"- {escaped(whole(row))}" for row in rows))
    other = list(_findings(comparison.found, comparison.gone))
    if other:
        parts.append("### Findings in files\n\n" + "\n".join(other))
    return "\n\n".join(parts) + "\n"


def _model(change: ModelChange, drawing: str) -> str:
    parts = [f"### {escaped(heading(change))}"]
    changed = list(totals(change))
    if changed:
        rows = [f"| {escaped(name)} | {' | '.join(_before_and_after(text))} |" for name, text in changed]
        parts.append("\n".join(["| | before | after |", "|---|---|---|", *rows]))
    layers = change.layers
    rows = [f"| removed | {_code(row.path)} | {escaped(what_it_is(row))} |" for row in layers.removed]
    rows += [f"| added | {_code(row.path)} | {escaped(what_it_is(row))} |" for row in layers.added]
    rows += [f"| changed | {_paths(paths)} | {escaped(text)} |" for paths, text, _ in alike(layers.changed)]
    rows += [f"| renamed | {_code(new)} | was {_code(old)} |" for old, new in layers.renamed]
    if rows:
        table = "\n".join(["| | layer | |", "|---|---|---|", *rows])
        parts.append(table if len(rows) <= MOST_OPEN else _folded(f"{len(rows)} layers", table))
    if layers.follow:
        lines = [f"| {_paths(paths)} | {escaped(text)} |" for paths, text, _ in alike(layers.follow)]
        title = f"{count(len(layers.follow), 'layer')} with other shapes or parameters in consequence"
        parts.append(_folded(title, "\n".join(["| layer | |", "|---|---|", *lines])))
    findings = list(_findings(change.found, change.gone))
    if findings:
        parts.append("\n".join(findings))
    if not all(change.understood):
        parts.append("Not all of this model is understood: layers that are not may differ too.")
    if drawing:
        parts.append(_folded("The model as it is now", f"```mermaid\n{drawing}```"))
    return "\n\n".join(parts)


def _before_and_after(text: str) -> tuple[str, str]:
    before, _, after = text.partition(f" {ARROW} ")
    return escaped(before), escaped(after)


def _findings(found: Sequence[Found], gone: Sequence[Found]) -> Iterator[str]:
    for one in found:
        yield f"- **new {one.severity} {one.code}**: {_message(one.message)} ({_code(one.place)})"
    for one in gone:
        yield f"- {one.code} is gone: {_message(one.message)}"


def _folded(title: str, content: str) -> str:
    return f"<details>\n<summary>{escaped(title)}</summary>\n\n{content}\n\n</details>"


def _code(text: str) -> str:
    """A text as code; a backtick or a bar in it would end that."""
    return f"`{text.replace('`', chr(39)).replace('|', '/')}`" if text else ""


def _paths(text: str) -> str:
    """One path as code, several in words."""
    return escaped(text) if " " in text else _code(text)


def escaped(text: str) -> str:
    """A text in which nothing means anything to Markdown; arrows become arrows."""
    return _plain(" ".join(text.split()))


def _plain(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text).replace(ARROW, "→")


def _message(text: str) -> str:
    """A message, the names in it as code."""
    parts = CODE.split(" ".join(text.split()))
    return "".join(_code(part) if place % 2 else _plain(part) for place, part in enumerate(parts))

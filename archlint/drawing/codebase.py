"""A codebase as a folder of pages: every model drawn, all findings, the totals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from archlint import __version__
from archlint.diagnostic import Diagnostic, Report
from archlint.drawing.html import Reached, asset, document
from archlint.drawing.picture import Picture
from archlint.facts.table import Count
from archlint.options import RANK
from archlint.report.listing import count, findings, place_of
from archlint.report.summary_table import FRAMEWORKS, number

ASSETS = {
    "style.css": ("drawing.css", "page.css"),
    "graph.js": ("placing.js", "drawing.js", "table.js", "details.js", "page.js"),
    "report.js": ("report.js",),
}
PAGE = re.compile(r"models/[\w.-]+\.html")
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One model in the report; `page` is its file in the folder."""

    name: str
    path: str
    line: int
    place: str
    framework: str
    page: str
    layers: int
    understood: int
    trainable: Count
    macs: Count
    errors: int
    warnings: int
    infos: int

    @property
    def share(self) -> float:
        """Understood layer calls, 0..1; 1 where there are none."""
        return self.understood / self.layers if self.layers else 1.0


def entry(picture: Picture, order: int) -> Entry:
    """The line of a model in the index."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", picture.model).strip(".-")[:LONGEST_NAME]
    understood, calls = picture.understood
    found = Counter(mark.severity for mark in picture.marks)
    return Entry(
        picture.model,
        picture.place.path,
        picture.place.line,
        str(picture.place),
        picture.framework,
        f"models/{order:04d}-{plain or 'model'}.html",
        calls,
        understood,
        picture.totals.trainable,
        picture.totals.macs,
        found["error"],
        found["warning"],
        found["info"],
    )


def index(title: str, entries: Sequence[Entry], report: Report) -> str:
    """The first page: totals, findings by rule, models."""
    found = findings(report)
    layers, understood = sum(one.layers for one in entries), sum(one.understood for one in entries)
    numbers = {
        "models": f"{len(entries):,}",
        "files with models": f"{len({one.path for one in entries}):,} of {report.files:,}",
        "layer calls": f"{layers:,}",
        "understood": percent(understood, layers),
        "findings": f"{len(found):,}",
    }
    cells = "".join(f"<li><strong>{value}</strong><span>{name}</span></li>" for name, value in numbers.items())
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<ul class="numbers">{cells}</ul>',
        "<h2>Findings by rule</h2>" if found else "<p>No findings.</p>",
        _by_rule(found) if found else "",
        '<p><a href="findings.html">All findings</a></p>' if found else "",
        "<h2>Models</h2>",
        _models(entries),
        *_unread(report),
        f"<p><small>archlint {escape(__version__)}</small></p>",
    ]
    return _page(title, "\n".join(filter(None, parts)))


def _by_rule(found: Sequence[Diagnostic]) -> str:
    by_rule: dict[str, list[Diagnostic]] = {}
    for one in found:
        by_rule.setdefault(one.code, []).append(one)
    rows = [
        [
            ("", f'<a href="findings.html#{escape(code)}">{escape(code)}</a>'),
            ("", escape(ones[0].name)),
            ("", _severity(max((one.severity for one in ones), key=RANK.__getitem__))),
            (len(ones), f"{len(ones):,}"),
            (files := len({one.path for one in ones}), f"{files:,}"),
        ]
        for code, ones in sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return _table("rules", ["rule", "name", "severity", "#findings", "#files"], rows)


def _models(entries: Sequence[Entry]) -> str:
    rows = [
        [
            ("", f'<a href="{escape(one.page)}">{escape(one.name)}</a>'),
            ("", escape(one.place)),
            ("", escape(FRAMEWORKS.get(one.framework, one.framework))),
            (one.layers, f"{one.layers:,}"),
            (one.trainable if isinstance(one.trainable, int) else -1, escape(number(one.trainable))),
            (one.share, percent(one.understood, one.layers)),
            (one.errors * 1_000_000 + one.warnings * 1000 + one.infos, _tally(one)),
        ]
        for one in entries
    ]
    heads = ["model", "file", "framework", "#layers", "#parameters", "#understood", "#findings"]
    return _table("models", heads, rows, search=True)


def _tally(one: Entry) -> str:
    numbers = {"error": one.errors, "warning": one.warnings, "info": one.infos}
    shown = (f'<span class="{name}">{count(many, name)}</span>' for name, many in numbers.items() if many)
    return ", ".join(shown)


def _unread(report: Report) -> Iterable[str]:
    if report.errors or report.internal_errors:
        yield "<h2>Not looked at</h2>"
        said = [f"{path}: {why}" for path, why in report.errors] + [
            f"internal error in {e}" for e in report.internal_errors
        ]
        yield f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in said)}</ul>"


def findings_page(title: str, entries: Sequence[Entry], report: Report, reached: Reached) -> str:
    """Every finding, with the model that it is in."""
    pages = {(one.path, one.name): one.page for one in reversed(entries)}
    by_name = {one.name: one.page for one in reversed(entries)}
    first: set[str] = set()
    rows = []
    for one in findings(report):
        mark = f' id="{escape(one.code)}"' if one.code not in first else ""
        first.add(one.code)
        page = pages.get((one.path, one.model)) or by_name.get(one.model, "")
        model = f'<a href="{escape(page)}">{escape(one.model)}</a>' if page else escape(one.model)
        rows.append(
            [
                (2 - RANK[one.severity], _severity(one.severity)),
                ("", f"<span{mark}>{escape(one.code)}</span>"),
                ("", escape(one.finding.message)),
                ("", f'<a href="{escape(reached.link(one.path))}">{escape(place_of(report, one.finding.span))}</a>'),
                ("", model),
            ]
        )
    table = _table("findings", ["#severity", "rule", "finding", "place", "model"], rows, search=True)
    way_back = f'<p><a href="index.html">{escape(title)}</a></p>'
    return _page(f"Findings in {title}", f"{way_back}\n<h1>Findings in {escape(title)}</h1>\n{table}")


def _severity(name: str) -> str:
    return f'<span class="{name}">{name}</span>'


def _table(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[tuple[object, str]]], *, search: bool = False
) -> str:
    """Rows of (what it is sorted by, "" for its text; HTML); a heading with # sorts by numbers."""
    shown = "".join(
        "<tr>" + "".join(_cell(head, key, html) for head, (key, html) in zip(heads, row)) + "</tr>\n" for row in rows
    )
    titles = "".join(
        f'<th scope="col"{" class=number" * head.startswith("#")}>'
        f'<button type="button">{head.lstrip("#")}</button></th>'
        for head in heads
    )
    field = f'<div class="bar"><input type="search" aria-label="Search {name}" placeholder="Search {name}"></div>'
    body = f'<div class="sheet"><table><thead><tr>{titles}</tr></thead><tbody>\n{shown}</tbody></table></div>'
    return f'<section id="{name}">{field * search}{body}</section>'


def _cell(head: str, key: object, html: str) -> str:
    kind = ' class="number"' if head.startswith("#") and head != "#severity" else ""
    return f"<td{kind}{'' if key == '' else f' data-key={str(key)!r}'}>{html}</td>"


def _page(title: str, content: str) -> str:
    head = '<link rel="stylesheet" href="assets/style.css">\n<script src="assets/report.js" defer></script>'
    return document(title, head, f'<main class="report">\n{content}\n</main>')


def percent(part: int, whole: int) -> str:
    """`98 %`; not 100 where something is missing, and a dash for nothing."""
    if not whole:
        return "–"  # noqa: RUF001
    return "100 %" if part == whole else f"{min(99, int(100 * part / whole + 0.5))} %"


def data(title: str, entries: Sequence[Entry], report: Report) -> dict[str, Any]:
    """The report as data."""
    found = findings(report)
    return {
        "generator": "archlint",
        "version": __version__,
        "title": title,
        "files": report.files,
        "models": [asdict(one) for one in entries],
        "findings": dict(sorted(Counter(one.code for one in found).items())),
        "errors": [{"path": path, "message": why} for path, why in report.errors],
    }


def assets() -> dict[str, str]:
    """What the pages share, by file name."""
    return {name: asset(parts) for name, parts in ASSETS.items()}

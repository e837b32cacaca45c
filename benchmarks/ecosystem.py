"""What the default rules find in real code: `python -m benchmarks.ecosystem [--corpus NAME] [--write] [--record]`."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from archlint.check import apply
from archlint.options import Options
from archlint.plugins import load_rules
from archlint.project import Project
from archlint.repeated import shown_once
from archlint.rule import Rule, rules
from archlint.selection import enabled
from archlint.suppress import suppress
from benchmarks import pool, tables
from benchmarks.corpora import Corpus, corpora
from benchmarks.evaluated import evaluated, forget_others
from benchmarks.recorded import RECORD, TRIAGE, Found, Run, Triage, fingerprint, read, triage, written

ROOT = Path(__file__).parent.parent
README = Path(__file__).parent / "README.md"
Task = tuple[str, str, str, tuple[str, ...]]
"""Corpus, its root, a file below it, selectors."""


@dataclass(slots=True)
class Seen:
    """One file: its lines, models, findings, and what went wrong."""

    lines: int = 0
    models: int = 0
    found: set[tuple[Found, int]] = field(default_factory=set)
    internal: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> None:
    """Check the corpora, say what was added and removed against the record, and what nobody has judged."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--corpus", action="append", choices=[c.name for c in whole()])
    parser.add_argument("--file", action="append", default=[], help="only files whose path contains this")
    parser.add_argument("--select", action="append", default=[], help="only these rules; models are evaluated once")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=300, help="wall limit per file")
    parser.add_argument("--record", action="store_true", help="make this run the recorded one")
    parser.add_argument("--write", action="store_true", help="put the table of the record into benchmarks/README.md")
    chosen = parser.parse_args(arguments)
    if chosen.record and (chosen.file or chosen.select):
        parser.error("--record takes whole corpora and the default rules")
    select = tuple(chosen.select)
    own = {r.code for r in _rules(select)}  # a pack that cannot be loaded fails here, once
    forget_others()
    record = read(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    judged = triage(TRIAGE.read_text(encoding="utf-8")) if TRIAGE.exists() else Triage({})
    for corpus in whole():
        if not chosen.corpus or corpus.name in chosen.corpus:
            run = measure(corpus, chosen.file, select, chosen.jobs, chosen.seconds)
            before = record.get(corpus.name, Run(corpus.version)).found
            before = Counter({f: n for f, n in before.items() if f.code in own and _named(f.path, chosen.file)})
            print(
                "\n".join(changes(corpus.name, before, run, judged, whole=not chosen.file and not select)), flush=True
            )
            if chosen.record:
                record[corpus.name] = run
                RECORD.write_text(written(record), encoding="utf-8")
    print(report(record, judged))
    if chosen.write:
        tables.write(README, "ecosystem", report(record, judged))


def whole() -> list[Corpus]:
    """Every corpus that is not a part of another."""
    return [corpus for corpus in corpora(wide=True) if not corpus.package]


def _named(path: str, only: Sequence[str]) -> bool:
    return not only or any(part in path for part in only)


def measure(corpus: Corpus, only: Sequence[str], select: tuple[str, ...], jobs: int, seconds: float) -> Run:
    """Every file of a corpus."""
    root = corpus.fetch()
    tasks = [(corpus.name, str(root), path, select) for path in corpus.paths(root) if _named(path, only)]
    run, found = Run(corpus.version, {"files": len(tasks)}), set[tuple[Found, int]]()
    numbers: Counter[str] = Counter()
    for outcome in pool.run(check, tasks, jobs, seconds):
        if outcome.failure:
            print(f"   not finished: {outcome.task[2]}: {outcome.failure}", file=sys.stderr)
            numbers["unfinished"] += 1
            continue
        seen: Seen = outcome.result
        numbers.update(lines=seen.lines, models=seen.models, unfinished=len(seen.internal))
        for error in seen.internal:
            print(f"   internal error: {outcome.task[2]}: {error}", file=sys.stderr)
        found |= seen.found
    run.found.update(finding for finding, _ in found)
    run.numbers |= {k: numbers[k] for k in ("lines", "models", "unfinished")}
    return run


@lru_cache(maxsize=1)
def _project(root: str) -> Project:
    os.chdir(root)
    return Project.of_paths([])


@lru_cache(maxsize=1)
def _rules(select: tuple[str, ...]) -> list[Rule]:
    sys.path.append(str(ROOT / "rules"))  # the pack need not be installed
    load_rules("archlint_rules")
    active = enabled(rules(), select, ())
    return [rule for rule in rules().values() if rule.code in active]


def check(task: Task) -> Seen:
    """One file.  A finding in a file that others import too is one finding: its place goes along."""
    corpus, root, path, select = task
    project, active = _project(root), _rules(select)
    source = project.read(path)
    seen = Seen(lines=source.count(b"\n") if source else 0)
    if project.may_hold_model(path):
        result = evaluated(project, Path(root), path)
        seen.models = len(result.models)
        apply(active, result, Options())
        for one in shown_once(suppress(result.diagnostics, project.source).kept):
            found = Found(corpus, one.path, one.code, one.severity, fingerprint(one.finding.message))
            seen.found.add((found, one.finding.span.start))
        seen.internal = result.internal_errors
    return seen


def changes(name: str, before: Mapping[Found, int], run: Run, judged: Triage, whole: bool) -> list[str]:
    """What a reviewer reads: findings that came and went, warnings without a verdict, verdicts without a finding."""
    lines = [f"== {name} {run.version}: {sum(run.found.values())} findings in {run.numbers['files']} files"]
    for found in sorted({*before, *run.found}):
        more = run.found.get(found, 0) - before.get(found, 0)
        if more:
            lines.append(f"{'+' if more > 0 else '-'} {abs(more)} {found.line}")
    lines += [f"? not judged: {found.line}" for found in sorted(unjudged(run.found, judged))]
    if whole:
        lines += [f"? judged, not found any more: {' '.join(key[1:])}" for key in judged.gone(run.found, [name])]
    return lines


def unjudged(found: Iterable[Found], judged: Triage) -> list[Found]:
    """Errors and warnings that nobody has looked at."""
    return [f for f in found if f.severity != "info" and judged.of(f) is None]


def report(record: Mapping[str, Run], judged: Triage) -> str:
    """The table of the recorded runs; false are warnings and errors that hands found wrong, or have not judged."""
    head = ("corpus", "files", "lines", "models", "errors", "warnings", "infos", "not judged", "false",
            "false per 10,000 lines", "unfinished")  # fmt: skip
    rows, total = [], Run("")
    for name, run in sorted(record.items()):
        rows.append(_row(f"{name} {run.version}", run, judged))
        total.numbers = {key: total.numbers.get(key, 0) + value for key, value in run.numbers.items()}
        total.found.update(run.found)
    return tables.table(head, [*rows, _row("all", total, judged)] if len(rows) > 1 else rows)


def _row(name: str, run: Run, judged: Triage) -> tuple[object, ...]:
    counts = Counter[str]()
    for found, times in run.found.items():
        counts[found.severity] += times
        counts["false"] += times * (found.severity != "info" and judged.of(found) is False)
    open_ones = sum(run.found[f] for f in unjudged(run.found, judged))
    numbers = run.numbers
    rate = f"{10_000 * (counts['false'] + open_ones) / max(numbers['lines'], 1):.2f}"
    levels = (counts[level] for level in ("error", "warning", "info"))
    sizes = (numbers[key] for key in ("files", "lines", "models"))
    return name, *sizes, *levels, open_ones, counts["false"], rate, numbers["unfinished"]


if __name__ == "__main__":
    main()

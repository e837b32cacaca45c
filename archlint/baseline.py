"""The findings that were there before: a file of them, and which findings of a run are in it.

    known = read_baseline("archlint-baseline.json")
    held = hold(report, known, files)
    held.report.diagnostics  # what is new
    held.stale               # what is in the file and was not found again

The file names neither lines nor columns nor messages, so that code may move around a finding.  An entry is a rule, the
model and layer (`context`), and a hash of the source line without its spaces; equal ones are counted, and one more than
counted is new.  Where a class is renamed the line still tells, where a line is edited the layer does, and where a file
is renamed both together.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, TypeAlias

from archlint.diagnostic import Diagnostic, Report
from archlint.files import Files
from archlint.fingerprints import line_of
from archlint.text import LineIndex

VERSION = 1


class BaselineError(ValueError):
    """The file cannot be used; the text says why, for the user."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A finding without its place.  context: `Net.conv2`, "" where it is about no layer."""

    rule: str
    context: str
    hash: str


Entries: TypeAlias = dict[str, Counter[Entry]]
"""By path, with `/`, relative to the folder of the baseline."""


@dataclass(slots=True)
class Baseline:
    """The entries of a file, and the absolute path of its folder."""

    folder: str
    files: Entries = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(entries.total() for entries in self.files.values())


@dataclass(slots=True)
class Held:
    """A report held against a baseline.

    report: without the findings that are in it; these are in its `accepted`.  stale: entries that were not found again,
    though their files were looked at, or are gone.  found: file and entry of all that was found.  tells: would the run
    have found an entry of a file?
    """

    report: Report
    stale: Entries
    found: list[tuple[str, Entry]]
    tells: Callable[[str, Entry], bool]


def read_baseline(path: str) -> Baseline:
    """The baseline of a file.  Raises BaselineError."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BaselineError(f"{path} is no baseline: it is not UTF-8") from None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        conflict = "; resolve the merge conflict in it" if "\n<<<<<<< " in f"\n{text}" else ""
        raise BaselineError(f"{path} is no baseline: {error}{conflict}") from None
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise BaselineError(f"{path} is no baseline; --update-baseline writes one, to a file that is not there")
    if content.get("version") != VERSION:
        way = "delete it, and --update-baseline writes it anew"
        raise BaselineError(f"{path} was written by another version of archlint; {way}")
    folder = os.path.dirname(os.path.abspath(path))
    return Baseline(folder, {name: _entries(path, name, found) for name, found in content["files"].items()})


def _entries(path: str, name: str, found: Any) -> Counter[Entry]:
    entries: Counter[Entry] = Counter()
    for one in found if isinstance(found, list) else [None]:
        given = one if isinstance(one, dict) else {}
        values = [value for key in ("rule", "context", "hash") if isinstance(value := given.get(key), str)]
        number = given.get("count", 1)
        if len(values) != 3 or not _positive(number):
            raise BaselineError(f"{path} is no baseline: an entry of {name} has no rule, context, hash and count")
        entries[Entry(*values)] += number
    return entries


def _positive(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number > 0


def written(files: Mapping[str, Counter[Entry]]) -> str:
    """A baseline as text: sorted, an entry a line, so that its differences can be read and merged."""
    shown = {name: entries for name, entries in sorted(files.items()) if entries.total()}
    blocks = []
    for name, entries in shown.items():
        lines = (
            json.dumps({"rule": e.rule, "context": e.context, "hash": e.hash, "count": n}, ensure_ascii=False)
            for e, n in sorted(entries.items())
            if n > 0
        )
        blocks.append(f"    {json.dumps(name, ensure_ascii=False)}: [\n      " + ",\n      ".join(lines) + "\n    ]")
    inside = "\n" + ",\n".join(blocks) + "\n  " if blocks else ""
    return f'{{\n  "version": {VERSION},\n  "files": {{{inside}}}\n}}\n'


def hold(
    report: Report, baseline: Baseline, files: Files, checked: Collection[str], ran: Callable[[str], Collection[str]]
) -> Held:
    """The report without the findings that are in a baseline.

    checked: display paths of the files looked at.  ran: the codes of the rules that ran on one of them.
    """
    names = _Names(baseline.folder, files)
    failed = {path for path, _ in report.errors} | {error.partition(": ")[0] for error in report.internal_errors}
    looked_at = {names.of(path): path for path in checked if path not in failed}
    found = sorted(report.diagnostics, key=lambda d: (d.finding.span, d.code, d.model, d.finding.message))
    entries = [(names.of(one.path), _entry(one, report.texts)) for one in found]
    left = {name: Counter(counted) for name, counted in baseline.files.items()}
    gone = {name: counted for name, counted in left.items() if not files.is_file(names.absolute(name))}
    accepted = {id(one) for one, yes in zip(found, _taken(entries, left, gone)) if yes}

    def tells(name: str, entry: Entry) -> bool:
        """Would this run have found it?"""
        return name in gone or (name in looked_at and entry.rule in ran(looked_at[name]))

    stale = {
        name: Counter({entry: number for entry, number in counted.items() if number > 0 and tells(name, entry)})
        for name, counted in left.items()
    }
    kept = [one for one in report.diagnostics if id(one) not in accepted]
    known = [one for one in report.diagnostics if id(one) in accepted]
    stale = {name: counted for name, counted in stale.items() if counted}
    return Held(replace(report, diagnostics=kept, accepted=known), stale, entries, tells)


def _taken(found: list[tuple[str, Entry]], left: Entries, gone: Entries) -> list[bool]:
    """Which findings are in the baseline.  What is taken of it is no longer in `left`, nor in `gone`, a part of it.

    In each step the earlier findings of a file come first, so that of equal ones the last are new.
    """
    taken = [False] * len(found)
    steps: list[Callable[[Entry, Entry], bool]] = [
        lambda a, b: a == b,
        lambda a, b: (a.rule, a.hash) == (b.rule, b.hash),  # the class was renamed
        lambda a, b: bool(a.context) and (a.rule, a.context) == (b.rule, b.context),  # the line was edited
    ]
    for alike in steps:
        for place, (name, entry) in enumerate(found):
            if not taken[place]:
                taken[place] = _take(entry, left.get(name), alike)
    for place, (name, entry) in enumerate(found):
        if not taken[place] and name not in gone:
            taken[place] = any(_take(entry, counted, steps[0]) for counted in gone.values())
    return taken


def _take(entry: Entry, counted: Counter[Entry] | None, alike: Callable[[Entry, Entry], bool]) -> bool:
    for other in [entry, *sorted(counted)] if counted else []:
        if counted and counted[other] > 0 and alike(entry, other):
            counted[other] -= 1
            return True
    return False


def _entry(found: Diagnostic, texts: dict[str, LineIndex]) -> Entry:
    context = ".".join(part for part in (found.model, found.finding.layer) if part)
    line = "".join(line_of(found, texts).split())
    mark = blake2b(line.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return Entry(found.code, context, mark)


@dataclass(slots=True)
class _Names:
    """Paths as the baseline writes them."""

    folder: str
    files: Files

    def of(self, display: str) -> str:
        path = self.files.absolute(display)
        with suppress(ValueError):  # on another drive of Windows
            path = os.path.relpath(path, self.folder)
        return path.replace(os.sep, "/").encode("utf-8", "replace").decode()

    def absolute(self, name: str) -> str:
        return os.path.normpath(os.path.join(self.folder, name))


def updated(before: Baseline, held: Held) -> Entries:
    """What was found, and the entries of which the run says nothing: of other files, of rules that did not run."""
    after = {
        name: Counter({entry: number for entry, number in counted.items() if not held.tells(name, entry)})
        for name, counted in before.files.items()
    }
    for name, entry in held.found:
        after.setdefault(name, Counter())[entry] += 1
    return after


def pruned(before: Baseline, stale: Mapping[str, Counter[Entry]]) -> Entries:
    """The baseline without its stale entries."""
    return {name: counted - stale.get(name, Counter()) for name, counted in before.files.items()}

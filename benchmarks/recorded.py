"""The record of what is found in the corpora, and its hand triage: plain text, so that a change is read in a diff."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
RECORD = HERE / "ecosystem.txt"
TRIAGE = HERE / "triage.toml"

_PLACES = re.compile(r"\b(lines?) \d+(?:[-\N{EN DASH}, and]+\d+)*")
_HEAD = re.compile(r"== (?P<name>\S+) (?P<version>\S+)(?P<numbers>(?: \w+=\d+)*)")


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One finding without its place in the file: what stays the same when lines move."""

    corpus: str
    path: str
    code: str
    severity: str
    message: str

    @property
    def line(self) -> str:
        return f"{self.path} {self.code} {self.severity}: {self.message}"


@dataclass(slots=True)
class Run:
    """One corpus: its version, numbers (`files lines models unfinished`), its findings and how often each."""

    version: str
    numbers: dict[str, int] = field(default_factory=dict)
    found: Counter[Found] = field(default_factory=Counter)


def fingerprint(message: str) -> str:
    """The message without numbers of lines."""
    return " ".join(_PLACES.sub(r"\1 …", message).split())


def read(text: str) -> dict[str, Run]:
    """The record as it was written.  Raises ValueError for a line that is none of it."""
    runs: dict[str, Run] = {}
    corpus = ""
    for line in filter(str.strip, text.splitlines()):
        if head := _HEAD.fullmatch(line):
            corpus = head["name"]
            pairs = (part.split("=") for part in head["numbers"].split())
            runs[corpus] = Run(head["version"], {name: int(value) for name, value in pairs})
            continue
        times, _, rest = line.partition(" ")
        parts = rest.split(" ", 3)
        if not corpus or len(parts) != 4 or not times.isdigit():
            raise ValueError(f"not a line of the record: {line}")
        found = Found(corpus, parts[0], parts[1], parts[2].rstrip(":"), parts[3])
        runs[corpus].found[found] = int(times)
    return runs


def written(runs: Mapping[str, Run]) -> str:
    """The record as text: a head for each corpus, a line for each finding with how often it is there."""
    parts = []
    for name, run in sorted(runs.items()):
        numbers = "".join(f" {key}={value}" for key, value in run.numbers.items())
        lines = [f"{times} {found.line}" for found, times in sorted(run.found.items())]
        parts.append("\n".join([f"== {name} {run.version}{numbers}", *lines]))
    return "\n\n".join(parts) + "\n"


@dataclass(slots=True)
class Triage:
    """What hands have judged: True for a finding that is right, with the reason."""

    verdicts: dict[tuple[str, str, str, str], tuple[bool, str]]

    def of(self, found: Found) -> bool | None:
        """Is the finding right?  None where nobody looked."""
        verdict = self.verdicts.get((found.corpus, found.path, found.code, found.message))
        return verdict[0] if verdict else None

    def gone(self, found: Iterable[Found], corpora: Iterable[str]) -> list[tuple[str, str, str, str]]:
        """Judged findings of these corpora that are not found any more."""
        there, names = {(f.corpus, f.path, f.code, f.message) for f in found}, set(corpora)
        return [key for key in self.verdicts if key[0] in names and key not in there]


def triage(text: str) -> Triage:
    """The triage file.  Raises ValueError for an entry without a verdict, a reason, or a twin."""
    verdicts: dict[tuple[str, str, str, str], tuple[bool, str]] = {}
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    for entry in toml.loads(text).get("finding", ()):
        key = (entry["corpus"], entry["path"], entry["code"], entry["message"])
        if entry.get("verdict") not in ("true", "false") or not entry.get("why") or key in verdicts:
            raise ValueError(f"no verdict, no reason, or a second one: {' '.join(key)}")
        verdicts[key] = (entry["verdict"] == "true", entry["why"])
    return Triage(verdicts)

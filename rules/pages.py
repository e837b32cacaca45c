"""Reads a Markdown page: its headings, and the examples under each, with what they claim.

A Python fence is an example, checked on its own.  A fence with a file name before it (`` `block.py`: ``) is a
further file of the example that the next fence without a name closes.  Claims are comments:

    # error: [ARC106]                       a finding of that code or name on this line (also warning, info)
    # error: [ARC106] "kernel 3"            and its message holds this text
    # shape: (N, 64, 112, 112)              shape of the value bound, returned or made on this line
    # unknown: load_config                  that value is unknown; the text, if any, is in the reason

A claim on a line of its own is about the next line.  A `text snapshot` fence holds the rendered findings of the
example before it.  A `python no_run` fence is checked, but not executed as the others are: its
framework is history, or it needs other arguments.  A `python fixed` fence is no example: it holds
what `--fix --unsafe-fixes` makes of the example before it.  A `toml` fence holds settings of the example after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BLOCK = re.compile(
    r"^(?P<hashes>\#{1,6})[ ](?P<title>[^\n]+)$"
    r"|^(?:`(?P<name>[\w./-]+\.py)`:[ ]*\n\n?)?```(?P<lang>\w*)(?P<more>[^\n]*)\n(?P<body>.*?)^```[ ]*$",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_CLAIM = re.compile(
    r"\#[ ](?:(?P<severity>error|warning|info):[ ]\[(?P<rule>[\w-]+)\](?:[ ]\"(?P<text>[^\"]*)\")?"
    r"|shape:[ ](?P<shape>[^\#]*[^\#\s])"
    r"|unknown:[ ]?(?P<why>[^\#]*))",
    re.VERBOSE,
)
MAIN = "model.py"
"""The file name of a fence without one."""


@dataclass(frozen=True, slots=True)
class FindingClaim:
    """A finding that must be there; `rule` is a code or a name."""

    path: str
    line: int
    severity: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class ValueClaim:
    """The shape of a value (`shape`), or why it is not known (`unknown`)."""

    path: str
    line: int
    kind: str
    text: str


@dataclass(slots=True)
class Example:
    """Files that are checked together.  `lines`: line of the page before the first line of each file."""

    files: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    snapshot: str | None = None
    fixed: str | None = None
    runs: bool = True
    settings: str = ""

    def findings(self) -> Iterator[FindingClaim]:
        """Findings that the example's comments claim."""
        for path, line, found in self._claims():
            if found["severity"]:
                yield FindingClaim(path, line, found["severity"], found["rule"], found["text"] or "")

    def values(self) -> Iterator[ValueClaim]:
        """Shapes and unknown values that the example's comments claim."""
        for path, line, found in self._claims():
            if found["shape"]:
                yield ValueClaim(path, line, "shape", found["shape"])
            elif found["why"] is not None:
                yield ValueClaim(path, line, "unknown", found["why"].strip())

    def _claims(self) -> Iterator[tuple[str, int, re.Match[str]]]:
        for path, text in self.files.items():
            lines = text.splitlines()
            for number, line in enumerate(lines, 1):
                about = number
                while about < len(lines) and _only_claims(lines[about - 1]):
                    about += 1
                for found in _CLAIM.finditer(line):
                    yield path, about, found


def _only_claims(line: str) -> bool:
    return line.lstrip().startswith("#") and _CLAIM.match(line.lstrip()) is not None


def without_claims(text: str) -> str:
    """An example's text as its readers would have it, without the comments that only claim something."""
    kept = []
    for line in text.splitlines(keepends=True):
        found = _CLAIM.search(line)
        if found is None:
            kept.append(line)
        elif line[: found.start()].strip():
            kept.append(line[: found.start()].rstrip() + "\n")
    return "".join(kept)


@dataclass(slots=True)
class Section:
    """The text under one heading."""

    title: str
    level: int
    line: int
    examples: list[Example] = field(default_factory=list)


def read_page(text: str) -> list[Section]:
    """The page's headings in order, each with its own examples."""
    sections = [Section("", 0, 1)]
    pending: Example | None = None
    settings = ""
    for block in _BLOCK.finditer(text):
        section = sections[-1]
        if block["hashes"]:
            pending = None
            line = text.count("\n", 0, block.start()) + 1
            sections.append(Section(block["title"].strip(), len(block["hashes"]), line))
        elif block["lang"] == "toml":
            settings = block["body"]
        elif block["lang"] in ("python", "py") and block["more"].strip() == "fixed":
            if not section.examples:
                raise ValueError(f"a fixed example without an example under '{section.title}'")
            section.examples[-1].fixed, pending = block["body"], None
        elif block["lang"] in ("python", "py"):
            if pending is None:
                pending, settings = Example(settings=settings), ""
                section.examples.append(pending)
            name = block["name"] or MAIN
            pending.files[name] = block["body"]
            pending.runs = pending.runs and block["more"].strip() != "no_run"
            pending.lines[name] = text.count("\n", 0, block.start("body"))
            if not block["name"]:
                pending = None
        elif block["lang"] == "text" and block["more"].strip() == "snapshot":
            if not section.examples:
                raise ValueError(f"a snapshot without an example under '{section.title}'")
            example, pending = section.examples[-1], None
            example.snapshot = block["body"]
    return [s for s in sections if s.title or s.examples]

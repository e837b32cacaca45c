"""The file that keeps the outcomes of one kind of run: rows by path, and tables of what they depend on.

Rows share what they depend on: hundreds of them import the same modules.  So the tables hold each version of a file and
each look-up of a module once, and a row names them by number.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from archlint.cache.rows import ODD, Json
from archlint.files import Stamp

Held: TypeAlias = tuple[str, str]
"""A file and the digest of what it held."""

LookUp: TypeAlias = tuple[str, int, str, "str | None"]
"""Directory of the importer, leading dots, module, and the file that was found."""


@dataclass(slots=True)
class Row:
    """What is kept of one file.

    own: the number of its version.  key: of its options.  mentions: True for a framework, else what it imports.
    holds: was it evaluated?  If so: versions, look_ups: what its outcome depends on, by number; attributes: (class,
    digest), asked among the files of `population`; others: keys of files it reads that have options of their own.
    outcome: JSON text, "" for an empty one; it is read only when it is wanted.
    """

    own: int
    key: str
    mentions: bool | list[tuple[int, str]]
    holds: bool
    versions: list[int] = field(default_factory=list)
    look_ups: list[int] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    population: str = ""
    others: dict[str, str] = field(default_factory=dict)
    outcome: str = ""

    def written(self) -> Json:
        """As a JSON value."""
        return [
            self.own, self.key, self.mentions, int(self.holds), self.versions, self.look_ups, self.attributes,
            self.population, self.others, self.outcome,
        ]  # fmt: skip

    @classmethod
    def read(cls, value: Json) -> Row:
        """Raises one of ODD."""
        own, key, mentions, holds, versions, look_ups, attributes, population, others, outcome = value
        return cls(own, key, mentions, bool(holds), versions, look_ups, attributes, population, others, outcome)


@dataclass(slots=True)
class Index:
    """Rows by path.  stamps: those of the versions, where they are known."""

    rows: dict[str, Row] = field(default_factory=dict)
    versions: list[Held] = field(default_factory=list)
    stamps: list[Stamp | None] = field(default_factory=list)
    look_ups: list[LookUp] = field(default_factory=list)
    _of_version: dict[Held, int] = field(default_factory=dict)
    _of_look_up: dict[LookUp, int] = field(default_factory=dict)

    def version(self, path: str, digest: str, stamp: Stamp | None) -> int:
        """The number of a version; a newer stamp takes the place of an older one."""
        number = self._of_version.setdefault((path, digest), len(self.versions))
        if number == len(self.versions):
            self.versions.append((path, digest))
            self.stamps.append(stamp)
        elif stamp is not None:
            self.stamps[number] = stamp
        return number

    def has(self, path: str, digest: str) -> bool:
        """Does a row depend on that version of a file?"""
        return (path, digest) in self._of_version

    def look_up(self, asked: LookUp) -> int:
        """The number of a look-up."""
        number = self._of_look_up.setdefault(asked, len(self.look_ups))
        if number == len(self.look_ups):
            self.look_ups.append(asked)
        return number

    def take(self, paths: Iterable[str], other: Index) -> None:
        """Take over rows of another index, with what they depend on."""
        versions: dict[int, int] = {}
        look_ups: dict[int, int] = {}
        for path in paths:
            row = other.rows[path]
            for number in (row.own, *row.versions):
                if number not in versions:
                    held, stamp = other.versions[number], other.stamps[number]
                    versions[number] = self.version(held[0], held[1], stamp)
            for number in row.look_ups:
                if number not in look_ups:
                    look_ups[number] = self.look_up(other.look_ups[number])
            self.rows[path] = Row(
                versions[row.own], row.key, row.mentions, row.holds, [versions[n] for n in row.versions],
                [look_ups[n] for n in row.look_ups], row.attributes, row.population, row.others, row.outcome,
            )  # fmt: skip


def load(file: str, signature: str) -> Index:
    """The index in a file; an empty one where there is none, it is damaged, or something else wrote it."""
    try:
        with open(file, encoding="utf-8") as stream:
            found = json.load(stream)
        if found["signature"] != signature:
            return Index()
        index = Index(
            {path: Row.read(row) for path, row in found["rows"].items()},
            [(path, digest) for path, digest in found["versions"]],
            [None if stamp is None else (stamp[0], stamp[1], stamp[2]) for stamp in found["stamps"]],
            [(folder, level, module, answer) for folder, level, module, answer in found["look_ups"]],
        )
        index._of_version = {held: number for number, held in enumerate(index.versions)}
        index._of_look_up = {asked: number for number, asked in enumerate(index.look_ups)}
    except (OSError, *ODD):
        return Index()
    return index if len(index.stamps) == len(index.versions) else Index()


def store(file: str, signature: str, index: Index) -> None:
    """Write the index: a reader sees the old one or the new one.  Raises OSError."""
    import tempfile

    found = {
        "signature": signature,
        "versions": index.versions,
        "stamps": index.stamps,
        "look_ups": index.look_ups,
        "rows": {path: row.written() for path, row in index.rows.items()},
    }
    handle, temporary = tempfile.mkstemp(prefix=".tmp-", dir=os.path.dirname(file))
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as stream:
            stream.write(json.dumps(found, separators=(",", ":"), check_circular=False))
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise

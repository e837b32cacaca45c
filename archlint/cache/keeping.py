"""One run's view of the cache: which outcomes still hold, which are new."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from archlint.cache import folder as places
from archlint.cache.index import Index, Row, load, store
from archlint.cache.rows import ODD, named, packed, unpacked
from archlint.cache.signature import signature_of
from archlint.files import Stamp
from archlint.options import RunOptions
from archlint.outcome import Outcome
from archlint.plugins import installed_packs, named_packs
from archlint.project import Project
from archlint.questions import Mentions, digest_of_all


@dataclass(slots=True)
class Cache:
    """The index of the runs with the same working directory and directories given.

    changed: is there anything to save?  failure: why it was not saved.
    """

    project: Project
    options: RunOptions
    folder: str
    file: str
    signature: str
    index: Index
    changed: bool = False
    failure: str = ""
    _new: dict[str, Outcome] = field(default_factory=dict)
    _served: dict[str, Outcome] = field(default_factory=dict)
    _given: dict[str, list[tuple[str, int, str]] | None] = field(default_factory=dict)
    _dropped: set[str] = field(default_factory=set)
    _current: dict[str, tuple[str | None, Stamp | None]] = field(default_factory=dict)
    _by_path: dict[str, list[int]] = field(default_factory=dict)
    _version_holds: dict[int, bool] = field(default_factory=dict)
    _look_up_holds: dict[int, bool] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _population: str = ""

    def look_up(self, path: str) -> Outcome | None:
        """What an earlier run found in a file, if that still holds."""
        row = self.index.rows.get(path)
        if row is None:
            return None
        try:
            outcome = self._read(path, row) if self._holds(path, row) else None
        except ODD:
            outcome = None
        if outcome is None:
            self._dropped.add(path)
            self.changed = True
            return None
        self._served[path] = outcome
        self._given[path] = outcome.unused_given
        return outcome

    def keep(self, outcome: Outcome) -> None:
        """Keep a new outcome, unless something went wrong with it."""
        texts = outcome.asked.texts
        read = all(digest is not None for digest, _ in texts.values())
        if not outcome.internal_errors and not outcome.errors and read and outcome.path in texts:
            self._new[outcome.path] = outcome
            self.changed = True

    def save(self) -> None:
        """Write what is new; where that cannot be done, `failure` says why, and nothing is lost but time."""
        judged = any(one.unused_given != self._given[path] for path, one in self._served.items())
        if not self.changed and not judged:
            return
        try:
            places.prepare(self.folder)
            store(self.file, self.signature, self._merged())
            places.throw_away_old(self.folder)
        except (OSError, ValueError) as error:
            self.failure = str(error)

    def fill(self, outcome: Outcome) -> None:
        """Add to an outcome that was looked up what it depends on."""
        if outcome is not self._served.get(outcome.path) or outcome.asked.texts:
            return
        row = self.index.rows[outcome.path]
        for number in (row.own, *row.versions):
            path, digest = self.index.versions[number]
            outcome.asked.texts[path] = digest, None
        for number in row.look_ups:
            folder, level, module, answer = self.index.look_ups[number]
            outcome.asked.modules[folder, level, module] = answer
        outcome.asked.attributes.update({(name, outcome.path): digest for name, digest in row.attributes})

    def _holds(self, path: str, row: Row) -> bool:
        if row.key != self._key(path) or not self._version(row.own):
            return False
        if row.holds != self.project.may_hold_model(path):
            return False
        if not all(map(self._version, row.versions)) or not all(map(self._look_up, row.look_ups)):
            return False
        for number in row.versions:
            read = self.index.versions[number][0]
            if self._key(read) != row.others.get(read, row.key):
                return False
        return row.population == self.population() or all(
            self.project.attributes_digest(name, path) == digest for name, digest in row.attributes
        )

    def _read(self, path: str, row: Row) -> Outcome:
        outcome = unpacked(path, json.loads(row.outcome)) if row.outcome else Outcome(path)
        outcome.holds = row.holds
        known = {self.index.versions[number][0] for number in (row.own, *row.versions)}
        if not named(outcome) <= known:
            raise ValueError(path)
        return outcome

    def _version(self, number: int) -> bool:
        """Does a file hold what it held?"""
        if number not in self._version_holds:
            path, digest = self.index.versions[number]
            self._version_holds[number] = self.current(path)[0] == digest
        return self._version_holds[number]

    def current(self, path: str) -> tuple[str | None, Stamp | None]:
        """What a file holds, as a digest, and its stamp; it is read only where its stamp is not known."""
        if path not in self._current:
            stamp = self.project.stamp(path)
            known = [n for n in self._by_path.get(path, ()) if stamp is not None and self.index.stamps[n] == stamp]
            if known:
                self._current[path] = self.index.versions[known[0]][1], stamp
            else:
                self._current[path] = self.project.digest(path), stamp
                self.changed = self.changed or stamp is not None
        return self._current[path]

    def _look_up(self, number: int) -> bool:
        """Does an import mean what it meant?"""
        if number not in self._look_up_holds:
            folder, level, module, answer = self.index.look_ups[number]
            self._look_up_holds[number] = self.project.resolve_from(folder, level, module) == answer
        return self._look_up_holds[number]

    def population(self) -> str:
        """A digest of all the files that are checked together."""
        if not self._population:
            parts = [part for path in self.project.checked for part in (path, self.current(path)[0] or "")]
            self._population = digest_of_all(parts)
        return self._population

    def _key(self, path: str) -> str:
        if path not in self._keys:
            self._keys[path] = digest_of_all([self.options.key(path), *self.options.ignored(path)])
        return self._keys[path]

    def recall(self, path: str) -> Mentions | None:
        """What the text of a file mentions, if it is the one that was seen."""
        row = self.index.rows.get(path)
        try:
            if row is None or not self._version(row.own):
                return None
            if isinstance(row.mentions, bool):
                return Mentions(row.mentions)
            return Mentions(False, tuple((int(level), str(module)) for level, module in row.mentions))
        except ODD:
            return None

    def _merged(self) -> Index:
        """The rows that are new or still hold, and those of files that this run did not look at."""
        merged, there = Index(), load(self.file, self.signature)
        others = {path for path in there.rows if path not in self._new and path not in self._dropped}
        merged.take([path for path in others if path not in self._served and os.path.exists(path)], there)
        merged.take(self._served, self.index)
        for path, outcome in self._served.items():
            if outcome.unused_given != self._given[path]:
                merged.rows[path].outcome = json.dumps(packed(outcome), separators=(",", ":"))
        for path, outcome in self._new.items():
            merged.rows[path] = self._row(merged, outcome)
        for path, (digest, stamp) in self._current.items():
            if digest is not None and merged.has(path, digest):
                merged.version(path, digest, stamp)
        return merged

    def _row(self, index: Index, outcome: Outcome) -> Row:
        """The row of a new outcome."""
        asked, mentions = outcome.asked, outcome.mentions
        versions = {path: index.version(path, digest or "", stamp) for path, (digest, stamp) in asked.texts.items()}
        own, key = versions[outcome.path], self._key(outcome.path)
        imports = mentions is None or mentions.framework or list(mentions.imports)
        row = Row(own, key, imports, outcome.holds)
        if outcome.holds:
            row.versions = list(versions.values())
            row.look_ups = [index.look_up((*where, answer)) for where, answer in asked.modules.items()]
            row.attributes = [(name, digest) for (name, _), digest in asked.attributes.items()]
            row.population = self.population() if row.attributes else ""
            row.others = {path: self._key(path) for path in asked.texts if self._key(path) != key}
            row.outcome = json.dumps(packed(outcome), separators=(",", ":"))
        return row


def open_cache(project: Project, options: RunOptions, folder: str) -> Cache:
    """The cache for a run, in a directory that need not exist."""
    packs = places.remembered_packs(folder)
    if packs is None:
        packs = installed_packs()
        _remember(folder, packs)
    signature = signature_of([*packs, *named_packs()])
    here = project.files.absolute(os.curdir)
    file = places.index_file(folder, scope_of(here, project.given, options.key(os.path.join(here, "_.py"))))
    index = load(file, signature)
    cache = Cache(project, options, folder, file, signature, index)
    for number, (path, _) in enumerate(index.versions):
        cache._by_path.setdefault(path, []).append(number)
    project.recall = cache.recall
    cache.population()  # what is read from now on may be newer, never older
    return cache


def _remember(folder: str, packs: Sequence[str]) -> None:
    try:
        places.prepare(folder)
        places.remember_packs(folder, packs)
    except OSError:
        pass  # a directory that cannot be written to is no cache


def scope_of(here: str, given: Sequence[str], key: str) -> str:
    """Runs of one scope read paths alike, see the same project around a file, and are asked the same."""
    return digest_of_all([here, key, *sorted({os.path.normpath(os.path.join(here, path)) for path in given})])[:16]

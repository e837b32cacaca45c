"""What a file gave when it was checked before, for an editor that has it checked again after every key.

Models of entry points that did not change are the same objects as before (`interp.kept`), and so are a rule's findings
in them, unless the rule looked at more of the file than the model.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archlint.diagnostic import Diagnostic
from archlint.finding import Finding
from archlint.interp.kept import Kept
from archlint.model import ClassRecord, FileFacts, Model
from archlint.text import Edit, Span

OWN_FILE = ("path",)
"""What a rule may ask of a file's facts without depending on it."""

NUMBERED = re.compile(r"\blines? \d")
"""A text that tells the number of a line is not the same once lines are put above it."""

Place = Callable[[Span], Span]


LONG = 0.05
"""Seconds of rules that are worth putting off."""


class Superseded(Exception):
    """The file was edited while it was checked: what would come out is no longer wanted."""


@dataclass(slots=True)
class Known:
    """Findings in a model by rule: `certain` as long as the model is the same, `last` if nothing else changed."""

    model: Model
    certain: dict[str, list[Diagnostic]] = field(default_factory=dict)
    last: dict[str, list[Diagnostic]] = field(default_factory=dict)


@dataclass(slots=True)
class Keeping:
    """What is kept of one file.

    place: the span that moves with the file's text, for one that a rule made.
    stopped: is the outcome no longer wanted?
    hurried: let a rule that looked at more than the model wait for the next time, if all those take long.
    put_off: was one left to wait?  typing: a statement does not parse for now, models that need it are missing.
    """

    entries: Kept = field(default_factory=Kept)
    place: Place = lambda span: span
    stopped: Callable[[], bool] = lambda: False
    hurried: bool = False
    put_off: bool = False
    typing: bool = False
    found: dict[int, Known] = field(default_factory=dict)
    reused: int = 0
    looking: float = 0.0
    """Seconds that the rules took which look at more than the model, when they all ran."""
    _now: dict[int, Known] = field(default_factory=dict)
    _looked: float = 0.0

    @property
    def complete(self) -> bool:
        """Is everything as a first check would give it?"""
        return not self.entries.late and not self.put_off and not self.typing

    def begin(self) -> None:
        """The file is about to be checked."""
        self._now = {}
        self.reused = self.entries.evaluated = 0
        self.put_off, self._looked = False, 0.0
        self.entries.late = []

    def end(self) -> None:
        """It was: what it no longer gave is let go, but for what there was no time to ask for."""
        if self.complete:
            self.looking = self._looked
        if not self.entries.late and not self.typing:
            self.found = self._now
            held = {id(known.model) for known in self._now.values()}
            records = self.entries.records
            gone = [k for k, r in records.items() if r.models and held.isdisjoint(map(id, r.models))]
            for name in gone:
                del records[name]
        else:
            self.found |= self._now

    def abandon(self) -> None:
        """The check was not finished; what is known by now still holds."""
        self.found |= self._now

    def findings(self, code: str, model: Model, run: Callable[[], list[Diagnostic]]) -> list[Diagnostic]:
        """The findings of a rule in a model.  Raises Superseded."""
        if self.stopped():
            raise Superseded
        own = self._now.get(id(model)) or self.found.get(id(model)) or Known(model)
        self._now[id(model)] = own
        known = own.certain.get(code)
        if known is None and self.hurried and self.looking > LONG and code in own.last:
            known, self.put_off = own.last[code], True
        if known is not None:
            self.reused += 1
            return known
        started = time.thread_time()
        found = self._run(code, own, run)
        if code not in own.certain:
            self._looked += time.thread_time() - started
        return found

    def _run(self, code: str, own: Known, run: Callable[[], list[Diagnostic]]) -> list[Diagnostic]:
        model = own.model
        facts, classes = model.file, model.classes
        watched, watched_classes = Watched(facts), WatchedClasses(classes)
        if facts is not None:
            model.file = watched  # type: ignore[assignment]
        model.classes = watched_classes  # type: ignore[assignment]
        try:
            found = run()
        finally:
            model.file, model.classes = facts, classes
        found = [placed(one, self.place) for one in found]
        if not watched.asked and not watched_classes.asked and not any(_numbered(one.finding) for one in found):
            own.certain[code] = found
        else:
            own.last[code] = found
        return found


def placed(one: Diagnostic, place: Place) -> Diagnostic:
    """A finding with spans that move with the file's text."""
    finding = one.finding
    moved = replace(
        finding,
        span=place(finding.span),
        related=tuple(replace(label, span=place(label.span)) for label in finding.related),
        edits=tuple(Edit(place(edit.span), edit.text) for edit in finding.edits),
    )
    return replace(one, finding=moved)


def _numbered(finding: Finding) -> bool:
    texts = (finding.message, finding.label, finding.help, *finding.notes, *(label.text for label in finding.related))
    return any(NUMBERED.search(text) for text in texts)


class Watched:
    """Stands in for the facts of a file while a rule looks at a model; knows whether the rule asked for any."""

    __slots__ = ("_facts", "asked")

    def __init__(self, facts: FileFacts | None) -> None:
        self._facts = facts
        self.asked = False

    def __getattr__(self, name: str) -> Any:
        if name not in OWN_FILE:
            self.asked = True
        return getattr(self._facts, name)


class WatchedClasses(Mapping[str, ClassRecord]):
    """The same for what is known of the file's classes."""

    def __init__(self, classes: Mapping[str, ClassRecord]) -> None:
        self._classes = classes
        self.asked = False

    def __getitem__(self, name: str) -> ClassRecord:
        self.asked = True
        return self._classes[name]

    def __iter__(self) -> Iterator[str]:
        self.asked = True
        return iter(self._classes)

    def __len__(self) -> int:
        self.asked = True
        return len(self._classes)

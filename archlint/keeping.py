"""What a file gave when it was checked before, for an editor that has it checked again after every key.

Models of entry points that did not change are the same objects as before (`interp.reuse.entry_points`), and so are a
rule's findings in them, unless the rule looked at more of the file than the model.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archlint.diagnostic import Diagnostic
from archlint.finding import Finding
from archlint.interp.reuse.entry_points import Kept
from archlint.model import ClassRecord, FileFacts, Model
from archlint.questions import Questions
from archlint.text import Edit, Span

OWN_FILE = ("path",)
"""What a rule may ask of a file's facts without depending on it."""

OF_CODE = frozenset(["index", "imports", "models", "calls", "slips", "guards", "flow", "classes"])
"""What is the same as long as all statements and all models are, whatever the comments say and wherever they stand."""

NUMBERED = re.compile(r"\blines? \d")
"""A text that tells the number of a line is not the same once lines are put above it."""

Place = Callable[[Span], Span]


LONG = 0.05
"""Seconds of rules that are worth putting off, those that take more than `SHORT` each."""

SHORT = 0.001


class Superseded(Exception):
    """The file was edited while it was checked: what would come out is no longer wanted."""


@dataclass(slots=True)
class Last:
    """Findings of a rule that looked at the file.  code: the version of that; None if comments or places count, too."""

    found: list[Diagnostic]
    code: int | None


@dataclass(slots=True)
class Known:
    """Findings in a model by rule: `certain` as long as the model is the same, `last` if nothing else changed."""

    model: Model
    certain: dict[str, list[Diagnostic]] = field(default_factory=dict)
    last: dict[str, Last] = field(default_factory=dict)


@dataclass(slots=True)
class Keeping:
    """What is kept of one file.

    place: the span that moves with the file's text, for one that a rule made.
    stopped: is the outcome no longer wanted?
    hurried: let a rule that looked at more than the model wait for the next time, if all those take long.
    put_off: was one left to wait?  typing: a statement does not parse for now, models that need it are missing.
    asked: what the check under way asks of the project.
    """

    entries: Kept = field(default_factory=Kept)
    place: Place = lambda span: span
    stopped: Callable[[], bool] = lambda: False
    hurried: bool = False
    put_off: bool = False
    typing: bool = False
    asked: Questions | None = None
    found: dict[int, Known] = field(default_factory=dict)
    in_file: dict[str, Last] = field(default_factory=dict)
    """By rule, the findings of those that look at the file as a whole."""
    reused: int = 0
    fresh: float = 0.0
    """Seconds of rules in models that were new."""
    costs: dict[str, float] = field(default_factory=dict)
    """By rule, the seconds of those that look at more than the model, when they last ran on everything."""
    code: int = 0
    """Another number for every other state of the code: its statements and its models."""
    _state: tuple[list[Any], list[Model]] = field(default_factory=lambda: ([], []))
    _now: dict[int, Known] = field(default_factory=dict)
    _cost: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Is everything as a first check would give it?"""
        return not self.entries.late and not self.put_off and not self.typing

    def begin(self) -> None:
        """The file is about to be checked."""
        self._now = {}
        self.reused = self.entries.evaluated = 0
        self.fresh = self.entries.spent = 0.0
        self.put_off, self._cost = False, {}
        self.entries.late = []

    def end(self) -> None:
        """It was: what it no longer gave is let go, but for what there was no time to ask for."""
        if self.complete:
            self.costs |= self._cost
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

    def built(self, chunks: list[Any], models: list[Model]) -> None:
        """The file was evaluated: is the code what it was?"""
        then = self._state
        self._state = list(chunks), list(models)
        if any(len(a) != len(b) or any(x is not y for x, y in zip(a, b)) for a, b in zip(then, self._state)):
            self.code += 1

    def _waits(self, code: str) -> bool:
        """Is the rule put off, of those that look at more than the model?"""
        return self.hurried and self.costs.get(code, 0.0) > SHORT and sum(self.costs.values()) > LONG

    def in_whole(self, code: str, facts: FileFacts, run: Callable[[FileFacts], list[Diagnostic]]) -> list[Diagnostic]:
        """The findings of a rule in the file as a whole.  Raises Superseded."""
        if self.stopped():
            raise Superseded
        if self.entries.late or self.typing:
            return []  # they are about models that are missing: those of before are shown
        known = self.in_file.get(code)
        if known is not None and known.code == self.code:
            self.reused += 1
            return known.found
        if known is not None and self._waits(code):
            self.put_off = True
            return [one for one in known.found if self.place(one.finding.span) is one.finding.span]
        started = time.thread_time()
        watched = Watched(facts)
        for model in facts.models:
            model.file = watched  # type: ignore[assignment]
        try:
            found = run(watched)  # type: ignore[arg-type]
        finally:
            for model in facts.models:
                model.file = facts
        found = [placed(one, self.place) for one in found]
        self.in_file[code] = Last(found, self._lasting(watched, found))
        self._cost[code] = time.thread_time() - started
        return found

    def _lasting(self, watched: Watched, found: list[Diagnostic]) -> int | None:
        return self.code if watched.asked <= OF_CODE and not any(_numbered(one.finding) for one in found) else None

    def findings(self, code: str, model: Model, run: Callable[[], list[Diagnostic]]) -> list[Diagnostic]:
        """The findings of a rule in a model.  Raises Superseded."""
        if self.stopped():
            raise Superseded
        own = self._now.get(id(model)) or self.found.get(id(model)) or Known(model)
        self._now[id(model)] = own
        known, last = own.certain.get(code), own.last.get(code)
        if known is None and last is not None and last.code == self.code:
            known = last.found
        elif known is None and last is not None and self._waits(code):
            known, self.put_off = last.found, True
        if known is not None:
            self.reused += 1
            return known
        started = time.thread_time()
        found = self._run(code, own, run)
        taken = time.thread_time() - started
        self.fresh += taken if last is None else 0.0
        if code not in own.certain:
            self._cost[code] = self._cost.get(code, 0.0) + taken
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
            asked = watched.asked | ({"classes"} if watched_classes.asked else set())
            lasts = asked <= OF_CODE and not any(_numbered(one.finding) for one in found)
            own.last[code] = Last(found, self.code if lasts else None)
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
    """Stands in for the facts of a file while a rule looks at a model; knows which of them the rule asked for."""

    __slots__ = ("_facts", "asked")

    def __init__(self, facts: FileFacts | None) -> None:
        self._facts = facts
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name not in OWN_FILE:
            self.asked.add(name)
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

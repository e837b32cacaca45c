"""Which models of two states correspond, and what changed in each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from typing import Any

from archlint.comparison.layers import LayerChanges, compare_layers
from archlint.drawing.picture import Mark, Picture
from archlint.facts.table import Count

VERSION = 1
WORDS = re.compile(r"[^\W\d_]{2,}")
ALIKE = 0.8
"""Share of layers in common from which a model that is gone and one that is new are the same, renamed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding that came or went.  place: `path:line`, where it is (or was)."""

    code: str
    severity: str
    message: str
    place: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model as a whole: name, file, framework, layer calls, trainable numbers, multiply-accumulates."""

    model: str
    path: str
    line: int
    framework: str
    layers: int
    params: Count
    macs: Count


@dataclass(slots=True)
class ModelChange:
    """A model in both states.  inputs, outputs: (name, before, after), "" for one that is not there."""

    before: ModelRow
    after: ModelRow
    inputs: list[tuple[str, str, str]]
    outputs: list[tuple[str, str, str]]
    layers: LayerChanges
    found: list[Found]
    gone: list[Found]
    understood: tuple[bool, bool] = (True, True)
    """Was all of it understood, before and after?"""

    @property
    def renamed(self) -> bool:
        """Has it another name, or stands in another file?"""
        return (self.before.model, self.before.path) != (self.after.model, self.after.path)

    def __bool__(self) -> bool:
        same = (self.before.params, self.before.macs) == (self.after.params, self.after.macs)
        return bool(self.layers or self.inputs or self.outputs or self.found or self.gone or self.renamed or not same)


@dataclass(slots=True)
class Comparison:
    """All models that a change reaches.  same: how many of them are as they were."""

    old: str
    new: str
    changed: list[ModelChange] = field(default_factory=list)
    added: list[ModelRow] = field(default_factory=list)
    removed: list[ModelRow] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    gone: list[Found] = field(default_factory=list)
    same: int = 0
    drawn: dict[int, Picture] = field(default_factory=dict)
    """By the place in `changed`, the model as it is now."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed or self.found or self.gone)

    def to_json(self) -> dict[str, Any]:
        """The same as dictionaries, lists, strings and numbers."""
        found = asdict(self)
        del found["drawn"]
        return {"version": VERSION, **found}


def compare(
    old: Sequence[Picture], new: Sequence[Picture], renamed: Mapping[str, str], names: tuple[str, str]
) -> Comparison:
    """Hold the models of two states against each other.  renamed: path before -> path after."""
    result = Comparison(*names)
    pairs, removed, added = paired_models(old, new, renamed)
    for a, b in pairs:
        change = _compared(a, b, renamed)
        if change:
            result.drawn[len(result.changed)] = b
            result.changed.append(change)
        else:
            result.same += 1
    result.removed = [row_of(one) for one in removed]
    result.added = [row_of(one) for one in added]
    return result


def paired_models(
    old: Sequence[Picture], new: Sequence[Picture], renamed: Mapping[str, str]
) -> tuple[list[tuple[Picture, Picture]], list[Picture], list[Picture]]:
    """(the same model before and after, those that are gone, those that are new)."""
    waiting: dict[tuple[str, str], list[Picture]] = {}
    for one in new:
        waiting.setdefault((one.place.path, one.model), []).append(one)
    pairs, gone = [], []
    for one in old:
        same = waiting.get((renamed.get(one.place.path, one.place.path), one.model))
        if same:
            pairs.append((one, same.pop(0)))
        else:
            gone.append(one)
    left = [one for ones in waiting.values() for one in ones]
    for one in list(gone):
        best = max(left, key=lambda other: _alike(one, other), default=None)
        if best is not None and _alike(one, best) >= (ALIKE if one.model != best.model else ALIKE / 2):
            pairs.append((one, best))
            gone.remove(one)
            left = [other for other in left if other is not best]
    order = {id(one): place for place, one in enumerate(new)}
    return sorted(pairs, key=lambda pair: order[id(pair[1])]), gone, sorted(left, key=lambda one: order[id(one)])


def _alike(a: Picture, b: Picture) -> float:
    if a.framework != b.framework or not a.totals or abs(len(a.boxes) - len(b.boxes)) > len(a.boxes):
        return 0.0
    tokens = [[(box.op_name, box.arguments) for box in one.boxes] for one in (a, b)]
    return SequenceMatcher(None, tokens[0], tokens[1], autojunk=False).ratio()


def _compared(a: Picture, b: Picture, renamed: Mapping[str, str]) -> ModelChange:
    found, gone = came_and_went(a.marks, b.marks)
    return ModelChange(
        before=row_of(a),
        after=row_of(b),
        inputs=_ends(a, b, "input"),
        outputs=_ends(a, b, "output"),
        layers=compare_layers(a, b),
        found=found,
        gone=gone,
        understood=(a.understood[0] == a.understood[1], b.understood[0] == b.understood[1]),
    )


def row_of(picture: Picture) -> ModelRow:
    """A model in a row."""
    totals = picture.totals
    place = picture.place
    return ModelRow(
        picture.model, place.path, place.line, picture.framework, picture.understood[1], totals.trainable, totals.macs
    )


def _ends(a: Picture, b: Picture, kind: str) -> list[tuple[str, str, str]]:
    """Inputs or outputs that differ, by name."""
    before, after = ({box.path: box.shape for box in one.boxes if box.kind == kind} for one in (a, b))
    names = dict.fromkeys((*before, *after))
    return [(n, before.get(n, ""), after.get(n, "")) for n in names if before.get(n) != after.get(n)]


def came_and_went(before: Iterable[Mark], after: Iterable[Mark]) -> tuple[list[Found], list[Found]]:
    """The findings that are new, and those that are gone.

    One that says the same in another place, or of other numbers, is neither.
    """
    old, new = ([_found(mark) for mark in marks] for marks in (before, after))
    for likeness in (_message, _wording):
        old, new = _without(old, new, likeness), _without(new, old, likeness)
    return new, old


def _message(one: Found) -> tuple[str, ...]:
    return one.code, one.message


def _wording(one: Found) -> tuple[str, ...]:
    return one.code, *WORDS.findall(one.message)


def _found(mark: Mark) -> Found:
    return Found(mark.code, mark.severity, mark.message, "" if mark.place is None else str(mark.place))


def _without(ones: Sequence[Found], others: Sequence[Found], likeness: Callable[[Found], object]) -> list[Found]:
    left = Counter(map(likeness, others))
    kept = []
    for one in ones:
        if left[likeness(one)]:
            left[likeness(one)] -= 1
        else:
            kept.append(one)
    return kept

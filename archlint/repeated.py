"""One place, one finding: what a rule says there of several models or layers is shown once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from archlint.diagnostic import Diagnostic

_SEVERITIES = ("error", "warning", "info")
_QUOTED = re.compile(r"`[^`]*`")
_WORD = re.compile(r"[^\W\d_]{3,}")
_NAMED = 3
"""Models that a note names."""


def shown_once(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The worst, else the shortest, of those that differ in names and numbers only; sorted by place.

    A fix is kept only if all of them have the same: another one suits one of the models alone.
    """
    groups: dict[object, list[Diagnostic]] = {}
    for one in sorted(found, key=_rank):
        groups.setdefault((one.code, one.finding.span, one.standing, _wording(one)), []).append(one)
    return sorted(_of_one_place(_first(group) for group in groups.values()), key=_place)


def _of_one_place(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What two rules say under one place in the same words, of two models, is one defect: `25088 declared`.

    One model is called with a picture, whose size the message has; the other may be given any size.
    """
    kept: dict[object, Diagnostic] = {}
    for one in found:
        label = one.finding.label
        key = (one.finding.span, label, one.severity, one.standing) if label and one.model else id(one)
        first = kept.setdefault(key, one)
        if first is not one and first.code != one.code and first.model != one.model:
            more = f"the same, in other words, in `{one.model}`"
            kept[key] = replace(
                first, finding=replace(first.finding, notes=(*first.finding.notes, more), edits=(), safe=False)
            )
        elif first is not one:
            kept[id(one)] = one
    return list(kept.values())


def _rank(one: Diagnostic) -> tuple[object, ...]:
    message = one.finding.message
    return one.path, one.finding.span.start, one.code, _SEVERITIES.index(one.severity), len(message), message, one.model


def _place(one: Diagnostic) -> tuple[object, ...]:
    return one.path, one.finding.span.start, one.code, one.finding.message


def _wording(one: Diagnostic) -> tuple[str, ...]:
    """The message without what is quoted, sizes and symbols: "`a.fc` receives (N, 16)" is the same as of `b.fc`."""
    return tuple(_WORD.findall(_QUOTED.sub("", one.finding.message)))


def _first(group: list[Diagnostic]) -> Diagnostic:
    first = group[0]
    others = [one for one in group if one.finding.message != first.finding.message]
    if not others:
        return first
    finding = first.finding
    models = sorted({one.model for one in others} - {first.model})
    if models:
        more = f"the same, with other names or numbers, in {_listed(models)}"
    else:
        rest = len({one.finding.message for one in others})
        more = f"the same, with other names or numbers, {rest} more time{'s' * (rest > 1)} in this model"
    if any(one.finding.edits != finding.edits for one in others):
        finding = replace(finding, edits=(), safe=False)
    return replace(first, finding=replace(finding, notes=(*finding.notes, more)))


def _listed(models: list[str]) -> str:
    named = ", ".join(f"`{name}`" for name in models[:_NAMED])
    rest = len(models) - _NAMED
    return f"{named} and {rest} more model{'s' * (rest > 1)}" if rest > 0 else named

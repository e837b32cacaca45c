"""An executed model held against the inferred one: every value, every parameter, a verdict."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archlint.interp.targeted import Traced
from archlint.interp.trace import Inferred
from archlint.layers import find
from archlint.run import inner_sizes, symbolic
from archlint.run.agreement import (
    Reading,
    Sizes,
    bind,
    executed_text,
    hold,
    inferred_text,
    learn,
    tensors_in,
    unreadable,
)
from archlint.run.records import Attempt, Outcome, Run, Target, Value, Visit
from archlint.run.visits import Pair, Place, paired
from archlint.text import LineIndex, Span
from archlint.values import Tensor, Unknown
from archlint.verdict import Comparison, ModelVerdict, Verdict

LONGEST = 60
"""Characters of source that are shown of an expression."""
_RANK: tuple[Verdict, ...] = ("not reached", "unknown", "equal", "differs")


@dataclass(slots=True)
class Held:
    """A visit in all runs so far: the strongest verdict, and the texts it rests on."""

    verdict: Verdict
    is_tensor: bool
    inferred: Inferred
    executed: Value
    sizes: Sizes
    note: str = ""
    op: str = ""


def values_of(target: Target, traced: Traced, outcome: Outcome, sites: Mapping[int, Span]) -> dict[Place, Held]:
    """Each visit of an expression, with what all runs say of it together."""
    found: dict[Place, Held] = {}
    recorded = set(sites.values())
    visits = [visit for visit in traced.visits if visit.span in recorded]
    for run in outcome.runs:
        attempt = target.attempts[run.attempt] if 0 <= run.attempt < len(target.attempts) else None
        pairs = list(paired(visits, _placed(run, sites)))
        for sizes, reading, note in _points(run, attempt, traced, pairs):
            for pair in pairs:
                _take(found, pair, sizes, reading, note)
    return found


def shapes_of(target: Target, outcome: Outcome) -> dict[str, tuple[int, ...]]:
    """The shapes of the first run by parameter, as a user would state them with `--input`; {} where none is known.

    A model of which little is known on open sizes (`pad = -h % window`) is evaluated once more on these.
    """
    if (
        not outcome.runs
        or outcome.runs[0].strategy == "symbolic"
        or not 0 <= outcome.runs[0].attempt < len(target.attempts)
    ):
        return {}
    found: dict[str, tuple[int, ...]] = {}
    for tensor, shape in zip(target.attempts[outcome.runs[0].attempt].tensors, outcome.runs[0].shapes):
        if all(isinstance(size, int) for size in shape):
            found["." + tensor.name if tensor.name else ""] = tuple(size for size in shape if isinstance(size, int))
    return found


def sizes_of(found: Iterable[Held]) -> dict[str, int]:
    """What each symbol stood for in the run that it is first seen in."""
    sizes: dict[str, int] = {}
    for held in found:
        sizes = {**held.sizes, **sizes}
    return sizes


def fill(found: dict[Place, Held], known: Mapping[Place, Held]) -> None:
    """Take what a second evaluation, on given sizes, knows of places that the first left open.

    It is right for the sizes of the first run alone; the others had other ones.
    """
    for place, held in known.items():
        before = found.get(place)
        if before is not None and before.verdict == "unknown" and held.verdict in ("equal", "differs"):
            found[place] = held


def _placed(run: Run, sites: Mapping[int, Span]) -> Iterator[tuple[Span, Visit]]:
    for visit in run.visits:
        if visit.site in sites:
            yield sites[visit.site], visit


def _points(
    run: Run, attempt: Attempt | None, traced: Traced, pairs: Sequence[Pair]
) -> Iterator[tuple[Sizes, Reading, str]]:
    """What the symbols stood for: once for a run with numbers, at several points for one with symbols."""
    if run.strategy == "symbolic":
        yield from symbolic.points(run, attempt, traced)
        return
    sizes: dict[str, int] = {}
    given = attempt.tensors if attempt is not None else ()
    names = {tensor.name: shape for tensor, shape in zip(given, run.shapes)}
    in_order = list(run.shapes)
    for place, (name, shape) in enumerate(traced.entries):
        executed = names.get(name) or (in_order[place] if place < len(in_order) else None)
        if executed is not None:
            bind(shape, executed, sizes)
    for pair in pairs:
        ours = pair.inferred.value if pair.inferred is not None else None
        if isinstance(ours, Tensor) and ours.entry is not None and pair.executed is not None:
            learn(ours, pair.executed.value, sizes)
    inner_sizes.solve(((p.inferred.value, p.executed.value) for p in pairs if p.inferred and p.executed), sizes)
    yield sizes, unreadable, ""


def _take(found: dict[Place, Held], pair: Pair, sizes: Sizes, reading: Reading, note: str) -> None:
    """Add one pair of one run to what is known of its place."""
    ours, theirs = pair.inferred, pair.executed
    if theirs is None:
        if ours is None or not ours.certain or not isinstance(ours.value, Tensor):
            return
        verdict: Verdict | None = "not reached"
    elif ours is None:
        verdict = "unknown" if tensors_in(theirs.value) else None
    else:
        verdict = hold(ours.value, theirs.value, sizes, reading)
    if verdict is None:
        return
    before = found.get(pair.place)
    if before is None or _RANK.index(verdict) > _RANK.index(before.verdict):
        inferred = ours.value if ours is not None else None
        executed = theirs.value if theirs is not None else None
        is_tensor = tensors_in(executed) if theirs is not None else True
        found[pair.place] = Held(
            verdict, is_tensor, inferred, executed, dict(sizes), note, ours.op if ours is not None else ""
        )


def judge(verdict: ModelVerdict, found: Mapping[Place, Held], texts: Mapping[str, LineIndex]) -> None:
    """Count the values, and keep what differs with all that a report needs."""
    reasons: Counter[str] = Counter()
    for place, held in found.items():
        counts = verdict.calls if held.is_tensor else verdict.numbers
        counts[held.verdict] = counts.get(held.verdict, 0) + 1
        if held.verdict == "unknown":
            reasons[_reason(held)] += 1
        elif held.verdict == "differs":
            verdict.differences.append(_comparison(place, held, verdict.name, texts))
    verdict.unknown = dict(reasons.most_common())
    verdict.differences.sort(key=lambda c: (c.span.path, c.span.start))


def compare_guards(verdict: ModelVerdict, target: Target, outcome: Outcome, inferred: Traced) -> None:
    """Which input sizes a layer lets through, by the framework's own guards and by our formula."""
    for run in outcome.runs:
        attempt = target.attempts[run.attempt] if 0 <= run.attempt < len(target.attempts) else None
        for one in symbolic.conditions(run, attempt, inferred):
            said: Verdict = "equal" if one.agrees else "differs"
            verdict.numbers[said] = verdict.numbers.get(said, 0) + 1
            if not one.agrees:
                wanted, theirs = f"those with {one.features}", f"those with {one.guard}"
                note = f"they part at {one.point}"
                verdict.differences.append(
                    Comparison(one.span, "differs", "input sizes that fit", wanted, theirs, verdict.name, note=note)
                )


def _reason(held: Held) -> str:
    match held.inferred:
        case Unknown() as why:
            return f"{why.why}: {why.about}" if why.about else why.why
        case None:
            return "not followed"
        case Tensor(shape=None):
            return "rank not known"
    return "a size is not known"


def _comparison(place: Place, held: Held, model: str, texts: Mapping[str, LineIndex]) -> Comparison:
    text = texts[place.span.path].text[place.span.start : place.span.end] if place.span.path in texts else ""
    shown = " ".join(text.split())
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - 1] + "…"
    return Comparison(
        place.span, "differs", shown, inferred_text(held.inferred, held.sizes), executed_text(held.executed),
        model, declaration(held.op), held.note,
    )  # fmt: skip


def declaration(op: str) -> str:
    """Where archlint declares a layer: `layers/torch/conv.py:41`; "" for what is no declared layer."""
    spec = find(op) if op else None
    if spec is None:
        return ""
    code = inspect.unwrap(spec.function).__code__
    path = Path(code.co_filename)
    return f"{'/'.join(path.parts[-3:])}:{code.co_firstlineno}"

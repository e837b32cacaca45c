"""Ways to call a target: shapes from the strongest source there is, in numbers, with a second set of sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from math import isqrt

from archlint.dims import Size
from archlint.model import Model
from archlint.run.expected import Call, Expected, expected
from archlint.run.mining import Example, Mined
from archlint.run.records import Attempt, Given
from archlint.run.sizes import Roles, Values, numbers, roles_of, shape_at, sides, solved, too_large
from archlint.text import Span

MOST = 8
"""Attempts per target."""
_MOST_TRIED = 24
_ENOUGH = 4
_STATED = ("directive", "command line", "configuration")
_DEFAULT_HIGH = 10

Shapes = tuple[tuple[int, ...], ...]


def attempts_for(call: Call, mined: Mined, models: Sequence[Model] = ()) -> tuple[Attempt, ...]:
    """How to call the target, best first; empty where the model brings its own inputs or takes none that we know.

    mined: the calls of its file.  models: those of the file as it builds and calls them itself.  Shapes of ours that
    the source contradicts are left out; those that the source calls the model with never are.
    """
    inputs = expected(call)
    if not inputs:
        return ()
    found: dict[tuple[Given, ...], Attempt] = {}
    for attempt in islice(_proposed(call, inputs, mined, models), MOST):
        found.setdefault(attempt.tensors, attempt)
    return tuple(found.values())


def _proposed(call: Call, inputs: Sequence[Expected], mined: Mined, models: Sequence[Model]) -> Iterator[Attempt]:
    if any(one.source in _STATED for one in inputs):
        yield from _from_template(call, inputs, sure=all(one.source in _STATED for one in inputs))
        return
    examples = list(_from_calls(call, inputs, models)) or list(_from_examples(call, inputs, mined))
    if examples:
        yield from examples
        return
    if declared := list(_from_default_size(call, inputs, mined.sizes.get(call.target.name))):
        yield from declared
        return
    if all(one.shape is not None for one in inputs):
        yield from _from_template(call, inputs, sure=False)
    else:
        yield from _from_forms(call, inputs)


def _from_template(call: Call, inputs: Sequence[Expected], sure: bool) -> Iterator[Attempt]:
    """The inferred shapes with numbers for their symbols."""
    roles = roles_of(inputs)
    stated = next((one.source for one in inputs if one.source in _STATED), "")
    found = 0
    for source, point, other in islice(_points(call.symbolic.models[0], roles), _MOST_TRIED):
        first = _shapes(inputs, numbers(roles) | point)
        if found == _ENOUGH or first is None or not call.fits([one.name for one in inputs], first):
            continue
        found += 1
        second = _second(call, inputs, [numbers(roles, True) | other, numbers(roles, True) | point])
        yield Attempt(_given(inputs, first), _given(inputs, second), stated or source, sure)
    if sure and not found:  # the user's word against ours: let the model say what is wrong
        _, point, _ = next(_points(call.symbolic.models[0], roles))
        if (first := _shapes(inputs, numbers(roles) | point)) is not None:
            yield Attempt(_given(inputs, first), (), stated, sure)


def _points(model: Model, roles: Roles) -> Iterator[tuple[str, Values, Values]]:
    """(source, sides, sides of the second run)."""
    answers = [point for point in islice(solved(model), _MOST_TRIED) if point and point.keys() <= roles.keys()]
    wanted = next(sides(roles))[0]
    whole = [point for point in answers if point.keys() >= wanted.keys()]
    if answers and not whole:  # each side by an equation of its own: H is 640, W is 480
        first = {name: size for point in reversed(answers) for name, size in point.items()}
        whole = [wanted | first]
    for place, point in enumerate(whole):
        yield "solved", point, whole[1] if place == 0 and len(whole) > 1 else point
    fixed = numbers(roles)
    usual = [pair for pair in sides(roles) if not too_large(model, fixed | pair[0])]
    generates = not usual or usual[0][0] != wanted
    for point, other in [*(sides(roles, small=True) if generates else ()), *usual]:
        yield "first layer", point, other


def _second(call: Call, inputs: Sequence[Expected], choices: Sequence[Values]) -> Shapes:
    for values in choices:
        shapes = _shapes(inputs, values)
        if shapes is not None and call.fits([one.name for one in inputs], shapes):
            return shapes
    return ()


def _shapes(inputs: Sequence[Expected], values: Mapping[str, int]) -> Shapes | None:
    found = [shape_at(one.shape or (), values) for one in inputs]
    return None if any(shape is None for shape in found) else tuple(found)  # type: ignore[arg-type]


def _given(inputs: Sequence[Expected], shapes: Sequence[tuple[int, ...]]) -> tuple[Given, ...]:
    return tuple(
        Given(one.name, shape, one.dtype, (one.high or _DEFAULT_HIGH) if one.dtype == "int64" else None)
        for one, shape in zip(inputs, shapes)
    )


def _from_examples(call: Call, inputs: Sequence[Expected], mined: Mined) -> Iterator[Attempt]:
    """Tensors made in the file outside of classes: with a batch of 2, then as they are written."""
    classes = call.defined.index.classes
    usable = [example for example in mined.examples if example.owner not in classes]
    owners = list(dict.fromkeys(example.owner for example in usable))
    mention = {o for o, names in call.defined.index.references.items() if call.target.name in names}
    owners.sort(key=lambda owner: owner not in mention)
    names = [one.name for one in inputs]
    for owner in owners:
        chosen = _matching([e for e in usable if e.owner == owner], inputs)
        if chosen is None:
            continue
        written = tuple(e.shape if e.batched else (2, *e.shape) for e in chosen)
        if call.fits(names, written):
            typed = [_typed(one, example) for one, example in zip(inputs, chosen)]
            yield from _as_written(call, typed, written, sure=owner in mention)


def _from_calls(call: Call, inputs: Sequence[Expected], models: Sequence[Model]) -> Iterator[Attempt]:
    """`print(Net()(torch.randn(1, 3, 32, 32)))`: what the file itself calls this very class with."""
    wanted = _root(call.symbolic.models[0])
    for model in models:
        written = [shape_at(record.shape, {}) for record in model.inputs if record.source == "example" and record.shape]
        if wanted is not None and _root(model) == wanted and len(written) == len(model.inputs) == len(inputs):
            shapes = tuple(shape for shape in written if shape is not None)
            if len(shapes) == len(inputs):
                yield from _as_written(call, inputs, shapes, sure=True)


def _root(model: Model) -> Span | None:
    return next((record.class_span for record in model.modules if not record.path), None)


def _as_written(call: Call, inputs: Sequence[Expected], written: Shapes, sure: bool) -> Iterator[Attempt]:
    """The shapes with a batch of 2 if that fits, then as they are; the model has failed where both do."""
    names = [one.name for one in inputs]
    twice, other = _with_batch(written, 2), _moved(call, inputs, _with_batch(written, 3))
    if twice != written and call.fits(names, twice):
        yield Attempt(_given(inputs, twice), _given(inputs, other), "example call", sure)
    yield Attempt(_given(inputs, written), _given(inputs, other if twice == written else ()), "example call", sure)


def _matching(examples: Sequence[Example], inputs: Sequence[Expected]) -> list[Example] | None:
    """An example for each input, in order, whose shape the inferred one allows."""
    rest = list(examples)
    chosen: list[Example] = []
    for one in inputs:
        allowed = [e for e in rest if _allows(one, e)]
        match = next((e for e in allowed if e.dtype == one.dtype), allowed[0] if allowed else None)
        if match is None:
            return None
        chosen.append(match)
        if len(inputs) > 1:
            rest.remove(match)
    return chosen


def _allows(one: Expected, example: Example) -> bool:
    shape: tuple[int | None, ...] = example.shape if example.batched else (None, *example.shape)
    if one.shape is None:
        return not isinstance(one.last, int) or example.shape[-1] == one.last
    if len(shape) != len(one.shape):
        return False
    return all(
        not isinstance(a, int) or b is None or i == 0 or a == b for i, (a, b) in enumerate(zip(one.shape, shape))
    )


def _typed(one: Expected, example: Example) -> Expected:
    if one.dtype != "float32" or example.dtype == "float32":
        return one
    return replace(one, dtype=example.dtype, high=example.high)


def _with_batch(shapes: Shapes, batch: int) -> Shapes:
    """The same with another batch, where all tensors have the same."""
    firsts = {shape[0] for shape in shapes if shape}
    return tuple((batch, *shape[1:]) for shape in shapes) if len(firsts) == 1 else shapes


def _moved(call: Call, inputs: Sequence[Expected], shapes: Shapes) -> Shapes:
    """Other sizes where the inferred shape leaves them open, as far as they fit; else only the other batch."""
    roles = roles_of(inputs)
    wanted: list[Shapes] = []
    for _, point, _ in islice(_points(call.symbolic.models[0], roles), 4):
        moved = _shapes(inputs, numbers(roles, True) | point)
        if moved is not None and moved != shapes:
            wanted.append(_with_batch(moved, 3))
    for candidate in (*wanted, shapes):
        if call.fits([one.name for one in inputs], candidate):
            return candidate
    return ()


def _from_default_size(call: Call, inputs: Sequence[Expected], size: object) -> Iterator[Attempt]:
    """`inception_v3.default_image_size = 299`."""
    if not isinstance(size, int) or any(one.shape is None for one in inputs):
        return
    roles = roles_of(inputs)
    point = {name: size for name in roles if name not in numbers(roles)}
    first, second = _shapes(inputs, numbers(roles) | point), _shapes(inputs, numbers(roles, True) | point)
    if first is not None and second is not None and call.fits([one.name for one in inputs], first):
        yield Attempt(_given(inputs, first), _given(inputs, second), "declared", sure=True)


def _from_forms(call: Call, inputs: Sequence[Expected]) -> Iterator[Attempt]:
    """Inputs of unknown rank: the forms that the layers behind them make plausible."""
    names = [one.name for one in inputs]
    model = call.symbolic.models[0]
    like = next((one for one in inputs if one.shape is not None and one.dtype == "float32"), None)
    forms = [list(_forms(_alike(one, like), model)) for one in inputs]
    for place in range(max(map(len, forms))):
        chosen = [options[min(place, len(options) - 1)] for options in forms]
        first, second = tuple(a for a, _ in chosen), tuple(b for _, b in chosen)
        if call.fits(names, first):
            fitting = second if call.fits(names, second) else _with_batch(first, 3)
            yield Attempt(_given(inputs, first), _given(inputs, fitting), "guess")


def _alike(one: Expected, like: Expected | None) -> Expected:
    """Of two images the one that nothing is known of has the shape of the other."""
    if like is None or one.shape is not None or one.dtype != "float32":
        return one
    fits = not isinstance(one.last, int) or (like.shape is not None and like.shape[-1] == one.last)
    return replace(one, shape=like.shape, roles=like.roles) if fits else one


def _forms(one: Expected, model: Model) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """(shape, shape of the second run) of one input."""
    if one.shape is not None:
        roles = roles_of([one])
        for point, other in sides(roles):
            first = shape_at(one.shape, numbers(roles) | point)
            second = shape_at(one.shape, numbers(roles, True) | other)
            if first is not None and second is not None:
                yield first, second
    if one.dtype == "int64":
        yield (2, 7), (3, 11)
        return
    if isinstance(one.last, int):
        yield (2, one.last), (3, one.last)
        yield (2, 7, one.last), (3, 11, one.last)
    for features in _features(model):
        for channels in (1, 3):
            side = isqrt(features // channels)
            if features % channels == 0 and side * side * channels == features and side > 3:
                yield (2, channels, side, side), (3, channels, side, side)
        yield (2, features), (3, features)
        yield (2, 7, features), (3, 11, features)
    yield (2, 3, 224, 192), (3, 3, 256, 160)
    yield (2, 3, 32, 32), (3, 3, 32, 32)
    yield (2, 1, 28, 28), (3, 1, 28, 28)
    yield (2, 10), (3, 12)


def _features(model: Model) -> Iterator[int]:
    """Features that the dense layers take, the first one first."""
    seen: set[Size] = set()
    for node in model.nodes:
        size = node.args.get("in_features") if node.family == "dense" else None
        if isinstance(size, int) and size not in seen and len(seen) < 3:
            seen.add(size)
            yield size

"""Numbers for the open sizes of an input: plausible ones first, all different, and others for a second run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import prod

from archlint.dims import Dim, Size, evaluate, proven_different, symbols
from archlint.facts.solver import Accepted, accepted_sizes
from archlint.model import Model
from archlint.run.expected import Expected

Values = dict[str, int]
"""Numbers by the names of symbols."""

Roles = dict[str, str]
"""What the open sizes of the inputs are, by the names of their symbols: {"N": "N", "batch_size": "N", "h": "H"}."""

_IMAGES = ((1, 224, 192), (1, 256, 160), *((1, s, s) for s in (224, 32, 28, 64, 96, 128, 256, 299, 384, 512)))
_VOLUMES = ((16, 64, 96), (32, 32, 64), *((16, s, s) for s in (112, 224, 64, 96)), (32, 32, 32), (64, 64, 64))
_SMALL = ((4, 8, 6), (8, 4, 6), (4, 4, 4), (1, 1, 1))
"""Depth, height and width."""
_LENGTHS = (96, 256, 1024, 16000, 28, 512)
_KNOWN = {"N": (2, 3), "T": (7, 11), "C": (3, 3)}
_OTHERS = (5, 6, 9, 10, 12, 15, 18, 20)
"""For sizes that nothing is known of: different ones, so that no two axes agree by chance."""
_SPACE = "DHWL"
_JOINING = ("elementwise", "merge", "concat")
_LARGEST = 1 << 25
"""Elements of a tensor: more are not needed to see a shape."""
_MOST_EQUATIONS = 8
_MOST_POINTS = 40
_MOST_SKEW = 4


def roles_of(inputs: Sequence[Expected]) -> Roles:
    """The symbols of the inputs' shapes, in order."""
    found: Roles = {}
    for one in inputs:
        for size, role in zip(one.shape or (), one.roles):
            for symbol in sorted(symbols(size), key=str):
                found.setdefault(symbol.name, role)
    return found


def numbers(roles: Roles, second: bool = False) -> Values:
    """Numbers for the symbols that are no sides: a batch of 2 (then 3), 7 (then 11) steps, others all different."""
    others = iter(_OTHERS[1:] if second else _OTHERS)
    used: set[str] = set()
    found: Values = {}
    for name, role in roles.items():
        if role in _SPACE:
            continue
        first = role in _KNOWN and (role not in used or role == "N")  # two inputs with a batch each: the same batch
        used.add(role)
        found[name] = _KNOWN[role][second] if first else next(others, 21 + len(found))
    return found


def sides(roles: Roles, small: bool = False) -> Iterator[tuple[Values, Values]]:
    """Numbers for the sides, and others for the second run; unequal ones first, then squares.

    small: the sides that a generator starts from.
    """
    by_role = {role: [name for name, its in roles.items() if its == role] for role in _SPACE}
    if by_role["L"] and not by_role["H"]:
        yield from _pairs([dict.fromkeys(by_role["L"], size) for size in _LENGTHS])
        return
    points: list[Values] = []
    for depth, height, width in _SMALL if small else _VOLUMES if by_role["D"] else _IMAGES:
        sizes = {"D": depth, "H": height, "W": width, "L": height}
        points.append({name: sizes[role] for role, names in by_role.items() for name in names})
    yield from _pairs(points if any(by_role.values()) else points[:1])


def _pairs(points: Sequence[Values]) -> Iterator[tuple[Values, Values]]:
    """Each point with another: the first one with the second, the others with the first."""
    for place, point in enumerate(points):
        yield point, points[1] if place == 0 and len(points) > 1 else points[0]


def solved(model: Model) -> Iterator[Values]:
    """Sides at which sizes that must be equal are: 32..35 for a LeNet whose `Linear` takes 400 features.

    Sides that have an equation each (`H//16` is 40, `W//16` is 30) come together, where there are such.
    """
    keep = [size for node in model.nodes for size in node.output.shape or ()]
    ranges: dict[str, range] = {}
    several: list[Accepted] = []
    for size, target in islice(_equations(model), _MOST_EQUATIONS):
        accepted = accepted_sizes(size, target, keep)
        if accepted is None or accepted.none:
            continue
        if len(accepted.symbols) > 1 or accepted.square is None:
            several.append(accepted)
            continue
        (name,), before = accepted.symbols, ranges.get(accepted.symbols[0], accepted.square)
        both = range(max(before.start, accepted.square.start), min(before.stop, accepted.square.stop))
        ranges[name] = both or before
    seen: set[tuple[tuple[str, int], ...]] = set()
    for point in [*([_rounded(ranges)] if ranges else []), *(point for one in several for point in _points(one))]:
        key = tuple(sorted(point.items()))
        if key not in seen:
            seen.add(key)
            yield point


def _rounded(ranges: Mapping[str, range]) -> Values:
    return {name: _roundest(values) for name, values in ranges.items()}


def _roundest(values: range) -> int:
    """The value with the largest power of two in it: 640 of 633..640."""
    step = 1 << values[-1].bit_length()
    while (first := -(-values.start // step) * step) > values[-1]:
        step //= 2
    return first


def _points(accepted: Accepted) -> Iterator[Values]:
    """Nearly square sides that differ, squares, then the other solutions."""
    names = accepted.symbols
    square = accepted.square
    if square is not None:
        first = _roundest(square)
        if len(square) > 1 and len(names) > 1:
            yield {
                name: first if i == 0 else square[-1] if square[-1] != first else square[0]
                for i, name in enumerate(names)
            }
        yield dict.fromkeys(names, first)
    for box in islice(sorted((box for box in accepted.boxes if _skew(box) <= _MOST_SKEW), key=_skew), _MOST_POINTS):
        yield _rounded(dict(zip(names, box)))


def _skew(box: tuple[range, ...]) -> float:
    firsts = [values[0] for values in box]
    return max(firsts) / min(firsts)


def _equations(model: Model) -> Iterator[tuple[Dim, int]]:
    """(size, number it has to be) wherever a layer joins a size that depends on the sides with a known number."""
    for node in model.nodes:
        if node.family == "dense" and node.inputs:
            wanted, size = node.args.get("in_features"), node.inputs[0].features
            if isinstance(wanted, int) and isinstance(size, Dim):
                yield size, wanted
        if node.family not in _JOINING:
            continue
        for a, b in _joined([t.shape for t in node.inputs if t.shape is not None]):
            for size, wanted in ((a, b), (b, a)):
                if isinstance(size, Dim) and isinstance(wanted, int) and wanted > 1 and not proven_different(a, b):
                    yield from _without_constant(size, wanted)


def _joined(shapes: Sequence[tuple[Size, ...]]) -> Iterator[tuple[Size, Size]]:
    """Axes that meet where tensors of one rank, or that broadcast, come together."""
    for i, a in enumerate(shapes):
        for b in shapes[i + 1 :]:
            yield from zip(reversed(a), reversed(b))


def _without_constant(size: Dim, wanted: int) -> Iterator[tuple[Dim, int]]:
    """A class token: `(H//16)*(W//16) + 1` is 197 where the product is 196."""
    rest = size - size.const
    if isinstance(rest, Dim) and size.const:
        yield rest, wanted - size.const
    yield size, wanted


def too_large(model: Model, values: Mapping[str, int]) -> bool:
    """Whether a generator would make pictures of thousands of pixels from these sides."""
    for node in model.nodes:
        shape = shape_at(node.output.shape or (), values)
        if shape is not None and prod(shape) > _LARGEST:
            return True
    return False


def shape_at(shape: Sequence[Size], values: Mapping[str, int]) -> tuple[int, ...] | None:
    """The shape in numbers; None where a size is not known or comes out below 1."""
    found = []
    for size in shape:
        if size is None:
            return None
        try:
            number = evaluate(size, values)
        except KeyError:
            return None
        if number < 1:
            return None
        found.append(number)
    return tuple(found)

"""Linear layers in a row where the layer beside them has an activation: one was left out.

    nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8),
                  nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8), nn.ReLU())  # and none behind the first

What is linear on purpose looks otherwise: 1x1, 1x7 and grouped convolutions, windows that do not overlap, a middle
that is narrower than both ends, layers whose neighbours have no activation either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archlint.rule import Model, Node, Span, activation, filters, proven_equal
from archlint_rules.flow import place, text_of
from archlint_rules.output.linear_pairs import once, plain, width

_SEVERAL = 2
"""How many layers must have an activation where not even a batch norm stands in its place."""

_LINEAR = frozenset(["conv", "conv_transpose", "dense"])

_WINDOWED = frozenset(["conv", "conv_transpose"])

_WASTE = 1.25
"""How many times the weights of one map a layer and its several readers must have."""


@dataclass(frozen=True, slots=True)
class Gap:
    """`first`, `between` and all that reads them are linear; `beside`, a layer like it, has the activation `shown`."""

    first: Node
    between: tuple[Node, ...]
    seconds: tuple[Node, ...]
    beside: Node
    shown: Node


def gap(model: Model, first: Node) -> Gap | None:
    """The activation that is missing behind a layer; None where nothing shows that one was meant."""
    if first.family not in _LINEAR or not bare(model, first):
        return None
    between, seconds = readers(model, first)
    if not seconds or not all(bare(model, n, last=True) and together(first, n) for n in seconds):
        return None
    if not (full_rank(first, seconds) if first.family in _WINDOWED or len(seconds) == 1 else wasted(first, seconds)):
        return None
    examples = list(accustomed(model, first))
    sure = first.family == "dense" or any(n.family == "norm" for n in between)
    return Gap(first, between, seconds, *examples[0]) if len(examples) >= (1 if sure else _SEVERAL) else None


def bare(model: Model, node: Node, last: bool = False) -> bool:
    """Is it a plain layer, applied once, on every way through the program, and none is told to have no activation?"""
    usual = plain(node) or (node.family == "conv_transpose" and "Lazy" not in node.op)
    ends = last or (activation(node) == "linear" and "activation" not in node.given)
    whole = node.args.get("groups", 1) == 1 and node.scope_known and not node.branch and not node.faults
    return bool(usual and ends and whole and node.inputs and once(model, node))


def readers(model: Model, first: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """What stands behind a layer and is linear too, once the model is evaluated; the layers that read it then."""
    between: list[Node] = []
    node = first
    while True:
        after = model.graph.consumers(node.id)
        if model.returned is None or node.id in model.returned or kept(model, node) or not after:
            return (), ()
        if all(n.family in _LINEAR for n in after):
            return tuple(between), tuple(after)
        node = after[0]
        if len(after) > 1 or not transparent(node) or node.branch:
            return (), ()
        between.append(node)


def transparent(node: Node) -> bool:
    """Is it linear in evaluation?  An `nn.Identity` is there where somebody decided against an activation."""
    name = node.op.rpartition(".")[2]
    if node.family == "norm":
        return name.startswith("BatchNorm") and node.args.get("track_running_stats", True) is True
    return node.family == "dropout" or (node.family == "identity" and name in ("contiguous", "clone", "to"))


def kept(model: Model, node: Node) -> bool:
    """`self.features = self.conv(x)`: others may read it."""
    return any(text_of(model.file, Span(s.path, s.start - 1, s.start)) == "." for _, s in node.names)


def together(first: Node, second: Node) -> bool:
    """Are both of one kind, written side by side, with windows that overlap?"""
    if (first.family == "dense") != (second.family == "dense") or not beside(first, second):
        return False
    if first.calls != second.calls:
        return False  # `conv(x, 64, act=None)` and then `conv(x, 64)`: a helper that was told so
    if first.family == "dense":
        return proven_equal(first.output.features, second.inputs[0].features) is True
    upwards = second.family == "conv_transpose" and first.family == "conv"
    return overlaps(first) and overlaps(second) and len(first.out.window) == len(second.out.window) and not upwards


def beside(one: Node, other: Node) -> bool:
    """Are they parts of one module?  Keras' functions have none: there the call that applies them is one."""
    apart = one.op.startswith("keras.") and one.calls != other.calls
    return not apart and one.path.rpartition(".")[0] == other.path.rpartition(".")[0]


def overlaps(node: Node) -> bool:
    """3x3, not 1x1 and not 1x7; nor 2x2 by steps of 2, which takes the picture apart, or upsamples it."""
    strides = [step[1] if isinstance(step, tuple) else step for _, step in node.out.window]
    sides = [side for side, _ in node.out.window]
    return bool(sides) and all(
        isinstance(side, int) and isinstance(step, int) and side > max(step, 1) for side, step in zip(sides, strides)
    )


def full_rank(first: Node, seconds: tuple[Node, ...]) -> bool:
    """Is the middle no narrower than one of the ends?  Else the pair may be a map of low rank, and meant."""
    middle, ends = filters(first), (width(first), filters(seconds[0]))
    return len(seconds) == 1 and isinstance(middle, int) and any(isinstance(n, int) and n <= middle for n in ends)


def wasted(first: Node, seconds: tuple[Node, ...]) -> bool:
    """Have a layer and its readers clearly more weights than one layer that gives what all of them give?"""
    taken, middle, given = width(first), filters(first), [filters(n) for n in seconds]
    if not (isinstance(taken, int) and isinstance(middle, int)):
        return False
    whole = sum(n for n in given if isinstance(n, int))
    return all(isinstance(n, int) for n in given) and (taken + whole) * middle >= _WASTE * taken * whole


def accustomed(model: Model, first: Node) -> Iterator[tuple[Node, Node]]:
    """Layers of the same kind beside it that have an activation, each place once, with the activation."""
    seen = {place(first)}
    for node in model.family(first.family):
        if place(node) in seen or not beside(node, first) or (first.family in _WINDOWED and not overlaps(node)):
            continue
        shown = activated(model, node)
        if shown is not None:
            seen.add(place(node))
            yield node, shown


def activated(model: Model, node: Node) -> Node | None:
    """The activation behind a layer: at once, behind a norm or dropout, or where a shortcut has been added."""
    if "activation" in node.given:
        return node if activation(node) not in (None, "linear", "softmax") else None
    while True:
        after = model.graph.consumers(node.id)
        if len(after) != 1:
            return None
        node = after[0]
        if node.family == "activation":
            return node if activation(node) not in ("linear", "softmax", "log_softmax") else None
        added = node.family == "elementwise" and len(node.inputs) == 2
        if not added and node.family not in ("norm", "dropout"):
            return None

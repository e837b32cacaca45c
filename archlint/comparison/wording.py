"""The words of a comparison, the same on a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archlint.comparison.layers import LayerChange, LayerRow
from archlint.comparison.models import Comparison, ModelChange, ModelRow
from archlint.facts.table import Count
from archlint.report.listing import count
from archlint.report.summary_table import FRAMEWORKS, number

ARROW = "->"
NOT_STATED = "(not stated)"


def heading(change: ModelChange) -> str:
    """`net.py: Net (PyTorch)`, with what it was called before."""
    after, before = change.after, change.before
    if before.path != after.path:
        was = f", was {before.path}: {before.model}"
    else:
        was = f", was {before.model}" if before.model != after.model else ""
    return f"{after.path}: {after.model} ({framework(after)}{was})"


def framework(row: ModelRow) -> str:
    """`PyTorch`."""
    return FRAMEWORKS.get(row.framework, row.framework)


def totals(change: ModelChange) -> Iterator[tuple[str, str]]:
    """What changed of the model as a whole: (name, before -> after)."""
    before, after = change.before, change.after
    if before.params != after.params:
        yield "parameters", numbers(before.params, after.params)
    if before.macs != after.macs:
        yield "MACs", numbers(before.macs, after.macs)
    if before.layers != after.layers:
        yield "layer calls", numbers(before.layers, after.layers)
    for kind, ends in (("input", change.inputs), ("output", change.outputs)):
        for name, old, new in ends:
            yield f"{kind} {name}".strip(), f"{old or 'none'} {ARROW} {new or 'none'}"


def numbers(before: Count, after: Count) -> str:
    """`1,000 -> 900 (-100)`."""
    shown = f"{number(before)} {ARROW} {number(after)}"
    return f"{shown} ({after - before:+,})" if isinstance(before, int) and isinstance(after, int) else shown


def what_changed(change: LayerChange) -> str:
    """`out_features 1000 -> 10; 2,049,000 -> 20,490 parameters; (N, 1000) -> (N, 10)`."""
    said = []
    if change.op != change.op_before:
        said.append(f"{_called(change, 1)} {ARROW} {_called(change, 2)}")
    else:
        said += [f"{name} {old or NOT_STATED} {ARROW} {new or NOT_STATED}" for name, old, new in change.arguments]
    if change.takes is not None:
        said.append(f"takes {change.takes[1]}, not {change.takes[0]}")
    if change.params[0] != change.params[1]:
        said.append(f"{number(change.params[0])} {ARROW} {number(change.params[1])} parameters")
    if change.shapes[0] != change.shapes[1]:
        said.append(f"{change.shapes[0]} {ARROW} {change.shapes[1]}")
    return "; ".join(said)


def _called(change: LayerChange, side: int) -> str:
    """`ReLU(inplace=True)`, with the arguments in which the two differ."""
    arguments = ", ".join(f"{one[0]}={one[side]}" for one in change.arguments if one[side] is not None)
    name = (change.op_before if side == 1 else change.op).removeprefix("operator")
    return f"{name}({arguments})" if arguments else name


def alike(changes: Sequence[LayerChange]) -> list[tuple[str, str, LayerChange]]:
    """(paths, what changed, the first of them): layers with the same change in one line."""
    groups: dict[str, list[LayerChange]] = {}
    for one in changes:
        groups.setdefault(what_changed(one), []).append(one)
    found = []
    for text, ones in groups.items():
        names = list(dict.fromkeys(one.path or one.op.removeprefix("operator") for one in ones))
        many = f" and {len(ones) - 1:,} more, to {names[-1]}" if len(names) > 2 else ""
        found.append(((f"{names[0]}{many}" if many else ", ".join(names)), text, ones[0]))
    return found


def what_it_is(row: LayerRow) -> str:
    """`Conv2d(out_channels=64), 1,728 parameters, (N, 64, 32, 32)`; of a module the layers in it."""
    name = f"{row.op}({row.arguments})" if row.arguments else row.op
    parts = [name, count(row.layers, "layer") if row.layers > 1 else "", amount(row.params), row.shape]
    return ", ".join(part for part in parts if part)


def amount(params: Count) -> str:
    """`1,728 parameters`; nothing for none."""
    return "" if params == 0 else f"{number(params)} parameters"


def whole(row: ModelRow) -> str:
    """`net.py: Net (PyTorch), 12 layers, 1,728 parameters`."""
    size = f"{count(row.layers, 'layer call')}, {number(row.params)} parameters"
    return f"{row.path}: {row.model} ({framework(row)}), {size}"


def closing(comparison: Comparison) -> str:
    """`2 models changed, 1 added, 3 unchanged`; unchanged are those that the change could have reached."""
    many = {"changed": len(comparison.changed), "added": len(comparison.added), "removed": len(comparison.removed)}
    parts = [f"{count(n, 'model') if first else f'{n:,}'} {word}" for first, (word, n) in _firsts(many)]
    if not parts:
        parts = ["no model changed"]
    if comparison.same:
        parts.append(f"{comparison.same:,} that it reaches unchanged")
    return f"{comparison.old} {ARROW} {comparison.new}: {', '.join(parts)}"


def _firsts(many: dict[str, int]) -> Iterator[tuple[bool, tuple[str, int]]]:
    shown = [item for item in many.items() if item[1]]
    return ((place == 0, item) for place, item in enumerate(shown))

"""The words on boxes and groups, the same in every format."""

from __future__ import annotations

from archlint.drawing.picture import Box, Group, Mark, Picture
from archlint.facts.table import Count
from archlint.report.listing import count
from archlint.report.summary_table import number

LONGEST = 44
SIGNS = {"error": "✖", "warning": "⚠", "info": "ℹ"}  # noqa: RUF001


def title(picture: Picture, item: int) -> str:
    """What stands first on a box: `Conv2d`, or the name of a folded module."""
    if item < picture.root:
        box = picture.boxes[item]
        times = f" ×{box.repeats}" if box.repeats > 1 else ""  # noqa: RUF001
        return cut(box.op.removeprefix("operator") or box.op) + times
    return heading(picture.group(item))


def heading(group: Group) -> str:
    """`layer1.0 Bottleneck`; `layer3.1 … layer3.5 Bottleneck` with how many they are, for equal modules in a row."""
    times = f" ×{group.alike}" if group.alike > 1 else ""  # noqa: RUF001
    return cut(" ".join(filter(None, (group.label, group.class_name)))) + times


def subtitle(picture: Picture, item: int) -> str:
    """What stands below: path and parameters, or what a folded module amounts to."""
    if item < picture.root:
        box = picture.boxes[item]
        return cut(" · ".join(filter(None, (box.label, _own(box)))), tail=True)
    group = picture.group(item)
    return " · ".join(filter(None, (count(group.layers, "layer"), amount(group.params))))


def _own(box: Box) -> str:
    if box.kind in ("input", "output"):
        return ""
    return "shared" if box.shared else amount(box.params)


def amount(params: Count) -> str:
    """Parameters; nothing for none."""
    return "" if params == 0 else f"{number(params)} params"


def caption(mark: Mark) -> str:
    """`✖ ARC102: receives 16 channels, declares 64`."""
    return f"{SIGNS[mark.severity]} {mark.code}: {mark.message}"


def marks_of(picture: Picture, item: int) -> list[Mark]:
    """The findings about an item or anything in it, the worst first."""
    return picture.marks_of(picture.inside(item))


def cut(text: str, longest: int = LONGEST, *, tail: bool = False) -> str:
    """A text short enough for a box; of a path the end tells most."""
    if len(text) <= longest:
        return text
    return f"…{text[1 - longest :]}" if tail else f"{text[: longest - 1]}…"

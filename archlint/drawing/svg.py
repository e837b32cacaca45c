"""A drawing as one SVG file, which needs no program to be made and none but a browser to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from xml.sax.saxutils import escape, quoteattr

from archlint.drawing.captions import caption, heading, marks_of, subtitle, title
from archlint.drawing.folding import Folded
from archlint.drawing.picture import Picture
from archlint.drawing.placing import HEAD, Sheet, Size, Stroke, place
from archlint.drawing.rows import Wire, arrange
from archlint.report.cells import text_width

TITLE_WIDTH, SMALL_WIDTH, SHAPE_WIDTH = 8.0, 6.3, 6.4
"""Width of a character: of a box's first line, of its second, and of a shape below it."""
LEAST, HEIGHT, PADDING, SHAPE_HEIGHT = 84.0, 42.0, 20.0, 18.0
LONGEST_SHAPE = 48


def sizes_of(picture: Picture) -> dict[int, Size]:
    """How large every box is, and every group when it is folded."""
    found = {}
    for item in (*range(picture.root), *(group.number for group in picture.groups)):
        wide = max(
            text_width(title(picture, item)) * TITLE_WIDTH, text_width(subtitle(picture, item)) * SMALL_WIDTH, LEAST
        )
        width = round(wide + PADDING)
        shape = below(picture, item)
        room = max(width, round(text_width(shape) * SHAPE_WIDTH))
        found[item] = Size(width, HEIGHT, room, HEIGHT + (SHAPE_HEIGHT if shape else 0.0))
    return found


def below(picture: Picture, item: int) -> str:
    """The shapes of what leaves an item, in a line."""
    if item < picture.root:
        box = picture.boxes[item]
        if box.kind == "output":
            return ""
        left = [edge.shape for edge in picture.edges_from(item)] or [box.shape]
    else:
        left = list(picture.group(item).shapes)
    text = "  ".join(dict.fromkeys(left))
    return text if len(text) <= LONGEST_SHAPE else f"{text[: LONGEST_SHAPE - 1]}…"


def render_svg(folded: Folded) -> str:
    """The drawing; hover tells the path, the place and the findings of a box."""
    picture = folded.picture
    sheet = place(picture.root, arrange(picture), sizes_of(picture), folded.closed)
    style = (resources.files(__package__) / "page" / "drawing.css").read_text(encoding="utf-8")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="{_n(sheet.width)}" '
        f'height="{_n(sheet.height)}" viewBox="0 0 {_n(sheet.width)} {_n(sheet.height)}">',
        f"<title>{escape(picture.model)}</title>",
        f"<style>{style}</style>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0,0.5 L8,4 L0,7.5 z"/></marker></defs>',
        f'<rect class="paper" width="{_n(sheet.width)}" height="{_n(sheet.height)}"/>',
    ]
    lines += _frames(picture, sheet)
    lines += _wires(sheet)
    lines += _names(picture, sheet)
    for item, (x, y, width, height) in sheet.boxes.items():
        lines += _box(picture, item, x, y, width, height)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _frames(picture: Picture, sheet: Sheet) -> Iterator[str]:
    for number, (x, y, width, height) in sheet.frames.items():
        if number == picture.root:
            yield f'<text class="model" x="{_n(x + 16)}" y="{_n(y + 20)}">{escape(picture.model)}</text>'
            continue
        yield f'<rect class="frame" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="8"/>'


def _names(picture: Picture, sheet: Sheet) -> Iterator[str]:
    """The names of modules, above the wires, which would run through them."""
    for number, (x, y, _, _) in sheet.frames.items():
        if number != picture.root:
            name = escape(heading(picture.group(number)))
            yield f'<text class="name" x="{_n(x + 10)}" y="{_n(y + HEAD / 2 + 3)}">{name}</text>'


def _wires(sheet: Sheet) -> Iterator[str]:
    """What passes of a wire is one path; what ends at a box has an arrow."""
    passing: dict[Wire, list[str]] = {}
    for stroke in sheet.strokes:
        if stroke.ends:
            yield f'<path class="wire" d="{_path(stroke)}" marker-end="url(#arrow)"/>'
        else:
            passing.setdefault(stroke.wire, []).append(_path(stroke))
    for parts in passing.values():
        yield f'<path class="wire" d="{" ".join(parts)}"/>'


def _path(stroke: Stroke) -> str:
    x, y, to_x, to_y = (_n(one) for one in (stroke.x, stroke.y, stroke.to_x, stroke.to_y))
    if x == to_x:
        return f"M{x},{y} V{to_y}"
    middle = _n((stroke.y + stroke.to_y) / 2)
    return f"M{x},{y} C{x},{middle} {to_x},{middle} {to_x},{to_y}"


def _box(picture: Picture, item: int, x: float, y: float, width: float, height: float) -> Iterator[str]:
    marks = marks_of(picture, item)
    classes = " ".join(["box", kind_class(picture, item), *([marks[0].severity] if marks else [])])
    yield f"<g class={quoteattr(classes)}>"
    yield f"<title>{escape(hint(picture, item))}</title>"
    round_ = height / 2 if item < picture.root and picture.boxes[item].kind in ("input", "output") else 6
    yield f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="{_n(round_)}"/>'
    middle = x + width / 2
    small = subtitle(picture, item)
    yield f'<text x="{_n(middle)}" y="{_n(y + (18 if small else 25))}">{escape(title(picture, item))}</text>'
    if small:
        yield f'<text class="small" x="{_n(middle)}" y="{_n(y + 33)}">{escape(small)}</text>'
    if marks:
        codes = " ".join(dict.fromkeys(mark.code for mark in marks))
        yield f'<text class="code" x="{_n(x + width + 4)}" y="{_n(y + 12)}">{escape(codes)}</text>'
    shape = below(picture, item)
    if shape:
        yield f'<text class="shape" x="{_n(middle)}" y="{_n(y + height + 13)}">{escape(shape)}</text>'
    yield "</g>"


def kind_class(picture: Picture, item: int) -> str:
    """The classes that colour a box: `layer conv`, `module`, `input`; `open` where the shape is not known."""
    if item >= picture.root:
        return "module"
    box = picture.boxes[item]
    if box.kind != "layer":
        return box.kind
    return f"layer {box.family.replace(' ', '-')}{' open' if box.unknown else ''}"


def hint(picture: Picture, item: int) -> str:
    """What a pointer over a box is told."""
    if item >= picture.root:
        group = picture.group(item)
        said = [" ".join(filter(None, (group.path, group.class_name))), subtitle(picture, item)]
    else:
        box = picture.boxes[item]
        where = str(box.place) if box.place is not None else ""
        arguments = ", ".join(f"{name}={text}" for name, text in box.arguments)
        said = [f"{box.op_name}({arguments})" if box.kind == "layer" else box.op_name, box.path, where]
        said.append(f"not known: {box.unknown}" if box.unknown else "")
    return "\n".join([*filter(None, said), *map(caption, marks_of(picture, item))])


def _n(value: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")

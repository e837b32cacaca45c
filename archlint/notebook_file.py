"""The .ipynb format: which cells a notebook holds, where each stands in the file, the file with other code in them.

nbformat 4 has `cells` with a `source`, nbformat 3 `worksheets` of cells with an `input`; each is a text or a list of
lines.  A file that is written differs from the old one in the cells that changed and in nothing else.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

from archlint.text import LineIndex, Position

_BOM = "\ufeff"
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_SKIPPED = re.compile(r"[\s,:]*")
_MARK = re.compile(rf"{_STRING}|[{{}}\[\]]", re.DOTALL)
_SCALAR = re.compile(rf"{_STRING}|[^\s,\]}}]+", re.DOTALL)
_ESCAPED = re.compile(r"\\u[dD][89abAB]\w{2}\\u[dD][c-fC-F]\w{2}|\\u\w{4}|\\.|.", re.DOTALL)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)


class NotANotebook(ValueError):
    """The file cannot be read as a notebook; the text says why, for the user."""


@dataclass(slots=True)
class Notebook:
    """The code cells of a notebook.  numbers: of each among all cells, from 1.  language: `python`, `R`, `julia`."""

    text: str = field(repr=False)
    language: str = "python"
    cells: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    sheets: list[tuple[int, int]] = field(default_factory=list, repr=False)
    """Worksheet and index in it of each."""

    @property
    def is_python(self) -> bool:
        return self.language.lower().startswith(("python", "ipython"))


def read_notebook(data: bytes) -> Notebook:
    """The notebook of a file's bytes.  Raises NotANotebook."""
    text = _decoded(data)
    notebook = Notebook(text)
    if not text.strip(_BOM + " \t\r\n"):
        return notebook  # as an editor creates it
    content = _loaded(text)
    notebook.language = _language(content.get("metadata"))
    for number, (place, cell) in enumerate(_all_cells(content), 1):
        source = _source(cell)
        if source is not None:
            notebook.cells.append(source)
            notebook.numbers.append(number)
            notebook.sheets.append(place)
    return notebook


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotANotebook(f"not a notebook: line {line} is not UTF-8: byte 0x{data[error.start]:02x}") from None


def _loaded(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text.removeprefix(_BOM))
    except json.JSONDecodeError as error:
        if conflict := _CONFLICT.search(text):
            line = text.count("\n", 0, conflict.start()) + 1
            raise NotANotebook(f"not a notebook: line {line} is the mark of a merge conflict") from None
        why = error.msg[:1].lower() + error.msg[1:]
        raise NotANotebook(f"not a notebook: no JSON at line {error.lineno}, column {error.colno}: {why}") from None
    except (RecursionError, ValueError):
        raise NotANotebook("not a notebook: JSON that cannot be read") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise NotANotebook("not a notebook: JSON without a list of cells")
    return content


def _language(metadata: Any) -> str:
    """The language of the kernel; Python where nothing is said of it."""
    info, kernel = _table(metadata, "language_info"), _table(metadata, "kernelspec")
    for stated in (info.get("name"), kernel.get("language")):
        if isinstance(stated, str) and stated:
            return stated
    return "R" if kernel.get("name") == "ir" else "python"


def _table(within: Any, key: str) -> dict[str, Any]:
    found = within.get(key) if isinstance(within, dict) else None
    return found if isinstance(found, dict) else {}


def _all_cells(content: dict[str, Any]) -> Iterator[tuple[tuple[int, int], Any]]:
    """Each cell with its worksheet (-1: there are none) and its index."""
    if isinstance(content.get("cells"), list):
        yield from (((-1, index), cell) for index, cell in enumerate(content["cells"]))
        return
    for number, sheet in enumerate(content["worksheets"]):
        found = sheet.get("cells") if isinstance(sheet, dict) else None
        if isinstance(found, list):
            yield from (((number, index), cell) for index, cell in enumerate(found))


def _source(cell: Any) -> str | None:
    """The code of a cell; None for one that holds no code, or code in a language of its own."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    own = _table(cell.get("metadata"), "vscode").get("languageId")  # VS Code has cells of other languages
    if own not in (None, "python") or cell.get("language", "python") not in (None, "python"):
        return None
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else None


def with_cells(data: bytes, cells: Sequence[str]) -> bytes:
    """The file with other code in its code cells; all else is left byte for byte.  Raises ValueError."""
    notebook = read_notebook(data)
    if len(cells) != len(notebook.cells):
        raise ValueError("the code of its cells cannot be told apart")
    text = notebook.text
    plain = text.isascii() and "\\u" in text
    for (start, end), old, new in reversed(list(zip(_spans(text), notebook.cells, cells))):
        if new != old:
            text = text[:start] + _written(text[start:end], new, plain) + text[end:]
    return text.encode("utf-8")


def _written(old: str, source: str, plain: bool) -> str:
    """A source as JSON, laid out as the one that was there; a line that did not change is taken as it was written."""
    if not old.startswith("["):
        return _dumped(source, plain)
    elements = [(start, end) for _, start, end in _items(old, 0)]
    known = {json.loads(old[start:end]): old[start:end] for start, end in elements}
    lines = [known.get(line) or _dumped(line, plain) for line in re.findall(r"[^\n]*\n|[^\n]+", source)]
    if not elements or not lines:
        return f"[{', '.join(lines)}]"
    lead = old[1 : elements[0][0]]
    between = old[elements[0][1] : elements[1][0]] if len(elements) > 1 else f",{lead}"
    return f"[{lead}{between.join(lines)}{old[elements[-1][1] :]}"


def _dumped(text: str, plain: bool) -> str:
    """As JSON.  plain: in ASCII, as the rest of the file is; a lone surrogate can be written in no other way."""
    return json.dumps(text, ensure_ascii=plain or re.search("[\ud800-\udfff]", text) is not None)


@lru_cache(maxsize=4)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where the source of each code cell stands in the text of the file."""
    notebook = read_notebook(text.encode("utf-8", "surrogatepass"))
    start = text.find("{")
    content = {key: at for key, at, _ in _items(text, start)} if start >= 0 else {}
    sheets = {-1: content["cells"]} if "cells" in content else {}
    if not sheets and "worksheets" in content:
        for number, at, _ in _items(text, content["worksheets"]):
            inside = {key: begin for key, begin, _ in _items(text, at)} if text[at] == "{" else {}
            if isinstance(number, int) and "cells" in inside:
                sheets[number] = inside["cells"]
    cells = {(sheet, index): at for sheet, begin in sheets.items() for index, at, _ in _items(text, begin)}
    found = []
    for sheet, index in notebook.sheets:
        members = {key: (begin, end) for key, begin, end in _items(text, cells[sheet, index])}
        found.append(members.get("source") or members["input"])
    return tuple(found)


def _items(text: str, at: int) -> Iterator[tuple[str | int, int, int]]:
    """Key or index, start and end of each value in the object or array that begins at an offset."""
    keyed = text[at] == "{"
    at, index = at + 1, 0
    while True:
        at = _skipped(text, at)
        if text[at] in "]}":
            return
        key: str | int = index
        if keyed:
            end = _end_of(text, at)
            key, at = json.loads(text[at:end]), _skipped(text, end)
        end = _end_of(text, at)
        yield key, at, end
        at, index = end, index + 1


def _skipped(text: str, at: int) -> int:
    skipped = _SKIPPED.match(text, at)
    return skipped.end() if skipped else at


def _end_of(text: str, at: int) -> int:
    """The end of the JSON value that begins at an offset."""
    if text[at] not in "{[":
        scalar = _SCALAR.match(text, at)
        assert scalar is not None
        return scalar.end()
    depth = 0
    for mark in _MARK.finditer(text, at):
        depth += (mark[0] in "{[") - (mark[0] in "}]")
        if depth == 0:
            return mark.end()
    raise AssertionError("brackets that close: the text was read as JSON")


def place_in_file(index: LineIndex, offset: int) -> Position:
    """Line and column in the file itself, for services that show the file and know nothing of cells."""
    if index.cells is None or not index.cells.numbers:
        return index.position(offset)
    cells = index.cells
    cell = cells.holding(index.line_of(offset))
    within = offset - index.starts[cells.first_lines[cell] - 1]
    return _lines(cells.data).position(_offset(cells.data, cell, within))


def lines_in_file(index: LineIndex) -> LineIndex:
    """The lines of the file itself, where `index` is that of a notebook's cells."""
    return index if index.cells is None else _lines(index.cells.data)


@lru_cache(maxsize=4)
def _lines(text: str) -> LineIndex:
    return LineIndex(text)


def _offset(data: str, cell: int, within: int) -> int:
    """The offset in the file of a character of a cell."""
    start = _spans(data)[cell][0]
    if data[start] != "[":
        return _in_string(data, start, within)
    elements = [(begin, finish) for _, begin, finish in _items(data, start)]
    if not elements:
        return start
    lengths = accumulate((len(json.loads(data[begin:finish])) for begin, finish in elements), initial=0)
    offsets = list(lengths)[:-1]
    line = max(bisect_right(offsets, within) - 1, 0)
    return _in_string(data, elements[line][0], within - offsets[line])


def _in_string(data: str, start: int, within: int) -> int:
    """The offset of a character of the JSON text that begins at `start`; `\\n` and its kind are one."""
    at = start + 1
    for _ in range(within):
        if data[at] == '"':
            break
        written = _ESCAPED.match(data, at)
        assert written is not None
        at = written.end()
    return at

"""The .ipynb format: what is read, and that nothing but the code of a cell changes in a file."""

from __future__ import annotations

import json
import random

import pytest

from archlint.notebook_file import NotANotebook, place_in_file, read_notebook, with_cells
from archlint.source.notebook import joined, places
from archlint.text import Cells, LineIndex

CODE = {"cell_type": "code", "metadata": {}, "outputs": [{"data": {"image/png": 'iVBOR"w0K\\Gg'}}]}
SOURCES = ["x = 'é ☃ 😀'\ny = \"q\"\n\tz = '\\\\'\n", "", "a = 1", "b = '\u2028'\nc = 2\n"]
LAYOUTS: list[dict[str, object]] = [{"indent": 1}, {"indent": "\t"}, {}, {"separators": (",", ":")}]


def whole(sources: list[object], **layout: object) -> str:
    cells = [{"cell_type": "markdown", "source": "# é"}, *({**CODE, "source": source} for source in sources)]
    return json.dumps({"nbformat": 4, "cells": cells, "metadata": {}}, **layout)  # type: ignore[arg-type]


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("as_lines", [True, False])
@pytest.mark.parametrize("before", ["", "\ufeff"])
def test_only_the_cell_that_changes_is_written(
    as_lines: bool, layout: dict[str, object], ascii_only: bool, before: str
) -> None:
    sources: list[object] = [s.splitlines(True) if as_lines else s for s in SOURCES]
    data = (before + whole(sources, ensure_ascii=ascii_only, **layout) + "\n").replace("\n", "\r\n").encode()
    assert read_notebook(data).cells == SOURCES
    assert with_cells(data, SOURCES) == data
    changed = ["new = 1\n" + SOURCES[0], *SOURCES[1:]]
    after = with_cells(data, changed)
    assert read_notebook(after).cells == changed
    start = next(i for i, (a, b) in enumerate(zip(data, after)) if a != b)
    tail = next(i for i, (a, b) in enumerate(zip(reversed(data), reversed(after))) if a != b)
    assert after[start : len(after) - tail].count(b"new = 1") == 1
    assert len(after) - len(data) < 40  # one more line, and nothing else


def test_every_character_has_its_place_in_the_file() -> None:
    for as_lines in (True, False):
        for layout in LAYOUTS:
            text = whole([s.splitlines(True) if as_lines else s for s in SOURCES], **layout)
            notebook = read_notebook(text.encode())
            index = _index(text)
            lines = text.split("\n")
            for offset, character in enumerate(index.text):
                if character in "\0\n":
                    continue
                at = place_in_file(index, offset)
                written = lines[at.line - 1][at.column - 1 :]
                assert written.startswith((character, json.dumps(character)[1:-1])), (character, written[:10])
            assert notebook.numbers == [2, 3, 4, 5]


def _index(text: str) -> LineIndex:
    notebook = read_notebook(text.encode())
    one = joined(notebook.cells)
    return LineIndex(one.text, Cells(tuple(notebook.numbers), places(one.text), text))


def test_people_count_in_cells() -> None:
    index = _index(whole(["a = 1\nb = 2", "c = 3"]))
    assert index.position(index.text.index("b =")).shown == "cell 2:2:1"
    assert index.position(index.text.index("3")).shown == "cell 3:1:5"


def test_worksheets_of_an_old_notebook_are_read_and_written() -> None:
    cells = [{"cell_type": "code", "language": "python", "input": ["x = 1\n", "y = 2"]}, {"cell_type": "heading"}]
    more = [{"cell_type": "code", "input": "z = 3"}]
    data = json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}, {"cells": more}]}, indent=2).encode()
    notebook = read_notebook(data)
    assert (notebook.cells, notebook.numbers) == (["x = 1\ny = 2", "z = 3"], [1, 3])
    assert with_cells(data, ["x = 1\ny = 2", "z = 4"]) == data.replace(b"z = 3", b"z = 4")


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "python"),
        ({"kernelspec": {"language": "python"}}, "python"),
        ({"kernelspec": {"name": "python3"}}, "python"),
        ({"language_info": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"language": "python"}, "language_info": {"name": "R"}}, "R"),
        (None, "python"),
    ],
)
def test_the_language_is_that_of_the_kernel(metadata: object, language: str) -> None:
    notebook = read_notebook(json.dumps({"cells": [], "metadata": metadata}).encode())
    assert (notebook.language, notebook.is_python) == (language, language == "python")


def test_a_cell_of_another_language_is_no_code() -> None:
    cells = [{**CODE, "source": "a"}, {**CODE, "source": "b", "metadata": {"vscode": {"languageId": "sql"}}}]
    assert read_notebook(json.dumps({"cells": cells}).encode()).cells == ["a"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"cells": [1,', "no JSON at line 1, column 14: expecting value"),
        (b'{\n<<<<<<< HEAD\n "cells": []}', "line 2 is the mark of a merge conflict"),
        (b"[]", "JSON without a list of cells"),
        (b'{"cells": 3}', "JSON without a list of cells"),
        (b"import torch\n", "no JSON at line 1, column 1: expecting value"),
        (b'{"cells": []}\n\xff', "line 2 is not UTF-8: byte 0xff"),
        (b"[" * 100_000, "JSON that cannot be read"),
    ],
)
def test_what_is_no_notebook_says_why(data: bytes, why: str) -> None:
    with pytest.raises(NotANotebook, match="not a notebook") as error:
        read_notebook(data)
    assert str(error.value) == f"not a notebook: {why}"


@pytest.mark.parametrize("data", [b"", b" \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_empty_notebook(data: bytes) -> None:
    assert read_notebook(data).cells == []


def test_cells_that_are_no_cells_are_passed_over() -> None:
    cells = [None, 3, {"cell_type": "code"}, {"cell_type": "code", "source": [1]}, {**CODE, "source": "x"}]
    assert read_notebook(json.dumps({"cells": cells}).encode()).numbers == [5]


def test_any_edit_of_any_cell_is_read_back() -> None:
    chance = random.Random(5)
    letters = 'ab \n"\\é☃😀\t#'
    for _ in range(300):
        sources = ["".join(chance.choices(letters, k=chance.randrange(12))) for _ in range(3)]
        given: list[object] = [chance.choice([s, s.splitlines(True)]) for s in sources]
        data = whole(given, ensure_ascii=chance.random() < 0.5, **chance.choice(LAYOUTS)).encode()
        assert with_cells(data, sources) == data
        wanted = ["".join(chance.choices(letters, k=chance.randrange(12))) for _ in range(3)]
        assert read_notebook(with_cells(data, wanted)).cells == wanted

"""Texts as clients send them: other encodings and line ends, unsaved and deleted files, notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest
from editor import NET, Editor, offset, position
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from archlint.server.moving import Change
from archlint.server.texts import Text

wire = pytest.mark.asyncio(loop_scope="module")
BROKEN = NET.replace("nn.Conv2d(16, 32, 3)", "nn.Conv2d(64, 32, 3)")
TEXTS = st.text(st.sampled_from("ab é😀\n\r\x0c\u2028"), max_size=30)


@given(TEXTS, st.data())
def test_positions_are_counted_as_the_protocol_says(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    if text[at - 1 : at + 1] == "\r\n":
        return  # no position lies between the two
    for unit in (1, 2, 4):
        own = Text(text, unit)
        assert own.position(at) == position(text, at, unit)
        if at == len(text) or text[at] not in "\r\n":
            assert own.offset(own.position(at)) == at
    assert offset(text, position(text, at)) == at


@given(TEXTS, TEXTS)
def test_the_change_between_two_texts_makes_one_of_the_other(before: str, after: str) -> None:
    change = Change.between(before, after)
    new = after[change.start : change.start + change.length]
    assert before[: change.start] + new + before[change.end :] == after


@wire
async def test_columns_are_counted_in_utf_16(editor: Editor, project: Path) -> None:
    text = BROKEN.replace("self.conv2 = nn.Conv2d(64", 'self.name = "😀"; self.conv2 = nn.Conv2d(64')
    uri = editor.open((project / "emoji.py").as_uri(), text)
    (found,) = await editor.diagnostics(uri)
    line = text.splitlines()[found.range.start.line].encode("utf-16-le")
    assert line[2 * found.range.start.character : 2 * found.range.end.character].decode("utf-16-le") == "64"


@wire
@pytest.mark.parametrize(
    ("old", "new"), [("\n", "\r\n"), ("\n", "\r"), ("\n\n\n", "\n\x0c\n\n"), ("\n\n\n", "\n# \u2028\n\n")]
)
async def test_edits_of_texts_with_other_line_ends(editor: Editor, project: Path, old: str, new: str) -> None:
    text = BROKEN.replace(old, new)
    uri = editor.open((project / f"ends{hash(new)}.py").as_uri(), text)
    assert await editor.findings(uri) == ["8:ARC102"]
    editor.replace(uri, "Conv2d(64", "Conv2d(16")
    assert await editor.findings(uri) == []
    assert "11: (N, 16, H - 2, W - 2)" in await editor.hints(uri)


@wire
@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///nowhere/at/all/net.py", "vscode-vfs://github/a/b.py"])
async def test_files_that_are_nowhere_are_checked(editor: Editor, uri: str) -> None:
    editor.open(uri, BROKEN)
    assert await editor.findings(uri) == ["8:ARC102"]
    editor.close(uri)
    assert await editor.findings(uri) == []


@wire
async def test_a_deleted_file_stays_as_it_is_open(editor: Editor, project: Path) -> None:
    path = project / "deleted.py"
    path.write_text(NET)
    uri = editor.open(path.as_uri(), BROKEN)
    path.unlink()
    change = types.FileEvent(uri, types.FileChangeType.Deleted)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    assert await editor.findings(uri) == ["8:ARC102"]


@wire
async def test_many_changes_in_one_message_and_in_a_row(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "many.py").as_uri(), "")
    for number, character in enumerate(BROKEN):
        at = position(BROKEN, number)
        editor.change(uri, [types.TextDocumentContentChangePartial(range=types.Range(at, at), text=character)])
    assert await editor.findings(uri) == ["8:ARC102"]


def cell(name: str, text: str) -> tuple[types.NotebookCell, types.TextDocumentItem]:
    uri = f"vscode-notebook-cell:/project/nb.ipynb#{name}"
    kind = types.NotebookCellKind.Code
    return types.NotebookCell(kind, uri), types.TextDocumentItem(uri=uri, language_id="python", version=1, text=text)


@wire
async def test_the_cells_of_a_notebook_are_one_program(editor: Editor, project: Path) -> None:
    head, _, tail = NET.partition("\n\n\n")
    cells = [
        cell("a", f"%matplotlib inline\n{head}"),
        cell("b", tail.replace("Conv2d(16", "Conv2d(64")),
        cell("c", "net = Net()"),
    ]
    uri = (project / "nb.ipynb").as_uri()
    notebook = types.NotebookDocument(
        uri=uri, notebook_type="jupyter-notebook", version=1, cells=[one for one, _ in cells]
    )
    items = [item for _, item in cells]
    editor.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, items))
    second = items[1].uri
    editor.texts[second] = items[1].text
    (found,) = await editor.diagnostics(second)
    assert (found.code, found.range.start.line) == ("ARC102", 4)
    assert await editor.diagnostics(items[0].uri) == []
    assert await editor.hints(second) == ["8: (N, 16, H - 2, W - 2)", "9: (N, 32, H - 4, W - 4)"]
    place = editor.texts[second].index("64")
    where = types.Range(position(editor.texts[second], place), position(editor.texts[second], place + 2))
    change = types.NotebookDocumentCellContentChanges(
        types.VersionedTextDocumentIdentifier(2, second), [types.TextDocumentContentChangePartial(where, text="16")]
    )
    event = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[change]))
    editor.client.notebook_document_did_change(
        types.DidChangeNotebookDocumentParams(types.VersionedNotebookDocumentIdentifier(2, uri), event)
    )
    assert await editor.diagnostics(second) == []
    gone = types.NotebookDocumentChangeEvent(
        cells=types.NotebookDocumentCellChanges(
            structure=types.NotebookDocumentCellChangeStructure(
                array=types.NotebookCellArrayChange(start=0, delete_count=1, cells=[]),
                did_close=[types.TextDocumentIdentifier(items[0].uri)],
            )
        )
    )
    editor.client.notebook_document_did_change(
        types.DidChangeNotebookDocumentParams(types.VersionedNotebookDocumentIdentifier(3, uri), gone)
    )
    assert await editor.hints(second) == []

"""What tests of the server share: requests in the words of a user, answers as plain text."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

ROOT = Path(__file__).parents[2]
FRESH = [sys.executable, "-m", "archlint", "server", "--stdio"]
PATH = {"PYTHONPATH": f"{ROOT}:{ROOT / 'rules'}", "ARCHLINT_RULES": "archlint_rules"}
EVERYTHING = types.Range(types.Position(0, 0), types.Position(1_000_000, 0))

NET = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3)
        self.conv2 = nn.Conv2d(16, 32, 3)

    def forward(self, x):
        x = self.conv1(x).relu()
        return self.conv2(x)
"""


def config() -> ClientServerConfig:
    """How a server is started, from this checkout."""
    return ClientServerConfig(server_command=FRESH, server_env=PATH)


@dataclass(slots=True)
class Editor:
    """A client with one file open after another."""

    client: LanguageClient
    versions: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def open(self, uri: str, text: str) -> str:
        self.versions[uri], self.texts[uri] = 1, text
        item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def replace(self, uri: str, old: str, new: str) -> None:
        """Type over a part of the text, as an incremental change in UTF-16 columns."""
        text = self.texts[uri]
        start = text.index(old)
        where = types.Range(position(text, start), position(text, start + len(old)))
        self.change(uri, [types.TextDocumentContentChangePartial(range=where, text=new)])
        self.texts[uri] = text[:start] + new + text[start + len(old) :]

    def write(self, uri: str, text: str) -> None:
        """Replace all of the text."""
        self.change(uri, [types.TextDocumentContentChangeWholeDocument(text)])
        self.texts[uri] = text

    def change(self, uri: str, changes: list[Any]) -> None:
        self.versions[uri] += 1
        self.client.diagnostics.pop(uri, None)
        document = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, changes))

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    async def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """What the editor shows: pulled."""
        return list((await self.pull(uri)).items)

    async def pull(self, uri: str, before: str | None = None) -> Any:
        document = types.TextDocumentIdentifier(uri)
        params = types.DocumentDiagnosticParams(document, previous_result_id=before)
        return await self.client.text_document_diagnostic_async(params)

    async def findings(self, uri: str) -> list[str]:
        """`7:ARC102` for each finding, by line from 1."""
        return [f"{d.range.start.line + 1}:{d.code}" for d in await self.diagnostics(uri)]

    async def hints(self, uri: str) -> list[str]:
        """`11: (N, 16, H - 2, W - 2)` for each hint, by line from 1."""
        params = types.InlayHintParams(types.TextDocumentIdentifier(uri), EVERYTHING)
        found = await self.client.text_document_inlay_hint_async(params) or []
        return [f"{h.position.line + 1}: {h.label[0].value}" for h in found]  # type: ignore[union-attr]

    async def hover(self, uri: str, part: str) -> str:
        """What hovering over the first place of a text shows."""
        params = types.HoverParams(types.TextDocumentIdentifier(uri), self.at(uri, part))
        found = await self.client.text_document_hover_async(params)
        return "" if found is None else found.contents.value  # type: ignore[union-attr]

    async def actions(self, uri: str, part: str, only: list[str] | None = None) -> dict[str, types.CodeAction]:
        """By title, what may be done at a place."""
        place = types.Range(self.at(uri, part), self.at(uri, part))
        context = types.CodeActionContext(diagnostics=[], only=only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, context)
        found = await self.client.text_document_code_action_async(params) or []
        return {action.title: action for action in found if isinstance(action, types.CodeAction)}

    def at(self, uri: str, part: str) -> types.Position:
        return position(self.texts[uri], self.texts[uri].index(part))

    def applied(self, uri: str, edit: types.WorkspaceEdit | None) -> str:
        """The text after an edit."""
        text = self.texts[uri]
        changes = (edit.changes or {}).get(uri, []) if edit is not None else []
        for one in sorted(changes, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            start, end = offset(text, one.range.start), offset(text, one.range.end)
            text = text[:start] + one.new_text + text[end:]
        return text

    async def command(self, name: str, *arguments: Any) -> Any:
        """What a command answers, as plain data."""
        params = types.ExecuteCommandParams(command=name, arguments=list(arguments))
        return plain(await self.client.workspace_execute_command_async(params))

    async def published(self, uri: str, timeout: float = 30.0) -> list[str]:
        """What is pushed for a file after its last change."""
        for _ in range(int(timeout / 0.02)):
            if uri in self.client.diagnostics:
                break
            await asyncio.sleep(0.02)
        return [f"{d.range.start.line + 1}:{d.code}" for d in self.client.diagnostics[uri]]


def plain(value: Any) -> Any:
    """Objects that the client made of an answer, as dictionaries again."""
    if hasattr(value, "_asdict"):
        return {key: plain(item) for key, item in value._asdict().items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def position(text: str, at: int, unit: int = 2) -> types.Position:
    """LSP's position of a code point, worked out the slow way."""
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    line = before.count("\n")
    column = before[before.rfind("\n") + 1 :]
    encoded = column.encode({1: "utf-8", 2: "utf-16-le", 4: "utf-32-le"}[unit])
    return types.Position(line, len(encoded) // unit)


def offset(text: str, place: types.Position) -> int:
    """The code point at a position in UTF-16 units, worked out the slow way."""
    at = 0
    for _ in range(place.line):
        ends = [(text.find(e, at), len(e)) for e in ("\r\n", "\n", "\r") if text.find(e, at) >= 0]
        first = min(ends, key=lambda end: (end[0], -end[1]))
        at = first[0] + first[1]
    units = 0
    while units < place.character:
        units += 2 if text[at] > "\uffff" else 1
        at += 1
    return at

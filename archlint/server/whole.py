"""Findings of files that are not open: the command line checks the folders, with its cache, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from archlint.server.diagnostics import SEVERITIES, SOURCE, rule_page
from archlint.server.pages import uri_of
from archlint.server.settings import Settings
from archlint.server.texts import Text

MOST_SECONDS = 600


def check_folder(folder: str, settings: Settings, unit: int) -> dict[str, list[types.Diagnostic]]:
    """By uri, the findings of the files below a folder as they are on disk; notebooks are left to be opened."""
    command = [sys.executable, "-m", "archlint", "check", ".", "--output-format", "json", "--exit-zero"]
    for option, codes in (("--select", settings.select), ("--ignore", settings.ignore)):
        command += [option, ",".join(codes)] if codes else []
    command += ["--config", settings.configuration] if settings.configuration else []
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=MOST_SECONDS, stdin=subprocess.DEVNULL)
    try:
        records = json.loads(done.stdout or b"[]")
    except ValueError:
        raise RuntimeError(done.stderr.decode("utf-8", "replace").strip() or "no answer") from None
    found: dict[str, list[types.Diagnostic]] = {}
    texts = Texts(folder, unit)
    for record in records:
        if not record["filename"].endswith(".ipynb"):
            uri = uri_of(texts.absolute(record["filename"]))
            found.setdefault(uri, []).append(_diagnostic(record, texts))
    return found


class Texts:
    """The texts of files on disk, each read once."""

    def __init__(self, folder: str, unit: int) -> None:
        self.folder = folder
        self.unit = unit
        self._read: dict[str, Text] = {}

    def absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.folder, path))

    def range(self, record: Mapping[str, Any]) -> types.Range:
        """The client's range of a record with `filename`, `location` and `end_location`."""
        path = self.absolute(record["filename"])
        if path not in self._read:
            self._read[path] = Text(_text(path), self.unit)
        text = self._read[path]
        first, last = (self._offset(text, record[key]) for key in ("location", "end_location"))
        return text.range(first, last)

    @staticmethod
    def _offset(text: Text, place: Mapping[str, int]) -> int:
        line = min(place["row"], len(text.starts)) - 1
        return min(text.starts[line] + place["column"] - 1, len(text.text))


def _text(path: str) -> str:
    from archlint.source.encoding import decode

    try:
        return decode(Path(path).read_bytes())
    except (OSError, ValueError):
        return ""


def _diagnostic(record: Mapping[str, Any], texts: Texts) -> types.Diagnostic:
    page = rule_page(record["code"])
    return types.Diagnostic(
        range=texts.range(record),
        message="\n".join(_lines(record)),
        severity=SEVERITIES[record["severity"]],
        code=record["code"],
        code_description=types.CodeDescription(page) if page else None,
        source=SOURCE,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(uri_of(texts.absolute(one["filename"])), texts.range(one)), one["message"]
            )
            for one in record.get("related", ())
        ],
    )


def _lines(record: Mapping[str, Any]) -> Iterator[str]:
    yield record["message"]
    if record.get("help"):
        yield f"help: {record['help']}"
    yield from (f"note: {note}" for note in record.get("notes", ()))


def report(
    found: Mapping[str, Sequence[types.Diagnostic]], before: Mapping[str, str], opened: Sequence[str]
) -> types.WorkspaceDiagnosticReport:
    """The answer for all files but those that are open; a file that had findings and has none is told of."""
    items: list[types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport] = []
    for uri in dict.fromkeys([*found, *before]):
        if uri in opened:
            continue
        own = list(found.get(uri, ()))
        number = str(hash(repr(own)))
        if before.get(uri) == number:
            items.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=number))
        else:
            items.append(types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=own, result_id=number))
    return types.WorkspaceDiagnosticReport(items)

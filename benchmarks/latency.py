"""Processor time from a key to the findings, with a real client: `python -m benchmarks.latency`."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from benchmarks import tables
from benchmarks.corpora import corpora

README = Path(__file__).parent / "README.md"
ROOT = Path(__file__).parent.parent
CASES = (
    ("torchvision", "models/vgg.py", "class VGG"),
    ("torchvision", "models/inception.py", "class InceptionA"),
    ("torchvision", "models/resnet.py", "class BasicBlock"),
    ("timm", "models/convnext.py", "class ConvNeXtBlock"),
    ("timm", "models/resnet.py", "class BasicBlock"),
)
"""A file, and a class in it that many of its models are made of."""

KEYS = 6
SETTLED = 1
"""For so many of the keys it is measured how long all models take."""

LONG = 3.0
"""Seconds of all models, above which so many keys are enough."""

EDITS = (100, 1_000)
EDITED = ROOT / "fixtures" / "models" / "unet.py"


@dataclass(slots=True)
class Case:
    """Seconds of processor time after single keys: until the first answer, and until nothing is left to do."""

    name: str
    lines: int
    opened: float = 0.0
    block: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)
    comment: list[float] = field(default_factory=list)

    def row(self) -> tuple[str, int, str, str, str, str]:
        """Cells of the table."""
        medians = (self.opened, *(statistics.median(each) for each in (self.comment, self.block, self.settled)))
        first, *others = (f"{1000 * seconds:,.0f}" for seconds in medians)
        return self.name, self.lines, first, others[0], others[1], others[2]


class Client:
    """An editor with one file open."""

    def __init__(self) -> None:
        self.client = LanguageClient("latency", "1")
        self.client.feature(types.WINDOW_LOG_MESSAGE)(lambda params: None)
        self.uri, self.text, self.version = "", "", 0

    async def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "rules")])}
        environment.setdefault("ARCHLINT_RULES", "archlint_rules")
        await self.client.start_io(sys.executable, "-m", "archlint", "server", env=environment)
        pulls = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
        capabilities = types.ClientCapabilities(text_document=pulls)
        await self.client.initialize_async(types.InitializeParams(capabilities=capabilities))
        self.client.initialized(types.InitializedParams())

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()  # type: ignore[no-untyped-call]

    async def open(self, path: Path) -> None:
        self.uri, self.text, self.version = path.as_uri(), path.read_text(encoding="utf-8"), 1
        item = types.TextDocumentItem(uri=self.uri, language_id="python", version=1, text=self.text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await self.pull()

    def type(self, at: int, old: str, new: str) -> None:
        """Replace a part of a line."""
        before = self.text[:at]
        line, column = before.count("\n"), at - before.rfind("\n") - 1
        place = types.Range(types.Position(line, column), types.Position(line, column + len(old)))
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = types.TextDocumentContentChangePartial(range=place, text=new)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
        self.text = before + new + self.text[at + len(old) :]

    async def pull(self) -> Any:
        document = types.TextDocumentIdentifier(self.uri)
        return await self.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(document))

    async def told(self) -> dict[str, Any]:
        """What the server says of itself."""
        params = types.ExecuteCommandParams(command="archlint.printDebugInformation", arguments=[self.uri])
        found: Any = await self.client.workspace_execute_command_async(params)
        return dict(found._asdict()) if hasattr(found, "_asdict") else dict(found)

    async def settled(self) -> dict[str, Any]:
        """The same, when there is nothing left to do."""
        while True:
            found = await self.told()
            if found["settled"]:
                return found
            await asyncio.sleep(0.02)


async def measured(corpus: str, file: str, marker: str) -> Case:
    """One file in a server of its own."""
    found = next(one for one in corpora() if one.name == corpus)
    path = found.fetch() / found.folder / Path(file).relative_to("models")
    client = Client()
    await client.start()
    before = (await client.told())["processorSeconds"]
    await client.open(path)
    case = Case(f"{corpus}/{path.name}", client.text.count("\n") + 1)
    case.opened = (await client.settled())["processorSeconds"] - before
    for number in range(KEYS):
        case.comment.append(await _first(client, 1 if number else 0, "", "x" if number else "#\n"))
    forward = client.text.index("def forward", client.text.index(marker))
    line = client.text.index(":\n", forward) + 2
    indent = re.match(" *", client.text[line:])
    assert indent is not None
    await _first(client, line, "", f"{indent[0]}_ = 0\n")
    for number in range(KEYS):
        await client.settled()
        case.block.append(await _first(client, line + len(indent[0]) + 4, str(number % 2), str((number + 1) % 2)))
        if number < SETTLED:
            start = (await client.told())["processorSeconds"] - case.block[-1]
            case.settled.append((await client.settled())["processorSeconds"] - start)
        elif case.settled[-1] > LONG:
            break
    await client.stop()
    return case


async def _first(client: Client, at: int, old: str, new: str) -> float:
    """Processor seconds from a key until findings are there."""
    start = (await client.settled())["processorSeconds"]
    client.type(at, old, new)
    await client.pull()
    return float((await client.told())["processorSeconds"] - start)


async def memory() -> list[tuple[int, float]]:
    """Megabytes of a server after so many edits of a model, with the findings after each."""
    client = Client()
    await client.start()
    await client.open(EDITED)
    at = re.search(r"Conv2d\(.*?(\d)", client.text)
    assert at is not None
    sizes = []
    for number in range(1, max(EDITS) + 1):
        client.type(at.start(1), client.text[at.start(1)], str(1 + number % 9))
        await client.pull()
        if number in EDITS:
            sizes.append((number, (await client.settled())["residentMegabytes"]))
    await client.stop()
    return sizes


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--only", help="only files with this in their name")
    parser.add_argument("--no-memory", action="store_true", help="leave out the thousand edits")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    chosen = parser.parse_args(arguments)
    started = time.time()
    cases = [c for c in CASES if chosen.only is None or chosen.only in c[1]]
    text = report([asyncio.run(measured(*case)) for case in cases], [] if chosen.no_memory else asyncio.run(memory()))
    print(text)
    print(f"({time.time() - started:.0f} s)", file=sys.stderr)
    if chosen.write:
        tables.write(README, "latency", text)


def report(cases: Sequence[Case], sizes: Sequence[tuple[int, float]]) -> str:
    """The table, and a sentence on memory."""
    head = ("file", "lines", "opened", "key in a comment", "key in a block: first answer", "all models")
    text = tables.table(head, [case.row() for case in cases])
    if sizes:
        told = ", ".join(f"{size:.0f} MB after {number:,} edits" for number, size in sizes)
        text += f"\n\nMemory of the server with `fixtures/models/unet.py` open: {told}."
    return text


if __name__ == "__main__":
    main()

"""A session: settings, folders, commands, what goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_lsp
from editor import FRESH, NET, PATH, Editor, config
from lsprotocol import types
from pytest_lsp import LanguageClient

from archlint.server.settings import Settings, configured_in, read
from conftest import initialised

wire = pytest.mark.asyncio(loop_scope="module")
BROKEN = NET.replace("nn.Conv2d(16, 32, 3)", "nn.Conv2d(64, 32, 3)")
FOREVER = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, depth=0):
        super().__init__()
        self.inner = Net(depth + 1)

    def forward(self, x):
        return self.inner(x)
"""


async def configure(editor: Editor, **settings: object) -> None:
    editor.client.set_configuration({"archlint": settings}, section=None)
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"archlint": settings}))


@wire
async def test_settings_choose_hints_and_rules(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "settings.py").as_uri(), BROKEN.replace("x = self.conv1(x)", "x = self.conv1(x * 2)"))
    assert len(await editor.hints(uri)) == 3
    await configure(editor, inlayHints="calls", inlayHintsMaxLength=12, lint={"ignore": ["ARC1"]})
    assert await editor.findings(uri) == []
    assert await editor.hints(uri) == ["11: (N, …, W - …", "12: (N, …, W - …"]
    await configure(editor, inlayHints="off")
    assert await editor.hints(uri) == []
    await configure(editor, inlayHints="sideways")
    assert await editor.hints(uri) == []
    assert any("archlint.inlayHints: is one of off, calls, all" in m.message for m in editor.client.log_messages)
    await configure(editor, inlayHints="all", inlayHintsMaxLength=40, lint={"ignore": []})
    assert await editor.findings(uri) == ["8:ARC102"]


@wire
async def test_the_nearest_configuration_holds(editor: Editor, project: Path) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "archlint.toml").write_text('ignore = ["ARC102"]\n')
    uri = editor.open((project / "sub" / "net.py").as_uri(), BROKEN)
    assert await editor.findings(uri) == []
    (project / "sub" / "archlint.toml").write_text("ignore = []\n")
    event = types.FileEvent((project / "sub" / "archlint.toml").as_uri(), types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    assert await editor.findings(uri) == ["8:ARC102"]
    (project / "sub" / "archlint.toml").write_text("ignored = []\n")
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    assert await editor.findings(uri) == ["8:ARC102"]
    assert any("no such key 'ignored'" in m.message for m in editor.client.log_messages)


@wire
async def test_a_model_that_never_ends_costs_no_other(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "forever.py").as_uri(), FOREVER + BROKEN.partition("\n")[2].replace("Net", "Other"))
    assert "17:ARC102" in await editor.findings(uri)


@wire
async def test_half_a_statement_keeps_the_shapes(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "half.py").as_uri(), BROKEN)
    before = await editor.hints(uri)
    editor.replace(uri, "return self.conv2(x)", "return self.conv2(")
    assert await editor.findings(uri) == ["8:ARC102", "12:ARC001"]
    assert (await editor.hints(uri))[0] == before[0]
    editor.replace(uri, "return self.conv2(", "return self.conv2(x)")
    assert await editor.findings(uri) == ["8:ARC102"]
    assert await editor.hints(uri) == before


@wire
async def test_a_graph_is_drawn(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "graph.py").as_uri(), NET)
    found = await editor.command("archlint.showGraph", uri, "Net", "mermaid")
    assert found["model"] == "Net"
    assert "flowchart" in found["content"]
    assert "conv2" in found["content"]
    html = await editor.command("archlint.showGraph", uri, "Net", "html")
    assert "<html" in html["content"].lower()
    assert "no model 'Other'; there are Net" in (await editor.command("archlint.showGraph", uri, "Other"))["error"]
    assert "is not open" in (await editor.command("archlint.showGraph", "file:///none.py"))["error"]


@wire
@pytest.mark.torch
async def test_models_are_run(editor: Editor, project: Path) -> None:
    pytest.importorskip("torch")
    path = project / "run.py"
    path.write_text(NET)
    found = await editor.command("archlint.verify", editor.open(path.as_uri(), NET), "Net")
    assert found["status"] == 0, found["summary"]
    [model] = found["report"]["models"]
    assert model["name"] == "Net"
    assert model["status"] == "agrees"
    assert model["calls"]["equal"] > 0


@wire
async def test_only_files_on_disk_are_run(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "nowhere.py").as_uri(), NET)
    assert await editor.command("archlint.verify", uri, "Net") == {"error": "only files on disk can be run"}


@wire
async def test_debug_information_says_what_a_report_needs(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "debug.py").as_uri(), NET)
    await editor.findings(uri)
    text = (await editor.command("archlint.printDebugInformation"))["text"]
    assert "pygls" in text
    assert "debug.py: version 1" in text
    assert "1 models, 0 findings" in text


@pytest_lsp.fixture(scope="module", config=config())
async def lonely(client: LanguageClient):  # type: ignore[no-untyped-def]
    await initialised(client, "neovim", [])
    yield
    await client.shutdown_session()


@wire
async def test_a_client_without_folders(lonely: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "blocks.py").write_text("WIDTH = 64\n")
    text = NET.replace("import torch.nn as nn", "import torch.nn as nn\nfrom blocks import WIDTH")
    editor = Editor(lonely)
    uri = editor.open((tmp_path / "net.py").as_uri(), text.replace("Conv2d(16", "Conv2d(WIDTH"))
    assert await editor.findings(uri) == ["9:ARC102"]


def test_the_configuration_says_what_is_shown_and_the_editor_goes_before(tmp_path: Path) -> None:
    assert configured_in(str(tmp_path)) == Settings()
    (tmp_path / "archlint.toml").write_text('server = { inlay-hints = "calls", max-length = 12 }\n')
    assert configured_in(str(tmp_path)) == Settings("calls", 12)
    assert read({"inlayHintsMaxLength": 30}, configured_in(str(tmp_path))) == Settings("calls", 30)
    (tmp_path / "archlint.toml").write_text("server = 3\n")
    assert configured_in(str(tmp_path)) == Settings()


def test_initialize_is_answered_before_libcst_is_imported() -> None:
    program = (
        "import sys; from archlint.server.features import build; build();"
        "print([m for m in ('libcst', 'networkx', 'archlint.check', 'archlint.interp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, **PATH})
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_without_pygls_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ImportError('none', name='pygls')\n")
    env = {**os.environ, **PATH, "PYTHONPATH": f"{tmp_path}:{PATH['PYTHONPATH']}"}
    done = subprocess.run(FRESH, capture_output=True, text=True, env=env)
    assert done.returncode == 2
    assert "pip install 'archlint[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_log_file_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    command = [*FRESH, "--log-file", str(tmp_path / "none" / "log")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **PATH})
    assert done.returncode == 2
    assert "No such file or directory" in done.stderr


@wire
async def test_files_that_are_not_open_are_checked_if_that_is_wished(editor: Editor, tmp_path: Path) -> None:
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "closed")
    text = BROKEN.replace("self.conv2 = nn", 'self.name = "😀"; self.conv2 = nn')
    (tmp_path / "closed.py").write_text(text, encoding="utf-8")
    event = types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    await configure(editor, checkWorkspace=True)
    params = types.WorkspaceDiagnosticParams(previous_result_ids=[])
    found = await editor.client.workspace_diagnostic_async(params)
    (own,) = [item for item in found.items if item.uri == (tmp_path / "closed.py").as_uri()]
    assert isinstance(own, types.WorkspaceFullDocumentDiagnosticReport)
    (one,) = own.items
    line = text.splitlines()[one.range.start.line].encode("utf-16-le")
    assert line[2 * one.range.start.character : 2 * one.range.end.character].decode("utf-16-le") == "64"
    await configure(editor, checkWorkspace=False)

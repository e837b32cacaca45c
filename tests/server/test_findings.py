"""Findings in the editor: pulled or pushed, with causes, fixes and suppressions."""

from __future__ import annotations

from pathlib import Path

import pytest
from editor import NET, Editor
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

BROKEN = NET.replace("nn.Conv2d(16, 32, 3)", "nn.Conv2d(64, 32, 3)")
LIST = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = [nn.Conv2d(3, 3, 3)]

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
"""


async def test_a_finding_says_where_why_and_what_to_do(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "broken.py").as_uri(), BROKEN)
    (found,) = await editor.diagnostics(uri)
    assert (found.code, found.source, found.severity) == ("ARC102", "archlint", types.DiagnosticSeverity.Error)
    assert "expects 64" in found.message or "64" in found.message
    assert "help: " in found.message
    assert found.code_description is not None
    assert found.code_description.href.endswith("/channel_mismatch.md")
    (cause, *_) = found.related_information or []
    assert cause.location.uri == uri
    assert cause.location.range.start.line == 10 or cause.location.range.start.line == 6


async def test_what_did_not_change_is_not_sent_again(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "same.py").as_uri(), BROKEN)
    first = await editor.pull(uri)
    assert (await editor.pull(uri, first.result_id)).kind == "unchanged"
    editor.replace(uri, "16, 3)", "64, 3)")
    assert (await editor.pull(uri, first.result_id)).kind == "full"
    assert await editor.findings(uri) == []


async def test_findings_follow_the_keys_of_a_client_that_does_not_ask(pushed: Editor, project: Path) -> None:
    uri = pushed.open((project / "pushed.py").as_uri(), NET)
    assert await pushed.published(uri) == []
    pushed.replace(uri, "nn.Conv2d(16, 32, 3)", "nn.Conv2d(64, 32, 3)")
    assert await pushed.published(uri) == ["8:ARC102"]
    pushed.replace(uri, "nn.Conv2d(64, 32, 3)", "nn.Conv2d(16, 32, 3)")
    assert await pushed.published(uri) == []
    pushed.replace(uri, "nn.Conv2d(16, 32, 3)", "nn.Conv2d(8, 32, 3)")
    await pushed.published(uri)
    pushed.close(uri)


async def test_a_fix_is_offered_with_the_finding(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "fix.py").as_uri(), LIST)
    found = await editor.actions(uri, "blocks = ")
    fix = found["ARC602: wrap the container in nn.ModuleList"]
    assert fix.is_preferred
    assert "self.blocks = nn.ModuleList([nn.Conv2d(3, 3, 3)])" in editor.applied(uri, fix.edit)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_a_finding_is_ignored_on_its_line_or_in_its_file(editor: Editor, project: Path, end: str) -> None:
    uri = editor.open((project / f"ignore{len(end)}.py").as_uri(), LIST.replace("\n", end))
    found = await editor.actions(uri, "blocks = ")
    here = editor.applied(uri, found["Ignore ARC602 on line 7"].edit)
    assert f"[nn.Conv2d(3, 3, 3)]  # archlint: ignore[ARC602]{end}" in here
    whole = editor.applied(uri, found["Ignore ARC602 in this file"].edit)
    assert whole.startswith(f"# archlint: file-ignore[ARC602]{end}import")
    for text in (here, whole):
        editor.write(uri, text)
        assert await editor.findings(uri) == []


async def test_a_second_rule_joins_the_comment_that_is_there(editor: Editor, project: Path) -> None:
    text = LIST.replace("3)]", "3)]  # archlint: ignore[ARC101]")
    uri = editor.open((project / "joined.py").as_uri(), text)
    found = await editor.actions(uri, "blocks = ")
    assert "# archlint: ignore[ARC101, ARC602]\n" in editor.applied(uri, found["Ignore ARC602 on line 7"].edit)


async def test_all_safe_fixes_at_once(editor: Editor, project: Path) -> None:
    text = LIST + LIST.replace("Net", "Other").replace("import torch.nn as nn\n", "")
    uri = editor.open((project / "all.py").as_uri(), text)
    (action,) = (await editor.actions(uri, "import", ["source.fixAll"])).values()
    assert action.kind == "source.fixAll.archlint"
    if action.edit is None:
        action = await editor.client.code_action_resolve_async(action)
    assert editor.applied(uri, action.edit).count("nn.ModuleList([") == 2
    assert not await editor.actions(uri, "import", ["source.organizeImports"])


async def test_a_syntax_error_is_a_finding(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "syntax.py").as_uri(), "x = (\n" + NET)
    assert "1:ARC001" in await editor.findings(uri)


async def test_an_unsaved_file_that_another_imports_counts(editor: Editor, project: Path) -> None:
    (project / "blocks.py").write_text("import torch.nn as nn\nWIDTH = 16\n")
    user = NET.replace("import torch.nn as nn", "import torch.nn as nn\nfrom blocks import WIDTH")
    uri = editor.open((project / "user.py").as_uri(), user.replace("Conv2d(16, 32", "Conv2d(WIDTH, 32"))
    assert await editor.findings(uri) == []
    editor.open((project / "blocks.py").as_uri(), "import torch.nn as nn\nWIDTH = 8\n")
    assert await editor.findings(uri) == ["9:ARC102"]


async def test_a_finding_in_an_imported_file_is_shown_where_its_model_is_made(editor: Editor, project: Path) -> None:
    """Only `Net(32)` makes the width wrong; net.py alone, open or not, has no finding."""
    wide = NET.replace("def __init__(self)", "def __init__(self, width)").replace(
        "nn.Conv2d(3, 16", "nn.Conv2d(3, width"
    )
    (project / "wide.py").write_text(wide)
    assert await editor.findings(editor.open((project / "wide.py").as_uri(), wide)) == []
    uri = editor.open((project / "train.py").as_uri(), "from wide import Net\n\nnet = Net(32)\n")
    (found,) = await editor.diagnostics(uri)
    assert (found.code, found.range.start.line) == ("ARC102", 2)
    assert found.message.startswith("in wide.py:8: `conv2` expects 16 channels but gets 32")
    there = (found.related_information or [])[0].location
    assert (there.uri, there.range.start.line) == ((project / "wide.py").as_uri(), 7)
    editor.replace(uri, "Net(32)", "Net(16)")
    assert await editor.findings(uri) == []
    inside = "import wide\n\n\ndef main():\n    wide.Net(16)\n    print(wide.Net(24))\n\n\nmain()\n"
    (found,) = await editor.diagnostics(editor.open((project / "main.py").as_uri(), inside))
    assert found.message.startswith("in wide.py:8: ")
    assert found.range.start.line in (4, 5)

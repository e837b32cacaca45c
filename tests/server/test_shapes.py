"""Shapes and models in the editor: hints, hovers, lenses, the outline, the path of a tensor."""

from __future__ import annotations

from pathlib import Path

import pytest
from editor import NET, Editor
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOP = """\
import torch.nn as nn


class Net(nn.Module):
    # archlint: input=(N, 3, 32, 32)
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.ReLU()) for a, b in [(3, 8), (8, 16)])
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(16 * 8 * 8, 10),
        )

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def small(classes=2):
    return Net()
"""

KERAS = """\
from keras import Sequential, layers

model = Sequential()
model.add(layers.Input((28, 28, 1)))
model.add(layers.Conv2D(8, 3))
model.add(layers.Flatten())
model.add(layers.Dense(10))
"""


async def test_the_shape_stands_behind_each_call(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "hints.py").as_uri(), NET)
    assert await editor.hints(uri) == ["11: (N, 16, H - 2, W - 2)", "12: (N, 32, H - 4, W - 4)"]


async def test_a_call_that_runs_often_tells_from_where_to_where(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "loop.py").as_uri(), LOOP)
    hints = await editor.hints(uri)
    assert "16: (N, 8…16, 16…8, 16…8)" in hints
    assert "17: (N, 10)" in hints
    assert "10: (N, 1024)" in hints
    assert "11: (N, 10)" in hints


async def test_layers_that_are_added_have_shapes(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "added.py").as_uri(), KERAS)
    assert await editor.hints(uri) == ["5: (N, 26, 26, 8)", "6: (N, 5408)", "7: (N, 10)"]


async def test_a_hint_explains_itself(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "tooltip.py").as_uri(), NET)
    params = types.InlayHintParams(
        types.TextDocumentIdentifier(uri), types.Range(types.Position(10, 0), types.Position(11, 0))
    )
    (hint,) = await editor.client.text_document_inlay_hint_async(params) or []
    resolved = await editor.client.inlay_hint_resolve_async(hint)
    assert "**Conv2d** (N, 3, H, W) → `(N, 16, H - 2, W - 2)`, 448 parameters" in resolved.tooltip.value  # type: ignore[union-attr]


async def test_hover_tells_what_a_layer_does_and_costs(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "hover.py").as_uri(), NET)
    for place in ("self.conv2(x)", "nn.Conv2d(16, 32, 3)"):
        text = await editor.hover(uri, place)
        assert "**Conv2d** `conv2`" in text
        assert "(N, 16, H - 2, W - 2) → (N, 32, H - 4, W - 4)" in text
        assert "4,640 parameters" in text
        assert "receptive field 5\u00d75" in text


async def test_hover_tells_what_a_model_sums_up_to(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "totals.py").as_uri(), LOOP)
    text = await editor.hover(uri, "Net(nn.Module)")
    assert "input `x` (N, 3, 32, 32) (directive)" in text
    assert "11,642 parameters" in text


async def test_hover_on_a_finding_or_a_suppression_shows_the_rule(editor: Editor, project: Path) -> None:
    text = NET.replace("nn.Conv2d(16, 32, 3)", "nn.Conv2d(64, 32, 3)  # archlint: ignore[ARC605]")
    uri = editor.open((project / "rule.py").as_uri(), text)
    assert "ARC102 channel-mismatch" in await editor.hover(uri, "64, 32")
    assert "ARC605 unused-layer" in await editor.hover(uri, "ignore[")


async def test_a_lens_stands_above_each_model(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "lens.py").as_uri(), LOOP)
    found = await editor.client.text_document_code_lens_async(types.CodeLensParams(types.TextDocumentIdentifier(uri)))
    titles = [(lens.range.start.line + 1, lens.command.title) for lens in found or [] if lens.command]
    assert (20, "6 layers · 11.6 k parameters") in titles
    assert (20, "Show graph") in titles
    assert all(lens.command.command == "archlint.showGraph" for lens in found or [] if lens.command)


async def test_the_outline_holds_models_and_their_layers(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "outline.py").as_uri(), NET)
    params = types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
    (model,) = await editor.client.text_document_document_symbol_async(params) or []
    assert isinstance(model, types.DocumentSymbol)
    assert model.name == "Net"
    assert [(c.name, c.detail) for c in model.children or ()] == [
        ("conv1: Conv2d", "(N, 16, H - 2, W - 2)"),
        ("relu", "(N, 16, H - 2, W - 2)"),
        ("conv2: Conv2d", "(N, 32, H - 4, W - 4)"),
    ]
    for child in model.children or ():
        assert model.range.start.line <= child.range.start.line <= model.range.end.line


async def test_the_path_of_a_tensor_is_highlighted(editor: Editor, project: Path) -> None:
    uri = editor.open((project / "path.py").as_uri(), NET)
    params = types.DocumentHighlightParams(types.TextDocumentIdentifier(uri), editor.at(uri, "conv2(x)"))
    found = await editor.client.text_document_document_highlight_async(params) or []
    assert [(h.range.start.line + 1, h.kind) for h in found] == [
        (11, types.DocumentHighlightKind.Write),
        (12, types.DocumentHighlightKind.Text),
    ]

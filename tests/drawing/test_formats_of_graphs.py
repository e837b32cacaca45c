"""Mermaid, DOT and SVG: what they say, and that those who read them can."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from drawings import Browse, drawn
from drawn_models import HOSTILE, RESIDUAL, WRONG

from archlint.drawing.dot import render_dot
from archlint.drawing.folding import fold
from archlint.drawing.mermaid import render_mermaid, too_large
from archlint.drawing.svg import render_svg

SVG = "{http://www.w3.org/2000/svg}"
MERMAID = os.environ.get("ARCHLINT_MERMAID", "")
"""Where `dist/mermaid.min.js` of npm's mermaid is."""


def test_mermaid_of_a_folded_model() -> None:
    assert render_mermaid(fold(drawn(RESIDUAL), 0)).splitlines()[:9] == [
        "flowchart TB",
        '    n0(["input<br/>x"])',
        '    n1["Conv2d<br/>stem · 224 params"]',
        '    n24[["stage<br/>18 layers · 2,488 params"]]',
        '    n20["flatten"]',
        '    n21["Linear<br/>head · 81,930 params"]',
        '    n22(["output"])',
        '    n0 -->|"(N, 3, 32, 32)"| n1',
        '    n1 -->|"(N, 8, 32, 32)"| n24',
    ]


def test_mermaid_nests_modules_and_writes_findings_into_boxes() -> None:
    text = render_mermaid(fold(drawn(WRONG), None))
    assert 'subgraph n25 ["stage.0 Block"]' in text
    assert "✖ ARC104: " in text
    assert "class n21 error" in text


def test_mermaid_says_what_would_be_too_large_and_what_fits() -> None:
    blocks = ", ".join("Block(8, True)" for _ in range(90))
    picture = drawn(RESIDUAL.replace("Block(8, True), Block(8, False), Block(8, False), Block(8, False)", blocks))
    assert too_large(fold(picture, None)) == "634 edges, Mermaid draws at most 500; --depth 1 fits"
    assert too_large(fold(picture, 0)) == ""


@pytest.mark.skipif(not MERMAID, reason="ARCHLINT_MERMAID does not name mermaid.min.js")
@pytest.mark.parametrize("text", [RESIDUAL, WRONG, HOSTILE])
def test_mermaid_draws_it(text: str, browse: Browse) -> None:
    script = Path(MERMAID).read_text(encoding="utf-8").replace("</script", "<\\/script")
    flow = json.dumps(render_mermaid(fold(drawn(text), None))).replace("<", "\\u003c")
    page = f"<!doctype html><meta charset=utf-8><body><script>{script}</script></body>"
    told = browse(page, f"const flow = {flow};" + """
        mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
        const host = document.createElement("div");
        host.innerHTML = (await mermaid.render("drawn", flow)).svg;
        return [...host.querySelectorAll(".node")].map((node) => node.textContent);
    """)  # fmt: skip
    assert len(told) == len(drawn(text).boxes)
    if text == HOSTILE:
        assert any('<b>[x] `z`\\ "q"</script>#1;é\U0001f600' in label for label in told)


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz here")
@pytest.mark.parametrize("text", [RESIDUAL, WRONG, HOSTILE])
def test_graphviz_draws_the_dot(text: str) -> None:
    dot = render_dot(fold(drawn(text), None))
    done = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    root = ElementTree.fromstring(done.stdout)
    kinds = [group.get("class") for group in root.iter(f"{SVG}g")]
    assert kinds.count("node") == len(drawn(text).boxes)
    assert kinds.count("cluster") == len(drawn(text).groups) - 1
    if text == HOSTILE:
        shown = "\n".join("".join(one.itertext()) for one in root.iter(f"{SVG}text")).replace("\xa0", " ")
        assert '<b>[x] `z`\\ "q"</script>#1;é' in shown


def test_dot_holds_places_and_findings_in_tooltips() -> None:
    dot = render_dot(fold(drawn(WRONG), None))
    assert 'tooltip="net.py:27\\n✖ ARC104: ' in dot
    assert 'n1 -> n2 [label="(N, 8, 32, 32)"]' in dot


def rectangles(root: ElementTree.Element, kind: str) -> list[tuple[float, float, float, float]]:
    found = []
    for group in root.iter(f"{SVG}g"):
        if (group.get("class") or "").startswith(kind):
            one = group.find(f"{SVG}rect")
            assert one is not None
            found.append(tuple(float(one.get(name) or 0) for name in ("x", "y", "width", "height")))
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("depth", [None, 0, 1])
def test_in_an_svg_no_box_lies_on_another_and_all_are_on_the_paper(depth: int | None) -> None:
    root = ElementTree.fromstring(render_svg(fold(drawn(RESIDUAL), depth)))
    boxes = rectangles(root, "box")
    assert len(boxes) == {None: 23, 0: 6, 1: 7}[depth]
    for at, (x, y, width, height) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + width <= float(root.get("width") or 0)
        assert y + height <= float(root.get("height") or 0)
        for other_x, other_y, other_width, other_height in boxes[:at]:
            apart = x + width <= other_x or other_x + other_width <= x
            assert apart or y + height <= other_y or other_y + other_height <= y


def test_an_svg_shows_what_a_box_is_and_tells_more_to_a_pointer() -> None:
    root = ElementTree.fromstring(render_svg(fold(drawn(WRONG), None)))
    head = next(group for group in root.iter(f"{SVG}g") if "error" in (group.get("class") or ""))
    assert [text.text for text in head.findall(f"{SVG}text")] == [
        "Linear", "head · 20,490 params", "ARC104", "(N, 10)",
    ]  # fmt: skip
    hint = head.find(f"{SVG}title")
    assert hint is not None
    assert (hint.text or "").splitlines()[:3] == [
        "torch.nn.Linear(in_features=2048, out_features=10)", "head", "net.py:27",
    ]  # fmt: skip


def test_an_svg_keeps_hostile_names_as_text() -> None:
    root = ElementTree.fromstring(render_svg(fold(drawn(HOSTILE), None)))
    assert any('<b>[x] `z`\\ "q"</script>#1;' in (text.text or "") for text in root.iter(f"{SVG}title"))

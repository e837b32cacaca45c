"""Draws models of texts; a real browser where there is one."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archlint.drawing.gather import Texts, draw
from archlint.drawing.html import Reached, render_html
from archlint.drawing.picture import Picture
from archlint.options import Options
from archlint.plugins import load
from archlint.project import Project

Browse = Callable[[str, str], Any]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def drawn(text: str) -> Picture:
    """The one model of a text, with the findings of all rules."""
    load("archlint_rules")
    pictures: list[Picture] = []
    report = draw(Project.of_texts({"net.py": text}), Options(), pictures.append)
    assert not report.internal_errors
    [picture] = pictures
    return picture


def page(*texts: str) -> str:
    """A page of the models of some files: net0.py, net1.py …"""
    load("archlint_rules")
    pictures: list[Picture] = []
    project = Project.of_texts({f"net{number}.py": text for number, text in enumerate(texts)})
    draw(project, Options(), pictures.append)
    return render_html(pictures, Texts(project), Reached(lambda path: f"../{path}", lambda path: f"/home/{path}"))


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    """`browse(page, script)`: the value of a script in a page, in headless Chromium; skipped where there is none."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium here")

    def run(text: str, script: str) -> Any:
        ending = f"""<script>
        window.addEventListener("error", (event) => {{ window.failed = event.message; }});
        setTimeout(async () => {{
          let told;
          try {{ told = await (async () => {{ {script} }})(); }} catch (error) {{ told = "failed: " + error.stack; }}
          const made = document.createElement("pre");
          made.id = "told";
          made.textContent = JSON.stringify(told);
          document.body.append(made);
        }}, 50);
        </script></body>"""
        file = tmp_path / "page.html"
        before, _, after = text.rpartition("</body>")
        file.write_text(before + ending + after, encoding="utf-8")
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [browser, "--headless=new", *root, "--disable-gpu", "--window-size=1400,900",
                   f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000",
                   "--dump-dom", file.as_uri()]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        found = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
        assert found, done.stderr[-2000:]
        told = json.loads(html.unescape(found[1]))
        assert not (isinstance(told, str) and told.startswith("failed: ")), told
        return told

    return run

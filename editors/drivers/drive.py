"""Opens a model in real editors, set up as editors/README.md says, and checks what they show.

    drive.py neovim-0.10 neovim-0.11 emacs lsp-mode helix vscode jupyterlab  with --editors DIR, where `setup` put them

`archlint` with its extra `lsp` is taken from PATH.  Prints a line for each editor; exits with 1 if one shows less.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SNIPPETS = dict(re.findall(r"<!-- (\S+) -->\n```\w+\n(.*?)```", (HERE.parent / "README.md").read_text(), re.DOTALL))
SHAPES = ["(N, 16, H/2, W/2)", "(N, 64, H/2 - 2, W/2 - 2)", "(N, 8, H/2 - 2, W/2 - 2)"]
PATIENCE = 400


def neovim(snippet: str, program: str) -> Callable[[Path, Path], list[str]]:
    def drive(editors: Path, folder: Path) -> list[str]:
        (folder / "init.lua").write_text(SNIPPETS[snippet])
        command = [*wrapped(editors, program), "--headless", "-i", "NONE", "-u", "init.lua", "net.py"]
        shown = json.loads(last_line(run([*command, "-S", str(HERE / "neovim.lua")], folder)))
        return [
            *of_findings(shown),
            *missing("layers above the model", "6 layers" in " ".join(shown["lenses"])),
            *missing("a hover", "receptive field" in str(shown["hover"])),
            *missing("the graph", "content" in (shown["graph"] or ())),
        ]

    return drive


def emacs(editors: Path, folder: Path) -> list[str]:
    (folder / "init.el").write_text(SNIPPETS["emacs"])
    return of_findings(json.loads(last_line(run(["emacs", "-Q", "--batch", "-l", str(HERE / "emacs.el")], folder))))


def lsp_mode(editors: Path, folder: Path) -> list[str]:
    """Emacs with lsp-mode 8, which draws no shapes."""
    (folder / "init.el").write_text(SNIPPETS["lsp-mode"])
    packages = sorted((editors / "bookworm/usr/share/emacs/site-lisp/elpa-src").iterdir())
    paths = [part for package in packages for part in ("-L", str(package), "-L", str(package / "clients"))]
    command = ["emacs", "-Q", "--batch", *paths, "-l", str(HERE / "lsp-mode.el")]
    return of_findings(json.loads(last_line(run(command, folder))), shapes=())


def helix(editors: Path, folder: Path) -> list[str]:
    (folder / "helix").mkdir()
    (folder / "helix" / "languages.toml").write_text(SNIPPETS["helix-languages"])
    (folder / "helix" / "config.toml").write_text(SNIPPETS["helix-config"])
    command = [sys.executable, str(HERE / "helix.py"), *wrapped(editors, "hx"), "net.py"]
    shown = run(command, folder, XDG_CONFIG_HOME=str(folder), XDG_CACHE_HOME=str(folder), TERM="xterm-256color")
    before, menu, after = shown.split("----")
    return [
        *missing("the finding", "expects 32 channels but gets 16" in before),
        *(part for shape in SHAPES for part in missing(shape, shape in before)),
        *missing("the fix in the menu", "set in_channels=16" in menu),
        *missing("the fix applied", "Conv2d(16, 64, 3)" in after and "expects 32" not in after),
    ]


def vscode(editors: Path, folder: Path) -> list[str]:
    """The workbench of VS Code; screenshots are left in DIR/screenshots."""
    home = editors / "vscode"
    shots = editors / "screenshots"
    shots.mkdir(exist_ok=True)
    (folder / ".venv").symlink_to(Path(shutil.which("archlint") or "").resolve().parents[1])
    [extension] = (HERE.parent / "vscode").glob("*.vsix")
    own = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
    state = folder.parent / f"{folder.name}-state"
    (state / "User").mkdir(parents=True)
    (state / "User" / "settings.json").write_text('{"security.workspace.trust.enabled": false}')
    server = ["node", "node_modules/code-server/out/node/entry.js", "--user-data-dir", str(state)]
    server += ["--extensions-dir", str(state / "extensions")]
    run([*server, "--install-extension", str(extension)], home, **own)
    port = free_port()
    here = [*server, "--auth", "none", "--bind-addr", f"localhost:{port}", "--disable-telemetry"]
    shutil.copy(HERE / "vscode.js", home)
    with subprocess.Popen(
        here, cwd=home, env={**os.environ, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as started:
        try:
            time.sleep(5)
            driver = ["node", "vscode.js", f"http://localhost:{port}", str(folder), str(shots)]
            shown, cells = (json.loads(run([*driver, scene], home)) for scene in ("net", "notebook"))
        finally:
            started.terminate()
            shutil.rmtree(state, ignore_errors=True)
    text = "\n".join(shown.get("lines", ()))
    return [
        *missing("everything", "failed" not in shown),
        *(part for shape in SHAPES for part in missing(shape, shape in text)),
        *missing("the finding", "expects 32 channels" in " ".join(shown.get("problems", ()))),
        *missing("the fix applied", shown.get("fixed") == "self.conv = nn.Conv2d(16, 64, 3)"),
        *missing("the graph", "MaxPool2d" in shown.get("graph", ())),
        *missing("the line behind a layer of the graph", shown.get("place", "").startswith("Ln 12")),
        *missing("the finding in a notebook", "[Ln 4, Col 15]" in " ".join(cells.get("problems", ()))),
        *missing("shapes in a notebook", "(N, 16, H - 2, W - 2)" in " ".join(cells.get("lines", ()))),
    ]


def jupyterlab(editors: Path, folder: Path) -> list[str]:
    (folder / "jupyter_server_config.json").write_text(SNIPPETS["jupyterlab"])
    shots = editors / "screenshots"
    shots.mkdir(exist_ok=True)
    port = free_port()
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.token=",
        "--config=jupyter_server_config.json",
    ]
    shutil.copy(HERE / "jupyterlab.js", editors / "vscode")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(["jupyter-lab", *options], cwd=folder, **quiet) as started:  # type: ignore[call-overload]
        try:
            time.sleep(8)
            driver = ["node", "jupyterlab.js", f"http://localhost:{port}", str(shots)]
            shown = json.loads(run(driver, editors / "vscode"))
        finally:
            started.terminate()
    return missing("the finding at the argument", shown["marked"] == ["32"])


def of_findings(shown: dict[str, Any], shapes: Sequence[str] = SHAPES) -> list[str]:
    """What is missing of finding, shapes and fix."""
    found = [(one["line"], one["marked"]) for one in shown["findings"]]
    return [
        *missing("the finding at the argument", found == [(8, "32")]),
        *(part for shape in shapes for part in missing(shape, shape in [one["text"] for one in shown["shapes"]])),
        *missing("the fix in the menu", any("set in_channels=16" in title for title in shown["actions"])),
        *missing("the fix applied", shown["fixed"] == "self.conv = nn.Conv2d(16, 64, 3)" and shown["cleared"]),
    ]


def missing(what: str, there: bool) -> list[str]:
    return [] if there else [what]


def wrapped(editors: Path, program: str) -> list[str]:
    """An editor that `setup` has unpacked, else the one of the system."""
    own = editors / "bin" / program
    return [str(own)] if own.exists() else [{"nvim10": "nvim", "nvim12": "nvim"}.get(program, program)]


def run(command: list[str], folder: Path, **more: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **more}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return done.stdout or done.stderr


def last_line(text: str) -> str:
    """The line of JSON among what an editor says."""
    return next((line for line in reversed(text.splitlines()) if line.startswith("{")), text)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("localhost", 0))
        return int(bound.getsockname()[1])


EDITORS: dict[str, Callable[[Path, Path], list[str]]] = {
    "neovim-0.10": neovim("neovim-0.10", "nvim10"),
    "neovim-0.11": neovim("neovim-0.11", "nvim12"),
    "emacs": emacs,
    "lsp-mode": lsp_mode,
    "helix": helix,
    "vscode": vscode,
    "jupyterlab": jupyterlab,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Drive real editors with archlint.")
    parser.add_argument("names", nargs="*", metavar="EDITOR", help=", ".join(EDITORS))
    parser.add_argument("--editors", type=Path, default=Path(".editors"), help="where `setup` has put them")
    given = parser.parse_args()
    failed = False
    for name in given.names or ["neovim-0.10", "neovim-0.11", "emacs"]:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made) / "project"
            shutil.copytree(HERE / "sample", folder)
            (folder / "archlint.toml").touch()
            try:
                lacks = EDITORS[name](given.editors.resolve(), folder)
            except (ValueError, KeyError, OSError, subprocess.SubprocessError) as error:
                lacks = [f"everything: {type(error).__name__}: {error}"]
        failed |= bool(lacks)
        told = f"does not show {'; '.join(lacks)}" if lacks else "all as it should be"
        print(f"{name}: {told} ({time.monotonic() - start:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

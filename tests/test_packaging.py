"""What is installed, and that no file speaks of the machine it was written on."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

OF_A_MACHINE = re.compile(
    r"(?<![\w.])/(?:home|root|Users|opt|work)/\w|/tmp/\w|\.pyenv|\b(?:\d{1,3}\.){3}\d{1,3}:\d+|index-url|extra-index|/simple/"
)


def tracked() -> list[Path]:
    """Files that git knows; without git, all that is not made by a tool."""
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode == 0 and run.stdout:
        return [ROOT / name for name in run.stdout.split("\0") if name and (ROOT / name).is_file()]
    made = re.compile(r"(^|/)(\.venv.*|__pycache__|\..*_cache|\.corpora|\.hypothesis|\.git|dist|build)(/|$)")
    return [p for p in ROOT.rglob("*") if p.is_file() and not made.search(p.relative_to(ROOT).as_posix())]


def test_the_rule_pack_is_found_through_its_entry_point() -> None:
    found = entry_points(group="archlint.rules")
    if not found:
        pytest.skip("archlint is not installed")
    assert "archlint_rules" in {point.value for point in found}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    pytest.importorskip("hatchling", reason="`pip install hatchling` builds the wheel here")
    target = tmp_path_factory.mktemp("wheel")
    source = target / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("archlint", "rules"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    return zipfile.ZipFile(next(target.glob("*.whl")))


def test_the_wheel_holds_the_engine_the_rules_and_their_pages(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"archlint", "archlint_rules"}
    assert "archlint/check.py" in names
    for page in (ROOT / "rules" / "archlint_rules").rglob("*.md"):
        assert page.relative_to(ROOT / "rules").as_posix() in names


def test_the_wheel_needs_four_packages_and_more_only_where_asked(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read(next(n for n in wheel.namelist() if n.endswith("METADATA"))).decode()
    needed: dict[str, set[str]] = {}
    for line in re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE):
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        needed.setdefault(extra[1] if extra else "", set()).add(re.split(r"[<>=~!; ]", line)[0])
    assert needed == {"": {"libcst", "click", "networkx", "pathspec"}, "lsp": {"pygls"}, "watch": {"watchfiles"}}


def test_the_wheel_holds_what_the_drawings_and_the_configuration_read(wheel: zipfile.ZipFile) -> None:
    """Files beside the modules: pages, scripts, schemas."""
    names = set(wheel.namelist())
    for path in (ROOT / "archlint").rglob("*"):
        if path.is_file() and path.suffix in (".js", ".css", ".html", ".json", ".toml"):
            assert path.relative_to(ROOT).as_posix() in names


def test_no_file_speaks_of_the_machine_it_was_written_on() -> None:
    found: list[str] = []
    for path in tracked():
        if path == Path(__file__):
            continue
        data = path.read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if match := OF_A_MACHINE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert not found


def test_scripts_can_be_run() -> None:
    scripts = [
        ROOT / "scripts" / "example",
        ROOT / "scripts" / "test",
        ROOT / "scripts" / "editors",
        ROOT / "editors" / "drivers" / "setup",
        ROOT / ".ci" / "run",
    ]
    for script in scripts:
        assert script.stat().st_mode & 0o111, f"{script} is not executable"
        assert "set -euo pipefail" in script.read_text(encoding="utf-8")

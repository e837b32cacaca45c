"""Which files a run looks at."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archlint.discover import discover

Tree = Callable[..., None]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Make the working directory a tree of empty files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    def make(*names: str, git: bool = False, ignore: str = "", track: str = "") -> None:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        if git:
            (tmp_path / ".gitignore").write_text(ignore)
            subprocess.run(["git", "init", "-q"], check=True)
            if track:
                subprocess.run(["git", "add", "-f", track], check=True)

    return make


def test_directories_of_other_peoples_code_are_skipped(tree: Tree) -> None:
    tree("a.py", "pkg/b.py", "pkg/notes.txt", ".venv/x.py", "node_modules/x.py", "pkg/__pycache__/x.py", "build/x.py")
    tree("dist/x.py", "pkg.egg-info/x.py", "env/site-packages/x.py", ".git/x.py")
    assert discover(["."]).files == ["a.py", "pkg/b.py"]


def test_in_a_repository_git_decides(tree: Tree) -> None:
    tree("a.py", "new.py", "secret.py", "gone.py", "build/tracked.py", git=True, ignore="secret.py\n", track=".")
    Path("gone.py").unlink()
    tree("build/untracked.py", "site-packages/x.py")
    assert discover(["."]).files == ["a.py", "build/tracked.py", "new.py", "secret.py"]


def test_ignored_files_are_taken_when_they_are_named(tree: Tree) -> None:
    tree("a.py", "vendor/b.py", "c.txt", git=True, ignore="vendor\nc.txt\n")
    assert discover(["."]).files == ["a.py"]
    assert discover(["vendor/b.py", "c.txt"]).files == ["vendor/b.py", "c.txt"]
    assert discover(["vendor"]).files == ["vendor/b.py"]


def test_a_repository_inside_the_repository_is_looked_into(tree: Tree) -> None:
    tree("a.py", git=True)
    tree("sub/b.py")
    subprocess.run(["git", "init", "-q", "sub"], check=True)
    assert discover(["."]).files == ["a.py", "sub/b.py"]


@pytest.mark.parametrize("git", [True, False])
def test_a_loop_of_links_ends(tree: Tree, git: bool) -> None:
    tree("pkg/a.py", git=git)
    os.symlink("..", "pkg/loop")
    os.symlink("self.py", "self.py")
    found = discover(["."]).files
    assert "pkg/a.py" in found
    assert not [name for name in found if "loop" in name]


def test_a_missing_path_is_an_error_and_the_others_are_looked_at(tree: Tree) -> None:
    tree("a.py")
    found = discover(["nowhere", "a.py"])
    assert found.files == ["a.py"]
    assert found.errors == [("nowhere", "No such file or directory")]


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_directory_that_cannot_be_read_is_an_error(tree: Tree) -> None:
    tree("a.py", "shut/b.py")
    os.chmod("shut", 0)
    try:
        found = discover(["."])
    finally:
        os.chmod("shut", 0o755)
    assert found.files == ["a.py"]
    assert found.errors == [("./shut", "Permission denied")]


def test_without_git_the_tree_is_walked(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree("a.py", git=True)
    monkeypatch.setenv("PATH", "")
    assert discover(["."]).files == ["a.py"]

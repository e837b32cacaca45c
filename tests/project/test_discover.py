"""Which files a run looks at."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archlint.discover import Wanted, discover
from archlint.patterns import Pattern

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


def wanting(**given: object) -> Callable[[str], Wanted]:
    """What is wanted everywhere below here."""
    here = os.getcwd()
    patterns = {
        key: tuple(Pattern(text, here) for text in value) if isinstance(value, list) else value
        for key, value in given.items()
    }
    return lambda folder: Wanted(folder=here, **patterns)  # type: ignore[arg-type]


@pytest.mark.parametrize("git", [False, True])
@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["old"], ["a.py", "pkg/a_pb2.py", "pkg/b.py"]),
        (["*_pb2.py"], ["a.py", "old/c.py", "pkg/b.py", "pkg/old/d.py"]),
        (["pkg/old"], ["a.py", "old/c.py", "pkg/a_pb2.py", "pkg/b.py"]),
        (["./old/"], ["a.py", "pkg/a_pb2.py", "pkg/b.py", "pkg/old/d.py"]),
        (["pkg/*"], ["a.py", "old/c.py"]),
        (["pkg/*.py"], ["a.py", "old/c.py", "pkg/old/d.py"]),
        (["**/old"], ["a.py", "pkg/a_pb2.py", "pkg/b.py"]),
        (["pkg/**/d.py"], ["a.py", "old/c.py", "pkg/a_pb2.py", "pkg/b.py"]),
        (["[ab].py"], ["old/c.py", "pkg/a_pb2.py", "pkg/old/d.py"]),
        (["[!a].py"], ["a.py", "pkg/a_pb2.py"]),
        (["?.py", "[z-a", "none"], ["pkg/a_pb2.py"]),
    ],
)
def test_patterns_exclude_files_and_what_is_in_directories(
    tree: Tree, git: bool, patterns: list[str], left: list[str]
) -> None:
    tree("a.py", "old/c.py", "pkg/a_pb2.py", "pkg/b.py", "pkg/old/d.py", git=git)
    assert discover(["."], wanted=wanting(exclude=patterns)).files == left
    assert discover([os.getcwd()], wanted=wanting(exclude=patterns)).files == [os.path.abspath(p) for p in left]


def test_what_is_named_is_taken_unless_exclusion_is_forced(tree: Tree) -> None:
    tree("a.py", "old/b.py", "old/deep/c.py")
    assert discover(["old", "old/b.py"], wanted=wanting(exclude=["old"])).files == [
        "old/b.py", "old/deep/c.py", "old/b.py",
    ]  # fmt: skip
    assert discover(["old", "old/b.py", "a.py"], wanted=wanting(exclude=["old"], force=True)).files == ["a.py"]
    assert discover(["old"], wanted=wanting(exclude=["old", "deep"])).files == ["old/b.py"]


def test_a_directory_on_the_way_excludes_nothing(tree: Tree) -> None:
    """`exclude = ["build"]` in a checkout that lies in a directory `build`."""
    tree("build/net.py", "build/build/x.py")
    os.chdir("build")
    assert discover(["."], wanted=wanting(exclude=["build"])).files == ["net.py"]
    assert discover(["net.py"], wanted=wanting(exclude=["build"], force=True)).files == ["net.py"]


def test_what_is_looked_for_can_be_said(tree: Tree) -> None:
    tree("a.py", "b.ipynb", "c.pyw", "src/d.py")
    assert discover(["."]).files == ["a.py", "b.ipynb", "src/d.py"]
    assert discover(["."], wanted=wanting(include=["*.py", "*.pyw"])).files == ["a.py", "c.pyw", "src/d.py"]
    assert discover(["."], wanted=wanting(include=["src/**/*.py"])).files == ["src/d.py"]


def test_what_git_ignores_can_be_asked_for(tree: Tree) -> None:
    tree("a.py", "made/b.py", "build/c.py", git=True, ignore="made\n")
    assert discover(["."]).files == ["a.py"]
    assert discover(["."], wanted=wanting(gitignore=False)).files == ["a.py", "made/b.py"]


def test_outside_of_repositories_gitignore_files_are_read(tree: Tree) -> None:
    tree("a.py", "made/b.py", "pkg/c_gen.py", "pkg/keep_gen.py", "pkg/deep/d_gen.py", "pkg/deep/e.py", "pkg/data/x.py")
    Path(".gitignore").write_text("made/\n*_gen.py\n/pkg/data\n# a comment\n")
    Path("pkg/.gitignore").write_text("!keep_gen.py\n")
    Path("pkg/deep/.gitignore").write_text("e.py\n!*_gen.py\n")
    assert discover(["."]).files == ["a.py", "pkg/deep/d_gen.py", "pkg/keep_gen.py"]
    assert discover(["pkg"]).files == ["pkg/deep/d_gen.py", "pkg/keep_gen.py"]
    assert discover(["made"]).files == ["made/b.py"]
    assert discover(["."], wanted=wanting(gitignore=False)).files == [
        "a.py", "made/b.py", "pkg/c_gen.py", "pkg/data/x.py", "pkg/deep/d_gen.py", "pkg/deep/e.py", "pkg/keep_gen.py",
    ]  # fmt: skip


def test_a_walk_ignores_what_git_would(tree: Tree) -> None:
    names = ["a.py", "x/b.py", "x/y/c.py", "x/y/z/a.py", "logs/d.py", "x/logs/e.py", "gen_f.py", "x/gen_g.py", "#h.py"]
    tree(*names)
    Path(".gitignore").write_text("x/**/c.py\nlogs\n!x/logs\n/gen_*\n\\#h.py\n\n")
    Path("x/.gitignore").write_text("z/\n/b.py\n")
    walked = discover(["."]).files
    subprocess.run(["git", "init", "-q"], check=True)
    assert discover(["."]).files == walked


@pytest.mark.parametrize(
    ("names", "ignored"),
    [
        (["x.py", "a/x.py", "a/y.py", "a/b/x.py"], {".gitignore": "a/**\n[xy].py\n!x.py\n"}),
        (["c/z.py", "c/a/z.py"], {"c/.gitignore": "!*\na\n"}),
        (["d/x.py", "d/b/z.py"], {".gitignore": "!**/c\n", "d/.gitignore": "a/**\n!*\n/b/\n"}),
        (["a/x.py", "a/b/y.py", "y.py"], {".gitignore": "*\n!a/\n!y.py\n"}),
        (["a/x.py", "b/a/x.py"], {".gitignore": "a\n!b/a\n"}),
    ],
)
def test_the_last_pattern_that_means_a_path_itself_decides(
    tree: Tree, names: list[str], ignored: dict[str, str]
) -> None:
    tree(*names)
    for name, text in ignored.items():
        Path(name).write_text(text)
    walked = discover(["."]).files
    subprocess.run(["git", "init", "-q"], check=True)
    assert discover(["."]).files == walked


def test_a_gitignore_that_ignores_the_directory_itself_says_nothing_once_that_is_named(tree: Tree) -> None:
    tree("vendor/a.py", "vendor/b_gen.py", "vendor/sub/c.py", git=True, ignore="vendor\n*_gen.py\n")
    Path("vendor/.gitignore").write_text("sub\n")
    assert discover(["vendor"]).files == ["vendor/a.py", "vendor/b_gen.py"]

"""`--changed-only` and `--diff-only`: what a commit, a branch, a working tree changes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, Cli, notebook


def git(*arguments: str) -> str:
    name = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *name, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(cli: Cli) -> Cli:
    """Five broken models in one commit; `deep.py` reads `sizes.py` through `widths.py`."""
    git("init", "-q")
    for name in ("a.py", "b.py", "with space é.py"):
        Path(name).write_text(BROKEN)
    Path("sizes.py").write_text("WIDTH = 24\n")
    Path("widths.py").write_text("from sizes import WIDTH\n")
    Path("deep.py").write_text("from widths import WIDTH\n" + CLEAN.replace("(16, 32", "(WIDTH, 32"))
    git("add", "-A")
    git("commit", "-qm", "first")
    return cli


def found(cli: Cli, *arguments: str) -> list[str]:
    """The files with findings."""
    lines = cli("check", "--output-format", "concise", *arguments).out.splitlines()
    return [line.partition(":")[0] for line in lines]


def test_nothing_changed_nothing_checked(repository: Cli) -> None:
    assert len(found(repository)) == 4
    outcome = repository("check", "--changed-only")
    assert (outcome.code, outcome.out) == (0, "no models in 0 files, no findings\n")


def test_changed_staged_and_new_files_are_checked(repository: Cli) -> None:
    Path("a.py").write_text(BROKEN + "\n")
    assert found(repository, "--changed-only") == ["a.py"]
    git("add", "a.py")
    Path("new.py").write_text(BROKEN)
    Path("with space é.py").write_text(BROKEN + "\n")
    assert found(repository, "--changed-only") == ["a.py", "new.py", "with space é.py"]
    Path(".gitignore").write_text("new.py\n")
    assert found(repository, "--changed-only") == ["a.py", "with space é.py"]


def test_who_imports_what_changed_is_checked_at_any_depth(repository: Cli) -> None:
    Path("sizes.py").write_text("WIDTH = 20\n")
    assert found(repository, "--changed-only") == ["deep.py"]


def test_who_imports_what_was_deleted_is_checked(repository: Cli) -> None:
    Path("sizes.py").unlink()
    outcome = repository("check", "--changed-only", "-v")
    assert "deep.py" in outcome.out


def test_a_changed_configuration_changes_what_is_below_it(repository: Cli) -> None:
    Path("archlint.toml").write_text("")
    assert len(found(repository, "--changed-only")) == 4


def test_a_branch_is_compared_with_where_it_left(repository: Cli) -> None:
    git("checkout", "-qb", "topic")
    Path("b.py").write_text(BROKEN + "\n# more\n")
    git("commit", "-qam", "topic")
    git("checkout", "-q", "main")
    Path("a.py").write_text(BROKEN + "\n# main goes on\n")
    git("commit", "-qam", "second")
    git("checkout", "-q", "topic")
    assert found(repository, "--changed-only") == []
    assert found(repository, "--changed-only", "--base", "main") == ["b.py"]


def test_in_a_directory_below_the_root(repository: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pkg").mkdir()
    Path("pkg/net.py").write_text(BROKEN)
    Path("a.py").write_text(BROKEN + "\n")
    monkeypatch.chdir("pkg")
    assert found(repository, "--changed-only") == ["net.py"]
    assert len(found(repository, "--changed-only", "..")) == 2


def test_findings_on_changed_lines_alone(repository: Cli) -> None:
    two = BROKEN + BROKEN.replace("class Net", "class Other")
    Path("a.py").write_text(two)
    assert len(found(repository, "--changed-only")) == 2
    outcome = repository("check", "--diff-only", "--output-format", "concise")
    assert [line.split(":")[:2] for line in outcome.out.splitlines()] == [["a.py", "19"]]
    Path("a.py").write_text("# one line more above\n" + BROKEN)
    assert found(repository, "--diff-only") == []


def test_a_finding_whose_cause_is_on_a_changed_line_is_shown(repository: Cli) -> None:
    """The finding stands at `conv2`, which nobody touched; what it gets was changed."""
    Path("a.py").write_text(BROKEN.replace("(3, 16, 3)", "(3, 20, 3)"))
    assert found(repository, "--diff-only") == ["a.py"]


def test_what_is_not_possible_is_said(cli: Cli) -> None:
    Path("a.py").write_text(BROKEN)
    outcome = cli("check", "--changed-only")
    assert (outcome.code, "need a git repository" in outcome.err) == (2, True)
    git("init", "-q")
    assert "no commit to compare with yet" in cli("check", "--changed-only").err
    git("add", "a.py")
    git("commit", "-qm", "first")
    assert "no such revision: nonsense" in cli("check", "--changed-only", "--base", "nonsense").err
    assert "no such revision: --help" in cli("check", "--changed-only", "--base=--help").err
    assert "--base is for" in cli("check", "--base", "HEAD").err
    assert "fix with --changed-only" in cli("check", "--diff-only", "--fix").err


def test_fixes_are_held_against_the_same_files(repository: Cli) -> None:
    Path("a.py").write_text(BROKEN + "\n")
    outcome = repository("check", "--changed-only", "--fix", "--unsafe-fixes")
    assert outcome.code == 0
    assert "1 finding fixed in 1 file" in outcome.out
    assert Path("b.py").read_text() == BROKEN


def test_in_a_notebook_changed_lines_are_those_of_its_json(cli: Cli) -> None:
    """Two cells with a finding each; the second is edited. Outputs and numbers of runs are no code."""
    git("init", "-q")
    head = "import torch.nn as nn"
    one, other = (f"{name} = nn.Sequential(nn.Linear(4, 8), nn.Linear(9, 2))" for name in ("one", "other"))
    Path("net.ipynb").write_text(notebook(head, one, other))
    Path(".gitattributes").write_text("*.ipynb -diff\n")
    git("add", "-A")
    git("commit", "-qm", "first")
    Path("net.ipynb").write_text(notebook(head, one, other.replace("9, 2", "9, 3")))
    assert len(found(cli, "--changed-only")) == 2
    outcome = cli("check", "--diff-only", "--output-format", "concise")
    assert [line.partition(": ")[0] for line in outcome.out.splitlines()] == ["net.ipynb:cell 3:1:50"]
    Path("net.ipynb").write_text(notebook(head, one, other).replace('"execution_count": 1', '"execution_count": 7'))
    assert len(found(cli, "--changed-only")) == 2
    assert found(cli, "--diff-only") == []


@pytest.fixture
def submodule(repository: Cli, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The repository with `lib`, a submodule that holds a broken and a clean model."""
    inner = tmp_path_factory.mktemp("inner")
    git("-C", str(inner), "init", "-q")
    (inner / "net.py").write_text(BROKEN)
    (inner / "clean.py").write_text(CLEAN)
    git("-C", str(inner), "add", "-A")
    git("-C", str(inner), "commit", "-qm", "first")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "lib")
    return repository


def test_what_changed_in_a_submodule_is_checked(submodule: Cli) -> None:
    assert found(submodule, "--changed-only") == ["lib/net.py"]  # it is new, with all that is in it
    git("commit", "-qm", "with lib")
    assert found(submodule, "--changed-only") == []
    Path("lib/clean.py").write_text(BROKEN)
    assert found(submodule, "--changed-only") == ["lib/clean.py"]
    assert found(submodule, "--diff-only") == ["lib/clean.py"]
    git("-C", "lib", "commit", "-qam", "second")  # the commit in `lib` is now another than the repository says
    assert found(submodule, "--changed-only") == ["lib/clean.py"]
    Path("lib/new.py").write_text(BROKEN)
    assert found(submodule, "--changed-only") == ["lib/clean.py", "lib/new.py"]


def test_why_git_refuses_is_said(repository: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    git("clone", "-q", "--bare", ".", "bare.git")
    git("commit", "-qm", "second", "--allow-empty")
    git("clone", "-q", "--depth", "1", f"file://{Path.cwd()}", "shallow")
    monkeypatch.chdir("bare.git")
    assert "need the working tree of a git repository" in repository("check", "--changed-only").err
    monkeypatch.chdir("../shallow")
    outcome = repository("check", "--changed-only", "--base", "HEAD~1")
    assert "no such revision: HEAD~1; the repository is shallow: git fetch --unshallow" in outcome.err
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert "dubious ownership" in repository("check", "--changed-only").err

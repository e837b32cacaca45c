"""`archlint diff`: what changed in the models between two states of a repository."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from shell import CLEAN, Cli

from archlint import workers

NET = """\
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return self.norm(self.conv(x)).relu()


class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.block = Block(8)
        self.head = nn.Linear(8, classes)

    def forward(self, x):  # archlint: input=(N, 3, 32, 32)
        return self.head(self.block(self.stem(x)).mean((2, 3)))
"""
KERAS = """\
from keras import Input, Sequential
from keras.layers import Conv2D, Dense, Flatten

model = Sequential([Input((8, 8, 3)), Conv2D(4, 3), Conv2D(4, 3), Flatten(), Dense(2)])
"""


def git(*arguments: str) -> str:
    author = {
        f"GIT_{role}_{what}": "someone@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, env={**os.environ, **author, **alone})
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(files: dict[str, str], message: str = "more") -> None:
    if not Path(".git").exists():
        git("init", "-q", "-b", "main")
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    git("add", "-A")
    git("commit", "-q", "-m", message)


def write(path: str, text: str, *changes: tuple[str, str]) -> None:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path(path).write_text(text)


def test_nothing_changed(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("class Block", "# a comment\nclass Block"))
    outcome = cli("diff", "HEAD")
    assert (outcome.code, outcome.out) == (0, "HEAD -> working tree: no model changed, 1 that it reaches unchanged\n")


def test_a_layer_with_other_arguments_and_what_follows_from_it(cli: Cli) -> None:
    commit({"net.py": NET})
    write(
        "net.py",
        NET,
        ("classes=10", "classes=7"),
        ("Conv2d(3, 8, 3, padding=1)", "Conv2d(3, 8, 5, padding=2, stride=2)"),
    )
    assert (
        cli("diff", "HEAD").out
        == """\
net.py: Net (PyTorch)
  parameters   914 -> 1,271 (+357)
  MACs         811,088 -> 301,112 (-509,976)
  output       (N, 10) -> (N, 7)
  ~ stem  Conv2d: kernel_size 3 -> 5; padding 1 -> 2; stride (not stated) -> 2; 224 -> 608 parameters; \
(N, 8, 32, 32) -> (N, 8, 16, 16)  (line 22)
  ~ head  Linear: out_features 10 -> 7; 90 -> 63 parameters; (N, 10) -> (N, 7)  (line 22)
  in consequence 3 layers with other shapes or parameters:
      block.conv and 2 more, to relu: (N, 8, 32, 32) -> (N, 8, 16, 16)

HEAD -> working tree: 1 model changed
"""
    )


def test_layers_that_come_and_go_a_whole_module_in_one_line(cli: Cli) -> None:
    commit({"net.py": NET})
    write(
        "net.py", NET, ("self.block = Block(8)", "self.block = Block(8)\n        self.more = Block(8)"),
        ("self.block(self.stem(x))", "self.more(self.block(self.stem(x)))"),
    )  # fmt: skip
    lines = cli("diff", "HEAD").out.splitlines()
    assert "  + more  Block, 3 layers, 600 parameters, (N, 8, 32, 32)  (line 11)" in lines
    write("net.py", NET, (".relu()", ""))
    lines = cli("diff", "HEAD").out.splitlines()
    assert "  - relu  (N, 8, 32, 32)  (line 11)" in lines


def test_the_same_change_of_many_layers_is_one_line(cli: Cli) -> None:
    text = NET.replace("self.block = Block(8)", "self.block = nn.Sequential(Block(8), Block(8), Block(8))")
    commit(
        {
            "net.py": text.replace("self.norm = nn", "self.act = nn.ReLU()\n        self.norm = nn").replace(
                ").relu()", ")"
            )
        }
    )
    write(
        "net.py",
        Path("net.py").read_text(),
        ("padding=1)\n        self.act", "padding=1, bias=False)\n        self.act"),
    )
    lines = cli("diff", "HEAD").out.splitlines()
    assert [line for line in lines if line.startswith("  ~ ")] == [
        "  ~ block.0.conv and 2 more, to block.2.conv  "
        "Conv2d: bias (not stated) -> False; 584 -> 576 parameters  (line 12)"
    ]


def test_another_layer_in_its_place(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("nn.BatchNorm2d(width)", "nn.GroupNorm(4, width)"))
    lines = cli("diff", "HEAD").out.splitlines()
    assert "  ~ block.norm  BatchNorm2d(num_features=8) -> GroupNorm(num_groups=4, num_channels=8)  (line 11)" in lines


def test_a_name_that_keras_counts_says_nothing(cli: Cli) -> None:
    commit({"net.py": KERAS})
    write("net.py", KERAS, ("Conv2D(4, 3), Conv2D(4, 3)", "Conv2D(4, 1), Conv2D(4, 3), Conv2D(4, 3)"))
    lines = cli("diff", "HEAD").out.splitlines()
    assert [line for line in lines if line.startswith("  + ")] == [
        "  + conv2d  Conv2D(filters=4, kernel_size=1), 16 parameters, (N, 8, 8, 4)  (line 4)"
    ]
    assert not [line for line in lines if line.startswith(("  - ", "  renamed"))]


def test_a_layer_with_another_name_is_the_same_layer(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("self.stem", "self.entry"))
    assert (
        cli("diff", "HEAD").out
        == """\
net.py: Net (PyTorch)
  renamed stem -> entry

HEAD -> working tree: 1 model changed
"""
    )


def test_layers_that_take_something_else(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("self.norm(self.conv(x))", "self.conv(self.norm(x))"))
    lines = cli("diff", "HEAD").out.splitlines()
    assert "  ~ block.norm  BatchNorm2d: takes stem, not block.conv  (line 11)" in lines
    assert "  ~ block.conv  Conv2d: takes block.norm, not stem  (line 11)" in lines


def test_findings_that_are_new_or_gone(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("nn.Linear(8,", "nn.Linear(9,"))
    out = cli("diff", "HEAD").out
    assert "  + finding ARC104 error: " in out
    git("add", "-A")
    git("commit", "-q", "-m", "broken")
    write("net.py", NET)
    assert "  - finding ARC104 error: " in cli("diff", "HEAD").out


def test_models_that_are_new_gone_renamed_or_in_another_file(cli: Cli) -> None:
    commit({"net.py": NET, "old.py": CLEAN, "keras_net.py": KERAS})
    git("mv", "net.py", "net_work.py")
    Path("keras_net.py").write_text(KERAS.replace("model =", "classifier ="))
    Path("old.py").unlink()
    Path("new.py").write_text(
        CLEAN.replace("Net", "New").replace("nn.Conv2d(16, 32, 3)", "nn.Linear(1, 1)").replace("3, 16", "1, 9")
    )
    lines = cli("diff", "HEAD").out.splitlines()
    assert "net_work.py: Net (PyTorch, was net.py: Net)" in lines
    assert "keras_net.py: classifier (Keras, was model)" in lines
    assert "- old.py: Net (PyTorch), 3 layer calls, 5,088 parameters" in lines
    assert any(line.startswith("+ new.py: New (PyTorch), 3 layer calls") for line in lines)
    assert lines[-1] == "HEAD -> working tree: 2 models changed, 1 added, 1 removed"


def test_a_helper_in_another_file_changes_the_models_that_import_it(cli: Cli) -> None:
    block, _, net = NET.partition("class Net")
    commit(
        {
            "pkg/__init__.py": "",
            "pkg/block.py": block,
            "pkg/net.py": f"from torch import nn\nfrom .block import Block\n\n\nclass Net{net}",
            "pkg/other.py": CLEAN,
        }
    )
    write("pkg/block.py", block, ("padding=1", "padding=1, bias=False"))
    outcome = cli("diff", "HEAD")
    assert "pkg/net.py: Net (PyTorch)\n" in outcome.out
    assert "  ~ block.conv  Conv2d: bias (not stated) -> False; 584 -> 576 parameters" in outcome.out
    assert "pkg/other.py" not in outcome.out


def test_two_revisions_leave_the_working_tree_out(cli: Cli) -> None:
    commit({"net.py": NET}, "one")
    commit({"net.py": NET.replace("classes=10", "classes=7")}, "two")
    Path("net.py").write_text("broken(")
    assert "Linear: out_features 10 -> 7" in cli("diff", "HEAD~1..HEAD").out
    assert "Linear: out_features 7 -> 10" in cli("diff", "HEAD..HEAD~1").out
    assert "HEAD~1 -> HEAD: 1 model changed" in cli("diff", "HEAD~1..").out


def test_three_dots_start_where_the_branches_parted(cli: Cli) -> None:
    commit({"net.py": NET, "other.py": CLEAN})
    git("switch", "-q", "-c", "topic")
    commit({"net.py": NET.replace("classes=10", "classes=7")}, "topic")
    git("switch", "-q", "main")
    commit({"other.py": CLEAN.replace("16", "20")}, "meanwhile")
    assert "1 model changed" in cli("diff", "main...topic").out
    assert "2 models changed" in cli("diff", "main..topic").out


def test_from_a_subdirectory_and_for_some_paths(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    commit({"pkg/net.py": NET, "net.py": NET})
    for path in ("pkg/net.py", "net.py"):
        write(path, NET, ("classes=10", "classes=7"))
    assert "1 model changed" in cli("diff", "HEAD", "net.py").out
    assert "2 models changed" in cli("diff", "HEAD", "net.py", "pkg").out
    monkeypatch.chdir("pkg")
    assert cli("diff", "HEAD").out.startswith("net.py: Net (PyTorch)\n")
    assert "1 model changed" in cli("diff", "HEAD").out


def test_a_path_that_is_only_in_the_old_revision(cli: Cli) -> None:
    commit({"pkg/net.py": NET})
    Path("pkg/net.py").unlink()
    Path("pkg").rmdir()
    assert "- pkg/net.py: Net (PyTorch)" in cli("diff", "HEAD", "pkg").out


def test_markdown_for_a_pull_request(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("classes=10", "classes=7"))
    out = cli("diff", "HEAD", "--output-format", "markdown", "--mermaid").out
    assert out.startswith("## Architecture: HEAD → working tree: 1 model changed\n\n### net.py: Net (PyTorch)\n")
    assert "| parameters | 914 | 887 (-27) |" in out
    assert "| changed | `head` | out\\_features 10 → 7; 90 → 63 parameters; (N, 10) → (N, 7) |" in out
    assert "<summary>The model as it is now</summary>\n\n```mermaid\nflowchart TB\n" in out


def test_messages_in_markdown_keep_their_names_as_code(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("nn.Linear(8,", "nn.Linear(9,"))
    out = cli("diff", "HEAD", "--output-format", "markdown").out
    assert "- **new error ARC104**: `head` has in\\_features=9 but" in out


def test_json_and_a_file(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("classes=10", "classes=7"))
    outcome = cli("diff", "HEAD", "--output-format", "json", "-o", "diff.json")
    assert outcome.out == ""
    data = json.loads(Path("diff.json").read_text())
    [change] = data["changed"]
    assert (data["version"], change["before"]["params"], change["after"]["params"]) == (1, 914, 887)
    assert [layer["arguments"] for layer in change["layers"]["changed"]] == [[["out_features", "10", "7"]]]


def test_the_exit_code_tells_only_if_it_is_asked(cli: Cli) -> None:
    commit({"net.py": NET})
    assert cli("diff", "HEAD", "--exit-code").code == 0
    write("net.py", NET, ("classes=10", "classes=7"))
    assert (cli("diff", "HEAD").code, cli("diff", "HEAD", "--exit-code").code) == (0, 1)


def test_nothing_is_checked_out_and_nothing_is_written(cli: Cli) -> None:
    commit({"net.py": NET})
    write("net.py", NET, ("classes=10", "classes=7"))
    before = git("status", "--porcelain"), Path("net.py").read_text()
    cli("diff", "HEAD")
    assert (git("status", "--porcelain"), Path("net.py").read_text()) == before


def test_outside_a_repository(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    Path("net.py").write_text(NET)
    outcome = cli("diff", "HEAD")
    assert outcome.code == 2
    assert "this is no git repository; archlint diff compares revisions" in outcome.err


def test_a_revision_that_is_none(cli: Cli) -> None:
    commit({"net.py": NET})
    assert "no such revision: v1" in cli("diff", "v1").err
    outcome = cli("diff", "net.py")
    assert outcome.code == 2
    assert "no such revision: net.py; for a path: archlint diff HEAD net.py" in outcome.err
    assert "no such revision: --output=x" in cli("diff", "--", "--output=x").err


def test_a_path_that_never_was(cli: Cli) -> None:
    commit({"net.py": NET})
    outcome = cli("diff", "HEAD", "nte.py")
    assert outcome.code == 2
    assert "no such file or directory, neither now nor then: nte.py" in outcome.err


def test_a_shallow_repository_says_how_to_get_more(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit({"net.py": NET}, "one")
    first = git("rev-parse", "HEAD").strip()
    commit({"net.py": NET.replace("classes=10", "classes=7")}, "two")
    git("clone", "-q", "--depth", "1", tmp_path.as_uri(), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    assert "the repository is shallow: git fetch --unshallow" in cli("diff", first).err
    assert cli("diff", "HEAD").code == 0


def test_links_within_the_tree_are_followed(cli: Cli) -> None:
    commit({"pkg/net.py": NET})
    os.symlink("pkg/net.py", "net.py")
    commit({"README": ""})
    write("pkg/net.py", NET, ("classes=10", "classes=7"))
    assert "~ head" in cli("diff", "HEAD", "pkg").out


def test_a_file_that_was_broken_then_is_no_traceback(cli: Cli) -> None:
    commit({"net.py": NET.replace("super().__init__()", "super().__init__(")})
    write("net.py", NET)
    outcome = cli("diff", "HEAD")
    assert outcome.code == 0
    assert "+ net.py: Net (PyTorch)" in outcome.out
    assert "- finding ARC001 error: " in outcome.out


def test_many_files_in_several_processes_differ_alike(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"net{number}.py": NET.replace("Net", f"Net{number}") for number in range(30)}
    commit(files)
    for path, text in files.items():
        write(path, text, ("classes=10", "classes=7"))
    shown = []
    for count in (1, 2):
        monkeypatch.setattr(workers, "processors", lambda count=count: count)
        shown.append(cli("diff", "HEAD").out)
    assert shown[0].count("~ head") == 30
    assert shown[0] == shown[1]

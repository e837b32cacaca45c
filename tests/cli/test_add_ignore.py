"""`archlint check --add-ignore`: a comment at every finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, Cli, notebook

HEAD = "import torch.nn as nn\n\n"


def added(cli: Cli, text: str, *more: str) -> str:
    """The text of a file after the comments are written; they must hold, and a second run must find nothing to do."""
    Path("net.py").write_bytes(text.encode())
    outcome = cli("check", "--add-ignore", *more, "net.py")
    after = Path("net.py").read_bytes()
    assert outcome.code == 0, outcome
    assert cli("check", "net.py").out.endswith("no findings\n")
    assert cli("check", "--add-ignore", "net.py").out.startswith("nothing to ignore\n")
    assert Path("net.py").read_bytes() == after
    return after.decode()


def test_the_comment_stands_behind_the_line(cli: Cli) -> None:
    line = "nn.Conv2d(64, 32, 3)"
    assert added(cli, BROKEN) == BROKEN.replace(line, f"{line}  # archlint: ignore[ARC102]")
    with_reason = BROKEN.replace(line, f"{line}  # archlint: ignore[ARC102] widths are loaded")
    assert added(cli, BROKEN, "--add-ignore=widths are loaded") == with_reason


def test_what_follows_the_option_is_a_path(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--add-ignore", "net.py")
    assert outcome.out == "1 finding ignored in 1 file\n1 model, 3 of 3 layer calls understood, no findings\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (  # a comment of another tool stays first
            "n = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # wide\n",
            "n = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # wide  # archlint: ignore[ARC104]\n",
        ),
        (  # one of ours takes the code
            "net = nn.Sequential(\n    nn.Linear(3, 4),\n    # archlint: ignore[ARC102] why\n    nn.Linear(5, 6),\n)\n",
            "net = nn.Sequential(\n    nn.Linear(3, 4),\n    # archlint: ignore[ARC102, ARC104] why\n"
            "    nn.Linear(5, 6),\n)\n",
        ),
        (  # a line that would get too long
            f"net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # {'x' * 40}\n",
            f"# archlint: ignore[ARC104]\nnet = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # {'x' * 40}\n",
        ),
        (  # its indentation
            f"if True:\n\tnet = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # {'x' * 40}\n",
            f"if True:\n\t# archlint: ignore[ARC104]\n"
            f"\tnet = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # {'x' * 40}\n",
        ),
        (  # not behind a backslash
            "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6)) \\\n    if True else None\n",
            "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6)) \\\n"
            "    if True else None  # archlint: ignore[ARC104]\n",
        ),
        (  # not inside a string
            'net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6)); s = """\ntext"""\n',
            '# archlint: ignore[ARC104]\nnet = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6)); s = """\ntext"""\n',
        ),
        (  # each layer its own
            "net = nn.Sequential(\n    nn.Linear(3, 4),\n    nn.Linear(5, 6),\n    nn.Linear(7, 6),\n)\n",
            "net = nn.Sequential(\n    nn.Linear(3, 4),\n    nn.Linear(5, 6),  # archlint: ignore[ARC104]\n"
            "    nn.Linear(7, 6),  # archlint: ignore[ARC104]\n)\n",
        ),
        (  # two findings of a line, one comment
            "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6), nn.Linear(7, 6))\n",
            "# archlint: ignore[ARC104]\nnet = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6), nn.Linear(7, 6))\n",
        ),
        (  # a directive that says something else
            "# archlint: input=(N, 3)\nn = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))\n",
            "# archlint: input=(N, 3)\n"
            "n = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # archlint: ignore[ARC104]\n",
        ),
        (
            "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))\r\nx = 1\r\n",
            "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # archlint: ignore[ARC104]\r\nx = 1\r\n",
        ),
        (
            "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))",
            "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # archlint: ignore[ARC104]",
        ),
    ],
)
def test_the_comment_finds_its_place(cli: Cli, before: str, after: str) -> None:
    ends = "\r\n" if "\r\n" in before else "\n"
    head = HEAD.replace("\n", ends)
    if "ARC102, ARC104" in after:  # the code that is not needed is another finding
        Path("net.py").write_text(head + before)
        cli("check", "--add-ignore", "net.py")
        assert Path("net.py").read_text() == head + after
        return
    assert added(cli, head + before) == head + after


def test_a_mark_at_the_start_of_the_file_stays_there(cli: Cli) -> None:
    text = "\ufeffimport torch.nn as nn; net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))  # " + "x" * 40
    after = added(cli, text)
    assert after == f"\ufeff# archlint: ignore[ARC104]\n{text[1:]}"


def test_cells_of_a_notebook_get_theirs(cli: Cli) -> None:
    text = notebook(("markdown", "é"), "%%time\nimport torch.nn as nn",
                    "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))", "x = 1")  # fmt: skip
    Path("net.ipynb").write_text(text, encoding="utf-8")
    assert cli("check", "--add-ignore=old", ".").code == 0
    after = text.replace("nn.Linear(5, 6))", "nn.Linear(5, 6))  # archlint: ignore[ARC104] old")
    assert Path("net.ipynb").read_text(encoding="utf-8") == after
    assert [cell["outputs"] for cell in json.loads(after)["cells"][1:2]] == [[{"data": {"text/plain": ["é ☃"]}}]]


def test_a_difference_is_shown_and_nothing_written(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    outcome = cli("check", "--add-ignore", "--diff", ".")
    assert (outcome.code, Path("net.py").read_text()) == (1, BROKEN)
    assert outcome.out.startswith("--- net.py\n+++ net.py\n")
    assert outcome.err == "1 finding would be ignored in 1 file\n"
    Path("net.py").write_text(CLEAN)
    assert cli("check", "--add-ignore", "--diff", ".").code == 0


def test_what_does_not_parse_is_not_ignored(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN + "x = (\n")
    outcome = cli("check", "--add-ignore", "--output-format", "concise", ".")
    assert (outcome.code, [line.split()[1] for line in outcome.out.splitlines()]) == (1, ["ARC001"])


def test_only_what_is_selected_and_not_in_the_baseline_is_ignored(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    assert cli("check", "--add-ignore", "--select", "ARC104", ".").out.startswith("nothing to ignore\n")
    cli("check", "--baseline", "b.json", "--update-baseline", ".")
    assert cli("check", "--add-ignore", "--baseline", "b.json", ".").out.startswith("nothing to ignore\n")
    assert Path("net.py").read_text() == BROKEN


def test_a_file_that_may_not_be_written_is_told_of(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    Path("net.py").chmod(0o444)
    outcome = cli("check", "--add-ignore", ".")
    assert (outcome.code, Path("net.py").read_text()) == (1, BROKEN)
    assert "archlint: net.py is read-only; nothing in it was ignored\n" in outcome.err


def test_a_reason_that_the_file_cannot_hold_is_refused(cli: Cli) -> None:
    Path("net.py").write_bytes(("# coding: latin-1\n" + BROKEN).encode("latin-1"))
    outcome = cli("check", "--add-ignore=☃", ".")
    assert (outcome.code, "cannot be written in latin-1" in outcome.err) == (2, True)
    assert "☃".encode() not in Path("net.py").read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ["--fix"],
        ["--fix-only"],
        ["--verify"],
        ["--ignore-suppressions"],
        ["--watch"],
        ["--baseline", "b", "--update-baseline"],
    ],
)
def test_options_that_do_not_go_with_it_are_refused(cli: Cli, options: list[str]) -> None:
    Path("net.py").write_text(BROKEN)
    assert cli("check", "--add-ignore", *options, ".").code == 2
    assert Path("net.py").read_text() == BROKEN

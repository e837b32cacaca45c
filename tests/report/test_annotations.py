"""One line for each finding, read as the CI systems and the editors do that it is for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from odd import ODD, odd

from archlint.report.formats import render
from archlint.report.listing import findings


def github(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner takes it apart: kind, properties, message."""
    command = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert command, line

    def plain(text: str, *more: tuple[str, str]) -> str:
        for code, sign in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
            text = text.replace(code, sign)
        return text

    pairs = (part.split("=", 1) for part in command[2].split(","))
    return command[1], {key: plain(value, ("%3A", ":"), ("%2C", ",")) for key, value in pairs}, plain(command[3])


def test_github_reads_each_command() -> None:
    report = odd()
    read = [github(line) for line in render(report, "github").split("\n")[:-1]]
    assert len(read) == len(findings(report))
    assert [kind for kind, _, _ in read] == ["error"] * 7 + ["warning", "notice"]
    assert {ODD, "new\nline.py", "?.py"} <= {place["file"] for _, place, _ in read}
    [(_, place, message)] = [one for one in read if "ARC102" in one[1]["title"]]
    assert {key: place[key] for key in ("line", "col", "endLine", "endColumn")} == {
        "line": "2", "col": "1", "endLine": "2", "endColumn": "2",
    }  # fmt: skip
    assert "50%3B;] of ::error:: <b>& [confirmed]\nhelp: help" in message
    assert "\x1b" not in message


def azure(line: str) -> tuple[dict[str, str], str]:
    """A logging command as the agent of Azure Pipelines takes it apart: properties, message."""
    command = re.fullmatch(r"##vso\[task\.logissue ([^]]*)\](.*)", line)
    assert command, line

    def plain(text: str) -> str:
        for code, sign in (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")):
            text = text.replace(code, sign)
        return text

    pairs = (part.split("=", 1) for part in command[1].split(";") if part)
    return {key: plain(value) for key, value in pairs}, plain(command[2])


def test_azure_reads_each_command() -> None:
    report = odd()
    read = [azure(line) for line in render(report, "azure").split("\n")[:-1]]
    assert len(read) == len(findings(report))
    assert {place["type"] for place, _ in read} == {"error", "warning"}
    assert {ODD, "new\nline.py", "?.py"} <= {place["sourcepath"] for place, _ in read}
    [(place, message)] = [one for one in read if one[0]["code"] == "ARC102"]
    assert (place["linenumber"], place["columnnumber"]) == ("2", "1")
    assert message.endswith("50%3B;] of ::error:: <b>& [confirmed]")


PYLINT = re.compile(r"(?P<path>.+):(?P<line>\d+): \[(?P<code>[A-Z]+\d+)\] (?P<message>.+)")


def test_pylint_lines_are_told_apart_as_importers_of_pylint_do() -> None:
    report = odd()
    read = [PYLINT.fullmatch(line) for line in render(report, "pylint").split("\n")[:-1]]
    assert len(read) == len(findings(report))
    assert all(read)
    assert {one["path"] for one in read if one} >= {ODD, "net.py"}
    assert {one["line"] for one in read if one and one["path"] == ODD} == {"3"}


def test_concise_fills_the_quickfix_list_of_vim(tmp_path: Path) -> None:
    vim = shutil.which("vim")
    if vim is None:
        pytest.skip("vim is not here")
    (tmp_path / "errors.txt").write_text(render(odd(), "concise"), encoding="utf-8")
    show = "[v:val.valid, bufname(v:val.bufnr), v:val.lnum, v:val.col, v:val.text]"
    script = [
        "set encoding=utf-8",
        "set errorformat=%f:%l:%c:\\ %m",
        "cgetfile errors.txt",
        f"call writefile([json_encode(map(getqflist(), '{show}'))], 'read.json')",
        "qall!",
    ]
    commands = [part for line in script for part in ("-c", line)]
    subprocess.run([vim, "-N", "-u", "NONE", "-i", "NONE", "-es", *commands], cwd=tmp_path, timeout=60, check=False)
    read = json.loads((tmp_path / "read.json").read_text(encoding="utf-8"))
    placed = [one for one in read if one[0]]
    assert ["net.py", 2, 1] in [one[1:4] for one in placed]
    assert [3, 66] in [one[2:4] for one in placed]
    assert all(re.match(r"ARC\d{3} ", one[4]) for one in placed)
    assert len(placed) == len(read) == len(findings(odd()))


def test_concise_is_read_by_the_compilation_mode_of_emacs(tmp_path: Path) -> None:
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.skip("emacs is not here")
    (tmp_path / "errors.txt").write_text(render(odd(), "concise"), encoding="utf-8")
    script = """
        (require 'compile)
        (with-temp-buffer
          (insert-file-contents "errors.txt")
          (compilation-mode)
          (compilation--ensure-parse (point-max))
          (goto-char (point-min))
          (condition-case nil
              (while t
                (compilation-next-error 1)
                (let* ((loc (compilation--message->loc (get-text-property (point) 'compilation-message))))
                  (princ (format "%s|%s|%s\\n" (caar (compilation--loc->file-struct loc))
                                 (compilation--loc->line loc) (compilation--loc->col loc)))))
            (error nil)))"""
    run = subprocess.run(
        [emacs, "-Q", "--batch", "--eval", f"(progn {script})"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    read = [line.split("|") for line in run.stdout.splitlines()]
    assert ["net.py", "2", "1"] in read, run.stderr
    assert ["dot.py", "3", "66"] in [[one[0].removeprefix("./"), *one[1:]] for one in read]

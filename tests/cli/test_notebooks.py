"""Notebooks as their user meets them: one module of all cells, findings by cell, fixes in place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, Cli, Process, notebook

IMPORT = "%matplotlib inline\n!pip install torch\nimport torch.nn as nn"
NET = BROKEN.split("\n\n\n", 1)[1].rstrip("\n")
PLACE = "net.ipynb:cell 3:5:32"


def write(*cells: str | tuple[str, str], name: str = "net.ipynb", language: str = "python") -> str:
    text = notebook(*cells, language=language)
    Path(name).write_text(text, encoding="utf-8")
    return text


def concise(cli: Cli, *more: str) -> list[str]:
    return cli("check", "--output-format", "concise", *more).out.splitlines()


def test_a_finding_names_its_cell_and_the_line_in_it(cli: Cli) -> None:
    write(("markdown", "# Net\n\nof two"), IMPORT, NET)
    assert concise(cli, ".") == [
        f"{PLACE}: ARC102 error: `conv2` expects 64 channels but gets 16: its input is (N, 16, H - 2, W - 2)"
    ]
    shown = cli("check", "net.ipynb").out
    assert f" --> {PLACE}\n" in shown
    assert "5 |         self.conv2 = nn.Conv2d(64, 32, 3)\n" in shown
    assert "\n5 -         self.conv2 = nn.Conv2d(64, 32, 3)\n" in shown


def test_places_in_two_cells_are_shown_apart(cli: Cli) -> None:
    write(IMPORT, "body = nn.Linear(3, 4)", "net = nn.Sequential(\n    body,\n    nn.Linear(5, 6),\n)")
    shown = cli("check", "net.ipynb").out
    assert " --> net.ipynb:cell 3:3:15\n" in shown
    assert "\0" not in shown


def test_the_cell_is_a_field_of_the_record(cli: Cli) -> None:
    write(("raw", "x"), IMPORT, NET)
    (found,) = json.loads(cli("check", "--output-format", "json", ".").out)
    assert (found["cell"], found["location"], found["filename"]) == (3, {"row": 5, "column": 32}, "net.ipynb")
    Path("net.py").write_text(BROKEN)
    assert json.loads(cli("check", "--output-format", "json", "net.py").out)[0]["cell"] is None


def test_services_are_told_the_line_of_the_file(cli: Cli) -> None:
    text = write(("markdown", "# Net"), IMPORT, NET)
    line = next(n for n, shown in enumerate(text.split("\n"), 1) if "Conv2d(64" in shown)
    column = text.split("\n")[line - 1].index("64") + 1
    github = cli("check", "--output-format", "github", ".").out
    assert f"file=net.ipynb,line={line},col={column},endLine={line},endColumn={column + 2}::{PLACE}: ARC102" in github
    assert cli("check", "--output-format", "pylint", ".").out.startswith(f"net.ipynb:{line}: [ARC102]")
    (gitlab,) = json.loads(cli("check", "--output-format", "gitlab", ".").out)
    assert gitlab["location"]["positions"]["begin"] == {"line": line, "column": column}
    assert gitlab["description"].endswith("(cell 3, line 5)")
    sarif = json.loads(cli("check", "--output-format", "sarif", ".").out)["runs"][0]["results"][0]
    assert sarif["locations"][0]["physicalLocation"]["region"]["startLine"] == line
    assert "fixes" not in sarif  # what is inserted would have to be JSON
    (rdjson,) = json.loads(cli("check", "--output-format", "rdjson", ".").out)["diagnostics"]
    assert rdjson["location"]["range"]["start"] == {"line": line, "column": column}
    assert "suggestions" not in rdjson


def test_cells_are_one_module_in_their_order(cli: Cli) -> None:
    write(IMPORT, "width = 4", "net = nn.Sequential(nn.Linear(3, width), nn.Linear(width, 2))", "width = 5",
          "head = nn.Sequential(nn.Linear(3, 4), nn.Linear(width, 2))")  # fmt: skip
    assert [line.split(": ")[0] for line in concise(cli, ".")] == ["net.ipynb:cell 5:1:49"]


def test_a_broken_cell_hides_no_other(cli: Cli) -> None:
    write(IMPORT, "x = (", NET, "net = Net(\n")
    assert [line.split(" ")[:3] for line in concise(cli, ".")] == [
        ["net.ipynb:cell", "2:1:5:", "ARC001"],
        ["net.ipynb:cell", "3:5:32:", "ARC102"],
        ["net.ipynb:cell", "4:1:10:", "ARC001"],
    ]


def test_what_a_magic_gives_is_not_known(cli: Cli) -> None:
    sizes = ["width = !echo 4", "width = %env WIDTH", "%%bash\nwidth=4", "%run settings.py"]
    for cell in sizes:
        write(IMPORT, cell, "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(width, 2))")
        assert concise(cli, ".") == [], cell


def test_a_suppression_stands_in_its_cell(cli: Cli) -> None:
    ignored = NET.replace("nn.Conv2d(64, 32, 3)", "nn.Conv2d(64, 32, 3)  # archlint: ignore[ARC102]")
    write(IMPORT, ignored)
    assert concise(cli, ".") == []
    write(IMPORT, "# archlint: file-ignore[ARC102]", NET)
    assert concise(cli, ".") == []
    last = "a = 1\n# archlint: ignore[ARC104]"  # means no line of the next cell
    write(IMPORT, last, "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))")
    assert [line.split(" ")[1:3] for line in concise(cli, ".")] == [["2:2:1:", "ARC005"], ["3:1:48:", "ARC104"]]


def test_a_range_holds_on_in_the_cells_below(cli: Cli) -> None:
    wrong = "net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))"
    write(IMPORT, "# archlint: disable[ARC104]", wrong, "# archlint: enable[ARC104]", wrong.replace("net", "end"))
    assert [line.split(": ")[0] for line in concise(cli, ".")] == ["net.ipynb:cell 5:1:48"]
    write(IMPORT, "# archlint: disable[ARC104]", "x = 1\n# archlint: enable[ARC104]")
    (found,) = concise(cli, ".")
    assert found.endswith("unused suppression: ARC104 is not found from here to cell 3:2")
    assert cli("check", "--fix", ".").code == 0
    sources = ["".join(cell["source"]) for cell in json.loads(Path("net.ipynb").read_text())["cells"]]
    assert sources == [IMPORT, "", "x = 1\n"]


@pytest.mark.parametrize("layout", [{"indent": 1}, {"indent": 4}, {}, {"separators": (",", ":")}])
def test_a_fix_changes_its_line_and_nothing_else(cli: Cli, layout: dict[str, object]) -> None:
    content = json.loads(notebook(("markdown", "é"), IMPORT, NET))
    for as_lines in (True, False):
        if not as_lines:
            for cell in content["cells"]:
                cell["source"] = "".join(cell["source"])
        text = json.dumps(content, **layout)  # type: ignore[arg-type]
        Path("net.ipynb").write_text(text, encoding="utf-8")
        assert cli("check", "--fix", "--unsafe-fixes", "net.ipynb").code == 0
        assert Path("net.ipynb").read_text(encoding="utf-8") == text.replace("Conv2d(64,", "Conv2d(16,")


def test_a_difference_is_that_of_the_cell(cli: Cli) -> None:
    text = write(IMPORT, NET)
    out = cli("check", "--diff", "--unsafe-fixes", "net.ipynb").out
    assert out.startswith("--- net.ipynb:cell 2\n+++ net.ipynb:cell 2\n@@ -2,7 +2,7 @@\n")
    assert "No newline" not in out
    assert Path("net.ipynb").read_text(encoding="utf-8") == text


def test_standard_input_is_a_notebook_by_its_name(process: Process) -> None:
    text = notebook(IMPORT, NET)
    found = process("check", "--output-format", "concise", "--stdin-filename", "a.ipynb", "-", stdin=text)
    assert found.stdout.startswith("a.ipynb:cell 2:5:32: ARC102")
    fixed = process("check", "--fix", "--unsafe-fixes", "--stdin-filename", "a.ipynb", "-", stdin=text)
    assert fixed.stdout == text.replace("Conv2d(64,", "Conv2d(16,")


def test_a_file_that_is_no_notebook_is_a_finding(cli: Cli) -> None:
    Path("a.ipynb").write_text('{"cells": [')
    Path("b.ipynb").write_text("")
    Path("c.py").write_text(BROKEN)
    lines = concise(cli, ".")
    why = "not read: not a notebook: no JSON at line 1, column 12: expecting value"
    assert lines[0] == f"a.ipynb:1:1: ARC001 error: {why}"
    assert len(lines) == 2


def test_the_cache_knows_notebooks(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHLINT_NO_CACHE", raising=False)
    Path("archlint.toml").write_text("")
    Path("broken.ipynb").write_text('{"cells": [')
    write("library(torch)", name="other.ipynb", language="R")
    write(IMPORT, NET)
    for name in ("full", "json", "github", "sarif"):
        uncached = cli("check", "--no-cache", "--output-format", name, ".")
        assert [cli("check", "--output-format", name, ".") for _ in range(2)] == [uncached, uncached]
    write(("markdown", "# Net"), IMPORT, NET)  # the same code, another cell
    assert concise(cli, ".")[1].startswith(f"{PLACE}: ARC102")
    write(IMPORT, NET.replace("64", "16"))
    assert [line.split(":")[0] for line in concise(cli, ".")] == ["broken.ipynb"]


def test_another_kernel_is_told_of_and_left_alone(cli: Cli) -> None:
    write("library(torch)\nx <- (", language="R")
    outcome = cli("check", "net.ipynb")
    assert (outcome.code, outcome.out) == (0, "no models in 1 file, no findings\n")
    assert outcome.err == "note: net.ipynb: skipped: the language of the notebook is R\n"


def test_a_notebook_imports_the_files_beside_it(cli: Cli) -> None:
    Path("widths.py").write_text("WIDTH = 64\n")
    write(IMPORT + "\nfrom widths import WIDTH", NET.replace("64", "WIDTH"))
    assert [line.split(": ")[0] for line in concise(cli, ".")] == ["net.ipynb:cell 2:5:32"]
    Path("widths.py").write_text("WIDTH = 16\n")
    assert concise(cli, ".") == []


def test_a_summary_names_cells(cli: Cli) -> None:
    write(IMPORT, CLEAN.split("\n\n\n", 1)[1])
    lines = cli("summary", "net.ipynb").out.splitlines()
    assert lines[0] == "Net  PyTorch, net.ipynb:cell 2:1"
    assert [line.split()[:3] for line in lines[4:7]] == [
        ["cell", "2:8", "conv1"], ["cell", "2:8", "relu"], ["cell", "2:8", "conv2"],
    ]  # fmt: skip


def test_models_are_listed_by_cell(cli: Cli) -> None:
    write(IMPORT, NET)
    assert "net.ipynb:cell 2:1: Net (torch), 3 of 3 layer calls understood\n" in cli("check", "--show-models", ".").out


def test_a_file_that_is_run_may_bind_what_stands_above_it(cli: Cli) -> None:
    net = "net = nn.Sequential(nn.Linear(4, 20), nn.ReLU(), nn.Linear(width, 3))"
    write(IMPORT, "width = 10", net)
    assert "cell 3:1:60: ARC104 error" in concise(cli, ".")[0]
    write(IMPORT, "width = 10", "%run settings.py", net)
    assert concise(cli, ".") == []

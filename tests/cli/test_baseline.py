"""`archlint check --baseline`: the findings that were there before."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, ROOT, Cli, notebook

from archlint.plugins import VARIABLE

NAME = "known.json"
HELD = ("check", "--baseline", NAME)
WRONG = "import torch.nn as nn\n\nnet = nn.Sequential(\n    nn.Linear(3, 4),\n    nn.Linear(5, 6),\n)\n"


def update(cli: Cli) -> str:
    outcome = cli(*HELD, "--update-baseline", ".")
    assert outcome.code == 0, outcome
    return outcome.out


def codes(cli: Cli, *more: str) -> list[str]:
    """`net.py ARC102` of each finding that is reported."""
    lines = cli(*HELD, "--output-format", "concise", *more, ".").out.splitlines()
    return [f"{line.split(':')[0]} {line.split()[1]}" for line in lines]


def test_what_was_there_is_counted_and_not_reported(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    assert update(cli) == (
        "1 finding in known.json (1 added)\n"
        "1 model, 3 of 3 layer calls understood, no findings, 1 finding in the baseline\n"
    )  # fmt: skip
    outcome = cli(*HELD, ".")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "1 model, 3 of 3 layer calls understood, no findings, 1 finding in the baseline\n"
    Path("new.py").write_text(WRONG)
    assert codes(cli) == ["new.py ARC104"]
    assert cli(*HELD, ".").code == 1


def test_the_file_names_no_line_and_no_message(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    update(cli)
    content = json.loads(Path(NAME).read_text())
    (entry,) = content["files"]["net.py"]
    assert (content["version"], entry["rule"], entry["context"], entry["count"]) == (1, "ARC102", "Net.conv2", 1)
    assert sorted(entry) == ["context", "count", "hash", "rule"]


@pytest.mark.parametrize(
    "after",
    [
        "# moved\n\n\n" + BROKEN,
        BROKEN.replace("import torch.nn as nn", "import os\nimport torch.nn as nn\n\n\ndef f():\n    return os"),
        BROKEN.replace("Net", "Model"),
        BROKEN.replace("nn.Conv2d(64, 32, 3)", "nn.Conv2d(64, 32, 3)  # why?"),
        BROKEN.replace(
            "nn.Conv2d(64, 32, 3)", "nn.Conv2d(\n            64,\n            32,\n            3,\n        )"
        ),
        BROKEN.replace("nn.Conv2d(64, 32, 3)", "nn.Conv2d( 64,32,3 )"),
        "if True:\n" + "".join(f"    {line}\n" if line else "\n" for line in BROKEN.splitlines()),
        BROKEN.replace("\n", "\r\n"),
        BROKEN + "\n\nclass Other:\n    pass\n",
    ],
)
def test_code_may_move_around_a_finding(cli: Cli, after: str) -> None:
    Path("net.py").write_text(BROKEN)
    update(cli)
    Path("net.py").write_bytes(after.encode())
    assert codes(cli) == []
    assert cli(*HELD, ".").err == ""


def test_of_equal_findings_one_more_is_new(cli: Cli) -> None:
    Path("net.py").write_text(WRONG)
    update(cli)
    Path("net.py").write_text(WRONG + WRONG.partition("\n\n")[2].replace("net", "head"))
    lines = cli(*HELD, "--output-format", "concise", ".").out.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["net.py:9:15"]


def test_a_renamed_file_keeps_its_findings(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    update(cli)
    Path("pkg").mkdir()
    Path("net.py").rename("pkg/model.py")
    assert codes(cli) == []
    Path("copy.py").write_text(BROKEN)
    assert len(codes(cli)) == 1  # a copy beside it is new


def test_what_is_no_longer_found_is_told_and_taken_out(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    Path("old.py").write_text(WRONG)
    update(cli)
    before = Path(NAME).read_bytes()
    Path("net.py").write_text(CLEAN)
    Path("old.py").unlink()
    outcome = cli(*HELD, ".")
    assert (outcome.code, outcome.err) == (
        0, "note: 2 findings of the baseline are no longer there; --prune-baseline takes them out\n",
    )  # fmt: skip
    assert Path(NAME).read_bytes() == before
    Path("new.py").write_text(WRONG.replace("5", "7"))
    outcome = cli(*HELD, "--prune-baseline", ".")
    assert (outcome.code, "ARC104" in outcome.out) == (1, True)  # what is new is reported, and not written
    assert "0 findings in known.json (2 removed)\n" in outcome.out
    assert json.loads(Path(NAME).read_text())["files"] == {}


def test_a_part_of_the_files_or_rules_tells_nothing_of_the_rest(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    Path("old.py").write_text(WRONG)
    update(cli)
    before = Path(NAME).read_bytes()
    for part in (["net.py"], ["--select", "ARC102", "."], ["--ignore", "ARC104", "old.py"]):
        assert cli(*HELD, *part).err == "", part
        for option in ("--update-baseline", "--prune-baseline"):
            cli(*HELD, option, *part)
            assert Path(NAME).read_bytes() == before, (part, option)


def test_a_file_that_does_not_change_is_not_written(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    update(cli)
    stamp = Path(NAME).stat().st_mtime_ns
    assert update(cli).startswith("1 finding in known.json (unchanged)\n")
    assert Path(NAME).stat().st_mtime_ns == stamp


def test_paths_are_relative_to_the_baseline(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pkg").mkdir()
    Path("pkg/net.py").write_text(BROKEN)
    update(cli)
    assert list(json.loads(Path(NAME).read_text())["files"]) == ["pkg/net.py"]
    monkeypatch.chdir("pkg")
    assert cli("check", "--baseline", f"../{NAME}", "net.py").code == 0


def test_the_configuration_names_it(cli: Cli) -> None:
    Path("archlint.toml").write_text(f'baseline = "{NAME}"\n')
    Path("net.py").write_text(BROKEN)
    missing = cli("check", ".")
    assert (missing.code, "--update-baseline writes it" in missing.err) == (2, True)
    assert cli("check", "--update-baseline", ".").code == 0
    assert cli("check", ".").code == 0
    assert cli("check", "--no-baseline", ".").code == 1


def test_a_fix_leaves_what_is_in_the_baseline(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    update(cli)
    new = WRONG.partition("\n\n")[2]
    Path("net.py").write_text(BROKEN + new)
    assert cli(*HELD, "--fix", "--unsafe-fixes", ".").code == 0
    assert Path("net.py").read_text() == BROKEN + new.replace("5", "4")


def test_sarif_lists_them_as_suppressed(cli: Cli) -> None:
    Path("net.py").write_text(BROKEN)
    update(cli)
    Path("new.py").write_text(WRONG)
    results = json.loads(cli(*HELD, "--output-format", "sarif", ".").out)["runs"][0]["results"]
    states = [(r["ruleId"], [s["kind"] for s in r.get("suppressions", [])]) for r in results]
    assert states == [("ARC102", ["external"]), ("ARC104", [])]
    assert len(json.loads(cli(*HELD, "--output-format", "json", ".").out)) == 1


def test_a_notebook_has_entries_as_well(cli: Cli) -> None:
    cells = [BROKEN, "x = 1"]
    Path("net.ipynb").write_text(notebook(*cells))
    update(cli)
    Path("net.ipynb").write_text(notebook(("markdown", "# Net"), "y = 2", *cells))
    assert codes(cli) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "known.json is no baseline: Expecting"),
        ("[]", "known.json is no baseline; --update-baseline writes one"),
        ('{"version": 9, "files": {}}', "known.json was written by another version of archlint"),
        ('{"version": 1, "files": {"a.py": [{"rule": "ARC101"}]}}', "an entry of a.py has no rule, context, hash"),
        ('{"version": 1, "files": {"a.py": [7]}}', "an entry of a.py has no rule, context, hash"),
        ('{"version": 1,\n<<<<<<< HEAD\n "files": {}}', "resolve the merge conflict in it"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(cli: Cli, content: str, why: str) -> None:
    Path("net.py").write_text(BROKEN)
    Path(NAME).write_text(content)
    for option in ([], ["--update-baseline"], ["--prune-baseline"]):
        outcome = cli(*HELD, *option, ".")
        assert (outcome.code, why in " ".join(outcome.err.split())) == (2, True), outcome.err
        assert Path(NAME).read_text() == content


@pytest.mark.parametrize(
    "options",
    [
        ["--update-baseline"],
        ["--prune-baseline"],
        ["--baseline", "nowhere.json"],
        ["--baseline", "nowhere.json", "--prune-baseline"],
        ["--baseline", NAME, "--update-baseline", "--prune-baseline"],
        ["--baseline", NAME, "--update-baseline", "--fix"],
        ["--baseline", NAME, "--update-baseline", "--diff"],
        ["--baseline", NAME, "--no-baseline", "--update-baseline"],
        ["--baseline", "folder", "--update-baseline"],
    ],
)
def test_options_that_cannot_be_followed_are_refused(cli: Cli, options: list[str]) -> None:
    Path("net.py").write_text(BROKEN)
    Path("folder").mkdir()
    update(cli)
    outcome = cli("check", *options, ".")
    assert (outcome.code, outcome.out) == (2, "")
    assert "Error: " in outcome.err


def test_a_run_from_the_cache_does_not_load_the_rules(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHLINT_NO_CACHE", raising=False)
    Path("archlint.toml").write_text(f'baseline = "{NAME}"\n')
    Path("net.py").write_text(BROKEN)
    update(cli)
    script = (
        "import sys; from archlint.cli import run; "
        "code = run(['check', '.']); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    environment = {**os.environ, "PYTHONPATH": path, VARIABLE: "archlint_rules"}
    for last in (False, True):
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
        assert run.stdout.endswith("no findings, 1 finding in the baseline\n"), run.stderr
        heavy = [name for name in run.stderr.split() if name.startswith(("libcst", "networkx", "archlint_rules"))]
        assert not last or not heavy


FILES = 300


def test_three_hundred_files(cli: Cli) -> None:
    """Findings of a codebase stay known while its files are edited, and only what is new is reported."""
    chance = random.Random(3)
    for number in range(FILES):
        folder = Path(f"pkg{number % 7}")
        folder.mkdir(exist_ok=True)
        text = BROKEN if number % 5 == 0 else CLEAN
        (folder / f"net{number}.py").write_text(text.replace("Net", f"Net{number}"))
    assert update(cli).startswith("60 findings in known.json (60 added)\n")
    files = sorted(Path(".").glob("pkg*/*.py"))
    for path in chance.sample(files, 100):
        path.write_text(chance.choice(["# edited\n", "import os\n\n\n", '"""Doc."""\n']) + path.read_text())
    chosen = chance.sample([path for path in files if "64" not in path.read_text()], 3)
    for path in chosen:
        path.write_text(path.read_text().replace("nn.Conv2d(16, 32, 3)", "nn.Conv2d(64, 32, 3)"))
    assert codes(cli) == [f"{path} ARC102" for path in sorted(chosen)]
    lines = Path(NAME).read_text().splitlines()
    update(cli)
    after = Path(NAME).read_text().splitlines()
    assert set(lines) - set(after) <= {line for line in lines if line.endswith(('"count": 1}', "]", "],"))}
    assert sum('"rule"' in line for line in after) == 63

"""The cache as its user meets it: nobody can tell but by the time it takes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, ROOT, Cli, Outcome, Process
from test_cli_start import _seconds

import archlint.check
import archlint.files
from archlint.cli.output import FORMATS

HEAVY = ("libcst", "networkx", "archlint.interp", "archlint.check", "archlint.rule", "archlint_rules")
SPARED = ("importlib.metadata", "archlint.dims", "archlint.fix")
"""What a run from the cache that finds nothing can do without, though it costs little."""


@pytest.fixture
def cached(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`cached("check", ".")` with the cache."""
    monkeypatch.delenv("ARCHLINT_NO_CACHE")
    Path("archlint.toml").write_text("")
    return cli


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were evaluated, one after another."""
    found: list[str] = []
    check_file = archlint.check.check_file

    def counted(project: object, path: str, *more: object) -> object:
        found.append(path)
        return check_file(project, path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(archlint.check, "check_file", counted)
    return found


@pytest.fixture
def in_process(cached: Cli) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`archlint check …` in a process of its own, which lists what it imported on standard error."""
    script = (
        "import sys; from archlint.cli import run; "
        "code = run(['check', *sys.argv[1:]]); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    environment = {**os.environ, "PYTHONPATH": path, "ARCHLINT_RULES": "archlint_rules", "ARCHLINT_NO_CACHE": ""}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", script, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    return run


def test_what_did_not_change_is_not_evaluated_again(cached: Cli, evaluated: list[str]) -> None:
    Path("a.py").write_text(BROKEN)
    Path("b.py").write_text(CLEAN)
    first = cached("check")
    assert (first.code, evaluated) == (1, ["a.py", "b.py"])
    assert cached("check") == first
    assert evaluated == ["a.py", "b.py"]
    Path("b.py").write_text(BROKEN)
    assert "b.py:8:32: ARC102" in cached("check", "--output-format", "concise").out
    assert evaluated == ["a.py", "b.py", "b.py"]


def test_a_changed_helper_rechecks_the_models_that_import_it(cached: Cli, evaluated: list[str]) -> None:
    Path("sizes.py").write_text("WIDTH = 16\n")
    Path("deep.py").write_text("from sizes import WIDTH\n")
    Path("net.py").write_text("from deep import WIDTH\n" + CLEAN.replace("(3, 16, 3)", "(3, WIDTH, 3)"))
    Path("other.py").write_text(CLEAN)
    assert cached("check").code == 0
    evaluated.clear()
    Path("sizes.py").write_text("WIDTH = 24\n")
    assert "gets 24" in cached("check").out
    assert evaluated == ["net.py"]


def test_a_module_that_appears_rechecks_those_who_looked_for_it(cached: Cli, evaluated: list[str]) -> None:
    guarded = "try:\n    from sizes import WIDTH\nexcept ImportError:\n    WIDTH = 16\n"
    Path("net.py").write_text(guarded + CLEAN.replace("(3, 16, 3)", "(3, WIDTH, 3)"))
    assert cached("check").code == 0
    Path("sizes.py").write_text("WIDTH = 24\n")
    plain = cached("check", "--no-cache")
    evaluated.clear()
    assert cached("check").out == plain.out
    assert "net.py" in evaluated


UNUSED_LAYER = CLEAN.replace("        self.conv2 =", "        self.spare = nn.Conv2d(3, 4, 1)\n        self.conv2 =")


def test_a_file_that_reads_an_attribute_elsewhere_counts(cached: Cli) -> None:
    Path("net.py").write_text(UNUSED_LAYER)
    Path("use.py").write_text("from net import Net\n")
    assert "spare" in cached("check", "--min-severity", "info").out
    Path("use.py").write_text("from net import Net\n\nprint(Net().spare)\n")
    assert cached("check", "--min-severity", "info") == cached("check", "--min-severity", "info", "--no-cache")


def test_configuration_and_options_are_part_of_the_question(cached: Cli) -> None:
    Path("a.py").write_text(BROKEN)
    assert cached("check").code == 1
    assert cached("check", "--ignore", "ARC102").code == 0
    assert cached("check").code == 1
    Path("archlint.toml").write_text('ignore = ["ARC102"]\n')
    assert cached("check").code == 0
    Path("archlint.toml").write_text('ignore = ["ARC999"]\n')
    assert cached("check").code == 2


def test_options_of_the_file_that_a_finding_is_in_count(cached: Cli) -> None:
    Path("pkg").mkdir()
    Path("pkg/__init__.py").write_text("")
    Path("pkg/archlint.toml").write_text("")
    Path("pkg/blocks.py").write_text(BLOCKS.format(inner="b * 2", comment="", tail=""))
    Path("top.py").write_text(
        "import torch.nn as nn\nfrom pkg.blocks import Block\n\nnet = nn.Sequential(Block(3, 4))\n"
    )
    assert "pkg/blocks.py:8" in cached("check", "top.py").out
    Path("pkg/archlint.toml").write_text('[per-file-ignores]\n"blocks.py" = ["ARC102"]\n')
    assert cached("check", "top.py").code == 0


def test_fixing_evaluates_what_a_fix_touches(cached: Cli, evaluated: list[str]) -> None:
    Path("sizes.py").write_text("WIDTH = 16\n")
    Path("a.py").write_text(BROKEN)
    for name in ("b.py", "c.py", "d.py"):
        Path(name).write_text(CLEAN)
    outcome = cached("check", "--fix", "--unsafe-fixes")
    assert (outcome.code, "1 finding fixed in 1 file" in outcome.out) == (0, True)
    assert sorted(evaluated) == ["a.py", "a.py", "b.py", "c.py", "d.py"]
    evaluated.clear()
    assert "nothing to fix" in cached("check", "--fix").out
    assert evaluated == ["a.py"]  # which holds something else now
    cached("check", "--fix")
    assert evaluated == ["a.py"]


def test_a_finding_from_the_cache_is_fixed(in_process: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    Path("a.py").write_text(BROKEN)
    Path("b.py").write_text(CLEAN)
    assert in_process("--output-format", "concise").returncode == 1
    fixed = in_process("--fix", "--unsafe-fixes")
    assert (fixed.returncode, "1 finding fixed in 1 file" in fixed.stdout) == (0, True), fixed.stderr
    assert "archlint_rules" in fixed.stderr.split()  # a fix is held against the rules
    assert Path("a.py").read_text() == BROKEN.replace("Conv2d(64", "Conv2d(16")


def test_a_run_from_the_cache_imports_nothing_heavy(
    in_process: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    Path("a.py").write_text(BROKEN)
    Path("b.py").write_text(CLEAN + "\n# archlint: file-ignore[ARC102] because\n")
    for name in ("full", "json", "github", "gitlab", "junit"):
        first, second = in_process("--output-format", name), in_process("--output-format", name)
        assert (first.returncode, first.stdout) == (second.returncode, second.stdout) != (0, "")
        assert not [module for module in second.stderr.split() if module.startswith(HEAVY)]


def test_files_beside_it_that_come_and_go_cost_a_cached_run_nothing(
    in_process: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    Path("a.py").write_text(CLEAN)
    in_process("a.py")
    Path("notes.txt").write_text("")
    again = in_process("a.py")
    assert again.returncode == 0
    assert not [module for module in again.stderr.split() if module.startswith((*HEAVY, *SPARED))]
    pack = Path("my_pack-1.0.dist-info")
    pack.mkdir()
    (pack / "METADATA").write_text("Metadata-Version: 2.1\nName: my-pack\nVersion: 1.0\n")
    (pack / "entry_points.txt").write_text("[archlint.rules]\nmy = my_pack\n")
    Path("my_pack.py").write_text("1 / 0\n")
    found = in_process("a.py")
    assert found.returncode == 2
    assert "the rule pack 'my_pack' cannot be loaded" in found.stderr


def test_a_cached_hook_costs_a_few_times_what_click_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "archlint.toml").write_text("")
    (tmp_path / "a.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "rules")]))
    monkeypatch.setenv("ARCHLINT_RULES", "archlint_rules")
    monkeypatch.setenv("ARCHLINT_NO_CACHE", "")
    script = f"import os; os.chdir({str(tmp_path)!r}); from archlint.cli import run; run(['check', 'a.py'])"
    assert _seconds("-c", script) < 6 * _seconds("-c", "import click")  # without the cache it is 20 times


def test_where_it_is_and_how_it_goes(cached: Cli) -> None:
    Path("a.py").write_text(CLEAN)
    Path("sub").mkdir()
    os.chdir("sub")
    cached("check", "..")
    os.chdir("..")
    assert Path(".archlint_cache/CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert Path(".archlint_cache/.gitignore").read_text() == "*\n"
    assert cached("clean") == Outcome(0, "removed .archlint_cache\n", "")
    assert cached("clean") == Outcome(0, "there is no cache at .archlint_cache\n", "")
    cached("check", "--no-cache")
    assert not Path(".archlint_cache").exists()
    cached("check", "--cache-dir", "elsewhere")
    assert Path("elsewhere/CACHEDIR.TAG").exists()
    Path("archlint.toml").write_text('cache-dir = "stated"\n')
    cached("check")
    assert Path("stated/CACHEDIR.TAG").exists()
    assert cached("clean").out == "removed stated\n"
    Path("archlint.toml").write_text("")
    Path("mine").mkdir()
    outcome = cached("clean", "--cache-dir", "mine")
    assert outcome.code == 2
    assert "mine is no cache of archlint" in outcome.err
    assert Path("mine").is_dir()


def _damaged() -> list[tuple[str, Callable[[str], str]]]:
    def odd(text: str) -> str:
        found = json.loads(text)
        if "rows" in found:
            found["rows"]["a.py"][9] = found["rows"]["a.py"][9].replace('"a.py"', '"b.py"')
        return json.dumps(found)

    def wild(text: str) -> str:
        found = json.loads(text)
        if "rows" in found:
            found["rows"]["a.py"][4] = [99]
        return json.dumps(found)

    return [
        ("empty", lambda _: ""),
        ("cut", lambda text: text[: len(text) // 2]),
        ("no object", lambda _: "[]"),
        ("deep", lambda _: "[" * 100_000),
        ("another signature", lambda text: text.replace('"signature":"', '"signature":"0')),
        ("a number that is none", wild),
        ("findings in a file that was not read", odd),
        ("texts for numbers", lambda text: text.replace(",1,", ',"1",')),
    ]


@pytest.mark.parametrize(("name", "damage"), _damaged(), ids=[name for name, _ in _damaged()])
def test_a_damaged_cache_is_no_cache(cached: Cli, name: str, damage: Callable[[str], str]) -> None:
    Path("a.py").write_text(BROKEN)
    first = cached("check")
    for file in Path(".archlint_cache").glob("*/*.json"):
        file.write_text(damage(file.read_text()))
    assert cached("check") == first
    assert cached("check") == first


def test_a_place_that_cannot_be_written_to_is_told_with_v_alone(cached: Cli) -> None:
    Path("a.py").write_text(BROKEN)
    Path("blocked").write_text("a file, not a directory")
    plain = cached("check", "--cache-dir", "blocked/cache")
    assert (plain.code, plain.err) == (1, "")
    assert "note: no cache: " in cached("check", "-v", "--cache-dir", "blocked/cache").err


def test_several_runs_at_once_do_no_harm(process: Process, tmp_path: Path) -> None:
    (tmp_path / "archlint.toml").write_text("")
    for number in range(4):
        (tmp_path / f"net{number}.py").write_text(BROKEN)
    path = os.pathsep.join([str(ROOT), str(ROOT / "rules")])
    environment = {**os.environ, "PYTHONPATH": path, "ARCHLINT_RULES": "archlint_rules", "ARCHLINT_NO_CACHE": ""}
    command = [sys.executable, "-m", "archlint", "check", "--output-format", "concise", "."]
    runs = [
        subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    outcomes = [(run.communicate(), run.returncode) for run in runs]
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert outcomes[0][1] == 1
    assert not list((tmp_path / ".archlint_cache").glob("*/.tmp-*"))


NET = """\
import torch.nn as nn
from pkg.blocks import Block
from pkg.sizes import WIDTH
try:
    from pkg.extra import EXTRA
except ImportError:
    EXTRA = 4


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(3, WIDTH)
        self.spare = nn.Linear(4, EXTRA)
        self.head = nn.Conv2d(16, EXTRA, 1){comment}

    def forward(self, x):
        return self.head(self.block(x))
"""
BLOCKS = """\
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.one = nn.Conv2d(a, b, 3)
        self.two = nn.Conv2d({inner}, b, 3){comment}

    def forward(self, x):
        return self.two(self.one(x))
{tail}"""
UNREADABLE = "# -*- coding: nonsense -*-\nWIDTH = 16\n"


def notebook(*cells: str) -> str:
    """A notebook of code cells."""
    written = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


COMMENTS = ["", "  # archlint: ignore[ARC102]", "  # archlint: ignore[ARC102, ARC605]", "  # noqa: ARC102"]
WRITTEN: dict[str, list[str]] = {
    "pkg/__init__.py": ["", "from .blocks import Block\n"],
    "pkg/sizes.py": [
        "WIDTH = 16\n",
        "WIDTH = 32\n",
        "WIDTH = (\n",
        "import os\nWIDTH = int(os.environ['W'])\n",
        UNREADABLE,
    ],
    "pkg/extra.py": ["EXTRA = 4\n", "EXTRA = 5\n"],
    "pkg/net.py": [NET.format(comment=comment) for comment in COMMENTS],
    "pkg/blocks.py": [
        BLOCKS.format(inner=inner, comment=comment, tail=tail)
        for inner in ("b", "b * 2")
        for comment in COMMENTS
        for tail in (
            "",
            "\n\nclass Wide(Block):\n    def forward(self, x):\n        return self.three(x)\n",
            "\ndef f(:\n",
        )
    ],
    "train.py": [
        "from pkg.net import Net\n\nnet = Net()\n",
        "from pkg.net import Net\n\nprint(Net().spare)\n",
        "x = 1\n",
    ],
    "pkg/archlint.toml": ["", 'ignore = ["ARC605"]\n', '[per-file-ignores]\n"blocks.py" = ["ARC102"]\n'],
    "top.py": [NET.replace("spare", "more").format(comment=""), "x = 2\n"],
    "archlint.toml": ["", 'ignore = ["ARC102"]\n', '[per-file-ignores]\n"pkg/blocks.py" = ["ARC102"]\n'],
    "train.ipynb": [notebook("import torch.nn as nn", BROKEN), notebook(CLEAN, "%matplotlib inline"), "{"],
    "pkg/deep/unit.py": ["import torch\n" + CLEAN, BROKEN],
}
GIVEN = [["."], ["."], ["pkg"], ["pkg/net.py"], ["pkg/net.py", "train.py"], ["pkg", "train.py"]]


def _edit(choose: random.Random) -> None:
    """One step of somebody's work."""
    name = choose.choice(list(WRITTEN))
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    match choose.randrange(8):
        case 0 if name != "archlint.toml":
            path.unlink(missing_ok=True)
        case 1 if path.suffix == ".py" and path.exists():
            path.rename(path.with_name(choose.choice(["moved.py", "net.py", "extra.py"])))
        case 2 if path.exists():
            path.touch()
        case _:
            path.write_text(choose.choice(WRITTEN[name]))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_edited_the_outcome_is_that_without_a_cache(
    cached: Cli, evaluated: list[str], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:  # stamps are trusted at once
        monkeypatch.setattr(archlint.files, "RECENT", 0)
    choose = random.Random(seed)
    for name, texts in WRITTEN.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(texts[0])
    with_cache = without = 0
    for step in range(24):
        for _ in range(choose.randrange(3)):
            _edit(choose)
        if seed % 2:
            time.sleep(0.02)  # the clock of a file system ticks that slowly
        given = [path for path in choose.choice(GIVEN) if os.path.exists(path)]
        formats = ["--output-format", FORMATS[step % len(FORMATS)], "--min-severity", "info", "--show-models"]
        evaluated.clear()
        outcome = cached("check", *formats, *given)
        with_cache += len(evaluated)
        evaluated.clear()
        assert outcome == cached("check", "--no-cache", *formats, *given), (seed, step, given)
        without += len(evaluated)
    assert with_cache < without

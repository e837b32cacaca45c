"""What configuration files say: which rules run where, what findings are, what the command line defaults to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from shell import BROKEN, Cli

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")

BATCH = """\
import keras
from keras import layers

images = keras.Input(batch_shape=(64, 256, 256, 3))
x = layers.Conv2D(64, 3, padding="same", activation="relu")(images)
model = keras.Model(images, layers.Conv2D(8, 3)(x))
"""
UNUSED = BROKEN.replace("self.conv2(self.conv1(x).relu())", "self.conv1(x).relu()").replace("Net", "Other")
"""ARC605 unused-layer: a warning."""


def written(**files: str) -> None:
    """Files by name, `_` for `/` and `__` for `.` in it: pkg_net__py."""
    for name, text in files.items():
        path = Path(name.replace("__", ".").replace("_", "/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def codes(cli: Cli, *arguments: str) -> list[str]:
    """`path CODE severity` of what is found."""
    outcome = cli("check", "--output-format", "concise", *arguments)
    assert outcome.code in (0, 1), outcome.err
    lines = [line for line in outcome.out.splitlines() if ": ARC" in line]
    return [f"{line.split(':')[0]} {line.split(': ')[1].replace('[*] ', '')}" for line in lines]


@pytest.mark.parametrize("rule", ["activation-memory-budget", "ARC803"])
def test_a_setting_changes_what_a_rule_finds(cli: Cli, rule: str) -> None:
    written(net__py=BATCH)
    assert "ARC803" not in cli("check", "net.py").out
    written(pyproject__toml=f"[tool.archlint.rules.{rule}]\nbudget-gib = 1\n")
    assert "more than 1 GiB" in cli("check", "net.py").out


@pytest.mark.parametrize("name", ["archlint.toml", ".archlint.toml"])
def test_a_file_of_its_own_needs_no_prefix(cli: Cli, name: str) -> None:
    written(net__py=BROKEN)
    Path(name).write_text('ignore = ["ARC102"]\n')
    assert cli("check").code == 0


def test_in_one_directory_the_most_special_file_counts(cli: Cli) -> None:
    written(net__py=BROKEN, pyproject__toml='[tool.archlint]\nignore = ["ARC1"]\n')
    assert codes(cli) == []
    written(archlint__toml="")
    assert codes(cli) == ["net.py ARC102 error"]
    Path(".archlint.toml").write_text('ignore = ["channel-mismatch"]\n')
    assert codes(cli) == []


def test_each_file_has_the_settings_nearest_to_it(cli: Cli) -> None:
    written(
        a_net__py=BROKEN, b_net__py=BROKEN, b_deep_net__py=BROKEN, a_pyproject__toml="[tool.ruff]\nline-length = 1\n",
        archlint__toml='severity = { ARC102 = "warning" }\n', b_pyproject__toml='[tool.archlint]\nignore = ["ARC1"]\n',
    )  # fmt: skip
    assert codes(cli) == ["a/net.py ARC102 warning"]
    assert codes(cli, "b/net.py") == []
    written(b_deep_archlint__toml="")
    assert codes(cli) == ["a/net.py ARC102 warning", "b/deep/net.py ARC102 error"]


def test_a_file_may_extend_another(cli: Cli) -> None:
    written(
        net__py=BROKEN, pkg_net__py=BROKEN, pkg_other__py=UNUSED,
        archlint__toml='ignore = ["ARC605"]\nseverity = { ARC1 = "info" }\nper-file-ignores = { "./net.py" = ["ALL"] }',
        pkg_archlint__toml='extend = "../archlint.toml"\nseverity = { ARC102 = "warning" }\n',
    )  # fmt: skip
    assert codes(cli) == ["pkg/net.py ARC102 warning"]
    written(pkg_archlint__toml='extend = "../archlint.toml"\nselect = ["ARC605"]\n')
    assert codes(cli) == ["pkg/other.py ARC605 warning"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"archlint__toml": 'extend = "more.toml"'}, 'archlint.toml: extend = "more.toml": there is no file more.toml'),
        (
            {"archlint__toml": 'extend = "more.toml"', "more__toml": 'extend = "archlint.toml"'},
            "archlint.toml extends itself: archlint.toml -> more.toml -> archlint.toml",
        ),
        (
            {"archlint__toml": 'extend = "pyproject.toml"', "pyproject__toml": ""},
            "pyproject.toml has no table [tool.archlint]",
        ),
        ({"archlint__toml": 'extend = "more.toml"', "more__toml": "selct = []"}, "more.toml: no such key 'selct'; did"),
    ],
)
def test_what_is_extended_must_be_there(cli: Cli, files: dict[str, str], said: str) -> None:
    written(net__py=BROKEN, **files)
    outcome = cli("check")
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


@pytest.mark.parametrize("version", [">=0.1", "0.1.0", ">=0.0.9,<1", "!=0.2", "==0.1"])
def test_a_file_for_this_version_is_used(cli: Cli, version: str) -> None:
    written(archlint__toml=f'required-version = "{version}"')
    assert cli("check").code == 0


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (">=7", "archlint.toml is for archlint >=7; this is 0.1.0"),
        ("0.0.1", "is for archlint 0.0.1"),
        ("~7", "required-version = \"~7\" is not a version like '>=0.1,<1'"),
    ],
)
def test_a_file_for_another_version_is_refused(cli: Cli, version: str, said: str) -> None:
    written(archlint__toml=f'required-version = "{version}"')
    outcome = cli("check")
    assert outcome.code == 2
    assert said in outcome.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.archlint.rules.activation-memory-budgets]\nx = 1", "did you mean 'activation-memory-budget'?"),
        ("[tool.archlint.rules.ARC803]\nbudget-gb = 1", "no such setting 'budget-gb'; did you mean 'budget-gib'?"),
        ("[tool.archlint.rules.ARC803]\nbudget-gib = 'much'", "'budget-gib' is a number, not \"much\""),
        ("[tool.archlint.rules.ARC803]\nbudget-gib = true", "'budget-gib' is a number, not true"),
        ("[tool.archlint.rules.ARC102]\nx = 1", "ARC102 has no settings"),
        ("[tool.archlint.rules]\nARC803 = 5", "[tool.archlint.rules] 'ARC803' is a table of settings, not 5"),
        ("[tool.archlint.rulez.ARC803]\nx = 5", "no such key 'rulez' in [tool.archlint]; did you mean 'rules'?"),
        ("[tool.archlint]\nrules = 5", "[tool.archlint] 'rules' is a table of settings by rule, not 5"),
        (
            "[tool.archlint]\nextend_select = []",
            "no such key 'extend_select' in [tool.archlint]; did you mean 'extend-",
        ),
        ("[tool.archlint]\nselect = 'ARC1'", "'select' is a list of rules, not \"ARC1\""),
        ("[tool.archlint]\nselect = [1]", "'select' is a list of rules; 1 is not a rule"),
        ("[tool.archlint]\nselect = ['ARC999']", "pyproject.toml: select: unknown rule 'ARC999'; did you mean 'ARC9"),
        ("[tool.archlint.per-file-ignores]\n'*' = ['ARC1o2']", "per-file-ignores.\"*\": unknown rule 'ARC1o2'"),
        ("[tool.archlint.severity]\nARC102 = 'fatal'", 'is one of error, warning, info, off, not "fatal"'),
        ("[tool.archlint.severity]\nARC1o2 = 'off'", "severity: unknown rule 'ARC1o2'; did you mean 'ARC"),
        ("[tool.archlint.verify]\ntimeout = 'long'", "[tool.archlint.verify] 'timeout' is a number of seconds"),
        ("[tool.archlint.verify]\ntimeout = 0", "'timeout' is a number of seconds, not 0"),
        ("[tool.archlint.verify]\npyton = ''", "no such key 'pyton' in [tool.archlint.verify]; did you mean 'python'?"),
        ("[tool.archlint.server]\nmax-length = 1.5", "'max-length' is a number of characters, not 1.5"),
        ("[tool.archlint]\noutput-format = 'ful'", "'output-format' is one of full, concise"),
        ("[tool]\narchlint = 3", "'archlint' is a table, [tool.archlint]"),
        ("[tool.archlint", "pyproject.toml: "),
        ("[tool.archlint]\nselect = " + "[" * 5000, "pyproject.toml: "),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(cli: Cli, text: str, said: str) -> None:
    written(net__py=BATCH, pyproject__toml=text + "\n")
    outcome = cli("check", "net.py")
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert "pyproject.toml" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_configuration_below_that_cannot_be_read_is_named(cli: Cli) -> None:
    written(net__py=BATCH, deep_net__py=BATCH, deep_archlint__toml="selet = []\n")
    outcome = cli("check")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "Error: deep/archlint.toml: no such key 'selet'; did you mean 'select'?\n"
    written(deep_archlint__toml="select = ['ARC1o2']\n")
    assert "deep/archlint.toml: select: unknown rule 'ARC1o2'" in cli("check").err


def test_a_file_of_other_tools_is_none_of_ours(cli: Cli) -> None:
    written(net__py=BATCH, pyproject__toml="[tool.ruff]\nline-length = 'broken?'\n")
    assert cli("check", "net.py").code == 0


def test_the_command_line_goes_before_the_file(cli: Cli) -> None:
    written(net__py=BROKEN, other__py=UNUSED, archlint__toml='select = ["ARC605"]\nignore = ["ARC102"]\n')
    assert codes(cli) == ["other.py ARC605 warning"]
    assert codes(cli, "--select", "ARC1") == ["net.py ARC102 error"]
    assert codes(cli, "--ignore", "ARC6") == []
    assert codes(cli, "--extend-select", "ARC102") == ["net.py ARC102 error", "other.py ARC605 warning"]
    assert codes(cli, "--isolated") == ["net.py ARC102 error", "other.py ARC605 warning"]


def test_per_file_ignores_hold_whatever_is_selected(cli: Cli) -> None:
    written(net__py=BROKEN, tests_net__py=BROKEN, tests_deep_net__py=BROKEN)
    everywhere = ["net.py ARC102 error", "tests/deep/net.py ARC102 error", "tests/net.py ARC102 error"]
    assert codes(cli) == everywhere
    for pattern in ("tests/*", "tests", "tests/**", "./tests"):
        written(archlint__toml=f'per-file-ignores."{pattern}" = ["ARC1"]\n')
        assert codes(cli, "--select", "ARC102") == ["net.py ARC102 error"], pattern
    written(archlint__toml='per-file-ignores."!tests" = ["ARC1"]\n')
    assert codes(cli) == everywhere[1:]
    written(archlint__toml="")
    assert codes(cli, "--per-file-ignores", "tests/*.py:ARC6,channel-mismatch") == everywhere[:2]
    assert cli("check", "--per-file-ignores", "tests").code == 2


def test_a_finding_in_another_file_is_ignored_where_it_stands(cli: Cli) -> None:
    """The model is one of net.py; its wrong layer stands in blocks.py."""
    user = "from blocks import Net\n\nnet = Net()\n"
    written(blocks__py=BROKEN, net__py=user)
    assert codes(cli, "net.py") == ["blocks.py ARC102 error"]
    written(archlint__toml='per-file-ignores."blocks.py" = ["ARC102"]\n')
    assert codes(cli) == codes(cli, "net.py") == []
    written(archlint__toml='extend-exclude = ["blocks.py"]\n')
    assert codes(cli) == codes(cli, "net.py") == []
    assert codes(cli, "blocks.py") == ["blocks.py ARC102 error"]


def test_severities_decide_what_fails(cli: Cli) -> None:
    written(net__py=BROKEN)
    for severity, code in (("error", 1), ("warning", 1), ("info", 0)):
        written(archlint__toml=f'severity.ARC102 = "{severity}"\n')
        assert codes(cli) == [f"net.py ARC102 {severity}"]
        assert cli("check").code == code
    written(archlint__toml='severity = { ARC1 = "off", channel-mismatch = "info" }\n')
    assert codes(cli) == ["net.py ARC102 info"]
    written(archlint__toml='severity.ARC1 = "off"\n')
    assert codes(cli) == []
    written(archlint__toml='min-severity = "error"\nseverity.ARC102 = "warning"\n')
    assert cli("check").code == 0
    assert cli("check", "--min-severity", "warning").code == 1


def test_what_is_not_fixable_is_reported_only(cli: Cli) -> None:
    lists = BROKEN.replace("nn.Conv2d(64, 32, 3)", "nn.Conv2d(16, 32, 3)").replace(
        "        self.conv1 =", "        self.more = [nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)]\n        self.conv1 ="
    ).replace("self.conv1(x)", "self.conv1(self.more[1](self.more[0](x)))")  # fmt: skip
    written(net__py=lists)
    assert "[*]" in cli("check", "--output-format", "concise").out
    assert "[*]" not in cli("check", "--output-format", "concise", "--unfixable", "ARC602").out
    written(archlint__toml='fixable = ["ARC1"]\n')
    assert "ARC602" in cli("check", "--fix").out
    assert Path("net.py").read_text() == lists
    written(archlint__toml="fix = true\n")
    assert "ARC602" in cli("check", "--no-fix").out
    assert "archlint: ignore" not in Path("net.py").read_text()
    assert cli("check", "--update-baseline", "--baseline", "known.json").code == 0
    assert Path("net.py").read_text() == lists
    assert cli("check").code == 0
    assert "ModuleList" in Path("net.py").read_text()


def test_defaults_of_options_come_from_the_environment_and_the_file(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    written(net__py=BROKEN, archlint__toml='output-format = "json"\n')
    assert cli("check").out.startswith("[")
    monkeypatch.setenv("ARCHLINT_OUTPUT_FORMAT", "github")
    assert cli("check").out.startswith("::error")
    assert cli("check", "--output-format", "concise").out.startswith("net.py:")


def test_paths_start_in_the_directory_of_the_file(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHLINT_NO_CACHE", raising=False)
    written(net__py=BROKEN, sub_net__py=BROKEN, archlint__toml='baseline = "known.json"\ncache-dir = "made/cache"\n')
    assert "there is no baseline known.json" in cli("check").err
    assert cli("check", "--update-baseline").code == 0
    assert Path("known.json").exists()
    assert Path("made/cache").is_dir()
    monkeypatch.chdir("sub")
    Path("../known.json").unlink()
    assert f"there is no baseline {Path('..') / 'known.json'}" in cli("check").err


def test_one_file_holds_instead_of_those_found(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    written(
        net__py=BROKEN, pkg_net__py=BROKEN, pkg_archlint__toml='ignore = ["ALL"]', ci_lint__toml='severity.ARC1="info"'
    )
    both = ["net.py ARC102 info", "pkg/net.py ARC102 info"]
    assert codes(cli, "--config", "ci/lint.toml") == both
    monkeypatch.setenv("ARCHLINT_CONFIG", "ci/lint.toml")
    assert codes(cli) == both
    assert codes(cli, "--isolated") == ["net.py ARC102 error", "pkg/net.py ARC102 error"]
    monkeypatch.setenv("ARCHLINT_CONFIG", "ci/lent.toml")
    assert "ARCHLINT_CONFIG: there is no file ci/lent.toml" in cli("check").err


def test_single_keys_are_set_on_the_command_line(cli: Cli) -> None:
    written(net__py=BROKEN, archlint__toml='severity.ARC102 = "warning"\n')
    assert codes(cli, "--config", 'severity.ARC102="info"') == ["net.py ARC102 info"]
    assert codes(cli, "--config", "severity.ARC102=info") == ["net.py ARC102 info"]
    assert codes(cli, "--config", "ignore = ['ARC1']") == []
    assert codes(cli, "--config", 'per-file-ignores."net.py"=["ARC1"]') == []
    assert codes(cli, "--config", "severity.ARC102=error", "--config", "severity.ARC102=info") == ["net.py ARC102 info"]
    assert cli("check", "--config", "output-format=json").out.startswith("[")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--config", "slect=[]"], "--config 'slect=[]': no such key 'slect'; did you mean 'select'?"),
        (["--config", "select=3"], "--config 'select=3': 'select' is a list of rules, not 3"),
        (["--config", "select=['ARC1o2']"], "--config select: select: unknown rule 'ARC1o2'"),
        (["--config", "none.toml"], "--config: there is no file none.toml"),
        (["--config", "a b=3"], "is not KEY=VALUE as in TOML"),
        (["--config", "a.toml", "--config", "b.toml"], "--config names one file, not 2: a.toml, b.toml"),
        (["--isolated", "--config", "a.toml"], "--isolated reads no configuration file"),
        (["--config", "extend='a.toml'"], "name the file: --config FILE"),
        (["--select", "ARC1o2"], "command line: select: unknown rule 'ARC1o2'; did you mean 'ARC"),
    ],
)
def test_what_the_command_line_says_is_checked_alike(cli: Cli, arguments: list[str], said: str) -> None:
    written(net__py=BROKEN)
    outcome = cli("check", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_help_does_not_depend_on_a_configuration(cli: Cli) -> None:
    written(archlint__toml="what = 3\n")
    outcome = cli("check", "--help")
    assert outcome.code == 0
    assert "[default: full]" in outcome.out


def test_only_models_of_some_frameworks_are_checked(cli: Cli) -> None:
    written(net__py=BROKEN, archlint__toml='frameworks = ["keras", "tf"]\n')
    assert codes(cli) == []
    written(archlint__toml='frameworks = ["torch"]\n')
    assert codes(cli) == ["net.py ARC102 error"]


def test_imports_start_from_configured_directories(cli: Cli) -> None:
    written(lib_blocks__py="import torch.nn as nn\n\nclass Head(nn.Conv2d):\n    pass\n")
    written(app_net__py="from blocks import Head\n" + BROKEN.replace("nn.Conv2d(64", "Head(64"))
    assert codes(cli) == []
    written(archlint__toml='src = ["lib"]\n')
    assert codes(cli) == ["app/net.py ARC102 error"]


def test_noqa_can_be_taken_for_what_others_say(cli: Cli) -> None:
    written(net__py=BROKEN.replace("nn.Conv2d(64, 32, 3)", "nn.Conv2d(64, 32, 3)  # noqa: ARC102"))
    assert codes(cli) == []
    written(archlint__toml="respect-noqa = false\n")
    assert codes(cli) == ["net.py ARC102 error"]
    written(archlint__toml="")
    assert codes(cli, "--ignore-suppressions") == ["net.py ARC102 error"]


AMBIGUOUS = """\
from keras.layers import Conv2D
from keras.models import Sequential

model = Sequential()
model.add(Conv2D(8, 3, 3, input_shape=(32, 32, 3)))
"""


def test_the_keras_that_code_is_for_can_be_said(cli: Cli) -> None:
    written(net__py=AMBIGUOUS)
    assert "(N, 30, 30, 8)" not in cli("summary", "net.py").out
    written(archlint__toml="keras = 1\n")
    assert "(N, 30, 30, 8)" in cli("summary", "net.py").out
    written(archlint__toml="keras = 2\n")
    assert "(N, 10, 10, 8)" in cli("summary", "net.py").out


def test_rules_know_the_keras_that_code_is_for(cli: Cli) -> None:
    written(net__py=AMBIGUOUS.replace("(8, 3, 3,", "(8, (3, 3), border_mode='same',"), archlint__toml="keras = 3\n")
    assert codes(cli) == ["net.py ARC902 error", "net.py ARC908 info"]
    written(archlint__toml="keras = 3\nrules.ARC902.keras = 1\n")
    assert codes(cli) == ["net.py ARC908 info"]

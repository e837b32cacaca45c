"""`[tool.archlint.rules.…]` of pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from shell import Cli

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")

BATCH = """\
import keras
from keras import layers

images = keras.Input(batch_shape=(64, 256, 256, 3))
x = layers.Conv2D(64, 3, padding="same", activation="relu")(images)
model = keras.Model(images, layers.Conv2D(8, 3)(x))
"""


def configured(text: str) -> None:
    Path("net.py").write_text(BATCH)
    Path("pyproject.toml").write_text(text)


@pytest.mark.parametrize("rule", ["activation-memory-budget", "ARC803"])
def test_a_setting_changes_what_a_rule_finds(cli: Cli, rule: str) -> None:
    configured("")
    assert "ARC803" not in cli("check", "net.py").out
    configured(f"[tool.archlint.rules.{rule}]\nbudget-gib = 1\n")
    assert "more than 1 GiB" in cli("check", "net.py").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.archlint.rules.activation-memory-budgets]\nx = 1", "did you mean 'activation-memory-budget'?"),
        ("[tool.archlint.rules.ARC803]\nbudget-gb = 1", "no such setting 'budget-gb'; did you mean 'budget-gib'?"),
        ("[tool.archlint.rules.ARC803]\nbudget-gib = 'much'", "'budget-gib' is a number, not 'much'"),
        ("[tool.archlint.rules.ARC803]\nbudget-gib = true", "'budget-gib' is a number, not True"),
        ("[tool.archlint.rules.ARC102]\nx = 1", "ARC102 has no settings"),
        ("[tool.archlint.rules]\nARC803 = 5", "is a table of settings"),
        ("[tool.archlint.rulez.ARC803]\nx = 5", "no such key 'rulez' in [tool.archlint]; did you mean 'rules'?"),
        ("[tool.archlint]\nrules = 5", "[tool.archlint.rules.NAME]"),
        ("[tool.archlint", "pyproject.toml: "),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(cli: Cli, text: str, said: str) -> None:
    configured(text + "\n")
    outcome = cli("check", "net.py")
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_a_file_of_other_tools_is_none_of_ours(cli: Cli) -> None:
    configured("[tool.ruff]\nline-length = 'broken?'\n")
    assert cli("check", "net.py").code == 0

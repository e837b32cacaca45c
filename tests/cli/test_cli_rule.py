"""`archlint rule`."""

from __future__ import annotations

import json

from shell import Cli


def test_a_rule_is_explained_by_code_or_name(cli: Cli) -> None:
    outcome = cli("rule", "ARC102")
    assert outcome.code == 0
    assert outcome.out.startswith("ARC102 channel-mismatch\n")
    assert "\nWhat it finds\n" in outcome.out
    assert "\n    import torch.nn as nn\n" in outcome.out
    assert "```" not in outcome.out
    assert cli("rule", "channel-mismatch").out == outcome.out


def test_the_page_is_given_as_it_is(cli: Cli) -> None:
    assert cli("rule", "ARC102", "--output-format", "markdown").out.startswith("# ARC102 channel-mismatch\n")
    record = json.loads(cli("rule", "ARC102", "--output-format", "json").out)
    assert (record["code"], record["name"], record["severity"]) == ("ARC102", "channel-mismatch", "error")
    assert record["explanation"].startswith("# ARC102")


def test_all_rules_are_listed(cli: Cli) -> None:
    lines = cli("rule", "--all").out.splitlines()
    codes = [line.split()[0] for line in lines]
    assert codes == sorted(codes)
    [line] = [line for line in lines if line.startswith("ARC102")]
    assert line.split()[:3] == ["ARC102", "channel-mismatch", "error"]
    assert len(line.split()) > 6
    records = json.loads(cli("rule", "--all", "--output-format", "json").out)
    assert [record["code"] for record in records] == codes
    markdown = cli("rule", "--all", "--output-format", "markdown").out
    assert "| ARC102 | channel-mismatch | error | proven | PyTorch, Keras, TensorFlow | on | unsafe |  | " in markdown
    assert "| on | none | `budget-gib = 16.0` | A model that keeps more than 16 GiB" in markdown


def test_a_rule_shows_what_can_be_set(cli: Cli) -> None:
    assert "[tool.archlint.rules.activation-memory-budget]\n    budget-gib = 16.0\n" in cli("rule", "ARC803").out
    assert "Settings" not in cli("rule", "ARC102").out
    record = json.loads(cli("rule", "ARC803", "--output-format", "json").out)
    assert record["settings"] == [{"name": "budget-gib", "type": "float", "default": 16.0}]
    assert record["frameworks"] == ["PyTorch", "Keras", "TF-slim"]
    assert record["fix"] == "none"


def test_an_unknown_rule_is_refused_with_the_nearest(cli: Cli) -> None:
    outcome = cli("rule", "chanel-mismatch")
    assert (outcome.code, outcome.out) == (2, "")
    assert "did you mean 'channel-mismatch'?" in outcome.err
    assert cli("rule").code == 2
    assert cli("rule", "ARC102", "--all").code == 2

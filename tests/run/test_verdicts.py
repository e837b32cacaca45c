"""Whose fault a failure is: the model's, or that of what stood in for something."""

from __future__ import annotations

import pytest

from archlint.check import analyze_texts
from archlint.plugins import load_rules
from archlint.run.records import BuiltModel, Failure, Given, ModuleFact, Outcome, Target
from archlint.run.verdicts import diagnostics, parameters, start
from archlint.text import LineIndex

TEXTS = {"net.py": LineIndex("a = 1\nb = 2\nc = 3\n")}
SCRIPT = Target("net.py", "net.py", "", "script", "keras")


def refused(line: int) -> Failure:
    return Failure("build", "ValueError", "sizes do not fit", (("net.py", line, "<module>"),), origin="keras")


def codes(outcome: Outcome, target: Target = SCRIPT) -> tuple[str, list[str]]:
    verdict = start(target, "net", "net.py", 1, outcome)
    found = [d.code for d in diagnostics(verdict, target, outcome, [], TEXTS)]
    return verdict.status, found


@pytest.fixture(autouse=True)
def rules() -> None:
    load_rules()


def test_what_a_framework_refuses_first_is_the_scripts_own() -> None:
    assert codes(Outcome("net.py", "ran", statements=[refused(2)]))[1] == ["ARC008"]


def test_nothing_is_claimed_where_a_package_was_stood_in_for() -> None:
    assert codes(Outcome("net.py", "ran", statements=[refused(2)], mocked=("pandas",)))[1] == []


def test_what_follows_a_skipped_statement_may_follow_from_it() -> None:
    skipped = Failure("build", "FileNotFoundError", "train.csv", (("net.py", 1, "<module>"),), origin="net")
    assert codes(Outcome("net.py", "ran", statements=[skipped, refused(2)]))[1] == []


def test_placeholders_of_ours_are_a_guess() -> None:
    target = Target("net.py::f", "net.py", "f", "function", "tf1", (Given("x", (2, 8)),))
    failure = Failure("run", "ValueError", "rank", (("net.py", 2, "f"),), origin="tensorflow")
    assert codes(Outcome(target.id, "failed", failures=[failure]), target) == ("not run", [])


def test_a_loop_that_stopped_in_its_first_round_left_another_model() -> None:
    text = "from torch import nn\nfor width in (4, 8):\n    net = nn.Linear(width, 1)\n    net(check(width))\n"
    models = analyze_texts({"net.py": text})
    first = BuiltModel("net", "Sequential", 5, [ModuleFact("", "Sequential", 0), ModuleFact("0", "Linear", 5)])
    for statements, differ in (([], True), ([refused(3)], False)):
        outcome = Outcome("net.py", "ran", models=[first], statements=statements)
        verdict = start(SCRIPT, "net", "net.py", 1, outcome)
        parameters(verdict, models, outcome, {})
        assert bool(verdict.differences) == differ

"""A class that takes a configuration and is built nowhere: findings that hold with the defaults say so."""

from __future__ import annotations

from textwrap import dedent

from archlint.check import check_texts
from archlint.diagnostic import Diagnostic

NET = """
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class NetConfig:
    width: int = 48
    hidden: int = 64


class Net(nn.Module):
    def __init__(self, config: NetConfig):
        super().__init__()
        self.conv = nn.Conv2d(3, config.width, 3)
        self.fc = nn.Linear(config.hidden, 10)

    def forward(self, x):
        return self.fc(self.conv(x).mean((2, 3)))
"""


def found(files: dict[str, str] | str) -> list[Diagnostic]:
    report = check_texts({"net.py": files} if isinstance(files, str) else files)
    assert not report.internal_errors
    return [d for d in report.diagnostics if d.severity != "info"]


def test_a_crash_with_the_defaults_of_a_configuration_that_nobody_makes_is_a_warning_that_names_it() -> None:
    [one] = found(NET)
    assert (one.code, one.severity) == ("ARC104", "warning")
    assert one.finding.notes[-1] == (
        "so it is with the defaults of `NetConfig()`, with which no code here builds it: another configuration may fit"
    )


def test_the_same_crash_of_a_model_that_is_built_is_an_error() -> None:
    [one] = found(NET + "\nnet = Net(NetConfig())\n")
    assert (one.code, one.severity) == ("ARC104", "error")
    assert not one.finding.notes


def test_a_model_built_in_another_file_has_its_error() -> None:
    use = "from net import Net, NetConfig\n\nmodel = Net(NetConfig(width=32))\n"
    severities = {(d.code, d.severity) for d in found({"net.py": NET, "use.py": use})}
    assert ("ARC104", "error") in severities


def test_a_crash_that_no_configuration_can_cure_stays_an_error() -> None:
    [one] = found(NET.replace("3, config.width, 3", "3, 48, 3").replace("config.hidden, 10", "64, 10"))
    assert (one.code, one.severity) == ("ARC104", "error")
    assert not one.finding.notes


def test_a_number_that_comes_from_the_configuration_by_another_name_depends_on_it() -> None:
    named = NET.replace("        self.conv", "        width = config.width\n        self.conv")
    [one] = found(named.replace("3, config.width, 3", "3, width, 3").replace("config.hidden, 10", "64, 10"))
    assert one.severity == "warning"


def test_defaults_of_the_class_itself_are_what_it_is_called_with() -> None:
    own = """
        from torch import nn

        class Net(nn.Module):
            def __init__(self, width=48, hidden=64):
                super().__init__()
                self.conv = nn.Conv2d(3, width, 3)
                self.fc = nn.Linear(hidden, 10)

            def forward(self, x):
                return self.fc(self.conv(x).mean((2, 3)))
    """
    [one] = found(dedent(own))
    assert one.severity == "error"

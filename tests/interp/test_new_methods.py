"""Classes that write a `__new__` of their own."""

from __future__ import annotations

import pytest

from archlint.check import check_texts
from archlint.plugins import load

load("archlint_rules")

NET = """
import torch
import torch.nn as nn

class Net(nn.Module):
    wide = False

    {new}

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20 if self.wide else 10, 2)

    def forward(self, x):
        return self.fc(x)

Net()(torch.zeros(4, 20))
"""
FOUND = ["`fc` has in_features=10 but receives 20: its input is (4, 20)"]


def messages(new: str) -> list[str]:
    source = NET.format(new=new.replace("\n", "\n    "))
    report = check_texts({"net.py": source})
    assert not report.internal_errors
    return [d.finding.message for d in report.diagnostics]


@pytest.mark.parametrize(
    "body",
    [
        "cls.wide = has_room()\n    return super().__new__(cls)",
        "made = super().__new__(cls)\n    made.wide = True\n    return made",
        "setattr(cls, 'wide', True)\n    return super().__new__(cls)",
        "return nn.Linear(20, 2)",
    ],
)
def test_what_new_writes_or_gives_is_not_known(body: str) -> None:
    assert messages(f"def __new__(cls):\n    {body}") == []


def test_an_instance_that_new_leaves_alone_is_what_it_was() -> None:
    assert messages("") == FOUND
    assert messages("def __new__(cls):\n    count(cls)\n    return super().__new__(cls)") == FOUND
    assert messages("def __new__(cls):\n    made = object.__new__(cls)\n    made.seen = 0\n    return made") == FOUND


def test_fields_of_a_named_tuple_come_from_its_new() -> None:
    report = check_texts(
        {
            "net.py": """
from collections import namedtuple
import torch
import torch.nn as nn

class Sizes(namedtuple("Sizes", ["a", "b"])):
    def __new__(cls, a, b):
        return super().__new__(cls, 2 * a, 2 * b)

sizes = Sizes(5, 10)
net = nn.Sequential(nn.Linear(4, 20), nn.Linear(sizes.b, 2))
"""
        }
    )
    assert [d.finding.message for d in report.diagnostics if d.severity == "error"] == []

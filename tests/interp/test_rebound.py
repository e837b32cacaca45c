"""Names that something below them binds anew: star imports, `exec`, `globals()`."""

from __future__ import annotations

import pytest

from archlint.check import check_texts
from archlint.plugins import load

load("archlint_rules")

NET = "net = nn.Sequential(nn.Linear(4, 20), nn.ReLU(), nn.Linear(width, 3))\n"
HEAD = "import torch.nn as nn\n\nwidth = 10\n"


def messages(**files: str) -> list[str]:
    report = check_texts({f"{name}.py": text for name, text in files.items()})
    assert not report.internal_errors
    return [d.finding.message for d in report.diagnostics if d.path == "net.py"]


def test_a_star_import_below_gives_its_own_value() -> None:
    net = f"{HEAD}from settings import *\n\n{NET}"
    assert messages(net=net, settings="width = 20\n") == []
    assert messages(net=net, settings="other = 20\n") == ["`2` (Linear) has in_features=10 but receives 20"]
    assert messages(net=net, settings="width = 30\n") == ["`2` (Linear) has in_features=30 but receives 20"]
    assert messages(net=net, settings="from deeper import *\n", deeper="width = 20\n") == []


def test_a_star_import_of_what_cannot_be_read_may_give_anything() -> None:
    assert messages(net=f"{HEAD}from settings_elsewhere import *\n\n{NET}") == []


def test_a_star_import_above_gives_way() -> None:
    net = f"from settings import *\n{HEAD}\n{NET}"
    assert messages(net=net, settings="width = 20\n") == ["`2` (Linear) has in_features=10 but receives 20"]


def test_a_framework_brings_its_layers_and_no_settings() -> None:
    net = f"{HEAD}from torch.nn import *\n\n{NET}"
    assert messages(net=net) == ["`2` (Linear) has in_features=10 but receives 20"]


def test_a_file_that_is_imported_keeps_its_order() -> None:
    net = "import torch.nn as nn\nfrom sizes import width\n" + NET
    above = "width = 10\nfrom settings import *\n"
    below = "from settings import *\nwidth = 10\n"
    assert messages(net=net, sizes=above, settings="width = 20\n") == []
    assert messages(net=net, sizes=below, settings="width = 20\n") == [
        "`2` (Linear) has in_features=10 but receives 20"
    ]


def test_modules_that_import_each_other_come_to_an_end() -> None:
    net = f"{HEAD}from other import *\n\n{NET}"
    assert messages(net=net, other="width = 20\nfrom net import *\n") == [
        "`2` (Linear) has in_features=10 but receives 20"
    ]


@pytest.mark.parametrize(
    "code",
    [
        'exec(open("config.py").read())',
        "globals().update(load())",
        'globals()["width"] = 20',
        "names = globals()\nnames['width'] = 20",
    ],
)
def test_settings_that_code_writes_by_name_are_unknown(code: str) -> None:
    assert messages(net=f"{HEAD}{code}\n\n{NET}") == []


def test_globals_may_be_read() -> None:
    net = f"{HEAD}kind = globals()['width']\n\n{NET}"
    assert messages(net=net) == ["`2` (Linear) has in_features=10 but receives 20"]


def test_functions_of_an_imported_file_stay_what_they_are() -> None:
    """`lazy_compile` of torchvision: a name is bound anew, to the like of what it was."""
    pooling = """import functools

def lazily(fn):
    @functools.wraps(fn)
    def compiled(*args):
        globals()[fn.__name__] = functools.wraps(fn)(fn)
        return fn(*args)
    return compiled

# no more than
# it needs
def cast(x):
    return x.float()

@lazily
def pool(x):
    return cast(x).flatten(1)
"""
    net = """import torch.nn as nn
from pooling import pool

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(2))
        self.fc = nn.Linear(10, 2)

    def forward(self, x):
        return self.fc(pool(self.conv(x)))
"""
    assert messages(net=net, pooling=pooling) == [
        "`fc`: in_features=10 cannot come from any input size: `flatten` gives 8*2*2 = 32 for every input"
    ]

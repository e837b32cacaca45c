"""`--with-dependants`: what a change of one file does to the models that import it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell import Cli

BLOCKS = "import torch.nn as nn\n\n\ndef stem():\n    return nn.Conv2d(3, {width}, 3)\n"
NET = """\
import torch.nn as nn
{statement}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = {call}()
        self.conv = nn.Conv2d(16, 32, 3)

    def forward(self, x):
        return self.conv(self.stem(x).relu())
"""


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def test_the_files_that_import_a_changed_one_are_checked(cli: Cli) -> None:
    write("blocks.py", BLOCKS.format(width=8))
    write("net.py", NET.format(statement="from blocks import stem", call="stem"))
    alone, along = cli("check", "blocks.py"), cli("check", "blocks.py", "--with-dependants")
    assert (alone.code, along.code) == (0, 1)
    assert "net.py:9" in along.out
    assert "16 channels" in along.out or "in_channels=16" in along.out


@pytest.mark.parametrize(
    ("statement", "call"),
    [
        ("from .blocks import stem", "stem"),
        ("from . import blocks", "blocks.stem"),
        ("from pkg.blocks import stem", "stem"),
        ("import pkg.blocks", "pkg.blocks.stem"),
        ("from .reexport import *", "stem"),
        ("from pkg import stem", "stem"),
    ],
)
def test_however_the_import_is_written_and_through_other_files(cli: Cli, statement: str, call: str) -> None:
    write("pkg/__init__.py", "from .blocks import stem\n")
    write("pkg/reexport.py", "from .blocks import *\n")
    write("pkg/blocks.py", BLOCKS.format(width=8))
    write("pkg/net.py", NET.format(statement=statement, call=call))
    found = cli("check", "pkg/blocks.py", "--with-dependants", "--output-format", "concise")
    assert found.code == 1
    assert found.out.startswith("pkg/net.py:9:")


def test_files_that_import_nothing_of_it_are_left_alone(cli: Cli) -> None:
    write("blocks.py", BLOCKS.format(width=16))
    write("net.py", NET.format(statement="from blocks import stem", call="stem"))
    write("other.py", NET.format(statement="", call="nn.Flatten"))
    found = cli("check", "blocks.py", "--with-dependants", "--show-models")
    assert found.code == 0
    assert "net.py" in found.out
    assert "other.py" not in found.out


def test_files_that_import_each_other_are_checked_once(cli: Cli) -> None:
    write("a.py", "import b\n" + BLOCKS.format(width=8))
    write("b.py", NET.format(statement="from a import stem", call="stem"))
    found = cli("check", "a.py", "--with-dependants", "--output-format", "concise")
    assert found.out.count("b.py:") == 1


def test_excluded_files_stay_out(cli: Cli) -> None:
    write("archlint.toml", 'extend-exclude = ["old"]\n')
    write("blocks.py", BLOCKS.format(width=8))
    write("old/net.py", NET.format(statement="from blocks import stem", call="stem"))
    assert cli("check", "blocks.py", "--with-dependants").code == 0
    write("archlint.toml", "")
    assert cli("check", "blocks.py", "--with-dependants").code == 1


def test_a_fix_says_so_in_the_exit_code(cli: Cli) -> None:
    source = "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    source += "        self.blocks = [nn.Linear(4, 4) for _ in range(3)]\n\n    def forward(self, x):\n"
    source += "        for block in self.blocks:\n            x = block(x)\n        return x\n"
    write("net.py", source)
    assert cli("check", "net.py", "--fix", "--exit-non-zero-on-fix").code == 1
    assert "nn.ModuleList(" in Path("net.py").read_text()
    assert cli("check", "net.py", "--fix", "--exit-non-zero-on-fix").code == 0

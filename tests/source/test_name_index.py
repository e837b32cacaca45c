"""What an index knows about the names of a file."""

from __future__ import annotations

from archlint.source.index import Imported, build
from archlint.source.parse import parse

TEXT = '''\
"""Doc."""
import torch.nn as nn, os.path
from ..ops import conv as c, pool
from . import blocks
from helpers import *
try:
    from fast import run
except ImportError:
    def run(x): return x

WIDTH = 64

class Base(nn.Module):
    pass

class Net(Base, metaclass=Meta):
    scale: int = 2

    class Inner:
        def go(this):
            this.deep = 1

    def __init__(self, width=WIDTH):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, width, 3), c(width)
        self.blocks[0] = pool()
        self.count += 1
        for self.i in range(3):
            pass
        with open("f") as self.file:
            pass
        self.head: nn.Module = getattr(nn, "Linear")(1, 2)
        if hasattr(self, "head"):
            def late(x):
                self.late = x
                return self.conv2

    @staticmethod
    def make(first):
        first.no_store = 1
        return first.width

    def forward(self, x):
        for name, m in self.named_children():
            x = m(x)
        return self.conv1(x).shape

def build():
    return run(Net(build_head(2)))

def build_head(n):
    return build
'''


def test_an_index() -> None:
    source = parse("a.py", TEXT)
    assert not source.problems
    index = build(source)
    assert list(index.classes) == ["Base", "Net", "Net.Inner"]
    net = index.classes["Net"]
    assert net.bases == ["Base"]
    assert net.methods == ["__init__", "make", "forward"]
    assert [(store.attr, store.method) for store in net.stores] == [
        ("conv1", "__init__"), ("conv2", "__init__"), ("count", "__init__"), ("i", "__init__"), ("file", "__init__"),
        ("head", "__init__"), ("late", "__init__"),
    ]  # fmt: skip
    assert [TEXT[store.start : store.end] for store in net.stores][:2] == ["self.conv1", "self.conv2"]
    assert TEXT[net.start : net.end] == "Net"
    assert net.loads == {"blocks", "count", "conv1", "conv2", "named_children"}
    assert net.dynamic == {"named_children", "hasattr"}
    assert [store.attr for store in index.classes["Net.Inner"].stores] == ["deep"]


def test_imports_calls_and_references() -> None:
    index = build(parse("a.py", TEXT))
    shown = {alias: (found.dotted, found.level) for alias, found in index.imports.items()}
    assert shown == {
        "nn": ("torch.nn", 0), "os": ("os", 0), "c": ("ops.conv", 2), "pool": ("ops.pool", 2), "blocks": ("blocks", 1),
        "run": ("fast.run", 0),
    }  # fmt: skip
    assert isinstance(index.imports["nn"], Imported)
    assert index.stars == [("helpers", 0)]
    assert {"nn.Conv2d", "c", "pool", "run", "Net", "getattr"} <= index.called
    assert {"width", "shape", "Linear", "Module"} <= index.attributes
    assert "file" not in index.attributes
    assert index.strings == {"Doc.", "f", "Linear", "head"}
    assert index.functions == ["run", "build", "build_head"]
    assert index.references["Net"] == {"Base", "WIDTH"}
    assert index.references["build"] == {"run", "Net", "build_head"}
    assert index.references["build_head"] == {"build"}

"""A part of a model that is given the model's configuration: `archlint summary net.py::Block`."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from archlint.check import analyze_paths
from archlint.dims import Size
from archlint.facts.parameters import parameters

SOURCE = """
    import torch
    from torch import nn

    class NetConfig:
        def __init__(self, width=16, layers=2):
            self.width, self.layers = width, layers

    class OtherConfig:
        def __init__(self, width=8):
            self.width = width

    class Inner(nn.Module):
        def __init__(self, scale, config):
            super().__init__()
            self.fc = nn.Linear(config.width, scale * config.width)
        def forward(self, x):
            return self.fc(x)

    class Block(nn.Module):
        def __init__(self, config, layer_idx=None):
            super().__init__()
            self.inner = Inner(4, config)
            self.out = nn.Linear(4 * config.width, config.width)
        def forward(self, x):
            return self.out(self.inner(x))

    class Shared(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.fc = nn.Linear(config.width, 3)
        def forward(self, x):
            return self.fc(x)

    class Base(nn.Module):
        config: NetConfig

    class Net(Base):
        def __init__(self, config):
            super().__init__()
            self.h = nn.ModuleList([Block(config, layer_idx=i) for i in range(config.layers)])
            self.head = Shared(config)
        def forward(self, x):
            for block in self.h:
                x = block(x)
            return self.head(x)

    class Other(nn.Module):
        config: OtherConfig
        def __init__(self, config):
            super().__init__()
            self.head = Shared(config)
        def forward(self, x):
            return self.head(x)
"""


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(dedent(SOURCE), encoding="utf-8")
    return "net.py"


def total(path: str, name: str) -> Size:
    """Trainable parameters of the model that is asked for by name."""
    models, _ = analyze_paths([path], only=name)
    (model,) = [m for m in models if m.name == name]
    return parameters(model).trainable


def test_a_part_has_the_configuration_of_the_model_that_builds_it(net: str) -> None:
    assert total(net, "Block") == (16 + 1) * 64 + (64 + 1) * 16


def test_a_part_of_a_part_has_it_too(net: str) -> None:
    models, _ = analyze_paths([net], only="Inner")
    (fc,) = next(m for m in models if m.name == "Inner").family("dense")
    assert fc.args["in_features"] == 16


def test_a_part_of_models_with_different_configurations_has_none(net: str) -> None:
    assert total(net, "Shared") is None

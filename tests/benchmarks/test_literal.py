"""A collection's own tests are read, not run: their assertions become verdicts on our numbers."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from benchmarks.literal import SHAPES, WEIGHTS, cases, check

NETS = """
    import torch
    from torch import nn

    def small(width=8, **kwargs):
        return nn.Sequential(nn.Conv2d(3, width, 3), nn.Flatten())

    def large(**kwargs):
        return small(width=16)

    def _test():
        pretrained = False
        models = [(small, 8), (large, 16)]
        for model, width in models:
            net = model(pretrained=pretrained)
            weight_count = calc_net_weight_count(net)
            print(weight_count)
            assert (model != small or weight_count == 224)
            assert (model != large or weight_count == 1000)
            x = torch.randn(2, 3, 6, 6)
            y = net(x)
            y.sum().backward()
            assert (tuple(y.size()) == (2, width * 16))
            assert (y.shape[1] == 128)
"""


def test_each_model_is_tested_on_its_own() -> None:
    one, two = cases(dedent(NETS), "nets")
    assert (one.builder, two.builder) == ("small", "large")
    assert "stated = 224" in one.text
    assert "1000" not in one.text
    assert "calc_net_weight_count" not in one.text


def test_stated_numbers_are_held_against_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets.py").write_text(dedent(NETS), encoding="utf-8")
    found = check((str(tmp_path), "nets.py", 0))
    assert found.verdicts == {
        (WEIGHTS, "equal"): 1,
        (WEIGHTS, "differs"): 1,
        (SHAPES, "equal"): 3,
        (SHAPES, "differs"): 1,
    }
    assert "nets.py large: 1000 parameters stated, ours 448" in found.lines


def test_a_file_without_a_test_says_nothing() -> None:
    assert cases("import torch\n", "nets") == []

"""Shapes in annotations: what is noted of them, and which findings come of it."""

from __future__ import annotations

import pytest

from archlint.check import analyze_texts, check_texts
from archlint.plugins import load

load("archlint_rules")

HEAD = """
import torch.nn as nn
from typing import Optional
from beartype import beartype
from jaxtyping import Float, Int, jaxtyped
from torch import Tensor
from torchtyping import TensorType


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

"""


def messages(forward: str) -> list[str]:
    report = check_texts({"net.py": HEAD + forward})
    return [f"{d.severity}: {d.finding.message}" for d in report.diagnostics if d.code == "ARC709"]


@pytest.mark.parametrize(
    ("signature", "body", "found"),
    [
        ('x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 9 h w"]', "self.conv(x)", '"b 9 h w"'),
        ('x: Optional[Float[Tensor, "b 4 h w"]])', "self.conv(x)", '"b 4 h w"'),
        ('x: Float[Tensor, "b 4 h w"] | None)', "self.conv(x)", '"b 4 h w"'),
        ('x: TensorType["b", 4, "h", "w"])', "self.conv(x)", '"b 4 h w"'),
        ('x) -> tuple[Float[Tensor, "b 8 h w"], Float[Tensor, "b 9"]]', "(self.conv(x), x.mean((2, 3)))", '"b 9"'),
        ('x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 2*c h w"]', "self.conv(x)", '"b 2*c h w"'),
        ('x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b channels=9 h w"]', "self.conv(x)", '"b channels=9 h w"'),
        ('x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h"]', "self.conv(x)", '"b c h"'),
        ('x: Float[Tensor, "b c h w"]) -> Float[Tensor, "..."]', "self.conv(x)", ""),
        ('x: Float[Tensor, "*any 3 h w"]) -> Float[Tensor, "*any 8 h w"]', "self.conv(x)", ""),
        ('x: Float[Tensor, "b {c} h w"]) -> Float[Tensor, "b #3 h w"]', "self.conv(x)", ""),
        ('x: Float[Tensor, "3 h w"]) -> Float[Tensor, "8 h w"]', "self.conv(x)", ""),
        ('x: Float[Tensor, ""])', "self.conv(x)", ""),
        ("x: dict[str, Tensor])", "self.conv(x)", ""),
    ],
)
def test_an_annotation_is_wrong_only_if_no_size_makes_it_right(signature: str, body: str, found: str) -> None:
    got = messages(f"    def forward(self, {signature}:\n        return {body}\n")
    assert len(got) == bool(found), got
    assert all(found in message for message in got)


@pytest.mark.parametrize(
    ("decorator", "severity"),
    [
        ("@jaxtyped(typechecker=beartype)", "error"),
        ("@jaxtyped\n    @beartype", "error"),
        ("@jaxtyped(typechecker=None)", "warning"),
        ("@jaxtyped", "warning"),
    ],
)
def test_it_is_an_error_only_where_calls_are_checked(decorator: str, severity: str) -> None:
    forward = 'def forward(self, x: Float[Tensor, "b 4 h w"]):\n        return self.conv(x)\n'
    got = messages(f"    {decorator}\n    {forward}")
    assert [message.partition(":")[0] for message in got] == [severity]


def test_every_call_of_equal_blocks_is_noted() -> None:
    blocks = """
class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(4)])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Float[Tensor, "b c"]) -> Float[Tensor, "b c"]:
        return self.fc(x)
"""
    models = {m.name: m for m in analyze_texts({"net.py": HEAD + "    pass\n" + blocks})}
    noted = [[a.name for a in n.annotated] for n in models["Stack"].nodes]
    assert noted == [["x"], ["", "x"], ["", "x"], ["", "x"], [""]]
    calls = {a.call for n in models["Stack"].nodes for a in n.annotated}
    assert len(calls) == 4

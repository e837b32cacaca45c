"""`*blocks` of what nobody calls in the checked files: how many there are is not known."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import check_texts

STAGE = """
    import torch
    from torch import nn


    class Stage(nn.Module):
        def __init__(self, *blocks):
            super().__init__()
            self.stem = nn.Conv2d(3, 32, 3)
            self.blocks = nn.Sequential(*blocks)
            self.head = nn.Conv2d(64, 10, 1)

        def forward(self, x):
            return self.head(self.blocks(self.stem(x)))
"""

JOINED = """
    import torch
    from torch import nn


    class Joined(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 32, 3)
            self.head = nn.Conv2d(64, 10, 1)

        def forward(self, x, *more):
            return self.head(torch.cat([self.stem(x), *more], 1))
"""

BUILT = """
    from torch import nn


    def stage(*blocks):
        return nn.Sequential(nn.Conv2d(3, 32, 3), *blocks, nn.Conv2d(64, 10, 1))
"""

SHAPED = """
    import torch
    from torch import nn


    def noise(*shape):
        return nn.Softmax(2)(torch.randn(shape))
"""

HANDED_ON = """
    import torch
    from torch import nn


    class Inner(nn.Module):
        def __init__(self, *sizes):
            super().__init__()
            self.stem = nn.Conv2d(3, 32, 3)

        def forward(self, x, *extra):
            return self.stem(x)


    class Outer(Inner):
        def __init__(self, *args):
            super().__init__(*args)
            self.head = nn.Conv2d(64, 10, 1)

        def forward(self, x, *args):
            return self.head(super().forward(x, *args))
"""


def codes(source: str) -> list[str]:
    report = check_texts({"net.py": dedent(source)})
    assert not report.internal_errors
    return [d.code for d in report.diagnostics]


@pytest.mark.parametrize("source", [STAGE, JOINED, BUILT, SHAPED])
def test_what_goes_into_a_star_parameter_is_not_known(source: str) -> None:
    assert codes(source) == []


def test_a_call_says_what_goes_in() -> None:
    assert codes(STAGE + "\n\n    net = Stage(nn.ReLU())\n") == ["ARC102"]
    assert codes(BUILT + "\n\n    net = stage(nn.ReLU())\n") == ["ARC102"]


def test_what_is_only_handed_on_to_the_class_above_is_nothing() -> None:
    assert codes(HANDED_ON) == ["ARC102"]

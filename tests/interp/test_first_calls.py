"""What a model that nobody calls is given: convention says a form only as long as the model agrees with it."""

from __future__ import annotations

import pytest

from archlint.dims import show_shape
from tests.interp.test_found_in_real_code import codes, models

CODEBOOKS = """
    class Codes(nn.Module):
        def __init__(self, books=8, width=16):
            super().__init__()
            self.embedding = nn.Embedding(1000, width)
            self.register_buffer("offsets", torch.arange(books) * 100)
            self.norm = nn.LayerNorm(width)
            self.fc = nn.Linear(width, width)
            self.weight = nn.Parameter(torch.ones(width))

        def forward(self, input_ids: torch.LongTensor):
            x = self.embedding(input_ids + self.offsets).sum(dim=2)
            return self.fc(self.norm(x)) * self.weight
"""


def test_tokens_of_several_books_are_no_row_of_tokens() -> None:
    """Three axes, (N, T, 8): with two of them the model could not run."""
    assert codes(CODEBOOKS) == []


@pytest.mark.parametrize("optional", ["input_ids: torch.LongTensor", "input_ids: torch.LongTensor | None = None"])
def test_a_row_of_tokens_is_what_a_model_gets_that_fails_without_it_too(optional: str) -> None:
    text = CODEBOOKS.replace(".sum(dim=2)", "").replace(" + self.offsets", "").replace("(width, width)", "(9, width)")
    text = text.replace("input_ids: torch.LongTensor", optional)
    assert codes(text) == ["ARC104"]
    (model,) = models(text).values()
    assert [show_shape(node.output.shape) for node in model.family("embedding")] == ["(N, T, 16)"]


CONDITIONED = """
    class Conditioned(nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.norm = nn.GroupNorm(8, channels)
            self.scale = nn.Conv2d(4, channels, 1)

        def forward(self, features, condition, cache=None):
            return self.norm(features) * self.scale(condition), {}

    class Up(nn.Module):
        def __init__(self, channels=32, condition=4):
            super().__init__()
            self.norm = Conditioned(channels) if condition is not None else nn.GroupNorm(8, channels)
            self.act = nn.SiLU()

        def forward(self, x, condition=None):
            if condition is not None:
                x, _ = self.norm(x, condition)
            else:
                x = self.norm(x)
            return self.act(x)
"""


def test_a_model_that_nobody_calls_may_be_given_its_optional_input() -> None:
    assert codes(CONDITIONED) == []
    assert codes(CONDITIONED + "    Up()(torch.zeros(2, 32, 8, 8))\n") == ["ARC622"]
    assert codes(CONDITIONED.replace("x, condition=None", "x").replace("condition is not None:\n", "False:\n")) == [
        "ARC622"
    ]

"""Which comments are claims about a shape, what they are about, and what the correction writes."""

from __future__ import annotations

import pytest

from archlint.check import check_texts
from archlint.options import Options
from archlint_rules.names.comment_shapes import Open, Rest, read_claim

ONE_LAYER = """\
import keras
from keras import layers

x = keras.Input((100, 100, 1))
y = layers.Conv2D(128, 3)(x)  {comment}
model = keras.Model(x, y)
"""


def found(text: str) -> list[str]:
    report = check_texts({"model.py": text}, Options(select=("ARC707",)))
    assert report.internal_errors == []
    return [d.finding.message for d in report.diagnostics]


def corrected(text: str) -> str:
    report = check_texts({"model.py": text}, Options(select=("ARC707",)))
    edits = [e for d in report.diagnostics for e in d.finding.edits]
    for edit in sorted(edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("comment", "entries"),
    [
        ("# (N, 64, 56, 56)", ("N", 64, 56, 56)),
        ("# [None, 10]", (Open(), 10)),
        ("#(B, ?, -1)", ("B", Open(), Open())),
        ("# B x C x 7 x 7", ("B", "C", 7, 7)),
        ("# shape: (N, T, 512).", ("N", "T", 512)),
        ("# (B, ..., 64)", ("B", Rest(), 64)),
        ("# (N, 3, 8, 8) -> (N, 12)", ("N", 12)),
        ("# -> [B, T, 80]", ("B", "T", 80)),
        ("# (N, 10)  # noqa: E501", ("N", 10)),
        ("# (N, 10,)", ("N", 10)),
    ],
)
def test_a_shape_and_nothing_else_is_a_claim(comment: str, entries: tuple[object, ...]) -> None:
    claim = read_claim(comment, 0)
    assert claim is not None
    assert claim.entries == entries


@pytest.mark.parametrize(
    "comment",
    [
        "# a remark (N, 64, 56, 56)",
        "# (N, 64) after pooling",
        "# (1, 64, 56, 56)",  # an example run
        "# [0, 1, 2]",
        "# (see below)",
        "# (N,)",
        "# (N, 3), (N, 4)",
        "# a, b, c",
        "# x(1, 2, n)",
        "# (not_used, 'text')",
        "# (N, C, H, W) or (C, H, W)",
        "# type: (Tensor, int) -> Tensor",
        "# [batch of images, labels]",
        "# 3 x 3",
    ],
)
def test_anything_else_is_not(comment: str) -> None:
    assert read_claim(comment, 0) is None


@pytest.mark.parametrize(
    ("comment", "better"),
    [
        ("# (None, 128, 98, 98)", "# (None, 98, 98, 128)"),
        ("# [B, H, W, 64]", "# [B, H, W, 128]"),
        ("# (N, 98, 98)", "# (N, 98, 98, 128)"),
        ("# N x 49 x 49 x 128", "# N x 98 x 98 x 128"),
        ("# (..., 32)", "# (..., 128)"),
        ("# [None, 100, 100, 1] -> [None, 100, 100, 128]", "# [None, 100, 100, 1] -> [None, 98, 98, 128]"),
    ],
)
def test_the_correction_leaves_what_is_right(comment: str, better: str) -> None:
    text = ONE_LAYER.replace("{comment}", comment)
    assert corrected(text) == ONE_LAYER.replace("{comment}", better)
    assert found(corrected(text)) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# (None, 98, 98, 128)",
        "# (N, H, W, C)",
        "# (N, H-2, W-2, 128)",
        "# (98, 98, c)",  # the batch left out
        "# (N, 98, 128)",  # so it may be here, N being something else
        "# (N, 100, 100, 1)",  # the argument
        "# image: (N, 3, 3)",  # another variable
        "# (batch, width)",  # two words, no number of axes
    ],
)
def test_what_may_be_right_is_silent(comment: str) -> None:
    assert found(ONE_LAYER.replace("{comment}", comment)) == []


def test_a_helper_called_with_several_widths_is_judged_by_all_of_them() -> None:
    text = """\
import keras
from keras import layers


def block(x, width):
    y = layers.Conv2D(width, 3)(x)  # (N, H, W, 32)
    return y


x = keras.Input((100, 100, 3))
model = keras.Model(x, block(block(x, 32), 64))
"""
    assert found(text) == []
    assert found(text.replace("(N, H, W, 32)", "(N, H, W, 16)")) == []  # another program may call it with 16
    assert len(found(text.replace("Conv2D(width,", "Conv2D(48,"))) == 1


def test_two_models_of_one_class_are_judged_together() -> None:
    text = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)

    def forward(self, x):
        return self.conv(x)  # (N, 64, H, W)


def small():
    return Net(32)


def large():
    return Net(64)
"""
    assert found(text) == []


def test_a_comment_above_the_first_statement_gives_the_input_its_size() -> None:
    text = """\
import torch.nn as nn


class Stem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.pool = nn.MaxPool2d(3, 2, 1)

    def forward(self, x):
        # N x 3 x 224 x 224
        x = self.conv(x)
        # N x 64 x 112 x 112
        x = self.pool(x)
        # N x 64 x 56 x 56
        return x
"""
    assert found(text) == []
    wrong = text.replace("x = self.pool(x)", "x = self.pool(x)  # N x 64 x 28 x 28")
    assert len(found(wrong)) == 1


def test_a_class_whose_constructor_takes_no_settings_is_one_configuration() -> None:
    text = """\
import torch.nn as nn

WIDTH = 32


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, WIDTH, 3)

    def forward(self, x):
        return self.conv(x)  # (N, 64, H, W)
"""
    assert len(found(text)) == 1
    configurable = text.replace("(self):", "(self, width=WIDTH):").replace("(3, WIDTH", "(3, width")
    assert found(configurable) == []


def test_sizes_that_are_not_known_are_not_written_over_a_comment() -> None:
    text = """\
import torch.nn as nn


class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 1)

    def forward(self, x):
        x = self.conv(x)
        x = x.view(x.size(0), 64, int(x.amax()), -1, 4)  # [B, 64, blocks, 2, size, 4]
        return x
"""
    assert len(found(text)) == 1
    assert corrected(text) == text


def test_a_comment_above_lines_that_remake_one_name_may_mean_what_comes_out_of_them() -> None:
    """As in ProphetNet: `[ngram, batch_size, num_heads * sequence_length, -1]` above an unsqueeze and a repeat."""
    text = """\
from torch import nn


class Buckets(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Conv1d(8, 16, 1)

    def forward(self, x):  # (N, 8, T)
        x = self.embed(x)
        # (N, 48, T, 1)
        x = x.unsqueeze(3)
        x = x.repeat(1, 3, 1, 1)
        return x
"""
    assert found(text) == []
    other = text.replace("x = x.unsqueeze", "y = x.unsqueeze").replace("x.repeat", "y.repeat")
    assert found(other) == ["comment says (N, 48, T, 1), inferred (N, 16, L, 1)"]
    neither = text.replace("(N, 48, T, 1)", "(N, 32, T, 1)")
    assert found(neither) == ["comment says (N, 32, T, 1), inferred (N, 16, L, 1)"]

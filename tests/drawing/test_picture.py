"""What is in a drawing: boxes, modules, tensors, findings."""

from __future__ import annotations

from drawings import drawn
from drawn_models import HOSTILE, RESIDUAL, WRONG

from archlint.drawing.folding import deepest, fold
from archlint.drawing.picture import Picture


def modules(picture: Picture) -> list[tuple[str, str, int, int]]:
    return [(group.label, group.class_name, group.layers, group.alike) for group in picture.groups[1:]]


def lines(picture: Picture, depth: int) -> list[str]:
    folded = fold(picture, depth)
    names = {
        item: picture.boxes[item].path or picture.boxes[item].op if item < picture.root else picture.group(item).label
        for item in folded.seen(picture.root)
    }
    return [f"{names[source]} -> {names[target]} {shape}" for source, target, shape in folded.lines]


def test_modules_are_nested_and_equal_ones_in_a_row_are_one() -> None:
    assert modules(drawn(RESIDUAL)) == [
        ("stage", "", 18, 1),
        ("stage.0", "Block", 6, 1),
        ("skip", "", 2, 1),
        ("stage.1 … stage.3", "Block", 12, 3),
        ("stage.1", "Block", 4, 1),
        ("stage.2", "Block", 4, 1),
        ("stage.3", "Block", 4, 1),
    ]


def test_a_call_without_a_name_belongs_to_the_module_whose_forward_it_stands_in() -> None:
    picture = drawn(RESIDUAL)
    assert {picture.group(box.group).label for box in picture.boxes if box.op in ("operator+", "relu")} == {
        "stage.0", "stage.1", "stage.2", "stage.3",
    }  # fmt: skip


def test_the_first_call_in_a_block_is_not_taken_for_the_last_of_the_block_before() -> None:
    text = """
import torch
from torch import nn


class Dense(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.BatchNorm2d(width)
        self.conv = nn.Conv2d(width, 4, 3, padding=1)

    def forward(self, features):
        x = torch.cat(features, 1)
        return self.conv(self.norm(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = Dense(3), Dense(7)

    def forward(self, x):  # archlint: input=(N, 3, 8, 8)
        features = [x]
        for block in (self.a, self.b):
            features.append(block(features))
        return torch.cat(features, 1)
"""
    picture = drawn(text)
    assert [picture.group(box.group).label for box in picture.boxes if box.op == "cat"] == ["a", "b", "Net"]


def test_a_sum_around_the_layers_of_a_block_is_in_it() -> None:
    picture = drawn(RESIDUAL.replace("return torch.relu(x + y)", "return x + self.conv(self.norm(y)).relu()"))
    assert [picture.group(box.group).label for box in picture.boxes if box.op in ("relu", "operator+")] == [
        "stage.0", "stage.0", "stage.1", "stage.1", "stage.2", "stage.2", "stage.3", "stage.3",
    ]  # fmt: skip


def test_a_parameter_stands_in_the_module_that_uses_it() -> None:
    text = RESIDUAL.replace("self.norm = nn", "self.scale = nn.Parameter(torch.ones(1))\n        self.norm = nn")
    picture = drawn(text.replace("self.norm(self.conv(x))", "self.norm(self.conv(x)) * self.scale"))
    scales = [picture.group(box.group).label for box in picture.boxes if box.kind == "variable"]
    assert scales == ["stage.0", "stage.1", "stage.2", "stage.3"]


def test_totals_of_a_module_count_each_layer_once() -> None:
    picture = drawn(RESIDUAL)
    assert [(group.label, group.params) for group in picture.groups if group.label in ("stage", "stage.0", "skip")] == [
        ("stage", 2488), ("stage.0", 688), ("skip", 88),
    ]  # fmt: skip


def test_depth_folds_what_is_nested_deeper() -> None:
    assert lines(drawn(RESIDUAL), 0) == [
        "x -> stem (N, 3, 32, 32)",
        "stem -> stage (N, 8, 32, 32)",
        "stage -> flatten (N, 8, 32, 32)",
        "flatten -> head (N, 8192)",
        "head -> output (N, 10)",
    ]


def test_one_level_down_the_equal_blocks_are_one_box() -> None:
    assert [line for line in lines(drawn(RESIDUAL), 1) if "stage" in line] == [
        "stem -> stage.0 (N, 8, 32, 32)",
        "stage.0 -> stage.1 … stage.3 (N, 8, 32, 32)",
        "stage.1 … stage.3 -> flatten (N, 8, 32, 32)",
    ]


def test_the_greatest_depth_that_fits() -> None:
    picture = drawn(RESIDUAL)
    assert (deepest(picture, 100), deepest(picture, 12), deepest(picture, 8), deepest(picture, 1)) == (None, 1, 1, 0)


def test_a_finding_is_at_the_layer_that_it_is_about() -> None:
    picture = drawn(WRONG)
    [mark] = [mark for mark in picture.marks if mark.severity == "error"]
    assert (mark.code, [picture.boxes[box].path for box in mark.boxes]) == ("ARC104", ["head"])


def test_of_blocks_made_in_one_place_the_one_that_the_finding_names() -> None:
    text = RESIDUAL.replace("Block(8, False), Block(8, False))", "Block(8, False), Block(16, False))")
    picture = drawn(text)
    [mark] = [mark for mark in picture.marks if mark.code == "ARC102"]
    assert [picture.boxes[box].path for box in mark.boxes] == ["stage.3.conv"]


def test_what_is_not_known_is_a_question_mark() -> None:
    text = RESIDUAL.replace("torch.relu(x + y)", "mystery(x + y)").replace("import torch\n", "from a import mystery\n")
    picture = drawn(text)
    assert "?" in {edge.shape for edge in picture.edges}


def test_a_size_too_long_to_read_is_cut() -> None:
    text = """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):  # archlint: input=(N, 3, W)
        for _ in range(9):
            x = torch.cat([x, nn.functional.max_pool1d(x, 3)], 2)
        return nn.functional.relu(x)
"""
    picture = drawn(text)
    assert picture.boxes[1].shape == "(N, 3, W//3)"
    assert picture.boxes[-1].shape == "(N, 3, …)"


def test_names_of_keras_are_no_modules() -> None:
    assert modules(drawn(HOSTILE)) == []


def test_scopes_of_slim_are_modules() -> None:
    text = """
import tensorflow.compat.v1 as tf
import tf_slim as slim

x = tf.placeholder(tf.float32, [None, 28, 28, 1])
net = slim.repeat(x, 2, slim.conv2d, 8, [3, 3], scope="conv1")
net = slim.max_pool2d(net, [2, 2], scope="pool1")
"""
    assert [label for label, *_ in modules(drawn(text))] == ["conv1"]


def test_what_runs_between_two_layers_of_a_scope_is_in_it() -> None:
    text = """
import tensorflow.compat.v1 as tf
import tf_slim as slim


def padded(x):
    return tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])


def unit(x):
    with tf.variable_scope("unit"):
        x = slim.conv2d(x, 8, [1, 1], scope="conv1")
        return slim.conv2d(padded(x), 8, [3, 3], padding="VALID", scope="conv2")


x = tf.placeholder(tf.float32, [None, 28, 28, 1])
with tf.variable_scope("block"):
    net = slim.conv2d(x, 8, [1, 1], scope="first")
    net = unit(net)
"""
    picture = drawn(text)
    assert {picture.group(box.group).label for box in picture.boxes if box.op == "pad"} == {"unit"}
    assert [label for label, *_ in modules(picture)] == ["block", "unit"]


def test_a_layer_that_only_passes_a_tensor_on_is_not_drawn() -> None:
    picture = drawn(RESIDUAL.replace("self.stem(x)", "self.stem(x).contiguous()"))
    assert "contiguous" not in {box.op for box in picture.boxes}
    assert "stem -> stage (N, 8, 32, 32)" in lines(picture, 0)


def test_where_branches_meet_and_nothing_goes_on_is_not_drawn() -> None:
    """Nothing reads `twice` below the branches; drawn outside of them it would cut the block in two."""
    block = """
        y = self.conv(x)
        if self.skip:
            twice = y * 2
            y = y + twice
        else:
            twice = y * 3
            y = y - twice
        return torch.relu(self.norm(y))
"""
    start, end = RESIDUAL.index("        y = self.norm"), RESIDUAL.index("\n\nclass Net")
    text = (RESIDUAL[:start] + block.lstrip("\n") + RESIDUAL[end + 1 :]).replace(
        "nn.Sequential(nn.Conv2d(width, width, 1), nn.BatchNorm2d(width)) if skip else None", "unknown()"
    )
    picture = drawn(text)
    joins = [box for box in picture.boxes if box.kind == "join"]
    assert [len([edge for edge in picture.edges if edge.source == join.number]) for join in joins] == [1] * 4
    assert [label for label, *_ in modules(picture)] == ["stage", "stage.0", "stage.1", "stage.2", "stage.3"]


def test_the_same_text_gives_the_same_drawing() -> None:
    assert drawn(RESIDUAL).to_json() == drawn(RESIDUAL).to_json()

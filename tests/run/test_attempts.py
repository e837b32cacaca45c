"""What a model is called with: where the shapes come from, and which numbers stand for open sizes."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

import pytest

from archlint.check import FileResult, _models
from archlint.options import Options, parse_shape
from archlint.project import Project
from archlint.run.records import Attempt, Given, Target
from archlint.run.targets import targets_of


def attempts(text: str, **inputs: str) -> tuple[Attempt, ...]:
    """Those of the first target of a file."""
    project = Project.of_texts({"model.py": dedent(text)})
    options = Options(inputs={name: parse_shape(shape) for name, shape in inputs.items()})
    models = _models(project, "model.py", options, FileResult())
    target = targets_of(project, "model.py", models, options=options)[0]
    assert isinstance(target, Target), target
    return target.attempts


def torch_model(layers: str, forward: str, parameters: str = "x", more: str = "") -> str:
    """A class `Net` with these lines in `__init__` and `forward`, and lines of the file below it."""
    head = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\nclass Net(nn.Module):\n"
    head += "    def __init__(self):\n        super().__init__()\n" + indent(dedent(layers).strip() + "\n", " " * 8)
    head += f"    def forward(self, {parameters}):\n" + indent(dedent(forward).strip() + "\n", " " * 8)
    return head + dedent(more)


def shapes(given: tuple[Given, ...]) -> list[tuple[Any, ...]]:
    return [tensor.shape for tensor in given]


def test_an_image_model_is_called_on_unequal_sides_and_a_second_time_on_others() -> None:
    first, *more = attempts(torch_model("self.conv = nn.Conv2d(3, 8, 3)", "return self.conv(x)"))
    assert first == Attempt(
        (Given("x", (2, 3, 224, 192)),), (Given("x", (3, 3, 256, 160)),), "first layer", sure=False
    )  # fmt: skip
    assert shapes(more[1].tensors) == [(2, 3, 224, 224)]
    assert len(more) == 3


LENET = torch_model(
    """
    self.conv1 = nn.Conv2d(1, 6, 5)
    self.conv2 = nn.Conv2d(6, 16, 5)
    self.fc = nn.Linear(16 * 5 * 5, 10)
    """,
    """
    x = F.max_pool2d(self.conv1(x), 2)
    x = F.max_pool2d(self.conv2(x), 2)
    return self.fc(torch.flatten(x, 1))
    """,
)


def test_a_flatten_is_solved_for_sides_that_differ_where_they_may() -> None:
    first, second, *_ = attempts(LENET)
    assert first.source == "solved"
    assert shapes(first.tensors) == [(2, 1, 32, 35)]
    assert shapes(first.second) == [(3, 1, 32, 32)]
    assert shapes(second.tensors) == [(2, 1, 32, 32)]


def test_a_position_table_is_solved_for_the_image_that_it_was_made_for() -> None:
    text = torch_model(
        """
        self.patch = nn.Conv2d(3, 8, 16, 16)
        self.cls = nn.Parameter(torch.zeros(1, 1, 8))
        self.pos = nn.Parameter(torch.zeros(1, 197, 8))
        """,
        """
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], dim=1)
        return x + self.pos
        """,
    )
    found = attempts(text)
    assert [shapes(a.tensors)[0] for a in found[:2]] == [(2, 3, 224, 239), (2, 3, 224, 224)]
    assert {a.source for a in found[:2]} == {"solved"}


def test_sides_with_an_equation_each_are_solved_together() -> None:
    text = torch_model(
        "self.conv = nn.Conv2d(3, 8, 3, stride=16, padding=1)\nself.pos = nn.Parameter(torch.zeros(1, 8, 20, 15))",
        "return self.conv(x) + self.pos",
    )
    first = attempts(text)[0]
    assert first.source == "solved"
    height, width = shapes(first.tensors)[0][2:]
    assert (height + 15) // 16 == 20
    assert (width + 15) // 16 == 15


def test_sides_that_the_skips_of_a_u_net_cannot_join_are_left_out() -> None:
    text = torch_model(
        """
        self.down = nn.Conv2d(3, 3, 3, stride=128, padding=1)
        self.up = nn.Upsample(scale_factor=128)
        """,
        "return x + self.up(self.down(x))",
    )
    assert [shapes(a.tensors)[0][2:] for a in attempts(text)] == [(128, 128), (256, 256), (384, 384), (512, 512)]


@pytest.mark.parametrize(
    ("layers", "forward", "expected", "dtype", "high"),
    [
        ("self.fc = nn.Linear(40, 2)", "return self.fc(x)", (2, 40), "float32", None),
        ("self.e = nn.Embedding(50, 8)", "return self.e(x)", (2, 7), "int64", 50),
        ("self.rnn = nn.LSTM(12, 8, batch_first=True)", "return self.rnn(x)[0]", (2, 7, 12), "float32", None),
        ("self.c = nn.Conv1d(4, 8, 3)", "return self.c(x)", (2, 4, 96), "float32", None),
        ("self.c = nn.Conv3d(1, 8, 3)", "return self.c(x)", (2, 1, 16, 64, 96), "float32", None),
        ("self.fc = nn.Linear(784, 2)", "return self.fc(x.view(x.size(0), -1))", (2, 1, 28, 28), "float32", None),
        ("self.fc = nn.Linear(3072, 2)", "return self.fc(x.view(-1, 3072))", (2, 3, 32, 32), "float32", None),
        ("self.fc = nn.Linear(10, 2)", "return self.fc(F.one_hot(x, 10).float())", (2, 7), "int64", 10),
    ],
)
def test_the_first_layer_says_what_it_takes(
    layers: str, forward: str, expected: tuple[int, ...], dtype: str, high: int | None
) -> None:
    found = attempts(torch_model(layers, forward))
    (tensor,) = found[0].tensors
    assert (tensor.shape, tensor.dtype, tensor.high) == (expected, dtype, high)
    assert found[0].second[0].shape[0] == 3
    assert not found[0].sure


def test_a_generator_starts_from_small_sides() -> None:
    text = torch_model(
        "self.up = nn.Sequential(*[nn.ConvTranspose2d(8, 8, 4, 4) for _ in range(4)])", "return self.up(x)"
    )
    first = attempts(text)[0]
    assert shapes(first.tensors) == [(2, 8, 8, 6)]
    assert shapes(first.second) == [(3, 8, 4, 6)]


def test_two_unpacked_sizes_are_never_the_same_number() -> None:
    text = torch_model(
        "self.fc = nn.Linear(12, 12)", "B, N, C = x.shape\nreturn self.fc(x).reshape(B, N, 2, C // 2).transpose(1, 2)"
    )
    first = attempts(text)[0]
    assert shapes(first.tensors) == [(2, 7, 12)]
    assert shapes(first.second) == [(3, 11, 12)]


def test_an_example_of_lightning_is_an_example() -> None:
    text = torch_model(
        "self.example_input_array = torch.zeros(1, 3, 40, 30)\nself.c = nn.Conv2d(3, 8, 3)", "return self.c(x)"
    )
    assert [shapes(a.tensors)[0] for a in attempts(text)] == [(2, 3, 40, 30), (1, 3, 40, 30)]


def test_names_of_unpacked_sizes_say_what_they_are() -> None:
    text = torch_model(
        "self.fc = nn.Linear(3, 2)",
        "b, c, h, w = x.shape\nreturn self.fc(x.reshape(b, c, h * w).transpose(1, 2))",
    )
    assert shapes(attempts(text)[0].tensors) == [(2, 3, 224, 192)]


def test_a_comment_is_taken_at_its_word() -> None:
    text = torch_model("self.conv = nn.Conv2d(3, 8, 3)", "return self.conv(x)")
    text = text.replace("class Net", "# archlint: input=(N, 3, 48, W)\nclass Net")
    first = attempts(text)[0]
    assert (first.source, first.sure) == ("directive", True)
    assert shapes(first.tensors) == [(2, 3, 48, 192)]
    assert shapes(first.second) == [(3, 3, 48, 160)]


def test_the_command_line_is_taken_at_its_word() -> None:
    text = torch_model("self.conv = nn.Conv2d(3, 8, 3)", "return self.conv(x)")
    (first,) = attempts(text, Net="(4, 3, 40, 30)")
    assert (first.source, first.sure) == ("command line", True)
    assert shapes(first.tensors) == [(4, 3, 40, 30)]


def test_a_stated_shape_that_does_not_fit_is_tried_all_the_same() -> None:
    (first,) = attempts(LENET, Net="(2, 1, 64, 64)")
    assert first.sure
    assert shapes(first.tensors) == [(2, 1, 64, 64)]


def test_stated_sizes_that_never_fit_are_tried_once_so_that_the_model_can_say_why() -> None:
    text = torch_model(
        "self.conv = nn.Conv2d(3, 8, 3)", "if x.shape[2] != 17:\n    raise ValueError\nreturn self.conv(x)"
    )
    (only,) = attempts(text, Net="(N, 3, H, W)")
    assert only.sure
    assert shapes(only.tensors) == [(2, 3, 224, 192)]
    assert only.second == ()


def test_an_example_call_is_made_with_a_batch_of_two_then_as_written() -> None:
    more = "if __name__ == '__main__':\n    net = Net()\n    print(net(torch.randn(1, 3, 64, 48)))\n"
    found = attempts(torch_model("self.conv = nn.Conv2d(3, 8, 3)", "return self.conv(x)", more=more))
    assert [(a.source, a.sure, shapes(a.tensors)[0]) for a in found] == [
        ("example call", True, (2, 3, 64, 48)), ("example call", True, (1, 3, 64, 48)),
    ]  # fmt: skip
    assert shapes(found[0].second) == [(3, 3, 224, 192)]


def test_a_call_in_the_file_is_made_also_where_the_model_is_wrong() -> None:
    more = "if __name__ == '__main__':\n    print(Net()(torch.randn(1, 1, 28, 28)))\n"
    (only,) = attempts(LENET + more)
    assert (only.source, only.sure) == ("example call", True)
    assert shapes(only.tensors) == [(1, 1, 28, 28)]


def test_an_example_through_a_summary_has_no_batch() -> None:
    more = "from torchsummary import summary\ndef show():\n    summary(Net(), (3, 96, 64))\n"
    found = attempts(torch_model("self.conv = nn.Conv2d(3, 8, 3)", "return self.conv(x)", more=more))
    assert shapes(found[0].tensors) == [(2, 3, 96, 64)]


def test_tensors_made_inside_the_model_are_no_examples() -> None:
    text = torch_model(
        "self.conv = nn.Conv2d(3, 8, 3)\nself.token = nn.Parameter(torch.zeros(1, 3, 8, 8))", "return self.conv(x)"
    )
    assert attempts(text)[0].source == "first layer"


def test_an_example_that_the_model_cannot_take_is_left_out() -> None:
    more = "def test_other():\n    x = torch.randn(1, 1, 28, 28)\n"
    found = attempts(torch_model("self.conv = nn.Conv2d(3, 8, 3)", "return self.conv(x)", more=more))
    assert found[0].source == "first layer"


def test_several_inputs_get_tensors_of_one_batch() -> None:
    text = torch_model(
        "self.e = nn.Embedding(30, 8)\nself.fc = nn.Linear(12, 2)",
        "return self.e(tokens).mean(1) @ self.e.weight.t(), self.fc(extra)",
        "tokens, extra, scale=1.0",
    )
    (tokens, extra) = attempts(text)[0].tensors
    assert (tokens.name, tokens.shape, tokens.dtype, tokens.high) == ("tokens", (2, 7), "int64", 30)
    assert (extra.name, extra.shape, extra.dtype) == ("extra", (2, 12), "float32")


def test_examples_for_several_inputs_are_matched_by_shape() -> None:
    more = "def test():\n    a, b = torch.randn(4, 12), torch.randint(0, 30, (4, 9))\n    Net()(b, a)\n"
    text = torch_model(
        "self.e = nn.Embedding(30, 8)\nself.fc = nn.Linear(12, 2)",
        "return self.e(tokens), self.fc(extra)",
        "tokens, extra",
        more,
    )
    first = attempts(text)[0]
    assert shapes(first.tensors) == [(2, 9), (2, 12)]
    assert [t.dtype for t in first.tensors] == ["int64", "float32"]


def test_a_parameter_that_is_no_tensor_leaves_nothing_to_try() -> None:
    text = torch_model("self.conv = nn.Conv2d(3, 8, 3)", "return self.conv(x) * n", "x, n: int")
    assert attempts(text) == ()


def test_a_model_with_its_own_inputs_needs_no_attempt() -> None:
    text = """
        import keras
        def build():
            x = keras.Input((8,))
            return keras.Model(x, keras.layers.Dense(2)(x))
    """
    assert attempts(text) == ()


def test_a_keras_subclass_has_its_channels_last() -> None:
    text = """
        import keras
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.conv = keras.layers.Conv2D(4, 3)
            def call(self, images):
                return self.conv(images)
    """
    (first, *_) = attempts(text)
    assert first.tensors == (Given("images", (2, 224, 192, 3)),)
    assert first.second == (Given("images", (3, 256, 160, 3)),)


def test_a_slim_net_is_called_at_the_size_that_it_declares() -> None:
    text = """
        import tensorflow.compat.v1 as tf
        import tf_slim as slim
        def net(inputs, classes=10):
            x = slim.conv2d(inputs, 8, [3, 3])
            return slim.conv2d(x, classes, [1, 1])
        net.default_image_size = 61
    """
    (only,) = attempts(text)
    assert only == Attempt(
        (Given("inputs", (2, 61, 61, 3)),), (Given("inputs", (3, 61, 61, 3)),), "declared", sure=True
    )


def test_a_factory_is_called_like_the_class_it_makes() -> None:
    text = LENET + "def lenet():\n    return Net()\n"
    assert shapes(attempts(text)[0].tensors) == [(2, 1, 32, 35)]


def test_a_faulty_model_is_still_called() -> None:
    text = torch_model(
        "self.a = nn.Conv2d(3, 8, 3)\nself.b = nn.Conv2d(16, 8, 3)", "return self.b(self.a(x))"
    )  # 8 channels meet 16
    assert shapes(attempts(text)[0].tensors) == [(2, 3, 224, 192)]

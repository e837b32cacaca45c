"""Which models of a file are built, with which arguments, and what is said of those that cannot be."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from archlint.check import FileResult, _models
from archlint.options import Options
from archlint.project import Project
from archlint.run import targets
from archlint.run.literals import parse_args
from archlint.run.records import Default, Given, Target
from archlint.run.targets import Unbuildable, targets_of

TORCH = "import torch\nfrom torch import nn\n"
BODY = """
    def __init__(self, channels, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(channels, classes, 3)
    def forward(self, x):
        return self.conv(x)
"""


def found(text: str | dict[str, str], path: str = "model.py", **asked: Any) -> list[Target | Unbuildable]:
    texts = {path: text} if isinstance(text, str) else text
    project = Project.of_texts({name: dedent(body) for name, body in texts.items()})
    models = _models(project, path, Options(), FileResult())
    return targets_of(project, path, models, **asked)


def shown(text: str | dict[str, str], **asked: Any) -> list[str]:
    """`class Net(3, classes=2)` for each target, `Net: reason` for what cannot be built."""
    lines = []
    for one in found(text, **asked):
        if isinstance(one, Unbuildable):
            lines.append(f"{one.name}: {one.reason}")
        else:
            values = [*map(repr, one.args), *(f"{k}={v!r}" for k, v in one.kwargs.items() if not isinstance(v, Given))]
            values += [f"{k}=<tensor>" for k, v in one.kwargs.items() if isinstance(v, Given)]
            lines.append(f"{one.kind} {one.name}({', '.join(values)})" if one.name else f"{one.kind} {one.framework}")
    return lines


def test_a_construction_in_the_file_gives_the_arguments() -> None:
    text = TORCH + "class Net(nn.Module):" + BODY + "if __name__ == '__main__':\n    net = Net(3, classes=2)\n"
    assert shown(text) == ["class Net(3, classes=2)"]
    assert found(text)[0].how == "Net(3, classes=2) as in model.py:10"  # type: ignore[union-attr]


def test_arguments_may_be_constants_of_the_file() -> None:
    text = (
        TORCH + "class Net(nn.Module):" + BODY + "CHANNELS = 3\nSIZES = (8, 2 * CHANNELS)\nnet = Net(CHANNELS, SIZES)\n"
    )
    assert shown(text) == ["class Net(3, (8, 6))"]


def test_a_test_elsewhere_in_the_project_gives_the_arguments() -> None:
    texts = {
        "pkg/model.py": TORCH + "class WideNet(nn.Module):" + BODY,
        "pkg/train.py": "from pkg.model import WideNet\ndef main(args):\n    return WideNet(args.channels)\n",
        "tests/test_model.py": "from pkg.model import WideNet\ndef test_it():\n    assert WideNet(3)\n",
    }
    assert shown(texts, path="pkg/model.py") == ["class WideNet(3)"]


def test_defaults_are_enough_where_nothing_is_required() -> None:
    text = TORCH + "class Net(nn.Module):" + BODY.replace("self, channels", "self, channels=3")
    assert shown(text) == ["class Net()"]


def test_factories_build_the_classes_that_they_use() -> None:
    text = (
        TORCH
        + "class Block(nn.Module):" + BODY
        + "class ResNet(nn.Module):" + BODY.replace("nn.Conv2d", "Block")
        + "def _resnet(depth, **more):\n    model = ResNet(depth, **more)\n    return model\n"
        + "def resnet18(**more):\n    return _resnet(18, **more)\n"
        + "def resnet50(pretrained=False):\n    model = _resnet(50)\n    return model.eval()\n"
    )  # fmt: skip
    assert shown(text) == ["function resnet18()", "function resnet50()"]


def test_a_factory_that_is_given_the_class_is_one_too() -> None:
    text = (
        TORCH + "def build(cls, *args):\n    net = cls(*args)\n    return net\n"
        "class Net(nn.Module):" + BODY + "def small():\n    return build(Net, 3)\n"
    )
    assert shown(text) == ["function small()"]


def test_what_needs_arguments_says_which_to_give() -> None:
    text = TORCH + "class Net(nn.Module):" + BODY.replace("classes=10", "num_classes").replace("classes, 3", "8, 3")
    assert shown(text) == ["Net: needs channels and num_classes: give --args 'channels=3, num_classes=10'"]


def test_what_no_text_can_give_asks_for_a_function() -> None:
    text = TORCH + "class Net(nn.Module):" + BODY.replace("self, channels", "self, cfg, channels")
    assert shown(text) == ["Net: needs cfg and channels: verify a function without arguments that builds it"]


def test_a_configuration_that_needs_nothing_is_made() -> None:
    texts = {
        "pkg/settings.py": "class NetConfig:\n    def __init__(self, channels=3):\n        self.channels = channels\n",
        "pkg/model.py": TORCH
        + """
from .settings import NetConfig

class Net(nn.Module):
    def __init__(self, config: NetConfig):
        super().__init__()
        self.conv = nn.Conv2d(config.channels, 4, 3)
    def forward(self, x):
        return self.conv(x)
""",
    }
    (target,) = found(texts, "pkg/model.py")
    assert isinstance(target, Target)
    assert target.kwargs == {"config": Default("pkg/settings.py", "NetConfig")}
    assert target.how == "config=NetConfig()"
    assert [tensor.shape[1] for attempt in target.attempts[:1] for tensor in attempt.tensors] == [3]


def test_blocks_of_a_model_that_cannot_be_built_are_not_listed() -> None:
    text = TORCH + "class Block(nn.Module):" + BODY + "class Net(nn.Module):" + BODY.replace("nn.Conv2d", "Block")
    assert shown(text) == ["Net: needs channels: give --args 'channels=3'"]


def test_abstract_and_private_classes_and_those_without_a_forward_are_no_targets() -> None:
    text = (
        TORCH + "from abc import abstractmethod\n"
        "class Base(nn.Module):\n    def forward(self, x):\n        raise NotImplementedError\n"
        "class Mixin(nn.Module):\n    pass\n"
        "class Head(nn.Module):\n    @abstractmethod\n    def size(self): ...\n    def forward(self, x): return x\n"
        "class _Private(nn.Module):\n    def forward(self, x): return x\n"
        "class Plain:\n    def forward(self, x): return x\n"
        "class Net(Base):\n    def forward(self, x): return x\n"
    )
    assert shown(text) == ["class Net()"]


def test_a_class_without_a_constructor_takes_its_bases_arguments() -> None:
    text = TORCH + "class Base(nn.Module):" + BODY + "class Net(Base):\n    pass\nnet = Net(5)\n"
    assert "class Net(5)" in shown(text)


def test_a_sequential_at_module_level_is_built_by_running_the_file() -> None:
    assert shown(TORCH + "net = nn.Sequential(nn.Linear(4, 2))\n") == ["script torch"]


def test_arguments_that_no_literal_gives_leave_the_module_level_to_the_script() -> None:
    text = TORCH + "import os\nclass Net(nn.Module):" + BODY + "net = Net(int(os.environ['C']))\n"
    assert shown(text)[0] == "script torch"


def test_a_keras_script_is_run_and_its_builders_are_called() -> None:
    text = """
        import keras
        from keras import layers
        def build(classes=3):
            return keras.Sequential([keras.Input((4,)), layers.Dense(classes)])
        def other():
            model = keras.Sequential()
            model.add(keras.Input((4,)))
            model.add(layers.Dense(2))
            return model
        def needs(size):
            return keras.Sequential([keras.Input((size,)), layers.Dense(2)])
        model = keras.Sequential([keras.Input((8,)), layers.Dense(2)])
    """
    assert shown(text) == [
        "script keras", "function build()", "function other()", "needs: needs size: give --args 'size=32'",
    ]  # fmt: skip


def test_what_the_module_level_builds_through_a_function_is_built_by_calling_it() -> None:
    text = """
        import keras
        def build(size=8):
            x = keras.Input((size,))
            return keras.Model(x, keras.layers.Dense(2)(x))
        model = build()
        model.fit(load(), epochs=3)
    """
    assert shown(text) == ["function build()"]
    assert found(text)[0].models == ("model",)  # type: ignore[union-attr]


def test_a_keras_subclass_is_built() -> None:
    text = """
        import keras
        class Net(keras.Model):
            def __init__(self, units):
                super().__init__()
                self.out = keras.layers.Dense(units)
            def call(self, inputs):
                return self.out(inputs)
        def main():
            return Net(4)
    """
    assert shown(text) == ["function main()"]
    assert shown(text.replace("return Net", "Net")) == ["class Net(4)"]


SLIM = """
    import tensorflow.compat.v1 as tf
    import tf_slim as slim
    def net_arg_scope(decay=0.1):
        with slim.arg_scope([slim.conv2d], padding='VALID') as scope:
            return scope
    def net_v1(images, is_training, keep_prob, classes=10):
        x = slim.conv2d(images, 8, [3, 3])
        x = slim.dropout(x, keep_prob, is_training=is_training)
        return slim.conv2d(x, classes, [1, 1])
"""


def test_a_slim_function_gets_placeholders_inference_mode_and_its_arg_scope() -> None:
    assert shown(SLIM) == ["function net_v1(is_training=False, keep_prob=0.8, images=<tensor>)"]
    (target,) = found(SLIM)
    assert isinstance(target, Target)
    assert target.arg_scope == "net_arg_scope"
    assert target.framework == "tf1"
    assert target.kwargs["images"] == target.attempts[0].tensors[0]
    assert target.kwargs["images"].shape == (2, 224, 192, 3)


def test_training_is_switched_off_also_where_it_is_the_default() -> None:
    text = SLIM.replace("is_training, keep_prob,", "is_training=True, keep_prob=0.5,")
    assert shown(text) == ["function net_v1(is_training=False, images=<tensor>)"]


def test_a_graph_at_module_level_is_built_by_running_the_file() -> None:
    text = (
        SLIM + "    images = tf.placeholder(tf.float32, [None, 28, 28, 1])\n    logits = net_v1(images, False, 1.0)\n"
    )
    assert shown(text) == ["script tf1"]


def test_args_of_the_user_come_first() -> None:
    text = TORCH + "class Net(nn.Module):" + BODY + "net = Net(3)\n"
    assert shown(text, args="5, classes=2") == ["class Net(5, classes=2)"]


def test_only_what_the_user_names() -> None:
    text = (
        TORCH
        + "class _Block(nn.Module):"
        + BODY.replace("self, channels", "self, channels=3")
        + "class Net(nn.Module):"
        + BODY
    )
    assert shown(text, only=("_Block",)) == ["class _Block()"]
    assert shown(text, only=("Nett",)) == ["Nett: the file defines no `Nett`; models in it: _Block, Net"]


def test_only_one_framework() -> None:
    text = TORCH + "net = nn.Sequential(nn.Linear(4, 2))\n"
    assert shown(text, framework="keras") == []


def test_an_example_of_the_user_that_binds_to_nothing_is_said() -> None:
    text = TORCH + "class Net(nn.Module):" + BODY
    assert shown(text, args="1, 2, 3", only=("Net",)) == ["Net: --args do not fit: it takes channels and classes"]


def test_a_failure_of_ours_costs_one_target_and_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    real = targets.attempts_for

    def failing(call: Any, *more: Any) -> Any:
        if call.target.name == "A":
            raise KeyError("x")
        return real(call, *more)

    monkeypatch.setattr(targets, "attempts_for", failing)
    body = BODY.replace("self, channels", "self, channels=3")
    assert shown(TORCH + "class A(nn.Module):" + body + "class B(nn.Module):" + body) == [
        "A: internal error while its inputs were looked for: KeyError: 'x'", "class B()",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ((), {})),
        ("3, num_classes=10", ((3,), {"num_classes": 10})),
        ("(1, 2), depths=[2, -3], name='a,b', x=None, y={'k': 1.5}",
         (((1, 2),), {"depths": [2, -3], "name": "a,b", "x": None, "y": {"k": 1.5}})),
    ],
)  # fmt: skip
def test_arguments_as_text(text: str, expected: Any) -> None:
    assert parse_args(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3, =", "'3, =' are not arguments like 3, num_classes=10"),
        ("depth", "`depth` is no literal; numbers, strings, tuples, lists and dicts can be given"),
        ("n=f(1)", "`n=f(1)` is no literal; numbers, strings, tuples, lists and dicts can be given"),
        ("n=1, n=2", "`n` is given twice"),
        ("**{'a': 1}", "`**` needs a name for each argument: num_classes=10"),
        ("1) + (2", "'1) + (2' are not arguments like 3, num_classes=10"),
        ("*[1]", "`*[1]` is no literal; numbers, strings, tuples, lists and dicts can be given"),
    ],
)
def test_arguments_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the message is compared
        parse_args(text)
    assert str(raised.value) == message

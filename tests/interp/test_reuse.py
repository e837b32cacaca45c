"""A block that is like one before is not evaluated again, and nobody can tell from what comes out."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from archlint.check import analyze_texts
from archlint.interp.entry import Directives, analyse
from archlint.model import Model
from archlint.project import Project
from archlint.source.index import build
from benchmarks.reuse import Names, differences, portrait

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("*/*.py"))
HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
BLOCK = """
class Block(nn.Module):
    def __init__(self, wide, narrow):
        super().__init__()
        self.reduce = nn.Conv2d(wide, narrow, 1)
        self.norm = nn.BatchNorm2d(narrow)
        self.expand = nn.Conv2d(narrow, wide, 1)
    def forward(self, x):
        shortcut = x
        x = F.relu(self.norm(self.reduce(x)))
        return self.expand(x) + shortcut
"""
NET = """
class Net(nn.Module):
    def __init__(self, depth=6):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3)
        self.blocks = nn.ModuleList([Block(64, 16) for _ in range(depth)])
    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return x
"""


def unequal(source: str) -> list[str]:
    """Where evaluation with and without reuse part."""
    return list(differences(Project.of_texts({"net.py": HEAD + dedent(source)}), "net.py"))


def steps(source: str, reuse: bool) -> tuple[int, list[Model]]:
    """Statements and calls that an evaluation took, and its models."""
    project = Project.of_texts({"net.py": HEAD + dedent(source)})
    parsed = project.source("net.py")
    assert parsed is not None
    counted = 0

    def step(self: object) -> None:
        nonlocal counted
        counted += 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archlint.interp.budget.Budget.step", step)
        found = analyse(parsed, build(parsed), project, Directives([], {}), reuse)
    return counted, found.models


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_fixture_gives_the_same_either_way(path: Path) -> None:
    assert list(differences(Project.of_paths([str(path)]), str(path))) == []


def test_many_equal_blocks_cost_little_more_than_few() -> None:
    few, _ = steps(BLOCK + NET, True)
    many, [model] = steps(BLOCK + NET.replace("depth=6", "depth=60"), True)
    plain, [other] = steps(BLOCK + NET.replace("depth=6", "depth=60"), False)
    assert len(model.nodes) == 2 + 60 * 5
    assert many - few < 54 * 8  # a loop's turn, a construction, a call
    assert plain > 2 * many
    assert portrait(model, Names()) == portrait(other, Names())


def test_paths_and_layers_are_those_of_each_block() -> None:
    _, [model] = steps(BLOCK + NET, True)
    convs = list(model.family("conv"))
    assert [node.path for node in convs[1:5]] == [
        "blocks.0.reduce", "blocks.0.expand", "blocks.1.reduce", "blocks.1.expand",
    ]  # fmt: skip
    assert len({node.layer for node in convs}) == 13
    assert all(node.inputs[0].node < node.id for node in model.nodes if node.inputs)


@pytest.mark.parametrize(
    "body",
    [
        "self.seen.append(x); return self.conv(x) if len(self.seen) < 3 else self.other(x)",
        "self.count = self.count + 1; return self.conv(x) if self.count < 3 else self.other(x)",
        "SEEN.append(1); return self.conv(x) if len(SEEN) < 3 else self.other(x)",
        "Block.total += 1; return self.conv(x) if Block.total < 3 else self.other(x)",
    ],
)
def test_a_forward_that_remembers_is_evaluated_each_time(body: str) -> None:
    source = f"""
        SEEN = []
        class Block(nn.Module):
            total = 0
            def __init__(self):
                super().__init__()
                self.conv, self.other = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3)
                self.seen, self.count = [], 0
            def forward(self, x):
                {body}
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.block = Block()
            def forward(self, x):
                for _ in range(5):
                    x = self.block(x)
                return x
    """
    assert unequal(source) == []


def test_what_a_forward_leaves_on_its_module_is_there_on_each() -> None:
    source = """
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(8, 8, 1)
                self.width = 1
            def forward(self, x):
                self.width = 16
                return self.conv(x)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.ModuleList([Block() for _ in range(4)])
            def forward(self, x):
                for block in self.blocks:
                    x = block(x)
                return [F.pad(x, (0, block.width)) for block in self.blocks]
    """
    assert unequal(source) == []
    _, [model] = steps(source, True)
    assert len({str(node.output.shape) for node in model.nodes if node.op.endswith("pad")}) == 1


def test_a_list_that_is_passed_in_is_written_to_each_time() -> None:
    source = """
        class Stage(nn.Module):
            def __init__(self, kept):
                super().__init__()
                self.conv = nn.Conv2d(8, 8, 1)
                kept.append(self.conv)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.tails = nn.ModuleList([self.tail() for _ in range(4)])
            def tail(self):
                kept = []
                self.stage = Stage(kept)
                return nn.Sequential(*kept, nn.ReLU())
            def forward(self, x):
                for tail in self.tails:
                    x = tail(x)
                return x
    """
    assert unequal(source) == []
    _, [model] = steps(source, True)
    assert len(list(model.family("conv"))) == 4


def test_a_list_of_the_module_is_written_to_each_time() -> None:
    source = """
        KEPT = []
        class Stage(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(8, 8, 1)
                KEPT.append(nn.Conv2d(8, 8, 3))
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stages = nn.ModuleList([Stage() for _ in range(4)])
                self.tail = nn.Sequential(*KEPT)
            def forward(self, x):
                for stage in self.stages:
                    x = stage.conv(x)
                return self.tail(x)
    """
    assert unequal(source) == []
    _, [model] = steps(source, True)
    assert len(list(model.family("conv"))) == 8


def test_a_fault_is_found_in_the_block_that_has_it_and_in_every_like_one() -> None:
    source = BLOCK.replace("nn.BatchNorm2d(narrow)", "nn.BatchNorm2d(wide)") + NET
    _, [model] = steps(source, True)
    assert [node.path for node in model.nodes if node.faults] == [f"blocks.{i}.norm" for i in range(6)]
    assert unequal(source) == []


def test_shared_layers_shared_weights_and_branches() -> None:
    source = (
        BLOCK
        + """
class Shared(nn.Module):
    def __init__(self, block, scale):
        super().__init__()
        self.block = block
        self.scale = nn.Parameter(torch.ones(64, 1, 1))
        self.flag = scale
    def forward(self, x, y=None):
        if self.training:
            return self.block(x) * self.scale
        return self.block(x + y) if y is not None else self.block(x)
class Net(nn.Module):
    def __init__(self, flag):
        super().__init__()
        block = Block(64, 16)
        self.stages = nn.ModuleList([Shared(block, i % 2) for i in range(6)])
        self.apart = nn.Sequential(*[Block(64, 16) for _ in range(6)])
        self.again = self.apart
    def forward(self, x):
        for stage in self.stages:
            x = stage(x, x)
        return self.again(self.apart(x))
"""
    )
    assert unequal(source) == []


def test_what_one_arm_makes_and_returns_is_whole() -> None:
    """`if wide: found = []; …; return found`: the list had lost what was put into it before it was returned."""
    source = """
        def layers(wide):
            if wide:
                found = []
                for _ in range(3):
                    found.append(nn.Conv2d(8, 8, 3))
                return found
            raise ValueError
        class Net(nn.Module):
            def __init__(self, wide):
                super().__init__()
                self.body = nn.Sequential(*layers(wide))
            def forward(self, x):
                return self.body(x)
    """
    _, [model] = steps(source, True)
    assert len(list(model.family("conv"))) == 3


def test_an_initialiser_is_not_evaluated_for_each_layer_of_a_kind() -> None:
    """Its second argument, which it never mentions, is another for each."""
    net = NET.replace("    def forward", "        initialise(self)\n    def forward", 1)
    source = (
        BLOCK
        + """
def one(module, name=""):
    if isinstance(module, nn.Conv2d):
        fan = module.kernel_size[0] * module.out_channels
        nn.init.normal_(module.weight, 0.0, 1 / fan)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.ones_(module.weight)
        nn.init.zeros_(module.bias)
        module.weight.requires_grad = True
def initialise(model):
    for name, module in model.named_modules():
        one(module, name)
"""
        + net
    )
    deep = source.replace("depth=6", "depth=60")
    assert unequal(source) == []
    assert steps(deep, True)[0] < steps(deep, False)[0] / 2


def test_an_argument_that_a_function_mentions_counts() -> None:
    source = """
def one(module, name):
    if isinstance(module, nn.Conv2d) and name.startswith("blocks.3"):
        module.stride = (2, 2)
def initialise(model):
    for name, module in model.named_modules():
        one(module, name)
"""
    net = NET.replace("    def forward", "        initialise(self)\n    def forward", 1)
    net = net.replace("x = block(x)", "x = block.reduce(x)\n            x = block.expand(x)")
    assert unequal(BLOCK + source + net) == []
    [model] = steps(BLOCK + source + net, True)[1]
    strides = [node.args["stride"] for node in model.nodes if node.path.startswith("blocks.")]
    assert strides == [1, 1] * 3 + [(2, 2), (2, 2)] + [1, 1] * 2


def test_what_one_entry_point_writes_another_does_not_find() -> None:
    """`register` is called by nobody here: evaluated on its own, it must not make every block unknown."""
    source = (
        BLOCK
        + """
_registry = {"plain": Block}
def register(kind, block):
    _registry[kind] = block
def small():
    return nn.Sequential(nn.Conv2d(3, 64, 3), _registry["plain"](64, 16))
"""
    )
    _, models = steps(source, True)
    [made] = [model for model in models if model.name == "small"]
    assert [node.op for node in made.nodes].count("torch.nn.Conv2d") == 3
    assert unequal(source) == []


def test_a_setting_of_a_shared_layer_is_that_of_the_entry_point_that_changed_it() -> None:
    source = dedent("""
        import torch
        from torch import nn

        pool = nn.MaxPool2d(2)

        def loose(x: torch.Tensor):
            pool.ceil_mode = True
            return nn.Conv2d(3, 8, 1)(pool(torch.zeros(1, 3, 5, 5)))

        def strict(x: torch.Tensor):
            return nn.Conv2d(3, 8, 1)(pool(torch.zeros(1, 3, 5, 5)))
    """)
    found = {
        model.name: node.output.shape
        for model in analyze_texts({"net.py": source})
        for node in model.nodes
        if node.op == "torch.nn.Conv2d"
    }
    assert found == {"loose": (1, 8, 3, 3), "strict": (1, 8, 2, 2)}


TOLD_APART = """
def one(module, name, scheme="plain"):
    if isinstance(module, nn.Conv2d):
        fan = module.kernel_size[0] * module.out_channels
        nn.init.normal_(module.weight, 0.0, 1 / fan)
    elif isinstance(module, nn.BatchNorm2d):
        if "3" in name:
            module.weight.requires_grad = False
            module.stride = (2, 2)
        nn.init.zeros_(module.bias)
def initialise(model):
    for name, module in model.named_modules():
        one(module, name)
"""


def test_a_text_that_a_call_does_not_look_at_may_be_any() -> None:
    net = NET.replace("    def forward", "        initialise(self)\n    def forward", 1)
    assert unequal(BLOCK + TOLD_APART + net) == []
    deep = (BLOCK + TOLD_APART + net).replace("depth=6", "depth=60").replace('"3" in name', "module is None")
    assert steps(deep, True)[0] < steps(deep, False)[0] / 2


@pytest.mark.parametrize(
    "body",
    [
        "return [3, 5][len(name) > 1]",
        "again = lambda: name\n    return [3, 5][len(again()) > 1]",
        "return [3, 5]['b' in locals()['name']]",
        "return [3, 5]['b' in [c for c in name]]",
        "other = None if name is None else name\n    return [3, 5]['b' in str(other)]",
        "return [3, 5][f'{name}' > 'b']",
        "def inner():\n        return [3, 5]['b' in name]\n    return inner()",
        "return wide if layer else [3, 5]['b' in name]",
    ],
)
def test_a_text_that_is_looked_at_counts(body: str) -> None:
    source = f"""
def width(wide, name, layer=None):
    {body}
def layers():
    names = ["a", "a", "bb", None, "bb", None, "a", "bb", "c", "bb"]
    return [nn.Linear(8, width(8, name)) for name in names]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(layers())
    def forward(self, x):
        return [layer(x) for layer in self.layers]
"""
    assert unequal(source) == []
    _, [model] = steps(source, True)
    assert sum(node.op == "torch.nn.Linear" for node in model.nodes) == 10


def test_what_may_raise_may_raise_each_time() -> None:
    """The third turn of the loop does again what the first did, and the handler may run in it as well."""
    source = """
import elsewhere
def width(wide):
    if elsewhere.small(wide):
        raise ValueError
    return wide
def layers():
    made = []
    for _ in range(6):
        try:
            size = width(8)
        except ValueError:
            size = 16
        made.append(nn.Linear(size, 4))
    return made
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(layers())
    def forward(self, x):
        return [layer(x) for layer in self.layers]
"""
    assert unequal(source) == []
    _, [model] = steps(source, True)
    assert len({str(node.args["in_features"]) for node in model.nodes if node.op == "torch.nn.Linear"}) == 1

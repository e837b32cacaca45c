"""Forward hooks: what they keep and what they return is what the code behind them sees."""

from __future__ import annotations

import textwrap

from archlint.check import analyze_texts, check_texts

HEAD = """
import torch
from torch import nn

"""


def shapes(text: str) -> dict[str, object]:
    """Output of the last call of each layer by path."""
    [*_, model] = analyze_texts({"net.py": HEAD + textwrap.dedent(text)})
    return {node.path: node.output.shape for node in model.nodes if node.path}


EXTRACTOR = """
class Extractor(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten())
        self.head = nn.Linear(8 * 30 * 30, 2)
        self.kept = {}
        HOOK

    def keep(self, layer, given, output):
        self.kept["body"] = output.flatten(1)

    def forward(self, x):
        self.kept.clear()
        self.net(x)
        return self.head(self.kept["body"])

Extractor()(torch.zeros(4, 3, 32, 32))
"""


def test_what_a_hook_keeps_is_there_after_the_call() -> None:
    found = shapes(EXTRACTOR.replace("HOOK", "self.net[1].register_forward_hook(self.keep)"))
    assert found["head"] == (4, 2)


def test_a_hook_that_was_removed_keeps_nothing() -> None:
    hook = "handle = self.net[1].register_forward_hook(self.keep); handle.remove()"
    assert shapes(EXTRACTOR.replace("HOOK", hook)).get("head") is None


def test_what_a_hook_returns_stands_in_for_the_output() -> None:
    found = shapes(
        """
        def pooled(layer, given, output):
            return output.mean((2, 3))

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Conv2d(3, 8, 3))
                self.body.register_forward_hook(pooled)
                self.head = nn.Linear(8, 2)

            def forward(self, x):
                return self.head(self.body(x))

        Net()(torch.zeros(4, 3, 32, 32))
        """
    )
    assert found["head"] == (4, 2)


def test_equal_blocks_each_run_their_own_hooks() -> None:
    found = shapes(
        """
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(8, 8, 3, padding=1)

            def forward(self, x):
                return self.conv(x)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.kept = []
                self.blocks = nn.Sequential(Block(), Block(), Block())
                for block in self.blocks:
                    block.conv.register_forward_hook(lambda layer, given, output: self.kept.append(output))
                self.head = nn.Conv2d(24, 2, 1)

            def forward(self, x):
                self.blocks(x)
                return self.head(torch.cat(self.kept, 1))

        Net()(torch.zeros(4, 8, 16, 16))
        """
    )
    assert found["head"] == (4, 2, 16, 16)


def test_what_a_hook_is_given_is_what_its_layer_wrote_over() -> None:
    text = """
        class Net(nn.Module):
            def __init__(self, watch):
                super().__init__()
                self.net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.LeakyReLU(0.2, inplace=True), nn.Conv2d(8, 8, 3))
                self.watched, self.seen = watch, []
                for layer in self.net:
                    layer.register_forward_hook(self.keep)

            def keep(self, layer, given, output):
                if self.watched(layer):
                    self.seen.append([t.detach() for t in given])

            def forward(self, x):
                return self.net(x)

        Net(input("which? ").startswith)(torch.zeros(4, 3, 32, 32))
    """
    report = check_texts({"net.py": HEAD + textwrap.dedent(text)})
    assert not report.internal_errors
    assert not report.diagnostics

"""Lists of which some elements may be left out: layers dropped at random, blocks that an open argument adds."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from archlint.check import analyze_texts, check_texts
from archlint.dims import show_shape

HEADER = "import random\nimport torch\nfrom torch import nn\n\nclass Net(nn.Module):\n"
INIT = """
self.blocks = nn.ModuleList([nn.Linear(64, 64) for _ in range(3)])
self.wide = nn.Linear(64, 32)
"""


def shape_of_x(forward: str) -> str:
    """Shape of what `x + 1` is on the last line of a forward that takes (N, 64)."""
    source = HEADER + "    def __init__(self):\n        super().__init__()\n" + indent(dedent(INIT), "        ")
    source += "    def forward(self, x):\n        n, d = x.shape\n        x = self.blocks[0](x)\n"
    source += indent(dedent(forward), "        ")
    source += "        return x + 1\n"
    assert not check_texts({"net.py": source}).internal_errors
    nodes = [node for model in analyze_texts({"net.py": source}) for node in model.nodes]
    sums = [node.output.shape for node in nodes if node.op == "torch.operator+"]
    return show_shape(sums[-1] if sums else None)


DROPPED = "drop = torch.zeros(3).uniform_(0, 1) < 0.1\n"
KEPT = f"{DROPPED}kept = [block for block, d in zip(self.blocks, drop) if not d]\n"


@pytest.mark.parametrize(
    ("statements", "shape"),
    [
        (f"{KEPT}for block in kept:\n    x = block(x) + x\n", "(n, 64)"),
        (f"{KEPT}kept.append(self.wide)\nfor block in kept:\n    x = block(x)\n", "(n, 32)"),
        (
            f"{DROPPED}kept = []\nfor block, d in zip(self.blocks, drop):\n    if not d:\n        kept.append(block)\n"
            "for block in kept:\n    x = block(x)\n",
            "(n, 64)",
        ),
        ("for block in filter(lambda b: random.random() < 0.5, self.blocks):\n    x = block(x)\n", "(n, 64)"),
        (f"{KEPT}kept = [(block, 2) for block in kept]\nfor block, n in kept:\n    x = block(x)\n", "(n, 64)"),
        ("for block in [self.wide for _ in range(1) if random.random() < 0.5]:\n    x = block(x)\n", "(n, ?)"),
        (f"{KEPT}kept.reverse()\nfor block in kept:\n    x = block(x)\n", "(...)"),
        (f"{KEPT}kept.insert(0, self.wide)\nfor block in kept:\n    x = block(x)\n", "(...)"),
        (f"{KEPT}kept[0] = self.wide\nfor block in kept:\n    x = block(x)\n", "(...)"),
        (f"{KEPT}x = torch.cat([x for _ in kept], dim=1)\n", "(...)"),
    ],
)
def test_what_every_choice_of_elements_gives_is_known(statements: str, shape: str) -> None:
    assert shape_of_x(statements) == shape


def test_a_layer_that_is_left_out_may_be_the_one_that_fits() -> None:
    source = dedent("""
        import random
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.narrow = nn.ModuleList([nn.Linear(64, 32), nn.Linear(64, 64)])
                self.head = nn.Linear(64, 10)

            def forward(self, x):
                for layer in [l for l in self.narrow if random.random() < 0.5]:
                    x = layer(x)
                return self.head(x)
    """)
    report = check_texts({"net.py": source})
    assert not [d for d in report.diagnostics if d.severity == "error"]

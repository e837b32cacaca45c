"""Lists of unknown length whose elements have one form: boxes of every image of a batch."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from archlint.check import analyze_texts, check_texts
from archlint.dims import show_shape

HEADER = "import torch\nfrom torch import nn\n\nclass Net(nn.Module):\n"


def shape_of_x(forward: str, init: str = "", methods: str = "") -> str:
    """Shape of what `x + 1` is on the last line of a forward that takes a list of images."""
    body = f"super().__init__()\n{dedent(init)}"
    source = HEADER + "    def __init__(self):\n" + indent(body, "        ") + "\n" + indent(dedent(methods), "    ")
    source += "    def forward(self, images: list[torch.Tensor]):\n" + indent(dedent(forward), "        ")
    source += "        return x + 1\n"
    assert not check_texts({"net.py": source}).internal_errors
    nodes = [node for model in analyze_texts({"net.py": source}) for node in model.nodes]
    sums = [node.output.shape for node in nodes if node.op == "torch.operator+"]
    return show_shape(sums[-1] if sums else None)


BOXES = """
boxes = []
for image in images:
    boxes.append(torch.zeros(image.shape[0], 4))
"""


@pytest.mark.parametrize(
    ("statements", "shape"),
    [
        ("x = boxes[0]", "(?, 4)"),
        ("x = torch.cat(boxes)", "(?, 4)"),
        ("x = torch.cat(boxes, dim=1)", "(?, ?)"),
        ("x = torch.stack(boxes)", "(?, ?, 4)"),
        ("x = torch.cat([b[:, 0] for b in boxes])", "(?)".replace(")", ",)")),
        ("x = torch.cat([a * b for a, b in zip(boxes, boxes)])", "(?, 4)"),
        ("x = torch.cat([b + i for i, b in enumerate(boxes)])", "(?, 4)"),
        (
            "for b in boxes:\n    x = b.t()\n    x + 1\nx = torch.cat(boxes).split([b.shape[0] for b in boxes])[0]",
            "(?, 4)",
        ),
        ("x = torch.zeros(len(boxes), 3)", "(?, 3)"),
        ("for i in range(len(boxes)):\n    boxes[i] = torch.zeros(2, 4)\nx = boxes[0]", "(?, 4)"),
        ("x = [{'boxes': b, 'labels': b[:, 0]} for b in boxes][0]['boxes']", "(?, 4)"),
        ("h, w = images[0].shape[-2:]\nx = torch.zeros(h, w, 2)", "(?, ?, 2)"),
        ("x = torch.ones(2, 3)[[i for i in range(len(images))][0]]", "(3,)"),
    ],
)
def test_elements_of_a_list_of_unknown_length_have_a_form(statements: str, shape: str) -> None:
    assert shape_of_x(f"{BOXES}{statements}\n") == shape


@pytest.mark.parametrize(
    "statements",
    [
        "boxes = []\nfor i in images:\n    boxes.append(torch.ones(2, 4))"
        "\n    boxes.append(torch.ones(2))\nx = boxes[0]",
        "boxes = [torch.zeros(3)]\nfor i in images:\n    boxes.append(torch.zeros(2, 4))\nx = boxes[0]",
        "boxes = []\nfor i in images:\n    boxes.append(torch.zeros(2, 4))"
        "\n    boxes[0] = torch.zeros(1)\nx = boxes[0]",
        "boxes = []\nfor i in images:\n    boxes.append(torch.zeros(2, 4))\nboxes.append(torch.zeros(1))\nx = boxes[0]",
        "boxes = []\nfor i in images:\n    boxes.append(torch.zeros(2, 4))\nboxes[0] = torch.zeros(1)\nx = boxes[0]",
        "boxes = []\nfor i in images:\n    boxes.append(self.grow())\nx = boxes[1]",
        "a = [{'b': torch.zeros(2)} for i in images]\na[0]['b'] = torch.zeros(2, 2)\nx = a[0]['b']",
        "t = torch.zeros(2)\nboxes = []\nfor i in images:\n    boxes.append(t)\n    t = t[None]\nx = boxes[1]",
    ],
)
def test_elements_that_may_differ_have_none(statements: str) -> None:
    methods = "def grow(self):\n    self.last = self.last[None]\n    return self.last\n\n"
    assert shape_of_x(statements + "\n", "self.last = torch.zeros(2)", methods) == "(...)"


@pytest.mark.parametrize(
    ("step", "shape"),
    [("offset += image.shape[0]", "(2, 3)"), ("offset += len(image)", "(2, 3)"), ("offset += image", "(...)")],
)
def test_a_number_that_a_loop_counts_stays_a_number(step: str, shape: str) -> None:
    assert shape_of_x(f"offset = 0\nfor image in images:\n    {step}\nx = torch.zeros(2, 3) * offset\n") == shape

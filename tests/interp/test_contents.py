"""Numbers in small tensors that decide how a model is built."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import analyze_texts
from archlint.facts.parameters import parameters
from archlint.model import Model

HEADER = "import math\nimport torch\nfrom torch import nn\n"


def model(source: str) -> Model:
    models = {m.name: m for m in analyze_texts({"net.py": HEADER + dedent(source)})}
    return models["net"]


def widths(statements: str) -> list[object]:
    """Sizes that `widths` holds: one Linear(1, width) is built for each."""
    source = "def net():\n" + "".join(f"    {line}\n" for line in dedent(statements).strip().splitlines())
    source += "    return nn.Sequential(*[nn.Sequential(nn.Linear(2, 1), nn.Linear(1, int(w))) for w in widths])\n"
    found = {m.name: m for m in analyze_texts({"net.py": HEADER + source})}["net"]
    made = [node.args["out_features"] for node in found.nodes if node.args.get("in_features") == 1]
    return [width if isinstance(width, int) else None for width in made]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("widths = torch.arange(4, 7).tolist()", [4, 5, 6]),
        ("widths = (torch.arange(3) * 2 + 1).tolist()", [1, 3, 5]),
        ("widths = torch.linspace(8, 64, 3).int().tolist()", [8, 36, 64]),
        ("widths = [int(w) for w in torch.linspace(8, 64, 3)]", [8, 36, 64]),
        ("widths = torch.unique(torch.tensor([8, 4, 8]))", [4, 8]),
        ("widths = [torch.tensor([3, 9, 4]).max().item()]", [9]),
        ("widths = torch.tensor([3, 9, 4])[1:].tolist()", [9, 4]),
        ("widths = [len(torch.unique(torch.tensor([8, 4, 8])))]", [2]),
        ("widths = [w for part in torch.arange(1, 6).split([2, 3]) for w in part.tolist()]", [1, 2, 3, 4, 5]),
        ("widths = torch.cat([torch.tensor([3]), torch.tensor([4, 5])]).tolist()", [3, 4, 5]),
        ("widths = torch.clamp(torch.arange(1, 4), max=2).tolist()", [1, 2, 2]),
        ("widths = [torch.cumsum(torch.tensor([2, 3, 4]), 0)[-1]]", [9]),
        ("widths = torch.full((2,), 5).tolist()", [5, 5]),
        ("widths = torch.diff(torch.tensor([1, 3, 6])).int().tolist()", [2, 3]),
        ("widths = [3 if torch.tensor([1.0, 2.0]).max() > 1.5 else 4]", [3]),
        ("widths = nn.Buffer(torch.arange(4, 7), persistent=False).tolist()", [4, 5, 6]),
        ("a = torch.tensor([3, 9])\nb = nn.Buffer(a)\na[0] = 5\nwidths = b.tolist()", [None, None]),
    ],
)
def test_elements_of_small_tensors_are_computed(statements: str, expected: list[int]) -> None:
    assert widths(statements) == expected


def test_widths_by_a_quantised_curve() -> None:
    source = """
        def net(depth=6, slope=24.0, first=24, ratio=2.0, quant=8):
            continuous = torch.arange(depth) * slope + first
            steps = torch.round(torch.log(continuous / first) / math.log(ratio))
            widths = (torch.round(torch.divide(first * torch.pow(ratio, steps), quant)) * quant).int().tolist()
            return nn.Sequential(*[nn.Linear(1, w, bias=False) for w in sorted(set(widths))])
    """
    assert parameters(model(source)).total == 24 + 48 + 96 + 192


@pytest.mark.parametrize(
    "change",
    [
        "t[0] = 5",
        "t += 1",
        "t.add_(1)",
        "v = t[1:]; v.fill_(3)",
        "t.view(-1).mul_(2)",
        "nn.init.constant_(t, 3)",
        "for x in unknown: t[0] = x",
        "for x in unknown: t.add_(x)",
        "somewhere.fill(t)",
        "t.data = torch.zeros(3)",
        "t.numpy()[0] = 3",
        "torch.add(t, 1, out=t)",
        "u = t.long(); u[0] = 7",
    ],
)
def test_what_was_written_to_is_not_known(change: str) -> None:
    found = widths(
        f"from nowhere import somewhere, unknown\nt = torch.tensor([4, 5, 6])\n{change}\nwidths = t.tolist()"
    )
    assert found == [None, None, None]


def test_rounding_that_kernels_do_not_agree_on_is_not_known() -> None:
    assert widths("widths = (torch.log(torch.tensor([math.e])) * 100).int().tolist()") == [None]
    assert widths("widths = torch.pow(2.0, torch.tensor([3.0])).int().tolist()") == [None]
    assert widths("widths = torch.pow(2.0, torch.tensor([3.0])).round().int().tolist()") == [8]
    assert widths("widths = torch.round(80 * torch.pow(2.25, torch.arange(2)) / 8).int().tolist()") == [10, 22]


def test_rates_that_are_only_nearly_known_decide_comparisons() -> None:
    source = """
        def net(depth=4):
            rates = [r.item() for r in torch.linspace(0, 0.1, depth)]
            return nn.Sequential(*[nn.Linear(4, 4 if rate > 0.0 else 2) for rate in rates[1:]])
    """
    assert parameters(model(source)).total == 3 * 20

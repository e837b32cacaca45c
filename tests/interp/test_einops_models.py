"""Models that name their axes: einops functions and layers, symbolic sizes included."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import analyze_texts, check_texts
from archlint.dims import show_shape
from archlint.facts.parameters import parameters
from archlint.model import Model

HEADER = """
import torch
from torch import nn
from einops import einsum, pack, parse_shape, rearrange, reduce, repeat, unpack
from einops.layers.torch import EinMix, Rearrange, Reduce
"""


def model(init: str, forward: str) -> Model:
    body = "".join(f"        {line}\n" for line in dedent(init).strip().splitlines())
    steps = "".join(f"        {line}\n" for line in dedent(forward).strip().splitlines())
    source = f"{HEADER}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n{body}"
    (found,) = analyze_texts({"net.py": f"{source}    def forward(self, x):\n{steps}"})
    return found


def shapes(found: Model) -> list[str]:
    return [show_shape(node.output.shape) for node in found.nodes if node.family != "input"]


EMBED = "self.embed = nn.Sequential(Rearrange('b c (h p) (w q) -> b (h w) (p q c)', p=16, q=16), nn.Linear(768, 64))"


def test_patches_of_an_image_of_any_size() -> None:
    found = model(EMBED, "return self.embed(x)")
    assert shapes(found) == ["(N, (H//16)*(W//16), 256*C)", "(N, (H//16)*(W//16), 64)"]
    assert parameters(found).total == 768 * 64 + 64


def test_heads_split_and_merge() -> None:
    found = model(
        "self.qkv = nn.Linear(64, 192)",
        """
        q, k, v = map(lambda t: rearrange(t, 'b n (h d) -> b h n d', h=4), self.qkv(x).chunk(3, dim=-1))
        a = einsum(q, k, 'b h i d, b h j d -> b h i j').softmax(-1)
        return rearrange(einsum(a, v, 'b h i j, b h j d -> b h i d'), 'b h n d -> b n (h d)')
        """,
    )
    assert found.understood == (len(found.nodes) - 1, len(found.nodes) - 1)
    assert found.nodes[-1].output.features == 64


def test_class_tokens_are_packed_and_taken_off_again() -> None:
    found = model(
        f"{EMBED}\nself.cls = nn.Parameter(torch.zeros(2, 64))",
        """
        x = self.embed(x)
        x, ps = pack([repeat(self.cls, 'n d -> b n d', b=x.shape[0]), x], 'b * d')
        cls, rest = unpack(x, ps, 'b * d')
        return reduce(rest, 'b n d -> b d', 'mean'), cls
        """,
    )
    assert shapes(found)[-4:] == [
        "(N, 2, 64)", "(N, (H//16)*(W//16) + 2, 64)", "(N, 2, 64)", "(N, 64)",
    ]  # fmt: skip


def test_dots_stand_for_any_axes_and_can_be_merged() -> None:
    found = model(
        "self.conv = nn.Conv2d(3, 8, 1)",
        """
        t = rearrange(self.conv(x), 'b (g d) ... -> b g (...) d', g=2)
        return rearrange(t, '... n d -> ... d n')
        """,
    )
    assert shapes(found)[1:] == ["(N, 2, H*W, 4)", "(N, 2, 4, H*W)"]


def test_sizes_by_name_reach_the_next_call() -> None:
    found = model(
        "self.conv = nn.Conv2d(3, 8, 1)",
        """
        x = self.conv(x)
        sizes = parse_shape(x, 'b _ h w')
        return rearrange(rearrange(x, 'b c h w -> b c (h w)'), 'b c (h w) -> b h w c', **sizes)
        """,
    )
    assert shapes(found)[-1] == "(N, H, W, 8)"


def test_an_einmix_owns_its_weights() -> None:
    found = model(
        "self.mix = EinMix('b n d -> b n e', weight_shape='d e', bias_shape='e', d=8, e=5)", "return self.mix(x)"
    )
    assert parameters(found).total == 45
    assert found.nodes[-1].output.features == 5


def test_a_pattern_that_does_not_fit_is_said() -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 10, 3)
        def forward(self, x):
            return rearrange(self.conv(x), 'b (h d) y x -> b h d y x', h=4)
    """
    report = check_texts({"net.py": HEADER + dedent(source)})
    (found,) = report.diagnostics
    assert "axis 1 of 10 does not divide by the 4 of (h d)" in found.finding.message


@pytest.mark.parametrize("split", ["rearrange(x, '1 b (n d) -> b n d', n=self.n)", "x.reshape(x.shape[1], self.n, -1)"])
def test_columns_that_nobody_has_named_yet_are_no_fault(split: str) -> None:
    """`Net()` has no columns to embed: it cannot run, and nobody builds it so."""
    source = f"""
    class Net(nn.Module):
        def __init__(self, columns=None, continuous=None):
            super().__init__()
            self.n = (len(columns) if columns is not None else 0) + (len(continuous) if continuous is not None else 0)
            self.mix = nn.Linear(self.n * 32, self.n * 32)
        def forward(self, x):
            x = self.mix(rearrange(x, 'b n d -> 1 b (n d)'))
            x = {split}
            return x[:, 0, :]
    """
    report = check_texts({"net.py": HEADER + dedent(source)})
    assert (report.diagnostics, report.internal_errors) == ([], [])
    built = check_texts({"net.py": HEADER + dedent(source) + "\nNet(columns=[])(torch.ones(2, 3, 32))\n"})
    assert built.diagnostics[0].code == "ARC104"


def test_what_is_not_known_stays_silent() -> None:
    found = model("self.fc = nn.Linear(8, 8)", "return rearrange(self.fc(x), pattern(), h=2)")
    assert shapes(found)[-1] == "(...)"

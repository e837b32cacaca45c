"""Calls of the framework that real models make in passing."""

from __future__ import annotations

from archlint.dims import show_shape
from tests.interp.test_found_in_real_code import models


def shapes(text: str, op: str = "") -> list[str]:
    (net,) = models(text).values()
    return [show_shape(n.output.shape) for n in net.nodes if n.op.endswith(op) and n.family != "input"]


def test_the_forward_of_the_class_that_a_layer_derives_from() -> None:
    text = """
        class ChannelNorm(nn.LayerNorm):
            def __init__(self, width):
                nn.LayerNorm.__init__(self, normalized_shape=width)
            def forward(self, x):
                x = x.permute(0, 2, 1)
                x = nn.LayerNorm.forward(self, x)
                return x.permute(0, 2, 1)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv1d(4, 16, 3)
                self.norm = ChannelNorm(16)
            def forward(self, x):
                return self.norm(self.conv(x))
    """
    assert shapes(text, "LayerNorm") == ["(N, L - 2, 16)"]


def test_a_dict_made_from_keys() -> None:
    text = """
        class State:
            def __init__(self, count):
                self.seen = dict.fromkeys(range(count), False)
                self.states = dict.fromkeys(range(count))
            def update(self, x, index):
                if not self.seen[index]:
                    self.states[index] = torch.zeros_like(x)
                    self.seen[index] = True
                return torch.cat([self.states[index], x], dim=-1)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv1d(4, 16, 3)
            def forward(self, x):
                return State(2).update(self.conv(x), 1)
    """
    assert shapes(text, "cat") == ["(N, 16, 2*L - 4)"]


def test_the_size_of_an_element_is_a_number() -> None:
    text = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv1d(4, 16, 3)
            def forward(self, x):
                x = self.conv(x)
                if x.numel() * x.element_size() > 2 ** 30:
                    x = x.contiguous()
                return x * (2 / x.element_size())
    """
    assert shapes(text)[-1] == "(N, 16, L - 2)"


def test_differences_with_something_put_before() -> None:
    text = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(10, 4)
            def forward(self, input_ids: torch.Tensor | None = None):
                if input_ids is None:
                    raise ValueError("nothing to read")
                ends = torch.diff(input_ids, prepend=input_ids[:, :1] - 1, dim=-1)
                return self.embed(ends.clamp(0, 9))
    """
    assert shapes(text, "Embedding") == ["(N, T, 4)"]

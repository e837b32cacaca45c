"""What is written down of an evaluation, to be held against an executed one."""

from __future__ import annotations

from textwrap import dedent

from archlint.interp.entry import Directives
from archlint.interp.targeted import traced
from archlint.project import Project
from archlint.values import Tensor


def seen(source: str, name: str, text: str) -> list[object]:
    """What the expressions of that text gave in one model; tensors as their rank."""
    code = "import torch\nfrom torch import nn\n" + dedent(source)
    project = Project.of_texts({"net.py": code})
    own = project.source("net.py")
    assert own is not None
    found = traced(own, project, Directives([], {}), name)
    return [plain(v.value) for v in found.visits if code[v.span.start : v.span.end] == text]


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return value.rank if isinstance(value, Tensor) else value


OUTPUTS = """
    from collections import OrderedDict, namedtuple
    from dataclasses import dataclass
    Pair = namedtuple("Pair", "features scores")
    class Held(OrderedDict):
        def __post_init__(self):
            for name, value in self.__dict__.items():
                if value is not None:
                    self[name] = value
    @dataclass
    class Output(Held):
        scores: torch.Tensor = None
        loss: torch.Tensor = None
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 1)
        def forward(self, x: torch.Tensor):
            y = self.conv(x)
            pair = Pair(x, y)
            return Output(scores=y)
"""


def test_an_output_that_is_a_dict_is_what_it_holds() -> None:
    assert seen(OUTPUTS, "Net", "Output(scores=y)") == [{"scores": 4}]


def test_a_named_tuple_is_its_items() -> None:
    assert seen(OUTPUTS, "Net", "Pair(x, y)") == [(4, 4)]


def test_a_call_that_raised_and_was_made_again_counts_once() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(10, 8)
            def forward(self, input_ids: torch.LongTensor = None, decoder_input_ids: torch.LongTensor = None):
                memory = self.embed(input_ids)
                if decoder_input_ids is None:
                    raise ValueError("nothing to decode")
                return memory.sum() + self.embed(decoder_input_ids)
    """
    assert seen(source, "Net", "self.embed(input_ids)") == [3]


def test_a_wrapped_forward_that_is_called_by_name_is_given_nothing_else() -> None:
    source = """
        import functools
        def with_defaults(forward):
            @functools.wraps(forward)
            def wrapper(self, *args, **kwargs):
                if len(args) > 1:
                    args = args[:1]
                return forward(self, *args, **kwargs)
            return wrapper
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(10, 8)
            @with_defaults
            def forward(self, input_ids: torch.LongTensor = None, inputs_embeds: torch.FloatTensor = None):
                if (input_ids is None) ^ (inputs_embeds is not None):
                    raise ValueError("one of them")
                return self.embed(input_ids).relu()
    """
    assert seen(source, "Net", "self.embed(input_ids).relu()") == [3]

"""Models written as transformers writes them: configurations, forwards with nothing but defaults, dict-like outputs."""

from __future__ import annotations

import pytest

from archlint.dims import show_shape
from archlint.facts.parameters import parameters
from tests.interp.test_found_in_real_code import codes, models

CONFIG = """
    from dataclasses import dataclass, fields, MISSING
    from functools import wraps

    def accepting(cls):
        @wraps(cls.__init__)
        def __init__(self, **kwargs):
            for f in fields(cls):
                if f.name in kwargs:
                    setattr(self, f.name, kwargs[f.name])
                elif f.default is not MISSING:
                    setattr(self, f.name, f.default)
                else:
                    setattr(self, f.name, f.default_factory())
            self.__post_init__()
        cls.__init__ = __init__
        return cls

    @dataclass
    class Config:
        names = {}
        def __init_subclass__(cls, **kwargs):
            super().__init_subclass__(**kwargs)
            cls = accepting(dataclass(cls, kw_only=True))
        def __getattribute__(self, key):
            if key != "names" and key in super().__getattribute__("names"):
                key = super().__getattribute__("names")[key]
            return super().__getattribute__(key)
        def __post_init__(self):
            self.heads = self.heads
        @property
        def heads(self):
            return self._heads
        @heads.setter
        def heads(self, value):
            self._heads = 2 if value is None else value

    class NetConfig(Config):
        names = {"hidden_size": "n_embd"}
        n_embd: int = 8
        vocab: int = 10
        heads = None
"""


def test_a_configuration_class_gives_its_defaults() -> None:
    net = """
        from config import NetConfig
        class Net(nn.Module):
            def __init__(self, config: NetConfig):
                super().__init__()
                self.embed = nn.Embedding(config.vocab, config.hidden_size)
            def forward(self, input_ids):
                return self.embed(input_ids)
    """
    assert parameters(models(net, config=CONFIG)["Net"]).total == 80


def test_a_base_class_says_what_the_configuration_is() -> None:
    net = """
        class Settings:
            def __init__(self, width=4, **kwargs):
                self.width = width
        class Base(nn.Module):
            config: Settings
        class Net(Base):
            def __init__(self, config):
                super().__init__()
                self.fc = nn.Linear(config.width, 3)
            def forward(self, x):
                return self.fc(x)
    """
    assert parameters(models(net)["Net"]).total == 15


def test_a_forward_with_defaults_only_is_called_with_the_tensors_it_needs() -> None:
    net = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 3)
                self.decode = nn.Linear(5, 3)
            def forward(self, x=None, mask=None, decoder_input: torch.Tensor | None = None):
                if x is None or decoder_input is None:
                    raise ValueError("both are needed")
                return self.fc(x) + self.decode(decoder_input)
    """
    model = models(net)["Net"]
    assert [(i.name, i.shape[-1] if i.shape else None) for i in model.inputs] == [("x", None), ("decoder_input", None)]
    assert [n.op for n in model.graph.nodes if n.weights] == ["torch.nn.Linear", "torch.nn.Linear"]


def test_an_output_class_that_is_a_dict_gives_its_tensors_by_attribute_key_and_place() -> None:
    source = """
        from collections import OrderedDict
        from dataclasses import dataclass, fields
        class Output(OrderedDict):
            def __post_init__(self):
                for field in fields(self):
                    value = self.__dict__.get(field.name)
                    if value is not None:
                        self[field.name] = value
            def __getitem__(self, k):
                return dict(self.items())[k] if isinstance(k, str) else tuple(self[n] for n in self.keys())[k]
            def __setitem__(self, key, value):
                super().__setitem__(key, value)
                super().__setattr__(key, value)
        @dataclass
        class Features(Output):
            hidden: torch.Tensor = None
            cache: torch.Tensor = None
            pooled: torch.Tensor = None
        class Body(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 6)
            def forward(self, x):
                x = self.fc(x)
                return Features(hidden=x, pooled=x[:, 0])
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = Body()
            def forward(self, x: torch.Tensor):
                out = self.body(x)
                return torch.cat([out.hidden[..., :2], out["hidden"], out[0]], -1)
        net = Net()
        net(torch.zeros(2, 3, 4))
    """
    node = models(source)["net"].graph.nodes[-1]
    assert (node.op, node.output.features) == ("torch.cat", 14)


def test_a_mapping_of_functions_is_asked_by_name() -> None:
    source = """
        from collections.abc import MutableMapping
        def narrow(layer, x):
            return x[..., :1]
        def wide(layer, x):
            return torch.cat([x, x], -1)
        class Interface(MutableMapping):
            known = {"wide": wide}
            def __init__(self):
                self.local = {}
            def __getitem__(self, key):
                return self.local[key] if key in self.local else self.known[key]
            def __setitem__(self, key, value):
                self.local[key] = value
            def __iter__(self):
                return iter({**self.known, **self.local})
            def pick(self, name, default):
                if name not in self:
                    raise KeyError(name)
                return super().get(name, default)
        KINDS = Interface()
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 6)
            def forward(self, x):
                return KINDS.pick("wide", narrow)(self, self.fc(x))
        net = Net()
        net(torch.zeros(2, 3, 4))
    """
    assert models(source)["net"].graph.nodes[-1].output.features == 12


def test_a_method_of_a_mixin_behind_nn_module_is_found() -> None:
    source = """
        class Widths:
            def width(self):
                return 5
        class Net(nn.Module, Widths):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, self.width())
            def forward(self, x):
                return self.fc(x)
    """
    assert parameters(models(source)["Net"]).total == 25


def test_tied_weights_count_once() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(10, 4)
                self.head = nn.Linear(4, 10)
                setattr(self.get_submodule("head"), "weight", self.get_parameter("embed.weight"))
            def forward(self, x):
                return self.head(self.embed(x))
    """
    assert parameters(models(source)["Net"]).total == 50


def test_a_weight_of_another_shape_makes_the_total_unknown() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(10, 4)
                self.head = nn.Linear(4, 12)
                self.head.weight = self.embed.weight
            def forward(self, x):
                return self.head(self.embed(x))
    """
    assert parameters(models(source)["Net"]).total is None


def test_a_try_that_cannot_raise_runs_no_handler() -> None:
    source = """
        class Net(nn.Module):
            supports = True
            def check(self):
                if not self.supports:
                    raise ValueError("no")
                return True
            def __init__(self):
                super().__init__()
                width = 4
                try:
                    self.check()
                except ValueError:
                    width = 9
                self.fc = nn.Linear(3, width)
            def forward(self, x):
                return self.fc(x)
    """
    assert parameters(models(source)["Net"]).total == 16


def test_what_only_type_checkers_import_is_found_where_the_module_fills_itself() -> None:
    lazy = """
        import sys
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from parts import Block
        else:
            sys.modules[__name__] = make_lazy(__name__)
    """
    parts = "from torch import nn\nclass Block(nn.Linear):\n    pass\n"
    source = """
        from lazy import Block
        net = nn.Sequential(Block(3, 2))
        net(torch.zeros(1, 3))
    """
    assert parameters(models(source, lazy=lazy, parts=parts)["net"]).total == 8


def test_a_decorator_that_writes_docstrings_is_not_run_and_one_that_registers_is() -> None:
    parts = """
        import torch
        from torch import nn
        KNOWN = {}
        def described(obj=None, *, intro=None):
            def describe(obj):
                for line in lines_of(obj):
                    intro = line.strip()
                obj.__doc__ = intro
                return obj
            if obj:
                return describe(obj)
            return describe
        def register(cls):
            KNOWN[cls.__name__] = cls
            return cls
        @described(intro="a")
        @register
        class Block(nn.Linear):
            pass
        def make(name, *args):
            return KNOWN[name](*args)
    """
    source = """
        from parts import make
        net = nn.Sequential(make("Block", 3, 2))
        net(torch.zeros(1, 3))
    """
    assert parameters(models(source, parts=parts)["net"]).total == 8


INITIALISED = """
import torch
from torch import nn

def keep(tensor, std=1.0):
    if not getattr(tensor, "_already", False):
        return nn.init.normal_(tensor, std=std)
    return tensor

class Base(nn.Module):
    def finish(self):
        if not hasattr(torch.nn.Module, "apply_down"):
            def apply_down(module, fn):
                for child in module.children():
                    apply_down(child, child.initialise if isinstance(child, Base) else fn)
                fn(module)
                return module
            setattr(torch.nn.Module, "apply_down", apply_down)
        getattr(self, "apply_down")(self.initialise)

    def initialise(self, module):
        if "LayerNorm" in module.__class__.__name__:
            keep(module.weight)
        elif isinstance(module, nn.Conv2d):
            keep(module.weight)
            module.stride = (2, 2)

class Net(Base):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1)
        self.norm = nn.LayerNorm(8)
        self.finish()

    def forward(self, x):
        x = self.conv(x)
        return self.norm(x.permute(0, 2, 3, 1))

class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1)
        if hasattr(self, "apply_down"):
            self.conv = nn.Conv2d(3, 16, 1)

    def forward(self, x):
        return self.conv(x)
"""


def test_a_method_that_the_program_gives_to_every_module_is_followed() -> None:
    """`setattr(torch.nn.Module, …)`: its initialiser runs for each module, and not in the file's other models."""
    found = models(INITIALISED)
    shapes = {name: [show_shape(n.output.shape) for n in m.nodes if n.family == "conv"] for name, m in found.items()}
    assert (shapes["Net"], shapes["Other"]) == (["(N, 8, (H + 1)//2, (W + 1)//2)"], ["(N, 8, H, W)"])


PYRAMID = """
    class Net(nn.Module):
        def __init__(self, scales=()):
            super().__init__()
            self.levels = nn.ModuleList([nn.Conv2d(3, 8, 3, stride=scale) for scale in scales])
            self.head = nn.Linear(9, 4)

        def forward(self, x):
            maps, sizes = [], []
            for level in self.levels:
                y = level(x)
                sizes.append(tuple(y.shape[2:]))
                maps.append(y.flatten(2))
            flat = torch.{join}
            sizes = torch.as_tensor(sizes)
            starts = sizes.prod(1).cumsum(0)
            return self.head(flat.transpose(-1, -2)), starts
"""


@pytest.mark.parametrize("join", ["cat(maps, 2)", "cat(maps, dim=-1)", "hstack(maps)", "stack(maps)"])
def test_levels_that_a_configuration_has_yet_to_list_are_not_accused(join: str) -> None:
    assert codes(PYRAMID.format(join=join)) == []  # torch refuses to join no tensors: what follows is never reached
    assert codes(PYRAMID.format(join=join).replace("scales=()", "scales=(2,)")) == ["ARC104"]


def test_a_join_of_no_tensors_is_what_a_try_is_for() -> None:
    net = """
        class Net(nn.Module):
            def __init__(self, widths=()):
                super().__init__()
                self.branches = nn.ModuleList([nn.Linear(8, width) for width in widths])
                self.head = nn.Linear({}, 4)

            def forward(self, x):
                x = x.view(-1, 8)
                try:
                    found = torch.cat([branch(x) for branch in self.branches], 1)
                except (RuntimeError, ValueError):
                    found = x
                return self.head(found)
    """
    assert codes(net.format(8)) == []
    assert codes(net.format(9)) == ["ARC104"]

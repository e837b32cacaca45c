"""Registries of layers as medical-imaging and training frameworks write them: components by name, optional imports."""

from __future__ import annotations

from archlint.facts.parameters import parameters
from tests.interp.test_found_in_real_code import models

FACTORY = """
    import enum
    from collections import namedtuple
    from collections.abc import Collection, Hashable, Mapping
    from keyword import iskeyword
    import torch.nn as nn

    def look_up(option, supported):
        if not isinstance(option, Hashable):
            raise ValueError("not an option")
        if isinstance(option, str):
            option = option.strip()
        if isinstance(supported, enum.EnumMeta):
            if isinstance(option, str) and option in {item.value for item in supported}:
                return supported(option)
        elif isinstance(supported, Mapping) and option in supported:
            return supported[option]
        elif isinstance(supported, Collection) and option in supported:
            return option
        raise ValueError(f"{option} is none of {supported}")

    class Store:
        '''Components by name.'''
        Component = namedtuple("Component", ("description", "value"))
        def __init__(self, name):
            self.components = {}
            self.__doc__ = f"{name}: {self.__doc__ or ''}".strip()
        def add(self, name, description, value):
            if not (name.isidentifier() and not iskeyword(name)):
                raise ValueError("no name")
            self.components[name] = self.Component(description, value)
        def factory(self, name):
            def add(function):
                self.add(name.upper(), function.__doc__ or "", function)
                self.__doc__ += f", ``{name}``"
                return function
            return add
        def __getattr__(self, key):
            if key in self.components:
                return key
            return super().__getattribute__(key)
        def __getitem__(self, args):
            if callable(args):
                return args
            name, *args = (args,) if isinstance(args, str) else args
            return look_up(name.upper(), self.components).value(*args)

    Conv = Store("convolutions")

    @Conv.factory("conv")
    def conv_of(dim):
        return (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dim - 1]
"""


def test_a_store_of_components_gives_the_layer_by_name_and_rank() -> None:
    net = """
        from factory import Conv
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = Conv[Conv.CONV, 3](1, 4, 3)
                self.other = Conv["conv", 2](1, 4, 3)
            def forward(self, x):
                return self.conv(x)
    """
    model = models(net, factory=FACTORY)["Net"]
    assert parameters(model).total == 4 * 27 + 4 + 4 * 9 + 4
    assert model.understood == (1, 1)


def test_a_name_that_neither_getattribute_nor_getattr_knows_is_missing() -> None:
    net = """
        class Settings:
            width = 4
            def __getattr__(self, key):
                return super().__getattribute__(key)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(getattr(Settings(), "depth", 3), Settings().width)
            def forward(self, x):
                return self.fc(x)
    """
    assert parameters(models(net)["Net"]).total == 16


def test_what_an_object_defines_makes_it_callable_and_iterable() -> None:
    net = """
        from collections.abc import Callable, Iterable
        class Widths:
            def __iter__(self):
                return iter((3, 4))
        class Net(nn.Module):
            def __init__(self, act=nn.ReLU()):
                super().__init__()
                widths = Widths()
                self.fc = nn.Linear(2 if isinstance(widths, Iterable) else 7, 3)
                self.act = act if isinstance(act, Callable) else None
                self.inner = nn.Linear(3, 5) if isinstance(nn.Sequential(self.fc), Callable) else None
            def forward(self, x):
                return self.act(self.fc(x))
    """
    assert parameters(models(net)["Net"]).total == 9 + 20


def test_an_optional_import_by_name_is_the_module() -> None:
    lazy = """
        from importlib import import_module
        def optional(module, name=""):
            try:
                __import__(module)
                found = import_module(module)
                if name:
                    found = getattr(found, name)
            except Exception:
                return None, False
            else:
                return found, True
    """
    net = """
        from lazy import optional
        Rearrange, _ = optional("einops.layers.torch", name="Rearrange")
        blocks, _ = optional("blocks")
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.flat = Rearrange("b c h w -> b (c h w)")
                self.block = blocks.Block(3)
            def forward(self, x):
                return self.flat(self.block(x))
    """
    blocks = """
        from torch import nn
        def Block(width):
            return nn.Conv2d(width, 4, 3)
    """
    model = models(net, lazy=lazy, blocks=blocks)["Net"]
    assert model.understood == (2, 2)
    assert str(model.nodes[-1].output.shape[-1]) == "4*(H - 2)*(W - 2)" or len(model.nodes[-1].output.shape) == 2


def test_a_module_beside_this_one_is_imported_by_name() -> None:
    net = """
        import importlib
        def maker(kind):
            return getattr(importlib.import_module("zoo." + kind), "Block")
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.block = maker("small")(3)
            def forward(self, x):
                return self.block(x)
    """
    small = "from torch import nn\ndef Block(width):\n    return nn.Conv2d(width, 4, 1)\n"
    assert parameters(models(net, **{"zoo/__init__": "", "zoo/small": small})["Net"]).total == 16


def test_the_parameters_of_a_layer_decide_what_it_is_given() -> None:
    net = """
        import inspect
        def has_option(maker, name):
            return name in inspect.signature(maker).parameters
        class Scale(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.weight = nn.Parameter(torch.ones(width))
            def forward(self, x):
                return x * self.weight
        def norm(kind, channels, **given):
            if has_option(kind, "num_features"):
                given["num_features"] = channels
            if has_option(kind, "num_channels"):
                given["num_channels"] = channels
            if has_option(kind, "width"):
                given["width"] = channels
            return kind(**given)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.batch = norm(nn.BatchNorm2d, 4)
                self.group = norm(nn.GroupNorm, 4, num_groups=2)
                self.scale = norm(Scale, 4)
            def forward(self, x):
                return self.group(self.batch(x))
    """
    assert parameters(models(net)["Net"]).trainable == 8 + 8 + 4


def test_names_of_torch_nn_modules_are_those_of_torch_nn() -> None:
    net = """
        import torch.nn.modules as parts
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = nn.modules.PReLU()
                self.fc = parts.Linear(3, 4)
            def forward(self, x):
                return self.act(self.fc(x))
    """
    assert parameters(models(net)["Net"]).total == 17


def test_none_has_no_attributes_so_what_has_one_is_the_other() -> None:
    net = """
        class Net(nn.Module):
            def __init__(self, depth):
                super().__init__()
                self.norm = nn.BatchNorm2d(3) if depth > 3 else None
                self.conv = nn.Conv2d(3, 4 if self.norm is None else 5, 1)
                self.width = getattr(self.norm, "num_features", 7)
            def forward(self, x):
                return self.norm.forward(x)
    """
    assert models(net)["Net"].nodes[-1].output.shape[1] == 3


def test_children_come_in_the_order_of_their_registration() -> None:
    net = """
        class Block(nn.Sequential):
            def __init__(self):
                super().__init__(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 5, 1))
                self.last = nn.Conv2d(5, 6, 1)
            def forward(self, x):
                for layer in self.children():
                    x = layer(x)
                return x
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.block = Block()
            def forward(self, x):
                return self.block(x)
    """
    model = models(net)["Net"]
    assert not [f for node in model.nodes for f in node.faults]
    assert model.nodes[-1].output.shape[1] == 6

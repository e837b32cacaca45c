"""Bugs that packages from PyPI showed: code that works, and was accused."""

from __future__ import annotations

from textwrap import dedent

from archlint.check import check_texts

TORCH = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def codes(source: str, header: str = TORCH, **others: str) -> list[str]:
    files = {"net.py": header + dedent(source), **{f"{name}.py": dedent(text) for name, text in others.items()}}
    report = check_texts(files)
    assert not report.internal_errors
    return [d.code for d in report.diagnostics]


HOOKED = """
    class Net(nn.Module):
        def __init__(self, model, layer=-2):
            super().__init__()
            self.model = model
            self.head = nn.Linear(256, 8)
            self.found = torch.empty(0)
            {register}

        def keep(self, layer, given, output):
            self.found = output.flatten(1)

        def forward(self, x):
            self.model(x)
            return self.head(self.found)
"""


def test_what_a_hook_of_an_unknown_layer_writes_is_not_known() -> None:
    register = "list(self.model.children())[layer].register_forward_hook(self.keep)"
    assert codes(HOOKED.format(register=register)) == []
    assert codes(HOOKED.format(register="pass")) == ["ARC104"]


def test_containers_that_a_hook_of_an_unknown_layer_fills_are_not_known() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, model):
                super().__init__()
                self.model = model
                self.head = nn.Linear(256, 8)
                self.kept = [torch.zeros(1, 3)]
                def keep(layer, given, output):
                    self.kept[0] = output.flatten(1)
                pick(model).register_forward_hook(keep)

            def forward(self, x):
                self.model(x)
                return self.head(self.kept[0])
    """
    assert codes(source) == []
    assert codes(source.replace("pick(model).register_forward_hook(keep)", "pass")) == ["ARC104"]


def test_a_tensor_is_no_list_nor_tuple() -> None:
    source = """
        def move(x, device):
            if isinstance(x, torch.Tensor) and x.device != device:
                x = x.to(device)
            elif isinstance(x, tuple | list) and x[0].device != device:
                x = [move(one, device) for one in x]
            return x

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(256, 8)

            def forward(self, x):
                return move(self.head(x).sum(), "cuda")
    """
    assert codes(source) == []


def test_what_is_declared_of_a_library_is_there() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(256, 8)
                self.fast = hasattr(nn.functional, "scaled_dot_product_attention")

            def forward(self, x):  # archlint: input=(N, 8, 256)
                x = self.head(x)
                if self.fast:
                    return F.scaled_dot_product_attention(x, x, x)
                return torch.mm(x, x)  # needs two axes
    """
    assert codes(source) == []
    assert codes(source.replace('scaled_dot_product_attention")', 'faster")')) == ["ARC101"]


def test_a_module_that_takes_torch_from_a_star_import_has_tensors_of_torch() -> None:
    net = """
        from stuff import *

        class Net(nn.Module):
            def __init__(self, inputs, kernels):
                super().__init__()
                self.convs = nn.ModuleList()
                for size in kernels:
                    self.convs.append(nn.Conv1d(inputs, 1, size))

            def forward(self, x):
                out = self.convs[0](x).cpu()
                return out.max(dim=-1)[0]
    """
    assert codes(net, header="", stuff="import torch\nimport torch.nn as nn\n") == []


def test_parts_of_a_complex_tensor_are_tensors() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.re = nn.Conv1d(4, 8, 3)
                self.im = nn.Conv1d({width}, 8, 3)

            def forward(self, x):
                x = torch.complex(x, torch.zeros_like(x))
                return self.re(x.real) - self.im(x.imag)

        Net()(torch.zeros(2, 4, 16))
    """
    assert codes(source.format(width=4)) == []
    assert codes(source.format(width=3)) == ["ARC102"]

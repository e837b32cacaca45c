"""What real code does with modules, and what torch makes of it: children, calls, parameters."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import analyze_texts
from archlint.dims import show_shape
from archlint.facts.parameters import parameters
from archlint.model import Model


def model(source: str) -> Model:
    (found,) = analyze_texts({"net.py": "import torch\nfrom torch import nn\n" + dedent(source)})
    return found


def test_a_plain_object_in_a_sequential_is_no_child() -> None:
    """`self.scheme = Scheme()`: torch registers modules only."""
    found = model("""
        class Scheme:
            def __call__(self, module, x):
                return module(x)
        class Steps(nn.Sequential):
            def __init__(self):
                super().__init__()
                self.scheme = Scheme()
            def forward(self, x):
                for module in self._modules.values():
                    x = self.scheme(module, x)
                return x
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.features = Steps()
                self.features.add_module("conv", nn.Conv2d(3, 8, 3))
            def forward(self, x):
                return self.features(x)
    """)
    assert show_shape(found.nodes[-1].output.shape) == "(N, 8, H - 2, W - 2)"
    assert parameters(found).total == 224


def test_layers_of_a_plain_object_are_not_the_models() -> None:
    found = model("""
        class Head:
            def __init__(self):
                self.fc = nn.Linear(8, 2)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = Head()
                self.fc = nn.Linear(4, 8)
            def forward(self, x):
                return self.fc(x)
    """)
    assert parameters(found).total == 40


def test_a_layer_on_an_input_that_is_no_tensor_keeps_its_parameters() -> None:
    found = model("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
            def forward(self, x):
                return self.conv((x, x))
    """)
    assert parameters(found).total == 224


def test_children_that_are_not_known_leave_the_total_unknown() -> None:
    found = model("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.Sequential()
                for width in load_widths("net.cfg"):
                    self.blocks.add_module(f"block{width}", nn.Linear(width, width))
                self.fc = nn.Linear(4, 8)
            def forward(self, x):
                for block in self.blocks._modules.values():
                    x = block(x)
                return self.fc(x)
    """)
    assert parameters(found).total is None


def test_a_maker_of_layers_may_be_a_function_or_a_name() -> None:
    found = model("""
        from inspect import isfunction
        def activation(kind):
            if isfunction(kind):
                return kind()
            assert isinstance(kind, nn.Module)
            return kind
        class Net(nn.Module):
            def __init__(self, kinds=(nn.PReLU(), lambda: nn.PReLU(8))):
                super().__init__()
                self.a = activation(kinds[0])
                self.b = activation(kinds[1])
                self.fc = nn.Linear(4, 8)
            def forward(self, x):
                return self.b(self.a(self.fc(x)))
    """)
    assert parameters(found).total == 40 + 1 + 8


def test_a_class_may_write_call_instead_of_forward() -> None:
    found = model("""
        class Conv(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
            def __call__(self, x):
                return self.conv(x)
        class Twice(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(8, 8, 3)
            def __call__(self, x):
                return super().__call__(super().__call__(x))
            def forward(self, x):
                return self.conv(x)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.one = Conv()
                self.two = Twice()
            def forward(self, x):
                return self.two(self.one(x))
    """)
    assert show_shape(found.nodes[-1].output.shape) == "(N, 8, H - 6, W - 6)"


def test_a_type_with_parameters_is_called_as_the_type() -> None:
    found = model("""
        class Net(nn.Module):
            def __init__(self, widths=[4, 8]):
                super().__init__()
                a, b = tuple[int, int](widths)
                self.fc = nn.Linear(a, b)
            def forward(self, x):
                return self.fc(x)
    """)
    assert parameters(found).total == 40


def test_a_mask_is_kept_but_not_trained() -> None:
    found = model("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.mask = nn.Parameter(torch.ones(8, 4), requires_grad=False)
                self.fc = nn.Linear(4, 8)
            def forward(self, x):
                return self.fc(x)
    """)
    assert (parameters(found).trainable, parameters(found).non_trainable) == (40, 32)


def test_methods_of_tensors_take_the_names_of_numpy() -> None:
    found = model("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
            def forward(self, x):
                x = self.conv(x)
                most, _ = x.max(dim=-1, keepdims=True)
                half = x.split(split_size=4, dim=1)[0]
                return torch.cat([most, x.mean(axis=3, keepdims=True)], axis=1), half
    """)
    shown = [show_shape(node.output.shape) for node in found.nodes if node.op.rpartition(".")[2] in ("cat", "split")]
    assert shown == ["(N, 4, H - 2, W - 2)", "(N, 16, H - 2, 1)"]


def test_a_constructor_may_take_its_arguments_from_its_locals() -> None:
    found = model("""
        def group(prefix, kwargs):
            own = {key[len(prefix):]: value for key, value in kwargs.items() if key.startswith(prefix)}
            return own, {key: value for key, value in kwargs.items() if not key.startswith(prefix)}
        class Net(nn.Module):
            def __init__(self, *, s1_dim=8, s2_dim=16):
                super().__init__()
                kwargs = dict(locals())
                dim, layers = 4, []
                for prefix in ("s1_", "s2_"):
                    config, kwargs = group(prefix, kwargs)
                    layers.append(nn.Linear(dim, config["dim"]))
                    dim = config["dim"]
                self.layers = nn.Sequential(*layers)
            def forward(self, x):
                return self.layers(x)
    """)
    assert parameters(found).total == 4 * 8 + 8 + 8 * 16 + 16


def test_a_module_that_was_made_for_its_parts_is_not_called() -> None:
    """Its `fc` fits nothing any more, and nobody uses it: `nn.Sequential(*list(resnet.children())[:2])`."""
    found = model("""
        class Whole(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1 = nn.Conv2d(3, 8, 3)
                self.conv2 = nn.Conv2d(8, 16, 3)
                self.fc = nn.Linear(99, 10)
            def forward(self, x):
                return self.fc(self.conv2(self.conv1(x)).mean((2, 3)))
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                whole = Whole()
                self.features = nn.Sequential(*list(whole.children())[:2])
            def forward(self, x):
                return self.features(x)
    """)
    assert found.name == "Net"
    assert [n.op for n in found.nodes if n.weights] == ["torch.nn.Conv2d"] * 2
    assert not [n for n in found.nodes if n.faults]


@pytest.mark.parametrize(
    ("layer", "weight", "bias"),
    [
        ("nn.LayerNorm(8)", (8,), (8,)),
        ("nn.LayerNorm((4, 8), bias=False)", (4, 8), None),
        ("nn.LayerNorm([4, 8])", (4, 8), (4, 8)),
        ("nn.LayerNorm(8, elementwise_affine=False)", None, None),
        ("nn.GroupNorm(2, 8)", (8,), (8,)),
        ("nn.RMSNorm(8)", (8,), None),
        ("nn.BatchNorm2d(8, affine=False)", None, None),
        ("nn.InstanceNorm2d(8)", None, None),
        ("nn.InstanceNorm2d(8, affine=True)", (8,), (8,)),
        ("nn.ConvTranspose2d(6, 8, 3, groups=2)", (6, 4, 3, 3), (8,)),
        ("nn.Conv2d(6, 8, 3, groups=2, bias=False)", (8, 3, 3, 3), None),
    ],
)
def test_weights_of_layers_have_their_shapes(
    layer: str, weight: tuple[int, ...] | None, bias: tuple[int, ...] | None
) -> None:
    found = model(f"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(4, 5)
                self.layer = {layer}

            def forward(self, x):
                w, b = getattr(self.layer, "weight", None), getattr(self.layer, "bias", None)
                w = torch.relu(torch.zeros(1, 99) if w is None else w)
                b = torch.relu(torch.zeros(1, 99) if b is None else b)
                return self.head(x), w, b
    """)
    shapes = [node.output.shape for node in found.nodes if node.op == "torch.nn.functional.relu"]
    assert shapes == [weight or (1, 99), bias or (1, 99)]


def test_what_each_module_is_decides_how_it_is_initialised() -> None:
    """`isinstance(m, nn.Linear)` of a class that derives from another layer, `"Norm" in m.__class__.__name__` of a
    list, and whether the class is one of those that generate."""
    source = """
        import torch
        from torch import nn
        class Generates:
            pass
        class Positions(nn.Embedding):
            pass
        class Base(nn.Module):
            @classmethod
            def generates(cls):
                return "Generates" in str(cls.__bases__)
        class Net(Base):
            def __init__(self):
                super().__init__()
                self.blocks = nn.ModuleList([nn.Linear(4, 4)])
                self.positions = Positions(9, 4)
                self.kinds = [m.__class__.__name__ for m in self.children()]
                named = "Norm" in self.blocks.__class__.__name__ or hasattr(nn.Module, "apply_down")
                dense = isinstance(self.positions, (nn.Linear, nn.Conv1d)) or self.generates()
                self.act = nn.ReLU6()
                clipped = isinstance(self.act, nn.Hardtanh)
                self.head = nn.Linear(4, 2 if named or dense or not clipped else 3)
            def forward(self, x):
                for block in self.blocks:
                    x = block(x + self.positions.weight)
                return self.head(self.act(x))
    """
    net = next(found for found in analyze_texts({"net.py": dedent(source)}) if found.name == "Net")
    assert parameters(net).total == 20 + 36 + 15

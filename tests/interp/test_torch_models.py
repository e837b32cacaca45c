"""What PyTorch code of model collections writes, and the shapes and totals that it means."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import analyze_texts
from archlint.facts.parameters import parameters
from archlint.model import Model
from archlint.values import Shape

HEADER = "import torch\nfrom functools import partial\nfrom torch import nn\nimport torch.nn.functional as F\n"


def model(source: str, name: str = "Net") -> Model:
    found = {m.name: m for m in analyze_texts({"net.py": HEADER + dedent(source)})}
    return found[name]


def called(forward: str, init: str = "pass", before: str = "") -> Model:
    """A module on a batch of two images of 4 x 8 x 8."""
    lines = [
        *dedent(before).splitlines(),
        "class Net(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *("        " + line for line in dedent(init).strip().splitlines()),
        "    def forward(self, x):",
        *("        " + line for line in dedent(forward).strip().splitlines()),
        "net = Net()",
        "y = net(torch.zeros(2, 4, 8, 8))",
    ]
    return model("\n".join(lines), "net")


def shape(found: Model) -> Shape:
    assert not [n.unknown for n in found.nodes if n.unknown]
    return found.nodes[-1].output.shape


def test_a_custom_autograd_function_runs_its_forward() -> None:
    swish = """
        class SwishFn(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                ctx.mark_dirty(x)
                ctx.scale = 2
                return x * torch.sigmoid(x)
            @staticmethod
            def backward(ctx, grad):
                x, = ctx.saved_tensors
                return grad
    """
    found = called("return self.fc(SwishFn.apply(x))", "self.fc = nn.Linear(8, 3)", swish)
    assert shape(found) == (2, 4, 8, 3)
    assert parameters(found).total == 27


def test_a_custom_autograd_function_with_a_context_of_its_own_gets_none_in_forward() -> None:
    double = """
        class Double(torch.autograd.Function):
            @staticmethod
            def forward(x, times):
                return torch.cat([x] * times, 1)
            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.save_for_backward(*inputs)
    """
    assert shape(called("return Double.apply(x, 3)", before=double)) == (2, 12, 8, 8)


def test_rates_of_stochastic_depth_are_numbers() -> None:
    drop = """
        def drop_path(x, rate):
            mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(1 - rate)
            if rate > 0.0:
                mask.div_(1 - rate)
            return x * mask
    """
    init = "self.rates = [r.tolist() for r in torch.linspace(0, 0.1, 5).split((2, 3))]"
    found = called("return drop_path(x, self.rates[1][2])", init, drop)
    assert shape(found) == (2, 4, 8, 8)


def test_a_list_from_a_tensor_has_its_lengths() -> None:
    init = "self.widths = torch.rand(2, 3).tolist()"
    assert shape(called("return x.new_zeros(len(self.widths), len(self.widths[0]))", init)) == (2, 3)


def test_a_bias_that_is_set_to_none_is_not_counted() -> None:
    no_bias = """
        class NoBias(nn.LayerNorm):
            def __init__(self, n):
                super().__init__(n)
                self.bias = None
    """
    init = """
        self.norm = NoBias(8)
        self.fc = nn.Linear(8, 3)
        self.fc.bias = None
    """
    assert parameters(called("return self.fc(self.norm(x))", init, no_bias)).total == 8 + 24


def test_a_weight_that_is_replaced_makes_the_total_unknown() -> None:
    init = """
        self.fc = nn.Linear(8, 8)
        self.fc.weight = other
    """
    assert parameters(called("return self.fc(x)", init)).total is None


def test_a_forward_that_is_chosen_in_init_is_the_one_that_runs() -> None:
    part = """
        class Part(nn.Module):
            def __init__(self, how):
                super().__init__()
                self.forward = self.forward_half if how == "half" else self.forward_all
            def forward_half(self, x):
                return x[:, ::2]
            def forward_all(self, x):
                return x
    """
    assert shape(called("return self.part(x)", 'self.part = Part("half")', part)) == (2, 2, 8, 8)


def test_the_forward_of_a_framework_layer_is_called_by_name() -> None:
    init = "self.down = nn.Sequential(nn.Conv2d(4, 6, 3, stride=2), nn.ReLU())"
    assert shape(called("return self.down[1].forward(self.down.forward(x))", init)) == (2, 6, 3, 3)


def test_a_layer_that_does_not_take_an_option_is_made_without_it() -> None:
    create = """
        def create(act, **kwargs):
            try:
                return act(inplace=True, **kwargs)
            except TypeError:
                return act(**kwargs)
    """
    init = """
        self.gelu = create(nn.GELU)
        self.tanh = create(partial(nn.GELU, approximate="tanh"))
        self.relu = create(nn.ReLU)
    """
    found = called("return self.relu(self.tanh(self.gelu(x)))", init, create)
    assert shape(found) == (2, 4, 8, 8)
    assert not [n for n in found.nodes if n.branch]


@pytest.mark.parametrize(("takes", "wide"), [("scale", 4), ("other", 6)])
def test_a_method_that_does_not_take_an_option_is_called_without_it(takes: str, wide: int) -> None:
    part = f"""
        class Part(nn.Module):
            def forward(self, x):
                return x
            def width(self, {takes}=6):
                return {takes}
    """
    init = """
        part = Part()
        try:
            wide = part.width(scale=4)
        except TypeError:
            wide = part.width()
        self.conv = nn.Conv2d(4, wide, 1)
    """
    assert shape(called("return self.conv(x)", init, part)) == (2, wide, 8, 8)


def test_what_is_kept_for_a_device_is_found_again() -> None:
    init = """
        self.cache = {}
        self.bias = nn.Parameter(torch.zeros(5, 8, 8))
    """
    forward = """
        key = str(x.device)
        if key not in self.cache:
            self.cache[key] = self.bias[:4]
        return x + self.cache[key]
    """
    assert shape(called(forward, init)) == (2, 4, 8, 8)


def test_a_device_is_no_certain_kind_of_device() -> None:
    forward = """
        if x.device.type == "cuda" or x.device == torch.device("cpu"):
            x = x[:, :2]
        return x
    """
    assert called(forward).nodes[-1].output.shape == (2, None, 8, 8)


def test_a_slice_of_a_list_is_replaced() -> None:
    init = """
        widths = [4, 9]
        widths[-1:-1] = [6 for _ in range(2)]
        widths[:1] = (4, 5)
        self.convs = nn.Sequential(*[nn.Conv2d(a, b, 1) for a, b in zip(widths, widths[1:])])
    """
    found = called("return self.convs[1:](x[:, [0, 1, 2, 3, 3]])", init)
    assert [n.output.shape for n in found.family("conv")] == [(2, 6, 8, 8), (2, 6, 8, 8), (2, 9, 8, 8)]


def test_every_pair_of_places_is_known() -> None:
    init = """
        places = list(itertools.product(range(3), range(2)))
        offsets = {}
        for a in places:
            for b in places:
                offset = (abs(a[0] - b[0]), abs(a[1] - b[1]))
                if offset not in offsets:
                    offsets[offset] = len(offsets)
        self.biases = nn.Parameter(torch.zeros(4, len(offsets)))
    """
    found = called("return x + self.biases[:, :, None, None][:, 0]", init, "import itertools")
    assert parameters(found).total == 24


def test_loops_inside_loops_that_turn_too_often_are_not_followed() -> None:
    init = """
        total = 0
        for a in range(300):
            for b in range(300):
                total = total + 1
        self.fc = nn.Linear(8, total)
    """
    assert called("return self.fc(x)", init).nodes[-1].output.shape == (2, 4, 8, None)


def test_statistics_of_a_batch_norm_are_tensors() -> None:
    init = "self.bn = nn.BatchNorm2d(4)"
    forward = "return F.batch_norm(x, self.bn.running_mean, self.bn.running_var) * self.bn.num_batches_tracked.add_(1)"
    assert shape(called(forward, init)) == (2, 4, 8, 8)


def test_flip_by_keyword() -> None:
    assert shape(called("return x.flip(dims=(-1,)) + torch.flip(x, [1, 2])")) == (2, 4, 8, 8)


def test_one_of_two_modules_makes_the_total_unknown() -> None:
    init = "self.fc = nn.Linear(8, 8) if torch.cuda.is_available() else nn.Linear(8, 8, bias=False)"
    assert parameters(called("return self.fc(x)", init)).total is None


def test_one_of_two_modules_without_parameters_changes_no_total() -> None:
    init = """
        self.fc = nn.Linear(8, 2)
        self.act = nn.ReLU() if torch.cuda.is_available() else nn.Sequential(nn.GELU())
    """
    assert parameters(called("return self.act(self.fc(x))", init)).total == 18


def test_one_of_two_parameters_makes_the_total_unknown() -> None:
    init = """
        self.fc = nn.Linear(8, 2)
        self.scale = nn.Parameter(torch.ones(2)) if torch.cuda.is_available() else torch.ones(2)
        self.shift = nn.Parameter(torch.ones(2)) if torch.cuda.is_available() else None
    """
    assert parameters(called("return self.fc(x) * self.scale", init)).total is None


def test_an_option_is_tried_on_a_class_of_the_project() -> None:
    attention = """
        class Squeeze(nn.Module):
            def __init__(self, dim, ratio=0.5):
                super().__init__()
                self.fc = nn.Linear(dim, int(dim * ratio))
            def forward(self, x):
                return self.fc(x)
        class Plain(nn.Linear):
            def __init__(self, dim):
                super().__init__(dim, dim)
        def takes_ratio(layer):
            try:
                layer(8, ratio=1.0)
                takes = True
            except TypeError:
                takes = False
            return takes
        def create(layer):
            return partial(layer, ratio=0.25)(8) if takes_ratio(layer) else layer(8)
    """
    found = called("return self.squeeze(self.plain(x))", "self.squeeze, self.plain = create(Squeeze), create(Plain)",
                   attention)  # fmt: skip
    assert shape(found) == (2, 4, 8, 2)
    assert parameters(found).total == 72 + 18


def test_a_model_whose_construction_is_cut_off_has_no_total() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 2)
                raise ValueError
            def forward(self, x):
                return self.fc(x)
        def net():
            return Net()
    """
    assert parameters(model(source, "net")).total is None


def test_a_model_whose_forward_is_cut_off_keeps_its_total() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 2)
            def forward(self, x):
                self.fc(x)
                raise NotImplementedError
        def net():
            return Net()
    """
    assert parameters(model(source, "net")).total == 18


def test_an_environment_variable_has_its_default() -> None:
    init = 'self.fc = nn.Linear(8, 2 if os.getenv("WIDE", "0") == "0" else 4)'
    assert shape(called("return self.fc(x)", init, "import os")) == (2, 4, 8, 2)


def test_an_environment_variable_without_a_default_is_not_known() -> None:
    init = 'self.fc = nn.Linear(8, 4 if os.environ.get("WIDE") else 2)'
    assert called("return self.fc(x)", init, "import os").nodes[-1].output.shape == (2, 4, 8, None)


SAME = """
    import math
    class Same(nn.Conv2d):
        def forward(self, x):
            h, w = x.size()[-2:]
            need = [max((math.ceil(s / 2) - 1) * 2 + 3 - s, 0) for s in (h, w)]
            x = F.pad(x, [need[1] // 2, need[1] - need[1] // 2, need[0] // 2, need[0] - need[0] // 2])
            return F.conv2d(x, self.weight, self.bias, self.stride)
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen = []
            self.stem = Same(3, 8, 3, stride=2)
            self.head = nn.Conv2d(8, 4, 1)
        def forward(self, image):
            self.seen.append(image)
            return self.head(self.stem(image)), len(self.seen)
"""


def test_the_form_of_an_input_that_is_padded_before_its_first_layer() -> None:
    found = model(SAME)
    entry = found.nodes[0].output.shape
    assert [str(s) for s in entry or ()] == ["N", "3", "H", "W"]
    assert len(list(found.family("conv"))) == 2
    assert not [n for n in found.nodes if n.output.shape is None]


def test_a_form_behind_an_undecided_test_is_not_taken() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
            def forward(self, x):
                if torch.cuda.is_available():
                    return self.conv(F.pad(x, [1, 1]))
                return x
    """
    assert model(source).nodes[0].output.shape is None


READER = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.drop = nn.Embedding(50, 8), nn.Dropout(0.1)
            self.rnn, self.out = nn.GRU(8, 16, batch_first=True), nn.Linear(16, 2)
        def forward(self, ids):
            start = torch.zeros(1, ids.size(0), 16)
            steps, _ = self.rnn(self.drop(self.embed(ids)) * 3.0, start)
            return self.out(steps[:, -1])
"""


def test_the_form_of_an_input_that_an_embedding_hides() -> None:
    found = model(READER)
    assert [str(s) for s in found.inputs[0].shape or ()] == ["N", "T"]
    assert [str(s) for s in found.nodes[-1].output.shape or ()] == ["N", "2"]


def test_a_size_that_is_read_before_the_first_layer_shows_the_form_is_that_size() -> None:
    for source in (READER, READER.replace("self.drop(self.embed(ids)) * 3.0", "ids")):
        [rnn] = model(source).family("recurrent")
        assert [str(s) for s in rnn.inputs[1].shape or ()] == ["1", "N", "16"]


def test_of_a_sum_of_two_inputs_neither_takes_the_form_of_the_layer_behind() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
            def forward(self, x, y):
                return self.conv(x + y)
    """
    assert [record.shape for record in model(source).inputs] == [None, None]


def test_padding_of_the_channels_leaves_their_number_open() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(6, 8, 3)
            def forward(self, x):
                return self.conv(F.pad(x, [0, 0, 0, 0, 1, 1]))
    """
    assert [str(s) for s in model(source).nodes[0].output.shape or ()] == ["N", "C", "H", "W"]


def test_a_size_that_is_not_known_is_no_tensor() -> None:
    forward = """
        n = x[x > 0].shape[0]
        if isinstance(n, torch.Tensor):
            x = x[:, :2]
        return x
    """
    assert called(forward).nodes[0].output.shape == (2, 4, 8, 8)
    assert not [n for n in called(forward).nodes if n.branch]


def test_a_method_that_no_tensor_of_torch_has_is_not_looked_up_elsewhere() -> None:
    source = """
        import torch.nn as nn

        class Last(nn.Module):
            def __init__(self):
                super().__init__()
                self.pool = nn.MaxPool2d(1, 2)

            def forward(self, results, names):
                names.append("pool")
                results.append(self.pool(results[-1]))
                return results, names
        """
    found = analyze_texts({"net.py": dedent(source)})
    assert not [n.op for model in found for n in model.nodes if n.op.startswith(("keras", "tensorflow"))]

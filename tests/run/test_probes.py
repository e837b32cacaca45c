"""Behavioural probes: source of a model in, what it does with numbers out; and what that says of a finding."""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from archlint.check import check_texts
from archlint.diagnostic import Diagnostic
from archlint.plugins import load
from archlint.run.probing import STANDS_FOR, standing
from archlint.run.records import Probed

RUN = Path(__file__).parents[2] / "archlint" / "run"
DRIVER = """
import importlib, importlib.util, json, os, sys, warnings
warnings.simplefilter("ignore")
framework, answers = sys.argv[1], sys.stdout
sys.stdout = sys.stderr
sys.path.insert(0, sys.argv[2])
there = [n for n in ("jax", "tensorflow", "torch") if importlib.util.find_spec(n)]
os.environ.setdefault("KERAS_BACKEND", (there or ["torch"])[0])
probes = importlib.import_module("archlint_child.%s_probes" % framework)
budget = importlib.import_module("archlint_child.probes")
for line in sys.stdin:
    case = json.loads(line)
    names = {}
    budget.SECONDS = case["seconds"]
    exec(case["source"], names)
    if framework == "tf1":
        found = probes.run(*names["graph"](), None)
    else:
        found = probes.run(names.get("Net"), case["tensors"], None)
    answers.write(json.dumps(found) + "\\n")
    answers.flush()
"""
HEADS = {
    "torch": "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n",
    "keras": "import keras\nfrom keras import layers as L\n",
    "tf1": "import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\ntf.reset_default_graph()\n",
}
F, I = "float32", "int64"

Answers = dict[str, Probed]
Prober = Callable[..., Answers]


@dataclass(slots=True)
class Driver:
    """An interpreter that imported the framework once."""

    framework: str
    process: subprocess.Popen[str]

    def probe(
        self, source: str, *inputs: tuple[Any, ...], names: tuple[str, ...] = (), seconds: float = 60.0
    ) -> Answers:
        """Inputs are shapes, or (shape, dtype, high); they are called `x0`, `x1`, … unless `names` says otherwise."""
        tensors = []
        for number, given in enumerate(inputs):
            shape, dtype, high = given if given and isinstance(given[0], tuple) else (given, F, None)
            tensors.append([names[number] if names else f"x{number}", shape, dtype, high])
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        case = {"source": HEADS[self.framework] + dedent(source), "tensors": tensors, "seconds": seconds}
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        return {p["probe"]: Probed(p["probe"], p["verdict"], p["detail"], tuple(p["paths"])) for p in found}


def driven(python: str, framework: str) -> Iterator[Prober]:
    command = [python, "-I", "-c", DRIVER, framework, str(RUN)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        yield Driver(framework, process).probe
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


@pytest.fixture(scope="module")
def torch_probes(python: str) -> Iterator[Prober]:
    yield from driven(python, "torch")


@pytest.fixture(scope="module")
def keras_probes(python: str) -> Iterator[Prober]:
    yield from driven(python, "keras")


@pytest.fixture(scope="module")
def tf1_probes(python: str) -> Iterator[Prober]:
    yield from driven(python, "tf1")


def verdicts(found: Answers) -> dict[str, str]:
    return {name: probed.verdict for name, probed in found.items()}


GOOD = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(12, 16), nn.Linear(16, 3)
    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))
"""


@pytest.mark.torch
def test_a_plain_classifier_has_every_property_that_it_should(torch_probes: Prober) -> None:
    found = torch_probes(GOOD, (2, 12))
    assert verdicts(found) == {
        "registration": "holds",
        "evaluation determinism": "holds",
        "gradient flow": "holds",
        "input preservation": "holds",
        "varying output": "holds",
        "row per sample": "holds",
        "batch independence": "holds",
        "sample permutation": "holds",
        "step independence": "not run",
        "input relevance": "not run",
        "unit range": "violated",
        "row sum": "not run",
        "unclipped output": "holds",
        "nonlinearity": "holds",
    }


SEQUENCE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 16{})
        self.fc = nn.Linear(16, 3)
    def forward(self, x):
        return self.fc(self.rnn(x)[0]{})
"""


@pytest.mark.torch
def test_an_lstm_that_takes_samples_for_steps_mixes_samples(torch_probes: Prober) -> None:
    found = torch_probes(SEQUENCE.format("", "[:, -1]"), (2, 7, 8))["batch independence"]
    assert found.verdict == "violated"
    assert "first inside `rnn`" in found.detail
    assert found.paths == ("rnn",)


@pytest.mark.torch
def test_a_batch_first_lstm_keeps_samples_apart(torch_probes: Prober) -> None:
    found = torch_probes(SEQUENCE.format(", batch_first=True", "[:, -1]"), (2, 7, 8))
    assert found["batch independence"].verdict == "holds"
    assert found["sample permutation"].verdict == "holds"


@pytest.mark.torch
def test_time_major_models_are_not_called_wrong(torch_probes: Prober) -> None:
    tagger = torch_probes(SEQUENCE.format("", ""), (2, 7, 8))["batch independence"]
    assert tagger.verdict == "not run"
    assert "(time, batch, features)" in tagger.detail
    last = torch_probes(SEQUENCE.format("", "[-1]"), (2, 7, 8))["batch independence"]
    assert last == Probed("batch independence", "not run", "no output has an axis of samples")


@pytest.mark.torch
def test_a_softmax_over_the_batch_is_found_between_the_layers(torch_probes: Prober) -> None:
    source = GOOD.replace("torch.tanh(self.fc1(x))", "F.softmax(self.fc1(x), dim=0)")
    found = torch_probes(source, (2, 12))["batch independence"]
    assert found.verdict == "violated"
    assert "first between two layers, before `fc2`" in found.detail
    assert found.paths == ("",)
    last = torch_probes("Net = lambda: nn.Sequential(nn.Linear(4, 3), nn.Softmax(0))", (2, 4))
    assert last["batch independence"].paths == ("1",)
    assert last["row sum"].verdict == "violated", "columns sum to 1, rows do not"
    after = GOOD.replace("return self.fc2(torch.tanh(self.fc1(x)))", "return F.normalize(self.fc1(x), dim=0)")
    assert "after the last layer" in torch_probes(after, (2, 12))["batch independence"].detail


@pytest.mark.torch
def test_batch_norm_that_always_uses_batch_statistics_mixes_samples(torch_probes: Prober) -> None:
    source = "Net = lambda: nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8{}), nn.ReLU(), nn.Linear(8, 2))"
    assert torch_probes(source.format(", track_running_stats=False"), (4, 4))["batch independence"].paths == ("1",)
    assert torch_probes(source.format(""), (4, 4))["batch independence"].verdict == "holds"


@pytest.mark.torch
@pytest.mark.parametrize("dim", ["batch", "time"])
def test_a_positional_encoding_along_the_batch_shows_in_the_order_of_samples_only(
    torch_probes: Prober, dim: str
) -> None:
    source = f"""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("code", torch.randn(50, 8))
            self.fc = nn.Linear(8, 3)
        def forward(self, x):
            code = self.code[:x.size(0), None] if {dim!r} == "batch" else self.code[:x.size(1)]
            return self.fc(x + code).mean(1)
    """
    found = torch_probes(source, (2, 7, 8))
    assert found["batch independence"].verdict == "holds"
    assert found["sample permutation"].verdict == ("violated" if dim == "batch" else "holds")


VIEW = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 16, 3, padding=1), nn.Linear({0}, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc(x.view(-1, {0}))
"""


@pytest.mark.torch
def test_rows_are_counted_per_sample(torch_probes: Prober) -> None:
    wrong = torch_probes(VIEW.format(256), (2, 3, 16, 16))
    assert wrong["row per sample"].detail == "2 samples give 8 rows"
    assert wrong["row per sample"].verdict == "violated"
    assert wrong["batch independence"].verdict == "holds", "four rows each, and none knows of another sample"
    assert torch_probes(VIEW.format(1024), (2, 3, 16, 16))["row per sample"].verdict == "holds"
    part = torch_probes(VIEW.format(1024 * 2 // 3), (2, 3, 16, 16))
    assert part["row per sample"].verdict == "not run", "it does not run on any number of samples"
    odd = torch_probes(VIEW.format(2048 // 3 * 3 // 3), (2, 3, 16, 16))
    assert odd["batch independence"].verdict != "violated"


@pytest.mark.torch
def test_a_row_for_every_step_and_the_nodes_of_a_graph_are_meant(torch_probes: Prober) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 3)
        def forward(self, {0}):
            return self.fc({1})
    """
    steps = torch_probes(source.format("x", "x.reshape(-1, 4)"), (2, 5, 4))
    assert steps["row per sample"].verdict == "not run"
    assert steps["batch independence"].verdict == "holds"
    graph = torch_probes(source.format("x, adj", "adj @ x"), (2, 4), (2, 2), names=("x", "adj"))
    assert "its nodes are no samples" in graph["batch independence"].detail
    assert graph["input relevance"].verdict == "holds"


@pytest.mark.torch
def test_a_flatten_over_batch_and_time_mixes_both(torch_probes: Prober) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4 * {0}, 4 * {0})
        def forward(self, x):
            return self.fc(x.{1}).reshape(x.shape)
    """
    steps = torch_probes(source.format(5, "flatten(1)"), (2, 5, 4))
    assert steps["step independence"].verdict == "violated"
    assert steps["batch independence"].verdict == "holds"
    assert torch_probes(source.format(1, "reshape(-1, 4)"), (2, 5, 4))["step independence"].verdict == "holds"
    samples = torch_probes(source.format(2, "transpose(0, 1).reshape(-1, 8)"), (2, 5, 4))
    assert samples["batch independence"].verdict == "violated"
    assert samples["batch independence"].paths == ("",)


@pytest.mark.torch
def test_steps_behind_layers_that_mix_them_by_design(torch_probes: Prober) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(4, 6, batch_first=True, bidirectional={0})
            self.fc = nn.Linear({1}, {1})
        def forward(self, x):
            y = self.rnn(x)[0]
            return self.fc(y{2}).reshape(y.shape)
    """
    assert torch_probes(source.format(False, 6, ""), (2, 5, 4))["step independence"].verdict == "holds"
    assert torch_probes(source.format(False, 30, ".flatten(1)"), (2, 5, 4))["step independence"].verdict == "violated"
    both = torch_probes(source.format(True, 12, ""), (2, 5, 4))["step independence"]
    assert both == Probed("step independence", "not run", "mixes steps by design: GRU `rnn`")
    attention = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.k, self.v = (nn.Linear(4, 4) for _ in range(3))
        def forward(self, x):
            return torch.softmax(self.q(x) @ self.k(x).transpose(1, 2), -1) @ self.v(x)
    """
    assert "by design: matmul" in torch_probes(attention, (2, 5, 4))["step independence"].detail


@pytest.mark.torch
def test_dropout_left_on_is_named(torch_probes: Prober) -> None:
    wrong = torch_probes(GOOD.replace("torch.tanh(self.fc1(x))", "F.dropout(self.fc1(x))"), (2, 12))
    assert wrong["evaluation determinism"].verdict == "violated"
    assert wrong["evaluation determinism"].paths == ("dropout",)
    assert wrong["batch independence"].verdict == "holds", "under one seed the mask stays"
    assert wrong["sample permutation"].verdict == "not run"
    right = GOOD.replace("torch.tanh(self.fc1(x))", "F.dropout(self.fc1(x), training=self.training)")
    assert torch_probes(right, (2, 12))["evaluation determinism"].verdict == "holds"


@pytest.mark.torch
def test_noise_and_memory_are_no_dropout(torch_probes: Prober) -> None:
    noise = GOOD.replace("torch.tanh(self.fc1(x))", "self.fc1(x) + torch.randn(16)")
    assert torch_probes(noise, (2, 12))["evaluation determinism"].paths == ("randn",)
    made = GOOD.replace("torch.tanh(self.fc1(x))", "nn.Linear(12, 16)(x)")
    assert torch_probes(made, (2, 12))["evaluation determinism"].verdict == "violated"
    counts = GOOD.replace("return self.fc2(", "self.n = getattr(self, 'n', 0) + 1; return self.n * self.fc2(")
    found = torch_probes(counts, (2, 12))
    assert found["evaluation determinism"].verdict == "violated"
    assert found["batch independence"].verdict == "not run"


@pytest.mark.torch
def test_parameters_in_a_plain_list_are_not_registered(torch_probes: Prober) -> None:
    source = """
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = {0}([nn.Linear(4, 4) for _ in range(3)])
        def forward(self, x):
            for layer in self.layers:
                x = torch.relu(layer(x))
            return x
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.block = Block()
            self._teacher = [nn.Linear(4, 4)]
        def forward(self, x):
            return self.block(x)
    """
    wrong = torch_probes(source.format(""), (2, 4))["registration"]
    assert wrong == Probed(
        "registration", "violated", "60 parameters are not in parameters(): `block.layers`", ("block.layers",)
    )
    right = torch_probes(source.format("nn.ModuleList"), (2, 4))["registration"]
    assert right.verdict == "holds"
    assert "block.layers" in right.paths


@pytest.mark.torch
def test_gradients_miss_a_layer_that_is_never_applied(torch_probes: Prober) -> None:
    source = GOOD.replace("super().__init__()", "super().__init__(); self.spare = nn.Sequential(nn.Linear(2, 2))")
    found = torch_probes(source, (2, 12))["gradient flow"]
    assert found.detail == "no gradient reaches 2 of 6 parameter tensors: `spare.0`"
    assert found.paths == ("spare.0.weight", "spare.0.bias")


@pytest.mark.torch
def test_gradients_miss_a_layer_whose_result_is_dropped(torch_probes: Prober) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
        def forward(self, x):
            for layer in self.layers:
                {0} = layer(x)
            return {0}
    """
    wrong = torch_probes(source.format("out"), (2, 4))["gradient flow"]
    assert wrong.verdict == "violated"
    assert "`layers.0`, `layers.1`" in wrong.detail
    assert torch_probes(source.format("x"), (2, 4))["gradient flow"].verdict == "holds"


@pytest.mark.torch
def test_auxiliary_heads_frozen_layers_and_tied_weights_are_used(torch_probes: Prober) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head, self.aux = nn.Linear(4, 4), nn.Linear(4, 2, bias=False), nn.Linear(4, 2)
            self.frozen = nn.Linear(9, 9).requires_grad_(False)
            self.tied = nn.Linear(4, 2, bias=False)
            self.tied.weight = self.head.weight
            self.norm = nn.BatchNorm1d(4)
        def forward(self, x):
            x = self.norm(self.body(x))
            return (self.head(x), self.aux(x)) if self.training else self.head(x)
    """
    found = torch_probes(source, (2, 4))
    assert found["gradient flow"].verdict == "holds"
    assert "aux.weight" in found["gradient flow"].paths
    assert not {"tied.weight", "head.weight"} & set(found["gradient flow"].paths), "which of the two is used?"
    assert found["batch independence"].verdict == "holds"
    none = torch_probes(source.replace("def forward", "@torch.no_grad()\n        def forward"), (2, 4))
    assert none["gradient flow"].detail == "no output carries a gradient"


@pytest.mark.torch
@pytest.mark.parametrize(("inplace", "verdict"), [(True, "violated"), (False, "holds")])
def test_an_in_place_layer_at_the_front_overwrites_the_input(torch_probes: Prober, inplace: bool, verdict: str) -> None:
    found = torch_probes(f"Net = lambda: nn.Sequential(nn.ReLU(inplace={inplace}), nn.Linear(4, 3))", (2, 4))
    assert found["input preservation"].verdict == verdict
    assert found["varying output"].verdict == "holds"


@pytest.mark.torch
def test_a_softmax_over_one_unit_is_constant(torch_probes: Prober) -> None:
    found = torch_probes(f"Net = lambda: nn.Sequential(nn.Linear(4, {1}), nn.Softmax(1))", (2, 4))
    assert found["varying output"] == Probed(
        "varying output", "violated", "the output is always 1, with 5 sets of weights"
    )
    assert found["batch independence"].detail == "the output hardly moves with the input"
    two = torch_probes("Net = lambda: nn.Sequential(nn.Linear(4, 2), nn.Softmax(1))", (2, 4))
    assert two["varying output"].verdict == "holds"


@pytest.mark.torch
def test_weights_that_start_at_zero_do_not_make_a_constant(torch_probes: Prober) -> None:
    source = GOOD.replace("16, 3)\n", "16, 3)\n        nn.init.zeros_(self.fc2.weight)\n")
    found = torch_probes(source, (2, 12))
    assert (found["varying output"].verdict, found["batch independence"].verdict) == ("holds", "holds")
    dead = "Net = lambda: nn.Sequential(nn.Linear(4, 3), nn.ReLU())"
    dead += "\nmake = Net\ndef Net():\n    m = make(); nn.init.constant_(m[0].bias, -99.0); return m\n"
    assert torch_probes(dead, (2, 4))["varying output"].verdict == "not run"


@pytest.mark.torch
@pytest.mark.parametrize(
    ("head", "unit", "rows", "unclipped"),
    [
        ("nn.Sigmoid()", "holds", "violated", "holds"),
        ("nn.Softmax(1)", "holds", "holds", "holds"),
        ("nn.Identity()", "violated", "not run", "holds"),
        ("nn.ReLU()", "violated", "not run", "violated"),
        ("nn.Tanh()", "violated", "not run", "holds"),
        ("nn.Softplus()", "violated", "not run", "holds"),
        ("nn.LogSoftmax(1)", "violated", "not run", "holds"),
    ],
)
def test_the_last_activation_shows_in_the_range(
    torch_probes: Prober, head: str, unit: str, rows: str, unclipped: str
) -> None:
    found = torch_probes(f"Net = lambda: nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 5), {head})", (3, 6))
    said = tuple(found[name].verdict for name in ("unit range", "row sum", "unclipped output"))
    assert said == (unit, rows, unclipped)


@pytest.mark.torch
def test_a_small_linear_output_is_no_probability(torch_probes: Prober) -> None:
    source = """
    def Net():
        head = nn.Linear(6, 1)
        head.weight.data *= 1e-2
        head.bias.data.fill_(0.5)
        return head
    """
    found = torch_probes(source, (3, 6))["unit range"]
    assert found.verdict == "violated"
    assert found.detail.endswith("with other weights")


@pytest.mark.torch
def test_two_linear_layers_in_a_row_are_one(torch_probes: Prober) -> None:
    source = "Net = lambda: nn.Sequential(nn.Linear(6, 16), nn.Dropout(), {}nn.Linear(16, 3))"
    wrong = torch_probes(source.format(""), (2, 6))["nonlinearity"]
    assert wrong == Probed("nonlinearity", "violated", "one linear map: `0` and `2`", ("0", "2"))
    assert torch_probes(source.format("nn.ReLU(), "), (2, 6))["nonlinearity"].verdict == "holds"
    assert torch_probes(source.format("nn.LayerNorm(16), "), (2, 6))["nonlinearity"].verdict == "not run"
    low_rank = "Net = lambda: nn.Sequential(nn.Linear(64, 4), nn.Linear(4, 64))"
    assert torch_probes(low_rank, (2, 64))["nonlinearity"].verdict == "not run"


@pytest.mark.torch
@pytest.mark.parametrize(
    "forward",
    [
        "self.b(F.gelu(self.a(x)))",
        "self.b(self.a(x) + x.tanh())",
        "self.b(y := self.a(x)) + y",
        "self.b(self.a(x) * x)",
    ],
)
def test_what_happens_between_two_layers_keeps_them_apart(torch_probes: Prober, forward: str) -> None:
    source = f"""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(6, 6), nn.Linear(6, 6)
        def forward(self, x):
            return {forward}
    """
    assert torch_probes(source, (2, 6))["nonlinearity"].verdict == "holds"


@pytest.mark.torch
def test_an_input_that_no_output_reads(torch_probes: Prober) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 3)
        def forward(self, x, mask):
            return self.fc(x{})
    """
    wrong = torch_probes(source.format(""), (2, 4), ((2, 4), "bool", None))["input relevance"]
    assert (wrong.verdict, wrong.paths) == ("violated", ("x1",))
    assert torch_probes(source.format(" * mask"), (2, 4), ((2, 4), "bool", None))["input relevance"].verdict == "holds"


@pytest.mark.torch
def test_tokens_in_and_a_dictionary_of_several_outputs_out(torch_probes: Prober) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.rnn, self.fc = nn.Embedding(11, 4), nn.LSTM(4, 6, batch_first=True), nn.Linear(6, 2)
        def forward(self, tokens, features):
            out, (h, c) = self.rnn(self.table(tokens) + features)
            scores = self.fc(out[:, -1])
            return {"logits": scores, "state": (h, c), "best": out.argmax(-1), "loss": out.mean(), "none": None}
    """
    found = torch_probes(source, ((2, 7), I, 11), (2, 7, 4))
    assert found["batch independence"].verdict == "holds"
    assert found["sample permutation"].verdict == "holds"
    assert found["input relevance"].verdict == "holds"
    mixed = torch_probes(
        source.replace("self.fc(out[:, -1])", "self.fc(out[:, -1]).cumsum(0)"), ((2, 7), I, 11), (2, 7, 4)
    )
    assert mixed["batch independence"].verdict == "violated"
    assert "of the output logits" in mixed["batch independence"].detail


@pytest.mark.torch
@pytest.mark.parametrize(
    ("source", "inputs", "reason"),
    [
        ("Net = None", [(2, 4)], "cannot be built"),
        ("Net = lambda: print", [(2, 4)], "is no torch module"),
        ("Net = lambda: nn.Linear(4, 2, device='meta')", [(2, 4)], "has no values"),
        ("Net = lambda: 1 / 0", [(2, 4)], "ZeroDivisionError"),
        ("Net = lambda: nn.Linear(8000, 8000)", [(2, 8000)], "too large: 64,008,000 parameters"),
        ("Net = lambda: nn.ReLU()", [(2000, 3000)], "too large: 6,000,000 numbers"),
        ("Net = lambda: nn.Linear(5, 2)", [(2, 4)], "mat1 and mat2 shapes cannot be multiplied"),
        ("class Net(nn.Module):\n    def forward(self, x): return (x - x) / (x - x)", [(2, 4)], "NaN or infinite"),
        ("class Net(nn.Module):\n    def forward(self, x): return 'text'", [(2, 4)], "returns no tensor"),
        ("class Net(nn.Module):\n    def forward(self, x): raise SystemExit(3)", [(2, 4)], "SystemExit"),
    ],
)
def test_what_cannot_be_probed_says_why(
    torch_probes: Prober, source: str, inputs: list[tuple[int, ...]], reason: str
) -> None:
    found = torch_probes(source, *inputs)
    assert {p.verdict for name, p in found.items() if name != "registration"} == {"not run"}
    assert reason in found["batch independence"].detail


@pytest.mark.torch
def test_a_scalar_output_and_a_single_sample_say_nothing_of_samples(torch_probes: Prober) -> None:
    loss = torch_probes("class Net(nn.Module):\n    def forward(self, x): return x.mean()", (2, 4))
    assert loss["batch independence"].detail == "no output has an axis of samples"
    one = torch_probes("Net = lambda: nn.Linear(4, 2)", (1, 4))
    assert one["batch independence"].detail == "no axis of the inputs holds two samples or more"
    similar = torch_probes("class Net(nn.Module):\n    def forward(self, x): return x @ x.T", (2, 4))
    assert "compares samples with each other" in similar["batch independence"].detail


@pytest.mark.torch
def test_double_precision_is_given_up_where_the_code_forbids_it(torch_probes: Prober) -> None:
    source = GOOD.replace("self.fc1(x)", "self.fc1(x.float())")
    assert torch_probes(source, (2, 12))["batch independence"].verdict == "holds"
    made = GOOD.replace("self.fc1(x)", "self.fc1(torch.cat([x[:, :6], torch.ones(len(x), 6)], 1))")
    assert torch_probes(made, (2, 12))["batch independence"].verdict == "holds"


@pytest.mark.torch
def test_a_slow_model_stops_at_its_budget(torch_probes: Prober) -> None:
    source = GOOD.replace(
        "return", "end = time.process_time() + 0.3\n        while time.process_time() < end: pass\n        return"
    )
    found = torch_probes("import time\n" + dedent(source), (2, 12), seconds=1.0)
    assert found["registration"].verdict == "holds"
    assert found["nonlinearity"].detail == "1 s of processor time are used up"


SEQUENTIAL = "Net = lambda: keras.Sequential([{}])"


@pytest.mark.keras
@pytest.mark.parametrize(
    ("layers", "probe", "verdict"),
    [
        ("keras.Input((5, 3)), L.Flatten(), L.Dense(20), L.Reshape((5, 4))", "step independence", "violated"),
        ("keras.Input((5, 3)), L.Dense(4)", "step independence", "holds"),
        ("keras.Input((5, 3)), L.LSTM(6, return_sequences=True), L.Dense(4)", "step independence", "holds"),
        ("keras.Input((5, 3)), L.Conv1D(6, 3, padding='same')", "step independence", "not run"),
        ("keras.Input((5, 3)), L.TimeDistributed(L.Dense(4))", "redundant wrapper", "violated"),
        ("keras.Input((5, 3, 2)), L.TimeDistributed(L.Flatten())", "redundant wrapper", "holds"),
        ("keras.Input((5,)), L.Dense(1, activation='softmax')", "varying output", "violated"),
        ("keras.Input((5,)), L.Dense(1, activation='sigmoid')", "varying output", "holds"),
        ("keras.Input((5,)), L.Dense(4, activation='softmax')", "row sum", "holds"),
        ("keras.Input((5,)), L.Dense(4, activation='sigmoid')", "row sum", "violated"),
        ("keras.Input((5,)), L.Dense(1, activation='sigmoid')", "unit range", "holds"),
        ("keras.Input((5,)), L.Dense(4)", "unit range", "violated"),
        ("keras.Input((5,)), L.Dense(9, activation='relu')", "unclipped output", "violated"),
        ("keras.Input((5,)), L.Dense(9)", "unclipped output", "holds"),
        ("keras.Input((5,)), L.Dense(9), L.Softmax(0)", "batch independence", "violated"),
        ("keras.Input((5,)), L.Dense(9), L.BatchNormalization()", "batch independence", "holds"),
        ("keras.Input((7,)), L.Embedding(30, 4), L.Flatten(), L.Dense(2)", "sample permutation", "holds"),
        ("keras.Input((5,)), L.Dropout(0.5), L.Dense(2)", "evaluation determinism", "holds"),
    ],
)
def test_keras_models(keras_probes: Prober, layers: str, probe: str, verdict: str) -> None:
    assert keras_probes(SEQUENTIAL.format(layers))[probe].verdict == verdict


@pytest.mark.keras
def test_keras_models_with_two_inputs_and_subclasses(keras_probes: Prober) -> None:
    two = """
    def Net():
        a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
        return keras.Model([a, b], L.Dense(3)(a))
    """
    found = keras_probes(two)["input relevance"]
    assert (found.verdict, found.paths) == ("violated", ("b",))
    assert keras_probes(two.replace("(a))", "(L.Add()([a, b])))"))["input relevance"].verdict == "holds"
    own = """
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.spare, self.many = L.Dense(4), L.Dense(5), [L.Dense(2)]
        def call(self, x, training=False):
            return keras.random.dropout(self.many[0](self.first(x)), 0.5)
    """
    found_own = keras_probes(own, (None, 6))
    assert found_own["layer use"] == Probed("layer use", "violated", "never called: `spare`", ("spare",))
    assert found_own["evaluation determinism"].verdict == "violated"
    used = keras_probes(own.replace("self.first(x)", "self.spare(self.first(x))"), (None, 6))["layer use"]
    assert (used.verdict, used.paths) == ("holds", ("first", "many", "spare"))


GRAPH = """
def graph():
    x = tf.placeholder(tf.float32, [None, 8], "x")
    w = tf.get_variable("w", [8, 10])
    y = tf.matmul(x, w)
    return [x], [{}]
"""


@pytest.mark.tf1
@pytest.mark.parametrize(
    ("output", "probe", "verdict"),
    [
        ("tf.nn.relu(y)", "unclipped output", "violated"),
        ("y", "unclipped output", "holds"),
        ("tf.nn.softmax(y)", "row sum", "holds"),
        ("tf.nn.sigmoid(y)", "row sum", "violated"),
        ("tf.nn.softmax(y, axis=0)", "batch independence", "violated"),
        ("y", "batch independence", "holds"),
        ("tf.nn.dropout(y, rate=0.5)", "evaluation determinism", "violated"),
        ("y", "evaluation determinism", "holds"),
        ("tf.reshape(y, [-1, 5])", "row per sample", "violated"),
        ("y", "row per sample", "holds"),
        ("tf.nn.softmax(tf.reduce_sum(y, 1, keepdims=True))", "varying output", "violated"),
        ("y", "varying output", "holds"),
    ],
)
def test_graphs(tf1_probes: Prober, output: str, probe: str, verdict: str) -> None:
    assert tf1_probes(GRAPH.format(output))[probe].verdict == verdict


def findings(source: str, code: str) -> list[Diagnostic]:
    load("archlint_rules")
    report = check_texts({"model.py": dedent(source)})
    return [d for d in report.diagnostics if d.code == code]


def only(source: str, code: str) -> Diagnostic:
    (found,) = findings(source, code)
    return found


IMPORTS = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def test_a_gradient_speaks_of_the_layer_of_the_finding_alone() -> None:
    spare = GOOD.replace("super().__init__()", "super().__init__(); self.spare = nn.Linear(2, 2)")
    finding = only(IMPORTS + spare, "ARC605")
    assert standing(finding, [Probed("gradient flow", "violated", "", ("spare.weight", "spare.bias"))]) == "confirmed"
    assert standing(finding, [Probed("gradient flow", "violated", "", ("spare2.weight",))]) == "not tested"
    assert standing(finding, [Probed("gradient flow", "holds", "", ("fc1.weight", "spare.weight"))]) == "refuted"
    assert standing(finding, [Probed("gradient flow", "holds", "", ("fc1.weight",))]) == "not tested"
    assert standing(finding, [Probed("gradient flow", "not run", "why")]) == "not tested"
    assert standing(finding, [Probed("registration", "violated", "", ("spare",))]) == "not tested"
    assert standing(finding, []) == "not tested"


def test_registration_speaks_of_the_attribute_of_the_finding() -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(4, 4) for _ in range(3)]
        def forward(self, x):
            for layer in self.layers:
                x = torch.relu(layer(x))
            return x
    """
    finding = only(IMPORTS + dedent(source), "ARC602")
    assert standing(finding, [Probed("registration", "violated", "", ("layers",))]) == "confirmed"
    assert standing(finding, [Probed("registration", "violated", "", ("block.layers",))]) == "not tested"
    assert standing(finding, [Probed("registration", "holds", "", ("layers",))]) == "refuted"
    assert standing(finding, [Probed("registration", "holds")]) == "not tested"


def test_rows_speak_of_the_reshape_with_that_ratio() -> None:
    source = VIEW.format(256).replace("forward(self, x):", "forward(self, x):  # archlint: input=(N, 3, 16, 16)")
    finding = only(IMPORTS + source, "ARC201")
    assert standing(finding, [Probed("row per sample", "violated", "2 samples give 8 rows")]) == "confirmed"
    assert standing(finding, [Probed("row per sample", "violated", "2 samples give 6 rows")]) == "not tested"
    assert standing(finding, [Probed("row per sample", "holds", "2 samples give 2 rows")]) == "not tested"


KERAS = "import keras\nfrom keras import layers as L\n"
STEPS = "L.LSTM(6, return_sequences=True), L.Flatten(), L.Dense(20), L.Reshape((5, 4))"
FLAT = f"model = keras.Sequential([keras.Input((5, 3)), {STEPS}])\n"
MODEL = "def Net():\n    return model\n"


@pytest.mark.torch
def test_findings_in_torch_and_what_the_probes_of_the_same_source_say(torch_probes: Prober) -> None:
    source = GOOD.replace("super().__init__()", "super().__init__(); self.spare = nn.Linear(2, 2)")
    source = source.replace("torch.tanh(self.fc1(x))", "self.more[1](self.more[0](self.fc1(x)))")
    source = source.replace("self.fc1,", "self.more = [nn.Linear(16, 16), nn.Tanh()]; self.fc1,")
    found = torch_probes(source, (2, 12))
    assert standing(only(IMPORTS + source, "ARC605"), found.values()) == "confirmed"
    assert standing(only(IMPORTS + source, "ARC602"), found.values()) == "confirmed"
    better = source.replace("self.fc2(", "self.fc2(0 * self.spare(x[:, :2]).sum() + ")
    assert standing(only(IMPORTS + source, "ARC605"), torch_probes(better, (2, 12)).values()) == "refuted"
    better = source.replace("[nn.Linear(16, 16), nn.Tanh()]", "nn.ModuleList([nn.Linear(16, 16), nn.Tanh()])")
    assert standing(only(IMPORTS + source, "ARC602"), torch_probes(better, (2, 12)).values()) == "refuted"
    rows = VIEW.format(256).replace("forward(self, x):", "forward(self, x):  # archlint: input=(N, 3, 16, 16)")
    assert standing(only(IMPORTS + rows, "ARC201"), torch_probes(rows, (2, 3, 16, 16)).values()) == "confirmed"


@pytest.mark.keras
def test_findings_in_keras_and_what_the_probes_of_the_same_source_say(keras_probes: Prober) -> None:
    assert standing(only(KERAS + FLAT, "ARC204"), keras_probes(FLAT + MODEL).values()) == "confirmed"
    wrapped = "model = keras.Sequential([keras.Input((5, 3)), L.TimeDistributed(L.Dense(4, name='a'), name='steps')])\n"
    assert standing(only(KERAS + wrapped, "ARC205"), keras_probes(wrapped + MODEL).values()) == "confirmed"


def test_step_independence_speaks_of_the_dense_layer_over_all_steps() -> None:
    finding = only(KERAS + FLAT, "ARC204")
    assert standing(finding, [Probed("step independence", "violated")]) == "confirmed"
    assert standing(finding, [Probed("step independence", "holds")]) == "refuted"
    assert standing(finding, [Probed("step independence", "not run")]) == "not tested"


def test_contradicting_probes_settle_nothing() -> None:
    spare = GOOD.replace("super().__init__()", "super().__init__(); self.spare = nn.Linear(2, 2)")
    finding = only(IMPORTS + spare, "ARC605")
    both = [Probed("gradient flow", "violated", "", ("spare.weight",)), Probed("layer use", "holds", "", ("spare",))]
    assert standing(finding, both) == "not tested"


def test_every_claim_names_a_probe_that_a_side_runs() -> None:
    sides = "".join((RUN / "archlint_child" / f"{side}_probes.py").read_text() for side in ("torch", "keras", "tf1"))
    for claims in STANDS_FOR.values():
        for claim in claims:
            assert f'("{claim.probe}", ' in sides
            assert {claim.confirms, claim.refutes} <= {"", "holds", "violated"}


def test_the_child_has_the_syntax_of_old_pythons() -> None:
    for path in sorted((RUN / "archlint_child").glob("*prob*.py")):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))

"""PyTorch in the child: sources in, executed shapes, parameters, formulas and the framework's own messages out.

ARCHLINT_TEST_PYTHON is an interpreter with torch, else the one that runs the tests.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from archlint.run import formulas
from archlint.run.host import Children
from archlint.run.instrument import instrument
from archlint.run.records import Attempt, Executed, Given, Outcome, Settings, Target, Value

pytestmark = pytest.mark.torch

IMAGES = Given("x", (2, 3, 32, 48))
OTHER = Given("x", (3, 3, 40, 64))
HEAD = """
import torch
import torch.nn as nn
import torch.nn.functional as F
"""


@dataclass(slots=True)
class Child:
    """The processes of one interpreter, and where test programs are written."""

    children: Children
    folder: Path
    programs: int = 0
    sites: int = 0
    texts: dict[int, str] = field(default_factory=dict)

    def run(self, source: str, name: str = "Net", *tensors: Given, **options: Any) -> Ran:
        """Call a class or function of a program on the tensors (images by default); `name=""`: run it as a script."""
        self.programs += 1
        path = self.folder / f"program_{self.programs}.py"
        text = HEAD + dedent(source)
        path.write_text(text, encoding="utf-8")
        rewritten = instrument(text, self.sites)
        self.texts |= {self.sites + n: text[s.start : s.end] for n, s in enumerate(rewritten.sites)}
        self.sites += len(rewritten.sites)
        given = tensors or (IMAGES,)
        attempts = options.pop("attempts", (Attempt(given, options.pop("second", ())),))
        kind = "script" if not name else "function" if name[0].islower() else "class"
        target = Target(f"t{self.programs}", str(path), name, kind, "torch", attempts=attempts, **options)  # type: ignore[arg-type]
        outcome = self.children.run(target, {str(path): rewritten})
        assert outcome.status != "missing", outcome.reason
        return Ran(outcome, self.texts)


@dataclass(slots=True)
class Ran:
    """An outcome with the text of every site."""

    outcome: Outcome
    texts: dict[int, str]

    @property
    def strategies(self) -> list[str]:
        """How each run was made."""
        return [run.strategy for run in self.outcome.runs]

    @property
    def message(self) -> str:
        """What the first failure says."""
        return self.outcome.failures[0].message

    def values(self, text: str, run: int = 0) -> list[Value]:
        """What expressions that begin with `text` evaluated to, in order."""
        visits = self.outcome.runs[run].visits
        return [visit.value for visit in visits if self.texts[visit.site].startswith(text)]

    def shape(self, text: str, run: int = 0) -> tuple[Any, ...]:
        """The shape of the one expression that begins with `text`."""
        (value,) = self.values(text, run)
        assert isinstance(value, Executed)
        return value.shape

    def output(self, run: int = 0) -> tuple[Any, ...]:
        """The shape of what the model returned."""
        value = self.outcome.runs[run].output
        assert isinstance(value, Executed), self.outcome
        return value.shape


@pytest.fixture(scope="module")
def child(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    folder = tmp_path_factory.mktemp("torch")
    with Children(Settings(python, (str(folder),), timeout=60, cpu=60, unsafe=True)) as children:
        yield Child(children, folder)


CONVOLUTION = """
class Net(nn.Module):
    def __init__(self, channels=12):
        super().__init__()
        self.conv = nn.Conv2d(3, channels, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.head = nn.Linear(channels, 10)

    def forward(self, x):
        y = F.relu(self.norm(self.conv(x)))
        z = torch.cat([y, y], dim=1)
        width = 2 * z.size(3)
        return self.head(y.mean((2, 3)))
"""


def test_every_expression_is_told_with_its_module(child: Child) -> None:
    ran = child.run(CONVOLUTION)
    assert ran.outcome.status == "ran"
    assert ran.shape("self.conv(x)") == (2, 12, 16, 24)
    assert ran.shape("torch.cat") == (2, 24, 16, 24)
    assert ran.values("2 * z.size") == [48]
    assert ran.output() == (2, 10)
    assert {visit.owner for visit in ran.outcome.runs[0].visits} == {""}


def test_modules_have_their_own_parameters_and_the_output_of_the_call(child: Child) -> None:
    (model,) = child.run(CONVOLUTION, kwargs={"channels": 8}).outcome.models
    facts = {fact.path: fact for fact in model.modules}
    assert (model.cls, model.params) == ("Net", 3 * 8 * 9 + 16 + 90)
    assert {path: fact.params for path, fact in facts.items()} == {"": 0, "conv": 216, "norm": 16, "head": 90}
    assert facts["conv"].output == Executed((2, 8, 16, 24), "float32")
    assert facts["head"].cls == "Linear"


def test_the_same_call_with_other_sizes(child: Child) -> None:
    ran = child.run(CONVOLUTION, second=(OTHER,))
    assert ran.outcome.runs[1].shapes == ((3, 3, 40, 64),)
    assert ran.shape("self.conv(x)", run=1) == (3, 12, 20, 32)
    assert len(ran.values("nn.Conv2d", run=1)) == 1  # construction comes with each run


def test_formulas_hold_at_both_sizes(child: Child) -> None:
    ran = child.run(CONVOLUTION, second=(OTHER,))
    assert ran.strategies == ["fake", "fake", "symbolic"]
    symbols = ran.outcome.runs[2].shapes[0]
    for number, given in ((0, IMAGES), (1, OTHER)):
        sizes = formulas.sizes_of(symbols, given.shape)
        assert len(sizes) == 3
        assert formulas.all_hold(ran.outcome.runs[2].guards, sizes) is True
        formula = [formulas.size_at(str(size), sizes) for size in ran.shape("self.conv(x)", run=2)]
        assert formula == list(ran.shape("self.conv(x)", run=number))


def test_guards_say_which_inputs_fit(child: Child) -> None:
    ran = child.run(
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(12 * 8 * 12, 10)
                self.conv = nn.Conv2d(3, 12, 3, padding=1)

            def forward(self, x):
                y = F.max_pool2d(self.conv(x), 4)
                return self.head(y.flatten(1))
        """,
        second=(Given("x", (3, 3, 48, 32)),),
    )
    guards, symbols = ran.outcome.runs[2].guards, ran.outcome.runs[2].shapes[0]
    assert formulas.all_hold(guards, formulas.sizes_of(symbols, (2, 3, 32, 48))) is True
    assert formulas.all_hold(guards, formulas.sizes_of(symbols, (5, 3, 33, 49))) is True
    assert formulas.all_hold(guards, formulas.sizes_of(symbols, (5, 3, 40, 48))) is False


@pytest.mark.parametrize(
    ("layers", "given", "second", "formula"),
    [
        ("F.interpolate(x, scale_factor=2)", (2, 3, 8, 9), (3, 3, 10, 7), (3, 3, 20, 14)),
        ("nn.LSTM(5, 6, batch_first=True)(x)[0]", (2, 7, 5), (3, 11, 5), (3, 11, 6)),
        ("F.adaptive_avg_pool2d(x, (1, 4))", (2, 3, 8, 9), (3, 3, 10, 7), (3, 3, 1, 4)),
        ("torch.cat([x, F.pad(x, (1, 2))], 2)", (2, 3, 8), (5, 3, 9), (5, 3, 21)),
    ],
)
def test_formulas_of_operators_made_of_others(
    child: Child, layers: str, given: tuple[int, ...], second: tuple[int, ...], formula: tuple[int, ...]
) -> None:
    source = f"""
    class Net(nn.Module):
        def forward(self, x):
            return {layers}
    """
    ran = child.run(source, "Net", Given("x", given), second=(Given("x", second),))
    sizes = formulas.sizes_of(ran.outcome.runs[2].shapes[0], second)
    assert formulas.all_hold(ran.outcome.runs[2].guards, sizes) is True
    assert tuple(formulas.size_at(str(size), sizes) for size in ran.output(2)) == formula == ran.output(1)


@pytest.mark.parametrize(
    "body",
    [
        "x = x * 2 if x.sum() > 0 else x",
        "x = torch.from_numpy(x.numpy() * 2)",
        "x = x + int(x.max())",
        "x = x + len(x[x > 0].tolist()) * 0",
        "x = x + torch.unique(torch.ones(3)).item()",
    ],
)
def test_code_that_looks_at_values_is_called_with_real_ones(child: Child, body: str) -> None:
    ran = child.run(
        f"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 5, 3)

            def forward(self, x):
                {body}
                return self.conv(x)
        """,
        second=(OTHER,),
    )
    assert (ran.outcome.status, ran.strategies, ran.outcome.failures) == ("ran", ["real", "real"], [])
    assert (ran.output(0), ran.output(1)) == ((2, 5, 30, 46), (3, 5, 38, 62))
    assert len(ran.values("self.conv(x)")) == 1  # what was visited without values is forgotten


def test_code_for_an_accelerator_runs_on_the_processor(child: Child) -> None:
    ran = child.run(
        """
        device = torch.device("cuda:0")
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 5, 3).cuda()
                self.scale = nn.Parameter(torch.ones(1, device="cuda"))
                self.to(device)
                torch.cuda.set_device(0)

            def forward(self, x):
                x = x.to("cuda").cuda(non_blocking=True) + torch.zeros(1, device=0) + torch.cuda.FloatTensor(1)
                return self.conv(x.type("torch.cuda.FloatTensor")) * self.scale.to(device)

        def parallel():
            return nn.DataParallel(Net(), device_ids=[0, 1]).cuda()

        def distributed():
            return nn.parallel.DistributedDataParallel(Net().cuda(), device_ids=[0], find_unused_parameters=True)
        """
    )
    assert (ran.outcome.status, ran.output()) == ("ran", (2, 5, 30, 46))


@pytest.mark.parametrize("wrapper", ["DataParallel", "parallel.DistributedDataParallel"])
def test_parallel_wrappers_call_the_module(child: Child, wrapper: str) -> None:
    source = f"def build():\n    return nn.{wrapper}(nn.Conv2d(3, 5, 3), device_ids=[0]).cuda()"
    ran = child.run(source, "build")
    assert ran.output() == (2, 5, 30, 46)
    assert [fact.path for fact in ran.outcome.models[0].modules] == ["", "module"]


def test_weights_are_neither_downloaded_nor_read(child: Child) -> None:
    ran = child.run(
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 5, 3)
                weights = torch.hub.load_state_dict_from_url("https://example.org/weights.pth")
                weights["conv.weight"] = weights["conv.weight"].sum(1, keepdim=True) / 3
                weights.pop("head.bias")
                self.load_state_dict(weights)
                checkpoint = torch.load("best.pth", map_location="cuda")
                self.load_state_dict({k.replace("module.", ""): v for k, v in checkpoint["model"].items()})

            def forward(self, x):
                return self.conv(x)
        """
    )
    assert (ran.outcome.status, ran.output()) == ("ran", (2, 5, 30, 46))


def test_a_model_of_the_hub_says_that_the_network_is_closed(child: Child) -> None:
    ran = child.run("def build():\n    return torch.hub.load('someone/models', 'net', pretrained=True)", "build")
    assert (ran.outcome.status, ran.outcome.failures[0].phase) == ("failed", "import")
    assert ran.message == "torch.hub.load('someone/models', 'net') needs the network, which is closed"


def test_compilers_and_checkpoints_do_not_stand_in_the_way(child: Child) -> None:
    ran = child.run(
        """
        from torch.utils.checkpoint import checkpoint

        @torch.jit.script
        def doubled(x: torch.Tensor) -> torch.Tensor:
            return torch.cat([x, x], 1)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = torch.compile(nn.Conv2d(6, 5, 3))

            @torch.compile(dynamic=True)
            def forward(self, x):
                return checkpoint(self.conv, doubled(x), use_reentrant=False)

        def build():
            return torch.jit.script(torch.compile(Net()))
        """,
        "build",
    )
    assert ran.output() == (2, 5, 30, 46)
    assert ran.shape("torch.cat") == (2, 6, 32, 48)


@pytest.mark.parametrize(
    ("forward", "message"),
    [
        ("self.head(self.conv(x).flatten(1))", "mat1 and mat2 shapes cannot be multiplied (2x6900 and 768x10)"),
        ("self.conv(x[:, :1])", "to have 3 channels, but got 1 channels instead"),
        ("x.view(2, 5, -1)", "shape '[2, 5, -1]' is invalid for input of size 9216"),
        ("torch.cat([x, x[:, :, 1:]], 1)", "Sizes of tensors must match except in dimension 1"),
        ("x @ x", "Expected size for first two dimensions of batch2 tensor to be: [6, 48]"),
        ("self.haed(x)", "'Net' object has no attribute 'haed'"),
    ],
)
def test_a_failure_has_the_message_of_a_real_call(child: Child, forward: str, message: str) -> None:
    ran = child.run(
        f"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 5, 3)
                self.head = nn.Linear(768, 10)

            def forward(self, x):
                return {forward}
        """
    )
    (failure,) = ran.outcome.failures
    assert (ran.outcome.status, failure.phase, failure.attempt) == ("failed", "run", 0)
    assert message in failure.message
    assert [frame[1:] for frame in failure.frames] == [(13, "forward")]
    assert ran.strategies == ["build"]  # what was constructed is known all the same
    assert ran.outcome.models[0].params == 140 + 7690


def test_attempts_are_made_in_order_until_one_works(child: Child) -> None:
    attempts = tuple(Attempt((Given("x", (2, channels, 32, 48)),)) for channels in (1, 4, 3, 2))
    ran = child.run(CONVOLUTION, attempts=attempts)
    assert [failure.attempt for failure in ran.outcome.failures] == [0, 1]
    assert (ran.outcome.status, ran.outcome.runs[0].attempt, ran.output()) == ("ran", 2, (2, 10))


def test_sizes_that_only_the_second_call_rejects_are_a_note(child: Child) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            return x.view(2, -1)
    """
    ran = child.run(source, second=(Given("x", (3, 3, 5, 5)),))
    assert ran.outcome.status == "ran"
    assert any(note.startswith("second sizes: RuntimeError: shape '[2, -1]'") for note in ran.outcome.notes)


def test_construction_fails_with_its_own_error(child: Child) -> None:
    ran = child.run(
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 4, 3, groups=2)
        """
    )
    assert (ran.outcome.failures[0].phase, ran.message) == ("build", "in_channels must be divisible by groups")


def test_an_initialiser_that_is_skipped_still_checks_its_argument(child: Child) -> None:
    ran = child.run("def build():\n    layer = nn.Linear(9, 9000)\n    nn.init.xavier_uniform_(layer.bias)", "build")
    assert ran.message == "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"


def test_an_import_fails_with_its_own_error(child: Child) -> None:
    ran = child.run("raise ValueError('no configuration')")
    assert (ran.outcome.failures[0].phase, ran.message) == ("import", "no configuration")


def test_arguments_by_name_by_keyword_and_by_default(child: Child) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(7, 5)

        def forward(self, tokens, mask=None, *, scale):
            return self.embed(tokens) * scale, {"mask": mask, "scale": scale}
    """
    tokens, scale = Given("tokens", (2, 9), "int64", 7), Given("scale", (2, 9, 5))
    ran = child.run(source, "Net", tokens, scale)
    shaped = Executed((2, 9, 5), "float32")
    assert ran.outcome.runs[0].output == (shaped, {"mask": None, "scale": shaped})
    unnamed = child.run(source, "Net", Given("a", (2, 9), "int64", 7), Given("b", (2, 9, 5)))
    assert unnamed.outcome.runs[0].output == ran.outcome.runs[0].output


def test_parts_of_one_argument(child: Child) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, batch, pair):
            a, b = pair
            return batch["image"].flatten(1), a @ b
    """
    given = Given("batch['image']", (2, 3, 4)), Given("pair[0]", (2, 5)), Given("pair[1]", (5, 6))
    first, second = Executed((2, 12), "float32"), Executed((2, 6), "float32")
    assert child.run(source, "Net", *given).outcome.runs[0].output == (first, second)


def test_lazy_layers_are_counted_after_the_call(child: Child) -> None:
    source = "def build():\n    return nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(5))"
    ran = child.run(source, "build")
    assert ran.output() == (2, 5)
    assert ran.outcome.models[0].params == 3 * 4 * 9 + 4 + 4 * 30 * 46 * 5 + 5


def test_what_forward_keeps_does_not_reach_the_next_call(child: Child) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen = []
            self.late = None

        def forward(self, x):
            self.seen.append(x)
            if self.late is None:
                self.late = nn.Conv2d(3, len(self.seen), 3)
                self.mask = torch.ones_like(x)
            return self.late(x * self.mask)
    """
    ran = child.run(source, second=(OTHER,))
    assert [ran.output(n) for n in (0, 1)] == [(2, 1, 30, 46), (3, 1, 38, 62)]
    assert ran.strategies[2] == "symbolic"


def test_a_layer_called_twice_has_an_output_where_both_agree(child: Child) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.relu, self.pool = nn.ReLU(), nn.MaxPool2d(2)

        def forward(self, x):
            return self.pool(self.pool(self.relu(self.relu(x))))
    """
    facts = {fact.path: fact.output for fact in child.run(source).outcome.models[0].modules}
    assert facts["relu"] == Executed((2, 3, 32, 48), "float32")
    assert facts["pool"] is None


def test_several_models_of_one_function(child: Child) -> None:
    source = "def build():\n    return {'wide': nn.Conv2d(3, 64, 3), 'narrow': nn.Conv2d(1, 4, 3)}"
    ran = child.run(source, "build")
    assert [(model.name, model.params) for model in ran.outcome.models] == [
        ("build['wide']", 1792),
        ("build['narrow']", 40),
    ]
    assert ran.output() == (2, 64, 30, 46)
    assert "to have 1 channels" in ran.message  # the other one does not take these images


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def build():\n    return None", "build() gives None, no torch.nn.Module"),
        ("def build():\n    return 3", "build() gives a int, no torch.nn.Module"),
        (
            "import pytorch_lightening as pl\nclass Net(pl.LightningModule):\n    pass\ndef build():\n    return Net()",
            "its base class pytorch_lightening.LightningModule is not installed",
        ),
    ],
)
def test_what_is_no_model(child: Child, source: str, message: str) -> None:
    ran = child.run(source, "build")
    assert (ran.outcome.status, ran.outcome.failures[0].phase, ran.message) == ("failed", "import", message)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("torch.Generator(device='cuda')", "needs an accelerator: Cannot get CUDA generator without ATen_cuda library"),
        ("torch.cuda.get_device_properties(0)", "needs an accelerator: "),
        ("__import__('urllib.request').request.urlopen('http://example.org')", "needs the network: "),
        ("einopz.rearrange(x, 'a -> a')", "einopz.rearrange was called, but einopz is not installed"),
    ],
)
def test_what_the_system_has_not_got_is_no_failure_of_the_model(child: Child, expression: str, message: str) -> None:
    source = f"""
    import einopz
    class Net(nn.Module):
        def forward(self, x):
            return {expression}
    """
    (failure,) = child.run(source).outcome.failures
    assert failure.phase == "import"
    assert message in failure.message


def test_lengths_are_those_of_the_sequences(child: Child) -> None:
    source = """
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(5, 6, batch_first=True)

        def forward(self, x, lengths):
            packed, _ = self.rnn(pack_padded_sequence(x, lengths, batch_first=True))
            return pad_packed_sequence(packed, batch_first=True)[0]
    """
    ran = child.run(source, "Net", Given("x", (2, 9, 5)), Given("lengths", (2,), "int64"))
    assert (ran.strategies, ran.output()) == (["real"], (2, 9, 6))


def test_a_cached_table_is_made_anew_for_a_real_call(child: Child) -> None:
    source = """
    import functools
    @functools.lru_cache(maxsize=None)
    def positions(count):
        return torch.arange(count).float()

    class Net(nn.Module):
        def forward(self, x):
            y = x + positions(x.shape[-1])
            return y if y.sum() > 0 else x
    """
    assert child.run(source, second=(OTHER,)).strategies == ["real", "real"]


def test_containers_keep_their_class_and_identity_between_calls(child: Child) -> None:
    source = """
    class Config(dict):
        __getattr__ = dict.__getitem__

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.config = Config(scale=2)
            self.widths = self.seen = [1]

        def forward(self, x):
            self.seen.append(self.config.scale)
            return x[:, : len(self.widths)]
    """
    ran = child.run(source, second=(OTHER,))
    assert [ran.output(n) for n in (0, 1)] == [(2, 2, 32, 48), (3, 2, 40, 64)]


def test_a_class_whose_base_is_not_installed(child: Child) -> None:
    source = """
    import pytorch_lightening as pl
    class Net(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.save_hyperparameters()
    """
    assert child.run(source).message == "its base class pytorch_lightening.LightningModule is not installed"


def test_a_script_trains_nothing_and_its_models_are_called(child: Child) -> None:
    ran = child.run(
        """
        from torch.utils.data import DataLoader, TensorDataset
        body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        model = nn.Sequential(body, nn.Linear(4, 2))
        criterion = nn.CrossEntropyLoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        data = TensorDataset(torch.randn(64, 3, 16, 16), torch.zeros(64, dtype=torch.long))
        steps = 0
        for epoch in range(1000):
            for x, y in DataLoader(data, batch_size=8, num_workers=4) if epoch == 0 else ():
                loss = criterion(model(x), y)
                optimizer.zero_grad(); loss.backward(); optimizer.step()
                steps = steps + 1
        undefined_name
        torch.save(model.state_dict(), "/nowhere/model.pth")
        """,
        "",
    )
    assert [(model.name, model.params) for model in ran.outcome.models] == [("model", 122)]
    assert [failure.message for failure in ran.outcome.statements] == ["name 'undefined_name' is not defined"]
    assert ran.values("steps + 1") == [1]
    assert (ran.outcome.status, ran.output()) == ("ran", (2, 2))


def test_a_script_that_calls_its_model_itself_has_run(child: Child) -> None:
    script = """
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
        scores = model(torch.randn(1, 3, 16, 16))
        """
    ran = child.run(script, "", attempts=())
    assert (ran.outcome.status, ran.strategies) == ("ran", ["script"])
    assert [(m.path, m.output.shape) for m in ran.outcome.models[0].modules if m.path] == [
        ("0", (1, 4, 14, 14)),
        ("1", (1, 4, 14, 14)),
    ]
    built = child.run("model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())", "", attempts=())
    assert built.strategies == ["build"]


def test_weights_of_a_hub_are_stood_in_for(child: Child) -> None:
    if child.run("import huggingface_hub, safetensors\nmodel = nn.ReLU()", "").outcome.statements:
        pytest.skip("needs huggingface_hub and safetensors")
    source = """
        from huggingface_hub import hf_hub_download
        from safetensors.torch import load_file
        class Net(nn.Module):
            def __init__(self, config=None):
                super().__init__()
                self.conv = nn.Conv2d(3, 4, 3)
                hf_hub_download("zoo/net", filename="config.json", revision="main")
                self.load_state_dict(load_file(hf_hub_download("zoo/net", filename="model.safetensors")))
            def forward(self, x):
                return self.conv(x)
        class Configured(Net):
            def __init__(self):
                super().__init__()
                with open(hf_hub_download("zoo/net", "config.json")) as file:
                    self.text = file.read()
        """
    assert child.run(source).output() == (2, 4, 30, 46)
    assert child.run(source, "Configured").message == "config.json of zoo/net needs the network, which is closed"


def test_a_model_larger_than_memory_has_shapes(child: Child) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.wide, self.head = nn.Linear(1_000_000, 1_000_000), nn.Linear(1_000_000, 3)

        def forward(self, x):
            return self.head(self.wide(x))
    """
    ran = child.run(source, "Net", Given("x", (2, 1_000_000)))
    assert ran.outcome.models[0].params == 10**12 + 10**6 + 3 * 10**6 + 3
    assert ran.output() == (2, 3)


def test_a_force_that_is_a_gradient(child: Child) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.energy = nn.Linear(3, 1)

        def forward(self, x):
            x.requires_grad_()
            return -torch.autograd.grad(self.energy(x).sum(), x)[0]
    """
    assert child.run(source, "Net", Given("x", (4, 3))).output() == (4, 3)


def test_a_program_that_leaves_or_never_ends_says_so(child: Child) -> None:
    assert child.run("import sys\nclass Net(nn.Module):\n    def forward(self, x):\n        sys.exit(3)").message
    deep = child.run("class Net(nn.Module):\n    def forward(self, x):\n        return self(x)")
    assert (deep.outcome.status, deep.outcome.failures[0].type) == ("failed", "RecursionError")


def has(python: str, package: str) -> bool:
    """Is a package installed beside torch?"""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-I", "-c", code], timeout=60).returncode == 0


def test_a_model_of_torchvision_with_a_new_head(child: Child, python: str) -> None:
    if not has(python, "torchvision"):
        pytest.skip("torchvision is not installed")
    ran = child.run(
        """
        from torchvision import models
        def build():
            net = models.resnet18(pretrained=True)
            net.fc = nn.Linear(net.fc.in_features, 7)
            return net
        """,
        "build",
        Given("x", (2, 3, 224, 192)),
        second=(Given("x", (3, 3, 160, 256)),),
    )
    assert ran.outcome.models[0].params == 11_689_512 - 513_000 + 513 * 7
    facts = {fact.path: fact for fact in ran.outcome.models[0].modules}
    assert facts["layer4.1"].output == Executed((2, 512, 7, 6), "float32")
    assert (ran.strategies, ran.output(1)) == (["fake", "fake", "symbolic"], (3, 7))


def test_boxes_are_picked_where_the_compiled_operators_are_missing(child: Child, python: str) -> None:
    if not has(python, "torchvision"):
        pytest.skip("torchvision is not installed")
    source = """
    from torchvision.ops import nms, roi_align
    class Net(nn.Module):
        def forward(self, boxes):
            kept = nms(boxes, torch.tensor([0.5, 0.9, 0.7]), 0.5)
            fixed = torch.tensor([[0., 0., 4., 4.], [0., 0., 4., 3.9], [9., 9., 11., 12.]])
            picked = nms(fixed, torch.tensor([0.5, 0.9, 0.7]), 0.5)
            assert picked.tolist() == [1, 2], picked
            return roi_align(torch.ones(1, 5, 16, 16), [fixed], output_size=(2, 3))
    """
    assert child.run(source, "Net", Given("boxes", (3, 4))).output() == (3, 5, 2, 3)


def test_probes_are_made_on_a_model_with_its_weights(python: str, tmp_path: Path) -> None:
    settings = Settings(python, (str(tmp_path),), timeout=60, cpu=60, probe=True, symbolic=False, unsafe=True)
    with Children(settings) as children:
        ran = Child(children, tmp_path).run(CONVOLUTION)
    verdicts = {probe.probe: probe.verdict for probe in ran.outcome.probes}
    assert verdicts["batch independence"] == verdicts["gradient flow"] == "holds"
    assert ran.strategies == ["fake"]


def test_an_index_out_of_range_is_seen_although_shapes_fit(child: Child) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.positions = nn.Embedding(10, 4), nn.Embedding(16, 4)

        def forward(self, tokens):
            return self.words(tokens) + self.positions(torch.arange(tokens.size(1)))
    """
    attempts = tuple(Attempt((Given("tokens", (2, steps), "int64", 10),)) for steps in (30, 9))
    ran = child.run(source, attempts=attempts)
    assert [(f.attempt, f.type, f.message) for f in ran.outcome.failures] == [
        (0, "IndexError", "index out of range in self")
    ]
    assert (ran.output(), ran.strategies) == ((2, 9, 4), ["fake", "symbolic"])
    assert ran.values("tokens.size(1)") == [9]


def test_an_initialiser_of_the_program_in_torchs_place_is_seen_as_often_as_it_is_called(child: Child) -> None:
    """torch's own dispatches to whatever stands under its name: to the program's again."""
    source = """
    FILL = torch.nn.init.normal_

    def careful(tensor, mean=0.0, std=1.0, generator=None):
        return FILL(tensor, mean=mean, std=std, generator=generator)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 64, 7)
            torch.nn.init.normal_ = careful
            careful(self.conv.weight)
            torch.nn.init.normal_ = FILL

        def forward(self, x):
            return self.conv(x)
    """
    ran = child.run(source)
    assert [value.shape for value in ran.values("FILL(") if isinstance(value, Executed)] == [(64, 3, 7, 7)]

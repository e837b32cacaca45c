"""The whole way: a user's file in, verdicts and findings out.  The models are built and run for real."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from archlint.configuration import Configuration
from archlint.configuration.by_file import run_options
from archlint.diagnostic import Report
from archlint.options import Options, parse_input
from archlint.plugins import load_rules
from archlint.project import Project
from archlint.run.verify import Request, verify
from archlint.verdict import Verification

ROOT = Path(__file__).parents[2]
Verify = Callable[..., tuple[Report, Verification]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str) -> Verify:
    """Writes a file (or takes one that is there), runs its models: report and verification."""
    load_rules()
    monkeypatch.chdir(tmp_path)

    def verified(source: str | Path, inputs: str = "", **more: object) -> tuple[Report, Verification]:
        path = source if isinstance(source, Path) else tmp_path / "model.py"
        if isinstance(source, str):
            path.write_text(textwrap.dedent(source), encoding="utf-8")
        whole = Options(inputs=dict([parse_input(inputs)]) if inputs else {})
        options = run_options(Configuration(), whole)
        return verify(Project.of_paths([str(path)]), options, Request(python=python, **more))  # type: ignore[arg-type]

    return verified


NET = """
from torch import nn


class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.fc = nn.Linear({features}, classes)

    def forward(self, x):
        x = self.conv(x).relu()
        b, c, h, w = x.shape
        x = x.reshape(b, c * h * w)
        return self.fc(x)


if __name__ == "__main__":
    import torch
    Net()(torch.randn(1, 3, 32, 32))
"""


@pytest.mark.torch
def test_a_correct_model_agrees_in_every_value(run: Verify) -> None:
    report, found = run(NET.format(features=2048))
    [model] = found.models
    assert (model.status, model.how, model.line) == ("agrees", "default arguments", 5)
    assert model.calls == {"equal": 4}  # conv, relu, reshape, fc
    assert set(model.numbers) == {"equal"}
    assert model.parameters == ("20714", "20714")
    assert model.layers == {"equal": 2}
    assert "(2, 3, 32, 32)" in model.inputs
    assert "example call" in model.inputs
    assert not [d for d in report.diagnostics if d.code in ("ARC007", "ARC008")]


@pytest.mark.torch
def test_a_wrong_size_is_confirmed_with_the_frameworks_words(run: Verify) -> None:
    report, found = run(NET.format(features=2000))
    [model] = found.models
    assert model.status == "failed"
    assert model.foreseen == "ARC104"
    assert "mat1 and mat2 shapes cannot be multiplied (1x2048 and 2000x10)" in model.error
    standing = {d.code: d.standing for d in report.diagnostics}
    assert standing["ARC104"] == "confirmed"
    [failed] = [d for d in report.diagnostics if d.code == "ARC008"]
    assert "foreseen by ARC104" in " ".join(failed.finding.notes)
    assert report.position(failed).line == 15


@pytest.mark.torch
def test_a_statement_of_a_script_that_fails_as_foreseen_confirms_it(run: Verify) -> None:
    report, found = run(
        """
        import torch
        from torch import nn

        head = nn.Linear(16, 10)
        y = torch.randn(2, 16, 64)
        head(y)
        """
    )
    assert [(model.status, model.foreseen) for model in found.models] == [("failed", "ARC104")]
    assert {d.code: d.standing for d in report.diagnostics} == {"ARC008": "confirmed", "ARC104": "confirmed"}


@pytest.mark.torch
def test_a_crash_that_nothing_foresaw_is_said_to_be_one(run: Verify) -> None:
    report, _ = run(
        """
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 2)

            def forward(self, x):
                table = {"a": x}
                return self.fc(table[str(x.dim())])
        """,
        inputs="(N, 4)",
    )
    failed = [d for d in report.diagnostics if d.code == "ARC008"]
    assert failed
    assert "KeyError" in failed[0].finding.message
    assert "no static finding foresaw it" in failed[0].finding.notes


@pytest.mark.torch
def test_what_replaces_an_output_behind_the_evaluators_back_is_found_out(run: Verify) -> None:
    report, found = run(
        """
        import torch
        from torch import nn

        def cut(module, given, output):
            return output[:, :6] if isinstance(module, nn.Linear) else output

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Linear(4, 8)
                nn.modules.module.register_module_forward_hook(cut)

            def forward(self, x):
                return self.body(x) * 2
        """,
        inputs="(N, 4)",
    )
    [model] = found.models
    assert model.status == "differs"
    assert ("(N, 8), here (2, 8)", "(2, 6)") in {(d.inferred, d.executed) for d in model.differences}
    wrong = [d for d in report.diagnostics if d.code == "ARC007"]
    assert any("layers/torch/" in note for one in wrong for note in one.finding.notes)


@pytest.mark.torch
def test_a_bad_guess_of_the_input_is_no_fault_of_the_model(run: Verify) -> None:
    report, found = run(
        """
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)

            def forward(self, x):
                assert x.shape[2] == 77, "only 77 rows"
                return self.conv(x)
        """
    )
    [model] = found.models
    assert model.status == "not run"  # no usual size fits, and which one does is nowhere said
    assert "--input" in model.reason
    assert not [d for d in report.diagnostics if d.code == "ARC008"]


@pytest.mark.torch
def test_a_model_that_needs_arguments_says_which(run: Verify) -> None:
    source = """
        from torch import nn

        class Net(nn.Module):
            def __init__(self, hidden):
                super().__init__()
                self.fc = nn.Linear(4, hidden)

            def forward(self, x):
                return self.fc(x)
        """
    _, found = run(source)
    [model] = found.models
    assert model.status == "not run"
    assert "hidden" in model.reason
    assert "--args" in model.reason
    _, found = run(source, args="hidden=7")
    assert found.models[0].status == "agrees"
    assert found.models[0].parameters == ("35", "35")


@pytest.mark.torch
@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")
def test_the_configuration_says_how_a_model_is_built(run: Verify, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[[tool.archlint.model]]\ntarget = "model:Net"\nkwargs = { hidden = 7 }\ninputs = ["(N, 6, 4)"]\n',
        encoding="utf-8",
    )
    _, found = run(
        """
        from torch import nn

        class Net(nn.Module):
            def __init__(self, hidden):
                super().__init__()
                self.fc = nn.Linear(4, hidden)

            def forward(self, x):
                return self.fc(x)
        """
    )
    [model] = found.models
    assert (model.status, model.how) == ("agrees", "configuration")
    assert model.inputs == "(2, 6, 4) and (3, 6, 4) [configuration]"


@pytest.mark.torch
def test_one_model_that_fails_hides_no_other(run: Verify) -> None:
    _, found = run(
        """
        import os
        from torch import nn

        class Dies(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 2)
            def forward(self, x):
                os._exit(3)

        class Lives(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 2)
            def forward(self, x):
                return self.fc(x)
        """
    )
    status = {m.name: (m.status, m.reason) for m in found.models}
    assert status["Lives"] == ("agrees", "")
    assert status["Dies"][0] == "not run"
    assert "exited" in status["Dies"][1]


@pytest.mark.torch
def test_formulas_of_a_symbolic_run_are_held_against_ours(run: Verify) -> None:
    _, found = run(
        """
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Conv2d(3, 8, 5, stride=3)
                self.pool = nn.MaxPool2d(2, ceil_mode=True)

            def forward(self, x):
                return self.pool(self.body(x))
        """
    )
    [model] = found.models
    assert model.calls == {"equal": 2}
    assert not any("no symbolic run" in note for note in model.notes)


@pytest.mark.torch
def test_the_frameworks_guards_let_the_same_sizes_through(run: Verify) -> None:
    _, found = run(
        """
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Conv2d(3, 8, 5, stride=3)
                self.fc = nn.Linear(8 * 9 * 7, 10)

            def forward(self, x):
                return self.fc(torch.flatten(self.body(x), 1))
        """
    )
    [model] = found.models
    assert any(guard.startswith("Eq(") and "504" in guard for guard in model.guards)
    assert model.numbers == {"equal": 3}  # 8 * 9, 8 * 9 * 7, and the sizes that have 504 features


@pytest.mark.torch
def test_a_probe_confirms_a_silent_finding(run: Verify) -> None:
    report, _ = run(
        """
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.used = nn.Linear(4, 4)
                self.layers = [nn.Linear(4, 4), nn.Linear(4, 4)]

            def forward(self, x):
                return self.layers[1](self.layers[0](self.used(x)))
        """,
        probe=True,
    )
    standing = {d.code: d.standing for d in report.diagnostics}
    assert standing["ARC602"] == "confirmed"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("cifar10_dense", marks=pytest.mark.keras),
        pytest.param("flatten_or_time_distributed", marks=pytest.mark.keras),
        pytest.param("receptive_field", marks=pytest.mark.keras),
        pytest.param("cnn_features_to_rnn", marks=pytest.mark.tf1),
        pytest.param("slim_channels", marks=pytest.mark.tf1),
        pytest.param("slim_layer_count", marks=pytest.mark.tf1),
    ],
)
def test_the_seeds_agree(run: Verify, name: str) -> None:
    _, found = run(ROOT / "fixtures" / "seeds" / f"{name}.py")
    assert found.ran
    for model in found.models:
        assert model.status in ("agrees", "failed"), (model.name, model.reason)
        assert not model.differences
        assert model.status == "agrees" or model.foreseen, model.error
        assert set(model.calls) <= {"equal", "not reached"}


@pytest.mark.torch
def test_a_comment_that_lies_is_confirmed_by_the_value_beside_it(run: Verify) -> None:
    report, _ = run(
        """
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3, padding=1)

            # archlint: input=(N, 3, 32, 32)
            def forward(self, x):
                x = self.conv(x)  # (N, 16, 32, 32)
                return x
        """
    )
    assert {d.code: d.standing for d in report.diagnostics} == {"ARC707": "confirmed"}


def test_an_interpreter_without_the_framework_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(NET.format(features=2048), encoding="utf-8")
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    bare.chmod(0o755)
    _, found = verify(Project.of_paths(["model.py"]), Options(), Request(python=str(bare)))
    assert not found.ran
    assert [m.status for m in found.models] == ["not run"]
    assert str(bare) in found.models[0].reason


CONFIGURED = """
from torch import nn


class NetConfig:
    def __init__(self, width=4, classes=3):
        self.width, self.classes = width, classes


class Net(nn.Module):
    def __init__(self, config: NetConfig):
        super().__init__()
        self.fc = nn.Linear(config.width, config.classes)

    def forward(self, x):
        return self.fc(x)
"""


@pytest.mark.torch
def test_a_model_of_a_configuration_is_built_with_its_defaults(run: Verify) -> None:
    _, found = run(CONFIGURED)
    (model,) = found.models
    assert model.status == "agrees", model.reason
    assert model.parameters == ("15", "15")


TOKENS = """
from torch import nn


class Net(nn.Module):
    def __init__(self, rows=10, width=4):
        super().__init__()
        self.embed = nn.Embedding(rows, width)

    def forward(self, input_ids=None, mask=None, inputs_embeds=None):
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("give one of them")
        return inputs_embeds if input_ids is None else self.embed(input_ids)
"""


@pytest.mark.torch
def test_a_forward_with_nothing_but_defaults_gets_the_tensor_that_it_asks_for(run: Verify) -> None:
    _, found = run(TOKENS)
    (model,) = found.models
    assert model.status == "agrees", model.reason
    assert model.calls["equal"] > 0
    assert not model.calls.get("unknown")


SHARED = """
import torch
from torch import nn


class Tokens:
    def with_token(self, x):
        return torch.cat((self.token, x), dim=1)


class Good(nn.Module, Tokens):
    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 8))

    def forward(self, x):
        return self.with_token(x)


class Bad(nn.Module, Tokens):
    def __init__(self, more):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 8))

    def forward(self, x):
        return self.with_token(x)


if __name__ == "__main__":
    Good()(torch.randn(1, 4, 8))
    {also}
"""


@pytest.mark.torch
def test_a_model_that_works_does_not_refute_what_is_said_of_another_with_the_same_line(run: Verify) -> None:
    inputs = "Bad=(1, 4, 8)"
    report, found = run(SHARED.format(also=""), inputs=inputs)
    assert {model.name: model.status for model in found.models} == {"Good": "agrees", "Bad": "not run"}
    assert {(d.code, d.model): d.standing for d in report.diagnostics} == {("ARC109", "Bad"): "not reached"}


@pytest.mark.torch
def test_the_model_itself_does(run: Verify) -> None:
    report, found = run(SHARED.format(also="Bad(1)(torch.randn(1, 4, 8))"), inputs="Bad=(1, 4, 8)")
    assert {model.name: model.status for model in found.models} == {"Good": "agrees", "Bad": "failed"}
    assert {d.standing for d in report.diagnostics if d.model == "Bad"} == {"confirmed"}


@pytest.mark.torch
def test_sizes_behind_what_is_not_understood_are_held_against_each_other(run: Verify) -> None:
    report, found = run(
        """
        import json
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=1)
                self.down = nn.Conv2d(4, 4, 3, stride=2, padding=1)
                self.up = nn.ConvTranspose2d(4, 4, 2, stride=2)

            # archlint: input=(1, 3, 32, 48)
            def forward(self, images):
                x = self.stem(torch.tensor(json.loads(json.dumps(images.tolist()))))
                return x + self.up(self.down(x))
        """
    )
    [model] = found.models
    assert model.status == "agrees"
    assert model.calls == {"equal": 4, "unknown": 1}
    assert not [d for d in report.diagnostics if d.code in ("ARC007", "ARC008")]


@pytest.mark.torch
def test_a_parameter_that_is_not_trained_is_one_of_the_models(run: Verify) -> None:
    _, found = run(
        """
        import torch
        from torch import nn

        class Shift(nn.Module):
            def __init__(self, mean=(0.4, 0.5, 0.6)):
                super().__init__()
                self.mean = nn.Parameter(torch.Tensor(mean).reshape(1, 3, 1, 1), requires_grad=False)
                self.conv = nn.Conv2d(3, 4, 3)

            def forward(self, x):
                return self.conv(x - self.mean)
        """
    )
    [model] = found.models
    assert model.status == "agrees"
    assert model.parameters == ("115", "115")
    assert model.layers == {"equal": 2}

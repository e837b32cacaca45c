"""How models are built and called, as the configuration says it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from archlint.configuration import Configuration, ConfigurationError
from archlint.configuration.models import models_of, setups
from archlint.dims import show_shape

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")


def found(folder: Path, text: str, path: str) -> dict[str, object]:
    (folder / "archlint.toml").write_text(text, encoding="utf-8")
    return {
        name: (setup.args, setup.kwargs, [(n, show_shape(s)) for n, s in setup.inputs])
        for name, setup in setups(models_of(Configuration().at(str(folder))), path).items()
    }


@pytest.mark.parametrize(
    "text",
    [
        '[models."pkg.models:UNet"]\nargs = [3]\nkwargs = { classes = 10 }\ninputs.image = "(N, 3, H, W):float32"',
        '[models."pkg.models:UNet"]\nargs = [3]\nkwargs = { classes = 10 }\ninputs = { image = ["N", 3, "H", "W"] }',
        '[[model]]\ntarget = "pkg.models:UNet"\nargs = [3]\nkwargs = { classes = 10 }\ninputs.image = "(N, 3, H, W)"',
        '[[model]]\ntarget = "pkg/models.py::UNet"\nargs = [3]\nkwargs = { classes = 10 }\ninputs.image = "N, 3, H, W"',
    ],
)
def test_a_model_is_named_by_module_or_file(tmp_path: Path, text: str) -> None:
    expected = {"UNet": ((3,), {"classes": 10}, [("image", "(N, 3, H, W)")])}
    assert found(tmp_path, text, "/somewhere/src/pkg/models.py") == expected
    assert not found(tmp_path, text, "/somewhere/src/pkg/other.py")


def test_a_package_is_named_like_a_module(tmp_path: Path) -> None:
    assert found(tmp_path, '[models."pkg.models:Net"]\nargs = { k = 1 }', "/at/pkg/models/__init__.py") == {
        "Net": ((), {"k": 1}, [])
    }


@pytest.mark.parametrize("shape", ['"(N, 4)"', '["(N, 4)"]', '["N", 4]', '[["N", 4]]'])
def test_one_shape_is_the_first_input(tmp_path: Path, shape: str) -> None:
    text = f'[models."nets/small.py::Net"]\ninputs = {shape}'
    assert found(tmp_path, text, str(tmp_path / "nets/small.py")) == {"Net": ((), {}, [("", "(N, 4)")])}


def test_nothing_configured_is_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, "", "/a.py") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[model]]\nkwargs = {a = 1}", "has no target"),
        ('[[model]]\ntarget = "a:B"\nkwarg = {}', "no such key 'kwarg' in [model]; did you mean 'kwargs'?"),
        ('[models."a:B"]\ninput = "(N, 4)"', "no such key 'input' in [models.a:B]; did you mean 'inputs'?"),
        ("[models.B]\nargs = [1]", "a model is written 'package.module:Net'"),
        ('[models."a:B"]\ninputs = ["N by 4"]', "is not a shape like"),
        ('[models."a:B"]\ninputs = ["(N, 4)", "(N, 5)"]', "several inputs need names"),
        ('[models."a:B"]\ninputs = { x = [1.5] }', "1.5 is not a size"),
        ('[models."a:B"]\nargs = { k = 1 }\nkwargs = { k = 1 }', "'k' is given by args and by kwargs"),
        ("model = 3", "'model' is an array of tables"),
        ("models = 3", "'models' is a table of models"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        found(tmp_path, text, "/a.py")
    assert "archlint.toml: " in str(error.value)
    assert said in str(error.value)

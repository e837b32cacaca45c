"""How models are built and called, as pyproject.toml says it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from archlint.configuration import ConfigurationError
from archlint.dims import show_shape
from archlint.run.configured import configured

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")


def written(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    inner = folder / "src" / "deep"
    inner.mkdir(parents=True)
    return inner


def test_the_nearest_file_above_counts(tmp_path: Path) -> None:
    inner = written(
        tmp_path,
        """
        [tool.archlint.verify]
        python = ".venv/bin/python"
        timeout = 5

        [[tool.archlint.model]]
        target = "pkg.models:UNet"
        args = [3]
        kwargs = { classes = 10 }
        inputs = { image = "(N, 3, H, W):float32" }
        """,
    )
    found = configured(str(inner))
    assert found.python == str(tmp_path / ".venv/bin/python")
    assert found.timeout == 5
    unet = found.of_file("/somewhere/src/pkg/models.py")["UNet"]
    assert (unet.args, unet.kwargs) == ((3,), {"classes": 10})
    assert [(name, show_shape(shape)) for name, shape in unet.inputs] == [("image", "(N, 3, H, W)")]
    assert found.of_file("/somewhere/src/pkg/models/__init__.py")
    assert not found.of_file("/somewhere/src/pkg/other.py")


def test_a_file_path_names_a_model_too(tmp_path: Path) -> None:
    inner = written(tmp_path, '[[tool.archlint.model]]\ntarget = "nets/small.py::Net"\ninputs = ["(N, 4)"]\n')
    assert configured(str(inner)).of_file(str(tmp_path / "nets/small.py"))["Net"].inputs[0][0] == ""


def test_nothing_configured_is_nothing(tmp_path: Path) -> None:
    assert configured(str(tmp_path)).models == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[tool.archlint.model]]\nkwargs = {a = 1}\n", "target"),
        ('[[tool.archlint.model]]\ntarget = "a:B"\nkwarg = {}\n', "no such key 'kwarg'"),
        ('[[tool.archlint.model]]\ntarget = "a:B"\ninputs = ["N by 4"]\n', "is not a shape like"),
        ('[[tool.archlint.model]]\ntarget = "a:B"\ninputs = ["(N, 4)", "(N, 5)"]\n', "need names"),
        ("[tool.archlint.verify]\ntimeout = 'long'\n", "number of seconds"),
        ("[tool.archlint.verify]\npython = 3\n", "path of an interpreter"),
        ("[tool.archlint]\nmodel = 3\n", "[[tool.archlint.model]]"),
        ("[tool.archlint\n", "pyproject.toml"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, text: str, said: str) -> None:
    inner = written(tmp_path, text)
    with pytest.raises(ConfigurationError, match=said.replace("[", r"\[").replace("]", r"\]")):
        configured(str(inner))

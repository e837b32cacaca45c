"""Reading files and the test whether a file can hold a model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archlint.project import Project

NET = "import torch.nn as nn\nnet = nn.Linear(1, 2)\n"


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        (NET, True),
        ("from tensorflow.keras import layers", True),
        ("from nets import slim_tools", True),
        ("import os, blocks as b", True),
        ("from blocks import conv", True),
        ("from . import blocks", True),
        ("from . import (\n    other,\n    blocks,\n)", True),
        ("if x:\n    from .deep import y", True),
        ("import os, json", False),
        ("from loop import x", False),
        ("", False),
    ],
)
def test_a_file_may_hold_a_model_if_it_or_an_import_names_a_framework(text: str, passes: bool) -> None:
    texts = {"a.py": text, "blocks.py": NET, "deep.py": "import blocks", "loop.py": "import loop2", "other.py": ""}
    project = Project.of_texts({**texts, "loop2.py": "import loop"})
    assert project.may_hold_model("a.py") is passes
    assert project.may_hold_model("a.py") is passes


def test_a_source_is_parsed_once() -> None:
    project = Project.of_texts({"a.py": NET})
    source = project.source("a.py")
    assert source is not None
    assert source.path == "a.py"
    assert source.text == NET
    assert project.source("a.py") is source


def test_a_file_that_cannot_be_read_is_recorded_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.py").write_bytes(b"import torch  # caf\xe9\n")
    (tmp_path / "good.py").write_text(NET)
    project = Project.of_paths(["."])
    assert project.checked == ["good.py", "latin.py"]
    assert project.source("latin.py") is None
    assert project.source("good.py") is not None
    assert project.source("gone.py") is None
    [(latin, why), (gone, absent)] = project.errors
    assert (latin, gone) == ("latin.py", "gone.py")
    assert "utf-8" in why.lower()
    assert absent == "No such file or directory"


def test_a_declared_encoding_is_honoured(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# coding: latin-1\nimport torch  # caf\xe9\n")
    project = Project.of_paths([str(tmp_path)])
    source = project.source(project.checked[0])
    assert source is not None
    assert "café" in source.text


def test_paths_are_shown_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work" / "pkg").mkdir(parents=True)
    for name in ("work/pkg/a.py", "work/pkg/b.py", "outside.py"):
        (tmp_path / name).write_text("import torch\n")
    monkeypatch.chdir(tmp_path / "work")
    project = Project.of_paths([str(tmp_path / "work" / "pkg"), "pkg/a.py", "../outside.py"])
    assert project.checked == [os.path.join("pkg", "a.py"), os.path.join("pkg", "b.py"), str(tmp_path / "outside.py")]
    assert project.resolve("b", 1, "pkg/a.py") == os.path.join("pkg", "b.py")


def test_the_working_directory_may_lie_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    for name in ("__init__.py", "a.py", "b.py"):
        (package / name).write_text("import torch\n")
    monkeypatch.chdir(package)
    assert Project.of_paths(["a.py"]).resolve("pkg.b", 0, "a.py") == "b.py"


def test_a_text_can_stand_in_for_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blocks.py").write_text(NET)
    project = Project.of_paths(["unsaved.py"], {"unsaved.py": b"import blocks\n"})
    assert project.checked == ["unsaved.py"]
    assert project.may_hold_model("unsaved.py")
    source = project.source("unsaved.py")
    assert source is not None
    assert source.text == "import blocks\n"


def test_a_notebook_that_an_editor_holds_as_cells_is_read_as_them() -> None:
    from archlint.source.notebook import joined, parse_cells

    text = joined(["import torch.nn as nn", "net = nn.Linear(3, 4)"]).text
    project = Project.of_texts({"net.ipynb": ""})
    project.hold("net.ipynb", parse_cells("net.ipynb", text), text.encode())
    assert project.may_hold_model("net.ipynb")
    assert project.errors == []

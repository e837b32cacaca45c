"""Which file of the project an import means."""

from __future__ import annotations

import pytest

from archlint.project import Project


def resolve(importer: str, statement: str, *paths: str) -> str | None:
    module = statement.lstrip(".")
    project = Project.of_texts(dict.fromkeys((importer, *paths), ""))
    return project.resolve(module, len(statement) - len(module), importer)


@pytest.mark.parametrize(
    ("importer", "module", "paths", "found"),
    [
        pytest.param("train.py", "model", ["model.py"], "model.py", id="a neighbour of a script"),
        pytest.param("pkg/a.py", "pkg.b", ["pkg/__init__.py", "pkg/b.py"], "pkg/b.py", id="own package by full name"),
        pytest.param("pkg/a.py", ".b", ["pkg/__init__.py", "pkg/b.py"], "pkg/b.py", id="relative"),
        pytest.param("pkg/a.py", ".", ["pkg/__init__.py"], "pkg/__init__.py", id="from . import"),
        pytest.param("pkg/sub/a.py", "..b", ["pkg/b.py"], "pkg/b.py", id="two dots, no __init__ anywhere"),
        pytest.param("pkg/__init__.py", ".b", ["pkg/b.py"], "pkg/b.py", id="relative in a package file"),
        pytest.param("a.py", "pkg", ["pkg/__init__.py"], "pkg/__init__.py", id="a package"),
        pytest.param("a.py", "pkg", ["pkg/__init__.py", "pkg.py"], "pkg/__init__.py", id="a package before a module"),
        pytest.param("a.py", "models.net", ["models/net.py"], "models/net.py", id="a namespace package"),
        pytest.param("a.py", "models", ["models/net.py"], "models/__init__.py", id="the namespace package itself"),
        pytest.param("tests/t.py", "pkg.net", ["src/pkg/net.py", "setup.py"], "src/pkg/net.py", id="src layout"),
        pytest.param(
            "tools/run/a.py", "pkg.net", ["pkg/net.py", "setup.cfg"], "pkg/net.py", id="from the project root"
        ),
        pytest.param(
            "sub/a.py", "net", ["sub/pyproject.toml", "sub/net.py", "net.py"], "sub/net.py", id="nearest root"
        ),
        pytest.param("pkg/a.py", "b", ["pkg/__init__.py", "pkg/b.py"], "pkg/b.py", id="python pkg/a.py, by neighbour"),
        pytest.param("a.py", "models.net", ["models.py", "lib/models/net.py"], None, id="a module has no submodules"),
    ],
)
def test_an_import_means_the_file_python_would_take(
    importer: str, module: str, paths: list[str], found: str | None
) -> None:
    assert resolve(importer, module, *paths) == found


@pytest.mark.parametrize("module", ["torch", "torch.nn", "keras.layers", "tensorflow.keras", "math", "sys", "absent"])
def test_frameworks_builtin_and_missing_modules_are_outside_the_project(module: str) -> None:
    assert resolve("a.py", module, "torch/nn.py", "keras/layers.py", "tensorflow/keras.py", "math.py", "sys.py") is None


def test_in_a_checkout_of_a_framework_its_modules_are_found() -> None:
    paths = ("keras/__init__.py", "keras/applications/__init__.py", "keras/applications/resnet.py")
    assert resolve("keras/a.py", "keras.applications.resnet", *paths) == "keras/applications/resnet.py"


def test_the_standard_library_wins_over_a_module_of_a_distant_directory() -> None:
    paths = ("pkg/__init__.py", "pkg/types.py", "setup.py")
    assert resolve("pkg/a.py", "types", *paths) is None
    assert resolve("pkg/a.py", ".types", *paths) == "pkg/types.py"


def test_a_regular_package_anywhere_wins_over_a_directory_without_init() -> None:
    paths = ("scripts/blocks/readme.py", "blocks/__init__.py", "setup.py")
    assert resolve("scripts/a.py", "blocks", *paths) == "blocks/__init__.py"


def test_other_installed_packages_are_not_opened() -> None:
    inside = "venv/lib/site-packages/"
    paths = (inside + "timm/__init__.py", inside + "timm/layers.py", inside + "einops/__init__.py")
    assert resolve(inside + "timm/a.py", "timm.layers", *paths) == inside + "timm/layers.py"
    assert resolve(inside + "timm/a.py", "einops", *paths) is None
    assert resolve("a.py", "timm", *paths) is None


def test_a_relative_import_does_not_leave_the_project() -> None:
    project = Project.of_texts({"repo/.git": "", "repo/a.py": "", "other/b.py": ""})
    assert project.resolve("other.b", 2, "repo/a.py") is None
    assert project.resolve("b", 5, "repo/a.py") is None


def test_a_namespace_package_reads_as_an_empty_file() -> None:
    project = Project.of_texts({"a.py": "", "models/net.py": ""})
    path = project.resolve("models", 0, "a.py")
    assert path is not None
    assert project.read(path) == b""
    assert project.errors == []

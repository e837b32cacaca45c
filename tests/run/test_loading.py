"""How the user's files are imported and run in a child: packages, scripts, packages that are not installed."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archlint.run.host import Children
from archlint.run.records import Failure

if TYPE_CHECKING:
    from conftest import Plain

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="models can only be locked on Linux")

NET = "class Net:\n    def forward(self, x):\n        return x.reshape(x.shape[0], WIDTH * 1)\n"


def failed(failure: Failure) -> tuple[str, str, int]:
    return failure.type, failure.message, failure.frames[-1][1] if failure.frames else 0


def widths(plain: Plain, sources: dict[str, str], file: str) -> list[object]:
    """Values of `WIDTH * 1` in a run of the model in a file."""
    outcome = plain(sources, file=file)
    assert outcome.failures == []
    return [value for source, value, _ in plain.seen(outcome) if source == "WIDTH * 1"]


def test_a_module_of_a_package_imports_its_neighbours(plain: Plain) -> None:
    sources = {
        "net/__init__.py": "",
        "net/sizes.py": "WIDTH = 2 * 3",
        "net/parts/__init__.py": "from ..sizes import WIDTH",
        "net/parts/model.py": f"from . import WIDTH\nfrom net.sizes import WIDTH as SAME\n{NET}",
    }
    outcome = plain(sources, file="net/parts/model.py")
    assert plain.seen(outcome)[0] == ("2 * 3", 6, None)
    assert ("WIDTH * 1", 6, "") in plain.seen(outcome)


def test_the_init_of_a_package_can_be_a_target(plain: Plain) -> None:
    sources = {"net/__init__.py": f"from .sizes import WIDTH\n{NET}", "net/sizes.py": "WIDTH = 5"}
    assert widths(plain, sources, "net/__init__.py") == [5]


def test_a_folder_without_init_is_a_package_from_the_root(plain: Plain) -> None:
    sources = {"models/net.py": f"from models.sizes import WIDTH\n{NET}", "models/sizes.py": "WIDTH = 6"}
    assert widths(plain, sources, "models/net.py") == [6]


def test_a_folder_without_init_whose_files_import_relatively(plain: Plain) -> None:
    sources = {"a b/models/net.py": f"from .sizes import WIDTH\n{NET}", "a b/models/sizes.py": "WIDTH = 3"}
    assert widths(plain, sources, "a b/models/net.py") == [3]


def test_a_package_below_a_root_keeps_its_own_name(plain: Plain) -> None:
    """`src/net/model.py`: imported by others as `net.model`, and run once only."""
    sources = {
        "src/net/__init__.py": "",
        "src/net/model.py": f"from net import user\nWIDTH = 2 + 3\n{NET}",
        "src/net/user.py": "import net.model",
    }
    outcome = plain(sources, file="src/net/model.py")
    assert [source for source, _, _ in plain.seen(outcome)].count("2 + 3") == 1


def test_a_script_finds_what_lies_beside_it(plain: Plain) -> None:
    sources = {"tools/train.py": f"from sizes import WIDTH\n{NET}", "tools/sizes.py": "WIDTH = 7"}
    assert widths(plain, sources, "tools/train.py") == [7]


def test_a_file_with_a_name_that_no_import_can_say(plain: Plain) -> None:
    sources = {"2-1/Text-CNN.py": f"from sizes import WIDTH\n{NET}", "2-1/sizes.py": "WIDTH = 8"}
    assert widths(plain, sources, "2-1/Text-CNN.py") == [8]


@pytest.mark.parametrize("name", ["types", "json", "select", "numbers"])
def test_a_file_named_as_a_module_of_python(plain: Plain, name: str) -> None:
    assert widths(plain, {f"{name}.py": f"WIDTH = 9\n{NET}"}, f"{name}.py") == [9]


def test_a_file_that_was_not_sent_runs_as_it_is(plain: Plain) -> None:
    (plain.folder / "sizes.py").write_text("WIDTH = 4", encoding="utf-8")
    assert widths(plain, {"model.py": f"from sizes import WIDTH\n{NET}"}, "model.py") == [4]


def test_the_source_is_that_of_the_user(plain: Plain) -> None:
    text = "import inspect\n\ndef f():\n    return abs(-1)\n\nraise ValueError(inspect.getsource(f))\n"
    assert plain(text).failures[0].message == "def f():\n    return abs(-1)\n"


def test_a_failure_names_the_lines_of_the_user(plain: Plain) -> None:
    sources = {
        "model.py": "import json\nfrom part import f\nclass Net:\n    def forward(self, x):\n        f('{')\n",
        "part.py": "import json\n\ndef f(text):\n    return json.loads(text)\n",
    }
    failure = plain(sources).failures[0]
    assert (failure.phase, failure.type) == ("run", "JSONDecodeError")
    assert [(file.rpartition("/")[2], line, name) for file, line, name in failure.frames] == [
        ("model.py", 5, "forward"),
        ("part.py", 4, "f"),
    ]


def test_a_name_that_is_not_there(plain: Plain) -> None:
    assert failed(plain(NET, name="Net.Inner").failures[0]) == ("AttributeError", "model has no Net.Inner", 0)


SCRIPT = """\
import os
a = 1 + 1
b = missing_function(a)
c = b + 1
d = c + 1
d = a + 5
if __name__ == "__main__":
    e = d + 1
    f = e[0]
    g = e + 1
import sys; sys.exit(2)
h = g + 1
sys.exit()
"""


def test_a_script_goes_on_after_what_fails(plain: Plain) -> None:
    outcome = plain(SCRIPT, name="")
    assert [failed(f) for f in outcome.statements] == [
        ("NameError", "name 'missing_function' is not defined", 3),
        ("TypeError", "'int' object is not subscriptable", 9),
        ("SystemExit", "the program left with code 2", 11),
    ]
    values = {source: value for source, value, _ in plain.seen(outcome)}
    assert values["a + 5"] == 7
    assert values["d + 1"] == 8
    assert values["g + 1"] == 10
    assert "b + 1" not in values


def test_a_script_is_the_main_module(plain: Plain) -> None:
    text = "import sys\nraise ValueError(__name__, sys.argv, sys.modules['__main__'].__file__ == __file__)\n"
    message = plain(text, name="").statements[0].message
    assert message == f"('__main__', [{str(plain.folder / 'model.py')!r}], True)"


def test_annotations_of_the_future_hold_for_each_statement(plain: Plain) -> None:
    text = "from __future__ import annotations\ndef f(x: Nowhere) -> None: ...\na = 1 + 1\n"
    outcome = plain(text, name="")
    assert outcome.statements == []
    assert plain.seen(outcome) == [("1 + 1", 2, None)]


def test_what_cannot_be_parsed_is_one_failure(plain: Plain) -> None:
    plain.write({"model.py": "a = 1\n"})
    (plain.folder / "model.py").write_text("a = (\n", encoding="utf-8")
    with Children(plain.settings) as children:
        from archlint.run.records import Target

        outcome = children.run(Target("t", str(plain.folder / "model.py"), "", "script", "none"), {})  # type: ignore[arg-type]
    assert [f.type for f in outcome.statements] == ["SyntaxError"]


def test_packages_that_are_not_installed_are_stood_in_for(plain: Plain) -> None:
    text = f"""\
import nowhere_wandb
import nowhere_mmcv.cnn as cnn
from nowhere_mmcv.runner import BaseModule, auto_fp16
from nowhere_mmcv.utils import Registry

MODELS = Registry("models")
logger = nowhere_wandb.init(project="x")
with nowhere_wandb.run() as run:
    run["lr"] = 1
    for item in run:
        pass
WIDTH = 4

@MODELS.register_module()
{NET}
    @auto_fp16
    def other(self, x): pass
"""
    outcome = plain(text)
    assert outcome.status == "ran"
    assert outcome.mocked == ("nowhere_mmcv", "nowhere_wandb")
    assert ("WIDTH * 1", 4, "") in plain.seen(outcome)


def test_a_missing_package_that_computes_is_said(plain: Plain) -> None:
    text = "from nowhere_einops import rearrange\nclass Net:\n    def forward(self, x):\n        rearrange(x, 'b c')\n"
    assert failed(plain(text).failures[0]) == (
        "ModuleNotFoundError",
        "nowhere_einops.rearrange was called, but nowhere_einops is not installed",
        4,
    )


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import nowhere_apex\nexcept ImportError:\n    nowhere_apex = None\n",
        "try:\n    from nowhere_apex import (\n        a,\n    )\nexcept Exception: nowhere_apex = None\n",
        "import importlib.util\nnowhere_apex = importlib.util.find_spec('nowhere_apex')\n",
        "try:\n    import json.nowhere\nexcept (ImportError, OSError):\n    nowhere_apex = None\n",
    ],
)
def test_a_program_that_asks_what_is_installed_gets_the_truth(plain: Plain, text: str) -> None:
    outcome = plain(f"{text}raise ValueError(nowhere_apex)\n")
    assert outcome.failures[0].message == "None"
    assert outcome.mocked == ()


def test_frameworks_and_parts_of_what_is_installed_are_never_stood_in_for(plain: Plain) -> None:
    outcome = plain("import json.nowhere\n", name="")
    assert [failed(f)[0] for f in outcome.statements] == ["ModuleNotFoundError"]
    outcome = plain("import tf_slim\n", name="")
    if outcome.statements:
        assert [failed(f)[:2] for f in outcome.statements] == [("ModuleNotFoundError", "No module named 'tf_slim'")]


def test_limits_of_one_model_do_not_reach_the_next(plain: Plain) -> None:
    """What one program changes in Python is gone with its process."""
    plain.settings = replace(plain.settings, timeout=20)
    with Children(plain.settings) as children:
        plain.run(children, "import builtins, sys\nbuiltins.len = None\nsys.modules.clear()\n", file="evil.py")
        assert plain.run(children, f"WIDTH = len('ab')\n{NET}").status == "ran"

"""What is said of numpy's arrays against numpy: live where it is installed, else against its recorded answers.

`ARCHLINT_RECORD=1 pytest tests/layers/test_numpy.py` writes the answers anew.
"""

from __future__ import annotations

import gzip
import importlib
import importlib.util
import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest
from numpy_expressions import expressions

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import imports
from archlint.layers.registry import MODULES, load
from archlint.layers.spec import SPECS
from archlint.project import Project
from archlint.values import Array, ListValue, Module, Unknown

RECORDED = Path(__file__).parents[2] / "fixtures" / "recorded" / "numpy.json.gz"
LIVE = importlib.util.find_spec("numpy") is not None
CASES = expressions(4)


def real(text: str) -> Any:
    """numpy's answer: `["array", shape, dtype]`, `["list", …]`, a plain value, or None for an error."""
    np = importlib.import_module("numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _told(np, eval(text, {"np": np}))
        except Exception:
            return None


def _told(np: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.shape:
        return ["array", list(value.shape), value.dtype.name if value.dtype.kind not in "US" else "str"]
    if isinstance(value, (list, tuple)) and any(isinstance(v, np.ndarray) for v in value):
        return ["list", [_told(np, v) for v in value]]
    if isinstance(value, tuple):
        return ["value", list(value)]
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return ["value", int(value)] if whole else ["number"]


def claimed(lines: list[str]) -> list[Any]:
    """What the evaluator says of each line."""
    text = "import numpy as np\n" + "".join(f"v{i} = {line}\n" for i, line in enumerate(lines))
    project = Project.of_texts({"net.py": text})
    ev = Evaluator(project, main_path="net.py")
    module = Module("__main__", "net.py", {"__name__": "__main__"}, state="running")
    ev.modules["net.py"] = module
    with ev.new_session():
        imports.run(ev, module, project.source("net.py"))
    assert not ev.internal_errors
    return [module.names[f"v{i}"] for i in range(len(lines))]


def contradicts(said: Any, answer: Any) -> bool:
    """Is something said that is not so?"""
    if isinstance(said, ListValue):
        if answer[0] == "array":  # `np.linspace(0, 1, 7)` is kept with its numbers
            return said.items is not None and [len(said.items)] != answer[1][:1]
        return said.items is not None and (
            len(said.items) != len(answer[1]) or any(map(contradicts, said.items, answer[1]))
        )
    if isinstance(said, Array):
        if answer[0] != "array":
            return said.shape is not None
        sizes = said.shape
        fits = sizes is None or (len(sizes) == len(answer[1]) and all(a in (None, b) for a, b in zip(sizes, answer[1])))
        return not fits or said.dtype not in (None, answer[2])
    if isinstance(said, tuple) and answer[0] == "value":
        return list(said) != answer[1]
    return isinstance(said, int) and answer != ["value", said]


@pytest.fixture(scope="module")
def answers() -> list[Any]:
    if LIVE:
        found = [real(text) for text in CASES]
        if "ARCHLINT_RECORD" in os.environ:
            RECORDED.write_bytes(gzip.compress(json.dumps([CASES, found]).encode(), mtime=0))
        return found
    lines, found = json.loads(gzip.decompress(RECORDED.read_bytes()))
    assert lines == CASES, f"the cases have changed: ARCHLINT_RECORD=1 pytest {__file__}"
    return list(found)


def test_says_what_numpy_does(answers: list[Any]) -> None:
    wrong, told = [], 0
    for text, said, answer in zip(CASES, claimed(CASES), answers):
        if answer is None:
            continue
        told += not isinstance(said, Unknown) and not (isinstance(said, Array) and said.shape is None)
        if not isinstance(said, Unknown) and contradicts(said, answer):
            shown = (said.shape, said.dtype) if isinstance(said, Array) else said
            wrong.append(f"{text}: {shown}, not {answer}")
    assert not wrong, "\n".join(wrong[:10])
    assert told > 0.8 * sum(a not in (None, ["number"]) for a in answers)


def test_every_function_is_among_the_expressions() -> None:
    load("numpy")
    assert "numpy" in MODULES
    text = "\n".join(CASES)
    names = {n.rpartition(".")[2] for spec in SPECS.values() for n in spec.names if n.startswith("numpy.")}
    used = {name for name in names if f".{name}(" in text}
    assert len(used) > 70, sorted(names - used)

"""Data and labels against Keras: what is called an error is one.  Live where Keras is installed, else as recorded.

`KERAS_BACKEND=torch ARCHLINT_RECORD=1 pytest tests/layers/test_keras_data.py` writes the answers anew.
"""

from __future__ import annotations

import gzip
import importlib
import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import pytest
from keras_programs import programs

from archlint.check import check_texts
from archlint.layers import find
from archlint.layers.keras import losses
from archlint.options import Options
from archlint.plugins import load
from archlint.values import Tensor

load("archlint_rules")
RECORDED = Path(__file__).parents[2] / "fixtures" / "recorded" / "keras_data.json.gz"
COUNT = int(os.environ.get("ARCHLINT_CASES", 250))
CASES = programs(COUNT)
RECORDING = "ARCHLINT_RECORD" in os.environ
LIVE = RECORDING or ("ARCHLINT_CASES" in os.environ and importlib.util.find_spec("keras") is not None)
ERRORS = {"ARC127", "ARC128"}


def fails(text: str) -> str:
    """The message of the exception that the program ends in, "" if it runs."""
    try:
        exec(compile(text, "example.py", "exec"), {"__name__": "example"})
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    return ""


SHAPES = ((4,), (4, 1), (4, 3), (4, 2), (4, 5, 3), (4, 5))
LOSSES = [
    (name, a, b)
    for name in (*sorted(losses.SAME), losses.FOCAL, losses.SPARSE, *losses.PAIRWISE)
    for a in SHAPES
    for b in SHAPES
]


def applied(name: str, labels: tuple[int, ...], output: tuple[int, ...]) -> Any:
    """Shape of what a loss function gives for such arrays, None if it refuses them."""
    np, keras = importlib.import_module("numpy"), importlib.import_module("keras")
    try:
        found = getattr(keras.losses, name)(np.zeros(labels), np.full(output, 0.3, "float32"))
    except Exception:
        return None
    return list(found.shape)


@pytest.fixture(scope="module")
def recorded() -> tuple[list[str], list[Any]]:
    if LIVE:
        found = [fails(text) for text in CASES], [applied(*case) for case in LOSSES]
        if RECORDING:
            RECORDED.write_bytes(gzip.compress(json.dumps([CASES, *found]).encode(), mtime=0))
        return found
    lines, failures, shapes = json.loads(gzip.decompress(RECORDED.read_bytes()))
    assert lines == CASES, f"the cases have changed: ARCHLINT_RECORD=1 pytest {__file__}"
    return failures, shapes


def test_losses_give_what_keras_gives(recorded: tuple[list[str], list[Any]]) -> None:
    wrong, refused = [], 0
    for (name, labels, output), real in zip(LOSSES, recorded[1]):
        spec = find(f"keras.losses.{name}")
        assert spec is not None
        out = spec.apply(None, spec.bind([Tensor(labels, "float32"), Tensor(output, "float32")], {}))
        refused += bool(out.faults)
        said = "error" if out.faults else out.shape
        if (said == "error" and real is not None) or (
            isinstance(said, tuple) and real is not None and said != tuple(real)
        ):
            wrong.append(f"{name} {labels} {output}: {said}, not {real}")
    assert not wrong, "\n".join(wrong[:20])
    assert refused > 0.7 * sum(real is None for real in recorded[1])


def test_an_error_is_one(recorded: tuple[list[str], list[Any]]) -> None:
    seen, missed = 0, []
    for text, failure in zip(CASES, recorded[0]):
        report = check_texts({"net.py": text}, Options(select=("ARC1",)))
        assert not report.internal_errors
        codes = {d.code for d in report.diagnostics if d.severity == "error"}
        if not failure:
            assert not codes, f"{codes} in\n{text}"
            continue
        seen += bool(codes)
        if not codes and "tensor b" not in failure:  # (8,) against (8, 3): it depends on the batch
            missed.append(f"{text}\n{failure}")
    assert seen > len(CASES) // 3
    assert len(missed) < 0.03 * seen, f"{seen} seen, {len(missed)} missed: " + "\n\n".join(missed[:8])

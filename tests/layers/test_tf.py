"""TF-slim and TensorFlow: declarations against recorded answers, and against TensorFlow where it is installed."""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import tf_cases_matrices
import tf_cases_nn
import tf_cases_ops
import tf_cases_slim
from differential import Report, compare, generate, read

from archlint.layers import SPECS, load_all
from archlint.values import External

MAKERS = {**tf_cases_slim.MAKERS, **tf_cases_ops.MAKERS, **tf_cases_nn.MAKERS, **tf_cases_matrices.MAKERS}
CASES = int(os.environ.get("ARCHLINT_CASES", "8"))
HERE = all(importlib.util.find_spec(m) is not None for m in ("tensorflow", "tf_slim", "tf_keras"))
live = pytest.mark.skipif(not HERE, reason="TensorFlow, tf_slim and tf_keras are not installed")


def check(reports: dict[str, Report]) -> None:
    """No wrong shape, no wrong number, no fault where TensorFlow is content, no crash; few errors not seen."""
    bad = [line for report in reports.values() for line in report.bad]
    assert not bad, "\n".join(bad[:20])
    missed = sum(len(report.missed) for report in reports.values())
    agreed = sum(report.counts["agree"] for report in reports.values())
    assert missed <= 0.03 * agreed, f"{missed} errors not seen, {agreed} answers agree"


def test_recorded() -> None:
    reports = compare(read("tf"), blurred=True)
    assert len(reports) > 150
    check(reports)


@live
@pytest.mark.parametrize("maker", list(MAKERS))
def test_live(maker: str) -> None:
    from tf_execution import execute

    answers = ((case, execute(case)) for case in generate({maker: MAKERS[maker]}, CASES, seed=7))
    for report in compare(((c, r) for c, r in answers if r is not None), blurred=True).values():
        assert not report.bad, "\n".join(report.bad[:10])


def declared(prefix: str) -> list[str]:
    """Declared names below a module."""
    load_all()
    return sorted(name for name in SPECS if name.startswith(prefix))


def names_of(signature: inspect.Signature) -> list[str]:
    """Parameters that can be given by name."""
    variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [p.name for p in signature.parameters.values() if p.kind not in variadic]


CONTRIB_ONLY = {"tf_slim.embed_sequence", "tf_slim.embedding_lookup_unique"}
SLIM = [
    n for n in declared("tf_slim.")
    if n not in CONTRIB_ONLY and SPECS[n].family not in ("object", "loss", "variable")
]  # fmt: skip


@live
@pytest.mark.parametrize("name", SLIM)
def test_slim_signatures(name: str) -> None:
    from tf_execution import resolve

    spec, real = SPECS[name], inspect.signature(resolve(name))
    assert names_of(spec.signature) == names_of(real)
    for key, parameter in spec.signature.parameters.items():
        mine, theirs = parameter.default, real.parameters[key].default
        if isinstance(mine, External):
            assert callable(theirs), f"{key} of {name} is {theirs!r}"
        elif name != "tf_slim.scale_gradient":
            assert mine == theirs, f"{key} of {name} is {theirs!r}, declared {mine!r}"


@live
@pytest.mark.parametrize("name", [n for n in declared("tensorflow.") if ".Tensor." not in n])
def test_parameters_exist(name: str) -> None:
    """Every keyword of TensorFlow 1 and 2 is understood: declared, or renamed to what is."""
    from tf_execution import framework, resolve

    v1 = framework()
    try:
        resolve(name)
    except LookupError:
        pytest.skip(f"{name} is not a name of TensorFlow 2.21")
    import tensorflow

    spec = SPECS[name]
    for root in (v1, tensorflow):
        target: Any = root
        for part in name.split(".")[1:]:
            target = getattr(target, part, None)
        if target is None or isinstance(target, type):
            continue
        try:
            real = names_of(inspect.signature(target))
        except (TypeError, ValueError):
            continue
        own = [n for n in names_of(spec.signature) if n != "_"]
        open_keywords = any(p.kind is p.VAR_KEYWORD for p in spec.signature.parameters.values())
        for key in real:
            _, renamed = spec.legacy([], {key: 1}) if spec.legacy else ([], {key: 1})
            assert open_keywords or set(renamed) <= set(own), f"{key} of {name} is not declared"

"""The type of what torch gives: a declaration that names one, or keeps its input's, is right about it.  Live only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("torch", exc_type=ImportError)

import torch
import torch_cases_create  # noqa: F401  adds its cases
from torch_cases_functional import FUNCTIONS, LAYERS
from torch_differential import Case, T, apply, bind, cases_of, outs, static
from torch_execution import real, resolve

from archlint.interp.tensors.apply import first_out, tensors_in
from archlint.layers import find
from archlint.layers.spec import Out
from archlint.layers.torch import computed

GENERATORS = {**LAYERS, **FUNCTIONS}
KINDS = ("float32", "float64", "int64")


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_the_type_is_torchs(name: str) -> None:
    wrong = set()
    for case in cases_of(name, GENERATORS[name], 6):
        for kind in KINDS if find(case.name).kind == "function" else KINDS[:1]:  # type: ignore[union-attr]
            given = replace(case, args=of_kind(case.args, kind), kwargs=of_kind(case.kwargs, kind))
            said, found = declared(given), given_by_torch(given)
            pairs = zip(said, found) if len(said) == len(found) else ()
            wrong |= {f"{given}: {a}, really {b}" for a, b in pairs if a and b and a != b}
    assert not wrong, "\n".join(sorted(wrong)[:3])


def of_kind(value: Any, kind: str) -> Any:
    """Tensors of float32 as tensors of another type."""
    if isinstance(value, T):
        return replace(value, dtype=kind) if value.dtype == "float32" else value
    if isinstance(value, (tuple, list)):
        return type(value)(of_kind(v, kind) for v in value)
    return {k: of_kind(v, kind) for k, v in value.items()} if isinstance(value, dict) else value


def declared(case: Case) -> list[str]:
    """Types of the outputs, as the evaluation takes them from the declaration: "" where they are not known."""
    try:
        bound = bind(case)
    except TypeError:
        return []
    result = apply(case, bound)
    spec = find(case.name)
    assert spec is not None
    if spec.kind == "function" and isinstance(result, Out):
        result = computed.filled(spec.name, bound, result)
    leading = first_out(result)
    if leading is None or leading.faults:
        return []
    inputs = list(tensors_in(static(case.call) if spec.kind == "layer" else bound))
    alike = (t for t in inputs if t.shape is not None and t.shape == leading.shape)
    first = next(alike, inputs[0] if inputs else None)
    if leading.axes is not None and inputs:
        first = inputs[0]
    return [(o.dtype if o.dtype is not None else first.dtype if first is not None else "") or "" for o in outs(result)]


def given_by_torch(case: Case) -> list[str]:
    """Types of the outputs of torch; none if it refuses."""
    target = resolve(case.name)
    try:
        with torch.no_grad():
            args, kwargs = real(case.args, "cpu"), real(case.kwargs, "cpu")
            if isinstance(target, type) and issubclass(target, torch.nn.Module):
                call = real(case.call, "cpu")
                made = target(*args, **kwargs).eval()
                return list(kinds(made(**call) if isinstance(call, dict) else made(call)))
            return list(kinds(target(*args, **kwargs)))
    except Exception:
        return []


def kinds(value: Any) -> Iterator[str]:
    if isinstance(value, torch.Tensor):
        yield str(value.dtype).rpartition(".")[2]
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from kinds(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from kinds(item)

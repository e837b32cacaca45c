"""Declared names and signatures are torch's own."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from torch_differential import declared

torch = pytest.importorskip("torch")

from torch_execution import resolve  # noqa: E402  needs torch

LOOSE = {
    "torch.Tensor.share_memory_",  # self is called by another name
    "torch.Tensor.norm", "torch.linalg.norm",  # one declaration serves all spellings
    "torch.split_with_sizes", "torch.Tensor.split", "torch.Tensor.unflatten", "torch.Tensor.unique",
    "torch.Tensor.unique_consecutive",
    "torch.meshgrid", "torch.einsum", "torch.Tensor", "torch.norm", "torch.atleast_1d",
    "torch.atleast_2d", "torch.atleast_3d", "torch.broadcast_shapes", "torch.broadcast_tensors",
    "torch.nn.RNN", "torch.nn.GRU", "torch.nn.LSTM",  # torch's own are (*args, **kwargs)
}  # fmt: skip
"""Names whose declaration takes arguments in another form than the Python function in torch."""


def parameters(signature: inspect.Signature) -> list[inspect.Parameter]:
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p for p in signature.parameters.values() if p.kind not in kinds]


def pairs() -> list[tuple[str, Any]]:
    found = []
    for spec in declared("torch."):
        found += [(name, spec) for name in spec.names if name not in LOOSE]
    return found


@pytest.mark.parametrize(("name", "spec"), pairs(), ids=[n for n, _ in pairs()])
def test_signature(name: str, spec: Any) -> None:
    """Names, order and defaults; functions written in C have no signature to compare with."""
    target = resolve(name)
    try:
        real = inspect.signature(target)
    except (TypeError, ValueError):
        return
    theirs, ours = parameters(real), parameters(spec.signature)
    if not theirs or list(real.parameters) == ["args", "kwargs"]:
        return  # dispatched or inherited: torch itself does not say
    if len(ours) < len(spec.signature.parameters):
        theirs = theirs[: len(ours)]  # options that no shape depends on are not spelled out
    assert [p.name for p in ours] == [p.name for p in theirs]
    for mine, other in zip(ours, theirs):
        if callable(other.default) and other.default is not inspect.Parameter.empty:
            continue  # `activation=relu`
        assert mine.default == other.default, mine.name


def test_every_name_exists() -> None:
    missing = []
    for spec in declared("torch."):
        for name in spec.names:
            try:
                resolve(name)
            except AttributeError:
                missing.append(name)
    assert missing == []


def test_calls_have_torchs_names() -> None:
    """`call=(…)` lists the parameters of `forward` in order."""
    for spec in declared("torch.nn."):
        if spec.kind == "layer" and spec.call:
            real = [p for p in inspect.signature(resolve(spec.name).forward).parameters if p != "self"]
            assert list(spec.call) == real[: len(spec.call)], spec.name

"""Running a case in einops, on torch tensors."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch
from torch_differential import Answer, Case
from torch_execution import outcome, real


def resolve(name: str) -> Any:
    """The object behind a qualified name."""
    module, _, leaf = name.rpartition(".")
    return getattr(import_module(module), leaf)


def execute(case: Case) -> Answer:
    """What einops makes of a case."""
    target = resolve(case.name)
    try:
        args, kwargs = real(case.args, "cpu"), real(case.kwargs, "cpu")
        if not isinstance(target, type):
            return Answer(outcome(target(*args, **kwargs)))
        layer = target(*args, **kwargs)
        return Answer(outcome(layer(real(case.call, "cpu"))), sum(p.numel() for p in layer.parameters()), 0)
    except (Exception, NotImplementedError) as error:
        return Answer(error=f"{type(error).__name__}: {error}".partition("\n")[0])


torch.set_grad_enabled(False)

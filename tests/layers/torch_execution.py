"""Running a case in torch, on small numbers: the meta device accepts what no real device does."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch_differential import Answer, Built, Case, Name, T

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def resolve(name: str) -> Any:
    """The object behind a qualified name."""
    value: Any = torch
    for part in name.split(".")[1:]:
        value = getattr(value, part)
    return value


def real(value: Any, device: str) -> Any:
    """An argument as torch takes it."""
    if isinstance(value, T):
        assert value.shape is not None
        make = torch.ones if value.dtype.startswith("float") else torch.zeros  # whole numbers are mostly indices
        return make(value.shape, dtype=getattr(torch, value.dtype or "float32"), device=device)
    if isinstance(value, Name):
        return resolve(value.name)
    if isinstance(value, Built):
        return resolve(value.name)(**real(value.kwargs, device))
    if isinstance(value, (tuple, list)):
        return type(value)(real(v, device) for v in value)
    if isinstance(value, dict):
        return {k: real(v, device) for k, v in value.items()}
    return value


def outcome(value: Any) -> Any:
    """Shapes of a result, nested as it is."""
    if isinstance(value, torch.Tensor):
        return ("tensor", tuple(value.shape))
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, (tuple, list)):
        return tuple(outcome(v) for v in value)
    return value if isinstance(value, (int, str)) else None


def execute(case: Case, device: str = "cpu") -> Answer:
    """The framework's answer to a case."""
    target = resolve(case.name)
    try:
        with torch.device(device), torch.no_grad():
            args, kwargs = real(case.args, device), real(case.kwargs, device)
            if not (isinstance(target, type) and issubclass(target, torch.nn.Module)):
                return Answer(outcome(target(*args, **kwargs)))
            layer = target(*args, **kwargs)
            layer.eval()
            given = real(case.call, device)
            result = outcome(layer(**given) if isinstance(given, dict) else layer(given))
            params = sum(p.numel() for p in layer.parameters() if p.requires_grad)
            total = sum(p.numel() for p in (*layer.parameters(), *layer.buffers()))
            return Answer(result, params, total - params)
    except Exception as error:
        return Answer(error=f"{type(error).__name__}: {error}".partition("\n")[0])

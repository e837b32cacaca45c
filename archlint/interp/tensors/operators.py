"""Operators and subscripts of tensors: `a + b`, `a @ b`, `x[:, -1]`."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.tensors import apply
from archlint.layers.families.elementwise import broadcast, matmul
from archlint.layers.families.index import subscript
from archlint.layers.spec import Out
from archlint.layers.torch import computed, contents
from archlint.text import Span
from archlint.values import Reason, Tensor, Unknown

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


def operate(ev: Evaluator, op: str, a: Any, b: Any, where: Span) -> Any:
    """`a + b`, `a @ b`, `a > b` with a tensor on either side."""
    a, b = apply.refreshed(ev, apply.any_number(apply.plain(a))), apply.refreshed(ev, apply.any_number(apply.plain(b)))
    inputs = [t for t in (a, b) if isinstance(t, Tensor)]
    framework = inputs[0].framework
    if framework == "torch" and isinstance(b if a is inputs[0] else a, (tuple, list)):
        return Unknown(Reason.DATA, "a shape", where)  # `leading + (rows, 3)`: no tensor takes that, `leading` is none
    dtype = "bool" if op in _COMPARISONS else None

    def outcome() -> Out:
        if op == "@":
            return matmul(a, b) if len(inputs) == 2 else Out()
        out = broadcast(a, b, dtype=dtype, division=op == "/")
        return computed.operator(op, a, b, out) if framework == "torch" else out

    result, why = apply.guarded(ev, outcome, f"operator {op}")
    family = "matmul" if op == "@" else "elementwise"
    prefix = {"torch": "torch", "keras": "keras.ops", "tf": "tensorflow"}.get(framework, "torch")
    site = apply.Site(f"{prefix}.operator{op}", family, where, args={"op": op})
    return apply.record(ev, site, inputs, result if result is not None else Out(), why)


def index_tensor(ev: Evaluator, tensor: Tensor, index: Any, where: Span) -> Any:
    """`x[:, -1]`, `x[..., None]`, `x[mask]`."""
    tensor = ev.refresh(tensor)
    parts = tuple(apply.refreshed(ev, apply.plain(i)) for i in (index if isinstance(index, tuple) else (index,)))
    result, why = apply.guarded(ev, lambda: contents.indexed(tensor, parts, subscript(tensor, parts)), "subscript")
    extra = [t for part in parts for t in apply.tensors_in(part)]
    prefix = {"torch": "torch", "keras": "keras.ops", "tf": "tensorflow"}.get(tensor.framework, "torch")
    site = apply.Site(f"{prefix}.subscript", "index", where, args={"index": parts})
    return apply.record(ev, site, [tensor, *extra], result if result is not None else Out(), why)

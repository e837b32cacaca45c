"""`b, c, h, w = x.shape` of a tensor that has another number of axes: kept as a call that fails."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim, show_shape
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import expr
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply, outputs
from archlint.layers.spec import Fault, Out
from archlint.source import ir
from archlint.values import Tensor


def note(ev: Evaluator, frame: Frame, source: ir.Expr, target: ir.Expr, value: Any) -> None:
    """Puts the failing assignment into the graph; in a branch or a `try` it may be meant to fail."""
    if not isinstance(target, ir.Display) or not isinstance(value, tuple) or len(value) == len(target.items):
        return
    if ev.branches or any(isinstance(t, ir.Starred) for t in target.items):
        return
    if isinstance(source, ir.Call) and value and all(isinstance(v, (Tensor, tuple)) for v in value):
        _results(ev, frame, target, value)
        return
    owner = _owner(source)
    if owner is None:
        return
    tensor = expr.evaluate(ev, frame, owner) if _plain(owner) else Tensor(tuple(value))
    if not isinstance(tensor, Tensor) or tensor.shape is None or len(tensor.shape) != len(value):
        return
    if not all(s is None or isinstance(s, (int, Dim)) for s in value):
        return
    names, rank = len(target.items), len(value)
    text = f"takes {names} sizes from a shape of {rank}: {show_shape(tensor.shape)}"
    where = frame.span(target)
    out = Out(faults=(Fault("unpack", "", text, rank, names),))
    site = apply.Site(f"{outputs.framework_of('', tensor)}.Tensor.shape", "shape", where)
    apply.record(ev, site, [tensor] if tensor.node >= 0 else [], out)


def _results(ev: Evaluator, frame: Frame, target: ir.Display, value: tuple[Any, ...]) -> None:
    """`out, h, c = lstm(x)` of a layer that gives another number of tensors; of another session's nothing is said."""
    tensors = [ev.refresh(t) for t in apply.tensors_in(value)]
    makers = {t.node for t in tensors}
    if len(makers) != 1 or ev.node(makers.pop()) is None or len({t.slot for t in tensors}) != len(tensors):
        return
    text = f"takes {len(target.items)} tensors of {len(value)}"
    out = Out(faults=(Fault("unpack", "", text, len(value), len(target.items)),))
    site = apply.Site(f"{outputs.framework_of('', tensors[0])}.outputs", "shape", frame.span(target))
    apply.record(ev, site, tensors, out)


def _owner(source: ir.Expr) -> ir.Expr | None:
    """`x` of `x.shape` and `x.size()`."""
    if isinstance(source, ir.Attr) and source.attr == "shape":
        return source.value
    if isinstance(source, ir.Call) and not source.args and isinstance(source.func, ir.Attr):
        return source.func.value if source.func.attr == "size" else None
    return None


def _plain(owner: ir.Expr) -> bool:
    """Can it be read again without doing anything?"""
    return isinstance(owner, ir.Name) or (isinstance(owner, ir.Attr) and _plain(owner.value))

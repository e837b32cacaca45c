"""What an application gives: the tensors of its outputs, and why nothing is known of them."""

from __future__ import annotations

from archlint.interp.evaluator import Evaluator
from archlint.interp.tensors import axes
from archlint.layers.spec import Out
from archlint.values import Reason, Tensor, Unknown


def reason(inputs: list[Tensor], leading: Out, why: Unknown | None, op: str) -> str:
    """Why nothing is known of the output of `op`."""
    if leading.faults:
        return Reason.FAULT
    if why is not None:
        return f"{why.why}: {why.about}"
    if not inputs or any(t.shape is None for t in inputs):
        return "input not known"
    return f"{Reason.SPEC}: {op}"


def tensor(ev: Evaluator, out: Out, x: Tensor | None, node: int, slot: int, framework: str) -> Tensor:
    """An output as the program holds it; `x` is the input whose form it has where it says nothing else."""
    dtype = out.dtype if out.dtype is not None else x.dtype if x is not None else None
    shape, last, entry = out.shape, out.last, None
    if out.like_input and x is not None and shape is None:
        shape, last, entry = x.shape, x.last if last is None else last, x.entry
        return Tensor(shape, dtype or None, x.axes, node, slot, last, entry, None, framework)
    return Tensor(shape, dtype or None, axes.trace(ev, x, out), node, slot, last, entry, out.data, framework)


def framework_of(op: str, x: Tensor | None = None) -> str:
    """Which framework's methods a tensor has."""
    top = op.partition(".")[0]
    if top in ("torch", "keras"):
        return top
    return "tf" if top in ("tensorflow", "tf_slim") else x.framework if x is not None else "torch"

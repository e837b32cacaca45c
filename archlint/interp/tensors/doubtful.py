"""Faults that the program may rule out: behind tests that make sure of sizes, or of what defaults leave open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from archlint.layers.spec import Fault
from archlint.values import Tensor

if TYPE_CHECKING:
    from archlint.interp.evaluator import Evaluator
    from archlint.interp.tensors.apply import Site


def doubtful(ev: Evaluator, site: Site, inputs: Sequence[Tensor], faults: Iterable[Fault]) -> bool:
    """May there be no such fault whenever the program comes here?"""
    return _guarded(ev, faults) or (ev.session.by_default and (_of_nothing(site, faults) or _over_all(ev, inputs)))


def _guarded(ev: Evaluator, faults: Iterable[Fault]) -> bool:
    """Does a test around it make sure of sizes?  One that hangs on an earlier test does so of what is added up.

    if width != planes: self.shortcut = nn.Conv2d(width, planes, 1)
    return y + (x if self.shortcut is None else self.shortcut(x))

    if mode == "points": return convert(x.view(-1, 8), mode)      and in there: if mode == "boxes": x[:, 2:] - x[:, :2]
    """
    tests = ev.guarded()
    return "sizes" in tests or ("choice" in tests and all(fault.kind == "broadcast" for fault in faults))


def _of_nothing(site: Site, faults: Iterable[Fault]) -> bool:
    """Is a size 0 or nothing at all that the defaults of an entry point gave?  They leave open what the model is for.

    def __init__(self, columns=None):                 nobody builds Net() and runs it
        self.fc = nn.Linear(len(columns or ()), 8)
    """
    sizes: list[Any] = []
    for fault in faults:
        if fault.kind in ("features", "channels", "count", "divide", "merge", "broadcast", "matmul"):
            sizes += (fault.want, fault.got)
        elif fault.kind == "axis" and fault.axis is not None:
            sizes.append(fault.want)  # an index; axes that do not exist are no sizes
        elif fault.kind == "arguments" and fault.arg in site.given and site.args.get(fault.arg) is None:
            sizes.append(0)  # F.interpolate(x, size=self.size, scale_factor=self.factor)
    return any(type(size) is int and size == 0 for size in sizes)


def _over_all(ev: Evaluator, inputs: Sequence[Tensor]) -> bool:
    """Is it about what `x.sum(dim=self.dim)` gives where the dim is None by default?"""
    for tensor in inputs:
        made = ev.node(tensor.node)
        if made is not None and made.family == "reduce":
            return any(n in made.given and made.args.get(n) is None for n in ("dim", "axis"))
    return False

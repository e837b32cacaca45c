"""A view of which only the last axis is known: `x.view(x.shape[:-1] + (64,))` of a tensor of open rank."""

from __future__ import annotations

from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.iterate import A_SIZE, OpenShape
from archlint.interp.tensors import apply
from archlint.layers.spec import Out
from archlint.values import Tensor, as_size


def seen(ev: Evaluator, tensor: Tensor, name: str, arguments: Arguments) -> Tensor | None:
    """The view, which may be known to have as many axes as another tensor; None where nothing is known of it.

    Where the leading sizes are known by now, they take their place among the arguments.
    """
    shape = arguments.positional[0]
    if not isinstance(shape, OpenShape) or shape.without is None:
        return None
    leading = ev.refresh(shape.tensor).shape
    if leading is not None:
        sizes = (*leading[: max(len(leading) - shape.without, 0)], *shape.more)
        arguments.positional[0] = tuple(A_SIZE if s is None else s for s in sizes)
        return None
    last = as_size(shape.more[-1]) if shape.more else None
    if last is None or last == -1:
        return None
    site = apply.Site(f"torch.Tensor.{name}", "reshape", arguments.span)
    made = apply.record(ev, site, [tensor], Out(last=last))
    assert isinstance(made, Tensor)
    if shape.without == len(shape.more):
        ev.session.like_ranks[made.node, made.slot] = (shape.tensor, len(shape.more))
    return made

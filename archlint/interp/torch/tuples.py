"""`_pair(3)`: torch's own way to read one number as a number for each axis."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.handlers import Call
from archlint.values import ListValue, Ratio, Unknown


def _repeated(count: int) -> Call:
    def build(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        value = arguments.get(0, "x")
        if isinstance(value, (tuple, ListValue)):
            items = iterate.items(ev, value)
            return items if isinstance(items, Unknown) else tuple(items)
        if value is None or isinstance(value, (bool, int, float, Dim, Ratio)):
            return (value,) * count
        if isinstance(value, Unknown) and value.number:
            return (value,) * count
        return value if isinstance(value, Unknown) else Unknown("argument", "a size for each axis", arguments.span)

    return build


HANDLERS: dict[str, Call] = {
    f"torch.nn.{name}": _repeated(count)
    for name, count in (("_single", 1), ("_pair", 2), ("_triple", 3), ("_quadruple", 4))
}
"""By the names that `torch.nn.modules.utils` gives them."""

"""Forms that docstrings state of what a module is called with.

    def forward(self, pixel_values, grid_thw):
        '''
        Args:
            pixel_values (`torch.Tensor` of shape `(num_patches, patch_dim)`): the patches of all pictures
            grid_thw: Tensor of shape (num_images, 3)
        '''

Nothing makes the program keep to them: as with what convention says, they hold as long as the model agrees.  Two
parameters whose sizes have one name in the text need not be of one size, so each size is a symbol of its own; where
the first layer needs `patch_dim` to be 768, it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archlint.dims import Dim
from archlint.interp.python.frame import UserRaise
from archlint.layers.spec import Demand
from archlint.source import ir
from archlint.values import Class, Function, Tensor

if TYPE_CHECKING:
    from archlint.interp.evaluator import Evaluator

_ENTRY = re.compile(r"[ \t]*(?:[-*][ \t]+)?(?::param[ \t]+(?:[\w.\[\]]+[ \t]+)?)?[`*]{0,2}(\w+)[`*]{0,2}[ \t]*(\(.*)?:")
_SHAPE = re.compile(r"\b(?:shape|size)s?\b[ \t:=`*]*(?:is|of)?[ \t:=`*]*[(\[]([^()\[\]]*)[)\]]", re.IGNORECASE)
_FIRST = re.compile(r"[ \t]*`*[(\[]([^()\[\]]*)[)\]]")
_OR = re.compile(r"[`*\s]*(?:or|/)[\w\s:`*]{0,12}[(\[]([^()\[\]]*)[)\]]")
_NAME = re.compile(r"[A-Za-z]\w*")
_LETTERS = frozenset("BNCTSLHWDFKEM")
_BATCH = re.compile(r"(?:b|n|bs|batch|batch_?size|num_batch(?:es)?|n_batch)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """A name or a number for each axis, "" where the text has neither; what is known of their meaning."""

    sizes: tuple[str | int, ...]
    roles: tuple[str, ...]


def stated(function: Function, name: str) -> Form | None:
    """What the docstring of a function, or of its class, says of a parameter's shape; None if it says two things."""
    owner = function.owner
    for text in (_docstring(function), "" if owner is None else _docstring(owner)):
        entry = _entry(text, name)
        found = {_form(shape) for shape in _shapes(entry)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _docstring(definition: Function | Class) -> str:
    body = definition.node.body
    first = body[0] if isinstance(body, list) and body else None
    value = first.value if isinstance(first, ir.ExprStmt) else None
    return value.value if isinstance(value, ir.Const) and isinstance(value.value, str) else ""


def _entry(text: str, name: str) -> str:
    """The lines about a parameter: the one that it begins, and those indented further."""
    if "(" not in text and "[" not in text:
        return ""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        head = _ENTRY.match(line)
        if head is None or head[1] != name:
            continue
        found = [line[head.end(1) :]]
        for more in lines[place + 1 :]:
            if not more.strip() or _indent(more) <= _indent(line):
                break
            found.append(more.strip())
        return " ".join(found)
    return ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _shapes(entry: str) -> list[str]:
    """`… of shape (batch_size, 3)`; `: (B, C, H, W)` where the first thing said is a row of such letters."""
    found = list(_SHAPE.finditer(entry))
    said = _FIRST.match(entry, entry.find(":") + 1)
    if not found and said is not None:
        parts = [part.strip() for part in said[1].split(",")]
        if len(parts) > 1 and _LETTERS.issuperset(parts):
            found.append(said)
    for match in found:  # `(B, T, D) or (T, D)`
        if other := _OR.match(entry, match.end()):
            found.append(other)
    return [match[1] for match in found]


def _form(shape: str) -> Form | None:
    parts = [part.strip(" `*'\"") for part in shape.strip().rstrip(",").split(",")]
    sizes: list[str | int] = []
    for part in parts:
        if part.isdigit() and int(part) > 1:  # of a 1 nobody knows whether it stays
            sizes.append(int(part))
        elif _NAME.fullmatch(part):
            sizes.append(part)
        elif part and "." not in part and ":" not in part and not part.startswith("*") and _NAME.search(part):
            sizes.append("")  # `height * width`, `2 * dim`
        elif part == "1":
            sizes.append("")
        else:
            return None
    first = sizes[0]
    batch = isinstance(first, str) and len(sizes) > 1 and _BATCH.fullmatch(first) is not None
    return Form(tuple(sizes), ("batch" if batch else "", *[""] * (len(sizes) - 1)))


class Contradicted(UserRaise):
    """A layer needs another number of axes than the docstring says."""


def bind(ev: Evaluator, name: str, entry: int, form: Form) -> None:
    """Give a parameter's entry tensor the form, and the sizes that an earlier call found that layers need."""
    sizes = []
    for axis, said in enumerate(form.sizes):
        size = ev.needed.get((name, axis), said)
        if isinstance(size, str):
            size = ev.symbol(size or "D")
            ev.documented[size] = (name, axis)
        sizes.append(size)
    ev.bind_entry(entry, tuple(sizes), form.roles, "docstring")


def demanded(ev: Evaluator, tensor: Tensor, demand: Demand) -> None:
    """Note what a layer needs of sizes that a docstring names."""
    if tensor.shape is None:
        return
    said = [ev.documented.get(size) if isinstance(size, Dim) else None for size in tensor.shape]
    if not demand.last_only and len(demand.sizes) != len(said):
        if said and all(place is not None for place in said):
            raise Contradicted("a docstring is wrong")
        return
    for place, size in zip(reversed(said), reversed(demand.sizes)):
        if place is not None and size is not None:
            ev.needed.setdefault(place, size)

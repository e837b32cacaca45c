"""Classes with a `__new__` of their own, which is not run: what it may have written is not known, nor what it gives.

class Operator:
    has_product = False

    def __new__(cls, *args):
        cls.has_product = "product" in cls.__dict__
        return super().__new__(cls)            # an instance all the same, of which `has_product` is not known
"""

from __future__ import annotations

from archlint.source import ir
from archlint.source.walk import below
from archlint.values import Builtin, Class, External, Function, Reason, Unknown

_HELD = frozenset(["tuple", "str", "int", "float", "typing.NamedTuple"])
_ANY_NAME = frozenset(["setattr", "__dict__", "vars"])


def written(cls: Class) -> dict[str, Unknown] | None:
    """Attributes that a `__new__` sets, each unknown; None if it may give something else than an instance."""
    for base in cls.mro:
        if not isinstance(base, Class):
            return {}
        new = base.attrs.get("__new__")
        if new is not None:
            plain = isinstance(new, Function) and _gives_an_instance(new) and not _immutable(cls)
            return _set_by(new) if plain else None
    return {}


def _immutable(cls: Class) -> bool:
    """`class Sizes(namedtuple("Sizes", "a b"))`: what it holds is what `super().__new__` is given."""
    return any(isinstance(b, Builtin) or (isinstance(b, External) and b.name in _HELD) for b in cls.mro)


def _set_by(new: Function) -> dict[str, Unknown]:
    places = [t for node in below(new.node.body) if isinstance(node, ir.Assign) for t in node.targets]
    return {
        target.attr: Unknown(Reason.SYNTAX, f"{target.attr} after __new__")
        for place in places
        for target in below(place)
        if isinstance(target, ir.Attr)
    }


def _gives_an_instance(new: Function) -> bool:
    """`return super().__new__(cls)`, or a name that holds it; nothing is written by a computed name."""
    body = new.node.body
    made = {
        target.id
        for node in below(body)
        if isinstance(node, ir.Assign) and _makes(node.value)
        for target in node.targets
        if isinstance(target, ir.Name)
    }
    for node in below(body):
        named = node.id if isinstance(node, ir.Name) else node.attr if isinstance(node, ir.Attr) else ""
        if named in _ANY_NAME:
            return False
        if isinstance(node, ir.Return) and not (
            _makes(node.value) or (isinstance(node.value, ir.Name) and node.value.id in made)
        ):
            return False
    return True


def _makes(value: ir.Expr | None) -> bool:
    return isinstance(value, ir.Call) and isinstance(value.func, ir.Attr) and value.func.attr == "__new__"

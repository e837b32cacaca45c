"""Star imports: what `from blocks import *` brings into a module."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import builtin_functions as python_builtins
from archlint.interp.python import functions, imports
from archlint.values import External, ListValue, Module


def found(ev: Evaluator, module: Module, name: str, load: bool, seen: set[int]) -> Any:
    """What `from blocks import *` brings in; the module is evaluated when a name is first missed (`load`)."""
    if name.startswith("_") or id(module) in seen:
        return functions.ABSENT
    seen.add(id(module))
    unlisted = functions.ABSENT  # a decorator may have put it into `__all__`
    for place in reversed(range(len(module.stars))):
        value = from_star(ev, module, place, name, load, seen)
        if value is not functions.ABSENT and not (place and left_out(ev, module.stars[place], name)):
            return value
        unlisted = value if unlisted is functions.ABSENT else unlisted
    return unlisted


def from_star(
    ev: Evaluator, module: Module, place: int, name: str, load: bool = True, seen: set[int] | None = None
) -> Any:
    """What one star import of a module brings in under a name, or ABSENT."""
    star = module.stars[place]
    if isinstance(star, imports.Lazy) and load and imports.may_offer(ev, star, name):
        star = module.stars[place] = imports.find_module(ev, star.importer, star.module, star.level)
    if isinstance(star, Module):
        own = functions.own_name(ev, star, name)
        return (
            found(ev, star, name, load, seen if seen is not None else {id(module)}) if own is functions.ABSENT else own
        )
    if isinstance(star, External) and library_offers(star, name):
        return External(f"{star.name}.{name}")
    return functions.ABSENT


def library_offers(star: External, name: str) -> bool:
    """May `from keras.layers import *` bring in a name?"""
    return python_builtins.star_offers(star.name, name)


def left_out(ev: Evaluator, star: Any, name: str) -> bool:
    """Does the `__all__` of what `from blocks import *` reads leave a name out, as far as it is known?"""
    if not isinstance(star, Module) or "__all__" not in star.names:
        return False
    listed = star.names["__all__"] = imports.resolved(ev, star.names["__all__"])
    words = listed.items if isinstance(listed, ListValue) else listed if isinstance(listed, tuple) else None
    return words is not None and all(isinstance(word, str) for word in words) and name not in words

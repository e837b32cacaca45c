"""Names that something else may have bound anew: a star import below them, `exec`.

width = 10
from settings import *    # whatever `width` is in settings, if it is there
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from archlint.frameworks import FRAMEWORKS
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions, imports, star_imports
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.source.chunk import first_code
from archlint.values import Class, External, Function, Module, Reason, Unknown

_WRITTEN = re.compile(
    r"globals\(\)(?:\s*\[[^\]]*\]\s*=(?!=)|\.(?:update|setdefault|pop|clear)\b|[ \t]*$)", re.MULTILINE
)  # `globals()["width"] = 3`, `globals().update(…)`, `names = globals()`

_DEFINITION = re.compile(r"@|(?:async\s+def|def|class)\b")


@dataclass(frozen=True, slots=True, eq=False)
class Rebound:
    """What a name held before the star import at `place` of the module, and may hold no longer."""

    module: Module
    name: str
    old: Any
    place: int


def cover(ev: Evaluator, module: Module, at: int) -> None:
    """Note that the last star import of a module stands below the names bound so far; `at`: where it stands."""
    place = len(module.stars) - 1
    ev.heap.touch(module.names)
    for name, value in list(module.names.items()):
        waits_below = isinstance(value, imports.Waiting) and value.section.base > at
        if not name.startswith("_") and not waits_below and _may_bind(ev, module.stars[place], name):
            module.names[name] = Rebound(module, name, value, place)


def _may_bind(ev: Evaluator, star: Any, name: str) -> bool:
    if isinstance(star, imports.Lazy):
        return imports.may_offer(ev, star, name)
    if isinstance(star, External) and star.name.partition(".")[0] in FRAMEWORKS:
        return star_imports.library_offers(star, name)
    return True


def settled(ev: Evaluator, rebound: Rebound) -> Any:
    """The value of the name: what the star import brings, or what it held."""
    names = rebound.module.names
    if names.get(rebound.name) is rebound:
        names[rebound.name] = rebound.old  # modules that import each other see what was there
    found = star_imports.from_star(ev, rebound.module, rebound.place, rebound.name)
    star = rebound.module.stars[rebound.place]
    if found is not functions.ABSENT and not star_imports.left_out(ev, star, rebound.name):
        return found
    old = imports.resolved(ev, rebound.old)
    known = isinstance(star, Module) or (isinstance(star, External) and star.name.partition(".")[0] in FRAMEWORKS)
    return (
        old if known or not _is_data(old) else Unknown(Reason.IMPORT, f"{rebound.name}, or what a star import brings")
    )


def _is_data(value: Any) -> bool:
    """Is it a setting that somebody else would state anew?  A layer's class or a library keeps its name."""
    if isinstance(value, imports.Waiting):
        text = value.section.text
        return _DEFINITION.match(text, first_code(text)) is None
    return not isinstance(value, (External, Module, Function, Class))


def executed(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`exec(open("config.py").read())`: no setting of the module is known to be what it was."""
    _forget(ev, frame.module, "exec")
    return None


def written(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`globals().update(config)`, too; `globals()[name]()` only reads."""
    if _WRITTEN.search(frame.chunk.text):
        _forget(ev, frame.module, "globals()")
    return Unknown(Reason.NAME, "globals", arguments.span)


def _forget(ev: Evaluator, module: Module, what: str) -> None:
    ev.heap.touch(module.names)
    for name, value in module.names.items():
        if not name.startswith("__") and _is_data(value) and not isinstance(value, imports.Lazy):
            module.names[name] = Unknown(Reason.SYNTAX, f"{name} after {what}")

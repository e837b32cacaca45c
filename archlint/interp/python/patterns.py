"""Regular expressions on text that is known: `re.split(r"(\\d.*)", "k3")`, as block descriptions are taken apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.handlers import Call
from archlint.values import Builtin, ListValue, Object, Reason, Unknown

MAX_TEXT = 200
MAX_REPEATS = 3
_REPEATED_GROUP = re.compile(r"\)[*+{]")


def on_text(function: Callable[..., Any]) -> Call:
    """A function of `re` on constants; a pattern that might take for ever is not tried."""

    def apply(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        given = arguments.positional
        known = len(given) >= 2 and not arguments.keywords and not arguments.open
        if known and all(isinstance(v, str) and len(v) <= MAX_TEXT for v in given) and _is_quick(given[0]):
            try:
                found = function(*given)
            except (re.error, TypeError, IndexError):
                found = None
            if found is not None:
                return ListValue(found) if isinstance(found, list) else found
        return Unknown(Reason.EXTERNAL, f"re.{function.__name__}", arguments.span)

    return apply


def _is_quick(pattern: str, text: str = "") -> bool:
    repeats = sum(pattern.count(sign) for sign in "*+{")
    most = MAX_REPEATS if len(text) > 24 or not text else MAX_REPEATS + 2
    return repeats <= most and _REPEATED_GROUP.search(pattern) is None


def _found(function: Callable[..., Any]) -> Call:
    """`re.search(pattern, text)`: None, or an object that gives its groups."""

    def apply(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        given = arguments.positional
        if len(given) == 2 and not arguments.keywords and not arguments.open:
            if all(isinstance(v, str) and len(v) <= MAX_TEXT for v in given) and _is_quick(given[0], given[1]):
                try:
                    return _match(ev, function(*given), arguments)
                except re.error:
                    pass
        return Unknown(Reason.EXTERNAL, f"re.{function.__name__}", arguments.span)

    return apply


def _match(ev: Evaluator, found: re.Match[str] | None, arguments: Arguments) -> Object | None:
    if found is None:
        return None

    def group(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        wanted = [v if isinstance(v, (int, str)) else -1 for v in given.positional or [0]]
        try:
            return found.group(*wanted)
        except IndexError:
            return Unknown(Reason.DATA, "a group that is not known", given.span)

    methods = {"group": Builtin("group", group), "groups": Builtin("groups", lambda *given: found.groups())}
    return Object(None, "", methods, ev.serial(), arguments.span)


HANDLERS: dict[str, Call] = {f"re.{f.__name__}": on_text(f) for f in (re.split, re.sub, re.findall)}


def _compiled(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`re.compile(pattern)`: an object with the functions of `re`."""
    pattern = arguments.get(0, "pattern")
    if not isinstance(pattern, str) or len(arguments.positional) != 1 or arguments.keywords:
        return Unknown(Reason.EXTERNAL, "re.compile", arguments.span)

    def method(name: str) -> Builtin:
        return Builtin(name, lambda ev, frame, given: HANDLERS[f"re.{name}"](ev, frame, given.behind(pattern)))

    names = ("search", "match", "fullmatch", "split", "sub", "findall")
    return Object(None, "", {"pattern": pattern, **{n: method(n) for n in names}}, ev.serial(), arguments.span)


HANDLERS |= {"re.compile": _compiled}
HANDLERS |= {f"re.{f.__name__}": _found(f) for f in (re.search, re.match, re.fullmatch)}

"""The types of configuration values, and what is said of a value that has another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Type: TypeAlias = Literal["boolean", "integer", "number", "string", "array", "object", "any"]
"""As a JSON schema calls it."""

PYTHON: dict[str, type | tuple[type, ...]] = {
    "boolean": bool, "integer": int, "number": (int, float), "string": str, "array": list, "object": Mapping,
}  # fmt: skip


class ConfigurationError(ValueError):
    """The configuration cannot be used; the text says where and why, for the user."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be.

    said: what it is called, `a list of rules`.  items: what an array, or each key of an open table, holds.
    keys: the keys of a table that has no others.  either: the kinds that it may have instead of one.
    selects: does a string (or each key of the table) name rules?
    """

    said: str
    type: Type = "any"
    choices: tuple[str | int, ...] = ()
    items: Kind | None = None
    keys: tuple[Key, ...] = ()
    either: tuple[Kind, ...] = ()
    selects: bool = False
    positive: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its default, one line of documentation, an example in TOML."""

    name: str
    kind: Kind
    default: Any
    doc: str
    example: str = ""


FLAG = Kind("true or false", "boolean")
TEXT = Kind("a text", "string")
PATH = Kind("the path of a file", "string")
TEXTS = Kind("a list of texts", "array", items=TEXT)
PATTERN = Kind("a pattern like 'tests/*'", "string")
PATTERNS = Kind("a list of patterns like 'tests/*'", "array", items=PATTERN)
RULE = Kind("a rule: its code, the start of it, or its name", "string", selects=True)
RULES = Kind("a list of rules", "array", items=RULE)


def choice(*values: str) -> Kind:
    """One of some texts."""
    return Kind(f"one of {', '.join(values)}", "string", choices=values)


def table(said: str, *keys: Key) -> Kind:
    """A table with these keys and no others."""
    return Kind(said, "object", keys=keys)


def open_table(said: str, items: Kind, *, selects: bool = False) -> Kind:
    """A table whose keys the user makes up, or that are rules."""
    return Kind(said, "object", items=items, selects=selects)


def fits(kind: Kind, value: Any) -> bool:
    """Is the value itself of the kind, whatever it holds?  A whole number is a number; true is none."""
    if kind.either:
        return any(fits(one, value) for one in kind.either)
    if kind.type == "any":
        return True
    if isinstance(value, bool) != (kind.type == "boolean") or not isinstance(value, PYTHON[kind.type]):
        return False
    if kind.positive and isinstance(value, (int, float)) and value <= 0:
        return False
    return not kind.choices or value in kind.choices


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value: the way to it, and a sentence that follows the name of its place."""

    way: tuple[str, ...]
    said: str


def problems(kind: Kind, value: Any, way: tuple[str, ...] = ()) -> Iterator[Problem]:
    """What is wrong with a value and with what it holds."""
    if not fits(kind, value):
        yield Problem(way, f"'{way[-1] if way else ''}' is {kind.said}, not {shown(value)}")
    elif kind.either:
        yield from problems(next(one for one in kind.either if fits(one, value)), value, way)
    elif isinstance(value, list) and kind.items is not None:
        for item in value:
            if not fits(kind.items, item):
                yield Problem(way, f"'{way[-1] if way else ''}' is {kind.said}; {shown(item)} is not {kind.items.said}")
            elif kind.items.type == "object":
                yield from problems(kind.items, item, way)
    elif isinstance(value, Mapping):
        for name, held in value.items():
            of_name = _of_name(kind, name)
            if of_name is None and kind.keys:
                yield Problem(way, f"no such key '{name}'" + _instead(name, kind))
            elif of_name is not None:
                yield from problems(of_name, held, (*way, name))


def _of_name(kind: Kind, name: str) -> Kind | None:
    return next((key.kind for key in kind.keys if key.name == name), kind.items)


def _instead(name: str, kind: Kind) -> str:
    from archlint.selection import did_you_mean

    names = [key.name for key in kind.keys]
    return did_you_mean(name.replace("_", "-"), names) or (f"; there are {', '.join(names)}" if len(names) < 9 else "")


def shown(value: Any) -> str:
    """A value as TOML writes it, cut where it is long."""
    text = toml(value)
    return text if len(text) <= 60 else text[:57] + "..."


def toml(value: Any) -> str:
    """A value in TOML, on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case list() | tuple():
            return "[" + ", ".join(map(toml, value)) + "]"
        case Mapping():
            inside = ", ".join(f"{bare_or_quoted(key)} = {toml(item)}" for key, item in value.items())
            return "{ " + inside + " }" if inside else "{}"
    return str(value)


def quoted(text: str) -> str:
    """A basic string of TOML."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(escapes.get(c, c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'


def bare_or_quoted(key: str) -> str:
    """A key of TOML, quoted where it must be."""
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else quoted(key)

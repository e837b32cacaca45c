"""The configuration as a JSON schema (draft 2020-12), for editors that check TOML."""

from __future__ import annotations

from typing import Any

from archlint.configuration.keys import TABLE
from archlint.configuration.kinds import Key, Kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema of an archlint.toml, and so of the table [tool.archlint]."""
    about = "Configuration of archlint: an archlint.toml, or [tool.archlint] of a pyproject.toml."
    return {"$schema": DIALECT, "title": "archlint", "description": about, **_of(TABLE)}


def _of(kind: Kind) -> dict[str, Any]:
    if kind.either:
        return {"anyOf": [_of(one) for one in kind.either]}
    if kind.type == "any":
        return {}
    found: dict[str, Any] = {"type": kind.type}
    if kind.choices:
        found["enum"] = list(kind.choices)
    if kind.positive:
        found["exclusiveMinimum"] = 0
    if kind.type == "array" and kind.items is not None:
        found["items"] = _of(kind.items)
    elif kind.type == "object" and kind.keys:
        found["properties"] = {key.name: _of_key(key) for key in kind.keys}
        found["additionalProperties"] = False
    elif kind.type == "object" and kind.items is not None:
        found["additionalProperties"] = _of(kind.items)
    return found


def _of_key(key: Key) -> dict[str, Any]:
    about: dict[str, Any] = {"description": key.doc}
    return {**about, **_of(key.kind), **({} if key.default is None else {"default": key.default})}

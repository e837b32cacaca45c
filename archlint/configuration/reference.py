"""The keys of the configuration for people: a list, one key in full, a table in Markdown, plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from archlint.configuration.keys import KEYS, RUN
from archlint.configuration.kinds import Key, toml

WIDTH = 96


def every() -> Iterator[tuple[str, Key]]:
    """The keys by their full names, `verify.timeout`, in the order of the reference."""
    for key in KEYS:
        if not key.kind.keys:
            yield key.name, key
        yield from ((f"{key.name}.{inner.name}", inner) for inner in key.kind.keys)


def listed() -> str:
    """A line or more for each key: its name, its default, what it says."""
    widest = max(len(name) for name, _ in every()) + 2
    lines = []
    for name, key in every():
        about = textwrap.wrap(key.doc.replace("`", ""), WIDTH - widest)
        lines += [f"{name:<{widest}}{about[0]}", *(f"{'':<{widest}}{line}" for line in about[1:])]
    return "\n".join(lines) + "\n"


def in_full(name: str, key: Key) -> str:
    """One key: what it says, its type, its default, an example."""
    rows = [("type", key.kind.said), ("default", _default(key))]
    rows += [("example", key.example)] if key.example else []
    rows += [("holds", "for the whole run, from the configuration nearest to the working directory")] * (
        name.partition(".")[0] in RUN
    )
    return "\n".join([name, "", *textwrap.wrap(key.doc, WIDTH), "", *(f"{a:<9}{b}" for a, b in rows)]) + "\n"


def in_markdown() -> str:
    """A table of all keys."""
    rows = [f"| `{name}` | {_code(_default(key))} | {_escaped(key.doc)} {_example(key)}|" for name, key in every()]
    return "\n".join(["| key | default | |", "|---|---|---|", *rows]) + "\n"


def records() -> list[dict[str, Any]]:
    """Plain data of all keys."""
    return [
        {"key": name, "type": key.kind.said, "default": key.default, "doc": key.doc, "example": key.example}
        for name, key in every()
    ]


def _default(key: Key) -> str:
    return "none" if key.default is None else toml(key.default)


def _example(key: Key) -> str:
    return f"<br>`{_escaped(key.example)}` " if key.example else ""


def _code(text: str) -> str:
    return f"`{_escaped(text)}`" if text != "none" else "none"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")

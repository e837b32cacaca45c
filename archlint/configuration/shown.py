"""What applies to a file, as TOML, each line with the place that states it."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator

from archlint.configuration.keys import KEYS
from archlint.configuration.kinds import bare_or_quoted, toml
from archlint.configuration.settings import Settings, Stated

ADDED = ("extend-exclude", "model")
"""Lists of which every layer counts."""

ON_TOP = ("ignore", "extend-select")
"""Lists of which every layer counts from the last one with `select`."""

COLUMN = 44


def settings_text(settings: Settings, path: str, running: Collection[str], known: Collection[str]) -> str:
    """The settings of a file.  running, known: codes of the rules that run there, and of all."""
    idle = [code for code in known if code not in running]
    lines = [f"# {path}", f"# {len(running)} of {len(known)} rules run"]
    lines += (
        textwrap.wrap(f"not run: {', '.join(idle)}", 96, initial_indent="# ", subsequent_indent="#   ") if idle else []
    )
    return "\n".join([*lines, "", *(_line(*row) for row in _rows(settings))]) + "\n"


def _rows(settings: Settings) -> Iterator[tuple[str, Stated]]:
    for key in KEYS:
        if key.name in ("extend", "required-version", "python"):
            if settings.get(key.name) is not None:
                yield key.name, settings.stated(key.name)
        elif key.kind.keys:
            yield from ((f"{key.name}.{inner.name}", settings.stated(key.name, inner.name)) for inner in key.kind.keys)
        elif key.kind.type == "object":
            yield from _table(settings, key.name)
        elif key.name in ADDED or key.name in ON_TOP:
            yield key.name, _joined(settings, key.name)
        else:
            yield key.name, settings.stated(key.name)


def _table(settings: Settings, name: str) -> Iterator[tuple[str, Stated]]:
    if name == "rules":
        for rule in settings.table(name):
            yield from ((f"{name}.{rule}.{key}", one) for key, one in settings.table(name, rule).items())
    else:
        yield from ((f"{name}.{bare_or_quoted(key)}", one) for key, one in settings.table(name).items())
    if not settings.table(name):
        yield name, Stated({})


def _joined(settings: Settings, name: str) -> Stated:
    places = list(settings.layers)
    starts = [place for place, layer in enumerate(places) if layer.values.get("select")]
    if name in ON_TOP and starts:
        places = places[starts[-1] :]
    said = [(layer.values[name], layer.origin) for layer in places if layer.values.get(name)]
    value = [item for values, _ in said for item in values]
    return Stated(value, ", ".join(dict.fromkeys(origin for _, origin in said)) or "default")


def _line(name: str, stated: Stated) -> str:
    if stated.value is None:
        return f"# {f'{name} is not set':<{COLUMN - 2}}  # {stated.origin}"
    text = f"{name} = {toml(stated.value)}"
    return f"{text:<{COLUMN}}  # {stated.origin}"

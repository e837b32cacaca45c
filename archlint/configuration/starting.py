"""A first configuration: commented keys, and the line by which Ruff leaves `# noqa: ARC…` comments alone."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from archlint.configuration.reading import parsed
from archlint.configuration.reference import every

FIRST = (
    "select", "extend-select", "ignore", "per-file-ignores", "severity", "rules", "extend-exclude", "src",
    "min-severity", "baseline", "models", "verify.python",
)  # fmt: skip
"""The keys that a first configuration shows, with their examples."""

CODES = "ARC"
EXTERNAL = f'external = ["{CODES}"]'


def starter(header: str) -> str:
    """The text of a first configuration; `header`: the table of a pyproject.toml that it is, or ""."""
    known = dict(every())
    lines = ["# archlint config lists every key, archlint rule --all every rule."]
    lines += [f"[{header}]"] if header else []
    for name in FIRST:
        example = f"{name.rpartition('.')[0]}." if "." in name else ""
        lines += [
            "",
            *(f"# {line}" for line in textwrap.wrap(known[name].doc, 100)),
            f"# {example}{known[name].example}",
        ]
    return "\n".join(lines) + "\n"


def appended(text: str, table: str) -> str:
    """A text with a table behind it.  Raises ValueError where it would not mean what both mean."""
    end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text else end if text.endswith("\n") else end * 2
    made = text + gap + table.replace("\n", end)
    before, after = dict(parsed(text)), dict(parsed(made))
    if {**before, "tool": {**before.get("tool", {}), "archlint": {}}} != after:
        raise ValueError("the table would not stand alone")
    return made


def with_external(text: str, ruff: tuple[str, ...]) -> str | None:
    """A configuration of Ruff in which `ARC…` are codes of another linter; None where it is one already.

    ruff: the way to Ruff's keys, ("tool", "ruff") in a pyproject.toml.  Raises ValueError where no edit is sure to be
    right.
    """
    before = parsed(text)
    lint = _inside(before, (*ruff, "lint"))
    external = lint.get("external", ()) if lint is not None else ()
    if CODES in external:
        return None
    wanted = _expected(before, ruff)
    for made in _edits(text, ".".join((*ruff, "lint"))):
        try:
            if parsed(made) == wanted:
                return made
        except ValueError:
            continue
    raise ValueError(f"lint.external = {[*external, CODES]}")


def configures(text: str, ruff: tuple[str, ...]) -> bool:
    """Is there a configuration of Ruff in a text?"""
    return _inside(parsed(text), ruff) is not None


def _inside(values: Mapping[str, Any], way: tuple[str, ...]) -> Mapping[str, Any] | None:
    found: Any = values
    for name in way:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _expected(before: Mapping[str, Any], ruff: tuple[str, ...]) -> Mapping[str, Any]:
    wanted = deepcopy(dict(before))
    lint: Any = wanted
    for name in (*ruff, "lint"):
        lint = lint.setdefault(name, {})
    lint["external"] = [*lint.get("external", ()), CODES]
    return wanted


def _edits(text: str, table: str) -> list[str]:
    """Texts of which one may say what is wanted: an item more in a list, a line in the table, the table at the end."""
    end = "\r\n" if "\r\n" in text else "\n"
    made = []
    for found in re.finditer(
        r"^([ \t]*(?:[\w.\"]*\.)?external[ \t]*=[ \t]*\[)([^\]\[#]*?)(,?\s*\])", text, re.MULTILINE
    ):
        comma = ", " if found[2].strip() else ""
        made.append(f'{text[: found.end(2)]}{comma}"{CODES}"{text[found.start(3) :]}')
    header = re.search(rf"^[ \t]*\[[ \t]*{re.escape(table)}[ \t]*\][^\n]*\n?", text, re.MULTILINE)
    if header is not None:
        line = header[0] if header[0].endswith("\n") else header[0] + end
        made.append(f"{text[: header.start()]}{line}{EXTERNAL}{end}{text[header.end() :]}")
    gap = end if text.endswith("\n") or not text else end * 2
    made.append(f"{text}{gap}[{table}]{end}{EXTERNAL}{end}")
    return made

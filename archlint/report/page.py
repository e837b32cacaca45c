"""A rule's page for the terminal, and the rules as a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from archlint.report.cells import COLORS, text_width
from archlint.rule import Rule, Setting

LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
SENTENCE = re.compile(r"(.+?[.:!])(?:\s|$)", re.DOTALL)


def page(rule: Rule) -> str:
    """The Markdown page, or the little that is known without one."""
    try:
        text = rule.page
    except OSError:
        text = ""
    return text or f"# {rule.code} {rule.name}\n\n{rule.severity} · {rule.confidence}\n\nThis rule has no page yet.\n"


def one_line(rule: Rule) -> str:
    """The first sentence of what the rule finds."""
    _, found, text = page(rule).partition("## What it finds")
    if not found:
        return " ".join((rule.check.__doc__ or "").split()) if rule.check else ""
    sentence = SENTENCE.match(" ".join(LINK.sub(r"\1", text.split("\n## ")[0]).split()))
    return sentence[1].rstrip(":.") if sentence else ""


def to_text(markdown: str, *, color: bool = False) -> str:
    """Markdown as plain text: headings without marks, code indented, links by their words."""
    lines: list[str] = []
    code = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            code = not code
        elif code:
            lines.append(f"    {line}".rstrip())
        elif line.startswith("#"):
            lines.append(_bold(line.lstrip("#").strip(), color))
        else:
            lines.append(LINK.sub(r"\1", line))
    return "\n".join(lines).strip("\n") + "\n"


def _bold(text: str, color: bool) -> str:
    return f"\x1b[{COLORS['bold']}m{text}\x1b[0m" if color else text


def kind(setting: Setting) -> str:
    """`int`, `float`, `list of str`: what a value of the setting is."""
    return "list of str" if setting.type == tuple[str, ...] else str(setting.type.__name__)


def table(rules: Iterable[Rule]) -> str:
    """Code, name, severity and one line for each rule; rules that must be selected are marked `off`."""
    rows = [(r.code, r.name, r.severity + ("" if r.default else ", off"), one_line(r)) for r in rules]
    widths = [max((text_width(row[i]) for row in rows), default=0) for i in range(3)]
    return "".join("  ".join([*map(str.ljust, row[:3], widths), row[3]]).rstrip() + "\n" for row in rows)


def markdown_table(rules: Iterable[Rule]) -> str:
    """The same as a Markdown table."""
    rows = [
        "| code | name | severity | confidence | frameworks | default | fix | settings | finds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    rows += [f"| {' | '.join(_cells(r))} |" for r in rules]
    return "\n".join(rows) + "\n"


def _cells(rule: Rule) -> list[str]:
    settings = ", ".join(f"`{s.name} = {toml(s.default)}`" for s in rule.settings)
    return [
        rule.code, rule.name, rule.severity, rule.confidence, ", ".join(frameworks(rule)),
        "on" if rule.default else "off", rule.fix, settings, one_line(rule).replace("|", "\\|"),
    ]  # fmt: skip


def to_json(value: dict[str, Any] | list[dict[str, Any]]) -> str:
    """JSON for programs."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def frameworks(rule: Rule) -> list[str]:
    """The frameworks that the page's third line names, as `PyTorch`, `Keras`, `TF-slim`."""
    line = next((line for line in page(rule).splitlines() if " · " in line), "")
    parts = line.split(" · ")
    return [name.strip() for name in parts[2].split(",")] if len(parts) > 2 else []


def settings_text(rule: Rule) -> str:
    """What pyproject.toml may set, with the defaults; "" for a rule without settings."""
    if not rule.settings:
        return ""
    lines = [f"{setting.name} = {toml(setting.default)}\n" for setting in rule.settings]
    return f"\n## Settings\n\n```toml\n[tool.archlint.rules.{rule.name}]\n{''.join(lines)}```\n"


def toml(value: Any) -> str:
    """A default as it is written in TOML."""
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def record(rule: Rule) -> dict[str, Any]:
    """A rule as data."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "category": rule.category,
        "scope": rule.scope,
        "default": rule.default,
        "fix": rule.fix,
        "frameworks": frameworks(rule),
        "settings": [{"name": s.name, "type": kind(s), "default": s.default} for s in rule.settings],
        "summary": one_line(rule),
        "explanation": page(rule),
    }

"""What was fixed and what could be, as the closing lines of a run."""

from __future__ import annotations

from collections import Counter

from archlint.diagnostic import Report
from archlint.fix import Fixed, offered
from archlint.report.cells import clean
from archlint.report.listing import count


def fixable_line(report: Report, *, unsafe: bool, fixed: bool) -> list[str]:
    """`[*] 2 fixable with --fix (1 unsafe fix available with --unsafe-fixes)`; nothing where there is no fix.

    fixed: `--fix` was given already, so only what it leaves out is told.
    """
    every, now = len(offered(report, unsafe=True)), len(offered(report, unsafe=unsafe))
    hidden = every - now
    if fixed:
        return [f"{count(hidden, 'unsafe fix', 'unsafe fixes')} available with --unsafe-fixes"] if hidden else []
    if now:
        options = "--fix --unsafe-fixes" if unsafe and now > len(offered(report, unsafe=False)) else "--fix"
        more = f" ({count(hidden, 'unsafe fix', 'unsafe fixes')} available with --unsafe-fixes)" if hidden else ""
        return [f"[*] {now:,} fixable with {options}{more}"]
    return [f"{count(hidden, 'unsafe fix', 'unsafe fixes')} available with --fix --unsafe-fixes"] if hidden else []


def fixed_line(fixed: Fixed, *, would: bool) -> str:
    """`2 findings fixed in 1 file`, `nothing to fix`."""
    if not fixed.applied:
        return "nothing to fix"
    verb = "would be fixed" if would else "fixed"
    return f"{count(len(fixed.applied), 'finding')} {verb} in {count(len(fixed.texts), 'file')}"


def fixed_lines(fixed: Fixed) -> list[str]:
    """Each file with the rules of the findings that were fixed in it."""
    lines = []
    for path in sorted({found.path for found in fixed.applied}):
        lines.append(f"{clean(path)}:")
        rules = Counter((found.code, found.name) for found in fixed.applied if found.path == path)
        lines += [f"    {number} x {code} ({name})" for (code, name), number in sorted(rules.items())]
    return lines

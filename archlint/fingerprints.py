"""What makes a finding the same finding after lines have moved: for baselines and for services that track findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from archlint.diagnostic import Diagnostic
from archlint.text import LineIndex


def fingerprints(found: Iterable[Diagnostic], texts: dict[str, LineIndex]) -> list[str]:
    """A fingerprint for each finding, in order.

    Of the code, the file, the layer, and the source line without its indentation: neither line numbers nor numbers in
    the message, which change with code elsewhere.  Equal ones are counted, so that no two are the same.
    """
    seen: Counter[str] = Counter()
    result = []
    for one in found:
        key = "\0".join((one.code, one.path.replace("\\", "/"), one.finding.layer, line_of(one, texts)))
        number = seen[key]
        seen[key] += 1
        result.append(blake2b(f"{key}\0{number}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())
    return result


def line_of(found: Diagnostic, texts: dict[str, LineIndex]) -> str:
    """The source line of a finding, its spaces evened out; nothing for a file that could not be read."""
    lines = texts.get(found.path)
    if lines is None:
        return ""
    return " ".join(lines.line_text(lines.line_of(min(found.finding.span.start, len(lines.text)))).split())

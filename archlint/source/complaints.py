"""Say in one short line, at an exact place, why a chunk does not parse.

LibCST names the place only for some errors (`error at 3:9: expected one of …`, the end of the token it did not
expect); for the others (brackets, strings, indentation) the place is found here.
"""

from __future__ import annotations

import re

from archlint.source.chunk import STRING, first_code, is_unclosed
from archlint.source.python2 import logical_lines

_AT = re.compile(r"parser error: error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_CHARACTER = re.compile(r"'(.|\\u\{[0-9a-f]+\}|\\0)' is not a valid character")
_SCAN = re.compile(STRING + r"""|["']|\#[^\n]*|[(\[{)\]}]|\\\r?\n""")
_LAST_TOKEN = re.compile(r"(?:\w*\"[^\"\n]*\"|\w+|[-+*/%&|^<>=!@:]=|\*\*|//|->|[^\w\s])$")
_COMPOUND = re.compile(r"[ \t]*(?:async\b|class|def|if|elif|else|for|while|try|except|finally|with)\b")
_PAIRS = {")": "(", "]": "[", "}": "{"}

Complaint = tuple[str, int, int]

VALID = "valid Python that LibCST cannot parse; not analysed"


def explain(text: str, message: str) -> Complaint:
    """(message, start, end) for a chunk's text and what LibCST said about it."""
    line = _line_of_error(text)
    if line is None:  # such as `class A(B, metaclass=C, *D):`
        start, end = _line_at(text, first_code(text))
        return VALID, start, end
    return _unbalanced(text) or _unexpected(text, message) or _tokens(text, message, line)


def _unbalanced(text: str) -> Complaint | None:
    """A string or bracket that is not closed, or closed twice."""
    opened: list[tuple[str, int]] = []
    for match in _SCAN.finditer(text):
        token, start = match[0], match.start()
        if token in ('"', "'"):
            line_end = text.find("\n", start)
            return "string is never closed", start, len(text) if line_end < 0 else line_end
        if is_unclosed(token) and match.end() == len(text):
            return "triple-quoted string is never closed", start, start + 3
        if token in "([{":
            opened.append((token, start))
        elif token in ")]}":
            if not opened:
                return f"`{token}` closes nothing", start, start + 1
            opener, _ = opened.pop()
            if opener != _PAIRS[token]:
                return f"`{token}` does not close the `{opener}` before it", start, start + 1
    if opened:
        return f"`{opened[-1][0]}` is never closed", opened[-1][1], opened[-1][1] + 1
    return None


def _unexpected(text: str, message: str) -> Complaint | None:
    """`error at 3:9: expected one of …`: the token before that place, and what should have come instead."""
    match = _AT.match(message)
    if match is None:
        return None
    wanted = [each.strip() for each in match[3].split(",")]
    at = _offset(text, int(match[1]), int(match[2]))
    visible = logical_lines(text[:at])
    end = len(visible.rstrip())
    if end == 0 or "\n" in visible[end:]:
        return _at_line_end(text, visible, at, wanted)
    last = _LAST_TOKEN.search(visible, 0, end)
    start = last.start() if last else end - 1
    if "INDENT" in wanted:
        return "expected an indented block", start, end
    return f"unexpected `{_short(text[start:end])}`{_instead(wanted)}", start, end


def _at_line_end(text: str, visible: str, at: int, wanted: list[str]) -> Complaint:
    """What LibCST did not expect is the end of a line, or the white space that begins the next."""
    end = len(visible.rstrip())
    if "pass" in wanted or end == 0:
        line = visible.rfind("\n") + 1
        return ("unexpected indent", line, at) if line < at else ("unexpected end", max(at - 1, 0), at)
    line = visible.rfind("\n", 0, end) + 1
    if ":" in wanted and _COMPOUND.match(text, line):
        return "expected `:`", end - 1, end
    expected = "expected an indented block" if "INDENT" in wanted else _instead(wanted).removeprefix(", ")
    return expected or "unexpected end of line", end - 1, end


def _instead(wanted: list[str]) -> str:
    """`, expected …` where LibCST has few ideas, such as `except` or `finally`."""
    if len(wanted) > 2 or not all(wanted):
        return ""
    return ", expected " + " or ".join("a name" if each == "NAME" else f"`{each}`" for each in wanted)


def _tokens(text: str, message: str, line: int) -> Complaint:
    """LibCST's tokenizer gives no place: look for the character, or take CPython's line."""
    said = message.removeprefix("tokenizer error: ").split("\n")[0]
    match = _CHARACTER.search(message)
    if match:
        character = _character(match[1])
        for at in _outside_strings(text, character):
            return f"unexpected character `{_printable(character)}`", at, at + 1
    start, end = _line_at(text, _offset(text, line, 0))
    return _short(said, 120), start, end


def _character(written: str) -> str:
    """The character that LibCST writes as `\\u{b}` or `\\0`."""
    if written == "\\0":
        return "\0"
    return chr(int(written[3:-1], 16)) if written.startswith("\\u{") else written


def _outside_strings(text: str, character: str) -> list[int]:
    found, at = [], 0
    for match in [*_SCAN.finditer(text), None]:
        end = len(text) if match is None else match.start()
        position = text.find(character, at, end)
        if position >= 0:
            found.append(position)
        at = end if match is None else match.end()
    return found


def _line_of_error(text: str) -> int | None:
    """The line where CPython's parser stops (it knows the place of indentation errors); None if it does not."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return 1
    return None


def _line_at(text: str, start: int) -> tuple[int, int]:
    """From `start` to the end of its line, without the indentation."""
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    while start < end and text[start] in " \t":
        start += 1
    return start, min(end, start + 200)


def _offset(text: str, line: int, column: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
        if at == 0:
            return len(text)
    return min(at + column, len(text))


def _printable(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"


def _short(text: str, most: int = 30) -> str:
    text = text.split("\n")[0].rstrip()
    return text if len(text) <= most else text[: most - 1] + "…"

"""Read the comments that speak to archlint: `# archlint: …` and `# noqa: ARC…`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from archlint.source import chunk as chunks
from archlint.source.model import Comment, Directive
from archlint.text import LineIndex

_KINDS = ("ignore", "file-ignore", "disable", "enable", "input", "skip-model")
SUPPRESSING = ("ignore", "file-ignore", "disable", "noqa")
"""Kinds of directives that take findings away."""

_OURS = re.compile(r"#+[ \t]*archlint[ \t]*:[ \t]*(.*)", re.DOTALL | re.IGNORECASE)
_KIND = re.compile(r"([A-Za-z][\w-]*)[ \t]*(.*)", re.DOTALL)
_LIST = re.compile(r"\[([^\[\]]*)\]")
_CODE = re.compile(r"[A-Za-z][\w-]*\Z")
_NOQA = re.compile(r"#[ \t]*noqa\b[ \t]*(?::[ \t]*(?P<codes>[A-Za-z]+\d+(?:[\s,]+[A-Za-z]+\d+)*))?", re.IGNORECASE)


def comments_of(text: str) -> list[Comment]:
    """The comments of any text, broken or not."""
    plain = chunks.plain(text)
    found = []
    for piece in chunks.pieces(plain):
        for start, end in piece.comments:
            line = plain.rfind("\n", 0, start) + 1
            found.append(Comment(text[start:end], start, end, bool(plain[line:start].strip())))
    return found


def directives(comments: list[Comment], lines: LineIndex) -> list[Directive]:
    """The directives among the comments, in the order of the file."""
    found: list[Directive] = []
    for comment in comments:
        if "archlint" in comment.text.lower() or "noqa" in comment.text.lower():
            line = lines.line_of(comment.start)
            for kind, codes, value in _read(comment.text):
                found.append(Directive(kind, codes, value, line, comment.start, comment.end, comment.trailing))
    return _paired(found, lines) if any(d.kind in ("disable", "enable") for d in found) else found


def _paired(found: list[Directive], lines: LineIndex) -> list[Directive]:
    """The directives, each `disable` with the lines where its codes are enabled again; an `enable` of nothing is bad.

    A `disable` in a block is over with the block: an `enable` that is indented less does not mean it.
    """
    paired = list(found)
    running: list[tuple[int, str]] = []  # which `disable`, which of its codes
    for place, directive in enumerate(found):
        if directive.kind == "disable":
            paired[place] = replace(directive, until=(0,) * len(directive.codes))
            running += [(place, code) for code in directive.codes]
        elif directive.kind == "enable":
            depth = _indent(directive, lines)
            meant = [one for one in running if not directive.codes or one[1] in directive.codes]
            ended = [one for one in meant if _indent(found[one[0]], lines) <= depth]
            running = [one for one in running if one not in ended]
            for which, code in ended:
                paired[which] = _ended(paired[which], code, directive.line)
            idle = [code for code in directive.codes if code not in {code for _, code in ended}]
            if idle or not ended:
                paired[place] = replace(directive, kind="bad", codes=(), value=_nothing_to_enable(idle, bool(meant)))
    return paired


def _ended(disable: Directive, code: str, line: int) -> Directive:
    lines = (line if one == code else until for one, until in zip(disable.codes, disable.until))
    return replace(disable, until=tuple(lines))


def _nothing_to_enable(codes: list[str], deeper: bool) -> str:
    wanted = f"disable[{codes[0] if codes else '...'}]"
    if deeper:
        return f"nothing to enable: `{wanted}` above stands in a block that is over; indent the two alike"
    return f"nothing to enable: no `{wanted}` stands above; remove it"


def _indent(directive: Directive, lines: LineIndex) -> int:
    text = lines.line_text(directive.line)
    return len(text) - len(text.lstrip())


def _read(text: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(kind, codes, value) of each directive in one comment: `# archlint: ignore[ARC101] why  # noqa: ARC204`."""
    ours = _OURS.match(text)
    if ours:
        yield _directive(ours[1].strip())
        return
    inner = re.search(r"#[ \t]*archlint[ \t]*:", text, re.IGNORECASE)
    if inner:  # `# type: ignore  # archlint: ignore`
        yield from _read(text[inner.start() :])
        text = text[: inner.start()]
    noqa = _NOQA.search(text)
    if noqa and noqa["codes"] is None:
        yield "noqa", (), ""
    elif noqa:
        codes = tuple(code.upper() for code in re.split(r"[\s,]+", noqa["codes"]) if code.upper().startswith("ARC"))
        if codes:
            yield "noqa", codes, ""


def _directive(text: str) -> tuple[str, tuple[str, ...], str]:
    """What stands after `# archlint:`."""
    match = _KIND.match(text)
    if match is None:
        return _bad(f"nothing to do after `archlint:`; write one of {_listed()}")
    kind, rest = match[1].lower(), match[2].strip()
    if kind not in _KINDS:
        return _bad(f"unknown directive `{match[1]}`; {_suggestion(kind)}")
    if kind == "input":
        return _input(rest)
    if kind == "skip-model":
        return _bad("`skip-model` takes no value") if rest[:1] in ("[", "=") else (kind, (), rest)
    if not rest.startswith("["):
        if rest[:1] in ("=", ":", "("):
            return _bad(f"write the rules in brackets: `{kind}[ARC101]`")
        if kind in ("file-ignore", "disable"):
            return _bad(f"`{kind}` needs the rules it is for: `{kind}[ARC101]`")
        if re.match(r"ARC\d", rest, re.IGNORECASE):
            return _bad(f"write the rules in brackets: `{kind}[{rest.split()[0]}]`")
        return kind, (), rest
    return _codes(kind, rest)


def _codes(kind: str, rest: str) -> tuple[str, tuple[str, ...], str]:
    """`[ARC101, flatten-before-timestep-dense] reason`; the value is the reason."""
    listed = _LIST.match(rest)
    if listed is None:
        return _bad(f"`]` is missing after `{kind}[`")
    codes = tuple(code.strip() for code in listed[1].split(",") if code.strip())
    if not codes:
        return _bad(f"`{kind}[]` names no rule; write `{kind}[ARC101]`")
    for code in codes:
        if not _CODE.match(code):
            return _bad(f"`{code}` is not the code or name of a rule")
    codes = tuple(code.upper() if re.match(r"arc\d", code, re.IGNORECASE) else code for code in codes)
    return kind, codes, rest[listed.end() :].strip()


def _input(rest: str) -> tuple[str, tuple[str, ...], str]:
    """`=(N, 3, 32, 32)`, or for several `=x: (N, 3, 32, 32); mask: (N, 10)`."""
    if not rest.startswith("="):
        return _bad("`input` needs a shape: `input=(N, 3, 32, 32)`")
    value = rest[1:].split("#")[0].strip()
    if not value.startswith("(") and not re.match(r"[A-Za-z_]\w*[ \t]*:", value):
        return _bad("`input` needs a shape in parentheses: `input=(N, 3, 32, 32)` or `input=x: (N, 3, 32, 32)`")
    if value.count("(") != value.count(")") or "(" not in value:
        return _bad("`input` needs a shape in parentheses: `input=(N, 3, 32, 32)`")
    return "input", (), value


def _bad(message: str) -> tuple[str, tuple[str, ...], str]:
    return "bad", (), message


def _listed() -> str:
    return ", ".join(f"`{kind}`" for kind in _KINDS)


def _suggestion(kind: str) -> str:
    import difflib

    close = difflib.get_close_matches(kind, [*_KINDS, "noqa"], 1, 0.5)
    return f"did you mean `{close[0]}`?" if close else f"write one of {_listed()}"

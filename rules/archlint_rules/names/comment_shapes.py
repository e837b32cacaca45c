"""Comments that are one shape: `# (N, 64, H/2, W/2)`.

A comment counts only if nothing but a shape is in it (a name and a colon, or `… ->`, may stand before): a list,
a range, a remark in brackets or the shape of a subexpression is not a claim.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, Union

from archlint.rule import Size


@dataclass(frozen=True, slots=True)
class Open:
    """`None`, `?`, `-1` or `_`: any size."""


@dataclass(frozen=True, slots=True)
class Rest:
    """`...`: any number of axes."""


Entry: TypeAlias = Union[int, str, Open, Rest, ast.expr]
"""A number, a letter, or an expression in letters (`H/2`)."""

BATCH = {"n", "b", "bs", "bsz", "batch", "batch_size", "batchsize", "nbatch", "num_samples"}

_FORM = re.compile(
    r"^\#+:?\s*"
    r"(?:(?P<name>[A-Za-z_]\w*)\s*[:=]\s*|(?P<word>shape|size|out|output|outputs|->|=>|→)\s*[:=]?\s*"
    r"|(?P<left>[^\[(]*[\[(][^\[\]()]*[\])])\s*(?:->|=>|→)\s*)?"
    r"(?P<shape>\([^\[\]]*\)|\[[^\[\]]*\]|[\w?/*-]+(?:\s+[xX\u00d7]\s+[\w?/*-]+){2,})\s*[.;]?\s*$"
)
_WORDS = {"shape", "size", "out", "output", "outputs", "y", "ret", "returns"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What a comment says: its entries with their places in the file.

    name: the variable it names, "" if it names none.  arrow: the shape before the arrow was left out.
    """

    entries: tuple[Entry, ...]
    spans: tuple[tuple[int, int], ...]
    text: str
    start: int
    end: int
    name: str
    arrow: bool

    @property
    def batch_first(self) -> bool:
        """Is the first entry a usual name of the batch, or open?"""
        first = self.entries[0]
        return isinstance(first, Open) or (isinstance(first, str) and first.lower() in BATCH)


def read_claim(comment: str, offset: int) -> Claim | None:
    """The shape a comment states, if it states one shape with at least one letter or open entry."""
    found = _FORM.match(re.split(r"\s#", comment)[0])  # a second comment behind it
    if found is None:
        return None
    text, start = found["shape"], found.start("shape")
    pieces = _pieces(text)
    entries = [read_entry(text[a:b]) for a, b in pieces]
    kept = [e for e in entries if e is not None]
    if len(kept) < 2 or len(kept) != len(entries) or all(isinstance(e, int) for e in kept):
        return None
    if sum(isinstance(e, Rest) for e in kept) > 1:
        return None
    spans = tuple((offset + start + a, offset + start + b) for a, b in pieces)
    name = found["name"] or ""
    word = name.lower() in _WORDS
    begin = offset + start
    return Claim(tuple(kept), spans, text, begin, begin + len(text), "" if word else name, bool(found["left"]))


def _pieces(text: str) -> list[tuple[int, int]]:
    """Places of the entries: between commas, or between ` x `, outside inner brackets."""
    inner = (1, len(text) - 1) if text[0] in "([" else (0, len(text))
    body = text[inner[0] : inner[1]]
    mark = re.compile(r",") if "," in body else re.compile(r"(?<=\s)[xX\u00d7](?=\s)")
    cuts, start = [], 0
    for found in mark.finditer(body):
        if body.count("(", 0, found.start()) == body.count(")", 0, found.start()):
            cuts.append((start, found.start()))
            start = found.end()
    cuts.append((start, len(body)))
    places = []
    for a, b in cuts:
        piece = body[a:b]
        if piece.strip() or (a, b) != cuts[-1]:
            left = a + len(piece) - len(piece.lstrip())
            places.append((inner[0] + left, inner[0] + left + len(piece.strip())))
    return places


def read_entry(text: str) -> Entry | None:
    """One axis: a number, a letter, arithmetic; None for anything else."""
    if text in ("None", "?", "-1", "_", "*"):
        return Open()
    if text in ("...", "…"):
        return Rest()
    if text.isdecimal():
        return int(text)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if isinstance(tree, ast.Name):
        return text if len(tree.id) <= 16 else None
    return tree if _arithmetic(tree) else None


def _arithmetic(tree: ast.expr) -> bool:
    match tree:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv(), right=right):
            return _arithmetic(left) and _arithmetic(right)
        case ast.Constant(value=int()) | ast.Name():
            return True
    return False


def letters(entry: Entry) -> frozenset[str]:
    """The names in an entry."""
    if isinstance(entry, str):
        return frozenset({entry})
    if isinstance(entry, ast.expr):
        return frozenset(n.id for n in ast.walk(entry) if isinstance(n, ast.Name))
    return frozenset()


def evaluated(entry: ast.expr, values: Mapping[str, float]) -> float | None:
    """The entry as a number, division being exact; None if a letter has no value."""
    match entry:
        case ast.Constant(value=int() as number):
            return float(number)
        case ast.Name(id=name):
            return values.get(name)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = evaluated(left, values), evaluated(right, values)
            if a is None or b is None:
                return None
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case _:
                    return a / b if b else None
    return None


def literal(entry: Entry) -> Size:
    """A number in the comment: `64`, `8*8`."""
    if isinstance(entry, int):
        return entry
    if isinstance(entry, ast.expr) and not letters(entry):
        value = evaluated(entry, {})
        return int(value) if value is not None and value == int(value) else None
    return None

"""Rewrites a file so that each call, operator and subscript reports its value: `_AL_(7,self.conv(x))`.

Text is only inserted, never moved to another line, so tracebacks keep their line numbers and what the rewritten file
does is what the file does.  `_AL_` (`archlint_child.recorder`) takes the number of the site and returns the value.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import NamedTuple

HOOK = "_AL_"
"""No leading `__`: inside a class Python would mangle the name."""

# Their values tell nothing of a shape; `super` and `locals` also hand out what should not be kept alive.
_NOT_RECORDED = frozenset((
    "super", "locals", "globals", "vars", "dir", "eval", "exec", "print", "isinstance", "issubclass", "hasattr",
    "callable", "type", "range", "staticmethod", "classmethod", "property", "__import__",
))  # fmt: skip
# Python 3.6 to 3.8 parse about 80 levels of brackets; what is nested deeper in wrappers goes without its own.
_DEEPEST = 40
_LINE_END = re.compile(r"\r\n|\r|\n")
# Fields with expressions that are no ordinary ones: evaluated elsewhere, never, or not allowed to be calls.
_LEFT_ALONE = frozenset((
    "annotation", "returns", "decorator_list", "type_params", "pattern", "ctx", "op", "ops",
))  # fmt: skip
_NOT_ENTERED = tuple(
    getattr(ast, name) for name in ("JoinedStr", "TemplateStr", "TypeAlias", "Constant", "Name") if hasattr(ast, name)
)
_BRACKETED = (
    ast.Call, ast.Subscript, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip


class Site(NamedTuple):
    """Code-point offsets of a wrapped expression in the original text, without parentheses around it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Instrumented:
    """The rewritten text, and its sites in order: the number of a site is `first` plus its place."""

    text: str
    sites: tuple[Site, ...]


def instrument(text: str, first: int = 0) -> Instrumented:
    """Wrap every call, binary operation and subscript that is read; sites are numbered from `first`.

    Decorators, annotations, patterns and the inside of f-strings stay as they are; a byte order mark is left out.
    Raises SyntaxError for what this Python cannot parse.
    """
    mark = text.startswith("\ufeff")
    body = text[1:] if mark else text
    sites = sorted(_found(_parsed(body), body), key=lambda site: (site.start, -site.end))
    rewritten = _inserted(body, sites, first)
    return Instrumented(rewritten, tuple(Site(s.start + mark, s.end + mark) for s in sites))


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" is the file's business
            return ast.parse(text)
    except (RecursionError, MemoryError):
        raise SyntaxError("nested too deeply to be parsed") from None
    except SyntaxError:
        raise
    except ValueError as error:  # null bytes, lone surrogates
        raise SyntaxError(str(error)) from None


def _found(tree: ast.Module, text: str) -> list[Site]:
    """Places of the expressions to wrap."""
    places = _Places(text)
    found: list[Site] = []
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        if isinstance(node, _NOT_ENTERED):
            continue
        if isinstance(node, ast.Expr) and _in_place(node.value):
            continue
        if depth < _DEEPEST and _wanted(node):
            assert isinstance(node, ast.expr)
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            start = places.offset(node.lineno, node.col_offset)
            found.append(Site(start, places.offset(node.end_lineno, node.end_col_offset)))
            depth += 1
        depth += isinstance(node, _BRACKETED)
        for name in node._fields:
            if name in _LEFT_ALONE:
                continue
            child = getattr(node, name, None)
            if isinstance(child, ast.AST):
                pending.append((child, depth))
            elif isinstance(child, list):
                pending.extend((item, depth) for item in child if isinstance(item, ast.AST))
    return found


def _in_place(node: ast.expr) -> bool:
    """`nn.init.zeros_(self.bias)`: a statement that fills a tensor; children leave initialisers out."""
    name = node.func if isinstance(node, ast.Call) else None
    word = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
    return word.endswith("_") and not word.startswith("_")


def _wanted(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in _NOT_RECORDED)
    return isinstance(node, ast.BinOp) or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load))


class _Places:
    """Offsets in code points of the positions of `ast`: lines from 1, columns in bytes of UTF-8."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self.ascii = text.isascii()
        self._lines: dict[int, bytes] = {}

    def offset(self, line: int, column: int) -> int:
        start = self.starts[line - 1]
        if self.ascii:
            return start + column
        if line not in self._lines:
            end = self.starts[line] if line < len(self.starts) else len(self.text)
            self._lines[line] = self.text[start:end].encode()
        return start + len(self._lines[line][:column].decode())


def _inserted(text: str, sites: list[Site], first: int) -> str:
    """The text with openers and closers put in; `sites` are sorted, outer ones first."""
    parts: list[str] = []
    at = 0
    closing: list[int] = []
    for number, site in enumerate(sites, first):
        while closing and closing[-1] <= site.start:
            end = closing.pop()
            parts += (text[at:end], ")")
            at = end
        parts += (text[at : site.start], _gap(text, at, site.start), f"{HOOK}({number},")
        at = site.start
        closing.append(site.end)
    for end in reversed(closing):
        parts += (text[at:end], ")")
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _gap(text: str, last: int, start: int) -> str:
    """`return(a)+b`: a blank keeps `return` and the name of the hook apart."""
    before = text[start - 1 : start] if start > last else ""
    return " " if before == "_" or before.isalnum() else ""

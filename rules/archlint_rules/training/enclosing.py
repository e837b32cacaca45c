"""The statements around a place: which function it is in, which tests it stands under.

def forward(self, x):
    if self.training:
        x = F.dropout(x, 0.5)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from archlint.rule import FileFacts, Span

Def = ast.FunctionDef | ast.AsyncFunctionDef
FLAG = re.compile(r"(is_?)?train(ing)?(_?mode|_?phase)?|phase_?train|phase", re.IGNORECASE)
"""Names of a parameter that says whether the network is trained."""

_MODE = re.compile(r"train|eval|infer|test|phase|mode|predict|determinis|sampl|stochastic", re.IGNORECASE)


def around(facts: FileFacts | None, span: Span) -> list[ast.AST] | None:
    """The syntax tree's nodes that hold a place, outermost first; None where the file does not parse."""
    tree = _tree(facts.lines.text) if facts is not None and facts.path == span.path else None
    if facts is None or tree is None:
        return None
    found: list[ast.AST] = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        found.append(node)
        todo = [c for c in _located(node) if _holds(facts, c, span)][:1]
    return found


@lru_cache(maxsize=8)
def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _located(node: ast.AST) -> Iterator[ast.AST]:
    """Children that have a place of their own, those of `arguments` and `comprehension` in their stead."""
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        else:
            yield from _located(child)


def _holds(facts: FileFacts, node: ast.AST, span: Span) -> bool:
    lines, first, last = facts.lines, getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    if not first <= lines.line_of(span.start) <= last:
        return False
    return start_of(facts, node) <= span.start and span.end <= end_of(facts, node)


def start_of(facts: FileFacts, node: ast.AST) -> int:
    """The offset at which a node begins."""
    return _offset(facts, node.lineno, node.col_offset)  # type: ignore[attr-defined]


def end_of(facts: FileFacts, node: ast.AST) -> int:
    """The offset behind a node."""
    return _offset(facts, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]


def _offset(facts: FileFacts, line: int, column: int) -> int:
    text = facts.lines.line_text(line)
    return facts.lines.starts[line - 1] + (column if text.isascii() else len(text.encode()[:column].decode()))


def function_of(facts: FileFacts | None, span: Span) -> Def | None:
    """The innermost function that a place is in."""
    found = [n for n in around(facts, span) or () if isinstance(n, Def)]
    return found[-1] if found else None


def flag_of(function: Def) -> str | None:
    """Its parameter that says whether the network is trained."""
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return next((n for n in names if FLAG.fullmatch(n)), None)


def tested(facts: FileFacts | None, spans: Iterable[Span]) -> bool:
    """May one of the places be reached in training, or in one mode, alone?  Yes where the text cannot be read.

    `if not self.training: return x` before it counts, as a test around it does.
    """
    for span in spans:
        nodes = around(facts, span)
        if nodes is None or any(_asks(n) for n in nodes):
            return True
        own = [n for n in nodes if isinstance(n, Def)][-1:]
        if any(isinstance(n, ast.If) and _asks(n) and _leaves(n) for f in own for n in ast.walk(f)):
            return True
    return False


def asked(facts: FileFacts | None, spans: Iterable[Span]) -> bool:
    """Does whoever calls say each time whether one of the places is reached: `if use_dropout and self.rate > 0:`?"""
    for span in spans:
        flags: set[str] = set()
        for node in around(facts, span) or ():
            if isinstance(node, Def):
                given = node.args
                flags = {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
            elif isinstance(node, (ast.If, ast.IfExp)) and not flags.isdisjoint(_truths(node.test)):
                return True
    return False


def _truths(test: ast.expr) -> Iterator[str]:
    """Names that a test asks themselves: `a` and `b` in `a and not b and c > 0`."""
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _truths(value)
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _truths(test.operand)
    elif isinstance(test, ast.Name):
        yield test.id


def _asks(node: ast.AST) -> bool:
    """Is it a test of the mode: `if training`, `x if training else y`, `training and x`?"""
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        return _MODE.search(ast.unparse(node.test)) is not None
    return isinstance(node, ast.BoolOp) and _MODE.search(ast.unparse(node.values[0])) is not None


def _leaves(node: ast.If) -> bool:
    return any(isinstance(n, (ast.Return, ast.Raise, ast.Continue, ast.Break)) for n in ast.walk(node))

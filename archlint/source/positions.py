"""Offsets of LibCST nodes, found by letting LibCST print the tree and counting what it prints.

LibCST's own PositionProvider costs twice the parse; counting costs a third of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from types import TracebackType
from typing import Any

from libcst import CSTNode, GeneratorExp, MatchTuple, Module, Tuple
from libcst._nodes.internal import CodegenState

Spans = dict[int, tuple[int, int]]

# `(1, 2)`: the parentheses belong to the tuple, as brackets belong to a list.
_OWN_PARENTHESES = frozenset((Tuple, GeneratorExp, MatchTuple))
_CLOSING = re.compile(r"(?:[\s\\]|#[^\n]*)*\)")


def spans_of(tree: Module, text: str) -> Spans | None:
    """(start, end) by `id(node)` of every expression and simple statement; None if the tree does not print `text`."""
    counter = _Counter(tree, text)
    for part in (*tree.header, *tree.body, *tree.footer):
        part._codegen(counter)
    # LibCST prints a line break at the end even where the text has none.
    if counter.offset in (len(text), len(text) + len(tree.default_newline)):
        return counter.spans
    return _realigned(counter.spans, tree.code, text)


def _realigned(spans: Spans, printed: str, text: str) -> Spans | None:
    """Spans in `printed` carried over to `text`, if the two differ in white space only.

    LibCST forgets some: the blank before the colon of `except ValueError :`.  A span begins and ends with something
    visible, so counting visible characters finds it again.
    """
    visible = re.compile(r"[^\s\\]")
    there = [match.start() for match in visible.finditer(text)]
    here = [match.start() for match in visible.finditer(printed)]
    if [text[at] for at in there] != [printed[at] for at in here]:
        return None
    moved: Spans = {}
    for node, (start, end) in spans.items():
        first = bisect_left(here, start)
        last = bisect_left(here, end)
        moved[node] = (there[first] if first < len(there) else len(text), there[last - 1] + 1 if last > first else 0)
    return moved


class _Counter(CodegenState):
    """Takes the tokens of a tree as LibCST prints it and keeps offsets in place of text.

    LibCST opens a "syntactic position" for each node, without the parentheses around it and the white space after
    it.  The counter is its own context manager, since positions nest: one object serves all of them.
    """

    def __init__(self, tree: Module, text: str) -> None:
        super().__init__(tree.default_indent, tree.default_newline)
        self.offset = 0
        self.spans: Spans = {}
        self._text = text
        self._open: list[tuple[CSTNode, int]] = []
        self._parenthesis = 0

    def add_token(self, value: str) -> None:
        if value == "(":
            self._parenthesis = self.offset
        self.offset += len(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.offset += len(token)

    def record_syntactic_position(
        self, node: CSTNode, *, start_node: CSTNode | None = None, end_node: CSTNode | None = None
    ) -> Any:
        owner = type(node) in _OWN_PARENTHESES and node.lpar  # type: ignore[attr-defined]
        self._open.append((node, self._parenthesis if owner else self.offset))
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        node, start = self._open.pop()
        end = self.offset
        if type(node) in _OWN_PARENTHESES and node.lpar:  # type: ignore[attr-defined]
            closing = _CLOSING.match(self._text, end)
            end = closing.end() if closing else end
        self.spans[id(node)] = (start, end)

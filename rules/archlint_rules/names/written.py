"""What the source says at a place: under which conditions it runs, how often a name is bound, renaming a variable."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from archlint.rule import Edit, FileFacts, Span

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

_CONDITIONS = (
    ast.If, ast.IfExp, ast.BoolOp, ast.For, ast.While, ast.Try, ast.Match, ast.ListComp, ast.GeneratorExp, ast.Lambda,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's syntax tree, and where its lines start."""

    tree: ast.Module
    lines: tuple[str, ...]
    starts: tuple[int, ...]

    def at(self, line: int, column: int) -> int:
        """The offset in the text of a place as `ast` gives it, in bytes of UTF-8."""
        text = self.lines[line - 1]
        return self.starts[line - 1] + (column if text.isascii() else len(text.encode()[:column].decode()))

    def start(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        """Offset of a node's first character."""
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        """Offset behind a node."""
        return self.at(node.end_lineno or node.lineno, node.end_col_offset or 0)


@dataclass(frozen=True, slots=True)
class Target:
    """What a statement binds: a variable, or an attribute of `self`; its place, and that of the value."""

    name: str
    span: Span
    attribute: bool
    value: Span


@lru_cache(maxsize=4)
def parsed(text: str) -> Parsed | None:
    """The syntax tree of a file; None where Python of today does not read it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    lines, starts, at = tuple(text.splitlines(keepends=True)), [], 0
    if any(c in text for c in "\f\v\x1c\x1d\x1e\x85\u2028\u2029") or "\r" in text.replace("\r\n", ""):
        return None  # lines of `ast` are not those of `splitlines`
    for line in lines:
        starts.append(at)
        at += len(line)
    return Parsed(tree, lines or ("",), tuple(starts) or (0,))


def around(facts: FileFacts, span: Span) -> list[ast.AST]:
    """Every expression and statement that holds a place, outermost first; [] where the file cannot be parsed."""
    file = parsed(facts.lines.text) if span.path == facts.path else None
    found: list[ast.AST] = []
    todo: list[ast.AST] = [file.tree] if file is not None else []
    while todo and file is not None:
        node = todo.pop()
        for child in ast.iter_child_nodes(node):
            inside = not isinstance(child, (ast.expr, ast.stmt, ast.arg)) or (
                file.start(child) <= span.start and span.end <= file.end(child)
            )
            if inside:
                todo.append(child)
                if isinstance(child, (ast.expr, ast.stmt)):
                    found.append(child)
    return found


def unconditional(facts: FileFacts, span: Span) -> bool:
    """Does what stands at a place always run when its function does?"""
    chain = around(facts, span)
    within = max((i for i, n in enumerate(chain) if isinstance(n, _DEFINITIONS)), default=-1)
    return bool(chain) and not any(isinstance(n, _CONDITIONS) for n in chain[within + 1 :])


def target_of(facts: FileFacts, span: Span) -> Target | None:
    """The name that one statement binds to a call alone: `self.fc = Linear(8, 4)`, `y = Dense(4)(x)`."""
    chain, file = around(facts, span), parsed(facts.lines.text)
    stmt = next((n for n in reversed(chain) if isinstance(n, ast.stmt)), None)
    if file is None or not isinstance(stmt, (ast.Assign, ast.AnnAssign)) or stmt.value is None:
        return None
    targets = stmt.targets if isinstance(stmt, ast.Assign) else [stmt.target]
    value: ast.expr = stmt.value
    whole = (file.start(value), file.end(value)) == (span.start, span.end)
    if not whole and not (isinstance(value, ast.Call) and file.end(value.func) == span.end):
        return None
    if len(targets) != 1 or file.start(value) != span.start:
        return None
    end, bound = file.end(targets[0]), Span(facts.path, file.start(value), file.end(value))
    match targets[0]:
        case ast.Name(id=name):
            return Target(name, Span(facts.path, end - len(name), end), False, bound)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return Target(name, Span(facts.path, end - len(name), end), True, bound)
    return None


def bound_once(facts: FileFacts, span: Span, name: str) -> bool:
    """Is the variable or attribute that a place binds bound nowhere else in its function, class or file?"""
    chain = around(facts, span)
    if not chain:
        return False
    variable = isinstance(chain[-1], ast.Name)
    kinds = (*_DEFINITIONS, ast.ClassDef) if variable else (ast.ClassDef,)
    file = parsed(facts.lines.text)
    assert file is not None
    scope: ast.AST = next((n for n in reversed(chain) if isinstance(n, kinds)), file.tree)
    stores = 0
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and variable:
            stores += node.id == name and isinstance(node.ctx, ast.Store)
        elif isinstance(node, ast.Attribute) and not variable:
            stores += node.attr == name and isinstance(node.ctx, ast.Store)
        elif isinstance(node, ast.arg) and variable:
            stores += node.arg == name
    return stores == 1


def renamed(facts: FileFacts, span: Span, name: str, new: str) -> tuple[Edit, ...]:
    """Edits that rename a variable bound at a place in its function or file; () where inner scopes mention it."""
    chain, file = around(facts, span), parsed(facts.lines.text)
    if file is None or not chain or not isinstance(chain[-1], ast.Name):
        return ()
    scope: ast.AST = next((n for n in reversed(chain) if isinstance(n, (*_DEFINITIONS, ast.ClassDef))), file.tree)
    if isinstance(scope, ast.ClassDef):
        return ()
    inner = [n for n in ast.walk(scope) if isinstance(n, (*_DEFINITIONS, ast.ClassDef, ast.Lambda)) and n is not scope]
    if any(name in _names(n) for n in inner) or not bound_once(facts, span, name):
        return ()
    taken = set(_names(scope)) | {n.id for n in ast.walk(file.tree) if isinstance(n, ast.Name)} - {name}
    seen = any(isinstance(n, (ast.Global, ast.Nonlocal)) and name in n.names for n in ast.walk(scope))
    formatted = any(name in _names(n) for n in ast.walk(scope) if isinstance(n, ast.JoinedStr))
    if new in taken or seen or formatted:
        return ()
    uses = [n for n in ast.walk(scope) if isinstance(n, ast.Name) and n.id == name]
    return tuple(Edit(Span(facts.path, file.start(n), file.end(n)), new) for n in uses)


def renamed_attributes(facts: FileFacts, span: Span, new: Mapping[str, str]) -> tuple[Edit, ...]:
    """Edits that rename attributes in the class around a place, all at once: two may exchange their names.

    () where the file reads one elsewhere, names one in a string, or has a new name already.
    """
    file = parsed(facts.lines.text)
    scope = next((n for n in reversed(around(facts, span)) if isinstance(n, ast.ClassDef)), None)
    if file is None or scope is None:
        return ()
    uses, others = [], False
    word = re.compile(rf"\b({'|'.join(map(re.escape, new))})\b")
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute):
            others |= node.attr in new.values() and node.attr not in new
            uses += [node] if node.attr in new else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            others |= word.search(node.value) is not None
    inside = {id(n) for n in ast.walk(scope)}
    own = all(id(n) in inside and isinstance(n.value, ast.Name) and n.value.id == "self" for n in uses)
    if others or not own or any(isinstance(n, ast.JoinedStr) for n in ast.walk(scope)):
        return ()
    places = sorted((file.end(n), n.attr) for n in uses)
    return tuple(Edit(Span(facts.path, end - len(name), end), new[name]) for end, name in places)


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg

"""The fast way from a chunk to its IR: CPython's own parser.

It takes what this Python takes.  The rest, such as Python 2, broken statements and the syntax of a later Python, is
LibCST's (`lower`), and both give the same IR for what both take.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from typing import Any

from archlint.source import ir
from archlint.source.native_expressions import OPERATORS, Native, Unfit, arguments, bare, native, parameters
from archlint.timing import timed


def lower(text: str) -> list[ir.Stmt] | None:
    """The statements of a chunk; None where LibCST is to read it."""
    try:
        with timed("parsing"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\\d" and its kind are the file's business, not a warning of ours
            tree = ast.parse(text)
            return _block(native(text), tree.body)
    except (SyntaxError, ValueError, MemoryError, RecursionError, Unfit):
        return None


def _block(c: Native, nodes: list[ast.stmt]) -> list[ir.Stmt]:
    return [_statement(c, node) for node in nodes]


def _statement(c: Native, node: ast.stmt) -> ir.Stmt:
    lower_one = _LOWER.get(type(node))
    if lower_one is None:
        raise Unfit
    return lower_one(c, node)


def _end(*blocks: list[ir.Stmt]) -> int:
    """Where a compound statement ends: with the last statement in it."""
    return max(block[-1].end for block in blocks if block)


def _expr_stmt(c: Native, node: ast.Expr) -> ir.Stmt:
    return ir.ExprStmt(c.expr(node.value), *c.span(node))


def _assign(c: Native, node: ast.Assign) -> ir.Stmt:
    return ir.Assign([c.expr(target) for target in node.targets], c.expr(node.value), None, *c.span(node))


def _annotated(c: Native, node: ast.AnnAssign) -> ir.Stmt:
    start, end = c.span(node)
    target, annotation = c.expr(node.target), c.expr(node.annotation)
    if node.value is None:
        return ir.Declare(target, annotation, start, end)
    return ir.Assign([target], c.expr(node.value), annotation, start, end)


def _augmented(c: Native, node: ast.AugAssign) -> ir.Stmt:
    return ir.AugAssign(c.expr(node.target), OPERATORS[type(node.op)], c.expr(node.value), *c.span(node))


def _return(c: Native, node: ast.Return) -> ir.Stmt:
    return ir.Return(c.maybe(node.value), *c.span(node))


def _if(c: Native, node: ast.If) -> ir.Stmt:
    test, body, orelse = c.expr(node.test), _block(c, node.body), _block(c, node.orelse)
    return ir.If(test, body, orelse, c.span(node)[0], _end(body, orelse))


def _for(c: Native, node: ast.For | ast.AsyncFor) -> ir.Stmt:
    target, iterable = c.expr(node.target), c.expr(node.iter)
    body, orelse = _block(c, node.body), _block(c, node.orelse)
    return ir.For(target, iterable, body, orelse, c.span(node)[0], _end(body, orelse))


def _while(c: Native, node: ast.While) -> ir.Stmt:
    test, body, orelse = c.expr(node.test), _block(c, node.body), _block(c, node.orelse)
    return ir.While(test, body, orelse, c.span(node)[0], _end(body, orelse))


def _try(c: Native, node: Any) -> ir.Stmt:
    body = _block(c, node.body)
    handlers = [_handler(c, each) for each in node.handlers]
    orelse, final = _block(c, node.orelse), _block(c, node.finalbody)
    end = _end(body, orelse, final, *(block for _, _, block in handlers))
    return ir.Try(body, handlers, orelse, final, c.span(node)[0], end)


def _handler(c: Native, node: ast.ExceptHandler) -> tuple[ir.Expr | None, str | None, list[ir.Stmt]]:
    caught = c.maybe(node.type)
    if bare(c, node.type, caught):
        raise Unfit  # `except ValueError, e:` means something else in Python 2 than in Python 3.14
    return caught, node.name, _block(c, node.body)


def _with(c: Native, node: ast.With | ast.AsyncWith) -> ir.Stmt:
    items = [(c.expr(item.context_expr), c.maybe(item.optional_vars)) for item in node.items]
    body = _block(c, node.body)
    return ir.With(items, body, c.span(node)[0], _end(body))


_DEFINED = re.compile(r"(?:async[\s\\]+)?(?:def|class)[\s\\]+")


def _name_start(c: Native, name: str, start: int) -> int:
    """Where the name of a function or class stands."""
    found = _DEFINED.match(c.text, start - c.base)
    if found is None or not c.text.startswith(name, found.end()):
        raise Unfit
    return found.end() + c.base


def _function(c: Native, node: Any) -> ir.Stmt:
    start = c.span(node)[0]
    named = _name_start(c, node.name, start)
    decorators = [c.expr(each) for each in node.decorator_list]
    params, returns = parameters(c, node.args), c.maybe(node.returns)
    outer, c.yields = c.yields, False
    body = _block(c, node.body)
    generator, c.yields = c.yields, outer
    return ir.FunctionDef(node.name, named, params, body, decorators, returns, generator, start, _end(body))


def _class(c: Native, node: Any) -> ir.Stmt:
    if getattr(node, "type_params", None):
        raise Unfit
    start = c.span(node)[0]
    named = _name_start(c, node.name, start)
    decorators = [c.expr(each) for each in node.decorator_list]
    bases = arguments(c, node.bases, node.keywords, named + len(node.name), -1)
    body = _block(c, node.body)
    return ir.ClassDef(node.name, named, bases, body, decorators, start, _end(body))


def _aliases(nodes: list[ast.alias]) -> list[tuple[str, str | None]]:
    return [(each.name, each.asname) for each in nodes]


def _import(c: Native, node: ast.Import) -> ir.Stmt:
    return ir.Import(_aliases(node.names), *c.span(node))


def _import_from(c: Native, node: ast.ImportFrom) -> ir.Stmt:
    names = None if node.names[0].name == "*" else _aliases(node.names)
    return ir.ImportFrom(node.module or "", node.level, names, *c.span(node))


def _simple(kind: str) -> Callable[[Native, Any], ir.Stmt]:
    return lambda c, node: ir.Simple(kind, *c.span(node))


def _raise(c: Native, node: ast.Raise) -> ir.Stmt:
    return ir.Raise(c.maybe(node.exc), *c.span(node))


def _assert(c: Native, node: ast.Assert) -> ir.Stmt:
    return ir.Assert(c.expr(node.test), *c.span(node))


def _scope(kind: str) -> Callable[[Native, Any], ir.Stmt]:
    return lambda c, node: ir.Scope(kind, node.names, *c.span(node))


def _delete(c: Native, node: ast.Delete) -> ir.Stmt:
    return ir.Delete([c.expr(each) for each in node.targets], *c.span(node))


_LOWER: dict[type, Callable[[Native, Any], ir.Stmt]] = {
    ast.Expr: _expr_stmt, ast.Assign: _assign, ast.AnnAssign: _annotated, ast.AugAssign: _augmented,
    ast.Return: _return, ast.If: _if, ast.For: _for, ast.AsyncFor: _for, ast.While: _while, ast.Try: _try,
    ast.With: _with, ast.AsyncWith: _with, ast.FunctionDef: _function, ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class, ast.Import: _import, ast.ImportFrom: _import_from, ast.Pass: _simple("pass"),
    ast.Break: _simple("break"), ast.Continue: _simple("continue"), ast.Raise: _raise, ast.Assert: _assert,
    ast.Global: _scope("global"), ast.Nonlocal: _scope("nonlocal"), ast.Delete: _delete,
}  # fmt: skip
if hasattr(ast, "TryStar"):  # Python 3.11
    _LOWER[ast.TryStar] = _try

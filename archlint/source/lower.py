"""Lower the LibCST tree of one chunk to the IR, with offsets: statements here, expressions next door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from archlint.source import ir
from archlint.source.expressions import Lowering, arguments, parameters
from archlint.source.model import SyntaxProblem
from archlint.source.positions import spans_of
from archlint.timing import timed


class PositionError(Exception):
    """LibCST printed something else than the text it parsed, so no offset can be trusted."""


def lower(text: str) -> tuple[list[ir.Stmt], list[SyntaxProblem]]:
    """Parse and lower a chunk.

    Raises `libcst.ParserSyntaxError` if it does not parse, `RecursionError` if it nests too deeply.  The problems are
    what LibCST accepts and Python 3 does not: `except ValueError, e:`.
    """
    with timed("parsing"):
        tree = cst.parse_module(text)
    spans = spans_of(tree, text)
    if spans is None:
        raise PositionError
    state = Lowering(text, spans)
    return _statements(state, tree.body), state.problems


def _statements(c: Lowering, nodes: Any) -> list[ir.Stmt]:
    found: list[ir.Stmt] = []
    for node in nodes:
        kind = type(node)
        if kind is cst.SimpleStatementLine:
            for small in node.body:
                found.append(_statement(c, small))
        else:
            found.append(_statement(c, node))
    return found


def _statement(c: Lowering, node: cst.CSTNode) -> ir.Stmt:
    lower_one = _LOWER.get(type(node))
    return lower_one(c, node) if lower_one else ir.OpaqueStmt(type(node).__name__, [], *c.spans[id(node)])


def _block(c: Lowering, suite: cst.BaseSuite) -> list[ir.Stmt]:
    if type(suite) is cst.SimpleStatementSuite:
        return [_statement(c, small) for small in suite.body]
    return _statements(c, suite.body)


def _optional_block(c: Lowering, clause: cst.Else | cst.Finally | None) -> list[ir.Stmt]:
    return [] if clause is None else _block(c, clause.body)


def _end(*blocks: list[ir.Stmt]) -> int:
    """Where a compound statement ends: with the last statement in it, not with the blank lines below."""
    return max(block[-1].end for block in blocks if block)


def _expr_stmt(c: Lowering, node: cst.Expr) -> ir.Stmt:
    return ir.ExprStmt(c.expr(node.value), *c.spans[id(node)])


def _assign(c: Lowering, node: cst.Assign) -> ir.Stmt:
    start, end = c.spans[id(node)]
    return ir.Assign([c.expr(target.target) for target in node.targets], c.expr(node.value), None, start, end)


def _annotated(c: Lowering, node: cst.AnnAssign) -> ir.Stmt:
    start, end = c.spans[id(node)]
    target = c.expr(node.target)
    annotation = c.expr(node.annotation.annotation)
    if node.value is None:
        return ir.Declare(target, annotation, start, end)
    return ir.Assign([target], c.expr(node.value), annotation, start, end)


def _augmented(c: Lowering, node: cst.AugAssign) -> ir.Stmt:
    start, end = c.spans[id(node)]
    return ir.AugAssign(c.expr(node.target), _AUGMENTED[type(node.operator)], c.expr(node.value), start, end)


def _return(c: Lowering, node: cst.Return) -> ir.Stmt:
    return ir.Return(c.maybe(node.value), *c.spans[id(node)])


def _if(c: Lowering, node: cst.If) -> ir.Stmt:
    start = c.spans[id(node)][0]
    test, body = c.expr(node.test), _block(c, node.body)
    following = node.orelse
    orelse = [_if(c, following)] if isinstance(following, cst.If) else _optional_block(c, following)
    return ir.If(test, body, orelse, start, _end(body, orelse))


def _for(c: Lowering, node: cst.For) -> ir.Stmt:
    start = c.spans[id(node)][0]
    target, iterable = c.expr(node.target), c.expr(node.iter)
    body, orelse = _block(c, node.body), _optional_block(c, node.orelse)
    return ir.For(target, iterable, body, orelse, start, _end(body, orelse))


def _while(c: Lowering, node: cst.While) -> ir.Stmt:
    start = c.spans[id(node)][0]
    test = c.expr(node.test)
    body, orelse = _block(c, node.body), _optional_block(c, node.orelse)
    return ir.While(test, body, orelse, start, _end(body, orelse))


def _try(c: Lowering, node: Any) -> ir.Stmt:
    start = c.spans[id(node)][0]
    body = _block(c, node.body)
    handlers = [_handler(c, each) for each in node.handlers]
    orelse, final = _optional_block(c, node.orelse), _optional_block(c, node.finalbody)
    return ir.Try(body, handlers, orelse, final, start, _end(body, orelse, final, *(block for _, _, block in handlers)))


def _handler(c: Lowering, node: Any) -> tuple[ir.Expr | None, str | None, list[ir.Stmt]]:
    caught = c.maybe(node.type)
    name = node.name.name.value if node.name is not None and isinstance(node.name.name, cst.Name) else None
    if isinstance(node.type, cst.Tuple) and not node.type.lpar and isinstance(caught, ir.Display):
        # LibCST takes Python 2's `except ValueError, e:` for two exceptions, as Python 3.14 does.
        last = caught.items[-1]
        if len(caught.items) == 2 and isinstance(last, ir.Name) and last.id.islower():
            message = "Python 2 syntax: `except X, name`; Python 3 writes `except X as name`"
            c.problems.append(SyntaxProblem(message, caught.start, caught.end))
            caught, name = caught.items[0], last.id
    return caught, name, _block(c, node.body)


def _with(c: Lowering, node: cst.With) -> ir.Stmt:
    start = c.spans[id(node)][0]
    items = [(c.expr(i.item), c.expr(i.asname.name) if i.asname is not None else None) for i in node.items]
    body = _block(c, node.body)
    return ir.With(items, body, start, _end(body))


def _function(c: Lowering, node: cst.FunctionDef) -> ir.Stmt:
    start = c.spans[id(node)][0]
    decorators = [c.expr(each.decorator) for each in node.decorators]
    params = parameters(c, node.params)
    returns = None if node.returns is None else c.expr(node.returns.annotation)
    outer, c.yields = c.yields, False
    body = _block(c, node.body)
    generator, c.yields = c.yields, outer
    name = node.name
    name_start = c.spans[id(name)][0]
    return ir.FunctionDef(name.value, name_start, params, body, decorators, returns, generator, start, _end(body))


def _class(c: Lowering, node: cst.ClassDef) -> ir.Stmt:
    start = c.spans[id(node)][0]
    decorators = [c.expr(each.decorator) for each in node.decorators]
    bases = sorted(arguments(c, (*node.bases, *node.keywords)), key=lambda arg: arg.start)
    body = _block(c, node.body)
    return ir.ClassDef(node.name.value, c.spans[id(node.name)][0], bases, body, decorators, start, _end(body))


def dotted(node: cst.CSTNode | None) -> str:
    """`a.b.c` of an imported module's name."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _aliases(nodes: Any) -> list[tuple[str, str | None]]:
    return [(dotted(each.name), each.asname.name.value if each.asname is not None else None) for each in nodes]


def _import(c: Lowering, node: Any) -> ir.Stmt:
    return ir.Import(_aliases(node.names), *c.spans[id(node)])


def _import_from(c: Lowering, node: Any) -> ir.Stmt:
    names = None if isinstance(node.names, cst.ImportStar) else _aliases(node.names)
    return ir.ImportFrom(dotted(node.module), len(node.relative), names, *c.spans[id(node)])


def _simple(kind: str) -> Callable[[Lowering, Any], ir.Stmt]:
    return lambda c, node: ir.Simple(kind, *c.spans[id(node)])


def _raise(c: Lowering, node: cst.Raise) -> ir.Stmt:
    return ir.Raise(c.maybe(node.exc), *c.spans[id(node)])


def _assert(c: Lowering, node: cst.Assert) -> ir.Stmt:
    return ir.Assert(c.expr(node.test), *c.spans[id(node)])


def _scope(kind: str) -> Callable[[Lowering, Any], ir.Stmt]:
    return lambda c, node: ir.Scope(kind, [each.name.value for each in node.names], *c.spans[id(node)])


def _delete(c: Lowering, node: cst.Del) -> ir.Stmt:
    target = c.expr(node.target)
    several = isinstance(node.target, cst.Tuple) and not node.target.lpar and isinstance(target, ir.Display)
    return ir.Delete(target.items if several and isinstance(target, ir.Display) else [target], *c.spans[id(node)])


def _type_alias(c: Lowering, node: cst.TypeAlias) -> ir.Stmt:
    return ir.OpaqueStmt("type", [node.name.value], *c.spans[id(node)])


def _match(c: Lowering, node: cst.Match) -> ir.Stmt:
    start = c.spans[id(node)][0]
    cases = [(_pattern(c, case.pattern), c.maybe(case.guard), _block(c, case.body)) for case in node.cases]
    return ir.Match(c.expr(node.subject), cases, start, _end(*(body for _, _, body in cases)))


def _pattern(c: Lowering, node: Any) -> ir.Expr:
    """A pattern as an expression; an `Opaque` one has the names it binds (`Name`) as its parts."""
    span = c.spans[id(node)]
    if isinstance(node, (cst.MatchValue, cst.MatchSingleton)):
        return c.expr(node.value)
    if isinstance(node, cst.MatchAs) and node.pattern is None:
        return ir.Name("_" if node.name is None else node.name.value, *span)
    if isinstance(node, cst.MatchStar):
        return ir.Starred(ir.Name("_" if node.name is None else node.name.value, *span), *span)
    if isinstance(node, (cst.MatchList, cst.MatchTuple)):
        items = [_pattern(c, each if isinstance(each, cst.MatchStar) else each.value) for each in node.patterns]
        return ir.Display("tuple" if isinstance(node, cst.MatchTuple) else "list", items, *span)
    if isinstance(node, cst.MatchOr):
        joined = _pattern(c, node.patterns[0].pattern)
        for each in node.patterns[1:]:
            alternative = _pattern(c, each.pattern)
            joined = ir.BoolOp("or", joined, alternative, joined.start, alternative.end)
        return joined
    return ir.Opaque(type(node).__name__, list(_captures(c, node)), *span)


def _captures(c: Lowering, node: cst.CSTNode) -> list[ir.Name]:
    """The names that a pattern binds, in the order written."""
    found: list[ir.Name] = []
    if isinstance(node, (cst.MatchAs, cst.MatchStar, cst.MatchMapping)):
        name = node.rest if isinstance(node, cst.MatchMapping) else node.name
        if name is not None:
            found.append(ir.Name(name.value, *c.spans[id(name)]))
    for child in node.children:
        if isinstance(child, (cst.MatchPattern, cst.MatchStar, *_PATTERN_PARTS)):
            found += _captures(c, child)
    return sorted(found, key=lambda name: name.start)


_PATTERN_PARTS = (cst.MatchSequenceElement, cst.MatchMappingElement, cst.MatchKeywordElement, cst.MatchOrElement)

_AUGMENTED: dict[type, str] = {
    cst.AddAssign: "+", cst.SubtractAssign: "-", cst.MultiplyAssign: "*", cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//", cst.ModuloAssign: "%", cst.PowerAssign: "**", cst.MatrixMultiplyAssign: "@",
    cst.LeftShiftAssign: "<<", cst.RightShiftAssign: ">>", cst.BitAndAssign: "&", cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
}  # fmt: skip

_LOWER: dict[type, Callable[[Lowering, Any], ir.Stmt]] = {
    cst.Expr: _expr_stmt, cst.Assign: _assign, cst.AnnAssign: _annotated, cst.AugAssign: _augmented,
    cst.Return: _return, cst.If: _if, cst.For: _for, cst.While: _while, cst.Try: _try, cst.TryStar: _try,
    cst.With: _with, cst.FunctionDef: _function, cst.ClassDef: _class, cst.Import: _import,
    cst.ImportFrom: _import_from, cst.Pass: _simple("pass"), cst.Break: _simple("break"),
    cst.Continue: _simple("continue"), cst.Raise: _raise, cst.Assert: _assert, cst.Global: _scope("global"),
    cst.Nonlocal: _scope("nonlocal"), cst.Del: _delete, cst.TypeAlias: _type_alias, cst.Match: _match,
}  # fmt: skip
if hasattr(cst, "LazyImport"):  # `lazy import x`, LibCST 1.9
    _LOWER[cst.LazyImport] = _import
    _LOWER[cst.LazyImportFrom] = _import_from

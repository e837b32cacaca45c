"""Lower the expressions of CPython's own tree to the IR: what `expressions` makes of LibCST's, ten times as fast.

CPython says where the tokens of an expression begin and end; what the IR wants besides, such as where the parentheses
around an argument are, is read from the text between the expressions (`gaps`).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archlint.source import gaps, ir
from archlint.source.fstring import joined, places

Lower = Callable[["Native", Any], ir.Expr]

_LONGEST_NUMBER = 80
_PLACED = sys.version_info >= (3, 12)
"""Are the places of what stands in an f-string the true ones?"""


class Unfit(Exception):
    """Something that this way of reading does not take; LibCST's does."""


@dataclass(slots=True)
class Native:
    """What is known while one chunk is lowered; `yields` is set by a yield and read by the function around it.

    starts: by line number, from 1, the offset where the line begins; lines: the same lines, unless all is ASCII.
    base: what is added to each offset.
    """

    text: str
    starts: list[int]
    lines: list[str] | None
    base: int = 0
    yields: bool = False

    def span(self, node: Any) -> tuple[int, int]:
        """Where a node stands."""
        starts = self.starts
        if self.lines is None:
            return starts[node.lineno] + node.col_offset, starts[node.end_lineno] + node.end_col_offset
        return self._wide(node.lineno, node.col_offset), self._wide(node.end_lineno, node.end_col_offset)

    def _wide(self, line: int, column: int) -> int:
        """CPython counts bytes, the IR code points."""
        assert self.lines is not None
        text = self.lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode())
        return self.starts[line] + column

    def expr(self, node: ast.expr) -> ir.Expr:
        """The IR of an expression."""
        lower = _LOWER.get(type(node))
        if lower is None:
            raise Unfit
        return lower(self, node)

    def maybe(self, node: ast.expr | None) -> ir.Expr | None:
        return None if node is None else self.expr(node)

    def written(self, name: str, start: int) -> str:
        """A name as it is written: CPython brings letters that look alike to one form."""
        if self.lines is not None and not self.text.startswith(name, start):
            raise Unfit
        return name


def native(text: str, base: int = 0) -> Native:
    """The state in which the tree of a text is lowered."""
    starts, at = [0, 0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    if base:
        starts = [start + base for start in starts]
    return Native(text, starts, None if text.isascii() else text.split("\n"), base)


OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.And: "and", ast.Or: "or", ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Eq: "==",
    ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in",
    ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


def _name(c: Native, node: ast.Name) -> ir.Expr:
    start, end = c.span(node)
    return ir.Name(c.written(node.id, start - c.base), start, end)


def _constant(c: Native, node: ast.Constant) -> ir.Expr:
    start, end = c.span(node)
    if end - start > _LONGEST_NUMBER and type(node.value) in (int, float, complex):
        return ir.Opaque("number", [], start, end)
    return ir.Const(node.value, start, end)


def _attribute(c: Native, node: ast.Attribute) -> ir.Expr:
    start, end = c.span(node)
    named = end - len(node.attr)
    return ir.Attr(c.expr(node.value), c.written(node.attr, named - c.base), named, start, end)


def _call(c: Native, node: ast.Call) -> ir.Expr:
    start, end = c.span(node)
    func = c.expr(node.func)
    return ir.Call(func, arguments(c, node.args, node.keywords, func.end, end), start, end)


def arguments(
    c: Native, positional: list[ast.expr], keywords: list[ast.keyword], opened: int, closed: int
) -> list[ir.Arg]:
    """The arguments of a call, or the bases of a class: those behind `opened`, before the parenthesis at `closed`."""
    nodes: list[Any] = [*positional, *keywords]
    if positional and keywords:
        nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    found: list[ir.Arg] = []
    for node in nodes:
        start, end = c.span(node)
        kind = type(node)
        if kind is ast.keyword:
            found.append(ir.Arg(c.expr(node.value), node.arg, "" if node.arg else "**", start, end))
        elif kind is ast.Starred:
            found.append(ir.Arg(c.expr(node.value), None, "*", start, end))
        else:
            value = c.expr(node)
            if kind is ast.GeneratorExp and end == closed:  # f(x for x in y): the parentheses are the call's
                start, end = gaps.inside(c.text, start - c.base, end - c.base)
                value.start, value.end = start, end = start + c.base, end + c.base
            elif end + 1 != closed and c.text[end - c.base] != ",":
                start, end = _around(c, found[-1].end if found else opened, start, end)
            found.append(ir.Arg(value, None, "", start, end))
    return found


def _around(c: Native, before: int, start: int, end: int) -> tuple[int, int]:
    """An argument with its parentheses: `f(a, (b))`."""
    first = gaps.argument(c.text, before - c.base)
    count = gaps.count(c.text, first, start - c.base, "(")
    return first + c.base, gaps.closed(c.text, end - c.base, count) + c.base


def _binary(c: Native, node: ast.BinOp) -> ir.Expr:
    start, end = c.span(node)
    return ir.BinOp(OPERATORS[type(node.op)], c.expr(node.left), c.expr(node.right), start, end)


def _unary(c: Native, node: ast.UnaryOp) -> ir.Expr:
    start, end = c.span(node)
    return ir.UnaryOp(OPERATORS[type(node.op)], c.expr(node.operand), start, end)


def _boolean(c: Native, node: ast.BoolOp) -> ir.Expr:
    """`a and b and c` is one node of CPython's, and two of the IR."""
    start, end = c.span(node)
    op = OPERATORS[type(node.op)]
    values = [c.expr(value) for value in node.values]
    made = values[0]
    for value in values[1:-1]:
        made = ir.BoolOp(op, made, value, start, gaps.past(c.text, value.end - c.base) + c.base)
    return ir.BoolOp(op, made, values[-1], start, end)


def _comparison(c: Native, node: ast.Compare) -> ir.Expr:
    start, end = c.span(node)
    operators = [OPERATORS[type(op)] for op in node.ops]
    return ir.Compare(c.expr(node.left), operators, [c.expr(each) for each in node.comparators], start, end)


def _display(kind: str) -> Lower:
    def lower(c: Native, node: Any) -> ir.Expr:
        start, end = c.span(node)
        return ir.Display(kind, [c.expr(each) for each in node.elts], start, end)

    return lower


def _dict(c: Native, node: ast.Dict) -> ir.Expr:
    start, end = c.span(node)
    items = [(c.maybe(key), c.expr(value)) for key, value in zip(node.keys, node.values)]
    return ir.DictDisplay(items, start, end)


def _starred(c: Native, node: ast.Starred) -> ir.Expr:
    start, end = c.span(node)
    return ir.Starred(c.expr(node.value), start, end)


def _subscript(c: Native, node: ast.Subscript) -> ir.Expr:
    start, end = c.span(node)
    return ir.Subscript(c.expr(node.value), _index(c, node.slice), start, end)


def _index(c: Native, node: ast.expr) -> ir.Expr:
    """`x[1, 2]` is indexed by what is written, `x[(1, 2)]` by a tuple."""
    index = c.expr(node)
    if isinstance(node, ast.Starred):
        return ir.Display("tuple", [index], index.start, index.end)
    if isinstance(node, ast.Tuple) and isinstance(index, ir.Display) and not _in_parentheses(c, index):
        index.start, index.end = index.items[0].start, index.items[-1].end
    return index


def _in_parentheses(c: Native, display: ir.Display) -> bool:
    """Has a tuple parentheses of its own?"""
    text, base = c.text, c.base
    if not display.items:
        return True
    if text[display.start - base] != "(" or text[display.end - base - 1] != ")":
        return False
    first = display.items[0]
    opened = gaps.count(text, display.start - base, first.start - base, "(")
    end = gaps.past(text, first.end - base)
    whole = len(display.items) == 1 and end == display.end - base
    return whole or opened > gaps.count(text, first.end - base, end, ")")


def bare(c: Native, node: ast.expr | None, made: ir.Expr | None) -> bool:
    """Is it a tuple without parentheses?"""
    return isinstance(node, ast.Tuple) and isinstance(made, ir.Display) and not _in_parentheses(c, made)


def _slice(c: Native, node: ast.Slice) -> ir.Expr:
    start, end = c.span(node)
    return ir.Slice(c.maybe(node.lower), c.maybe(node.upper), c.maybe(node.step), start, end)


def _conditional(c: Native, node: ast.IfExp) -> ir.Expr:
    start, end = c.span(node)
    return ir.IfExp(c.expr(node.test), c.expr(node.body), c.expr(node.orelse), start, end)


def _comprehension(kind: str) -> Lower:
    def lower(c: Native, node: Any) -> ir.Expr:
        start, end = c.span(node)
        key = c.expr(node.key) if kind == "dict" else None
        element = c.expr(node.value if kind == "dict" else node.elt)
        generators = [(c.expr(g.target), c.expr(g.iter), [c.expr(test) for test in g.ifs]) for g in node.generators]
        return ir.Comprehension(kind, key, element, generators, start, end)

    return lower


def _formatted(c: Native, node: ast.JoinedStr) -> ir.Expr:
    start, end = c.span(node)
    values = [value for value in node.values if isinstance(value, ast.FormattedValue)]
    written = c.text[start - c.base : end - c.base]
    made = [c.expr(value.value) for value in values] if _PLACED else _within(c, written, start, len(values))
    parts: list[Any] = []
    expressions = iter(made)
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            conversion = chr(value.conversion) if value.conversion > 0 else None
            parts.append((next(expressions), _format(value.format_spec), conversion))
        elif isinstance(value, ast.Constant):
            parts.append(value.value)
    return joined(parts, start, end)


def _within(c: Native, written: str, start: int, count: int) -> list[ir.Expr]:
    """The expressions in an f-string, each parsed again where it stands."""
    found = places(written)
    if found is None or len(found) != count:
        raise Unfit
    made = []
    for first, last in found:
        source = f"({written[first:last]})"
        inner = native(source, start + first - 1)
        try:
            value = inner.expr(ast.parse(source, mode="eval").body)
        except SyntaxError as error:
            raise Unfit from error
        if value.start == inner.base:  # f"{a, b}": the parentheses are ours
            first, last = gaps.inside(source, 0, len(source))
            value.start, value.end = inner.base + first, inner.base + last
        made.append(value)
        c.yields = c.yields or inner.yields
    return made


def _format(spec: ast.expr | None) -> str | None:
    """The text of a format specification; a nested `{width}` becomes `{}`."""
    if spec is None:
        return None
    if not isinstance(spec, ast.JoinedStr):
        raise Unfit
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in spec.values)


def _named(c: Native, node: ast.NamedExpr) -> ir.Expr:
    start, end = c.span(node)
    return ir.NamedExpr(c.expr(node.target), c.expr(node.value), start, end)


def parameters(c: Native, node: ast.arguments) -> list[ir.Param]:
    """The parameters of a function or lambda in the order written."""
    plain = [*node.posonlyargs, *node.args]
    defaults = [None] * (len(plain) - len(node.defaults)) + list(node.defaults)
    posonly = len(node.posonlyargs)
    found = [
        _parameter(c, arg, "posonly" if place < posonly else "normal", default)
        for place, (arg, default) in enumerate(zip(plain, defaults))
    ]
    if node.vararg is not None:
        found.append(_parameter(c, node.vararg, "star", None))
    found += [_parameter(c, arg, "kwonly", default) for arg, default in zip(node.kwonlyargs, node.kw_defaults)]
    if node.kwarg is not None:
        found.append(_parameter(c, node.kwarg, "doublestar", None))
    return found


def _parameter(c: Native, node: ast.arg, kind: str, default: ast.expr | None) -> ir.Param:
    start, _ = c.span(node)
    name = c.written(node.arg, start - c.base)
    annotation, value = c.maybe(node.annotation), c.maybe(default)
    end = max(start + len(name), annotation.end if annotation else 0, value.end if value else 0)
    if kind in ("star", "doublestar"):
        stars = "*" if kind == "star" else "**"
        at = c.text.rfind(stars, 0, start - c.base)
        if at < 0 or c.text[at + len(stars) : start - c.base].strip():
            raise Unfit
        start = at + c.base
    return ir.Param(name, kind, value, annotation, start, end)


def _lambda(c: Native, node: ast.Lambda) -> ir.Expr:
    start, end = c.span(node)
    outer = c.yields
    lowered = ir.Lambda(parameters(c, node.args), c.expr(node.body), start, end)
    c.yields = outer
    return lowered


def _await(c: Native, node: ast.Await) -> ir.Expr:
    return ir.Opaque("await", [c.expr(node.value)], *c.span(node))


def _yield(c: Native, node: ast.Yield | ast.YieldFrom) -> ir.Expr:
    c.yields = True
    kind = "yield from" if isinstance(node, ast.YieldFrom) else "yield"
    return ir.Opaque(kind, [] if node.value is None else [c.expr(node.value)], *c.span(node))


_LOWER: dict[type, Lower] = {
    ast.Name: _name, ast.Constant: _constant, ast.Attribute: _attribute, ast.Call: _call, ast.BinOp: _binary,
    ast.UnaryOp: _unary, ast.BoolOp: _boolean, ast.Compare: _comparison, ast.Tuple: _display("tuple"),
    ast.List: _display("list"), ast.Set: _display("set"), ast.Dict: _dict, ast.Starred: _starred,
    ast.Subscript: _subscript, ast.Slice: _slice, ast.IfExp: _conditional, ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"), ast.DictComp: _comprehension("dict"),
    ast.GeneratorExp: _comprehension("generator"), ast.JoinedStr: _formatted, ast.NamedExpr: _named,
    ast.Lambda: _lambda, ast.Await: _await, ast.Yield: _yield, ast.YieldFrom: _yield,
}  # fmt: skip

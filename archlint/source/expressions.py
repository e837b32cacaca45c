"""Lower LibCST expressions to the IR: one function per node type, found by `type(node)`, no visitor."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from archlint.source import gaps, ir, literals
from archlint.source.fstring import joined
from archlint.source.model import SyntaxProblem
from archlint.source.positions import Spans

Lower = Callable[["Lowering", Any], ir.Expr]


@dataclass(slots=True)
class Lowering:
    """What is known while one chunk is lowered; `yields` is set by a yield and read by the function around it."""

    text: str
    spans: Spans
    yields: bool = False
    problems: list[SyntaxProblem] = field(default_factory=list)

    def expr(self, node: cst.CSTNode) -> ir.Expr:
        """The IR of an expression; `Opaque` for a node type of a later LibCST."""
        lower = _LOWER.get(type(node))
        return lower(self, node) if lower else ir.Opaque(type(node).__name__, [], *self.spans[id(node)])

    def maybe(self, node: cst.CSTNode | None) -> ir.Expr | None:
        return None if node is None else self.expr(node)

    def many(self, nodes: Any) -> list[ir.Expr]:
        """The `value` of each element of a display."""
        expr = self.expr
        return [expr(node if type(node) is cst.StarredElement else node.value) for node in nodes]


_EQUAL = re.compile(r"[^=]*=\s*")
_CONSTANTS = {"None": None, "True": True, "False": False}

_OPERATORS: dict[type, str] = {
    cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/", cst.FloorDivide: "//", cst.Modulo: "%",
    cst.Power: "**", cst.MatrixMultiply: "@", cst.LeftShift: "<<", cst.RightShift: ">>", cst.BitAnd: "&",
    cst.BitOr: "|", cst.BitXor: "^", cst.And: "and", cst.Or: "or", cst.Not: "not", cst.Minus: "-", cst.Plus: "+",
    cst.BitInvert: "~", cst.Equal: "==", cst.NotEqual: "!=", cst.LessThan: "<", cst.LessThanEqual: "<=",
    cst.GreaterThan: ">", cst.GreaterThanEqual: ">=", cst.In: "in", cst.NotIn: "not in", cst.Is: "is",
    cst.IsNot: "is not",
}  # fmt: skip


def _name(c: Lowering, node: cst.Name) -> ir.Expr:
    start, end = c.spans[id(node)]
    name = node.value
    if name in _CONSTANTS:
        return ir.Const(_CONSTANTS[name], start, end)
    return ir.Name(name, start, end)


def _attribute(c: Lowering, node: cst.Attribute) -> ir.Expr:
    start, end = c.spans[id(node)]
    return ir.Attr(c.expr(node.value), node.attr.value, c.spans[id(node.attr)][0], start, end)


def arguments(c: Lowering, nodes: Any) -> list[ir.Arg]:
    """The arguments of a call, or the bases of a class."""
    found = []
    for node in nodes:
        start, end = c.spans[id(node)]
        keyword = node.keyword.value if node.keyword is not None else None
        found.append(ir.Arg(c.expr(node.value), keyword, node.star, start, end))
    return found


def _call(c: Lowering, node: cst.Call) -> ir.Expr:
    start, end = c.spans[id(node)]
    return ir.Call(c.expr(node.func), arguments(c, node.args), start, end)


def _number(c: Lowering, node: cst.Integer | cst.Float | cst.Imaginary) -> ir.Expr:
    start, end = c.spans[id(node)]
    value = literals.number(node.value)
    return ir.Opaque("number", [], start, end) if value is None else ir.Const(value, start, end)


def _ellipsis(c: Lowering, node: cst.Ellipsis) -> ir.Expr:
    return ir.Const(..., *c.spans[id(node)])


def _binary(c: Lowering, node: cst.BinaryOperation) -> ir.Expr:
    start, end = c.spans[id(node)]
    return ir.BinOp(_OPERATORS[type(node.operator)], c.expr(node.left), c.expr(node.right), start, end)


def _unary(c: Lowering, node: cst.UnaryOperation) -> ir.Expr:
    start, end = c.spans[id(node)]
    return ir.UnaryOp(_OPERATORS[type(node.operator)], c.expr(node.expression), start, end)


def _boolean(c: Lowering, node: cst.BooleanOperation) -> ir.Expr:
    start, end = c.spans[id(node)]
    return ir.BoolOp(_OPERATORS[type(node.operator)], c.expr(node.left), c.expr(node.right), start, end)


def _comparison(c: Lowering, node: cst.Comparison) -> ir.Expr:
    start, end = c.spans[id(node)]
    operators = [_OPERATORS[type(part.operator)] for part in node.comparisons]
    return ir.Compare(c.expr(node.left), operators, [c.expr(p.comparator) for p in node.comparisons], start, end)


def _display(kind: str) -> Lower:
    def lower(c: Lowering, node: cst.Tuple | cst.List | cst.Set) -> ir.Expr:
        start, end = c.spans[id(node)]
        return ir.Display(kind, c.many(node.elements), start, end)

    return lower


def _dict(c: Lowering, node: cst.Dict) -> ir.Expr:
    start, end = c.spans[id(node)]
    items: list[tuple[ir.Expr | None, ir.Expr]] = []
    for element in node.elements:
        key = c.expr(element.key) if type(element) is cst.DictElement else None
        items.append((key, c.expr(element.value)))
    return ir.DictDisplay(items, start, end)


def _starred(c: Lowering, node: cst.StarredElement) -> ir.Expr:
    start, end = c.spans[id(node)]
    return ir.Starred(c.expr(node.value), start, end)


def _subscript(c: Lowering, node: cst.Subscript) -> ir.Expr:
    start, end = c.spans[id(node)]
    value = c.expr(node.value)
    indices = [_index(c, element) for element in node.slice]
    index = indices[0]
    if len(indices) > 1 or node.slice[0].comma is not cst.MaybeSentinel.DEFAULT or type(index) is ir.Starred:
        index = ir.Display("tuple", indices, index.start, indices[-1].end)
    return ir.Subscript(value, index, start, end)


def _index(c: Lowering, element: cst.SubscriptElement) -> ir.Expr:
    node = element.slice
    start, end = c.spans[id(element)]
    if type(node) is cst.Slice:
        end = gaps.seen(c.text, start, end)  # x[1: ]: LibCST counts the blank in
        return ir.Slice(c.maybe(node.lower), c.maybe(node.upper), c.maybe(node.step), start, end)
    assert isinstance(node, cst.Index)
    value = c.expr(node.value)
    return ir.Starred(value, start, end) if node.star else value


def _conditional(c: Lowering, node: cst.IfExp) -> ir.Expr:
    start, end = c.spans[id(node)]
    return ir.IfExp(c.expr(node.test), c.expr(node.body), c.expr(node.orelse), start, end)


def _comprehension(kind: str) -> Lower:
    def lower(c: Lowering, node: Any) -> ir.Expr:
        start, end = c.spans[id(node)]
        key = c.expr(node.key) if type(node) is cst.DictComp else None
        element = c.expr(node.value if kind == "dict" else node.elt)
        generators = []
        clause = node.for_in
        while clause is not None:
            conditions = [c.expr(condition.test) for condition in clause.ifs]
            generators.append((c.expr(clause.target), c.expr(clause.iter), conditions))
            clause = clause.inner_for_in
        return ir.Comprehension(kind, key, element, generators, start, end)

    return lower


def _simple_string(c: Lowering, node: cst.SimpleString) -> ir.Expr:
    start, end = c.spans[id(node)]
    value = literals.string(node.value)
    return ir.Opaque("string", [], start, end) if value is None else ir.Const(value, start, end)


def _formatted_string(c: Lowering, node: cst.FormattedString) -> ir.Expr:
    start, end = c.spans[id(node)]
    prefix, quotes = node.start.rstrip("\"'").lower(), node.end
    parts: list[str | tuple[ir.Expr, str | None, str | None]] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            text = literals.unescape(part.value, prefix, quotes)
            parts.append(text.replace("{{", "{").replace("}}", "}") if isinstance(text, str) else part.value)
        elif isinstance(part, cst.FormattedStringExpression):
            value = c.expr(part.expression)
            spec = None if part.format_spec is None else "".join(_format_text(piece) for piece in part.format_spec)
            conversion = part.conversion
            if part.equal is not None:  # f"{width = }" prints `width = ` first
                opened = c.text.rfind("{", 0, value.start) + 1
                equal = _EQUAL.match(c.text, value.end)
                parts.append(c.text[opened : equal.end() if equal else value.end])
                conversion = conversion or ("r" if spec is None else None)
            parts.append((value, spec, conversion))
    return joined(parts, start, end)


def _format_text(part: cst.BaseFormattedStringContent) -> str:
    """The text of a format specification; a nested `{width}` becomes `{}`."""
    return part.value if isinstance(part, cst.FormattedStringText) else "{}"


def _concatenated(c: Lowering, node: cst.ConcatenatedString) -> ir.Expr:
    """`"a" "b"` is one constant; `"a" f"{b}"` is one f-string."""
    start, end = c.spans[id(node)]
    strings: list[ir.Expr] = []
    rest: Any = node
    while isinstance(rest, cst.ConcatenatedString):
        strings.append(c.expr(rest.left))
        rest = rest.right
    strings.append(c.expr(rest))
    parts: list[Any] = []
    for string in strings:
        if isinstance(string, ir.FString):
            parts.extend(string.parts)
        elif isinstance(string, ir.Const):
            parts.append(string.value)
        else:
            return ir.Opaque("string", strings, start, end)
    if all(isinstance(part, bytes) for part in parts):
        return ir.Const(b"".join(parts), start, end)
    if any(isinstance(part, bytes) for part in parts):
        return ir.Opaque("string", strings, start, end)
    return joined(parts, start, end)


def _template_string(c: Lowering, node: cst.TemplatedString) -> ir.Expr:
    values = [c.expr(part.expression) for part in node.parts if isinstance(part, cst.TemplatedStringExpression)]
    return ir.Opaque("template string", values, *c.spans[id(node)])


def _named(c: Lowering, node: cst.NamedExpr) -> ir.Expr:
    start, end = c.spans[id(node)]
    return ir.NamedExpr(c.expr(node.target), c.expr(node.value), start, end)


def parameters(c: Lowering, node: cst.Parameters) -> list[ir.Param]:
    """The parameters of a function or lambda in the order written."""
    found = [_parameter(c, each, "posonly") for each in node.posonly_params]
    found += [_parameter(c, each, "normal") for each in node.params]
    if isinstance(node.star_arg, cst.Param):
        found.append(_parameter(c, node.star_arg, "star"))
    found += [_parameter(c, each, "kwonly") for each in node.kwonly_params]
    if node.star_kwarg is not None:
        found.append(_parameter(c, node.star_kwarg, "doublestar"))
    return found


def _parameter(c: Lowering, node: cst.Param, kind: str) -> ir.Param:
    start, end = c.spans[id(node)]
    annotation = None if node.annotation is None else c.expr(node.annotation.annotation)
    default = c.maybe(node.default)
    end = max(end, annotation.end if annotation else 0, default.end if default else 0)
    return ir.Param(node.name.value, kind, default, annotation, start, end)


def _lambda(c: Lowering, node: cst.Lambda) -> ir.Expr:
    start, end = c.spans[id(node)]
    outer = c.yields
    lowered = ir.Lambda(parameters(c, node.params), c.expr(node.body), start, end)
    c.yields = outer
    return lowered


def _await(c: Lowering, node: cst.Await) -> ir.Expr:
    return ir.Opaque("await", [c.expr(node.expression)], *c.spans[id(node)])


def _yield(c: Lowering, node: cst.Yield) -> ir.Expr:
    c.yields = True
    value = node.value.item if isinstance(node.value, cst.From) else node.value
    kind = "yield from" if isinstance(node.value, cst.From) else "yield"
    return ir.Opaque(kind, [] if value is None else [c.expr(value)], *c.spans[id(node)])


_LOWER: dict[type, Lower] = {
    cst.Name: _name, cst.Attribute: _attribute, cst.Call: _call, cst.Integer: _number, cst.Float: _number,
    cst.Imaginary: _number, cst.Ellipsis: _ellipsis, cst.SimpleString: _simple_string,
    cst.FormattedString: _formatted_string, cst.ConcatenatedString: _concatenated, cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary, cst.BooleanOperation: _boolean, cst.Comparison: _comparison,
    cst.Tuple: _display("tuple"), cst.List: _display("list"), cst.Set: _display("set"), cst.Dict: _dict,
    cst.StarredElement: _starred, cst.Subscript: _subscript, cst.IfExp: _conditional,
    cst.ListComp: _comprehension("list"), cst.SetComp: _comprehension("set"), cst.DictComp: _comprehension("dict"),
    cst.GeneratorExp: _comprehension("generator"), cst.NamedExpr: _named, cst.Lambda: _lambda, cst.Await: _await,
    cst.Yield: _yield,
}  # fmt: skip
if hasattr(cst, "TemplatedString"):  # LibCST 1.9
    _LOWER[cst.TemplatedString] = _template_string

"""CPython's `ast` as the judge of the lowering: both trees as plain tuples, to be compared."""

# ruff: noqa: N802 - a method is named after the ast node it takes
from __future__ import annotations

import ast
import warnings
from typing import Any

from archlint.source import ir
from archlint.text import LineIndex

_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.And: "and", ast.Or: "or", ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Eq: "==",
    ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in",
    ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_KINDS = {"Tuple": "tuple", "List": "list", "Set": "set", "ListComp": "list", "SetComp": "set", "DictComp": "dict"}
Plain = Any


class FromAst:
    """The tree of CPython as tuples (node type, fields …), with the span of each call and class and function name."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = LineIndex(text).starts
        self.bytes = text.encode()
        self.calls: list[tuple[int, int]] = []
        self.ascii = text.isascii()
        self.in_string = 0

    def tree(self) -> Plain:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.block(ast.parse(self.text).body)

    def offset(self, line: int, column: int) -> int:
        start = self.lines[line - 1]
        if self.ascii:
            return start + column
        return start + len(self.text[start : start + column].encode()[:column].decode(errors="ignore"))

    def block(self, nodes: list[Any]) -> list[Plain]:
        return [self.one(node) for node in nodes]

    def one(self, node: Any) -> Plain:
        if node is None:
            return None
        name = type(node).__name__
        method = getattr(self, name, None)
        if method is not None:
            return method(node)
        raise NotImplementedError(name)

    # expressions

    def Name(self, n: Any) -> Plain:
        return ("Name", n.id)

    def Constant(self, n: Any) -> Plain:
        return ("Const", type(n.value).__name__, repr(n.value))

    def Attribute(self, n: Any) -> Plain:
        return ("Attr", self.one(n.value), n.attr)

    def Call(self, n: Any) -> Plain:
        if not self.in_string:
            self.calls.append((self.offset(n.lineno, n.col_offset), self.offset(n.end_lineno, n.end_col_offset)))
        arguments = [(a.lineno, a.col_offset, self.argument(a)) for a in n.args]
        arguments += [(k.lineno, k.col_offset, self.keyword(k)) for k in n.keywords]
        if not self.in_string:  # positions inside f-strings are wrong before Python 3.12
            arguments.sort(key=lambda a: a[:2])
        return ("Call", self.one(n.func), [a for _, _, a in arguments])

    def argument(self, n: Any) -> Plain:
        return ("*", None, self.one(n.value)) if isinstance(n, ast.Starred) else ("", None, self.one(n))

    def keyword(self, n: Any) -> Plain:
        return ("**" if n.arg is None else "", n.arg, self.one(n.value))

    def BinOp(self, n: Any) -> Plain:
        return ("BinOp", _OPERATORS[type(n.op)], self.one(n.left), self.one(n.right))

    def UnaryOp(self, n: Any) -> Plain:
        return ("UnaryOp", _OPERATORS[type(n.op)], self.one(n.operand))

    def BoolOp(self, n: Any) -> Plain:
        return ("BoolOp", _OPERATORS[type(n.op)], self.block(n.values))

    def Compare(self, n: Any) -> Plain:
        return ("Compare", self.one(n.left), [_OPERATORS[type(op)] for op in n.ops], self.block(n.comparators))

    def Tuple(self, n: Any) -> Plain:
        return ("Display", _KINDS[type(n).__name__], self.block(n.elts))

    List = Set = Tuple

    def Dict(self, n: Any) -> Plain:
        return ("DictDisplay", [(self.one(k), self.one(v)) for k, v in zip(n.keys, n.values, strict=True)])

    def Starred(self, n: Any) -> Plain:
        return ("Starred", self.one(n.value))

    def Subscript(self, n: Any) -> Plain:
        return ("Subscript", self.one(n.value), self.one(n.slice))

    def Slice(self, n: Any) -> Plain:
        return ("Slice", self.one(n.lower), self.one(n.upper), self.one(n.step))

    def IfExp(self, n: Any) -> Plain:
        return ("IfExp", self.one(n.test), self.one(n.body), self.one(n.orelse))

    def ListComp(self, n: Any) -> Plain:
        kind = _KINDS.get(type(n).__name__, "generator")
        key = self.one(n.key) if kind == "dict" else None
        element = self.one(n.value if kind == "dict" else n.elt)
        clauses = [(self.one(g.target), self.one(g.iter), self.block(g.ifs)) for g in n.generators]
        return ("Comprehension", kind, key, element, clauses)

    SetComp = DictComp = GeneratorExp = ListComp

    def JoinedStr(self, n: Any) -> Plain:
        self.in_string += 1
        parts: list[Any] = []
        for value in n.values:
            if isinstance(value, ast.Constant):
                if parts and isinstance(parts[-1], str):
                    parts[-1] += value.value
                else:
                    parts.append(value.value)
            else:
                conversion = chr(value.conversion) if value.conversion > 0 else None
                parts.append((self.one(value.value), self.spec(value), conversion))
        self.in_string -= 1
        if not parts or (len(parts) == 1 and isinstance(parts[0], str)):
            return ("Const", "str", repr(parts[0] if parts else ""))
        return ("FString", parts)

    def spec(self, n: Any) -> str | None:
        if n.format_spec is None:
            return None
        return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in n.format_spec.values)

    def NamedExpr(self, n: Any) -> Plain:
        return ("NamedExpr", self.one(n.target), self.one(n.value))

    def Lambda(self, n: Any) -> Plain:
        return ("Lambda", self.params(n.args), self.one(n.body))

    def params(self, n: Any) -> list[Plain]:
        plain = [*n.posonlyargs, *n.args]
        defaults = [None] * (len(plain) - len(n.defaults)) + n.defaults
        found = []
        for i, (arg, default) in enumerate(zip(plain, defaults, strict=True)):
            kind = "posonly" if i < len(n.posonlyargs) else "normal"
            found.append((arg.arg, kind, self.one(default), self.one(arg.annotation)))
        if n.vararg:
            found.append((n.vararg.arg, "star", None, self.one(n.vararg.annotation)))
        for arg, default in zip(n.kwonlyargs, n.kw_defaults, strict=True):
            found.append((arg.arg, "kwonly", self.one(default), self.one(arg.annotation)))
        if n.kwarg:
            found.append((n.kwarg.arg, "doublestar", None, self.one(n.kwarg.annotation)))
        return found

    def Await(self, n: Any) -> Plain:
        return ("Opaque", "await", [self.one(n.value)])

    def Yield(self, n: Any) -> Plain:
        return ("Opaque", "yield", [self.one(n.value)] if n.value else [])

    def YieldFrom(self, n: Any) -> Plain:
        return ("Opaque", "yield from", [self.one(n.value)])

    # statements

    def Expr(self, n: Any) -> Plain:
        return ("ExprStmt", self.one(n.value))

    def Assign(self, n: Any) -> Plain:
        return ("Assign", self.block(n.targets), self.one(n.value), None)

    def AnnAssign(self, n: Any) -> Plain:
        if n.value is None:
            return ("Declare", self.one(n.target), self.one(n.annotation))
        target, annotation = self.one(n.target), self.one(n.annotation)
        return ("Assign", [target], self.one(n.value), annotation)

    def AugAssign(self, n: Any) -> Plain:
        return ("AugAssign", self.one(n.target), _OPERATORS[type(n.op)], self.one(n.value))

    def Return(self, n: Any) -> Plain:
        return ("Return", self.one(n.value))

    def If(self, n: Any) -> Plain:
        return ("If", self.one(n.test), self.block(n.body), self.block(n.orelse))

    def For(self, n: Any) -> Plain:
        return ("For", self.one(n.target), self.one(n.iter), self.block(n.body), self.block(n.orelse))

    AsyncFor = For

    def While(self, n: Any) -> Plain:
        return ("While", self.one(n.test), self.block(n.body), self.block(n.orelse))

    def Try(self, n: Any) -> Plain:
        body = self.block(n.body)
        handlers = [(self.one(h.type), h.name, self.block(h.body)) for h in n.handlers]
        return ("Try", body, handlers, self.block(n.orelse), self.block(n.finalbody))

    TryStar = Try

    def With(self, n: Any) -> Plain:
        items = [(self.one(i.context_expr), self.one(i.optional_vars)) for i in n.items]
        return ("With", items, self.block(n.body))

    AsyncWith = With

    def FunctionDef(self, n: Any) -> Plain:
        decorators = self.block(n.decorator_list)
        params, returns = self.params(n.args), self.one(n.returns)
        return ("FunctionDef", n.name, params, self.block(n.body), decorators, returns)

    AsyncFunctionDef = FunctionDef

    def ClassDef(self, n: Any) -> Plain:
        decorators = self.block(n.decorator_list)
        bases = [(a.lineno, a.col_offset, self.argument(a)) for a in n.bases]
        bases += [(k.lineno, k.col_offset, self.keyword(k)) for k in n.keywords]
        bases.sort(key=lambda b: b[:2])
        return ("ClassDef", n.name, [b for _, _, b in bases], self.block(n.body), decorators)

    def Import(self, n: Any) -> Plain:
        return ("Import", [(a.name, a.asname) for a in n.names])

    def ImportFrom(self, n: Any) -> Plain:
        names = None if n.names[0].name == "*" else [(a.name, a.asname) for a in n.names]
        return ("ImportFrom", n.module or "", n.level, names)

    def Pass(self, n: Any) -> Plain:
        return ("Simple", type(n).__name__.lower())

    Break = Continue = Pass

    def Raise(self, n: Any) -> Plain:
        return ("Raise", self.one(n.exc))

    def Assert(self, n: Any) -> Plain:
        return ("Assert", self.one(n.test))

    def Global(self, n: Any) -> Plain:
        return ("Scope", type(n).__name__.lower(), n.names)

    Nonlocal = Global

    def Delete(self, n: Any) -> Plain:
        return ("Delete", self.block(n.targets))

    def Match(self, n: Any) -> Plain:
        return ("Match", self.one(n.subject), [(self.one(c.guard), self.block(c.body)) for c in n.cases])

    def TypeAlias(self, n: Any) -> Plain:
        return ("OpaqueStmt", "type")


def plain(node: Any) -> Plain:
    """The IR as the same tuples."""
    if isinstance(node, list):
        return [plain(each) for each in node]
    if isinstance(node, ir.Const):
        return ("Const", type(node.value).__name__, repr(node.value))
    if isinstance(node, ir.BoolOp):
        return ("BoolOp", node.op, _flat(node.op, node.left, node) + _flat(node.op, node.right, node))
    if isinstance(node, ir.Match):
        return ("Match", plain(node.subject), [(plain(guard), plain(body)) for _, guard, body in node.cases])
    if isinstance(node, ir.OpaqueStmt):
        return ("OpaqueStmt", node.kind)
    if isinstance(node, ir.Arg):
        return (node.star, node.keyword, plain(node.value))
    if isinstance(node, ir.Param):
        return (node.name, node.kind, plain(node.default), plain(node.annotation))
    if isinstance(node, tuple):
        return tuple(plain(each) for each in node)
    if not hasattr(node, "__slots__"):
        return node
    skipped = ("start", "end", "attr_start", "name_start", "generator")
    return (type(node).__name__, *(plain(getattr(node, name)) for name in node.__slots__ if name not in skipped))


def _flat(op: str, node: Any, parent: Any) -> list[Plain]:
    """CPython keeps `a and b and c` as one node: join those that no parentheses part."""
    if isinstance(node, ir.BoolOp) and node.op == op and (node.start == parent.start or node.end == parent.end):
        return _flat(op, node.left, node) + _flat(op, node.right, node)
    return [plain(node)]


def calls(node: Any, base: int, in_string: bool = False) -> list[tuple[int, int]]:
    """The spans of all calls outside f-strings."""
    if isinstance(node, (list, tuple)):
        return [span for each in node for span in calls(each, base)]
    if not hasattr(node, "__slots__") or isinstance(node, ir.FString):
        return []
    found = [(base + node.start, base + node.end)] if isinstance(node, ir.Call) else []
    for name in node.__slots__:
        found += calls(getattr(node, name), base)
    return found

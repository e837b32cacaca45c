"""Facts about the names of one file, found in one walk over its IR.

Which attributes a class stores and reads, what the file imports and calls, which definition mentions which other:
enough for a rule to ask "is `self.bn2` ever read?" and for the interpreter to order definitions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from archlint.source import ir
from archlint.source.model import Chunk, Source

# A class that uses one of these may read its layers without naming them.
_BY_STRING = frozenset(("getattr", "setattr", "delattr", "hasattr", "vars"))
_DYNAMIC = frozenset((
    "__dict__", "_modules", "children", "modules", "add_module", "register_module", "register_parameter",
    "register_buffer", "get_submodule", "state_dict",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Store:
    """`self.conv = …`: the attribute, the method it is stored in, and the offsets of `self.conv` in the file."""

    attr: str
    method: str
    start: int
    end: int


@dataclass(slots=True)
class ClassFacts:
    """A class: `name` is qualified (`Outer.Inner`), `bases` are dotted texts, offsets are those of its name.

    `loads` are the attributes read from `self`; `dynamic` the ways its code may reach attributes without naming them
    (`getattr(self, …)`, `children`, `named_parameters`, …).
    """

    name: str
    start: int
    end: int
    bases: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    loads: set[str] = field(default_factory=set)
    dynamic: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an imported name stands for: `from ..ops import conv as c` is c -> ("ops.conv", level 2)."""

    dotted: str
    level: int
    start: int
    end: int


@dataclass(slots=True)
class Index:
    """Facts about the names of one file; see the fields.

    `references` maps each top-level definition (and "" for the statements between them) to the top-level names it
    mentions; `called` holds dotted texts such as `nn.Linear`; `attributes` every attribute read on anything.
    """

    classes: dict[str, ClassFacts] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    imports: dict[str, Imported] = field(default_factory=dict)
    stars: list[tuple[str, int]] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    references: dict[str, set[str]] = field(default_factory=dict)


def build(source: Source) -> Index:
    """Index a parsed file."""
    index = Index()
    defined: set[str] = set()
    for chunk in source.chunks:
        part = chunk.derived.get("index")
        if part is None:
            part = chunk.derived["index"] = _part(chunk)
        defined |= part.defined
        _add(index, part.index, chunk.base)
    for name, mentioned in index.references.items():
        mentioned &= defined
        mentioned.discard(name)
    return index


@dataclass(slots=True)
class _Part:
    """One top-level statement, with offsets in it; `defined` are the top-level names."""

    index: Index = field(default_factory=Index)
    defined: set[str] = field(default_factory=set)


def _part(chunk: Chunk) -> _Part:
    part = _Part()
    for stmt in chunk.body:
        name = stmt.name if isinstance(stmt, (ir.ClassDef, ir.FunctionDef)) else ""
        walk = _Walk(part.index, 0)
        walk.visit(stmt)
        part.defined |= walk.defined
        part.index.references.setdefault(name, set()).update(walk.names)
    return part


def _add(index: Index, part: Index, base: int) -> None:
    """Add what is known of a statement that stands at `base`."""
    for name, cls in part.classes.items():
        stores = [Store(s.attr, s.method, base + s.start, base + s.end) for s in cls.stores]
        index.classes[name] = replace(cls, start=base + cls.start, end=base + cls.end, stores=stores)
    for name, one in part.imports.items():
        index.imports[name] = replace(one, start=base + one.start, end=base + one.end)
    index.functions += part.functions
    index.stars += part.stars
    index.called |= part.called
    index.attributes |= part.attributes
    index.strings |= part.strings
    for name, mentioned in part.references.items():
        index.references.setdefault(name, set()).update(mentioned)


def dotted(node: ir.Expr) -> str:
    """`nn.Module` for the expression of that form; "" for any other."""
    parts: list[str] = []
    while isinstance(node, ir.Attr):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ir.Name) else ""


_PLAIN = frozenset((
    "start", "end", "attr_start", "name_start", "id", "attr", "op", "ops", "kind", "name", "generator",
))  # fmt: skip
_fields: dict[type, tuple[str, ...]] = {}


def _children(node: Any) -> tuple[str, ...]:
    """The fields of a node's type that may hold nodes."""
    kind = type(node)
    found = _fields.get(kind)
    if found is None:
        found = _fields[kind] = tuple(name for name in kind.__slots__ if name not in _PLAIN)
    return found


class _Walk:
    """Walks one top-level statement; `cls`, `method` and `self_name` say where in it."""

    def __init__(self, index: Index, base: int) -> None:
        self.index = index
        self.base = base
        self.names: set[str] = set()
        self.defined: set[str] = set()  # top-level names, also those under an `if` or `try`
        self.depth = 0
        self.cls: ClassFacts | None = None
        self.method = ""
        self.self_name = ""

    def visit(self, root: Any) -> None:
        """Visit a node, list or tuple and everything below it."""
        stack = [root]
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is list or kind is tuple:
                stack.extend(reversed(node))
                continue
            if kind is str or node is None:
                continue
            handle = _HANDLERS.get(kind)
            if handle is not None and handle(self, node):
                continue
            stack.extend(getattr(node, name) for name in reversed(_children(node)))

    def target(self, node: ir.Expr) -> None:
        """Visit what is assigned to: `self.x` is a store and no read, `self.x[0]` is a read."""
        if isinstance(node, ir.Display):
            for item in node.items:
                self.target(item)
        elif isinstance(node, ir.Starred):
            self.target(node.value)
        elif isinstance(node, ir.Attr):
            if self.cls is not None and isinstance(node.value, ir.Name) and node.value.id == self.self_name:
                start, end = self.base + node.start, self.base + node.end
                self.cls.stores.append(Store(node.attr, self.method, start, end))
            self.visit(node.value)
        elif not isinstance(node, ir.Name):
            self.visit(node)
        elif not self.depth:
            self.defined.add(node.id)

    def name(self, node: ir.Name) -> bool:
        self.names.add(node.id)
        return True

    def constant(self, node: ir.Const) -> bool:
        if isinstance(node.value, str):
            self.index.strings.add(node.value)
        return True

    def attribute(self, node: ir.Attr) -> bool:
        self.index.attributes.add(node.attr)
        if self.cls is not None:
            if isinstance(node.value, ir.Name) and node.value.id == self.self_name:
                self.cls.loads.add(node.attr)
            if node.attr in _DYNAMIC or node.attr.startswith("named_"):
                self.cls.dynamic.add(node.attr)
        return False

    def call(self, node: ir.Call) -> bool:
        name = dotted(node.func)
        if name:
            self.index.called.add(name)
        if name in _BY_STRING:
            self._by_string(name, node)
        return False

    def _by_string(self, name: str, node: ir.Call) -> None:
        """`getattr(self, "conv")` reads `conv`; `getattr(self, name)` may read anything."""
        values = [arg.value for arg in node.args]
        on_self = bool(values) and isinstance(values[0], ir.Name) and values[0].id == self.self_name
        if on_self and self.cls is not None:
            self.cls.dynamic.add(name)
        if len(values) > 1 and isinstance(key := values[1], ir.Const) and isinstance(key.value, str):
            self.index.attributes.add(key.value)
            if on_self and name == "getattr" and self.cls is not None:
                self.cls.loads.add(key.value)

    def assign(self, node: ir.Assign) -> bool:
        for target in node.targets:
            self.target(target)
        self.visit([node.annotation, node.value])
        return True

    def declare(self, node: ir.Declare) -> bool:
        self.visit(node.annotation)
        return True

    def named(self, node: ir.NamedExpr) -> bool:
        self.visit(node.value)
        return True

    def loop(self, node: ir.For) -> bool:
        self.target(node.target)
        self.visit([node.iter, node.body, node.orelse])
        return True

    def block_with(self, node: ir.With) -> bool:
        for value, target in node.items:
            self.visit(value)
            if target is not None:
                self.target(target)
        self.visit(node.body)
        return True

    def augmented(self, node: ir.AugAssign) -> bool:
        self.target(node.target)
        self.visit([node.target, node.value])
        return True

    def imported(self, node: ir.Import) -> bool:
        for name, alias in node.names:
            shown = alias or name.split(".")[0]
            whole = name if alias else shown
            self.index.imports[shown] = Imported(whole, 0, self.base + node.start, self.base + node.end)
        return True

    def imported_from(self, node: ir.ImportFrom) -> bool:
        if node.names is None:
            self.index.stars.append((node.module, node.level))
        for name, alias in node.names or ():
            whole = f"{node.module}.{name}" if node.module else name
            span = (self.base + node.start, self.base + node.end)
            self.index.imports[alias or name] = Imported(whole, node.level, *span)
        return True

    def class_def(self, node: ir.ClassDef) -> bool:
        self.visit([node.decorators, node.bases])
        outer = (self.cls, self.method, self.self_name)
        name = f"{self.cls.name}.{node.name}" if self.cls is not None else node.name
        start = self.base + node.name_start
        cls = ClassFacts(name, start, start + len(node.name))
        cls.bases = [dotted(base.value) for base in node.bases if not base.keyword and not base.star]
        self.index.classes[name] = cls
        if not self.depth:
            self.defined.add(node.name)
        self.cls, self.method, self.self_name = cls, "", ""
        self.depth += 1
        self.visit(node.body)
        self.depth -= 1
        self.cls, self.method, self.self_name = outer
        return True

    def function_def(self, node: ir.FunctionDef) -> bool:
        self.visit([node.decorators, node.params, node.returns])
        outer = (self.method, self.self_name)
        if self.cls is not None and not self.method:  # a function inside a method sees the method's `self`
            static = any(isinstance(each, ir.Name) and each.id == "staticmethod" for each in node.decorators)
            self.method = node.name
            self.cls.methods.append(node.name)
            self.self_name = node.params[0].name if node.params and not static else ""
        if not self.depth:
            self.defined.add(node.name)
            self.index.functions.append(node.name)
        self.depth += 1
        self.visit(node.body)
        self.depth -= 1
        self.method, self.self_name = outer
        return True


_HANDLERS: dict[type, Any] = {
    ir.Name: _Walk.name, ir.Const: _Walk.constant, ir.Attr: _Walk.attribute, ir.Call: _Walk.call,
    ir.Assign: _Walk.assign, ir.Declare: _Walk.declare, ir.NamedExpr: _Walk.named, ir.For: _Walk.loop,
    ir.With: _Walk.block_with, ir.AugAssign: _Walk.augmented, ir.Import: _Walk.imported,
    ir.ImportFrom: _Walk.imported_from, ir.ClassDef: _Walk.class_def, ir.FunctionDef: _Walk.function_def,
}  # fmt: skip

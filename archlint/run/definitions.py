"""What a file defines, as its own module level leaves it: classes and functions, and which of them give a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions, imports
from archlint.layers import canonical
from archlint.project import Project
from archlint.source import ir
from archlint.source.index import Index, build
from archlint.source.model import Source
from archlint.values import Class, External, Function, Module, Object

MODEL_BASES = ("torch.nn.Module", "keras.Model", "keras.layers.Layer", "keras.Sequential")
_MAKERS = ("torch.nn.Sequential", "keras.Model", "keras.Sequential")
_SAME_MODEL = frozenset(("to", "eval", "train", "cuda", "cpu", "float", "double", "half", "requires_grad_"))
_WRAPPERS = ("torch.jit.script", "torch.compile", "torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel")
_ABSTRACT = ("abstractmethod", "abstractproperty")
_DEEPEST = 6


@dataclass(slots=True)
class Definitions:
    """The names of a file after its top-level statements; `own` are the classes and functions of the file itself."""

    path: str
    source: Source
    index: Index
    ev: Evaluator
    module: Module
    own: dict[str, Class | Function] = field(default_factory=dict)
    _kinds: dict[int, str] = field(default_factory=dict)

    def line(self, name: str) -> int:
        """Line of a definition's name; 1 for the file."""
        made = self.own.get(name)
        if made is None or not isinstance(made.node, (ir.ClassDef, ir.FunctionDef)):
            return 1
        return self.source.lines.line_of(made.chunk.base + made.node.name_start)

    def owner_at(self, offset: int) -> str:
        """The own definition that stands around an offset of the file; "" at module level."""
        for name, made in self.own.items():
            if made.chunk.base + made.node.start <= offset < made.chunk.base + made.node.end:
                return name
        return ""

    def kind(self, made: Class | Function) -> str:
        """Qualified name of the framework class that it makes an instance of; "" for anything else."""
        if id(made) not in self._kinds:
            self._kinds[id(made)] = ""  # a recursive factory
            self._kinds[id(made)] = _class_kind(made) if isinstance(made, Class) else self._returned(made, _DEEPEST)
        return self._kinds[id(made)]

    def _returned(self, function: Function, depth: int) -> str:
        """What a function returns, by the look of its return statements."""
        node = function.node
        if isinstance(node, ir.Lambda):
            return self._made_by(function, node.body, {}, depth)
        if node.generator:
            return ""
        assigned: dict[str, list[ir.Expr]] = {}
        returned: list[ir.Expr] = []
        for statement in statements(node.body):
            if isinstance(statement, ir.Assign):
                for target in statement.targets:
                    if isinstance(target, ir.Name):
                        assigned.setdefault(target.id, []).append(statement.value)
            elif isinstance(statement, ir.Return) and statement.value is not None:
                returned.append(statement.value)
        kinds = [self._made_by(function, value, assigned, depth) for value in returned]
        return next((kind for kind in kinds if kind), "")

    def _made_by(self, function: Function, node: ir.Expr, assigned: dict[str, list[ir.Expr]], depth: int) -> str:
        if depth == 0:
            return ""
        match node:
            case ir.Name(id=name) if name in assigned:
                kinds = [self._made_by(function, value, assigned, depth - 1) for value in assigned[name]]
                return next((kind for kind in kinds if kind), "")
            case ir.IfExp(body=body, orelse=orelse):
                first = self._made_by(function, body, assigned, depth - 1)
                return first or self._made_by(function, orelse, assigned, depth - 1)
            case ir.Call(func=ir.Attr(value=value, attr=attr)) if attr in _SAME_MODEL:
                return self._made_by(function, value, assigned, depth - 1)
            case ir.Call(func=func, args=args):
                return self._called(function, func, args, assigned, depth)
        return ""

    def _called(
        self, function: Function, func: ir.Expr, args: list[ir.Arg], assigned: dict[str, list[ir.Expr]], depth: int
    ) -> str:
        callee = self._value(function, func)
        if isinstance(callee, Class):
            return _class_kind(callee)
        if isinstance(callee, Function):
            # `_resnet(Bottleneck, [3, 4, 6, 3])`: what it returns may be made by a class that it is given
            given = [self._value(function, arg.value) for arg in args]
            return self._returned(callee, depth - 1) or next((k for g in given if (k := _model_class(g))), "")
        if isinstance(callee, External):
            name = canonical(callee.name)
            if name in _WRAPPERS and args:
                return self._made_by(function, args[0].value, assigned, depth - 1)
            return name if name in _MAKERS else ""
        return ""

    def _value(self, function: Function, node: ir.Expr) -> Any:
        """What a dotted name means in a function's module; parameters and locals are not known."""
        if isinstance(node, ir.Attr):
            owner = self._value(function, node.value)
            if isinstance(owner, Module):
                return functions.global_name(self.ev, owner, node.attr)
            return External(f"{owner.name}.{node.attr}") if isinstance(owner, External) else None
        if not isinstance(node, ir.Name) or any(p.name == node.id for p in function.node.params):
            return None
        return functions.global_name(self.ev, function.module, node.id)


def definitions(project: Project, path: str) -> Definitions | None:
    """Evaluate the file as an imported module, without its `__main__` part; None if it cannot be read."""
    source = project.source(path)
    if source is None:
        return None
    ev = Evaluator(project, main_path=path)
    module = Module("module", path, {"__name__": "module"}, state="running")
    ev.modules[path] = module
    with ev.new_session():
        imports.run(ev, module, source)
    found = Definitions(path, source, build(source), ev, module)
    found.own = {d.name: d for d in ev.definitions if d.module is module}
    return found


def statements(body: list[ir.Stmt]) -> Iterator[ir.Stmt]:
    """The statements of a body and of the blocks in it, not those of definitions inside."""
    for statement in body:
        yield statement
        match statement:
            case (
                ir.If(body=inner, orelse=other) | ir.For(body=inner, orelse=other) | ir.While(body=inner, orelse=other)
            ):
                yield from statements(inner)
                yield from statements(other)
            case ir.With(body=inner):
                yield from statements(inner)
            case ir.Try(body=inner, orelse=other, final=final, handlers=handlers):
                for block in (inner, other, final, *(handler[2] for handler in handlers)):
                    yield from statements(block)


def _class_kind(cls: Class) -> str:
    kind = functions.kind_of(cls)
    return kind if kind.startswith(("torch.nn.", "keras.")) and not kind.startswith("torch.nn.init") else ""


def _model_class(value: Any) -> str:
    if isinstance(value, Object):
        return value.kind if value.kind in MODEL_BASES else ""
    return kind if isinstance(value, Class) and (kind := _class_kind(value)) in MODEL_BASES else ""


def constructor(made: Class | Function) -> tuple[list[ir.Param], bool]:
    """Parameters of a call that makes the model (without `self`), and whether they are known at all."""
    if isinstance(made, Function):
        return list(made.node.params), True
    found = functions.class_attribute(made, "__init__")
    if found is not None and isinstance(found[0], Function):
        return list(found[0].node.params[1:]), True
    kind = functions.kind_of(made)
    return [], kind in MODEL_BASES or kind == "torch.nn.Sequential"


def forward(made: Class) -> Function | None:
    """The method that applies the model, unless it only says that subclasses have one."""
    found = functions.class_attribute(made, "call" if functions.kind_of(made).startswith("keras.") else "forward")
    if found is None or not isinstance(found[0], Function) or isinstance(found[0].node, ir.Lambda):
        return None
    body = [s for s in found[0].node.body if not (isinstance(s, ir.ExprStmt) and isinstance(s.value, ir.Const))]
    return None if all(isinstance(s, (ir.Raise, ir.Simple)) for s in body) else found[0]


def can_be_called(made: Class) -> bool:
    """A model of its own: it has a forward, and no method that a subclass must give."""
    found = functions.class_attribute(made, "call" if functions.kind_of(made).startswith("keras.") else "forward")
    native = found is not None and isinstance(found[0], External) and functions.kind_of(made) not in MODEL_BASES[:3]
    return (native or forward(made) is not None) and not _abstract(made)


def _abstract(made: Class) -> bool:
    names: set[str] = set()
    for cls in made.mro:
        if not isinstance(cls, Class):
            continue
        for statement in cls.node.body:
            if isinstance(statement, ir.FunctionDef) and statement.name not in names:
                names.add(statement.name)
                heads = [d.attr if isinstance(d, ir.Attr) else getattr(d, "id", "") for d in statement.decorators]
                if any(head in _ABSTRACT for head in heads):
                    return True
    return False

"""`Net(config: NetConfig)` that nobody builds: what it is with the configuration that `NetConfig()` gives."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import construct, expr, functions, imports
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame, UserRaise
from archlint.source import ir
from archlint.values import Class, Function, Object

_FRAMEWORKS = ("torch.", "keras.", "tensorflow.", "enum.")


def default(ev: Evaluator, function: Function, param: ir.Param, arguments: Arguments) -> Object | None:
    """An instance of the class that a parameter of an entry point is annotated with, where nothing is needed for it."""
    made = arguments.positional[0] if function.name == "__init__" and arguments.positional else None
    owner = made.cls if isinstance(made, Object) else None
    cls = _class(ev, function, param, owner)
    if cls is None:
        return None
    frame = Frame(cls.module, cls.chunk, cls.module.names)
    try:
        made = construct.instance(ev, frame, cls, Arguments([], {}, arguments.span))
    except UserRaise:
        return None
    return made if isinstance(made, Object) else None


def class_of(ev: Evaluator, entry: Class | Function, param: ir.Param) -> Class | None:
    """The class whose instance a parameter of an entry point (or of its constructor) is taken to be."""
    if isinstance(entry, Function):
        return _class(ev, entry, param, None)
    found = functions.class_attribute(entry, "__init__")
    return _class(ev, found[0], param, entry) if found is not None and isinstance(found[0], Function) else None


def _class(ev: Evaluator, function: Function, param: ir.Param, owner: Class | None) -> Class | None:
    cls = _of_annotation(ev, function, param.annotation)
    if cls is None and owner is not None:
        cls = _of_class(ev, owner, param.name) or _of_builders(ev, owner, param.name)
    return cls if cls is not None and _needs_nothing(cls) else None


def _of_annotation(ev: Evaluator, function: Function, annotation: ir.Expr | None) -> Class | None:
    """The project's class that an annotation names: `C`, `"C"`, `C | None`, `Optional[C]`."""
    if isinstance(annotation, ir.BinOp) and annotation.op == "|":
        found = [_of_annotation(ev, function, side) for side in (annotation.left, annotation.right)]
        classes = [cls for cls in found if cls is not None]
        return classes[0] if len(classes) == 1 else None
    if isinstance(annotation, ir.Subscript):
        head = annotation.value
        name = head.id if isinstance(head, ir.Name) else head.attr if isinstance(head, ir.Attr) else ""
        return _of_annotation(ev, function, annotation.index) if name == "Optional" else None
    if isinstance(annotation, ir.Const) and isinstance(annotation.value, str) and annotation.value.isidentifier():
        value = functions.global_name(ev, function.module, annotation.value)
    elif isinstance(annotation, (ir.Name, ir.Attr)):
        value = expr.evaluate(ev, Frame(function.module, function.chunk, function.module.names), annotation)
    else:
        return None
    return value if isinstance(value, Class) else None


def _of_class(ev: Evaluator, cls: Class, name: str) -> Class | None:
    """The class of `self.config`, as a base says it: `config: NetConfig`, or `config_class = NetConfig`."""
    for base in cls.mro:
        if not isinstance(base, Class):
            continue
        stated = imports.resolved(ev, base.attrs.get(f"{name}_class"))
        if isinstance(stated, Class):
            return stated
        for node in base.node.body:
            target = node.target if isinstance(node, ir.Declare) else None
            if isinstance(target, ir.Name) and target.id == name and isinstance(node, ir.Declare):
                maker = Function(ir.Lambda([], ir.Const(None, 0, 0), 0, 0), base.chunk, base.module, None, {})
                return _of_annotation(ev, maker, node.annotation)
    return None


def _of_builders(ev: Evaluator, cls: Class, name: str) -> Class | None:
    """The class of the `config` that the classes of its module give a part: `Block(config, layer_idx=i)`."""
    others = [c for _, c in cls.module.names.items() if isinstance(c, Class) and c is not cls]
    known = {c.name: stated for c in others if (stated := _of_class(ev, c, name)) is not None}
    if not known:
        return None
    given = {c.name: _given(c, name) for c in others}
    reached = [cls.name]
    found: list[Class] = []
    for part in reached:  # grows while it is walked: the parts of parts
        for builder in (b for b, parts in given.items() if part in parts and b not in reached):
            if builder in known:
                found.append(known[builder])
            else:
                reached.append(builder)
    return found[0] if found and all(f is found[0] for f in found) else None


def _given(cls: Class, name: str) -> set[str]:
    """What a class calls with its own `config`."""
    found: set[str] = set()
    queue: list[Any] = [cls.node.body]
    while queue:
        node = queue.pop()
        if isinstance(node, list):
            queue += node
        elif is_dataclass(node):
            queue += [getattr(node, f.name) for f in fields(node)]
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Name):
            values = [arg.value for arg in node.args]
            if any(isinstance(v, ir.Name) and v.id == name for v in values):
                found.add(node.func.id)
    return found


def _needs_nothing(cls: Class) -> bool:
    """Is it a class of plain settings, whose constructor has a default for everything?"""
    if functions.kind_of(cls).startswith(_FRAMEWORKS):
        return False
    found = functions.class_attribute(cls, "__init__")
    if found is not None and isinstance(found[0], Function):
        params = found[0].node.params[1:]
        required = [p for p in params if p.default is None and p.kind not in ("star", "doublestar")]
        return bool(params) and not required
    fields = construct.fields(cls)
    return bool(fields) and all(value is not ... for _, value, _ in fields)

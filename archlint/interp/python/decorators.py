"""What the project's own decorators do, told from their code without running them.

`@register_model` writes into a dict of its module, so it has to run when the module is imported.  `@auto_docstring`
gives back what it is given with another docstring: it need not run, and may be the most expensive code of a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions
from archlint.source import ir
from archlint.values import External, Function, Module

_DESCRIBING = frozenset({"__doc__", "__name__", "__qualname__", "__module__", "__signature__", "__annotations__"})
_FILLING = {"append", "add", "update", "setdefault", "extend", "insert", "register"}
_BUILT_IN = {"property", "staticmethod", "classmethod"}
_DEPTH = 3


def registers(ev: Evaluator, module: Module, heads: tuple[str, ...]) -> bool:
    """May one of these decorators of a module's definition write to what outlives the call?"""
    return any(_registers(ev, module, head) for head in heads)


def _registers(ev: Evaluator, module: Module, head: str) -> bool:
    key = (module.path, head)
    known = ev.registering.get(key)
    if known is None:
        root, _, rest = head.partition(".")
        value = functions.global_name(ev, module, root)
        if isinstance(value, Function) and not rest:
            known = not _keeps_to_itself(ev, value, value.node, _DEPTH, None)
        else:
            known = not isinstance(value, External) and root not in _BUILT_IN
        ev.registering[key] = known
    return known


def only_describes(ev: Evaluator, head: Function, decorator: ir.Expr) -> bool:
    """Does the decorator give back the function or class itself, with nothing but its description changed?"""
    called = isinstance(decorator, ir.Call)
    key = (id(head.node), called)
    known = ev.describing.get(key)
    if known is None:
        given_back, made = _returns(ev, head, _DEPTH)
        known = (made if called else given_back) and _keeps_to_itself(ev, head, head.node, _DEPTH, _DESCRIBING)
        ev.describing[key] = known
    return known and not (called and any(arg.keyword is None for arg in getattr(decorator, "args", ())))


def _returns(ev: Evaluator, function: Function, depth: int) -> tuple[bool, bool]:
    """Does a function return its first argument; does it return a function that does?"""
    return _returns_of(ev, function, function.node, depth)


def _returns_of(ev: Evaluator, function: Function, node: Any, depth: int) -> tuple[bool, bool]:
    params = [p.name for p in node.params if p.kind in ("posonly", "normal")]
    first = params[0] if params else ""
    if not isinstance(node, ir.FunctionDef) or node.generator or not depth:
        return False, False
    inner = {s.name: s for s in node.body if isinstance(s, ir.FunctionDef) and not s.decorators}
    same: list[bool] = []
    made: list[bool] = []
    for part in _own_parts(node):
        if isinstance(part, (ir.Assign, ir.AugAssign)):
            targets = part.targets if isinstance(part, ir.Assign) else [part.target]
            if any(isinstance(t, ir.Name) and t.id == first for t in targets):
                return False, False
        if not isinstance(part, ir.Return):
            continue
        value = part.value
        if isinstance(value, ir.Name) and value.id in inner:
            made.append(_returns_of(ev, function, inner[value.id], depth - 1)[0])
        elif isinstance(value, ir.Call) and isinstance(value.func, ir.Name) and _is_first(value, first):
            target: Any = inner.get(value.func.id)
            owner = function
            if target is None:
                found = functions.global_name(ev, function.module, value.func.id)
                if isinstance(found, Function):
                    owner, target = found, found.node
            same.append(target is not None and _returns_of(ev, owner, target, depth)[0])
        else:
            same.append(isinstance(value, ir.Name) and value.id == first)
    if not all(same) or not all(made):
        return False, False
    return bool(same), bool(made)


def _is_first(call: ir.Call, name: str) -> bool:
    given = call.args[0] if call.args else None
    return given is not None and not given.star and isinstance(given.value, ir.Name) and given.value.id == name


def _keeps_to_itself(
    ev: Evaluator, function: Function, node: Any, depth: int, attributes: frozenset[str] | None
) -> bool:
    """Does the function, or one it calls, set these attributes only (None: any), and fill no container outside?"""
    local = local_names(node)
    outer = {name for part in _parts(node) if isinstance(part, ir.Scope) for name in part.names}
    for part in _parts(node):
        if isinstance(part, (ir.Assign, ir.AugAssign)):
            for target in part.targets if isinstance(part, ir.Assign) else [part.target]:
                if isinstance(target, ir.Attr) and attributes is not None and target.attr not in attributes:
                    return False
                if isinstance(target, ir.Subscript) and _root(target.value) not in local:
                    return False
                if isinstance(target, ir.Name) and target.id in outer and _mentions(part.value, local - outer):
                    return False  # `global _seen; _seen = [*_seen, cls]`; a cache of something else may be set
        elif isinstance(part, ir.Attr) and part.attr == "modules" and _root(part.value) == "sys":
            return False
        elif isinstance(part, ir.Call) and isinstance(part.func, ir.Attr) and part.func.attr in _FILLING:
            if _root(part.func.value) not in local:
                return False
        elif isinstance(part, ir.Call) and isinstance(part.func, ir.Name):
            if part.func.id == "globals" or (part.func.id == "setattr" and attributes is not None):
                return False
            called = functions.global_name(ev, function.module, part.func.id) if depth else None
            if isinstance(called, Function) and called.node is not node:
                if not _keeps_to_itself(ev, called, called.node, depth - 1, attributes):
                    return False
    return True


def local_names(node: Any) -> set[str]:
    """Names that a function binds itself, its inner functions included."""
    found: set[str] = set()
    for part in _parts(node):
        if isinstance(part, (ir.FunctionDef, ir.Lambda)):
            found |= {param.name for param in part.params}
        targets = part.targets if isinstance(part, ir.Assign) else [getattr(part, "target", None)]
        for target in targets:
            found |= {name.id for name in _parts(target) if isinstance(name, ir.Name)} if _binds(target) else set()
    return found


def _binds(target: Any) -> bool:
    return isinstance(target, (ir.Name, ir.Display))


def _root(node: Any) -> str:
    while isinstance(node, (ir.Attr, ir.Subscript)):
        node = node.value
    return node.id if isinstance(node, ir.Name) else ""


def _mentions(node: Any, names: set[str]) -> bool:
    return any(isinstance(part, ir.Name) and part.id in names for part in _parts(node))


def _parts(node: Any) -> Iterator[Any]:
    """Every IR node below one."""
    queue: list[Any] = [node]
    while queue:
        item = queue.pop()
        if isinstance(item, (list, tuple)):
            queue.extend(item)
        elif hasattr(item, "__slots__"):
            yield item
            queue.extend(getattr(item, name) for name in item.__slots__)


def _own_parts(node: ir.FunctionDef) -> Iterator[Any]:
    """Every IR node below a function, but not in the functions and lambdas inside it."""
    queue: list[Any] = [node.body]
    while queue:
        item = queue.pop()
        if isinstance(item, (list, tuple)):
            queue.extend(item)
        elif hasattr(item, "__slots__") and not isinstance(item, (ir.FunctionDef, ir.ClassDef, ir.Lambda)):
            yield item
            queue.extend(getattr(item, name) for name in item.__slots__)

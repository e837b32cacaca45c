"""Functions that code which is not known may call later, and what they write to.

layer.register_forward_hook(self.keep)      of a layer that is not known
def keep(self, layer, given, output):
    self.found = output                     so `self.found` is not known from then on
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.source import ir
from archlint.source.walk import below
from archlint.values import DictValue, Function, ListValue, Method, Object, Reason, SetValue, Unknown

_FILLS = frozenset(("append", "extend", "insert", "add", "update", "setdefault", "pop", "clear"))


def handed_over(ev: Evaluator, arguments: Arguments) -> None:
    """Forget what the functions among the arguments of an unknown call write to."""
    for value in (*arguments.positional, *arguments.keywords.values()):
        function = value.function if isinstance(value, Method) else value
        if not isinstance(function, Function):
            continue
        params = function.node.params
        bound = {params[0].name: value.receiver} if isinstance(value, Method) and params else {}
        own = {p.name for p in params} - set(bound)
        for target in _written(function.node):
            _forget(ev, function, bound, own, target, arguments)


def _written(node: ir.FunctionDef | ir.Lambda) -> Iterator[ir.Expr]:
    """The attributes and containers to which a function writes: `self.found`, `features` of `features[name] = x`."""
    for part in below(node.body):
        targets: list[ir.Expr] = []
        if isinstance(part, ir.Assign):
            targets = part.targets
        elif isinstance(part, ir.AugAssign):
            targets = [part.target]
        elif isinstance(part, ir.Call) and isinstance(part.func, ir.Attr) and part.func.attr in _FILLS:
            yield part.func.value
        for target in targets:
            if isinstance(target, ir.Attr):
                yield target
            elif isinstance(target, ir.Subscript):
                yield target.value


def _forget(
    ev: Evaluator, function: Function, bound: dict[str, Any], own: set[str], target: ir.Expr, arguments: Arguments
) -> None:
    if isinstance(target, ir.Attr) and isinstance(target.value, ir.Name):
        owner = _value(function, bound, own, target.value.id)
        if isinstance(owner, Object) and target.attr in owner.attrs:
            ev.heap.touch(owner.attrs)
            owner.attrs[target.attr] = Unknown(Reason.EXTERNAL, f"{target.attr}, which a hook writes", arguments.span)
    elif isinstance(target, ir.Name):
        held = _value(function, bound, own, target.id)
        if isinstance(held, (ListValue, DictValue, SetValue)) and held.items is not None:
            ev.heap.touch(held)
            held.items = None


def _value(function: Function, bound: dict[str, Any], own: set[str], name: str) -> Any:
    """What a name stands for in the function: the receiver, or a variable around it."""
    if name in bound or name in own:
        return bound.get(name)
    scope = function.closure
    while scope is not None:
        if name in scope.names:
            return scope.names[name]
        scope = scope.parent
    return function.module.names.get(name)

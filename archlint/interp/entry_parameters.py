"""What the parameters of an entry point hold, which nobody in the checked files calls."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import configurations
from archlint.interp.python.arguments import Arguments
from archlint.source import ir
from archlint.source.walk import below
from archlint.values import Function, Reason, Unknown, parameter

_NOT_SIZES = {
    "str", "bool", "Callable", "dict", "list", "tuple", "Type", "type", "Optional", "Dict", "List", "float",
    "DataFrame", "Series",
}  # fmt: skip


def guess(ev: Evaluator, function: Function, param: ir.Param, arguments: Arguments) -> Any:
    """A parameter of an entry point: a configuration's defaults, a symbol where it may be a size, else unknown."""
    made = configurations.default(ev, function, param, arguments)
    if made is not None:
        cls = made.cls.name if made.cls is not None else param.name
        ev.session.assumed = tuple(dict.fromkeys([*ev.session.assumed, cls]))
        return made
    head = param.annotation
    while isinstance(head, ir.Subscript):
        head = head.value
    text = head.id if isinstance(head, ir.Name) else head.attr if isinstance(head, ir.Attr) else ""
    span = arguments.span
    if text in _NOT_SIZES:
        return Unknown(Reason.ARGUMENT, param.name, span, number=text == "float")
    return parameter(param.name, span)


def spread(function: Function, param: ir.Param, arguments: Arguments, positional: list[Any]) -> Any:
    """What `*blocks` holds: what a call gives; where an entry point is called with nothing, any number of anything.

    def stage(*blocks):                                  called by other files, with blocks
        return nn.Sequential(stem, *blocks, head)
    """
    if arguments.open_positional:
        return Unknown(Reason.SYNTAX, "unpacked arguments", arguments.span)
    wraps = "__wrapped__" in function.attrs  # `def wrapper(*args, **kwargs): return f(*args, **kwargs)`
    if positional or arguments.keywords or not arguments.guessed or wraps or _handed_on(function, param.name):
        return tuple(positional)  # `forward(self, *args, **kwargs)`, called with `input_ids=ids`, is given no other
    return Unknown(Reason.ARGUMENT, param.name, arguments.span)


def _handed_on(function: Function, name: str) -> bool:
    """Does it only go to methods: `super().__init__(*args)`, `self.fn(x, *args)`?  There is seldom anything in it."""
    uses, on = 0, 0
    for node in below(function.node.body):
        if isinstance(node, ir.Name) and node.id == name:
            uses += 1
        elif isinstance(node, ir.Call) and _to_method(node.func):
            on += sum(_is(arg.value, name) for arg in node.args if arg.star == "*")
    return uses == on


def _is(node: Any, name: str) -> bool:
    return isinstance(node, ir.Name) and node.id == name


def _to_method(callee: ir.Expr) -> bool:
    if not isinstance(callee, ir.Attr):
        return False
    owner = callee.value
    return _is(owner, "self") or (isinstance(owner, ir.Call) and _is(owner.func, "super"))

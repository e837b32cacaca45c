"""Slips in how a forward ends: it computes, and who calls it gets None.

def forward(self, x):
    x = self.features(x)
    torch.flatten(x, 1)          not returned
"""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions
from archlint.interp.python.frame import Frame
from archlint.interp.slips import definitions as slips
from archlint.interp.torch import modules as torch_modules
from archlint.layers import canonical, find
from archlint.source import ir
from archlint.source.walk import below
from archlint.values import Class, External, Function, Method, Object

_FORWARD = {"torch": "forward", "keras": "call"}
_SIMPLE = (
    ir.Assign, ir.ExprStmt, ir.For, ir.If, ir.Import, ir.ImportFrom, ir.Declare, ir.AugAssign, ir.Assert, ir.With,
    ir.Return, ir.Simple,
)  # fmt: skip
_NEVER = (ir.Raise, ir.Opaque, ir.OpaqueStmt, ir.Scope, ir.FunctionDef, ir.Delete)
_EFFECTS = frozenset(("append", "extend", "update", "add", "put", "write", "backward", "step", "copy_", "add_loss"))
_OF_TENSORS = frozenset(
    ("view", "reshape", "flatten", "squeeze", "unsqueeze", "permute", "transpose", "mean", "sum", "softmax",
     "log_softmax", "sigmoid", "relu", "tanh", "contiguous")
)  # fmt: skip
_LOOKS = frozenset(
    ("items", "values", "keys", "children", "named_children", "modules", "named_modules", "parameters",
     "named_parameters", "buffers", "named_buffers")
)  # fmt: skip
"""Methods of PyTorch's modules and containers that list what is there."""

_DEEPEST = 3


def returned(ev: Evaluator, frame: Frame, first: int) -> None:
    """A function gave back None: the forward of a module that computed something?"""
    function, owner = frame.function, frame.receiver
    if function is None or not isinstance(function.node, ir.FunctionDef) or not isinstance(owner, Object):
        return
    framework = owner.kind.partition(".")[0]
    if function.name != _FORWARD.get(framework) or not ev.owners or ev.owners[-1] is not owner:
        return
    if not any(n.weights and not n.faults for n in ev.nodes_from(first)):
        return
    last = _lost(ev, function, owner)
    if last is not None:
        _note(ev, function, last, framework)


def handed_on(ev: Evaluator, frame: Frame, node: ir.Call, callee: Any) -> None:
    """`return self.decode(z), mu`, where `decode` computes and gives nothing back: the None is handed on."""
    if not isinstance(callee, Method) or not isinstance(callee.function, Function) or ev.branches:
        return
    owner, function = callee.receiver, callee.function
    if not isinstance(owner, Object) or not owner.kind.startswith("torch.nn.") or function.name == "forward":
        return
    last = function.node.body[-1] if isinstance(function.node, ir.FunctionDef) and function.node.body else None
    if not isinstance(last, ir.ExprStmt) or not isinstance(last.value, ir.Call):
        return
    func = last.value.func
    computed = _child(func, _own(function), owner) or _declared(ev, function, func)
    around = frame.chunk.body if frame.function is None else frame.function.node.body
    alone = any(isinstance(part, ir.ExprStmt) and part.value is node for part in below(around))
    if computed and not alone and _lost(ev, function, owner) is last:
        _note(ev, function, last, "torch")


def of_step(ev: Evaluator, made: Object, function: Function) -> None:
    """A Lightning module's `training_step` gave back no loss: one that does not optimise by itself?"""
    classes = [c for c in made.cls.mro if isinstance(c, Class)] if made.cls is not None else []
    parts = [part for c in classes for part in below(c.node.body)]
    by_hand = any(isinstance(p, ir.Attr) and p.attr in ("automatic_optimization", "backward", "step") for p in parts)
    unread = any(isinstance(p, (ir.Raise, ir.Opaque, ir.OpaqueStmt)) for p in below(function.node.body))
    node = function.node
    if not isinstance(node, ir.FunctionDef) or node.decorators or node.generator or by_hand or unread:
        return
    if not any(isinstance(part, ir.Return) for part in below(node.body)):
        _note(ev, function, node.body[-1], "lightning")


def _note(ev: Evaluator, function: Function, last: ir.Stmt, framework: str) -> None:
    assert isinstance(function.node, ir.FunctionDef)
    start = function.node.name_start
    name = f"{function.owner.name if function.owner else ''}.{function.name}"
    place = function.chunk.span(start, start + len(function.name))
    span, on_a_way = function.chunk.span(last.start, last.end), last is not function.node.body[-1]
    slips.note(ev, "returns nothing", place, name, span, framework, on_a_way)


def _lost(ev: Evaluator, function: Function, owner: Object) -> ir.Stmt | None:
    """The last thing a forward does that gives nothing back; None if it may be called for an effect."""
    assert isinstance(function.node, ir.FunctionDef)
    if not _only_computes(ev, function, owner, 0):
        return None
    answers = [n for n in below(function.node.body) if isinstance(n, ir.Return)]
    if not answers:
        return function.node.body[-1]
    if any(a.value is None or (isinstance(a.value, ir.Const) and a.value.value is None) for a in answers):
        return None
    return _dropped(function.node.body, _own(function), owner)


def _dropped(body: list[ir.Stmt], own: str, owner: Object) -> ir.Stmt | None:
    """What layers compute in the last line of an arm, for nobody: `if self.skip: x + self.conv(x)`."""
    last = body[-1] if body else None
    if isinstance(last, ir.If):
        return _dropped(last.body, own, owner) or _dropped(last.orelse, own, owner)
    if isinstance(last, ir.ExprStmt):
        called = (n.func for n in below(last.value) if isinstance(n, ir.Call))
        return last if any(_child(func, own, owner) for func in called) else None
    return None


def _only_computes(ev: Evaluator, function: Function, owner: Object, depth: int) -> bool:
    """Has a function no effect on anything that lives longer than its call?"""
    node = function.node
    if not isinstance(node, ir.FunctionDef) or node.decorators or node.generator or depth > _DEEPEST:
        return False
    own, lists = _own(function), _own_lists(node)
    for part in below(node.body):
        if isinstance(part, _NEVER):
            return False
        targets = part.targets if isinstance(part, ir.Assign) else []
        if any(not isinstance(t, (ir.Name, ir.Display)) for t in targets):
            return False
        if isinstance(part, ir.AugAssign) and not isinstance(part.target, ir.Name):
            return False
        if isinstance(part, ir.Call) and isinstance(part.func, ir.Attr):
            func = part.func
            if func.attr in _EFFECTS and getattr(func.value, "id", "") not in lists:
                return False
            of_self = isinstance(func.value, ir.Name) and func.value.id == own
            if of_self and not _child(func, own, owner) and not _method_computes(ev, func.attr, owner, depth):
                return False  # a method of its own may keep something
        if isinstance(part, ir.ExprStmt) and isinstance(part.value, ir.Call):
            if not _pure(ev, function, part.value, own, lists):
                return False
    return all(isinstance(s, _SIMPLE) for s in node.body)


def _pure(ev: Evaluator, function: Function, call: ir.Call, own: str, lists: set[str]) -> bool:
    """A call that stands alone: does it only compute?  Those of `self` were asked already."""
    func = call.func
    if isinstance(func, ir.Name):
        return func.id == "print" or _declared(ev, function, func)
    if not isinstance(func, ir.Attr):
        return False
    if isinstance(func.value, ir.Name) and func.value.id in (own, *lists):
        return True
    return _declared(ev, function, func) or func.attr in _OF_TENSORS


def _declared(ev: Evaluator, function: Function, func: ir.Expr) -> bool:
    """`torch.flatten`, `F.relu`: a function of the framework that leaves its arguments as they are?"""
    names: list[str] = []
    while isinstance(func, ir.Attr):
        names.insert(0, func.attr)
        func = func.value
    root = functions.global_name(ev, function.module, func.id) if isinstance(func, ir.Name) else None
    if not isinstance(root, External) or (names and names[-1].endswith("_")):
        return False
    spec = find(canonical(".".join((root.name, *names))))
    return spec is not None and spec.kind == "function"


def _child(func: Any, own: str, owner: Object) -> bool:
    of_self = isinstance(func, ir.Attr) and isinstance(func.value, ir.Name) and func.value.id == own
    return of_self and torch_modules.is_child(owner.attrs.get(func.attr))


def _method_computes(ev: Evaluator, name: str, owner: Object, depth: int) -> bool:
    found = functions.method(owner, name)
    return name in _LOOKS if found is None else _only_computes(ev, found[0], owner, depth + 1)


def _own(function: Function) -> str:
    return function.node.params[0].name if function.node.params else ""


def _own_lists(node: ir.FunctionDef) -> set[str]:
    """`features = []`: lists of the function itself, which it may fill."""
    made = [n for n in below(node.body) if isinstance(n, ir.Assign) and isinstance(n.value, ir.Display)]
    return {t.id for n in made for t in n.targets if isinstance(t, ir.Name)}

"""Slips in the definition of modules, written down where the evaluation comes across them.

    self.fc = nn.Linear(4, 2)        before `super().__init__()`
    [nn.Linear(4, 4)] * 5            one layer in five places

A slip holds places and numbers only, so that it needs no replay: equal blocks have the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archlint.dims import Size, add
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.interp.torch import modules as torch_modules
from archlint.layers.spec import Out
from archlint.model import Slip
from archlint.source import ir
from archlint.source.walk import below
from archlint.text import Span
from archlint.values import Class, External, Function, Layer, ListValue, Object, Tensor


def note(ev: Evaluator, kind: str, span: Span, subject: str = "", *more: Any) -> None:
    """Write a slip down, once; of what stands behind the subject, spans are places, the rest are numbers."""
    places = tuple(m for m in more if isinstance(m, Span))
    ev.slips[Slip(kind, span, subject, places, tuple(m for m in more if not isinstance(m, Span)))] = None


def begin(ev: Evaluator, made: Object) -> None:
    """An instance is about to be initialised; its framework base is not yet."""
    if made.kind.startswith("torch.nn.") or made.kind in ("keras.Model", "keras.Sequential", "keras.layers.Layer"):
        ev.unready[made.ident] = None


def ready(ev: Evaluator, made: Object) -> None:
    """`super().__init__()` reached the framework, or a class that is not known."""
    early = ev.unready.pop(made.ident, None)
    if early is not None and early[0] == "torch":
        _, where, attr = early
        found = _constructor(ev, made)
        if found is not None:
            own = next((c for c in _calls_of_init(found) if not c.args and _is_super(c)), None)
            first = min((n.start for n in below(found.node.body) if _is_init(n)), default=None)
            if first is not None and where.start < found.chunk.base + first:
                places = [_first_statement(found)]
                places += [] if own is None else [found.chunk.span(own.start, own.end)]
                note(ev, "late super init", where, f"{_owner(found)}.{attr}", *places, "torch")


def end(ev: Evaluator, made: Object) -> None:
    """`__init__` is done: was the framework's own ever reached?"""
    if made.ident not in ev.unready:
        return
    early = ev.unready.pop(made.ident)
    found = _constructor(ev, made)
    if found is None or _calls_of_init(found) or (early is None and made.kind.startswith("torch.")):
        return
    framework = made.kind.partition(".")[0]
    bare = next((n for n in below(found.node.body) if _is_init(n)), None)
    name = _name_span(found)
    where, attr = (early[1], early[2]) if early is not None else (name, "")
    places = [_first_statement(found) if bare is None else found.chunk.span(bare.end, bare.end), name]
    note(
        ev, "no super init" if bare is None else "bare super init", where, f"{_owner(found)}.{attr}", *places, framework
    )


def _constructor(ev: Evaluator, made: Object) -> Function | None:
    """The `__init__` that runs, if all of the class is known and nothing in it hands `self` on to be initialised."""
    assert made.cls is not None
    plain = all(isinstance(b, (Class, External)) for b in made.cls.mro) and not any(
        isinstance(b, Class) and (b.node.decorators or "__new__" in b.attrs or any(a.keyword for a in b.node.bases))
        for b in made.cls.mro
    )
    found = functions.method(made, "__init__")
    if not plain or found is None or isinstance(found[0].node, ir.Lambda) or found[0].node.decorators:
        return None
    function = found[0]
    own = function.node.params[0].name if function.node.params else ""
    for call in (n for n in below(function.node.body) if isinstance(n, ir.Call)):
        for place, given in enumerate(call.args):
            named = isinstance(given.value, ir.Name) and given.value.id == own
            if named and not _only_looked_at(ev, function, call, place):
                return None
    return function


def _only_looked_at(ev: Evaluator, caller: Function, call: ir.Call, place: int) -> bool:
    """`log_usage(self)`: does the function read attributes of what it is given, and nothing more?"""
    callee = functions.global_name(ev, caller.module, call.func.id) if isinstance(call.func, ir.Name) else None
    if not isinstance(callee, Function) or not isinstance(callee.node, ir.FunctionDef) or callee.node.decorators:
        return False
    params = callee.node.params
    if any(a.star or a.keyword for a in call.args[: place + 1]) or place >= len(params):
        return False
    if params[place].kind not in ("posonly", "normal"):
        return False
    nodes = list(below(callee.node.body))
    if any(_is_init(n) or isinstance(n, (ir.FunctionDef, ir.Lambda, ir.OpaqueStmt)) for n in nodes):
        return False
    asked = [a for n in nodes if isinstance(n, ir.Call) and getattr(n.func, "id", "") in _ASKS for a in n.args]
    read = (n for n in nodes if isinstance(n, ir.Attr) and n.attr != "__dict__")
    looked = {id(n.value) for n in read} | {id(a.value) for a in asked}
    for part in nodes:
        for target in part.targets if isinstance(part, ir.Assign) else ():
            looked -= {id(n.value) for n in below(target) if isinstance(n, ir.Attr)}
    return all(id(n) in looked for n in nodes if isinstance(n, ir.Name) and n.id == params[place].name)


_ASKS = frozenset(("isinstance", "hasattr", "type", "id"))


def _is_init(node: Any) -> bool:
    return isinstance(node, ir.Attr) and node.attr == "__init__"


def _is_super(call: ir.Call) -> bool:
    return isinstance(call.func, ir.Attr) and isinstance(call.func.value, ir.Call)


def _calls_of_init(function: Function) -> list[ir.Call]:
    return [n for n in below(function.node.body) if isinstance(n, ir.Call) and _is_init(n.func)]


def _owner(function: Function) -> str:
    return function.owner.name if function.owner is not None else function.name


def _name_span(function: Function) -> Span:
    node = function.node
    assert isinstance(node, ir.FunctionDef)
    place: Span = function.chunk.span(node.name_start, node.name_start + len(node.name))
    return place


def _first_statement(function: Function) -> Span:
    """The place before the first statement behind the docstring."""
    assert isinstance(function.node, ir.FunctionDef)
    body = function.node.body
    first = body[0]
    if len(body) > 1 and isinstance(first, ir.ExprStmt) and isinstance(first.value, ir.Const):
        first = body[1]
    place: Span = function.chunk.span(first.start, first.start)
    return place


def assigned(ev: Evaluator, frame: Frame, owner: Any, name: str, value: Any, where: Span) -> None:
    """`self.name = value` is about to be done."""
    if not isinstance(owner, Object) or frame.function is None or not owner.kind.startswith(("torch.", "keras.")):
        return
    child = torch_modules.is_child(value)
    if child:
        registered(ev, owner, name, where)
    if child and is_self(frame, owner) and torch_modules.is_child(owner.attrs.get(name)):
        _overwritten(ev, frame, owner, name, where)
    if isinstance(value, Tensor) and is_self(frame, owner) and frame.function.name == "__init__":
        node = ev.node(value.node)
        if node is not None and owner.kind.startswith("torch.") and _free_of_parameters(ev, value):
            note(ev, "tensor attribute", where, f"{owner.cls.name if owner.cls else ''}.{name}", node.span)


def registered(ev: Evaluator, owner: Object, name: str, where: Span) -> None:
    """A child is about to be put into a module, by an attribute or by `self.add_module`: is there a place for it?"""
    if not ev.branches and ev.unready.get(owner.ident, 0) is None:
        ev.unready[owner.ident] = (owner.kind.partition(".")[0], where, name)


def indexed(ev: Evaluator, value: Any, where: Span) -> None:
    """`out = self.rnn(x)`, and then `out[:, -1]`: output and state are a tuple, which has no axes."""
    parts = [t for part in value for t in (part if isinstance(part, tuple) else (part,))]
    tensors = [t for t in parts if isinstance(t, Tensor)]
    node = ev.node(tensors[0].node) if tensors else None
    if node is None or ev.branches or node.family not in ("recurrent", "attention") or len(tensors) < len(parts):
        return
    if [(t.node, t.slot) for t in tensors] == [(node.id, slot) for slot in range(len(node.outputs))]:
        note(ev, "result indexed", where, node.op.rpartition(".")[2], node.span)


def is_self(frame: Frame, value: Any) -> bool:
    """Is the value the first parameter of the function that runs?  `__init__` has no receiver but that."""
    params = frame.function.node.params if frame.function is not None else []
    return bool(params) and frame.names.get(params[0].name) is value


def _free_of_parameters(ev: Evaluator, value: Tensor) -> bool:
    """Is the tensor made of constants and random numbers only, and no parameter or buffer that is registered?"""
    todo, seen = [value], set()
    while todo:
        tensor = todo.pop()
        node = ev.node(tensor.node)
        if node is None or node.layer is not None or node.family in ("input", "other", "join"):
            return False
        if "Parameter" in node.op or node.op == "torch.nn.Buffer" or not node.op.startswith("torch."):
            return False
        if node.id not in seen:
            seen.add(node.id)
            todo += node.inputs
    return True


def _overwritten(ev: Evaluator, frame: Frame, owner: Object, name: str, where: Span) -> None:
    """`self.conv2 = Conv2d(…)` twice in one block, with no use of the first in between: it is lost."""
    function, before = frame.function, owner.attr_spans.get(name)
    assert function is not None
    if before is None or before.path != where.path or not isinstance(function.node, ir.FunctionDef):
        return
    base = function.chunk.base
    for block in _blocks(function.node.body):
        first = _statement_at(block, before.start - base)
        second = _statement_at(block, where.start - base)
        if first is None or second is None or first >= second:
            continue
        own = function.node.params[0].name
        between = [*block[first + 1 : second], block[second].value]
        if isinstance(block[first].value, ir.Call) and not any(_uses(b, own, name) for b in between):
            params = total(owner.attrs[name])
            note(ev, "overwritten", where, f"self.{name}", before, params)


def _blocks(body: list[Any]) -> Iterator[list[Any]]:
    yield body
    for node in body:
        for part in ("body", "orelse", "final"):
            inner = getattr(node, part, None)
            if isinstance(inner, list) and not isinstance(node, (ir.FunctionDef, ir.ClassDef)):
                yield from _blocks(inner)


def _statement_at(block: list[Any], start: int) -> int | None:
    """Which statement of a block is an assignment to that target alone?"""
    for number, node in enumerate(block):
        if isinstance(node, ir.Assign) and len(node.targets) == 1 and node.start <= start < node.value.start:
            return number
    return None


def _uses(node: Any, own: str, name: str) -> bool:
    """Does a statement read the attribute, call a method of `self`, or hand `self` on?"""
    parts = list(below(node))
    written = {id(t) for n in parts if isinstance(n, ir.Assign) for t in n.targets}
    inner = {id(n.value) for n in parts if isinstance(n, ir.Attr)}
    for n in parts:
        if isinstance(n, ir.Attr) and isinstance(n.value, ir.Name) and n.value.id == own and id(n) not in written:
            return True
        if isinstance(n, ir.Name) and n.id == own and id(n) not in inner:
            return True
        if isinstance(n, (ir.Opaque, ir.OpaqueStmt)):
            return True
    return False


def total(value: Any) -> Size:
    """Parameters of a layer, or of the layers in a module, by their arguments alone."""
    count: Size = 0
    for _, layer in torch_modules.walk(value):
        if isinstance(layer, Layer):
            count = add(count, _own(layer))
    return count


def _own(layer: Layer) -> Size:
    if layer.spec.call:
        result, _ = _quietly(layer, {})
    else:
        result, _ = _quietly(layer, Tensor(None))
    out = apply.first_out(result)
    return out.params if isinstance(out, Out) else None


def _quietly(layer: Layer, x: Any) -> tuple[Any, bool]:
    try:
        return layer.spec.apply(x, layer.args), True
    except Exception:  # an argument that is not known
        return None, False


def multiplied(ev: Evaluator, frame: Frame, node: ir.BinOp, left: Any, right: Any) -> None:
    """`[nn.Linear(4, 4)] * 5`: the layer made there stands in five places."""
    items, times = (left, right) if isinstance(left, ListValue) else (right, left)
    written = node.left if items is left else node.right
    if not isinstance(items, ListValue) or not isinstance(times, int) or isinstance(times, bool) or times < 2:
        return
    where = frame.span(written)
    for item in items.items or ():
        if torch_modules.is_child(item) and item.span.path == where.path and where.start <= item.span.start < where.end:
            ev.session.multiplied.append((frame.span(node), where, item, times))

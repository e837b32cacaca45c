"""Lists of unknown length whose elements have one form.

    boxes = []
    for anchors in anchors_per_image:                   # how many images there are is not known
        boxes.append(torch.zeros(anchors.shape[0], 4))  # each element: (?, 4)
    torch.cat(boxes)                                    # (?, 4)

A form holds for every element: a loop's body is evaluated once, from a state in which all that it changes is unknown.
A list in a form is a tuple; a dict in it is written to weakly, since nothing tells which of the many is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from archlint.dims import Dim, proven_equal
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.layers.families.split import resize_axis
from archlint.layers.spec import Out, Spec
from archlint.source import ir
from archlint.values import Alike, DictValue, External, ListValue, Reason, SetValue, SliceValue, Tensor, Unknown

_CHANGED = Unknown(Reason.LOOP, "elements of different forms")


def form(value: Any) -> Any:
    """What each element of a list of unknown length is like, or each row of a tensor; None if that is not known."""
    if isinstance(value, Tensor) and value.shape:
        axes = None if value.axes is None else value.axes[1:]
        return Tensor(value.shape[1:], value.dtype, axes, value.node, value.slot, framework=value.framework)
    if isinstance(value, iterate.OpenShape):
        return iterate.A_SIZE
    known = isinstance(value, ListValue) and value.items is None and isinstance(value.why, Alike)
    return value.why.form if known else None


def listed(ev: Evaluator, why: Unknown, element: Any) -> ListValue:
    """A list of unknown length of such elements."""
    return ListValue(None, Alike(why, settled(ev, element)))


def settled(ev: Evaluator, value: Any) -> Any:
    """The value as a form; unknown where it could be written to."""
    if isinstance(value, Tensor):
        return value if value.elements is None else replace(value, data=None)
    if isinstance(value, tuple):
        return tuple(settled(ev, v) for v in value)
    if isinstance(value, ListValue) and value.items is not None:
        return tuple(settled(ev, v) for v in value.items)
    if isinstance(value, DictValue) and value.items is not None:
        return _record(ev, {k: settled(ev, v) for k, v in value.items.items()})
    if value is None or isinstance(value, (bool, int, float, str, Dim, Unknown, External)):
        return value
    return Unknown(Reason.LOOP, "an element that may be written to")


def merged(ev: Evaluator, a: Any, b: Any) -> Any:
    """The form of two elements."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        if a.framework != b.framework:
            return _CHANGED
        if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
            return Tensor(None, node=a.node, framework=a.framework)
        sizes = tuple(x if proven_equal(x, y) else None for x, y in zip(a.shape, b.shape))
        return replace(a, shape=sizes, axes=None, dtype=a.dtype if a.dtype == b.dtype else None, data=None)
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(merged(ev, x, y) for x, y in zip(a, b))
    if isinstance(a, DictValue) and isinstance(b, DictValue) and a.items is not None and b.items is not None:
        if list(a.items) == list(b.items):
            return _record(ev, {k: merged(ev, v, b.items[k]) for k, v in a.items.items()})
    return a if type(a) is type(b) and a == b else _CHANGED


def _record(ev: Evaluator, items: dict[Any, Any]) -> DictValue:
    """`{"boxes": …}` as the form of many dicts: a write to it is one to some of them."""
    made = DictValue(items)
    ev.forms[id(made)] = made
    return made


def weakened(ev: Evaluator, owner: DictValue, key: Any, value: Any) -> Any:
    """What stands under a key of a form after `results[i][key] = value`: in some what did before, in some the value."""
    before = None if owner.items is None else owner.items.get(key)
    return _CHANGED if before is None else merged(ev, before, settled(ev, value))


def element(value: Any, index: Any) -> Any:
    """`boxes[0]`, `boxes[i]` of a list of unknown length; None if its elements have no form."""
    found = form(value)
    if found is None:
        return None
    if isinstance(index, SliceValue):
        return ListValue(None, value.why)
    return found if isinstance(index, (int, Dim, Unknown)) else None


def zipped(ev: Evaluator, why: Unknown, columns: list[Any], items: list[Any]) -> ListValue:
    """Rows of several lists, some of unknown length; `items` are their elements where they are known."""
    row: list[Any] = []
    for column, known in zip(columns, items):
        if not isinstance(known, Unknown):
            values = [settled(ev, v) for v in known]
            common: Any = values[0] if values else _CHANGED
            for one in values[1:]:
                common = merged(ev, common, one)
            row.append(common)
        else:
            found = form(column)
            row.append(known if found is None else found)
    return listed(ev, why, tuple(row))


def growing(ev: Evaluator, frame: Frame, body: list[ir.Stmt]) -> list[tuple[ListValue, list[Any]]]:
    """Lists that a loop's body appends to or sets elements of, with their elements before the loop."""
    from archlint.interp.python import expr

    grown: dict[str, ir.Expr] = {}
    touched: set[str] = set()
    for node in statements(body):
        call = node.value if isinstance(node, ir.ExprStmt) and isinstance(node.value, ir.Call) else None
        if call is not None and isinstance(call.func, ir.Attr):
            key = _key(call.func.value)
            if key and call.func.attr == "append":
                grown[key] = call.func.value
            elif key:
                touched.add(key)
        for target in getattr(node, "targets", None) or [getattr(node, "target", None)]:
            if isinstance(node, ir.Assign) and isinstance(target, ir.Subscript) and _key(target.value):
                grown[_key(target.value)] = target.value
            else:
                touched.add(_key(target.value if isinstance(target, ir.Subscript) else target))
    found: list[tuple[ListValue, list[Any]]] = []
    for key, place in grown.items():
        value = None if key in touched else expr.evaluate(ev, frame, place)
        if not isinstance(value, ListValue) or any(value is other for other, _ in found):
            continue
        if value.items is not None:
            found.append((value, list(value.items)))
        elif isinstance(value.why, Alike):
            found.append((value, [value.why.form]))
    return found


def statements(body: list[ir.Stmt]) -> Iterator[ir.Stmt]:
    """Every statement of a body, at any depth, but not in functions that are defined there."""
    for node in body:
        yield node
        if not isinstance(node, (ir.FunctionDef, ir.ClassDef)):
            for part in ("body", "orelse", "final"):
                yield from statements(getattr(node, part, []))
        for arm in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
            yield from statements(arm[2])


def _key(node: Any) -> str:
    """`boxes` or `self.boxes` as text; "" for anything else."""
    if isinstance(node, ir.Name):
        return node.id
    return f"{node.value.id}.{node.attr}" if isinstance(node, ir.Attr) and isinstance(node.value, ir.Name) else ""


def appended(ev: Evaluator, target: ListValue, value: Any) -> None:
    """`boxes.append(value)`, `boxes[i] = value` in a loop of unknown length; any other write spoils the list's form."""
    if id(target) in ev.growing:
        ev.growing[id(target)].append(settled(ev, value))


def watch(ev: Evaluator, lists: list[tuple[ListValue, list[Any]]]) -> None:
    """Write down what is appended to these lists from here on."""
    for target, _ in lists:
        ev.growing[id(target)] = []


def grown(ev: Evaluator, lists: list[tuple[ListValue, list[Any]]], why: Unknown, steady: bool) -> None:
    """The loop is over: its lists have elements of one form, if each turn began like the one that was seen."""
    for target, before in lists:
        added = ev.growing.pop(id(target), [])
        if not steady or not added or target.items is not None:
            continue
        first, *others = [*(settled(ev, v) for v in before), *added]
        for one in others:
            first = merged(ev, first, one)
        target.why = Alike(why, first)


def steady(ev: Evaluator, frame: Frame) -> bool:
    """Has the open arm changed nothing that is still known: no attribute, no container?"""
    scopes = set()
    scope: Frame | None = frame
    while scope is not None:
        scopes.add(id(scope.names))
        scope = scope.parent
    return all(
        id(holder) in scopes or (isinstance(holder, (ListValue, DictValue, SetValue)) and holder.items is None)
        for holder in ev.heap.written()
    )


def each(ev: Evaluator, frame: Frame, why: Unknown, evaluate: Callable[[], Any]) -> ListValue | None:
    """`[f(x) for x in images]` inside a model's call: the form of an element; None if a turn may change the next."""
    from archlint.interp.python import branches

    if not ev.owners:
        return None  # layers are not built for a list whose length is not known
    made: list[Any] = []

    def once() -> str | None:
        value = evaluate()
        if steady(ev, frame):
            made.append(value)
        return None

    branches.undecided(ev, frame, [once, lambda: None])
    return listed(ev, why, made[0]) if made else None


_JOINS = frozenset({"torch.cat", "torch.stack", "torch.hstack", "torch.vstack", "torch.dstack"})
_PARTS = frozenset({"torch.split", "torch.chunk", "torch.tensor_split"})


def applied(ev: Evaluator, spec: Spec, arguments: Arguments) -> Any:
    """A torch function that joins an unknown number of tensors, or makes one; None if this is not about that."""
    if arguments.open:
        return None
    if spec.name in _JOINS:
        found = form(arguments.get(0, "tensors"))
        return _joined(ev, spec, found, arguments) if isinstance(found, Tensor) else None
    if spec.name in _PARTS:
        return _parts(ev, spec, arguments)
    return None


def _joined(ev: Evaluator, spec: Spec, one: Tensor, arguments: Arguments) -> Any:
    """`torch.cat(boxes, dim=0)`: sizes that are the same for two and for three tensors do not depend on how many."""
    keywords = {k: v for k, v in arguments.keywords.items() if k != "tensors"}
    outs: list[Out] = []
    for count in (2, 3):
        bound = spec.bind([[one] * count, *arguments.positional[1:]], keywords)
        found, _ = apply.guarded(ev, lambda bound=bound: spec.apply(None, bound), spec.name)  # type: ignore[misc]
        outs.append(found if isinstance(found, Out) and not found.faults else Out())
    shapes = [out.shape for out in outs]
    shape = None
    if shapes[0] is not None and shapes[1] is not None:
        shape = tuple(a if proven_equal(a, b) else None for a, b in zip(*shapes))
    why = None if shape is not None else Unknown(Reason.LOOP, f"the number of tensors in {spec.name}")
    return apply.record(ev, apply.Site(spec.name, spec.family, arguments.span), [one], Out(shape), why)


def _parts(ev: Evaluator, spec: Spec, arguments: Arguments) -> Any:
    """`scores.split(boxes_per_image, 0)`: an unknown number of parts, alike but for the axis that is cut."""
    whole, sections, axis = arguments.get(0, "input"), arguments.get(1, "sections"), arguments.get(2, "dim", 0)
    if not isinstance(whole, Tensor) or not isinstance(axis, int) or arguments.keywords.keys() - {"dim"}:
        return None
    why = iterate.items(ev, sections) if isinstance(sections, ListValue) else sections
    if not isinstance(why, Unknown):
        return None
    part = resize_axis(ev.refresh(whole), axis, None)
    if part.shape is None or part.faults:
        return None
    made = apply.record(ev, apply.Site(spec.name, spec.family, arguments.span), [ev.refresh(whole)], part)
    return listed(ev, why, made)

"""`value[index]` read, written and deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from archlint.interp.data import arrays, batches
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import tape as keras_tape
from archlint.interp.python import alike, among, branches, call, construct, functions, iterate, mappings
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame, UserRaise
from archlint.interp.python.iterate import OpenShape, reason
from archlint.interp.python.join import join, lift
from archlint.interp.slips import definitions as slips
from archlint.interp.tensors import apply
from archlint.interp.tensors import operators as tensor_operators
from archlint.layers.torch import contents
from archlint.text import Span
from archlint.values import (
    Array,
    Batches,
    Builtin,
    Choice,
    Class,
    DictValue,
    External,
    ListValue,
    Nominal,
    Object,
    RangeValue,
    Reason,
    SliceValue,
    Tensor,
    Unknown,
)


def get(ev: Evaluator, frame: Frame, value: Any, index: Any, where: Span) -> Any:
    """The element or part."""
    if isinstance(index, Choice) and not isinstance(value, Tensor):
        return join(ev, [get(ev, frame, value, option, where) for option in index.options])
    if isinstance(value, Choice) and any(isinstance(option, Tensor) for option in value.options):
        # `state[1] if self.is_lstm else state`: the test that is not decided is the one that made the choice
        arms: list[Callable[[], Any]] = [partial(_get, ev, frame, one, index, where) for one in value.options]
        return join(ev, branches.both(ev, arms, "sizes"))
    return lift(ev, value, lambda one: _get(ev, frame, one, index, where))


def _get(ev: Evaluator, frame: Frame, value: Any, index: Any, where: Span) -> Any:
    if isinstance(value, Tensor):
        return _tensor(ev, value, index, where)
    if isinstance(value, Unknown):
        return _of_unknown(ev, value, index, where)
    if isinstance(value, Array):
        return arrays.get(ev, value, index, where)
    if isinstance(value, Batches):
        return batches.get(ev, value, index, where)
    if isinstance(value, OpenShape) and isinstance(index, SliceValue):
        return value.cut(index)
    if isinstance(value, OpenShape):
        return value.at(ev, index) if isinstance(index, int) else Unknown(Reason.ARGUMENT, "shape of an input", where)
    if isinstance(value, ListValue):
        if value.items is None:
            found = alike.element(value, index)
            return reason(value) if found is None else found
        part = _sequence(value.items, index, where)
        return ListValue(part) if isinstance(index, SliceValue) and isinstance(part, list) else part
    if isinstance(value, RangeValue):
        return _sequence(list(range(value.start, value.stop, value.step)), index, where)
    if isinstance(value, (tuple, str)):
        if isinstance(value, tuple) and isinstance(index, tuple):
            slips.indexed(ev, value, where)
        return _sequence(value, index, where)
    if isinstance(value, DictValue):
        return _key(ev, frame, value, index, where)
    if isinstance(value, Object):
        return _of_object(ev, frame, value, index, where)
    if isinstance(value, External) and value.name == "sys.modules" and isinstance(index, str):
        found = next((m for m in ev.modules.values() if m.name == index), None)
        return Unknown(Reason.IMPORT, index, where) if found is None else found
    if isinstance(value, (External, Class, Builtin)):
        return value  # `Tuple[int, int]`, `tuple[int, int](sizes)`: a type expression
    return Unknown(Reason.SYNTAX, "subscript", where)


def _of_unknown(ev: Evaluator, value: Unknown, index: Any, where: Span) -> Any:
    """`x[:, 0]` on a parameter: a tensor of the caller's, if it is used as one."""
    if isinstance(index, (SliceValue, tuple)) and value.symbol is not None:
        return _tensor(ev, apply.entry_of(ev, value), index, where)
    return Unknown(value.why, value.about, value.where)


def _tensor(ev: Evaluator, value: Tensor, index: Any, where: Span) -> Any:
    tensor = ev.refresh(value)
    if isinstance(tensor.data, tuple) and isinstance(index, (int, SliceValue)) and not isinstance(index, bool):
        part = _sequence(tensor.data, index, where)
        if isinstance(part, tuple):
            return Tensor((len(part),), tensor.dtype, node=tensor.node, data=part, framework=tensor.framework)
        if not isinstance(part, Unknown):
            return Tensor((), tensor.dtype, node=tensor.node, data=part, framework=tensor.framework)
    return keras_tape.note(ev, [tensor], {}, lambda given, _: tensor_operators.index_tensor(ev, given[0], index, where))


def _sequence(items: Any, index: Any, where: Span) -> Any:
    if isinstance(index, (bool, int)):
        if -len(items) <= index < len(items):
            return items[index]
        raise UserRaise("index out of range")
    if isinstance(index, SliceValue):
        parts = (index.lower, index.upper, index.step)
        if all(p is None or isinstance(p, int) for p in parts) and index.step != 0:
            return items[slice(*parts)]
    return Unknown(Reason.DATA, "an index that is not known", where)


def _key(ev: Evaluator, frame: Frame, value: DictValue, index: Any, where: Span) -> Any:
    if value.items is None:
        return reason(value)
    try:
        found = value.items.get(index, value)
    except TypeError:
        return Unknown(Reason.DATA, "a key that is not known", where)
    if found is not value:
        return found
    if isinstance(index, (Unknown, Tensor, Choice)):
        return Unknown(Reason.DATA, "a key that is not known", where)
    if value.default is not None:  # collections.defaultdict
        ev.heap.touch(value)
        value.items[index] = call.call(ev, frame, value.default, Arguments([], {}, where))
        return value.items[index]
    raise UserRaise("no such key")


def _of_object(ev: Evaluator, frame: Frame, value: Object, index: Any, where: Span) -> Any:
    found = functions.method(value, "__getitem__")
    if found is not None:
        return functions.invoke(ev, found[0], Arguments([value, index], {}, where), value)
    held = mappings.storage(value)
    if held is not None:
        return get(ev, frame, held, index, where)
    if value.items is None:
        return Unknown(Reason.SYNTAX, "subscript of an object", where)
    if "__unknown_items__" in value.attrs:
        return Unknown(Reason.LOOP, "children added in a loop of unknown length", where)
    if isinstance(index, str):
        return value.items.get(index, Unknown(Reason.NAME, index, where))
    children = list(value.items.values())
    part = _sequence(children, index, where)
    if isinstance(part, list):
        keeps = value.kind == "torch.nn.Sequential"  # `body[1:]` has "1", "2" …; a slice of a ModuleList is renumbered
        names = _sequence(list(value.items), index, where) if keeps else ()
        return construct.container(ev, value.kind, part, where, names)
    return part


def put(ev: Evaluator, owner: Any, index: Any, value: Any) -> None:
    """`owner[index] = value`."""
    contents.forget(owner)
    if isinstance(owner, ListValue):
        ev.heap.touch(owner)
        alike.appended(ev, owner, value)
        if owner.items is not None and isinstance(index, int) and -len(owner.items) <= index < len(owner.items):
            owner.items[index] = value
        elif not _put_slice(ev, owner, index, value):
            owner.items, owner.why = None, Unknown(Reason.DATA, "assigned at an index that is not known")
    elif isinstance(owner, DictValue):
        ev.heap.touch(owner)
        if isinstance(index, (str, int, float, bool, tuple, External, Nominal)) or index is None:
            if owner.items is not None:
                owner.items[index] = alike.weakened(ev, owner, index, value) if id(owner) in ev.forms else value
        else:
            owner.items, owner.why = None, Unknown(Reason.DATA, "assigned at a key that is not known")
        mappings.wrote(ev, owner)
    elif isinstance(owner, Object) and (told := functions.method(owner, "__setitem__")) is not None:
        functions.invoke(ev, told[0], Arguments([owner, index, value], {}, owner.span), owner)
    elif (held := mappings.storage(owner)) is not None:
        put(ev, held, index, value)
    elif isinstance(owner, Object) and owner.items is not None:
        if isinstance(index, int) and index < 0 and "__unknown_items__" not in owner.attrs:
            index = next(iter([*owner.items][index:]), index)  # `head[-1] = nn.Linear(512, 7)`
        if not isinstance(index, (int, str)):
            ev.heap.touch(owner.attrs)
            owner.attrs["__unknown_items__"] = Unknown(Reason.DATA, "assigned at a key that is not known")
            return
        construct.put_child(ev, owner, str(index), value)


def _put_slice(ev: Evaluator, owner: ListValue, index: Any, value: Any) -> bool:
    """`sizes[-1:-1] = [8] * missing`; False where the list is not known after it."""
    more = iterate.items(ev, value)
    if owner.items is None or isinstance(more, Unknown) or not isinstance(index, SliceValue):
        return False
    bounds = (index.lower, index.upper, index.step)
    if not all(b is None or isinstance(b, int) for b in bounds):
        return False
    try:
        owner.items[slice(*bounds)] = more
    except ValueError:  # an extended slice of another length
        return False
    return True


def delete(ev: Evaluator, owner: Any, index: Any) -> None:
    """`del owner[index]`."""
    if isinstance(owner, (ListValue, DictValue)):
        ev.heap.touch(owner)
        try:
            if owner.items is None and isinstance(owner, ListValue):
                among.spoiled(owner)
            elif isinstance(index, SliceValue) and isinstance(owner.items, list):
                del owner.items[slice(index.lower, index.upper, index.step)]
            elif owner.items is not None:
                del owner.items[index]
        except (KeyError, IndexError, TypeError):
            owner.items, owner.why = None, Unknown(Reason.DATA, "deleted at an index that is not known")
    elif isinstance(owner, Object) and owner.items is not None:
        children = list(owner.items.values())
        if isinstance(index, int) and -len(children) <= index < len(children):
            del children[index]
            ev.heap.touch(owner.items)
            owner.items.clear()
            owner.items.update((str(i), child) for i, child in enumerate(children))


def of_slice(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """The builtin `slice`: `x[(*((slice(None),) * dim), 0)]`; its one argument is the end."""
    given = arguments.positional
    if arguments.open_positional or arguments.keywords or not 1 <= len(given) <= 3:
        return Unknown(Reason.SYNTAX, "slice", arguments.span)
    lower, upper, step = (None, given[0], None) if len(given) == 1 else (*given, None)[:3]
    return SliceValue(lower, upper, step)

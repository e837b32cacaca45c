"""Undoing and joining what the arms of an undecided test change.

    if unknown:                 both arms run, each from the same state;
        layers.append(Pool())   their writes are captured, undone, joined, and applied.

Every container is touched before it is written: outside an undecided test that costs one comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from archlint.interp.python import among
from archlint.values import DictValue, ListValue, Reason, SetValue, Unknown

Holder: TypeAlias = "dict[Any, Any] | ListValue | DictValue | SetValue"
Writes: TypeAlias = "dict[int, tuple[Holder, Any]]"
Held = TypeVar("Held", bound="dict[Any, Any] | ListValue | DictValue | SetValue")
_ABSENT = object()
_BORN = object()


def _content(holder: Holder) -> Any:
    if isinstance(holder, dict):
        return dict(holder)
    items: Any = holder.items
    return (None if items is None else items.copy()), holder.why


def _restore(holder: Holder, content: Any) -> None:
    if isinstance(holder, dict):
        holder.clear()
        holder.update(content)
    else:
        holder.items, holder.why = content


class Heap:
    """A stack of journals, one per open arm of an undecided test."""

    __slots__ = ("_entry", "_epochs", "_lasting", "_logs", "epoch", "modules", "rewritten", "shared")

    def __init__(self) -> None:
        self._logs: list[Writes] = []
        self._entry: Writes | None = None
        self.shared: dict[int, Any] = {}
        """By id, what can be reached from the modules' names; kept by `shared`."""
        self.modules = 0
        """How many modules were looked through for it."""
        self.rewritten: dict[int, Holder] = {}
        """By id, which of it was written to since it was last looked through."""
        self.epoch = self._epochs = 0
        """A number for each state that all of it was in."""
        self._lasting = False

    def advance(self) -> None:
        """What modules hold is not what it was."""
        self._epochs += 1
        self.epoch = self._epochs

    def lasting(self, holder: Holder) -> None:
        """An import is about to write to `holder`, names of a module: that is never undone."""
        self._lasting = True
        self.rewritten[id(holder)] = holder
        self.advance()

    def touch(self, holder: Holder) -> None:
        """Call before writing to `holder`."""
        if id(holder) in self.shared:
            if self._entry is not None and id(holder) not in self._entry:
                self._entry[id(holder)] = (holder, _content(holder))
            self._lasting = self._lasting or self._entry is None
            self.rewritten[id(holder)] = holder
            self.advance()
        if self._logs and id(holder) not in self._logs[-1]:
            self._logs[-1][id(holder)] = (holder, _content(holder))

    def succeeds(self, holder: Held, owner: Holder) -> None:
        """`holder` is new beside `owner`: what can be reached from modules through one can be through the other."""
        if id(owner) in self.shared:
            self.shared[id(holder)] = holder

    def born(self, holder: Held) -> Held:
        """`holder`, made just now: what an arm makes is not there in the others, and needs no undoing."""
        if self._logs:
            self._logs[-1][id(holder)] = (holder, _BORN)
        return holder

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Writes that stay whatever arm they happen in: an imported module runs once, for all."""
        kept, self._logs, entry, self._entry = self._logs, [], self._entry, None
        try:
            yield
        finally:
            self._logs, self._entry = kept, entry

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What this entry point writes to what modules hold is undone behind it: nobody knows that it runs at all.

        def register_block(kind, block):    called with nothing known, it would make every block unknown
            _registry[kind] = block
        """
        epoch, self._lasting, self._entry = self.epoch, False, {}
        try:
            yield
        finally:
            written, self._entry = self._entry, None
            for holder, before in written.values():
                _restore(holder, before)
            if written and self._lasting:
                self.advance()
            elif written:
                self.epoch = epoch

    def written(self) -> list[Holder]:
        """What the open arm has written to, but for what it made itself."""
        return [holder for holder, before in self._logs[-1].values() if before is not _BORN] if self._logs else []

    def begin(self) -> None:
        """Open an arm."""
        self._logs.append({})

    def capture(self) -> Writes:
        """Close the arm: what it wrote, with everything put back as it was."""
        writes: Writes = {}
        for key, (holder, before) in self._logs.pop().items():
            if before is _BORN:
                continue
            writes[key] = (holder, _content(holder))
            _restore(holder, before)
        return writes

    def join(self, arms: list[Writes], join: Callable[[list[Any]], Any]) -> None:
        """Apply the join of several arms' writes to the present state."""
        if len(arms) == 1:
            for holder, content in arms[0].values():
                self.touch(holder)
                _restore(holder, content)
            return
        for key in dict.fromkeys(key for arm in arms for key in arm):
            holder = next(arm[key][0] for arm in arms if key in arm)
            contents = [arm[key][1] if key in arm else _content(holder) for arm in arms]
            self.touch(holder)
            if isinstance(holder, dict):
                _restore(holder, join_dicts(contents, join))
            else:
                _restore(holder, _join_items(contents, join, isinstance(holder, ListValue)))


def join_dicts(contents: list[dict[Any, Any]], join: Callable[[list[Any]], Any]) -> dict[Any, Any]:
    """Join name by name.  A name that one arm leaves unset has the other's value where it is used at all."""
    joined: dict[Any, Any] = {}
    for key in dict.fromkeys(key for content in contents for key in content):
        values = [v for content in contents if (v := content.get(key, _ABSENT)) is not _ABSENT]
        joined[key] = values[0] if all(v is values[0] for v in values) else join(values)
    return joined


def _join_items(contents: list[Any], join: Callable[[list[Any]], Any], listed: bool) -> Any:
    """Join the elements of lists of one length, or dicts with the same keys; else not known."""
    unknown = (None, Unknown(Reason.BRANCH, "contents differ between branches"))
    items = [content[0] for content in contents]
    if any(i is None for i in items):
        return (listed and among.joined(contents)) or unknown
    if isinstance(items[0], dict):
        if any(list(i) != list(items[0]) for i in items):
            return unknown
        return {k: join([i[k] for i in items]) for k in items[0]}, None
    if any(len(i) != len(items[0]) for i in items):
        return (listed and among.joined(contents)) or unknown
    return [join(list(column)) for column in zip(*items)], None

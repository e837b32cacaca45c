"""What every instrumented expression evaluated to: `_AL_(site, value)` in the user's rewritten source."""

import sys
from types import CodeType, FrameType
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import descriptors

CAP = 200000
MOST_OF_SITE = 2000
"""A site visited more often (`for name, p in model.named_parameters()` of a large library) is left out as a whole."""
COMPREHENSIONS = frozenset(["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"])


class Recorder(object):
    """Callable `(site, value) -> value` that never raises into the user's program.

    size: how one size of a shape is told (`descriptors.size_of`); a side may set its own.
    enabled: False lets values pass unrecorded.  full: the cap was reached, later visits are missing.
    """

    def __init__(self) -> None:
        self.size: Callable[[Any], Any] = descriptors.size_of
        self._with_self: Dict[CodeType, bool] = {}
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.enabled, self.full = True, False
        self._visits: List[Tuple[int, int, Optional[int]]] = []
        self._counts: Dict[int, int] = {}
        self._values: List[Any] = []
        self._numbers: Dict[Any, int] = {}
        self._alive: Dict[int, Any] = {}

    def mark(self) -> int:
        """Where the recording stands: for `rewind`."""
        return len(self._visits)

    def rewind(self, mark: int) -> None:
        """Forget the visits after `mark` (those of construction stay when a model is called again)."""
        for site, _, _ in self._visits[mark:]:
            self._counts[site] -= 1
        del self._visits[mark:]
        if self.full:
            self.enabled, self.full = True, False

    def release(self, mark: int) -> None:
        """`rewind`, and hold on no longer to the objects that only the visits after `mark` belong to."""
        self.rewind(mark)
        owners = {owner for _, _, owner in self._visits}
        self._alive = {number: held for number, held in self._alive.items() if number in owners}

    def take(self, owner_paths: Dict[int, str]) -> Dict[str, Any]:
        """`visits` [site, number of value, number of owner or None], `values`, `owners`; nothing is forgotten.

        owner_paths: `id(module) -> dotted path`; visits in methods of any other object have no owner.
        """
        owners: List[str] = []
        number_of: Dict[str, int] = {}
        visits = []
        for site, value, owner in self._visits:
            if self._counts[site] > MOST_OF_SITE:
                continue
            path = None if owner is None else owner_paths.get(owner)
            if path is None:
                visits.append([site, value, None])
                continue
            if path not in number_of:
                number_of[path] = len(owners)
                owners.append(path)
            visits.append([site, value, number_of[path]])
        return {"visits": visits, "values": list(self._values), "owners": owners}

    def describe(self, value: Any) -> Any:
        """The descriptor of a value, as in `descriptors`."""
        return describe(value, self.size)

    def __call__(self, site: int, value: Any) -> Any:
        if not self.enabled:
            return value
        count = self._counts[site] = self._counts.get(site, 0) + 1
        if count > MOST_OF_SITE:
            self._counts[site] = MOST_OF_SITE + CAP  # no rewind makes it whole again
            return value
        self.enabled = False  # describing may run instrumented properties
        try:
            self._visits.append((site, self._number(value), self._owner(sys._getframe(1))))
            self.enabled = len(self._visits) < CAP
            self.full = not self.enabled
        except Exception:
            self.enabled = True
        except BaseException:
            self.enabled = True
            raise
        return value

    def _number(self, value: Any) -> int:
        descriptor = describe(value, self.size)
        plain = descriptor is None or isinstance(descriptor, int)
        key = (type(descriptor), descriptor) if plain else repr(descriptor)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._values)
            self._values.append(descriptor)
        return number

    def _owner(self, frame: FrameType) -> Optional[int]:
        """id of `self` in the caller: `[conv(x) for conv in self.convs]` belongs to the method around it."""
        while frame.f_code.co_name in COMPREHENSIONS and frame.f_back is not None:
            frame = frame.f_back
        code = frame.f_code
        found = self._with_self.get(code)
        if found is None:
            found = self._with_self[code] = code.co_varnames[:1] == ("self",) or "self" in code.co_freevars
        if not found:
            return None
        owner = frame.f_locals.get("self")
        if owner is None:
            return None
        self._alive[id(owner)] = owner  # or its id could be given to another object
        return id(owner)


def describe(value: Any, size: Callable[[Any], Any] = descriptors.size_of) -> Any:
    """The descriptor of a value; None for anything without a shape that is no integer.  Never raises."""
    try:
        return descriptors.describe(value, size)
    except Exception:
        return None

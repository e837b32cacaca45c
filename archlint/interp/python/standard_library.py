"""Functions of Python's library that configurations and position tables are computed with."""

from __future__ import annotations

import itertools
import keyword
import math
from collections.abc import Callable, Iterable
from typing import Any

from archlint.interp.budget import MAX_LOOP
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import attribute, imports, iterate, operators, subscript
from archlint.interp.python import call as calls
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.handlers import Call, on_constants
from archlint.values import Builtin, External, ListValue, Reason, Unknown


def _product(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`itertools.product(range(h), range(w))`: every pair of places."""
    columns = [iterate.items(ev, value) for value in arguments.positional]
    known = [column for column in columns if not isinstance(column, Unknown)]
    times = arguments.keywords.get("repeat", 1)
    if len(known) < len(columns) or not isinstance(times, int) or arguments.open:
        return ListValue(None, Unknown(Reason.LOOP, "product", arguments.span))
    if math.prod(map(len, known)) ** times > MAX_LOOP:
        return ListValue(None, Unknown(Reason.BUDGET, "too many iterations", arguments.span))
    return ListValue(list(itertools.product(*known, repeat=times)))


def _of_elements(function: Callable[..., Iterable[Any]], numbers: range) -> Call:
    """A function of the elements of one iterable, and of so many whole numbers: `combinations(stages, 2)`.

    Not `islice`, of which nobody knows whether it takes its elements out of an iterator.
    """

    def apply(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        items = iterate.items(ev, arguments.get(0, "iterable"))
        others = [*arguments.positional[1:], *arguments.keywords.values()]
        given = all(v is None or (isinstance(v, int) and not isinstance(v, bool)) for v in others)
        if isinstance(items, Unknown) or arguments.open or not given or len(others) not in numbers:
            return ListValue(None, Unknown(Reason.LOOP, "elements not known", arguments.span))
        try:
            found = list(itertools.islice(function(items, *others), MAX_LOOP + 1))
        except (TypeError, ValueError):
            return Unknown(Reason.SYNTAX, "itertools", arguments.span)
        why = Unknown(Reason.BUDGET, "too many iterations", arguments.span)
        return ListValue(found) if len(found) <= MAX_LOOP else ListValue(None, why)

    return apply


def _accumulate(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`itertools.accumulate(depths)`: running sums."""
    items = iterate.items(ev, arguments.get(0, "iterable"))
    function = arguments.get(1, "func", None)
    if isinstance(items, Unknown) or arguments.open or "initial" in arguments.keywords:
        return ListValue(None, Unknown(Reason.LOOP, "elements not known", arguments.span))
    found = items[:1]
    for item in items[1:]:
        if function is None:
            found.append(operators.binary(ev, frame, "+", found[-1], item, arguments.span))
        else:
            found.append(calls.call(ev, frame, function, Arguments([found[-1], item], {}, arguments.span)))
    return ListValue(found)


def _starmap(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`itertools.starmap(nn.Linear, zip(dims, dims[1:]))`."""
    rows = iterate.items(ev, arguments.get(1, "iterable"))
    spread = [] if isinstance(rows, Unknown) else [iterate.items(ev, row) for row in rows]
    known = [row for row in spread if not isinstance(row, Unknown)]
    if isinstance(rows, Unknown) or len(known) < len(rows):
        return ListValue(None, Unknown(Reason.LOOP, "elements not known", arguments.span))
    function = arguments.get(0, "function")
    return ListValue([calls.call(ev, frame, function, Arguments(row, {}, arguments.span)) for row in known])


def _getter(one: Callable[[Evaluator, Frame, Any, Any, Arguments], Any]) -> Call:
    """`operator.itemgetter(1)`, `operator.attrgetter("out_channels")`: of several, a tuple."""

    def make(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        keys = list(arguments.positional)
        if arguments.open or not keys:
            return Unknown(Reason.SYNTAX, "a getter", arguments.span)

        def get(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
            found = [one(ev, frame, given.get(0, "obj"), key, given) for key in keys]
            return found[0] if len(found) == 1 else tuple(found)

        return Builtin("a getter", get)

    return make


def _item(ev: Evaluator, frame: Frame, value: Any, key: Any, given: Arguments) -> Any:
    return subscript.get(ev, frame, value, key, given.span)


def _attribute(ev: Evaluator, frame: Frame, value: Any, name: Any, given: Arguments) -> Any:
    if not isinstance(name, str):
        return Unknown(Reason.DATA, "an attribute whose name is not known", given.span)
    for part in name.split("."):
        value = attribute.get(ev, frame, value, part, given.span)
    return value


def _environment(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`os.environ.get("USE_FLEXIBLE", "0")`: what the program does when nothing is set, as for other defaults."""
    return arguments.get(1, "default", Unknown(Reason.DATA, "an environment variable", arguments.span))


def _pairwise(items: list[Any]) -> Iterable[Any]:
    return itertools.pairwise(items)


def _generator(ev: Evaluator, frame: Frame, arguments: Arguments) -> External:
    """`rng = np.random.default_rng(0)`: what it draws is declared under the name of its class."""
    return External("numpy.random.Generator")


def _random_state(ev: Evaluator, frame: Frame, arguments: Arguments) -> External:
    """`np.random.RandomState(0)` draws as the module's own functions do."""
    return External("numpy.random")


HANDLERS: dict[str, Call] = {
    "numpy.random.default_rng": _generator,
    "numpy.random.RandomState": _random_state,
    "itertools.product": _product,
    "itertools.pairwise": _of_elements(_pairwise, range(1)),
    "itertools.combinations": _of_elements(itertools.combinations, range(1, 2)),
    "itertools.permutations": _of_elements(itertools.permutations, range(2)),
    "itertools.accumulate": _accumulate,
    "itertools.starmap": _starmap,
    "operator.itemgetter": _getter(_item),
    "operator.attrgetter": _getter(_attribute),
    "importlib.import_module": lambda ev, frame, given: imports.by_name(ev, frame, given),
    "keyword.iskeyword": on_constants(keyword.iskeyword, str),
    "os.environ.get": _environment,
    "os.getenv": _environment,
}

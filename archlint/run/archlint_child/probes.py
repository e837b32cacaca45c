"""Behavioural probes: what a model does with numbers, measured on a few small calls.

A side describes its model as a `Subject`, a function of arrays; NumPy arrays and torch tensors will do, since only
what both share is used (`shape`, indexing, `abs`, `max`, arithmetic).  Every verdict is about one property:
`holds`, `violated`, or `not run` with the reason.  A property is violated where three random trials all show it; it
holds where the three show that it does, and that the perturbation reached the output at all.
"""

import signal
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

TRIALS = 3
SECONDS = 5.0
"""Processor seconds per model."""
MOST_PARAMETERS = 50000000
MOST_INPUTS = 4000000
"""Elements of all inputs together."""

Output = Tuple[str, Any]
"""A tensor of what the model returned, with its place there: ("[1].logits", array)."""
Given = NamedTuple(
    "Given",
    [("name", str), ("shape", Tuple[int, ...]), ("dtype", str), ("high", Optional[int]), ("batch", Optional[int])],
)
"""An input.  `batch`: its axis of samples; None for an input that has none, such as a mask of (T, T)."""


class NotRun(Exception):
    """A probe cannot tell; the text says why."""


class OutOfTime(BaseException):
    """The processor time is used up.  No `Exception`, so that no `except Exception` in a forward pass stops it."""


class Subject:
    """A model as a function of arrays.

    call(inputs, seed): its outputs as floating arrays, in eval mode, with every random generator seeded; given copies
    of the inputs.  keep(inputs, seed): the same on the inputs themselves, where a model can overwrite them.
    draw(given, seed, rows): a random array for an input with so many samples.
    still, moved: relative changes that are rounding, and that are none; in between nothing is said.  What is changed
    on purpose has to move by a thousand times the rounding at least, for the rest to count as still.
    redraw(seed): gives all parameters new values far from their first ones, None: puts these back;
    absent where that is not possible.
    trace(inputs, seed): for every layer in order, its path, the arrays it got and those it returned.
    mixers: layers that mix the steps of a sequence by design, as (path, class, only later steps see earlier ones).
    """

    def __init__(
        self,
        call: Callable[[List[Any], int], List[Output]],
        draw: Callable[[Given, int, Optional[int]], Any],
        givens: Sequence[Given],
        still: float = 1e-11,
        moved: float = 1e-6,
        redraw: Optional[Callable[[Optional[int]], None]] = None,
        trace: Optional[Callable[[List[Any], int], List[Tuple[str, List[Any], List[Any]]]]] = None,
        mixers: Sequence[Tuple[str, str, bool]] = (),
        keep: Optional[Callable[[List[Any], int], List[Output]]] = None,
    ) -> None:
        self.keep = keep
        self.call = call
        self.draw = draw
        self.givens = list(givens)
        self.still = still
        self.moved = moved
        self.own = min(moved, 1000 * still)
        self.redraw = redraw
        self.trace = trace
        self.mixers = list(mixers)
        self.first: Dict[int, Tuple[List[Any], List[Output]]] = {}
        self.random: Optional[bool] = None

    def inputs(self, seed: int, rows: Optional[int] = None) -> List[Any]:
        """Random inputs of their own for every seed."""
        return [self.draw(given, 1009 * seed + i, rows) for i, given in enumerate(self.givens)]

    def trial(self, number: int) -> Tuple[List[Any], List[Output]]:
        """Inputs and outputs of one of the unperturbed calls, which all probes share."""
        if number not in self.first:
            inputs = self.inputs(number)
            outputs = self.call(inputs, 0)
            if not outputs:
                raise NotRun("the model returns no tensor")
            for name, array in outputs:
                if not finite(array):
                    raise NotRun("the output{} has NaN or infinite values".format(spaced(name)))
            self.first[number] = (inputs, outputs)
        return self.first[number]


Probe = Callable[[Subject], Dict[str, Any]]


def result(verdict: str, detail: str, paths: Sequence[str] = ()) -> Dict[str, Any]:
    """A verdict before it has the name of its probe; `paths`: the layers or inputs it is about, all of them."""
    return {"verdict": verdict, "detail": detail, "paths": list(paths)}


def survey(
    probes: Sequence[Tuple[str, Callable[[], Dict[str, Any]]]], seconds: Optional[float] = None
) -> List[Dict[str, Any]]:
    """Runs every probe by itself: one that fails or runs out of time says so and stops no other."""
    found = []
    seconds = SECONDS if seconds is None else seconds
    limit = time.process_time() + seconds
    for name, probe in probes:
        try:
            arm(limit - time.process_time())
            verdict = probe()
        except OutOfTime:
            verdict = result("not run", "{:g} s of processor time are used up".format(seconds))
        except NotRun as reason:
            verdict = result("not run", str(reason))
        except (Exception, SystemExit) as error:
            verdict = result("not run", brief(error))
        finally:
            disarm()
        found.append(dict(verdict, probe=name))
    return found


def arm(seconds: float) -> None:
    """Raises OutOfTime in the main thread when so much processor time is over; an operator in progress finishes first.

    It is raised again every half second, for code that catches everything.
    """
    if seconds <= 0:
        raise OutOfTime
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, expire)
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)


def disarm() -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)


def expire(*_: Any) -> None:
    raise OutOfTime


def brief(error: BaseException) -> str:
    """One line of an exception."""
    lines = str(error).strip().splitlines()
    text = "{}: {}".format(type(error).__name__, lines[0]) if lines else type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."


def spaced(name: str) -> str:
    """` [1]`: the name of an output in a sentence, nothing for the only one."""
    return " " + name if name else ""


def finite(array: Any) -> bool:
    """No NaN and no infinity?"""
    if 0 in array.shape:
        return True
    return not bool((array != array).any()) and float(abs(array).max()) != float("inf")


def magnitude(array: Any) -> float:
    return 0.0 if 0 in array.shape else float(abs(array).max())


def change(before: Any, after: Any, scale: Optional[float] = None) -> float:
    """Largest difference, relative to the largest value (or to `scale`, that of the whole output)."""
    if tuple(before.shape) != tuple(after.shape):
        raise NotRun("the output has another shape for other values of the same shape")
    size = max(magnitude(before), magnitude(after)) if scale is None else scale
    return magnitude(before - after) / size if size > 0 else 0.0


def at(array: Any, axis: int, index: Any) -> Any:
    """`array[:, index]` for axis 1; a list of indices gives a copy."""
    return array[(slice(None),) * axis + (index,)]


def replaced(array: Any, axis: int, index: int, other: Any) -> Any:
    """A copy in which one sample or step is that of another array."""
    copy = at(array, axis, list(range(array.shape[axis])))
    copy[(slice(None),) * axis + (index,)] = at(other, axis, index)
    return copy


def named(paths: Sequence[str], most: int = 5) -> str:
    """`fc1`, `fc2` and 3 more."""
    shown = ", ".join("`{}`".format(p) for p in paths[:most])
    return shown + (" and {} more".format(len(paths) - most) if len(paths) > most else "")

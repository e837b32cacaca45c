"""Keras runs the body of a `call` several times for one call of the layer: which visits are repetitions.

First to build the layer, then to infer its output; a Sequential calls all its layers again on every `add`; the torch
backend infers with 83 and with 89 in the place of each unknown size.  What counts is the last execution; where the two
fills differ, the size is unknown.
"""

import contextlib
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

Range = Tuple[int, int]


class Passes:
    """Ranges of visits, by their position in the recorder, of everything since the last `reset`.

    replaced: (earlier, later): a visit in `earlier` counts only if its site and owner have none in `later`.
    paired: (with one fill, with the other).  outputs: id of a layer -> its last output.
    """

    def __init__(self, recorder: Any) -> None:
        self.recorder = recorder
        self.reset()

    def reset(self) -> None:
        self.replaced: List[Tuple[Range, Range]] = []
        self.paired: List[Tuple[Range, Range]] = []
        self.outputs: Dict[int, Tuple[Any, Optional[int]]] = {}
        self.starts: List[Tuple[int, Optional[int]]] = []
        self.builds: Dict[int, Range] = {}
        self.depth = 0
        self.tracing = False

    def position(self) -> int:
        return int(self.recorder.mark())

    def rewind(self, mark: int) -> None:
        """Forgets the visits from `mark` on."""
        self.recorder.rewind(mark)
        self.replaced = [ranges for ranges in self.replaced if ranges[1][1] <= mark]
        self.paired = [ranges for ranges in self.paired if ranges[1][1] <= mark]
        self.builds = {key: one for key, one in self.builds.items() if one[1] <= mark}

    @contextlib.contextmanager
    def one_call(self) -> Iterator[None]:
        """Around one call of a layer; only the outermost counts."""
        if self.depth == 0:
            self.starts = []
        start = self.position()
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            if self.depth == 0:
                self._close(start)

    def _close(self, start: int) -> None:
        if len(self.starts) < 2:
            return
        last, fill = self.starts[-1]
        end = self.position()
        self.replaced.append(((start, last), (last, end)))
        for index in range(len(self.starts) - 2, -1, -1):
            if self.starts[index][1] != fill:
                self.paired.append(((self.starts[index][0], self.starts[index + 1][0]), (last, end)))
                break

    @contextlib.contextmanager
    def one_build(self, model: Any) -> Iterator[None]:
        """Around the building of a Sequential, which repeats the one before."""
        start = self.position()
        try:
            yield
        finally:
            now = (start, self.position())
            before = self.builds.get(id(model))
            if before is not None:
                self.replaced.append((before, now))
            self.builds[id(model)] = now

    def note_output(self, layer: Any, value: Any) -> None:
        fill = self.starts[-1][1] if self.tracing and self.starts else None
        described = known(self.recorder.describe(value))
        before = self.outputs.get(id(layer))
        if before is not None and before[1] is not None and fill is not None and before[1] != fill:
            described = agreed(before[0], described)
        self.outputs[id(layer)] = (described, fill)

    def output(self, layer: Any) -> Any:
        return self.outputs.get(id(layer), (None, None))[0]

    def traced(self, infer: Callable[..., Any], flatten: Callable[[Any], List[Any]]) -> Callable[..., Any]:
        """`backend.compute_output_spec`, which notes where each of its executions of a function starts."""

        def compute_output_spec(fn: Any, *args: Any, **kwargs: Any) -> Any:
            if self.tracing:
                return infer(fn, *args, **kwargs)

            def noted(*concrete: Any, **named: Any) -> Any:
                fill = _fill(flatten((args, kwargs)), flatten((concrete, named)))
                self.starts.append((self.position(), fill))
                return fn(*concrete, **named)

            self.tracing = True
            try:
                with self.one_call():
                    return infer(noted, *args, **kwargs)
            finally:
                self.tracing = False

        return compute_output_spec

    def clean(self, taken: Dict[str, Any]) -> Dict[str, Any]:
        """What the recorder gave, each execution once, sizes only where the framework knows them."""
        values = [known(value) for value in taken["values"]]
        visits = [list(visit) for visit in taken["visits"]]
        for one, other in self.paired:
            _merge(visits, values, one, other)
        dropped: Set[int] = set()
        for earlier, later in self.replaced:
            again = {(v[0], v[2]) for v in visits[later[0] : later[1]]}
            dropped.update(i for i in range(earlier[0], min(earlier[1], len(visits))) if _place(visits[i]) in again)
        return dict(taken, values=values, visits=[v for i, v in enumerate(visits) if i not in dropped])


def _place(visit: List[Any]) -> Tuple[Any, Any]:
    return visit[0], visit[2]


def _fill(asked: List[Any], given: List[Any]) -> Optional[int]:
    """The number that stands for an unknown size, if the backend uses one."""
    if len(asked) != len(given):
        return None
    for symbolic, concrete in zip(asked, given):
        for size, stand_in in zip(getattr(symbolic, "shape", None) or (), getattr(concrete, "shape", None) or ()):
            if size is None and type(stand_in) is int:
                return stand_in
    return None


def _merge(visits: List[List[Any]], values: List[Any], one: Range, other: Range) -> None:
    """Writes into `other` what both executions agree on; their lengths differ only if a branch depends on the size."""
    first, second = visits[one[0] : one[1]], visits[other[0] : other[1]]
    same_way = [_place(v) for v in first] == [_place(v) for v in second]
    for index, visit in enumerate(second):
        value = agreed(values[first[index][1]], values[visit[1]]) if same_way else None
        if value != values[visit[1]]:
            values.append(value)
            visit[1] = len(values) - 1


def known(value: Any) -> Any:
    """A descriptor whose sizes are numbers or null.

    `dynamic_dimension` of jax is no size; nor is the integer tensor that TensorFlow has for an unknown one.
    """
    if isinstance(value, dict):
        if "s" in value:
            if not value["s"] and value["d"].startswith("int"):
                return None
            return dict(value, s=[size if type(size) is int else None for size in value["s"]])
        if "l" in value:
            return {"l": [known(item) for item in value["l"]]}
        if "m" in value:
            return {"m": {key: known(item) for key, item in value["m"].items()}}
    return value


def agreed(one: Any, other: Any) -> Any:
    """What two descriptors have in common."""
    if one == other and type(one) is type(other):
        return one
    if not isinstance(one, dict) or not isinstance(other, dict):
        return None
    if "s" in one and "s" in other and len(one["s"]) == len(other["s"]):
        return dict(one, s=[a if a == b else None for a, b in zip(one["s"], other["s"])])
    if "l" in one and "l" in other and len(one["l"]) == len(other["l"]):
        return {"l": [agreed(a, b) for a, b in zip(one["l"], other["l"])]}
    if "m" in one and "m" in other and one["m"].keys() == other["m"].keys():
        return {"m": {key: agreed(item, other["m"][key]) for key, item in one["m"].items()}}
    return None

"""Sessions that do nothing: a graph is what is looked at, it is never run.

`session.run(fetches)` answers zeros of the right shape; loops around it come to their end.
"""

import contextlib
import importlib
import sys
import time
from typing import Any, Iterator

RUNS = 2000
"""Calls of `session.run` after which a loop has shown all it can."""
RUNS_OF_A_PIPELINE = 20
"""Calls after which an input pipeline is exhausted: `while True: … except tf.errors.OutOfRangeError: break`."""
LARGEST = 1 << 26
"""Elements of the largest array that is made up."""


class TrainingCut(BaseException):
    """A training loop was left.  No Exception, so that `except Exception: continue` in the loop does not keep it."""


class Training(object):
    """What the sessions of this process did.  live: they really run, for probes.  deadline: time.time() at which
    loops are left, 0 for never."""

    def __init__(self) -> None:
        self.live = False
        self.runs = self.since = self.asked = 0
        self.deadline, self.most = 0.0, RUNS

    @contextlib.contextmanager
    def alive(self) -> Iterator[None]:
        """Sessions really run inside."""
        before, self.live = self.live, True
        try:
            yield
        finally:
            self.live = before

    @contextlib.contextmanager
    def patient(self) -> Iterator[None]:
        """Only the time ends loops inside: what stands behind one, as a file is imported, is still needed."""
        self.most = sys.maxsize
        try:
            yield
        finally:
            self.most = self.runs + RUNS

    def count(self, v1: Any, graph: Any) -> None:
        """One more `session.run`: ends an input pipeline with OutOfRangeError, a loop with TrainingCut."""
        self.runs += 1
        self.since += 1
        if self.runs > self.most or (self.deadline and time.time() > self.deadline):
            raise TrainingCut("left after %d calls of session.run" % self.runs)
        if self.since > RUNS_OF_A_PIPELINE and has_pipeline(graph):
            self.since = 0
            raise v1.errors.OutOfRangeError(None, None, "End of sequence")

    def should_stop(self) -> bool:
        """The answer to `while not coord.should_stop()`: no ten times, then yes."""
        self.asked += 1
        if self.asked <= RUNS_OF_A_PIPELINE // 2:
            return False
        self.asked = self.since = 0
        return True


def has_pipeline(graph: Any) -> bool:
    """Does the graph read from a queue or a Dataset?"""
    kinds = ("IteratorGetNext", "QueueDequeueV2", "QueueDequeueManyV2", "QueueDequeueUpToV2", "ReaderReadV2")
    return any(operation.type in kinds for operation in graph.get_operations())


def sessions(v1: Any, training: Training) -> None:
    """`tf.Session().run`, and `tensor.eval()` and `operation.run()`, which end there."""
    cls = importlib.import_module("tensorflow.python.client.session").BaseSession
    really_run = cls.run

    def run(self: Any, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        if training.live:
            return really_run(self, fetches, feed_dict, options, run_metadata)
        training.count(v1, self.graph)
        return answer(self.graph, fetches, rows_of(feed_dict))

    def make_callable(self: Any, fetches: Any, feed_list: Any = None, accept_options: bool = False) -> Any:
        return lambda *values: run(self, fetches, dict(enumerate(values)))

    cls.run, cls.make_callable = run, make_callable
    cls.partial_run = lambda self, handle, fetches, feed_dict=None: run(self, fetches, feed_dict)
    cls.partial_run_setup = lambda self, fetches, feeds=None: "handle"


def rows_of(feed_dict: Any) -> int:
    """Samples that are fed: what an unknown batch becomes."""
    for value in (feed_dict or {}).values():
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and shape:
            return int(shape[0])
        if isinstance(value, (list, tuple)) and value:
            return len(value)
    return 1


def answer(graph: Any, fetches: Any, rows: int) -> Any:
    """What `session.run(fetches)` gives: zeros for tensors, None for operations, in the same nest."""
    if isinstance(fetches, dict):
        return type(fetches)((key, answer(graph, one, rows)) for key, one in fetches.items())
    if isinstance(fetches, tuple) and hasattr(fetches, "_fields"):
        return type(fetches)(*[answer(graph, one, rows) for one in fetches])
    if isinstance(fetches, (list, tuple)):
        return type(fetches)(answer(graph, one, rows) for one in fetches)
    if isinstance(fetches, (str, bytes)):
        return answer(graph, graph.as_graph_element(fetches), rows)
    return zeros(fetches, rows)


def zeros(tensor: Any, rows: int) -> Any:
    """An array of a tensor's shape, where unknown sizes are the number of rows; None for an operation."""
    shape, dtype = getattr(tensor, "shape", None), getattr(tensor, "dtype", None)
    if shape is None or dtype is None:
        return None
    numpy = importlib.import_module("numpy")
    try:
        sizes = [rows if size is None else int(size) for size in shape.as_list()]
    except ValueError:  # not even the rank is known
        sizes = []
    count = 1
    for size in sizes:
        count *= size
    if count > LARGEST:
        raise MemoryError("session.run would give %d numbers" % count)
    kind = dtype.base_dtype.as_numpy_dtype
    made = numpy.full(sizes, b"", object) if kind is numpy.object_ else numpy.zeros(sizes, kind)
    return made if sizes else made[()]

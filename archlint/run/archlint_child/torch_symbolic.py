"""One call with symbols for sizes: PyTorch's own formulas of every shape, and what they demand of the input."""

import contextlib
import importlib
import signal
import threading
from typing import Any, ContextManager, Dict, Iterator, List, Sequence, Set

from . import torch_calling
from .torch_calling import Spec

SECONDS = 6.0
"""Processor seconds that a symbolic call may take; formulas of dense connections grow without bound."""
LONGEST = 20000
"""Characters of a guard that is worth telling."""


class OutOfTime(BaseException):
    """The limit was reached; no `except Exception` of the model stops it."""


def run(torch: Any, model: Any, tensors: Sequence[Spec], second: Sequence[Spec]) -> Dict[str, Any]:
    """{"output", "guards", "shapes"} of a symbolic call.  Raises anything, OutOfTime among it.

    Guards are what had to hold for the recorded formulas: at other sizes they say nothing.
    """
    symbolic = importlib.import_module("torch.fx.experimental.symbolic_shapes")
    environment = symbolic.ShapeEnv(duck_shape=False)
    mode = torch_calling.fake_mode(shape_env=environment)
    inputs = [
        (spec[0], _symbolic_tensor(torch, symbolic, mode, spec, free, number))
        for number, (spec, free) in enumerate(zip(tensors, dynamic_sizes(tensors, second)))
    ]
    shapes = [[_told(size) for size in tensor.shape] for _, tensor in inputs]
    with limited(SECONDS), torch_calling.unchanged(model), _in_python(), mode, torch.no_grad():
        args, kwargs = torch_calling.bound(model, inputs)
        output = model(*args, **kwargs)
    guards = [str(guard.expr) for guard in environment.guards]
    return {"output": output, "shapes": shapes, "guards": [text for text in guards if len(text) <= LONGEST]}


def _in_python() -> ContextManager[Any]:
    """Operators made of others are taken apart in Python, where sizes may be symbols: LSTM, `F.interpolate`."""
    try:
        dispatcher = importlib.import_module("torch._dispatch.python").enable_python_dispatcher
    except (ImportError, AttributeError):
        return contextlib.ExitStack()
    made: ContextManager[Any] = dispatcher()
    return made


def _symbolic_tensor(torch: Any, symbolic: Any, mode: Any, spec: Spec, free: Set[int], number: int) -> Any:
    dynamic = symbolic.DimDynamic
    kinds = [dynamic.DYNAMIC if axis in free else dynamic.STATIC for axis in range(len(spec[1]))]
    context = symbolic.StatelessSymbolicContext(dynamic_sizes=kinds, constraint_sizes=[None] * len(kinds))
    source = importlib.import_module("torch._dynamo.source").ConstantSource("input{}".format(number))
    return mode.from_tensor(torch_calling.empty(torch, spec), symbolic_context=context, source=source)


def _told(size: Any) -> Any:
    return size if type(size) is int else str(size)


def dynamic_sizes(tensors: Sequence[Spec], second: Sequence[Spec]) -> List[Set[int]]:
    """Axes that are free: those which differ in the second call; without one, the batch and what is spatial."""
    if len(second) == len(tensors) and all(len(a[1]) == len(b[1]) for a, b in zip(tensors, second)):
        free = [{i for i, (x, y) in enumerate(zip(a[1], b[1])) if x != y} for a, b in zip(tensors, second)]
    else:
        free = [{0} | set(range(2, len(spec[1]))) if len(spec[1]) > 3 else {0} for spec in tensors]
    return [{i for i in axes if spec[1][i] not in (None, 0, 1)} for spec, axes in zip(tensors, free)]


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise OutOfTime inside of it once the process has computed for that long; without effect in other threads."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise OutOfTime()

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)

"""The ladder of calls: without numbers, with real ones where that is not enough, other sizes, symbols for sizes."""

import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

from . import torch_building, torch_calling, torch_devices, torch_symbolic
from .torch_building import Models
from .torch_calling import Spec

SLOW = 3.0
"""Processor seconds of a call after which no symbolic call is tried."""
MESSAGES = 5.0
"""Processor seconds that real calls for the sake of a better message may take, over all attempts of a target."""


class Body:
    """The answer for a target, while it grows."""

    def __init__(self, torch: Any, target: Dict[str, Any], job: Any) -> None:
        self.torch, self.target, self.job = torch, target, job
        self.models: Models = []
        self.mode = torch_calling.fake_mode()
        self.runs: List[Dict[str, Any]] = []
        self.failures: List[Dict[str, Any]] = []
        self.statements: List[Dict[str, Any]] = []
        self.outputs: Dict[int, Any] = {}
        self.probes: List[Dict[str, Any]] = []
        self.taking: List[Any] = []  # models that the attempt that worked fits
        self.filled = False
        self.built = "build"  # `script`: the file called its models itself
        self.cost = 0.0  # processor seconds of that attempt
        self.spent = 0.0  # and of all real calls

    def told(self, status: str) -> Dict[str, Any]:
        """The plain data of it."""
        return {
            "status": status,
            "runs": self.runs,
            "failures": self.failures,
            "statements": self.statements,
            "models": [torch_building.facts(self.torch, name, model, self.outputs) for name, model in self.models],
            "probes": self.probes,
        }


def by_itself(body: Body, called: Dict[int, Any]) -> None:
    """A script calls its models as it is meant to: `called` are the outputs by `id(module)`, seen while it ran."""
    mine = {id(module) for _, model in body.models for module in model.modules()}
    body.outputs.update((key, output) for key, output in called.items() if key in mine)
    if all(id(model) in called for _, model in body.models):
        body.built = "script"


def attempt(body: Body, number: int, given: Dict[str, Any], built: int) -> bool:
    """Call every model on the tensors; True where at least one takes them, and a run is recorded."""
    tensors = given["tensors"]
    rewind(body, built)
    begun = time.process_time()
    strategies, outputs = [], []
    for _, model in body.models:
        before = body.job.recorder.mark()
        seen: Dict[int, Any] = {}
        try:
            strategy, output = call(body, model, tensors, before, seen)
        except BaseException as error:
            rewind(body, before)
            body.failures.append(failure(body, error, "run", number))
            continue
        strategies.append(strategy)
        outputs.append(output)
        body.taking.append(model)
        body.outputs.update(seen)
    if not strategies:
        return False
    shapes = [torch_calling.sizes_of(spec) for spec in tensors]
    record(body, "real" if "real" in strategies else "fake", number, shapes, outputs[0])
    body.cost = time.process_time() - begun
    return True


def failure(body: Body, error: BaseException, phase: str, number: int = -1) -> Dict[str, Any]:
    """An exception as it is told; one that only says what this system has not got is none of the model's own."""
    told: Dict[str, Any] = body.job.failure(error, phase, number)
    reason = torch_devices.absent(error)
    return dict(told, phase="import", message=reason) if reason else told


def call(body: Body, model: Any, tensors: Sequence[Spec], mark: int, seen: Dict[int, Any]) -> Tuple[str, Any]:
    """(strategy, described output) by the ladder; raises the model's own exception, as real numbers give it."""
    torch = body.torch
    collecting = torch_building.outputs_of
    if any(torch_building.is_lazy(torch, p) for p in model.parameters()):
        torch_calling.materialise(torch, model, tensors)
        rewind(body, mark)
    error: Optional[BaseException] = None
    if body.mode is not None or torch_calling.is_meta(model):
        try:
            with collecting(torch, body.job, seen):
                output = torch_calling.fake(torch, model, tensors, body.mode)
            look_up(body, model, tensors)
            return "fake", body.job.recorder.describe(output)
        except BaseException as failed:
            error = failed
            if not worth_real(body, model, tensors, failed):
                raise
    rewind(body, mark)
    seen.clear()
    torch_calling.forget_cached(body.job.user_files)
    fill(body)
    begun = time.process_time()
    try:
        with collecting(torch, body.job, seen):
            output = torch_calling.real(torch, model, tensors)
        return "real", body.job.recorder.describe(output)
    except BaseException as failed:
        no_room = torch_building.out_of_memory(failed) or torch_calling.of_fakes(failed)
        if error is not None and no_room and not torch_calling.of_fakes(error):
            raise error from None
        raise failed from None
    finally:
        body.spent += time.process_time() - begun


def look_up(body: Body, model: Any, tensors: Sequence[Spec]) -> None:
    """Raise what a real call of a model with embeddings says of its indices: without numbers none is out of range.

    Models `self.positions(torch.arange(x.size(1)))` on more steps than there are positions.
    """
    embeddings = (body.torch.nn.Embedding, body.torch.nn.EmbeddingBag)
    if not any(isinstance(m, embeddings) for m in model.modules()) or not torch_calling.cheap(model, tensors):
        return
    begun = time.process_time()
    body.job.recorder.enabled = False
    torch_calling.forget_cached(body.job.user_files)
    fill(body)
    try:
        torch_calling.real(body.torch, model, tensors)
    except IndexError:
        raise
    except BaseException:  # the shapes are known; what else a real call needs is not asked
        return
    finally:
        torch_calling.forget_cached(body.job.user_files)
        body.job.recorder.enabled = True
        body.spent += time.process_time() - begun


def fill(body: Body) -> None:
    """Numbers in the parameters, once, before the first real call."""
    if not body.filled:
        body.filled = True
        for _, model in body.models:
            torch_calling.fill(body.torch, model)


def worth_real(body: Body, model: Any, tensors: Sequence[Spec], error: BaseException) -> bool:
    """After an error without numbers: a limit of such calls always is; for a better message where it costs little."""
    told = (MemoryError, SystemExit, KeyboardInterrupt, IndexError)
    if torch_calling.is_meta(model) or (isinstance(error, told) and not torch_calling.of_fakes(error)):
        return False
    if torch_calling.of_fakes(error):
        return torch_calling.elements(tensors) < torch_calling.LARGEST_REAL
    most = torch_calling.CHEAP_PARAMETERS if body.spent else torch_calling.ONCE_PARAMETERS
    return body.spent < MESSAGES and torch_calling.cheap(model, tensors, most)


def rewind(body: Body, mark: int) -> None:
    """Forget the visits after `mark`, and record on."""
    body.job.recorder.rewind(mark)
    body.job.recorder.enabled = True


def record(body: Body, strategy: str, number: int, shapes: List[Any], output: Any, guards: Sequence[str] = ()) -> None:
    """One run: everything visited since the recorder was last rewound, construction first."""
    taken = body.job.recorder.take(torch_building.owners(body.models))
    told = {"attempt": number, "strategy": strategy, "shapes": shapes, "output": output, "guards": list(guards)}
    body.runs.append(dict(told, **taken))


def again(body: Body, number: int, tensors: Sequence[Spec], built: int) -> None:
    """The same call with other sizes; a failure is a note, since only the first sizes are known to be meant."""
    rewind(body, built)
    first = body.runs[0]
    if time.time() + 2 * body.cost > body.job.deadline:
        body.job.notes.append("no time for the second sizes")
        return
    outputs = []
    for model in body.taking:
        before = body.job.recorder.mark()
        try:
            if first["strategy"] == "fake":
                output = torch_calling.fake(body.torch, model, tensors, body.mode)
            else:
                output = torch_calling.real(body.torch, model, tensors)
            outputs.append(body.job.recorder.describe(output))
        except BaseException as error:
            rewind(body, before)
            told = body.job.failure(error, "run", number)
            body.job.notes.append("second sizes: {type}: {message}".format(**told))
    if outputs:
        shapes = [torch_calling.sizes_of(spec) for spec in tensors]
        record(body, first["strategy"], number, shapes, outputs[0])


def symbols(body: Body, number: int, given: Dict[str, Any], built: int) -> None:
    """The call with symbols, of a target that is one model; that it cannot be made is a note."""
    if body.cost > SLOW or len(body.models) > 1 or torch_calling.is_meta(body.models[0][1]):
        return
    if time.time() + 2 * torch_symbolic.SECONDS > body.job.deadline:
        return
    rewind(body, built)
    torch_calling.forget_cached(body.job.user_files)
    try:
        found = torch_symbolic.run(body.torch, body.models[0][1], given["tensors"], given.get("second") or [])
        output = body.job.recorder.describe(found["output"])
        record(body, "symbolic", number, found["shapes"], output, found["guards"])
    except torch_symbolic.OutOfTime:
        body.job.notes.append("no symbolic run: more than {:.0f} s".format(torch_symbolic.SECONDS))
    except BaseException as error:
        text = str(error).strip().split("\n")[0][:200]
        body.job.notes.append("no symbolic run: {}: {}".format(type(error).__name__, text))

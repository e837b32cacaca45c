"""Behavioural probes of a torch module.

    run(build, tensors, job, call=None) -> [{"probe", "verdict", "detail", "paths"}]

build: makes the model afresh with its initialisers on, or None.  tensors: [name, shape, dtype, high] of every input.
call(model, tensors): how the model is called, where that is not `model(*tensors)`.  Nothing is recorded meanwhile.
"""

import importlib
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import probes, probes_outputs, probes_samples, torch_probe_layers, torch_probe_maps, torch_probe_wiring
from .probes import MOST_PARAMETERS, Given, NotRun, Output, Subject, result, survey
from .torch_probe_values import draw, flattened, inputs_of, open_gates, redraws, seed_all, settle_norms

Build = Optional[Callable[[], Any]]
Call = Callable[[Any, List[Any]], Any]
SLOW = 0.3
"""Processor seconds of one call above which half the precision has to do."""


def run(build: Build, tensors: Sequence[Sequence[Any]], job: Any, call: Optional[Call] = None) -> List[Dict[str, Any]]:
    """All probes, each by itself; within some 5 s of processor time."""
    torch = importlib.import_module("torch")

    recorder: Any = getattr(job, "recorder", None)
    recording, precision = getattr(recorder, "enabled", None), torch.get_default_dtype()
    made: Dict[str, Any] = {}

    def model() -> Any:
        if "model" not in made:
            made["model"] = built(build)
        return made["model"]

    def subject() -> Subject:
        if "failure" in made:
            raise NotRun(made["failure"])
        if "subject" not in made:
            try:
                made["model"], made["subject"] = subject_of(model(), build, tensors, call or positional)
            except Exception as error:
                made["failure"] = str(error) if isinstance(error, NotRun) else probes.brief(error)
                raise
        found: Subject = made["subject"]
        return found

    def net() -> Any:
        subject()
        return made["model"]

    ranges: List[probes_outputs.Reach] = []

    def reach() -> probes_outputs.Reach:
        if not ranges:
            ranges.append(probes_outputs.Reach(subject()))
        return ranges[0]

    try:
        if recording is not None:
            recorder.enabled = False
        return survey(
            [
                ("registration", lambda: torch_probe_wiring.registration(model())),
                ("evaluation determinism", lambda: evaluation_determinism(subject())),
                ("gradient flow", lambda: torch_probe_wiring.gradient_flow(net(), subject(), call or positional)),
                ("input preservation", lambda: probes_outputs.input_preservation(subject())),
                ("varying output", lambda: probes_outputs.varying_output(subject())),
                ("row per sample", lambda: probes_samples.row_per_sample(subject())),
                ("batch independence", lambda: probes_samples.batch_independence(subject())),
                ("sample permutation", lambda: probes_samples.sample_permutation(subject())),
                ("step independence", lambda: step_independence(subject())),
                ("input relevance", lambda: probes_samples.input_relevance(subject())),
                ("unit range", lambda: reach().unit_range()),
                ("row sum", lambda: reach().row_sum()),
                ("unclipped output", lambda: reach().unclipped_output()),
                ("nonlinearity", lambda: torch_probe_maps.nonlinearity(net(), subject())),
            ]
        )
    finally:
        torch.set_default_dtype(precision)
        if recording is not None:
            recorder.enabled = recording


def positional(model: Any, tensors: List[Any]) -> Any:
    return model(*tensors)


def built(build: Build) -> Any:
    """The module, in eval mode; NotRun for what has no weights to compute with."""
    torch = importlib.import_module("torch")

    if build is None:
        raise NotRun("the model cannot be built with initialised weights")
    seed_all(0)
    model = build()
    if not isinstance(model, torch.nn.Module):
        raise NotRun("{} is no torch module".format(type(model).__name__))
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if tensor.device.type != "cpu":
            raise NotRun("`{}` has no values: it is on the device {}".format(name, tensor.device))
    return model.eval()


def subject_of(model: Any, build: Build, tensors: Sequence[Sequence[Any]], call: Call) -> Tuple[Any, Subject]:
    """The model and what the probes see of it: in double precision unless it is too slow or the code forbids it."""
    torch = importlib.import_module("torch")

    givens = inputs_of(tensors)
    if any(lazy(p) for p in model.parameters()):
        with torch.no_grad():
            call(model, [draw(g, i, None, torch.float32) for i, g in enumerate(givens)])
    count = sum(p.numel() for p in model.parameters())
    if count > MOST_PARAMETERS:
        raise NotRun("too large: {:,} parameters".format(count))
    open_gates(model)
    torch.set_default_dtype(torch.float64)
    try:
        subject = precise(model.double(), givens, call, torch.float64)
        start = time.process_time()
        subject.trial(0)
        if time.process_time() - start <= SLOW:
            return model, subject
        model = model.float()
    except NotRun:
        raise
    except Exception:
        torch.set_default_dtype(torch.float32)
        model = built(build)
        open_gates(model)
    torch.set_default_dtype(torch.float32)
    return model, precise(model.float(), givens, call, torch.float32)


def lazy(parameter: Any) -> bool:
    return "Uninitialized" in type(parameter).__name__


def precise(model: Any, givens: List[Given], call: Call, dtype: Any) -> Subject:
    """The subject for one floating type.  NaN for some inputs is tried away with positive ones."""
    torch = importlib.import_module("torch")

    def outputs(inputs: List[Any], seed: int) -> List[Output]:
        return kept([x.clone() for x in inputs], seed)

    def kept(inputs: List[Any], seed: int) -> List[Output]:
        seed_all(seed)
        with torch.no_grad():
            return list(flattened(call(model, inputs)))

    def drawn(given: Given, seed: int, rows: Optional[int]) -> Any:
        return draw(given, seed, rows, dtype, positive)

    def traced(inputs: List[Any], seed: int) -> Any:
        return torch_probe_layers.trace(model, lambda: outputs(inputs, seed))

    double = dtype is torch.float64
    subject = Subject(
        outputs,
        drawn,
        givens,
        still=1e-11 if double else 1e-5,
        moved=1e-6 if double else 1e-3,
        redraw=redraws(model),
        trace=traced,
        mixers=torch_probe_layers.mixers(model),
        keep=kept,
    )
    positive = False
    settle_norms(model, lambda: outputs(subject.inputs(0), 0))
    positive = not all(probes.finite(array) for _, array in outputs(subject.inputs(0), 0))
    return subject


def evaluation_determinism(subject: Subject) -> Dict[str, Any]:
    """The generic probe; the random functions that were called are named, also in `paths`."""
    found = probes_outputs.evaluation_determinism(subject)
    if found["verdict"] != "violated":
        return found
    names = torch_probe_layers.random_functions(lambda: subject.call(subject.trial(0)[0], 0))
    text = "{}: {} stays active in eval()" if len(names) == 1 else "{}: {} stay active in eval()"
    return result("violated", text.format(found["detail"], ", ".join(names)) if names else found["detail"], names)


def step_independence(subject: Subject) -> Dict[str, Any]:
    """The generic probe; functions can mix steps by design just as layers do."""
    names = torch_probe_layers.mixing_functions(lambda: subject.call(subject.trial(0)[0], 0))
    subject.mixers += [("forward", name, False) for name in names]
    return probes_samples.step_independence(subject)

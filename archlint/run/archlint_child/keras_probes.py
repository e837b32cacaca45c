"""Behavioural probes of a Keras model.

    run(build, tensors, job, call=None) -> [{"probe", "verdict", "detail", "paths"}]

build: gives a model whose weights have values (see `real_weights`), or None.  tensors: [name, shape, dtype, high] of
every input, None among the sizes allowed; empty: those of `model.inputs`.  call(model, arrays): how the model is
called, where that is not `model(arrays, training=False)`.  Gradients and in-place changes are left to torch.
"""

import contextlib
import importlib
import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from . import probes_outputs, probes_samples
from .keras_probe_layers import layer_use, mixers, redundant_wrapper
from .keras_probe_values import declared, flattened, open_gates, redraws, seed_all, size_of
from .probes import MOST_PARAMETERS, NotRun, Output, Subject, brief, survey
from .probes_arrays import draw, inputs_of

Build = Optional[Callable[[], Any]]
Call = Callable[[Any, List[Any]], Any]
SLOW = 0.05
"""Processor seconds of one call above which compiling it pays."""


def run(build: Build, tensors: Sequence[Sequence[Any]], job: Any, call: Optional[Call] = None) -> List[Dict[str, Any]]:
    """All probes, each by itself; within some 5 s of processor time.  Nothing is recorded meanwhile."""
    recorder: Any = getattr(job, "recorder", None)
    recording = getattr(recorder, "enabled", None)
    made: Dict[str, Any] = {}

    def subject() -> Subject:
        if "failure" in made:
            raise NotRun(made["failure"])
        if "subject" not in made:
            try:
                made["model"] = built(build)
                made["subject"] = subject_of(made["model"], tensors, call or plainly)
                made["reach"] = probes_outputs.Reach(made["subject"])
            except Exception as error:
                made["failure"] = str(error) if isinstance(error, NotRun) else brief(error)
                raise
        found: Subject = made["subject"]
        return found

    def reach() -> probes_outputs.Reach:
        subject()
        found: probes_outputs.Reach = made["reach"]
        return found

    try:
        if recording is not None:
            recorder.enabled = False
        return survey(
            [
                ("evaluation determinism", lambda: evaluation_determinism(subject(), made["model"], call)),
                ("layer use", lambda: layer_use(subject(), made["model"])),
                ("redundant wrapper", lambda: redundant_wrapper(subject(), made["model"])),
                ("varying output", lambda: probes_outputs.varying_output(subject())),
                ("row per sample", lambda: probes_samples.row_per_sample(subject())),
                ("batch independence", lambda: probes_samples.batch_independence(subject())),
                ("sample permutation", lambda: probes_samples.sample_permutation(subject())),
                ("step independence", lambda: probes_samples.step_independence(subject())),
                ("input relevance", lambda: probes_samples.input_relevance(subject())),
                ("unit range", lambda: reach().unit_range()),
                ("row sum", lambda: reach().row_sum()),
                ("unclipped output", lambda: reach().unclipped_output()),
            ]
        )
    finally:
        if recording is not None:
            recorder.enabled = recording


def plainly(model: Any, arrays: List[Any]) -> Any:
    return model(arrays[0] if len(arrays) == 1 else arrays, training=False)


def built(build: Build) -> Any:
    """The model.  One without any weights is fine."""
    if build is None:
        raise NotRun("the model cannot be built with initialised weights")
    seed_all(0)
    model = build()
    if model is None:
        raise NotRun("there is not one single model")
    if not hasattr(model, "layers") and not hasattr(model, "weights"):
        raise NotRun("{} is no Keras model".format(type(model).__name__))
    return model


def subject_of(model: Any, tensors: Sequence[Sequence[Any]], call: Call) -> Subject:
    """What the probes see of the model: single precision, as Keras computes."""
    givens = inputs_of(tensors or declared(model))

    def outputs(inputs: List[Any], seed: int) -> List[Output]:
        seed_all(seed)
        return list(flattened(call(model, [x.copy() for x in inputs])))

    if not getattr(model, "built", True):
        outputs([draw(given, i, None) for i, given in enumerate(givens)], 0)
    weights = list(getattr(model, "trainable_weights", ()))
    count = sum(size_of(w) for w in weights)
    if count > MOST_PARAMETERS:
        raise NotRun("too large: {:,} parameters".format(count))
    open_gates(weights)
    redraw = redraws(weights) if count <= MOST_PARAMETERS // 5 else None
    return Subject(outputs, draw, givens, still=1e-5, moved=1e-3, redraw=redraw, mixers=mixers(model))


def evaluation_determinism(subject: Subject, model: Any, call: Optional[Call]) -> Dict[str, Any]:
    """The generic probe.  The other probes may call a compiled model, in which random numbers are frozen."""
    found = probes_outputs.evaluation_determinism(subject)
    inputs, _ = subject.trial(0)
    start = time.process_time()
    subject.call(inputs, 0)
    if call is None and time.process_time() - start > SLOW:
        with contextlib.suppress(Exception):
            step = compiled(model)
            step(inputs)
            subject.call = lambda inputs, seed: list(flattened(step(inputs)))
    return found


def compiled(model: Any) -> Callable[[List[Any]], Any]:
    """The model as one function of jax, which else compiles the loop of an LSTM anew in every call."""
    keras = importlib.import_module("keras")
    if keras.backend.backend() != "jax":
        raise NotRun("not of jax")

    def forward(weights: Any, state: Any, arrays: Any) -> Any:
        return model.stateless_call(weights, state, arrays, training=False)[0]

    step = importlib.import_module("jax").jit(forward)

    def called(arrays: List[Any]) -> Any:
        weights, state = ([v.value for v in own] for own in (model.trainable_variables, model.non_trainable_variables))
        return step(weights, state, arrays[0] if len(arrays) == 1 else arrays)

    return called

"""Keras models: scripts, functions that return models, subclasses; Keras 3 on any backend, older ones as they are."""

import re
import time
from typing import Any, Callable, Dict, List, Optional

from . import keras_building, keras_deferral, keras_inputs, keras_start, keras_tensorflow, keras_watch
from .keras_building import Built
from .keras_start import Started

LARGEST, LARGEST_INPUT = 10**8, 5 * 10**6
"""Parameters, and numbers of the input, above which a model is not run on numbers."""

OF_STAND_INS = frozenset(["AttributeError", "TypeError", "NotImplementedError", "KeyError", "ModuleNotFoundError"])
WRAPPED = "Error encountered:\n\n"
"""Keras: "Could not automatically infer the output shape of 'block' … Error encountered: …"."""
ABOUT_SIZES = ("incompatible shapes", "dot_general", "size of tensor", "shapes cannot be multiplied", "broadcast")
"""In messages of jax and torch, which raise a TypeError or RuntimeError where sizes do not fit."""

_started: List[Started] = []
_given: List[Any] = []


def setup(header: Dict[str, Any]) -> str:
    """Imports Keras: "keras 3.15.1 (jax)".  Raises ImportError with what is missing."""
    _started[:] = [keras_start.start(header)]
    return _started[0].text


def tensor(spec: List[Any]) -> Any:
    """The symbolic input for [name, shape, dtype, high]."""
    _given.append(keras_inputs.symbolic(_started[0].keras, spec))
    return _given[-1]


def run(target: Dict[str, Any], job: Any) -> Dict[str, Any]:
    """The body of the result.  A run without an attempt has the number -1."""
    started = _started[0]
    keras_start.begin(started)
    uses_tensorflow = any("tensorflow" in text for text in job.files.values())
    if started.modern and uses_tensorflow and "tensorflow" not in started.text:
        keras_tensorflow.stand_in(started.keras)
        started.notes.add("tensorflow was stood in for by keras.ops: this Keras runs on another backend")
    body = run_script(started, target, job) if target["kind"] == "script" else run_definition(started, target, job)
    body["notes"] = sorted(started.notes)
    body["failures"] = [
        as_raised(one, uses_tensorflow and "tensorflow" not in started.text) for one in body["failures"]
    ]
    return body


def as_raised(failure: Dict[str, Any], stood_in: bool) -> Dict[str, Any]:
    """With the message of the first exception, not that of Keras around it.

    A failure that a stand-in may have caused is told as one of the imports: nothing follows from it.

    stood_in: `keras.ops` took the place of TensorFlow, so that a method which only its tensors have is no mistake.
    """
    about_sizes = any(word in failure["message"] for word in ABOUT_SIZES)
    failure = dict(failure, message=innermost_message(failure["message"]))
    if "which is not installed>" in failure["message"] or (
        stood_in and failure["type"] in OF_STAND_INS and not about_sizes
    ):
        return dict(failure, phase="import")
    return failure


def innermost_message(message: str) -> str:
    """What was raised first, without what Keras 2 and 3 write around it on the way out of each layer."""
    message = message.split(WRAPPED)[-1]
    while message.startswith("Exception encountered when calling") and "\n\n" in message:
        message = message.partition("\n\n")[2]
        message = re.split(r"\n\n(?:Call a|A)rguments received by ", message)[0]
    return message


def run_script(started: Started, target: Dict[str, Any], job: Any) -> Dict[str, Any]:
    """Every model that the file makes when it is run; a statement that fails is skipped."""
    passes = started.watch.begin(job.recorder, job.user_files)
    namespace, statements = job.run_script(target["path"])
    models = keras_watch.named_in(namespace, keras_watch.outermost_models(started.watch))
    built = Built(models, passes)
    attempt, failures = -1, model_failures(started, job, statements)
    for number, one in enumerate(target.get("attempts") or []):
        if built.callable is None or failures:
            break
        try:
            keras_building.call(started, built, one["tensors"])
            attempt = number
            break
        except Exception:  # the program itself never calls it: a guess that does not fit says nothing
            continue
    shapes = keras_building.shapes_of(models)
    if attempt >= 0:
        shapes = [spec[1] for spec in target["attempts"][attempt]["tensors"]]
    with started.watch.unseen():
        runs = [keras_building.one_run(built, job.user_files, attempt, "build", shapes)]
        facts = keras_building.facts(built, job.user_files)
    if not models and not failures:
        failures = statements[:1]
    body: Dict[str, Any] = {"runs": runs, "failures": failures, "statements": statements, "models": facts}
    if job.probe and len(models) == 1 and not failures and keras_building.weight(built) <= LARGEST:

        def again() -> Any:
            keras_start.begin(started)
            started.watch.begin(job.recorder, job.user_files)
            job.run_script(target["path"])
            made = keras_watch.outermost_models(started.watch)
            return made[0] if len(made) == 1 else None

        body["probes"] = probed(started, job, again, target["attempts"][attempt]["tensors"] if attempt >= 0 else [])
    return dict(body, status="failed" if failures else "ran")


def model_failures(started: Started, job: Any, statements: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The first exception of a layer or model that the program did not handle itself."""
    unhandled = {(one["type"], one["message"]) for one in statements}
    for exc in started.watch.errors:
        failure = job.failure(exc, "build")
        if (failure["type"], failure["message"]) in unhandled:
            return [failure]
    return []


def run_definition(started: Started, target: Dict[str, Any], job: Any) -> Dict[str, Any]:
    """A class or function: made anew for each attempt, and for the second sizes of the one that worked."""
    try:
        made = job.find(job.load(target["path"]), target["name"])
    except BaseException as exc:
        return {"failures": [job.failure(exc, "import")]}
    missing = job.missing_base(made)
    if missing:
        return {"failures": [job.failure(ModuleNotFoundError("its base class %s is not installed" % missing), "build")]}
    failures: List[Dict[str, Any]] = []
    for number, attempt in enumerate(target.get("attempts") or [{"tensors": []}]):
        tried = attempted(started, made, job, attempt["tensors"], number)
        if tried.failure is None:
            return reported(started, made, job, tried, attempt, failures)
        failures.append(tried.failure)
        if tried.failure["phase"] == "build":
            break  # no input would help
    return {"failures": failures}


class Tried:
    """One attempt: what was built and called, or why not.  number: of the attempt, -1 if no input was needed."""

    def __init__(self, built: Any, strategy: str, number: int, failure: Optional[Dict[str, Any]]) -> None:
        self.built, self.strategy, self.number, self.failure = built, strategy, number, failure


def attempted(started: Started, made: Any, job: Any, specs: List[Any], number: int) -> Tried:
    """What fails on symbolic inputs is tried on numbers: then the failure is the one that the user would see."""
    try:
        built = keras_building.build(started, made, job, _given)
    except BaseException as exc:
        return Tried(None, "", number, job.failure(exc, "build", number if specs else -1))
    if built.callable is None or not specs:
        return Tried(built, "build", -1, None)
    try:
        keras_building.call(started, built, specs)
        return Tried(built, "build", number, None)
    except BaseException as exc:
        first = job.failure(exc, "run", number)
    costly = keras_inputs.elements(specs) > LARGEST_INPUT or keras_building.weight(built) > LARGEST
    if costly or not started.modern:
        return Tried(None, "", number, first)
    try:
        with keras_deferral.real_weights():
            built = keras_building.build(started, made, job, _given)
            keras_building.call_on_numbers(built, specs)
        return Tried(built, "real", number, None)
    except MemoryError:
        return Tried(None, "", number, first)
    except BaseException as exc:
        return Tried(None, "", number, job.failure(exc, "run", number))


def reported(
    started: Started, made: Any, job: Any, tried: Tried, attempt: Dict[str, Any], failures: List[Dict[str, Any]]
) -> Dict[str, Any]:
    """The body for an attempt that worked, with the run on its second sizes."""
    built = tried.built
    with started.watch.unseen():
        shapes = (
            [spec[1] for spec in attempt["tensors"]] if tried.number >= 0 else keras_building.shapes_of(built.models)
        )
        runs = [keras_building.one_run(built, job.user_files, tried.number, tried.strategy, shapes)]
        models = keras_building.facts(built, job.user_files)
    second = attempt.get("second") or []
    if built.callable is not None and tried.number < 0:
        job.notes.append("no input is known: only its construction ran")
    if second and tried.number >= 0 and time.time() < job.deadline:
        other = attempted(started, made, job, second, tried.number)
        if other.failure is None:
            with started.watch.unseen():
                sizes = [spec[1] for spec in second]
                runs.append(keras_building.one_run(other.built, job.user_files, tried.number, other.strategy, sizes))
        else:
            job.notes.append("with its second sizes it failed: %s" % other.failure["message"])
    body: Dict[str, Any] = {"runs": runs, "failures": failures, "models": models}
    if job.probe:
        specs = attempt["tensors"] if tried.number >= 0 else []

        def again() -> Any:
            fresh = keras_building.build(started, made, job, _given)
            if fresh.callable is not None and specs:
                keras_building.call_on_numbers(fresh, specs)
            return fresh.models[0][1] if len(fresh.models) == 1 else None

        affordable = keras_building.weight(built) <= LARGEST
        body["probes"] = probed(started, job, again, specs) if affordable else []
    return body


def probed(started: Started, job: Any, make: Callable[[], Any], specs: List[List[Any]]) -> List[Dict[str, Any]]:
    """Behavioural probes of a fresh instance whose weights have values, which `make` gives."""
    from . import keras_probes

    names = [spec[0] for spec in specs]

    def call(model: Any, arrays: List[Any]) -> Any:
        args, kwargs = keras_inputs.arranged(model, names or [""] * len(arrays), arrays)
        return model(*args, **kwargs)

    def fresh() -> Any:
        model = make()
        started.watch.passes = None
        return model

    job.recorder.enabled = False
    with keras_deferral.real_weights():
        probes: List[Dict[str, Any]] = keras_probes.run(fresh, specs, job, call if len(specs) > 1 else None)
    return probes

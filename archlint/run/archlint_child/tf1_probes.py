"""Behavioural probes of a TF 1 graph.

    run(inputs, outputs, job) -> [{"probe", "verdict", "detail", "paths"}]

inputs, outputs: placeholders and result tensors of the default graph, which is run in a session of its own.  Sizes that
a placeholder leaves open are chosen; where it states the number of samples, what needs other numbers is not run.
"""

import importlib
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import probes_outputs, probes_samples
from .probes import MOST_PARAMETERS, NotRun, Output, Subject, brief, survey
from .probes_arrays import draw, far, inputs_of

SIDEWAYS = ("Conv", "Pool", "MatMulV2", "BatchMatMul", "Reverse", "SpaceToBatch")
"""Types of operations that can let every step of a sequence see the others."""
LOOPS = ("While", "StatelessWhile", "Enter")


def run(inputs: Sequence[Any], outputs: Sequence[Any], job: Any) -> List[Dict[str, Any]]:
    """All probes, each by itself; within some 5 s of processor time."""
    made: Dict[str, Any] = {}

    def subject() -> Subject:
        if "failure" in made:
            raise NotRun(made["failure"])
        if "subject" not in made:
            try:
                made["session"], made["subject"] = subject_of(inputs, outputs)
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
        return survey(
            [
                ("evaluation determinism", lambda: probes_outputs.evaluation_determinism(subject())),
                ("unclipped output", lambda: reach().unclipped_output()),
                ("varying output", lambda: probes_outputs.varying_output(subject())),
                ("row per sample", lambda: probes_samples.row_per_sample(subject())),
                ("batch independence", lambda: probes_samples.batch_independence(subject())),
                ("sample permutation", lambda: probes_samples.sample_permutation(subject())),
                ("step independence", lambda: probes_samples.step_independence(subject())),
                ("input relevance", lambda: probes_samples.input_relevance(subject())),
                ("unit range", lambda: reach().unit_range()),
                ("row sum", lambda: reach().row_sum()),
            ]
        )
    finally:
        if "session" in made:
            made["session"].close()


def subject_of(inputs: Sequence[Any], outputs: Sequence[Any]) -> Tuple[Any, Subject]:
    """A session with initialised variables, and what the probes see of the graph."""
    v1 = importlib.import_module("tensorflow.compat.v1")
    dense = [
        tensor for tensor in outputs if tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_bool
    ]
    weights = v1.trainable_variables()
    count = sum(int(w.shape.num_elements() or 0) for w in weights)
    if count > MOST_PARAMETERS:
        raise NotRun("too large: {:,} parameters".format(count))
    if not dense:
        raise NotRun("the model returns no tensor")
    givens = inputs_of([spec_of(tensor) for tensor in inputs])
    session = v1.Session(config=v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1))
    session.run([v1.global_variables_initializer(), v1.local_variables_initializer(), v1.tables_initializer()])

    def call(arrays: List[Any], seed: int) -> List[Output]:
        values = session.run(dense, dict(zip(inputs, arrays)))
        names = ["[{}]".format(i) if len(dense) > 1 else "" for i in range(len(dense))]
        return [(name, value.astype("float64")) for name, value in zip(names, values)]

    redraw = redraws(session, weights) if count <= MOST_PARAMETERS // 5 else None
    mixers = mixers_of(v1.get_default_graph())
    return session, Subject(call, draw, givens, still=1e-5, moved=1e-3, redraw=redraw, mixers=mixers)


def spec_of(tensor: Any) -> List[Any]:
    """[name, shape, dtype, high] of a placeholder."""
    if tensor.shape.ndims is None:
        raise NotRun("the shape of {} is not known".format(tensor.op.name))
    return [tensor.op.name, tensor.shape.as_list(), tensor.dtype.name, None]


def redraws(session: Any, weights: Sequence[Any]) -> Callable[[Optional[int]], None]:
    """Sets all trainable variables to random values, far enough from zero that only an activation limits a head."""
    numpy = importlib.import_module("numpy")

    first: List[Any] = []

    def redraw(seed: Optional[int]) -> None:
        if not first:
            first.extend(session.run(list(weights)) if weights else [])
        generator = numpy.random.RandomState(seed or 0)
        for weight, value in zip(weights, first):
            if seed is None:
                weight.load(value, session)
                continue
            weight.load(far(value, generator, seed), session)

    return redraw


def mixers_of(graph: Any) -> List[Tuple[str, str, bool]]:
    """Operations that mix the steps of a sequence: name, type, whether only later steps see earlier ones."""
    found = []
    for operation in graph.get_operations():
        if operation.type in LOOPS:
            found.append((operation.name, operation.type, True))
        elif any(operation.type.startswith(word) for word in SIDEWAYS):
            found.append((operation.name, operation.type, False))
    return found

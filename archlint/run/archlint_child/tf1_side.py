"""TensorFlow 1, tf_slim and tf.contrib: on a TensorFlow 1, or on a current one under the names of 1.

A model is the graph that a function, a class or a script builds.  Nothing is run in a session.
"""

import importlib
import importlib.util
import os
import sys
import time
import warnings
from typing import Any, Dict, List, Sequence, Tuple

from . import (
    tf1_calls,
    tf1_contrib,
    tf1_contrib_functions,
    tf1_datasets,
    tf1_estimator,
    tf1_graph,
    tf1_inert,
    tf1_modules,
    tf1_names,
    tf1_training,
)
from .recorder import describe

Spec = List[Any]
"""[name, shape, dtype, high] of a tensor."""
PART_OF_TIME = 0.6
"""After this part of a target's time, training loops are left: what was built by then is still told."""


class Engine(object):
    """What the zygote prepared.  v1: the names of TensorFlow 1; native: they are TensorFlow 1's own."""

    def __init__(self, v1: Any, native: bool, training: Any, graphs: Any) -> None:
        self.v1, self.native, self.training, self.graphs = v1, native, training, graphs

    def explained(self, exc: BaseException) -> BaseException:
        """An exception that is due to the stand-ins, as NotAvailable."""
        return exc if self.native else tf1_modules.not_there(exc)


prepared: List[Engine] = []


def setup(header: Dict[str, Any]) -> str:
    """Import TensorFlow and build a small graph, so that children find everything loaded.

    Raises ImportError where there is no TensorFlow.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    if importlib.util.find_spec("tf_keras") is not None:
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
    warnings.simplefilter("ignore")  # half of TensorFlow 1 is deprecated
    tf = importlib.import_module("tensorflow")
    version = tf.__version__
    if version.startswith("1."):
        tf, details = native(tf)
    else:
        tf, details = renamed(tf)
    v1 = tf1_modules.optional("tensorflow.compat.v1") or tf  # before 1.13 there is none
    v1.logging.set_verbosity(v1.logging.FATAL)
    training = tf1_training.install(tf, v1)
    tf1_datasets.install(v1, tf)
    estimators(tf, v1)
    warm(v1, tf)
    prepared[:] = [Engine(v1, version.startswith("1."), training, tf1_graph.Graphs(v1))]
    return "tensorflow %s%s" % (version, " (%s)" % ", ".join(details) if details else "")


def native(tf: Any) -> Tuple[Any, List[str]]:
    """TensorFlow 1 as it is; `import tf_slim`, where it is not installed, is `tf.contrib.slim`."""
    try:
        slim = importlib.import_module("tensorflow.contrib.slim")
    except ImportError:  # before 1.0
        return tf, []
    if importlib.util.find_spec("tf_slim") is None:
        sys.modules["tf_slim"] = slim
        return tf, ["tf_slim is tf.contrib.slim"]
    return tf, []


def renamed(v2: Any) -> Tuple[Any, List[str]]:
    """A current TensorFlow under the names of 1."""
    v1 = importlib.import_module("tensorflow.compat.v1")
    tf = tf1_names.install(v1, v2)
    slim = tf1_contrib.install(tf, v1, v2)
    details = ["as TF 1", "without tf_slim" if slim is None else ("tf_slim " + slim).strip()]
    if getattr(v1.nn.rnn_cell, "LSTMCell", None) is None:  # Keras 3 alone
        details.append("without tf_keras: no tf.layers, no batch_norm, no RNN cells")
    return tf, details


def estimators(tf: Any, v1: Any) -> None:
    """`tf.estimator`, which a current TensorFlow has no longer, without its training."""
    own = getattr(tf, "estimator", None)
    if own is not None and hasattr(own, "Estimator"):
        tf1_estimator.make_inert(v1, own.Estimator, own)
        return
    for owner in (tf, v1):
        owner.estimator = tf1_estimator.stand_in(v1)
    sys.modules["tensorflow.estimator"] = tf.estimator


def warm(v1: Any, tf: Any) -> None:
    """Load what TensorFlow loads late: the layers, the cells.  No session: its threads would not survive a fork."""
    with v1.Graph().as_default():
        images = v1.placeholder(v1.float32, [None, 8, 8, 3])
        try:
            contrib = tf.contrib.layers
            net = contrib.batch_norm(contrib.conv2d(images, 4, 3))
            contrib.fully_connected(contrib.flatten(contrib.max_pool2d(net, 2)), 2)
            cell = v1.nn.rnn_cell.LSTMCell(3)
            v1.nn.dynamic_rnn(cell, v1.placeholder(v1.float32, [None, 5, 3]), dtype=v1.float32)
        except (AttributeError, ImportError, NotImplementedError):
            pass  # without tf_slim or tf_keras: those who need it will be told


def run(target: Dict[str, Any], job: Any) -> Dict[str, Any]:
    """Build the target's graph: the body of the result."""
    engine = prepared[0]
    engine.training.deadline = time.time() + max(0.0, job.deadline - time.time()) * PART_OF_TIME
    tf1_graph.fresh(engine.v1)
    del engine.graphs.made[:-1]
    if target["kind"] == "script":
        return run_script(engine, target, job)
    try:
        with engine.training.patient():
            module = job.load(target["path"])
        made = job.find(module, target["name"])
        scope = job.find(module, target["arg_scope"]) if target.get("arg_scope") else None
    except BaseException as exc:
        return {"status": "failed", "failures": [job.failure(engine.explained(exc), "import")]}
    return run_calls(engine, target, job, made, scope)


def run_script(engine: Engine, target: Dict[str, Any], job: Any) -> Dict[str, Any]:
    """The file itself, statement by statement; every graph with variables is a model."""
    notes: List[str] = []

    def cut(exc: BaseException, *rest: Any) -> bool:
        """A training loop that was left is no failure."""
        if isinstance(exc, tf1_inert.TrainingCut):
            notes.append("a training loop was %s" % exc)
        return isinstance(exc, tf1_inert.TrainingCut)

    _, statements = job.run_script(target["path"], cut)
    name = os.path.splitext(os.path.basename(target["path"]))[0]
    graphs = engine.graphs.with_variables(engine.v1)
    models = [tf1_graph.model_of(engine.v1, graph, name, "script") for graph in graphs]
    body = dict(job.recorder.take({}), attempt=-1, strategy="build", shapes=[], output=None, guards=[])
    return {"status": "ran", "runs": [body], "statements": statements, "models": models, "notes": notes}


def run_calls(engine: Engine, target: Dict[str, Any], job: Any, made: Any, scope: Any) -> Dict[str, Any]:
    """A function or class: the first attempt that works, then its second sizes, each in a graph of its own."""
    body: Dict[str, Any] = {"status": "failed", "runs": [], "failures": [], "models": [], "notes": [], "probes": []}
    attempts: Sequence[Dict[str, Any]] = target.get("attempts") or [{"tensors": []}]
    for number, attempt in enumerate(attempts):
        index = number if target.get("attempts") else -1
        call = tf1_calls.Call(engine, target, job, made, scope)
        try:
            body["runs"].append(one_run(call, attempt["tensors"], index))
        except BaseException as exc:
            exc = engine.explained(exc)
            body["failures"].append(job.failure(exc, call.phase, index))
            if isinstance(exc, tf1_modules.NotAvailable):
                break
            continue
        body["models"] = [tf1_graph.model_of(engine.v1, call.graph, target["name"], call.cls)]
        body["notes"] += call.notes
        second = tf1_calls.Call(engine, target, job, made, scope)
        if attempt.get("second"):
            try:
                body["runs"].append(one_run(second, attempt["second"], index))
            except BaseException as exc:
                body["notes"].append("with the second sizes: %s: %s" % (type(exc).__name__, exc))
        body["status"] = "ran"
        try:
            body["probes"] = probes(engine, call, job, attempt["tensors"])
        except BaseException as exc:
            body["notes"].append("no probes: %s: %s" % (type(exc).__name__, exc))
        break
    return body


def one_run(call: Any, tensors: Sequence[Spec], attempt: int) -> Dict[str, Any]:
    """One graph; raises what the program raises."""
    output = call.make(tensors)
    body = dict(call.job.recorder.take(call.owners()), attempt=attempt, strategy="build", guards=[])
    return dict(body, shapes=[tf1_graph.shape_of(each) for each in call.inputs], output=describe(output))


def probes(engine: Engine, call: Any, job: Any, tensors: Sequence[Spec]) -> List[Dict[str, Any]]:
    """Behavioural probes, on a graph with an open batch where the model has none of its own."""
    if not job.probe:
        return []
    opened = [[spec[0], [None] + list(spec[1][1:])] + list(spec[2:]) if spec[1] else spec for spec in tensors]
    try:
        call = tf1_calls.Call(engine, call.target, job, call.called, call.scope)
        call.make(opened)
    except Exception:  # `tf.zeros([x.shape[0], 10])`
        call = tf1_calls.Call(engine, call.target, job, call.called, call.scope)
        call.make(tensors)
    outputs = list(tf1_graph.tensors_in(engine.v1, call.output))
    stands_in = tf1_contrib_functions.APPROXIMATE
    if not (outputs and call.inputs) or any(stands_in in each.name for each in call.graph.get_operations()):
        return []
    tf1_probes = importlib.import_module(".tf1_probes", __package__)
    with engine.training.alive():
        return list(tf1_probes.run(call.inputs, outputs, job))

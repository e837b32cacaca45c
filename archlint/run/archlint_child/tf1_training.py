"""What a program does with a graph once it stands, all of it inert: training, checkpoints, summaries, `tf.app.run`."""

import sys
import types
from typing import Any, Callable, Dict, List

from . import tf1_inert
from .tf1_modules import optional


def install(tf: Any, v1: Any) -> tf1_inert.Training:
    """Make a TensorFlow inert (1, or 2 under the names of 1); the switch that lets its sessions run."""
    training = tf1_inert.Training()
    tf1_inert.sessions(v1, training)
    loops(tf, v1, training)
    files(tf, v1)
    keras_training(v1)
    application(tf, v1)
    return training


def loops(tf: Any, v1: Any, training: tf1_inert.Training) -> None:
    """What starts threads, reads checkpoints or trains on its own."""

    class Coordinator(v1.train.Coordinator):  # type: ignore[misc]
        def should_stop(self) -> bool:
            return bool(super(Coordinator, self).should_stop()) or training.should_stop()

    class MonitoredSession(v1.Session):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super(MonitoredSession, self).__init__()

        def should_stop(self) -> bool:
            return training.should_stop()

        def __exit__(self, kind: Any, value: Any, trace: Any) -> bool:
            """The end of the data ends the block without an error."""
            super(MonitoredSession, self).__exit__(kind, value, trace)
            return isinstance(value, (v1.errors.OutOfRangeError, StopIteration))

        def run_step_fn(self, step: Callable[..., Any]) -> None:
            """The step would be given the session's own context."""

    class Supervisor(object):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.coord, self.saver, self.global_step = Coordinator(), None, v1.train.get_global_step()

        def managed_session(self, *args: Any, **kwargs: Any) -> Any:
            return MonitoredSession()

        prepare_or_wait_for_session = managed_session

        def should_stop(self) -> bool:
            return bool(self.coord.should_stop())

        def __getattr__(self, name: str) -> Callable[..., None]:
            return nothing

    changed: Dict[str, Any] = {"Coordinator": Coordinator, "Supervisor": Supervisor, "start_queue_runners": no_list}
    for name in ("MonitoredSession", "MonitoredTrainingSession", "SingularMonitoredSession"):
        changed[name] = MonitoredSession
    for place in places(tf, v1, "train"):
        for name, value in changed.items():
            setattr(place, name, value)
    saver = v1.train.Saver
    saver.save, saver.restore = (lambda self, *a, **k: "checkpoint"), nothing
    for slim in (optional("tf_slim"), optional("tensorflow.contrib.slim")):
        for module in (getattr(slim, "learning", None), getattr(slim, "evaluation", None)):
            for name in ("train", "evaluate_once", "evaluation_loop"):
                if isinstance(getattr(module, name, None), types.FunctionType):
                    setattr(module, name, lambda *a, **k: 0.0)


def places(tf: Any, v1: Any, name: str) -> List[Any]:
    """`tf.train` and `tf.compat.v1.train`, which are two modules in TensorFlow 1."""
    found = [getattr(owner, name, None) for owner in (tf, v1)]
    return [each for each in found if each is not None]


def files(tf: Any, v1: Any) -> None:
    """What writes: summaries, graphs, directories."""
    for place in places(tf, v1, "summary"):
        place.FileWriter = place.FileWriterCache = Writer
    for place in [*places(tf, v1, "gfile"), getattr(getattr(v1, "io", None), "gfile", None)]:
        for name in ("MakeDirs", "MkDir", "DeleteRecursively", "Remove", "makedirs", "mkdir", "rmtree", "remove"):
            if hasattr(place, name):
                setattr(place, name, nothing)
    for place in [*places(tf, v1, "train"), *places(tf, v1, "io")]:
        place.write_graph = nothing


class Writer(object):
    """`tf.summary.FileWriter` that writes nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.closed = False

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.closed = True

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return nothing


def keras_training(v1: Any) -> None:
    """`model.fit` and what else of Keras would run the graph."""
    try:
        model = v1.keras.Model
    except (AttributeError, ImportError):
        return
    for name in ("fit", "fit_generator", "evaluate", "evaluate_generator", "train_on_batch", "test_on_batch"):
        setattr(model, name, nothing)
    for name in ("save", "save_weights", "load_weights", "set_weights"):
        setattr(model, name, nothing)
    for name in ("predict", "predict_on_batch"):
        setattr(
            model, name, lambda self, x=None, *a, **k: tf1_inert.answer(None, self.outputs, tf1_inert.rows_of({0: x}))
        )


def application(tf: Any, v1: Any) -> None:
    """`tf.app.run()` calls the script's main, and comes back."""

    def run(main: Any = None, argv: Any = None, **kwargs: Any) -> None:
        if flags is not None and not flags.FLAGS.is_parsed():
            flags.FLAGS(["script"], known_only=True)
        call = main or getattr(sys.modules["__main__"], "main", None)
        if call is not None:
            call(argv or ["script"])

    flags = optional("absl.flags")
    for place in [*places(tf, v1, "app"), optional("absl.app")]:
        if place is not None:
            place.run = run


def nothing(*args: Any, **kwargs: Any) -> None:
    """Stands for what must not happen."""


def no_list(*args: Any, **kwargs: Any) -> List[Any]:
    """Stands for threads that are not started."""
    return []

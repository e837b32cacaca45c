"""`tf.estimator`: an Estimator that builds its graph and trains nothing."""

import collections
import inspect
import types
from typing import Any, Dict, Tuple

from .tf1_modules import Names

MODES = {"train": "train", "evaluate": "eval", "predict": "infer"}


class ModeKeys(object):
    """What `model_fn` is called for."""

    TRAIN, EVAL, PREDICT = "train", "eval", "infer"


SPEC = (
    "mode", "predictions", "loss", "train_op", "eval_metric_ops", "export_outputs", "training_chief_hooks",
    "training_hooks", "scaffold", "evaluation_hooks", "prediction_hooks",
)  # fmt: skip


class EstimatorSpec(collections.namedtuple("EstimatorSpec", SPEC)):  # type: ignore[misc]
    """What `model_fn` returns."""

    __slots__ = ()

    def __new__(cls, mode: Any, *args: Any, **kwargs: Any) -> Any:
        values = dict(dict.fromkeys(SPEC), **kwargs)
        values.update(zip(SPEC, (mode,) + args))
        return super(EstimatorSpec, cls).__new__(cls, **values)


class Settings(object):
    """`RunConfig`, `TrainSpec`, `EvalSpec`, `ServingInputReceiver`: they only hold what they are given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.input_fn = kwargs.get("input_fn", args[0] if args else None)
        self.__dict__.update(kwargs)

    def replace(self, **kwargs: Any) -> "Settings":
        return Settings(*self.args, **dict(self.__dict__, **kwargs))


class Estimator(object):
    """Calls `input_fn` and `model_fn` in a graph of their own."""

    def __init__(
        self,
        model_fn: Any = None,
        model_dir: Any = None,
        config: Any = None,
        params: Any = None,
        warm_start_from: Any = None,
    ) -> None:
        self._model_fn, self.model_dir, self.config, self.params = model_fn, model_dir, config, params


def build(v1: Any, estimator: Any, input_fn: Any, mode: str) -> None:
    """The graph of one mode: what the model returns is not needed, what it evaluates is recorded."""
    with v1.Graph().as_default():
        options: Dict[str, Any] = {"mode": mode, "params": estimator.params, "config": estimator.config}
        features, labels = inputs(v1, input_fn(**accepted(input_fn, options)))
        if mode == ModeKeys.PREDICT:
            labels = None
        v1.train.get_or_create_global_step()
        options["labels"] = labels
        estimator._model_fn(features, **accepted(estimator._model_fn, options))


def inputs(v1: Any, given: Any) -> Tuple[Any, Any]:
    """(features, labels) of what an `input_fn` returned: tensors or a Dataset of them."""
    if hasattr(given, "output_shapes") or isinstance(given, v1.data.Dataset):
        given = v1.data.make_one_shot_iterator(given).get_next()
    if isinstance(given, (tuple, list)) and len(given) == 2:
        return given[0], given[1]
    return given, None


def accepted(function: Any, options: Dict[str, Any]) -> Dict[str, Any]:
    """The options that a function has a parameter for."""
    names = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in names}


def make_inert(v1: Any, cls: Any, namespace: Any) -> None:
    """Training and evaluation build the graph and come back; the same for TensorFlow 1's own Estimator."""

    def method(mode: str) -> Any:
        def call(self: Any, input_fn: Any, *args: Any, **kwargs: Any) -> Any:
            build(v1, self, input_fn, mode)
            return {"train": self, "eval": {}, "infer": iter(())}[mode]

        return call

    def train_and_evaluate(estimator: Any, train_spec: Any, eval_spec: Any) -> None:
        estimator.train(train_spec.input_fn)
        estimator.evaluate(eval_spec.input_fn)

    for name, mode in MODES.items():
        setattr(cls, name, method(mode))
    for name in ("export_savedmodel", "export_saved_model"):
        setattr(cls, name, lambda self, *args, **kwargs: b"")
    namespace.train_and_evaluate = train_and_evaluate


def numpy_input_fn(v1: Any) -> Any:
    """`tf.estimator.inputs.numpy_input_fn`: batches of `batch_size` rows, of open size where the last may be short."""

    def make(x: Any, y: Any = None, batch_size: int = 128, num_epochs: Any = 1, *args: Any, **kwargs: Any) -> Any:
        rows = batch_size if num_epochs is None else None

        def batches(array: Any) -> Any:
            return v1.placeholder(v1.as_dtype(array.dtype), [rows] + list(array.shape[1:]))

        def input_fn() -> Any:
            features = {name: batches(each) for name, each in x.items()} if isinstance(x, dict) else batches(x)
            return features if y is None else (features, batches(y))

        return input_fn

    return make


def stand_in(v1: Any) -> Names:
    """`tf.estimator` for a TensorFlow that has none."""
    names: Dict[str, Any] = {"ModeKeys": ModeKeys, "EstimatorSpec": EstimatorSpec, "Estimator": Estimator}
    names.update(dict.fromkeys(("RunConfig", "TrainSpec", "EvalSpec"), Settings))
    inside = types.SimpleNamespace(numpy_input_fn=numpy_input_fn(v1))
    outputs = ("PredictOutput", "ClassificationOutput", "RegressionOutput", "ServingInputReceiver")
    names.update(inputs=inside, export=types.SimpleNamespace(**dict.fromkeys(outputs, Settings)))
    module = Names("tensorflow.estimator", [], names)
    make_inert(v1, Estimator, module)
    return module

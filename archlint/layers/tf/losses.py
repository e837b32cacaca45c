"""`tf.losses.*`, and `tf_slim.losses.*`, which takes predictions before labels; all reduce to one number."""

from __future__ import annotations

from typing import Any

from archlint.dims import proven_different
from archlint.layers.families.contract import size_fault
from archlint.layers.families.elementwise import merged
from archlint.layers.families.reshape import bad_axis
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import literal
from archlint.layers.tf.versions import each, renamed
from archlint.values import External, Tensor

MEAN = "weighted_sum_by_nonzero_weights"


def _reduced(reduction: Any, faults: tuple[Fault, ...] = ()) -> Out:
    """One number, unless the reduction is `none` or not known."""
    word = reduction.name if isinstance(reduction, External) else reduction
    whole = isinstance(word, str) and word.rpartition(".")[2].lower() != "none"
    return Out(() if whole and not faults else None, dtype="float32", sees_all=whole, faults=faults)


def _same_shape(labels: Any, predictions: Any, *, arg: str = "labels", loose: bool = False) -> tuple[Fault, ...]:
    """A fault if labels and predictions cannot have one shape; `loose`: of sizes 1 nothing is demanded."""
    given, found = literal.tensor(labels), literal.tensor(predictions)
    if given.shape is None or found.shape is None:
        return ()
    if len(given.shape) != len(found.shape):
        text = f"labels have {len(given.shape)} axes, predictions {len(found.shape)}"
        return (Fault("rank", arg, text, len(found.shape), len(given.shape)),)
    for i, (a, b) in enumerate(zip(given.shape, found.shape)):
        faults = () if loose and 1 in (a, b) else size_fault("merge", arg, a, b, i)
        if faults:
            return faults
    return ()


@function("tensorflow.losses.mean_squared_error", family="loss",
          legacy=renamed(y_true="labels", y_pred="predictions"))  # fmt: skip
def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """Mean square of differences: one number in TensorFlow 1, one per sample in TensorFlow 2, which broadcasts."""
    found = merged((literal.tensor(labels), literal.tensor(predictions)))
    return Out(dtype="float32", faults=found.faults)


@function("tensorflow.losses.absolute_difference", family="loss")
def absolute_difference(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """Mean difference of labels and predictions of one shape."""
    return _reduced(reduction, _same_shape(labels, predictions))


@function("tensorflow.losses.huber_loss", family="loss")
def huber_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    delta: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """Squared difference for small errors, absolute for large ones."""
    return _reduced(reduction, _same_shape(labels, predictions))


@function("tensorflow.losses.log_loss", family="loss")
def log_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    epsilon: Any = 1e-7,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """Cross entropy of probabilities."""
    return _reduced(reduction, _same_shape(labels, predictions))


@function("tensorflow.losses.hinge_loss", family="loss")
def hinge_loss(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """Margin loss of scores."""
    return _reduced(reduction, _same_shape(labels, logits))


@function("tensorflow.losses.cosine_distance", family="loss", legacy=renamed(dim="axis"))
def cosine_distance(
    labels: Any,
    predictions: Any,
    axis: Any = None,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """One minus the cosine along an axis."""
    x = literal.tensor(predictions)
    if x.shape is not None and isinstance(axis, int) and not -len(x.shape) <= axis < len(x.shape):
        return bad_axis(axis, len(x.shape), "axis")
    return _reduced(reduction, _same_shape(labels, predictions))


@function("tensorflow.losses.mean_pairwise_squared_error", family="loss")
def mean_pairwise_squared_error(
    labels: Any, predictions: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = "losses"
) -> Out:
    """Mean squared difference of differences."""
    return _reduced(MEAN, _same_shape(labels, predictions))


@function("tensorflow.losses.sigmoid_cross_entropy", family="loss")
def sigmoid_cross_entropy(
    multi_class_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: Any = 0,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """Cross entropy of scores, every class on its own."""
    return _reduced(reduction, _same_shape(multi_class_labels, logits, arg="multi_class_labels"))


@function("tensorflow.losses.softmax_cross_entropy", family="loss")
def softmax_cross_entropy(
    onehot_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: Any = 0,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """Cross entropy of scores and a distribution over the classes."""
    return _reduced(reduction, _same_shape(onehot_labels, logits, arg="onehot_labels"))


@function("tensorflow.losses.sparse_softmax_cross_entropy", family="loss")
def sparse_softmax_cross_entropy(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = "losses",
    reduction: Any = MEAN,
) -> Out:
    """Cross entropy of scores and the number of the right class; labels of one size 1 more are squeezed."""
    given, scores = literal.tensor(labels), literal.tensor(logits)
    faults: tuple[Fault, ...] = ()
    if given.shape is not None and scores.shape is not None:
        column = len(given.shape) == len(scores.shape) and not proven_different(given.shape[-1], 1)
        kept = given.shape[:-1] if column else given.shape
        if len(kept) != len(scores.shape) - 1:
            text = f"labels have {len(given.shape)} axes, logits {len(scores.shape)}: needs one less"
            faults = (Fault("rank", "labels", text, len(scores.shape) - 1, len(given.shape)),)
        else:
            faults = _same_shape(Tensor(kept), Tensor(scores.shape[:-1]))
    return _reduced(reduction, faults)


@function("tensorflow.losses.compute_weighted_loss", family="loss")
def compute_weighted_loss(
    losses: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = "losses", reduction: Any = MEAN
) -> Out:
    """Mean of losses, each with a weight."""
    return _reduced(reduction)


@function("tensorflow.losses.get_total_loss", family="loss")
def get_total_loss(add_regularization_losses: Any = True, name: Any = "total_loss", scope: Any = None) -> Out:
    """Sum of all losses of the graph."""
    return Out((), dtype="float32")


@function("tensorflow.losses.get_regularization_loss", family="loss")
def get_regularization_loss(scope: Any = None, name: Any = "total_regularization_loss") -> Out:
    """Sum of all regularisation losses of the graph."""
    return Out((), dtype="float32")


@function("tf_slim.losses.get_total_loss", family="loss")
def slim_total_loss(add_regularization_losses: Any = True, name: Any = "total_loss") -> Out:
    """Sum of all losses of the graph."""
    return Out((), dtype="float32")


@each("tf_slim.losses.absolute_difference", "tf_slim.losses.mean_squared_error",
      "tf_slim.losses.mean_pairwise_squared_error", family="loss")  # fmt: skip
def slim_mean_squared_error(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: Any = None) -> Out:
    """Mean difference, or its square, of predictions and labels of one shape."""
    return _reduced(MEAN, _same_shape(labels, predictions))


@function("tf_slim.losses.log_loss", family="loss")
def slim_log_loss(
    predictions: Any, labels: Any = None, weights: Any = 1.0, epsilon: Any = 1e-7, scope: Any = None
) -> Out:
    """Cross entropy of probabilities."""
    return _reduced(MEAN, _same_shape(labels, predictions))


@function("tf_slim.losses.sigmoid_cross_entropy", family="loss")
def slim_sigmoid_cross_entropy(
    logits: Any, multi_class_labels: Any, weights: Any = 1.0, label_smoothing: Any = 0, scope: Any = None
) -> Out:
    """Cross entropy of scores, every class on its own."""
    return _reduced(MEAN, _same_shape(multi_class_labels, logits, arg="multi_class_labels"))


@function("tf_slim.losses.softmax_cross_entropy", family="loss")
def slim_softmax_cross_entropy(
    logits: Any, onehot_labels: Any, weights: Any = 1.0, label_smoothing: Any = 0, scope: Any = None
) -> Out:
    """Cross entropy of scores and a distribution over the classes."""
    return _reduced(MEAN, _same_shape(onehot_labels, logits, arg="onehot_labels"))


@function("tf_slim.losses.sparse_softmax_cross_entropy", family="loss")
def slim_sparse_softmax_cross_entropy(logits: Any, labels: Any, weights: Any = 1.0, scope: Any = None) -> Out:
    """Cross entropy of scores and the number of the right class."""
    return sparse_softmax_cross_entropy(labels, logits)  # type: ignore[no-any-return]

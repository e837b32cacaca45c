"""Losses and what they read: which form of values each loss takes, and the tensor that it is given.

criterion(net(x), y)      F.cross_entropy(net(x), y)      model.compile(loss=…)
tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=net(x))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archlint.dims import Size
from archlint.facts.activations import Ending, ending
from archlint.graph import LayerGraph, Node
from archlint.layers.keras.losses import named as keras_loss
from archlint.model import LossRecord, Model
from archlint.text import Span
from archlint.values import DictValue, Layer, ListValue, Tensor

_EXPECTED = {
    "CrossEntropyLoss": "class scores", "cross_entropy": "class scores",
    "softmax_cross_entropy_with_logits": "class scores", "softmax_cross_entropy_with_logits_v2": "class scores",
    "sparse_softmax_cross_entropy_with_logits": "class scores", "softmax_cross_entropy": "class scores",
    "sparse_softmax_cross_entropy": "class scores",
    "BCEWithLogitsLoss": "scores", "binary_cross_entropy_with_logits": "scores",
    "sigmoid_cross_entropy_with_logits": "scores", "weighted_cross_entropy_with_logits": "scores",
    "sigmoid_cross_entropy": "scores",
    "NLLLoss": "log-probabilities", "nll_loss": "log-probabilities",
    "KLDivLoss": "logarithms", "kl_div": "logarithms",
    "BCELoss": "probabilities", "binary_cross_entropy": "probabilities", "log_loss": "probabilities",
    "MSELoss": "values", "mse_loss": "values", "L1Loss": "values", "l1_loss": "values", "SmoothL1Loss": "values",
    "smooth_l1_loss": "values", "HuberLoss": "values", "huber_loss": "values", "mean_squared_error": "values",
    "absolute_difference": "values", "mean_absolute_error": "values", "huber": "values", "log_cosh": "values",
    "hinge": "margins", "squared_hinge": "margins", "hinge_loss": "margins",
}  # fmt: skip

_KERAS = {
    "categorical_crossentropy": ("class probabilities", "class scores"),
    "sparse_categorical_crossentropy": ("class probabilities", "class scores"),
    "binary_crossentropy": ("probabilities", "scores"),
}
"""Without and with `from_logits`."""

_SCORES = ("logits", "input", "log_probs", "predictions", "y_pred")


@dataclass(frozen=True, slots=True)
class Judged:
    """A loss and the tensor that it judges.

    expects: `class scores` (softmax is applied), `scores` (sigmoid is applied), `log-probabilities`
    (one for each class), `logarithms` (of a distribution), `class probabilities`, `probabilities` (each on its own),
    `margins`, `values`.
    graph: where the tensor's node is.  ending: what makes its values, None if that is not known.
    axis: of the classes.  compiled: stated by `compile`; else `node` is the call of the loss.
    """

    loss: str
    expects: str
    span: Span
    graph: LayerGraph
    scores: Tensor
    ending: Ending | None
    axis: int
    node: Node | None = None
    compiled: bool = False

    @property
    def classes(self) -> Size:
        """Size of the class axis, if known."""
        shape = self.scores.shape
        if shape is None or not -len(shape) <= self.axis < len(shape):
            return None
        return shape[self.axis]


def judged(model: Model) -> list[Judged]:
    """Every pairing of a loss with an output that is certain, in order."""
    return [*filter(None, (_called(record) for record in model.losses)), *_compiled(model)]


def _called(record: LossRecord) -> Judged | None:
    node = record.graph[record.node]
    name = node.op.rpartition(".")[2]
    scores = next((v for k in _SCORES if isinstance(v := node.args.get(k), Tensor)), None)
    keras = node.op.startswith("keras.")
    expects = _of_keras(keras_loss(name) or name, node.args) if keras else _EXPECTED.get(name)
    if scores is None or expects is None or not 0 <= scores.node < len(record.graph.nodes):
        return None
    scores = _as_made(record.graph, scores)
    axis = 1 if node.op.startswith("torch.") else -1
    if node.args.get("axis", -1) not in (-1, None):
        return None
    return Judged(name, expects, node.span, record.graph, scores, ending(record.graph, scores), axis, node)


def _as_made(graph: LayerGraph, tensor: Tensor) -> Tensor:
    """The tensor with the shape that it has taken by now."""
    outputs = graph[tensor.node].outputs
    return outputs[tensor.slot] if tensor.slot < len(outputs) else tensor


def _of_keras(loss: str, args: dict[str, Any]) -> str | None:
    """What a Keras loss takes; None if `from_logits` is not known, or the axis of the classes is another."""
    if loss not in _KERAS:
        return _EXPECTED.get(loss)
    scores = args.get("from_logits", False)
    if not isinstance(scores, bool) or args.get("given") or args.get("others") or args.get("axis", -1) != -1:
        return None
    return _KERAS[loss][scores]


def _compiled(model: Model) -> Iterator[Judged]:
    """The outputs under the losses that `compile` names."""
    if model.compiled is None:
        return
    outputs = [model.graph[n] for n in model.outputs]
    for place, node in enumerate(outputs):
        if len(node.outputs) != 1:
            continue
        stated = _stated(model.compiled.loss, len(outputs), place, node)
        loss = keras_loss(stated)
        if loss is None:
            continue
        expects = _of_keras(loss, stated.args if isinstance(stated, Layer) else {})
        if expects is not None and _plain_object(stated):
            tensor = node.output
            found = ending(model.graph, tensor)
            yield Judged(loss, expects, model.compiled.span, model.graph, tensor, found, -1, None, True)


def _plain_object(stated: Any) -> bool:
    return not isinstance(stated, Layer) or not stated.args.get("given")


def _stated(loss: Any, outputs: int, place: int, node: Node) -> Any:
    """One loss for all outputs, a list with one for each, or a dict by the names of the output layers."""
    if isinstance(loss, DictValue):
        return (loss.items or {}).get(node.path)
    if isinstance(loss, ListValue):
        loss = None if loss.items is None else tuple(loss.items)
    if isinstance(loss, tuple):
        return loss[place] if len(loss) == outputs else None
    return loss

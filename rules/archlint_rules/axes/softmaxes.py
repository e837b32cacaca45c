"""Every place where scores become shares that sum to 1, and the axis along which they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archlint.rule import Model, Node, Span, Tensor, activation, axis_of
from archlint_rules.flow import place, text_of
from archlint_rules.wording import name_of

SHARES = frozenset(["softmax", "log_softmax"])

ROLES = {
    "batch": "the batch", "time": "the steps", "channel": "the channels", "features": "the features",
    "classes": "the classes", "heads": "the heads", "space0": "the height", "space1": "the width",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Softmax:
    """A softmax (or its logarithm) of `tensor` along `axis`, -1 or None where its rank is not known.

    implicit: nothing says along which axis, and PyTorch chooses.  own: it is the `activation=` of a layer.
    """

    node: Node
    tensor: Tensor
    axis: int | None
    implicit: bool
    own: bool

    @property
    def name(self) -> str:
        """`` `softmax` ``, ``the softmax of `dense` ``."""
        return f"the softmax of {name_of(self.node)}" if self.own else name_of(self.node)

    @property
    def span(self) -> Span:
        """The argument that states the axis or the activation, else the call."""
        node = self.node
        stated = next((node.arg_spans[a] for a in ("activation", "dim", "axis") if a in node.arg_spans), None)
        return stated if stated is not None and not self.implicit else place(node)

    def role(self, axis: int) -> str:
        """The role of an axis of the tensor, "" where it has none or several."""
        axes = self.tensor.axes
        return axes[axis][0].role if axes and len(axes[axis]) == 1 else ""


def softmaxes(model: Model) -> Iterator[Softmax]:
    """The softmaxes of a model, each once where a loop or a shared module applies it often."""
    seen: set[Span] = set()
    for node in model.nodes:
        found = _softmax(node)
        if found is not None and found.span not in seen:
            seen.add(found.span)
            yield found


def _softmax(node: Node) -> Softmax | None:
    minimum = node.op.rpartition(".")[2] in ("Softmin", "softmin")
    if not minimum and activation(node) not in SHARES:
        return None
    own = node.family != "activation"
    if own or not node.inputs:
        return Softmax(node, node.output, _within(-1, node.output.rank), implicit=False, own=own)
    tensor, stated = node.inputs[0], axis_of(node)
    if stated is None and node.op.startswith("torch."):
        return Softmax(node, tensor, chosen_by_torch(tensor.rank), implicit=True, own=False)
    return Softmax(node, tensor, _within(stated, tensor.rank), implicit=False, own=False)


def chosen_by_torch(rank: int | None) -> int | None:
    """The axis that PyTorch takes for `dim=None`: 0 for a rank of 0, 1 or 3, else 1 (`_get_softmax_dim`)."""
    if rank is None:
        return None
    return 0 if rank in (0, 1, 3) else 1


def _within(axis: object, rank: int | None) -> int | None:
    """The axis counted from the front; the last one of an unknown number is -1."""
    if not isinstance(axis, int) or isinstance(axis, bool):
        return None
    if rank is None:
        return -1 if axis == -1 else None
    return axis % rank if -rank <= axis < rank else None


def calls_function(model: Model, found: Softmax) -> bool:
    """Is the place a call of this softmax that can take one more argument?"""
    text = text_of(model.file, found.span)
    return not found.own and text.endswith(")") and "oftm" in text.partition("(")[0]

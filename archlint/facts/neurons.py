"""Neurons of a weight layer: the values it computes per sample, not its weights and not its filters.

Convention of CS231n: a convolution of 96 filters with a 55x55 output has 55*55*96 = 290,400 neurons (AlexNet, conv1);
`Dense(5)` on 50 time steps has 50*5.  The input's values are not neurons.
"""

from __future__ import annotations

from archlint.dims import Size, divide, mul
from archlint.facts.batch import Batch
from archlint.graph import Node

WEIGHTED = ("conv", "conv_transpose", "dense")


def neurons(node: Node, batch: Batch) -> Size:
    """Output values per sample of a dense, convolutional or recurrent layer; None for others."""
    return batch.per_sample(node) if node.family in WEIGHTED or node.family == "recurrent" else None


def filters(node: Node) -> Size:
    """Filters (output channels) of a convolution, units of a dense layer: the axis that its weights make."""
    shape = node.output.shape
    if node.family == "dense":
        return node.output.features
    if shape is None or node.family not in WEIGHTED or node.out.demand is None:
        return None
    roles = node.out.demand.roles
    extra = len(roles) - len(shape)  # 1 for `(C, H, W)`, a sample without its batch axis
    place = roles.index("channel") - extra if "channel" in roles else -1
    return shape[place] if extra in (0, 1) and place >= 0 else None


def weights_per_neuron(node: Node) -> Size:
    """Numbers that one neuron uses, weights and bias: all neurons of a filter share theirs, so params / filters."""
    return divide(node.out.params, filters(node)) if node.family in ("conv", "dense") else None


def connections(node: Node, batch: Batch) -> Size:
    """Neurons times the numbers each uses."""
    return mul(neurons(node, batch), weights_per_neuron(node))

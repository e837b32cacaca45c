"""Multiply-accumulates, per sample.  One convolution: `H_out * W_out * C_out * k * k * C_in/groups`.

FLOPs are twice that.  Only products with weights and of two tensors count: not activations, pools or norms.
"""

from __future__ import annotations

from archlint.dims import Size, add, mul
from archlint.facts.batch import Batch, steps
from archlint.graph import LayerGraph, Node

COUNTED = frozenset(("conv", "conv_transpose", "dense", "recurrent", "attention", "matmul"))


def macs(node: Node, batch: Batch) -> Size:
    """Multiply-accumulates of one application per sample; 0 where the family has none, None if not known."""
    if node.family not in COUNTED:
        return 0
    amount = batch.part(node.out.macs, node.output)
    return mul(add(amount.sample, amount.fixed), steps(node))


def total_macs(graph: LayerGraph, batch: Batch) -> Size:
    """Sum over the graph; None if a layer's are not known or an undecided branch chooses between layers."""
    total: Size = 0
    for node in graph.nodes:
        if node.branch and node.family in COUNTED:
            return None
        total = add(total, macs(node, batch))
    return total

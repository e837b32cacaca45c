"""Multiply-accumulates, per sample.  One convolution: `H_out * W_out * C_out * k * k * C_in/groups`.

FLOPs are twice that.  Only products with weights and of two tensors count: not activations, pools or norms.
A recurrent layer counts all its numbers once per step, biases included.
"""

from __future__ import annotations

from archlint.dims import Size, add, mul, product
from archlint.facts.batch import Batch, steps
from archlint.graph import LayerGraph, Node

COUNTED = frozenset(("conv", "conv_transpose", "dense", "recurrent", "attention", "matmul", "model"))


def macs(node: Node, batch: Batch) -> Size:
    """Multiply-accumulates of one application per sample; 0 where the family has none, None if not known."""
    if node.family not in COUNTED:
        return 0
    whole = _multihead(node) if node.op == "torch.nn.MultiheadAttention" else node.out.macs
    amount = batch.part(whole, node.output)
    return mul(add(amount.sample, amount.fixed), steps(node))


def _multihead(node: Node) -> Size:
    """Projections of queries, keys, values and output, then scores and weighted sum over all keys."""
    if len(node.inputs) < 3 or node.output.shape is None or len(node.output.shape) != 3:
        return None
    query, key, value = (t.shape for t in node.inputs[:3])
    if query is None or key is None or value is None or len(key) != 3 or len(value) != 3:
        return None
    time = 1 if node.args.get("batch_first") is True else 0
    width = query[-1]
    projected = add(mul(product(query), mul(width, 2)), mul(add(product(key), product(value)), width))
    return add(projected, mul(mul(product(query), key[time]), 2))


def total_macs(graph: LayerGraph, batch: Batch) -> Size:
    """Sum over the graph; None if a layer's are not known or an undecided branch chooses between layers."""
    total: Size = 0
    for node in graph.nodes:
        if node.branch and node.family in COUNTED:
            return None
        total = add(total, macs(node, batch))
    return total

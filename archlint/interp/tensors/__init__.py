"""Layers and operators applied to tensors: nodes of the graph, axes, shapes that code states."""

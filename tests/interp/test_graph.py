"""The layer graph as networkx sees it."""

from __future__ import annotations

import networkx as nx

from archlint.check import analyze_texts

SOURCE = """
import keras
from keras import layers

x = keras.Input((8,))
shared = layers.Dense(8)
a = shared(x)
b = shared(a)
model = keras.Model(x, layers.Add()([b, b]))
"""


def test_a_node_is_an_application_and_an_edge_a_tensor() -> None:
    [model] = analyze_texts({"net.py": SOURCE})
    first, second = model.family("dense")
    [add] = model.family("merge")
    graph = model.graph.nx
    assert first.layer == second.layer
    assert first.id != second.id
    assert graph.number_of_edges(second.id, add.id) == 2
    assert nx.ancestors(graph, add.id) == {0, first.id, second.id}
    assert nx.is_directed_acyclic_graph(graph)
    assert [n.id for n in model.graph.consumers(second.id)] == [add.id]


def test_what_is_not_declared_answers_unknown_and_is_no_error() -> None:
    source = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.pool = nn.FractionalMaxPool2d(2, output_size=4)
        self.new = nn.LayerOfNextYear(8, wide=True)
        self.head = nn.Conv2d(9, 2, 1)

    def forward(self, x):
        return self.head(self.new(self.pool(self.conv(x))))
"""
    [model] = analyze_texts({"net.py": source})
    assert not any(n.faults for n in model.nodes)
    assert [n.unknown != "" for n in model.nodes] == [False, False, True, True, False]

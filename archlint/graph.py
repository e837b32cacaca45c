"""The layer graph: a node is one application of a layer, an edge is a tensor.

A layer applied twice is two nodes with one `layer` identity, so its parameters count once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archlint.layers.spec import Fault, Out
from archlint.text import Span
from archlint.values import Tensor

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotation states of an output: `x: Float[Tensor, "b c h w"]`, in one call of its function.

    call: the number of that call, within which a letter is one size.  spec: `b c h w`, as jaxtyping writes it.
    slot: which output.  name: the parameter, "" for the value returned.  checked: every call is held to it.
    """

    call: int
    span: Span
    spec: str
    slot: int
    name: str
    checked: bool


@dataclass(slots=True)
class Node:
    """One application: what was called, on what, what came out.

    op: qualified name as declared (`torch.nn.Conv2d`), "input" for an entry tensor, "join" where the
        tensors of two branches meet.
    family: the layer's family (`conv`, `dense`, `flatten` …), see `archlint.layers`.
    path: dotted path of the layer in its model, Keras layer name, or slim scope.
    inputs: tensors that came in, in order; their `node` and `slot` are the edges.
    args: constructor or call arguments by parameter name; `given` are those the source states.
    arg_spans: where each stated argument is written; `span`: the application; `made_at`: the construction.
    outputs: every tensor that came out, in order of slots.
    names: variables the (first) output was bound to, with the span of each name.
    calls: spans of the calls that led here, outermost first (for layers inside helpers).
    branch: set inside an arm of an undecided test: (number of the test, arm).
    """

    id: int
    op: str
    family: str
    path: str
    span: Span
    inputs: list[Tensor]
    outputs: list[Tensor]
    out: Out
    args: dict[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    arg_spans: dict[str, Span] = field(default_factory=dict)
    made_at: Span | None = None
    layer: int | None = None
    faults: tuple[Fault, ...] = ()
    names: list[tuple[str, Span]] = field(default_factory=list)
    calls: tuple[Span, ...] = ()
    branch: tuple[tuple[int, int], ...] = ()
    weights: bool = False
    repeats: int = 1
    scope_known: bool = True
    unknown: str = ""
    root: tuple[int, int] | None = None
    """Identity of the outermost module whose forward this ran in, and the number of that call."""
    annotated: list[Annotation] = field(default_factory=list)

    @property
    def output(self) -> Tensor:
        """The first output."""
        return self.outputs[0]


@dataclass(slots=True)
class LayerGraph:
    """The nodes of one model in order of evaluation (a topological order)."""

    nodes: list[Node] = field(default_factory=list)
    _nx: nx.MultiDiGraph[int] | None = None
    _consumers: list[list[int]] | None = None
    _applied: tuple[int, Counter[int | None]] = (0, Counter())

    def __getitem__(self, node: int) -> Node:
        return self.nodes[node]

    def consumers(self, node: int) -> list[Node]:
        """Nodes that take an output of `node`, each once, in order."""
        if self._consumers is None or len(self._consumers) != len(self.nodes):
            self._consumers = [[] for _ in self.nodes]
            for consumer in self.nodes:
                for producer in dict.fromkeys(t.node for t in consumer.inputs if t.node >= 0):
                    self._consumers[producer].append(consumer.id)
        return [self.nodes[i] for i in self._consumers[node]]

    def applications(self, layer: int | None) -> int:
        """How many nodes apply a layer; None: how many apply none."""
        if self._applied[0] != len(self.nodes):
            self._applied = len(self.nodes), Counter(node.layer for node in self.nodes)
        return self._applied[1][layer]

    def producers(self, node: int) -> list[Node]:
        """Nodes whose outputs `node` takes, in order of its inputs."""
        return [self.nodes[t.node] for t in self.nodes[node].inputs if t.node >= 0]

    @property
    def nx(self) -> nx.MultiDiGraph[int]:
        """The same graph for networkx's algorithms; built on first use, edge key = input place."""
        if self._nx is None:
            import networkx as nx

            graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
            graph.add_nodes_from(range(len(self.nodes)))
            for node in self.nodes:
                for place, tensor in enumerate(node.inputs):
                    if tensor.node >= 0:
                        graph.add_edge(tensor.node, node.id, key=place, slot=tensor.slot)
            self._nx = graph
        return self._nx

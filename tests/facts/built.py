"""Models built by hand, through the layers' real declarations, without any source text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from archlint.dims import Size, proven_equal, var
from archlint.graph import LayerGraph, Node
from archlint.layers import find
from archlint.layers.spec import Out
from archlint.model import InputRecord, Model
from archlint.text import Span
from archlint.values import Atom, Axis, Tensor

HERE = Span("net.py", 0, 0)
MODEL = Span("net.py", 1, 2)
SYMBOLS = {"batch": "N", "space0": "H", "space1": "W", "time": "T"}


class Net:
    """A model in the making: `x = net("Conv2d", x, 3, 64, 3)` applies a new layer to `x`."""

    def __init__(self, framework: str = "torch") -> None:
        self.graph = LayerGraph()
        self.framework = framework
        self.prefix = {"torch": "torch.nn.", "keras": "keras.layers.", "tf": "tf_slim."}[framework]
        self.serial = count(1)

    def input(self, *shape: Size, roles: tuple[str, ...] = ()) -> Tensor:
        """An entry tensor; without a shape its first layer gives it one."""
        node = len(self.graph.nodes)
        tensor = Tensor(None, node=node)
        self.graph.nodes.append(Node(node, "input", "input", "x", HERE, [], [tensor], Out(None)))
        return self.bind(node, shape, roles) if shape else tensor

    def bind(self, node: int, shape: tuple[Size, ...], roles: tuple[str, ...]) -> Tensor:
        axes = tuple(self.atom(size, role) for size, role in zip(shape, roles or ("",) * len(shape)))
        tensor = Tensor(shape, axes=axes, node=node)
        self.graph.nodes[node].outputs = [tensor]
        return tensor

    def atom(self, size: Size, role: str = "") -> Axis:
        return (Atom(next(self.serial), size, role),)

    def __call__(self, name: str, x: Any, *args: Any, ident: int | None = None, path: str = "", **keywords: Any) -> Any:
        spec = find(name if "." in name else self.prefix + name)
        assert spec is not None, name
        function = spec.kind == "function"
        x = {spec.call[0]: x} if spec.call and not isinstance(x, dict) else self.shaped(spec, x, args, keywords)
        bound = spec.bind((x, *args) if function else args, keywords)
        result = spec.apply(x, bound)
        inputs = list(tensors(bound.values() if function else x.values() if isinstance(x, dict) else [x]))
        leading = next(outs(result))
        first = self.marked(inputs[0], leading)
        node = len(self.graph.nodes)
        made = [
            Tensor(o.shape, o.dtype or first.dtype, self.trace(first, o), node, slot, o.last)
            for slot, o in enumerate(outs(result))
        ]
        layer = None if function else next(self.serial) if ident is None else ident
        family = leading.family or spec.family
        self.graph.nodes.append(
            Node(node, spec.name, family, path, HERE, inputs, made, leading, bound, layer=layer, weights=spec.weights)
        )
        return made[0] if isinstance(result, Out) else tuple(made)

    def shaped(self, spec: Any, x: Any, args: Any, keywords: Any) -> Any:
        """An open entry tensor takes the shape its first layer demands."""
        if not isinstance(x, Tensor) or x.shape is not None or spec.kind == "function":
            return x
        demand = next(outs(spec.apply(x, spec.bind(args, keywords)))).demand
        if demand is None or demand.last_only:
            return x
        sizes = tuple(var(SYMBOLS[r]) if s is None else s for s, r in zip(demand.sizes, demand.roles))
        return self.bind(x.node, sizes, demand.roles)

    def marked(self, x: Tensor, out: Out) -> Tensor:
        if x.axes is None or out.demand is None or len(out.demand.roles) != len(x.axes):
            return x
        axes = [(replace(a[0], role=r),) if not a[0].role else a for a, r in zip(x.axes, out.demand.roles)]
        return replace(x, axes=tuple(axes))

    def trace(self, x: Tensor, out: Out) -> tuple[Axis, ...] | None:
        if out.shape is None or x.axes is None or x.shape is None:
            return None
        sources = out.axes if isinstance(out.axes, tuple) else range(len(out.shape))
        axes = []
        for size, source in zip(out.shape, sources):
            if isinstance(source, tuple):
                axes.append(tuple(a for i in source for a in x.axes[i]))
            elif isinstance(source, int) and source < len(x.axes):
                kept = x.axes[source]
                axes.append(kept if proven_equal(size, x.shape[source]) else self.atom(size, kept[0].role))
            else:
                axes.append(self.atom(size, source if isinstance(source, str) else ""))
        return tuple(axes)

    def model(self, *outputs: Tensor) -> Model:
        """The model, with these outputs or its last node as output."""
        ends = [t.node for t in outputs] or [len(self.graph.nodes) - 1]
        inputs = [InputRecord("x", n.id, n.output.shape, "declared", HERE) for n in self.graph.nodes if n.op == "input"]
        return Model("Net", self.framework, MODEL, "class defaults", self.graph, inputs, ends)


def outs(result: Any) -> Iterator[Out]:
    """Every output in a result."""
    if isinstance(result, Out):
        yield result
    elif isinstance(result, (list, tuple)):
        for item in result:
            yield from outs(item)


def tensors(values: Any) -> Iterator[Tensor]:
    """Every tensor among arguments."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors(value)

"""What a model expects to be called with, by the static analysis: names, shapes as far as known, element types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archlint.check import stated
from archlint.dims import Size, var
from archlint.graph import LayerGraph, Node
from archlint.interp.budget import Budget
from archlint.interp.entry import Analysis, Directives, Shapes, Work
from archlint.interp.first_call import optional_tensors
from archlint.interp.python.functions import unwrapped
from archlint.interp.targeted import Placeholder, bound, traced
from archlint.model import InputRecord, Model
from archlint.project import Project
from archlint.run.definitions import Definitions
from archlint.run.definitions import forward as forward_of
from archlint.run.records import Default, Given, Target
from archlint.source import ir
from archlint.text import Span
from archlint.values import Axis, Class, Function, Layer, Shape, Tensor

_NO_TENSOR = frozenset(("int", "float", "bool", "str", "dict", "Dict", "list", "List", "Callable", "tuple", "Tuple"))
_INDICES = {
    "torch.nn.Embedding": "num_embeddings", "torch.nn.EmbeddingBag": "num_embeddings",
    "keras.layers.Embedding": "input_dim", "torch.nn.functional.one_hot": "num_classes",
}  # fmt: skip
_INDEX_LAYERS = frozenset(("Embedding", "EmbeddingBag"))
_SIDES = {"1d": ("L",), "2d": ("H", "W"), "3d": ("D", "H", "W")}
_INDEX_ARGUMENTS = frozenset(("index", "indices", "ids"))
_MASKS = ("masked_fill", "masked_fill_", "masked_select", "where")
_PASSED_ON = frozenset(("permute", "transpose", "t", "contiguous", "clone", "unsqueeze", "squeeze", "long", "flatten",
    "view", "reshape", "to", "expand"))  # fmt: skip
_MOST_STEPS = 12
_MOST_NODES = 4000
"""Layer calls evaluated to see which sizes fit, per target: about two seconds."""
_COST_OF_A_FILE = 50
_LETTERS = {"batch": "N", "channel": "C", "time": "T", "features": "F", "classes": "F"}
_FIRST = {1: "N", 2: "NF", 3: "NTF", 4: "NCHW", 5: "NCDHW"}
_LAST = {1: "N", 2: "NF", 3: "NTF", 4: "NHWC", 5: "NDHWC"}
_NAMES = {
    name: letter
    for letter, names in {
        "N": "n b bs bsz batch batch_size batchsize num nb n_batch", "C": "c ch channels channel in_channels nc",
        "H": "h height ih img_h", "W": "w width iw img_w", "T": "t seq seq_len seq_length steps time s length",
    }.items()
    for name in names.split()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """One tensor: its shape as inferred (None: any rank, then `last` may be known) and where that comes from.

    roles: a letter for each axis: N batch, C channels, T steps, F features, D H W sides, L length.
    """

    name: str
    shape: Shape
    source: str
    roles: tuple[str, ...] = ()
    dtype: str = "float32"
    high: int | None = None
    last: Size = None


@dataclass(slots=True)
class Evaluated:
    """What the evaluator makes of a target: its models, (name, shape) of the entry tensors in order, its layers."""

    models: list[Model] = field(default_factory=list)
    entries: list[tuple[str, Shape]] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)


@dataclass(slots=True)
class Call:
    """A target and all that may say how it is called."""

    project: Project
    defined: Definitions
    target: Target
    directives: Directives
    first: Evaluated | None = None
    _tried: dict[tuple[tuple[int, ...], ...], bool] = field(default_factory=dict)
    _nodes: int = 0

    def evaluated(self, directives: Directives) -> Evaluated:
        """The target under some input shapes; the file's own module level is evaluated once for all of them."""
        args = [Placeholder() if isinstance(value, Given) else value for value in self.target.args]
        kwargs = {k: Placeholder() if isinstance(v, (Given, Default)) else v for k, v in self.target.kwargs.items()}
        defined, found = self.defined, Evaluated()
        made = defined.own.get(self.target.name)
        if made is None:
            whole = traced(
                defined.source, self.project, directives, self.target.name, args, kwargs, index=defined.index
            )
            return Evaluated(whole.models, whole.entries)
        ev, analysis = defined.ev, Analysis()
        ev.budget = Budget()

        def finish() -> None:
            found.entries = [(one.name, one.shape) for one in ev.session.entries]
            found.layers = list(ev.session.layers)

        work = Work(ev, defined.module, defined.source, directives, analysis)
        work.definition(made, lambda definition, span: bound(definition, span, args, kwargs), finish)
        found.models = analysis.models
        return found

    @property
    def symbolic(self) -> Evaluated:
        """On inputs as open as the source leaves them."""
        if self.first is None:
            self.first = self.evaluated(self.directives)
        return self.first

    def fits(self, names: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> bool:
        """Whether nothing in the source contradicts a call on these shapes, or that would take too long to see."""
        key = tuple(shapes)
        if key not in self._tried and self._nodes > _MOST_NODES:
            return True
        if key not in self._tried:
            wanted: Shapes = {f".{name}": shape for name, shape in zip(names, shapes)}
            found = self.evaluated(Directives([], wanted))
            self._nodes += _COST_OF_A_FILE + sum(len(model.nodes) for model in found.models)
            before = set(_faults(self.symbolic))
            stopped = any(m.complete for m in self.symbolic.models) and not any(m.complete for m in found.models)
            self._tried[key] = not stopped and before.issuperset(_faults(found))
        return self._tried[key]


def call_of(
    project: Project,
    defined: Definitions,
    target: Target,
    inputs: Mapping[str, tuple[Size, ...]],
    configured: Mapping[str, tuple[Size, ...]] | None = None,
) -> Call:
    """The target with the shapes that comments, options and the configuration state."""
    return Call(project, defined, target, Directives(stated(defined.source, []), dict(inputs), dict(configured or {})))


def _faults(found: Evaluated) -> Iterator[tuple[str, int]]:
    for model in found.models:
        for node in model.nodes:
            for fault in node.faults:
                yield fault.kind, node.span.start


def expected(call: Call) -> list[Expected] | None:
    """The tensors that the target is called with, in order; None where a parameter is no tensor or not known."""
    found = call.symbolic
    model = found.models[0] if found.models else None
    if model is None:
        made = call.defined.own.get(call.target.name)
        if call.target.framework != "torch" or not isinstance(made, Class):
            return None
        # `forward` stops before its first layer: let the model itself say why
        model = Model(call.target.name, "torch", Span(call.defined.path, 0, 0), "class", LayerGraph(), complete=False)
        found.models.append(model)
        method = forward_of(made)
        open_ones = required(method) if method is not None else []
        if len(open_ones) == 1 and not dict(found.entries).get(open_ones[0]):
            return [of_layers(open_ones[0], found.layers)]
    records = {record.name: record for record in reversed(model.inputs)}
    if call.target.framework == "tf1":
        names = [v.name for v in (*call.target.args, *call.target.kwargs.values()) if isinstance(v, Given)]
    else:
        if model.inputs and all(record.source == "declared" for record in model.inputs):
            return []
        method = _forward(call, model)
        if method is None:
            return [_of_record(model, record) for record in model.inputs if record.source != "declared"]
        names = required(method) or _chosen(method, found.entries)
        if (image := _list_of_images(method, names)) is not None:
            return [image]
        entries = {entry for entry, _ in found.entries}
        if any(no_tensor(p) or p.name not in entries for p in method.node.params if p.name in names):
            return None
    shapes = dict(reversed(found.entries))
    return [_of_record(model, records[n]) if n in records else _unused(n, shapes.get(n), model) for n in names]


def of_layers(name: str, layers: Sequence[Layer]) -> Expected:
    """The form that the first layer of the constructor takes: `nn.Conv2d(3, 8, 3)` is for (N, 3, H, W)."""
    for layer in layers:
        short, args = layer.spec.name.rpartition(".")[2], layer.args
        channels, features = args.get("in_channels"), args.get("in_features", args.get("input_size"))
        if short in _INDEX_LAYERS and isinstance(args.get("num_embeddings"), int):
            return Expected(name, (var("N"), var("T")), "first layer", ("N", "T"), "int64", args["num_embeddings"])
        if short.startswith("Conv") and short[-2:] in _SIDES and isinstance(channels, int):
            sides = _SIDES[short[-2:]]
            return Expected(name, (var("N"), channels, *map(var, sides)), "first layer", ("N", "C", *sides))
        if short in ("LSTM", "GRU", "RNN") and isinstance(features, int):
            return Expected(name, (var("N"), var("T"), features), "first layer", ("N", "T", "F"))
        if short == "Linear" and isinstance(features, int):
            return Expected(name, (var("N"), features), "first layer", ("N", "F"))
    return Expected(name, None, "open")


def _forward(call: Call, model: Model) -> Function | None:
    """The forward of the model's own class, also where a function made it."""
    made: Any = call.defined.own.get(call.target.name)
    if not isinstance(made, Class):
        root = next((m.class_span for m in model.modules if not m.path), None)
        classes = [d for d in call.defined.ev.definitions if isinstance(d, Class)]
        made = next(
            (
                c
                for c in classes
                if root and (c.chunk.path, c.chunk.base + c.node.name_start) == (root.path, root.start)
            ),
            None,
        )
    method = forward_of(made) if made is not None else None
    return unwrapped(method) if method is not None else None


def _list_of_images(method: Function, names: Sequence[str]) -> Expected | None:
    """`forward(self, images: list[Tensor], targets=None)` of a detector: images of any size, without a batch."""
    params = [p for p in method.node.params if p.name in names]
    head = params[0].annotation if len(params) == 1 else None
    if not isinstance(head, ir.Subscript) or not no_tensor(params[0]):
        return None
    inner = head.index
    text = inner.id if isinstance(inner, ir.Name) else inner.attr if isinstance(inner, ir.Attr) else ""
    if text != "Tensor":
        return None
    return Expected(f"{names[0]}[0]", (3, var("H"), var("W")), "first layer", ("C", "H", "W"))


def required(method: Function) -> list[str]:
    """Names of the parameters of a forward that a call has to give."""
    params = method.node.params[1:]
    return [p.name for p in params if p.kind in ("posonly", "normal", "kwonly") and p.default is None]


def _chosen(method: Function, entries: Sequence[tuple[str, Shape]]) -> list[str]:
    """`forward(self, input_ids=None, inputs_embeds=None)`: those that the evaluator had to give it."""
    optional = {p.name for p in optional_tensors(method)}
    return [name for name in dict.fromkeys(name for name, _ in entries) if name in optional]


def no_tensor(param: ir.Param) -> bool:
    """A parameter annotated as something else."""
    head = param.annotation
    head = head.value if isinstance(head, ir.Subscript) else head
    text = head.id if isinstance(head, ir.Name) else head.attr if isinstance(head, ir.Attr) else ""
    return text in _NO_TENSOR


def _of_record(model: Model, record: InputRecord) -> Expected:
    dtype, high = element(model.graph, record.node)
    tensor = model.graph[record.node].output
    roles = axis_roles(record.shape, tensor.axes, model.framework)
    return Expected(record.name, record.shape, record.source, roles, dtype, high, tensor.last)


def _unused(name: str, shape: Shape, model: Model) -> Expected:
    """A parameter that no layer takes, as far as is known."""
    stated = shape is not None and not model.nodes
    return Expected(name, shape, "directive" if stated else "open", axis_roles(shape, None, model.framework))


def axis_roles(shape: Shape, axes: tuple[Axis, ...] | None, framework: str) -> tuple[str, ...]:
    """What each axis is: by the layer that takes it, by its name (`b, c, h, w = x.shape`), by its place."""
    if shape is None:
        return ()
    by_place = (_LAST if framework != "torch" else _FIRST).get(len(shape), "N" + "F" * (len(shape) - 1))
    known = [axis[0].role if len(axis) == 1 else "" for axis in axes or ()]
    space = "DHW"[-sum(role.startswith("space") for role in known) :]
    found = []
    for place, size in enumerate(shape):
        role = known[place] if place < len(known) else ""
        if role.startswith("space"):
            letter = "L" if len(space) == 1 else space[int(role[5:])] if int(role[5:]) < len(space) else ""
        else:
            letter = _LETTERS.get(role, "")
        letter = letter or _NAMES.get(str(size).rstrip("0123456789").lower(), "")
        found.append(letter if letter and letter not in found else by_place[place])
    return tuple(found)


def element(graph: LayerGraph, number: int) -> tuple[str, int | None]:
    """Element type of an entry tensor by what takes it, and the bound of its integers."""
    pending, seen = [number], {number}
    while pending and len(seen) < _MOST_STEPS:
        current = pending.pop(0)
        for consumer in graph.consumers(current):
            short = consumer.op.rpartition(".")[2]
            bound = _index_bound(consumer, current)
            if bound is not None:
                return "int64", bound or None
            if short in _MASKS and _is(consumer.args.get("mask", consumer.args.get("condition")), current):
                return "bool", None
            if short in _PASSED_ON and consumer.id not in seen:
                seen.add(consumer.id)
                pending.append(consumer.id)
    return "float32", None


def _index_bound(node: Node, source: int) -> int | None:
    """Rows that a lookup has (0: not known); None where the tensor is no index there."""
    if node.op in _INDICES:
        size = node.args.get(_INDICES[node.op])
        return size if isinstance(size, int) and size > 0 else 0
    if node.op.endswith(("functional.embedding", "nn.embedding_lookup")):
        table = next((t for t in node.inputs if t.node != source and t.rank == 2), None)
        rows = table.shape[0] if table is not None and table.shape else None
        return rows if isinstance(rows, int) else 0
    if any(name in _INDEX_ARGUMENTS and _is(value, source) for name, value in node.args.items()):
        return 0 if not node.inputs or node.inputs[0].node != source else None
    return None


def _is(value: Any, node: int) -> bool:
    return isinstance(value, Tensor) and value.node == node

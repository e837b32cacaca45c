"""From a session's nodes and objects to models as rules see them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, add, product
from archlint.graph import LayerGraph, Node
from archlint.interp.evaluator import Evaluator
from archlint.interp.extraction import choices as extract_choices
from archlint.interp.extraction import data as extract_data
from archlint.interp.extraction import graphs as extract_graph
from archlint.interp.extraction import losses as extract_losses
from archlint.interp.extraction import wiring as extract_wiring
from archlint.interp.tensors import apply
from archlint.interp.torch import modules as torch_modules
from archlint.interp.torch import tying
from archlint.layers.spec import Out
from archlint.model import AttributeRecord, LayerRecord, Model, ModuleRecord
from archlint.source import ir
from archlint.source.model import Source
from archlint.text import Span
from archlint.values import (
    Class,
    DictValue,
    External,
    Layer,
    ListValue,
    Module,
    Object,
    SetValue,
    Tensor,
)


def models(ev: Evaluator, module: Module, source: Source, name: str, entry: str, span: Span) -> list[Model]:
    """The models of the present session."""
    found: list[Model] = []
    taken: set[int] = set()
    for made in ev.session.objects:
        model = None
        if (
            made.kind.startswith("torch.nn.")
            and made.parent is None
            and (made.attrs.get("__called__") or any(made is root for root in ev.session.roots))
        ):
            model = _called(ev, made, "torch", taken)
        elif made.kind.startswith("keras."):
            model = _keras(ev, made, taken)
        if model is None:
            continue
        model.name, model.entry = _title(ev, module, made, name, entry), entry
        if entry != "module level":
            model.span = span if made.cls is None else model.span
        found.append(model)
    rest = [n for n in ev.session.graph.nodes if n.id not in taken]
    fed = any(record.fault is not None for _, record in ev.session.feeds)
    if any(n.weights or n.faults or fed for n in rest) and not (found and entry != "module level"):
        made_model = Model(name, _framework(ev, rest), span, entry, LayerGraph())
        made_model.data = extract_data.data(ev, None, extract_graph.fill(ev, made_model, rest))
        made_model.losses = extract_losses.records(ev, made_model, {n.id for n in rest}, extract_graph.fill)
        found.append(made_model)
    for model in found:
        model.stops = list(ev.session.stops)
        model.complete, model.assumed = ev.session.complete, ev.session.assumed
        if not ev.session.built:  # what it would own besides is not known
            model.layers.append(LayerRecord(-ev.serial(), "cut off", "", None, None, model.span, True))
    return _distinct_names(found)


def _distinct_names(found: list[Model]) -> list[Model]:
    counts: dict[str, int] = {}
    for model in found:
        counts[model.name] = counts.get(model.name, 0) + 1
        if counts[model.name] > 1:
            model.name = f"{model.name}#{counts[model.name]}"
    return found


def _framework(ev: Evaluator, nodes: list[Node]) -> str:
    ops = [n.op for n in nodes if n.weights] or [n.op for n in nodes]
    for framework in ("torch", "keras"):
        if sum(op.startswith(framework) for op in ops) * 2 > len(ops):
            return framework
    return "tf"


def _title(ev: Evaluator, module: Module, made: Object, name: str, entry: str) -> str:
    """The variable it is bound to at module level, the function that builds it, or its class."""
    if entry == "module level":
        for variable, value in module.names.items():
            if value is made:
                return variable
        return made.cls.name if made.cls is not None else made.name or name
    return name


def _called(ev: Evaluator, made: Object, framework: str, taken: set[int]) -> Model | None:
    """The nodes of a module's first call."""
    nodes = [n for n in ev.session.graph.nodes if n.root is not None and n.root[0] == made.ident]
    if not nodes:
        return None
    taken.update(n.id for n in nodes)
    first = [n for n in nodes if n.root == (made.ident, 1)] or nodes
    reads = {t.node for n in first for t in n.inputs}
    own = {n.id for n in first}
    first = [n for n in ev.session.graph.nodes if n.family == "input" and n.id in reads and n.id not in own] + first
    taken.update(n.id for n in first)
    span = made.span
    if made.cls is not None:
        start = made.cls.node.name_start
        span = made.cls.chunk.span(start, start + len(made.cls.name))
    model = Model(made.name, framework, span, "", LayerGraph())
    kept = extract_graph.fill(ev, model, first, made.attrs.get("__inputs_given__"))
    model.returned, model.given = extract_losses.returned(made, kept), extract_wiring.given(made, kept)
    if framework == "torch":
        paths = {v.ident: path for path, v in torch_modules.walk(made) if isinstance(v, Layer)}
        for node in model.graph.nodes:
            if node.layer in paths:
                node.path = paths[node.layer]
        tying.count_once(made, model.graph.nodes)
        model.layers = _layers(ev, made, first)
    else:
        model.layers = _own_weights(ev, {v.ident for _, v in torch_modules.walk(made) if isinstance(v, Object)})
    model.modules = _modules(ev, made, framework)
    model.data = extract_data.data(ev, made, kept) + extract_data.losses(ev, {n.id for n in nodes}, kept, taken)
    model.compiled = extract_data.compiled(made)
    model.losses = extract_losses.records(ev, model, {n.id for n in nodes}, extract_graph.fill)
    return model


def _keras(ev: Evaluator, made: Object, taken: set[int]) -> Model | None:
    """A Keras model: what its outputs depend on, or the nodes of its call."""
    if made.kind == "keras.Sequential" or "__outputs__" in made.attrs:
        outputs = made.attrs.get("__outputs__", made.attrs.get("__output__"))
        ends = list(apply.tensors_in(apply.plain(outputs)))
        others = [o for o in ev.session.objects if "__outputs__" in o.attrs and not o.attrs.get("__called__")]
        nested = made.attrs.get("__called__") and (made.parent is not None or bool(others))
        if not ends or nested:
            return None
        nodes = extract_data.ancestors(ev, [t.node for t in ends])
        taken.update(n.id for n in nodes)
        model = Model(made.name, "keras", made.span, "", LayerGraph())
        kept = extract_graph.fill(ev, model, nodes)
        model.outputs = [kept[t.node] for t in ends if t.node in kept]
        extract_wiring.functional(ev, model, made, kept)
        model.compiled = extract_data.compiled(made)
        model.data = extract_data.data(ev, made, kept)
        model.losses = extract_losses.records(ev, model, set(kept), extract_graph.fill)
        model.layers = _own_weights(ev, {n.root[0] for n in nodes if n.root is not None})
        return model
    if made.cls is None or made.parent is not None:
        return None
    if made.kind != "keras.Model" and "__result__" not in made.attrs:
        return None  # a user's layer inside a model, not a model of its own
    return _called(ev, made, "keras", taken)


def _layers(ev: Evaluator, root: Object, nodes: list[Node]) -> list[LayerRecord]:
    """Every layer and parameter registered below a torch module, applied or not."""
    applied: dict[int, Node] = {}
    for node in nodes:
        if node.layer is not None:
            applied.setdefault(node.layer, node)
    found: list[LayerRecord] = []
    seen: set[tuple[int, int]] = set()
    present = {value.ident for _, value in torch_modules.walk(root) if isinstance(value, Layer)}
    for path, value in torch_modules.walk(root):
        if isinstance(value, Layer):
            used = applied.get(value.ident)
            out = used.out if used is not None and used.out.params is not None else _unapplied(value)
            if "__modified__" in value.attrs:
                out = Out(params=None, state=None)
            elif "__tied__" in value.attrs:
                out = replace(out, params=tying.own_params(value, out.params, present))
            record = LayerRecord(
                value.ident, value.spec.name, path, out.params, out.state, value.span, used is not None
            )
            found.append(record)
        elif isinstance(value, Object):
            if "__unknown_items__" in value.attrs:  # children that are not known own parameters
                found.append(LayerRecord(-ev.serial(), value.kind, path, None, None, value.span, True))
            for name, item in {**value.attrs, **(value.items or {})}.items():
                found += _parameters(ev, value, f"{path}.{name}" if path else name, item, seen)
    if ev.session.retied:
        found.append(LayerRecord(-ev.serial(), "torch.nn.Parameter", "", None, None, root.span, True))
    return found + extract_choices.records(ev, root, _unapplied) + _owners_unknown(nodes)


def _own_weights(ev: Evaluator, idents: set[int]) -> list[LayerRecord]:
    """`self.gamma = self.add_weight(shape=(dim,))` in the user's own Keras layers."""
    found = []
    for made in ev.session.objects:
        weights = made.attrs.get("__weights__", [])
        if weights and not idents.isdisjoint((made.ident, *made.attrs.get("__roots__", ()))):
            known = weights if isinstance(weights, list) else [(None, True), (None, False)]
            trainable = [count for count, learned in known if learned]
            frozen = [count for count, learned in known if not learned]
            name = made.cls.name if made.cls is not None else made.kind
            found.append(LayerRecord(-made.ident, name, made.name, _sum(trainable), _sum(frozen), made.span, True))
    return found


def _sum(sizes: list[Size]) -> Size:
    total: Size = 0
    for size in sizes:
        total = add(total, size)
    return total


def _owners_unknown(nodes: list[Node]) -> list[LayerRecord]:
    """Calls of what may be a layer: their parameters, and with them the model's total, are not known."""
    return [
        LayerRecord(-n.id - 1, n.op, n.path, None, None, n.span, True)
        for n in nodes
        if n.family == "other" and n.out.params is None
    ]


def _unapplied(layer: Layer) -> Out:
    try:
        result = layer.spec.apply({} if layer.spec.call else Tensor(None), layer.args)
    except Exception:
        return Out(params=None, state=None)
    return apply.first_out(result) or Out(params=None, state=None)


def _parameters(ev: Evaluator, owner: Object, path: str, value: Any, seen: set[tuple[int, int]]) -> list[LayerRecord]:
    """`self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))`."""
    if not isinstance(value, Tensor) or value.node < 0:
        return []
    node = ev.node(value.node)
    if node is None:  # made in another session: a parameter or not, which is no longer known
        return [LayerRecord(-value.node - 1, "torch.Tensor", path, None, None, owner.span, True)]
    certain = extract_choices.is_parameter(ev, node)
    if certain is False or (value.node, value.slot) in seen:
        return []
    seen.add((value.node, value.slot))
    count: Size = product(value.shape) if value.shape is not None and certain else None
    learned = node.args.get("requires_grad", True)  # `nn.Parameter(mask, requires_grad=False)` is not trained
    trained, state = (count, 0) if learned is True else (0, count) if learned is False else (None, None)
    return [LayerRecord(-value.node - 1, node.op, path, trained, state, node.span, True)]


def _modules(ev: Evaluator, root: Object, framework: str) -> list[ModuleRecord]:
    """What user classes hold in their attributes."""
    found: list[ModuleRecord] = []
    known: dict[int, Size] = {}
    reads: dict[int, frozenset[str]] = {}
    for path, value in torch_modules.walk(root):
        if not isinstance(value, Object) or value.cls is None:
            continue
        start = value.cls.node.name_start
        span = value.cls.chunk.span(start, start + len(value.cls.name))
        attributes = {}
        for name, item in value.attrs.items():
            where = value.attr_spans.get(name)
            if name.startswith("__") or where is None:
                continue
            kind, layers = _classify(item)
            if kind != "value":
                params = _total(layers, known)
                attributes[name] = AttributeRecord(name, kind, where, tuple(v.ident for v in layers), params)
        called = bool(value.attrs.get("__called__"))
        bases = [b for b in value.cls.mro if isinstance(b, Class) and b is not value.cls]
        if id(value.cls) not in reads:
            reads[id(value.cls)] = frozenset(name for base in bases for name in attributes_read(base.node))
        foreign = any(not isinstance(b, Class) and not _is_framework(b) for b in value.cls.mro)
        inherited = reads[id(value.cls)]
        found.append(ModuleRecord(value.cls.name, path, span, framework, attributes, called, inherited, foreign))
    return found


def _is_framework(base: Any) -> bool:
    return isinstance(base, External) and (
        (base.name == "object" or base.name.partition(".")[0] in ("torch", "keras", *_SAFE))
        and not base.name.startswith("torch.nn.Transformer")  # its forward applies self.linear1, whoever made that
    )


_SAFE = ("tensorflow", "abc", "typing", "builtins")


def attributes_read(node: Any) -> set[str]:
    """Every attribute name that occurs below an IR node, read or written through another expression."""
    found: set[str] = set()
    queue: list[Any] = [node]
    while queue:
        item = queue.pop()
        if isinstance(item, (list, tuple)):
            queue.extend(item)
        elif isinstance(item, ir.Assign):
            queue.append(item.value)
            queue.extend(t for t in item.targets if not isinstance(t, ir.Attr))
        elif hasattr(item, "__slots__"):
            if isinstance(item, ir.Attr):
                found.add(item.attr)
            queue.extend(getattr(item, name) for name in item.__slots__)
    return found


def _total(layers: list[Layer], known: dict[int, Size]) -> Size:
    """Parameters of layers; `known` keeps those of each, which every module above it asks for."""
    for layer in layers:
        if layer.ident not in known:
            known[layer.ident] = _unapplied(layer).params
    return _sum([known[layer.ident] for layer in layers])


def _classify(value: Any) -> tuple[str, list[Layer]]:
    if isinstance(value, Layer):
        return "layer", [value]
    if isinstance(value, Object):
        layers = [v for _, v in torch_modules.walk(value) if isinstance(v, Layer)]
        return ("registered" if value.items is not None else "module") if value.kind else "value", layers
    if isinstance(value, (ListValue, tuple, DictValue, SetValue)):
        layers = _inside(value, 0)
        return ("plain", layers) if layers else ("value", [])
    return "value", []


def _inside(value: Any, depth: int) -> list[Layer]:
    """Layers in nested plain containers."""
    if depth > 8:
        return []
    if isinstance(value, Layer):
        return [value]
    if isinstance(value, Object) and value.kind.startswith(("torch.", "keras.")):
        return [v for _, v in torch_modules.walk(value) if isinstance(v, Layer)]
    items: Any = ()
    if isinstance(value, (ListValue, SetValue)):
        items = value.items or ()
    elif isinstance(value, DictValue):
        items = (value.items or {}).values()
    elif isinstance(value, tuple):
        items = value
    return [layer for item in items for layer in _inside(item, depth + 1)]

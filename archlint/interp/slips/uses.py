"""Slips in what a value is used as: names a module does not have, layers made of tensors, methods left uncalled.

self.fc_2(x)                     the module has `fc2`
x = nn.ReLU(x)                   a layer, not its output
optimizer.step                   nothing happens
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from archlint.dims import proven_different
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.iterate import OpenShape
from archlint.interp.slips import definitions as slips
from archlint.interp.tensors import apply
from archlint.layers import canonical
from archlint.layers.families.index import subscript
from archlint.layers.spec import Out, Spec
from archlint.layers.torch.module_attributes import MODULE_ATTRIBUTES
from archlint.source import ir
from archlint.text import Span
from archlint.values import Class, DictValue, External, Layer, ListValue, Method, Object, Reason, Tensor, Unknown

_OPTIMIZER = "torch.optim."
_UNCALLED = {
    "tensor": frozenset(["backward", "zero_", "detach_", "requires_grad_"]),
    "module": frozenset(["eval", "train", "cuda", "cpu", "zero_grad", "half", "double", "float"]),
    "optimizer": frozenset(["step", "zero_grad"]),
}
"""Methods that are called for what they do; a line that only names them does nothing."""
_MISSPELLED = frozenset(
    ("require_grad", "require_grads", "requires_grads", "required_grad", "requieres_grad", "requires_gradient",
     "requires_grad_")
)  # fmt: skip
_MAY_BE_TENSORS = frozenset(("weight", "pos_weight", "_weight", "data", "init", "margin", "pivots"))


def _undecided(ev: Evaluator) -> bool:
    """Is it not known whether the present place is reached?  The body of a loop over batches is."""
    return any(test not in ev.loops for test, _ in ev.branches)


def missing(ev: Evaluator, frame: Frame, node: ir.Attr, owner: Any, found: Any) -> None:
    """`self.name` was read of a module and not found: is all known of what it was given?"""
    if not isinstance(found, Unknown) or found.why != Reason.NAME or _undecided(ev) or node.attr in MODULE_ATTRIBUTES:
        return
    if not isinstance(owner, Object) or owner.cls is None or not _is_whole(owner) or _stands_in(ev, owner):
        return
    near = get_close_matches(node.attr, _names(owner), 1, 0.75)
    if not near and ev.session.by_default and (_is_entry(owner) or not ev.owners):
        return  # a class that others derive from, and complete
    where = frame.chunk.span(node.attr_start, node.attr_start + len(node.attr))
    slips.note(ev, "no attribute", where, f"{owner.cls.name}.{node.attr}", owner.span, *near)


def _is_whole(owner: Object) -> bool:
    """Is every class of an instance known, down to `nn.Module`, and every attribute that it was given?"""
    assert owner.cls is not None
    if not owner.attrs.keys().isdisjoint(("__unknown_items__", "__dynamic__")) or owner.native is not None:
        return False
    if "__made__" not in owner.attrs:
        return False  # its `__init__` still runs, or ended before its end
    own = [c for c in owner.cls.mro if isinstance(c, Class)]
    if any(name in c.attrs for c in own for name in ("__getattr__", "__getattribute__", "__setattr__")):
        return False
    others = (c for c in owner.cls.mro if not isinstance(c, Class))
    return all(isinstance(c, External) and c.name in ("torch.nn.Module", "object") for c in others)


def _names(owner: Object) -> list[str]:
    """What an instance and its classes have, as far as a user gave it."""
    assert owner.cls is not None
    found = [*owner.attrs, *(n for c in owner.cls.mro if isinstance(c, Class) for n in c.attrs)]
    return [name for name in found if not name.startswith("__")]


def _is_entry(value: Any) -> bool:
    """Does an instance stand for a class that nobody in the file builds, or is it a part of one?"""
    while value is not None and "__entry__" not in value.attrs:
        value = value.parent
    return value is not None


def _stands_in(ev: Evaluator, value: Any) -> bool:
    """Did the forward of a class that nobody builds make it?

    def __init__(self, norm=RMSNorm): self.norm = norm        whoever builds it gives an instance,
    def forward(self, x): x = self.norm(x)                    and the default makes a module of x
    """
    return ev.session.by_default and isinstance(value, Object) and value.parent is None and not _is_entry(value)


def made_of_tensor(ev: Evaluator, spec: Spec, args: dict[str, Any], arguments: Arguments) -> None:
    """`nn.ReLU(x)`, `nn.CrossEntropyLoss(scores, labels)`: the layer's settings are given as tensors."""
    if not spec.name.startswith("torch.nn.") or _undecided(ev) or arguments.open:
        return
    for name in spec.signature.parameters:
        value = args.get(name)
        if isinstance(value, Tensor) and value.framework == "torch" and value.shape and name not in _MAY_BE_TENSORS:
            slips.note(ev, "tensor as setting", arguments.span, spec.name, name, value.shape)
            return


def shape_misread(ev: Evaluator, frame: Frame, node: ir.Call | ir.Subscript, value: Any) -> None:
    """`x.shape(0)`, `x.size[0]`: the one has an index, the other is called."""
    what = node.func if isinstance(node, ir.Call) else node.value
    if not isinstance(what, ir.Attr) or _undecided(ev):
        return
    called = isinstance(node, ir.Call) and what.attr == "shape" and isinstance(value, (tuple, OpenShape))
    if isinstance(node, ir.Call) and isinstance(value, OpenShape):
        called = called and all(isinstance(a.value, ir.Const) for a in node.args)  # not `tape.shape(device)`
    indexed = isinstance(node, ir.Subscript) and isinstance(value, Method) and value.function == "tensor.size"
    if called or (indexed and isinstance(value, Method) and _is_torch(value.receiver)):
        open_at = frame.chunk.span(what.end, node.end)
        slips.note(ev, "shape misread", frame.span(node), what.attr, open_at)


def _is_torch(value: Any) -> bool:
    return isinstance(value, Tensor) and value.framework == "torch"


def frozen(ev: Evaluator, owner: Any, name: str, where: Span) -> None:
    """`parameter.require_grad = False`, `module.requires_grad = False`: attributes that nothing reads."""
    if "torch" not in ev.frameworks:
        return
    if name in _MISSPELLED and not (isinstance(owner, Object) and name in owner.attrs):
        slips.note(ev, "freezes nothing", where, name, "misspelled")
    elif name == "requires_grad" and _is_module(owner):
        classes = owner.cls.mro if isinstance(owner, Object) and owner.cls is not None else ()
        if not any(isinstance(c, Class) and name in c.attrs for c in classes):
            slips.note(ev, "freezes nothing", where, name, "module")


def uncalled(ev: Evaluator, frame: Frame, node: ir.Attr, found: Any) -> None:
    """`optimizer.step` on a line of its own: the method is looked up, and not called."""
    kind = ""
    if isinstance(found, Unknown) and found.about.startswith(_OPTIMIZER):
        kind = "optimizer"
    elif isinstance(found, Method) and isinstance(found.function, str):
        kind = "tensor" if _is_torch(found.receiver) else "module" if _is_module(found.receiver) else ""
    if node.attr in _UNCALLED.get(kind, ()):
        slips.note(ev, "not called", frame.span(node), node.attr, kind)


def _is_module(value: Any) -> bool:
    """Is it a module of PyTorch?  A list of parameters is none that an optimizer refuses."""
    name = value.spec.name if isinstance(value, Layer) else value.kind if isinstance(value, Object) else ""
    return name.startswith("torch.nn.") and not name.startswith("torch.nn.Parameter")


def optimized(ev: Evaluator, name: str, arguments: Arguments) -> None:
    """`torch.optim.Adam(model)`, `Adam(model.parameters)`: an optimizer takes parameters."""
    name = canonical(name)
    if not name.startswith(_OPTIMIZER) or not name.rpartition(".")[2][:1].isupper() or _undecided(ev):
        return
    given = arguments.get(0, "params")
    method = isinstance(given, Method) and given.function == "module.parameters"
    if method or (_is_module(given) and not (isinstance(given, Object) and _iterates(given))):
        span = arguments.positional_spans[0] if arguments.positional_spans else arguments.span
        slips.note(ev, "not parameters", span, "method" if method else "module", name.rpartition(".")[2])


def _iterates(module: Object) -> bool:
    """May a loop over a module give parameters?"""
    classes = module.cls.mro if module.cls is not None else ()
    return module.items is not None or any(isinstance(c, Class) and "__iter__" in c.attrs for c in classes)


def added(ev: Evaluator, frame: Frame, node: ir.BinOp) -> None:
    """`encoder.parameters() + decoder.parameters()`: generators cannot be added."""
    if node.op == "+" and not _undecided(ev) and _listed(ev, frame, node.left) and _listed(ev, frame, node.right):
        slips.note(ev, "not parameters", frame.span(node), "sum", "")


def _listed(ev: Evaluator, frame: Frame, node: ir.Expr) -> bool:
    """Is it `parameters()` of a module, which gives a generator?"""
    if not isinstance(node, ir.Call) or not isinstance(node.func, ir.Attr) or node.func.attr != "parameters":
        return False
    from archlint.interp.python import expr  # which needs this module

    called = node.func.value
    simple = isinstance(called, ir.Name) or (isinstance(called, ir.Attr) and isinstance(called.value, ir.Name))
    owner = expr.evaluate(ev, frame, called) if simple else None
    written = functions.method(owner, "parameters") if isinstance(owner, Object) else None
    return _is_module(owner) and written is None


_OF_ONE_TENSOR = frozenset(("dense", "conv", "conv_transpose", "activation", "dropout", "flatten", "norm", "pool"))
_JOINS = frozenset(("torch.cat", "torch.concat", "torch.concatenate", "torch.stack", "torch.hstack", "torch.vstack"))


def given_to(ev: Evaluator, spec: Spec, arguments: Arguments) -> None:
    """`criterion(model(x), y)` where the model gives a tuple: what takes a tensor gets something else."""
    if not spec.name.startswith("torch.") or _undecided(ev) or arguments.open or arguments.guessed is not None:
        return
    if spec.kind == "layer":
        names = spec.call if spec.family == "loss" else ("input",) if spec.family in _OF_ONE_TENSOR else ()
        taking = frozenset(names)
    else:
        names, taking = spec.plan.positional, spec.takes_tensor
    placed = [*zip(names, arguments.positional, arguments.positional_spans)]
    placed += [
        (k, v, arguments.keyword_spans[k]) for k, v in arguments.keywords.items() if k in arguments.keyword_spans
    ]
    for name, value, where in placed:
        joined = spec.name in _JOINS and name == "tensors" and isinstance(value, (ListValue, tuple))
        parts = (value.items if isinstance(value, ListValue) else value) or () if joined else [value]
        for part in parts if joined or name in taking else ():
            found = _held(part)
            if found is not None and not _stands_in(ev, part):
                what, tensors = found
                made = [n.span for t in tensors if (n := ev.node(t.node)) is not None][:1]
                keys = tuple(part.items) if isinstance(part, DictValue) and part.items is not None else ()
                slips.note(ev, "not a tensor", where, spec.name, *made, what, len(tensors), joined, *keys)
                return


def _held(value: Any) -> tuple[str, list[Tensor]] | None:
    """What holds tensors and is none: `tuple`, `list`, `dict`, `module`; with the tensors."""
    if _is_module(value):
        return "module", []
    if isinstance(value, tuple):
        what, parts = "tuple", list(value)
    elif isinstance(value, ListValue):
        what, parts = "list", list(value.items or ())
    elif isinstance(value, DictValue):
        what, parts = "dict", list((value.items or {}).values())
    else:
        return None
    tensors = [p for p in parts if isinstance(p, Tensor)]
    return (what, tensors) if tensors and all(_is_torch(t) for t in tensors) else None


_LEAST_AXES = {"xavier_uniform_": 2, "xavier_normal_": 2, "kaiming_uniform_": 2, "kaiming_normal_": 2, "orthogonal_": 2,
               "sparse_": 2, "eye_": 2, "dirac_": 3}  # fmt: skip


def initialised(ev: Evaluator, name: str, arguments: Arguments) -> None:
    """`nn.init.xavier_uniform_(layer.bias)`: there is no fan in and fan out of one axis."""
    if not name.startswith("torch.nn.init.") or _undecided(ev):
        return
    given, least = arguments.get(0, "tensor"), _LEAST_AXES.get(name.rpartition(".")[2], 0)
    if isinstance(given, Tensor) and given.shape is not None and len(given.shape) < least:
        slips.note(ev, "too few axes", arguments.span, name.rpartition(".")[2], least, given.shape)


def placed(ev: Evaluator, frame: Frame, target: ir.Subscript, owner: Any, index: Any, value: Any) -> None:
    """`pe[:, 1::2] = torch.cos(angles)`: what is written is spread over the place, if it can be."""
    if not _is_torch(owner) or not _is_torch(value) or _undecided(ev):
        return
    parts = tuple(apply.refreshed(ev, apply.plain(i)) for i in (index if isinstance(index, tuple) else (index,)))
    found, _ = apply.guarded(ev, lambda: subscript(ev.refresh(owner), parts), "subscript")
    given = ev.refresh(value).shape
    if not isinstance(found, Out) or found.shape is None or found.faults or given is None:
        return
    room, surplus = found.shape, len(given) - len(found.shape)
    wrong = any(proven_different(size, 1) for size in given[: max(surplus, 0)])
    pairs = zip(reversed(room), reversed(given))
    if wrong or any(proven_different(a, b) and proven_different(b, 1) for a, b in pairs):
        slips.note(ev, "does not fit place", frame.span(target), "", room, given)


_WHOLE = frozenset(("int64", "int32", "int16", "int8", "uint8", "bool"))
_FREE_OF_GRADIENT = frozenset(("randint", "tensor", "zeros", "ones", "full", "rand", "randn", "arange", "one_hot"))
"""What makes tensors out of nothing that learns, unless `requires_grad` is said."""


def backward(ev: Evaluator, loss: Tensor, where: Span) -> None:
    """`criterion(net(x).detach(), y).backward()`: does every way from the loss to the weights end before them?"""
    todo, seen, cuts = [loss], {loss.node}, []
    while todo:
        tensor = todo.pop()
        node = ev.node(tensor.node)
        if tensor.dtype in _WHOLE and node is None:
            continue
        if node is None or (node.layer is not None and node.weights) or node.family in ("input", "other", "join"):
            return
        name = node.op.rpartition(".")[2]
        if name == "detach" or (node.outputs and node.outputs[0].dtype in _WHOLE):
            cuts += [node] if node.inputs and node.op.startswith("torch.") else []
            continue
        if not node.inputs and (name not in _FREE_OF_GRADIENT or node.args.get("requires_grad")):
            return
        fresh = [t for t in node.inputs if t.node not in seen]
        seen.update(t.node for t in fresh if t.node >= 0)
        todo += fresh
    learned = [c for c in cuts if _learns(ev, c)]
    if learned and not _undecided(ev):
        slips.note(ev, "no gradient", where, learned[-1].op.rpartition(".")[2], learned[-1].span)


def _learns(ev: Evaluator, node: Any) -> bool:
    """Does a node depend on weights?"""
    todo, seen = [node], {node.id}
    while todo:
        current = todo.pop()
        if current.weights:
            return True
        for tensor in current.inputs:
            before = ev.node(tensor.node)
            if before is not None and before.id not in seen:
                seen.add(before.id)
                todo.append(before)
    return False


def named(ev: Evaluator, owner: Object, name: str) -> None:
    """`nn.ModuleDict({"layer.1": …})`: a child's name is a part of a path, whose parts are told by dots."""
    if "." in name and owner.kind.startswith("torch.nn.Module") and not _undecided(ev):
        slips.note(ev, "name with dot", owner.span, name)

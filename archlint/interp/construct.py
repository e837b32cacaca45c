"""Making layers, containers and instances of user classes."""

from __future__ import annotations

from typing import Any

from archlint.interp import apply, call, functions, iterate, keras_models
from archlint.interp.arguments import Arguments
from archlint.interp.evaluator import Evaluator
from archlint.interp.frame import Frame
from archlint.layers import canonical, find
from archlint.layers.arguments import NotKnown
from archlint.layers.spec import Spec
from archlint.source import ir
from archlint.text import Span
from archlint.values import Class, DictValue, External, Layer, ListValue, Object, Reason, Unknown

CONTAINERS = {
    "torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict", "torch.nn.ParameterList", "torch.nn.ParameterDict",
    "keras.Sequential",
}  # fmt: skip


def layer(ev: Evaluator, spec: Spec, arguments: Arguments) -> Layer | Unknown:
    """A framework layer with its constructor's arguments bound."""
    positional = [apply.plain(v) for v in arguments.positional]
    keywords = {k: apply.plain(v) for k, v in arguments.keywords.items()}
    try:
        args, given = spec.bind(positional, keywords), spec.given(positional, keywords)
    except (TypeError, NotKnown):
        why = Unknown(Reason.SPEC, f"arguments of {spec.name} do not fit its declaration", arguments.span)
        ev.session.stops.append(why)
        return why
    if arguments.open:
        hidden = Unknown(Reason.SYNTAX, "unpacked arguments", arguments.span)
        args = {k: v if k in given else hidden for k, v in args.items()}
    spans = dict(zip(spec.signature.parameters, arguments.positional_spans))
    spans.update(arguments.keyword_spans)
    made = Layer(spec, args, spans, arguments.span, ev.serial())
    made.attrs["__given__"] = given
    name = args.get("name")
    if spec.name.startswith("keras.") and isinstance(name, str):
        made.name = name
    ev.session.layers.append(made)
    return made


def container(ev: Evaluator, kind: str, children: list[Any], where: Span) -> Object:
    """A framework container holding children under their numbers: `nn.Sequential(a, b)`."""
    made = Object(None, kind, {}, ev.serial(), where, items={})
    for number, child in enumerate(children):
        put_child(ev, made, str(number), child)
    ev.session.objects.append(made)
    return made


def put_child(ev: Evaluator, owner: Object, name: str, child: Any) -> None:
    """Register a child under a name."""
    assert owner.items is not None
    ev.heap.touch(owner.items)
    owner.items[name] = child
    adopt(owner, name, child)


def adopt(owner: Object, name: str, child: Any) -> None:
    """A layer or module takes its path from the first place it is registered at."""
    if isinstance(child, (Layer, Object)) and child.parent is None and child is not owner:
        ancestor: Any = owner
        for _ in range(64):
            if ancestor is child:
                return
            ancestor = getattr(ancestor, "parent", None)
        child.parent = owner
        if not (child.name and owner.kind.startswith("keras.")):
            child.name = name


def instance(ev: Evaluator, frame: Frame, cls: Class, arguments: Arguments) -> Any:
    """An instance of a user's class: `__init__` of the class, of a base, or of the framework."""
    kind = functions.kind_of(cls)
    ev.reached.add(id(cls.node))
    made = Object(cls, kind, {}, ev.serial(), arguments.span)
    if kind in CONTAINERS:
        made.items = {}
    ev.session.objects.append(made)
    if kind in ("typing.NamedTuple", "collections.namedtuple") or cls.attrs.get("__dataclass__") or _is_data(cls):
        _fill_fields(ev, frame, cls, made, arguments)
        post = functions.method(made, "__post_init__")
        if post is not None:
            functions.invoke(ev, post[0], Arguments([made], {}, arguments.span), made)
        return made
    found = functions.class_attribute(cls, "__init__")
    if found is None:
        return made
    value, owner = found
    if isinstance(owner, Class) and not isinstance(value, External):
        call.call(ev, frame, value, arguments.behind(made))
    elif isinstance(owner, External):
        base_init(ev, frame, made, owner, arguments)
    return made


def _is_data(cls: Class) -> bool:
    return any(isinstance(b, Class) and b.attrs.get("__dataclass__") for b in cls.mro)


def fields(cls: Class) -> list[tuple[str, Any, Class]]:
    """Annotated fields in order of definition, bases first: (name, default or `...`, class)."""
    found: dict[str, tuple[str, Any, Class]] = {}
    for base in reversed([b for b in cls.mro if isinstance(b, Class)]):
        for node in base.node.body:
            if isinstance(node, ir.Declare) and isinstance(node.target, ir.Name):
                found[node.target.id] = (node.target.id, ..., base)
            elif isinstance(node, ir.Assign) and node.annotation is not None and isinstance(node.targets[0], ir.Name):
                name = node.targets[0].id
                found[name] = (name, base.attrs.get(name), base)
    return list(found.values())


def _fill_fields(ev: Evaluator, frame: Frame, cls: Class, made: Object, arguments: Arguments) -> None:
    """Fields of a dataclass or NamedTuple from the call, then from their defaults."""
    positional = list(arguments.positional)
    values: dict[str, Any] = {}
    for name, default, _ in fields(cls):
        if positional:
            values[name] = positional.pop(0)
        elif name in arguments.keywords:
            values[name] = arguments.keywords[name]
        elif arguments.open or default is ...:
            values[name] = Unknown(Reason.ARGUMENT, name, arguments.span)
        elif isinstance(default, Object) and default.kind == "dataclasses.field":
            factory = default.attrs.get("default_factory")
            empty = Arguments([], {}, arguments.span)
            values[name] = (
                default.attrs.get("default", Unknown(Reason.ARGUMENT, name))
                if factory is None
                else call.call(ev, frame, factory, empty)
            )
        else:
            values[name] = functions.copy_default(default)
    made.attrs.update(values)
    if made.kind in ("typing.NamedTuple", "collections.namedtuple"):
        made.items = dict(values)


def base_init(ev: Evaluator, frame: Frame, made: Object, base: External, arguments: Arguments) -> None:
    """`super().__init__(…)` that reaches the framework: containers take children, layers their arguments."""
    kind = canonical(base.name)
    if kind in ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict"):
        fill_container(ev, frame, made, arguments)
        return
    if kind == "keras.Sequential":
        keras_models.fill(ev, frame, made, arguments)
    if kind.startswith("keras."):
        name = arguments.keywords.get("name")
        if isinstance(name, str):
            made.name = name
        for key in ("inputs", "outputs"):
            if key in arguments.keywords:
                made.attrs[f"__{key}__"] = arguments.keywords[key]
        if kind == "keras.Model" and len(arguments.positional) >= 2:
            made.attrs["__inputs__"], made.attrs["__outputs__"] = arguments.positional[:2]
    spec = find(kind)
    if spec is not None and spec.kind == "layer":
        native = layer(ev, spec, arguments)
        if isinstance(native, Layer):
            made.native = native
            native.parent, native.name = made, ""


def fill_container(ev: Evaluator, frame: Frame, made: Object, arguments: Arguments) -> None:
    """Children of a container from its constructor's arguments."""
    first = arguments.positional[0] if arguments.positional else next(iter(arguments.keywords.values()), None)
    if arguments.open:
        made.attrs["__unknown_items__"] = Unknown(Reason.SYNTAX, "unpacked children", arguments.span)
        return
    if isinstance(first, DictValue):
        if first.items is None:
            made.attrs["__unknown_items__"] = first.why or Unknown(Reason.LOOP, "children", arguments.span)
            return
        for key, child in first.items.items():
            put_child(ev, made, str(key), child)
        return
    children: Any = list(arguments.positional)
    if made.kind != "torch.nn.Sequential" and len(children) <= 1 and first is not None:
        children = iterate.items(ev, first)
    elif len(children) == 1 and isinstance(first, (Unknown, ListValue)) and made.kind == "torch.nn.Sequential":
        children = iterate.items(ev, first) if isinstance(first, ListValue) else first
    if isinstance(children, Unknown):
        made.attrs["__unknown_items__"] = children
        return
    for number, child in enumerate(children):
        if isinstance(child, tuple) and len(child) == 2 and isinstance(child[0], str):
            put_child(ev, made, child[0], child[1])
        else:
            put_child(ev, made, str(number), child)

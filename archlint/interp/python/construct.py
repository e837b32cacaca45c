"""Making layers, containers and instances of user classes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import models as keras_models
from archlint.interp.python import call, class_making, functions, iterate, mappings, new_methods
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.reuse import calls as reuse
from archlint.interp.slips import arguments as slips_in_arguments
from archlint.interp.slips import calls as slips_in_calls
from archlint.interp.slips import definitions as slips
from archlint.interp.slips import uses
from archlint.interp.tensors import apply
from archlint.layers import canonical, find
from archlint.layers.arguments import NotKnown
from archlint.layers.spec import Spec
from archlint.source import ir
from archlint.text import Span
from archlint.values import Builtin, Class, DictValue, External, Layer, ListValue, Object, Reason, Unknown

CONTAINERS = frozenset(
    [
        "torch.nn.Sequential",
        "torch.nn.ModuleList",
        "torch.nn.ModuleDict",
        "torch.nn.ParameterList",
        "torch.nn.ParameterDict",
        "keras.Sequential",
    ]
)


def layer(ev: Evaluator, spec: Spec, arguments: Arguments) -> Layer | Unknown:
    """A framework layer with its constructor's arguments bound."""
    positional = [apply.plain(v) for v in arguments.positional]
    keywords = {k: apply.plain(v) for k, v in arguments.keywords.items()}
    slips_in_arguments.misspelled(ev, spec, arguments)
    slips_in_arguments.tensor(ev, spec, arguments)
    try:
        args, given = spec.bind_call(positional, keywords)
    except (TypeError, NotKnown):
        slips_in_arguments.missing(ev, spec, arguments)
        why = Unknown(Reason.SPEC, f"arguments of {spec.name} do not fit its declaration", arguments.span)
        ev.session.stops.append(why)
        return why
    if spec.name.startswith("keras.") and args.get("data_format", 0) is None and ev.data_format != "channels_last":
        args["data_format"] = ev.data_format  # K.set_image_data_format("channels_first") came before
    if arguments.open:
        hidden = Unknown(Reason.SYNTAX, "unpacked arguments", arguments.span)
        args = {k: v if k in given else hidden for k, v in args.items()}
    uses.made_of_tensor(ev, spec, args, arguments)
    spans = dict(zip(spec.signature.parameters, arguments.positional_spans))
    spans.update(arguments.keyword_spans)
    made = Layer(spec, args, spans, arguments.span, ev.serial())
    made.attrs["__given__"] = given
    name = args.get("name")
    if spec.name.startswith("keras."):
        made.name = name if isinstance(name, str) else automatic_name(ev, spec.name)
    slips_in_calls.made(ev, made)
    ev.session.layers.append(made)
    return made


def automatic_name(ev: Evaluator, kind: str) -> str:
    """The name Keras gives: the class in snake case, numbered from the second one on: `conv2d`, `conv2d_1`."""
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind.rpartition(".")[2])).lower()
    count = ev.name_counts.get(words, 0)
    ev.name_counts[words] = count + 1
    return words if count == 0 else f"{words}_{count}"


def container(ev: Evaluator, kind: str, children: list[Any], where: Span, names: Sequence[str] = ()) -> Object:
    """A framework container holding children under their numbers, `nn.Sequential(a, b)`, or under `names`."""
    made = Object(None, kind, ev.heap.born({}), ev.serial(), where, items=ev.heap.born({}))
    for number, child in enumerate(children):
        put_child(ev, made, names[number] if names else str(number), child)
    ev.session.objects.append(made)
    return made


def put_child(ev: Evaluator, owner: Object, name: str, child: Any) -> None:
    """Register a child under a name."""
    assert owner.items is not None
    uses.named(ev, owner, name)
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
            if ancestor is None:
                break
            ancestor = getattr(ancestor, "parent", None)
        child.parent = owner
        if not (child.name and owner.kind.startswith("keras.")):
            child.name = name


def instance(ev: Evaluator, frame: Frame, cls: Class, arguments: Arguments) -> Any:
    """An instance of a user's class: `__init__` of the class, of a base, or of the framework."""
    kind = functions.kind_of(cls)
    if kind in ("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag") and len(arguments.positional) == 1:
        return arguments.positional[0]  # `Format("NCHW")` is its member, which stands for its value
    attempt = reuse.construction(ev, cls, arguments) if kind.startswith("torch.nn.") else None
    if attempt is not None and attempt.recalled:
        return attempt.result
    ev.reached.add(id(cls.node))
    written = new_methods.written(cls)
    if written is None:
        return Unknown(Reason.SYNTAX, "__new__", arguments.span)
    made = Object(cls, kind, ev.heap.born({**written}), ev.serial(), arguments.span)
    if kind in CONTAINERS:
        made.items = ev.heap.born({})
    ev.session.objects.append(made)
    mappings.begin(ev, made, cls)
    slips_in_calls.made(ev, made)
    slips.begin(ev, made)
    initialise(ev, frame, made, cls.mro, arguments)
    if kind.startswith("torch."):
        made.attrs["__made__"] = True
    slips.end(ev, made)
    return made if attempt is None else reuse.settle(ev, attempt, made)


def initialise(ev: Evaluator, frame: Frame, made: Object, order: tuple[Any, ...], arguments: Arguments) -> None:
    """Run the first `__init__` in an order of classes: written, generated by `@dataclass`, or the framework's."""
    for base in order:
        if mappings.initialised(ev, frame, made, base, arguments):
            return
        if isinstance(base, External):
            if canonical(base.name) in ("typing.NamedTuple", "collections.namedtuple"):
                _fill_fields(ev, frame, made, arguments)
            else:
                base_init(ev, frame, made, base, arguments)
            return
        if isinstance(base, Builtin) and base.name == "namedtuple":
            record = base.call(ev, frame, arguments)
            made.attrs.update(record.attrs)
            made.items = record.items
            return
        if isinstance(base, Unknown) and made.kind.startswith("torch."):
            made.attrs["__unknown_items__"] = base  # its `__init__` may make layers
        if not isinstance(base, Class):
            return
        if "__init__" in base.attrs:
            call.call(ev, frame, base.attrs["__init__"], arguments.behind(made))
            return
        if base.attrs.get("__dataclass__"):
            _fill_fields(ev, frame, made, arguments)
            post = functions.method(made, "__post_init__")
            if post is not None:
                functions.invoke(ev, post[0], Arguments([made], {}, arguments.span), made)
            return


def fields(cls: Class) -> list[tuple[str, Any, Class]]:
    """Annotated fields in order of definition, bases first: (name, default or `...`, class)."""
    found: dict[str, tuple[str, Any, Class]] = {}
    for base in reversed([b for b in cls.mro if isinstance(b, Class)]):
        if not (base.attrs.get("__dataclass__") or "typing.NamedTuple" in [getattr(b, "name", "") for b in base.bases]):
            continue
        for node in base.node.body:
            if class_making.is_class_variable(getattr(node, "annotation", None)):
                continue
            if isinstance(node, ir.Declare) and isinstance(node.target, ir.Name):
                found[node.target.id] = (node.target.id, ..., base)
            elif isinstance(node, ir.Assign) and node.annotation is not None and isinstance(node.targets[0], ir.Name):
                name = node.targets[0].id
                found[name] = (name, base.attrs.get(name), base)
    return list(found.values())


def _fill_fields(ev: Evaluator, frame: Frame, made: Object, arguments: Arguments) -> None:
    """Fields of a dataclass or NamedTuple from the call, then from their defaults."""
    cls = made.cls
    assert cls is not None
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
    slips.ready(ev, made)
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
            made.attrs["__unknown_items__"] = iterate.reason(first)
            return
        for key, child in first.items.items():
            put_child(ev, made, str(key), child)
        return
    children: Any = list(arguments.positional)
    if made.kind != "torch.nn.Sequential" and len(children) <= 1 and first is not None:
        children = iterate.items(ev, first)
        if made.kind == "torch.nn.ModuleDict" and not isinstance(children, Unknown):
            children = [tuple(c.items) if isinstance(c, ListValue) and c.items is not None else c for c in children]
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

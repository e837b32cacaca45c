"""What happens when a class is made: `__init_subclass__` of its bases, `@dataclass` and its fields."""

from __future__ import annotations

from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python import attribute, construct, functions
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.source import ir
from archlint.text import Span
from archlint.values import Builtin, Class, DictValue, External, Function, Object, Reason, Unknown

MISSING = External("dataclasses.MISSING")


def announce(ev: Evaluator, frame: Frame, made: Class, keywords: dict[str, Any]) -> None:
    """`class Config(Base, kind="a")`: the `__init_subclass__` that a base of the project has is told of the class."""
    for base in made.mro[1:]:
        if isinstance(base, Class) and isinstance(hook := base.attrs.get("__init_subclass__"), Function):
            functions.invoke(ev, hook, Arguments([made], keywords, frame.span(made.node)), made)
            return


def dataclass_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`dataclass(cls, kw_only=True)` called as a function, and `@dataclass(…)`."""
    cls = arguments.get(0, "cls")
    if cls is None:
        return Builtin("dataclass", dataclass_of)
    if isinstance(cls, Class):
        ev.heap.touch(cls.attrs)
        cls.attrs["__dataclass__"] = True
    return cls


def fields_of(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`dataclasses.fields(cls)`: an object with name, default and default_factory for each."""
    of = arguments.get(0, "class_or_instance")
    cls = of.cls if isinstance(of, Object) else of
    if not isinstance(cls, Class):
        return Unknown(Reason.EXTERNAL, "dataclasses.fields", arguments.span)
    return tuple(_field(ev, name, default, arguments) for name, default, _ in construct.fields(cls))


def _field(ev: Evaluator, name: str, default: Any, arguments: Arguments) -> Object:
    attrs: dict[str, Any] = {"name": name, "default": default, "default_factory": MISSING}
    if default is ...:
        attrs["default"] = MISSING
    elif isinstance(default, Object) and default.kind == "dataclasses.field":
        attrs |= {key: default.attrs.get(key, MISSING) for key in ("default", "default_factory")}
    return Object(None, "", attrs, ev.serial(), arguments.span)


def validated_field(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`@as_validated_field` of huggingface_hub: `positive(default=8)` is a dataclass field that is also checked."""

    def make(ev: Evaluator, frame: Frame, given: Arguments) -> Any:
        return Object(None, "dataclasses.field", dict(given.keywords), ev.serial(), given.span)

    return Builtin("validated_field", make)


def is_class_variable(annotation: ir.Expr | None) -> bool:
    """`plan: ClassVar[dict] = {}` is no field."""
    while isinstance(annotation, ir.Subscript):
        annotation = annotation.value
    return "ClassVar" in (getattr(annotation, "id", ""), getattr(annotation, "attr", ""))


def dictionary(cls: Class) -> DictValue:
    """`cls.__dict__`."""
    return DictValue({name: value for name, value in cls.attrs.items() if name != "__dataclass__"})


def asked_for(ev: Evaluator, value: Object, name: str, where: Span) -> Any:
    """What the class's `__getattr__` gives, which is asked for what is nowhere else."""
    dynamic = functions.class_attribute(value.cls, "__getattr__") if value.cls is not None else None
    if dynamic is None or not isinstance(dynamic[0], Function):
        return attribute.MISSING
    return functions.invoke(ev, dynamic[0], Arguments([value, name], {}, where), value)


OF_EVERY_OBJECT = frozenset(("__doc__", "__getattribute__"))


def of_every_object(value: Object, name: str) -> Any:
    """What `object` gives to every instance of a class: no `__getattr__` is asked for it."""
    if name == "__doc__" and value.cls is not None:
        first = value.cls.node.body[0] if value.cls.node.body else None
        text = first.value.value if isinstance(first, ir.ExprStmt) and isinstance(first.value, ir.Const) else None
        return text if isinstance(text, str) else None

    def own(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        asked = arguments.get(0, "name")
        if not isinstance(asked, str):
            return Unknown(Reason.DATA, "an attribute whose name is not known", arguments.span)
        return attribute.own_attribute(ev, frame, value, asked, arguments.span, dynamic=False)

    return Builtin(name, own)


def described(ev: Evaluator, found: Any, receiver: Any, where: Span) -> Any:
    """What an attribute of a class gives that is an object with `__get__`; itself, if it has none."""
    getter = functions.method(found, "__get__") if isinstance(found, Object) else None
    if getter is None:
        return found
    instance = receiver if isinstance(receiver, Object) else None
    cls = receiver.cls if isinstance(receiver, Object) else receiver
    return functions.invoke(ev, getter[0], Arguments([found, instance, cls], {}, where), found)


def is_descriptor(cls: Class) -> bool:
    """Does the class make attributes that are asked for their value, as `property` does?"""
    found = functions.class_attribute(cls, "__get__")
    return found is not None and isinstance(found[0], Function)


def setter_of(owner: Any, name: str) -> Function | None:
    """What an assignment to `owner.name` runs, if that is a property that can be set."""
    if not isinstance(owner, Object) or owner.cls is None:
        return None
    found = functions.class_attribute(owner.cls, name)
    setter = found[0].attrs.get("__setter__") if found is not None and isinstance(found[0], Function) else None
    return setter if isinstance(setter, Function) else None

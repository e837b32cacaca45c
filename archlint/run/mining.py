"""Calls with literal arguments in a project: how its models are built, and on what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archlint.project import Project
from archlint.run.literals import NotLiteral, literal
from archlint.source import ir
from archlint.source.model import Source

_RANDOM = ("randn", "rand", "zeros", "ones", "empty")
_SUMMARIES = ("summary", "torchsummary", "get_model_complexity_info", "profile")
_MOST_FILES = 200
_TEST = re.compile(r"(^|/)tests?(/|_)|_test\.py$|(^|/)conftest\.py$")


@dataclass(frozen=True, slots=True)
class Built:
    """`Net(3, num_classes=10)` in the source: its arguments, and where it stands."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Example:
    """A tensor that is made in the source, most likely to call a model with it.

    `torch.randn(1, 3, 32, 32)`, `summary(net, (3, 32, 32))` (then `shape` has no batch, see `batched`).
    dtype: "int64" for `randint` and `dtype=torch.long`.  owner: the top-level definition it stands in.
    """

    shape: tuple[int, ...]
    path: str
    line: int
    owner: str = ""
    dtype: str = "float32"
    high: int | None = None
    batched: bool = True


@dataclass(slots=True)
class Mined:
    """What the calls of a file tell."""

    built: dict[str, list[Built]] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    sizes: dict[str, Any] = field(default_factory=dict)
    """`inception_v3.default_image_size = 299`, by function."""


def mined(source: Source) -> Mined:
    """Literal calls of a file, in order."""
    found = Mined()
    constants = _constants(source)
    for chunk in source.chunks:
        for top in chunk.body:
            owner = getattr(top, "name", "")
            for node in _nodes(top):
                line = source.lines.line_of(chunk.base + getattr(node, "start", 0))
                if isinstance(node, ir.Call):
                    _call(found, node, constants, (source.path, line, owner))
                elif isinstance(node, ir.Assign):
                    _assigned(found, node, constants, (source.path, line, owner))
    return found


def built_anywhere(project: Project, name: str, path: str, cache: dict[str, Mined]) -> Iterator[Built]:
    """Calls of `name` with literal arguments: in its own file first, then in the others that mention it."""
    others = [p for p in project.checked if p != path]
    others.sort(key=lambda p: not _TEST.search(p))
    word = re.compile(rb"\b" + re.escape(name.encode()) + rb"[ \t]*\(")
    read = 0
    for candidate in (path, *others):
        if candidate != path:
            if read >= _MOST_FILES or not word.search(project.read(candidate) or b""):
                continue
            read += 1
        if candidate not in cache:
            source = project.source(candidate)
            cache[candidate] = mined(source) if source is not None else Mined()
        yield from cache[candidate].built.get(name, ())


def _nodes(root: Any) -> Iterator[Any]:
    """Every node below one, in order of the source."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, (list, tuple)):
            pending.extend(reversed(node))
        elif hasattr(type(node), "__slots__") and hasattr(node, "start"):
            yield node
            pending.extend(getattr(node, name) for name in reversed(type(node).__slots__))


def _constants(source: Source) -> dict[str, Any]:
    """Names that the file binds once, at its top level or in its `__main__` part, to a literal."""
    found: dict[str, Any] = {}
    spoiled: set[str] = set()
    for chunk in source.chunks:
        pending: list[ir.Stmt] = list(chunk.body)
        while pending:
            statement = pending.pop(0)
            if isinstance(statement, ir.If):
                pending[:0] = [*statement.body, *statement.orelse]
            if not isinstance(statement, ir.Assign):
                continue
            for target in statement.targets:
                if isinstance(target, ir.Name):
                    try:
                        value = literal(statement.value, found)
                    except NotLiteral:
                        spoiled.add(target.id)
                        continue
                    if target.id in found and found[target.id] != value:
                        spoiled.add(target.id)
                    found[target.id] = value
    return {name: value for name, value in found.items() if name not in spoiled}


def _call(found: Mined, node: ir.Call, constants: Mapping[str, Any], where: tuple[str, int, str]) -> None:
    func = node.func
    name = func.id if isinstance(func, ir.Name) else func.attr if isinstance(func, ir.Attr) else ""
    if name in _RANDOM or name == "randint":
        _example(found, node, name, constants, where)
    elif name in _SUMMARIES:
        _summary(found, node, constants, where)
    elif name:
        try:
            args = tuple(literal(arg.value, constants) for arg in node.args if not arg.keyword and not _star(arg))
            kwargs = {arg.keyword: literal(arg.value, constants) for arg in node.args if arg.keyword}
        except NotLiteral:
            return
        found.built.setdefault(name, []).append(Built(name, args, kwargs, *where[:2]))


def _star(arg: ir.Arg) -> bool:
    if arg.star:
        raise NotLiteral
    return False


def _example(found: Mined, node: ir.Call, name: str, constants: Mapping[str, Any], where: tuple[str, int, str]) -> None:
    """`torch.randn(1, 3, 32, 32)`, `torch.zeros((4, 30), dtype=torch.long)`, `torch.randint(0, 100, (2, 7))`."""
    values: list[Any] = []
    for arg in node.args:
        if arg.keyword in (None, "size", "shape") and not arg.star:
            try:
                values.append(literal(arg.value, constants))
            except NotLiteral:
                return
    dtype = "int64" if name == "randint" or any(_is_integer(arg) for arg in node.args) else "float32"
    high = None
    if name == "randint":
        numbers = [value for value in values if isinstance(value, int)]
        high = numbers[-1] if numbers else None
        values = [value for value in values if not isinstance(value, int)]
    shape = _shape(values)
    if shape is not None:
        found.examples.append(Example(shape, *where, dtype=dtype, high=high))


def _is_integer(arg: ir.Arg) -> bool:
    named = arg.value.attr if isinstance(arg.value, ir.Attr) else ""
    return arg.keyword == "dtype" and named in ("long", "int64", "int", "int32")


def _summary(found: Mined, node: ir.Call, constants: Mapping[str, Any], where: tuple[str, int, str]) -> None:
    """`summary(net, (3, 224, 224))` leaves out the batch, torchinfo's `input_size=(1, 3, 224, 224)` has it."""
    for arg in node.args[1:]:
        try:
            shape = _shape([literal(arg.value, constants)])
        except NotLiteral:
            continue
        if shape is not None and arg.keyword in (None, "input_size", "input_res", "input_shape"):
            found.examples.append(Example(shape, *where, batched=len(shape) not in (1, 3)))
            return


def _assigned(found: Mined, node: ir.Assign, constants: Mapping[str, Any], where: tuple[str, int, str]) -> None:
    """`net.default_image_size = 224`, and Lightning's `self.example_input_array = torch.zeros(1, 1, 28, 28)`."""
    for target in node.targets:
        if isinstance(target, ir.Attr) and target.attr == "example_input_array" and isinstance(node.value, ir.Call):
            func = node.value.func
            _example(found, node.value, func.attr if isinstance(func, ir.Attr) else "", constants, (*where[:2], ""))
        elif isinstance(target, ir.Attr) and target.attr == "default_image_size" and isinstance(target.value, ir.Name):
            try:
                found.sizes[target.value.id] = literal(node.value, constants)
            except NotLiteral:
                continue


def _shape(values: list[Any]) -> tuple[int, ...] | None:
    """Sizes given one by one, or as one tuple or list."""
    if len(values) == 1 and isinstance(values[0], (tuple, list)):
        values = list(values[0])
    plain = all(isinstance(v, int) and not isinstance(v, bool) and 0 < v < 1 << 24 for v in values)
    return tuple(values) if values and plain else None

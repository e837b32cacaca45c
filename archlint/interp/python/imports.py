"""Imports: library names stay names, project modules are evaluated when one of their names is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archlint.frameworks import FRAMEWORKS
from archlint.interp.budget import BudgetExceeded
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import attribute, decorators, functions, rebound, stmt
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame, UserRaise
from archlint.interp.reuse import shared
from archlint.source import ir
from archlint.source.outline import Section
from archlint.values import External, Module, Reason, Unknown

_MODEL_COLLECTIONS = (".applications", ".nets")
"""Parts of a framework's own tree that hold models, not layers; readable when they are in the project."""


@dataclass(frozen=True, slots=True)
class Lazy:
    """`from .blocks import ConvBlock`, not looked at until the name is used."""

    importer: str
    module: str
    level: int
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A statement of an imported module that is not evaluated until the name it binds is used."""

    module: Module
    section: Section


def module(ev: Evaluator, frame: Frame, node: ir.Import) -> None:
    """`import a.b as c`, `import a.b`."""
    for dotted, alias in node.names:
        _note_framework(ev, frame, dotted)
        if alias is not None:
            stmt.bind(ev, frame, alias, find_module(ev, frame.chunk.path, dotted, 0), frame.span(node))
        else:
            top = dotted.partition(".")[0]
            stmt.bind(ev, frame, top, find_module(ev, frame.chunk.path, top, 0), frame.span(node))
        _note_library(ev, frame, node, dotted)


def names(ev: Evaluator, frame: Frame, node: ir.ImportFrom) -> None:
    """`from a import b as c`, `from .a import *`."""
    path = frame.chunk.path
    if node.level == 0:
        _note_framework(ev, frame, node.module)
    ev.relative[path] = max(node.level, ev.relative.get(path, 0))
    if node.names is None:
        project = ev.resolver.resolve(node.module, node.level, path) is not None
        if project and (node.level or node.module.partition(".")[0] not in FRAMEWORKS):
            frame.module.stars.append(Lazy(path, node.module, node.level, "*"))
            rebound.cover(ev, frame.module, frame.chunk.base + node.start)
            return
        star = find_module(ev, path, node.module, node.level)
        frame.module.stars.append(star)
        rebound.cover(ev, frame.module, frame.chunk.base + node.start)
        if isinstance(star, External):
            _note_library(ev, frame, node, star.name)
        return
    for name, alias in node.names:
        if _is_library(ev, path, node.module, node.level, name):
            value: Any = attribute.constant(f"{node.module}.{name}")
            _note_library(ev, frame, node, f"{node.module}.{name}")
        else:
            value = Lazy(path, node.module, node.level, name)
        stmt.bind(ev, frame, alias or name, value, frame.span(node))


def _note_framework(ev: Evaluator, frame: Frame, dotted: str) -> None:
    top = dotted.partition(".")[0]
    if top in FRAMEWORKS and frame.chunk.path == ev.main_path:
        ev.frameworks.add("torch" if top == "torch" else "keras" if "keras" in dotted else "tf")


def _note_library(ev: Evaluator, frame: Frame, node: Any, name: str) -> None:
    ev.library_reads[(name, frame.span(node))] = None


def _is_library(ev: Evaluator, importer: str, dotted: str, level: int, name: str) -> bool:
    if level:
        return False
    full = f"{dotted}.{name}"
    if dotted.partition(".")[0] in FRAMEWORKS and not any(part in full for part in _MODEL_COLLECTIONS):
        return True
    return ev.resolver.resolve(dotted, 0, importer) is None and ev.resolver.resolve(full, 0, importer) is None


def for_type_checkers(ev: Evaluator, frame: Frame, body: list[ir.Stmt]) -> None:
    """The imports below `if TYPE_CHECKING:`, for names that the module does not bind when it runs.

    A package that fills itself on demand (`sys.modules[__name__] = _LazyModule(…)`) says there what it holds.
    """
    bound = dict(frame.names)
    pending: list[ir.Stmt] = list(body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ir.Import):
            module(ev, frame, node)
        elif isinstance(node, ir.ImportFrom):
            names(ev, frame, node)
        elif isinstance(node, (ir.If, ir.Try)):  # `try: … except OptionalDependencyNotAvailable: … else: from …`
            pending += [*node.body, *node.orelse]
    frame.names.update(bound)


def dotted(ev: Evaluator, module: Module) -> str | Unknown:
    """`cls.__module__`.  The file that is checked may be run as it is, or imported by one of several names.

    Relative imports need packages around them: `from ...nn import Block` in a file of a package of a package.
    """
    if module.name != "__main__":
        return module.name
    depth = ev.relative.get(module.path, 0)
    folders = module.path.replace("\\", "/").removesuffix(".py").split("/")
    names = [".".join(folders[-count:]) for count in range(depth + 1, len(folders) + 1)]
    found = [name for name in names if ev.resolver.resolve(name, 0, module.path) == module.path]
    if depth and len(found) == 1:
        return found[0]
    return Unknown(Reason.DATA, "the name under which the file is imported")


def find_module(ev: Evaluator, importer: str, dotted: str, level: int) -> Module | External | Unknown:
    """A project module, evaluated; else the library's name."""
    if level == 0 and dotted.partition(".")[0] in FRAMEWORKS and not any(p in dotted for p in _MODEL_COLLECTIONS):
        return External(dotted)
    path = ev.resolver.resolve(dotted, level, importer)
    if path is None:
        return External(dotted) if level == 0 else Unknown(Reason.IMPORT, "." * level + dotted)
    return load(ev, path, dotted)


def by_name(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`importlib.import_module("nets." + name)`, `import_module(".blocks", package=__package__)`."""
    dotted = arguments.get(0, "name")
    if not isinstance(dotted, str) or arguments.open:
        return Unknown(Reason.IMPORT, "a module whose name is not known", arguments.span)
    level = len(dotted) - len(dotted.lstrip("."))
    package = arguments.get(1, "package", None)
    if level == 1 and isinstance(package, str) and package != frame.module.name:
        dotted, level = package + dotted, 0
    return find_module(ev, frame.chunk.path, dotted[level:], level)


def top_by_name(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`__import__("a.b")` gives `a`; with `fromlist` it is `a.b` itself."""
    dotted = arguments.get(0, "name")
    if not isinstance(dotted, str) or arguments.open or arguments.get(4, "level", 0) != 0:
        return Unknown(Reason.IMPORT, "a module whose name is not known", arguments.span)
    whole = find_module(ev, frame.chunk.path, dotted, 0)
    listed = arguments.get(3, "fromlist", None)
    return whole if listed is not None else find_module(ev, frame.chunk.path, dotted.partition(".")[0], 0)


def force(ev: Evaluator, lazy: Lazy) -> Any:
    """The value that a `from` import names."""
    path = ev.resolver.resolve(lazy.module, lazy.level, lazy.importer)
    if path is not None and (path, lazy.name) not in ev.forcing:
        found = load(ev, path, lazy.module)
        if lazy.name in found.names or (found.stars and _may_come_of_stars(ev, found, _submodule(ev, lazy))):
            ev.forcing.add((path, lazy.name))  # `from pkg import sub` inside pkg/__init__.py names itself
            try:
                value = resolved(ev, functions.global_name(ev, found, lazy.name))
            finally:
                ev.forcing.discard((path, lazy.name))
            if not (isinstance(value, Unknown) and value.why == Reason.NAME):
                return value
    dotted = f"{lazy.module}.{lazy.name}" if lazy.module else lazy.name
    submodule = _submodule(ev, lazy)
    if submodule is not None:
        return load(ev, submodule, dotted)
    return Unknown(Reason.IMPORT, "." * lazy.level + dotted)


def _submodule(ev: Evaluator, lazy: Lazy) -> str | None:
    """The file that `name` is in `from package import name`, if it is a module."""
    dotted = f"{lazy.module}.{lazy.name}" if lazy.module else lazy.name
    return ev.resolver.resolve(dotted, lazy.level, lazy.importer)


def _may_come_of_stars(ev: Evaluator, package: Module, submodule: str | None) -> bool:
    """May a star import of a package bring in a name, which is one of a module in it besides?

    `from .edsr import *` binds the function `edsr` where importing the module had bound the module.
    """
    if submodule is None:
        return True
    paths = (
        ev.resolver.resolve(star.module, star.level, star.importer) if isinstance(star, Lazy) else star.path
        for star in package.stars
        if isinstance(star, (Lazy, Module))
    )
    return submodule in paths


def may_offer(ev: Evaluator, star: Lazy, name: str) -> bool:
    """May `from blocks import *` bring in a name?  Not if the file of `blocks` does not hold the word."""
    path = ev.resolver.resolve(star.module, star.level, star.importer)
    return path is None or path in ev.modules or ev.resolver.mentions(path, name)


def resolved(ev: Evaluator, value: Any) -> Any:
    """The value behind a lazy import; other values are themselves."""
    seen = 0
    while isinstance(value, (Lazy, Waiting, rebound.Rebound)):
        seen += 1
        if isinstance(value, Waiting):
            value = awaited(ev, value)
        elif isinstance(value, rebound.Rebound):
            value = rebound.settled(ev, value)
        elif seen > 16:
            return Unknown(Reason.IMPORT, f"circular import of {value.name}")
        else:
            value = force(ev, value)
    return value


def load(ev: Evaluator, path: str, name: str) -> Module:
    """A project module: what has to run runs, once; the rest waits for its name.  A cycle sees what is there so far."""
    made = ev.modules.get(path)
    if made is not None:
        return made
    ev.budget.check_time()
    made = ev.modules[path] = Module(name, path)
    made.names["__name__"] = name
    outline = ev.resolver.outline(path)
    if outline is None:
        return made
    made.state = "running"
    made.names.update({one.binds: Waiting(made, one) for one in outline.sections if one.binds})
    with ev.new_session(restart=False), ev.heap.suspended():
        for one in outline.sections:
            if not one.binds:
                evaluate(ev, made, one.chunk())
            elif one.decorators and decorators.registers(ev, made, one.decorators):
                _own(ev, made, one.binds)
    made.state = "done"
    shared.scan(ev)
    return made


def _own(ev: Evaluator, made: Module, name: str) -> None:
    """Let a statement that waits wait no longer."""
    value = made.names.get(name)
    if isinstance(value, Waiting):
        awaited(ev, value)


def awaited(ev: Evaluator, waiting: Waiting) -> Any:
    """The value of a name whose statement waited: evaluated now, as in its place."""
    names, name = waiting.module.names, waiting.section.binds
    if names.get(name) is waiting:
        del names[name]
    ev.heap.lasting(names)
    with ev.new_session(restart=False), ev.heap.suspended():
        evaluate(ev, waiting.module, waiting.section.chunk())
    shared.scan(ev)
    return names.get(name, Unknown(Reason.NAME, name))


def run(ev: Evaluator, made: Module, source: Any, ran: Callable[[Any], None] | None = None) -> None:
    """Evaluate a module's chunks in order; `ran` is told of each behind it."""
    for chunk in source.chunks:
        evaluate(ev, made, chunk)
        if ran is not None:
            ran(chunk)


def evaluate(ev: Evaluator, made: Module, chunk: Any) -> None:
    """A top-level statement; one that raises or runs out of budget does not stop the next."""
    try:
        stmt.block(ev, Frame(made, chunk, made.names), chunk.body)
    except UserRaise as raised:
        ev.session.stops.append(Unknown(Reason.DATA, str(raised)))
    except BudgetExceeded as spent:
        ev.session.stops.append(Unknown(Reason.BUDGET, str(spent)))
        ev.session.complete = False
        if made.path == ev.main_path:
            ev.budget.restart()  # an imported module has no allowance of its own
    except RecursionError:
        ev.session.stops.append(Unknown(Reason.BUDGET, "the program recurses too deeply"))
        ev.session.complete = False

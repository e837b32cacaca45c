"""Is what reuse gives what evaluation gives?  `python -m benchmarks.reuse FILE…` evaluates each file both ways."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from archlint.interp.entry import Analysis, Directives, analyse
from archlint.model import Model
from archlint.project import Project
from archlint.source.index import build
from archlint.text import Span
from archlint.values import Atom, Builtin, Class, Function, Layer, Method, Object

_NUMBERED = {"layer", "ident", "layers", "branch", "root"}
"""Fields that hold serial numbers: equal up to renaming."""


@dataclass(slots=True)
class Names:
    """Serial numbers, renamed in order of appearance."""

    numbers: dict[int, int] = field(default_factory=dict)

    def of(self, number: int) -> int:
        """The number by order of appearance."""
        return self.numbers.setdefault(number, len(self.numbers))


def portrait(value: Any, names: Names, numbered: bool = False) -> Any:
    """All that a value holds, as plain data, with its serial numbers renamed."""
    match value:
        case bool() | None | str() | float() | Span():
            return value
        case int():
            return ("#", names.of(value)) if numbered else value
        case Atom():
            return names.of(value.ident), str(value.size), value.role
        case Layer() | Object():
            return type(value).__name__, value.name, names.of(value.ident)
        case Class() | Function() | Builtin():
            return type(value).__name__, value.name
        case Method():
            return "Method", portrait(value.receiver, names)
        case list() | tuple():
            return [portrait(item, names, numbered) for item in value]
        case dict():
            return [(key, portrait(item, names)) for key, item in value.items()]
        case frozenset():
            return sorted(value)
    if is_dataclass(value):
        own = [(f.name, getattr(value, f.name)) for f in fields(value) if f.name not in ("file", "classes", "_nx")]
        return [(name, portrait(item, names, name in _NUMBERED)) for name, item in own]
    return type(value).__name__


def differences(project: Project, path: str) -> Iterator[str]:
    """Where the models of a file with reuse differ from those without."""
    with_reuse, without = evaluated(project, path, True), evaluated(project, path, False)
    if len(with_reuse.models) != len(without.models):
        yield f"{path}: {len(with_reuse.models)} models, not {len(without.models)}"
    if with_reuse.library_reads != without.library_reads:
        yield f"{path}: library names read"
    if with_reuse.internal_errors != without.internal_errors:
        yield f"{path}: errors of our own"
    for one, other in zip(with_reuse.models, without.models):
        yield from _between(path, one, other)


def _between(path: str, one: Model, other: Model) -> Iterator[str]:
    mine, theirs = Names(), Names()
    pairs = [(f"node {a.id} {a.op} {a.path}", a, b) for a, b in zip(one.nodes, other.nodes)]
    if len(one.nodes) != len(other.nodes):
        yield f"{path} {one.name}: {len(one.nodes)} nodes, not {len(other.nodes)}"
    for what, a, b in [*pairs, ("model", one, other)]:
        if portrait(a, mine) != portrait(b, theirs):
            yield f"{path} {one.name}: {what}"
            return


def evaluated(project: Project, path: str, reuse: bool) -> Analysis:
    """The models of a file."""
    source = project.source(path)
    if source is None:
        raise SystemExit(f"{path} cannot be read")
    return analyse(source, build(source), project, Directives([], {}), reuse)


def main(paths: Sequence[str]) -> int:
    """Compare, print, and say by the exit code whether all was equal."""
    project = Project.of_paths(paths)
    found = 0
    for path in project.checked:
        before = time.process_time()
        unequal = list(differences(project, path))
        print(f"{path}: {'equal' if not unequal else 'DIFFERS'}, {time.process_time() - before:.1f} s for both")
        print(*unequal, sep="\n", end="\n" if unequal else "")
        found += len(unequal)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

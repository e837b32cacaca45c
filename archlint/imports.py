"""Which file of the project an `import` means.  Installed packages are never opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Sequence

from archlint.files import Files
from archlint.frameworks import FRAMEWORKS

BUILT_IN = frozenset(
    {"abc", "builtins", "collections", "functools", "itertools", "math", "os", "sys", "time", "typing"}
)
"""Modules that are loaded, or compiled in, before a script could shadow them."""

MARKERS = ("pyproject.toml", "setup.cfg", "setup.py")
INSTALLED = ("site-packages", "dist-packages")


class Resolver:
    """Maps modules to files as Python would, looking in the importer's project only.

    A package without an `__init__.py` is answered with the path its `__init__.py` would have; see
    `is_namespace`.
    """

    def __init__(self, files: Files, here: str, limits: Collection[str] = (), roots: Sequence[str] = ()) -> None:
        self.files = files
        self.here = here  # the working directory, which `python -m` puts on the path
        self.limits = limits  # directories that the user named: the project reaches up to them
        self.roots = roots  # directories that the user configured: on the path of every file
        self._top: dict[str, str] = {}
        self._roots: dict[str, tuple[list[str], list[str]]] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        self._namespaces: dict[str, bool] = {}

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """Absolute path of `module`, imported with `level` leading dots by the file `importer`."""
        directory = os.path.dirname(importer)
        if not level:
            key = (directory, module)
            if key not in self._found:
                self._found[key] = self._absolute(module, directory)
            return self._found[key]
        base = directory
        for _ in range(level - 1):
            base = os.path.dirname(base)
        if not _below(base, self.boundary(directory)):
            return None
        return self._at(base, module.split(".") if module else [], namespaces=True)

    def is_namespace(self, path: str) -> bool:
        """Is it the `__init__.py` of a package that has none, as `resolve` answers for it?"""
        directory, name = os.path.split(path)
        return name == "__init__.py" and not self.files.is_file(path) and self._holds_python(directory)

    def _absolute(self, module: str, directory: str) -> str | None:
        parts = module.split(".")
        if parts[0] in BUILT_IN:
            return None
        certain, fallback = self._search(directory)
        if parts[0] in FRAMEWORKS:  # a directory `keras/` of examples is not Keras; a checkout of Keras is
            inits = (os.path.join(root, parts[0], "__init__.py") for root in certain)
            if not any(map(self.files.is_file, inits)):
                return None
        if parts[0] in sys.stdlib_module_names:
            fallback = []  # `import types` beside a `types.py` that only an ancestor directory holds
        for roots in (certain, fallback):
            for root in roots:  # a regular package or module anywhere comes before a namespace package
                if os.path.basename(root) in INSTALLED and not _below(directory, os.path.join(root, parts[0])):
                    continue
                if self._regular(root, parts[0]):
                    return self._at(root, parts, namespaces=True)
            for root in roots:
                if os.path.basename(root) not in INSTALLED and (found := self._at(root, parts, namespaces=True)):
                    return found
        return None

    def _regular(self, root: str, name: str) -> bool:
        path = os.path.join(root, name)
        return self.files.is_file(os.path.join(path, "__init__.py")) or self.files.is_file(path + ".py")

    def _at(self, base: str, parts: list[str], *, namespaces: bool) -> str | None:
        path = os.path.join(base, *parts)
        init = os.path.join(path, "__init__.py")
        if self.files.is_file(init):
            return init
        if parts and self.files.is_file(path + ".py"):
            return path + ".py"
        return init if namespaces and self._holds_python(path) else None

    def _holds_python(self, directory: str) -> bool:
        """Could it be a namespace package: is there a module in it, or in a directory of it?"""
        if directory not in self._namespaces:
            names = self.files.names(directory) if self.files.is_dir(directory) else []
            self._namespaces[directory] = any(name.endswith(".py") for name in names) or any(
                self.files.is_file(os.path.join(directory, name, "__init__.py")) for name in names if "." not in name
            )
        return self._namespaces[directory]

    def _search(self, directory: str) -> tuple[list[str], list[str]]:
        """Where an absolute import of a file in `directory` looks: (as Python would, by guess)."""
        if directory not in self._roots:
            top = self.boundary(directory)
            package = directory
            while self.files.is_file(os.path.join(package, "__init__.py")) and package != os.path.dirname(package):
                package = os.path.dirname(package)
            certain = [package]
            between = [d for d in _ancestors(package) if _below(d, top)]
            for ancestor in between:
                if ancestor == self.here or self._marked(ancestor):
                    certain += [ancestor, os.path.join(ancestor, "src")]
            certain += self.roots
            # Scripts run from a directory in between, or `python pkg/train.py` that imports its neighbours.
            guessed = [*between, os.path.join(top, "src"), directory]
            certain = list(dict.fromkeys(certain))
            self._roots[directory] = certain, [d for d in dict.fromkeys(guessed) if d not in certain]
        return self._roots[directory]

    def boundary(self, directory: str) -> str:
        """The directory that holds the whole project of a file: nothing above it is looked at."""
        if directory not in self._top:
            self._top[directory] = self._find_boundary(directory)
        return self._top[directory]

    def _find_boundary(self, directory: str) -> str:
        package = outermost = directory
        while self.files.is_file(os.path.join(package, "__init__.py")) and package != os.path.dirname(package):
            package = outermost = os.path.dirname(package)
        for ancestor in _ancestors(package):
            if os.path.basename(ancestor) in INSTALLED:
                return ancestor
            git = os.path.join(ancestor, ".git")
            if self.files.is_dir(git) or self.files.is_file(git):
                return ancestor
            if ancestor in self.limits or self._marked(ancestor):
                outermost = ancestor
        return outermost

    def _marked(self, directory: str) -> bool:
        return any(self.files.is_file(os.path.join(directory, marker)) for marker in MARKERS)


def _ancestors(directory: str) -> Iterator[str]:
    """The directory itself, then its parents up to the root of the file system."""
    yield directory
    while directory != os.path.dirname(directory):
        directory = os.path.dirname(directory)
        yield directory


def _below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)

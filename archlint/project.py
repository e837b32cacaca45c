"""The files under check and what they import: discovery, reading, parsing on demand, the text gate.

    project = Project.of_paths(["src"])          # or Project.of_texts({"model.py": "…"})
    for path in project.checked:
        if project.may_hold_model(path):
            source = project.source(path)
    project.resolve("blocks", 1, "pkg/model.py")  # "pkg/blocks.py"

Paths are relative to the working directory where they lie below it, so that they read as the user wrote them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archlint.discover import discover
from archlint.files import Disk, Files, Texts
from archlint.imports import Resolver
from archlint.source.model import Source

if TYPE_CHECKING:
    from archlint.source.outline import Outline

WORDS = re.compile(rb"torch|keras|tensorflow|slim")
CLASSES = re.compile(rb"^[ \t]*class[ \t]+(\w+)", re.MULTILINE)
STAR = re.compile(rb"import[ \t]*\*")
NAMES = re.compile(rb"[A-Za-z_]\w*")
ATTRIBUTES = re.compile(rb"\.[ \t]*([A-Za-z_]\w*)")
IMPORTS = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^#\n]*)|import[ \t]+([^#\n;]*))", re.MULTILINE
)


@dataclass(slots=True)
class Project:
    """`checked`: the files to report on.  `errors`: (path, message) of what could not be read.

    `given`: the paths that the user named; imports are looked for below them.
    """

    files: Files
    checked: list[str]
    errors: list[tuple[str, str]] = field(default_factory=list)
    given: Sequence[str] = ()
    _resolver: Resolver = field(init=False, repr=False)
    _data: dict[str, bytes | None] = field(default_factory=dict, repr=False)
    _sources: dict[str, Source | None] = field(default_factory=dict, repr=False)
    _outlines: dict[str, Outline | None] = field(default_factory=dict, repr=False)
    _gate: dict[str, bool] = field(default_factory=dict, repr=False)
    _mentions: dict[str, list[str]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        here = self.files.absolute(os.curdir)
        self._resolver = Resolver(self.files, here, {here, *map(self.files.absolute, self.given)})

    @classmethod
    def of_paths(cls, paths: Sequence[str], overlay: Mapping[str, bytes] | None = None) -> Project:
        """The project of some files and directories; `overlay` stands in for what is on disk."""
        disk = Disk(overlay)
        found = discover(paths, disk.overlay)
        checked = dict.fromkeys(disk.display(disk.absolute(path)) for path in found.files)
        errors = [(disk.display(disk.absolute(path)), why) for path, why in found.errors]
        return cls(disk, list(checked), errors, [path for path in paths if disk.is_dir(path)])

    @classmethod
    def of_texts(cls, texts: Mapping[str, str]) -> Project:
        """A project that exists in memory only."""
        return cls(Texts(texts), sorted(texts))

    def with_data(self, data: Mapping[str, bytes]) -> Project:
        """The same project on disk, with other bytes in some of its files."""
        assert isinstance(self.files, Disk)
        return Project(Disk({**self.files.overlay, **data}), self.checked, list(self.errors), self.given)

    def source(self, path: str) -> Source | None:
        """The parsed file, or None where it cannot be read; a namespace package is an empty file."""
        if path not in self._sources:
            self._sources[path] = self._parse(path)
        return self._sources[path]

    def outline(self, path: str) -> Outline | None:
        """The statements of a file that is imported, none of them parsed yet; None where it cannot be read."""
        if path not in self._outlines:
            from archlint.source.outline import outline

            text = self._text(path)
            self._outlines[path] = None if text is None else outline(path, text)
        return self._outlines[path]

    def _parse(self, path: str) -> Source | None:
        from archlint.source.parse import parse

        text = self._text(path)
        return None if text is None else parse(path, text)

    def _text(self, path: str) -> str | None:
        from archlint.source.parse import decode

        data = self.read(path)
        try:
            return None if data is None else decode(data)
        except ValueError as error:
            self._fail(path, str(error))
            return None

    def read(self, path: str) -> bytes | None:
        """The file's bytes; a failure is recorded once in `errors`."""
        if path not in self._data:
            absolute = self.files.absolute(path)
            try:
                self._data[path] = b"" if self._resolver.is_namespace(absolute) else self.files.read(absolute)
            except OSError as error:
                self._fail(path, error.strerror or str(error))
                self._data[path] = None
        return self._data[path]

    def _fail(self, path: str, message: str) -> None:
        if (path, message) not in self.errors:
            self.errors.append((path, message))

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """Path of a module of the project as `importer` would import it; `level` counts leading dots.

        `from package import name`: first `resolve("package", …)`, then, for a name that it does not define,
        `resolve("package.name", …)`.
        """
        path = self._resolver.resolve(module, level, self.files.absolute(importer))
        return None if path is None else self.files.display(path)

    def whole(self, path: str) -> bool:
        """Is what may use a file checked with it, as far as one can tell?  Not for a file given by itself."""
        if not isinstance(self.files, Disk):
            return True
        absolute = self.files.absolute(path)
        return any(absolute.startswith(self.files.absolute(given).rstrip(os.sep) + os.sep) for given in self.given)

    def mentions(self, path: str, name: str) -> bool:
        """Does a name occur in a file, or may it come from a star import there?  A cheap look at its text."""
        data = self.read(path) or b""
        return name.encode() in data or STAR.search(data) is not None

    def may_hold_model(self, path: str) -> bool:
        """Cheap test before parsing: the file, or a project file it imports at any depth, names a framework."""
        seen = [path]
        for current in seen:  # grows while it is walked
            known = self._gate.get(current)
            if known or (known is None and self._names_framework(current)):
                self._gate[path] = self._gate[current] = True
                return True
            if known is None:
                seen += [p for p in dict.fromkeys(self._imported(current)) if p not in seen]
        self._gate.update(dict.fromkeys(seen, False))
        return False

    def attributes_beside(self, name: str, path: str) -> frozenset[str]:
        """Attributes in the other checked files that mention a class: what its subclasses and users may read."""
        if self._mentions is None:
            data = {p: self.read(p) or b"" for p in self.checked}
            classes = {found for text in data.values() for found in CLASSES.findall(text)}
            self._mentions = {}
            for other, text in data.items():
                for found in classes.intersection(NAMES.findall(text)):
                    self._mentions.setdefault(found.decode("ascii", "ignore"), []).append(other)
        others = [other for other in self._mentions.get(name, ()) if other != path]
        return frozenset(a.decode("ascii", "ignore") for o in others for a in ATTRIBUTES.findall(self.read(o) or b""))

    def _names_framework(self, path: str) -> bool:
        return WORDS.search(self.read(path) or b"") is not None

    def _imported(self, path: str) -> Iterator[str]:
        """Project files that the file's import statements may mean, read from its bytes."""
        for match in IMPORTS.finditer(self.read(path) or b""):
            dots, module, names, plain = ((group or b"").decode("ascii", "ignore") for group in match.groups())
            wanted = [part.split(" as ")[0].strip() for part in (names or plain).strip(" ()\\\r\n").split(",")]
            prefix = module + "." if module else ""
            modules = [module, *(prefix + name for name in wanted)] if match[2] is not None else wanted
            for name in modules:
                if all(part.isidentifier() for part in name.split(".")) or (not name and dots):
                    if found := self.resolve(name, len(dots), path):
                        yield found

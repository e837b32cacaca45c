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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archlint.discover import Wanted, discover, everywhere
from archlint.files import Disk, Files, Stamp, Texts, is_notebook
from archlint.imports import Resolver
from archlint.questions import Mentions, Questions, digest_of, digest_of_all
from archlint.text import Cells, LineIndex

if TYPE_CHECKING:
    from archlint.notebook_file import Notebook
    from archlint.source.model import Source
    from archlint.source.outline import Outline

WORDS = re.compile(rb"torch|keras|tensorflow|slim")
CLASSES = re.compile(rb"^[ \t]*class[ \t]+(\w+)", re.MULTILINE)
STAR = re.compile(rb"import[ \t]*\*")
NAMES = re.compile(rb"[A-Za-z_]\w*")
ATTRIBUTES = re.compile(rb"\.[ \t]*([A-Za-z_]\w*)")
OF_OTHERS = re.compile(rb"(?<![\w.])(?!(?:self|cls)\b)[A-Za-z_]\w*\.([A-Za-z_]\w*)")
"""Attributes of what is not the own instance: `model.classifier(x)`."""
IMPORTS = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^#\n]*)|import[ \t]+([^#\n;]*))", re.MULTILINE
)


@dataclass(slots=True)
class Project:
    """`checked`: the files to report on.  `errors`: (path, message) of what could not be read.

    `given`: the directories that the user named; imports are looked for below them.
    `recall`: tells what the text of a file mentions, where that is known without reading it.
    `asked`: where it is set, what is asked of the project from then on is written down there.
    """

    files: Files
    checked: list[str]
    errors: list[tuple[str, str]] = field(default_factory=list)
    given: Sequence[str] = ()
    roots: Sequence[str] = ()
    asked: Questions | None = field(default=None, repr=False)
    recall: Callable[[str], Mentions | None] | None = field(default=None, repr=False)
    _resolver: Resolver = field(init=False, repr=False)
    _data: dict[str, bytes | None] = field(default_factory=dict, repr=False)
    _digests: dict[str, str] = field(default_factory=dict, repr=False)
    _stamps: dict[str, Stamp | None] = field(default_factory=dict, repr=False)
    _lines: dict[str, LineIndex] = field(default_factory=dict, repr=False)
    _notebooks: dict[str, Notebook | None] = field(default_factory=dict, repr=False)
    _sources: dict[str, Source | None] = field(default_factory=dict, repr=False)
    _outlines: dict[str, Outline | None] = field(default_factory=dict, repr=False)
    _gate: dict[str, bool] = field(default_factory=dict, repr=False)
    _mentioned: dict[str, Mentions] = field(default_factory=dict, repr=False)
    _mentions: dict[str, list[str]] | None = field(default=None, repr=False)
    _of_others: dict[str, frozenset[bytes]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        here = self.files.absolute(os.curdir)
        self._resolver = Resolver(self.files, here, {here, *map(self.files.absolute, self.given)}, self.roots)

    @classmethod
    def of_paths(
        cls,
        paths: Sequence[str],
        overlay: Mapping[str, bytes] | None = None,
        wanted: Callable[[str], Wanted] = everywhere,
        roots: Sequence[str] = (),
    ) -> Project:
        """The project of some files and directories; `overlay` stands in for what is on disk.

        wanted: what is looked at in a directory.  roots: absolute directories that imports start from as well.
        """
        disk = Disk(overlay)
        found = discover(paths, disk.overlay, wanted)
        checked = dict.fromkeys(disk.display(disk.absolute(path)) for path in found.files)
        errors = [(disk.display(disk.absolute(path)), why) for path, why in found.errors]
        return cls(disk, list(checked), errors, [path for path in paths if disk.is_dir(path)], roots)

    @classmethod
    def of_texts(cls, texts: Mapping[str, str]) -> Project:
        """A project that exists in memory only."""
        return cls(Texts(texts), sorted(texts))

    def with_data(self, data: Mapping[str, bytes]) -> Project:
        """The same project on disk, with other bytes in some of its files."""
        assert isinstance(self.files, Disk)
        return Project(Disk({**self.files.overlay, **data}), self.checked, list(self.errors), self.given, self.roots)

    def fresh(self) -> Project:
        """The same project with nothing read yet."""
        return Project(self.files, self.checked, list(self.errors), self.given, self.roots)

    def hold(self, path: str, source: Source, data: bytes) -> None:
        """Let a file be what an editor has of it, parsed already; `data`: its text as bytes."""
        self._sources[path], self._data[path] = source, data
        self._digests.pop(path, None)
        self._mentioned.pop(path, None)

    def keep(self, before: Project) -> None:
        """Take over what was parsed of files whose bytes are what they were."""
        for path, outline in before._outlines.items():
            if outline is not None and self._bytes(path) == before._bytes(path):
                self._outlines[path] = outline
        for path, source in before._sources.items():
            if source is not None and path not in self._sources and self._bytes(path) == before._bytes(path):
                self._sources[path] = source

    def source(self, path: str) -> Source | None:
        """The parsed file, or None where it cannot be read; a namespace package is an empty file."""
        self._note_text(path)
        if path not in self._sources:
            self._sources[path] = self._parse(path)
        return self._sources[path]

    def lines(self, path: str) -> LineIndex | None:
        """The lines of a file, which need not be parsed for it; None where it cannot be read."""
        source = self._sources.get(path)
        if source is not None:
            return source.lines
        text = None if path in self._lines else self._text(path)
        if text is not None:
            self._lines[path] = LineIndex(text, self._cells(path, text))
        return self._lines.get(path)

    def outline(self, path: str) -> Outline | None:
        """The statements of a file that is imported, none of them parsed yet; None where it cannot be read."""
        self._note_text(path)
        if path not in self._outlines:
            from archlint.source.outline import outline

            text = self._text(path)
            self._outlines[path] = None if text is None else outline(path, text)
        return self._outlines[path]

    def _parse(self, path: str) -> Source | None:
        from archlint.source.parse import parse

        text = self._text(path)
        if text is None:
            return None
        if is_notebook(path):
            from archlint.source.notebook import parse_cells

            notebook = self._notebooks[path]
            language = "" if notebook is None or notebook.is_python else notebook.language
            return parse_cells(path, text, self._cells(path, text), language=language)
        return parse(path, text)

    def _text(self, path: str) -> str | None:
        from archlint.source.encoding import decode

        data = self._bytes(path)
        try:
            if data is not None and is_notebook(path):
                return self._joined(path, data)
            return None if data is None else decode(data)
        except ValueError as error:
            self._fail(path, str(error))
            return None

    def _joined(self, path: str, data: bytes) -> str | None:
        """The code cells of a notebook as one text.  Raises ValueError."""
        from archlint.notebook_file import read_notebook
        from archlint.source.notebook import joined

        if path not in self._notebooks:
            self._notebooks[path] = None
            self._notebooks[path] = read_notebook(data)
        notebook = self._notebooks[path]
        return None if notebook is None else joined(notebook.cells).text

    def _cells(self, path: str, text: str) -> Cells | None:
        """Where the cells of a notebook stand in its text; None for a file that is none."""
        notebook = self._notebooks.get(path)
        if notebook is None:
            return None
        from archlint.source.notebook import places

        return Cells(tuple(notebook.numbers), places(text), notebook.text)

    def _python(self, path: str) -> bytes:
        """The bytes of a file's code."""
        if is_notebook(path):
            held = self._sources.get(path)  # an editor has it as cells, not as the JSON of its file
            text = self._text(path) or "" if held is None else held.lines.text
            return text.encode("utf-8", "surrogatepass")
        return self._bytes(path) or b""

    def read(self, path: str) -> bytes | None:
        """The file's bytes; a failure is recorded once in `errors`."""
        self._note_text(path)
        return self._bytes(path)

    def stamp(self, path: str) -> Stamp | None:
        """What tells a file on disk from any other that may stand there later; None where nothing does."""
        if path not in self._stamps:
            self._stamps[path] = self.files.stamp(self.files.absolute(path))
        return self._stamps[path]

    def digest(self, path: str) -> str | None:
        """A digest of what a file holds; None where it cannot be read, which is no failure yet."""
        if path not in self._digests:
            try:
                self._digests[path] = digest_of(self._load(path))
            except OSError:
                return None
        return self._digests[path]

    def _note_text(self, path: str) -> None:
        if self.asked is not None and path not in self.asked.texts:
            self.asked.texts[path] = self.digest(path), self.stamp(path)

    def _bytes(self, path: str) -> bytes | None:
        if path in self._data:
            return self._data[path]
        try:
            return self._load(path)
        except OSError as error:
            self._fail(path, error.strerror or str(error))
            self._data[path] = None
            return None

    def _load(self, path: str) -> bytes:
        if path not in self._data:
            self.stamp(path)  # before the bytes: a file that is written in between has another one
            absolute = self.files.absolute(path)
            self._data[path] = b"" if self._resolver.is_namespace(absolute) else self.files.read(absolute)
        data = self._data[path]
        if data is None:
            raise OSError(f"{path} was not read")
        return data

    def _fail(self, path: str, message: str) -> None:
        if (path, message) not in self.errors:
            self.errors.append((path, message))

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """Path of a module of the project as `importer` would import it; `level` counts leading dots.

        `from package import name`: first `resolve("package", …)`, then, for a name that it does not define,
        `resolve("package.name", …)`.
        """
        return self.resolve_from(os.path.dirname(self.files.absolute(importer)), level, module)

    def resolve_from(self, directory: str, level: int, module: str) -> str | None:
        """The same for any file in a directory, given by its absolute path."""
        found = self._resolver.resolve(module, level, os.path.join(directory, "_.py"))
        path = None if found is None else self.files.display(found)
        if self.asked is not None:
            self.asked.modules[directory, level, module] = path
        return path

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
        seen = dict.fromkeys([path])
        pending = [path]
        for current in pending:  # grows while it is walked
            known = self._gate.get(current)
            if known or (known is None and self.mentioned(current).framework):
                self._gate[path] = self._gate[current] = True
                return True
            if known is None:
                new = [found for found in self.imported(current) if found not in seen]
                seen.update(dict.fromkeys(new))
                pending += dict.fromkeys(new)
        self._gate.update(dict.fromkeys(seen, False))
        return False

    def attributes_beside(self, name: str, path: str) -> frozenset[str]:
        """Attributes that other checked files may read: any in those that mention a class, and of others' objects."""
        if self._mentions is None:
            data = {p: self._python(p) for p in self.checked}
            classes = {found for text in data.values() for found in CLASSES.findall(text)}
            self._mentions = {}
            self._of_others = {other: frozenset(OF_OTHERS.findall(text)) for other, text in data.items()}
            for other, text in data.items():
                for found in classes.intersection(NAMES.findall(text)):
                    self._mentions.setdefault(found.decode("ascii", "ignore"), []).append(other)
        others = [other for other in self._mentions.get(name, ()) if other != path]
        read = {a.decode("ascii", "ignore") for o in others for a in ATTRIBUTES.findall(self._python(o))}
        read |= {a.decode("ascii", "ignore") for o, found in self._of_others.items() if o != path for a in found}
        if self.asked is not None:
            self.asked.attributes[name, path] = digest_of_all(sorted(read))
        return frozenset(read)

    def attributes_digest(self, name: str, path: str) -> str:
        """A digest of these attributes."""
        return digest_of_all(sorted(self.attributes_beside(name, path)))

    def imported(self, path: str) -> Iterator[str]:
        """Project files that the file's import statements may mean."""
        directory = os.path.dirname(self.files.absolute(path))
        for level, module in self.mentioned(path).imports:
            found = self._resolver.resolve(module, level, os.path.join(directory, "_.py"))
            if found is not None:
                yield self.files.display(found)

    def depends_on(self, path: str) -> Iterator[str]:
        """The same of any file; `imported` stops at one that names a framework itself."""
        directory = os.path.dirname(self.files.absolute(path))
        for level, module in dict.fromkeys(imports_in(self._python(path))):
            found = self._resolver.resolve(module, level, os.path.join(directory, "_.py"))
            if found is not None:
                yield self.files.display(found)

    def root_of(self, path: str) -> str:
        """The directory, as people read it, that holds the whole project of a file: its repository, if it is in one."""
        root = self._resolver.boundary(os.path.dirname(self.files.absolute(path)))
        return self.files.display(root) if root != self.files.absolute(os.curdir) else os.curdir

    def mentioned(self, path: str) -> Mentions:
        """What the text of a file says of its place in the project."""
        if path not in self._mentioned:
            known = self.recall(path) if self.recall is not None else None
            if known is None:
                data = self._python(path)
                framework = WORDS.search(data) is not None
                known = Mentions(framework, () if framework else tuple(dict.fromkeys(imports_in(data))))
            self._mentioned[path] = known
        return self._mentioned[path]


def imports_in(data: bytes) -> Iterator[tuple[int, str]]:
    """(leading dots, module) of what the import statements in a file may mean."""
    for match in IMPORTS.finditer(data):
        dots, module, names, plain = ((group or b"").decode("ascii", "ignore") for group in match.groups())
        wanted = [part.split(" as ")[0].strip() for part in (names or plain).strip(" ()\\\r\n").split(",")]
        prefix = module + "." if module else ""
        modules = [module, *(prefix + name for name in wanted)] if match[2] is not None else wanted
        for name in modules:
            if all(part.isidentifier() for part in name.split(".")) or (not name and dots):
                yield len(dots), name

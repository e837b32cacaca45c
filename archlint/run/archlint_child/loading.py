"""Imports the user's files from their instrumented text, runs scripts statement by statement, tells failures."""

import importlib
import importlib.machinery
import importlib.util
import keyword
import linecache
import os
import re
import sys
from types import CodeType, ModuleType
from typing import Any, Dict, Iterable, List, Sequence, Union

MESSAGE, FRAMES = 4000, 40
RELATIVE = re.compile(r"^[ \t]*from[ \t]+\.", re.MULTILINE)

Path = Union[str, Sequence[str], None]


class Finder(object):
    """First of `sys.meta_path`: finds the files that the host sent.

    files: absolute path -> instrumented text.  roots: directories that imports start from.
    """

    def __init__(self, files: Dict[str, str], roots: List[str]) -> None:
        self.files, self.roots = files, roots

    def find_spec(self, name: str, path: Path = None, target: Any = None) -> Any:
        """The spec of a module whose file was sent, else None."""
        for folder in self.roots if path is None else list(path):
            stem = os.path.join(folder, name.rpartition(".")[2])
            for file in (os.path.join(stem, "__init__.py"), stem + ".py"):
                if file in self.files:
                    return self.spec(name, file)
                if os.path.exists(file):
                    return None  # not sent: imported as it is
        return None

    def spec(self, name: str, file: str) -> Any:
        """The spec of a file under a name."""
        folder = [os.path.dirname(file)] if os.path.basename(file) == "__init__.py" else None
        loader: Any = Loader(self.files, file)
        return importlib.util.spec_from_file_location(name, file, loader=loader, submodule_search_locations=folder)

    def invalidate_caches(self) -> None:
        """Nothing is cached."""


class Loader(object):
    """Runs the instrumented text of a file; its source, for tracebacks and autograph, is what is on disk."""

    def __init__(self, files: Dict[str, str], path: str) -> None:
        self.files, self.path = files, path

    def create_module(self, spec: Any) -> None:
        """The usual module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the file."""
        if self.path.endswith(".ipynb"):  # a notebook: what is on disk is no source
            linecache.cache[self.path] = (0, None, [], self.path)
        exec(self.get_code(module.__name__), module.__dict__)

    def get_code(self, name: str) -> CodeType:
        """The code that runs."""
        return compile(self.files[self.path], self.path, "exec", dont_inherit=True)

    def get_source(self, name: str) -> str:
        """The user's own text."""
        return source(self.path)

    def get_filename(self, name: str) -> str:
        """The user's file."""
        return self.path

    def is_package(self, name: str) -> bool:
        """Is it the `__init__.py` of a package?"""
        return os.path.basename(self.path) == "__init__.py"


def source(path: str) -> str:
    """The text of a file, decoded as Python does."""
    return importlib.machinery.SourceFileLoader("", path).get_source("") or ""


def install(files: Dict[str, str], roots: Iterable[str]) -> Finder:
    """From now on imports find the user's files, the sent ones instrumented."""
    finder = Finder(files, list(roots))
    sys.path[:0] = finder.roots
    sys.meta_path.insert(0, finder)
    return finder


def load(finder: Finder, path: str) -> ModuleType:
    """The module of a file, from its instrumented text if it was sent.  Raises what the file raises."""
    name = module_name(finder, path)
    if name.rpartition(".")[0]:
        importlib.import_module(name.rpartition(".")[0])
    module = sys.modules.get(name)
    if module is not None and getattr(getattr(module, "__loader__", None), "path", None) == path:
        if isinstance(module.__loader__, Loader) or path not in finder.files:
            return module
    # new, or the name is taken: by the standard library (`types.py`) or by an installed twin of the checked package
    spec: Any = finder.spec(name, path)
    if path not in finder.files:
        spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    before, sys.modules[name] = sys.modules.get(name), module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if before is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = before
        raise
    return sys.modules.get(name, module)


def module_name(finder: Finder, path: str) -> str:
    """The dotted name a file is imported by; the folder that the name starts from is made importable.

    `src/net/model.py` is `net.model` where `net` is a package; in a folder that is none it is `model`, or
    `net.model` if a root lies above or the file itself says `from .parts import …`.  A file that no import can name
    (`2-1/TextCNN.py`) goes by its stem.
    """
    folder, stem = os.path.dirname(path), os.path.splitext(os.path.basename(path))[0]
    parts = [] if stem == "__init__" else [stem]
    relative = RELATIVE.search(finder.files.get(path, "")) is not None
    packaged = False
    while is_name(os.path.basename(folder)) and (
        os.path.exists(os.path.join(folder, "__init__.py")) or (relative and not packaged)
    ):
        parts.insert(0, os.path.basename(folder))
        folder, packaged = os.path.dirname(folder), True
    if folder in finder.roots:
        return ".".join(parts or [stem])
    if packaged:
        finder.roots.append(folder)
        sys.path.append(folder)
        return ".".join(parts)
    finder.roots.insert(0, folder)  # `python tools/train.py`: its own folder comes first
    sys.path.insert(0, folder)
    above = [root for root in finder.roots if folder.startswith(root.rstrip(os.sep) + os.sep)]
    between = os.path.relpath(folder, max(above, key=len)).split(os.sep) if above else []
    return ".".join((between if all(is_name(part) for part in between) else []) + (parts or [stem]))


def is_name(text: str) -> bool:
    """Can it stand in an import?"""
    return text.isidentifier() and not keyword.iskeyword(text)


def find(module: Any, name: str) -> Any:
    """`Outer.Inner` of a module.  Raises AttributeError with a clear text."""
    found = module
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise AttributeError("%s has no %s" % (getattr(module, "__name__", "the file"), name)) from None
    return found


def failure(exc: BaseException, phase: str, files: Iterable[str], attempt: int = -1) -> Dict[str, Any]:
    """An exception as the host reads it, with the frames in the user's files, outermost first."""
    known = set(files)
    frames: List[List[Any]] = []
    trace = exc.__traceback__
    origin = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        origin = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if code.co_filename in known:
            frames.append([code.co_filename, trace.tb_lineno, code.co_name])
        trace = trace.tb_next
    if isinstance(exc, SyntaxError) and exc.filename in known:
        frames.append([exc.filename, exc.lineno or 1, "<module>"])
    if len(frames) > FRAMES:  # endless recursion
        frames = frames[: FRAMES // 2] + frames[-FRAMES // 2 :]
    message = message_of(exc)
    return {
        "phase": phase, "type": type(exc).__name__, "message": message, "frames": frames, "attempt": attempt,
        "origin": origin,
    }  # fmt: skip


def message_of(exc: BaseException) -> str:
    """What an exception says, also where its own `__str__` fails."""
    try:
        if isinstance(exc, SyntaxError):
            return str(exc.msg)
        if isinstance(exc, SystemExit):
            return "the program left" + (" with code %d" if isinstance(exc.code, int) else ": %s") % (exc.code,)
        return str(exc)[:MESSAGE]
    except Exception:
        return ""

"""Where file contents come from: the disk, or texts in memory (tests, an editor's unsaved buffers)."""

from __future__ import annotations

import os
import posixpath
import time
from collections.abc import Mapping
from typing import Protocol, TypeAlias

RECENT = 2_000_000_000
"""Nanoseconds: a file that changed so short a time ago may change again and keep its stamp."""

Stamp: TypeAlias = tuple[int, int, int]
"""When a file was written, when it was put in its place, its size: if these are the same, so is what it holds."""


def is_notebook(path: str) -> bool:
    """Is a file a notebook, by its name?"""
    return path.endswith(".ipynb")


class Files(Protocol):
    """Read access to a tree of files by absolute path; `display` is the form that people read."""

    def absolute(self, path: str) -> str: ...
    def display(self, path: str) -> str: ...
    def read(self, path: str) -> bytes: ...
    def stamp(self, path: str) -> Stamp | None: ...
    def is_file(self, path: str) -> bool: ...
    def is_dir(self, path: str) -> bool: ...
    def names(self, directory: str) -> list[str]: ...


class Disk:
    """Files on disk; `overlay` stands in for what is saved there (standard input)."""

    def __init__(self, overlay: Mapping[str, bytes] | None = None) -> None:
        self.here = os.getcwd()
        self.overlay = {self.absolute(path): data for path, data in (overlay or {}).items()}
        self._is_file: dict[str, bool] = {}

    def absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.here, path))

    def display(self, path: str) -> str:
        """Relative to the working directory for a path below it."""
        inside = path.startswith(self.here.rstrip(os.sep) + os.sep)
        return os.path.relpath(path, self.here) if inside else path

    def read(self, path: str) -> bytes:
        if path in self.overlay:
            return self.overlay[path]
        with open(path, "rb") as file:
            return file.read()

    def stamp(self, path: str) -> Stamp | None:
        """The stamp of a file on disk; None where it proves nothing."""
        if path in self.overlay:
            return None
        try:
            found = os.stat(path)
        except OSError:
            return None
        if max(found.st_mtime_ns, found.st_ctime_ns) > time.time_ns() - RECENT:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size

    def is_file(self, path: str) -> bool:
        if path not in self._is_file:
            self._is_file[path] = path in self.overlay or os.path.isfile(path)
        return self._is_file[path]

    def is_dir(self, path: str) -> bool:
        return os.path.isdir(path)

    def names(self, directory: str) -> list[str]:
        try:
            return os.listdir(directory)
        except OSError:
            return []


class Texts:
    """Files in memory: path -> text, as if the working directory held nothing else."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._shown = {self.absolute(path): path for path in texts}
        self._texts = {self.absolute(path): text.encode("utf-8", "surrogatepass") for path, text in texts.items()}
        self._children: dict[str, set[str]] = {}
        for path in self._texts:
            while path != "/":
                path, name = posixpath.split(path)
                self._children.setdefault(path, set()).add(name)

    def stamp(self, path: str) -> Stamp | None:
        return None

    def absolute(self, path: str) -> str:
        return posixpath.normpath(posixpath.join("/", path))

    def display(self, path: str) -> str:
        return self._shown.get(path, path.lstrip("/"))

    def read(self, path: str) -> bytes:
        if path not in self._texts:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self._texts[path]

    def is_file(self, path: str) -> bool:
        return path in self._texts

    def is_dir(self, path: str) -> bool:
        return path in self._children

    def names(self, directory: str) -> list[str]:
        return sorted(self._children.get(directory, ()))

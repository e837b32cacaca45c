"""The files of a git revision, read from its objects: nothing is checked out."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from archlint.files import Stamp

LINK = "120000"
FILES = ("100644", "100755", "100664", LINK)


class GitError(Exception):
    """Git cannot do what is asked; the text is for the user."""


@dataclass(slots=True)
class Revision:
    """The tree of one commit as `Files`: paths are where the files would stand in the working tree.

    root: of the repository, absolute.  here: the directory that people read paths from.
    """

    root: str
    here: str
    commit: str
    _blobs: dict[str, tuple[str, str]] = field(default_factory=dict)
    _children: dict[str, set[str]] = field(default_factory=dict)
    _objects: subprocess.Popen[bytes] | None = None
    _owner: int = 0

    def absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.here, path))

    def display(self, path: str) -> str:
        """Relative to `here` for a path below it."""
        inside = path.startswith(self.here.rstrip(os.sep) + os.sep)
        return os.path.relpath(path, self.here) if inside else path

    def read(self, path: str) -> bytes:
        found = self._found(path)
        if found is None:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self._object(self._blobs[found][1])

    def stamp(self, path: str) -> Stamp | None:
        return None

    def is_file(self, path: str) -> bool:
        return self._found(path) is not None

    def is_dir(self, path: str) -> bool:
        return path in self._children or path == os.path.join(self.root, ".git")

    def names(self, directory: str) -> list[str]:
        return sorted(self._children.get(directory, ()))

    def files(self) -> list[str]:
        """Every file, by absolute path, sorted."""
        return sorted(self._blobs)

    def _found(self, path: str) -> str | None:
        """The file that a path means, through symbolic links within the tree."""
        for _ in range(8):
            blob = self._blobs.get(path)
            if blob is None or blob[0] != LINK:
                return None if blob is None else path
            target = os.fsdecode(self._object(blob[1]))
            path = os.path.normpath(os.path.join(os.path.dirname(path), target))
        return None

    def _object(self, name: str) -> bytes:
        """The contents of a blob, from one git process for all of them; a forked worker has its own."""
        if self._objects is None or self._owner != os.getpid():
            self._owner = os.getpid()
            command = [*_command(self.root), "cat-file", "--batch"]
            self._objects = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        assert self._objects.stdin is not None
        assert self._objects.stdout is not None
        self._objects.stdin.write(name.encode("ascii") + b"\n")
        self._objects.stdin.flush()
        head = self._objects.stdout.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            raise OSError(5, "git has not got this file here; fetch it first", name)
        data = self._objects.stdout.read(int(head[2]) + 1)
        return data[:-1]

    def close(self) -> None:
        """End the git process."""
        if self._objects is not None:
            self._objects.communicate()
            self._objects = None


@contextmanager
def opened(root: str, here: str, commit: str) -> Iterator[Revision]:
    """The files of a commit.  Raises GitError."""
    revision = Revision(root, here, commit)
    for line in git(root, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
        head, tab, name = line.partition(b"\t")
        if tab:
            mode, _, blob = (part.decode("ascii") for part in head.split()[:3])
            if mode in FILES:
                _add(revision, os.path.join(root, *os.fsdecode(name).split(posixpath.sep)), mode, blob)
    try:
        yield revision
    finally:
        revision.close()


def _add(revision: Revision, path: str, mode: str, blob: str) -> None:
    revision._blobs[path] = (mode, blob)
    while path != revision.root and path != os.path.dirname(path):
        path, name = os.path.split(path)
        children = revision._children.setdefault(path, set())
        if name in children:
            break
        children.add(name)


def top_of(folder: str) -> str:
    """The root of the repository that a directory is in.  Raises GitError."""
    done = _run(folder, "rev-parse", "--show-toplevel")
    if done.returncode:
        said = os.fsdecode(done.stderr)
        raise GitError(
            said.strip() if "dubious" in said else "this is no git repository; archlint diff compares revisions"
        )
    return os.path.normpath(os.fsdecode(done.stdout).rstrip("\n"))


def commit_of(root: str, revision: str) -> str:
    """The commit that a revision means.  Raises GitError."""
    done = _run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode:
        shallow = _run(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        hint = "; the repository is shallow: git fetch --unshallow brings the rest of its history" if shallow else ""
        raise GitError(f"no such revision: {revision}{hint}")
    return os.fsdecode(done.stdout).strip()


def parted(root: str, one: str, other: str) -> str:
    """The last commit that two have in common.  Raises GitError."""
    done = _run(root, "merge-base", one, other)
    if done.returncode:
        raise GitError("the two revisions have no commit in common here; in a shallow repository fetch more of it")
    return os.fsdecode(done.stdout).strip()


@dataclass(slots=True)
class Moves:
    """What differs between two states, by absolute path: before, after (those that are new), and what was renamed."""

    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)


def moves(root: str, old: str, new: str | None) -> Moves:
    """The files that differ between a commit and another, or (None) the working tree.  Raises GitError."""
    options = ["--name-status", "--find-renames", "--no-ext-diff", "--ignore-submodules", "-z"]
    parts = os.fsdecode(git(root, "diff", *options, old, *([new] if new is not None else []), "--")).split("\0")
    found = Moves()
    at = 0
    while at + 1 < len(parts):
        status, paths = parts[at], parts[at + 1 : at + 2 + (parts[at][:1] in "RC")]
        at += 1 + len(paths)
        places = [os.path.join(root, *path.split(posixpath.sep)) for path in paths]
        if status[0] == "R":
            found.renamed[places[0]] = places[1]
        if status[0] not in "AC":
            found.before.add(places[0])
        if status[0] != "D":
            found.after.add(places[-1])
    if new is None:
        untracked = os.fsdecode(git(root, "ls-files", "-z", "-o", "--exclude-standard")).split("\0")
        found.after |= {os.path.join(root, *path.split(posixpath.sep)) for path in untracked if path}
    return found


def git(root: str, *arguments: str) -> bytes:
    """What git prints.  Raises GitError."""
    done = _run(root, *arguments)
    if done.returncode:
        raise GitError(f"git {arguments[0]}: {os.fsdecode(done.stderr).strip()}")
    return done.stdout


def _command(folder: str) -> list[str]:
    # A repository may name a program in core.fsmonitor, which git would run.
    return ["git", "-C", folder, "-c", "core.fsmonitor=false", "-c", "core.quotepath=false"]


def _run(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([*_command(folder), *arguments], capture_output=True, check=False)
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from None

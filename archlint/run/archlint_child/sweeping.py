"""Removes a directory that a hostile program has filled."""

import os
import shutil


def remove(folder: str) -> None:
    """Remove a directory and all in it, never following a link, however deep it is.

    A tree of 10,000 levels is beyond recursion and the longest path: what is in a subdirectory is moved up first.
    """
    try:
        flatten(folder)
        shutil.rmtree(folder, ignore_errors=True)
    except (OSError, RecursionError):
        shutil.rmtree(folder, ignore_errors=True)


def flatten(folder: str) -> None:
    """Move every directory below up into `folder`."""
    pending, number = directories(folder), 0
    while pending:
        deep = pending.pop()
        os.chmod(deep, 0o700)
        for child in directories(deep):
            number += 1
            up = os.path.join(folder, "swept-%d-%d" % (os.getpid(), number))
            os.chmod(child, 0o700)
            os.rename(child, up)
            pending.append(up)


def directories(folder: str) -> "list[str]":
    """Directories in a directory, links not among them."""
    with os.scandir(folder) as entries:
        return [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]

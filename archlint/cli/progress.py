"""What a person at a terminal sees while a run is long: one line, written over and gone at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

PATIENCE = 1.0
"""Seconds after which a run is long."""

PAUSE = 0.1
"""Seconds between two drawings."""

WIDTH = 24


@contextmanager
def one_line(stream: TextIO) -> Iterator[Callable[[str], None] | None]:
    """Shows a text in place of the one before; None where no person at a terminal reads it."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb" or os.environ.get("CI"):
        yield None
        return
    import shutil

    from archlint.report.cells import clean

    def tell(text: str) -> None:
        stream.write(f"\r\x1b[K{clean(text)[: shutil.get_terminal_size().columns - 1]}")
        stream.flush()

    try:
        yield tell
    finally:
        stream.write("\r\x1b[K")
        stream.flush()


@contextmanager
def counted(stream: TextIO, total: int) -> Iterator[Callable[[str], None]]:
    """Called with the name of each thing that is done, draws how many of `total` are; not in the first second."""
    with one_line(stream) as tell:
        if tell is None:
            yield lambda _: None
            return
        done = 0
        due = time.monotonic() + PATIENCE

        def step(name: str) -> None:
            nonlocal done, due
            done += 1
            now = time.monotonic()
            if now >= due:
                due = now + PAUSE
                tell(f"{bar(done, total)} {done:,}/{total:,} {name}")

        yield step


def bar(done: int, total: int) -> str:
    """`[######------------------]`."""
    full = WIDTH * done // max(total, 1)
    return f"[{'#' * full}{'-' * (WIDTH - full)}]"

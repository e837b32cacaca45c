"""Writes texts back to their files: same encoding, same rights, all of a file or nothing."""

from __future__ import annotations

import os
import stat
import tempfile

from archlint.files import is_notebook
from archlint.notebook_file import with_cells
from archlint.source.encoding import encoding_of
from archlint.source.notebook import cells_of


def encoded(path: str, text: str, old: bytes) -> bytes:
    """The new text of a file as bytes, in the encoding of the old ones.  Raises ValueError for the user.

    The text of a notebook is that of its cells; all else in it stays as it was.
    """
    if is_notebook(path):
        return with_cells(old, cells_of(text))
    encoding = encoding_of(old)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise ValueError(f"{error.object[error.start]!r} cannot be written in {encoding}") from None


def read_only(path: str) -> bool:
    """May the file not be written?  A file without the right is left alone, whoever runs this."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK)


def write_file(path: str, data: bytes) -> None:
    """Put the bytes in the place of a file in one step.  Raises OSError; then the file is as it was."""
    target = os.path.realpath(path)  # a link stays a link
    mode = os.stat(target).st_mode
    handle, temporary = tempfile.mkstemp(prefix=".archlint-", dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise

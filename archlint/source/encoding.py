"""From a file's bytes to its text, as Python reads it."""

from __future__ import annotations

import codecs
import re

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class NotText(ValueError):
    """A file's bytes are no text in the encoding they declare."""


def decode(data: bytes) -> str:
    """The text of a Python file: UTF-8, or what its `coding:` comment says.  A byte order mark stays in the text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotText("the file is UTF-16; Python reads UTF-8")
    encoding = encoding_of(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line_number = data.count(b"\n", 0, error.start) + 1
        raise NotText(f"line {line_number} is not {encoding}: byte 0x{data[error.start]:02x}") from None
    except (LookupError, ValueError):
        raise NotText(f"unknown encoding `{encoding}`") from None


def encoding_of(data: bytes) -> str:
    """The name of the encoding that a file states; `utf-8` if it states none."""
    if not data.startswith(codecs.BOM_UTF8):
        for line in data.split(b"\n", 2)[:2]:
            cookie = _COOKIE.match(line)
            if cookie:
                return cookie[1].decode("ascii", "replace")
            if line.strip() and not line.lstrip().startswith(b"#"):
                break
    return "utf-8"

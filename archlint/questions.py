"""What the evaluation of a file asked of its project, written down so that it can be asked again.

As long as the answers are the same, so is what the evaluation gives: nothing else of the disk reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias

from archlint.files import Stamp

Version: TypeAlias = tuple["str | None", "Stamp | None"]
"""What a file held, as a digest (None: it could not be read), and its stamp on disk then."""


@dataclass(slots=True)
class Questions:
    """texts: the files whose text was looked at, and what they held.

    modules: (directory of the importer, leading dots, module) -> the file that is meant; None where none was found, so
    that a file which appears later counts.
    attributes: (class, its file) -> a digest of what the other checked files read from it.
    """

    texts: dict[str, Version] = field(default_factory=dict)
    modules: dict[tuple[str, int, str], str | None] = field(default_factory=dict)
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a file's own text says of its place in the project: does it name a framework, what may it import?

    imports: (leading dots, module); empty where a framework is named, as nothing more is asked then.
    """

    framework: bool
    imports: tuple[tuple[int, str], ...] = ()


def digest_of(data: bytes) -> str:
    """A short text that two different contents do not share."""
    return blake2b(data, digest_size=16).hexdigest()


def digest_of_all(texts: Iterable[str]) -> str:
    """The same for several texts, in their order."""
    return digest_of("\0".join(texts).encode("utf-8", "surrogatepass"))

"""A page analysed: findings and models, as the command line would give them for the same text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archlint.server.pages import Page

if TYPE_CHECKING:
    from archlint.diagnostic import Diagnostic
    from archlint.facts.table import Row, Summary
    from archlint.graph import Node
    from archlint.model import Model
    from archlint.server.shapes import Place
    from archlint.source.model import Source
    from archlint.text import LineIndex


@dataclass(slots=True)
class Analysis:
    """What a page gave.  path: the page's, as findings name it; texts: of every file that a finding names.

    complete: is everything up to date?  late: are models missing or old?  typing: they will stay so until the statement
    that is being typed parses.  read: the other files that count, by absolute path.
    evaluated: how many entry points were.  others: the unsaved texts that it was analysed with.  notes, errors: what
    the user should know beyond findings, and failures of our own.
    """

    page: Page
    path: str
    folder: str
    source: Source
    notes: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    texts: dict[str, LineIndex] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    serial: int = 0
    complete: bool = True
    late: bool = False
    typing: bool = False
    evaluated: int = 0
    read: frozenset[str] = frozenset()
    others: Mapping[str, str] = field(default_factory=dict, repr=False)
    _places: list[Place] | None = field(default=None, repr=False)
    _summaries: dict[int, Summary] = field(default_factory=dict, repr=False)
    _definitions: list[tuple[tuple[int, int], list[Model]]] | None = field(default=None, repr=False)

    def places(self) -> list[Place]:
        """What came out of every call and layer that the page spells out, in order of the text."""
        if self._places is None:
            from archlint.server.shapes import places

            self._places = places(self)
        return self._places

    def definitions(self) -> list[tuple[tuple[int, int], list[Model]]]:
        """Where models are defined, by the range of the name."""
        if self._definitions is None:
            from archlint.server.models import definitions

            self._definitions = definitions(self)
        return self._definitions

    def summary(self, model: Model) -> Summary:
        """The numbers of a model."""
        found = self._summaries.get(id(model))
        if found is None:
            from archlint.facts.summary import summarize

            found = self._summaries[id(model)] = summarize(model)
        return found

    def row(self, model: Model, node: Node) -> Row | None:
        """The numbers of one application; None for what only passes a tensor on."""
        rows = self.summary(model).rows
        same = [n for n in model.nodes if n.span == node.span and n.op == node.op]
        there = [row for row in rows if row.span == node.span and row.op_name == node.op]
        return there[same.index(node)] if len(there) == len(same) else None

    def absolute(self, path: str) -> str:
        """Where a file that a span names is."""
        return os.path.normpath(os.path.join(self.folder, path))

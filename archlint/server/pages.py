"""What the client has open, as analysis reads it: a file is a page of one text, a notebook one of many cells."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from archlint.server.texts import Text


@dataclass(slots=True)
class Page:
    """A text to analyse, whole, and the documents of the client that it is made of.

    uri: of the file or notebook.  path: absolute; of what is not saved, a path that does not exist.  bases: where in
    the whole each document begins.  version: grows with every change.
    """

    uri: str
    path: str
    documents: list[tuple[str, Text]]
    version: int
    client_version: int | None = None
    notebook: bool = False
    text: str = field(init=False, repr=False)
    bases: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.notebook:
            self.text, self.bases = self.documents[0][1].text, [0]
            return
        from archlint.source.notebook import BETWEEN, joined

        self.text = joined([text.text for _, text in self.documents]).text
        lengths = [len(text.text) + len(BETWEEN) for _, text in self.documents]
        self.bases = [0, *accumulate(lengths)][: len(lengths)]

    def with_text(self, text: str) -> Page:
        """The page with another text, which is one of as many cells."""
        if not self.notebook:
            uri, own = self.documents[0]
            return replace(self, documents=[(uri, Text(text, own.unit))])
        from archlint.source.notebook import cells_of

        cells = zip(self.documents, cells_of(text))
        return replace(self, documents=[(uri, Text(cell, own.unit)) for (uri, own), cell in cells])

    def place(self, offset: int) -> tuple[str, Text, int]:
        """The document that holds an offset of the whole, and the offset in it."""
        if not self.documents:
            return self.uri, Text("", 2), 0
        number = max(bisect_right(self.bases, offset) - 1, 0)
        uri, text = self.documents[number]
        return uri, text, min(offset - self.bases[number], len(text.text))

    def location(self, start: int, end: int) -> types.Location:
        """Where a range of the whole is shown; a range over several cells ends with its first one."""
        uri, text, first = self.place(start)
        return types.Location(uri, text.range(first, min(first + end - start, len(text.text))))

    def base_of(self, uri: str) -> int:
        """Where a document begins in the whole."""
        return next((base for (own, _), base in zip(self.documents, self.bases) if own == uri), 0)

    def text_of(self, uri: str) -> Text | None:
        """One of the documents."""
        return next((text for own, text in self.documents if own == uri), None)

    def offset(self, uri: str, position: types.Position) -> int:
        """The offset in the whole of a position in a document."""
        text = self.text_of(uri)
        return 0 if text is None else self.base_of(uri) + text.offset(position)

    def whole_of(self, uri: str) -> tuple[int, int]:
        """The range of the whole that a document is."""
        text = self.text_of(uri)
        base = self.base_of(uri)
        return base, base + (0 if text is None else len(text.text))


@dataclass(slots=True)
class Pages:
    """Everything that is open.  unit: bytes of what columns are counted in.  root: where unsaved files belong."""

    unit: int = 2
    root: str = os.path.abspath(os.sep)
    pages: dict[str, Page] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    """By the uri of a document, the page that it belongs to."""
    versions: int = 0

    def of(self, uri: str) -> Page | None:
        """The page of a file, notebook or cell."""
        return self.pages.get(self.owners.get(uri, uri))

    def __iter__(self) -> Iterator[Page]:
        return iter(list(self.pages.values()))

    def opened(self, document: types.TextDocumentItem) -> Page:
        """A file was opened."""
        text = Text(document.text, self.unit)
        return self._put(document.uri, [(document.uri, text)], document.version, notebook=False)

    def changed(self, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]) -> Page | None:
        """A file was edited; None for one that was never opened."""
        page = self.pages.get(uri)
        if page is None:
            return None
        return self._put(uri, [(uri, page.documents[0][1].edited(changes))], version, notebook=False)

    def touch(self, uri: str) -> None:
        """Let a page count as changed: something that it depends on has."""
        page = self.pages.get(uri)
        if page is not None:
            self.versions += 1
            self.pages[uri] = replace(page, version=self.versions)

    def closed(self, uri: str) -> Page | None:
        """A file or notebook was closed."""
        self.owners = {own: page for own, page in self.owners.items() if page != uri}
        return self.pages.pop(uri, None)

    def notebook_opened(self, params: types.DidOpenNotebookDocumentParams) -> Page:
        """A notebook was opened; the cells that are not code are no documents of it."""
        texts = {item.uri: Text(item.text, self.unit) for item in params.cell_text_documents}
        notebook = params.notebook_document
        order = [cell.document for cell in notebook.cells if cell.kind == types.NotebookCellKind.Code]
        return self._cells(notebook.uri, order, texts, notebook.version)

    def notebook_changed(self, params: types.DidChangeNotebookDocumentParams, cells: Sequence[str]) -> Page | None:
        """A notebook was edited; `cells`: the uris of its code cells as they stand now."""
        page = self.pages.get(params.notebook_document.uri)
        if page is None:
            return None
        texts = dict(page.documents)
        change = params.change.cells
        if change is not None and change.structure is not None:
            texts |= {item.uri: Text(item.text, self.unit) for item in change.structure.did_open or ()}
        for one in (change.text_content or ()) if change is not None else ():
            if one.document.uri in texts:
                texts[one.document.uri] = texts[one.document.uri].edited(one.changes)
        return self._cells(page.uri, cells, texts, params.notebook_document.version)

    def _cells(self, uri: str, order: Sequence[str], texts: dict[str, Text], version: int) -> Page:
        return self._put(uri, [(cell, texts[cell]) for cell in order if cell in texts], version, notebook=True)

    def _put(self, uri: str, documents: list[tuple[str, Text]], version: int, *, notebook: bool) -> Page:
        self.versions += 1
        page = Page(uri, path_of(uri, self.root), documents, self.versions, version, notebook)
        self.pages[uri] = page
        self.owners = {own: owner for own, owner in self.owners.items() if owner != uri}
        self.owners.update({own: uri for own, _ in documents})
        return page


def path_of(uri: str, root: str = os.path.abspath(os.sep)) -> str:
    """The absolute path behind a uri; `untitled:Untitled-1` is given one below `root`."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    if path:
        return os.path.normpath(path)
    name = "".join(character if character.isalnum() or character in "-._" else "-" for character in uri)
    return os.path.join(root, name if name.endswith(".py") else name + ".py")


def uri_of(path: str) -> str:
    """The uri of a file."""
    return from_fs_path(path) or path

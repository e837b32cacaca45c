"""Everything that is shown beside findings: shapes, hovers, lenses, symbols, the path of a tensor."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from archlint.server.analysis import Analysis
from archlint.server.pages import Page
from archlint.server.session import Session


def register(server: LanguageServer, session: Session) -> None:
    """Answer what clients ask to show."""
    _inlay(server, session)
    _reading(server, session)
    _models(server, session)


async def _known(session: Session, uri: str) -> tuple[Page | None, Analysis | None]:
    page = session.pages.of(uri)
    return page, None if page is None else await session.analysis(page)


async def _lasting(session: Session, uri: str) -> Analysis | None:
    """What is shown until the next edit: all of it, unless the client can be told to ask again."""
    page = session.pages.of(uri)
    workspace = session.server.client_capabilities.workspace
    refreshed = workspace is not None and workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support
    if page is None:
        return None
    return await (session.analysis(page) if refreshed else session.whole(page))


def _inlay(server: LanguageServer, session: Session) -> None:
    from archlint.server import inlay

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintOptions(resolve_provider=True))
    async def inlay_hints(params: types.InlayHintParams) -> list[types.InlayHint]:
        uri = params.text_document.uri
        analysis = await _lasting(session, uri)
        if analysis is None:
            return []
        page = analysis.page
        first, last = page.whole_of(uri)
        start, end = page.offset(uri, params.range.start), page.offset(uri, params.range.end)
        found = inlay.hints(analysis, session.settings, max(first, start), min(last, end))
        return [inlay.inlay_hint(analysis, at, text, place) for at, text, place in found]

    @server.feature(types.INLAY_HINT_RESOLVE)
    async def resolve(hint: types.InlayHint) -> types.InlayHint:
        uri = hint.data.get("uri", "") if isinstance(hint.data, dict) else ""
        _, analysis = await _known(session, uri)
        return hint if analysis is None else inlay.explained(analysis, hint)


def _reading(server: LanguageServer, session: Session) -> None:
    from archlint.server import models
    from archlint.server.hover import hover

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        uri = params.text_document.uri
        _, analysis = await _known(session, uri)
        return None if analysis is None else hover(analysis, analysis.page.offset(uri, params.position))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlighted(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        uri = params.text_document.uri
        _, analysis = await _known(session, uri)
        return [] if analysis is None else models.highlights(analysis, uri, analysis.page.offset(uri, params.position))


def _models(server: LanguageServer, session: Session) -> None:
    from archlint.server import models

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        analysis = await _lasting(session, uri)
        if analysis is None or not session.settings.lens:
            return []
        start, end = analysis.page.whole_of(uri)
        return list(models.lenses(analysis, start, end + 1))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        uri = params.text_document.uri
        analysis = await _lasting(session, uri)
        return [] if analysis is None else models.symbols(analysis, uri)

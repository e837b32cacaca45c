"""The server: which messages of the client are answered by what."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from archlint import __version__
from archlint.server import commands, shown
from archlint.server.diagnostics import by_document
from archlint.server.pages import Page, path_of
from archlint.server.session import Session, log
from archlint.server.settings import configured_in, read
from archlint.server.texts import UNITS

NOTEBOOKS = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(
            notebook="jupyter-notebook", cells=[types.NotebookCellLanguage(language="python")]
        )
    ]
)


def build() -> LanguageServer:
    """A server that is ready to be started."""
    server = LanguageServer("archlint", __version__, notebook_document_sync=NOTEBOOKS)
    session = Session(server)
    _lifetime(server, session)
    _documents(server, session)
    _notebooks(server, session)
    _findings(server, session)
    _workspace(server, session)
    shown.register(server, session)
    commands.register(server, session)
    return server


def _lifetime(server: LanguageServer, session: Session) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        session.worker.submit(session.warm_up)
        document = params.capabilities.text_document
        session.pushes = document is None or document.diagnostic is None
        encoding = server.workspace.position_encoding
        session.pages.unit = UNITS.get(encoding, 2) if encoding is not None else 2  # type: ignore[call-overload]
        uris = [folder.uri for folder in params.workspace_folders or ()]
        session.folders = [path_of(uri) for uri in uris or ([params.root_uri] if params.root_uri else [])]
        session.pages.root = session.folders[0] if session.folders else os.path.abspath(os.sep)
        session.settings = read(params.initialization_options, configured_in(session.pages.root))

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        await session.fetch_settings()
        await _watch(server)

    @server.feature(types.SHUTDOWN)
    def shutdown(params: None) -> None:
        session.worker.shutdown(wait=False, cancel_futures=True)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: types.DidChangeConfigurationParams) -> None:
        if isinstance(params.settings, dict) and params.settings:
            session.use(read(params.settings, session.settings))
        await session.fetch_settings()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {path_of(folder.uri) for folder in params.event.removed}
        session.folders = [f for f in session.folders if f not in gone]
        session.folders += [path_of(folder.uri) for folder in params.event.added]
        session.stale()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files(params: types.DidChangeWatchedFilesParams) -> None:
        session.disk_changed.set()
        if any(session.pages.of(change.uri) is None for change in params.changes):
            session.stale()


async def _watch(server: LanguageServer) -> None:
    """Ask to be told of changes to configurations and to what is imported."""
    workspace = server.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace is not None else None
    if watched is None or not watched.dynamic_registration:
        return
    globs = ("**/*.py", "**/pyproject.toml", "**/archlint.toml", "**/.archlint.toml")
    options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in globs])
    wanted = types.Registration("archlint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    try:
        await server.client_register_capability_async(types.RegistrationParams([wanted]))
    except Exception as error:  # a client that does not do what it says
        log.info("files are not watched: %s", error)


def _documents(server: LanguageServer, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        session.opened(session.pages.opened(params.text_document))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        page = session.pages.changed(document.uri, document.version, params.content_changes)
        if page is not None:
            session.opened(page)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        page = session.pages.of(params.text_document.uri)
        if page is not None:
            session.saved(page)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        session.closed(params.text_document.uri)


def _notebooks(server: LanguageServer, session: Session) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenNotebookDocumentParams) -> None:
        session.opened(session.pages.notebook_opened(params))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeNotebookDocumentParams) -> None:
        notebook = server.workspace.get_notebook_document(notebook_uri=params.notebook_document.uri)
        cells = notebook.cells if notebook is not None else []
        code = [cell.document for cell in cells if cell.kind == types.NotebookCellKind.Code]
        page = session.pages.notebook_changed(params, code)
        if page is not None:
            session.opened(page)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseNotebookDocumentParams) -> None:
        session.closed(params.notebook_document.uri)


def _findings(server: LanguageServer, session: Session) -> None:
    options = types.DiagnosticOptions(identifier="archlint", inter_file_dependencies=True, workspace_diagnostics=True)

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def pulled(params: types.DocumentDiagnosticParams) -> Any:
        page = session.pages.of(params.text_document.uri)
        items, version = await findings(session, page, params.text_document.uri)
        if version and params.previous_result_id == version:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=version)
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=version or None)


def _workspace(server: LanguageServer, session: Session) -> None:
    """Clients ask again as soon as they are answered: an answer waits until there is something new."""

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def all_files(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        from archlint.server.whole import check_folder, report

        if params.previous_result_ids or not session.settings.workspace:
            session.disk_changed.clear()
            await session.disk_changed.wait()
        found: dict[str, list[types.Diagnostic]] = {}
        for folder in session.folders if session.settings.workspace else ():
            try:
                found |= await session.apart(partial(check_folder, folder, session.settings, session.pages.unit))
            except Exception as error:
                session.tell(f"{folder} was not checked: {error}")
        before = {one.uri: one.value for one in params.previous_result_ids}
        return report(found, before, [page.uri for page in session.pages])


async def findings(session: Session, page: Page | None, uri: str) -> tuple[list[types.Diagnostic], str]:
    """The findings of a document, and a text that stands for them."""
    found = None if page is None else await session.analysis(page)
    if found is None:
        return [], ""
    return by_document(found).get(uri, []), str(found.serial)

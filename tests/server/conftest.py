"""A server for each kind of client, started once per module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from editor import Editor, config
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities

PROFILES = {"vscode": "visual_studio_code", "neovim": "neovim@v0.11", "emacs": "emacs"}


def capabilities(name: str) -> types.ClientCapabilities:
    """What a client says that it can do; the profiles are older than the editors."""
    found = client_capabilities(PROFILES[name])
    assert found.text_document is not None
    if name == "emacs":
        found.text_document.diagnostic = None
    elif found.text_document.diagnostic is None:
        found.text_document.diagnostic = types.DiagnosticClientCapabilities(related_document_support=False)
    return found


async def initialised(client: LanguageClient, name: str, folders: list[Path]) -> types.InitializeResult:
    """Shake hands as an editor does."""

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams) -> None:
        client.registrations = params.registrations  # type: ignore[attr-defined]

    for refresh in (types.WORKSPACE_INLAY_HINT_REFRESH, types.WORKSPACE_CODE_LENS_REFRESH):
        client.feature(refresh)(lambda params: None)
    return await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities(name),
            root_uri=folders[0].as_uri() if folders else None,
            workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders],
        )
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace folder of the module's servers."""
    return tmp_path_factory.mktemp("project")


@pytest_lsp.fixture(scope="module", config=config())
async def vscode(client: LanguageClient, project: Path) -> AsyncIterator[None]:
    await initialised(client, "vscode", [project])
    yield
    await client.shutdown_session()


@pytest_lsp.fixture(scope="module", config=config())
async def emacs(client: LanguageClient, project: Path) -> AsyncIterator[None]:
    await initialised(client, "emacs", [project])
    yield
    await client.shutdown_session()


@pytest.fixture
def editor(vscode: LanguageClient) -> Editor:
    return Editor(vscode)


@pytest.fixture
def pushed(emacs: LanguageClient) -> Editor:
    return Editor(emacs)

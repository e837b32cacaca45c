"""What the client may have done: drawing a graph, running a model, fixing a file, telling about itself."""

from __future__ import annotations

import os
import platform
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from archlint import __version__
from archlint.server import actions
from archlint.server.analysis import Analysis
from archlint.server.fixing import fixed_text
from archlint.server.session import Session

if TYPE_CHECKING:
    from archlint.model import Model

FORMATS = ("mermaid", "json", "svg", "html", "dot")


def register(server: LanguageServer, session: Session) -> None:
    """Offer code actions and commands."""
    _actions(server, session)

    @server.command("archlint.applyAutofix")
    async def apply(*given: Any) -> dict[str, Any]:
        return await _apply(server, session, str(given[0]) if given else "")

    @server.command("archlint.showGraph")
    async def graph(*given: Any) -> dict[str, Any]:
        uri, model, form = (*map(str, given), "", "", "")[:3]
        return await _graph(session, uri, model, form or "mermaid")

    @server.command("archlint.verify")
    async def verify(*given: Any) -> dict[str, Any]:
        uri, model = (*map(str, given), "", "")[:2]
        return await _verify(server, session, uri, model)

    @server.command("archlint.printDebugInformation")
    async def debug(*given: Any) -> dict[str, Any]:
        settled = all(analysis.complete or analysis.typing for analysis in session.known.values())
        spent = {"processorSeconds": time.process_time(), "residentMegabytes": _resident(), "settled": settled}
        return {"text": debug_information(server, session), **spent}


def _actions(server: LanguageServer, session: Session) -> None:
    options = types.CodeActionOptions(code_action_kinds=list(actions.KINDS), resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri, only = params.text_document.uri, params.context.only
        page = session.pages.of(uri)
        analysis = None if page is None else await session.analysis(page)
        if page is None or analysis is None:
            return []
        found: list[types.CodeAction] = []
        if actions.wanted(actions.QUICK, only):
            start, end = page.offset(uri, params.range.start), page.offset(uri, params.range.end)
            found += actions.quick_fixes(analysis, start, end)
        kind = actions.NOTEBOOK_FIX_ALL if page.notebook else actions.FIX_ALL
        for name in (kind, actions.FIX_ALL) if page.notebook else (kind,):
            if actions.wanted(name, only) and (fix := await _fix_all(session, analysis, name, _resolves(server))):
                found.append(fix)
                break
        return found

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        uri = str(action.data.get("uri", "")) if isinstance(action.data, dict) else ""
        analysis = await _analysed(session, uri)
        if analysis is not None and action.edit is None:
            action.edit, _ = await _fixed(session, analysis)
        return action


def _resolves(server: LanguageServer) -> bool:
    """Can the client ask for the edit of an action when it is chosen?"""
    document = server.client_capabilities.text_document
    support = document.code_action.resolve_support if document and document.code_action else None
    return support is not None and "edit" in support.properties


async def _fix_all(session: Session, analysis: Analysis, kind: str, later: bool) -> types.CodeAction | None:
    """All safe fixes; `later`: the client asks for the edit when the action is chosen."""
    if not actions.fixable(analysis):
        return None
    action = types.CodeAction(title="archlint: apply all safe fixes", kind=kind, data={"uri": analysis.page.uri})
    if not later:
        action.edit, applied = await _fixed(session, analysis)
        return action if applied else None
    return action


async def _fixed(session: Session, analysis: Analysis) -> tuple[types.WorkspaceEdit, int]:
    """The edit that applies what is safe, and how many findings it fixes."""
    text, applied = await session.on_bench(partial(fixed_text, session.workbench, analysis, session.settings))
    return actions.workspace_edit(analysis, actions.difference(analysis, text)), applied


async def _apply(server: LanguageServer, session: Session, uri: str) -> dict[str, Any]:
    analysis = await _analysed(session, uri)
    if analysis is None:
        return _not_open(uri)
    edit, applied = await _fixed(session, analysis)
    now = session.pages.of(uri)
    if now is None or now.version != analysis.page.version:
        return {"applied": 0, "error": "the file was changed meanwhile"}
    if applied:
        await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, "archlint: safe fixes"))
    return {"applied": applied}


async def _analysed(session: Session, uri: str) -> Analysis | None:
    page = session.pages.of(uri)
    return None if page is None else await session.analysis(page)


def _not_open(uri: str) -> dict[str, Any]:
    return {"error": f"{uri or 'no file'} is not open"}


async def _graph(session: Session, uri: str, name: str, form: str) -> dict[str, Any]:
    analysis = await _analysed(session, uri)
    if analysis is None:
        return _not_open(uri)
    chosen = [model for model in analysis.models if name in ("", model.name)]
    if form not in FORMATS:
        return {"error": f"no such format: {form}; there are {', '.join(FORMATS)}"}
    if not chosen:
        names = ", ".join(model.name for model in analysis.models)
        return {"error": f"no model {name!r}; there are {names}" if names else "no models in this file"}
    content = await session.on_bench(partial(_drawn, analysis, chosen, form))
    return {"uri": uri, "model": name or chosen[0].name, "format": form, "content": content}


def _drawn(analysis: Analysis, models: list[Model], form: str) -> str:
    from archlint.server.graphs import drawn

    return drawn(analysis, models, form)


async def _verify(server: LanguageServer, session: Session, uri: str, name: str) -> dict[str, Any]:
    page = session.pages.of(uri)
    if page is None:
        return _not_open(uri)
    if page.notebook or not os.path.isfile(page.path):
        return {"error": "only files on disk can be run"}
    token = f"archlint-verify-{page.version}"
    progress = server.work_done_progress
    shown = bool(server.client_capabilities.window and server.client_capabilities.window.work_done_progress)
    if shown:
        await progress.create_async(token)
        progress.begin(token, types.WorkDoneProgressBegin("archlint: running models", cancellable=False))
    try:
        return await session.apart(partial(_run, page.path, page.uri, name, session.settings.interpreter))
    finally:
        if shown:
            progress.end(token, types.WorkDoneProgressEnd())


def _run(path: str, uri: str, name: str, interpreter: str) -> dict[str, Any]:
    """Run the models of a saved file through the command line, in a process of its own."""
    import json
    import subprocess

    target = f"{path}::{name}" if name else path
    command = [sys.executable, "-m", "archlint", "verify", target, "--output-format", "json"]
    command += ["--python", interpreter] if interpreter else []
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    try:
        return {
            "uri": uri,
            "summary": done.stderr.strip(),
            "status": done.returncode,
            "report": json.loads(done.stdout),
        }
    except ValueError:
        return {"uri": uri, "error": (done.stderr or done.stdout).strip() or "nothing could be run"}


def _resident() -> float | None:
    """Megabytes of memory in use; None where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, AttributeError):
        return None


def debug_information(server: LanguageServer, session: Session) -> str:
    """What a report of a problem should say."""
    from importlib.metadata import version

    client = server.protocol
    lines = [
        f"archlint {__version__}, pygls {version('pygls')}, Python {platform.python_version()}, {platform.platform()}",
        f"executable {sys.executable}",
        f"positions in {getattr(server.workspace, 'position_encoding', '')}",
        f"findings are {'pushed' if session.pushes else 'pulled'}",
        f"folders {session.folders}",
        f"settings {session.settings}",
        f"protocol {type(client).__name__}, process of the client {server.process_id}",
    ]
    for page in session.pages:
        known = session.known.get(page.uri)
        models = "not analysed" if known is None else f"{len(known.models)} models, {len(known.diagnostics)} findings"
        lines.append(f"{page.path}: version {page.client_version}, {len(page.text)} characters, {models}")
        lines += [f"  {error}" for error in (known.errors if known is not None else ())]
    return "\n".join(lines)

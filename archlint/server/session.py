"""One client's session: what is open, what is known of it, and who waits for it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from archlint.server.analysis import Analysis
from archlint.server.diagnostics import by_document
from archlint.server.pages import Page, Pages
from archlint.server.patience import FIRST_ANSWER
from archlint.server.settings import SECTION, Settings, read
from archlint.server.workbench import Workbench

UNHURRIED = 0.4
"""Seconds after which pages are looked at again that import the one that is typed in."""

SLICE = 0.5
"""Seconds of the first round of what a first answer left out; each further one takes twice as many."""

DEBOUNCE = 0.1
"""Seconds without a change after which findings are sent to a client that does not ask for them."""

Found = TypeVar("Found")
log = logging.getLogger("archlint")


@dataclass(slots=True)
class Session:
    """What the features share.  The event loop owns it; `workbench` belongs to the one thread of `worker`.

    known: by the uri of a page, its last analysis.  running: the analyses that are under way or waited for.
    """

    server: LanguageServer
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "archlint"))
    workbench: Workbench = field(default_factory=Workbench)
    pages: Pages = field(default_factory=Pages)
    settings: Settings = field(default_factory=Settings)
    folders: list[str] = field(default_factory=list)
    known: dict[str, Analysis] = field(default_factory=dict)
    running: dict[str, asyncio.Task[Analysis | None]] = field(default_factory=dict)
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    finishing: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    disk_changed: asyncio.Event = field(default_factory=asyncio.Event)
    pushes: bool = True
    told: set[str] = field(default_factory=set)

    def warm_up(self) -> None:
        """Import what analysis needs; what is wrong with that is said when something is analysed."""
        try:
            self.workbench.warm_up()
        except Exception:
            log.exception("warm-up failed")

    async def on_bench(self, job: Callable[[], Found]) -> Found:
        """Do something with the workbench, on its thread."""
        return await asyncio.get_running_loop().run_in_executor(self.worker, job)

    async def apart(self, job: Callable[[], Found]) -> Found:
        """Do something slow that nothing here waits for."""
        return await asyncio.get_running_loop().run_in_executor(None, job)

    async def analysis(self, page: Page) -> Analysis | None:
        """The analysis of a page as it stands now; the last one if the new one fails."""
        known = self.known.get(page.uri)
        if known is not None and known.page.version == page.version:
            return known
        task = self.running.get(page.uri)
        if task is None or task.done():
            task = self.running[page.uri] = asyncio.ensure_future(self._settle(page.uri))
        return await asyncio.shield(task)

    async def _settle(self, uri: str) -> Analysis | None:
        """Analyse a page until its newest version is: for a first answer, the rest follows."""
        while (page := self.pages.of(uri)) is not None:
            known = self.known.get(uri)
            if known is not None and known.page.version == page.version:
                return known
            if not await self._analyse(page, most=FIRST_ANSWER):
                return self.known.get(uri)
            found = self.known.get(uri)
            if found is not None and not found.complete and not found.typing:
                self.finishing[uri] = self._soon(self._finish(page))
        return None

    async def _analyse(self, page: Page, *, most: float | None) -> bool:
        """Have a page analysed, for about so many seconds; False if that failed.

        What is no longer wanted when it is there is let go.
        """
        uri = page.uri
        texts = {other.path: other.text for other in self.pages if other.uri != uri and not other.notebook}

        def stopped() -> bool:
            now = self.pages.of(uri)
            return now is None or now.version != page.version

        folder, settings = self.folder_of(page), self.settings
        how = {"whole": True} if most is None else {"whole": False, "most": most}
        job = partial(self.workbench.analyse, page, texts, folder, settings, stopped, **how)
        try:
            found = await self.on_bench(job)
        except Exception as error:
            if type(error).__name__ == "Superseded":  # whose module the event loop never needs
                return True
            log.exception("analysis of %s failed", uri)
            self.tell(f"analysis of {os.path.basename(page.path)} failed: {type(error).__name__}: {error}")
            return False
        for message in (*found.notes, *found.errors):
            self.tell(message)
        if self.pages.of(uri) is not None:
            self.known[uri] = found
        return True

    async def _finish(self, page: Page) -> None:
        """Analyse the models that the first answer left out, and let the client know from time to time."""
        most = SLICE
        while stands(self.pages.of(page.uri), page):
            known = self.known.get(page.uri)
            if known is not None and stands(known.page, page) and (known.complete or known.typing):
                return
            late = known is not None and known.late
            if not await self._analyse(page, most=most if late else None):
                return
            most *= 2
            if stands(self.pages.of(page.uri), page):
                if self.pushes:
                    await self.push(page.uri)
                self.refresh()

    async def whole(self, page: Page) -> Analysis | None:
        """The analysis of a page with all of its models, for an answer that the client will not ask for again."""
        found = await self.analysis(page)
        if found is not None and not found.complete and (task := self.finishing.get(page.uri)) is not None:
            await asyncio.shield(task)
        return self.known.get(page.uri)

    def _soon(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something that need not be waited for."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def folder_of(self, page: Page) -> str:
        """The workspace folder of a page, the innermost one; else the folder of the file."""
        holding = [f for f in self.folders if page.path.startswith(f.rstrip(os.sep) + os.sep)]
        return max(holding, key=len) if holding else os.path.dirname(page.path)

    def opened(self, page: Page) -> None:
        """A page was opened or changed: findings are sent soon to a client that waits for them."""
        if self.pushes:
            self._later(page.uri, DEBOUNCE if page.uri in self.known else 0.0)
        self._others(page)

    def _others(self, page: Page) -> None:
        """Pages that read a page are stale when it is not what they read."""
        found = [one for uri, one in self.known.items() if uri != page.uri and page.path in one.read]
        for one in found:
            if one.others.get(page.path) == page.text:
                continue
            self.pages.touch(one.page.uri)
            if self.pushes:
                self._later(one.page.uri, UNHURRIED)
            else:
                self._refresh_later()

    def _refresh_later(self) -> None:
        """Let a client that asks for findings ask again, once typing pauses."""
        if "" in self.timers:
            self.timers.pop("").cancel()
        self.timers[""] = asyncio.get_running_loop().call_later(UNHURRIED, self.refresh)

    def saved(self, page: Page) -> None:
        """A page was saved: others may import it, also such as are not open."""
        self.disk_changed.set()
        self._others(page)

    def _later(self, uri: str, delay: float) -> None:
        if uri in self.timers:
            self.timers.pop(uri).cancel()
        loop = asyncio.get_running_loop()
        self.timers[uri] = loop.call_later(delay, lambda: self._soon(self.push(uri)))

    async def push(self, uri: str) -> None:
        """Send the findings of a page."""
        self.timers.pop(uri, None)
        page = self.pages.of(uri)
        if page is None:
            return
        found = await self.analysis(page)
        now = self.pages.of(uri)
        if found is None or now is None or found.page.version != now.version:
            return  # a newer version is on its way
        for document, items in by_document(found).items():
            version = None if page.notebook else page.client_version
            self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document, items, version))

    def closed(self, uri: str) -> None:
        """A page was closed: what is known of it is let go, what was shown is cleared."""
        page = self.pages.closed(uri)
        self.known.pop(uri, None)
        if uri in self.timers:
            self.timers.pop(uri).cancel()
        if page is not None and self.pushes:
            for document, _ in page.documents:
                self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document, []))
        self.worker.submit(self.workbench.forget, uri)

    async def fetch_settings(self) -> None:
        """Ask the client for the section `archlint`."""
        workspace = self.server.client_capabilities.workspace
        if workspace is None or not workspace.configuration:
            return
        item = types.ConfigurationItem(section=SECTION)
        found = await self.server.workspace_configuration_async(types.ConfigurationParams([item]))
        if found and found[0] is not None:
            self.use(read(found[0], self.settings))

    def use(self, settings: Settings) -> None:
        """Let other settings hold; everything is analysed anew if they differ."""
        for problem in settings.problems:
            self.tell(problem)
        if settings != self.settings:
            self.settings = settings
            self.disk_changed.set()
            self.stale()

    def stale(self) -> None:
        """What is known may not hold any longer: files beside the pages, or settings, have changed."""
        for page in self.pages:
            self.pages.touch(page.uri)
            if self.pushes:
                self._later(page.uri, 0.0)
        self.refresh()

    def refresh(self) -> None:
        """Let the client ask again for what it shows."""
        workspace = self.server.client_capabilities.workspace
        if workspace is None:
            return
        if workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self._ask(self.server.workspace_inlay_hint_refresh_async(None))
        if workspace.code_lens and workspace.code_lens.refresh_support:
            self._ask(self.server.workspace_code_lens_refresh_async(None))
        if not self.pushes and workspace.diagnostics and workspace.diagnostics.refresh_support:
            self._ask(self.server.workspace_diagnostic_refresh_async(None))

    def _ask(self, request: Awaitable[None]) -> None:
        async def quietly() -> None:
            try:
                await request
            except Exception as error:  # a client that cannot is no worse off
                log.debug("refresh: %s", error)

        self._soon(quietly())

    def tell(self, text: str) -> None:
        """Say something in the client's log, once."""
        if text not in self.told:
            self.told.add(text)
            self.server.window_log_message(types.LogMessageParams(types.MessageType.Warning, f"archlint: {text}"))


def stands(now: Page | None, page: Page) -> bool:
    """Is it still the newest version of the page?"""
    return now is not None and now.version == page.version

"""Analyses pages one version after another: what did not change is not evaluated again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from archlint.server.analysis import Analysis
from archlint.server.moving import Change, Placing, Standing
from archlint.server.options import options_for
from archlint.server.pages import Page
from archlint.server.patience import FIRST_ANSWER, Patience
from archlint.server.settings import Settings

if TYPE_CHECKING:
    from archlint.check import FileResult
    from archlint.diagnostic import Report
    from archlint.keeping import Keeping
    from archlint.options import RunOptions
    from archlint.outcome import Outcome
    from archlint.project import Project
    from archlint.questions import Questions
    from archlint.source.model import Source
    from archlint.source.parse import Memo

SYNTAX_ERROR = "ARC001"


@dataclass(slots=True)
class Before:
    """What is kept of a page between one version and the next.

    asked: what all that is kept was told of other files.  key: the options that it was found with.
    """

    memo: Memo = field(default_factory=dict)
    project: Project | None = None
    standing: Standing = field(default_factory=Standing)
    keeping: Keeping | None = None
    asked: Questions | None = None
    key: str = ""
    analysis: Analysis | None = None
    text: str = ""
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True)
class Workbench:
    """Analyses pages; of one thread only."""

    kept: dict[str, Before] = field(default_factory=dict)
    ready: bool = False
    serial: int = 0

    def warm_up(self) -> None:
        """Import what analysis needs.  Raises NoRulesError."""
        if not self.ready:
            import archlint.check
            import archlint.interp.entry
            from archlint.plugins import load_rules
            from archlint.source.parse import parse

            load_rules()
            parse("warm.py", "x = 1\n")
            assert archlint.check.DEFAULT is not None
            assert archlint.interp.entry.analyse is not None
            self.ready = True

    def analyse(
        self,
        page: Page,
        texts: Mapping[str, str],
        folder: str,
        settings: Settings,
        stopped: Callable[[], bool] = lambda: False,
        *,
        whole: bool = True,
        most: float = FIRST_ANSWER,
    ) -> Analysis:
        """Check a page; `texts` are the unsaved texts of other files by absolute path.

        stopped: is the answer no longer wanted?  Then Superseded is raised; what was found by then is kept.
        whole: however long it takes; else as much as about `most` seconds allow.
        """
        from archlint.check import check_one
        from archlint.interp.budget import Interrupted
        from archlint.keeping import Superseded

        self.warm_up()
        from archlint.interp.python import library

        library.PARTIALS.clear()  # of evaluations that are over
        before = self.kept.setdefault(page.uri, Before())
        before.patience.begin(most)
        project, path, source = opened(page, texts, folder, before)
        last = before.analysis
        change = _followed(before, source, page)
        options, problems = options_for(page.path, folder, settings)
        self.serial += 1
        found = Analysis(page, path, folder, source, problems, serial=self.serial, others=texts)
        typing = last is not None and bool(last.models) and _half_typed(source, change, last)

        keeping = _keeping(before, project, path, options, page)
        keeping.place = keeping.entries.place = Placing(path, source.chunks)
        keeping.entries.in_time = lambda seconds: (
            not typing and not stopped() and (whole or before.patience.in_time(seconds))
        )

        def add(_: str, result: FileResult) -> None:
            found.models += result.models

        keeping.typing = typing
        keeping.hurried, keeping.stopped = not whole, stopped
        keeping.entries.unwanted = stopped
        keeping.begin()
        try:
            outcome = check_one(project, path, options, add, keeping=keeping)
        except (Superseded, Interrupted):
            keeping.abandon()
            before.project = project
            if keeping.asked is not None:
                _note(before, keeping.asked)
            raise Superseded from None
        if not whole:
            before.patience.learn(keeping.entries.spent, keeping.fresh)
        _conclude(found, before, outcome, project, options, keeping)
        return found

    def forget(self, uri: str) -> None:
        """A page was closed."""
        self.kept.pop(uri, None)

    def forget_models(self) -> None:
        """Files beside the pages may have changed in ways that are not asked about."""
        for before in self.kept.values():
            before.keeping = None


def _followed(before: Before, source: Source, page: Page) -> Change:
    """What was typed; what stays of the statements is in the new text."""
    change = Change.between(before.text, page.text)
    same_code = before.standing.follow(source, change)
    before.memo = {text: same_code.get(id(body), body) for text, body in before.memo.items()}
    before.text = page.text
    return change


def _conclude(
    found: Analysis, before: Before, outcome: Outcome, project: Project, options: RunOptions, keeping: Keeping
) -> None:
    """Take over what the check gave, beside what it had no time for, and keep it for the next."""
    from archlint.check import unused_suppressions
    from archlint.outcome import report_of

    found.late, found.typing = bool(keeping.entries.late), keeping.typing
    found.complete, found.evaluated = keeping.complete, keeping.entries.evaluated
    if found.late or found.typing:
        _fill_up(found, outcome, before.analysis, keeping, found.typing)
    keeping.end()
    _note(before, outcome.asked)
    _report(found, before, report_of(project, [outcome], partial(unused_suppressions, project, options)), keeping)
    before.project, before.analysis = project, found


def _report(found: Analysis, before: Before, report: Report, keeping: Keeping) -> None:
    """Take over what is told of the page, each place where it is in the text of now."""
    from archlint.keeping import placed

    asked = before.asked.texts if before.asked is not None else ()
    found.read = frozenset(found.absolute(at) for at in asked if at != found.path)
    found.diagnostics = [placed(one, keeping.place) for one in report.diagnostics]
    found.texts, found.notes = report.texts, found.notes + report.notes
    found.errors = report.internal_errors
    if found.complete:
        before.standing.settle()


def _keeping(before: Before, project: Project, path: str, options: RunOptions, page: Page) -> Keeping:
    """What was kept, if all it rests on beside the page's text is as it was."""
    from archlint.keeping import Keeping

    key = options.key(path)
    asked = before.asked
    same = before.keeping is not None and key == before.key and asked is not None
    if same and asked is not None:
        others = ((at, version) for at, version in asked.texts.items() if at != path)
        same = all(project.digest(at) == digest for at, (digest, _) in others)
        same = same and all(project.resolve_from(*where) == answer for where, answer in asked.modules.items())
        same = same and path not in asked.modules.values()  # a file that imports this one sees all of it
    if not same or before.keeping is None:
        before.keeping, before.asked, before.key = Keeping(), None, key
    return before.keeping


def _note(before: Before, asked: Questions) -> None:
    """Add what was asked of the project to what was asked before."""
    if before.asked is None:
        before.asked = asked
        return
    before.asked.texts |= asked.texts
    before.asked.modules |= asked.modules


def _half_typed(source: Source, change: Change, last: Analysis) -> bool:
    """Was the text changed in a statement that does not parse (any longer)?"""
    if not last.typing and len(source.problems) <= len(last.source.problems):
        return False
    first, behind = change.start, change.start + change.length
    for problem in source.problems:
        start = max((c.base + len(c.text) for c in source.chunks if c.base <= problem.start), default=0)
        end = min((c.base for c in source.chunks if c.base > problem.start), default=len(source.text))
        if min(start, problem.start) <= behind and first <= max(end, problem.end):
            return True
    return False


def _fill_up(found: Analysis, outcome: Outcome, last: Analysis | None, keeping: Keeping, typing: bool) -> None:
    """Let stand what was found before in models that are not evaluated yet, but for what the edit may have mended."""
    from archlint.rule import rules

    known = rules()
    if typing and last is not None:
        found.models = list(last.models)
    else:
        found.models += [model for record in keeping.entries.late if record is not None for model in record.models]
    fresh = [one for one in outcome.diagnostics if one.code == SYNTAX_ERROR or known[one.code].scope == "model"]
    taken = {(one.code, one.finding.span, one.finding.message) for one in fresh}
    live = {id(span) for chunk in getattr(keeping.place, "chunks", ()) for span in chunk.spans.values()}
    for one in last.diagnostics if last is not None else ():
        span = one.finding.span
        if (one.code, span, one.finding.message) in taken or one.code == SYNTAX_ERROR or span.start == span.end:
            continue
        if typing or id(span) in live:
            fresh.append(one)
    outcome.diagnostics = fresh
    outcome.whole = False


def opened(page: Page, texts: Mapping[str, str], folder: str, before: Before) -> tuple[Project, str, Source]:
    """The project around a page, its path there, and its parsed text."""
    from archlint.files import Disk
    from archlint.project import Project
    from archlint.source.parse import parse

    disk = Disk()
    disk.here = folder
    disk.overlay = {path: _bytes(text) for path, text in texts.items()}
    disk.overlay[page.path] = data = _bytes(page.text)
    path = disk.display(page.path)
    memo = dict(before.memo)
    if page.notebook:
        from archlint.source.notebook import parse_cells

        source = parse_cells(path, page.text, memo=memo)
    else:
        source = parse(path, page.text, memo)
    wanted = {id(chunk.body) for chunk in source.chunks}
    before.memo = {text: body for text, body in memo.items() if id(body) in wanted}
    project = Project(disk, [path])
    project.hold(path, source, data)
    if before.project is not None:
        project.keep(before.project)
    return project, path, source


def _bytes(text: str) -> bytes:
    """The text as its file would hold it."""
    from archlint.source.encoding import encoding_of

    data = text.encode("utf-8", "surrogatepass")
    encoding = encoding_of(data)
    if encoding == "utf-8":
        return data
    try:
        return text.encode(encoding)
    except (LookupError, UnicodeError):
        return data

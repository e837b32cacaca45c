"""`archlint verify`: every model that can be built is built and run, and held against what was inferred of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archlint.check import FileResult, check_project, stated
from archlint.diagnostic import Diagnostic, Report
from archlint.dims import Size
from archlint.files import is_notebook
from archlint.interp.entry import Directives
from archlint.interp.targeted import Placeholder, Traced, traced
from archlint.options import Options, RunOptions
from archlint.project import Project
from archlint.run.compare import compare_guards, fill, judge, shapes_of, sizes_of, values_of
from archlint.run.construction import Arguments
from archlint.run.host import Children
from archlint.run.instrument import Instrumented, instrument
from archlint.run.mining import Mined
from archlint.run.records import Default, Failure, Given, Outcome, Settings, Target
from archlint.run.roots import preloaded, roots_of
from archlint.run.standing import alike, concerns, standing, stronger, untouched
from archlint.run.targets import Unbuildable, targets_of
from archlint.run.verdicts import diagnostics, not_run, parameters, start
from archlint.source.notebook import runnable
from archlint.text import LineIndex, Span
from archlint.verdict import ModelVerdict, Standing, Verification

TIMEOUT = 60.0
"""Seconds that one model may take."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be run, and how.

    only: path -> names of models given as PATH::Model.  python: the interpreter that has the framework; None: this
    one.  framework: auto, torch, keras or tf1.  args: constructor arguments as text.  timeout: seconds per model, 0 for
    the default.
    probe: also the behavioural probes.  unsafe: run even where nothing can be locked.  symbolic: also the framework's
    own symbolic run.  most: models per file, 0 for all.
    """

    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    python: str | None = None
    framework: str = "auto"
    args: str = ""
    timeout: float = 0.0
    probe: bool = False
    unsafe: bool = False
    symbolic: bool = True
    most: int = 0


def verify(
    project: Project,
    options: Options | RunOptions,
    request: Request,
    progress: Callable[[str], None] | None = None,
    observe: Callable[[Target, Outcome], None] | None = None,
) -> tuple[Report, Verification]:
    """Check the project, run its models, and let each finding carry what execution says of it.

    progress: told the name of each model before it runs.  observe: given what became of it.
    """
    options, roots = RunOptions.by_file(options), roots_of(project)
    timeout = request.timeout or TIMEOUT
    settings = Settings(
        request.python or sys.executable,
        tuple(roots),
        timeout=timeout,
        cpu=max(1, round(timeout)),
        probe=request.probe,
        symbolic=request.symbolic,
        unsafe=request.unsafe,
        preload=preloaded(project, roots),
    )
    found = Verification(python=settings.python)
    with Children(settings) as children:
        work = Work(project, options, request, children, found, progress, observe)
        report = check_project(project, options, work.file, request.only)
        found.isolation = children.isolation
        found.frameworks = dict(children.frameworks)
    for path in {d.span.path for m in found.models for d in m.differences} | {m.path for m in found.models}:
        source = project.source(path)
        if source is not None:
            found.texts[path] = report.texts[path] = source.lines
    for model in found.models:
        if (lines := found.texts.get(model.path)) is not None and lines.cells is not None:
            at = lines.position(lines.starts[model.line - 1])
            model.line, model.cell = at.line, at.cell
    return report, found


@dataclass(slots=True)
class Work:
    """One run over a project: the children, the instrumented files, what was found so far."""

    project: Project
    options: RunOptions
    request: Request
    children: Children
    found: Verification
    progress: Callable[[str], None] | None = None
    observe: Callable[[Target, Outcome], None] | None = None
    files: dict[str, Instrumented | None] = field(default_factory=dict)
    sites: dict[int, Span] = field(default_factory=dict)
    texts: dict[str, LineIndex] = field(default_factory=dict)
    mined: dict[str, Mined] = field(default_factory=dict)

    def file(self, path: str, result: FileResult) -> None:
        """Run the models of one file; its findings learn what became of them."""
        if self.request.only and path not in self.request.only:
            return
        standings: dict[int, Standing] = {}
        findings = list(result.diagnostics)
        for target in self._found(path, result):
            if isinstance(target, Unbuildable):
                verdict = not_run(target.name, path, target.line, target.framework, target.reason)
            else:
                target = certain(target)
                if self.progress is not None:
                    self.progress(f"{path}::{target.name}" if target.name else path)
                verdict = self._guarded(target, path, result, findings, standings)
            self.found.models.append(verdict)
        stood = alike([replace(d, standing=standings.get(i) or untouched(d)) for i, d in enumerate(findings)])
        result.diagnostics = stood + result.diagnostics[len(findings) :]

    def _found(self, path: str, result: FileResult) -> list[Target | Unbuildable]:
        """The targets of a file; a failure of ours costs this file's models alone and is reported."""
        try:
            return self._targets(path, result)
        except Exception as error:
            self.found.internal_errors.append(f"{path}: looking for what to build: {type(error).__name__}: {error}")
            return []

    def _targets(self, path: str, result: FileResult) -> list[Target | Unbuildable]:
        only = self.request.only.get(path, ())
        options = self.options.of(path)
        stated = {
            name: Arguments(one.args, dict(one.kwargs), "configuration")
            for name, one in options.models.items()
            if one.args or one.kwargs
        }
        found = targets_of(
            self.project,
            path,
            result.models,
            self.request.framework,
            only,
            self.request.args,
            options,
            self.mined,
            stated,
        )
        return found[: self.request.most] if self.request.most else found

    def _guarded(
        self,
        target: Target,
        path: str,
        result: FileResult,
        findings: Sequence[Diagnostic],
        standings: dict[int, Standing],
    ) -> ModelVerdict:
        """One target; a failure of ours costs this one alone and is reported."""
        try:
            return self._run(target, path, result, findings, standings)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            self.found.internal_errors.append(f"{path}::{target.name}: {said}")
            reason = f"archlint itself failed: {said}"
            return not_run(target.name or stem(path), path, target.line, target.framework, reason)

    def _run(
        self,
        target: Target,
        path: str,
        result: FileResult,
        findings: Sequence[Diagnostic],
        standings: dict[int, Standing],
    ) -> ModelVerdict:
        """Run one target, compare, and let the findings of its models know."""
        inferred = self._infer(target, path, self.options.of(path).inputs)
        outcome = self._here(self.children.run(self._there(target), self._instrumented(inferred, path)))
        if self.observe is not None:
            self.observe(target, outcome)
        verdict = start(target, target.name or stem(path), path, target.line, outcome)
        found = values_of(target, inferred, outcome, self.sites)
        given = shapes_of(target, outcome)
        if given and any(held.verdict == "unknown" for held in found.values()):
            first = replace(outcome, runs=outcome.runs[:1])
            fill(found, values_of(target, self._infer(target, path, given), first, self.sites))
        judge(verdict, found, self.texts)
        compare_guards(verdict, target, outcome, inferred)
        parameters(verdict, inferred.models, outcome, sizes_of(found.values()))
        self.found.internal_errors += inferred.internal_errors
        mine = [(i, d) for i, d in enumerate(findings) if concerns(d, target, inferred, found, self.texts)]
        for i, diagnostic in mine:
            now = standing(diagnostic, target, inferred, outcome, found, self.texts)
            standings[i] = stronger(standings.get(i, "not tested"), now)
        result.diagnostics += diagnostics(verdict, target, outcome, [d for _, d in mine], self.texts)
        return verdict

    def _infer(self, target: Target, path: str, inputs: Mapping[str, tuple[Size, ...]]) -> Traced:
        """What the evaluator makes of the same target."""
        source = self.project.source(path)
        assert source is not None  # its models were found
        directives = Directives(stated(source, []), dict(inputs))
        args = [Placeholder() if isinstance(value, Given) else value for value in target.args]
        kwargs = {
            key: Placeholder() if isinstance(value, (Given, Default)) else value for key, value in target.kwargs.items()
        }
        return traced(source, self.project, directives, target.name, args, kwargs, target.arg_scope)

    def _instrumented(self, inferred: Traced, path: str) -> dict[str, Instrumented]:
        """Rewritten text of every file that the evaluator read, by absolute path; files are numbered once."""
        found: dict[str, Instrumented] = {}
        for name in {path, *inferred.files}:
            if name not in self.files:
                self.files[name] = self._instrument(name)
            rewritten = self.files[name]
            if rewritten is not None:
                found[self.project.files.absolute(name)] = rewritten
        return found

    def _instrument(self, path: str) -> Instrumented | None:
        source = self.project.source(path)
        if source is None:
            return None
        first = len(self.sites)
        notebook = is_notebook(path)
        text = runnable(source.text) if notebook else source.text
        try:
            rewritten = instrument(text, first)
        except (SyntaxError, ValueError, RecursionError):
            if not notebook:
                return None  # a file of another Python version: it runs as it is
            rewritten = Instrumented(text, ())
        self.texts[path] = source.lines
        for number, site in enumerate(rewritten.sites, first):
            self.sites[number] = Span(path, site.start, site.end)
        return rewritten

    def _there(self, target: Target) -> Target:
        """The target with the paths that the child sees."""
        absolute = self.project.files.absolute
        kwargs = {
            key: replace(value, path=absolute(value.path)) if isinstance(value, Default) else value
            for key, value in target.kwargs.items()
        }
        return replace(target, path=absolute(target.path), kwargs=kwargs)

    def _failure(self, failure: Failure) -> Failure:
        display = self.project.files.display
        return replace(failure, frames=tuple((display(path), line, name) for path, line, name in failure.frames))

    def _here(self, outcome: Outcome) -> Outcome:
        """The outcome with paths as the user wrote them."""
        outcome.failures = [self._failure(one) for one in outcome.failures]
        outcome.statements = [self._failure(one) for one in outcome.statements]
        return outcome


def certain(target: Target) -> Target:
    """Where the source or the user says what a model is called with, no guess of ours is tried beside it: another
    size may fit a wrong layer by chance."""
    sure = tuple(attempt for attempt in target.attempts if attempt.sure)
    return replace(target, attempts=sure) if sure else target


def stem(path: str) -> str:
    """`digits` for `nets/digits.py`."""
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".py").removesuffix(".ipynb")

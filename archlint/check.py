"""Files in, findings out: parse, evaluate, run the rules, apply the suppressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from archlint import assumed
from archlint.diagnostic import Diagnostic, ModelTotals, Report
from archlint.dims import Size
from archlint.model import ClassRecord, FileFacts, Model
from archlint.options import Options, RunOptions, configured_inputs, parse_shape
from archlint.outcome import Outcome, Use, report_of
from archlint.project import Project
from archlint.rule import Finding, Rule, Severity, rules
from archlint.selection import UNUSED, active, ignored, offers_fix, severity_of
from archlint.source.calls import library_calls
from archlint.source.index import Index, build
from archlint.source.model import Source
from archlint.source.unread import dataflow
from archlint.suppress import suppress
from archlint.text import Position, Span
from archlint.timing import taken, timed
from archlint.unused_suppressions import unused_in
from archlint.values import Reason, Unknown

if TYPE_CHECKING:
    from archlint.keeping import Keeping

SYNTAX_ERROR = "ARC001"
BAD_DIRECTIVE = "ARC004"
DEFAULT = Options()


@dataclass(slots=True)
class FileResult:
    """What one file gave before suppression."""

    models: list[Model] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    file: FileFacts | None = None
    complaints: list[tuple[Span, str]] = field(default_factory=list)


def check_paths(paths: Sequence[str], options: Options = DEFAULT) -> Report:
    """Check files and directories.  Raises UnknownRuleError for a selector that means no rule."""
    return check_project(Project.of_paths(paths), options)


def check_texts(files: Mapping[str, str], options: Options = DEFAULT) -> Report:
    """Check a project that exists in memory only: path -> text."""
    return check_project(Project.of_texts(files), options)


def analyze_texts(files: Mapping[str, str], options: Options = DEFAULT) -> list[Model]:
    """The models of a project in memory, without running any rule."""
    project = Project.of_texts(files)
    return [model for path in project.checked for model in _models(project, path, options, FileResult())]


def analyze_paths(paths: Sequence[str], options: Options = DEFAULT, only: str = "") -> tuple[list[Model], Project]:
    """The models of files on disk, in order of files, and the project they stand in.

    only: evaluate no more than is needed for the model of that name.
    """
    project = Project.of_paths(paths)
    return analyze_project(project, options, only), project


def analyze_project(project: Project, options: Options | RunOptions = DEFAULT, only: str = "") -> list[Model]:
    """The models of a project, in order of files, without running any rule; `only` as for `analyze_paths`."""
    by_file = RunOptions.by_file(options)
    return [
        model
        for path in project.checked
        if project.may_hold_model(path)
        for model in _models(project, path, by_file.of(path), FileResult(), only)
    ]


def check_project(
    project: Project,
    options: Options | RunOptions,
    further: Callable[[str, FileResult], None] | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
) -> Report:
    """Check the files of a project, one after another; `further` may add to what each gave, before suppression.

    only: path -> names of models; where it is one, the others of that file are left out as far as they can be.
    """
    options = RunOptions.by_file(options)
    outcomes = [check_one(project, path, options, further, (only or {}).get(path, ())) for path in project.checked]
    return report_of(project, outcomes, partial(unused_suppressions, project, options))


def check_one(
    project: Project,
    path: str,
    options: RunOptions,
    further: Callable[[str, FileResult], None] | None = None,
    names: Sequence[str] = (),
    keeping: Keeping | None = None,
) -> Outcome:
    """The outcome of one file, with what was asked of the project for it.

    names: the models that are wanted.  keeping: what the file gave when it was checked before, in an editor.
    """
    outcome = Outcome(path)
    known = len(project.errors)
    outcome.holds = project.may_hold_model(path)
    project.asked = outcome.asked
    if keeping is not None:
        keeping.asked = outcome.asked
    try:
        project.read(path)
        outcome.mentions = project.mentioned(path)
        if outcome.holds:
            _check(project, outcome, options, further, names, keeping)
    finally:
        project.asked = None
    outcome.seconds = taken()
    new = project.errors[known:]
    outcome.errors = [error for error in project.errors if error in new or error[0] in outcome.asked.texts]
    return outcome


def _check(
    project: Project,
    outcome: Outcome,
    options: RunOptions,
    further: Callable[[str, FileResult], None] | None,
    names: Sequence[str],
    keeping: Keeping | None = None,
) -> None:
    path, of_file = outcome.path, options.of(outcome.path)
    ran = active(rules(), of_file)
    chosen = [rule for rule in rules().values() if rule.code in ran]
    result = check_file(project, path, of_file, chosen, names[0] if len(names) == 1 else "", keeping)
    if further is not None:
        further(path, result)
    outcome.models = [_totals(model, project) for model in result.models] if keeping is None else []
    found_here = [d for d in result.diagnostics if d.path == path or _wanted_there(d, options)]
    suppressed = suppress(found_here, project.source, options.of)
    outcome.diagnostics = suppressed.kept
    outcome.used = sorted({(at, directive.start, code) for at, directive, code in suppressed.used})
    outcome.notes = result.notes
    outcome.internal_errors = [f"{path}: {error}" for error in result.internal_errors]
    outcome.whole = not result.internal_errors and not names
    source = project.source(path)
    outcome.judged = UNUSED in ran and source is not None and bool(source.directives)


def unused_suppressions(project: Project, options: RunOptions, path: str, used: Sequence[Use]) -> list[Diagnostic]:
    """The findings about the suppressions in a file of which some were used."""
    source, of_file = project.source(path), options.of(path)
    at = {directive.start: directive for directive in source.directives} if source is not None else {}
    good = {(path, at[start], code) for _, start, code in used if start in at}
    found = unused_in(project, [path], good, active(rules(), of_file) if of_file.chosen else None, of_file)
    return suppress(found, project.source, options.of).kept


def _wanted_there(diagnostic: Diagnostic, options: RunOptions) -> bool:
    """May a finding of a model stand in the other file that it is about, which may have options of its own?"""
    return not ignored(rules()[diagnostic.code], options.ignored(diagnostic.path))


def check_file(
    project: Project,
    path: str,
    options: Options,
    chosen: Sequence[Rule],
    only: str = "",
    keeping: Keeping | None = None,
) -> FileResult:
    """Findings of one file and of the models it builds."""
    result = FileResult()
    source = project.source(path)
    if source is None:
        return result
    if source.note:
        result.notes.append(f"{path}: {source.note}")
        return result
    result.diagnostics += _syntax(source, chosen, options)
    _models(project, path, options, result, only, keeping)
    result.file = result.file or _facts(source, build(source), [])
    result.file.complaints = result.complaints
    if all(rule.code != BAD_DIRECTIVE for rule in chosen):
        result.notes += [f"{source.place(span.start)}: {why}" for span, why in result.complaints]
    apply(chosen, result, options, keeping)
    return result


def apply(chosen: Sequence[Rule], result: FileResult, options: Options, keeping: Keeping | None = None) -> None:
    """Run rules on what the evaluation of a file gave, and add what they find."""
    if result.file is not None:
        result.file.ran = frozenset(rule.code for rule in chosen)
    for rule in chosen:
        if rule.scope == "file" and result.file is not None:
            look = partial(_found_in, rule, result, options)
            file = result.file
            result.diagnostics += look(file) if keeping is None else keeping.in_whole(rule.code, file, look)
        elif rule.scope == "model":
            for model in result.models:
                run = partial(_found, rule, model, result, options)
                result.diagnostics += run() if keeping is None else keeping.findings(rule.code, model, run)


def _found_in(rule: Rule, result: FileResult, options: Options, file: FileFacts) -> list[Diagnostic]:
    return list(_run(rule, "", result, file, options))


def _found(rule: Rule, model: Model, result: FileResult, options: Options) -> list[Diagnostic]:
    return list(_run(rule, model.name, result, model, options))


def _run(rule: Rule, model: str, result: FileResult, subject: object, options: Options) -> Iterator[Diagnostic]:
    """One rule on one model; a rule that fails is our bug, and costs only its own findings."""
    assert rule.check is not None
    try:
        with timed(f"{rule.code} {rule.name}"):
            found = list(rule.check(subject, **settings_of(rule, options)))
        for finding in found:
            if isinstance(subject, Model):
                finding = assumed.stated(subject, finding, finding.severity or rule.severity)
            yield _diagnostic(rule, model, finding, options)
    except Exception as error:
        result.internal_errors.append(f"{rule.code} on {model or 'the file'}: {type(error).__name__}: {error}")


def settings_of(rule: Rule, options: Options) -> Mapping[str, Any]:
    """The keyword arguments of a rule's check: its own settings, and the Keras that the code is for."""
    own = options.settings.get(rule.name, {})
    if options.keras and any(setting.name == "keras" for setting in rule.settings):
        return {"keras": options.keras, **own}
    return own


def _diagnostic(rule: Rule, model: str, finding: Finding, options: Options) -> Diagnostic:
    wanted = cast("Severity | None", severity_of(rule, options)) if options.severities else None
    severity, confidence = wanted or finding.severity or rule.severity, finding.confidence or rule.confidence
    if finding.edits and not offers_fix(rule, options):
        finding = replace(finding, edits=())
    return Diagnostic(rule.code, rule.name, severity, confidence, model, finding)


def _syntax(source: Source, chosen: Sequence[Rule], options: Options) -> Iterator[Diagnostic]:
    for rule in chosen:
        if rule.code == SYNTAX_ERROR:
            for problem in source.problems:
                span = Span(source.path, problem.start, problem.end)
                # A table of a million numbers is no mistake of the user's, and fails no run.
                severity: Severity | None = "info" if problem.ours else None
                yield _diagnostic(rule, "", Finding(span, problem.message, severity=severity), options)


def _models(
    project: Project,
    path: str,
    options: Options,
    result: FileResult,
    only: str = "",
    keeping: Keeping | None = None,
) -> list[Model]:
    """Evaluate one file; a failure of ours costs this file's models and is reported."""
    from archlint.interp.entry import Directives, analyse
    from archlint.interp.room import with_room

    source = project.source(path)
    if source is None:
        return []
    index = build(source)
    try:
        shapes = stated(source, result.complaints)
        given = {
            name: (setup.args, setup.kwargs) for name, setup in options.models.items() if setup.args or setup.kwargs
        }
        configured = configured_inputs(options.models)
        directives = Directives(shapes, dict(options.inputs), configured, given, keras=options.keras)
        with timed("evaluation"):
            entries = keeping.entries if keeping else None
            found = with_room(lambda: analyse(source, index, project, directives, only=only, kept=entries))
    except Exception as error:
        result.internal_errors.append(f"evaluation: {type(error).__name__}: {error}")
        return []
    result.internal_errors += found.internal_errors
    result.notes += [*_cut_off(source, found.stops), *(f"{path}: {said}" for said in directives.complaints)]
    facts = result.file = _facts(source, index, found.library_reads)
    facts.stated = shapes
    facts.slips = found.slips
    facts.guards = found.guards
    classes = _classes(index, path, project)
    skipped = {d.line for d in source.directives if d.kind == "skip-model"}
    for model in found.models:
        line = source.lines.line_of(model.span.start) if model.span.path == path else -1
        if line in skipped or line - 1 in skipped or model.framework not in options.frameworks:
            continue
        model.file = facts
        model.classes = classes
        result.models.append(model)
        facts.models.append(model)
    if keeping is not None:
        keeping.built(source.chunks, result.models)
    return result.models


def _cut_off(source: Source, stops: list[Unknown]) -> list[str]:
    """What was given up because it went on for too long, each once."""
    notes: dict[str, str] = {}
    for stop in stops:
        if stop.why == Reason.BUDGET:
            own = stop.where is not None and stop.where.path == source.path
            place = source.place(stop.where.start) if own and stop.where is not None else source.path
            notes.setdefault(stop.about, f"{place}: {stop.about}; not followed further")
    return list(notes.values())


def _facts(source: Source, index: Index, reads: list[tuple[str, Span]]) -> FileFacts:
    own = [(name, span) for name, span in reads if span.path == source.path]
    calls, directives = library_calls(source, own), source.directives
    flow = dataflow(source)
    return FileFacts(
        source.path, source.lines, source.comments, index, own, calls=calls, directives=directives, flow=flow
    )


def stated(source: Source, complaints: list[tuple[Span, str]]) -> list[tuple[int, str, tuple[Size, ...]]]:
    """Input shapes in `# archlint: input=(N, 3, 32, 32)` comments; `x:(…); y:(…)` names parameters.

    What cannot be read is complained of, so that no comment is ignored without a word.
    """
    found = []
    for directive in source.directives:
        span = Span(source.path, directive.start, directive.end)
        if directive.kind == "bad":
            complaints.append((span, directive.value))
        elif directive.kind == "input":
            for part in directive.value.split(";"):
                name, colon, shape = part.rpartition(":")
                try:
                    found.append((directive.line, name.strip() if colon else "", parse_shape(shape)))
                except ValueError as error:
                    complaints.append((span, str(error)))
    return found


def _classes(index: Index, path: str, project: Project) -> dict[str, ClassRecord]:
    """What is read from the instances of each class of the file, by it, its subclasses, or anyone else."""
    bases = {base.rpartition(".")[2] for facts in index.classes.values() for base in facts.bases}
    found = {}
    for name, facts in index.classes.items():
        span = Span(path, facts.start, facts.end)
        reads = frozenset(facts.loads | index.attributes)
        if any(store.attr not in reads for store in facts.stores):
            reads |= project.attributes_beside(name.rpartition(".")[2], path)
        found[name] = ClassRecord(name, span, reads, bool(facts.dynamic), name.rpartition(".")[2] in bases)
    return found


def _totals(model: Model, project: Project) -> ModelTotals:
    understood, calls = model.understood
    source = project.source(model.span.path)
    at = source.lines.position(model.span.start) if source is not None else Position(1, 1)
    stops: dict[str, int] = {}
    for node in model.nodes:
        if node.unknown:
            stops[node.unknown] = stops.get(node.unknown, 0) + 1
    return ModelTotals(model.name, model.span.path, at.line, model.framework, calls, understood, stops, at.cell)

"""Files in, findings out: parse, evaluate, run the rules, apply the suppressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archlint.diagnostic import Diagnostic, ModelTotals, Report
from archlint.dims import Size
from archlint.model import ClassRecord, FileFacts, Model
from archlint.options import Options, parse_shape
from archlint.project import Project
from archlint.repeated import shown_once
from archlint.rule import Finding, Rule, rules
from archlint.selection import UNUSED, enabled
from archlint.source.calls import library_calls
from archlint.source.index import Index, build
from archlint.source.model import Directive, Source
from archlint.source.unread import dataflow
from archlint.suppress import suppress
from archlint.text import Span
from archlint.unused_suppressions import unused_in
from archlint.values import Reason, Unknown

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
    found = [
        model
        for path in project.checked
        if project.may_hold_model(path)
        for model in _models(project, path, options, FileResult(), only)
    ]
    return found, project


def check_project(
    project: Project,
    options: Options,
    further: Callable[[str, FileResult], None] | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
) -> Report:
    """Check the files of a project, one after another; `further` may add to what each gave, before suppression.

    only: path -> names of models; where it is one, the others of that file are left out as far as they can be.
    """
    active = enabled(rules(), options.select, options.ignore)
    chosen = [rule for rule in rules().values() if rule.code in active]
    report = Report()
    used: set[tuple[str, Directive, str]] = set()
    whole: dict[str, bool] = {}  # the files that were checked, and whether all of each was
    for path in project.checked:
        report.files += 1
        if not project.may_hold_model(path):
            continue
        names = (only or {}).get(path, ())
        result = check_file(project, path, options, chosen, names[0] if len(names) == 1 else "")
        if further is not None:
            further(path, result)
        report.models += [_totals(model, project) for model in result.models]
        suppressed = suppress(result.diagnostics, project.source)
        report.diagnostics += suppressed.kept
        used |= suppressed.used
        whole.update({path: not result.internal_errors and not names})
        report.notes += result.notes
        report.internal_errors += [f"{path}: {error}" for error in result.internal_errors]
    if UNUSED in active and all(whole.values()):
        found = unused_in(project, list(whole), used, active if options.select or options.ignore else None)
        report.diagnostics += suppress(found, project.source).kept
    report.errors += project.errors
    for path in {d.path for d in report.diagnostics} | {
        s.span.path for d in report.diagnostics for s in d.finding.related
    }:
        source = project.source(path)
        if source is not None:
            report.texts[path] = source.lines
    report.diagnostics = shown_once(report.diagnostics)
    return report


def check_file(project: Project, path: str, options: Options, chosen: Sequence[Rule], only: str = "") -> FileResult:
    """Findings of one file and of the models it builds."""
    result = FileResult()
    source = project.source(path)
    if source is None:
        return result
    result.diagnostics += _syntax(source, chosen)
    _models(project, path, options, result, only)
    result.file = result.file or _facts(source, build(source), [])
    result.file.complaints = result.complaints
    if all(rule.code != BAD_DIRECTIVE for rule in chosen):
        result.notes += [f"{path}:{source.lines.line_of(span.start)}: {why}" for span, why in result.complaints]
    apply(chosen, result, options)
    return result


def apply(chosen: Sequence[Rule], result: FileResult, options: Options) -> None:
    """Run rules on what the evaluation of a file gave, and add what they find."""
    for rule in chosen:
        if rule.scope == "file" and result.file is not None:
            result.diagnostics += _run(rule, "", result, result.file, options)
        elif rule.scope == "model":
            for model in result.models:
                result.diagnostics += _run(rule, model.name, result, model, options)


def _run(rule: Rule, model: str, result: FileResult, subject: object, options: Options) -> Iterator[Diagnostic]:
    """One rule on one model; a rule that fails is our bug, and costs only its own findings."""
    assert rule.check is not None
    try:
        for finding in rule.check(subject, **options.settings.get(rule.name, {})):
            yield _diagnostic(rule, model, finding)
    except Exception as error:
        result.internal_errors.append(f"{rule.code} on {model or 'the file'}: {type(error).__name__}: {error}")


def _diagnostic(rule: Rule, model: str, finding: Finding) -> Diagnostic:
    severity, confidence = finding.severity or rule.severity, finding.confidence or rule.confidence
    return Diagnostic(rule.code, rule.name, severity, confidence, model, finding)


def _syntax(source: Source, chosen: Sequence[Rule]) -> Iterator[Diagnostic]:
    for rule in chosen:
        if rule.code == SYNTAX_ERROR:
            for problem in source.problems:
                span = Span(source.path, problem.start, problem.end)
                yield _diagnostic(rule, "", Finding(span, problem.message))


def _models(project: Project, path: str, options: Options, result: FileResult, only: str = "") -> list[Model]:
    """Evaluate one file; a failure of ours costs this file's models and is reported."""
    from archlint.interp.entry import Directives, analyse

    source = project.source(path)
    if source is None:
        return []
    index = build(source)
    try:
        shapes = stated(source, result.complaints)
        directives = Directives(shapes, dict(options.inputs))
        found = analyse(source, index, project, directives, only=only)
    except Exception as error:
        result.internal_errors.append(f"evaluation: {type(error).__name__}: {error}")
        return []
    result.internal_errors += found.internal_errors
    result.notes += _cut_off(source, found.stops)
    facts = result.file = _facts(source, index, found.library_reads)
    facts.stated = shapes
    facts.slips = found.slips
    facts.guards = found.guards
    classes = _classes(index, path, project)
    skipped = {d.line for d in source.directives if d.kind == "skip-model"}
    for model in found.models:
        line = source.lines.line_of(model.span.start) if model.span.path == path else -1
        if line in skipped or line - 1 in skipped:
            continue
        model.file = facts
        model.classes = classes
        result.models.append(model)
        facts.models.append(model)
    return result.models


def _cut_off(source: Source, stops: list[Unknown]) -> list[str]:
    """What was given up because it went on for too long, each once."""
    notes: dict[str, str] = {}
    for stop in stops:
        if stop.why == Reason.BUDGET:
            own = stop.where is not None and stop.where.path == source.path
            line = f":{source.lines.line_of(stop.where.start)}" if own and stop.where is not None else ""
            notes.setdefault(stop.about, f"{source.path}{line}: {stop.about}; not followed further")
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
    line = source.lines.line_of(model.span.start) if source is not None else 1
    stops: dict[str, int] = {}
    for node in model.nodes:
        if node.unknown:
            stops[node.unknown] = stops.get(node.unknown, 0) + 1
    return ModelTotals(model.name, model.span.path, line, model.framework, calls, understood, stops)

"""From an outcome to a verdict on the model: what ran on what, which parameters agree, what a failure means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archlint.diagnostic import Diagnostic
from archlint.dims import show, substitute
from archlint.facts.parameters import parameters as counted
from archlint.model import Model
from archlint.rule import Finding, Label, Rule, rules
from archlint.run.agreement import Sizes, executed_text
from archlint.run.layers import parameters_of, registered
from archlint.run.records import Attempt, Executed, Failure, Given, Outcome, Shape, Target
from archlint.run.standing import crashes, foresees, last_failure
from archlint.text import LineIndex, Span, line_named
from archlint.verdict import Comparison, ModelVerdict, Verdict

DISAGREES, FAILED = "ARC007", "ARC008"
NOT_AVAILABLE = "NotAvailable"
"""What a child raises where this framework lacks what an older one had."""
FRAMEWORKS = ("torch", "keras", "tensorflow", "tf_keras", "tf_slim")
_UNCERTAIN = ("guess", "first layer")


def not_run(name: str, path: str, line: int, framework: str, reason: str) -> ModelVerdict:
    """A model that could not be built or called, with one line that says what to give."""
    return ModelVerdict(name, path, line, framework, "not run", reason=reason)


def start(target: Target, name: str, path: str, line: int, outcome: Outcome) -> ModelVerdict:
    """The verdict before its values are counted."""
    verdict = ModelVerdict(name, path, line, target.framework, "agrees", how=target.how)
    verdict.inputs = _inputs(target, outcome)
    verdict.notes = outcome.notes
    verdict.seconds = outcome.seconds
    verdict.guards = tuple(guard for run in outcome.runs for guard in run.guards)
    verdict.probes = [(p.probe, p.verdict, p.detail) for p in outcome.probes]
    verdict.strategy = outcome.runs[0].strategy if outcome.runs else ""
    if outcome.status in ("died", "missing"):
        verdict.status, verdict.reason = "not run", outcome.reason
    elif outcome.status == "failed":
        _failed(verdict, target, last_failure(outcome, target))
    elif target.framework == "torch" and verdict.strategy == "build":
        verdict.status = "not run"
        verdict.reason = "nothing says what it is called with: give --input, as 'Net=(N, 3, 32, 32)'"
    elif not outcome.runs:
        verdict.status, verdict.reason = "not run", outcome.reason or "it built no model that could be called"
    return verdict


def _failed(verdict: ModelVerdict, target: Target, failure: Failure | None) -> None:
    """The program raised: its own fault, or that of a guess of ours?"""
    verdict.status = "not run"
    if failure is None:
        verdict.reason = "it failed without a message"
        return
    said = f"{failure.type}: {failure.message}"
    if failure.type == NOT_AVAILABLE:
        verdict.reason = failure.message
        return
    attempt = target.attempts[failure.attempt] if 0 <= failure.attempt < len(target.attempts) else None
    if failure.phase == "import":
        unread = failure.type in ("ImportError", "ModuleNotFoundError", "SyntaxError")
        verdict.reason = f"its file cannot be imported: {said}" if unread else said
    elif failure.phase == "build" and target.kind != "script":
        verdict.error = said
        verdict.reason = f"building it by {target.how} raised {said}; give --args"
    elif attempt is None and any(isinstance(value, Given) for value in (*target.args, *target.kwargs.values())):
        verdict.error = said
        verdict.reason = f"called with placeholders of ours it raised {said}; give --input"
    elif attempt is not None and not attempt.sure:
        verdict.error = said
        verdict.reason = f"called with {_text(attempt)} ({attempt.source}) it raised {said}; give --input"
    else:
        verdict.status, verdict.error = "failed", said


def _text(attempt: Attempt) -> str:
    return " and ".join(executed_text(Executed(tensor.shape)) for tensor in attempt.tensors)


def _inputs(target: Target, outcome: Outcome) -> str:
    """`(2, 3, 64, 96) and (3, 3, 128, 80) [first layer]`."""
    shapes = [run.shapes for run in outcome.runs if run.strategy != "symbolic" and run.shapes]
    texts = [", ".join(_shape(shape) for shape in one) for one in shapes]
    if not texts:
        return ""
    number = outcome.runs[0].attempt
    source = target.attempts[number].source if 0 <= number < len(target.attempts) else ""
    return " and ".join(dict.fromkeys(texts)) + (f" [{source}]" if source else "")


def _shape(shape: Shape) -> str:
    return executed_text(Executed(shape))


def parameters(verdict: ModelVerdict, models: Sequence[Model], outcome: Outcome, sizes: Sizes) -> None:
    """Hold the parameters of the built model, and of each of its layers, against the inferred ones."""
    if not models or not outcome.models:
        return
    by_name = {model.name: model for model in models}
    for place, built in enumerate(outcome.models):
        model = by_name.get(built.name) or (models[place] if len(models) == len(outcome.models) else None)
        if model is None or built.params is None:
            continue
        compared = parameters_of(model, built, sizes)
        if compared.differences and outcome.statements:
            continue  # a loop that stopped in its first round left another model than the one that it ends with
        for (what, found), count in compared.counts.items():
            if what == "params" and found in ("equal", "differs", "unknown", "missing"):
                key: Verdict = "unknown" if found == "missing" else found  # type: ignore[assignment]
                verdict.layers[key] = verdict.layers.get(key, 0) + count
        held = counted(model).total if model.framework == "keras" else counted(model).trainable
        total = registered(model) if model.framework == "torch" else held
        if verdict.parameters is None or place == 0:
            verdict.parameters = (show(substitute(total, sizes)), str(built.params))
        for one in compared.differences:
            what = f"parameters of {one.path or 'the model'}" + (f" ({one.kind})" if one.kind else "")
            verdict.differences.append(
                Comparison(
                    model.span, "differs", what, f"{one.ours} parameters", f"{one.theirs} parameters", model.name
                )
            )


def diagnostics(
    verdict: ModelVerdict,
    target: Target,
    outcome: Outcome,
    findings: Sequence[Diagnostic],
    texts: Mapping[str, LineIndex],
) -> Iterator[Diagnostic]:
    """ARC007 for each place that differs, ARC008 for a failure that is the model's own."""
    known = rules()
    if verdict.differences and verdict.status == "agrees":
        verdict.status = "differs"
    if DISAGREES in known:
        yield from (_disagreement(known[DISAGREES], verdict, one) for one in verdict.differences)
    for place, statement in enumerate(outcome.statements):
        own = place == 0 and not outcome.mocked and statement.phase != "import"
        yield from _statement(verdict, statement, own, findings, texts)
    failure = last_failure(outcome, target)
    if failure is None or failure.phase == "import" or failure in outcome.statements:
        return
    foreseen = next((d for d in findings if crashes(d) and foresees(d, failure, texts)), None)
    if foreseen is not None:
        verdict.status, verdict.reason, verdict.foreseen = "failed", "", foreseen.code
    if verdict.status == "failed" and FAILED in known:
        yield _failure(known[FAILED], verdict, failure, foreseen, texts)


def _statement(
    verdict: ModelVerdict,
    failure: Failure,
    own: bool,
    findings: Sequence[Diagnostic],
    texts: Mapping[str, LineIndex],
) -> Iterator[Diagnostic]:
    """A statement of a script that raised and was skipped: a defect where a framework refused it, else a note.

    own: nothing was skipped or stood in for before.  `pd.read_csv("train.csv")` fails for want of the file, and what
    follows for want of the data: that is no fault of the script's.
    """
    known = rules()
    foreseen = next((d for d in findings if crashes(d) and foresees(d, failure, texts)), None)
    refused = (
        own and failure.origin in FRAMEWORKS and failure.type in ("ValueError", "RuntimeError", "InvalidArgumentError")
    )
    if foreseen is None and not refused:
        verdict.notes += (f"{_line(failure, texts)} was skipped: {failure.type}: {failure.message}",)
        return
    verdict.status, verdict.reason, verdict.error = "failed", "", f"{failure.type}: {failure.message}"
    verdict.foreseen = foreseen.code if foreseen is not None else verdict.foreseen
    if FAILED in known:
        yield _failure(known[FAILED], verdict, failure, foreseen, texts)


def _disagreement(rule: Rule, verdict: ModelVerdict, one: Comparison) -> Diagnostic:
    notes = [f"executed on {verdict.inputs}"] if verdict.inputs else []
    if one.declaration:
        notes.append(f"the layer is declared in archlint/{one.declaration}; please report it")
    if one.note:
        notes.append(one.note)
    message = f"`{one.what}`: inferred {one.inferred}, executed {one.executed}"
    finding = Finding(one.span, message, label=f"executed: {one.executed}", notes=tuple(notes))
    return Diagnostic(rule.code, rule.name, rule.severity, rule.confidence, verdict.name, finding, "confirmed")


def _failure(
    rule: Rule, verdict: ModelVerdict, failure: Failure, foreseen: Diagnostic | None, texts: Mapping[str, LineIndex]
) -> Diagnostic:
    span = error_span(failure, texts) or Span(verdict.path, 0, 0)
    verdict.error_span = span
    related: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    if foreseen is not None:
        said = f"foreseen by {foreseen.code} ({foreseen.name}): confirmed by execution"
        related = (Label(foreseen.finding.span, said),) if foreseen.finding.span != span else ()
        notes = (said,)
    else:
        notes = ("no static finding foresaw it",)
    if verdict.how:
        notes += (f"built by {verdict.how}",)
    message = f"{failure.type} in {'building' if failure.phase == 'build' else 'running'} the model: {failure.message}"
    finding = Finding(span, message, label="raised here", related=related, notes=notes)
    return Diagnostic(rule.code, rule.name, rule.severity, rule.confidence, verdict.name, finding, "confirmed")


def _line(failure: Failure, texts: Mapping[str, LineIndex]) -> str:
    """`line 7`, the line that raised, in a notebook `cell 3:7`."""
    path, line, _ = failure.frames[-1] if failure.frames else ("", 0, "")
    lines = texts.get(path)
    if lines is None or not 0 < line <= len(lines.starts):
        return f"line {line}"
    at = lines.position(lines.starts[line - 1])
    return line_named(at.line, at.cell)


def error_span(failure: Failure, texts: Mapping[str, LineIndex]) -> Span | None:
    """The line of the user's code that raised, without its indentation."""
    for path, line, _ in reversed(failure.frames):
        lines = texts.get(path)
        if lines is not None and 0 < line <= len(lines.starts):
            text = lines.line_text(line)
            start = lines.starts[line - 1] + len(text) - len(text.lstrip())
            return Span(path, start, start + len(text.strip()))
    return None

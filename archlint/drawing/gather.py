"""Files in, pictures out: what `graph` and `report` draw, with the findings in each model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from archlint.check import FileResult, check_project, unused_suppressions
from archlint.diagnostic import Diagnostic, Report
from archlint.drawing.compose import compose, mark_of
from archlint.drawing.picture import Mark, Picture
from archlint.options import Options, RunOptions
from archlint.outcome import Outcome, report_of
from archlint.project import Project
from archlint.suppress import suppress
from archlint.text import LineIndex


@dataclass(slots=True)
class Texts(Mapping[str, LineIndex]):
    """The lines of every file of a project, looked at when they are asked for."""

    project: Project
    read: dict[str, LineIndex] = field(default_factory=dict)

    def __getitem__(self, path: str) -> LineIndex:
        if path not in self.read:
            lines = self.project.lines(path)
            if lines is None:
                raise KeyError(path)
            self.read[path] = lines
        return self.read[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.read)

    def __len__(self) -> int:
        return len(self.read)


def draw(
    project: Project,
    options: Options | RunOptions,
    each: Callable[[Picture], None],
    only: Mapping[str, Sequence[str]] | None = None,
    step: Callable[[str], None] | None = None,
) -> Report:
    """Check a project and hand each of its models over as a picture, file by file.

    only: path -> names, as for `check_project`.  step: told every file that is done and held models.  A model that
    cannot be drawn is an internal error of the report.
    """
    failed: list[str] = []
    by_file = RunOptions.by_file(options)

    def further(path: str, result: FileResult) -> None:
        names = (only or {}).get(path, ())
        for picture in pictures_of(project, path, result, by_file, failed, names).pictures:
            each(picture)
        if step is not None:
            step(path)

    report = check_project(project, by_file, further, only)
    report.internal_errors += failed
    return report


def draw_checked(
    project: Project,
    options: RunOptions,
    checked: Iterable[tuple[Outcome, tuple[list[Picture], list[str]] | None]],
    each: Callable[[Picture], None],
    step: Callable[[str], None],
) -> Report:
    """The same of files that were checked elsewhere, as they come; pictures are handed over in order of files.

    checked: the outcome of each, with what `drawn_file` gave.
    """
    order, failed = list(project.checked), list[str]()
    outcomes: dict[str, Outcome] = {}
    waiting: dict[str, list[Picture]] = {}
    place = 0
    for outcome, drawn in checked:
        pictures, bad = drawn or ([], [])
        outcomes[outcome.path], waiting[outcome.path] = outcome, pictures
        failed += bad
        step(outcome.path)
        while place < len(order) and order[place] in waiting:
            for picture in waiting.pop(order[place]):
                each(picture)
            place += 1
    report = report_of(project, [outcomes[path] for path in order], partial(unused_suppressions, project, options))
    report.internal_errors += sorted(failed)
    return report


def drawn_file(project: Project, path: str, result: FileResult, options: RunOptions) -> tuple[list[Picture], list[str]]:
    """The pictures of one file's models, and what went wrong with others."""
    failed: list[str] = []
    return pictures_of(project, path, result, options, failed).pictures, failed


@dataclass(slots=True)
class Drawn:
    """The models of one file, and the findings that are about the file itself."""

    pictures: list[Picture] = field(default_factory=list)
    others: list[Mark] = field(default_factory=list)


def pictures_of(
    project: Project,
    path: str,
    result: FileResult,
    options: RunOptions,
    failed: list[str],
    names: Sequence[str] = (),
) -> Drawn:
    """The models that a file gave (those of some names, if there are any) with the findings that are left in each.

    A model that cannot be drawn goes to `failed`, and leaves the others.
    """
    texts = Texts(project)
    kept = suppress(result.diagnostics, project.source, options.of).kept
    drawn = Drawn(others=[mark_of(one, texts) for one in _once([one for one in kept if not one.model])])
    for model in result.models:
        if names and model.name not in names:
            continue
        own = [found for found in kept if found.model == model.name]
        try:
            drawn.pictures.append(compose(model, _once(own), texts))
        except Exception as error:  # a bug of ours in one drawing leaves the others
            failed.append(f"{path}: drawing {model.name}: {type(error).__name__}: {error}")
    return drawn


def _once(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Without repetitions: two models of one name in a file have the same findings."""
    return list({(d.code, d.finding.span, d.finding.layer, d.finding.message): d for d in found}.values())

"""The two states that are compared: which files of each may build something else, and what they build."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from archlint import workers
from archlint.check import FileResult, check_one
from archlint.comparison.revision import Moves, Revision
from archlint.configuration.by_file import excluded
from archlint.dependants import dependants
from archlint.discover import Wanted
from archlint.drawing.gather import pictures_of
from archlint.drawing.picture import Mark, Picture
from archlint.options import RunOptions
from archlint.outcome import Outcome
from archlint.project import Project


@dataclass(slots=True)
class State:
    """What the files of one state build.  marks: findings of files that are no model's.  failed: our own failures."""

    pictures: list[Picture] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def project_at(
    revision: Revision, paths: Sequence[str], wanted: Callable[[str], Wanted], roots: Sequence[str]
) -> Project:
    """The files at and below some paths as they were at a revision."""
    checked: dict[str, None] = {}
    every = revision.files()
    for path in paths:
        absolute = revision.absolute(path)
        inside = absolute.rstrip(os.sep) + os.sep
        if revision.is_file(absolute):
            checked[revision.display(absolute)] = None
            continue
        for file in every:
            of_folder = wanted(os.path.dirname(file)) if file.startswith(inside) else None
            if of_folder is not None and of_folder.includes(file) and not excluded(of_folder, file):
                checked[revision.display(file)] = None
    given = [path for path in paths if revision.is_dir(revision.absolute(path))]
    return Project(revision, list(checked), [], given, roots)


def reached(project: Project, changed: set[str]) -> list[str]:
    """The checked files that differ, and those that import one that does, at any depth.  changed: absolute paths."""
    shown = {project.files.display(path) for path in changed}
    users = set(dependants(project, shown, project.checked))
    return [path for path in project.checked if path in shown or path in users]


def reached_by(moves: Moves, before: Project, after: Project) -> tuple[list[str], list[str]]:
    """The files of each state that may build something else in the other; a renamed one counts under both names."""
    old, new = reached(before, moves.before), reached(after, moves.after)
    # A file that imports what is new, or what is gone, is looked at in both states.
    changed = {project.files.absolute(path) for project, paths in ((before, old), (after, new)) for path in paths}
    return (
        [path for path in before.checked if path in old or before.files.absolute(path) in changed],
        [path for path in after.checked if path in new or after.files.absolute(path) in changed],
    )


def built(project: Project, paths: Sequence[str], options: RunOptions, step: Callable[[str], None]) -> State:
    """The models and findings of some files of a project, in several processes where they are many."""
    gave: dict[str, State] = {}
    for outcome, drawn in _checked(project, paths, options):
        gave[outcome.path] = drawn or State()
        gave[outcome.path].failed += outcome.internal_errors
        step(outcome.path)
    state = State()
    for path in paths:
        state.pictures += gave[path].pictures
        state.marks += gave[path].marks
        state.failed += gave[path].failed
    return state


def _checked(project: Project, paths: Sequence[str], options: RunOptions) -> Iterator[tuple[Outcome, State | None]]:
    start = workers.default_start()
    number = workers.number_of_workers(paths, None, start) if start == "fork" else 1
    if number > 1:
        for path in paths:
            options.of(path)  # what is wrong with the configuration is said before the work begins
        yield from workers.work_in_workers(project, paths, options, number, start, _drawn)
        return
    for path in paths:
        made: list[State] = []
        further = partial(_add, made, project, options)
        yield check_one(project, path, options, further), made[0] if made else None


def _add(made: list[State], project: Project, options: RunOptions, path: str, result: FileResult) -> None:
    made.append(_drawn(project, path, result, options))


def _drawn(project: Project, path: str, result: FileResult, options: RunOptions) -> State:
    """What one file builds."""
    state = State()
    drawn = pictures_of(project, path, result, options, state.failed)
    state.pictures, state.marks = drawn.pictures, drawn.others
    return state

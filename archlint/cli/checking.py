"""How `archlint check` gets at its findings: from the cache, in one process or several; of all files or a share."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from archlint.cli.option_groups import grouped
from archlint.cli.progress import counted
from archlint.cli.terminal import note

if TYPE_CHECKING:
    from archlint.cache.keeping import Cache
    from archlint.diagnostic import Diagnostic, Report
    from archlint.options import RunOptions
    from archlint.outcome import Outcome, Use
    from archlint.project import Project


SHOWN = 0.001
"""What takes a smaller share of the time is not listed."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How the work is done.  shard: (which, of how many), from 1.  start: how workers begin; None: as suits."""

    no_cache: bool = False
    cache_dir: str | None = None
    jobs: int | None = None
    shard: tuple[int, int] | None = None
    timings: bool = False
    start: str | None = None


def _shard(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"(\d+)/(\d+)", value.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise click.BadParameter(f"'{value}' is not like 2/4: the second of four shares")
    return int(match[1]), int(match[2])


effort_options = grouped(
    "effort",
    Effort,
    click.option(
        "-n", "--no-cache", is_flag=True, envvar="ARCHLINT_NO_CACHE", help="Neither read nor write the cache."
    ),
    click.option(
        "--cache-dir", type=click.Path(file_okay=False), envvar="ARCHLINT_CACHE_DIR",
        help="Directory of the cache (default: .archlint_cache beside the configuration).",
    ),
    click.option(
        "-j", "--jobs", type=click.IntRange(min=1), metavar="N",
        help="Processes (default: one for each processor where there are many files to check).",
    ),
    click.option(
        "--shard", callback=_shard, metavar="I/N", help="Check the I-th of N shares of the files, for N machines."
    ),
    click.option("--timings", is_flag=True, help="Say where the time went: by phase and by rule."),
)  # fmt: skip


@dataclass(slots=True)
class Checked:
    """A project that was checked: its report, and what it is made of.

    prepare: loads the rules.  served: outcomes that came from the cache.  shared: is it one share of the files?
    """

    project: Project
    options: RunOptions
    outcomes: list[Outcome]
    report: Report
    prepare: Callable[[], object]
    served: int = 0
    shared: bool = False
    cache: Cache | None = None

    @property
    def failure(self) -> str:
        """Why the cache could not be written; "" where nothing went wrong."""
        return self.cache.failure if self.cache is not None else ""

    def read(self) -> set[str]:
        """Every file that was read for it."""
        self._fill()
        return {path for outcome in self.outcomes for path in outcome.asked.texts}

    def _fill(self) -> None:
        if self.cache is not None:
            for outcome in self.outcomes:
                self.cache.fill(outcome)

    def again(self, project: Project) -> Report:
        """The report of the same files, some of which hold something else now: only what reads those is done again."""
        from archlint.check import check_one
        from archlint.outcome import report_of

        self._fill()
        self.prepare()

        def judge(path: str, used: Sequence[Use]) -> list[Diagnostic]:
            return _judged(project, self.options, path, used)

        done = [
            outcome if outcome.still_holds(project) else check_one(project, outcome.path, self.options)
            for outcome in self.outcomes
        ]
        return report_of(project, done, None if self.shared else judge)


def check_files(
    project: Project, options: RunOptions, paths: Sequence[str], effort: Effort, prepare: Callable[[], object]
) -> Checked:
    """Check some files of a project.  prepare: loads the rules, and is called before the first file that needs them."""
    from archlint.outcome import report_of

    cache = _opened(project, options, effort)
    outcomes: dict[str, Outcome] = {}
    for path in paths if cache is not None else ():
        assert cache is not None
        known = cache.look_up(path)
        if known is not None:
            outcomes[path] = known
    served = len(outcomes)
    missing = [path for path in paths if path not in outcomes]
    if missing or not paths:
        prepare()
    try:
        with counted(sys.stderr, len(missing)) as tell:
            for outcome in evaluated(project, missing, options, effort):
                outcomes[outcome.path] = outcome
                tell(outcome.path)
                if cache is not None:
                    cache.keep(outcome)

        def judge(path: str, used: Sequence[Use]) -> list[Diagnostic]:
            prepare()
            return _judged(project, options, path, used)

        report = report_of(project, [outcomes[path] for path in paths], None if effort.shard else judge)
    finally:
        if cache is not None:
            cache.save()
    every = [outcomes[path] for path in paths]
    return Checked(project, options, every, report, prepare, served, effort.shard is not None, cache)


def evaluated(project: Project, paths: Sequence[str], options: RunOptions, effort: Effort) -> Iterator[Outcome]:
    """The outcomes of files, as they come."""
    if not paths:
        return
    from archlint import workers
    from archlint.check import check_one

    for path in paths:
        options.of(path)  # what is wrong with the configuration is said before the work begins
    start = workers.default_start() if effort.start is None else workers.start_of(effort.start)
    number = workers.number_of_workers(paths, effort.jobs, start)
    if number > 1:
        yield from workers.check_in_workers(project, paths, options, number, start)
    else:
        yield from (check_one(project, path, options) for path in paths)


def _judged(project: Project, options: RunOptions, path: str, used: Sequence[Use]) -> list[Diagnostic]:
    from archlint.check import unused_suppressions

    return unused_suppressions(project, options, path, used)


def _opened(project: Project, options: RunOptions, effort: Effort) -> Cache | None:
    from archlint.files import Disk

    if effort.no_cache or (isinstance(project.files, Disk) and project.files.overlay):
        return None
    from archlint.cache.folder import default_folder
    from archlint.cache.keeping import open_cache

    return open_cache(project, options, os.path.abspath(effort.cache_dir or default_folder(os.curdir)))


def share_of(paths: Iterable[str], shard: tuple[int, int] | None) -> list[str]:
    """The files of one share.  Which one a file is in follows from its path alone."""
    if shard is None:
        return list(paths)
    from hashlib import blake2b

    which, total = shard

    def number(path: str) -> int:
        plain = path.replace(os.sep, "/").encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(plain, digest_size=8).digest(), "big") % total

    return [path for path in paths if number(path) == which - 1]


def tell_timings(checked: Checked) -> None:
    """A table on standard error: processor time by phase and by rule, of what did not come from the cache."""
    from collections import Counter

    seconds: Counter[str] = Counter()
    for outcome in checked.outcomes:
        seconds.update(outcome.seconds)
    total = sum(seconds.values())
    for what, spent in seconds.most_common():
        if spent >= SHOWN * total:
            note(f"{spent:9.3f} s {spent / total:6.1%}  {what}")
    number = len(checked.outcomes)
    note(f"{total:9.3f} s of processor time for {number - checked.served} of {number} files; the cache had the others")

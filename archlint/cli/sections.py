"""`archlint check --help` in sections, as fifty options are none to read through."""

from __future__ import annotations

import click

SECTIONS = {
    "Rules": (
        "select", "extend_select", "ignore", "per_file_ignores", "fixable", "unfixable", "min_severity", "exit_zero",
    ),
    "Files": (
        "exclude", "extend_exclude", "force_exclude", "respect_gitignore", "stdin_filename", "changed_only",
        "diff_only", "base", "with_dependants", "shard",
    ),
    "Fixes": ("fix", "unsafe_fixes", "fix_only", "diff", "show_fixes", "exit_non_zero_on_fix"),
    "Suppressions and baseline": (
        "add_ignore", "ignore_suppressions", "baseline", "no_baseline", "update_baseline", "prune_baseline",
    ),
    "Models": ("inputs", "executed", "python", "unsafe_exec"),
    "Output": (
        "output_format", "output_file", "statistics", "show_models", "show_files", "show_settings", "timings",
        "verbose", "color",
    ),
    "Running": ("watch", "jobs", "no_cache", "cache_dir"),
}  # fmt: skip
"""Options by the names of their parameters; all others come last."""


class Sectioned(click.Command):
    """A command that lists its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section that the command has options of."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        left = {option.name: record for option in options if (record := option.get_help_record(ctx))}
        for title, names in SECTIONS.items():
            _write(formatter, title, [left.pop(name) for name in names if name in left])
        _write(formatter, "Others", list(left.values()))


def _write(formatter: click.HelpFormatter, title: str, records: list[tuple[str, str]]) -> None:
    if records:
        with formatter.section(title):
            formatter.write_dl(records)

"""Runs pages as tests: every heading with an example is one test, every claim in it must hold.

Findings that an example does not claim fail it too, so each example is also a test against false positives.
`pytest --accept` rewrites the snapshots.  The pages of what execution finds run their models, where PyTorch is there.
"""

from __future__ import annotations

import importlib.util
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archlint.check import analyze_texts, check_texts
from archlint.configuration import Settings
from archlint.configuration.reading import Layer, parsed
from archlint.configuration.rule_settings import rule_settings
from archlint.diagnostic import Diagnostic, Report
from archlint.dims import show_shape
from archlint.fix import Fixed, apply_fixes
from archlint.graph import Node
from archlint.model import Model
from archlint.options import Options
from archlint.plugins import load
from archlint.project import Project
from archlint.report import terminal
from archlint.rule import rules
from archlint.text import LineIndex
from pages import MAIN, Example, FindingClaim, ValueClaim, read_page, without_claims

load("archlint_rules")

EXECUTED = {"executed_shape_disagrees": "ARC007", "executed_model_failed": "ARC008"}
"""Pages whose findings take a run: what they claim of it is left out where PyTorch is missing."""

Check = Callable[[Mapping[str, str], Options], Report]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite the snapshots in the pages")


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> PageFile | None:
    folders = set(file_path.parts[:-1])
    if file_path.suffix == ".md" and ("archlint_rules" in folders or {"tests", "md"} <= folders):
        return PageFile.from_parent(parent, path=file_path)
    return None


class PageFile(pytest.File):
    """One page."""

    def collect(self) -> Iterator[PageTest]:
        path: list[str] = []
        for section in read_page(self.path.read_text(encoding="utf-8")):
            path = [*path[: max(section.level - 1, 0)], section.title]
            if section.examples:
                name = " - ".join(path[1:] or path)
                yield PageTest.from_parent(self, name=name, examples=section.examples, line=section.line)


class PageTest(pytest.Item):
    """The examples under one heading."""

    def __init__(self, *, examples: list[Example], line: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.examples = examples
        self.line = line
        self.funcargs: dict[str, Any] = {}  # which pytest-lsp looks for in every item

    def runtest(self) -> None:
        options = profile(self.path.stem)
        run = self.path.stem in EXECUTED
        here = not run or importlib.util.find_spec("torch") is not None
        problems: list[str] = []
        plain = options
        for example in self.examples:
            options = with_settings(plain, example)
            found = check_example(example, options, check_executed if run and here else check_texts)
            left_out = [] if here else [f"[{code}]" for code in EXECUTED.values()]
            told = [(line, text) for line, text in found if not any(code in text for code in left_out)]
            problems += [f"{self.path.name}:{line}: {text}" for line, text in told]
            if example.snapshot is not None:
                problems += self.compare_snapshot(example, options)
            if example.fixed is not None:
                problems += self.compare_fixed(example, options)
        if problems:
            raise PageError("\n".join(problems))
        if not here:
            pytest.skip("needs PyTorch: the models of this page were checked, and not run")

    def compare_snapshot(self, example: Example, options: Options) -> list[str]:
        got = rendered(check_texts(example.files, options))
        if got == example.snapshot:
            return []
        if self.config.getoption("--accept"):
            accept(self.path, example.snapshot or "", got)
            return []
        return [f"{self.path.name}: the rendered findings are not the snapshot (pytest --accept takes them):\n{got}"]

    def compare_fixed(self, example: Example, options: Options) -> list[str]:
        fixed = fix_example(example, options)
        got = without_claims(fixed.texts.get(MAIN, example.files[MAIN]))
        problems = [f"{self.path.name}: {sentence}" for sentence in fixed.refused]
        if got != example.fixed and self.config.getoption("--accept"):
            accept(self.path, example.fixed or "", got, "```python fixed\n")
        elif got != example.fixed:
            problems.append(f"{self.path.name}: the fixed text is another (pytest --accept takes it):\n{got}")
        return problems

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, PageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, self.name


class PageError(Exception):
    """A claim does not hold."""


def profile(stem: str) -> Options:
    """The default rules, and the page's own rule where it is not one of them."""
    own = [r.code for r in rules().values() if r.name == stem.replace("_", "-") and not r.default]
    if not own:
        return Options()
    return replace(Options(), select=(*(r.code for r in rules().values() if r.default), *own))


def with_settings(options: Options, example: Example) -> Options:
    """The options with what the example's `toml` fence says of rules."""
    if not example.settings:
        return options
    layer = Layer(parsed(example.settings)["tool"]["archlint"], "the example", "")
    return replace(options, settings=rule_settings(Settings((layer,)), rules()))


def check_executed(files: Mapping[str, str], options: Options) -> Report:
    """The findings of files, also those of running their models."""
    from archlint.run.verify import Request, verify

    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_text(text, encoding="utf-8")
        try:
            os.chdir(folder)
            report, verification = verify(Project.of_paths(list(files)), options, Request(unsafe=True))
        finally:
            os.chdir(before)
    report.internal_errors += verification.internal_errors
    return report


def check_example(example: Example, options: Options, check: Check = check_texts) -> list[tuple[int, str]]:
    """What does not hold, each with its line on the page."""
    report = check(example.files, options)
    wanted = list(example.findings())
    problems = [(1, f"internal error: {error}") for error in report.internal_errors]
    for found in report.diagnostics:
        line = report.position(found).line
        if complaint := unconventional(found.finding.message):
            problems.append((example.lines[found.path] + line, f"message {complaint}: {found.finding.message}"))
        match = next((w for w in wanted if claims(w, found, line)), None)
        if match is None:
            text = f"unexpected {found.severity}: [{found.code}] {found.finding.message}"
            problems.append((example.lines[found.path] + line, text))
        else:
            wanted.remove(match)
    for want in wanted:
        text = f"missing {want.severity}: [{want.rule}]" + (f' "{want.text}"' if want.text else "")
        problems.append((example.lines[want.path] + want.line, text))
    values = list(example.values())
    if values:
        models = analyze_texts(example.files)
        problems += check_values(example, values, models)
    return sorted(problems)


def unconventional(message: str) -> str:
    """What is wrong with the form of a message: "" if it starts small or with a name, and ends without a full stop."""
    first = message.partition(" ")[0]
    if not message or (re.fullmatch(r"[A-Z][a-z]+", first) and first not in ("Keras", "Python")):
        return "does not start with a small letter or a name"
    if message != " ".join(message.split()) or message.endswith("."):
        return "has a full stop or stray white space"
    return ""


def claims(want: FindingClaim, found: Diagnostic, line: int) -> bool:
    """Whether a finding is the one that was claimed."""
    return (
        (want.path, want.line, want.severity) == (found.path, line, found.severity)
        and want.rule in (found.code, found.name)
        and want.text in found.finding.message
    )


def check_values(example: Example, wanted: list[ValueClaim], models: list[Model]) -> list[tuple[int, str]]:
    """Claims about values that do not hold."""
    indexes = {path: LineIndex(text) for path, text in example.files.items()}
    problems: list[tuple[int, str]] = []
    for want in wanted:
        here: list[Node] = []
        for model in models:
            here += bound_on_line(model, want.path, want.line, indexes[want.path])
        shapes = list(dict.fromkeys(show_shape(n.output.shape) for n in here))
        got = " | ".join(shapes) or "no layer"
        if want.kind == "shape" and got != want.text:
            problems.append((example.lines[want.path] + want.line, f"shape is {got}, not {want.text}"))
        if want.kind == "unknown" and any(n.output.shape is not None or want.text not in n.unknown for n in here):
            problems.append((example.lines[want.path] + want.line, f"shape is {got}, not unknown: {want.text}"))
    return problems


def bound_on_line(model: Model, path: str, line: int, index: LineIndex) -> list[Node]:
    """Nodes whose value a name on the line is bound to, else the outermost call that starts there."""

    def on_line(start: int) -> bool:
        return index.line_of(start) == line

    layers = [n for n in model.nodes if n.family != "input"]  # an `input_shape=` makes one on its layer's line
    named = [n for n in model.nodes if any(s.path == path and on_line(s.start) for _, s in n.names)]
    if named:
        return [n for n in named if n in layers] or named
    calls = [n for n in layers if n.span.path == path and on_line(n.span.start)]
    if calls:
        outermost = min(n.span.start for n in calls), -max(n.span.end for n in calls)
        return [n for n in calls if (n.span.start, -n.span.end) == outermost] or calls[-1:]
    return [n for n in layers if n.made_at and n.made_at.path == path and on_line(n.made_at.start)]


def rendered(report: Report) -> str:
    """The findings as the terminal shows them, without colour."""
    return terminal.render(report).rstrip("\n") + "\n"


def fix_example(example: Example, options: Options, *, unsafe: bool = True) -> Fixed:
    """The example after all its fixes."""

    def recheck(texts: Mapping[str, str]) -> Report:
        return check_texts(texts, options)

    return apply_fixes(example.files, recheck(example.files), recheck, unsafe=unsafe)


def accept(page: Path, old: str, new: str, fence: str = "```text snapshot\n") -> None:
    """Put the new text in the place of what the old fence held."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(f"{fence}{old}```", f"{fence}{new}```", 1), encoding="utf-8")

"""Our numbers against those that a collection states itself: `python -m benchmarks.literal [--only PART] [--write]`.

pytorchcv ends every file with a `_test()` that builds each model, runs it on random numbers, and asserts the literal
number of its weights and the shape of its output. `_test()` is read as source, like the rest: for each model its body
becomes a function in which the assertions are values, and the evaluator says what these are.
"""

from __future__ import annotations

import argparse
import ast
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from archlint.facts.parameters import parameters
from archlint.interp.entry import Analysis, Directives, Work
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import imports
from archlint.project import Project
from archlint.source.parse import parse
from archlint.values import ListValue, Module
from benchmarks import pool, tables
from benchmarks.corpora import corpora

README = Path(__file__).parent / "README.md"
CORPUS = "pytorchcv"
WEIGHTS, SHAPES = "parameters stated by the model's own test", "shape of an output stated by it"
SKIPPED = ("print(", "calc_net_weight_count", ".backward(", ".train(", ".eval(")
"""Statements of a test that say nothing about the model."""

STALE = {"propainter": "its test gives two of five arguments, and fails"}
"""Models whose assertions on the output are never reached when the test is run, and why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One model of a file: its builder, and its test as the source of a function that sets `stated` and `checks`."""

    builder: str
    text: str


@dataclass(slots=True)
class Checked:
    """What one file gave: verdicts by (number, verdict), and a line for each that is not `equal`."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> None:
    """Hold every stated number against ours."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--only", action="append", default=[], help="part of a file's path")
    parser.add_argument("--models", type=int, default=0, help="at most so many models per file")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=300, help="wall limit per file")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    chosen = parser.parse_args(arguments)
    corpus = next(c for c in corpora() if c.name == CORPUS)
    root = corpus.fetch()
    paths = [str(p.relative_to(root)) for p in sorted((root / corpus.folder).glob("*.py"))]
    paths = [path for path in paths if not chosen.only or any(part in path for part in chosen.only)]
    total = Checked()
    tasks = [(str(root), path, chosen.models) for path in paths]
    for outcome in pool.run(check, tasks, chosen.jobs, chosen.seconds):
        if outcome.failure:
            print(f"{outcome.task[1]}: {outcome.failure}", flush=True)
            continue
        total.verdicts.update(outcome.result.verdicts)
        print("".join(f"{line}\n" for line in outcome.result.lines), end="", flush=True)
    print(report(total))
    if chosen.write:
        tables.write(README, "literal", report(total))


def report(total: Checked) -> str:
    """The table of verdicts."""
    verdicts = ("equal", "unknown", "differs")
    rows = [(f"{CORPUS}: {what}", *(total.verdicts[what, v] for v in verdicts)) for what in (WEIGHTS, SHAPES)]
    return tables.table(("number", *verdicts), rows)


@lru_cache(maxsize=1)
def _project(root: str) -> Project:
    os.chdir(root)
    return Project.of_paths([])


def check(task: tuple[str, str, int]) -> Checked:
    """Every model that the test of one file builds."""
    root, path, limit = task
    project = _project(root)
    found = Checked()
    text = (Path(root) / path).read_text(encoding="utf-8")
    given = cases(text, Path(path).stem)
    given = given[:limit] if limit else given
    tests = "".join([libraries(text), *(case.text for case in given)])
    source = parse(str(Path(path).with_name("test_of_models.py")), tests)
    ev = Evaluator(project, main_path=source.path)
    module = Module("__main__", source.path, {"__name__": "__main__"}, state="running")
    ev.modules[source.path] = module
    analysis = Analysis()
    work = Work(ev, module, source, Directives([], {}), analysis)
    with ev.new_session():
        imports.run(ev, module, source)
    for number, case in enumerate(given):
        analysis.models.clear()
        said: dict[str, Any] = {}
        made = next(d for d in ev.definitions if d.module is module and d.name == f"case_{number}")
        work.definition(made, finish=lambda said=said: said.update(module.names))  # type: ignore[misc]
        _judge(found, f"{path} {case.builder}", said, analysis)
    return found


def _judge(found: Checked, name: str, said: Mapping[str, Any], analysis: Analysis) -> None:
    """The model's trainable parameters against the stated number, and each assertion on its output."""
    stated, checks = said.get("stated"), said.get("checks")
    ours = parameters(analysis.models[0]).trainable if len(analysis.models) == 1 else None
    if stated is not None:  # some tests leave a number out
        verdict = "unknown" if not isinstance(ours, int) else "equal" if ours == stated else "differs"
        found.verdicts[WEIGHTS, verdict] += 1
        if verdict != "equal":
            found.lines.append(f"{name}: {stated} parameters stated, ours {ours}")
    held_against = checks.items or [] if isinstance(checks, ListValue) else [None]
    for held in held_against if name.rpartition(" ")[2] not in STALE else ():
        verdict = "equal" if held is True else "differs" if held is False else "unknown"
        found.verdicts[SHAPES, verdict] += 1
        if verdict != "equal":
            found.lines.append(f"{name}: an assertion on the output is {verdict}")


def libraries(text: str) -> str:
    """What a file imports as a whole, `import torch`: its test uses that, too."""
    return "".join(f"{ast.unparse(node)}\n" for node in ast.parse(text).body if isinstance(node, ast.Import))


def cases(text: str, module: str) -> list[Case]:
    """The test of a file, once for each of its models; of a file in another form nothing is known."""
    tests = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == "_test"]
    loops = [n for test in tests for n in test.body if isinstance(n, ast.For)]
    if not loops:
        return []
    listed = [n for n in tests[0].body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "models"]
    models = listed[0].value.elts if listed and isinstance(listed[0].value, ast.List) else []
    before = [n for n in tests[0].body if n not in (*loops, *listed)]
    return [_case(number, model, module, before, loops[0]) for number, model in enumerate(models)]


def _case(number: int, model: ast.expr, module: str, before: Sequence[ast.stmt], loop: ast.For) -> Case:
    builder = ast.unparse(model.elts[0] if isinstance(model, ast.Tuple) else model)
    chosen = ast.Assign([loop.target], model, lineno=0)
    body = [*before, chosen, *_values([*loop.body], builder), ast.parse("return net").body[0]]
    head = f"def case_{number}():\n    global stated, checks\n    from .{module} import {builder}\n    checks = []\n"
    lines = [line for statement in body for line in ast.unparse(statement).splitlines()]
    return Case(builder, head + "".join(f"    {line}\n" for line in lines))


def _values(body: Sequence[ast.stmt], builder: str) -> Iterator[ast.stmt]:
    """The statements of a test, assertions as values: the model's own number of weights, what its output must be."""
    for statement in body:
        if isinstance(statement, ast.If):
            arms = [list(_values(arm, builder)) or [ast.Pass()] for arm in (statement.body, statement.orelse)]
            yield ast.If(statement.test, arms[0], arms[1] if statement.orelse else [])
        elif isinstance(statement, ast.Assert):
            yield from _asserted(statement.test, builder)
        elif not any(part in ast.unparse(statement) for part in SKIPPED):
            yield statement


def _asserted(test: ast.expr, builder: str) -> Iterator[ast.stmt]:
    match test:
        case ast.BoolOp(ast.Or(), [ast.Compare(_, [ast.NotEq()], [name]), ast.Compare(_, [ast.Eq()], [weights])]):
            if ast.unparse(name) == builder:
                yield ast.Assign([ast.Name("stated")], weights, lineno=0)
        case _ if "weight_count" not in ast.unparse(test):
            yield from ast.parse(f"checks = checks + [{ast.unparse(test)}]").body


if __name__ == "__main__":
    main()

"""What a page calls silently wrong is wrong when it runs, and what it calls fixed is not.

`proofs/*.py` hold one function for each rule, `arc209(bad, good)`: it gets the names of the page's first example and
of its first fixed one, executed, and asserts what they do.  A rule whose errors are exceptions needs none: there
`test_executed_examples` holds the framework to it.  `NOTHING_TO_RUN` of a file says why a rule has none.
"""

from __future__ import annotations

import importlib.util
import os
import types
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from test_executed_examples import FAILING, FOLDER, REMOVED

from archlint.plugins import load
from archlint.rule import Rule, rules
from pages import Example, read_page

load("archlint_rules")

Proof = Callable[[Any, Any], None]


def _load(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"proofs_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FILES = [_load(path) for path in sorted(Path(__file__).with_name("proofs").glob("*.py"))]
PROOFS: dict[str, Proof] = {n.upper(): p for file in FILES for n, p in vars(file).items() if n.startswith("arc")}
REASONS: dict[str, str] = {c: why for file in FILES for c, why in getattr(file, "NOTHING_TO_RUN", {}).items()}


def _own() -> Iterator[Rule]:
    return (r for r in rules().values() if r.path is not None and FOLDER in r.path.parents)


@pytest.mark.parametrize("rule", [r for r in _own() if r.code in PROOFS], ids=lambda r: r.code)
def test_the_bad_example_misbehaves_and_the_fixed_one_does_not(rule: Rule) -> None:
    examples = {s.title: s.examples for s in read_page(rule.page) if s.examples}
    PROOFS[rule.code](_executed(examples["Example"][0]), _executed(examples["Fixed"][0]))


def _executed(example: Example) -> types.SimpleNamespace:
    """The names that the program defines."""
    text = "\n".join(example.files.values())
    for module in ("torch", "keras", "tensorflow", "tf_slim", "lightning", "jaxtyping", "beartype"):
        if f"import {module}" in text or f"from {module}" in text:
            pytest.importorskip(module, exc_type=ImportError)
    if "torch" in text:
        importlib.import_module("torch").manual_seed(0)
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    names: dict[str, Any] = {"__name__": "example"}
    graph = importlib.import_module("tensorflow").Graph().as_default() if "tensorflow" in text else nullcontext()
    with graph:
        exec(compile(text, "example.py", "exec"), names)
    return types.SimpleNamespace(**names)


@pytest.mark.parametrize("rule", [r for r in _own() if r.severity != "info"], ids=lambda r: r.code)
def test_every_claim_of_a_defect_is_run_or_says_why_not(rule: Rule) -> None:
    folder = rule.path.parent.name if rule.path is not None else ""
    raises = (rule.severity == "error" and folder in FAILING) or rule.code in REMOVED
    assert raises or rule.code in PROOFS or rule.code in REASONS
    assert not (rule.code in PROOFS and rule.code in REASONS)


def test_proofs_are_of_rules() -> None:
    assert {*PROOFS, *REASONS} <= {r.code for r in _own()}

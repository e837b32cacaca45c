"""A fix does what its rule says of it: it is declared, and a safe one leaves the outputs as they are."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_executed_examples import REMOVED, SIZES, form, numbers

import page_index
from archlint.check import analyze_texts, check_texts
from archlint.plugins import load
from archlint.rule import Rule, rules
from page_runner import fix_example, profile
from pages import MAIN, Example, read_page

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
load("archlint_rules")
FOLDER = Path(page_index.README.parent, "archlint_rules")
OWN = [r for r in rules().values() if r.path is not None and FOLDER in r.path.parents]


def examples(rule: Rule) -> Iterator[Example]:
    for section in read_page(rule.page):
        yield from section.examples


@pytest.mark.parametrize("rule", OWN, ids=lambda r: r.code)
def test_a_rule_declares_its_fixes_and_shows_one(rule: Rule) -> None:
    stem = rule.name.replace("-", "_")
    found = [
        d.finding
        for example in examples(rule)
        for d in check_texts(example.files, profile(stem)).diagnostics
        if d.code == rule.code and d.finding.edits
    ]
    declared = "none" if not found else "safe" if all(finding.safe for finding in found) else "unsafe"
    assert rule.fix == declared, f'state fix="{declared}" in @rule(…)'
    assert any(example.fixed is not None for example in examples(rule)) == bool(found), "show it: ```python fixed"


SAFE = [
    pytest.param(rule, example, id=f"{rule.code} {number}")
    for rule in OWN
    if rule.fix == "safe"
    for number, example in enumerate(e for e in examples(rule) if e.fixed is not None)
]


@pytest.mark.parametrize(("rule", "example"), SAFE)
def test_a_safe_fix_leaves_the_outputs_as_they_are(rule: Rule, example: Example) -> None:
    if not example.runs or len(example.files) > 1:
        pytest.skip("does not run on the framework of today, before its fix")
    after = outputs(fix_example(example, profile(rule.name.replace("-", "_")), unsafe=False).texts[MAIN])
    try:
        before = outputs(example.files[MAIN])
    except (AssertionError, AttributeError, TypeError, ValueError, RuntimeError):
        assert (
            rule.severity == "error" or rule.code in REMOVED
        )  # what raised, or was no model, before its fix gives an output now
        return
    assert before.keys() == after.keys()
    for name, answer in before.items():
        assert list(_flat(after[name])) == pytest.approx(list(_flat(answer)), rel=1e-4, abs=1e-6)


def _flat(answer: Any) -> Iterator[float]:
    if isinstance(answer, list):
        for item in answer:
            yield from _flat(item)
    else:
        yield answer


def outputs(text: str) -> dict[str, Any]:
    """Every output of the program's models for a fixed seed, as nested lists; what a model counts as weights."""
    for module in ("torch", "keras", "tensorflow", "tf_slim", "torchvision"):
        if f"import {module}" in text or f"from {module}" in text:
            pytest.importorskip(module, exc_type=ImportError)
    names: dict[str, Any] = {"__name__": "example"}
    torch = importlib.import_module("torch") if "import torch" in text else None
    if torch is not None:
        torch.manual_seed(0)
    if "keras" in text:
        importlib.import_module("keras").utils.set_random_seed(0)
    exec(compile(text, "example.py", "exec"), names)
    shapes = {}
    for model in analyze_texts({MAIN: text}) if torch is not None else ():
        if model.inputs:
            shapes[model.name] = numbers(form(model, model.inputs[0]), SIZES[0])
    answers = {name: _answer(value, torch, shapes.get(name)) for name, value in names.items()}
    found = {name: answer for name, answer in answers.items() if answer is not None}
    assert found, "nothing to compare: name an output, a model or an optimizer"
    return found


def _answer(value: Any, torch: Any, shape: Any) -> Any:
    """What a tensor or an optimizer holds; what a model gives, torch for random numbers, Keras for ones."""
    if torch is not None and isinstance(value, torch.Tensor):
        return value.detach().double().tolist()
    if torch is not None and shape is not None:
        torch.manual_seed(0)
        net = value() if isinstance(value, type) else value
        return net(torch.rand(shape)).detach().double().tolist()
    if hasattr(value, "learning_rate"):
        return float(value.learning_rate)
    if type(value).__name__ in ("Sequential", "Functional") and getattr(value, "built", False):
        np = importlib.import_module("numpy")
        ones = [np.ones((2, *shape[1:]), "float32") for shape in _shapes(value)]
        return np.asarray(value.predict(ones if len(ones) > 1 else ones[0], verbose=0)).tolist()
    return None


def _shapes(model: Any) -> list[Any]:
    shape = model.input_shape
    return list(shape) if isinstance(shape, list) else [shape]

"""The examples tell the truth: what a page calls an error fails in the framework, what it calls right runs.

Needs the framework of the example; without it the example is skipped.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

import page_index
from archlint.check import analyze_texts
from archlint.dims import evaluate, symbols
from archlint.model import InputRecord, Model
from archlint.plugins import load
from archlint.rule import Rule, rules
from archlint.values import Shape
from pages import Example, read_page

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if importlib.util.find_spec("torch"):
    os.environ.setdefault("KERAS_BACKEND", "torch")

load("archlint_rules")
FOLDER = Path(page_index.README.parent, "archlint_rules")

FAILING = {"shapes", "recurrent"}
"""Families whose errors are exceptions of the framework; the errors of others run, and give nonsense."""

REMOVED = {"ARC901", "ARC902", "ARC904"}
"""Rules about interfaces that are gone: their examples fail, whatever the severity."""

SIZES = [dict.fromkeys("HW", side) for side in (64, 32, 28, 224)] + [{"H": 32, "W": 80}]
"""What to try where an example leaves the picture's size open."""


def pages() -> Iterator[Any]:
    for rule in rules().values():
        if rule.path is None or FOLDER not in rule.path.parents or not rule.path.with_suffix(".md").is_file():
            continue  # test_pages asks for the page
        for section in read_page(rule.page):
            for number, example in enumerate(section.examples):
                yield pytest.param(rule, section.title, example, id=f"{rule.code} {section.title} {number + 1}")


def fixes() -> Iterator[Any]:
    for found in pages():
        rule, _, example = found.values
        if example.fixed is not None:
            yield pytest.param(rule, example, id=found.id)


def need(text: str) -> None:
    """Skip where a library that the program imports is not here."""
    for module in ("torch", "keras", "tensorflow", "tf_slim", "somewhere", "jaxtyping", "beartype"):
        if f"import {module}" in text or f"from {module}" in text:
            pytest.importorskip(module, exc_type=ImportError)


@pytest.mark.parametrize(("rule", "title", "example"), list(pages()))
def test_the_framework_agrees(rule: Rule, title: str, example: Example) -> None:
    text = "\n".join(example.files.values())
    need(text)
    if rule.code == "ARC001" or not example.runs or len(example.files) > 1:
        pytest.skip("not a program of one file")
    error = outcome(example, text)
    severities = {c.severity for c in example.findings() if c.rule in (rule.code, rule.name)}
    if title == "Example" and rule.code in REMOVED:
        assert error is not None
    elif title != "Example" or "error" not in severities:
        assert error is None, f"{type(error).__name__}: {error}"
    elif rule.path is not None and rule.path.parent.name in FAILING:
        assert error is not None


@pytest.mark.parametrize(("rule", "example"), list(fixes()))
def test_what_a_fix_leaves_runs(rule: Rule, example: Example) -> None:
    assert example.fixed is not None
    need(example.fixed)
    if not example.runs or len(example.files) > 1:
        pytest.skip("not a program of one file")
    error = outcome(Example({"model.py": example.fixed}), example.fixed)
    assert error is None, f"{type(error).__name__}: {error}"


def outcome(example: Example, text: str) -> Exception | None:
    """What the program raises when it runs, and when its models are called: None if some size of input works."""
    names: dict[str, Any] = {"__name__": "example"}
    try:
        with without_memory(text):
            exec(compile(text, "example.py", "exec"), names)
            for model in analyze_texts(example.files):
                if model.framework == "torch" and model.inputs and model.name in names:
                    call(model, names[model.name])
    except Exception as error:
        return error
    finally:
        if "keras" in text:
            importlib.import_module("keras").backend.set_image_data_format("channels_last")
    return None


def without_memory(text: str) -> AbstractContextManager[Any]:
    """PyTorch's meta device: shapes and errors as always, no numbers; for TensorFlow 1 a graph of its own."""
    if "tensorflow" in text:
        graph: AbstractContextManager[Any] = importlib.import_module("tensorflow").Graph().as_default()
        return graph
    if "keras" in text or not importlib.util.find_spec("torch"):
        return nullcontext()
    device: AbstractContextManager[Any] = importlib.import_module("torch").device("meta")
    return device


def call(model: Model, thing: Any) -> None:
    """Run a torch model; the exception of the last try if it takes none of the sizes."""
    zeros = importlib.import_module("torch").zeros
    try:
        net = thing() if isinstance(thing, type) else thing
    except TypeError:
        return  # its constructor has arguments
    failure: Exception | None = None
    for sizes in SIZES:
        shapes = [numbers(form(model, record), sizes) for record in model.inputs]
        if None in shapes:
            return
        try:
            net(*(zeros(s, dtype=kind(model, r)) for s, r in zip(shapes, model.inputs) if s is not None))
            return
        except (RuntimeError, IndexError, ValueError) as error:
            failure = error
    assert failure is not None
    raise failure


def kind(model: Model, record: InputRecord) -> Any:
    """Whole numbers for an embedding, else torch's usual type."""
    ids = any(n.family == "embedding" for n in model.graph.consumers(record.node))
    return importlib.import_module("torch").int64 if ids else None


def form(model: Model, record: InputRecord) -> Shape:
    """The shape of an entry tensor; rows of features where only the last axis is known."""
    last = model.graph[record.node].output.last
    return (2, last) if record.shape is None and last is not None else record.shape


def numbers(shape: Shape, sizes: dict[str, int]) -> tuple[int, ...] | None:
    """A shape with numbers for its symbols; None for a shape that is not known."""
    if shape is None or any(s is None for s in shape):
        return None
    names = {v.name for s in shape for v in symbols(s)}
    values = {"N": 2, **dict.fromkeys(names - {"N"}, 16), **sizes}
    return tuple(evaluate(s, values) for s in shape if s is not None)

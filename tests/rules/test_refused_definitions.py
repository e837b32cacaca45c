"""What the pages of ARC614 and ARC620 call an error, the framework refuses while the model is made."""

from __future__ import annotations

import re

import pytest
from test_executed_examples import without_memory

from archlint.rule import rules
from pages import read_page


def refusal(text: str) -> Exception | None:
    for module in ("torch", "keras", "tensorflow", "tf_slim"):
        if f"import {module}" in text:
            pytest.importorskip(module, exc_type=ImportError)
    try:
        with without_memory(text):
            exec(compile(text, "example.py", "exec"), {"__name__": "example"})
    except Exception as error:
        return error
    return None


def examples(code: str, framework: str) -> list[str]:
    section = next(s for s in read_page(rules()[code].page) if s.title == "Example")
    texts = ["\n".join(e.files.values()) for e in section.examples if not e.runs]
    return [t for t in texts if f"import {framework}" in t]


@pytest.mark.parametrize(
    ("framework", "told"), [("keras", "should (be|have) unique"), ("tensorflow", "Variable fc/weights already exists")]
)
def test_keras_and_tensorflow_refuse_a_second_name(framework: str, told: str) -> None:
    found = examples("ARC614", framework)
    assert found
    for text in found:
        error = refusal(text)
        assert error is not None
        assert re.search(told, str(error))


@pytest.mark.parametrize(
    ("framework", "told"), [("torch", "is not a Module subclass"), ("keras", "Expected `trainable` to be a boolean")]
)
def test_containers_refuse_what_is_no_layer(framework: str, told: str) -> None:
    found = examples("ARC620", framework)
    assert found
    for text in found:
        assert told in str(refusal(text))

"""A method that looks like one the framework calls, and is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from archlint.rule import Edit, FileFacts, Finding, Label, Span, rule

_TORCH = re.compile(r"torch\.nn\.(modules\.module\.)?Module|(pytorch_)?lightning(\.pytorch)?(\.core)?\.LightningModule")
_KERAS = re.compile(r"(tensorflow\.|tf_)?keras\.(layers\.Layer|Model|models\.Model|Layer)")
_WORDS = frozenset(
    ("toward", "towards", "reward", "calc", "cell", "fall", "all", "ball", "wall", "hall", "tall", "mall")
)
_INITS = frozenset(("__int__", "_init_", "__init_", "_init__", "__inti__", "__ini__", "__init", "init__", "__Init__"))
_OTHERS = {"Keras": "forward", "PyTorch": ""}
"""What the same method is called elsewhere; `call` is no name of PyTorch's, but one that people give."""


@rule("ARC621", "misspelled-method", severity="error", confidence="likely", category="wiring", scope="file", fix="safe")
def misspelled_method(facts: FileFacts) -> Iterator[Finding]:
    for cls in facts.index.classes.values():
        framework = framework_of(facts, cls)
        if not framework:
            continue
        hook = "forward" if framework == "PyTorch" else "call"
        for method in cls.methods:
            meant = "__init__" if method in _INITS else hook
            if meant in cls.methods or method in facts.index.attributes or method in facts.index.strings:
                continue
            if method in _INITS and not any(store.method == method for store in cls.stores):
                continue
            if method in _INITS or is_near(method, hook) or method == _OTHERS[framework]:
                yield from finding(facts, cls, method, meant, framework)


def finding(facts: FileFacts, cls: Any, method: str, meant: str, framework: str) -> Iterator[Finding]:
    name = re.compile(rf"\bdef[ \t]+({re.escape(method)})[ \t]*\(").search(facts.lines.text, cls.end)
    if name is None:
        return
    span = Span(facts.path, name.start(1), name.end(1))
    then = "the layers in it are never made" if meant == "__init__" else f"the class has no {meant}"
    yield Finding(
        span,
        f"`{cls.name}.{method}` looks like `{meant}`: {framework} does not call it, {then}",
        label="never called",
        related=(Label(Span(facts.path, cls.start, cls.end), f"a module without {meant}"),),
        help=f"rename it to `{meant}`",
        edits=(Edit(span, meant),),
        safe=True,
    )


def framework_of(facts: FileFacts, cls: Any) -> str:
    """The framework whose own module class is the only base; "" with any other base, which may bring the method."""
    if len(cls.bases) != 1:
        return ""
    for name, span in facts.imports:
        if cls.end < span.start < cls.end + 8 and facts.lines.text[span.start : span.end] == cls.bases[0]:
            return "PyTorch" if _TORCH.fullmatch(name) else "Keras" if _KERAS.fullmatch(name) else ""
    return ""


def is_near(method: str, hook: str) -> bool:
    """`foward`, `Forward`, `forwrad`: not the hook, and no word of its own that contains it."""
    if method in _WORDS or method == hook:
        return False
    if method.lower() == hook:
        return True
    if hook in method or abs(len(method) - len(hook)) > 2:
        return False
    return distance(method, hook) <= (2 if len(hook) > 5 else 1)


def distance(one: str, other: str) -> int:
    """How many letters have to be put in, left out or changed."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]

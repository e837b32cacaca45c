"""Counts in names and docstrings: `ThreeLayerNet`, `vgg16`, "a 2-layer MLP", "about 1.2M parameters"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "single": 1,
}  # fmt: skip
_NUMBER = r"(?<![\w.])(\d+|" + "|".join(_NUMBERS) + r")"
_HIDDEN = re.compile(_NUMBER + r"[\s-]+hidden[\s-]+layers?\b")
_LAYERS = re.compile(_NUMBER + r"[\s-]+layers?\s+(?:deep\s+)?(?:\w+\s+)?(?:network|net|cnn|mlp|lstm|gru|rnn|model)s?\b")
_KNOWN = re.compile(r"(vgg|resnet)_?(\d{2,3})", re.IGNORECASE)
_PARAMETERS = re.compile(r"(?<![\w.,])(\d+(?:,\d{3})*(?:\.\d+)?)\s*(k|m|million|b|billion)?\s+(?:\w+\s+)?parameters\b")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "million": 10**6, "b": 10**9, "billion": 10**9}


@dataclass(frozen=True, slots=True)
class Count:
    """A claim: `layers`, `hidden` or `parameters`, how many at least and at most, and its words."""

    kind: str
    least: float
    most: float
    text: str


def of_name(name: str) -> Iterator[Count]:
    """`TwoHiddenLayerNet`, `three_layer_net`, `VGG16`."""
    known = _KNOWN.fullmatch(name)
    if known is not None:
        yield Count("layers", int(known[2]), int(known[2]), name)
    spaced = " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)).lower()
    yield from _of_layers(spaced)


def of_text(text: str) -> Iterator[Count]:
    """Counts in the first sentence of a docstring, and of parameters anywhere in it."""
    spaced = " ".join(text.split()).lower()
    yield from _of_layers(spaced.partition(". ")[0])
    found = list(_PARAMETERS.finditer(spaced))
    if len(found) != 1:
        return  # several totals are those of several variants
    digits, unit = found[0][1].replace(",", ""), found[0][2] or ""
    if not unit and (float(digits) < 1000 or "." in digits):
        return
    value = float(digits) * _UNITS[unit]
    step = _UNITS[unit] / 10 ** len(digits.partition(".")[2])
    slack = max(value / 100, step / 2 if unit else 0)
    yield Count("parameters", value - slack, value + slack, found[0][0])


def _of_layers(text: str) -> Iterator[Count]:
    hidden = _HIDDEN.findall(text)
    layers = _LAYERS.findall(text)
    for kind, found in (("hidden", hidden), ("layers", layers)):
        if len(hidden) + len(layers) == 1 and found:
            number = _NUMBERS.get(found[0]) or int(found[0])
            words = (_HIDDEN if kind == "hidden" else _LAYERS).search(text)
            yield Count(kind, number, number, words[0] if words is not None else text)

"""A container of layers that is given what is no layer, or called though it has no forward."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Slip, Span, rule
from archlint_rules.wiring.places import met, text_at

_MODULES = {
    "relu": "ReLU", "gelu": "GELU", "silu": "SiLU", "sigmoid": "Sigmoid", "tanh": "Tanh", "elu": "ELU",
    "softplus": "Softplus", "mish": "Mish", "hardswish": "Hardswish",
}  # fmt: skip
"""Functions of torch.nn.functional whose layer takes no argument either."""


@rule("ARC620", "sequential-misuse", severity="error", category="wiring", scope="file", fix="safe")
def sequential_misuse(facts: FileFacts) -> Iterator[Finding]:
    for slip in met(facts, "not a module", "no forward"):
        if slip.kind == "no forward":
            yield no_forward(facts, slip)
        elif stated(facts, slip):
            yield no_module(facts, slip)


def stated(facts: FileFacts, slip: Slip) -> bool:
    """Does the source name the class or function itself?  `act`, a parameter, may be something else for a caller."""
    written = text_at(facts, slip.span).rpartition(".")[2]
    return slip.subject not in ("class", "function") or written == slip.numbers[2].rpartition(".")[2]


def no_forward(facts: FileFacts, slip: Slip) -> Finding:
    kind = slip.subject.rpartition(".")[2]
    loop = "for layer in layers: x = layer(x)" if kind == "ModuleList" else 'layers["name"](x)'
    return Finding(
        slip.span,
        f"a {kind} cannot be called: it holds layers and does not say in which order they run",
        label=f'PyTorch: Module [{kind}] is missing the required "forward" function',
        help=f"call its layers, `{loop}`" + (", or make it an nn.Sequential" if kind == "ModuleList" else ""),
    )


def no_module(facts: FileFacts, slip: Slip) -> Finding:
    written, what = text_at(facts, slip.span), slip.subject
    container = slip.numbers[0].removeprefix("torch.")
    if what == "layers":
        return Finding(
            slip.span,
            f"keras.Sequential takes one list of layers, and is given {slip.numbers[1]} layers one by one",
            label="a list belongs here",
            help="put the layers in brackets",
            edits=(Edit(_at(slip.span.path, slip.span.start), "["), Edit(_at(slip.span.path, slip.span.end), "]")),
            safe=True,
        )
    message, way = {
        "list": (f"{container} is given a list where it takes layers", "unpack the list: `*[…]`"),
        "class": (f"`{written}` is a class, and {container} takes layers that are made", f"write `{written}()`"),
        "function": (f"`{written}` is a function, and {container} takes layers", "use the layer of that name"),
        "string": (f"{container} is given the string {written} where it takes layers", "use the layer of that name"),
    }[what]
    name = written.rpartition(".")[2]
    if what == "function" and name in _MODULES:
        way = f"write `nn.{_MODULES[name]}()`"
    return Finding(
        slip.span,
        message,
        label='PyTorch: "… is not a Module subclass"',
        help=way,
        edits=tuple(edits(facts, slip, written)),
        safe=True,
    )


def edits(facts: FileFacts, slip: Slip, written: str) -> Iterator[Edit]:
    """Parentheses behind a class that needs no argument, a star before the only list, the layer for a function."""
    path, name = slip.span.path, written.rpartition(".")[2]
    if slip.subject == "class" and name in _MODULES.values():
        yield Edit(_at(path, slip.span.end), "()")
    elif slip.subject == "list" and slip.numbers[:2] == ("torch.nn.Sequential", 1) and written.startswith("["):
        yield Edit(_at(path, slip.span.start), "*")
    elif slip.subject == "function" and name in _MODULES and "import torch.nn as nn" in facts.lines.text:
        yield Edit(slip.span, f"nn.{_MODULES[name]}()")


def _at(path: str, offset: int) -> Span:
    return Span(path, offset, offset)

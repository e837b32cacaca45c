"""What the source says of a layer's initial weights and biases."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archlint.rule import CallRecord, Model, Node, Span
from archlint_rules.flow import block_of, text_of
from archlint_rules.training.enclosing import Def, around

_TARGET = re.compile(r"self\.(\w+)\.(weight|bias)(\.data)?")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
_LATER = re.compile(r"\.apply\(|init_weights|initialize_weights|reset_parameters|load_state_dict|\bcopy_\(|\.data\b")
_ZEROS = re.compile(r"zeros(_initializer)?", re.IGNORECASE)
_ONES = re.compile(r"ones(_initializer)?", re.IGNORECASE)
_CONSTANT = re.compile(r"constant(_initializer)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Initial:
    """What sets a parameter: a function (`zeros_`, `kaiming_normal_`, `he_normal`), and where that stands."""

    function: str
    span: Span
    call: CallRecord | None = None


def of_torch(model: Model) -> dict[tuple[int, str], Initial]:
    """By layer and parameter: `nn.init.zeros_(self.fc.weight)` in a constructor, if nothing else sets it."""
    facts = model.file
    if facts is None or model.framework != "torch":
        return {}
    found: dict[tuple[int, str], list[Initial]] = {}
    for call in facts.calls:
        target = _TARGET.fullmatch(text_of(facts, call.positional[0])) if call.positional else None
        if target is None or not call.name.startswith("torch.nn.init."):
            continue
        for layer in _layers(model, call.span, target[1]):
            found.setdefault((layer, target[2]), []).append(Initial(call.name[14:], call.span, call))
    return {key: values[0] for key, values in found.items() if len(values) == 1}


def _layers(model: Model, span: Span, attr: str) -> Iterator[int]:
    """The layers that `self.attr` is, for a statement that every construction of the class runs."""
    nodes = around(model.file, span) or []
    classes = [i for i, n in enumerate(nodes) if isinstance(n, ast.ClassDef)]
    inner = nodes[classes[-1] + 1 :] if classes else []
    if not inner or not isinstance(inner[0], Def) or inner[0].name != "__init__":
        return
    if any(isinstance(n, (Def, ast.If, ast.For, ast.While, ast.Try, ast.IfExp, ast.BoolOp)) for n in inner[1:]):
        return
    owner = nodes[classes[-1]]
    for module in model.modules:
        record = module.attributes.get(attr)
        if module.class_name != getattr(owner, "name", "") or record is None or record.kind != "layer":
            continue
        if not _LATER.search(block_of(model.file, module.class_span)):
            yield from record.layers


def stated(node: Node, arg: str) -> Initial | None:
    """The initialiser that a Keras, `tf.layers` or slim layer is given, by name or as an object."""
    value: Any = node.args.get(arg)
    name = value if isinstance(value, str) else getattr(value, "name", None)
    span = node.arg_spans.get(arg)
    return Initial(name.rpartition(".")[2], span) if isinstance(name, str) and span is not None else None


def constant(model: Model, initial: Initial) -> float | None:
    """The number that fills the parameter; None if it is not one number, or not known."""
    name = initial.function.rstrip("_")
    if _ZEROS.fullmatch(name):
        return 0.0
    if _ONES.fullmatch(name):
        return 1.0
    if not _CONSTANT.fullmatch(name):
        return None
    if initial.call is not None:
        written = [text_of(model.file, s) for s in initial.call.positional[1:2]]
        written += [text_of(model.file, value) for _, value in initial.call.keywords.values()]
    else:
        found = re.fullmatch(r"[\w.]+\((?:value=)?([^,()]+)\)", text_of(model.file, initial.span))
        written = [found[1]] if found is not None else []
    return float(written[0]) if len(written) == 1 and _NUMBER.fullmatch(written[0]) else None

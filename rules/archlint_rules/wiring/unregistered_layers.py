"""Layers in a plain list, tuple or dict of a torch module, where torch does not see them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import (
    AttributeRecord,
    Edit,
    FileFacts,
    Finding,
    Label,
    Model,
    ModuleRecord,
    Span,
    proven_equal,
    rule,
)
from archlint_rules.amounts import number
from archlint_rules.flow import block_of, text_of, value_assigned
from archlint_rules.wording import count

_LITERAL = re.compile(r"\[(?!\s*[\[({]).*\]|\{.*\}", re.DOTALL)
"""A list or dict written out; not a list of pairs, which a ModuleList does not take."""
_HIDDEN = re.compile(r"[\[(]\s*[\w.]+\s*,?\s*[\])]")
_BY_HAND = re.compile(r"\b(add_module|register_module|_modules|__setattr__|setattr|add_parameter|register_parameter)\b")
"""Ways to register a layer under a name that is made up on the way."""
_GATHERED = re.compile(r"(?=.*\.parameters\(\))(?=.*\bParameterList\()", re.DOTALL)
"""`self.weights += block.parameters()`, and later `nn.ParameterList(self.weights)`."""
_NN = re.compile(r"^\s*(from torch import .*\bnn\b|import torch\.nn as nn)", re.MULTILINE)
_TORCH = re.compile(r"^\s*import torch\s*(#.*)?$", re.MULTILINE)


@rule("ARC602", "unregistered-layers", severity="error", category="wiring", fix="safe")
def unregistered_layers(model: Model) -> Iterator[Finding]:
    owned = {i for m in model.modules for a in m.attributes.values() if a.kind != "plain" for i in a.layers}
    seen: set[Span] = set()
    for module in model.modules:
        for attribute in module.attributes.values():
            if attribute.span not in seen and invisible(model, module, attribute, owned):
                seen.add(attribute.span)
                yield finding(model.file, module, attribute)


def invisible(model: Model, module: ModuleRecord, attribute: AttributeRecord, owned: set[int]) -> bool:
    """Are the layers used, but known to torch under no attribute?"""
    if attribute.kind != "plain" or module.framework != "torch" or not attribute.layers:
        return False
    if not owned.isdisjoint(attribute.layers) or _HIDDEN.fullmatch(stated(model.file, attribute)):
        return False  # `self._teacher = [teacher]` hides a network on purpose
    if attribute.params is not None and proven_equal(attribute.params, 0):
        return False  # `self.activations = [nn.ReLU(), nn.Tanh()]` has nothing to train, move or save
    record = model.classes.get(module.class_name)
    written = "" if record is None else block_of(model.file, record.span)
    if record is None or _BY_HAND.search(written) or _GATHERED.match(written):
        return False
    applied = {r.ident for r in model.layers if r.applied}
    return not applied.isdisjoint(attribute.layers) or attribute.attr in record.reads


def stated(facts: FileFacts | None, attribute: AttributeRecord) -> str:
    """The text that the attribute is given."""
    value = value_assigned(facts, attribute.span)
    return "" if value is None else text_of(facts, value)


def finding(facts: FileFacts | None, module: ModuleRecord, attribute: AttributeRecord) -> Finding:
    container = "nn.ModuleDict" if stated(facts, attribute).startswith("{") else "nn.ModuleList"
    many = count(len(attribute.layers), "layer")
    own = f" ({number(attribute.params)} parameters)" if attribute.params is not None else ""
    return Finding(
        attribute.span,
        f"{many} in `self.{attribute.attr}`{own} are unknown to torch: parameters(), to() and state_dict() skip them",
        label="a plain container registers nothing",
        related=(Label(module.class_span, f"{module.class_name} is the module that holds them"),),
        help=f"wrap the container in {container}",
        notes=("the optimizer never trains them, and they stay on the CPU",),
        layer=".".join(p for p in (module.path, attribute.attr) if p),
        edits=tuple(wrapped(facts, attribute, container)),
        safe=True,
    )


def wrapped(facts: FileFacts | None, attribute: AttributeRecord, container: str) -> Iterator[Edit]:
    """`self.layers = […]` becomes `self.layers = nn.ModuleList([…])`; `torch.nn.ModuleList` where `nn` is no name."""
    value = value_assigned(facts, attribute.span)
    if facts is None or value is None or not _LITERAL.fullmatch(text_of(facts, value)):
        return
    torch = "" if _NN.search(facts.lines.text) else "torch."
    if not torch or _TORCH.search(facts.lines.text):
        yield Edit(Span(value.path, value.start, value.start), f"{torch}{container}(")
        yield Edit(Span(value.path, value.end, value.end), ")")

"""Layers in a plain list, tuple or dict of a torch module, where torch does not see them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import AttributeRecord, Edit, FileFacts, Finding, Label, Model, ModuleRecord, Span, rule
from archlint_rules.amounts import number
from archlint_rules.flow import text_of
from archlint_rules.wording import count

_LITERAL = re.compile(r"(?P<head>self\.\w+\s*(?::[^=]+)?=\s*)(?P<value>[\[{].*[\]}])", re.DOTALL)
_HIDDEN = re.compile(r"self\.\w+\s*(?::[^=]+)?=\s*[\[(]\s*[\w.]+\s*,?\s*[\])]")


@rule("ARC602", "unregistered-layers", severity="error", category="wiring")
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
    if not owned.isdisjoint(attribute.layers) or _HIDDEN.fullmatch(text_of(model.file, attribute.span)):
        return False  # `self._teacher = [teacher]` hides a network on purpose
    record = model.classes.get(module.class_name)
    applied = {r.ident for r in model.layers if r.applied}
    return not applied.isdisjoint(attribute.layers) or (record is not None and attribute.attr in record.reads)


def finding(facts: FileFacts | None, module: ModuleRecord, attribute: AttributeRecord) -> Finding:
    text = text_of(facts, attribute.span)
    container = "nn.ModuleDict" if "{" in text.partition("=")[2][:3] else "nn.ModuleList"
    many = count(len(attribute.layers), "layer")
    own = f" ({number(attribute.params)} parameters)" if attribute.params is not None else ""
    return Finding(
        attribute.span,
        f"{many} in `self.{attribute.attr}`{own} are unknown to torch: parameters(), to() and state_dict() skip them",
        label="a plain container registers nothing",
        related=(Label(module.class_span, f"{module.class_name} is the module that owns them"),),
        help=f"wrap the container in {container}",
        notes=("the optimizer never trains them, and they stay on the CPU",),
        layer=".".join(p for p in (module.path, attribute.attr) if p),
        edits=tuple(wrapped(facts, attribute.span, text, container)),
        safe=True,
    )


def wrapped(facts: FileFacts | None, span: Span, text: str, container: str) -> Iterator[Edit]:
    """`self.layers = […]` becomes `self.layers = nn.ModuleList([…])`, where `nn` is torch.nn."""
    found = _LITERAL.fullmatch(text)
    if facts is None or found is None or not re.search(r"^\s*(from torch import .*\bnn\b|import torch\.nn as nn)",
                                                       facts.lines.text, re.MULTILINE):  # fmt: skip
        return
    start, end = span.start + found.start("value"), span.start + found.end("value")
    yield Edit(Span(span.path, start, start), f"{container}(")
    yield Edit(Span(span.path, end, end), ")")

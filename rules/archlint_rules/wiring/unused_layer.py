"""A layer with weights that the class makes and never reads again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import AttributeRecord, Finding, Label, Model, ModuleRecord, Span, proven_equal, rule
from archlint_rules.amounts import number
from archlint_rules.flow import block_of


@rule("ARC605", "unused-layer", severity="warning", category="wiring")
def unused_layer(model: Model) -> Iterator[Finding]:
    seen: set[Span] = set()
    for module in model.modules:
        for attribute in module.attributes.values():
            if attribute.span not in seen and unused(model, module, attribute):
                seen.add(attribute.span)
                yield finding(module, attribute)


def unused(model: Model, module: ModuleRecord, attribute: AttributeRecord) -> bool:
    """Does nothing in the class, its bases and subclasses read the attribute, nor another attribute hold the layer?"""
    record = model.classes.get(module.class_name)
    if attribute.kind not in ("layer", "module", "registered") or not attribute.layers:
        return False
    if proven_equal(attribute.params, 0) or (module.framework == "torch" and attribute.params is None):
        return False
    if module.foreign_base or attribute.attr in module.inherited_reads:
        return False
    if record is None or record.dynamic or not module.called or attribute.attr in record.reads:
        return False
    if not re.search(rf"self\.{attribute.attr}[ \t]*(:[^=\n]+)?=(?!=)", block_of(model.file, record.span)):
        return False  # made by a base, which is looked at on its own
    applied = {r.ident for r in model.layers if r.applied}
    if not applied.isdisjoint(attribute.layers):
        return False
    elsewhere = {i for m in model.modules for a in m.attributes.values() if a is not attribute for i in a.layers}
    return elsewhere.isdisjoint(attribute.layers) and not read_by_name(model, attribute.attr)


def read_by_name(model: Model, attr: str) -> bool:
    """Does a string in the file spell the name: `getattr(model, "fc")`, `state["fc.weight"]`?"""
    if model.file is None:
        return True
    return re.search(rf"[\"'](\w+\.)*{re.escape(attr)}[\"'.]", model.file.lines.text) is not None


def finding(module: ModuleRecord, attribute: AttributeRecord) -> Finding:
    torch = module.framework == "torch"
    size = f" ({number(attribute.params)} parameters)" if torch else ""
    trap = (
        "DistributedDataParallel fails on it without find_unused_parameters=True"
        if torch
        else "Keras builds a layer at its first call, so this one never gets weights"
    )
    return Finding(
        attribute.span,
        f"`self.{attribute.attr}`{size} is never used by {module.class_name}",
        label="made here, read nowhere",
        related=(Label(module.class_span, "neither the class nor anything else in the checked files reads it"),),
        help="delete it, or apply it in the forward pass" + ("; checkpoints hold keys for it" if torch else ""),
        notes=(trap,),
        layer=".".join(p for p in (module.path, attribute.attr) if p),
    )

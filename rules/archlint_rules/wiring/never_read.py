"""Which layers of a class nobody reads."""

from __future__ import annotations

import re

from archlint.rule import AttributeRecord, Model, ModuleRecord, proven_equal
from archlint_rules.flow import block_of


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
    others = [(m, a) for m in model.modules for a in m.attributes.values() if a is not attribute]
    elsewhere = {i for m, a in others if not holds(m, a, module) for i in a.layers}
    return elsewhere.isdisjoint(attribute.layers) and not read_by_name(model, attribute.attr)


def holds(outer: ModuleRecord, attribute: AttributeRecord, module: ModuleRecord) -> bool:
    """Is the module a part of what the attribute holds, as a block is of `self.blocks`?"""
    path = ".".join(p for p in (outer.path, attribute.attr) if p)
    return f"{module.path}.".startswith(f"{path}.")


def read_by_name(model: Model, attr: str) -> bool:
    """Does a string in the file spell the name: `getattr(model, "fc")`, `state["fc.weight"]`?"""
    if model.file is None:
        return True
    return re.search(rf"[\"'](\w+\.)*{re.escape(attr)}[\"'.]", model.file.lines.text) is not None

"""A layer with weights that the class makes and never reads again."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import AttributeRecord, Finding, Label, Model, ModuleRecord, rule
from archlint_rules.amounts import number
from archlint_rules.wiring.copy_paste_layer_call import mistaken
from archlint_rules.wiring.never_read import unused


@rule("ARC605", "unused-layer", severity="warning", category="wiring")
def unused_layer(model: Model) -> Iterator[Finding]:
    seen = {idle.span for _, idle, _ in mistaken(model)}  # ARC609 is about those
    for module in model.modules:
        for attribute in module.attributes.values():
            if attribute.span not in seen and unused(model, module, attribute):
                seen.add(attribute.span)
                yield finding(module, attribute)


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

"""A layer with weights that the class makes and never reads again."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import AttributeRecord, Finding, Label, Model, ModuleRecord, proven_equal, rule
from archlint_rules.amounts import number
from archlint_rules.wiring.copy_paste_layer_call import made_of, mistaken
from archlint_rules.wiring.never_read import unused
from archlint_rules.wiring.places import met
from archlint_rules.wording import crashed


@rule("ARC605", "unused-layer", severity="warning", category="wiring")
def unused_layer(model: Model) -> Iterator[Finding]:
    for module, attribute in idle_layers(model):
        if not made_in_call(model, module, attribute) and not misspelled(model, module, attribute):
            yield finding(model, module, attribute)


def idle_layers(model: Model) -> Iterator[tuple[ModuleRecord, AttributeRecord]]:
    """Each such layer with the module that has it."""
    seen = {idle.span for _, idle, _ in mistaken(model)}  # ARC609 is about those
    for module in model.modules:
        for attribute in module.attributes.values():
            if attribute.span not in seen and unused(model, module, attribute):
                seen.add(attribute.span)
                yield module, attribute


def made_in_call(model: Model, module: ModuleRecord, attribute: AttributeRecord) -> bool:
    """Does the forward pass make a layer like it, in its place?  ARC603 is about that one."""
    kind = made_of(model, attribute).rpartition(".")[2]
    made = met(model.file, "made in call") if model.file is not None else ()
    return any(
        slip.subject.partition(".")[0] == module.class_name
        and slip.numbers[0].rpartition(".")[2] == kind
        and (module.framework != "torch" or proven_equal(slip.numbers[1], attribute.params))
        for slip in made
    )


def misspelled(model: Model, module: ModuleRecord, attribute: AttributeRecord) -> bool:
    """Is it read under another name, that it does not have?  ARC623 is about that one."""
    read = met(model.file, "no attribute") if model.file is not None else ()
    return any(slip.subject.rpartition(".")[0] == module.class_name and attribute.attr in slip.numbers for slip in read)


def finding(model: Model, module: ModuleRecord, attribute: AttributeRecord) -> Finding:
    torch = module.framework == "torch"
    size = f" ({number(attribute.params)} parameters)" if torch else ""
    trap = (
        "DistributedDataParallel fails on it without find_unused_parameters=True"
        if torch
        else "Keras builds a layer at its first call, so this one never gets weights"
    )
    broken = crashed(model, attribute.span)
    reading = "neither the class nor anything else in the checked files reads it"
    return Finding(
        attribute.span,
        f"`self.{attribute.attr}`{size} is never used by {module.class_name}",
        label="made here, read nowhere",
        related=(Label(module.class_span, reading), *broken),
        help="delete it, or apply it in the forward pass" + ("; checkpoints hold keys for it" if torch else ""),
        notes=() if broken else (trap,),
        severity="error" if broken else None,
        layer=".".join(p for p in (module.path, attribute.attr) if p),
    )

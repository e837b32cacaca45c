"""Training activations that do not fit, at the batch size the source itself states."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, InputRecord, Label, Model, activation_memory, parameters, rule, show_shape
from archlint_rules.amounts import amount
from archlint_rules.flow import place
from archlint_rules.wording import name_of

_STATED = ("declared", "directive", "command line")


@rule("ARC803", "activation-memory-budget", severity="warning", category="cost")
def activation_memory_budget(model: Model, *, budget_gib: float = 16.0) -> Iterator[Finding]:
    budget = int(budget_gib * 2**30)
    stated = stated_batch(model)
    if stated is None:
        return
    entry, batch = stated
    memory = activation_memory(model)
    saved = memory.saved.at(batch)
    if saved is None or saved <= budget:
        return
    related, notes = [], [f"{amount(saved // batch)} per sample, float32; a lower bound, without workspace"]
    largest = memory.largest_saved()
    if largest is not None:
        node, octets = model.graph[largest[0]], largest[1] * batch
        related.append(Label(place(node), f"the largest part: {name_of(node)} keeps {amount(octets)}"))
    fits = budget * batch // saved
    notes.append(f"{fits} samples at a time stay within {amount(budget)}")
    yield Finding(
        entry.span,
        f"training at batch {batch:,} keeps {amount(saved)} of activations, more than {amount(budget)}",
        label=f"{show_shape(entry.shape)} states the batch",
        related=tuple(related),
        help="use a smaller batch, encode in chunks, or recompute activations (checkpointing)",
        notes=tuple(notes),
    )


def stated_batch(model: Model) -> tuple[InputRecord, int] | None:
    """The input that states a batch size, if exactly one model input does and the model can be trained."""
    if not model.complete or all(one.trainable == 0 for one in parameters(model).layers):
        return None
    found = [(i, i.shape[0]) for i in model.inputs if i.source in _STATED and i.shape is not None and len(i.shape) > 1]
    sizes = {size for _, size in found}
    if len(sizes) != 1 or len(found) != len(model.inputs):
        return None
    entry, size = found[0]
    return (entry, size) if isinstance(size, int) and size > 1 else None

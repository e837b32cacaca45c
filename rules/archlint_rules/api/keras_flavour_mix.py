"""Layers of two Keras packages in one model."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import CallRecord, FileFacts, Finding, Label, Model, Span, rule
from archlint_rules.flow import place

FLAVOURS = {"keras": "keras", "tensorflow.keras": "tf.keras", "tf_keras": "tf_keras"}


@rule(
    "ARC907", "keras-flavour-mix", severity="warning", confidence="likely", category="api", scope="file"
)  # fmt: skip
def keras_flavour_mix(facts: FileFacts) -> Iterator[Finding]:
    """Per model the first layer that is of another package than the first one."""
    written = {call.span: call for call in facts.calls if flavour(call.name)}
    if len({flavour(call.name) for call in written.values()}) < 2:
        return
    for model in facts.models:
        used = [call for span in constructions(model) if (call := written.get(span)) is not None]
        other = next((call for call in used if flavour(call.name) != flavour(used[0].name)), None)
        if other is not None:
            yield finding(used[0], other)


def flavour(name: str) -> str:
    """`tf.keras` of `tensorflow.keras.layers.Dense`; "" for what is no layer or input of a Keras package."""
    head = next((prefix for prefix in FLAVOURS if name.startswith(f"{prefix}.")), "")
    last = name.rpartition(".")[2]
    return FLAVOURS[head] if head and last[:1].isupper() and last not in ("Model", "Sequential") else ""


def constructions(model: Model) -> Iterator[Span]:
    """Where the model's inputs and layers are made."""
    for node in model.nodes:
        yield from dict.fromkeys((node.made_at or node.span, place(node), node.span))


def finding(first: CallRecord, other: CallRecord) -> Finding:
    a, b = flavour(first.name), flavour(other.name)
    separate = "tf_keras" in (a, b)
    layer, mixed = first.name.rpartition(".")[2], other.name.rpartition(".")[2]
    return Finding(
        other.span,
        f"`{mixed}` is of {b} and `{layer}` of {a}, in one model",
        label=f"{b}",
        related=(Label(first.span, f"{a}"),),
        help=f"take all layers from {a}",
        notes=() if separate else ("from TensorFlow 2.16 on tf.keras is Keras 3; before, and with TF_USE_LEGACY_KERAS, "
                                   "the two do not work together",),
        severity=None if separate else "info",
    )  # fmt: skip

"""Names and arguments of torch.nn that are deprecated."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import CallRecord, Edit, FileFacts, Finding, Span, rule
from archlint_rules.api.guards import guarded
from archlint_rules.api.keras1_arguments import literal
from archlint_rules.flow import text_of

_INITIALIZERS = (
    "uniform", "normal", "constant", "eye", "dirac", "xavier_uniform", "xavier_normal", "kaiming_uniform",
    "kaiming_normal", "orthogonal", "sparse",
)  # fmt: skip
RENAMED = {
    **{f"torch.nn.init.{name}": f"{name}_" for name in _INITIALIZERS},
    "torch.nn.utils.clip_grad_norm": "clip_grad_norm_",
    "torch.nn.functional.upsample": "interpolate",
}
"""Functions that are the same under another name of the same module."""

RESIZING = {
    "torch.nn.UpsamplingNearest2d": 'mode="nearest"',
    "torch.nn.UpsamplingBilinear2d": 'mode="bilinear", align_corners=True',
}
ADVICE = {
    "torch.nn.functional.sigmoid": "torch.sigmoid",
    "torch.nn.functional.tanh": "torch.tanh",
    "torch.nn.utils.weight_norm": "torch.nn.utils.parametrizations.weight_norm",
}
"""What has a successor of another module, or one that saves its weights under other names."""


@rule("ARC905", "torch-deprecated-nn", severity="info", category="api", scope="file", fix="safe")
def torch_deprecated_nn(facts: FileFacts) -> Iterator[Finding]:
    told: set[str] = set()
    for call in facts.calls:
        if not call.name.startswith("torch.nn.") or guarded(facts, call.span):
            continue
        if call.name in RENAMED:
            yield renamed(facts, call, RENAMED[call.name])
        elif call.name in RESIZING:
            yield resizing(facts, call, RESIZING[call.name])
        elif call.name in ADVICE:
            if call.name not in told:  # a vocoder calls weight_norm thirty times
                yield Finding(call.function, said(call), help=f"use {ADVICE[call.name]}")
            told.add(call.name)
        elif {"size_average", "reduce"} & call.keywords.keys() and "Loss" in call.name + "Loss" * is_loss(call):
            yield averaged(facts, call)


def said(call: CallRecord) -> str:
    return f"`{call.name.removeprefix('torch.')}` is deprecated"


def is_loss(call: CallRecord) -> bool:
    """`torch.nn.functional.mse_loss`, `binary_cross_entropy` and their like."""
    last = call.name.rpartition(".")[2]
    return "functional" in call.name and ("loss" in last or "entropy" in last or last == "kl_div")


def renamed(facts: FileFacts, call: CallRecord, new: str) -> Finding:
    old = call.name.rpartition(".")[2]
    place = call.function
    written = text_of(facts, place).endswith(f".{old}")  # not `from torch.nn.init import xavier_uniform as glorot`
    end = Span(place.path, place.end - len(old), place.end)
    edits = (Edit(end, new),) if written else ()
    return Finding(place, said(call), help=f"use {call.name.rpartition('.')[0]}.{new}", edits=edits, safe=bool(edits))


def resizing(facts: FileFacts, call: CallRecord, mode: str) -> Finding:
    old, place = call.name.rpartition(".")[2], call.function
    edits: tuple[Edit, ...] = ()
    arguments = [*call.positional, *(value for _, value in call.keywords.values())]
    if text_of(facts, place).endswith(f".{old}") and arguments and not call.open:
        last = max(argument.end for argument in arguments)
        edits = (
            Edit(Span(place.path, place.end - len(old), place.end), "Upsample"),
            Edit(Span(place.path, last, last), f", {mode}"),
        )
    return Finding(place, said(call), help=f"use nn.Upsample(..., {mode})", edits=edits, safe=bool(edits))


def averaged(facts: FileFacts, call: CallRecord) -> Finding:
    """`size_average=False` is `reduction="sum"`, `reduce=False` is `reduction="none"` whatever the other says."""
    values = {
        word: literal(facts, call.keywords[word][1]) for word in ("size_average", "reduce") if word in call.keywords
    }
    old = ", ".join(f"{word}=" for word in values)
    reduction = {"False": "none"}.get(
        str(values.get("reduce")), "sum" if values.get("size_average") is False else "mean"
    )
    word, (name, value) = next((w, call.keywords[w]) for w in values)
    known = all(isinstance(v, bool) or v is None for v in values.values()) and "reduction" not in call.keywords
    sure = known and len(values) == 1 and isinstance(values[word], bool)
    new = f'reduction="{reduction}"'
    edits = (Edit(Span(name.path, name.start, value.end), new),) if sure else ()
    return Finding(
        name, f"`{old.rstrip('=')}` of {call.name.rpartition('.')[2]} is deprecated", help=f"write {new}" if known else
        'write reduction="mean", "sum" or "none"', edits=edits, safe=bool(edits),
    )  # fmt: skip

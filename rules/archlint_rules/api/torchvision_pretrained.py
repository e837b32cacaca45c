"""`pretrained=` of the models of torchvision."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import CallRecord, Edit, FileFacts, Finding, Span, rule
from archlint_rules.api.guards import guarded
from archlint_rules.api.keras1_arguments import literal

MODELS = "torchvision.models."
WEIGHTS = {True: '"IMAGENET1K_V1"', False: "None"}
"""What torchvision itself takes `pretrained=True` for, in every classifier that had weights by then."""

WITHOUT = ("regnet_y_128gf", "vit_h_14")
"""Never had weights under `pretrained=`."""


@rule("ARC906", "torchvision-pretrained", severity="info", category="api", scope="file", fix="safe")
def torchvision_pretrained(facts: FileFacts) -> Iterator[Finding]:
    for call in facts.calls:
        if call.name.startswith(MODELS) and "pretrained" in call.keywords and "weights" not in call.keywords:
            if call.name.rpartition(".")[2].islower() and not guarded(facts, call.span):
                yield finding(facts, call)


def finding(facts: FileFacts, call: CallRecord) -> Finding:
    name, value = call.keywords["pretrained"]
    model = call.name.removeprefix(MODELS)
    stated = literal(facts, value)
    classifier = "." not in model and model not in WITHOUT
    known = isinstance(stated, bool) and (classifier or stated is False) and "pretrained_backbone" not in call.keywords
    new = f"weights={WEIGHTS[stated]}" if known and isinstance(stated, bool) else ""
    return Finding(
        name,
        f"`pretrained` of {model} was replaced by `weights` in torchvision 0.13",
        help=f"write {new}" if new else "write weights= with a member of the model's enumeration of weights",
        edits=(Edit(Span(name.path, name.start, value.end), new),) if new else (),
        safe=bool(new),
    )

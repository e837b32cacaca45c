"""ARC609: one of two sibling layers is called twice, the other never."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import AttributeRecord, Edit, Finding, Label, Model, ModuleRecord, Node, Span, rule
from archlint_rules.flow import text_of, value_assigned
from archlint_rules.wiring.never_read import unused
from archlint_rules.wording import crashed

_NUMBERED = re.compile(r"(.*?)_?(\d+)$")


@rule("ARC609", "copy-paste-layer-call", severity="warning", confidence="likely", category="wiring", fix="unsafe")
def copy_paste_layer_call(model: Model) -> Iterator[Finding]:
    """`self.fc1(self.fc1(x))` where the class has an `fc2` of the same kind that nothing reads."""
    for twice, idle, calls in mistaken(model):
        yield finding(model, twice, idle, calls)


def mistaken(model: Model) -> Iterator[tuple[AttributeRecord, AttributeRecord, tuple[Span, Span]]]:
    """Pairs of siblings: the one that is called twice, the one that is not called, and the two calls."""
    seen: set[Span] = set()
    for module in model.modules:
        for idle in module.attributes.values():
            if idle.kind != "layer" or idle.span in seen or not unused(model, module, idle):
                continue
            for twice in siblings(model, module, idle):
                calls = two_calls(model, twice)
                if calls is not None:
                    seen.add(idle.span)
                    yield twice, idle, calls
                    break


def siblings(model: Model, module: ModuleRecord, idle: AttributeRecord) -> Iterator[AttributeRecord]:
    """Layers of the same kind and base name, the one numbered just below first: `fc1` for `fc2`."""
    name = _NUMBERED.match(idle.attr)
    if name is None or not module.attributes:
        return
    found = []
    for other in module.attributes.values():
        match = _NUMBERED.match(other.attr)
        alike = other.kind == "layer" and made_of(model, other) == made_of(model, idle) != ""
        if match is not None and other is not idle and match[1] == name[1] and alike and int(match[2]) < int(name[2]):
            found.append((int(name[2]) - int(match[2]), other))
    yield from (other for _, other in sorted(found, key=lambda pair: pair[0]))


def made_of(model: Model, attribute: AttributeRecord) -> str:
    """What the attribute is made with: `nn.Linear` of `self.fc1 = nn.Linear(64, 64)`."""
    value = value_assigned(model.file, attribute.span)
    return "" if value is None else text_of(model.file, value).partition("(")[0].strip()


def two_calls(model: Model, attribute: AttributeRecord) -> tuple[Span, Span] | None:
    """The first two places where one pass calls the layer; None if a loop does, or fewer places do."""
    nodes: list[Node] = [n for n in model.nodes if n.layer in attribute.layers]
    spans = list(dict.fromkeys(n.span for n in nodes))
    certain = all(not n.branch and n.calls == nodes[0].calls and n.repeats == 1 for n in nodes)
    if len(spans) != 2 or len(nodes) != 2 or not certain:
        return None
    texts = [text_of(model.file, s) for s in spans]
    named = all(re.match(rf"self\.{attribute.attr}\b", text) for text in texts)
    return (spans[0], spans[1]) if named else None


def finding(model: Model, twice: AttributeRecord, idle: AttributeRecord, calls: tuple[Span, Span]) -> Finding:
    broken = crashed(model, calls[1])
    second = Span(calls[1].path, calls[1].start, calls[1].start + len(f"self.{twice.attr}"))
    return Finding(
        second,
        f"`self.{twice.attr}` is called twice and `self.{idle.attr}` never: is this call meant for `{idle.attr}`?",
        label="the second call",
        related=(
            Label(calls[0], "the first call"),
            Label(idle.span, f"`{idle.attr}` is of the same kind, and nothing reads it"),
            *broken,
        ),
        help=f"call self.{idle.attr} here; if the weights are to be shared, delete `{idle.attr}`",
        layer=idle.attr,
        severity="error" if broken else None,
        edits=(Edit(second, f"self.{idle.attr}"),) if model.file is not None else (),
    )

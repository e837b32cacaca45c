"""A module whose `__init__` does not initialise its framework base, or too late."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Label, Slip, Span, rule
from archlint_rules.wiring.places import indent_at, met, text_at


@rule("ARC601", "missing-super-init", severity="error", category="wiring", scope="file", fix="safe")
def missing_super_init(facts: FileFacts) -> Iterator[Finding]:
    for slip in met(facts, "no super init", "bare super init", "late super init"):
        yield finding(facts, slip)


def finding(facts: FileFacts, slip: Slip) -> Finding:
    owner, _, attr = slip.subject.partition(".")
    framework = slip.numbers[0]
    told = {
        "no super init": "never calls super().__init__()",
        "bare super init": "names super().__init__ and does not call it",
        "late super init": f"assigns `self.{attr}` before super().__init__()",
    }[slip.kind]
    what = "cannot assign module before Module.__init__() call"
    if "(" in text_at(facts, slip.span):  # `self.add_module("block", …)`
        what = f"'{owner}' object has no attribute '_modules'"
    if framework == "keras":
        what = "you forgot to call `super().__init__()`"
    when = "" if framework == "torch" else " when the layer is called"
    return Finding(
        slip.span,
        f'`{owner}.__init__` {told}: {"PyTorch" if framework == "torch" else "Keras"} raises "{what}"{when}',
        label=f"nothing is there yet that could hold `{attr}`" if attr and framework == "torch" else "",
        related=related(slip),
        help={
            "no super init": "make super().__init__() the first statement",
            "bare super init": "add the parentheses",
            "late super init": "move super().__init__() to the top",
        }[slip.kind],
        layer=attr,
        edits=tuple(edits(facts, slip)),
        safe=True,
    )


def related(slip: Slip) -> tuple[Label, ...]:
    """The constructor, or the call that comes too late."""
    if len(slip.places) < 2 or slip.places[1] == slip.span:
        return ()
    text = "only here is the base initialised" if slip.kind == "late super init" else "the constructor"
    return (Label(slip.places[1], text),)


def edits(facts: FileFacts, slip: Slip) -> Iterator[Edit]:
    """The call in its place; one that came too late is taken away where it stands alone on its line."""
    place = slip.places[0]
    if slip.kind == "bare super init":
        yield Edit(place, "()")
        return
    call, indent = "super().__init__()", indent_at(facts, place)
    if slip.kind == "late super init":
        if len(slip.places) < 2 or indent is None:
            return
        late, lines = slip.places[1], facts.lines
        line = lines.line_of(late.start)
        if lines.line_text(line).strip() != text_at(facts, late):
            return
        call = text_at(facts, late)
        yield Edit(Span(late.path, lines.starts[line - 1], lines.starts[line - 1] + len(lines.line_text(line)) + 1), "")
    yield Edit(place, f"{call}; " if indent is None else f"{call}\n{indent}")

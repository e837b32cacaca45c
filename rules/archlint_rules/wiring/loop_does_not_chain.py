"""ARC610: a loop over layers in which every layer reads the same tensor, and only the last result is kept."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Label, Model, Node, Repeated, Span, rule
from archlint_rules.flow import text_of
from archlint_rules.wording import name_of, output_shape


@rule("ARC610", "loop-does-not-chain", severity="warning", category="wiring", fix="unsafe")
def loop_does_not_chain(model: Model) -> Iterator[Finding]:
    """`for layer in layers: out = layer(x)`, with layers that give their outputs to nobody."""
    for loop in model.file.flow.repeated if model.file is not None else ():
        turns = applied(model, loop.call)
        if len(turns) > 1 and lost(model, turns):
            yield finding(model.file, turns, loop)


def applied(model: Model, call: Span) -> list[Node]:
    """The last node of every turn; nothing if code of the user runs in it, which may keep what it computes."""
    nodes = [n for n in model.nodes if n.span == call]
    if any(call in n.calls for n in model.nodes) or any(n.faults or n.repeats != 1 for n in nodes):
        return []
    inside = {n.id for n in nodes}
    return [n for n in nodes if not any(c.id in inside for c in model.graph.consumers(n.id))]


def lost(model: Model, turns: list[Node]) -> bool:
    """Are they several layers, all but the last of which nobody reads?"""
    if any(n.branch != turns[0].branch or n.calls != turns[0].calls for n in turns) or not any(
        n.weights for n in turns
    ):
        return False
    layers = {n.layer for n in turns}
    if len(layers) != len(turns) or None in layers:
        return False
    return not any(model.graph.consumers(n.id) for n in turns[:-1])


def finding(facts: FileFacts | None, turns: list[Node], loop: Repeated) -> Finding:
    given = text_of(facts, loop.given)
    count, last = len(turns), turns[-1]
    return Finding(
        loop.call,
        f"only the last of {count} layers affects the result: every turn reads `{given}` and writes `{loop.name}`",
        label=f"{count - 1} outputs {output_shape(turns[0])} are overwritten unread",
        related=(Label(loop.given, f"`{given}` is the same tensor in every turn"),),
        help=f"let each layer read the output of the one before, or collect the outputs in a list; now only "
        f"{name_of(last)} counts",
        layer=last.path,
        edits=tuple(chained(facts, loop, given)),
    )


def chained(facts: FileFacts | None, loop: Repeated, given: str) -> Iterator[Edit]:
    """`out = x` before the loop, and `out = layer(out)` in it."""
    if facts is None or facts.path != loop.loop.path:
        return
    line = facts.lines.line_text(facts.lines.line_of(loop.loop.start))
    indent = line[: len(line) - len(line.lstrip())]
    if line.lstrip().startswith("for "):
        yield Edit(Span(loop.loop.path, loop.loop.start, loop.loop.start), f"{loop.name} = {given}\n{indent}")
        yield Edit(loop.given, loop.name)

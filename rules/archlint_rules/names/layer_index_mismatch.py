"""ARC702: numbered layers that run in another order than their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from archlint.rule import Edit, Finding, Label, Model, Node, Span, rule
from archlint_rules.flow import ancestors, place, text_of, weighted
from archlint_rules.names.written import around, renamed_attributes, target_of

_NUMBERED = re.compile(r"([a-z_]*[a-z])_?(\d+)", re.IGNORECASE)


@rule(
    "ARC702", "layer-index-mismatch", severity="info", confidence="hint", category="names", default=False, fix="unsafe"
)
def layer_index_mismatch(model: Model) -> Iterator[Finding]:
    """Chains of layers called fc1, fc2, fc3 in another order, and layers with two numbers."""
    for series in numbered(model):
        numbers = [n for n, _ in series]
        if len(series) > 2 and sorted(numbers) == list(range(min(numbers), min(numbers) + len(numbers))):
            falling = numbers == sorted(numbers, reverse=True)
            if numbers != sorted(numbers) and not falling and chained(model, [node for _, node in series]):
                yield out_of_order(model, series)
    yield from two_numbers(model)


def numbered(model: Model) -> Iterator[list[tuple[int, Node]]]:
    """Layers of one kind beside each other whose names differ in a number, each applied once, as they run."""
    found: dict[tuple[str, str, str], list[tuple[int, Node]]] = {}
    for node in model.nodes:
        parent, _, name = node.path.rpartition("/" if "/" in node.path else ".")
        text = _NUMBERED.fullmatch(name)
        if text is not None and weighted(node) and own_name(node):
            found.setdefault((parent, text[1], node.op), []).append((int(text[2]), node))
    for series in found.values():
        if len({n for n, _ in series}) == len(series):
            yield series


def own_name(node: Node) -> bool:
    """Did the author give the name?  Keras and TF-slim number layers themselves."""
    return node.op.startswith("torch.") or "name" in node.arg_spans or "scope" in node.arg_spans


def chained(model: Model, nodes: list[Node]) -> bool:
    """Does each depend on the one before it, on no arm of a test?"""
    follows = all(a.id in {n.id for n in ancestors(model, b)} for a, b in pairwise(nodes))
    return follows and not any(n.branch for n in nodes)


def out_of_order(model: Model, series: list[tuple[int, Node]]) -> Finding:
    early, late = next((a, b) for (n, a), (m, b) in pairwise(series) if n > m)
    names = [last(node) for _, node in series]
    new = dict(zip(names, (last(node) for _, node in sorted(series, key=lambda one: one[0]))))
    return Finding(
        place(early),
        f"`{last(early)}` runs before `{last(late)}`: their numbers say the opposite (order {', '.join(names)})",
        related=(Label(place(late), f"`{last(late)}` runs after it"),),
        help="number them in the order in which they run",
        layer=early.path,
        edits=renumbered(model, [node for _, node in series], new),
    )


def last(node: Node) -> str:
    """The name itself, without the modules or scopes around it."""
    return node.path.rpartition("/" if "/" in node.path else ".")[2]


def renumbered(model: Model, nodes: list[Node], new: dict[str, str]) -> tuple[Edit, ...]:
    """Edits that exchange the names in their class; () where they are no attributes of one class."""
    if model.file is None or any(place(n).path != model.file.path for n in nodes):
        return ()
    targets = [target_of(model.file, place(n)) for n in nodes]
    if any(t is None or not t.attribute or t.name != last(n) for t, n in zip(targets, nodes)):
        return ()
    changed = {old: name for old, name in new.items() if old != name}
    return renamed_attributes(model.file, place(nodes[0]), changed)


def two_numbers(model: Model) -> Iterator[Finding]:
    """`self.conv1 = Conv2D(8, 3, name="conv2")`."""
    seen: set[Span] = set()
    for node in model.nodes:
        made, given = place(node), next((node.arg_spans[a] for a in ("name", "scope") if a in node.arg_spans), None)
        if model.file is None or given is None or made in seen or not around(model.file, made):
            continue
        seen.add(made)
        target = target_of(model.file, made)
        text = re.fullmatch(r"(?:\w+\s*=\s*)?([\"'])(\w+)\1", text_of(model.file, given))
        one, other = _NUMBERED.fullmatch(target.name if target else ""), _NUMBERED.fullmatch(text[2] if text else "")
        if target and one and other and one[1] == other[1] and int(one[2]) != int(other[2]):
            yield Finding(
                given,
                f'`{target.name}` has the name "{other[0]}": two numbers for one layer',
                related=(Label(target.span, f"called {target.name} here"),),
                help=f'write "{one[0]}", which is also the name in checkpoints and summaries',
                layer=node.path,
                edits=(Edit(given, text_of(model.file, given).replace(other[0], one[0])),),
            )

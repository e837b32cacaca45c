"""What comes before and after a layer: walks over a model's graph, and the text around a place."""

from __future__ import annotations

import re
from collections.abc import Collection

from archlint.rule import FileFacts, Model, Node, Span

PASSIVE = frozenset({"activation", "dropout", "identity", "norm"})
"""Families that change neither the form of a tensor nor which positions it is made of."""

WEIGHTED = frozenset({"conv", "conv_transpose", "dense", "recurrent"})
"""Families that count as layers of a network: norms, embeddings and attention scores do not."""


def producer(model: Model, node: Node, through: Collection[str] = ()) -> Node | None:
    """The node whose output `node` takes, looking through some families; None if there is not exactly one."""
    while True:
        found = model.graph.producers(node.id)
        if len(found) != 1:
            return None
        if found[0].family not in through:
            return found[0]
        node = found[0]


def consumers(model: Model, node: Node, through: Collection[str] = ()) -> list[Node]:
    """The nodes that take the output of `node`, looking through some families."""
    found: dict[int, Node] = {}
    todo, seen = [node], {node.id}
    while todo:
        for user in model.graph.consumers(todo.pop().id):
            if user.id in seen:
                continue
            seen.add(user.id)
            if user.family in through:
                todo.append(user)
            else:
                found[user.id] = user
    return [found[i] for i in sorted(found)]


def ancestors(model: Model, node: Node) -> list[Node]:
    """Every node that `node` depends on, in order."""
    return _reach(model, node, forward=False)


def descendants(model: Model, node: Node) -> list[Node]:
    """Every node that depends on `node`, in order."""
    return _reach(model, node, forward=True)


def _reach(model: Model, node: Node, forward: bool) -> list[Node]:
    step = model.graph.consumers if forward else model.graph.producers
    seen: dict[int, Node] = {}
    todo = [node]
    while todo:
        for other in step(todo.pop().id):
            if other.id not in seen:
                seen[other.id] = other
                todo.append(other)
    return [seen[i] for i in sorted(seen)]


def weighted(node: Node) -> bool:
    """Is it a layer of the network in the usual count: convolution, dense or recurrent?"""
    return node.family in WEIGHTED


def followers(model: Model, node: Node) -> list[Node]:
    """Weighted layers after `node`."""
    return [n for n in descendants(model, node) if weighted(n)]


def last_of_call(model: Model, node: Node) -> Node:
    """Where the value of a call comes out: `slim.conv2d(x, 32, 3)` ends in the normaliser or ReLU that it applies."""
    after = descendants(model, node)
    applied = [n for n in after if n.args.get("by") == node.id]
    steps = [n for n in after if n.span == node.span and n.path.startswith(f"{node.path}/")]
    return (applied or steps or [node])[-1]


def bound_names(model: Model, node: Node) -> list[tuple[str, Span]]:
    """Variables that hold the value of the call, with the places where they are bound."""
    return last_of_call(model, node).names


def place(node: Node) -> Span:
    """Where a reader looks for the layer: the call that shows it.

    `Dense(5)(x)` is one expression; the layers of `Sequential([Flatten(), …])` stand where they are made.
    """
    made = node.made_at
    if made is None or (made.path == node.span.path and made.start == node.span.start and made.end <= node.span.end):
        return node.span
    return made


def applied_at(model: Model, node: Node) -> Span:
    """The call that hands the layer its input; where that call applies other layers too, the layer itself.

    `self.rnn(self.conv(x))` in a forward pass, `nn.LSTM(9, 8)` in a Sequential.
    """
    shared = any(n.span == node.span and n.layer != node.layer for n in model.nodes)
    return place(node) if shared else node.span


def text_of(facts: FileFacts | None, span: Span) -> str:
    """The source text of a span, "" where the span lies in another file."""
    return facts.lines.text[span.start : span.end] if facts is not None and facts.path == span.path else ""


def block_of(facts: FileFacts | None, name: Span) -> str:
    """The text of the class or function whose name stands at a place, decorators left out."""
    if facts is None or facts.path != name.path:
        return ""
    lines, first = facts.lines, facts.lines.line_of(name.start)
    indent = _indent(lines.line_text(first))
    block = [lines.line_text(first)]
    for number in range(first + 1, len(lines.starts) + 1):
        line = lines.line_text(number)
        if line.strip() and _indent(line) <= indent and not line.lstrip().startswith((")", "#")):
            break
        block.append(line)
    return "\n".join(block)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def value_assigned(facts: FileFacts | None, target: Span) -> Span | None:
    """The expression that a plain assignment gives a target: `[…]` of `self.layers = […]`."""
    if facts is None or facts.path != target.path:
        return None
    text, depth = facts.lines.text, 0
    head = re.compile(r"[ \t]*(?::[^=\n]+)?=[ \t]*(?!=)").match(text, target.end)
    if head is None:
        return None
    for at in range(head.end(), len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if text[at] in "#\n;" and depth <= 0:
            return Span(target.path, head.end(), head.end() + len(text[head.end() : at].rstrip()))
    return Span(target.path, head.end(), len(text.rstrip()))

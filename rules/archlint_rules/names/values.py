"""Names of values: the variables, attributes and `name=` strings that claim what a tensor holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archlint.rule import Ending, FileFacts, Model, Node, Span, ending
from archlint_rules.flow import last_of_call, text_of
from archlint_rules.names.written import bound_once, unconditional

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_NAMES = ("name", "scope")


@dataclass(frozen=True, slots=True)
class Named:
    """A name for what a layer's call gives: the node whose output it is, what made its values, where the name is.

    variable: a variable or attribute; else a string that the framework takes.
    """

    model: Model
    name: str
    span: Span
    node: Node
    made: Ending | None
    variable: bool


def words(name: str) -> list[str]:
    """`clsLogits2` is cls, logits; digits are left out."""
    return [w.lower() for w in _WORD.findall(name) if not w.isdigit()]


def called(name: str, last: frozenset[str], without: frozenset[str]) -> bool:
    """Is it a name that ends in one of some words, with none of some others in it?"""
    found = words(name)
    return bool(found) and found[-1] in last and not without.intersection(found)


def named_values(facts: FileFacts, last: frozenset[str], without: frozenset[str]) -> Iterator[list[Named]]:
    """Every name in the file that is bound once and `called` so, with all values it holds in the file's models."""
    found: dict[Span, list[Named]] = {}
    known: dict[str, bool] = {}

    def meant(name: str) -> bool:
        if name not in known:
            known[name] = called(name, last, without)
        return known[name]

    for model in facts.models:
        for named in _of_model(facts, model, meant):
            found.setdefault(named.span, []).append(named)
    for span in sorted(found, key=lambda s: s.start):
        yield found[span]


def _of_model(facts: FileFacts, model: Model, meant: Callable[[str], bool]) -> Iterator[Named]:
    for node in model.nodes:
        for name, span in node.names:
            if span.path == facts.path and meant(name):
                yield Named(model, name, span, node, ending(model.graph, node.output), True)
        given = next((node.arg_spans[a] for a in _NAMES if a in node.arg_spans), None)
        if given is None or given.path != facts.path:
            continue
        text = re.fullmatch(r"(?:\w+\s*=\s*)?([\"'])([\w./-]+)\1", text_of(facts, given))
        if text is not None and meant(text[2]):
            last = last_of_call(model, node)
            yield Named(model, text[2], given, last, ending(model.graph, last.output), False)


def stands(facts: FileFacts, named: Named) -> bool:
    """Is the name bound at this place alone?"""
    return not named.variable or bound_once(facts, named.span, named.name)


def stated(facts: FileFacts, named: Named) -> bool:
    """Does the source spell out the activation that made the value, whatever the configuration?

    Not so: `self.act = nn.Sigmoid() if final else nn.Identity()`, `Dense(10, activation=activation)`.
    """
    found = named.made
    if found is None:
        return False
    node, word = found.node, found.kind.replace("_", "")
    by = node.args.get("by")
    owner = named.model.graph[by] if isinstance(by, int) else node
    argument = next((owner.arg_spans[a] for a in ("activation", "activation_fn") if a in owner.arg_spans), None)
    place = argument if argument is not None else node.made_at if node.layer is not None else node.span
    if place is None or word not in text_of(facts, place).lower().replace("_", ""):
        return False
    return unconditional(facts, place) and unconditional(facts, named.span)

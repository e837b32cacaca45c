"""ARC706: a value called probabilities that is what a layer with weights gives, as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Ending, FileFacts, Finding, Label, Model, Node, activation, rule
from archlint_rules.flow import descendants, place
from archlint_rules.names.values import Named, named_values, stands
from archlint_rules.names.written import renamed, unconditional
from archlint_rules.wording import name_of

_PROBABILITIES = frozenset(["prob", "probs", "proba", "probas", "probability", "probabilities"])
_HONEST = frozenset(["log", "logit", "logits", "raw", "pre", "un", "unnormalized", "unnormalised", "to", "from"])
_MAKES = frozenset(["softmax", "sigmoid", "hard_sigmoid", "log_softmax", "log_sigmoid"])
_WORD = re.compile(r"prob(s|abilities|ability|as|a)?", re.IGNORECASE)


@rule("ARC706", "probabilities-name-on-logits", severity="info", category="names", scope="file", fix="unsafe")
def probabilities_name_on_logits(facts: FileFacts) -> Iterator[Finding]:
    """Names bound once to the output of a layer without activation that no softmax or sigmoid comes after."""
    for group in named_values(facts, _PROBABILITIES, _HONEST):
        first = group[0]
        if first.made is None:
            continue
        if all(unnormalised(facts, n) for n in group) and stands(facts, first):
            yield finding(facts, first, first.made)


def unnormalised(facts: FileFacts, named: Named) -> bool:
    """Is the value that of a layer with weights, in every configuration, and stays so?"""
    made, model = named.made, named.model
    if made is None or made.kind != "linear" or not made.own or not model.complete or named.node.branch:
        return False
    if not unconditional(facts, place(made.node)) or not unconditional(facts, named.span):
        return False
    return named.node.id in returned(model) and not any(becomes_one(n) for n in descendants(model, made.node))


def returned(model: Model) -> frozenset[int]:
    """Nodes whose values leave the model as they are."""
    return frozenset(model.outputs) if model.returned is None else model.returned


def becomes_one(node: Node) -> bool:
    """Is it a softmax or sigmoid, or something that may be one?"""
    if node.family in ("dense", "conv", "conv_transpose"):
        return activation(node) != "linear"
    return node.family in ("loss", "") or activation(node) in _MAKES


def finding(facts: FileFacts, named: Named, made: Ending) -> Finding:
    new = better(named.name)
    edits = renamed(facts, named.span, named.name, new) if named.variable else ()
    layer, apart = place(made.node), place(made.node) != named.node.span
    return Finding(
        named.span,
        f"`{named.name}` is unnormalised: {name_of(made.node)} gives any real number, and nothing follows it",
        related=(Label(layer, f"{name_of(made.node)} has no activation"),) if apart else (),
        help=f"call it {new}, or apply a softmax or sigmoid",
        layer=made.node.path,
        edits=edits,
    )


def better(name: str) -> str:
    """The name with `logits` in the place of its word for probabilities, in the same case."""
    found = _WORD.search(name)
    assert found is not None
    new = "LOGITS" if found[0].isupper() else "Logits" if found[0][0].isupper() else "logits"
    return name[: found.start()] + new + name[found.end() :]

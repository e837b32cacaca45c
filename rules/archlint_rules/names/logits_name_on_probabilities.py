"""ARC705: a value called logits that has been through a softmax or sigmoid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Ending, FileFacts, Finding, Label, Span, rule, show_shape
from archlint_rules.flow import place
from archlint_rules.names.values import Named, named_values, stands, stated
from archlint_rules.names.written import renamed

_LOGITS = frozenset(["logit", "logits"])
_HONEST = frozenset(
    ["prob", "probs", "proba", "probability", "probabilities", "softmax", "logsoftmax", "sigmoid", "norm", "normed",
     "normalized", "normalised", "mask", "weight", "weights", "log", "grad", "loss", "to", "from"]
)  # fmt: skip
_HELD = {
    "softmax": "probabilities", "sigmoid": "probabilities",
    "log_softmax": "log-probabilities", "log_sigmoid": "log-probabilities",
}  # fmt: skip
_WORD = re.compile(r"logits?", re.IGNORECASE)


@rule("ARC705", "logits-name-on-probabilities", severity="warning", category="names", scope="file", fix="unsafe")
def logits_name_on_probabilities(facts: FileFacts) -> Iterator[Finding]:
    """Names bound once, in all models of the file, to what a softmax or sigmoid gives; the first name of each."""
    said: set[Span] = set()
    for group in named_values(facts, _LOGITS, _HONEST):
        first = group[0]
        if first.made is None or first.made.kind not in _HELD:
            continue
        always = all(n.made is not None and n.made.kind == first.made.kind for n in group)
        if always and place(first.made.node) not in said and stands(facts, first) and stated(facts, first):
            said.add(place(first.made.node))
            yield finding(facts, first, first.made)


def finding(facts: FileFacts, named: Named, made: Ending) -> Finding:
    held = _HELD[made.kind]
    source = place(made.node)
    line = facts.lines.line_of(source.start)  # of this file, or `stated` would not hold
    apart = line != facts.lines.line_of(named.span.start)
    new = better(named.name, held)
    edits = renamed(facts, named.span, named.name, new) if named.variable else ()
    return Finding(
        named.span,
        f"`{named.name}` holds {held} ({made.kind} on line {line}), not logits",
        label=f"holds {show_shape(named.node.output.shape)}" if named.node.output.shape is not None else "",
        related=(Label(source, f"{made.kind} is applied here"),) if apart else (),
        help=f"call it {new}, or leave the {made.kind} to the loss, which takes logits",
        layer=made.node.path,
        severity="info" if held != "probabilities" else None,
        edits=edits,
    )


def better(name: str, held: str) -> str:
    """The name with what it holds in the place of `logits`, in the same case."""
    new = "probs" if held == "probabilities" else "log_probs"
    found = _WORD.search(name)
    assert found is not None
    if found[0].isupper():
        new = new.upper()
    elif found[0][0].isupper():
        new = new.title().replace("_", "")
    return name[: found.start()] + new + name[found.end() :]

"""ARC703: a layer whose name is the word for another kind of layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Label, Node, Span, activation, rule
from archlint_rules.flow import text_of, weighted
from archlint_rules.names.type_words import WORDS, fitting, simple, word_of
from archlint_rules.names.written import Target, bound_once, renamed, renamed_attributes, target_of
from archlint_rules.wording import op_name

_CALLEE = re.compile(r"[\w.]+(?=\s*\()")
_OF_VGG = re.compile(r"fc_?[678]([_a-z].*)?")
"""The dense layers of VGG keep their names where detectors make convolutions of them: SSD, S3FD, DeepLab."""


@rule(
    "ARC703", "name-type-mismatch", severity="warning", confidence="likely", category="names", scope="file",
    fix="unsafe",
)  # fmt: skip
def name_type_mismatch(facts: FileFacts) -> Iterator[Finding]:
    """Layers that are made and named in one statement, each statement once."""
    said: set[Span] = set()
    for model in facts.models:
        for node in model.nodes:
            place = node.made_at or node.span
            if place.path != facts.path or place in said or node.args.get("by") is not None:
                continue
            said.add(place)
            for name, span, target in names_of(facts, node, place):
                word = word_of(name)
                if (node.family == "conv" and _OF_VGG.fullmatch(name.lower())) or is_named_activation(node, word):
                    continue
                if word and WORDS[word].wrong(node) and (is_layer(node, place, target) or both_weighted(node, word)):
                    yield finding(facts, node, place, name, word, span, target)
                    break


def is_named_activation(node: Node, word: str) -> bool:
    """`Activation("softmax", name="softmax")`, or one of a function that is not known."""
    return node.op.endswith(".Activation") and activation(node) in (None, word)


def names_of(facts: FileFacts, node: Node, place: Span) -> Iterator[tuple[str, Span, Target | None]]:
    """The attribute or variable that a statement binds to the layer alone, and its `name=` or `scope=`."""
    if not spelled_out(facts, node, place):
        return
    target = target_of(facts, place)
    if target is not None and word_of(target.name) and bound_once(facts, target.span, target.name):
        yield target.name, target.span, target
    given = next((node.arg_spans[a] for a in ("name", "scope") if a in node.arg_spans), None)
    text = re.fullmatch(r"(?:\w+\s*=\s*)?([\"'])(\w+)\1", text_of(facts, given)) if given is not None else None
    if text is not None and given is not None:
        yield text[2], given, None


def is_layer(node: Node, place: Span, target: Target | None) -> bool:
    """Is the name that of the layer?  That of a value may tell what came before: `conv1 = tf.nn.relu(bias)`."""
    if target is None:
        return not node.op.startswith(("tensorflow.nn.", "torch.nn.functional.", "keras.ops."))
    return node.layer is not None and target.value == place


def both_weighted(node: Node, word: str) -> bool:
    """Do the name and the layer both mean one with weights, so that the value is not that of the other?"""
    return weighted(node) and WORDS[word].weighted


def spelled_out(facts: FileFacts, node: Node, place: Span) -> bool:
    """Does the source call the layer's class by its name?  Not so: `self.bn1 = norm_layer(64)`."""
    kernel = node.arg_spans.get("kernel_size")
    if kernel is not None and not re.search(r"\d", text_of(facts, kernel)):
        return False  # `nn.Conv2d(a, b, kernel_size)` may be a fully connected layer
    callee = _CALLEE.match(text_of(facts, place))
    return callee is not None and callee[0].rpartition(".")[2].lower().replace("_", "") == simple(node)


def finding(
    facts: FileFacts, node: Node, place: Span, name: str, word: str, span: Span, target: Target | None
) -> Finding:
    new = fitting(node, name, word)
    edits: tuple[Edit, ...] = ()
    if target is not None:
        edits = renamed_attributes(facts, span, {name: new}) if target.attribute else renamed(facts, span, name, new)
    return Finding(
        span,
        f"`{name}` is {an(op_name(node))}, its name says {word}",
        related=(Label(place, f"{op_name(node)} is made here"),),
        help=f"call it {new}, or make it what its name says",
        notes=("a new name of an attribute is a new key in checkpoints",) if target and target.attribute else (),
        layer=node.path,
        edits=edits,
    )


def an(name: str) -> str:
    """`a Linear`, `an LSTM`."""
    spoken = name[0] in "AEIO" or re.match(r"[LSRN][A-Z]", name) is not None
    return f"{'an' if spoken else 'a'} {name}"

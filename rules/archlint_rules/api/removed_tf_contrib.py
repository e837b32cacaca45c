"""tf.contrib, which TensorFlow 2 does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Label, Span, rule
from archlint_rules.api.guards import guarded
from archlint_rules.flow import text_of
from archlint_rules.layer_facts import neuron_notes
from archlint_rules.wording import count

_SUCCESSORS = (
    ("tensorflow.contrib.slim", "tf_slim"),
    ("tensorflow.contrib.layers", "tf_slim"),
    ("tensorflow.contrib.framework", "tf_slim"),
    ("tensorflow.contrib.losses", "tf_slim.losses"),
    ("tensorflow.contrib.metrics", "tf_slim.metrics"),
    ("tensorflow.contrib.rnn", "tf.compat.v1.nn.rnn_cell"),
    ("tensorflow.contrib.seq2seq", "tensorflow_addons.seq2seq"),
    ("tensorflow.contrib.crf", "tensorflow_addons.text"),
    ("tensorflow.contrib.keras", "tf.keras"),
    ("tensorflow.contrib.eager", "tf"),
)
_SLIM = re.compile(
    r"(?:from tensorflow\.contrib import slim|import tensorflow\.contrib\.slim as (?P<alias>\w+))(?P<as> as \w+)?"
)


@rule("ARC901", "removed-tf-contrib", severity="warning", category="api", scope="file", fix="unsafe")
def removed_tf_contrib(facts: FileFacts) -> Iterator[Finding]:
    uses = written(facts)
    seen: set[str] = set()
    for name, span in uses:
        part = ".".join(name.split(".")[:3])
        if part not in seen:
            seen.add(part)
            others = [s for n, s in uses if ".".join(n.split(".")[:3]) == part and s != span]
            yield finding(facts, name, span, others)


def written(facts: FileFacts) -> list[tuple[str, Span]]:
    """Every place where the file itself spells tf.contrib, with the longest name read there, unguarded ones only."""
    longest: dict[int, tuple[str, Span]] = {}
    uses = [(n, s) for n, s in facts.imports if n.startswith("tensorflow.contrib") and "contrib" in text_of(facts, s)]
    known = {text_of(facts, span).split()[-1] for _, span in uses if guarded(facts, span)}
    for name, span in uses:
        text = text_of(facts, span)
        asked = "()" in text or text.partition(".")[0] in known  # `contrib.framework().nest`, which somebody guards
        if not asked and not guarded(facts, span):
            if len(name) > len(longest.get(span.start, ("", span))[0]):
                longest[span.start] = (name, span)
    return [longest[start] for start in sorted(longest)]


def finding(facts: FileFacts, name: str, span: Span, others: list[Span]) -> Finding:
    successor = instead(name)
    text = text_of(facts, span)
    symbol = text if "\n" not in text and " " not in text else name.replace("tensorflow.", "tf.", 1)
    more = f"; the file spells it {count(len(others), 'more time')}" if others else ""
    return Finding(
        span,
        f"tf.contrib was removed in TensorFlow 2.0: `{symbol}` is no more",
        label="fails on every TensorFlow from 2.0 on",
        related=tuple(Label(s, "also here") for s in others[:1]),
        help=(f"use {successor}" if successor else "TensorFlow 2 has no successor for it") + more,
        notes=tuple(facts_of_call(facts, span)),
        edits=tuple(rewritten(span, text)),
    )


def instead(name: str) -> str:
    """`tf_slim.conv2d` for `tensorflow.contrib.layers.conv2d`."""
    for old, new in _SUCCESSORS:
        if name == old or name.startswith(old + "."):
            return new + name[len(old) :]
    return ""


def rewritten(span: Span, text: str) -> Iterator[Edit]:
    """`import tensorflow.contrib.slim as slim` becomes `import tf_slim as slim`."""
    found = _SLIM.fullmatch(text)
    if found is not None:
        alias = found["alias"] or (found["as"] or " as slim").removeprefix(" as ")
        yield Edit(span, f"import tf_slim as {alias}")


def facts_of_call(facts: FileFacts, span: Span) -> Iterator[str]:
    """What the layer that is called here makes, in numbers."""
    for model in facts.models:
        for node in model.nodes:
            if node.span.path == span.path and node.span.start == span.start and node.family == "conv":
                yield from neuron_notes(model, node)
                return

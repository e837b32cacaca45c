"""`Dense(2, input_shape=(4,))`: a layer that is told the form of its input, which Keras 3 warns about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import CallRecord, Edit, FileFacts, Finding, Span, rule
from archlint_rules.api.guards import guarded
from archlint_rules.flow import text_of

_BACKEND = re.compile(r"""environ\[["']KERAS_BACKEND["']\]\s*=\s*["'](?:torch|jax|numpy|openvino)["']""")
_LAYER = re.compile(r"keras\.layers\.(?!InputLayer$)[A-Z]\w*")


@rule("ARC908", "input-shape-kwarg", severity="info", category="api", scope="file", fix="safe")
def input_shape_kwarg(facts: FileFacts, *, keras: int = 0) -> Iterator[Finding]:
    """Layers that state `input_shape` or `input_dim`, in a file that is for Keras 3 beyond doubt."""
    for call in facts.calls if keras == 3 or (not keras and third(facts)) else ():
        name = argument(call)
        if name and _LAYER.fullmatch(call.name) and not guarded(facts, call.span):
            yield finding(facts, call, name)


def third(facts: FileFacts) -> bool:
    """Does the file use what no Keras before the third had: `keras.ops`, the backends of PyTorch and JAX?"""
    used = [name for name, _ in facts.imports] + [call.name for call in facts.calls]
    return any(name.startswith("keras.ops") for name in used) or _BACKEND.search(facts.lines.text) is not None


def argument(call: CallRecord) -> str:
    """The keyword in question; `input_dim` of an Embedding, reversible or not, is the size of its vocabulary."""
    if "input_shape" in call.keywords:
        return "input_shape"
    return "input_dim" if "input_dim" in call.keywords and not call.name.endswith("Embedding") else ""


def finding(facts: FileFacts, call: CallRecord, name: str) -> Finding:
    word, value = call.keywords[name]
    layer, form = call.name.rpartition(".")[2], shape_text(facts, call, name)
    edits = moved(facts, call, Span(word.path, word.start, value.end), form)
    return Finding(
        word,
        f"`{name}` of {layer}: Keras 3 warns, and takes the form of the input as the model's first element",
        label="the form of the model's input",
        help=f"put `keras.Input({form})` in front of the {layer}",
        edits=edits,
        safe=bool(edits),
    )


def shape_text(facts: FileFacts, call: CallRecord, name: str) -> str:
    """`(28, 28)` of `input_shape=(28, 28)`, `(4,)` of `input_dim=4`."""
    text = text_of(facts, call.keywords[name][1])
    return text if name == "input_shape" else f"({text},)"


def moved(facts: FileFacts, call: CallRecord, stated: Span, form: str) -> tuple[Edit, ...]:
    """The argument made a layer of its own, in the first place of a list or in a statement `model.add(…)`."""
    text, named = facts.lines.text, input_name(facts, call)
    removed = taken_out(text, call, stated)
    line = text.rfind("\n", 0, call.span.start) + 1
    before, after = text[line : call.span.start], text[call.span.end :].split("\n", 1)[0]
    if not named or removed is None or call.open:
        return ()
    if re.fullmatch(r"[ \t]*[\w.]+\.add\(", before) and re.fullmatch(r"\)[ \t]*(?:#.*)?", after):
        added = Edit(Span(stated.path, line, line), f"{before}{named}({form}))\n")
        return (added, removed) if first(text[:line], before) else ()
    if re.search(r"\bSequential\(\s*(?:layers\s*=\s*)?\[\s*$", text[: call.span.start]):
        gap = " " if before.strip() else f"\n{before}"
        return (Edit(Span(stated.path, call.span.start, call.span.start), f"{named}({form}),{gap}"), removed)
    return ()


def first(text: str, before: str) -> bool:
    """Is the line before it `model = Sequential()`?"""
    name = re.escape(before.strip().removesuffix(".add("))
    return re.search(rf"^[ \t]*{name}\s*=\s*[\w.]*\bSequential\(\s*\)[ \t]*\n\Z", text, re.MULTILINE) is not None


def input_name(facts: FileFacts, call: CallRecord) -> str:
    """How the file can say `Input`: as it says `layers.Dense`, or by a name that it imports."""
    written = text_of(facts, call.function)
    if "." in written:
        return f"{written.rpartition('.')[0]}.Input"
    if re.search(r"^import keras\b", facts.lines.text, re.MULTILINE):
        return "keras.Input"
    found = re.search(r"^from keras(?:\.layers)? import [^\n(]*\bInput\b(?! as)", facts.lines.text, re.MULTILINE)
    return "Input" if found else ""


def taken_out(text: str, call: CallRecord, stated: Span) -> Edit | None:
    """The argument with the comma that belongs to it."""
    behind = re.match(r"\s*,\s*", text[stated.end : call.span.end])
    ahead = re.search(r",\s*$", text[call.function.end : stated.start])
    if behind is not None and text[stated.end + behind.end() : call.span.end].strip() != ")":
        return Edit(Span(stated.path, stated.start, stated.end + behind.end()), "")
    if ahead is None:
        return None
    return Edit(Span(stated.path, call.function.end + ahead.start(), stated.end), "")

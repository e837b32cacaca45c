"""Arguments under the names that they had in Keras 1."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from archlint.rule import CallRecord, Edit, FileFacts, Finding, Label, Span, rule
from archlint_rules.api.guards import guarded
from archlint_rules.api.keras_names import BY_CLASS, TWO_SIDES, keras_class
from archlint_rules.flow import text_of

LAYOUTS = {"tf": '"channels_last"', "th": '"channels_first"'}
SIDES = {"nb_row", "nb_col"}


@rule("ARC902", "keras1-arguments", severity="warning", category="api", scope="file", fix="safe")
def keras1_arguments(facts: FileFacts, *, keras: int = 0) -> Iterator[Finding]:
    """An error where Keras 3 is declared; else the code may be for the Keras it was written for."""
    for call in facts.calls if keras not in (1, 2) else ():
        kind = keras_class(call.name)
        table = BY_CLASS.get(kind, {})
        old = [word for word in call.keywords if word in table or (word in SIDES and kind in TWO_SIDES)]
        if old and not guarded(facts, call.span):
            yield replace(finding(facts, call, kind, old), severity="error" if keras else None)


def finding(facts: FileFacts, call: CallRecord, kind: str, old: list[str]) -> Finding:
    table = BY_CLASS[kind]
    new = list(dict.fromkeys(table.get(word, "kernel_size") for word in old))
    names = f"`{old[0]}` is the Keras 1 name of `{new[0]}`" if len(old) == 1 else (
        f"{listed(old)} are the Keras 1 names of {listed(new)}"
    )  # fmt: skip
    first, *others = (call.keywords[word][0] for word in old)
    edits = fixed(facts, call, kind, old)
    return Finding(
        first,
        f"{names}: {kind} of Keras 3 refuses {'it' if len(old) == 1 else 'them'}",
        label="no such argument",
        related=tuple(Label(span, "nor this one") for span in others),
        help=f"write {', '.join(f'{word}=' for word in new)}",
        edits=edits,
        safe=bool(edits),
    )


def listed(words: list[str]) -> str:
    """`` `a`, `b` and `c` ``."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def fixed(facts: FileFacts, call: CallRecord, kind: str, old: list[str]) -> tuple[Edit, ...]:
    """All the arguments under their new names; nothing where one of them has no new name for its value."""
    table, edits = BY_CLASS[kind], []
    if SIDES & {*old} or call.open or any(table[word] in call.keywords for word in old):
        return ()
    for word in old:
        name, value = call.keywords[word]
        edits.append(Edit(name, table[word]))
        if word == "dim_ordering":
            layout = LAYOUTS.get(str(literal(facts, value)))
            if layout is None:
                return ()
            edits.append(Edit(value, layout))
        if word in ("bias", "init", "output_dim") and kind == "Embedding":
            return ()
    if kind in TWO_SIDES and len(call.positional) > 2:
        if len(call.positional) > 3:
            return ()  # the fourth was an initializer once
        high, wide = call.positional[1:3]
        sides = Span(high.path, high.start, wide.end)
        edits.append(Edit(sides, f"({text_of(facts, high)}, {text_of(facts, wide)})"))
    return tuple(edits)


def literal(facts: FileFacts, span: Span) -> object:
    """The value of a literal; None for anything else."""
    try:
        found: object = ast.literal_eval(text_of(facts, span))
    except (ValueError, SyntaxError):
        return None
    return found

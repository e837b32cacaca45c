"""ARC506: channel dropout on a tensor with another number of axes than it is made for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Model, Node, Span, rule
from archlint_rules.flow import place, text_of
from archlint_rules.wording import input_shape, name_of, op_name, produced


@rule("ARC506", "dropout-nd-rank", severity="warning", category="training", fix="unsafe")
def dropout_nd_rank(model: Model) -> Iterator[Finding]:
    """`Dropout2d` of 2 or 3 axes, `Dropout3d` of 2 or 3: PyTorch warns, and takes axis 1 for the channels."""
    seen: set[Span] = set()
    for node in model.family("dropout"):
        found = re.fullmatch(r"torch\.nn\.(?:functional\.d|D)ropout([23])d", node.op)
        rank = node.inputs[0].rank if found is not None and node.inputs else None
        if found is not None and rank in (2, 3) and place(node) not in seen and node.args.get("p") != 0:
            seen.add(place(node))
            yield finding(model, node, int(found[1]), rank)


def finding(model: Model, node: Node, n: int, rank: int | None) -> Finding:
    name = op_name(node)
    want = name.replace(f"{n}d", "1d" if rank == 3 else "")
    asked = f"(N, C, {'H, W' if n == 2 else 'D, H, W'})"
    does = (
        "axis 1 is taken for the channels, and each is dropped as a whole"
        if rank == 3
        else "single values go, not channels"
    )
    meant = " if axis 1 holds the channels" if rank == 3 else ""
    return Finding(
        place(node),
        f"{name_of(node)} takes {asked} and gets {input_shape(node)}: {does}",
        label=f"{rank} axes, not {n + 2}",
        related=tuple(label for label in produced(model, node.inputs[0]) if label.span != place(node)),
        help=f"use {want}{meant}",
        notes=("PyTorch warns of it today, and means to read another form into it",),
        layer=node.path,
        edits=renamed(model, node, name, want),
    )


def renamed(model: Model, node: Node, name: str, want: str) -> tuple[Edit, ...]:
    """Another name in the call that makes the layer."""
    span = place(node)
    found = re.match(rf"(?:\w+\.)*({name})\(", text_of(model.file, span))
    if found is None:
        return ()
    at = span.start + found.start(1)
    return (Edit(Span(span.path, at, at + len(name)), want),)

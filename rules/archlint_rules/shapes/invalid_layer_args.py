"""ARC114: arguments that a layer refuses whatever it is applied to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Fault, Finding, Label, Model, Node, Slip, Span, rule
from archlint_rules.shapes.calls import call_name
from archlint_rules.wording import caret, faults

_WAYS = {
    "padding='same' needs a stride of 1": "with a stride, pad by numbers: padding=kernel_size // 2",
    "strides > 1 and dilation_rate > 1 exclude each other": "give one of them up, or stride in a pooling of its own",
}


@rule("ARC114", "invalid-layer-args", severity="error", category="shapes", fix="unsafe")
def invalid_layer_args(model: Model) -> Iterator[Finding]:
    """Numbers out of range, arguments that exclude each other, that a layer does not have, or that are left out."""
    for slip in model.file.slips if model.file is not None else ():
        if slip.kind == "misspelled argument":
            yield misspelled(model, slip)
        elif slip.kind == "missing argument":
            yield missing(slip)
    for node, fault in faults(model, "arguments"):
        span = caret(node, fault.arg)
        call = node.made_at or node.span
        shown = call.path == span.path and call.start <= span.start < call.end
        yield Finding(
            span,
            f"{call_name(model, node)}: {named(node, fault)}",
            label=fault.arg,
            related=() if shown else (Label(call, "refused here"),),
            help=way_out(node, fault),
            layer=node.path,
        )


def misspelled(model: Model, slip: Slip) -> Finding:
    """`Dense(64, activatoin="relu")`."""
    wrong, meant = slip.numbers
    layer = slip.subject.rpartition(".")[2]
    name = keyword(model, slip.span, wrong)
    return Finding(
        name or slip.span,
        f"{layer} has no argument `{wrong}`: it refuses to be made",
        label=f"`{meant}` is meant",
        help=f"write {meant}=",
        edits=() if name is None else (Edit(name, meant),),
    )


def keyword(model: Model, value: Span, name: str) -> Span | None:
    """Where the keyword of a value stands; None where it is not written before it: `Dense(**settings)`."""
    if model.file is None or value.path != model.file.path:
        return None
    found = re.search(rf"\b{re.escape(name)}\s*=\s*$", model.file.lines.text[: value.start])
    return None if found is None else Span(value.path, found.start(), found.start() + len(name))


def missing(slip: Slip) -> Finding:
    """`Conv2D(32)`, `nn.Linear(64)`."""
    layer, names = slip.subject.rpartition(".")[2], " and ".join(f"`{n}`" for n in slip.numbers)
    return Finding(
        slip.span,
        f"{layer} is not given {names}, which it cannot do without",
        label="refused",
        help=f"state {names}",
    )


def named(node: Node, fault: Fault) -> str:
    """`p must be between 0 and 1, got 1.5`."""
    return f"{fault.arg} {fault.text}" if fault.text.startswith(("must", "needs")) and fault.arg else fault.text


def way_out(node: Node, fault: Fault) -> str:
    """What is taken instead."""
    if fault.text.startswith("must be a whole number"):
        return "divide by // instead of /"
    return _WAYS.get(fault.text, "")

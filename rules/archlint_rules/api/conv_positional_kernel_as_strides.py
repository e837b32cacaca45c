"""`Conv2D(64, 3, 3)`: a kernel of 3x3 in Keras 1, a kernel of 3 with strides of 3 since Keras 2."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import CallRecord, Edit, FileFacts, Finding, Label, Node, Span, rule
from archlint_rules.api.guards import guarded
from archlint_rules.api.keras1_arguments import literal
from archlint_rules.api.keras_names import BY_CLASS, TWO_SIDES, keras_class
from archlint_rules.api.removed_keras_symbol import removed
from archlint_rules.wording import input_shape, output_shape

KERNELS = (3, 5, 7)
"""A patch of 4, 8, 16 or 32 pixels is cut out by strides as large as the kernel; one of 3, 5 or 7 is not."""


@rule(
    "ARC903", "conv-positional-kernel-as-strides", severity="warning", category="api", scope="file", fix="unsafe"
)  # fmt: skip
def conv_positional_kernel_as_strides(facts: FileFacts, *, keras: int = 3) -> Iterator[Finding]:
    for call, kind, kernel in meant_as_kernels(facts, keras):
        yield finding(facts, call, kind, kernel)


def meant_as_kernels(facts: FileFacts, keras: int = 3) -> Iterator[tuple[CallRecord, str, int]]:
    """Each such call with the kind of layer and the number."""
    for call in facts.calls if keras >= 2 and not written_for_keras1(facts) else ():
        kind = keras_class(call.name)
        if kind not in TWO_SIDES or len(call.positional) != 3 or call.open or call.keywords.keys() & BY_CLASS[kind]:
            continue
        kernel, strides = (literal(facts, span) for span in call.positional[1:])
        if type(kernel) is int and kernel == strides and kernel in KERNELS and not guarded(facts, call.span):
            yield call, kind, kernel


def written_for_keras1(facts: FileFacts) -> bool:
    """Has the file other names of Keras 1?  Then a kernel is meant, and those names are what is to be changed."""
    calls = (call.keywords.keys() & BY_CLASS.get(keras_class(call.name), {}) for call in facts.calls)
    return any(calls) or any(removed(name, 3) for name, _ in facts.imports)


def finding(facts: FileFacts, call: CallRecord, kind: str, kernel: int) -> Finding:
    first, last = call.positional[1:]
    sides = Span(first.path, first.start, last.end)
    node = made_by(facts, call)
    shrunk = f": {input_shape(node)} becomes {output_shape(node)}" if node is not None else ""
    return Finding(
        last,
        f"{kind}(..., {kernel}, {kernel}) has a kernel of {kernel}x{kernel} and strides of {kernel}{shrunk}",
        label="the third argument is strides",
        related=(Label(first, "the whole kernel"),),
        help=f"write ({kernel}, {kernel}) for the kernel alone, or strides={kernel} if they are meant",
        edits=(Edit(sides, f"({kernel}, {kernel})"),),
    )


def made_by(facts: FileFacts, call: CallRecord) -> Node | None:
    """The layer that the call makes, if it is applied once and its shapes are known as strides make them."""
    found = [
        node
        for model in facts.models
        for node in model.nodes
        if node.family.startswith("conv") and call.span in (node.made_at, node.span)
    ]
    shapes = {(input_shape(node), output_shape(node)) for node in found if node.args.get("strides") not in (1, (1, 1))}
    return found[0] if len(found) >= 1 == len(shapes) and found[0].output.shape is not None else None

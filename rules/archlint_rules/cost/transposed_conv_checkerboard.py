"""Transposed convolutions whose windows overlap unevenly: a pattern of squares in what they paint."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Finding, Model, Node, rule
from archlint_rules.cost.windows import once, sizes
from archlint_rules.wording import caret, count, name_of, new_number


@rule("ARC810", "transposed-conv-checkerboard", severity="info", category="cost", default=False, fix="unsafe")
def transposed_conv_checkerboard(model: Model) -> Iterator[Finding]:
    """Strides that do not divide the kernel; once for each model."""
    found = once(model, [node for node in model.family("conv_transpose") if uneven(node)])
    if found:
        yield finding(model, found[0], len(found) - 1)


def steps(node: Node) -> list[tuple[int, int]]:
    """(kernel, stride) on each axis; none where one is not known, or the kernel has holes."""
    dilation = node.args.get("dilation", node.args.get("dilation_rate", 1))
    if {dilation} != {1} and dilation not in ((1,), (1, 1), (1, 1, 1), [1], [1, 1]):
        return []
    pairs = [(k, s[1]) for k, s in node.out.window if isinstance(k, int) and isinstance(s, tuple) and s[0] == 1]
    known = [(k, s) for k, s in pairs if isinstance(s, int) and s > 0]
    return known if len(known) == len(node.out.window) else []


def uneven(node: Node) -> bool:
    """Do some positions of the output get more contributions than others?"""
    return any(s > 1 and k % s for k, s in steps(node))


def finding(model: Model, node: Node, others: int) -> Finding:
    pairs = steps(node)
    kernel, stride = sizes([k for k, _ in pairs]), sizes([s for _, s in pairs])
    least, most = 1, 1
    for k, s in pairs:
        least, most = least * (k // s), most * -(-k // s)
    fits = sizes([-(-k // s) * s for k, s in pairs])
    more = (f"so is {count(others, 'more layer')} of the model",) if others == 1 else ()
    more = (f"so are {others} more layers of the model",) if others > 1 else more
    return Finding(
        caret(node, "kernel_size"),
        f"{name_of(node)}: kernel {kernel} is not a multiple of stride {stride}: output positions get "
        f"{least} to {most} contributions",
        label=f"windows of {kernel}, {stride} apart",
        help=f"a kernel of {fits}, or upsampling and a convolution",
        notes=more,
        layer=node.path,
        edits=even(model, node, pairs),
    )


def even(model: Model, node: Node, pairs: list[tuple[int, int]]) -> tuple[Edit, ...]:
    """A kernel of the next multiple, where the size of the output stays: Keras' "same", torch's 3, 2, 1 and 1."""
    args, kernel = node.args, node.args.get("kernel_size")
    if not isinstance(kernel, int) or len(set(pairs)) != 1:
        return ()
    wider = new_number(model, node.arg_spans.get("kernel_size"), kernel, -(-kernel // pairs[0][1]) * pairs[0][1])
    if args.get("padding") == "same" and args.get("output_padding") is None:
        return wider
    if (pairs[0], args.get("padding"), args.get("output_padding")) == ((3, 2), 1, 1):
        none = new_number(model, node.arg_spans.get("output_padding"), 1, 0)
        return (*wider, *none) if wider and none else ()
    return ()

"""ARC106: a window that is larger than what is left of the map."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, Node, minimum_sizes, rule, show, with_open_input
from archlint_rules.origins import is_entry
from archlint_rules.shapes.layout import swapped
from archlint_rules.wording import caret, causes, count, faults, input_shape, name_of


@rule("ARC106", "nonpositive-output-dim", severity="error", category="shapes")
def nonpositive_output_dim(model: Model) -> Iterator[Finding]:
    """Outputs of size 0 or less."""
    for node, fault in faults(model, "empty"):
        if not node.inputs or swapped(model, node) is not None:
            continue
        span = caret(node, fault.arg)
        trail = shrinking(model, node, fault.axis)
        yield Finding(
            span,
            message(node, fault, trail),
            label=f"does not fit {input_shape(node)}",
            related=causes(model, node, span),
            help=way_out(model, node),
            layer=node.path,
        )


def message(node: Node, fault: Fault, trail: list[str]) -> str:
    """`pool4`: a window of 3 does not fit 2 positions on axis 2: they have shrunk 8 -> 4 -> 2."""
    shape, axis = node.inputs[0].shape, fault.axis
    size = count(show(shape[axis]) if shape and axis is not None and axis < len(shape) else "?", "position")
    window = _window(node, axis)
    text = f"{name_of(node)}: a window of {window} does not fit" if window else f"{name_of(node)}: nothing is left of"
    text += f" {size} on axis {axis}"
    return f"{text}: shrunk {' -> '.join(trail)}" if len(trail) > 1 else text


def _window(node: Node, axis: int | None) -> str:
    """The effective kernel on the axis, with its dilation if it has one."""
    n, demand = len(node.out.window), node.out.demand
    if not n or axis is None or demand is None or axis >= len(demand.roles):
        return ""
    role = demand.roles[axis]
    if not role.startswith("space") or int(role[-1]) >= n:
        return ""
    return show(node.out.window[int(role[-1])][0])


def shrinking(model: Model, node: Node, axis: int | None) -> list[str]:
    """Sizes of one axis from the input to the node: `32 -> 30 -> 15`; empty where the way is not one line."""
    sizes: list[str] = []
    while axis is not None and len(node.inputs) == 1 and node.inputs[0].node >= 0:
        shape = node.inputs[0].shape
        if shape is None or axis >= len(shape) or node.inputs[0].slot:
            return []
        if not sizes or sizes[-1] != show(shape[axis]):
            sizes.append(show(shape[axis]))
        node = model.graph[node.inputs[0].node]
        if not is_entry(node) and (len(node.inputs) != 1 or len(node.inputs[0].shape or ()) != len(shape)):
            return []
    return sizes[::-1]


def way_out(model: Model, node: Node) -> str:
    """The least input that survives the way down, if it can be told, and what else helps."""
    opened = with_open_input(model, node)
    least = minimum_sizes(opened.sizes) if opened is not None else {}
    if not least:
        return "enlarge the input, pool less often, or pad"
    needed = "x".join(str(v) for v in least.values())
    return f"inputs of at least {needed} survive to here: enlarge the input, pool less often, or pad"

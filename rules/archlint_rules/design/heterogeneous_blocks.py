"""ARC855: convolutions of one block that differ among themselves."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.cost.windows import sizes
from archlint_rules.design.trunk import chain, channels, convolutions, kernel
from archlint_rules.flow import place


@rule("ARC855", "heterogeneous-blocks", severity="info", confidence="hint", category="design", default=False)
def heterogeneous_blocks(model: Model) -> Iterator[Finding]:
    """Convolutions between two pools of a plain chain, with other filters or another kernel than their neighbours."""
    for number, block in enumerate(blocks(model), 1):
        forms = [form(node) for node in block]
        if len(block) > 1 and None not in forms and len(set(forms)) > 1:
            yield Finding(
                place(block[-1]),
                f"the convolutions of block {number} differ: {', '.join(str(each) for each in forms)}",
                related=tuple(Label(place(n), f"{each}") for n, each in zip(block[:-1], forms)),
                help="equal layers in a block are easier to change and to compare",
                layer=block[-1].path,
            )
            return


def blocks(model: Model) -> list[list[Node]]:
    """The convolutions before each pool of the trunk; what follows the last one is the head."""
    wanted = {node.id for node in convolutions(model)}
    found: list[list[Node]] = [[]]
    for node in chain(model):
        if node.family == "pool":
            found.append([])
        elif node.id in wanted:
            found[-1].append(node)
    return found[:-1]


def form(node: Node) -> str | None:
    """`16 of 3x3`: filters and kernel."""
    filters, shape = channels(node), kernel(node)
    return f"{filters} of {sizes(list(shape))}" if filters is not None and shape else None

"""ARC417: rounding in the middle of a network, through which no gradient comes back."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.amounts import number
from archlint_rules.flow import descendants, place
from archlint_rules.wording import name_of, op_name

_STEPS = frozenset(["round", "floor", "ceil", "trunc", "sign", "argmax", "argmin", "heaviside"])
"""Functions whose derivative is 0 wherever there is one, or whose result is a place."""


@rule("ARC417", "nondifferentiable-in-path", severity="warning", category="output", confidence="likely")
def nondifferentiable_in_path(model: Model) -> Iterator[Finding]:
    """Layers whose only way to the outputs leads through a step function, with layers behind it that do learn."""
    ends = model.returned
    if not ends or model.framework == "tf":
        return
    reached = with_gradient(model, ends)
    for node in model.nodes:
        if node.op.rpartition(".")[2] not in _STEPS or node.branch or not node.inputs:
            continue
        blocked = [n for n in above(model, node) if n.weights and n.id not in reached]
        behind = [n for n in descendants(model, node) if n.weights and n.id in reached]
        if blocked and behind:
            yield finding(node, blocked)


def with_gradient(model: Model, ends: frozenset[int]) -> set[int]:
    """Nodes that a gradient of the outputs comes back to."""
    seen: set[int] = set()
    todo = list(ends)
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            if model.graph[current].op.rpartition(".")[2] not in _STEPS:
                todo += [n.id for n in model.graph.producers(current)]
    return seen


def above(model: Model, node: Node) -> list[Node]:
    """What a node depends on without another step function in between."""
    seen: dict[int, Node] = {}
    todo = model.graph.producers(node.id)
    while todo:
        current = todo.pop()
        if current.id not in seen and current.op.rpartition(".")[2] not in _STEPS:
            seen[current.id] = current
            todo += model.graph.producers(current.id)
    return [seen[i] for i in sorted(seen)]


def finding(node: Node, blocked: list[Node]) -> Finding:
    own = {n.layer if n.layer is not None else -n.id: n.out.params for n in blocked}
    sizes = [p for p in own.values() if isinstance(p, int)]
    many = f"{number(sum(sizes))} parameters" if len(sizes) == len(own) else "the parameters"
    last = blocked[-1]
    return Finding(
        place(node),
        f"`{op_name(node)}` lets no gradient through: {many} before it are never trained",
        related=(Label(place(last), f"{name_of(last)} learns nothing"),),
        help="use a smooth function, or pass the gradient by: x + (f(x) - x).detach()",
        layer=node.path,
    )

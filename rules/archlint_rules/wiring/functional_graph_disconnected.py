"""ARC611: a functional Keras model whose outputs need an Input that it is not given."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.origins import record_of
from archlint_rules.wording import name_of, shape_text


@rule("ARC611", "functional-graph-disconnected", severity="error", category="wiring")
def functional_graph_disconnected(model: Model) -> Iterator[Finding]:
    """Inputs that are found on the way back from the outputs, before any tensor of `inputs=`."""
    for entry in missing(model):
        yield finding(model, entry, [g.name for g in model.given or ()])


def missing(model: Model) -> list[Node]:
    """Entry tensors that the outputs depend on and that are not given."""
    if model.given_at is None or not model.given:
        return []
    if any(n.branch or n.family in ("join", "other") for n in model.nodes):
        return []
    given = {g.node for g in model.given}
    seen, queue = set(given), [n for n in model.outputs if n not in given]
    found = []
    while queue:
        node = model.graph[queue.pop()]
        if node.id in seen:
            continue
        seen.add(node.id)
        if node.op == "keras.Input" and "tensor" not in node.given:
            found.append(node)
        queue += [t.node for t in node.inputs if t.node >= 0]
    return sorted(found, key=lambda n: n.id)


def finding(model: Model, entry: Node, given: list[str]) -> Finding:
    name = called(model, entry)
    reader = next(iter(model.graph.consumers(entry.id)), None)
    reads = (Label(reader.span, f"{name_of(reader)} reads it here"),) if reader is not None else ()
    return Finding(
        model.given_at or model.span,
        f"the outputs depend on the Input `{name}` {shape_text(entry.output.shape)}, which inputs= does not have",
        label=f"inputs are {', '.join(f'`{g}`' for g in given)}",
        related=(Label(entry.span, f"`{name}` is made here"), *reads),
        help=f"give it too: inputs=[{', '.join([*given, name])}]",
        notes=("Keras refuses to build the model: the graph from inputs to outputs is not connected",),
    )


def called(model: Model, entry: Node) -> str:
    """The variable that holds it, else its name."""
    record = record_of(model, entry)
    if entry.names:
        return entry.names[0][0]
    return record.name if record is not None else "input"

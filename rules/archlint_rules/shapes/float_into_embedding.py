"""ARC126: an embedding that is given numbers with fractions."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, rule
from archlint_rules.flow import applied_at, producer
from archlint_rules.shapes.calls import refused

_WEIGHTED = frozenset({"conv", "conv_transpose", "dense", "norm", "recurrent", "embedding"})
_KEEPS = frozenset({"activation", "softmax", "dropout", "identity", "pool", "flatten", "permute"})


@rule("ARC126", "float-into-embedding", severity="error", category="shapes")
def float_into_embedding(model: Model) -> Iterator[Finding]:
    """torch looks rows up by whole numbers only."""
    seen: set[object] = set()
    for node in model.family("embedding") if model.framework == "torch" else ():
        kind = fractions(model, node)
        if kind and node.span not in seen and node.op.endswith(("Embedding", "functional.embedding")):
            seen.add(node.span)
            text = f"rows are looked up by whole numbers, its input is {kind}"
            way = "use x.long() if these are indices, nn.Linear if they are features"
            yield refused(model, node, text, at=applied_at(model, node), way_out=way)


def fractions(model: Model, node: Node) -> str:
    """`float32`, or `floating` behind a layer with weights; "" where the type is not known."""
    if not node.inputs or node.inputs[0].node < 0:
        return ""
    if node.op.endswith("functional.embedding") and len(node.inputs) == 1:
        return ""  # `F.embedding(ids, self.table)` of ids that are not known: it is the table that is
    dtype = node.inputs[0].dtype
    if dtype is not None:
        return dtype if "float" in dtype else ""
    source = producer(model, node, _KEEPS)
    return "floating" if source is not None and source.family in _WEIGHTED and source.weights else ""

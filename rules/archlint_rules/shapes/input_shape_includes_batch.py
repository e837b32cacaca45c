"""ARC120: a Keras input shape that counts the samples."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, InputRecord, Model, Node, rule
from archlint_rules.shapes.declared import entries, rewritten, with_batch
from archlint_rules.wording import name_of, op_name, shape_text


@rule("ARC120", "input-shape-includes-batch", severity="error", confidence="likely", category="shapes", fix="unsafe")
def input_shape_includes_batch(model: Model) -> Iterator[Finding]:
    """`Input((60000, 28, 28, 1))` before a Conv2D: Keras adds the batch axis itself."""
    for node, record in with_batch(model):
        yield finding(model, node, record)


def finding(model: Model, node: Node, record: InputRecord) -> Finding:
    """Both shapes: the declared one with its batch axis, and the one without."""
    assert record.shape is not None
    stated, meant = entries(record.shape[1:]), entries(record.shape[2:])
    help_text = f"leave the samples out: {meant}; a fixed batch size is stated by batch_shape"
    if node.family != "recurrent":
        help_text += f"; for clips of frames use TimeDistributed({op_name(node)}(...))"
    return Finding(
        record.span,
        f"the input shape {stated} seems to count the samples: {name_of(node)} gets {shape_text(record.shape)}, "
        f"{len(record.shape)} axes where it takes {len(record.shape) - 1}",
        label="Keras puts the batch axis in front of this",
        help=help_text,
        layer=node.path,
        edits=rewritten(model, record, record.shape[2:]),
    )

"""Which axis of a tensor is the batch, and who says so.

A recurrent layer's own `batch_first` is no evidence of what it is given: by default it reads time first, and most
programs that leave it so are right.  Evidence is a stated shape, a name that the program gives the axis, or another
layer or a loss that reads it as the batch.
"""

from __future__ import annotations

import re

from archlint.rule import InputRecord, Label, Model, Node, Span, Tensor, batch_axis, judged, show_shape
from archlint_rules.certainty import settled
from archlint_rules.flow import ancestors, block_of, place
from archlint_rules.names.comment_shapes import BATCH, read_claim
from archlint_rules.origins import axis_source, is_entry, readers, record_of
from archlint_rules.wording import name_of

UNROLLED = frozenset(["torch.nn.RNN", "torch.nn.GRU", "torch.nn.LSTM"])

ATTENDING = frozenset(
    ["torch.nn.MultiheadAttention", "torch.nn.TransformerEncoderLayer", "torch.nn.TransformerDecoderLayer",
     "torch.nn.TransformerEncoder", "torch.nn.TransformerDecoder", "torch.nn.Transformer"]
)  # fmt: skip

_NAMES = "|".join(sorted(BATCH - {"num_samples"}))


def reads_sequences(node: Node) -> bool:
    """Is it a layer of torch that takes a sequence, with or without a batch?"""
    return node.op in UNROLLED or node.op in ATTENDING


def batch_places(model: Model, tensor: Tensor) -> tuple[int, ...]:
    """The axes of a tensor in which the batch of the model is, alone or with others."""
    idents = batch_axis(model).idents
    made = model.graph[tensor.node].outputs[tensor.slot] if tensor.node >= 0 else tensor
    return tuple(i for i, axis in enumerate(made.axes or ()) if any(a.ident in idents for a in axis))


def is_plain_batch(model: Model, tensor: Tensor, axis: int) -> bool:
    """Is an axis the batch and nothing else, and no other axis has a part of it?"""
    return batch_places(model, tensor) == (axis,) and len((tensor.axes or ((),))[axis]) == 1


def entry_behind(model: Model, tensor: Tensor, axis: int) -> Node | None:
    """The entry tensor that an axis comes from."""
    source = axis_source(model, tensor, axis)
    return source if source is not None and is_entry(source) else None


def is_settled(model: Model, node: Node) -> bool:
    """Do the entries above have their forms on every way to the node?"""
    return all(settled(model, node, e) for e in ancestors(model, node) if is_entry(e))


def stated(model: Model, entry: Node) -> Label | None:
    """The place where the program says that the first axis of an entry is the batch; None where it does not."""
    record = record_of(model, entry)
    if record is None:
        return None
    if record.source in ("directive", "command line", "configuration", "declared"):
        return Label(record.span, f"`{record.name}` is stated as {show_shape(record.shape)}")
    return commented(model, record) or named(model, record)


def commented(model: Model, record: InputRecord) -> Label | None:
    """`def forward(self, x):  # x: (N, 3, H, W)`"""
    file, shape = model.file, record.shape
    if file is None or file.path != record.span.path or shape is None:
        return None
    line = file.lines.line_of(record.span.start)
    for comment in file.comments:
        claim = read_claim(comment.text, comment.start)
        if claim is None or len(claim.entries) != len(shape) or claim.arrow:
            continue
        near = file.lines.line_of(comment.start) - line
        mine = claim.name == record.name or (not claim.name and near == 0)
        first = claim.entries[0]
        if mine and 0 <= near <= 3 and isinstance(first, str) and first.lower() in BATCH:
            return Label(Span(file.path, comment.start, comment.end), "the comment says that axis 0 is the batch")
    return None


def named(model: Model, record: InputRecord) -> Label | None:
    """`batch_size = x.size(0)`, `b, c, h, w = x.shape`, `N, T = x.shape[:2]`"""
    file = model.file
    if file is None or file.path != record.span.path:
        return None
    name, body = re.escape(record.name), block_of(file, record.span)
    one, all_of_them = rf"{name}\.(?:size\(0\)|shape\[0\])", rf"{name}\.(?:size\(\)|shape)(?:\[0?:-?\d+\])?"
    found = re.search(
        rf"^[ \t]*(?:{_NAMES})\s*(?:=\s*{one}|,[^=\n]*=\s*{all_of_them}\s*$)",
        body,
        re.IGNORECASE | re.MULTILINE,
    )
    if found is None:
        return None
    text = found[0].strip()
    start = file.lines.text.find(text, record.span.start)
    return Label(Span(record.span.path, start, start + len(text)), "axis 0 is called the batch here")


def read_as_batch(model: Model, entry: Node) -> Label | None:
    """The layer that reads the first axis of an entry as the batch, and so gave it its form."""
    record, takers = record_of(model, entry), readers(model, entry)
    if record is None or record.source != "first layer" or not takers:
        return None
    return Label(place(takers[0]), f"{name_of(takers[0])} reads axis 0 as the batch here")


def scored(model: Model, tensor: Tensor, axis: int) -> Label | None:
    """The cross-entropy that takes an axis of the tensor for the samples: `criterion(self.fc(out[:, -1]), y)`."""
    mine = [a.ident for a in (tensor.axes or ())[axis]]
    for loss in judged(model) if model.framework == "torch" else ():
        samples = (loss.scores.axes or ((),))[0]
        if loss.expects in ("class scores", "log-probabilities") and mine and [a.ident for a in samples] == mine:
            return Label(
                loss.span, f"{loss.loss} takes this axis for the samples: it reads {show_shape(loss.scores.shape)}"
            )
    return None

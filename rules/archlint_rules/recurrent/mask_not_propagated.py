"""ARC312: a padding mask that a layer on the way drops."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.flow import place
from archlint_rules.wording import name_of, op_name

_DROPS = frozenset(
    ["Conv1D", "SeparableConv1D", "DepthwiseConv1D", "Conv1DTranspose", "Permute", "MaxPooling1D", "AveragePooling1D",
     "UpSampling1D", "ZeroPadding1D", "Cropping1D", "Reshape"]
)  # fmt: skip
"""Layers whose output is still a sequence, with `supports_masking` False in Keras 2 and 3."""

_HANDS_ON = frozenset(
    ["Dense", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Activation", "ReLU",
     "LeakyReLU", "PReLU", "ELU", "Softmax", "BatchNormalization", "LayerNormalization", "ActivityRegularization"]
)  # fmt: skip

_READS = frozenset(["LSTM", "GRU", "SimpleRNN", "ConvLSTM1D"])
"""Layers that leave padded steps out where they get a mask."""


@rule("ARC312", "mask-not-propagated", severity="warning", confidence="likely", category="recurrent")
def mask_not_propagated(model: Model) -> Iterator[Finding]:
    """From what makes a mask to the layer that drops it, and on to one that would have read it."""
    if model.framework != "keras":
        return
    for source in model.nodes:
        if makes_mask(source):
            for dropping in carriers(model, source, _DROPS):
                reader = next(iter(carriers(model, dropping, _READS, _DROPS)), None)
                if reader is not None:
                    yield finding(source, dropping, reader)


def makes_mask(node: Node) -> bool:
    """Does a mask come out of the layer?"""
    return node.op == "keras.layers.Masking" or (
        node.op == "keras.layers.Embedding" and node.args.get("mask_zero") is True
    )


def carriers(model: Model, source: Node, wanted: frozenset[str], also: frozenset[str] = frozenset()) -> Iterator[Node]:
    """The wanted layers that the output of `source` reaches through layers of one input that hand masks on."""
    todo, seen = [source], {source.id}
    while todo:
        for user in model.graph.consumers(todo.pop().id):
            if user.id in seen or not user.op.startswith("keras.layers.") or not beside(source, user):
                continue
            seen.add(user.id)
            name = op_name(user)
            if user.args.get("wrapper") == "keras.layers.TimeDistributed":
                continue
            if name in wanted:
                yield user
            elif name in _HANDS_ON or name in also:
                todo.append(user)


def beside(source: Node, user: Node) -> bool:
    """Is it a layer of the same model, not one inside a user's layer, which may hand the mask on itself?"""
    same = user.root == source.root and user.path.count(".") == source.path.count(".")
    return same and len(user.inputs) == 1


def finding(source: Node, dropping: Node, reader: Node) -> Finding:
    made = "mask_zero=True" if op_name(source) == "Embedding" else "Masking"
    return Finding(
        place(dropping),
        f"{name_of(dropping)} ({op_name(dropping)}) drops the padding mask of {name_of(source)}: "
        f"{name_of(reader)} takes padded steps for data",
        label="hands no mask on",
        related=(
            Label(place(source), f"{made} makes the mask here"),
            Label(place(reader), f"{name_of(reader)} would leave masked steps out"),
        ),
        help=f"take {op_name(dropping)} out of the way, or hand the mask to the call: "
        f"{name_of(reader).strip('`')}(x, mask=…)",
        layer=dropping.path,
    )

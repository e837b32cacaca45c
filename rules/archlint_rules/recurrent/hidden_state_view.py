"""ARC306: a state `(layers * directions, N, H)` reshaped as if the batch stood in front."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import (
    Edit,
    Finding,
    Label,
    Model,
    Node,
    Span,
    needs_transposition,
    proven_different,
    proven_equal,
    rule,
    show,
    symbols,
)  # fmt: skip
from archlint_rules.flow import place, text_of
from archlint_rules.recurrent.states import state_behind
from archlint_rules.wording import caret, input_shape, name_of, output_shape


@rule("ARC306", "hidden-state-view", severity="warning", category="recurrent", fix="unsafe")
def hidden_state_view(model: Model) -> Iterator[Finding]:
    """The final states of torch's recurrent layers have the layers first, also with batch_first=True."""
    seen: set[object] = set()
    for node in model.family("reshape", "flatten") if model.framework == "torch" else ():
        rnn = mixes_samples(model, node)
        if rnn is not None and place(node) not in seen:
            seen.add(place(node))
            yield finding(model, node, rnn)


def mixes_samples(model: Model, node: Node) -> Node | None:
    """The recurrent layer whose states a reshape puts the batch in front of, in memory order."""
    if not node.inputs or node.faults:
        return None
    before, after = node.inputs[0].shape, node.output.shape
    rnn = state_behind(model, node.inputs[0])
    if rnn is None or before is None or after is None or len(before) != 3 or len(after) < 2:
        return None
    layers, batch, units = before
    if not (isinstance(layers, int) and layers > 1) or not proven_equal(after[0], batch):
        return None
    if symbols(batch):
        return rnn if needs_transposition(before, after) is not None else None
    # numbers: (2, 16, 8) as (16, …) takes rows of two samples, unless 16 are the units of two layers
    split = isinstance(batch, int) and batch > 1 and batch % layers == 0 and proven_different(batch, layers)
    return rnn if split and isinstance(units, int) and proven_different(layers * units, batch) else None


def finding(model: Model, node: Node, rnn: Node) -> Finding:
    before = node.inputs[0].shape
    assert before is not None
    first = " even with batch_first=True" if rnn.args.get("batch_first") is True else ""
    both = rnn.args.get("bidirectional") is True
    also = "; torch.cat([h[-2], h[-1]], 1) for the two directions of the last layer" if both else "; h[-1] for the last"
    return Finding(
        caret(node),
        f"{name_of(node)} makes {output_shape(node)} of the states {input_shape(node)} in memory order: a row then "
        f"holds several samples",
        label=f"the batch of {show(before[1])} is axis 1, not axis 0",
        related=(Label(place(rnn), f"the states of {name_of(rnn)} have the {before[0]} layers first{first}"),),
        help=f"transpose(0, 1) first, then reshape(N, -1){also}",
        layer=rnn.path,
        edits=transposed(model, node),
    )


def transposed(model: Model, node: Node) -> tuple[Edit, ...]:
    """`h.view(n, -1)` as `h.transpose(0, 1).reshape(n, -1)`."""
    found = re.match(r"[\w.]+?\.(view|reshape)\(", text_of(model.file, node.span))
    if found is None:
        return ()
    start = node.span.start + found.start(1)
    return (Edit(Span(node.span.path, start, start + len(found[1])), "transpose(0, 1).reshape"),)

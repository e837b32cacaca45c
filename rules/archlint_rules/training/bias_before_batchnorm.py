"""ARC507: biases that the batch normalisation behind them takes away again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Label, Model, Node, Size, Span, activation, product, rule
from archlint_rules.amounts import number
from archlint_rules.flow import place, text_of
from archlint_rules.training.batch_norms import batch_norms, channels
from archlint_rules.wording import count, name_of

_SHOWN = 4


@rule("ARC507", "bias-before-batchnorm", severity="info", category="training", default=False, fix="unsafe")
def bias_before_batchnorm(model: Model) -> Iterator[Finding]:
    """Layers with a bias whose output goes into a batch normalisation and nowhere else, in one finding."""
    found: dict[int | None, tuple[Node, Node]] = {}
    for norm in batch_norms(model):
        made = model.graph[norm.inputs[0].node] if norm.inputs[0].node >= 0 else None
        if made is not None and cancelled(model, made, norm):
            found.setdefault(made.layer, (made, norm))
    if found:
        yield finding(model, list(found.values()))


def cancelled(model: Model, made: Node, norm: Node) -> bool:
    """Does the normalisation subtract the bias, and put a shift of its own in its place?"""
    if bias_argument(made) is None or activation(made) != "linear" or norm.args.get("momentum", 0) is None:
        return False
    if any(norm.args.get(name, True) is not True for name in ("affine", "track_running_stats", "center", "trainable")):
        return False
    applied = [n for n in model.nodes if n.layer is not None and n.layer == made.layer]
    takers = [t for n in applied or [made] for t in model.graph.consumers(n.id)]
    if not all(t.layer == norm.layer and t.layer is not None for t in takers):
        return False
    axes, axis = made.output.axes, channels(norm)
    if axes is None or axis is None:
        return False
    return [a.role for a in axes[axis]] in (["channel"], ["features"])


def bias_argument(node: Node) -> str | None:
    """The argument that gives the layer a bias, None if it has none."""
    if node.family not in ("conv", "conv_transpose", "dense"):
        return None
    name = "bias" if node.op.startswith("torch.nn.") else "use_bias" if node.op.startswith("keras.layers.") else ""
    return name if node.args.get(name) is True else None


def finding(model: Model, found: list[tuple[Node, Node]]) -> Finding:
    first, norm = found[0]
    arg = bias_argument(first)
    total: Size = 0
    for node, _ in found:
        size = width(node)
        total = total + size if isinstance(total, int) and isinstance(size, int) else None
    many = f"{number(total)} biases" if total is not None else "biases"
    what = f"{name_of(first)} has" if len(found) == 1 else f"{count(len(found), 'layer')} have"
    places = {place(n): n for n, _ in reversed(found)}
    others = tuple(Label(at, f"so has {name_of(n)}") for at, n in [*reversed(places.items())][1:_SHOWN])
    by = name_of(norm) if len(found) == 1 else "the batch normalisation behind"
    return Finding(
        place(first),
        f"{what} {many} that {by} subtracts again: it takes the mean away, and adds a shift of its own",
        related=(Label(place(norm), f"{name_of(norm)} takes its output here"), *others),
        help=f"{arg}=False; the keys of saved weights change with it",
        layer=first.path,
        edits=tuple(edit for node in reversed(places.values()) for edit in without_bias(model, node)),
    )


def width(node: Node) -> Size:
    """How many biases it has: one for each output channel."""
    axes, shape = node.output.axes, node.output.shape
    if axes is None or shape is None:
        return None
    return product([shape[i] for i, a in enumerate(axes) if [x.role for x in a] in (["channel"], ["features"])])


def without_bias(model: Model, node: Node) -> Iterator[Edit]:
    """`nn.Conv2d(3, 8, 3)` becomes `nn.Conv2d(3, 8, 3, bias=False)`."""
    arg, made = bias_argument(node), place(node)
    stated = node.arg_spans.get(arg or "")
    text = text_of(model.file, made)
    if stated is not None:
        written = text_of(model.file, stated)
        if written.endswith("True"):
            yield Edit(Span(stated.path, stated.end - 4, stated.end), "False")
    elif re.match(r"[\w.]+\((?!\*)", text) and text.endswith(")") and not re.search(r"#|\*\w|\)\(", text):
        at = made.start + len(text[:-1].rstrip().rstrip(","))
        yield Edit(Span(made.path, at, at), f", {arg}=False")

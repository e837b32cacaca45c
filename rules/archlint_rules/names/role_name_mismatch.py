"""A layer called the output that other layers follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, rule, show_shape
from archlint_rules.flow import bound_names, followers, place, weighted
from archlint_rules.names.written import renamed
from archlint_rules.wording import name_of

_OUTPUT = re.compile(r"output|output_layer|out_layer|logits|classifier|head")


@rule("ARC704", "role-name-mismatch", severity="info", confidence="hint", category="names", default=False, fix="unsafe")
def role_name_mismatch(model: Model) -> Iterator[Finding]:
    for node in model.nodes:
        if not weighted(node) or node.id in model.outputs:
            continue
        after = followers(model, node)
        named = next((n for n in names_of(model, node) if _OUTPUT.fullmatch(n[0])), None)
        if named is not None and after and applied_once(model, node):
            yield finding(model, node, named, after)


def names_of(model: Model, node: Node) -> Iterator[tuple[str, Span]]:
    """Variables bound once in the model, and the layer's own name."""
    for name, span in bound_names(model, node):
        if sum(name == other for n in model.nodes for other, _ in n.names) == 1:
            yield name, span
    yield node.path.rpartition(".")[2], place(node)


def applied_once(model: Model, node: Node) -> bool:
    """A head applied to several maps in turn is followed by its own next call."""
    return node.layer is None or sum(n.layer == node.layer for n in model.nodes) == 1


def finding(model: Model, node: Node, named: tuple[str, Span], after: list[Node]) -> Finding:
    name, span = named
    follow = f"{len(after)} more weighted layers follow" if len(after) > 1 else "1 more weighted layer follows"
    return Finding(
        span,
        f"`{name}` is not the output: {follow}",
        label=f"holds {show_shape(node.output.shape)}",
        related=(Label(place(after[-1]), f"{name_of(after[-1])} comes last"),),
        help="name it after what it holds, for instance hidden or features",
        layer=node.path,
        edits=renamed(model.file, span, name, "hidden") if model.file is not None else (),
    )

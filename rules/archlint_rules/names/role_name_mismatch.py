"""A layer called the output that other layers follow."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Span, rule, show_shape
from archlint_rules.flow import bound_names, followers, place, weighted
from archlint_rules.names.written import renamed
from archlint_rules.wording import name_of

_OUTPUT = re.compile(r"output|output_layer|out_layer|logits|classifier|head")


@rule("ARC704", "role-name-mismatch", severity="info", confidence="hint", category="names", default=False, fix="unsafe")
def role_name_mismatch(model: Model) -> Iterator[Finding]:
    bound = Counter(name for n in model.nodes for name, _ in n.names)
    once = {name for name, count in bound.items() if count == 1 and _OUTPUT.fullmatch(name)}
    holding = [n for n in model.nodes if any(name in once for name, _ in n.names)]
    for node in model.nodes:
        if not weighted(node) or node.id in model.outputs:
            continue
        named = next((n for n in names_of(model, node, holding, once)), None)
        after = followers(model, node) if named is not None else []
        if named is not None and after and applied_once(model, node):
            yield finding(model, node, named, after)


def names_of(model: Model, node: Node, holding: list[Node], once: set[str]) -> Iterator[tuple[str, Span]]:
    """Names of an output: variables bound once in the model, and the layer's own name."""
    if any(n is node or n.args.get("by") == node.id or n.path.startswith(f"{node.path}/") for n in holding):
        yield from ((name, span) for name, span in bound_names(model, node) if name in once)
    own = node.path.rpartition(".")[2]
    if _OUTPUT.fullmatch(own):
        yield own, place(node)


def applied_once(model: Model, node: Node) -> bool:
    """A head applied to several maps in turn is followed by its own next call."""
    return node.layer is None or model.graph.applications(node.layer) == 1


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

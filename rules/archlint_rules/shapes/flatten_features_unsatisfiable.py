"""ARC105: `in_features` that no height and width of the input can give."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, proven_different, rule, symbols, unsatisfiable
from archlint_rules.shapes.flattened import flattening, sized_by_input
from archlint_rules.wording import caret, causes, factors, name_of, op_name, size_text


@rule("ARC105", "flatten-features-unsatisfiable", severity="error", category="shapes")
def flatten_features_unsatisfiable(model: Model) -> Iterator[Finding]:
    """Linear layers after a flatten, in models whose input size is open."""
    seen: set[object] = set()
    for node in model.family("dense"):
        declared, flatten = node.args.get("in_features"), flattening(model, node)
        if not isinstance(declared, int) or flatten is None or not sized_by_input(model, node):
            continue
        span = caret(node, "in_features")
        parts = factors(model, node.inputs[0], -1)
        reason = impossible(node, flatten, declared, parts)
        if not reason or (span, node.made_at) in seen:
            continue
        seen.add((span, node.made_at))
        yield Finding(
            span,
            f"{name_of(node)}: in_features={declared} cannot come from any input size: {reason}",
            label=f"{declared} declared",
            related=causes(model, node, span, -1),
            help=way_out(node, parts),
            layer=node.path,
        )


def impossible(node: Node, flatten: Node, declared: int, parts: str) -> str:
    """Why no input gives the declared number; "" if one does, or if it cannot be told."""
    features = node.inputs[0].features
    gives = f"`{op_name(flatten)}` gives {parts or size_text(features)}"
    if isinstance(features, int):
        return "" if features == declared else f"{gives}{f' = {features}' if parts else ''} for every input"
    if features is None or any(v.origin != "input" for v in symbols(features)):
        return ""
    reason = unsatisfiable(features, declared)
    if reason is None and not proven_different(features, declared):
        return ""
    return reason or gives


def way_out(node: Node, parts: str) -> str:
    """What to write instead."""
    features = node.inputs[0].features
    if isinstance(features, int):
        return f"set in_features={features}"
    return f"in_features is {parts or size_text(features)} for the height and width in use"

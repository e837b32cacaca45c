"""Two layers of one name where the framework wants each name once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Finding, Label, Model, Node, Span, rule
from archlint_rules.flow import place, text_of
from archlint_rules.wiring.scopes import may_reuse, variables

_TEXT = re.compile(r"[\"'][\w./-]+[\"']")


@rule("ARC614", "duplicate-layer-name", severity="error", category="wiring", fix="unsafe")
def duplicate_layer_name(model: Model) -> Iterator[Finding]:
    for name, nodes in (*of_keras(model), *of_scopes(model)):
        yield finding(model, name, nodes)


def of_keras(model: Model) -> Iterator[tuple[str, list[Node]]]:
    """Layers of a functional model or a Sequential with a stated name."""
    if model.framework != "keras" or model.returned is None:
        return
    found: dict[str, dict[int, Node]] = {}
    for node in model.nodes:
        named = node.args.get("name")
        named = network(node) if named is None else named
        if node.layer is None or node.root is not None or node.branch:
            continue
        if isinstance(named, str) and node.op.startswith("keras."):
            found.setdefault(named, {}).setdefault(node.layer, node)
    yield from ((name, list(nodes.values())) for name, nodes in found.items() if len(nodes) > 1)


def network(node: Node) -> str | None:
    """A network of `keras.applications` is named after its class, so that two of `VGG16()` have the same name."""
    name = node.op.rpartition(".")[2]
    if not node.op.startswith("keras.applications.") or "name" in node.given or node.span == node.made_at:
        return None
    return None if name in ("MobileNet", "MobileNetV2") else name  # their names have the size in it


def of_scopes(model: Model) -> Iterator[tuple[str, list[Node]]]:
    """Layers of TF-slim whose variables have the same names, where nothing speaks of reuse."""
    if model.file is None or may_reuse(model.file):
        return
    for path, nodes in variables(model).items():
        if len(nodes) > 1:
            yield path, nodes


def finding(model: Model, name: str, nodes: list[Node]) -> Finding:
    second, scoped = nodes[1], nodes[0].layer == nodes[1].layer
    key = "scope" if "scope" in second.arg_spans else "name"
    span = second.arg_spans.get(key) or place(second)
    told = (
        f'variable scope "{name}" is used by {len(nodes)} layers: TensorFlow raises "Variable {name}/… already exists"'
        if scoped
        else f"{len(nodes)} networks made by {name}() have the same name: Keras wants each name once in a model"
        if network(second) == name
        else f'{len(nodes)} layers have the name "{name}": Keras wants each name once in a model'
    )
    return Finding(
        span,
        told,
        label="taken already",
        related=(Label(nodes[0].arg_spans.get(key) or place(nodes[0]), "the first of that name"),),
        help="give each layer a name of its own" + (", or state reuse=True to share the variables" if scoped else ""),
        edits=tuple(edits(model, nodes, key)),
    )


def edits(model: Model, nodes: list[Node], key: str) -> Iterator[Edit]:
    """`"fc"` becomes `"fc_2"`, where the source has the name as text."""
    for number, node in enumerate(nodes[1:], 2):
        span = node.arg_spans.get(key)
        if span is None or any(span == n.arg_spans.get(key) for n in nodes if n is not node):
            return
        written = text_of(model.file, span)
        _, _, value = written.rpartition("=")
        if _TEXT.fullmatch(value.strip()):
            at = Span(span.path, span.end - 1, span.end - 1)
            yield Edit(at, f"_{number}")

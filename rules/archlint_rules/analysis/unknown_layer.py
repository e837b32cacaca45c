"""ARC003: a layer of a framework that archlint has no declaration of."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, rule
from archlint_rules.flow import descendants, place
from archlint_rules.wording import count

REASON = "external: "
LAYERS = ("torch.nn.", "torchvision.ops.", "keras.layers.", "tensorflow.", "tf_keras.layers.", "tf_slim.")


@rule("ARC003", "unknown-layer", severity="info", category="analysis")
def unknown_layer(model: Model) -> Iterator[Finding]:
    """Each name once per model, at its first application."""
    nodes: dict[str, list[Node]] = {}
    for node in model.nodes:
        name = node.unknown.removeprefix(REASON)
        if node.unknown.startswith(REASON) and is_layer(name):
            nodes.setdefault(name, []).append(node)
    for name, found in nodes.items():
        yield finding(model, name, found)


def is_layer(name: str) -> bool:
    """Of a framework, and no attribute of a class: `ResNet.conv1` of a base class that is not at hand."""
    return name.startswith(LAYERS) and not any(part[:1].isupper() for part in name.split(".")[:-1])


def finding(model: Model, name: str, nodes: list[Node]) -> Finding:
    after = {n.id: n for node in nodes for n in descendants(model, node) if n.family != "join"}
    dark = [n for n in after.values() if n.output.shape is None or None in n.output.shape]
    return Finding(
        place(nodes[0]),
        f"archlint does not know `{name}`: what it makes is unknown",
        label="not checked, nor what depends on its shape",
        related=tuple(Label(place(node), "also here") for node in nodes[1:2]),
        help="if it is a layer of the framework, report it to archlint; misspelled names end here too",
        notes=(f"sizes of {count(len(dark), 'layer')} behind it are unknown as well",) if dark else (),
        layer=nodes[0].path,
    )

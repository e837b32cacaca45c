"""ARC513: initial weights of the wrong size for the activation behind them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, activation, layer_counts, rule
from archlint_rules.flow import place, text_of
from archlint_rules.training.initialised import Initial, of_torch, stated
from archlint_rules.wording import name_of

_HE = re.compile(r"(he|kaiming)_?(normal|uniform)_?", re.IGNORECASE)
_GLOROT = re.compile(r"(glorot|xavier)_?(normal|uniform)_?", re.IGNORECASE)
_NORMAL = re.compile(r"normal_|random_?normal(_initializer)?", re.IGNORECASE)
_ONE = re.compile(
    r"(?:[\w.]+, *)?(?:mean *= *)?0?\.?0*, *(?:std(?:dev)? *= *)?1(?:\.0*)?|(?:[\w.]+, *)?std(?:dev)?=1(?:\.0*)?"
)


@rule("ARC513", "init-activation-mismatch", severity="info", confidence="hint", category="training", default=False)
def init_activation_mismatch(model: Model, *, deep: int = 10, wide: int = 100) -> Iterator[Finding]:
    """He before tanh or sigmoid, Glorot before ReLU in more than `deep` layers, a deviation of 1 for `wide` inputs."""
    torch = of_torch(model)
    layers = next((c.count or 0 for c in layer_counts(model) if c.name == "depth"), 0)
    for node in model.family("dense", "conv"):
        initial = chosen(node, torch)
        bent = behind(model, node)
        if initial is None or bent is None:
            continue
        reads = fan_in(node)
        if _HE.fullmatch(initial.function) and bent[0] in ("tanh", "sigmoid") and for_relu(model, initial):
            why = f"is made for ReLU: it gives {bent[0]} inputs with a standard deviation of {math.sqrt(2):.2f}"
            yield finding(node, initial, bent, why, "glorot_uniform, xavier_uniform_ are made for it")
        elif _GLOROT.fullmatch(initial.function) and bent[0] == "relu" and layers > deep:
            why = f"is not made for relu, which halves the squares: in {layers} layers they shrink to 1/{2**layers:,}"
            yield finding(node, initial, bent, why, "he_normal, kaiming_normal_ are made for it")
        elif reads is not None and reads >= wide and unit_deviation(model, initial):
            why = f"adds {reads} values of deviation 1: {bent[0]} gets a standard deviation of {math.sqrt(reads):.0f}"
            yield finding(node, initial, bent, why, f"a deviation near 1/sqrt({reads}) keeps the size of the values")


def chosen(node: Node, torch: dict[tuple[int, str], Initial]) -> Initial | None:
    """The initialiser that the source states for the weights."""
    own = torch.get((node.layer, "weight")) if node.layer is not None else None
    return own or stated(node, "kernel_initializer") or stated(node, "weights_initializer")


def behind(model: Model, node: Node) -> tuple[str, Node] | None:
    """The activation that the layer's output goes into, and nowhere else, with nothing between."""
    own = activation(node)
    if own is not None and own != "linear":
        return own, node
    after = model.graph.consumers(node.id)
    kind = activation(after[0]) if len(after) == 1 and after[0].family == "activation" else None
    return (kind, after[0]) if kind is not None else None


def fan_in(node: Node) -> int | None:
    """How many values a unit of a dense layer reads."""
    reads = node.inputs[0].features if node.family == "dense" and node.inputs else None
    return reads if isinstance(reads, int) else None


def for_relu(model: Model, initial: Initial) -> bool:
    """Is it not told which activation comes, as in `kaiming_normal_(w, nonlinearity="tanh")`?"""
    keywords = initial.call.keywords if initial.call is not None else {}
    said = text_of(model.file, keywords["nonlinearity"][1]) if "nonlinearity" in keywords else "relu"
    return "relu" in said and (initial.call is None or len(initial.call.positional) < 2)


def unit_deviation(model: Model, initial: Initial) -> bool:
    """Is the standard deviation of a normal distribution 1: `normal_(w)`, `RandomNormal(stddev=1.0)`?"""
    if not _NORMAL.fullmatch(initial.function):
        return False
    text = text_of(model.file, initial.span)
    inside = text[text.find("(") + 1 : -1] if "(" in text else ""
    by_default = initial.function == "normal_" and initial.call is not None and "," not in inside
    return by_default or _ONE.fullmatch(inside) is not None


def finding(node: Node, initial: Initial, bent: tuple[str, Node], why: str, way_out: str) -> Finding:
    at = place(bent[1])
    return Finding(
        initial.span,
        f"{initial.function.rstrip('_')} of {name_of(node)} {why}",
        related=(Label(at, f"{bent[0]} takes the output"),) if bent[1] is not node else (),
        help=way_out,
        layer=node.path,
    )

"""ARC512: weights that start as one number and cannot become different."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, Finding, Label, Model, Node, Span, activation, filters, rule
from archlint_rules.flow import consumers, place, text_of
from archlint_rules.training.initialised import Initial, constant, of_torch, stated
from archlint_rules.wording import name_of

_ARGS = ("kernel_initializer", "weights_initializer")
_BIASES = {"bias_initializer": "use_bias", "biases_initializer": ""}


@rule("ARC512", "constant-weight-init", severity="warning", category="training", fix="unsafe")
def constant_weight_init(model: Model) -> Iterator[Finding]:
    """Zeros before a ReLU, where no gradient comes back; constants in two layers, one behind the other."""
    torch = of_torch(model)
    filled = {n.id: found for n in model.family("dense", "conv") if (found := weights(model, n, torch)) is not None}
    seen: set[Span] = set()
    for number, (value, initial) in filled.items():
        node = model.graph[number]
        if initial.span in seen or not plain(node) or not even(model, node, torch, zero=value == 0):
            continue
        after = consumers(model, node, ("activation", "identity", "flatten", "pool"))
        if value == 0 and even(model, node, torch, zero=True) and rectified(model, node):
            seen.add(initial.span)
            yield dead(model, node, initial)
        elif after and all(n.id in filled and plain(n) for n in after):
            seen.add(initial.span)
            yield alike(model, node, value, initial, filled[after[0].id][1], after[0])


def weights(model: Model, node: Node, torch: dict[tuple[int, str], Initial]) -> tuple[float, Initial] | None:
    """The number that all weights of a layer start as, and where that is said."""
    own = torch.get((node.layer, "weight")) if node.layer is not None else None
    initial = own or next((i for arg in _ARGS if (i := stated(node, arg)) is not None), None)
    value = constant(model, initial) if initial is not None else None
    return (value, initial) if initial is not None and value is not None else None


def plain(node: Node) -> bool:
    """Do all units read the same values, and learn?"""
    if node.args.get("groups", 1) != 1 or "epthwise" in node.op or "eparable" in node.op:
        return False
    return node.args.get("trainable", True) is True


def even(model: Model, node: Node, torch: dict[tuple[int, str], Initial], zero: bool) -> bool:
    """Do the biases not tell the units apart; are they all 0?"""
    if node.op.startswith("torch."):
        if node.args.get("bias") is False:
            return True
        initial = torch.get((node.layer, "bias")) if node.layer is not None else None
        value = constant(model, initial) if initial is not None else None
        return value is not None and (value == 0 or not zero)
    for arg, switch in _BIASES.items():
        if arg in node.args and node.args.get(switch, True) is not False and node.args[arg] is not None:
            initial = stated(node, arg)
            if initial is not None or arg in node.given:
                value = constant(model, initial) if initial is not None else None
                return value is not None and (value == 0 or not zero)
    return True


def rectified(model: Model, node: Node) -> bool:
    """Does a ReLU take the output, and nothing else?"""
    own = activation(node)
    after = model.graph.consumers(node.id)
    if own != "linear":
        return own == "relu"
    return bool(after) and all(n.family == "activation" and activation(n) == "relu" for n in after)


def units(node: Node) -> str:
    """`its 64 units`."""
    many = filters(node) if node.family == "conv" else node.output.features
    return f"all {many} units" if isinstance(many, int) else "all units"


def dead(model: Model, node: Node, initial: Initial) -> Finding:
    return Finding(
        initial.span,
        f"{units(node)} of {name_of(node)} give 0 for every input, and ReLU passes no gradient back at 0: "
        "they never learn",
        related=(Label(place(node), "the layer"),) if place(node).path != initial.span.path else (),
        help="leave the initialiser at its default, or take a random one: he_normal, kaiming_normal_",
        layer=node.path,
        edits=random(model, initial, "he_normal"),
    )


def alike(model: Model, node: Node, value: float, initial: Initial, other: Initial, after: Node) -> Finding:
    return Finding(
        initial.span,
        f"{units(node)} of {name_of(node)} start as {value:g} and {name_of(after)} does not tell them apart: "
        "they get equal gradients and stay equal",
        related=(Label(other.span, f"{name_of(after)} starts as one number here"),)
        if other.span != initial.span
        else (),
        help="leave the initialisers at their defaults, or take random ones",
        layer=node.path,
        edits=random(model, initial, "glorot_uniform"),
    )


def random(model: Model, initial: Initial, name: str) -> tuple[Edit, ...]:
    """A random initialiser of Keras where a constant one is named in quotes."""
    text = text_of(model.file, initial.span)
    return (Edit(initial.span, f'"{name}"'),) if text[:1] in ("'", '"') else ()

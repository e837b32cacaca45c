"""A Flatten that folds all time steps into one vector, a Dense over it, and a Reshape that cuts the steps out again."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, Node, Size, product, proven_equal, rule, show, show_shape
from archlint_rules.amounts import number
from archlint_rules.flow import PASSIVE, ancestors, consumers, place
from archlint_rules.wording import name_of


@rule(
    "ARC204", "flatten-before-timestep-dense", severity="warning", confidence="likely", category="axes"
)  # fmt: skip
def flatten_before_timestep_dense(model: Model) -> Iterator[Finding]:
    for flat in model.family("flatten", "reshape"):
        steps = folded_steps(model, flat)
        if steps is None:
            continue
        for dense in consumers(model, flat, PASSIVE):
            for back in consumers(model, dense, PASSIVE) if dense.family == "dense" else ():
                units = cut_out_again(dense, back, steps)
                if units is not None:
                    yield finding(flat, dense, back, steps, units)


def folded_steps(model: Model, flat: Node) -> int | None:
    """Number of time steps that a flatten folds into the features: `(N, T, F)` becomes `(N, T*F)`."""
    if len(flat.inputs) != 1:
        return None
    before, after = flat.inputs[0], flat.output.shape
    if before.shape is None or after is None or len(before.shape) != 3 or len(after) != 2:
        return None
    batch, steps, features = before.shape
    if not isinstance(steps, int) or steps < 2:
        return None
    if not proven_equal(after[0], batch) or not proven_equal(after[1], product((steps, features))):
        return None
    role = [a.role for a in before.axes[1]] if before.axes else []
    sequence = role == ["time"] or (
        "channel" not in role and any(n.family in ("recurrent", "embedding") for n in ancestors(model, flat))
    )
    return steps if sequence else None


def cut_out_again(dense: Node, back: Node, steps: int) -> Size:
    """Features per step where `back` cuts the steps out of the Dense's output: `(N, T*U)` becomes `(N, T, U)`."""
    before, after = dense.output.shape, back.output.shape
    if back.family != "reshape" or before is None or after is None or len(before) != 2 or len(after) != 3:
        return None
    whole = proven_equal(before[1], product(after[1:]))
    return after[2] if whole and proven_equal(after[1], steps) and proven_equal(after[0], before[0]) else None


def finding(flat: Node, dense: Node, back: Node, steps: int, units: Size) -> Finding:
    features = flat.inputs[0].features
    bias = dense.args.get("use_bias", dense.args.get("bias", True)) is not False
    apart = product((units, features if not bias or features is None else features + 1))
    own = product((steps, apart))
    einsum = f": EinsumDense('btf,tfu->btu', output_shape=({steps}, {show(units)}), bias_axes='tu')"
    einsum = einsum if dense.op.startswith("keras.") else ""
    much = f"{number(dense.out.params)} parameters instead of {number(apart)}"
    return Finding(
        place(dense),
        f"{name_of(dense)} mixes all {steps} time steps: {much} for a Dense({show(units)}) on each step",
        label=f"every output reads all {steps} steps",
        related=(
            Label(place(flat), f"{show_shape(flat.inputs[0].shape)} becomes {show_shape(flat.output.shape)} here"),
            Label(place(back), f"the {steps} steps are cut out again here"),
        ),
        help=f"drop the Flatten and the Reshape and use {show(units)} units: a dense layer acts on the last axis",
        notes=(
            f"the length is now fixed: no sequence of other than {steps} steps can pass",
            f"weights of its own for every step, without mixing steps, are {number(own)} parameters{einsum}",
        ),
        layer=dense.path,
    )

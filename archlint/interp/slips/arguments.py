"""Arguments that a layer does not have, or needs and is not given: `Dense(64, activatoin="relu")`, `nn.Linear(64)`."""

from __future__ import annotations

from difflib import get_close_matches

from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.slips import definitions as slips
from archlint.layers.keras.argument_names import NAMES
from archlint.layers.spec import Spec
from archlint.values import Tensor

_ALIKE = 0.75
_UNARY = frozenset(
    ("norm", "flatten", "dropout", "dense", "conv", "conv_transpose", "pool", "global_pool", "recurrent")
)  # fmt: skip


def misspelled(ev: Evaluator, spec: Spec, arguments: Arguments) -> None:
    """A keyword that is none of the layer's, and nearly one of them, which the call does not give."""
    keras = spec.name.startswith("keras.layers.")
    if ev.branches or not (keras or spec.name.startswith(("torch.nn.", "tensorflow.layers.", "tf_slim."))):
        return
    own = spec.plan.by_name
    if spec.plan.double and not keras:
        return
    for name, span in arguments.keyword_spans.items():
        if name in own or (keras and name in NAMES) or name not in arguments.keywords or span == arguments.span:
            continue
        meant = get_close_matches(name, sorted((own | NAMES if spec.plan.double else own) - {"x"}), 1, _ALIKE)
        if meant and meant[0] not in arguments.keywords:
            slips.note(ev, "misspelled argument", span, spec.name, name, meant[0])


def tensor(ev: Evaluator, spec: Spec, arguments: Arguments) -> None:
    """`BatchNormalization(x)` for `BatchNormalization()(x)`: the tensor takes the place of the first setting."""
    if ev.branches or not spec.name.startswith("keras.layers.") or spec.family not in _UNARY:
        return
    first = arguments.positional[0] if arguments.positional else None
    if isinstance(first, Tensor) and ev.node(first.node) is not None and first.shape and spec.plan.positional:
        slips.note(ev, "tensor as setting", arguments.span, spec.name, spec.plan.positional[0], first.shape)


def missing(ev: Evaluator, spec: Spec, arguments: Arguments) -> None:
    """What a constructor cannot do without and is not given; every argument that it is given is one of its own."""
    plan = spec.plan
    if ev.branches or arguments.open or arguments.guessed or spec.kind != "layer" or plan.star:
        return
    if not spec.name.startswith(("keras.layers.", "torch.nn.")) or spec.name.startswith("torch.nn.functional"):
        return
    if arguments.unpacked and ev.session.by_default:
        return  # `nn.Conv2d(width, planes, **kwargs)` of a class that other files build
    if not arguments.keywords.keys() <= plan.by_name | NAMES:
        return
    given = {*plan.positional[: len(arguments.positional)], *arguments.keywords}
    absent = [name for name in plan.required if name not in given]
    if absent and len(arguments.positional) <= len(plan.positional):
        slips.note(ev, "missing argument", arguments.span, spec.name, *absent)

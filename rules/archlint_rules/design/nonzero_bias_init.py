"""ARC856: biases that do not start at zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archlint.rule import Finding, Model, rule
from archlint_rules.flow import WEIGHTED
from archlint_rules.wording import caret, name_of

_ONES = {
    "ones",
    "Ones",
    "one",
    "tensorflow.ones_initializer",
    "tensorflow.initializers.ones",
    "keras.initializers.Ones",
}
_ARGS = ("bias_initializer", "biases_initializer")


@rule("ARC856", "nonzero-bias-init", severity="info", confidence="hint", category="design", default=False)
def nonzero_bias_init(model: Model) -> Iterator[Finding]:
    """Stated initialisers of ones.  The last layer may start at the rate of its classes, an LSTM's gate at 1."""
    weighted = [node for node in model.nodes if node.family in WEIGHTED]
    for node in weighted[:-1]:
        arg = next((a for a in _ARGS if written(node.args.get(a)) in _ONES), "")
        if arg and node.family != "recurrent":
            yield Finding(
                caret(node, arg),
                f"the bias of {name_of(node)} starts at 1",
                help='start biases at zero: `"zeros"`',
                layer=node.path,
            )


def written(value: Any) -> str:
    """The initialiser's name, whether it is a string or an object of the library."""
    return value if isinstance(value, str) else str(getattr(value, "name", ""))

"""Calls that the framework refuses: how they are shown, and the finding that most of their rules give."""

from __future__ import annotations

from archlint.rule import Finding, Model, Node, Span
from archlint_rules.flow import text_of
from archlint_rules.wording import caret, causes, input_shape, name_of

LONGEST = 44
"""Characters of an expression that is quoted in a message."""


def call_name(model: Model, node: Node) -> str:
    """A layer by its name; an operator or a function as it stands in the file: `` `x + self.conv(x)` ``."""
    written = "" if node.path else text_of(model.file, node.span)
    return f"`{written}`" if written and "\n" not in written and len(written) <= LONGEST else name_of(node)


def refused(
    model: Model, node: Node, text: str, *, arg: str = "", at: Span | None = None, way_out: str = ""
) -> Finding:
    """The finding for a call that fails: what is wrong with it, on which input, and where that was made.

    It stands at the argument that is wrong, or `at` a place of the rule's choice.
    """
    span = at or caret(node, arg)
    return Finding(
        span,
        f"{call_name(model, node)}: {text}",
        label=f"gets {input_shape(node)}" if node.inputs else "",
        related=causes(model, node, span),
        help=way_out,
        layer=node.path,
    )

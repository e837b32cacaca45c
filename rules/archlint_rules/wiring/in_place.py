"""How operations in place are named and rewritten: `x += y`, `x.relu_()`, `nn.ReLU(inplace=True)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Edit, Model, Node, Span
from archlint_rules.flow import text_of
from archlint_rules.wording import name_of

_AUGMENTED = re.compile(r"([\w.]+)\s*([-+*/])=\s*(?!=)")


def shown(model: Model, node: Node) -> str:
    """The operation as the user knows it: `` `x += 1` ``, the name of the layer."""
    text = text_of(model.file, node.span)
    return f"`{text}`" if _AUGMENTED.match(text) and len(text) <= 40 and "\n" not in text else name_of(node)


def out_of_place(model: Model, node: Node) -> Iterator[Edit]:
    """The edits that give the result memory of its own."""
    stated = node.arg_spans.get("inplace")
    text = text_of(model.file, stated) if stated is not None else ""
    if stated is not None and re.fullmatch(r"(inplace\s*=\s*)?True", text):
        yield Edit(stated, text.replace("True", "False"))
        return
    whole = text_of(model.file, node.span)
    head = _AUGMENTED.match(whole)
    if head is not None:
        value = whole[head.end() :]
        value = value if head[2] == "+" or re.fullmatch(r"[\w.]+", value) else f"({value})"
        yield Edit(node.span, f"{head[1]} = {head[1]} {head[2]} {value}")
        return
    named = re.match(r"[\w.]*?\w(_)\(", whole)
    if named is not None:
        at = node.span.start + named.start(1)
        yield Edit(Span(node.span.path, at, at + 1), "")

"""ARC501: `F.dropout(x, 0.5)` in a module, which eval() does not switch off."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from archlint.rule import Edit, Finding, Model, Span, rule
from archlint_rules.flow import place, text_of
from archlint_rules.training.dropouts import Dropout, dropouts
from archlint_rules.training.enclosing import Def, around, asked, tested
from archlint_rules.wording import name_of

_ON = frozenset(f"torch.nn.functional.{name}" for name in ("dropout", "dropout1d", "dropout2d", "dropout3d"))
"""Functions whose `training` is True unless told otherwise; that of the alpha dropouts is False."""

_KEPT = re.compile(r"self(\.\w+)+")


@rule("ARC501", "functional-dropout-always-on", severity="warning", category="training", fix="safe")
def functional_dropout_always_on(model: Model) -> Iterator[Finding]:
    """Functional dropouts of a module's forward pass that are not told the mode."""
    seen: set[Span] = set()
    for dropout in dropouts(model):
        node = dropout.node
        if node.op not in _ON or "training" in node.given or node.root is None or node.span in seen:
            continue
        seen.add(node.span)
        places = (node.span, *node.calls)
        if drops(model, dropout) and not (node.branch and (tested(model.file, places) or asked(model.file, places))):
            yield finding(model, dropout)


def drops(model: Model, dropout: Dropout) -> bool:
    """Does it zero values: a number above 0, or what the constructor was given, `self.dropout`?"""
    if dropout.rate is not None:
        return dropout.rate > 0
    stated = dropout.stated
    symbol = getattr(dropout.value, "symbol", None)
    return symbol is not None and stated is not None and _KEPT.fullmatch(text_of(model.file, stated)) is not None


def finding(model: Model, dropout: Dropout) -> Finding:
    node = dropout.node
    share = f"{dropout.rate:.0%} of" if dropout.rate is not None else "part of"
    edits = told(model, dropout)
    return Finding(
        place(node),
        f"{name_of(node)} zeroes {share} the values in eval() too: `training` is True unless it is passed",
        label="training is not stated",
        help="pass training=self.training",
        notes=("a deliberate one, as in Monte-Carlo dropout, says training=True",),
        layer=node.path,
        edits=edits,
        safe=bool(edits),
    )


def told(model: Model, dropout: Dropout) -> tuple[Edit, ...]:
    """`F.dropout(x, 0.5, training=self.training)` where `self` is a module."""
    span = dropout.node.span
    text = text_of(model.file, span)
    nodes = around(model.file, span) or []
    classes = [n.name for n in nodes if isinstance(n, ast.ClassDef)][-1:]
    methods = [n for owner, n in pairwise(nodes) if isinstance(owner, ast.ClassDef) and isinstance(n, Def)]
    given = [a.arg for f in methods[-1:] for a in f.args.args][:1]
    modules = {m.class_name for m in model.modules}
    if given != ["self"] or not modules.issuperset(classes) or not classes or not text.endswith(")") or "#" in text:
        return ()
    inner = text[:-1].rstrip()
    at = span.start + len(inner.rstrip(","))
    return (Edit(Span(span.path, at, at), ", training=self.training"),)

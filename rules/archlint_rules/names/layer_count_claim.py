"""ARC708: a name or docstring that counts layers or parameters otherwise than the model has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, Model, Span, layer_counts, parameters, rule
from archlint_rules.amounts import number
from archlint_rules.names.count_claims import Count, of_name, of_text
from archlint_rules.names.written import parsed
from archlint_rules.wording import count

_LAYERS = ("depth", "weight layers", "applications", "recurrent layers", "framework layers")
_HIDDEN = ("hidden layers",)


@rule("ARC708", "layer-count-claim", severity="info", confidence="hint", category="names", scope="file", default=False)
def layer_count_claim(facts: FileFacts) -> Iterator[Finding]:
    """Classes and functions that build one model each, whose name or docstring agrees with no way of counting."""
    for defined, span in definitions(facts):
        models = [m for m in facts.models if built_by(m, defined, span, facts)]
        if len(models) != 1 or not known(models[0]) or takes_sizes(defined):
            continue
        claims = [("the name", c) for c in of_name(defined.name)]
        claims += [("the docstring", c) for c in of_text(ast.get_docstring(defined) or "")]
        for where, claim in claims:
            counted = contradicted(models[0], claim)
            if counted:
                yield finding(span, where, claim, counted)
                break


def definitions(facts: FileFacts) -> Iterator[tuple[ast.ClassDef | ast.FunctionDef, Span]]:
    """Classes and functions at the top of the file, with the places of their names."""
    file = parsed(facts.lines.text)
    for node in file.tree.body if file is not None else ():
        if file is not None and isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            start = facts.lines.text.index(node.name, file.start(node))
            yield node, Span(facts.path, start, start + len(node.name))


def built_by(model: Model, defined: ast.ClassDef | ast.FunctionDef, name: Span, facts: FileFacts) -> bool:
    """Is it the model of a class or function, whose place is the name or the whole definition?"""
    file = parsed(facts.lines.text)
    starts = (name.start, file.start(defined) if file is not None else -1)
    return model.span.path == name.path and model.span.start in starts


def known(model: Model) -> bool:
    """Are all layers known, and none of them may be what a call of something unknown applies?"""
    return model.complete and not any(n.family in ("other", "model") or n.branch for n in model.nodes)


def takes_sizes(defined: ast.ClassDef | ast.FunctionDef) -> bool:
    """Do parameters choose how many layers there are, or how wide?"""
    made = defined
    if isinstance(defined, ast.ClassDef):
        inits = [n for n in defined.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        if not inits:
            return False
        made = inits[0]
    assert isinstance(made, ast.FunctionDef)
    names = [a.arg for a in (*made.args.posonlyargs, *made.args.args, *made.args.kwonlyargs) if a.arg != "self"]
    chosen = ("layer", "depth", "block", "hidden", "width", "dims", "config", "cfg", "repeat")
    return any(word in name.lower() for name in names for word in chosen) or made.args.kwarg is not None


def contradicted(model: Model, claim: Count) -> str:
    """What is counted instead, each with its convention; "" where the claim is right, or not known."""
    if claim.kind == "parameters":
        owned = parameters(model)
        known = [s for s in (owned.trainable, owned.total) if isinstance(s, int)]
        if len(known) < 2 or any(claim.least <= total <= claim.most for total in known):
            return ""
        return f"{number(owned.trainable)} parameters"
    counts = [c for c in layer_counts(model) if c.name in (*_LAYERS, *_HIDDEN)]
    if not counts or any(c.count is None or c.most != c.count for c in counts):
        return ""
    found = {c.name: c.count for c in counts if c.count is not None}
    kinds = _HIDDEN if claim.kind == "hidden" else _LAYERS
    right = {found[k] for k in kinds if k in found}
    if claim.kind == "hidden":
        right |= {found.get("weight layers", 0) - 1}
    else:
        right |= {n + 1 for n in right} | {n - 1 for n in right}  # the input counted, or the output not
    if not right or claim.least in right:
        return ""
    weighted, hidden = found.get("weight layers", 0), found.get("hidden layers", 0)
    return f"{count(weighted, 'weight layer')}, {hidden} of them hidden on the longest path"


def finding(span: Span, where: str, claim: Count, counted: str) -> Finding:
    return Finding(
        span,
        f'{where} claims "{claim.text}"; counted {counted}',
        help="change the name or the text, or the layers",
        notes=("convolution, fully connected and recurrent layers count, norms do not; the output layer is not hidden",)
        if claim.kind != "parameters"
        else (),
    )

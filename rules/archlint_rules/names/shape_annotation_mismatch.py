"""ARC709: an annotation that states another shape than the code gives."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import FileFacts, Finding, Label, Model, Span, rule, show, show_shape
from archlint_rules.names.annotated_shapes import Letters, Stated, misread, other_rank, pairs, stated_in
from archlint_rules.names.comment_shapes import letters
from archlint_rules.wording import count, produced


@rule("ARC709", "shape-annotation-mismatch", severity="error", category="names", scope="file")
def shape_annotation_mismatch(facts: FileFacts) -> Iterator[Finding]:
    """Each annotation once, where a call of its function gives it a tensor that cannot have the shape it states."""
    said: set[Span] = set()
    for model in facts.models:
        if misread(model):
            continue
        for call in stated_in(model, facts.path).values():
            known = Letters()
            for stated in call:
                known.bind(stated)
                if stated.annotation.span in said:
                    continue
                wrong = [i for i, (entry, size) in enumerate(pairs(stated)) if known.differs(entry, size)]
                if wrong or other_rank(model, stated):
                    said.add(stated.annotation.span)
                    yield finding(model, stated, wrong, known)


def finding(model: Model, stated: Stated, wrong: list[int], known: Letters) -> Finding:
    annotation, tensor = stated.annotation, stated.tensor
    shape = tensor.shape or ()
    entries = pairs(stated)
    used = {name: known.places[name] for i in wrong for name in sorted(letters(entries[i][0])) if name in known.places}
    given = ", ".join(f"{name} = {show(known.sizes[name])}" for name in used)
    label = "; ".join(f"axis {i} is {show(shape[i])}" for i in wrong)
    elsewhere = {place.span for place in used.values() if place.span != annotation.span}
    firsts = sorted(elsewhere, key=lambda span: span.start)
    return Finding(
        annotation.span,
        f'annotation says "{annotation.spec}", inferred {show_shape(shape)}' + (f" with {given}" if given else ""),
        label=label or f"{count(len(stated.entries), 'axis')}, but the value has {len(shape)}",
        related=(
            *produced(model, tensor),
            *(
                Label(s, " and ".join(f"{k} = {show(known.sizes[k])}" for k in used if used[k].span == s))
                for s in firsts
            ),
        ),
        help=advice(stated, wrong, bool(used)),
        notes=("a type checker at run time raises on every call",) if annotation.checked else (),
        layer=stated.node.path,
        severity=None if annotation.checked else "warning",
    )


def advice(stated: Stated, wrong: list[int], lettered: bool) -> str:
    """What to write instead, where only numbers are wrong."""
    parts, shape = stated.annotation.spec.split(), stated.tensor.shape or ()
    if lettered:
        return "a letter is one size in a function: name this axis otherwise, or change what makes it"
    if wrong and len(parts) == len(shape):
        for axis in wrong:
            parts[axis] = "".join(show(shape[axis]).split())
        return f'write "{" ".join(parts)}", or change what makes it'
    return f"name {count(len(shape), 'axis')}" if not wrong else "change the number, or what makes it"

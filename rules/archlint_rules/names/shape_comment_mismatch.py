"""A comment that states another shape than the code gives."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Edit, FileFacts, Finding, Label, Model, Size, Span, rule, show, show_shape
from archlint_rules.flow import place
from archlint_rules.layer_facts import neuron_notes
from archlint_rules.names.comment_checks import Known
from archlint_rules.names.comment_shapes import Rest
from archlint_rules.names.commented_lines import Commented, claims_of, commented
from archlint_rules.wording import name_of


@rule("ARC707", "shape-comment-mismatch", severity="warning", category="names", scope="file", fix="safe")
def shape_comment_mismatch(facts: FileFacts) -> Iterator[Finding]:
    """A comment in a class or helper is wrong only if it is wrong in every model that runs through it."""
    claims = claims_of(facts)
    wrong: dict[int, Finding | None] = {}
    for model in facts.models if claims else ():
        found = sorted(commented(model, facts, claims), key=lambda c: c.claim.start)
        misled: set[int] = set()
        for here in found:
            at = here.claim.start
            said = [c for c in found if c.region == here.region and c.claim.start <= at]
            known = Known(model, [c for c in said if c.claim.start not in misled])  # one that is wrong names no size
            axes = known.contradicted(here)
            if axes:
                misled.add(at)
            if wrong.get(at, here) is None:
                continue
            wrong[at] = (wrong.get(at) or finding(model, here, axes, known)) if axes else None
    yield from (f for f in wrong.values() if f is not None)


def finding(model: Model, here: Commented, wrong: list[int], known: Known) -> Finding:
    claim, node = here.claim, here.nodes[0]
    maker = model.graph[node.args["by"]] if isinstance(node.args.get("by"), int) else node
    shape = tuple(known.sized(s) for s in node.output.shape or ())
    if wrong == [-1]:
        label = f"{len(claim.entries)} axes, but the value has {len(shape)}"
    else:
        label = "; ".join(f"axis {i} is {known.text(claim, node.output, i)}" for i in wrong)
    letters = wrong != [-1] and set(wrong) == set(known.swapped(claim, node.output))
    right = corrected(here, known, shape, wrong)
    inferred = right if letters else show_shape(shape)
    given = ", ".join(f"{k} = {v}" for k, v in known.sizes.items())
    span = Span(node.span.path if model.file is None else model.file.path, claim.start, claim.end)
    return Finding(
        span,
        f"comment says {claim.text}, inferred {inferred}" + (f" with {given}" if given else ""),
        label=label,
        related=(Label(place(maker), f"{name_of(maker)} gives {show_shape(shape)}"),),
        help=f"write {right}",
        notes=(*order_note(here, shape, model), *neuron_notes(model, node)),
        layer=node.path,
        edits=() if "?" in right and "?" not in claim.text else (Edit(span, right),),
        safe=True,
    )


def corrected(here: Commented, known: Known, shape: tuple[Size, ...], wrong: list[int]) -> str:
    """The comment's text with the wrong entries put right, or all of it where the number of axes is wrong."""
    claim = here.claim
    if wrong == [-1]:
        first = claim.text[claim.spans[0][0] - claim.start : claim.spans[0][1] - claim.start]
        sizes = [first, *(show(s) for s in shape[1:])]
        if claim.text[0] not in "([":
            return " x ".join(sizes)
        return claim.text[0] + (", " if "," in claim.text else " x ").join(sizes) + claim.text[-1]
    text, at = claim.text, [i for i, e in enumerate(claim.entries) if isinstance(e, Rest)]
    for axis in reversed(wrong):
        place = axis - len(shape) if at and axis > at[0] else axis - (len(shape) - len(claim.entries) if not at else 0)
        start, end = claim.spans[place]
        text = text[: start - claim.start] + known.text(claim, here.nodes[0].output, axis) + text[end - claim.start :]
    return text


def order_note(here: Commented, shape: tuple[Size, ...], model: Model) -> Iterator[str]:
    """The same sizes in another order: channels come last in Keras and TF-slim."""
    said = [e for e in here.claim.entries[1:] if isinstance(e, int)]
    if (
        model.framework != "torch"
        and len(said) == len(shape) - 1
        and sorted(said) == sorted(s for s in shape[1:] if isinstance(s, int))
    ):
        yield "the sizes are right, their order is not: channels come last unless data_format says otherwise"

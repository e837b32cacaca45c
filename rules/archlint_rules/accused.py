"""Crashes of a model, and which of them another rule tells of: a wrong call, a value that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from archlint.rule import AttributeRecord, Fault, FileFacts, Model, Node, Size, Span, product, proven_equal
from archlint_rules.api.conv_positional_kernel_as_strides import meant_as_kernels
from archlint_rules.axes.concat_on_batch_axis import stacked
from archlint_rules.axes.reshape_merges_batch import merging
from archlint_rules.certainty import entries
from archlint_rules.one_cause import Root, made_by, roots
from archlint_rules.wiring.copy_paste_layer_call import mistaken
from archlint_rules.wiring.layer_call_arity import misgiven
from archlint_rules.wiring.result_never_used import thrown_away
from archlint_rules.wiring.unused_layer import idle_layers

_CRASHES = "crashes"


def crashes(model: Model) -> list[Root]:
    """The crashes that do not follow from others, worked out once for all rules that ask."""
    if not any(node.faults for node in model.nodes):
        return []
    file = model.file
    state = (None, None) if file is None else (file.lines, file.ran)
    known = model.shared.get(_CRASHES, ((), []))
    if len(known[0]) != len(state) or any(a is not b for a, b in zip(known[0], state)):
        known = state, roots(model, partial(told, model, elsewhere(model)))
        model.shared[_CRASHES] = known
    return list(known[1])


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What other rules tell of a model.

    wrong: `accused` layers.  aside: what is `left_aside`.  idle: layers that nothing reads (ARC605).
    misgiven: calls of the model with too many or too few inputs (ARC622).
    """

    wrong: dict[int, Span]
    aside: list[tuple[Span, Node, set[int]]]
    idle: list[AttributeRecord]
    misgiven: list[Span]


def elsewhere(model: Model) -> Elsewhere:
    """What rules tell that run."""
    idle = [layer for _, layer in idle_layers(model)] if tells(model, "ARC605") else []
    calls = misgiven(model.file) if model.file is not None and tells(model, "ARC622") else ()
    return Elsewhere(accused(model), list(left_aside(model)), idle, [call.span for call in calls])


def accused(model: Model) -> dict[int, Span]:
    """The layers whose call, axis or strides another rule finds wrong, with the place: ARC609, 201, 213, 903."""
    calls = {call: calls[1] for _, _, calls in mistaken(model) for call in calls} if tells(model, "ARC609") else {}
    file = model.file if tells(model, "ARC903") else None
    kernels = {call.span for call, *_ in meant_as_kernels(file)} if file is not None else set()
    strided = {n.id: s for n in model.nodes if n.family == "conv" for s in {n.made_at, n.span} & kernels if s}
    called = {n.id: calls[n.span] for n in model.nodes if n.span in calls}
    merged = [node for node, _ in merging(model)] if tells(model, "ARC201") else []
    merged += [node for node, _ in stacked(model)] if tells(model, "ARC213") else []
    return {**strided, **called, **{node.id: node.span for node in merged}}


def tells(model: Model, code: str) -> bool:
    """Does the rule run that would tell of a crash, and does no comment take its findings away?"""
    file = model.file
    if file is None:
        return True
    away = (d.codes for d in file.directives if d.kind in ("file-ignore", "disable"))
    named = any(not c.startswith("ARC") or code.startswith(c) for codes in away for c in codes or ("ARC",))
    return file.tells(code) and not named


def ignored(file: FileFacts | None, place: Span) -> bool:
    """Does a comment take findings away at a place: `self.smooth = …  # archlint: ignore[ARC605]`?"""
    lines = file.lines if file is not None and file.path == place.path else None
    if file is None or lines is None:
        return False
    first, last = lines.line_of(place.start), lines.line_of(place.end)
    own = (d for d in file.directives if d.kind in ("ignore", "noqa"))
    return any(first <= d.line <= last or (d.line == first - 1 and not d.trailing) for d in own)


def left_aside(model: Model) -> Iterator[tuple[Span, Node, set[int]]]:
    """What is thrown away (ARC606): its place, the layer that reads what was there before, the sizes it would read."""
    for span, nodes, _, other in thrown_away(model) if tells(model, "ARC606") else ():
        shape = nodes[-1].output.shape
        if other is not None and shape is not None and len(shape) > 1:
            sizes = (shape[1], shape[-1], product(shape[1:]))
            yield span, other, {s for s in sizes if isinstance(s, int)}


def told(model: Model, others: Elsewhere, node: Node, fault: Fault) -> Span | None:
    """Where another rule tells why a call fails, and nobody has it keep silent."""
    place = cause(model, others, node, fault)
    return None if place is None or ignored(model.file, place) else place


def cause(model: Model, others: Elsewhere, node: Node, fault: Fault) -> Span | None:
    """Where another rule finds why a call fails."""
    wrong = others.wrong
    if node.id in wrong:
        return wrong[node.id]
    if others.misgiven and (call := called_by(model, others.misgiven, node, fault)) is not None:
        return call
    makers = (made_by(model, tensor, frozenset(wrong)) for tensor in node.inputs)
    maker = next((m for m in makers if m is not None), None)
    if maker is not None:
        return wrong[maker.id]
    for span, other, sizes in others.aside:
        if node.id >= other.id and fault.kind in ("channels", "features") and fault.want in sizes:
            return span
    pairs: list[tuple[object, object]] = [(fault.got, fault.want)]
    if fault.kind == "count" and node.inputs:
        pairs = [(node.inputs[0].features, fault.want)]
    elif fault.kind in ("broadcast", "merge"):
        pairs.append((fault.want, fault.got))
    elif fault.kind not in ("channels", "features"):
        return None
    return next((a.span for a in others.idle if any(leads(a.params, *pair) for pair in pairs)), None)


def called_by(model: Model, calls: list[Span], node: Node, fault: Fault) -> Span | None:
    """The one of some calls that the fault happens in, if it is about what the model is given there."""
    call = next((call for call in calls if call in node.calls), None)
    return call if call is not None and entries(model, node, fault) else None


def leads(params: Size, given: object, made: object) -> bool:
    """Has a layer as many parameters as one that makes `made` features of `given`?"""
    if not isinstance(given, int) or not isinstance(made, int) or min(given, made) < 2:
        return False
    return proven_equal(params, given * made) or proven_equal(params, given * made + made)

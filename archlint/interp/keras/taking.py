"""A model that is a layer of another one: `discriminator(images)`, `model.add(cnn)`, with images of another size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from archlint.dims import proven_different, show_shape
from archlint.graph import Node
from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.tensors import apply
from archlint.layers.spec import Fault, Out
from archlint.values import ListValue, Object, Shape, Tensor


def checked(ev: Evaluator, model: Object, arguments: Arguments, run: Callable[[], Any]) -> Any:
    """`run()`; if the input has another form than the model's own, and a layer cannot take it, one fault for all of it.

    Keras before 2.4 leaves it to the layers what a model takes, so a form that they all take is none.
    """
    expected = _tensors(ev, model.attrs.get("__inputs__", model.attrs.get("__input__")))
    outputs = model.attrs.get("__outputs__", model.attrs.get("__output__"))
    given = _tensors(ev, arguments.get(0, "inputs"))
    if outputs is None or ev.branches or len(expected) != len(given) or not _differ(expected, given):
        return run()
    before, first, kept = ev.session.graph.nodes[:], ev.next_node(), _marks(ev)
    result = run()
    found = next(_faults(ev.nodes_from(first), before), None)
    if found is None:
        return result
    _back(ev, kept)
    want, got = next((a.shape, b.shape) for a, b in zip(expected, given) if _other(a.shape, b.shape))
    fault = Fault("taken", "", found.text, want, got)
    site = apply.Site(model.kind, "other", arguments.span, apply.path_of(model), model.span)
    shaped = _shaped(ev, outputs, given[0], fault)
    return apply.record(ev, site, given, shaped)


def _tensors(ev: Evaluator, value: Any) -> list[Tensor]:
    """The tensors of one input, or of a list of them; what a dictionary names is paired by name, which is not done."""
    plain = apply.plain(value)
    parts = plain if isinstance(plain, (list, tuple)) else [plain]
    return [ev.refresh(p) for p in parts] if all(isinstance(p, Tensor) for p in parts) else []


def _differ(expected: list[Tensor], given: list[Tensor]) -> bool:
    return any(_other(a.shape, b.shape) for a, b in zip(expected, given))


def _other(a: Shape, b: Shape) -> bool:
    """Have they proven different forms behind the batch axis?"""
    if a is None or b is None:
        return False
    return len(a) != len(b) or any(proven_different(x, y) for x, y in zip(a[1:], b[1:]))


def _faults(nodes: list[Node], before: list[Node]) -> Iterator[Fault]:
    """What goes wrong in these nodes, and did not where the same layers were applied before."""
    built: dict[int | None, Node] = {}
    for node in before:
        if node.layer is not None:
            built.setdefault(node.layer, node)
    for node in nodes:
        earlier = built.get(node.layer)
        if not node.branch and (earlier is None or not earlier.faults):
            yield from (Fault(f.kind, f.arg, f"{_named(node)} {f.text}", f.want, f.got) for f in node.faults)
            yield from rebuilt(node, earlier)


def rebuilt(node: Node, before: Node | None) -> Iterator[Fault]:
    """A layer's weights have the size of the first input: `Dense` cannot take other features after that."""
    if before is None or not node.inputs or not before.inputs:
        return
    if proven_different(before.out.params, node.out.params):
        was, now = before.inputs[0].shape, node.inputs[0].shape
        yield Fault(
            "layer", "x", f"{_named(node)} was built for {show_shape(was)}, then gets {show_shape(now)}", was, now
        )


def _named(node: Node) -> str:
    return node.op.rpartition(".")[2]


def _marks(ev: Evaluator) -> tuple[int, int, int, int]:
    session = ev.session
    return len(session.graph.nodes), len(session.stops), len(session.entries), len(ev.tape)


def _back(ev: Evaluator, marks: tuple[int, int, int, int]) -> None:
    """As if the layers had not been applied: where one refuses its input, Keras gets no further."""
    session = ev.session
    del session.graph.nodes[marks[0] :], session.stops[marks[1] :], session.entries[marks[2] :], ev.tape[marks[3] :]


def _shaped(ev: Evaluator, outputs: Any, given: Tensor, fault: Fault) -> Any:
    """Outputs of the form that the model states, for as many samples as are given; unknown where the ranks differ."""
    batch, alike = given.shape[0] if given.shape else None, given.rank == len(fault.want)

    def one(tensor: Tensor) -> Out:
        shape = ev.refresh(tensor).shape if alike else None
        return Out(None if shape is None else (batch, *shape[1:]), params=None, state=None, faults=(fault,))

    if isinstance(outputs, Tensor):
        return one(outputs)
    found = [one(t) for t in _tensors(ev, outputs)]
    return found if isinstance(outputs, ListValue) and found else tuple(found) or Out(faults=(fault,))

"""What a module is called with that nobody calls: entry tensors for the parameters of its forward that need one.

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None):
        if input_ids is None and inputs_embeds is None:
            raise ValueError("You have to specify either")

Every parameter has a default, and with none of them given it raises: the first gets a tensor, then one more with it.

    self.embed(input_ids + self.offsets).sum(dim=2)         # (N, T, books), for all that its name says

What convention or a docstring says of a tensor's form holds as long as the model agrees: a fault that is none for a
tensor of any form is no fault of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from archlint.interp import documented_forms
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import receivers
from archlint.interp.python.frame import UserRaise
from archlint.source import ir
from archlint.values import Function, Object, Tensor

_MOST = 8


def optional_tensors(function: Function) -> list[ir.Param]:
    """The parameters that are None unless a tensor is given, where there is no parameter without a default."""
    params = [p for p in receivers.params(function) if p.kind in ("posonly", "normal", "kwonly")]
    if any(p.default is None for p in params):
        return []
    return [p for p in params if _is_none(p.default) and (p.annotation is None or _names_tensor(p.annotation))]


def _is_none(node: ir.Expr | None) -> bool:
    return isinstance(node, ir.Const) and node.value is None


def _names_tensor(node: Any) -> bool:
    if isinstance(node, ir.Const):
        return isinstance(node.value, str) and "Tensor" in node.value
    if isinstance(node, ir.BinOp):
        return _names_tensor(node.left) or _names_tensor(node.right)
    if isinstance(node, ir.Subscript):
        head = getattr(node.value, "id", getattr(node.value, "attr", ""))
        return head == "Optional" and _names_tensor(node.index)
    return str(getattr(node, "attr", getattr(node, "id", ""))).endswith("Tensor")


SYMBOLS = ("N", "T")


def conventional_roles(param: ir.Param) -> tuple[str, ...]:
    """`input_ids: torch.LongTensor`, also `input_ids: Tensor`: by convention one row of token numbers for each text."""
    node, found = param.annotation, ""
    while node is not None and not found:
        found = str(getattr(node, "attr", getattr(node, "id", "")))
        node = getattr(node, "left", getattr(node, "index", None))
    return ("batch", "time") if param.name.endswith("input_ids") and found in ("LongTensor", "Tensor") else ()


def is_formed(function: Function, param: ir.Param) -> bool:
    """Does convention or a docstring say what form a parameter has?"""
    return bool(conventional_roles(param)) or documented_forms.stated(function, param.name) is not None


def give_form(ev: Evaluator, function: Function, param: ir.Param, made: Tensor) -> Tensor:
    """The entry tensor with the form that convention or the docstring says."""
    if made.shape is not None or made.entry is None:
        return made
    roles = conventional_roles(param)
    form = None if roles else documented_forms.stated(function, param.name)
    if roles:
        ev.bind_entry(made.entry, tuple(ev.symbol(name) for name in SYMBOLS[: len(roles)]), roles, "first layer")
    elif form is not None:
        documented_forms.bind(ev, param.name, made.entry, form)
    return ev.refresh(made)


def choices(params: list[ir.Param]) -> Iterator[list[ir.Param]]:
    """Which of them to give, fewest first: the first alone, then with one other, the likeliest first."""
    first, *others = params
    yield [first]
    others.sort(key=lambda p: not ("input" in p.name and "embed" not in p.name))
    for other in others[: _MOST - 1]:
        yield [first, other]


def attempts(ev: Evaluator, made: Object, tries: Sequence[Callable[[], Any]]) -> Any:
    """The first of some calls that does not raise; what the others did is undone.  The last may raise."""
    for run in tries[:-1]:
        result = _attempt(ev, made, run)
        if not isinstance(result, UserRaise):
            return result
    return tries[-1]()


def _attempt(ev: Evaluator, made: Object, run: Callable[[], Any]) -> Any:
    """What a call gives; of one that raises, what it raised, and nothing else is left of it."""
    session, slips = ev.session, len(ev.slips)
    before = dict(ev.wanted), dict(ev.symbol_counts), dict(ev.stated), dict(session.like_ranks)
    lists: list[list[Any]] = [
        session.graph.nodes, session.entries, session.objects, session.layers, session.stops,
    ]  # fmt: skip
    if ev.trace is not None:
        lists.append(ev.trace.visits)
    lengths, kept = [len(one) for one in lists], dict(made.attrs)
    ev.heap.begin()
    try:
        result = run()
    except UserRaise as raised:
        ev.heap.capture()
        result = raised
    except BaseException:
        ev.heap.join([ev.heap.capture()], lambda values: values[0])
        raise
    else:
        ev.heap.join([ev.heap.capture()], lambda values: values[0])
        return result
    for one, length in zip(lists, lengths):
        del one[length:]
    made.attrs.clear()
    made.attrs.update(kept)
    for slip in list(ev.slips)[slips:]:
        del ev.slips[slip]
    ev.wanted, ev.symbol_counts, ev.stated, session.like_ranks = before
    return result


class Doubted(UserRaise):
    """Ends a call with faults that may be those of a form that only convention gave."""


def by_convention(ev: Evaluator, made: Object, run: Callable[[bool], Any]) -> Any:
    """A call, run(True) with the forms that convention gives; run(False) where they lead to faults of their own.

    What a docstring says goes where the call raises with it, too; where layers tell some of the sizes that it names,
    the call is made with these.
    """
    first = len(ev.session.graph.nodes)
    found: set[tuple[Any, ...]] = set()

    def faults() -> set[tuple[Any, ...]]:
        return {(n.op, n.span, fault.kind) for n in ev.session.graph.nodes[first:] for fault in n.faults}

    def agreed(*, settling: bool) -> Any:
        before = dict(ev.needed)
        ev.documented.clear()
        try:
            result = run(True)
        except UserRaise:
            if ev.documented or before:
                raise Doubted("raised") from None
            raise
        if settling and ev.needed != before:
            raise Doubted("sizes found")
        found.update(faults())
        if found:
            raise Doubted("faults")
        return result

    def unsettled() -> Any:
        ev.needed.clear()
        return agreed(settling=False)

    def open_form() -> Any:
        ev.documented.clear()
        result = run(False)
        if found and found <= faults():
            raise Doubted("the same faults")
        return result

    calls: list[Callable[[], Any]] = [partial(agreed, settling=True), open_form]
    try:
        for call in calls:
            result = _attempt(ev, made, call)
            if not isinstance(result, Doubted):
                if isinstance(result, UserRaise):
                    raise result
                return result
            if call is calls[0] and (ev.documented or ev.needed):
                calls[1:1] = [partial(agreed, settling=False), unsettled]
        ev.documented.clear()
        return run(len(calls) == 2)
    finally:
        ev.documented.clear()
        ev.needed.clear()

"""Sums of products over named axes: `bhid,bhjd->bhij`, in letters or in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from archlint.dims import Size, product, proven_different, show
from archlint.layers.arguments import NotKnown
from archlint.layers.families.contract import prefer
from archlint.layers.families.elementwise import broadcast_shapes, promoted, unify
from archlint.layers.spec import Fault, Out
from archlint.values import Shape, Tensor

Term: TypeAlias = Sequence[str]
"""Names of the axes of one tensor in order; at most one of them is `REST`, for any number of axes."""

REST = "..."


def letters(equation: str) -> tuple[list[Term], Term | None]:
    """Terms of an equation in letters, and the output's if it is stated."""
    before, arrow, after = equation.replace(" ", "").partition("->")
    return [_letters(term) for term in before.split(",")], _letters(after) if arrow else None


def _letters(term: str) -> list[str]:
    head, dots, tail = term.partition(REST)
    return [*head, *([REST] if dots else []), *tail]


def implicit_output(terms: Sequence[Term]) -> Term:
    """The output of an equation without an arrow: what is named once, in alphabetical order."""
    named = [name for term in terms for name in term]
    once = sorted(name for name in set(named) if named.count(name) == 1 and name != REST)
    return [REST, *once] if REST in named else once


def einsum(terms: Sequence[Term], output: Term, operands: Sequence[Tensor], *, arg: str = "equation") -> Out:
    """Products of the operands, summed over every axis that the output leaves out."""
    if len(terms) != len(operands):
        raise NotKnown
    sizes: dict[str, Size] = {}
    rest: list[Shape] = []
    for term, x in zip(terms, operands, strict=True):
        fault = _bind(term, x, sizes, rest, arg)
        if fault is not None:
            return Out(None, faults=(fault,))
    dtype = promoted([x.dtype for x in operands])
    if len(set(output)) < len(output) or any(name not in sizes and name != REST for name in output):
        raise NotKnown
    middle, faults = broadcast_shapes(rest)
    if faults:
        return Out(None, faults=faults, dtype=dtype)
    if REST in output and middle is None:
        return Out(None, last=sizes[output[-1]] if output[-1] != REST else None, dtype=dtype)
    shape = [size for name in output for size in (middle or () if name == REST else (sizes[name],))]
    return Out(tuple(shape), macs=_macs(terms, output, sizes, middle), dtype=dtype)


def _bind(term: Term, x: Tensor, sizes: dict[str, Size], rest: list[Shape], arg: str) -> Fault | None:
    """Give each name the size of its axis; a fault if it has another one already."""
    named = [name for name in term if name != REST]
    if x.shape is None:
        for name in named:
            sizes.setdefault(name, None)
        if REST in term:
            rest.append(None)
        return None
    if len(named) > len(x.shape) or (len(named) < len(x.shape) and REST not in term):
        text = f"'{' '.join(term)}' names {len(named)} axes, the input has {len(x.shape)}"
        return Fault("rank", "", text, len(named), len(x.shape))
    cut = list(term).index(REST) if REST in term else len(term)
    behind = len(x.shape) - (len(named) - cut)
    if REST in term:
        rest.append(x.shape[cut:behind])
    own: dict[str, Size] = {}
    for name, size in zip(named, (*x.shape[:cut], *x.shape[behind:]), strict=True):
        if name in own and proven_different(own[name], size):
            return Fault("matmul", arg, f"'{name}' is {show(own[name])} and {show(size)}", own[name], size)
        own[name] = prefer(own[name], size) if name in own else size
    for name, size in own.items():
        joined, fine = unify(sizes[name], size) if name in sizes else (size, True)
        if not fine:
            return Fault("matmul", arg, f"'{name}' is {show(sizes[name])} and {show(size)}", sizes[name], size)
        sizes[name] = joined
    return None


def _macs(terms: Sequence[Term], output: Term, sizes: dict[str, Size], middle: Shape) -> Size:
    """Multiplications of a product of two tensors; None where one is summed on its own first, or there are more."""
    if len(terms) != 2 or any(name not in output and not (name in terms[0] and name in terms[1]) for name in sizes):
        return None
    return product((*sizes.values(), *(middle or ())))

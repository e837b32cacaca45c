"""Subscripts and operators against torch."""

from __future__ import annotations

import operator
from random import Random
from typing import Any

import pytest
from torch_cases_layers import anything
from torch_differential import T, differences, static

from archlint.dims import var
from archlint.layers.families.elementwise import broadcast, matmul
from archlint.layers.families.index import subscript
from archlint.values import SliceValue, Tensor

torch = pytest.importorskip("torch")

from torch_execution import outcome, real  # noqa: E402  needs torch


def element(rng: Random) -> Any:
    kind = rng.random()
    if kind < 0.3:
        return rng.choice((0, 0, 1, -1, 2))
    if kind < 0.6:
        bounds = [rng.choice((None, None, 0, 1, 2, -1, -2)) for _ in range(2)]
        return slice(*bounds, rng.choice((None, None, 1, 2)))
    if kind < 0.7:
        return None
    if kind < 0.78:
        return [0] * rng.randint(1, 3)
    return T(anything(rng, 0, 2, (1, 2, 3)), "int64")


def index(rng: Random, shape: tuple[int, ...]) -> tuple[Any, ...]:
    items = [element(rng) for _ in range(rng.randint(1, len(shape) + 1))]
    if rng.random() < 0.3:
        items.insert(rng.randrange(len(items) + 1), Ellipsis)
    if rng.random() < 0.15:
        items[0] = T(shape[: rng.randint(1, len(shape))], "bool")
    return tuple(items)


def declared(item: Any) -> Any:
    return SliceValue(item.start, item.stop, item.step) if isinstance(item, slice) else static(item)


def really(action: Any, *args: Any) -> Any:
    try:
        return outcome(action(*args))
    except (IndexError, RuntimeError, TypeError, ValueError):
        return None


def test_subscript() -> None:
    rng, faults, exact = Random(5), 0, 0
    for _ in range(6000):
        shape = anything(rng, 1, 4, (1, 2, 3, 4))
        parts = index(rng, shape)
        answer = really(operator.getitem, torch.zeros(shape), real(parts, "cpu"))
        values: dict[str, int] = {}
        blurred = rng.random()
        sizes: list[Any] = list(shape)
        for i, size in enumerate(shape):
            if blurred < 0.4 and size > 2 and rng.random() < 0.5:
                sizes[i] = var(f"S{size}")
                values[f"S{size}"] = size
            elif blurred > 0.9 and rng.random() < 0.5:
                sizes[i] = None
        out = subscript(Tensor(tuple(sizes)), tuple(declared(p) for p in parts))
        if answer is None:
            faults += bool(out.faults)
            continue
        assert not out.faults, (shape, parts, out.faults, answer)
        if values and 0 in answer[1]:
            continue  # a slice of a symbol is computed for sizes that it leaves something of
        assert not list(differences(out, answer, values)), (sizes, parts, out.shape, answer)
        exact += out.shape is not None and None not in out.shape
    assert faults > 300
    assert exact > 2000


@pytest.mark.parametrize(("name", "ours"), [("add", broadcast), ("mul", broadcast), ("matmul", matmul)])
def test_operators(name: str, ours: Any) -> None:
    rng = Random(name)
    for _ in range(2000):
        a = anything(rng, 0, 4, (1, 2, 3))
        b = tuple(rng.choice((s, s, s, 1, 2)) for s in a[rng.randint(0, len(a)) :])
        if name == "matmul" and len(b) > 1:
            b = (*b[:-2], a[-1] if rng.random() < 0.8 else b[-2], b[-1])
        answer = really(getattr(operator, name), torch.zeros(a), torch.zeros(b))
        out = ours(Tensor(a), Tensor(b))
        assert bool(out.faults) == (answer is None), (a, b, out, answer)
        if answer is not None:
            assert not list(differences(out, answer, {})), (a, b, out, answer)

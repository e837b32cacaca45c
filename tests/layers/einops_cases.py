"""Random calls of einops: patterns over a few named axes, now and then one that does not fit."""

from __future__ import annotations

from random import Random
from typing import Any

from torch_cases_layers import near
from torch_differential import Case, Generate, T

NAMES = ("a", "b", "c", "h", "w")


def grouped(rng: Random, names: list[str], merged: bool = True) -> list[list[str]]:
    """The names in order, some of them together on one axis, and perhaps an axis of 1; `merged`: also the dots."""
    found: list[list[str]] = []
    for name in names:
        if found and (merged or "..." not in (name, *found[-1])) and rng.random() < 0.35:
            found[-1].append(name)
        elif name == "..." and merged and rng.random() < 0.3:
            found.append([name, ""])
        else:
            found.append([name])
    if rng.random() < 0.2:
        found.insert(rng.randint(0, len(found)), [])
    return found


def written(groups: list[list[str]]) -> str:
    return " ".join(
        group[0] if len(group) == 1 else f"({' '.join(filter(None, group))})" if group else "1" for group in groups
    )


def tensor_and_left(rng: Random) -> tuple[T, list[list[str]], dict[str, int], list[str]]:
    """A tensor, the left side that reads it, the sizes that must be stated, and the names."""
    names = rng.sample(NAMES, rng.randint(2, 4))
    if rng.random() < 0.3:
        names.insert(rng.randint(0, len(names)), "...")
    groups = grouped(rng, names, merged=False)
    shape: list[int] = []
    stated: dict[str, int] = {}
    for group in groups:
        if group == ["..."]:
            shape += [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
            continue
        sizes = {name: rng.randint(1, 4) for name in group}
        total = 1
        for size in sizes.values():
            total *= size
        shape.append(total + rng.choice((0, 0, 0, 0, 0, 0, 1)))
        left_open = rng.choice(group) if group else ""
        stated |= {k: v for k, v in sizes.items() if k != left_open or rng.random() < 0.1}
    return T(tuple(shape)), groups, stated, names


def rearranged(rng: Random) -> tuple[T, str, dict[str, int]]:
    x, left, stated, names = tensor_and_left(rng)
    rng.shuffle(names)
    return x, f"{written(left)} -> {written(grouped(rng, names))}", stated


def reduced(rng: Random) -> tuple[T, str, dict[str, int]]:
    x, left, stated, names = tensor_and_left(rng)
    kept = [name for name in names if rng.random() < 0.6]
    rng.shuffle(kept)
    return x, f"{written(left)} -> {written(grouped(rng, kept)) if kept else ''}", stated


def repeated(rng: Random) -> tuple[T, str, dict[str, int]]:
    x, left, stated, names = tensor_and_left(rng)
    new = rng.choice((["n"], ["2"], ["n", "m"], []))
    stated |= {name: rng.randint(1, 3) for name in new if name.isalpha()}
    names += new
    rng.shuffle(names)
    return x, f"{written(left)} -> {written(grouped(rng, names))}", stated


def rearrange(rng: Random) -> Case:
    x, pattern, stated = rearranged(rng)
    if rng.random() < 0.1:
        return Case("einops.rearrange", ([x] * rng.randint(1, 3), f"n {pattern.replace('-> ', '-> n ')}"), stated)
    return Case("einops.rearrange", (x, pattern), stated)


def reduce(rng: Random) -> Case:
    x, pattern, stated = reduced(rng)
    return Case("einops.reduce", (x, pattern, rng.choice(("mean", "max", "sum", "prod"))), stated)


def repeat(rng: Random) -> Case:
    x, pattern, stated = repeated(rng)
    return Case("einops.repeat", (x, pattern), stated)


EQUATIONS = ("b i d, b j d -> b i j", "b h i d, b h j d -> b h i j", "... i, i o -> ... o", "b n d -> b d",
             "bat seq dim, dim out -> bat seq out", "b ... d, b d -> b ...", "a b, b c, c d -> a d")  # fmt: skip


def einsum(rng: Random) -> Case:
    equation = rng.choice(EQUATIONS)
    sizes: dict[str, int] = {}
    operands: list[Any] = []
    for term in equation.partition("->")[0].split(","):
        shape: list[int] = []
        for name in term.split():
            size = sizes.setdefault(name, rng.randint(1, 4))
            shape += (2, 3) if name == "..." else (size + rng.choice((0, 0, 0, 0, 0, 0, 0, 1)),)
        operands.append(T(tuple(shape)))
    return Case("einops.einsum", (*operands, equation))


def pack(rng: Random) -> Case:
    before, after = rng.randint(0, 2), rng.randint(0, 2)
    outer = [rng.randint(1, 4) for _ in range(before + after)]
    parts = []
    for _ in range(rng.randint(1, 3)):
        middle = [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
        kept = [s + rng.choice((0, 0, 0, 0, 0, 0, 0, 1)) for s in outer]
        parts.append(T((*kept[:before], *middle, *kept[before:])))
    return Case("einops.pack", (parts, " ".join([*"abcd"[:before], "*", *"efgh"[:after]])))


def unpack(rng: Random) -> Case:
    before, after = rng.randint(0, 2), rng.randint(0, 2)
    parts = [[rng.randint(1, 3) for _ in range(rng.randint(0, 2))] for _ in range(rng.randint(1, 3))]
    total = 0
    for part in parts:
        count = 1
        for size in part:
            count *= size
        total += count
    if rng.random() < 0.3:
        parts[-1] = [-1]
    total += rng.choice((0, 0, 0, 0, 0, 0, 1))
    shape = (*(rng.randint(1, 3) for _ in range(before)), total, *(rng.randint(1, 3) for _ in range(after)))
    return Case("einops.unpack", (T(shape), parts, " ".join([*"abcd"[:before], "*", *"efgh"[:after]])))


def rearrange_layer(rng: Random) -> Case:
    x, pattern, stated = rearranged(rng)
    return Case("einops.layers.torch.Rearrange", (pattern,), stated, x)


def reduce_layer(rng: Random) -> Case:
    x, pattern, stated = reduced(rng)
    return Case("einops.layers.torch.Reduce", (pattern, rng.choice(("mean", "max"))), stated, x)


def ein_mix(rng: Random) -> Case:
    pattern, weight = rng.choice(
        (("b n d -> b n e", "d e"), ("b h d -> b h e", "h d e"), ("b (h d) -> b (h e)", "h d e"))
    )
    h, d, e = (rng.randint(1, 4) for _ in range(3))
    sizes = {"d": d, "e": e, **({"h": h} if "h" in weight else {})}
    shape = {"b n d -> b n e": (2, 3, d), "b h d -> b h e": (2, h, d)}.get(pattern, (2, h * d))
    bias = rng.choice((None, "e"))
    return Case("einops.layers.torch.EinMix", (pattern, weight, bias), sizes, T(shape))


def parse_shape(rng: Random) -> Case:
    shape = tuple(rng.randint(1, 5) for _ in range(rng.randint(1, 4)))
    names = [rng.choice((name, name, "_")) for name in "abcd"[: near(rng, len(shape))]]
    return Case("einops.parse_shape", (T(shape), " ".join(names)))


CASES: dict[str, Generate] = {
    "einops.rearrange": rearrange,
    "einops.reduce": reduce,
    "einops.repeat": repeat,
    "einops.einsum": einsum,
    "einops.pack": pack,
    "einops.unpack": unpack,
    "einops.parse_shape": parse_shape,
    "einops.layers.torch.Rearrange": rearrange_layer,
    "einops.layers.torch.Reduce": reduce_layer,
    "einops.layers.torch.EinMix": ein_mix,
}

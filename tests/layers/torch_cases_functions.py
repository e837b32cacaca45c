"""Random calls of torch functions and tensor methods that re-arrange, join, cut and index."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from torch_cases_form import parts_of
from torch_cases_layers import anything, given, near
from torch_differential import Case, Generate, T

FUNCTIONS: dict[str, Generate] = {}


def function(*names: str) -> Callable[[Callable[[Random], tuple[tuple[Any, ...], dict[str, Any]]]], Any]:
    """Adds a generator of arguments under the names of a function, each tried as often."""

    def add(generate: Callable[[Random], tuple[tuple[Any, ...], dict[str, Any]]]) -> Any:
        def case(rng: Random) -> Case:
            args, kwargs = generate(rng)
            return Case(rng.choice(names), args, kwargs)

        FUNCTIONS[names[0]] = case
        return generate

    return add


def axis(rng: Random, rank: int) -> int:
    """An axis, seldom one that does not exist."""
    return rng.randint(-rank, rank - 1) if rank and rng.random() < 0.93 else rng.choice((rank, -rank - 1))


def tensor(rng: Random, low: int = 1, high: int = 4, dtype: str = "float32") -> T:
    """A tensor of any rank."""
    return T(anything(rng, low, high), dtype)


def shape_of(x: T) -> tuple[int, ...]:
    assert x.shape is not None
    return x.shape


def both(name: str) -> tuple[str, str]:
    """As a function and as a method."""
    return f"torch.{name}", f"torch.Tensor.{name}"


def target(rng: Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes to view a shape as."""
    total = 1
    for size in shape:
        total *= size
    odd = rng.random()
    if odd < 0.15:
        return (total,)
    if odd < 0.3:
        return (shape[0], -1) if shape else (-1,)
    if odd < 0.4:
        return (*shape, 1)
    if odd < 0.5:
        return tuple(reversed(shape))
    return parts_of(rng, total)


@function("torch.Tensor.view")
def view(rng: Random) -> Any:
    x = tensor(rng, 0)
    goal = target(rng, shape_of(x))
    return ((x, *goal) if rng.random() < 0.5 and goal else (x, goal)), {}


@function("torch.Tensor.reshape")
def reshape(rng: Random) -> Any:
    return view(rng)


FUNCTIONS["torch.reshape"] = lambda rng: Case("torch.reshape", (x := tensor(rng, 0), target(rng, shape_of(x))))


@function("torch.Tensor.view_as", "torch.Tensor.reshape_as")
def view_as(rng: Random) -> Any:
    x = tensor(rng, 0)
    goal = tuple(s for s in target(rng, shape_of(x)) if s != -1)
    return (x, T(goal)), {}


@function(*both("flatten"))
def flatten(rng: Random) -> Any:
    return (tensor(rng, 0),), given(rng, start_dim=rng.choice((0, 1, 2, -2)), end_dim=rng.choice((-1, -1, 1, 2)))


@function(*both("unflatten"))
def unflatten(rng: Random) -> Any:
    x = tensor(rng)
    dim = axis(rng, len(shape_of(x)))
    size = shape_of(x)[dim] if -len(shape_of(x)) <= dim < len(shape_of(x)) else 4
    return (x, dim, parts_of(rng, size)), {}


def order(rng: Random, rank: int) -> tuple[int, ...]:
    """A permutation, seldom a wrong one."""
    found = list(range(rank))
    rng.shuffle(found)
    if found and rng.random() < 0.1:
        found[0] = found[-1]
    if rng.random() < 0.05:
        found.append(rank)
    return tuple(i - rank if rng.random() < 0.2 else i for i in found)


FUNCTIONS["torch.permute"] = lambda rng: Case("torch.permute", (x := tensor(rng, 0), order(rng, len(shape_of(x)))))
FUNCTIONS["torch.Tensor.permute"] = lambda rng: Case(
    "torch.Tensor.permute", (x := tensor(rng), *order(rng, len(shape_of(x))))
)


@function(*both("transpose"))
def transpose(rng: Random) -> Any:
    x = tensor(rng, 0)
    return (x, axis(rng, len(shape_of(x))), axis(rng, len(shape_of(x)))), {}


FUNCTIONS["torch.swapaxes"] = lambda rng: Case(rng.choice(both("swapaxes")), *transpose(rng))
FUNCTIONS["torch.swapdims"] = lambda rng: Case(rng.choice(both("swapdims")), *transpose(rng))


@function(*both("movedim"), *both("moveaxis"))
def movedim(rng: Random) -> Any:
    x = tensor(rng)
    rank = len(shape_of(x))
    if rng.random() < 0.6:
        return (x, axis(rng, rank), axis(rng, rank)), {}
    n = rng.randint(1, rank)
    return (x, order(rng, rank)[:n], order(rng, rank)[:n]), {}


@function(*both("unsqueeze"))
def unsqueeze(rng: Random) -> Any:
    x = tensor(rng, 0)
    return (x, axis(rng, len(shape_of(x)) + 1)), {}


@function(*both("squeeze"))
def squeeze(rng: Random) -> Any:
    x = T(anything(rng, 0, 4, (1, 1, 2, 3)))
    rank = len(shape_of(x))
    odd = rng.random()
    if odd < 0.4:
        return (x,), {}
    return (
        (x, axis(rng, rank)) if odd < 0.8 or not rank else (x, tuple(sorted({axis(rng, rank) for _ in range(2)})))
    ), {}


def expanded(rng: Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes to repeat a shape up to."""
    sizes = tuple(rng.choice((3, 5)) if s == 1 else rng.choice((s, s, -1)) for s in shape)
    front = tuple(rng.choice((1, 2)) for _ in range(rng.choice((0, 0, 1))))
    return (*front, *(near(rng, s) if s > 0 else s for s in sizes))


@function("torch.Tensor.expand")
def expand(rng: Random) -> Any:
    x = T(anything(rng, 1, 4, (1, 1, 2, 3)))
    goal = expanded(rng, shape_of(x))
    return ((x, *goal) if rng.random() < 0.5 else (x, goal)), {}


FUNCTIONS["torch.broadcast_to"] = lambda rng: Case(
    "torch.broadcast_to", (x := T(anything(rng, 1, 4, (1, 1, 2, 3))), expanded(rng, shape_of(x)))
)


@function("torch.Tensor.expand_as")
def expand_as(rng: Random) -> Any:
    x = T(anything(rng, 1, 4, (1, 1, 2, 3)))
    return (x, T(tuple(abs(s) for s in expanded(rng, shape_of(x))))), {}


@function("torch.Tensor.repeat")
def repeat(rng: Random) -> Any:
    x = tensor(rng)
    times = tuple(rng.randint(1, 3) for _ in range(len(shape_of(x)) + rng.choice((0, 0, 1, -1))))
    return ((x, *times) if times and rng.random() < 0.5 else (x, times)), {}


FUNCTIONS["torch.tile"] = lambda rng: Case("torch.tile", (tensor(rng), tuple(rng.randint(1, 3) for _ in range(3))))


@function(*both("repeat_interleave"))
def repeat_interleave(rng: Random) -> Any:
    x = tensor(rng)
    return (x, rng.randint(1, 3)), given(rng, dim=axis(rng, len(shape_of(x))))


def alike(rng: Random, count: int, free: int | None = None) -> list[T]:
    """Tensors of one shape, but for one axis, and seldom another."""
    shape = anything(rng)
    found = []
    for _ in range(count):
        sizes = [
            rng.randint(1, 5) if i == (free or 0) % len(shape) and free is not None else s for i, s in enumerate(shape)
        ]
        sizes = [near(rng, s) if rng.random() < 0.1 else s for s in sizes]
        found.append(T(tuple(sizes)))
    if rng.random() < 0.05:
        found.append(T((0,)))
    return found


@function("torch.cat", "torch.concat", "torch.concatenate")
def cat(rng: Random) -> Any:
    dim = rng.choice((0, 0, 1, -1, 2))
    return (alike(rng, rng.randint(1, 3), dim),), {"dim": dim} if dim or rng.random() < 0.5 else {}


@function("torch.stack")
def stack(rng: Random) -> Any:
    return (tuple(alike(rng, rng.randint(1, 3))),), given(rng, dim=rng.choice((0, 1, -1, 2)))


@function("torch.hstack", "torch.hstack")
def hstack(rng: Random) -> Any:
    return (tuple(alike(rng, rng.randint(1, 3), 1)),), {}


@function("torch.vstack", "torch.vstack")
def vstack(rng: Random) -> Any:
    return (tuple(alike(rng, rng.randint(1, 3), 0)),), {}


@function("torch.dstack", "torch.dstack")
def dstack(rng: Random) -> Any:
    return (tuple(alike(rng, rng.randint(1, 3), 2)),), {}


@function(*both("chunk"))
def chunk(rng: Random) -> Any:
    x = T(anything(rng, 1, 4, (2, 3, 4, 6)))
    return (x, rng.randint(1, 4)), given(rng, dim=axis(rng, len(shape_of(x))))


@function("torch.split", "torch.Tensor.split")
def split(rng: Random) -> Any:
    x = T(anything(rng, 1, 3, (2, 4, 6)))
    dim = axis(rng, len(shape_of(x)))
    size = shape_of(x)[dim] if -len(shape_of(x)) <= dim < len(shape_of(x)) else 4
    parts = rng.randint(1, 4) if rng.random() < 0.5 else [1, near(rng, size - 1)]
    return (x, parts, dim), {}


@function(*both("tensor_split"))
def tensor_split(rng: Random) -> Any:
    x = T(anything(rng, 1, 3, (2, 4, 6)))
    return (x, rng.choice((1, 2, 3, (1, 3))), axis(rng, len(shape_of(x)))), {}


@function(*both("unbind"))
def unbind(rng: Random) -> Any:
    x = tensor(rng)
    return (x,), given(rng, dim=axis(rng, len(shape_of(x))))


@function(*both("select"))
def select(rng: Random) -> Any:
    x = tensor(rng)
    return (x, axis(rng, len(shape_of(x))), rng.choice((0, 0, 1, -1, 3))), {}


@function(*both("narrow"))
def narrow(rng: Random) -> Any:
    x = tensor(rng)
    return (x, axis(rng, len(shape_of(x))), 0, rng.randint(1, 3)), {}


@function(*both("index_select"))
def index_select(rng: Random) -> Any:
    x = tensor(rng)
    return (x, axis(rng, len(shape_of(x))), T((rng.randint(1, 5),), "int64")), {}


@function(*both("gather"), *both("take_along_dim"))
def gather(rng: Random) -> Any:
    x = tensor(rng)
    shape = shape_of(x) if rng.random() < 0.9 else (*shape_of(x), 1)
    return (x, rng.randrange(len(shape_of(x))), T(shape, "int64")), {}


FUNCTIONS["torch.gather"] = lambda rng: Case(rng.choice(both("gather")), *gather(rng))


@function(*both("roll"))
def roll(rng: Random) -> Any:
    return (tensor(rng), 1), given(rng, dims=0)


@function(*both("flip"))
def flip(rng: Random) -> Any:
    axes = (rng.choice((0, -1)),)
    return ((tensor(rng), axes), {}) if rng.random() < 0.5 else ((tensor(rng),), {"dims": axes})


@function(*both("fliplr"), *both("flipud"))
def flip_matrix(rng: Random) -> Any:
    return (tensor(rng, 2),), {}


@function(*both("rot90"))
def rot90(rng: Random) -> Any:
    x = tensor(rng, 2)
    return (x, rng.randint(0, 4), (0, 1)), {}


@function("torch.Tensor.unfold")
def unfold(rng: Random) -> Any:
    x = tensor(rng)
    return (x, axis(rng, len(shape_of(x))), rng.randint(1, 4), rng.randint(1, 3)), {}


FUNCTIONS["torch.unfold_copy"] = lambda rng: Case("torch.Tensor.unfold", *unfold(rng))


@function(*both("topk"))
def topk(rng: Random) -> Any:
    x = tensor(rng, 0)
    return (x, rng.randint(1, 4)), given(rng, dim=axis(rng, len(shape_of(x))))


@function(*both("sort"))
def sort(rng: Random) -> Any:
    x = tensor(rng, 0)
    return (x,), given(rng, dim=axis(rng, len(shape_of(x))), descending=True)


FUNCTIONS["torch.argsort"] = lambda rng: Case(rng.choice(both("argsort")), *sort(rng))


@function(*both("cumsum"), *both("cumprod"), *both("logcumsumexp"))
def cumsum(rng: Random) -> Any:
    x = tensor(rng, 0)
    return (x, axis(rng, len(shape_of(x)))), {}


@function(*both("cummax"), *both("cummin"))
def cummax(rng: Random) -> Any:
    x = tensor(rng, 0)
    return (x, axis(rng, len(shape_of(x)))), {}


@function(*both("diff"))
def diff(rng: Random) -> Any:
    x = tensor(rng)
    beside = {name: x for name in ("prepend", "append") if rng.random() < 0.3}
    return (x,), given(rng, dim=axis(rng, len(shape_of(x)))) | beside


@function("torch.Tensor.scatter", "torch.Tensor.scatter_add")
def scatter(rng: Random) -> Any:
    x = tensor(rng)
    return (x, 0, T(shape_of(x), "int64"), x), {}


FUNCTIONS["torch.scatter"] = lambda rng: Case(rng.choice(("torch.scatter", "torch.Tensor.scatter_")), *scatter(rng))


@function("torch.masked_select", "torch.Tensor.masked_select")
def masked_select(rng: Random) -> Any:
    x = tensor(rng)
    return (x, T(shape_of(x), "bool")), {}


@function(*both("nonzero"))
def nonzero(rng: Random) -> Any:
    return (tensor(rng),), given(rng, as_tuple=rng.random() < 0.5)

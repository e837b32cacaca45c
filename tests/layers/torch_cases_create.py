"""Random calls of torch functions that make tensors, and of those that tell their form."""

from __future__ import annotations

from random import Random
from typing import Any

from torch_cases_functions import FUNCTIONS, axis, both, function, shape_of, tensor
from torch_cases_layers import anything, given, near
from torch_differential import Case, Name, T


@function("torch.Tensor.size", "torch.Tensor.size")
def size(rng: Random) -> Any:
    x = tensor(rng)
    return ((x,) if rng.random() < 0.5 else (x, axis(rng, len(shape_of(x))))), {}


@function("torch.Tensor.dim", "torch.Tensor.ndimension")
def dim(rng: Random) -> Any:
    return (tensor(rng, 0),), {}


@function("torch.numel", "torch.Tensor.numel", "torch.Tensor.nelement")
def numel(rng: Random) -> Any:
    return (tensor(rng, 0),), {}


@function("torch.t", "torch.Tensor.t")
def transpose_matrix(rng: Random) -> Any:
    return (tensor(rng, 0, 2),), {}


@function(*both("ravel"))
def ravel(rng: Random) -> Any:
    return (tensor(rng, 0),), {}


for _n in (1, 2, 3):
    FUNCTIONS[f"torch.atleast_{_n}d"] = lambda rng, n=_n: Case(f"torch.atleast_{n}d", (tensor(rng, 0),))  # type: ignore[misc]


@function("torch.broadcast_tensors")
def broadcast_tensors(rng: Random) -> Any:
    shape = anything(rng, 1, 3)
    return (T(shape), T(tuple(1 if rng.random() < 0.3 else near(rng, s) for s in shape))), {}


@function("torch.meshgrid")
def meshgrid(rng: Random) -> Any:
    sizes = [T((rng.randint(1, 4),)) for _ in range(rng.randint(1, 3))]
    return tuple(sizes), given(rng, indexing=rng.choice(("ij", "xy")))


def sizes_of(rng: Random) -> Any:
    """Sizes as varargs or in one list."""
    shape = anything(rng, 0, 4)
    return shape if rng.random() < 0.5 and shape else (shape,)


for _name in ("zeros", "ones", "empty", "rand", "randn"):
    FUNCTIONS[f"torch.{_name}"] = lambda rng, name=_name: Case(  # type: ignore[misc]
        f"torch.{name}", sizes_of(rng), given(rng, dtype=Name("torch.float16"))
    )
for _name in ("zeros", "ones", "empty"):
    FUNCTIONS[f"torch.Tensor.new_{_name}"] = lambda rng, name=_name: Case(  # type: ignore[misc]
        f"torch.Tensor.new_{name}", (tensor(rng), *sizes_of(rng))
    )
for _name in ("zeros_like", "ones_like", "empty_like", "rand_like", "randn_like"):
    FUNCTIONS[f"torch.{_name}"] = lambda rng, name=_name: Case(f"torch.{name}", (tensor(rng, 0),))  # type: ignore[misc]
FUNCTIONS["torch.full_like"] = lambda rng: Case("torch.full_like", (tensor(rng, 0), 2))
FUNCTIONS["torch.randint_like"] = lambda rng: Case("torch.randint_like", (tensor(rng, 0), 5))
FUNCTIONS["torch.full"] = lambda rng: Case("torch.full", (anything(rng, 0, 4), rng.choice((0, 1.5, True))))
FUNCTIONS["torch.Tensor.new_full"] = lambda rng: Case("torch.Tensor.new_full", (tensor(rng), anything(rng, 0, 4), 1.0))
FUNCTIONS["torch.randint"] = lambda rng: Case("torch.randint", (*rng.choice(((9,), (0, 9))), anything(rng, 0, 4)))
FUNCTIONS["torch.randperm"] = lambda rng: Case("torch.randperm", (rng.randint(0, 9),))
FUNCTIONS["torch.eye"] = lambda rng: Case("torch.eye", (rng.randint(1, 5), *rng.choice(((), (3,)))))
FUNCTIONS["torch.linspace"] = lambda rng: Case(
    rng.choice(("torch.linspace", "torch.logspace")), (0.0, 1.0, rng.randint(1, 9))
)


@function("torch.arange")
def arange(rng: Random) -> Any:
    numbers: Any = (rng.choice((3, 7, 2.5)), rng.choice((0, 1, 5, 9, 10.0)), rng.choice((1, 2, 3, 0.5, -1)))
    return rng.choice((numbers[1:2], (0, numbers[1]), (0, *numbers[1:]))), {}


@function("torch.tensor", "torch.as_tensor")
def literal(rng: Random) -> Any:
    return (rng.choice((3, 2.5, True, [1, 2, 3], [[1.0, 2.0], [3.0, 4.0]], [[1], [2]], [])),), {}

"""Random calls of torch functions that calculate: element by element, along axes, in products, and as layers."""
# ruff: noqa: SIM905  a long list of names reads best as text

from __future__ import annotations

from random import Random
from typing import Any

from torch_cases_functions import FUNCTIONS, axis, both, function, shape_of, tensor
from torch_cases_layers import anything, given, near
from torch_differential import Case, Generate, Name, T, declared


def pair(rng: Random) -> tuple[T, Any]:
    """Two tensors that mostly broadcast, or a tensor and a number."""
    shape = anything(rng, 0, 4)
    if rng.random() < 0.2:
        return T(shape), rng.choice((2, 1.5))
    other = tuple(1 if rng.random() < 0.25 else near(rng, s) for s in shape)
    return T(shape), T(other[rng.choice((0, 0, 1, 2)) :])


FLOAT_ONLY = ("bitwise", "gcd", "lcm")


def _binary(names: tuple[str, ...]) -> Generate:
    methods = tuple(n for n in names if not n.endswith("_"))

    def case(rng: Random) -> Case:
        a, b = pair(rng)
        if not isinstance(b, T) and names[0].rpartition(".")[2] in TENSORS:
            b = a
        if any(word in names[0] for word in FLOAT_ONLY):
            a, b = T(a.shape, "int64"), T(b.shape, "int64") if isinstance(b, T) else 2
        return Case(rng.choice(methods), (a, b))

    return case


def _unary(names: tuple[str, ...], low: int) -> Generate:
    plain = tuple(n for n in names if not n.endswith("_"))
    if names[0] == "torch.dropout":
        return lambda rng: Case("torch.dropout", (tensor(rng, low), 0.5, False))
    return lambda rng: Case(rng.choice(plain or names), (tensor(rng, low),))


TENSORS = set(
    """maximum minimum fmax fmin hypot nextafter gcd lcm heaviside atan2 arctan2 isclose logical_and
logical_or logical_xor""".split()
)
ONE = set(
    """abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh ceil clone conj
conj_physical contiguous cos cosh deg2rad detach digamma erf erfc erfinv exp exp2 expm1 fix floor frac i0 lgamma log
log10 log1p log2 logit nan_to_num neg negative positive rad2deg real reciprocal requires_grad_ resolve_conj resolve_neg
round rsqrt sgn sign sin sinc sinh sqrt square tan tril triu trunc isfinite isinf isnan isposinf isneginf logical_not
signbit relu relu6 hardsigmoid hardswish selu silu mish sigmoid tanh logsigmoid softsign tanhshrink elu celu leaky_relu
hardshrink softshrink hardtanh rrelu softplus gelu float double half bfloat16 long int short byte char bool cpu zero_
normal_ uniform_ bernoulli_ exponential_ random_ cauchy_ log_normal_ zeros_ ones_ bernoulli dropout1d dropout2d
dropout3d dropout alpha_dropout feature_alpha_dropout""".split()
)
TWO = set(
    """add sub subtract mul multiply fmod remainder maximum minimum fmax fmin hypot bitwise_and bitwise_or
bitwise_xor nextafter gcd lcm copysign heaviside div divide true_divide floor_divide atan2 arctan2 xlogy float_power
eq ne gt ge lt le greater greater_equal less less_equal not_equal isclose logical_and logical_or logical_xor pow
rsub""".split()
)
for _spec in declared("torch."):
    if _spec.kind == "function" and _spec.name not in FUNCTIONS:
        _short = _spec.name.rpartition(".")[2]
        if _short in TWO:
            FUNCTIONS[_spec.name] = _binary(_spec.names)
        elif _short in ONE:
            FUNCTIONS[_spec.name] = _unary(_spec.names, 2 if _short in ("tril", "triu") else 0)


@function("torch.ldexp", "torch.Tensor.ldexp")
def ldexp(rng: Random) -> Any:
    a, b = pair(rng)
    return (a, b if isinstance(b, T) else T(())), {}


@function("torch.where")
def where(rng: Random) -> Any:
    a, b = pair(rng)
    return (T(a.shape, "bool"), a, b if isinstance(b, T) else 0.0), {}


@function("torch.masked_fill", "torch.Tensor.masked_fill")
def masked_fill(rng: Random) -> Any:
    a, b = pair(rng)
    return (a, T(b.shape if isinstance(b, T) else a.shape, "bool"), 0.0), {}


@function("torch.Tensor.masked_fill_")
def masked_fill_(rng: Random) -> Any:
    a = tensor(rng)
    return (a, T(a.shape, "bool"), 0.0), {}


@function("torch.clamp", "torch.clip", "torch.Tensor.clamp", "torch.Tensor.clip")
def clamp(rng: Random) -> Any:
    a, b = pair(rng)
    return (a,), {"min": b, **given(rng, max=b)}


FUNCTIONS["torch.clamp_min"] = lambda rng: Case(rng.choice(both("clamp_min")), pair(rng))
FUNCTIONS["torch.clamp_max"] = lambda rng: Case(rng.choice(both("clamp_max")), pair(rng))


@function("torch.lerp", "torch.Tensor.lerp")
def lerp(rng: Random) -> Any:
    a, b = pair(rng)
    return (a, b if isinstance(b, T) else a, 0.5), {}


@function("torch.addcmul", "torch.Tensor.addcmul")
def addcmul(rng: Random) -> Any:
    a, b = pair(rng)
    return (a, a, b if isinstance(b, T) else a), {}


FUNCTIONS["torch.addcdiv"] = lambda rng: Case(rng.choice(both("addcdiv")), *addcmul(rng))


@function("torch.Tensor.to", "torch.Tensor.type")
def to(rng: Random) -> Any:
    return (tensor(rng), rng.choice((Name("torch.float16"), Name("torch.int64")))), {}


@function("torch.Tensor.type_as")
def type_as(rng: Random) -> Any:
    return (tensor(rng), T((2,), "int64")), {}


@function(
    *both("sum"), *both("mean"), *both("nansum"), *both("nanmean"), *both("amax"), *both("amin"), *both("logsumexp")
)
def total(rng: Random) -> Any:
    x = tensor(rng, 0)
    rank = len(shape_of(x))
    dims: Any = (
        axis(rng, rank) if rng.random() < 0.6 or not rank else tuple(axis(rng, rank) for _ in range(rng.randint(1, 2)))
    )
    return ((x, dims) if rng.random() < 0.8 else (x,)), given(
        rng, keepdim=rng.random() < 0.5
    ) if rank and dims is not None else {}


def _reduction(names: tuple[str, ...], many: bool, alone: bool = True) -> Generate:
    def case(rng: Random) -> Case:
        x = tensor(rng, 0)
        rank = len(shape_of(x))
        if alone and rng.random() < 0.25:
            return Case(rng.choice(names), (x,))
        dims: Any = axis(rng, rank)
        if many and rank and rng.random() < 0.4:
            dims = tuple(axis(rng, rank) for _ in range(rng.randint(1, 2)))
        return Case(rng.choice(names), (x,), {"dim": dims, **given(rng, keepdim=rng.random() < 0.5)})

    return case


for _name, _many in (("sum", True), ("mean", True), ("nansum", True), ("nanmean", True), ("amax", True), ("amin", True),
                     ("prod", False), ("argmax", False), ("argmin", False), ("any", True), ("all", True),
                     ("max", False),
                     ("min", False), ("median", False), ("nanmedian", False), ("mode", False), ("var", True),
                     ("std", True)):  # fmt: skip
    FUNCTIONS[f"torch.{_name}"] = _reduction(both(_name), _many, _name != "mode")
FUNCTIONS["torch.logsumexp"] = _reduction(both("logsumexp"), True, alone=False)
FUNCTIONS["torch.var_mean"] = _reduction(("torch.var_mean",), True)
FUNCTIONS["torch.std_mean"] = _reduction(("torch.std_mean",), True)
FUNCTIONS["torch.aminmax"] = _reduction(both("aminmax"), False)
FUNCTIONS["torch.norm"] = _reduction(both("norm"), False)
FUNCTIONS["torch.linalg.vector_norm"] = _reduction(("torch.linalg.vector_norm",), True)


@function(*both("count_nonzero"))
def count_nonzero(rng: Random) -> Any:
    x = tensor(rng)
    return (x,), given(rng, dim=axis(rng, len(shape_of(x))))


@function("torch.matmul", "torch.Tensor.matmul")
def matmul(rng: Random) -> Any:
    rows, inner, columns = (rng.randint(1, 5) for _ in range(3))
    batch = anything(rng, 0, 2)
    left = (*(1 if rng.random() < 0.3 else b for b in batch), rows, inner)
    right = (*(near(rng, b) for b in batch[rng.randint(0, len(batch)) :]), near(rng, inner), columns)
    odd = rng.random()
    return (T(left[-1:] if odd < 0.1 else left), T(right[-2:-1] if odd > 0.9 else right)), {}


def _products(rank: int) -> Generate:
    def case(rng: Random) -> Case:
        batch = (2,) * (rank - 2)
        inner = rng.randint(1, 4)
        left, right = (*batch, 3, inner), (*(near(rng, b) for b in batch), near(rng, inner), 4)
        return Case(rng.choice(both("mm" if rank == 2 else "bmm")), (T(left[rng.random() < 0.05 :]), T(right)))

    return case


FUNCTIONS["torch.mm"] = _products(2)
FUNCTIONS["torch.bmm"] = _products(3)
FUNCTIONS["torch.mv"] = lambda rng: Case(rng.choice(both("mv")), (T((3, n := rng.randint(1, 4))), T((near(rng, n),))))
FUNCTIONS["torch.dot"] = lambda rng: Case(rng.choice(both("dot")), (T((n := rng.randint(1, 4),)), T((near(rng, n),))))
FUNCTIONS["torch.outer"] = lambda rng: Case(
    rng.choice(both("outer")), (T((rng.randint(1, 4),)), T((rng.randint(1, 4),)))
)
FUNCTIONS["torch.addmm"] = lambda rng: Case(
    rng.choice(both("addmm")), (T((near(rng, 4),)), T((3, n := rng.randint(1, 3))), T((near(rng, n), 4)))
)
FUNCTIONS["torch.baddbmm"] = lambda rng: Case(
    rng.choice(both("baddbmm")), (T((2, 3, near(rng, 4))), T((2, 3, n := rng.randint(1, 3))), T((2, near(rng, n), 4)))
)
FUNCTIONS["torch.tensordot"] = lambda rng: Case(
    "torch.tensordot", (T((2, 3, n := rng.randint(1, 3))), T((near(rng, n), 4)), 1)
)
EQUATIONS = ("ij,jk->ik", "bij,bjk->bik", "bhqd,bhkd->bhqk", "nctv,vw->nctw", "ij->ji", "ii->i", "i,j", "bij,bjk",
             "...ij,...jk->...ik", "b h w c, h k c -> b h w k", "ij->", "ij,ij->i")  # fmt: skip


@function("torch.einsum")
def einsum(rng: Random) -> Any:
    equation = rng.choice(EQUATIONS)
    sizes: dict[str, int] = {}
    operands = []
    for term in equation.replace(" ", "").partition("->")[0].split(","):
        shape = [sizes.setdefault(c, rng.randint(1, 4)) for c in term.replace("...", "")]
        shape = [near(rng, s) if rng.random() < 0.2 else s for s in shape]
        operands.append(T((*((2,) if "..." in term else ()), *shape)))
    return (equation, *operands), {}


@function("torch.cdist")
def cdist(rng: Random) -> Any:
    batch = anything(rng, 0, 2)
    return (T((*batch, 3, 2)), T((*(near(rng, b) for b in batch), rng.randint(1, 4), 2))), {}

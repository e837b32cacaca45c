"""The names under which torch offers one operation: function, method, in place or not."""
# ruff: noqa: SIM905  a long list of names reads best as text

from __future__ import annotations

_FUNCTIONAL_ONLY = frozenset(
    """relu6 hardsigmoid hardswish silu mish logsigmoid softsign tanhshrink elu leaky_relu
softshrink hardtanh softplus gelu""".split()
)
_FUNCTIONAL_IN_PLACE = frozenset("relu selu celu elu leaky_relu hardtanh rrelu threshold".split())
_NO_METHOD = frozenset({"selu", "celu", "rrelu", "threshold", "rsub", "real"})
_NEVER_IN_PLACE = frozenset(
    """clone conj contiguous positive real resolve_conj resolve_neg maximum minimum fmax fmin
isclose isfinite isinf isnan isposinf isneginf signbit hardshrink prelu rsub requires_grad_""".split()
)
_FUNCTIONS_IN_PLACE = frozenset(
    """abs acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh
ceil clamp clamp_max clamp_min clip conj_physical cos cosh deg2rad detach erf erfc exp exp2 expm1 fix floor frac gcd i0
lcm ldexp log log10 log1p log2 logit nan_to_num neg negative rad2deg reciprocal relu round rsqrt selu celu rrelu
sigmoid sin sinc sinh sqrt square tan tanh threshold trunc xlogy""".split()
)
_METHODS_ONLY = frozenset({"contiguous", "requires_grad_"})


def everywhere(name: str, *, functional: bool = True) -> tuple[str, ...]:
    """Every name of an operation; `functional`: it is one of `torch.nn.functional` too."""
    names = [f"torch.nn.functional.{name}"] if functional else []
    if functional and name in _FUNCTIONAL_IN_PLACE:
        names.append(f"torch.nn.functional.{name}_")
    if functional and name in _FUNCTIONAL_ONLY:
        return tuple(names)
    if name not in _METHODS_ONLY:
        names.append(f"torch.{name}")
    if name in _FUNCTIONS_IN_PLACE:
        names.append(f"torch.{name}_")
    if name not in _NO_METHOD:
        names.append(f"torch.Tensor.{name}")
        if name not in _NEVER_IN_PLACE:
            names.append(f"torch.Tensor.{name}_")
    return tuple(names)

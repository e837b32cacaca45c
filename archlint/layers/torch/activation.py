"""torch activations: layers, functions and tensor methods."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from typing import Any

from archlint.dims import divide, proven_different, show
from archlint.layers.arguments import axis_index, is_unknown, size
from archlint.layers.families.contract import divisibility_fault
from archlint.layers.families.elementwise import fractional, like
from archlint.layers.families.reshape import bad_axis
from archlint.layers.families.split import resize_axis
from archlint.layers.spec import Fault, Out, function, layer
from archlint.layers.torch.reading import dtype_name
from archlint.layers.torch.spelling import everywhere
from archlint.values import Tensor

INPLACE = {
    "ReLU": "relu", "ReLU6": "relu6", "Hardsigmoid": "hardsigmoid", "Hardswish": "hardswish", "SELU": "selu",
    "SiLU": "silu", "Mish": "mish",
}  # fmt: skip
PLAIN = {
    "Sigmoid": "sigmoid", "Tanh": "tanh", "LogSigmoid": "logsigmoid", "Softsign": "softsign",
    "Tanhshrink": "tanhshrink",
}  # fmt: skip


def _declare_inplace(layer_name: str, name: str) -> None:
    @layer(f"torch.nn.{layer_name}", family="activation")
    def activation(x: Tensor, inplace: Any = False) -> Out:
        """Activation, element by element."""
        return like(x)

    @function(*everywhere(name), family="activation")
    def f_activation(input: Tensor, inplace: Any = False) -> Out:
        """Activation, element by element."""
        return like(input)


def _declare_plain(layer_name: str, name: str) -> None:
    @layer(f"torch.nn.{layer_name}", family="activation")
    def activation(x: Tensor) -> Out:
        """Activation, element by element."""
        return like(x, dtype=fractional(x))

    names = (*everywhere(name), "torch.special.expit") if name == "sigmoid" else everywhere(name)

    @function(*names, family="activation")
    def f_activation(input: Tensor) -> Out:
        """Activation, element by element."""
        return like(input, dtype=fractional(input))


for _layer, _name in INPLACE.items():
    _declare_inplace(_layer, _name)
for _layer, _name in PLAIN.items():
    _declare_plain(_layer, _name)


@layer("torch.nn.ELU", family="activation")
@layer("torch.nn.CELU", family="activation")
def elu(x: Tensor, alpha: Any = 1.0, inplace: Any = False) -> Out:
    """Exponential below zero, identity above."""
    return like(x)


@function(*everywhere("elu"), family="activation")
@function(*everywhere("celu"), family="activation")
def f_elu(input: Tensor, alpha: Any = 1.0, inplace: Any = False) -> Out:
    """Exponential below zero, identity above."""
    return like(input)


@layer("torch.nn.LeakyReLU", family="activation")
def leaky_relu(x: Tensor, negative_slope: Any = 0.01, inplace: Any = False) -> Out:
    """A small slope below zero, identity above."""
    return like(x)


@function(*everywhere("leaky_relu"), family="activation")
def f_leaky_relu(input: Tensor, negative_slope: Any = 0.01, inplace: Any = False) -> Out:
    """A small slope below zero, identity above."""
    return like(input)


@layer("torch.nn.Hardshrink", family="activation")
@layer("torch.nn.Softshrink", family="activation")
def shrink(x: Tensor, lambd: Any = 0.5) -> Out:
    """Zero near zero."""
    return like(x)


@function(*everywhere("hardshrink"), family="activation")
@function(*everywhere("softshrink"), family="activation")
def f_shrink(input: Tensor, lambd: Any = 0.5) -> Out:
    """Zero near zero."""
    return like(input)


@layer("torch.nn.Hardtanh", family="activation")
def hardtanh(
    x: Tensor, min_val: Any = -1.0, max_val: Any = 1.0, inplace: Any = False, min_value: Any = None,
    max_value: Any = None,
) -> Out:  # fmt: skip
    """Identity between two bounds, constant outside."""
    return like(x)


@function(*everywhere("hardtanh"), family="activation")
def f_hardtanh(input: Tensor, min_val: Any = -1.0, max_val: Any = 1.0, inplace: Any = False) -> Out:
    """Identity between two bounds, constant outside."""
    return like(input)


@layer("torch.nn.RReLU", family="activation")
def rrelu(x: Tensor, lower: Any = 0.125, upper: Any = 0.3333333333333333, inplace: Any = False) -> Out:
    """A random small slope below zero, identity above."""
    return like(x)


@function(*everywhere("rrelu"), family="activation")
def f_rrelu(
    input: Tensor, lower: Any = 0.125, upper: Any = 0.3333333333333333, training: Any = False, inplace: Any = False
) -> Out:
    """A random small slope below zero, identity above."""
    return like(input)


@layer("torch.nn.Softplus", family="activation")
def softplus(x: Tensor, beta: Any = 1.0, threshold: Any = 20.0) -> Out:
    """Smooth version of ReLU."""
    return like(x)


@function(*everywhere("softplus"), family="activation")
def f_softplus(input: Tensor, beta: Any = 1.0, threshold: Any = 20.0) -> Out:
    """Smooth version of ReLU."""
    return like(input)


@layer("torch.nn.Threshold", family="activation")
def threshold_layer(x: Tensor, threshold: Any, value: Any, inplace: Any = False) -> Out:
    """A constant at or below a threshold."""
    return like(x)


@function(*everywhere("threshold"), family="activation")
def f_threshold(input: Tensor, threshold: Any, value: Any, inplace: Any = False) -> Out:
    """A constant at or below a threshold."""
    return like(input)


@layer("torch.nn.GELU", family="activation")
def gelu(x: Tensor, approximate: Any = "none") -> Out:
    """Gaussian error linear unit."""
    return like(x)


@function(*everywhere("gelu"), family="activation")
def f_gelu(input: Tensor, *, approximate: Any = "none") -> Out:
    """Gaussian error linear unit."""
    return like(input)


@layer("torch.nn.PReLU", family="activation", weights=True)
def prelu(x: Tensor, num_parameters: Any = 1, init: Any = 0.25, device: Any = None, dtype: Any = None) -> Out:
    """A trained slope below zero: one for all, or one per channel (axis 1)."""
    slopes = size(num_parameters)
    out = like(x)
    faults: tuple[Fault, ...] = ()
    if x.shape is not None and proven_different(slopes, 1):
        channels = x.shape[1] if len(x.shape) > 1 else 1
        if proven_different(slopes, channels):
            text = f"{show(slopes)} slopes declared, the input has {show(channels)} channels"
            faults = (Fault("channels", "num_parameters", text, slopes, channels, 1 if len(x.shape) > 1 else None),)
    return Out(out.shape, slopes, axes=out.axes, like_input=True, last=x.last, faults=faults)


@function(*everywhere("prelu"), family="activation")
def f_prelu(input: Tensor, weight: Any) -> Out:
    """A given slope below zero."""
    return like(input)


def along(x: Tensor, dim: Any, *, dtype: str | None = None, none_is_fine: bool = True) -> Out:
    """The shape of the input, with a fault if the axis does not exist."""
    if x.shape is not None and not is_unknown(dim) and not (dim is None and none_is_fine):
        if axis_index(dim, max(len(x.shape), 1)) is None:
            return bad_axis(dim, len(x.shape), "dim")
    return like(x, dtype=dtype)


@layer("torch.nn.Softmax", family="activation")
@layer("torch.nn.LogSoftmax", family="activation")
@layer("torch.nn.Softmin", family="activation")
def softmax(x: Tensor, dim: Any = None) -> Out:
    """Positive numbers that add up to 1 along an axis, or their logarithms."""
    return along(x, dim)


@layer("torch.nn.Softmax2d", family="activation")
def softmax2d(x: Tensor) -> Out:
    """Softmax over the channels of an image."""
    if x.shape is not None and len(x.shape) not in (3, 4):
        return Out(None, faults=(Fault("rank", "", f"needs 3 or 4 axes, got {len(x.shape)}", 4, len(x.shape)),))
    return like(x)


def _declare_softmax(name: str) -> None:
    @function(f"torch.nn.functional.{name}", family="activation")
    def f_softmax(input: Tensor, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Out:
        """Positive numbers that add up to 1 along an axis, or their logarithms."""
        return along(input, dim, dtype=dtype_name(dtype))

    if name != "softmin":

        @function(f"torch.{name}", f"torch.Tensor.{name}", f"torch.special.{name}", family="activation")
        def t_softmax(input: Tensor, dim: Any, dtype: Any = None) -> Out:
            """Positive numbers that add up to 1 along an axis, or their logarithms."""
            return along(input, dim, dtype=dtype_name(dtype), none_is_fine=False)


for _name in ("softmax", "log_softmax", "softmin"):
    _declare_softmax(_name)


@function("torch.nn.functional.gumbel_softmax", family="activation")
def gumbel_softmax(logits: Tensor, tau: Any = 1, hard: Any = False, eps: Any = 1e-10, dim: Any = -1) -> Out:
    """Samples of a softened categorical distribution along an axis."""
    return along(logits, dim, none_is_fine=False)


def _halved(x: Tensor, dim: Any) -> Out:
    """One half gates the other: the axis must be even."""
    if x.shape is None:
        return Out()
    at = axis_index(dim, max(len(x.shape), 1))
    if at is None:
        return bad_axis(dim, len(x.shape), "dim")
    if not x.shape:
        return Out(None, faults=(Fault("rank", "", "a scalar has no halves", 1, 0),))
    odd = divisibility_fault("dim", x.shape[at], 2, f"positions of axis {at}")
    return Out(None, faults=odd) if odd else resize_axis(x, at, divide(x.shape[at], 2))


@layer("torch.nn.GLU", family="activation")
def glu(x: Tensor, dim: Any = -1) -> Out:
    """One half of an axis times the sigmoid of the other."""
    return _halved(x, dim)


@function("torch.nn.functional.glu", family="activation")
def f_glu(input: Tensor, dim: Any = -1) -> Out:
    """One half of an axis times the sigmoid of the other."""
    return _halved(input, dim)

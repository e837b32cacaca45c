"""torch.nn poolings and their functional forms."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archlint.dims import Dim, Size
from archlint.layers.arguments import NotKnown, flag, is_unknown, size, sizes, truth
from archlint.layers.families import pool as family
from archlint.layers.families.elementwise import fractional
from archlint.layers.spec import Out, function, layer
from archlint.layers.torch.reading import padding_pairs, stride_or_kernel
from archlint.values import Tensor


def _window(
    x: Tensor, n: int, kernel: Any, stride: Any, padding: Any, ceil_mode: Any, dilation: Any = 1,
    mean: bool = False,
) -> Out:  # fmt: skip
    kernels = sizes(kernel, n)
    return family.pool(
        x, n=n, kernel=kernels, stride=stride_or_kernel(stride, kernels), padding=padding_pairs(padding, n),
        dilation=sizes(dilation, n), ceil_mode=truth(ceil_mode), unbatched=True, limit_padding=True,
        covered=mean and n == 3,
    )  # fmt: skip


def _with_indices(found: Out, wanted: Any) -> Any:
    """The maxima, and where they were, if that is asked for."""
    return (found, Out(found.shape, axes=found.axes, dtype="int64")) if flag(wanted) else found


def _adaptive(x: Tensor, n: int, output_size: Any, mean: bool = False) -> Out:
    """`None` on an axis keeps its size.  A mean to size 1 over two or three axes takes any rank."""
    many = isinstance(output_size, (tuple, list))
    if many and len(output_size) not in (1, n):
        raise NotKnown
    given = list(output_size) * (n if len(output_size) == 1 else 1) if many else [output_size] * n
    wanted: list[Size] = [size(v) for v in given]
    rank = x.rank
    if mean and n > 1 and rank is not None and n <= rank and rank not in (n + 1, n + 2) and x.shape:
        if all(isinstance(s, int) and s == 1 for s in wanted):
            return Out((*x.shape[:-n], *(1,) * n), axes=tuple(range(rank)), sees_all=True)
        if any(isinstance(s, Dim) or (s is None and v is not None) for s, v in zip(wanted, given, strict=True)):
            raise NotKnown
    return family.adaptive(x, n=n, sizes=wanted, kept=[v is None for v in given], unbatched=True)


def _declare_max(n: int) -> None:
    @layer(f"torch.nn.MaxPool{n}d", family="pool")
    def max_pool(
        x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
        return_indices: Any = False, ceil_mode: Any = False,
    ) -> Any:  # fmt: skip
        """Maximum over a window; the stride is the window unless stated."""
        return _with_indices(_window(x, n, kernel_size, stride, padding, ceil_mode, dilation), return_indices)

    @function(f"torch.nn.functional.max_pool{n}d", f"torch.max_pool{n}d", family="pool")
    def f_max_pool(
        input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
        ceil_mode: Any = False, return_indices: Any = False,
    ) -> Any:  # fmt: skip
        """Maximum over a window; the stride is the window unless stated."""
        return _with_indices(_window(input, n, kernel_size, stride, padding, ceil_mode, dilation), return_indices)

    @layer(f"torch.nn.MaxUnpool{n}d", family="pool", call=("input", "indices", "output_size"))
    def max_unpool(x: Mapping[str, Any], kernel_size: Any, stride: Any = None, padding: Any = 0) -> Out:
        """The inverse of max pooling: values go back to where they were, zeros elsewhere."""
        kernel = sizes(kernel_size, n)
        found = family.unpool(x["input"], n=n, kernel=kernel, stride=stride_or_kernel(stride, kernel),
                              padding=sizes(padding, n))  # fmt: skip
        wanted = x.get("output_size")
        if wanted is None or found.shape is None:
            return found
        if is_unknown(wanted) or not isinstance(wanted, (tuple, list)):
            return replace(found, shape=None, axes=None)
        return replace(found, shape=(*found.shape[:-n], *(size(w) for w in wanted[-n:])), axes=None)


def _declare_average(n: int) -> None:
    if n == 1:

        @layer("torch.nn.AvgPool1d", family="pool")
        def avg_pool1d(
            x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: Any = False,
            count_include_pad: Any = True,
        ) -> Out:  # fmt: skip
            """Mean over a window; the stride is the window unless stated."""
            return _window(x, n, kernel_size, stride, padding, ceil_mode, mean=True)
    else:

        @layer(f"torch.nn.AvgPool{n}d", family="pool")
        def avg_pool(
            x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: Any = False,
            count_include_pad: Any = True, divisor_override: Any = None,
        ) -> Out:  # fmt: skip
            """Mean over a window; the stride is the window unless stated."""
            return _window(x, n, kernel_size, stride, padding, ceil_mode, mean=True)

    @function(f"torch.nn.functional.avg_pool{n}d", *(("torch.avg_pool1d",) if n == 1 else ()), family="pool")
    def f_avg_pool(
        input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: Any = False,
        count_include_pad: Any = True, divisor_override: Any = None,
    ) -> Out:  # fmt: skip
        """Mean over a window; the stride is the window unless stated."""
        return _window(input, n, kernel_size, stride, padding, ceil_mode, mean=True)

    @layer(f"torch.nn.LPPool{n}d", family="pool")
    def lp_pool(x: Tensor, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: Any = False) -> Out:
        """Power mean over a window."""
        return _window(x, n, kernel_size, stride, 0, ceil_mode, mean=True)

    @function(f"torch.nn.functional.lp_pool{n}d", family="pool")
    def f_lp_pool(input: Tensor, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: Any = False) -> Out:
        """Power mean over a window."""
        out = _window(input, n, kernel_size, stride, 0, ceil_mode, mean=True)
        return replace(out, dtype=fractional(input))


def _declare_adaptive(n: int) -> None:
    @layer(f"torch.nn.AdaptiveAvgPool{n}d", family="adaptive_pool")
    def adaptive_avg_pool(x: Tensor, output_size: Any) -> Out:
        """Means over windows chosen so that the output has the given size."""
        return _adaptive(x, n, output_size, mean=True)

    @function(f"torch.nn.functional.adaptive_avg_pool{n}d", *(("torch.adaptive_avg_pool1d",) if n == 1 else ()),
              family="adaptive_pool")  # fmt: skip
    def f_adaptive_avg_pool(input: Tensor, output_size: Any) -> Out:
        """Means over windows chosen so that the output has the given size."""
        return _adaptive(input, n, output_size, mean=True)

    @layer(f"torch.nn.AdaptiveMaxPool{n}d", family="adaptive_pool")
    def adaptive_max_pool(x: Tensor, output_size: Any, return_indices: Any = False) -> Any:
        """Maxima over windows chosen so that the output has the given size."""
        return _with_indices(_adaptive(x, n, output_size), return_indices)

    @function(f"torch.nn.functional.adaptive_max_pool{n}d", family="adaptive_pool")
    def f_adaptive_max_pool(input: Tensor, output_size: Any, return_indices: Any = False) -> Any:
        """Maxima over windows chosen so that the output has the given size."""
        return _with_indices(_adaptive(input, n, output_size), return_indices)


for _n in (1, 2, 3):
    _declare_max(_n)
    _declare_average(_n)
    _declare_adaptive(_n)

"""Random arrays: `np.random.rand(64, 10)`, `rng.normal(size=(64, 10))`."""

from __future__ import annotations

from typing import Any

from archlint.dims import Dim
from archlint.layers.arguments import NotKnown
from archlint.layers.families.elementwise import broadcast_shapes
from archlint.layers.numpy.reading import array, dtype, shape_argument, varargs
from archlint.layers.spec import Out, function


def _by_axes(name: str) -> None:
    @function(f"numpy.random.{name}", family="array")
    def by_axes(*sizes: Any) -> Out:
        """Random numbers; the axes are given one by one."""
        if len(sizes) == 1 and not isinstance(sizes[0], (int, Dim)):
            raise NotKnown
        return Out(varargs(sizes) if sizes else (), dtype="float64")


for _name in ("rand", "randn"):
    _by_axes(_name)


def _by_size(*names: str) -> None:
    @function(*(f"numpy.random.{n}" for n in names), family="array")
    def by_size(size: Any = None, dtype_: Any = None, **options: Any) -> Out:
        """Random numbers of the given shape."""
        return Out(shape_argument(size) or (), dtype=dtype(options.get("dtype", dtype_), "float64"))


_by_size("random", "random_sample", "ranf", "sample", "standard_normal", "standard_cauchy", "standard_exponential",
         "Generator.random", "Generator.standard_normal")  # fmt: skip


def _of_law(name: str, count: int, kind: str) -> None:
    def law(*given: Any, **options: Any) -> Out:
        """Random numbers of the given shape, or of the shape of the law's own numbers."""
        stated = options.pop("size", given[count] if len(given) > count else None)
        wanted = shape_argument(stated)
        if wanted is None:
            wanted = broadcast_shapes([array(v).shape for v in (*given[:count], *options.values())])[0]
        return Out(wanted, dtype=kind)

    function(f"numpy.random.{name}", f"numpy.random.Generator.{name}", family="array")(law)


for _name, _count in (("uniform", 2), ("normal", 2), ("beta", 2), ("gamma", 2), ("laplace", 2), ("exponential", 1),
                      ("lognormal", 2), ("chisquare", 1), ("rayleigh", 1), ("logistic", 2), ("gumbel", 2)):  # fmt: skip
    _of_law(_name, _count, "float64")
for _name, _count in (("binomial", 2), ("poisson", 1), ("geometric", 1)):
    _of_law(_name, _count, "int64")


@function("numpy.random.randint", "numpy.random.random_integers", "numpy.random.Generator.integers", family="array")
def randint(low: Any, high: Any = None, size: Any = None, dtype_: Any = None, **options: Any) -> Out:
    """Random whole numbers from `low` to below `high`, or to below `low`."""
    wanted = shape_argument(size)
    if wanted is None:
        wanted = broadcast_shapes([array(v).shape for v in (low, 0 if high is None else high)])[0]
    return Out(wanted, dtype=dtype(options.get("dtype", dtype_), "int64"))


@function("numpy.random.choice", "numpy.random.Generator.choice", family="array")
def choice(a: Any, size: Any = None, replace: Any = True, p: Any = None, **options: Any) -> Out:
    """Elements, or rows, picked at random."""
    given, wanted = array(a), shape_argument(size)
    if given.shape is None or options.get("axis"):
        raise NotKnown
    return Out((*(wanted or ()), *given.shape[1:]), dtype=given.dtype or "")


@function("numpy.random.permutation", "numpy.random.Generator.permutation", family="array")
def permutation(x: Any, axis: Any = 0) -> Out:
    """Rows in random order; of a number, the whole numbers below it."""
    given = array(x)
    if given.shape is None:
        raise NotKnown
    if given.shape == ():
        return Out((x if isinstance(x, (int, Dim)) else None,), dtype="int64")
    return Out(given.shape, dtype=given.dtype or "")

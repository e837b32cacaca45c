"""Random inputs and other weights as NumPy arrays, for Keras and TF 1."""

import importlib
from typing import Any, List, Optional, Sequence

from .probes import MOST_INPUTS, Given, NotRun

OPEN_BATCH, OPEN_SIZE = 2, 7
"""What stands for a size that a model leaves open, in front and elsewhere."""


def inputs_of(tensors: Sequence[Sequence[Any]]) -> List[Given]:
    """The inputs with every size stated; Keras counts samples along the first axis."""
    givens, elements = [], 0
    for number, (name, shape, dtype, high) in enumerate(tensors):
        open_sizes = [OPEN_BATCH] + [OPEN_SIZE] * len(shape)
        sizes = tuple(open_sizes[axis] if size is None else int(size) for axis, size in enumerate(shape))
        product = 1
        for size in sizes:
            product *= size
        elements += product
        givens.append(Given(name or "input {}".format(number + 1), sizes, dtype, high, 0 if sizes else None))
    if elements > MOST_INPUTS:
        raise NotRun("too large: {:,} numbers of input".format(elements))
    return givens


def draw(given: Given, seed: int, rows: Optional[int]) -> Any:
    """Random values of the normal distribution, or valid indices."""
    numpy = importlib.import_module("numpy")

    shape = list(given.shape)
    if rows is not None and given.batch is not None:
        shape[given.batch] = rows
    generator = numpy.random.RandomState(seed)
    if "bool" in given.dtype:
        return generator.rand(*shape) < 0.5
    if "int" in given.dtype:
        return generator.randint(0, max(1, given.high or 2), size=shape).astype(given.dtype)
    if "float" not in given.dtype:
        raise NotRun("input of type " + given.dtype)
    return generator.randn(*shape).astype(given.dtype)


def far(value: Any, generator: Any, seed: int) -> Any:
    """Other values for a weight: matrices as wide as they were, vectors around what they were or around zero."""
    noise = generator.randn(*value.shape)
    if value.ndim > 1:
        return (noise * max(float(value.std()), 1e-3)).astype(value.dtype)
    return (3 * noise + value * (1 - seed % 2)).astype(value.dtype)

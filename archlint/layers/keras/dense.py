"""Keras layers with a matrix: Dense, EinsumDense, Embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archlint.dims import Size, mul, product, proven_different, proven_equal, show
from archlint.layers.arguments import NotKnown, flag, known, size
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.dense import dense as on_last_axis
from archlint.layers.families.embedding import embedding as rows_of_table
from archlint.layers.keras import legacy
from archlint.layers.keras.reading import adding, must_be_fixed, positive, yes
from archlint.layers.spec import Demand, Fault, Out, layer
from archlint.values import Tensor


@layer("keras.layers.Dense", "keras.layers.TimeDistributedDense", family="dense", legacy=legacy.dense, weights=True)
def dense(x: Tensor, units: Any, activation: Any = None, use_bias: Any = True, **_: Any) -> Out:
    """Fully connected on the last axis, whatever the rank: `(in + bias) * units` weights."""
    bad = positive(size(units), "units")
    if bad:
        return Out(faults=bad)
    if x.shape is not None and len(x.shape) < 2:
        return Out(faults=rank_fault(x, 2, (2,), "at least: (batch, …, features)"))
    out = on_last_axis(x, out=size(units), bias=yes(use_bias))
    return adding(out, must_be_fixed(x, [-1]))


@layer("keras.layers.Embedding", family="embedding", legacy=legacy.embedding, weights=True)
def embedding(x: Tensor, input_dim: Any, output_dim: Any, embeddings_initializer: Any = "uniform",
              embeddings_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: Any = False,
              **_: Any) -> Out:  # fmt: skip
    """A row of `output_dim` numbers for every integer below `input_dim`."""
    rows, width = size(input_dim), size(output_dim)
    bad = (*positive(rows, "input_dim"), *positive(width, "output_dim"))
    return Out(faults=bad) if bad else rows_of_table(x, rows=rows, width=width)


@layer("keras.layers.EinsumDense", family="dense", weights=True)
def einsum_dense(x: Tensor, equation: Any, output_shape: Any, activation: Any = None, bias_axes: Any = None,
                 **_: Any) -> Out:  # fmt: skip
    """A matrix (or tensor of weights) applied by an einsum: `"abc,cd->abd"`, `"...x,xy->...y"`."""
    inputs, weights, outputs = _letters(known(equation))
    output_shape = output_shape if isinstance(output_shape, (tuple, list)) else known(output_shape)
    declared = output_shape if isinstance(output_shape, (tuple, list)) else (output_shape,)
    if x.shape is None:
        return _of_any_input(inputs, outputs, declared)
    if inputs.startswith("..."):
        free = len(x.shape) - len(inputs[3:])
        if free < 0:
            return Out(faults=rank_fault(x, len(inputs[3:])))
        names = ["." * (i + 1) for i in range(free)]
        source, target = [*names, *inputs[3:]], [*names, *outputs[3:]]
        # Keras swaps the elided axes in its symbolic shapes: only equal ones are certain
        elided = x.shape[1:free]
        certain = all(proven_equal(elided[0], s) for s in elided)
        sizes = dict(
            zip(
                source,
                (x.shape[0], *(elided if certain else (None,) * len(elided)), *x.shape[max(free, 1) :]),
                strict=True,
            )
        )
        sizes.update(zip(outputs[3:][-len(declared) :], map(size, declared[-len(outputs[3:]) :]), strict=False))
    else:
        source, target = list(inputs), list(outputs)
        wrong = rank_fault(x, len(source))
        if wrong:
            return Out(faults=wrong)
        sizes = dict(zip(source, x.shape, strict=True))
        if len(declared) != len(target) - 1:
            raise NotKnown
        for letter, value in zip(target[1:], declared, strict=True):
            if value is not None:
                sizes[letter] = size(value) if letter not in source else sizes[letter]
    if len(set(source)) != len(source) or any(letter not in sizes for letter in (*weights, *target)):
        raise NotKnown
    bias = _bias_size(bias_axes, sizes)
    kernel = product(sizes[letter] for letter in weights)
    params = None if kernel is None or bias is None else kernel + bias
    axes = tuple(source.index(letter) if letter in source else "features" for letter in target)
    out = Out(tuple(sizes[letter] for letter in target), params, axes=axes)
    return adding(out, must_be_fixed(x, [i for i, letter in enumerate(source) if letter in weights]))


def _of_any_input(inputs: str, outputs: str, declared: Sequence[Any]) -> Out:
    """The equation tells the rank of what comes in, `output_shape` the axes that the weights make."""
    made = dict(zip(outputs[::-1], map(size, declared[::-1]), strict=False))
    sizes = tuple(None if letter in inputs else made.get(letter) for letter in outputs)
    if inputs.startswith("..."):
        return Out(None, params=None, last=sizes[-1])
    roles = ("batch", *("",) * (len(inputs) - 2), "features")
    return Out(sizes, params=None, demand=Demand((None,) * len(roles), roles) if len(inputs) > 1 else None)


def _letters(equation: Any) -> tuple[str, str, str]:
    if not isinstance(equation, str):
        raise NotKnown
    left, arrow, outputs = equation.replace(" ", "").partition("->")
    inputs, comma, weights = left.partition(",")
    plain = all(part.replace("...", "").isalpha() for part in (inputs, weights, outputs))
    if not arrow or not comma or not plain or inputs.startswith("...") != outputs.startswith("..."):
        raise NotKnown
    if any("..." in part.removeprefix("...") for part in (inputs, outputs)) or "..." in weights:
        raise NotKnown
    return inputs, weights, outputs


def _bias_size(bias_axes: Any, sizes: dict[str, Size]) -> Size:
    if known(bias_axes) is None:
        return 0
    return product(sizes.get(letter) for letter in bias_axes)


@layer("keras.layers.MaxoutDense", family="dense", legacy=legacy.dense, weights=True)
def maxout_dense(x: Tensor, units: Any, nb_feature: Any = 4, **_: Any) -> Out:
    """Keras 1: the greatest of `nb_feature` dense layers."""
    if x.shape is not None and len(x.shape) != 2:
        return Out(faults=(Fault("rank", "", f"needs (batch, features), got {len(x.shape)} axes", 2, len(x.shape)),))
    one = on_last_axis(x, out=size(units))
    many, params = size(nb_feature), one.params
    total = None if params is None or many is None else params * many
    return Out(one.shape, total, axes=one.axes, demand=one.demand, last=one.last)


@layer("keras.layers.ReversibleEmbedding", family="embedding", call=("inputs", "reverse"), weights=True)
def reversible_embedding(x: Any, input_dim: Any, output_dim: Any, tie_weights: Any = True,
                         embeddings_initializer: Any = "uniform", embeddings_regularizer: Any = None,
                         embeddings_constraint: Any = None, mask_zero: Any = False, reverse_dtype: Any = None,
                         logit_soft_cap: Any = None, **_: Any) -> Out:  # fmt: skip
    """Integers to rows of a table, or with `reverse=True` features back to one number per row."""
    rows, width, tied = size(input_dim), size(output_dim), yes(tie_weights)
    bad = (*positive(rows, "input_dim"), *positive(width, "output_dim"))
    if bad:
        return Out(faults=bad)
    given = x.get("inputs")
    weights = None if tied is None else mul(mul(rows, width), 1 if tied else 2)
    if not isinstance(given, Tensor):
        raise NotKnown
    if not flag(x.get("reverse", False)):
        return replace(rows_of_table(given, rows=rows, width=width), params=weights)
    if proven_different(given.features, width):
        text = f"needs {show(width)} features, got {show(given.features)}"
        return Out(params=weights, faults=(Fault("features", "output_dim", text, width, given.features),))
    shape = None if not given.shape else (*given.shape[:-1], rows)
    axes = None if shape is None else (*range(len(shape) - 1), "classes")
    return Out(shape, weights, last=rows, axes=axes)

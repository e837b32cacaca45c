"""torch.nn embeddings and their functional forms."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import size
from archlint.layers.families import embedding as family
from archlint.layers.spec import Out, function, layer
from archlint.layers.torch.reading import whole
from archlint.values import Tensor


@layer("torch.nn.Embedding", family="embedding", weights=True)
def embedding(
    x: Tensor, num_embeddings: Any, embedding_dim: Any, padding_idx: Any = None, max_norm: Any = None,
    norm_type: Any = 2.0, scale_grad_by_freq: Any = False, sparse: Any = False, _weight: Any = None,
    _freeze: Any = False, device: Any = None, dtype: Any = None,
) -> Out:  # fmt: skip
    """A row of the table for each id."""
    if faults := whole(num_embeddings=num_embeddings, embedding_dim=embedding_dim):
        return Out(None, None, faults=faults)
    found = family.embedding(x, rows=size(num_embeddings), width=size(embedding_dim))
    if _freeze is False:
        return found
    return replace(found, params=0, state=found.params) if _freeze is True else replace(found, params=None, state=None)


@layer("torch.nn.EmbeddingBag", family="embedding", call=("input", "offsets", "per_sample_weights"), weights=True)
def embedding_bag(
    x: Mapping[str, Any], num_embeddings: Any, embedding_dim: Any, max_norm: Any = None, norm_type: Any = 2.0,
    scale_grad_by_freq: Any = False, mode: Any = "mean", sparse: Any = False, _weight: Any = None,
    include_last_offset: Any = False, padding_idx: Any = None, device: Any = None, dtype: Any = None,
) -> Out:  # fmt: skip
    """The mean, sum or maximum of the rows of each bag of ids."""
    offsets = x.get("offsets") if include_last_offset is False else None
    return family.bag(x["input"], offsets if isinstance(offsets, Tensor) else None, rows=size(num_embeddings),
                      width=size(embedding_dim))  # fmt: skip


def _table(weight: Any) -> tuple[Size, Size]:
    if isinstance(weight, Tensor) and weight.shape is not None and len(weight.shape) == 2:
        return weight.shape[0], weight.shape[1]
    return None, None


@function("torch.nn.functional.embedding", family="embedding")
def f_embedding(
    input: Tensor, weight: Any, padding_idx: Any = None, max_norm: Any = None, norm_type: Any = 2.0,
    scale_grad_by_freq: Any = False, sparse: Any = False,
) -> Out:  # fmt: skip
    """A row of a given table for each id."""
    rows, width = _table(weight)
    dtype = weight.dtype or "" if isinstance(weight, Tensor) else ""
    return replace(family.embedding(input, rows=rows, width=width), params=0, dtype=dtype)


@function("torch.nn.functional.one_hot", family="one_hot")
def one_hot(input: Tensor, num_classes: Any = -1) -> Out:
    """A new last axis with a single 1; its size is not known if it is left to the data."""
    classes = size(num_classes)
    width = None if isinstance(classes, int) and classes < 0 else classes
    axes = None if input.shape is None else (*range(len(input.shape)), "classes")
    return Out(None if input.shape is None else (*input.shape, width), axes=axes, dtype="int64", last=width)

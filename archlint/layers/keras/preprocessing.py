"""Preprocessing layers of Keras: augmentation keeps the shape, encodings add or replace the last axis."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size, add, proven_different, proven_equal
from archlint.layers.arguments import NotKnown, known, size
from archlint.layers.families.elementwise import like
from archlint.layers.spec import Out, layer
from archlint.values import Tensor


@layer("keras.layers.Rescaling", family="identity")
def rescaling(x: Tensor, scale: Any, offset: Any = 0.0, **_: Any) -> Out:
    """Values multiplied and shifted."""
    return like(x)


@layer("keras.layers.RandomFlip", "keras.layers.RandomRotation", "keras.layers.RandomZoom",
       "keras.layers.RandomTranslation", "keras.layers.RandomContrast", "keras.layers.RandomBrightness",
       "keras.layers.RandomShear", "keras.layers.RandomHue", "keras.layers.RandomSaturation",
       "keras.layers.RandomSharpness", "keras.layers.RandomPosterization", "keras.layers.RandomPerspective",
       "keras.layers.RandomInvert", "keras.layers.RandomGaussianBlur", "keras.layers.RandomErasing",
       "keras.layers.RandomElasticTransform", "keras.layers.RandomColorJitter",
       "keras.layers.RandomColorDegeneration", "keras.layers.AutoContrast", "keras.layers.Equalization",
       "keras.layers.Solarization", "keras.layers.RandAugment", "keras.layers.AugMix", family="augment")  # fmt: skip
def augmentation(x: Tensor, *_args: Any, **_: Any) -> Out:
    """An image changed at random, of the same size."""
    return like(x)


@layer("keras.layers.CategoryEncoding", family="encode")
def category_encoding(x: Tensor, num_tokens: Any = None, output_mode: Any = "multi_hot", sparse: Any = False,
                      **_: Any) -> Out:  # fmt: skip
    """Integers as vectors of `num_tokens` numbers: one for each, or one for all of the last axis."""
    mode = known(output_mode)
    return like(x) if mode == "int" else encoded(x, size(num_tokens), mode)


def encoded(x: Tensor, width: Size, mode: Any) -> Out:
    """`one_hot` adds an axis unless the last one is 1, `multi_hot` and `count` replace the last axis."""
    if mode not in ("one_hot", "multi_hot", "count", "tf_idf"):
        raise NotKnown
    if x.shape is None:
        return Out(None, last=width, dtype="float32")
    rank = len(x.shape)
    if rank > 2 and mode != "one_hot":
        raise NotKnown  # the symbolic and the executed layer of Keras disagree about the axis
    kept = tuple(range(rank))
    if mode != "one_hot" or (rank > 1 and proven_equal(x.shape[-1], 1)):
        kept = kept[:-1]
    elif rank > 1 and not proven_different(x.shape[-1], 1):
        return Out(None, last=width, dtype="float32")
    return Out((*(x.shape[i] for i in kept), width), axes=(*kept, "features"), dtype="float32")


def indexed(x: Tensor) -> Out:
    """An integer for every element; how wide an integer depends on the backend."""
    return like(x, dtype="")


@layer("keras.layers.Discretization", family="encode")
def discretization(x: Tensor, bin_boundaries: Any = None, num_bins: Any = None, epsilon: Any = 0.01,
                   output_mode: Any = "int", **_: Any) -> Out:  # fmt: skip
    """Numbers as the index of the bin they fall in."""
    if known(output_mode) == "int":
        return indexed(x)
    bins = add(len(bin_boundaries), 1) if isinstance(bin_boundaries, (tuple, list)) else size(num_bins)
    return encoded(x, bins, output_mode)


@layer("keras.layers.Hashing", family="encode")
def hashing(x: Tensor, num_bins: Any, mask_value: Any = None, salt: Any = None, output_mode: Any = "int",
            **_: Any) -> Out:  # fmt: skip
    """Values as integers below `num_bins`."""
    if known(output_mode) == "int":
        return indexed(x)
    return encoded(x, size(num_bins), output_mode)


@layer("keras.layers.StringLookup", family="encode")
def string_lookup(x: Tensor, max_tokens: Any = None, num_oov_indices: Any = 1, mask_token: Any = None,
                  oov_token: Any = "[UNK]", vocabulary: Any = None, idf_weights: Any = None, invert: Any = False,
                  output_mode: Any = "int", **_: Any) -> Out:  # fmt: skip
    """Words as their place in a vocabulary, which is rarely known here."""
    return _placed(x, output_mode)


@layer("keras.layers.IntegerLookup", family="encode")
def integer_lookup(x: Tensor, max_tokens: Any = None, num_oov_indices: Any = 1, mask_token: Any = None,
                   oov_token: Any = -1, vocabulary: Any = None, vocabulary_dtype: Any = "int64",
                   idf_weights: Any = None, invert: Any = False, output_mode: Any = "int",
                   **_: Any) -> Out:  # fmt: skip
    """Numbers as their place in a vocabulary, which is rarely known here."""
    return _placed(x, output_mode)


def _placed(x: Tensor, output_mode: Any) -> Out:
    mode = known(output_mode)
    return like(x, dtype="") if mode == "int" else encoded(x, None, mode)


_CLEANED = "lower_and_strip_punctuation"


@layer("keras.layers.TextVectorization", family="encode")
def text_vectorization(x: Tensor, max_tokens: Any = None, standardize: Any = _CLEANED, split: Any = "whitespace",
                       ngrams: Any = None, output_mode: Any = "int", output_sequence_length: Any = None,
                       pad_to_max_tokens: Any = False, vocabulary: Any = None, idf_weights: Any = None,
                       sparse: Any = False, ragged: Any = False, **_: Any) -> Out:  # fmt: skip
    """A text as a row of word numbers, or as one number per word of the vocabulary."""
    batch = x.shape[0] if x.shape else None
    if x.shape is not None and (len(x.shape) > 2 or (len(x.shape) == 2 and not proven_equal(x.shape[1], 1))):
        raise NotKnown
    mode = known(output_mode)
    if mode == "int" and known(ragged) is False:
        return Out((batch, size(output_sequence_length)), axes=(0, "time"), dtype="int64")
    if mode in ("multi_hot", "count", "tf_idf"):
        width = size(max_tokens) if known(pad_to_max_tokens) is True else None
        return Out((batch, width), axes=(0, "features"), dtype="float32")
    raise NotKnown


@layer("keras.layers.RandomGrayscale", family="augment")
def recoloured(x: Tensor, factor: Any = 0.5, *_args: Any, **_: Any) -> Out:
    """An image in other colours, of the same size."""
    return like(x)

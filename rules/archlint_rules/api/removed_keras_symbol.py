"""Names that Keras 3 does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archlint.rule import Edit, FileFacts, Finding, Label, Span, rule
from archlint_rules.api.guards import guarded
from archlint_rules.flow import text_of
from archlint_rules.wording import count

_LAYER_MODULES = (
    "core", "convolutional", "recurrent", "normalization", "embeddings", "pooling", "wrappers", "advanced_activations",
    "noise", "merge", "local", "convolutional_recurrent",
)  # fmt: skip
REMOVED: dict[str, tuple[int, str]] = {
    "keras.layers.TimeDistributedDense": (2, "Dense, which acts on the last axis"),
    "keras.layers.Merge": (2, "Concatenate, Add, Multiply, Average, Maximum or Dot"),
    "keras.layers.merge": (2, "concatenate, add, multiply, average, maximum or dot of keras.layers"),
    "keras.layers.Highway": (2, "two Dense layers and a gate"),
    "keras.layers.MaxoutDense": (2, "Dense, Reshape and a maximum over the pieces"),
    "keras.layers.AtrousConvolution1D": (2, "Conv1D with dilation_rate="),
    "keras.layers.AtrousConvolution2D": (2, "Conv2D with dilation_rate="),
    "keras.layers.Deconvolution2D": (2, "Conv2DTranspose"),
    "keras.layers.Deconvolution3D": (3, "Conv3DTranspose"),
    "keras.layers.CuDNNLSTM": (3, "LSTM, which runs on cuDNN by itself"),
    "keras.layers.CuDNNGRU": (3, "GRU, which runs on cuDNN by itself"),
    "keras.layers.ThresholdedReLU": (3, "ReLU(threshold=...)"),
    "keras.layers.LocallyConnected1D": (3, "a layer of your own"),
    "keras.layers.LocallyConnected2D": (3, "a layer of your own"),
    "keras.models.Graph": (1, "keras.Model"),
    "keras.models.model_from_yaml": (3, "model_from_json"),
    "keras.utils.np_utils": (3, "keras.utils"),
    "keras.utils.vis_utils": (3, "keras.utils"),
    "keras.utils.visualize_util": (2, "keras.utils.plot_model"),
    "keras.utils.generic_utils": (3, "keras.utils and keras.saving"),
    "keras.utils.multi_gpu_model": (3, "keras.distribution, or the backend's own means"),
    "keras.engine": (3, "keras.layers, keras.Model"),
    "keras.initializations": (2, "keras.initializers"),
    "keras.objectives": (2, "keras.losses"),
    "keras.wrappers.scikit_learn": (3, "the package scikeras"),
    "keras.preprocessing.text": (3, "keras.layers.TextVectorization"),
    "keras.layers.experimental": (3, "keras.layers"),
    "keras.backend.set_image_dim_ordering": (2, "keras.backend.set_image_data_format"),
    "keras.backend.image_dim_ordering": (2, "keras.backend.image_data_format"),
    **{f"keras.layers.{module}": (3, "keras.layers") for module in _LAYER_MODULES},
    **{
        f"keras.backend.{name}": (3, f"keras.ops.{new or name}")
        for name, new in {
            "mean": "", "square": "", "sum": "", "exp": "", "log": "", "int_shape": "shape", "max": "", "min": "",
            "abs": "", "sqrt": "", "clip": "", "cast": "", "argmax": "", "concatenate": "concatenate",
            "expand_dims": "", "squeeze": "", "permute_dimensions": "transpose", "reshape": "", "dot": "matmul",
            "flatten": "ravel", "stack": "", "tile": "", "zeros_like": "", "ones_like": "", "batch_flatten": "reshape",
        }.items()
    },
}  # fmt: skip


@rule("ARC904", "removed-keras-symbol", severity="warning", category="api", scope="file", fix="unsafe")
def removed_keras_symbol(facts: FileFacts, *, keras: int = 0) -> Iterator[Finding]:
    """Once per name and file; a name below a module that is gone counts as the module.

    An error where the version is declared; else the code may be for the Keras it was written for.
    """
    places: dict[str, list[Span]] = {}
    spared: set[str] = set()
    for name, span in sorted(dict.fromkeys(facts.imports), key=lambda read: read[1]):
        gone = removed(name, keras or 3)
        if gone and guarded(facts, span):
            spared.add(gone)  # the file knows; what it reads later is what the guard lets through
        elif gone and gone.rpartition(".")[2] in text_of(facts, span) and imported(facts, span):
            places.setdefault(gone, []).append(span)
    for gone, spans in places.items():
        if gone in spared:
            continue
        apart = [span for i, span in enumerate(spans) if not any(inside(span, other) for other in spans[:i])]
        yield replace(finding(facts, gone, apart), severity="error" if keras else None)


def imported(facts: FileFacts, span: Span) -> bool:
    """Is it an import, or read through one of the file?  `backend.int_shape` of a parameter may be any Keras's."""
    first = text_of(facts, span).split(".")[0].strip()
    return first.startswith(("from ", "import ")) or first in facts.index.imports


def removed(name: str, keras: int) -> str:
    """The part of a name that the Keras of that version has not; "" for a name that it has.

    `keras.layers.merge` was a function in Keras 1 and a module of functions in Keras 2.
    """
    parts = name.split(".")
    for end in range(2, len(parts) + 1):
        head = ".".join(parts[:end])
        if head in REMOVED and REMOVED[head][0] <= keras:
            return head
    return ""


def inside(span: Span, other: Span) -> bool:
    """Does one place lie in another?  `layers.core.Dense` reads `layers.core` first."""
    return other.path == span.path and span.start <= other.end and other.start <= span.end


def finding(facts: FileFacts, gone: str, spans: list[Span]) -> Finding:
    version, instead = REMOVED[gone]
    more = f"; the file reads it {count(len(spans) - 1, 'more time')}" if len(spans) > 1 else ""
    return Finding(
        spans[0],
        f"`{gone}` is no more: Keras {version} removed it",
        label="raises when it is imported or read",
        related=tuple(Label(span, "also here") for span in spans[1:2]),
        help=f"use {instead}{more}",
        edits=tuple(rewritten(facts, gone, spans)),
    )


def rewritten(facts: FileFacts, gone: str, spans: list[Span]) -> Iterator[Edit]:
    """`from keras.layers.core import Dense` becomes `from keras.layers import Dense`; other names are left."""
    version, instead = REMOVED[gone]
    if version != 3 or instead != gone.rpartition(".")[0]:
        return
    for span in spans:
        start = facts.lines.starts[facts.lines.line_of(span.start) - 1]
        at = facts.lines.text.find(f"from {gone} import ", start, span.start + len(gone) + 13)
        if at >= 0:
            yield Edit(Span(facts.path, at + 5, at + 5 + len(gone)), instead)

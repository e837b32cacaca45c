"""Which Keras a call is written for: `Convolution2D(32, 3, 3)` has a kernel of 3 by 3 in Keras 1, later a stride."""

from __future__ import annotations

from archlint.dims import Dim
from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments

_TWO_SIDES = frozenset(
    f"keras.layers.{name}"
    for name in ("Conv2D", "Convolution2D", "AtrousConvolution2D", "SeparableConv2D", "SeparableConvolution2D",
                 "Conv2DTranspose", "Deconvolution2D")
)  # fmt: skip
_OLD = ("border_mode", "nb_epoch", "subsample", "nb_filter", "samples_per_epoch", "dim_ordering", "W_regularizer")
_NEW = ("kernel_size", "kernel_initializer", "kernel_regularizer", "data_format", "use_bias", "steps_per_epoch")
_NEW_IN_THE_CALL = frozenset(
    ("padding", "strides", "kernel_initializer", "kernel_regularizer", "data_format", "use_bias")
)


def settled(ev: Evaluator, origin: str, name: str, arguments: Arguments) -> Arguments:
    """The call with its second and third number given by the names they have in the Keras it is written for."""
    numbers = arguments.positional[1:3]
    if name not in _TWO_SIDES or len(numbers) < 2 or not all(isinstance(n, (int, Dim)) for n in numbers):
        return arguments
    old = _is_keras1(ev, origin, arguments)
    if old is None:
        return arguments
    spans = arguments.positional_spans
    if old:
        made = arguments.but([arguments.positional[0], tuple(numbers), *arguments.positional[3:]], arguments.keywords)
        made.positional_spans = [*spans[:2], *spans[3:]]
        return made if len(arguments.positional) == 3 else arguments
    made = arguments.but(
        arguments.positional[:1], {"kernel_size": numbers[0], "strides": numbers[1], **arguments.keywords}
    )
    made.keyword_spans = {**dict(zip(("kernel_size", "strides"), spans[1:3])), **arguments.keyword_spans}
    return made if len(arguments.positional) == 3 else arguments


def _is_keras1(ev: Evaluator, origin: str, arguments: Arguments) -> bool | None:
    """By the import, the configuration, the keywords of the call, the words of the file; None where nothing tells."""
    if origin.startswith(("tensorflow.", "tf_keras.", "keras.src.")):
        return False
    if ev.keras:
        return ev.keras == 1
    if _NEW_IN_THE_CALL & arguments.keywords.keys():
        return False
    path = arguments.span.path
    old, new = (any(ev.resolver.mentions(path, word) for word in words) for words in (_OLD, _NEW))
    return None if old == new else old

"""What `keras_applications` and its copies rely on: Keras handed in by keyword, the shape a network starts from."""

from __future__ import annotations

import re
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import inputs as keras_inputs
from archlint.interp.keras import tape as keras_tape
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.source.model import Chunk, Source
from archlint.values import (
    DictValue,
    External,
    Function,
    Layer,
    ListValue,
    Reason,
    Tensor,
    Unknown,
)

SUBMODULES = {"backend": "keras.backend", "layers": "keras.layers", "models": "keras.models", "utils": "keras.utils"}
_READ = re.compile(r"get_submodules_from_kwargs|\bkwargs\s*(?:\.(?:get|pop)\(|\[)\s*['\"](?:layers|backend)['\"]")


def with_submodules(ev: Evaluator, source: Source, function: Function, arguments: Arguments) -> Arguments:
    """An entry point that takes Keras' modules out of `**kwargs` is given them: `VGG16(**kwargs)`."""
    params = function.node.params
    if not any(p.kind == "doublestar" for p in params) or not any(map(_reads_submodules, source.chunks)):
        return arguments
    ev.frameworks.add("keras")
    named = {p.name for p in params}
    added = {k: External(v) for k, v in SUBMODULES.items() if k not in named and k not in arguments.keywords}
    return arguments.but(arguments.positional, {**arguments.keywords, **added})


def _reads_submodules(chunk: Chunk) -> bool:
    found = chunk.derived.get("reads Keras' modules")
    if found is None:
        found = chunk.derived["reads Keras' modules"] = _READ.search(chunk.text) is not None
    return bool(found)


def submodules(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`backend, layers, models, utils = get_submodules_from_kwargs(kwargs)`."""
    given = arguments.get(0, "kwargs")
    items = given.items if isinstance(given, DictValue) and given.items is not None else {}
    ev.frameworks.add("keras")
    return tuple(found if (found := items.get(k)) is not None else External(v) for k, v in SUBMODULES.items())


def obtain_input_shape(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`_obtain_input_shape(input_shape, default_size=224, min_size=32, …)`: what the network is built for."""
    shape, default = arguments.get(0, "input_shape"), arguments.get(1, "default_size")
    layout = arguments.get(3, "data_format", ev.data_format)
    flatten = arguments.get(4, "require_flatten", arguments.keywords.get("include_top", True))
    weights = arguments.get(5, "weights")
    stated = None if shape is None else iterate.items(ev, shape)
    if (
        isinstance(stated, Unknown)
        or not isinstance(flatten, bool)
        or layout not in ("channels_last", "channels_first")
    ):
        return Unknown(Reason.ARGUMENT, "input shape", arguments.span)
    first = layout == "channels_first"
    if stated is not None and not (flatten and weights == "imagenet"):
        return tuple(stated)
    size = default if flatten else None
    channels = 3
    return (channels, size, size) if first else (size, size, channels)


def source_inputs(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`get_source_inputs(tensor)`: the inputs that a tensor was computed from."""
    tensor = arguments.get(0, "tensor")
    if not isinstance(tensor, Tensor):
        return Unknown(Reason.ARGUMENT, "a tensor", arguments.span)
    found, queue, seen = [], [tensor.node], set()
    while queue:
        number = queue.pop()
        node = ev.node(number)
        if node is None or number in seen:
            continue
        seen.add(number)
        if node.family == "input":
            found.append(ev.refresh(node.outputs[0]))
        queue += [t.node for t in node.inputs]
    return ListValue(sorted(found, key=lambda t: t.node))


def apply_alone(ev: Evaluator, layer: Layer) -> None:
    """`VGG16(include_top=False).output`: a network of Keras' own has been applied to its input when it was made."""
    if not layer.spec.name.startswith("keras.applications."):
        return
    if any(node.layer == layer.ident for node in ev.session.graph.nodes):
        return
    given = layer.args.get("input_tensor")
    tensor = given if isinstance(given, Tensor) else keras_inputs.stated_input(ev, layer)
    if tensor is None:
        return

    def redo(positional: list[Any], keywords: dict[str, Any]) -> Any:
        frame: Any = None  # a declared layer looks nothing up
        return apply.call_layer(ev, frame, layer, Arguments(positional, keywords, layer.span))

    keras_tape.note(ev, [tensor], {}, redo)


_IMAGENET = ("keras_applications.imagenet_utils", "keras.applications.imagenet_utils")
_LAYER_UTILS = ("keras.engine", "keras.engine.topology", "keras.engine.training", "keras.utils",
                "keras.utils.layer_utils", "keras.engine.network", "keras.engine.base_layer",
                "tensorflow.python.keras.engine.network", "keras.layer_utils")  # fmt: skip
HANDLERS = {
    "keras_applications.get_submodules_from_kwargs": submodules,
    **{f"{module}.{name}": obtain_input_shape for module in _IMAGENET
       for name in ("_obtain_input_shape", "obtain_input_shape")},
    **{f"{module}.get_source_inputs": source_inputs for module in _LAYER_UTILS},
}  # fmt: skip

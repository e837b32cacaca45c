"""The networks of `keras.applications`, each as one layer: what comes out of it and how many numbers it owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archlint.dims import Size, add, mul, proven_different
from archlint.layers.arguments import NotKnown, flag, known, size
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.space import image_demand
from archlint.layers.keras.reading import channels_last
from archlint.layers.spec import Fault, Out, layer
from archlint.values import Tensor


@dataclass(frozen=True, slots=True)
class Network:
    """Numbers below the classifier, its width, and what each step does to a side of the image.

    Steps: `c` halves and rounds up, `f` halves and rounds down, `p` halves an even side (what it makes of an odd one
    depends on the shape that it was built for), `v` is a window of 3 at every second place, `w` one at every place.
    side: of the images that the classifier is made for.
    """

    params: int
    state: int
    width: int
    steps: str
    side: int = 224


NETWORKS = {
    "VGG16": Network(14_714_688, 0, 512, "fffff"),
    "VGG19": Network(20_024_384, 0, 512, "fffff"),
    "ResNet50": Network(23_534_592, 53_120, 2048, "ccccc"),
    "ResNet101": Network(42_552_832, 105_344, 2048, "ccccc"),
    "ResNet152": Network(58_219_520, 151_424, 2048, "ccccc"),
    "ResNet50V2": Network(23_519_360, 45_440, 2048, "ccccc"),
    "ResNet101V2": Network(42_528_896, 97_664, 2048, "ccccc"),
    "ResNet152V2": Network(58_187_904, 143_744, 2048, "ccccc"),
    "DenseNet121": Network(6_953_856, 83_648, 1024, "ccfff"),
    "DenseNet169": Network(12_484_480, 158_400, 1664, "ccfff"),
    "DenseNet201": Network(18_092_928, 229_056, 1920, "ccfff"),
    "MobileNet": Network(3_206_976, 21_888, 1024, "cffff"),
    "MobileNetV2": Network(2_223_872, 34_112, 1280, "ppppp"),
    "InceptionV3": Network(21_768_352, 34_432, 2048, "vwvwvvv", 299),
    "InceptionResNetV2": Network(54_276_192, 60_544, 1536, "vwvwvvv", 299),
    "Xception": Network(20_806_952, 54_528, 2048, "vwcccc", 299),
    "EfficientNetB0": Network(4_007_548, 42_023, 1280, "ppppp"),
    "EfficientNetB1": Network(6_513_184, 62_055, 1280, "ppppp", 240),
    "EfficientNetB2": Network(7_700_994, 67_575, 1408, "ppppp", 260),
    "EfficientNetB3": Network(10_696_232, 87_303, 1536, "ppppp", 300),
    "EfficientNetB4": Network(17_548_616, 125_207, 1792, "ppppp", 380),
    "EfficientNetB5": Network(28_340_784, 172_743, 2048, "ppppp", 456),
    "EfficientNetB6": Network(40_735_704, 224_439, 2304, "ppppp", 528),
    "EfficientNetB7": Network(63_786_960, 310_727, 2560, "ppppp", 600),
}  # fmt: skip


def input_shape(name: str, args: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The shape of one image that a network is built for; None if it is not known."""
    stated = known(args.get("input_shape"))
    if isinstance(stated, (tuple, list)):
        return tuple(stated)
    if stated is not None or not isinstance(args.get("include_top", True), (bool, int)):
        return None
    side = NETWORKS[name.rpartition(".")[2]].side if args.get("include_top", True) else None
    return (side, side, 3)


def _side(length: Size, steps: str) -> Size:
    """A side after every step; of a side that is not a number nothing is said."""
    for step in steps:
        if not isinstance(length, int) or (step == "p" and length % 2):
            return None
        length = {"c": (length + 1) // 2, "v": (length - 3) // 2 + 1, "w": length - 2}.get(step, length // 2)
    return length


def _classifier(name: str, network: Network, classes: Size) -> Size:
    """Numbers of the layers behind the last features."""
    if name.startswith("VGG"):
        hidden = (7 * 7 * 512 + 1) * 4096 + (4096 + 1) * 4096
        return add(hidden, mul(4097, classes))
    return mul(network.width + 1, classes)


def _declare(name: str) -> None:
    network = NETWORKS[name]
    wide = {"MobileNet": "alpha depth_multiplier dropout", "MobileNetV2": "alpha"}.get(name, "")

    @layer(*(f"keras.applications{module}.{name}" for module in ("", *_MODULES[name])), family="model", weights=True)
    def network_of(x: Tensor, include_top: Any = True, weights: Any = "imagenet", input_tensor: Any = None,
                   input_shape: Any = None, pooling: Any = None, classes: Any = 1000,
                   classifier_activation: Any = "softmax", name: Any = None, data_format: Any = None,
                   **other: Any) -> Out:  # fmt: skip
        """A network with weights of its own, or trained on ImageNet."""
        if not channels_last(data_format) or any(known(other.get(k)) not in (None, 1, 1.0) for k in wide.split()):
            raise NotKnown
        return _applied(title, network, x, flag(include_top), known(pooling), size(classes), known(input_shape))

    title = name


def _applied(name: str, network: Network, x: Tensor, top: bool, pooling: Any, classes: Size, shape: Any) -> Out:
    params: Size = network.params
    if isinstance(shape, (tuple, list)) and (len(shape) != 3 or shape[-1] != 3):
        raise NotKnown  # the first convolution has other weights
    if top:
        params = add(params, _classifier(name, network, classes))
    wrong = rank_fault(x, 4, layout="(batch, height, width, 3)")
    demand = image_demand(2, channels_last=True, channels=3)
    if wrong:
        return Out(None, params, network.state, faults=wrong, demand=demand)
    batch = x.shape[0] if x.shape is not None else None
    if x.shape is not None and proven_different(x.shape[3], 3):
        text = f"needs 3 channels, got {x.shape[3]}"
        return Out(None, params, network.state, faults=(Fault("channels", "", text, 3, x.shape[3], 3),), demand=demand)
    if top or pooling in ("avg", "max"):
        width = classes if top else network.width
        role = "classes" if top else "features"
        return Out((batch, width), params, network.state, axes=(0, role), sees_all=True, demand=demand)
    if pooling is not None:
        raise NotKnown
    sides = [None, None] if x.shape is None else [_side(s, network.steps) for s in x.shape[1:3]]
    axes = (0, "space0", "space1", "channel")
    return Out((batch, *sides, network.width), params, network.state, axes=axes, demand=demand)


_FAMILIES = {
    "vgg16": "VGG16", "vgg19": "VGG19", "resnet": "ResNet50 ResNet101 ResNet152", "resnet50": "ResNet50",
    "resnet_v2": "ResNet50V2 ResNet101V2 ResNet152V2", "densenet": "DenseNet121 DenseNet169 DenseNet201",
    "mobilenet": "MobileNet", "mobilenet_v2": "MobileNetV2", "inception_v3": "InceptionV3",
    "inception_resnet_v2": "InceptionResNetV2", "xception": "Xception",
    "efficientnet": " ".join(f"EfficientNetB{n}" for n in range(8)),
}  # fmt: skip
_MODULES = {name: [f".{m}" for m, names in _FAMILIES.items() if name in names.split()] for name in NETWORKS}
for _name in NETWORKS:
    _declare(_name)

"""torchvision's data sets, through the transforms that they are given: what a loader of them gives.

transform = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])
DataLoader(datasets.CIFAR10(".", transform=transform), batch_size=32)      (32, 3, 64, 64), (32,)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from archlint.dims import Size
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.values import Array, Batches, Object, Reason, Unknown, as_size

Call = Callable[[Evaluator, Frame, Arguments], Any]
_KIND = "torchvision.transform"
_SAME = frozenset([
    "Normalize", "RandomHorizontalFlip", "RandomVerticalFlip", "RandomRotation", "ColorJitter", "RandomErasing",
    "RandomAffine", "RandomAutocontrast", "RandomEqualize", "RandomInvert", "RandomPosterize", "RandomSolarize",
    "GaussianBlur", "AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix", "RandomPerspective",
    "RandomAdjustSharpness", "ConvertImageDtype",
])  # fmt: skip
_CUT = frozenset(["CenterCrop", "RandomCrop", "RandomResizedCrop"])


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on its way: height and width (None: not known), channels, whether it is a tensor already."""

    height: Size
    width: Size
    channels: Size
    tensor: bool = False


def _transform(ev: Evaluator, frame: Frame, arguments: Arguments, name: str) -> Any:
    held = {"name": name, "arguments": arguments}
    return Object(None, _KIND, held, ev.serial(), arguments.span)


def _steps(ev: Evaluator, value: Any) -> list[tuple[str, Arguments]] | None:
    """The transforms in order, compositions opened; None if one of them is not known."""
    if not isinstance(value, Object) or value.kind != _KIND:
        return None
    name, arguments = value.attrs["name"], value.attrs["arguments"]
    if name not in ("Compose", "RandomApply", "RandomOrder"):
        return [(name, arguments)]
    parts = iterate.items(ev, arguments.get(0, "transforms"))
    if isinstance(parts, Unknown) or name != "Compose":
        return None
    found: list[tuple[str, Arguments]] = []
    for part in parts:
        inner = _steps(ev, part)
        if inner is None:
            return None
        found += inner
    return found


def _sizes(ev: Evaluator, value: Any) -> tuple[Size, Size] | None:
    """`(64, 48)` or one number for both."""
    items = iterate.items(ev, value) if not isinstance(value, int) else [value, value]
    if isinstance(items, Unknown) or not 1 <= len(items) <= 2:
        return None
    return as_size(items[0]), as_size(items[-1])


def _step(ev: Evaluator, name: str, arguments: Arguments, x: Picture) -> Picture | None:
    """The picture after one transform; None if that is not known."""
    if name in ("ToTensor", "PILToTensor", "ToImage"):
        return replace(x, tensor=True)
    if name in _SAME and not arguments.keywords.get("expand"):
        return x
    if name == "Grayscale" or name == "RandomGrayscale":
        return replace(x, channels=as_size(arguments.get(0, "num_output_channels", 1))) if name == "Grayscale" else x
    sizes = _sizes(ev, arguments.get(0, "size"))
    if sizes is None or (name != "Resize" and name not in _CUT) or arguments.keywords.get("max_size") is not None:
        return None
    if name != "Resize" or not isinstance(arguments.get(0, "size"), int):
        return replace(x, height=sizes[0], width=sizes[1])
    if x.height is not None and x.height == x.width:  # one number is the shorter side
        return replace(x, height=sizes[0], width=sizes[0])
    return replace(x, height=None, width=None)


def _sample(ev: Evaluator, transform: Any, picture: Picture) -> tuple[Size, Size, Size] | None:
    """Channels, height and width of what the data set gives; None unless it certainly gives tensors."""
    steps = _steps(ev, transform)
    found: Picture | None = picture
    for name, arguments in steps or ():
        found = None if found is None else _step(ev, name, arguments, found)
    if steps is None or found is None or not found.tensor:
        return None
    return found.channels, found.height, found.width


def _data_set(side: int | None, channels: int, counts: tuple[int | None, int | None], place: int) -> Call:
    """`datasets.MNIST(root, train=True, transform=…)`; `place`: position of `transform` among the arguments."""

    def make(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
        train = arguments.get(1, "train", True) if place == 2 else None
        count = counts[0] if train is True else counts[1] if train is False else None
        shape = _sample(ev, arguments.get(place, "transform"), Picture(side, side, channels))
        if arguments.open or shape is None or arguments.keywords.get("target_transform") is not None:
            return Unknown(Reason.DATA, "a data set", arguments.span)
        picture = Array(shape, "float32", made=arguments.span)
        return Batches((picture, Array((), "int64", made=arguments.span)), count, "torch")

    return make


def _named(name: str) -> Call:
    return lambda ev, frame, arguments: _transform(ev, frame, arguments, name)


_DATA: dict[str, Call] = {
    "MNIST": _data_set(28, 1, (60000, 10000), 2), "FashionMNIST": _data_set(28, 1, (60000, 10000), 2),
    "KMNIST": _data_set(28, 1, (60000, 10000), 2), "CIFAR10": _data_set(32, 3, (50000, 10000), 2),
    "CIFAR100": _data_set(32, 3, (50000, 10000), 2), "ImageFolder": _data_set(None, 3, (None, None), 1),
}  # fmt: skip
_TRANSFORMS = (*_SAME, *_CUT, "Resize", "ToTensor", "PILToTensor", "ToImage", "Grayscale", "RandomGrayscale", "Compose",
               "RandomApply", "RandomOrder", "Lambda")  # fmt: skip
HANDLERS: dict[str, Call] = {
    **{f"torchvision.datasets.{name}": made for name, made in _DATA.items()},
    **{f"torchvision.transforms.{name}": _named(name) for name in _TRANSFORMS},
}

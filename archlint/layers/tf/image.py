"""`tf.image.*`: resizing, cropping and padding of images `(batch, h, w, c)` or `(h, w, c)`, and changes of colour."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import Size, mul, show_shape
from archlint.layers.arguments import size as as_size
from archlint.layers.arguments import truth
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.conv import window_sizes
from archlint.layers.families.elementwise import like
from archlint.layers.families.space import image_axes, image_demand, resized
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import layout, literal
from archlint.layers.tf.versions import each, renamed
from archlint.values import Tensor

IMAGES = image_demand(2, channels_last=True)


def _to(x: Tensor, height: Size, width: Size, ranks: tuple[int, ...], arg: str) -> Out:
    """Images with other sizes of their two spatial axes."""
    faults = rank_fault(x, ranks[-1], ranks)
    if x.shape is None or faults:
        if ranks != (4,) or faults:
            return Out(faults=faults, last=None if faults else x.last)
        return Out((None, height, width, x.last), demand=IMAGES)
    _, space = image_axes(len(x.shape), 2, channels_last=True)
    window = tuple((1, _stride(x.shape[a], s)) for a, s in zip(space, (height, width)))
    return resized(x, space, (height, width), arg=arg, window=window, demand=IMAGES if ranks == (4,) else None)


def _stride(before: Size, after: Size) -> Any:
    """How far apart neighbours are afterwards, as `(1, s)` where that is a whole number."""
    if isinstance(before, int) and isinstance(after, int) and before > 0 and after % before == 0:
        return (1, after // before)
    return None


def _pair(size: Any) -> tuple[Size, Size]:
    shape = literal.shape(size)
    if shape is None or len(shape) != 2:
        return None, None
    return shape[0], shape[1]


def _pair_fault(size: Any) -> tuple[Fault, ...]:
    given = literal.tensor(size).shape
    if given is None or len(given) != 1 or not isinstance(given[0], int) or given[0] == 2:
        return ()  # a single number: TensorFlow 0.x took height and width apart
    return (Fault("rank", "size", "the size is two numbers: height and width", 2, given),)


def _resize(images: Any, size: Any, preserve_aspect_ratio: Any, ranks: tuple[int, ...]) -> Out:
    faults = _pair_fault(size)
    if faults:
        return Out(faults=faults)
    height, width = _pair(size)
    out = _to(literal.tensor(images), height, width, ranks, "size")
    if truth(preserve_aspect_ratio) is not False and out.shape is not None:
        open_sizes = tuple(
            None if i in (len(out.shape) - 3, len(out.shape) - 2) else s for i, s in enumerate(out.shape)
        )
        return replace(out, shape=open_sizes, window=())
    return out


@function("tensorflow.image.resize", "tensorflow.image.resize_images", family="resize")
def resize(
    images: Any,
    size: Any,
    method: Any = 0,
    align_corners: Any = False,
    preserve_aspect_ratio: Any = False,
    name: Any = None,
    antialias: Any = False,
) -> Out:
    """Images of another height and width."""
    return _resize(images, size, preserve_aspect_ratio, (3, 4))


@each("tensorflow.image.resize_bilinear", "tensorflow.image.resize_nearest_neighbor",
      "tensorflow.image.resize_bicubic", family="resize")  # fmt: skip
def resize_bilinear(
    images: Any, size: Any, align_corners: Any = False, name: Any = None, half_pixel_centers: Any = False
) -> Out:
    """Batches of images of another height and width."""
    return _resize(images, size, False, (4,))


@function("tensorflow.image.resize_area", family="resize")
def resize_area(images: Any, size: Any, align_corners: Any = False, name: Any = None) -> Out:
    """Batches of images of another height and width."""
    return _resize(images, size, False, (4,))


@function("tensorflow.image.resize_with_crop_or_pad", "tensorflow.image.resize_image_with_crop_or_pad",
          family="resize")  # fmt: skip
def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Out:
    """Images cropped or filled up to a height and width."""
    return _to(literal.tensor(image), as_size(target_height), as_size(target_width), (3, 4), "target_height")


@function("tensorflow.image.resize_with_pad", "tensorflow.image.resize_image_with_pad", family="resize")
def resize_with_pad(
    image: Any, target_height: Any, target_width: Any, method: Any = 0, align_corners: Any = False,
    antialias: Any = False,
) -> Out:  # fmt: skip
    """Images resized in proportion, then filled up."""
    return _to(literal.tensor(image), as_size(target_height), as_size(target_width), (3, 4), "target_height")


@function("tensorflow.image.crop_to_bounding_box", family="crop")
def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Out:
    """A rectangle of each image."""
    return _to(literal.tensor(image), as_size(target_height), as_size(target_width), (3, 4), "target_height")


@function("tensorflow.image.pad_to_bounding_box", family="pad")
def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Out:
    """Images with a margin."""
    return _to(literal.tensor(image), as_size(target_height), as_size(target_width), (3, 4), "target_height")


@function("tensorflow.image.central_crop", family="crop")
def central_crop(image: Any, central_fraction: Any) -> Out:
    """The middle of each image."""
    return _to(literal.tensor(image), None, None, (3, 4), "central_fraction")


@function("tensorflow.random_crop", "tensorflow.image.random_crop", family="crop")
def random_crop(value: Any, size: Any, seed: Any = None, name: Any = None) -> Out:
    """A part of the given shape."""
    x, wanted = literal.tensor(value), literal.shape(size)
    if wanted is None:
        return Out(None if x.shape is None else (None,) * len(x.shape))
    axes = None if x.shape is None or len(x.shape) != len(wanted) else tuple(range(len(wanted)))
    return Out(wanted, axes=axes)


@function("tensorflow.image.crop_and_resize", family="resize", legacy=renamed(box_ind="box_indices"))
def crop_and_resize(
    image: Any,
    boxes: Any,
    box_indices: Any = None,
    crop_size: Any = None,
    method: Any = "bilinear",
    extrapolation_value: Any = 0,
    name: Any = None,
) -> Out:
    """One image per box, all of one size."""
    x, given = literal.tensor(image), literal.tensor(boxes)
    faults = rank_fault(x, 4)
    if faults:
        return Out(faults=faults)
    height, width = _pair(crop_size)
    channels = x.shape[3] if x.shape is not None else x.last
    many = given.shape[0] if given.shape else None
    axes = ("batch", "space0", "space1", 3 if x.shape else None)
    return Out((many, height, width, channels), axes=axes, demand=IMAGES)


@each("tensorflow.image.flip_left_right", "tensorflow.image.flip_up_down",
      "tensorflow.image.per_image_standardization", family="augment")  # fmt: skip
def flip(image: Any) -> Out:
    """Images mirrored or brought to mean 0."""
    return like(literal.tensor(image))


@each("tensorflow.image.random_flip_left_right", "tensorflow.image.random_flip_up_down", family="augment")
def random_flip(image: Any, seed: Any = None) -> Out:
    """Images mirrored half of the time."""
    return like(literal.tensor(image))


@each("tensorflow.image.random_brightness", "tensorflow.image.random_hue", family="augment")
def random_brightness(image: Any, max_delta: Any, seed: Any = None) -> Out:
    """Images of another brightness or hue."""
    return like(literal.tensor(image))


@each("tensorflow.image.random_contrast", "tensorflow.image.random_saturation", family="augment")
def random_contrast(image: Any, lower: Any, upper: Any, seed: Any = None) -> Out:
    """Images of another contrast or saturation."""
    return like(literal.tensor(image))


@function("tensorflow.image.adjust_brightness", family="augment")
def adjust_brightness(image: Any, delta: Any) -> Out:
    """Brighter or darker images."""
    return like(literal.tensor(image))


@function("tensorflow.image.convert_image_dtype", family="cast")
def convert_image_dtype(image: Any, dtype: Any, saturate: Any = False, name: Any = None) -> Out:
    """Images of another type, their values scaled."""
    return like(literal.tensor(image), dtype=literal.dtype(dtype, "") or "")


@each("tensorflow.image.rgb_to_hsv", "tensorflow.image.hsv_to_rgb", family="elementwise")
def rgb_to_hsv(images: Any, name: Any = None) -> Out:
    """Another description of colours."""
    return like(literal.tensor(images))


@function("tensorflow.image.rgb_to_grayscale", family="elementwise")
def rgb_to_grayscale(images: Any, name: Any = None) -> Out:
    """Three channels become one."""
    return _with_channels(literal.tensor(images), 3, 1)


@function("tensorflow.image.grayscale_to_rgb", family="elementwise")
def grayscale_to_rgb(images: Any, name: Any = None) -> Out:
    """One channel becomes three."""
    return _with_channels(literal.tensor(images), 1, 3)


def _with_channels(x: Tensor, before: int, after: int) -> Out:
    if x.shape is None or not x.shape:
        return Out(last=after)
    found = x.shape[-1]
    if isinstance(found, int) and found != before:
        text = f"{before} channels needed, the input has {found}"
        return Out(faults=(Fault("channels", "", text, before, found, len(x.shape) - 1),))
    return Out((*x.shape[:-1], after), axes=(*range(len(x.shape) - 1), "channel"))


@function("tensorflow.image.total_variation", family="loss")
def total_variation(images: Any, name: Any = None) -> Out:
    """Sum of differences between neighbours: one number per image."""
    x = literal.tensor(images)
    faults = rank_fault(x, 4, (3, 4))
    if x.shape is None or faults:
        return Out(faults=faults)
    return Out(x.shape[:1] if len(x.shape) == 4 else (), axes=(0,) if len(x.shape) == 4 else ())


@function("tensorflow.extract_image_patches", "tensorflow.image.extract_image_patches",
          "tensorflow.image.extract_patches", family="patches", legacy=renamed(ksizes="sizes"))  # fmt: skip
def extract_patches(
    images: Any, sizes: Any = None, strides: Any = None, rates: Any = None, padding: Any = None, name: Any = None
) -> Out:
    """Windows of each image as vectors of pixels."""
    x = literal.tensor(images)
    faults = rank_fault(x, 4)
    if x.shape is None or faults:
        return Out(faults=faults, demand=IMAGES)
    kernel, stride, rate = (layout.per_axis(v, 2, last=True) for v in (sizes, strides, rates))
    space = window_sizes(x.shape[1:3], kernel, stride, rate, layout.padding(padding))
    deep = mul(mul(kernel[0], kernel[1]), x.shape[3])
    if any(isinstance(s, int) and s <= 0 for s in space):
        return Out(faults=(Fault("empty", "sizes", f"the window does not fit {show_shape(x.shape)}", 1, space),))
    return Out((x.shape[0], *space, deep), axes=(0, "space0", "space1", "channel"))

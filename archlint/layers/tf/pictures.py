"""More of `tf.image.*`: pictures read from files, boxes, colours, measures of likeness."""
# ruff: noqa: A002  the parameters bear TensorFlow's own names

from __future__ import annotations

from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import NotKnown, size, truth
from archlint.layers.families.elementwise import like
from archlint.layers.spec import Out, function
from archlint.layers.tf import literal
from archlint.layers.tf.versions import each, renamed

_DECODERS = "image.decode_jpeg image.decode_png image.decode_bmp io.decode_jpeg io.decode_png io.decode_bmp"


@each(*(f"tensorflow.{name}" for name in _DECODERS.split()), family="create")
def decode(contents: Any, channels: Any = 0, *_: Any, **__: Any) -> Out:
    """A picture of any height and width."""
    return Out((None, None, _channels(channels)), axes=("", "", ""), dtype="uint8")


@each("tensorflow.read_file tensorflow.io.read_file", family="create")
def read_file(filename: Any, name: Any = None) -> Out:
    """The bytes of one file."""
    return Out((), dtype="string")


def _channels(channels: Any) -> Size:
    """As many as asked for; 0 and None are as many as the file has."""
    found = size(channels)
    return None if found == 0 else found


@each("tensorflow.image.decode_image tensorflow.io.decode_image", family="create")
def decode_image(
    contents: Any, channels: Any = None, dtype: Any = None, name: Any = None, expand_animations: Any = True
) -> Out:
    """A picture, or, as far as anyone knows, an animation with one axis more: the last holds the channels."""
    if truth(expand_animations) is not False:
        return Out(None, last=_channels(channels), dtype=literal.dtype(dtype, "uint8"))
    return Out((None, None, _channels(channels)), axes=("", "", ""), dtype=literal.dtype(dtype, "uint8"))


@each("tensorflow.image.adjust_contrast", "tensorflow.image.adjust_hue", "tensorflow.image.adjust_saturation",
      "tensorflow.image.adjust_gamma", "tensorflow.image.rgb_to_yuv", "tensorflow.image.yuv_to_rgb",
      "tensorflow.image.rgb_to_yiq", "tensorflow.image.yiq_to_rgb", "tensorflow.image.random_jpeg_quality",
      "tensorflow.image.adjust_jpeg_quality", "tensorflow.image.draw_bounding_boxes", family="augment",
      legacy=renamed(images="image"))  # fmt: skip
def adjusted(image: Any, *_: Any, **__: Any) -> Out:
    """A picture in other colours."""
    return like(literal.tensor(image))


@each("tensorflow.image.transpose_image", "tensorflow.image.transpose", family="permute")
def transposed(image: Any, name: Any = None) -> Out:
    """Height and width change places."""
    x = literal.tensor(image)
    if x.shape is None or len(x.shape) not in (3, 4):
        raise NotKnown
    *lead, height, width, channels = x.shape
    rank = len(x.shape)
    return Out((*lead, width, height, channels), axes=(*range(rank - 3), rank - 2, rank - 3, rank - 1))


@function("tensorflow.image.rot90", family="permute")
def rot90(image: Any, k: Any = 1, name: Any = None) -> Out:
    """A quarter turn, `k` times."""
    x, turns = literal.tensor(image), literal.integer(k)
    if turns % 2 == 0:
        return like(x)
    return transposed(x)  # type: ignore[no-any-return]


@function("tensorflow.image.non_max_suppression", family="choose")
def non_max_suppression(boxes: Any, scores: Any, max_output_size: Any, *_: Any, **__: Any) -> Out:
    """Which boxes are kept; how many is not known."""
    return Out((None,), axes=("",), dtype="int32")


@function("tensorflow.image.extract_glimpse", family="crop")
def extract_glimpse(input: Any, size: Any, offsets: Any = None, *_: Any, **__: Any) -> Out:
    """A window of each picture, of a stated size."""
    x, sides = literal.tensor(input), literal.shape(size)
    if x.shape is None or len(x.shape) != 4 or sides is None or len(sides) != 2:
        raise NotKnown
    return Out((x.shape[0], *sides, x.shape[3]), axes=(0, "space0", "space1", 3))


@each("tensorflow.image.psnr", "tensorflow.image.ssim", "tensorflow.image.ssim_multiscale", family="loss")
def likeness(img1: Any, img2: Any, max_val: Any, *_: Any, **__: Any) -> Out:
    """One number per picture."""
    x = literal.tensor(img1)
    return Out() if x.shape is None or len(x.shape) < 3 else Out(x.shape[:-3])


@function("tensorflow.image.sobel_edges", family="conv")
def sobel_edges(image: Any) -> Out:
    """Two numbers for every one: its change along height and width."""
    x = literal.tensor(image)
    return Out() if x.shape is None else Out((*x.shape, 2), axes=(*range(len(x.shape)), ""))


@function("tensorflow.image.image_gradients", family="conv")
def image_gradients(image: Any) -> tuple[Out, Out]:
    """Change along height, and along width."""
    return like(literal.tensor(image)), like(literal.tensor(image))

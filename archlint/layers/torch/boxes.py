"""Operations on boxes and regions: torchvision.ops, and the operators behind them."""
# ruff: noqa: A002  the parameters bear torchvision's own names

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archlint.dims import Size
from archlint.layers.arguments import NotKnown, is_unknown, size, sizes, truth
from archlint.layers.families.conv import conv
from archlint.layers.families.elementwise import like
from archlint.layers.spec import Out, function, layer
from archlint.values import Tensor


@function("torchvision.ops.nms", "torchvision.operators.nms", "torchvision.ops.boxes.nms", family="index")
def nms(boxes: Tensor, scores: Tensor, iou_threshold: Any) -> Out:
    """Places of the boxes that are kept, of unknown number."""
    return Out((None,), dtype="int64")


@function("torchvision.ops.batched_nms", "torchvision.ops.boxes.batched_nms", family="index")
def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: Any) -> Out:
    """Places of the boxes that are kept, class by class, of unknown number."""
    return Out((None,), dtype="int64")


@function("torchvision.ops.remove_small_boxes", "torchvision.ops.boxes.remove_small_boxes", family="index")
def remove_small_boxes(boxes: Tensor, min_size: Any) -> Out:
    """Places of the boxes that are large enough."""
    return Out((None,), dtype="int64")


@function("torchvision.ops.clip_boxes_to_image", "torchvision.ops.boxes.clip_boxes_to_image", family="elementwise")
def clip_boxes_to_image(boxes: Tensor, size: Any) -> Out:
    """Boxes cut off at the borders of an image."""
    return like(boxes)


@function("torchvision.ops.box_convert", "torchvision.ops.boxes.box_convert", family="elementwise")
def box_convert(boxes: Tensor, in_fmt: Any, out_fmt: Any) -> Out:
    """Boxes in other coordinates."""
    return Out() if is_unknown((in_fmt, out_fmt)) else like(boxes)


@function("torchvision.ops.box_area", "torchvision.ops.boxes.box_area", family="reduce")
def box_area(boxes: Tensor) -> Out:
    """The area of each box."""
    return Out(boxes.shape[:1] if boxes.shape else None)


def _between(name: str) -> None:
    @function(f"torchvision.ops.{name}", f"torchvision.ops.boxes.{name}", family="pairs")
    def overlap(boxes1: Tensor, boxes2: Tensor) -> Out:
        """How much each box of one set overlaps each of another."""
        if not boxes1.shape or not boxes2.shape:
            return Out()
        return Out((boxes1.shape[0], boxes2.shape[0]))


_between("box_iou")
_between("generalized_box_iou")


def _regions(input: Tensor, boxes: Any, height: Size, width: Size) -> Out:
    """One map of the channels for each region; regions come in one tensor, or in one per image."""
    channels = input.shape[1] if input.shape is not None and len(input.shape) == 4 else None
    count: Size = None
    if isinstance(boxes, Tensor):
        count = boxes.shape[0] if boxes.shape else None
    elif isinstance(boxes, (list, tuple)):
        counts = [b.shape[0] if isinstance(b, Tensor) and b.shape else None for b in boxes]
        known = [c for c in counts if c is not None]
        count = None
        if len(known) == len(counts) and known:
            total: Any = known[0]
            for one in known[1:]:
                total = total + one
            count = total
    return Out((count, channels, height, width), axes=("batch", 1, "space0", "space1"))


def _of_regions(name: str) -> None:
    @function(f"torchvision.ops.{name}", family="pool")
    def pooled(input: Tensor, boxes: Any, output_size: Any, *options: Any, **keywords: Any) -> Out:
        """Each region of a feature map at one size."""
        height, width = sizes(output_size, 2)
        return _regions(input, boxes, height, width)


_of_regions("roi_align")
_of_regions("roi_pool")


@function("torchvision.operators.roi_align", family="pool")
def roi_align_operator(input: Tensor, rois: Any, spatial_scale: Any, pooled_height: Any, pooled_width: Any,
                       *options: Any) -> Out:  # fmt: skip
    """Each region of a feature map at one size."""
    if not isinstance(rois, Tensor):
        raise NotKnown
    return _regions(input, rois, size(pooled_height), size(pooled_width))


def _pooling_layer(name: str) -> None:
    @layer(f"torchvision.ops.{name}", family="pool", call=("input", "rois"))
    def pooled(x: Mapping[str, Any], output_size: Any, spatial_scale: Any, *options: Any, **keywords: Any) -> Out:
        """Each region of a feature map at one size."""
        height, width = sizes(output_size, 2)
        return _regions(x["input"], x.get("rois"), height, width)


_pooling_layer("RoIAlign")
_pooling_layer("RoIPool")


def _deformed(x: Tensor, declared: Any, out: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: Any,
              bias: Any) -> Out:  # fmt: skip
    """A convolution whose taps are moved by an offset each: shapes and weights are those of a plain one."""
    pairs = [(p, p) for p in sizes(padding, 2)]
    return conv(
        x, n=2, out=size(out), kernel=sizes(kernel, 2), stride=sizes(stride, 2), padding=pairs,
        dilation=sizes(dilation, 2), groups=size(groups), bias=bias, declared_in=size(declared), arg="in_channels",
    )  # fmt: skip


@layer("torchvision.ops.DeformConv2d", "torchvision.ops.deform_conv.DeformConv2d", family="conv",
       call=("input", "offset", "mask"), weights=True)  # fmt: skip
def deform_conv(
    x: Mapping[str, Any], in_channels: Any, out_channels: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: Any = 1, bias: Any = True,
) -> Out:  # fmt: skip
    """Deformable convolution with the offsets that it is called with."""
    return _deformed(x["input"], in_channels, out_channels, kernel_size, stride, padding, dilation, groups, truth(bias))


@function("torchvision.ops.deform_conv2d", "torchvision.ops.deform_conv.deform_conv2d", family="conv")
def f_deform_conv(
    input: Tensor, offset: Any, weight: Any, bias: Any = None, stride: Any = (1, 1), padding: Any = (0, 0),
    dilation: Any = (1, 1), mask: Any = None,
) -> Out:  # fmt: skip
    """Deformable convolution with a given kernel `(out, in/groups, height, width)`."""
    if not isinstance(weight, Tensor) or weight.shape is None or len(weight.shape) != 4:
        raise NotKnown
    found = _deformed(input, None, weight.shape[0], weight.shape[2:], stride, padding, dilation, 1, False)
    return replace(found, params=0, demand=None)


@layer("torchvision.ops.StochasticDepth", family="dropout")
def stochastic_depth(input: Tensor, p: Any, mode: Any) -> Out:
    """Leaves whole samples or the whole batch out while training."""
    return like(input)


@layer("torchvision.ops.DropBlock2d", "torchvision.ops.DropBlock3d", family="dropout")
def drop_block(input: Tensor, p: Any, block_size: Any, inplace: Any = False, eps: Any = 1e-06) -> Out:
    """Leaves blocks of a map out while training."""
    return like(input)


@layer("torchvision.ops.FrozenBatchNorm2d", "torchvision.ops.misc.FrozenBatchNorm2d", family="norm")
def frozen_batch_norm(x: Tensor, num_features: Any, eps: Any = 1e-05) -> Out:
    """Batch norm whose scale and statistics are all fixed."""
    return like(x)

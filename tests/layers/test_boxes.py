"""Boxes and regions: shapes as torchvision documents them, held against torchvision where its operators can be run."""

from __future__ import annotations

from typing import Any

import pytest

from archlint.layers import find
from archlint.values import Shape, Tensor

FOUR, FIVE, MAPS = Tensor((6, 4)), Tensor((6, 5)), Tensor((2, 8, 32, 32))
CASES: list[tuple[str, tuple[Any, ...], Shape]] = [
    ("nms", (FOUR, Tensor((6,)), 0.5), (None,)),
    ("batched_nms", (FOUR, Tensor((6,)), Tensor((6,), "int64"), 0.5), (None,)),
    ("remove_small_boxes", (FOUR, 0.1), (None,)),
    ("clip_boxes_to_image", (FOUR, (9, 9)), (6, 4)),
    ("box_convert", (FOUR, "xyxy", "cxcywh"), (6, 4)),
    ("box_area", (FOUR,), (6,)),
    ("box_iou", (FOUR, Tensor((3, 4))), (6, 3)),
    ("generalized_box_iou", (FOUR, Tensor((3, 4))), (6, 3)),
    ("roi_align", (MAPS, FIVE, 7), (6, 8, 7, 7)),
    ("roi_align", (MAPS, [FOUR, Tensor((3, 4))], (3, 2)), (9, 8, 3, 2)),
    ("roi_pool", (MAPS, FIVE, (7, 5)), (6, 8, 7, 5)),
]


@pytest.mark.parametrize(("name", "args", "shape"), CASES)
def test_shape(name: str, args: tuple[Any, ...], shape: Shape) -> None:
    spec = find(f"torchvision.ops.{name}")
    assert spec is not None
    assert spec.apply(None, spec.bind(args, {})).shape == shape


def test_the_operators_behind_them_are_known() -> None:
    spec = find("torch.ops.torchvision.roi_align")
    assert spec is not None
    assert spec.apply(None, spec.bind((MAPS, FIVE, 0.25, 7, 5, 2, True), {})).shape == (6, 8, 7, 5)


@pytest.mark.parametrize(("name", "args", "shape"), CASES)
def test_torchvision_says_so_too(name: str, args: tuple[Any, ...], shape: Shape) -> None:
    torch = pytest.importorskip("torch")
    try:
        import torchvision.ops
    except (ImportError, RuntimeError) as error:  # installed for another torch
        pytest.skip(str(error))

    def real(value: Any) -> Any:
        if isinstance(value, list):
            return [real(v) for v in value]
        if not isinstance(value, Tensor):
            return value
        corner = torch.rand(value.shape, dtype=torch.float32)
        if value.dtype == "int64":
            return corner.long()
        return corner.sort(-1)[0] if value.shape and value.shape[-1] == 4 else corner

    found = getattr(torchvision.ops, name)(*map(real, args)).shape
    assert len(found) == len(shape or ())
    assert all(mine is None or mine == theirs for mine, theirs in zip(shape or (), found))


def test_a_deformable_convolution_has_the_shape_and_weights_of_a_plain_one() -> None:
    maps, offset = Tensor((2, 8, 32, 32)), Tensor((2, 18, 16, 16))
    spec = find("torchvision.ops.DeformConv2d")
    assert spec is not None
    found = spec.apply({"input": maps, "offset": offset}, spec.bind((8, 6, 3), {"stride": 2, "padding": 1}))
    assert (found.shape, found.params) == ((2, 6, 16, 16), 8 * 6 * 9 + 6)
    function = find("torchvision.ops.deform_conv2d")
    assert function is not None
    given = function.bind((maps, offset, Tensor((6, 8, 3, 3))), {"stride": (2, 2), "padding": (1, 1)})
    assert (function.apply(None, given).shape, function.apply(None, given).params) == ((2, 6, 16, 16), 0)


def test_region_pools_are_layers_too() -> None:
    spec = find("torchvision.ops.RoIAlign")
    assert spec is not None
    bound = spec.bind((7, 0.25), {"sampling_ratio": 2})
    assert spec.apply({"input": MAPS, "rois": FIVE}, bound).shape == (6, 8, 7, 7)

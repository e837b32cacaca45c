"""torchvision's compiled operators where its library cannot be loaded (a CUDA build beside a processor-only torch).

Their schemas are declared, so that `import torchvision` works; shapes come from its own Python kernels.  Boxes are
picked and pooled for real by plain tensor code, which detection models need.
"""

import importlib
import sys
from typing import Any, List

SIZES = "SymInt batch_size, SymInt channels, SymInt height, SymInt width"
POOLED = "float spatial_scale, SymInt pooled_height, SymInt pooled_width"
DEFORMED = (
    "Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h, SymInt stride_w, "
    "SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, SymInt offset_groups, "
    "bool use_mask"
)
SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align(Tensor input, Tensor rois, " + POOLED + ", int sampling_ratio, bool aligned) -> Tensor",
    "qroi_align(Tensor input, Tensor rois, float input_scale, int input_zero_point, float rois_scale, "
    "int rois_zero_point, " + POOLED + ", int sampling_ratio, bool aligned) -> Tensor",
    "_roi_align_backward(Tensor grad, Tensor rois, " + POOLED + ", " + SIZES + ", int sampling_ratio, bool aligned)"
    " -> Tensor",
    "roi_pool(Tensor input, Tensor rois, " + POOLED + ") -> (Tensor, Tensor)",
    "_roi_pool_backward(Tensor grad, Tensor rois, Tensor argmax, " + POOLED + ", " + SIZES + ") -> Tensor",
    "ps_roi_align(Tensor input, Tensor rois, " + POOLED + ", int sampling_ratio) -> (Tensor, Tensor)",
    "_ps_roi_align_backward(Tensor grad, Tensor rois, Tensor channel_mapping, " + POOLED + ", int sampling_ratio, "
    + SIZES + ") -> Tensor",
    "ps_roi_pool(Tensor input, Tensor rois, " + POOLED + ") -> (Tensor, Tensor)",
    "_ps_roi_pool_backward(Tensor grad, Tensor rois, Tensor channel_mapping, " + POOLED + ", " + SIZES + ") -> Tensor",
    "deform_conv2d(" + DEFORMED + ") -> Tensor",
    "_deform_conv2d_backward(Tensor grad, " + DEFORMED + ") -> (Tensor, Tensor, Tensor, Tensor, Tensor)",
    "box_iou_rotated(Tensor boxes1, Tensor boxes2) -> Tensor",
    "_cuda_version() -> int",
)  # fmt: skip
_libraries: List[Any] = []  # a library that is dropped takes its operators along


def install(torch: Any) -> None:
    """Declare the operators when `torchvision/_C.so` is asked for and does not load, or is not there at all."""
    load = torch.ops.load_library
    register = getattr(torch.library, "register_fake", None)  # PyTorch 2.4

    def load_library(path: Any) -> Any:
        try:
            return load(path)
        except OSError:
            name = str(path).replace("\\", "/")
            if "torchvision" in name and name.rsplit("/", 1)[-1].startswith("_C"):
                return declare(torch)
            raise

    def register_fake(operator: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(operator, str) and operator.startswith("torchvision::") and not is_declared(torch, operator):
            declare(torch)
        return register(operator, *args, **kwargs) if register is not None else None

    torch.ops.load_library = load_library
    if register is not None:
        torch.library.register_fake = register_fake


def is_declared(torch: Any, operator: str) -> bool:
    """Does `torchvision::nms` exist?"""
    return hasattr(torch.ops.torchvision, operator.partition("::")[2].partition(".")[0])


def declare(torch: Any) -> None:
    """Every operator by its schema; kernels for those that models cannot run without."""
    if _libraries:
        return
    library = torch.library.Library("torchvision", "DEF")
    for schema in SCHEMAS:
        library.define(schema)
    library.impl("_cuda_version", lambda: -1, "CompositeExplicitAutograd")
    library.impl("nms", _picked, "CPU")
    library.impl("roi_align", _aligned, "CPU")
    _libraries.append(library)
    extension = sys.modules.get("torchvision.extension")
    if extension is not None:  # where `_C.so` is not there at all, it has decided that it has no operators
        setattr(extension, "_has_ops", lambda: True)  # noqa: B010


def _picked(boxes: Any, scores: Any, threshold: float) -> Any:
    """Indices of boxes (n, 4) that overlap no better one by more than `threshold`, best first."""
    torch = importlib.import_module("torch")
    left_top, right_bottom = boxes[:, :2], boxes[:, 2:]
    area = (right_bottom - left_top).clamp(min=0).prod(1)
    open_ones = scores.argsort(descending=True)
    kept = []
    while open_ones.numel():
        best, open_ones = open_ones[0], open_ones[1:]
        kept.append(best)
        corner = torch.min(right_bottom[best], right_bottom[open_ones])
        shared = (corner - torch.max(left_top[best], left_top[open_ones])).clamp(min=0).prod(1)
        open_ones = open_ones[shared <= threshold * (area[best] + area[open_ones] - shared)]
    return torch.stack(kept) if kept else scores.new_empty(0, dtype=torch.int64)


def _aligned(image: Any, rois: Any, scale: float, height: int, width: int, ratio: int, aligned: bool) -> Any:
    """torchvision's own formula of RoIAlign in tensor code."""
    align = importlib.import_module("torchvision.ops.roi_align")._roi_align
    return align(image, rois, scale, height, width, ratio, aligned)

"""Code that asks for an accelerator gets the processor."""

import contextlib
from typing import Any, ContextManager, Dict, Tuple

from . import torch_shortcuts

ACCELERATORS = ("cuda", "mps", "xpu", "hip", "npu", "mtia")


def on_cpu(torch: Any) -> ContextManager[Any]:
    """`.cuda()`, `.to("cuda:0")`, `device=0` and `torch.device("mps")` all mean the processor inside of it."""
    base = getattr(torch.overrides, "TorchFunctionMode", None) if hasattr(torch, "overrides") else None
    if base is None:  # torch < 1.13
        torch.Tensor.cuda = torch.nn.Module.cuda = lambda self, *args, **kwargs: self
        return contextlib.ExitStack()

    def torch_function(self: Any, func: Any, types: Any, args: Tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in ("cuda", "pin_memory", "xpu"):
            return args[0]
        if name == "batch_norm":
            kept = torch_shortcuts.kept_shape(torch, name, args, kwargs or {})
            if kept is not None:
                return kept
        if kwargs and "device" in kwargs:
            kwargs = dict(kwargs, device=_mapped(torch, kwargs["device"]))
        if name in ("to", "type") and len(args) > 1:
            args = (args[0], _mapped(torch, args[1]), *args[2:])
        return func(*args, **(kwargs or {}))

    made: ContextManager[Any] = type("OnCpu", (base,), {"__torch_function__": torch_function})()
    return made


def _mapped(torch: Any, device: Any) -> Any:
    if isinstance(device, str):
        if device.startswith("torch.cuda."):  # `x.type("torch.cuda.FloatTensor")`
            return device.replace("torch.cuda.", "torch.")
        return "cpu" if device.split(":")[0] in ACCELERATORS else device
    if isinstance(device, torch.device):
        return torch.device("cpu") if device.type in ACCELERATORS else device
    return "cpu" if type(device) is int else device  # `device=0`; `x.to(0)`


def install(torch: Any) -> None:
    """Functions of `torch.cuda` that would start the driver; its tensor types."""
    done: Dict[str, Any] = {"current_device": 0, "synchronize": None, "set_device": None, "init": None}
    for name, answer in done.items():
        setattr(torch.cuda, name, lambda *args, _answer=answer, **kwargs: _answer)
    for kind in ("Float", "Double", "Half", "Long", "Int", "Short", "Char", "Byte", "Bool", "BFloat16"):
        if hasattr(torch, kind + "Tensor"):
            setattr(torch.cuda, kind + "Tensor", getattr(torch, kind + "Tensor"))
    set_type = torch.set_default_tensor_type
    torch.set_default_tensor_type = lambda t: set_type(_mapped(torch, t))
    if hasattr(torch, "set_default_device"):
        set_device = torch.set_default_device
        torch.set_default_device = lambda device: set_device(_mapped(torch, device))


ABSENT = (
    ("needs an accelerator", ("not compiled with CUDA", "NVIDIA driver", "No CUDA GPUs", "ATen_cuda", "CUDA driver")),
    ("needs torchvision's compiled operators", ("Could not run 'torchvision::",)),
    ("needs a package", ("is not installed", "No module named")),
    ("needs the network", ("which is closed", "name resolution", "offline mode")),
    ("does what a locked process may not", ("Operation not permitted",)),
)
OFFLINE = ("URLError", "gaierror", "ConnectionError", "LocalEntryNotFoundError", "OfflineModeIsEnabled")


def absent(error: BaseException) -> str:
    """What the system does not have, which is no fault of the model; "" for any other exception."""
    kinds, text = {cls.__name__ for cls in type(error).__mro__}, str(error)
    for what, words in ABSENT:
        network, package = what.endswith("network"), what.endswith("package")
        if package and "ImportError" not in kinds:
            continue
        if (network and kinds.intersection(OFFLINE)) or any(word in text for word in words):
            return text if package or "which is closed" in text else "{}: {}".format(what, text.split("\n")[0])
    return ""

"""Which libraries are there, and in which version; what is logged of it.

    if importlib.util.find_spec("torch") is not None and version.parse(torch.__version__) >= version.parse("2.6"):

A program that imports PyTorch has it, in the version that its layers are declared for: an arm for an older one is not
what runs.  Of everything else nothing is known.
"""

from __future__ import annotations

import re
from typing import Any

from archlint.interp.evaluator import Evaluator
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.handlers import Call, on_constants
from archlint.layers.torch.module_attributes import VERSION
from archlint.values import External, Reason, Unknown

_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)(?:\+\w+)?")


def _found(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`importlib.util.find_spec("torch")`: something, of which nobody asks but whether it is None."""
    if arguments.get(0, "name") == "torch" and "torch" in ev.frameworks:
        return External("importlib.machinery.ModuleSpec.of_torch")
    return Unknown(Reason.DATA, "which packages are installed", arguments.span)


def _version(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`importlib.metadata.version("torch")`."""
    if arguments.get(0, "distribution_name") == "torch" and "torch" in ev.frameworks:
        return VERSION
    return Unknown(Reason.DATA, "which packages are installed", arguments.span)


def release(text: str) -> tuple[int, ...]:
    """The numbers of a release that order it among others: (2, 13) of "2.13.0+cpu".  ValueError for any other."""
    found = _RELEASE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"no plain release: {text}")
    numbers = [int(one) for one in found[1].split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


_parsed = on_constants(release, str)
_LOGGER = External("logging.getLogger.made")
_SAID = ("debug", "info", "warning", "warn", "error", "exception", "critical", "log", "warning_once", "info_once")


def _nothing(ev: Evaluator, frame: Frame, arguments: Arguments) -> None:
    """`logger.debug(f"found {version}")`: a word on the way, which changes nothing and does not raise."""


HANDLERS: dict[str, Call] = {
    "importlib.util.find_spec": _found,
    "importlib.metadata.version": _version,
    "packaging.version.parse": _parsed,
    "packaging.version.Version": _parsed,
    "distutils.version.LooseVersion": _parsed,
    "distutils.version.StrictVersion": _parsed,
    "logging.getLogger": lambda ev, frame, given: _LOGGER,
    **{f"{_LOGGER.name}.{name}": _nothing for name in _SAID},
}
"""None of them raises: where they do not know, what they give is not known."""

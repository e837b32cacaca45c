"""Modules that were made for their parts.

resnet = resnet18()
self.features = nn.Sequential(*list(resnet.children())[:-2])    # resnet itself is never called
"""

from __future__ import annotations

from archlint.interp.torch.modules import walk
from archlint.values import Object


def is_whole(module: Object, others: list[Object]) -> bool:
    """Is a module called, asked for, or none of its parts in another of these modules?"""
    if module.attrs.get("__called__") or module.attrs.get("__entry__"):
        return True
    own = {id(part) for _, part in walk(module)} - {id(module)}
    return not any(id(part) in own for other in others if other is not module for _, part in walk(other))

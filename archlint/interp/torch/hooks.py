"""Forward hooks: `net.layer4.register_forward_hook(self.keep)` runs `self.keep(layer, (x,), y)` behind each call."""

from __future__ import annotations

from typing import Any

from archlint.facts.storage import writes_over
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import call as calls
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.values import Builtin, DictValue, Function, Layer, Method, Object, Tensor

_HOOKS = "__forward_hooks__"
_HANDLE = "torch.utils.hooks.RemovableHandle"


def register(ev: Evaluator, module: Any, arguments: Arguments) -> Any:
    """Keep a hook at its layer or module; the handle takes it away again."""
    hook = arguments.get(0, "hook")
    if not isinstance(module, (Object, Layer)) or not isinstance(hook, (Function, Method, Builtin)):
        return None
    entry = (hook, arguments.keywords.get("with_kwargs") is True)
    ev.heap.touch(module.attrs)
    module.attrs[_HOOKS] = (*module.attrs.get(_HOOKS, ()), entry)

    def remove(ev: Evaluator, frame: Frame, arguments: Arguments) -> None:
        ev.heap.touch(module.attrs)
        module.attrs[_HOOKS] = tuple(one for one in module.attrs.get(_HOOKS, ()) if one is not entry)

    return Object(None, _HANDLE, {"remove": Builtin("remove", remove)}, ev.serial(), arguments.span)


def after(ev: Evaluator, frame: Frame, module: Object | Layer, arguments: Arguments, result: Any) -> Any:
    """What a call gives once the hooks of its layer or module have run; what one returns stands in for the output."""
    taken = tuple(arguments.positional)
    if taken and isinstance(module, Layer) and isinstance(result, Tensor) and result.node >= 0:
        if writes_over(ev.nodes_from(result.node)[0]):
            taken = (result, *taken[1:])  # `nn.ReLU(inplace=True)` has put there what it gives
    for hook, with_keywords in module.attrs.get(_HOOKS, ()):
        named = [DictValue(dict(arguments.keywords))] if with_keywords else []
        given = Arguments([module, taken, *named, result], {}, arguments.span)
        found = calls.call(ev, frame, hook, given)
        result = result if found is None else found
    return result

"""Forward hooks: `net.layer4.register_forward_hook(self.keep)` runs `self.keep(layer, (x,), y)` behind each call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.facts.storage import writes_over
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import branches
from archlint.interp.python import call as calls
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.python.join import join
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
    module.attrs[_HOOKS] = (*_hooks(module), entry)

    def remove(ev: Evaluator, frame: Frame, arguments: Arguments) -> None:
        ev.heap.touch(module.attrs)
        module.attrs[_HOOKS] = tuple(one for one in _hooks(module) if one is not entry)

    return Object(None, _HANDLE, {"remove": Builtin("remove", remove)}, ev.serial(), arguments.span)


def after(ev: Evaluator, frame: Frame, module: Object | Layer, arguments: Arguments, result: Any) -> Any:
    """What a call gives once the hooks of its layer or module have run; what one returns stands in for the output."""
    taken = tuple(arguments.positional)
    if taken and isinstance(module, Layer) and isinstance(result, Tensor) and result.node >= 0:
        if writes_over(ev.nodes_from(result.node)[0]):
            taken = (result, *taken[1:])  # `nn.ReLU(inplace=True)` has put there what it gives
    for hook, with_keywords in _hooks(module):
        named = [DictValue(dict(arguments.keywords))] if with_keywords else []
        given = Arguments([module, taken, *named, result], {}, arguments.span)
        if _certain(module, hook):
            found = calls.call(ev, frame, hook, given)
        else:
            arms: list[Callable[[], Any]] = [lambda h=hook, g=given: calls.call(ev, frame, h, g), lambda: None]  # type: ignore[misc]
            found = join(ev, [result if one is None else one for one in branches.both(ev, arms)])
        result = result if found is None else found
    return result


def _hooks(module: Object | Layer) -> tuple[Any, ...]:
    """The hooks of a layer or module; where an undecided test registered some, also those."""
    held = module.attrs.get(_HOOKS, ())
    return held if isinstance(held, tuple) else max(held.options, key=len)


def _certain(module: Object | Layer, hook: Any) -> bool:
    """Is it a hook whatever the tests come to?"""
    held = module.attrs.get(_HOOKS, ())
    options = (held,) if isinstance(held, tuple) else held.options
    return all(any(one is hook for one, _ in option) for option in options)

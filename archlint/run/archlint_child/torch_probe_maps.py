"""Layers of a torch module that follow each other with nothing in between: together they are one linear map."""

import importlib
from typing import Any, Dict, List, Optional, Set, Tuple

from .probes import TRIALS, NotRun, Subject, change, magnitude, named, result
from .torch_probe_layers import leaves

MOST_PAIRS = 8


class Caught(BaseException):
    """Ends a forward pass when what was looked for is there."""


def nonlinearity(model: Any, subject: Subject) -> Dict[str, Any]:
    """Puts other values in the place of a layer's output u and looks at g(u), what the next layer gets.

    The two are one linear map if g(u+v) - g(u) - g(v) + g(0) = 0, g depends on u and on nothing else of the input,
    and u reaches the outputs through the next layer only.
    """
    pairs, bent = affine_pairs(model, subject)
    found = []
    for first, second in pairs[:MOST_PAIRS]:
        if collapses(model, subject, first, second):
            found.append((first, second))
    if found:
        paths = [path for pair in found for path in pair]
        return result("violated", "one linear map: " + named(["` and `".join(pair) for pair in found]), paths)
    if not pairs and not bent:
        raise NotRun("no two layers with weights in a row whose widths would make them one")
    return result("holds", "no two neighbouring layers are one linear map ({} looked at)".format(len(pairs) + bent))


def affine_pairs(model: Any, subject: Subject) -> Tuple[List[Tuple[str, str]], int]:
    """Neighbours in the order of calls without a norm between them, and how many pairs have an activation between.

    Narrow inner layers (LoRA) and grouped convolutions are factorised on purpose.
    """
    torch = importlib.import_module("torch")

    if subject.trace is None:
        raise NotRun("the layers cannot be looked at")
    modules, order = dict(leaves(model)), [path for path, _, _ in subject.trace(subject.trial(0)[0], 0)]
    pairs: List[Tuple[str, str]] = []
    between: Set[str] = set()
    bent, last = 0, ""
    for path in order:
        module = modules[path]
        if not affine(module):
            between.add(kind_of(module, torch))
            continue
        if last and order.count(last) == order.count(path) == 1 and "norm" not in between:
            wide = width(modules[last])[1] >= min(width(modules[last])[0], width(module)[1])
            if "activation" in between:
                bent += 1
            elif wide and width(modules[last])[1] > 1:
                pairs.append((last, path))
        last, between = path, set()
    return pairs, bent


def kind_of(module: Any, torch: Any) -> str:
    """`norm`, `activation` or nothing of interest."""
    if "Norm" in type(module).__name__:
        return "norm"
    home = type(module).__module__
    return "activation" if home == "torch.nn.modules.activation" and not isinstance(module, torch.nn.Identity) else ""


def affine(module: Any) -> bool:
    """A dense layer or a convolution that sees all channels."""
    torch = importlib.import_module("torch")

    dense = isinstance(module, torch.nn.Linear)
    return dense or (isinstance(module, (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)) and module.groups == 1)


def width(module: Any) -> Tuple[int, int]:
    """Features that a layer takes and gives."""
    if hasattr(module, "in_features"):
        return module.in_features, module.out_features
    return module.in_channels, module.out_channels


def collapses(model: Any, subject: Subject, first: str, second: str) -> bool:
    """Do two layers act as one linear map, in three trials?"""
    torch = importlib.import_module("torch")

    for trial in range(TRIALS):
        inputs, other = subject.trial(trial)[0], subject.inputs(trial + 100)
        shape = shape_of(model, subject, first, inputs)
        generator = torch.Generator().manual_seed(trial)
        u, v, w = (torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(3))
        zero, one, two, both = (reaching(model, subject, first, second, x, inputs) for x in (u * 0, u, v, u + v))
        scale = max(magnitude(one), magnitude(two), magnitude(both))
        if change(one, zero) <= subject.moved or magnitude(both - one - two + zero) > subject.still * 10 * scale:
            return False
        if change(one, reaching(model, subject, first, second, u, other)) > subject.still:
            return False  # the next layer also gets something else of the input: a residual sum
        ends = [ending(model, subject, first, second, x, w, inputs) for x in (u, v)]
        if any(change(a, b) > subject.still for (_, a), (_, b) in zip(*ends)):
            return False  # the first layer is also read past the second
    return True


def shape_of(model: Any, subject: Subject, path: str, inputs: List[Any]) -> Tuple[int, ...]:
    """Shape of a layer's output."""
    caught: List[Tuple[int, ...]] = []
    hook = module_at(model, path).register_forward_hook(lambda m, a, output: caught.append(tuple(output.shape)))
    try:
        subject.call(inputs, 0)
    finally:
        hook.remove()
    return caught[0]


def module_at(model: Any, path: str) -> Any:
    return dict(model.named_modules())[path]


def reaching(model: Any, subject: Subject, first: str, second: str, value: Any, inputs: List[Any]) -> Any:
    """What the second layer gets when the first gives `value`."""
    torch = importlib.import_module("torch")

    caught: List[Any] = []

    def catch(module: Any, args: Any) -> None:
        caught.append(args[0].detach().to(torch.float64).clone())
        raise Caught

    hooks = [giving(model, first, value), module_at(model, second).register_forward_pre_hook(catch)]
    try:
        subject.call(inputs, 0)
    except Caught:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    return caught[0]


def giving(model: Any, path: str, value: Any) -> Any:
    """A hook that puts `value` in the place of a layer's output, or noise of its shape for None."""
    return module_at(model, path).register_forward_hook(lambda m, a, output: value.to(output.dtype).clone())


def ending(model: Any, subject: Subject, first: str, second: str, value: Any, seed: Any, inputs: List[Any]) -> Any:
    """The outputs when the first layer gives `value` and the second always the same."""
    hooks = [giving(model, first, value)]
    still: List[Optional[Any]] = []

    def same(module: Any, args: Any, output: Any) -> Any:
        torch = importlib.import_module("torch")

        still.append(None)
        return torch.ones_like(output) * 0.3

    hooks.append(module_at(model, second).register_forward_hook(same))
    try:
        return subject.call(inputs, 0)
    finally:
        for hook in hooks:
            hook.remove()

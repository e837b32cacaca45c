"""Calling a model: without numbers where shapes are enough, with real ones where its code looks at values."""

import collections
import contextlib
import importlib
import inspect
import re
import sys
from typing import Any, Callable, ContextManager, Dict, Iterator, List, Sequence, Set, Tuple

from . import torch_building

Spec = Sequence[Any]
"""[name, shape, dtype, high] of a given tensor."""
Arguments = Tuple[List[Any], Dict[str, Any]]

CHEAP_ELEMENTS, CHEAP_PARAMETERS = 5 * 10**6, 10**8
ONCE_PARAMETERS = 4 * 10**8
LARGEST_REAL = 10**8
"""Input elements above which nothing is run with real numbers."""
CONTAINERS = (dict, list, set, collections.OrderedDict)


def fake_mode(**options: Any) -> Any:
    """A mode in which tensors have shapes and no numbers; None for a torch that has none (before 2.0)."""
    try:
        made = importlib.import_module("torch._subclasses.fake_tensor").FakeTensorMode
        return made(allow_non_fake_inputs=True, **options)
    except (ImportError, AttributeError, TypeError):
        return None


def tensor(torch: Any, spec: Spec, seed: int = 0) -> Any:
    """A real tensor: small normal numbers; integers below `high`, ones where it is not known; True."""
    _, shape, dtype, high = spec
    sizes, kind = sizes_of(spec), getattr(torch, dtype)
    generator = torch.Generator().manual_seed(seed + len(shape))
    if dtype == "bool":
        return torch.ones(sizes, dtype=kind)
    if kind.is_floating_point or kind.is_complex:
        wide = torch.randn(sizes, generator=generator, dtype=torch.complex64 if kind.is_complex else torch.float32)
        return wide.to(kind)
    if high is None:  # lengths, classes, positions: one is nearly always allowed
        return torch.ones(sizes, dtype=kind)
    return torch.randint(0, max(1, high), sizes, generator=generator).to(kind)


def real_tensors(torch: Any, tensors: Sequence[Spec]) -> List[Tuple[str, Any]]:
    """Named tensors for a real call; `lengths` of sequences are all as long as the sequences."""
    steps = next((sizes_of(spec)[1] for spec in tensors if len(spec[1]) > 1), 1)
    made = []
    for number, spec in enumerate(tensors):
        value = tensor(torch, spec, number)
        if "len" in spec[0].lower() and len(spec[1]) == 1 and spec[2].startswith("int"):
            value.fill_(steps)
        made.append((spec[0], value))
    return made


def sizes_of(spec: Spec) -> List[int]:
    """The shape to allocate; an open size is 2."""
    return [2 if size is None else size for size in spec[1]]


def empty(torch: Any, spec: Spec) -> Any:
    """A tensor of the shape, for modes in which it has no numbers."""
    return torch.empty(sizes_of(spec), dtype=getattr(torch, spec[2]))


def bound(model: Any, named: Sequence[Tuple[str, Any]]) -> Arguments:
    """Positional and keyword arguments of a call.

    By name where every name is a parameter of `forward` (`forward(self, x, *, mask=None)`), else in order.
    `batch['image']`, `inputs[0]`: parts of one argument.
    """
    given = _joined(named)
    try:
        parameters = list(inspect.signature(model.forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    accepted = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    if parameters and set(given) <= accepted:
        return _by_name(parameters, given)
    values, takes = list(given.values()), [p for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if not takes:
        return values, {}
    first = max(0, len(values) - len(takes))
    return values[:first], dict(zip([p.name for p in takes], values[first:]))


def _by_name(parameters: Sequence[inspect.Parameter], given: Dict[str, Any]) -> Arguments:
    """As many positional arguments as stand first without a gap; hooks see those only."""
    args, rest = [], dict(given)
    for parameter in parameters:
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or parameter.name not in rest:
            break
        args.append(rest.pop(parameter.name))
    return args, rest


def _joined(named: Sequence[Tuple[str, Any]]) -> Dict[str, Any]:
    """Arguments by name; those of one container put together, unnamed ones numbered."""
    whole: Dict[str, Any] = {}
    for number, (name, value) in enumerate(named):
        part = re.match(r"^(\w+)(?:\[(\d+)\]|\[['\"]([^'\"]+)['\"]\]|\.(\w+))$", name)
        if part is None:
            whole[name if name and name not in whole else "#{}".format(number)] = value
            continue
        owner, index, key = part.group(1), part.group(2), part.group(3) or part.group(4)
        if index is not None:
            whole[owner] = (*whole.get(owner, ()), value)
        else:
            whole.setdefault(owner, {})[key] = value
    return whole


@contextlib.contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """Attributes that `forward` sets (caches, `self.mask = …`) are gone afterwards: each call meets a fresh model."""
    holders = [module.__dict__ for module in model.modules()]
    holders += [value for holder in holders for value in list(holder.values()) if type(value) in CONTAINERS]
    before = [(holder, holder.copy()) for holder in holders]
    try:
        yield
    finally:
        for holder, contents in before:  # in place: two names of one list stay one list
            if isinstance(holder, list):
                holder[:] = contents
            else:
                holder.clear()
                holder.update(contents)


def forget_cached(files: Set[str]) -> None:
    """Empty every `@lru_cache` of the user's files: tensors of a call without numbers are of no use to a real one."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) in files:
            for value in list(vars(module).values()):
                methods = list(vars(value).values()) if isinstance(value, type) else []
                for function in [value, *methods]:
                    clear = getattr(function, "cache_clear", None) if hasattr(function, "__wrapped__") else None
                    if callable(clear):
                        clear()


def is_meta(model: Any) -> bool:
    """Was it built without memory?"""
    return any(p.is_meta for p in model.parameters() if hasattr(p, "is_meta"))


def fake(torch: Any, model: Any, tensors: Sequence[Spec], mode: Any) -> Any:
    """The output of a call in which no number is computed; raises what the model raises, or what a fake cannot do."""
    without_numbers: ContextManager[Any] = torch.device("meta") if is_meta(model) else mode
    with unchanged(model), without_numbers, torch.no_grad():
        args, kwargs = bound(model, [(spec[0], empty(torch, spec)) for spec in tensors])
        return model(*args, **kwargs)


def real(torch: Any, model: Any, tensors: Sequence[Spec]) -> Any:
    """The output of a call with numbers."""
    with unchanged(model):
        try:
            return _real(torch, model, tensors, torch.no_grad)
        except RuntimeError as error:
            if "require grad" not in str(error) and "requires_grad" not in str(error):
                raise
    with unchanged(model):  # an energy whose force is the model's output
        return _real(torch, model, tensors, torch.enable_grad)


def _real(torch: Any, model: Any, tensors: Sequence[Spec], gradients: Callable[[], ContextManager[Any]]) -> Any:
    torch.manual_seed(0)
    with gradients():
        args, kwargs = bound(model, real_tensors(torch, tensors))
        return model(*args, **kwargs)


def fill(torch: Any, model: Any) -> None:
    """Small numbers in the parameters whose initialisers were skipped; what they hold now may be anything."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if (
                not torch_building.is_lazy(torch, parameter)
                and parameter.is_floating_point()
                and parameter.numel() > 4096
            ):
                parameter.uniform_(-0.05, 0.05, generator=generator)


def elements(tensors: Sequence[Spec]) -> int:
    """Numbers in all inputs together."""
    total = 0
    for spec in tensors:
        product = 1
        for size in sizes_of(spec):
            product *= size
        total += product
    return total


def cheap(model: Any, tensors: Sequence[Spec], most: int = CHEAP_PARAMETERS) -> bool:
    """Is one real call affordable for the sake of a better message?"""
    parameters = sum(p.numel() for p in model.parameters())
    return elements(tensors) < CHEAP_ELEMENTS and parameters < most and not is_meta(model)


def of_fakes(error: BaseException) -> bool:
    """Is it a limit of tensors without numbers (`if x.sum() > 0`, `.numpy()`), not an error of the model?"""
    origin, text = type(error).__module__, str(error)
    if origin.startswith(("torch._subclasses", "torch.fx", "torch._dynamo", "torch.utils._sympy", "sympy")):
        return True
    told = ("tensor subclass", "FakeTensor", "fake tensor", "data is not allocated", "meta tensor", "require grad")
    return any(words in text for words in told) or ("Meta" in text and "backend" in text)


def materialise(torch: Any, model: Any, tensors: Sequence[Spec]) -> None:
    """One real call, by which lazy layers get their parameters; they cannot get them from tensors without numbers."""
    with torch.no_grad():
        args, kwargs = bound(model, real_tensors(torch, tensors))
        model(*args, **kwargs)

"""What goes into a torch module and comes out of it as numbers: inputs, outputs, parameters, generators."""

import importlib
import random
import sys
from typing import Any, Callable, List, Optional, Sequence

from .probes import MOST_INPUTS, MOST_PARAMETERS, Given, NotRun


def inputs_of(tensors: Sequence[Sequence[Any]]) -> List[Given]:
    """The inputs; those that share the first size of the first one hold a sample in each row."""
    givens: List[Given] = []
    for number, (name, shape, dtype, high) in enumerate(tensors):
        sizes = tuple((2 if axis == 0 else 7) if size is None else int(size) for axis, size in enumerate(shape))
        rows = givens[0].shape[0] if givens and givens[0].shape else sizes[0] if sizes else 0
        batch = 0 if sizes and sizes[0] == rows > 1 else None
        givens.append(Given(name or "input {}".format(number + 1), sizes, dtype, high, batch))
    elements = 0
    for given in givens:
        product = 1
        for size in given.shape:
            product *= size
        elements += product
    if elements > MOST_INPUTS:
        raise NotRun("too large: {:,} numbers of input".format(elements))
    return givens


def draw(given: Given, seed: int, rows: Optional[int], dtype: Any, positive: bool = False) -> Any:
    """Random values: of the normal distribution (between 0.1 and 1 if `positive`), or valid indices."""
    torch = importlib.import_module("torch")

    shape = list(given.shape)
    if rows is not None and given.batch is not None:
        shape[given.batch] = rows
    generator = torch.Generator().manual_seed(seed)
    if "bool" in given.dtype:
        return torch.rand(shape, generator=generator) < 0.5
    if "int" in given.dtype:
        kind = getattr(torch, given.dtype, torch.int64)
        return torch.randint(0, max(1, given.high or 2), shape, generator=generator).to(kind)
    if "complex" in given.dtype:
        raise NotRun("complex input")
    if positive:
        return (torch.rand(shape, generator=generator, dtype=torch.float64) * 0.9 + 0.1).to(dtype)
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


def seed_all(seed: int) -> None:
    """Every generator that a forward pass may draw from."""
    torch = importlib.import_module("torch")

    torch.manual_seed(seed)
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed)


def flattened(value: Any, name: str = "", depth: int = 0) -> Any:
    """The tensors of an output as ("[0].logits", double): of tuples, lists, dicts, named tuples and dataclasses."""
    torch = importlib.import_module("torch")

    if isinstance(value, torch.Tensor):
        if not value.is_complex() and not value.is_sparse and not value.is_quantized:
            yield name, value.detach().to(torch.float64).clone()
        return
    for key, item in items(value) if depth < 4 else ():
        place = "[{}]".format(key) if isinstance(key, int) else (name and ".") + str(key)
        for found in flattened(item, name + place, depth + 1):
            yield found


def items(value: Any) -> Any:
    """What a container holds, by number or name; nothing of a packed sequence, whose rows mix the steps."""
    if type(value).__name__ == "PackedSequence":
        return []
    if isinstance(value, dict):
        return list(value.items())
    if hasattr(value, "_fields"):
        return list(zip(value._fields, value))
    if isinstance(value, (list, tuple)):
        return list(enumerate(value))
    return [(field, getattr(value, field, None)) for field in getattr(value, "__dataclass_fields__", ())]


def open_gates(model: Any) -> None:
    """Gives parameters values that start at zero, or close to it: a branch behind such a factor would not be seen.

    Also those that were never initialised (`nn.Parameter(torch.empty(3))`), where they hold no sensible number.
    """
    torch = importlib.import_module("torch")

    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if not (parameter.requires_grad and parameter.is_floating_point() and parameter.numel()):
                continue
            if not 1e-3 <= float(parameter.abs().max()) < 1e4:
                parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))


def settle_norms(model: Any, call: Callable[[], Any]) -> None:
    """Lets batch norms see one batch: with the statistics they start from, little arrives at the end of a deep net."""
    norms = [(m, m.momentum) for m in model.modules() if getattr(m, "running_mean", None) is not None]
    for norm, _ in norms:
        norm.momentum = 1.0
        norm.train()
    try:
        if norms:
            call()
    except Exception:
        for norm, _ in norms:
            norm.reset_running_stats()
    for norm, momentum in norms:
        norm.momentum = momentum
    model.eval()


def redraws(model: Any) -> Optional[Callable[[Optional[int]], None]]:
    """Sets all trainable parameters to random values, far enough from zero that only an activation limits a head.

    Vectors are drawn around what they were, or around zero: a ReLU behind a bias of -99 is not dead for ever.
    """
    torch = importlib.import_module("torch")

    own = [p for p in model.parameters() if p.requires_grad and p.is_floating_point()]
    if sum(p.numel() for p in own) > MOST_PARAMETERS // 2:
        return None
    first: List[Any] = []

    def redraw(seed: Optional[int]) -> None:
        if not first:
            first.extend(p.detach().clone() for p in own)
        generator = torch.Generator().manual_seed(seed or 0)
        with torch.no_grad():
            for parameter, value in zip(own, first):
                if seed is None:
                    parameter.copy_(value)
                    continue
                noise = torch.randn(value.shape, generator=generator, dtype=torch.float64).to(value.dtype)
                wide = float(value.std()) if value.numel() > 1 else 0.0
                vector = 3 * noise + value * (1 - seed % 2)
                parameter.copy_(noise * max(wide, 1e-3) if value.dim() > 1 else vector)

    return redraw

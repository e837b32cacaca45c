"""Parameters of a torch module: which are registered, which a gradient reaches."""

import importlib
from typing import Any, Callable, Dict, Iterator, List, Set, Tuple

from .probes import TRIALS, NotRun, Subject, brief, named, result
from .torch_probe_layers import tensors_in


def registration(model: Any) -> Dict[str, Any]:
    """Looks into lists, tuples, dicts and attributes of every module for parameters that `parameters()` leaves out.

    A container of one module is the way to hide a network on purpose (`self._teacher = [teacher]`) and passed over.
    `paths`: the attributes with such parameters; if there are none, all attributes that hold several layers.
    """
    torch = importlib.import_module("torch")

    known = {id(p) for p in model.parameters()}
    hidden: List[Tuple[str, int]] = []
    regular: List[str] = []
    for path, module in model.named_modules():
        for attribute, value in sorted(vars(module).items(), key=lambda pair: pair[0]):
            place = ".".join(p for p in (path, attribute) if p)
            own = {} if attribute in PRIVATE or isinstance(value, torch.nn.Module) else {id(p): p for p in held(value)}
            lost = sum(p.numel() for i, p in own.items() if i not in known)
            if lost and not alone(value):
                hidden.append((place, lost))
            elif own and not lost and not attribute.startswith("_"):
                regular.append(place)
        regular += [
            ".".join(p for p in (path, n) if p) for n, child in module.named_children() if list(child.children())
        ]
    if hidden:
        total = sum(count for _, count in hidden)
        text = "{} not in parameters(): {}".format(plural(total), named([path for path, _ in hidden]))
        return result("violated", text, [path for path, _ in hidden])
    return result("holds", "every parameter of its layers is in parameters()", regular)


PRIVATE = ("_parameters", "_buffers", "_modules", "_non_persistent_buffers_set")


def plural(count: int) -> str:
    return "1 parameter is" if count == 1 else "{:,} parameters are".format(count)


def alone(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict, set)) and len(value) == 1


def held(value: Any, depth: int = 0) -> Iterator[Any]:
    """Parameters in a plain container or attribute, also those of modules in it."""
    torch = importlib.import_module("torch")

    if isinstance(value, torch.nn.Module):
        for parameter in value.parameters():
            yield parameter
    elif isinstance(value, torch.Tensor):
        if value.requires_grad and value.is_leaf:
            yield value
    elif isinstance(value, (list, tuple, set, dict)) and depth < 4:
        for item in list(value.values() if isinstance(value, dict) else value)[:1000]:
            for parameter in held(item, depth + 1):
                yield parameter


def gradient_flow(model: Any, subject: Subject, call: Callable[[Any, List[Any]], Any]) -> Dict[str, Any]:
    """Sums all outputs and goes backward: parameters whose gradient is None had no part in them.

    In eval mode, then in train mode (auxiliary heads answer there only), on several inputs (a branch may depend on
    the values): a parameter that is reached once is used.  `paths`: those that are not; if every one is, all but those
    with two names (`decoder.weight = embedding.weight`), of which one may be used only.
    """
    torch = importlib.import_module("torch")

    own = dict(parameters_of(model))
    if not own:
        raise NotRun("the model has no trainable parameters")
    reached: Set[str] = set()
    buffers = [(b, b.detach().clone()) for b in model.buffers()]
    trained = 0
    try:
        for number in range(TRIALS + 1):
            model.train(number > 0)
            try:
                reached |= backward(model, subject.inputs(number), call, own)
                trained += number > 0
            except Exception as error:
                if number == 0:
                    raise
                why = brief(error)
            if reached == set(own):
                text = "a gradient reaches all {} parameter tensors".format(len(own))
                return result("holds", text, [name for name in own if not shared(name, own)])
    finally:
        model.eval()
        model.zero_grad()
        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)
    if not reached:
        raise NotRun("no output carries a gradient")
    if trained < TRIALS:
        raise NotRun("a training pass fails: " + why)
    idle = [name for name in own if name not in reached]
    layers = list(dict.fromkeys(name.rpartition(".")[0] or name for name in idle))
    text = "no gradient reaches {} of {} parameter tensors: {}"
    return result("violated", text.format(len(idle), len(own), named(layers)), idle)


def shared(name: str, own: Dict[str, Any]) -> bool:
    return sum(parameter is own[name] for parameter in own.values()) > 1


def parameters_of(model: Any, path: str = "", above: Tuple[int, ...] = ()) -> Iterator[Tuple[str, Any]]:
    """Trainable parameters under every name that they have: a shared layer has several."""
    if id(model) in above:
        return
    for name, parameter in model._parameters.items():
        if parameter is not None and parameter.requires_grad:
            yield path + name, parameter
    for name, child in model._modules.items():
        if child is not None:
            for found in parameters_of(child, "{}{}.".format(path, name), (*above, id(model))):
                yield found


def backward(model: Any, inputs: List[Any], call: Callable[[Any, List[Any]], Any], own: Dict[str, Any]) -> Set[str]:
    """Names of the parameters that have a gradient after one call."""
    torch = importlib.import_module("torch")

    for parameter in own.values():
        parameter.grad = None
    with torch.enable_grad():
        outputs = tensors_in(unpacked(call(model, inputs)))
        sums = [y.sum() for y in outputs if y.requires_grad and y.is_floating_point()]
        if sums:
            sum(sums[1:], sums[0]).backward()
    return {name for name, parameter in own.items() if parameter.grad is not None}


def unpacked(output: Any) -> Any:
    """Dataclasses and packed sequences as plain lists of what they hold."""
    if hasattr(output, "__dataclass_fields__") and not isinstance(output, dict):
        return [getattr(output, name, None) for name in output.__dataclass_fields__]
    if isinstance(output, (list, tuple)):
        return [unpacked(item) for item in output]
    return output

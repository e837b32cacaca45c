"""Building what a target names, and what can be read off the modules that it gives."""

import contextlib
import gc
import types
from typing import Any, Dict, Iterator, List, Tuple

Models = List[Tuple[str, Any]]
"""(name, module): one for most targets; each module of a tuple, list or dict; each of a script's top level."""


class NoModel(Exception):
    """The target ran and gave no module; the text says what it gave."""


def build(torch: Any, target: Dict[str, Any], job: Any) -> Models:
    """The models of a class or function, in eval mode.  Raises what the user's constructor raises, or NoModel."""
    made = made_by(torch, target, job)
    models = modules_in(torch, made, target["name"])
    if not models:
        raise NoModel(_why_no_model(target["name"], made, job))
    for _, model in models:
        model.eval()
    return models


def made_by(torch: Any, target: Dict[str, Any], job: Any) -> Any:
    """What a call of the target returns; on the meta device where its parameters do not fit into memory."""
    maker = job.find(job.load(target["path"]), target["name"])
    if isinstance(maker, type) and not issubclass(maker, torch.nn.Module) and job.missing_base(maker):
        raise NoModel("its base class {} is not installed".format(job.missing_base(maker)))
    args, kwargs = job.call
    mark = job.recorder.mark()
    try:
        return maker(*args, **kwargs)
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error) or not hasattr(torch, "get_default_device"):
            raise
    job.recorder.release(mark)
    del args, kwargs
    gc.collect()  # what was built so far holds itself, and with it all the memory there is
    args, kwargs = job.call
    with torch.device("meta"):
        return maker(*args, **kwargs)


def out_of_memory(error: BaseException) -> bool:
    """Does an allocator say that there is no room?"""
    text = str(error)
    return isinstance(error, MemoryError) or "can't allocate memory" in text or "not enough memory" in text


def modules_in(torch: Any, made: Any, name: str) -> Models:
    """Modules of a returned value; `name[0]`, `name['generator']` where it holds several."""
    if isinstance(made, torch.nn.Module):
        return [(name, made)]
    if isinstance(made, types.GeneratorType):
        made = list(made)
    if isinstance(made, dict):
        items = [("{}[{!r}]".format(name, key), value) for key, value in made.items()]
    elif isinstance(made, (list, tuple)):
        items = [("{}[{}]".format(name, number), value) for number, value in enumerate(made)]
    else:
        return []
    found = [(label, value) for label, value in items if isinstance(value, torch.nn.Module)]
    return [(name, found[0][1])] if len(found) == 1 else found


def of_script(torch: Any, namespace: Dict[str, Any]) -> Models:
    """Modules that a script's top level holds, without losses and without parts of one another."""
    loss = torch.nn.modules.loss._Loss
    found: Models = []
    for name, value in list(namespace.items()):
        if not name.startswith("__"):
            found += [(n, m) for n, m in modules_in(torch, value, name) if not isinstance(m, loss)]
    parts = {id(part) for _, model in found for part in list(model.modules())[1:]}
    unique: Dict[int, Tuple[str, Any]] = {}
    for name, model in found:
        if id(model) not in parts:
            unique.setdefault(id(model), (name, model))
            model.eval()
    return list(unique.values())


def _why_no_model(name: str, made: Any, job: Any) -> str:
    cls = type(made)
    if job.missing_base(cls):
        return "its base class {} is not installed".format(job.missing_base(cls))
    if cls.__module__ == "builtins":
        return "{}() gives {}, no torch.nn.Module".format(name, "None" if made is None else "a " + cls.__name__)
    return "{}() gives a {}, which is no torch.nn.Module".format(name, cls.__name__)


def owners(models: Models) -> Dict[int, str]:
    """`id(module) -> path`: "" for the model itself; below its name where there are several models."""
    paths: Dict[int, str] = {}
    for name, model in models:
        for path, module in model.named_modules():
            full = path if len(models) == 1 else ".".join(part for part in (name, path) if part)
            paths.setdefault(id(module), full)
    return paths


def facts(torch: Any, name: str, model: Any, outputs: Dict[int, Any]) -> Dict[str, Any]:
    """A model with its modules: own parameters, and the output of the call where every call gave the same."""
    modules = [
        {
            "path": path,
            "cls": type(module).__name__,
            "params": count(torch, module.parameters(recurse=False)),
            "output": outputs.get(id(module)),
        }
        for path, module in model.named_modules()
    ]
    cls = type(model)
    return {"name": name, "cls": cls.__name__, "params": count(torch, model.parameters()), "modules": modules}


def count(torch: Any, parameters: Iterator[Any]) -> Any:
    """Numbers in the parameters, each counted once; None while a lazy layer has not seen its input."""
    given = list(parameters)
    return None if any(is_lazy(torch, p) for p in given) else sum(p.numel() for p in given)


def is_lazy(torch: Any, parameter: Any) -> bool:
    """Is it a parameter without a shape yet (LazyLinear)?"""
    lazy = getattr(torch.nn.parameter, "UninitializedTensorMixin", None)
    return lazy is not None and isinstance(parameter, lazy)


@contextlib.contextmanager
def outputs_of(torch: Any, job: Any, found: Dict[int, Any]) -> Iterator[None]:
    """Collect `id(module) -> descriptor` of every call inside of it; None where two calls differ."""
    told = torch.nn.modules.module.register_module_forward_hook

    def hook(module: Any, inputs: Any, output: Any) -> None:
        seen = job.recorder.describe(output)
        if found.setdefault(id(module), seen) != seen:
            found[id(module)] = None

    handle = told(hook)
    try:
        yield
    finally:
        handle.remove()

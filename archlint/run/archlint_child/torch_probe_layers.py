"""Looks between the layers of a torch module: what each got and gave, what mixes steps, what draws random numbers."""

import importlib
from typing import Any, Callable, Dict, List, Sequence, Tuple

RANDOM = (
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout", "feature_dropout",
    "rrelu", "gumbel_softmax", "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like",
    "bernoulli", "bernoulli_", "normal", "normal_", "uniform_", "multinomial", "poisson", "exponential_",
    "random_", "cauchy_", "geometric_", "log_normal_", "trunc_normal_", "kaiming_uniform_", "kaiming_normal_",
)  # fmt: skip
MIXING = (
    "scaled_dot_product_attention", "bmm", "baddbmm", "einsum", "tensordot", "cumsum", "cumprod", "cummax",
    "cummin", "logcumsumexp", "roll", "flip", "sort", "argsort", "unfold", "conv1d", "conv2d", "conv3d",
)  # fmt: skip


def leaves(model: Any) -> List[Tuple[str, Any]]:
    """Modules that do their work themselves, by path; an attention computes with the weights of its children."""
    own = [(n, m) for n, m in model.named_modules() if not list(m.children()) or "Attention" in type(m).__name__]
    return [(name, module) for name, module in own if name]


def tensors_in(value: Any, depth: int = 0) -> List[Any]:
    """The tensors of a call's arguments or result."""
    torch = importlib.import_module("torch")

    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if type(value).__name__ == "PackedSequence" or not isinstance(value, (list, tuple)) or depth > 2:
        return []
    return [t for item in value for t in tensors_in(item, depth + 1)]


def trace(model: Any, call: Callable[[], Any]) -> List[Tuple[str, List[Any], List[Any]]]:
    """Calls the model; for every layer in order its path, the tensors that it got and those that it gave."""
    torch = importlib.import_module("torch")

    events: List[Tuple[str, List[Any], List[Any]]] = []
    pending: Dict[str, List[Any]] = {}

    def copies(value: Any) -> List[Any]:
        return [t.detach().to(torch.float64).clone() for t in tensors_in(value) if not t.is_complex()]

    def before(path: str) -> Callable[..., None]:
        return lambda module, args: pending.__setitem__(path, copies(args))

    def after(path: str) -> Callable[..., None]:
        return lambda module, args, output: events.append((path, pending.pop(path, []), copies(output)))

    hooks = [m.register_forward_pre_hook(before(path)) for path, m in leaves(model)]
    hooks += [m.register_forward_hook(after(path)) for path, m in leaves(model)]
    try:
        call()
    finally:
        for hook in hooks:
            hook.remove()
    return events


def mixers(model: Any) -> List[Tuple[str, str, bool]]:
    """Layers that mix the steps of a sequence by design: path, class, whether only later steps see earlier ones."""
    torch = importlib.import_module("torch")

    found = []
    for path, module in model.named_modules():
        kind = type(module).__name__
        if isinstance(module, (torch.nn.RNNBase, torch.nn.RNNCellBase)):
            found.append((path, kind, not getattr(module, "bidirectional", False)))
        elif any(word in kind.lower() for word in ("conv", "attention", "attn", "transformer", "pool")):
            found.append((path, kind, False))
    return found


def random_functions(call: Callable[[], Any]) -> List[str]:
    """Names of the functions that draw random numbers during a call; a dropout that is off draws none."""
    return functions_called(call, lambda name, args, kwargs: name in RANDOM and active(name, args, kwargs))


def mixing_functions(call: Callable[[], Any]) -> List[str]:
    """Names of the functions that can mix steps: attention written out, sums along time, products of two tensors."""

    def mixes(name: str, args: Sequence[Any], kwargs: Dict[str, Any]) -> bool:
        if name in ("matmul", "__matmul__"):  # not `x @ weight`, which treats every step alike
            return len(args) > 1 and len(args[1].shape) > 2
        return name in MIXING or name.startswith("fft_")

    return functions_called(call, mixes)


def functions_called(
    call: Callable[[], Any], wanted: Callable[[str, Sequence[Any], Dict[str, Any]], bool]
) -> List[str]:
    """Names of the torch functions that a call makes, as far as they are wanted; nothing before torch 1.13."""
    try:
        mode: Any = importlib.import_module("torch.overrides").TorchFunctionMode
    except (ImportError, AttributeError):
        return []
    seen: List[str] = []

    class Watch(mode):  # type: ignore[misc]
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = getattr(function, "__name__", "")
            if name not in seen and wanted(name, args, kwargs or {}):
                seen.append(name)
            return function(*args, **(kwargs or {}))

    with Watch():
        call()
    return seen


def active(name: str, args: Sequence[Any], kwargs: Dict[str, Any]) -> bool:
    """Does a dropout drop anything: `F.dropout(x, 0.5, training=False)` does not."""
    if "dropout" not in name:
        return True
    rate = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
    return bool(kwargs.get("training", args[2] if len(args) > 2 else True)) and rate > 0

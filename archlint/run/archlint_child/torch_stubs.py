"""What a model reaches for while it is built and must not get: weights, compilers, other processes, long set-up."""

import builtins
import contextlib
import importlib
import importlib.util
import itertools
import sys
from typing import Any, Callable, Dict, Iterator, Tuple

SMALL = 4096
"""Elements up to which a tensor is really initialised; larger ones keep the pages they never touched."""


class NoWeights(Dict[Any, Any]):
    """Weights that were not read: any key, attribute or operation gives such weights again.

    Models `checkpoint["model"]["conv1.weight"].sum(1, keepdim=True)`; it is empty where it is looped over.
    """

    def __missing__(self, key: Any) -> "NoWeights":
        return NoWeights()

    def __getitem__(self, key: Any) -> Any:
        try:
            return dict.__getitem__(self, key) if key in self else NoWeights()
        except TypeError:  # a slice
            return NoWeights()

    def __getattr__(self, name: str) -> "NoWeights":
        if name.startswith("__"):
            raise AttributeError(name)
        return NoWeights()

    def get(self, key: Any, default: Any = None) -> Any:
        return dict.get(self, key, NoWeights() if default is None else default)

    def pop(self, key: Any, *default: Any) -> Any:
        return dict.pop(self, key, default[0] if default else NoWeights())

    def __call__(self, *args: Any, **kwargs: Any) -> "NoWeights":
        return self

    def _same(self, *others: Any) -> "NoWeights":
        return self

    __add__ = __radd__ = __sub__ = __mul__ = __rmul__ = __truediv__ = __neg__ = _same


def no_weights(*args: Any, **kwargs: Any) -> NoWeights:
    """Stands in for every function that reads or downloads weights."""
    return NoWeights()


def nothing(*args: Any, **kwargs: Any) -> None:
    """Stands in for saving, downloading, compiling and training."""


def install(torch: Any) -> None:
    """Replace them in `torch`; before any package that imports their names."""
    _weights(torch)
    _compilers(torch)
    _one_process(torch)
    torch.backends.mha.set_fastpath_enabled(False) if hasattr(torch.backends, "mha") else None
    after_import("timm.models._builder", _no_timm_weights)
    after_import("huggingface_hub.file_download", _no_downloads)
    after_import("safetensors.torch", _no_safetensors)


def _weights(torch: Any) -> None:
    hub, module = torch.hub, torch.nn.Module
    zoo: Any = importlib.import_module("torch.utils.model_zoo")
    keys = importlib.import_module("torch.nn.modules.module")._IncompatibleKeys
    hub.load_state_dict_from_url = zoo.load_url = torch.load = no_weights
    hub.download_url_to_file = torch.save = nothing
    hub.load = _from_hub
    module.load_state_dict = lambda self, *args, **kwargs: keys([], [])


def _from_hub(repo: str, model: str, *args: Any, **kwargs: Any) -> Any:
    """`torch.hub.load("pytorch/vision", "resnet18")`: torchvision's own builder where it is installed."""
    for key in ("force_reload", "trust_repo", "source", "skip_validation", "verbose"):
        kwargs.pop(key, None)
    if str(repo).split(":")[0] == "pytorch/vision" and importlib.util.find_spec("torchvision") is not None:
        return getattr(importlib.import_module("torchvision.models"), model)(*args, **kwargs)
    raise RuntimeError("torch.hub.load({!r}, {!r}) needs the network, which is closed".format(repo, model))


def _compilers(torch: Any) -> None:
    """`torch.compile` in all its forms; `torch.jit` is off through PYTORCH_JIT=0."""
    if hasattr(torch, "compile"):
        torch.compile = lambda model=None, **options: (lambda f: f) if model is None else model
        torch.nn.Module.compile = nothing


def _one_process(torch: Any) -> None:
    parallel = torch.nn.parallel
    parallel.DistributedDataParallel = torch.nn.DataParallel
    parallel.distributed.DistributedDataParallel = torch.nn.DataParallel
    torch.nn.DataParallel.__init__ = _on_no_device(torch.nn.DataParallel.__init__)
    if torch.distributed.is_available():
        torch.distributed.init_process_group = torch.distributed.barrier = nothing
        torch.distributed.get_rank = lambda group=None: 0
        torch.distributed.get_world_size = lambda group=None: 1


def _on_no_device(original: Callable[..., None]) -> Callable[..., None]:
    """`DistributedDataParallel(net, device_ids=[0], find_unused_parameters=True)` where there is no device."""

    def init(self: Any, module: Any, *args: Any, **kwargs: Any) -> None:
        original(self, module)

    return init


@contextlib.contextmanager
def no_training(torch: Any) -> Iterator[None]:
    """Inside of it a script's training loop is one step on one batch, in this process, that changes no weight."""
    loader = importlib.import_module("torch.utils.data").DataLoader
    patched = [(torch.Tensor, "backward"), (torch.autograd, "backward"), (loader, "__iter__")]
    before = [getattr(holder, name) for holder, name in patched]
    everything = loader.__iter__

    def first_batch(self: Any) -> Iterator[Any]:
        if self.__dict__.get("_archlint_read"):
            return iter(())
        self.__dict__.update(_archlint_read=True, num_workers=0, timeout=0, pin_memory=False, persistent_workers=False)
        return itertools.islice(everything(self), 1)

    torch.Tensor.backward = torch.autograd.backward = nothing
    loader.__iter__ = first_batch
    try:
        yield
    finally:
        for (holder, name), original in zip(patched, before):
            setattr(holder, name, original)


def after_import(name: str, patch: Callable[[Any], None]) -> None:
    """Call `patch(module)` as soon as the module has run, now if it has."""
    if name in sys.modules:
        patch(sys.modules[name])
    else:
        sys.meta_path.insert(0, _AfterImport(name, patch))


class _AfterImport:
    """Finds nothing itself: has the others find the module, and patches it once it has run."""

    def __init__(self, name: str, patch: Callable[[Any], None]) -> None:
        self.name = name
        self.patch = patch

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        run, patch = spec.loader.exec_module, self.patch

        def exec_module(module: Any) -> None:
            run(module)
            patch(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _no_timm_weights(builder: Any) -> None:
    builder.load_pretrained = builder.load_custom_pretrained = nothing


class NotDownloaded:
    """Path of a file on a hub: whoever reads it needs the network, whoever hands it to a loader of weights does not.

    Models `encoder.load_state_dict(load_file(hf_hub_download(repo, "model.safetensors")))`.
    """

    def __init__(self, repo: Any, name: Any) -> None:
        self.said = "{} of {} needs the network, which is closed".format(name, repo)

    def __fspath__(self) -> str:
        raise RuntimeError(self.said)

    __str__ = __fspath__


def _no_downloads(hub: Any) -> None:
    def hf_hub_download(repo_id: Any = None, filename: Any = None, *args: Any, **kwargs: Any) -> NotDownloaded:
        return NotDownloaded(repo_id, filename)

    hub.hf_hub_download = hf_hub_download


def _no_safetensors(safetensors: Any) -> None:
    safetensors.load_file = safetensors.load = no_weights


@contextlib.contextmanager
def quick_initialisers(torch: Any) -> Iterator[None]:
    """Initialisers fill small tensors and only check their arguments on large ones."""
    patched = [
        (holder, name, original)
        for holder, name, original in _initialisers(torch)
        if not getattr(original, "archlint_quick", False)
    ]
    for holder, name, original in patched:
        setattr(holder, name, _quick(torch, original))
    try:
        yield
    finally:
        for holder, name, original in patched:
            setattr(holder, name, original)


def _initialisers(torch: Any) -> Iterator[Tuple[Any, str, Any]]:
    """(holder, name, function): `nn.init.*_`, under every name torch's own layers imported them by, and two methods."""
    init = torch.nn.init
    known = {id(f): f for n, f in vars(init).items() if _fills(n) and callable(f)}
    for name, holder in list(sys.modules.items()):
        if name.startswith(("torch.nn.", "timm.")) and holder is not None:
            for attribute, value in list(vars(holder).items()):
                if id(value) in known:
                    yield holder, attribute, value
    for attribute in ("normal_", "uniform_"):
        yield torch.Tensor, attribute, getattr(torch.Tensor, attribute)


def _fills(name: str) -> bool:
    return name.endswith("_") and not name.startswith("_")


def _quick(torch: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    def fill(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        with _unrecorded():
            if type(tensor) not in (torch.Tensor, torch.nn.Parameter) or tensor.numel() <= SMALL or tensor.is_meta:
                return original(tensor, *args, **kwargs)
            with torch.no_grad():  # `xavier_uniform_(bias)` raises for one axis, on a stand-in as well
                original(torch.empty([min(size, 2) for size in tensor.shape], dtype=tensor.dtype), *args, **kwargs)
            return tensor

    fill.archlint_quick = True  # type: ignore[attr-defined]
    return fill


@contextlib.contextmanager
def _unrecorded() -> Iterator[None]:
    """A project may put its own initialisers in torch's place (`torch.nn.init.normal_ = careful_normal_`), to which
    torch's come back when it dispatches: once more than without us."""
    recorder = getattr(builtins, "_AL_", None)
    enabled = getattr(recorder, "enabled", None)
    if not enabled:
        yield
        return
    recorder.enabled = False  # type: ignore[union-attr]
    try:
        yield
    finally:
        recorder.enabled = True  # type: ignore[union-attr]

"""PyTorch in the child: builds a target, calls it on the shapes of the host, tells what happened.

A call is made without numbers first (initialisers off, FakeTensorMode); code that looks at values (`if x.sum() > 0`,
`.numpy()`) is called with real ones.  Then come the second sizes, and a call with symbols for sizes.
"""

import contextlib
import importlib
import logging
import os
import warnings
from typing import Any, Dict, List, Sequence

from . import (
    torch_attempts,
    torch_building,
    torch_calling,
    torch_devices,
    torch_stubs,
    torch_symbolic,
    torchvision_operators,
)
from .torch_building import NoModel
from .torch_calling import Spec

LOUD = ("torch._subclasses.fake_tensor", "torch.fx.experimental.symbolic_shapes", "torch._dynamo", "torch._inductor")


def setup(header: Dict[str, Any]) -> str:
    """Import and warm PyTorch: "torch 2.13.0".  Raises ImportError that says why there is none."""
    os.environ["PYTORCH_JIT"] = "0"
    warnings.simplefilter("ignore")
    try:
        torch = importlib.import_module("torch")
    except OSError as error:  # a library of the driver is not there
        raise ImportError("torch cannot be loaded: {}".format(error)) from error
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch_stubs.install(torch)
    torch_devices.install(torch)
    torchvision_operators.install(torch)
    for package in header.get("preload", []):
        with contextlib.suppress(Exception):  # the user's own import of it tells what is wrong
            importlib.import_module(package)
    warm(torch, bool(header.get("symbolic")))
    return "torch " + str(torch.__version__).split("+")[0]


def warm(torch: Any, symbolic: bool) -> None:
    """What the first call without numbers imports, once for all targets."""
    mode = torch_calling.fake_mode()
    if mode is None:
        return
    with torch_devices.on_cpu(torch), mode, torch.no_grad():
        layers = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU()).eval()
        layers(torch.empty(2, 3, 8, 8)).view(2, -1).matmul(torch.empty(144, 2))
    if symbolic:
        with contextlib.suppress(Exception):
            torch_symbolic.run(torch, layers, [["x", [2, 3, 8, 9], "float32", None]], [])


def tensor(spec: Spec) -> Any:
    """A tensor among the arguments of a constructor."""
    return torch_calling.tensor(importlib.import_module("torch"), spec)


def run(target: Dict[str, Any], job: Any) -> Dict[str, Any]:
    """Build the target, call it by the first attempt that works; the body of a result."""
    body = torch_attempts.Body(importlib.import_module("torch"), target, job)
    with torch_devices.on_cpu(body.torch):
        if not build(body):
            return body.told("failed")
        built = job.recorder.mark()
        attempts = target.get("attempts") or []
        worked = next((i for i, one in enumerate(attempts) if torch_attempts.attempt(body, i, one, built)), None)
        if worked is None:
            torch_attempts.rewind(body, built)
            torch_attempts.record(body, body.built, -1, [], None)
            return body.told("failed" if attempts else "ran")
        if attempts[worked].get("second"):
            torch_attempts.again(body, worked, attempts[worked]["second"], built)
        if job.symbolic and body.runs[0]["strategy"] == "fake":
            torch_attempts.symbols(body, worked, attempts[worked], built)
        if job.probe:
            body.probes = probe(body, attempts[worked]["tensors"])
    return body.told("ran")


def build(body: torch_attempts.Body) -> bool:
    """Fill `body.models`; False after a failure."""
    target, job = body.target, body.job
    phase = "import"
    try:
        with torch_stubs.quick_initialisers(body.torch):
            if target["kind"] == "script":
                called: Dict[int, Any] = {}
                with torch_stubs.no_training(body.torch), torch_building.outputs_of(body.torch, job, called):
                    namespace, body.statements = job.run_script(target["path"])
                body.models = torch_building.of_script(body.torch, namespace)
                torch_attempts.by_itself(body, called)
                if not body.models:
                    raise NoModel("no torch.nn.Module is left at its top level")
            else:
                job.load(target["path"])
                phase = "build"
                body.models = torch_building.build(body.torch, target, job)
        return True
    except NoModel as error:
        told = job.failure(error, "import")  # no exception of the program
        body.failures = body.statements[:1] or [dict(told, frames=[])]
    except BaseException as error:
        body.failures = [torch_attempts.failure(body, error, phase)]
    return False


def probe(body: torch_attempts.Body, tensors: Sequence[Spec]) -> List[Dict[str, Any]]:
    """Behavioural probes on a fresh model with its initialisers on; of several models none can be told from another."""
    if len(body.models) != 1:
        return []
    place = [id(model) for _, model in body.models].index(id(body.taking[0]))

    def fresh() -> Any:
        if body.target["kind"] == "script":
            return body.taking[0]
        return torch_building.build(body.torch, body.target, body.job)[place][1]

    def called(model: Any, values: Sequence[Any]) -> Any:
        args, kwargs = torch_calling.bound(model, [(spec[0], value) for spec, value in zip(tensors, values)])
        return model(*args, **kwargs)

    try:
        probes = importlib.import_module(".torch_probes", __package__)
        found: List[Dict[str, Any]] = probes.run(fresh, tensors, body.job, called)
        return found
    except Exception as error:  # what was executed stands
        body.job.notes.append("no probes: {}: {}".format(type(error).__name__, str(error)[:200]))
        return []

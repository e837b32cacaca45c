"""Runs programs that define a model and says how they behave: one JSON line in, one out.  Run by `benchmarks.mutants`.

In the program `net` or `model` is the model and `loss` what is trained; what it does under a fixed seed is compared.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import sys
from types import ModuleType
from typing import Any

SECONDS = 40


def main() -> None:
    """Answer until the input ends; what a program prints goes nowhere."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        signal.signal(signal.SIGALRM, _late)
        signal.alarm(SECONDS)
        answer: dict[str, Any]
        try:
            answer = {"behaviour": behaviour(request["text"], request["root"], request["path"], request["framework"])}
        except BaseException as error:
            answer = {"crash": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
        finally:
            signal.alarm(0)
        print(json.dumps(answer), file=answers, flush=True)


def _late(*_: object) -> None:
    raise TimeoutError("the program took too long")


def behaviour(text: str, root: str, path: str, framework: str) -> dict[str, Any]:
    """Numbers that are the same for the same model: parameters, outputs, loss, gradients."""
    return {"torch": _torch, "keras": _keras, "tf": _tf}[framework](text, root, path)


def _executed(text: str, root: str, path: str) -> dict[str, Any]:
    """The names of the program, run as the module that it is in its package."""
    name = path[: -len(".py")].replace("/", ".")
    module = ModuleType(name if "." in name else "program")
    module.__file__ = os.path.join(root, path)
    module.__package__ = name.rpartition(".")[0]
    sys.modules[module.__name__] = module
    exec(compile(text, path, "exec"), module.__dict__)
    return module.__dict__


def _torch(text: str, root: str, path: str) -> dict[str, Any]:
    if "torchvision" in path:
        _operators()
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    names = _executed(text, root, path)
    net, x, loss = names["net"], names["x"], names["loss"]
    loss.backward()
    weights = list(net.named_parameters())
    still = [name for name, p in weights if p.grad is None or not bool(p.grad.abs().sum() > 0)]
    net.eval()
    with torch.no_grad():
        torch.manual_seed(1)
        first = _numbers(net(x))
        second = _numbers(net(x))
    return {"weights": sum(p.numel() for _, p in weights), "loss": float(loss), "first": first,
            "same twice": first == second, "still": still}  # fmt: skip


def _operators() -> None:
    """The operators of torchvision in Python, where its extension does not fit this PyTorch."""
    sys.path.append(os.environ["ARCHLINT_CHILD"])
    importlib.import_module("archlint_child.torchvision_operators").install(importlib.import_module("torch"))
    importlib.import_module("torchvision.models._api").BUILTIN_MODELS.clear()  # a name is registered only once


def _numbers(output: Any) -> Any:
    if isinstance(output, (tuple, list)):
        return [_numbers(one) for one in output]
    if isinstance(output, dict):
        return {str(key): _numbers(one) for key, one in output.items()}
    shape = [int(n) for n in output.shape]
    flat = output.detach().double().reshape(-1) if hasattr(output, "detach") else output.reshape(-1)
    return [shape, [round(float(v), 4) for v in flat[:: max(1, len(flat) // 50)]]]


def _keras(text: str, root: str, path: str) -> dict[str, Any]:
    keras = importlib.import_module("keras")
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    names = _executed(text, root, path)
    model = names["model"]
    data = names["images"] if "images" in names else names["x"]
    history = getattr(model, "history", None)
    loss = history.history["loss"][-1] if history is not None else 0.0
    return {"weights": model.count_params(), "loss": loss, "first": _numbers(model.predict(data, verbose=0))}


def _tf(text: str, root: str, path: str) -> dict[str, Any]:
    numpy = importlib.import_module("numpy")
    tf = importlib.import_module("tensorflow.compat.v1")
    numpy.random.seed(0)
    random.seed(0)
    with tf.Graph().as_default():
        tf.set_random_seed(0)
        names = _executed(text, root, path)
        variables = tf.trainable_variables()
        gradients = tf.gradients(names["loss"], variables)
        still = [v.name for v, g in zip(variables, gradients) if g is None]
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            loss, out = session.run([names["loss"], names["logits"]], names["feed"])
    weights = sum(int(numpy.prod(v.shape.as_list())) for v in variables)
    return {"weights": weights, "loss": float(numpy.sum(loss)), "first": _numbers(out), "still": still}


if __name__ == "__main__":
    main()

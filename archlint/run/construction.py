"""Arguments that a model is built with: what the user gave, what the project writes, defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archlint.interp.python.configurations import class_of
from archlint.project import Project
from archlint.run.definitions import Definitions, constructor
from archlint.run.mining import Built, Mined, built_anywhere
from archlint.run.records import Default, Given
from archlint.source import ir
from archlint.values import Class, Function

_TRAINING = frozenset(("is_training", "is_train", "training", "train", "phase_train"))
_KEPT = frozenset(("keep_prob", "keep_probability", "dropout_keep_prob", "keep_rate"))
_TENSORS = frozenset((
    "inputs", "input", "images", "image", "x", "net", "features", "frames", "input_layer", "img", "tensor_in", "clips",
))  # fmt: skip
_OBJECTS = frozenset((
    "opt", "opts", "args", "arg", "cfg", "config", "conf", "hparams", "params", "options", "settings", "block", "model",
    "net", "backbone", "encoder", "decoder", "module", "base_model", "layer", "cell", "generator", "discriminator",
))  # fmt: skip
_OBJECT_ENDINGS = ("_fn", "_func", "_model", "_net", "_module", "_layer", "_encoder", "_cls", "_config")
_EXAMPLES = {
    "class": "10", "label": "10", "tag": "10", "vocab": "1000", "token": "1000", "word": "1000", "channel": "3",
    "in_ch": "3", "depth": "2", "layer": "2", "block": "2", "head": "4", "kernel": "3", "stride": "1", "drop": "0.1",
    "prob": "0.1", "rate": "0.1", "size": "32", "dim": "64", "hid": "64", "feat": "64", "units": "64", "len": "32",
}  # fmt: skip
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Arguments:
    """Literals to build a model with (`Given` for a placeholder, `Default` for a configuration that needs nothing), and
    where they come from, in words."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    how: str = "default arguments"


@dataclass(frozen=True, slots=True)
class Missing:
    """Parameters without a value, and the line that says what to give."""

    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """`needs depth and num_classes: give --args 'depth=2, num_classes=10'`."""
        if not self.names:
            return "its constructor is not in the project: give its arguments with --args"
        if any(name.lower() in _OBJECTS or name.endswith(_OBJECT_ENDINGS) for name in self.names):
            return f"needs {listed(self.names)}: verify a function without arguments that builds it"
        example = ", ".join(f"{name}={_example(name)}" for name in self.names[:_SHOWN])
        example += ", …" if len(self.names) > _SHOWN else ""
        return f"needs {listed(self.names)}: give --args '{example}'"


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def arguments_for(
    project: Project,
    defined: Definitions,
    name: str,
    given: tuple[tuple[Any, ...], dict[str, Any]] | None,
    tensors: Sequence[str] | None,
    cache: dict[str, Mined],
) -> Arguments | Missing:
    """How to call a class or function of the file, strongest first: `--args`, a call in the project, defaults.

    tensors: for a function that builds a TF 1 graph, the parameters known to be tensors; else None.
    """
    made = defined.own[name]
    params, known = constructor(made)
    required = [p for p in params if p.default is None and p.kind in ("posonly", "normal", "kwonly")]
    if tensors is not None:
        return _graph_arguments(params, tensors, given)
    if given is not None and (fits(params, given[0], given[1]) or not known):
        return Arguments(*given, how="--args")
    if not known:
        return next((_from_source(call) for call in built_anywhere(project, name, defined.path, cache)), Missing(()))
    wanted = isinstance(made, Class) or required
    calls = built_anywhere(project, name, defined.path, cache) if wanted else ()
    for call in calls:
        if (call.args or call.kwargs) and fits(params, call.args, call.kwargs) and _meant(made, call):
            return _from_source(call)
    return _configured(defined, made, required) if required else Arguments()


def _configured(defined: Definitions, made: Class | Function, required: Sequence[ir.Param]) -> Arguments | Missing:
    """`Net(config: NetConfig)` is built with `NetConfig()`, as the evaluator takes it to be."""
    found = {p.name: class_of(defined.ev, made, p) for p in required}
    classes = {name: cls for name, cls in found.items() if cls is not None}
    if len(classes) < len(required):
        return Missing(tuple(name for name in found if name not in classes))
    shown = ", ".join(f"{name}={cls.name}()" for name, cls in classes.items())
    return Arguments((), {name: Default(cls.module.path, cls.name) for name, cls in classes.items()}, shown)


def _meant(made: Class | Function, call: Built) -> bool:
    """A call in the file itself, or in a file that can only mean this one: names such as `Net` are common."""
    return call.path == made.module.path or len(call.name) > 4


def _from_source(call: Built) -> Arguments:
    shown = [*map(repr, call.args), *(f"{key}={value!r}" for key, value in call.kwargs.items())]
    text = ", ".join(shown)
    text = text if len(text) <= 60 else text[:59] + "…"
    return Arguments(call.args, call.kwargs, f"{call.name}({text}) as in {call.path}:{call.line}")


def fits(params: Sequence[ir.Param], args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a call binds as Python binds it."""
    places = [p for p in params if p.kind in ("posonly", "normal")]
    kinds = {p.kind for p in params}
    if len(args) > len(places) and "star" not in kinds:
        return False
    taken = {p.name for p in places[: len(args)]}
    named = {p.name for p in params if p.kind in ("normal", "kwonly")}
    if taken & kwargs.keys() or ("doublestar" not in kinds and kwargs.keys() - named):
        return False
    return all(
        p.default is not None or p.name in taken or p.name in kwargs
        for p in params
        if p.kind in ("posonly", "normal", "kwonly")
    )


def _graph_arguments(
    params: Sequence[ir.Param], tensors: Sequence[str], given: tuple[tuple[Any, ...], dict[str, Any]] | None
) -> Arguments | Missing:
    """`net(images, is_training)`: placeholders for tensors, inference mode, the rest from `--args`."""
    kwargs: dict[str, Any] = dict(given[1]) if given is not None else {}
    rest = list(given[0]) if given is not None else []
    missing: list[str] = []
    for param in params:
        name = param.name
        if name in kwargs or param.kind not in ("posonly", "normal", "kwonly"):
            continue
        if param.default is not None:
            if name in _TRAINING:
                kwargs[name] = False
        elif name in tensors or (name in _TENSORS and not tensors):
            kwargs[name] = Given(name, ())
        elif rest:
            kwargs[name] = rest.pop(0)
        elif name in _TRAINING or name == "reuse":
            kwargs[name] = False
        elif name in _KEPT:
            kwargs[name] = 0.8
        else:
            missing.append(name)
    if missing:
        return Missing(tuple(missing))
    how = "placeholders" if any(isinstance(value, Given) for value in kwargs.values()) else "default arguments"
    return Arguments((), kwargs, f"{how} and --args" if given is not None else how)


def _example(name: str) -> str:
    words = re.split(r"_|(?<=[a-z])(?=[A-Z])", name)
    return next((value for part, value in _EXAMPLES.items() if any(w.lower().startswith(part) for w in words)), "…")

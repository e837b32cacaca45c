"""What the host asks a child to run, and what the child answers: plain data, JSON between the processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Framework: TypeAlias = Literal["torch", "keras", "tf1"]
Shape: TypeAlias = tuple[int | str | None, ...]
"""Sizes as executed: a number, None where the framework itself does not know, text for a symbolic size (`s77//2`)."""


@dataclass(frozen=True, slots=True)
class Given:
    """A tensor that a model is called with.  `high`: integers lie in 0..high-1 (rows of an embedding)."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str = "float32"
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Default:
    """An argument that is made on the spot: `NetConfig()`, of the class `name` in the file of `path`."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to call a model, and the same call with other sizes, which tells a formula from a number.

    source: where the shapes come from (`directive`, `command line`, `configuration`, `example call`, `declared`,
    `solved`, `first layer`, `guess`).  sure: a failure on it is the model's, not that of a bad guess.
    """

    tensors: tuple[Given, ...]
    second: tuple[Given, ...] = ()
    source: str = "guess"
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """One model to build and call.

    name: qualified name in the file of `path`; "" is the file itself, run as a script.  args, kwargs: Python
    literals, `Given` for a placeholder, or `Default`.  how: where they come from, as shown to the user.
    arg_scope: name of the function beside it that makes the arg_scope it is meant for (slim).  line: of its definition.
    models: names of the statically found models of the file that it builds.
    """

    id: str
    path: str
    name: str
    kind: Literal["class", "function", "script"]
    framework: Framework
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    how: str = "default arguments"
    attempts: tuple[Attempt, ...] = ()
    arg_scope: str = ""
    models: tuple[str, ...] = ()
    line: int = 1


@dataclass(frozen=True, slots=True)
class Executed:
    """A tensor as executed."""

    shape: Shape
    dtype: str = ""


Value: TypeAlias = "int | bool | Executed | tuple[Value, ...] | dict[str, Value] | None"
"""A recorded value; None stands for anything that has no shape and is no integer."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of the user's program.

    phase: `import`, `build` or `run`.  frames: (file, line, function) of the user's own files, outermost first.
    origin: the package whose code raised (`torch`), or the user's own module.
    """

    phase: str
    type: str
    message: str
    frames: tuple[tuple[str, int, str], ...] = ()
    attempt: int = -1
    origin: str = ""


@dataclass(slots=True)
class Visit:
    """One evaluation of an instrumented expression: number of the site, value, dotted path of the module that
    is `self` there ("" for the model itself, None outside of it)."""

    site: int
    value: Value
    owner: str | None = None


@dataclass(slots=True)
class Run:
    """One call of the model (with the visits of its construction first).

    strategy: `fake`, `real`, `symbolic`, `build` (Keras, TF1: the graph itself), `script` (the file's own calls).
    symbols, guards: of a symbolic run, as the framework prints them.
    """

    attempt: int
    strategy: str
    shapes: tuple[Shape, ...]
    visits: list[Visit]
    output: Value = None
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleFact:
    """A layer of the executed model: path, class, own parameters, output shape where it was called."""

    path: str
    cls: str
    params: int | None
    output: Value = None


@dataclass(slots=True)
class BuiltModel:
    """A model that the child built.  A script may build several; line: where (Keras, else 0)."""

    name: str
    cls: str
    params: int | None
    modules: list[ModuleFact] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Probed:
    """A behavioural probe: `holds`, `violated` or `not run`, with the measured number in words.

    paths: all layers, parameters or inputs that it is about, of which `detail` names the first.
    """

    probe: str
    verdict: Literal["holds", "violated", "not run"]
    detail: str = ""
    paths: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What became of a target.

    status: `ran`; `failed` (an exception of the user's program, `failures[0]`); `died` (signal, time limit, early
    exit: `reason` is one clear line); `missing` (no framework or interpreter: `reason`).
    statements: failures of a script's statements, which were skipped.  mocked: imports that were stood in for.
    """

    target: str
    status: Literal["ran", "failed", "died", "missing"]
    reason: str = ""
    runs: list[Run] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    statements: list[Failure] = field(default_factory=list)
    models: list[BuiltModel] = field(default_factory=list)
    probes: list[Probed] = field(default_factory=list)
    mocked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a child is started.

    roots: directories that imports of the user's files start from.  timeout: wall seconds per target; cpu, memory:
    processor seconds and MiB of address space per target.  preload: installed packages that the zygote of a framework
    imports once (torchvision, timm).  unsafe: run even where nothing can be locked.
    """

    python: str
    roots: tuple[str, ...]
    timeout: float = 60.0
    cpu: int = 60
    memory: int = 16384
    probe: bool = False
    symbolic: bool = True
    unsafe: bool = False
    preload: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

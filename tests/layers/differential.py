"""Compares what a layer declaration says with what the framework did.

A `Case` is one call in plain data, a `Real` the framework's answer to it, also plain data, so that
answers can be recorded and the same cases checked where the framework is not installed.
`"$0"`, `"$1"` … among the arguments stand for the input tensors; a `None` in an input's shape is a size
that the framework itself leaves open.
"""

from __future__ import annotations

import gzip
import inspect
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from archlint.dims import Dim, evaluate, symbols, var
from archlint.layers import Out, find
from archlint.layers.arguments import NotKnown
from archlint.values import Reason, Tensor, Unknown

RECORDED = Path(__file__).parents[2] / "fixtures" / "recorded"
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Case:
    """One call: of a layer's constructor (`args`, `kwargs`) and then the layer (`call`, `call_kwargs`), or of a
    function (`args`, `kwargs`)."""

    name: str
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    call: list[Any] = field(default_factory=lambda: ["$0"])
    call_kwargs: dict[str, Any] = field(default_factory=dict)
    inputs: list[Shape] = field(default_factory=list)
    dtypes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Real:
    """The framework's answer: shapes of all outputs in order (or a plain value), owned numbers, or the error."""

    shapes: list[Shape] | None = None
    dtypes: list[str | None] = field(default_factory=list)
    value: Any = None
    params: int | None = None
    state: int | None = None
    error: str = ""


@dataclass(frozen=True)
class Verdict:
    """`kind`: agree, unknown (nothing claimed), missed (an error not seen), wrong, false positive, crash."""

    kind: str
    text: str = ""


def substitute(value: Any, tensors: list[Any]) -> Any:
    """The arguments with tensors in place of their marks."""
    if isinstance(value, str) and value.startswith("$"):
        return tensors[int(value[1:])]
    if isinstance(value, (tuple, list)):
        return type(value)(substitute(v, tensors) for v in value)
    if isinstance(value, dict):
        return {k: substitute(v, tensors) for k, v in value.items()}
    return value


def open_size(case: Case, which: int, axis: int) -> Dim:
    """The symbol for a `None`: one for the batch of all inputs, one for each other axis."""
    return var("N" if axis == 0 else f"d{which}_{axis}", "dynamic")


def abstract_inputs(case: Case) -> list[Tensor]:
    """The inputs as the interpreter would have them."""
    found = []
    for which, shape in enumerate(case.inputs):
        dtype = case.dtypes[which] if which < len(case.dtypes) else "float32"
        sizes = tuple(open_size(case, which, axis) if s is None else s for axis, s in enumerate(shape))
        found.append(Tensor(sizes, dtype))
    return found


def declared(case: Case, inputs: list[Tensor]) -> Any:
    """What the declaration answers; NotKnown becomes None, a wrong signature a TypeError."""
    spec = find(case.name)
    assert spec is not None, case.name
    bound = spec.bind(substitute(case.args, inputs), substitute(case.kwargs, inputs))
    try:
        if spec.kind == "function":
            return spec.apply(None, bound)
        call = substitute(case.call, inputs)
        if spec.call:
            given = dict(zip(spec.call, call, strict=False)) | substitute(case.call_kwargs, inputs)
            return spec.apply(given, bound)
        return spec.apply(call[0], bound)
    except NotKnown:
        return None


def outs(value: Any) -> list[Out]:
    """All outputs in order."""
    if isinstance(value, Out):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [out for part in value for out in outs(part)] if isinstance(value, (tuple, list)) else []


def judge(case: Case, real: Real, inputs: list[Tensor] | None = None) -> Verdict:
    """Does the declaration agree with the framework?"""
    answer = declared(case, abstract_inputs(case) if inputs is None else inputs)
    if answer is None:
        return Verdict("missed" if real.error else "unknown", real.error)
    if real.value is not None:
        return Verdict("agree") if _plain(answer) == _plain(real.value) else Verdict("wrong", f"{answer}")
    found = outs(answer)
    faults = [f for out in found for f in out.faults]
    if real.error:
        return Verdict("agree") if faults else Verdict("missed", real.error)
    if faults:
        return Verdict("false positive", f"{faults[0]}")
    return _same_outputs(found, real)


def _plain(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, (tuple, list)) else None if isinstance(value, Dim) else value


def _same_outputs(found: list[Out], real: Real) -> Verdict:
    shapes = real.shapes or []
    if len(found) != len(shapes):
        return Verdict("wrong", f"{len(found)} outputs, the framework has {len(shapes)}")
    exact = True
    for out, shape in zip(found, shapes, strict=True):
        if out.shape is None:
            exact = False
            if isinstance(out.last, int) and shape and shape[-1] != out.last:
                return Verdict("wrong", f"last axis {out.last}, the framework has {shape}")
            continue
        if len(out.shape) != len(shape):
            return Verdict("wrong", f"{out.shape}, the framework has {shape}")
        for mine, theirs in zip(out.shape, shape, strict=True):
            if theirs is not None and mine is not None and mine != theirs:
                return Verdict("wrong", f"{show(out.shape)}, the framework has {shape}")
            exact = exact and (mine is not None or theirs is None)
    for out, dtype in zip(found, real.dtypes, strict=False):
        if out.dtype and dtype and out.dtype != dtype:
            return Verdict("wrong", f"type {out.dtype}, the framework has {dtype}")
    for name, mine, theirs in (("params", found[0].params, real.params), ("state", found[0].state, real.state)):
        if theirs is None:
            continue
        if mine is None:
            exact = False
        elif mine != theirs:
            return Verdict("wrong", f"{name} {mine}, the framework has {theirs}")
    return Verdict("agree" if exact else "unknown", "" if exact else "partly open")


def show(shape: Iterable[Any]) -> str:
    """A shape for the failure message."""
    return f"({', '.join(map(str, shape))})"


def judge_symbolic(case: Case, real: Real, rng: random.Random) -> Verdict:
    """With symbols in place of some sizes the answer must hold at the real sizes: no fault, no other number."""
    values: dict[str, int] = {}
    inputs: list[Tensor] = []
    for tensor in abstract_inputs(case):
        assert tensor.shape is not None
        sizes = []
        for axis, size in enumerate(tensor.shape):
            name = f"s{len(inputs)}_{axis}"
            replaced = isinstance(size, int) and rng.random() < 0.5
            sizes.append(var(name) if replaced else size)
            if replaced and isinstance(size, int):
                values[name] = size
        inputs.append(Tensor(tuple(sizes), tensor.dtype))
    answer = declared(case, inputs)
    if real.error or answer is None or real.value is not None:
        return Verdict("unknown")
    for out in outs(answer):
        if out.faults:
            return Verdict("false positive", f"at {values}: {out.faults[0]}")
    for out, shape in zip(outs(answer), real.shapes or [], strict=False):
        if out.shape is not None and len(out.shape) != len(shape):
            return Verdict("wrong", f"{show(out.shape)} at {values}, the framework has {shape}")
        for mine, theirs in zip(out.shape or (), shape, strict=False):
            if isinstance(mine, Dim) and theirs is not None and _closed(mine) and evaluate(mine, values) != theirs:
                return Verdict("wrong", f"{mine} at {values} is not {theirs}")
            if isinstance(mine, int) and theirs is not None and mine != theirs:
                return Verdict("wrong", f"{mine} at {values} is not {theirs}")
    first = (outs(answer) or [Out()])[0]
    for mine, theirs in ((first.params, real.params), (first.state, real.state)):
        if mine is None or theirs is None or not _closed(mine):
            continue
        if evaluate(mine, values) != theirs:
            return Verdict("wrong", f"{mine} numbers at {values}, the framework has {theirs}")
    return Verdict("agree")


def judge_blurred(case: Case, real: Real, rng: random.Random) -> Verdict:
    """With some arguments and sizes not known, what is still claimed of an accepted call must hold."""
    inputs = []
    for tensor in abstract_inputs(case):
        assert tensor.shape is not None
        sizes = tuple(None if rng.random() < 0.3 else size for size in tensor.shape)
        last = rng.choice([None, tensor.shape[-1] if tensor.shape else None])
        inputs.append(Tensor(None, tensor.dtype, last=last) if rng.random() < 0.25 else Tensor(sizes, tensor.dtype))
    blur = Unknown(Reason.ARGUMENT, "blurred")
    args = [blur if rng.random() < 0.2 and not _marked(v) else v for v in case.args]
    kwargs = {k: blur if rng.random() < 0.2 and not _marked(v) else v for k, v in case.kwargs.items()}
    answer = declared(replace(case, args=args, kwargs=kwargs), inputs)
    if real.error or answer is None or real.value is not None:
        return Verdict("unknown")
    found = outs(answer)
    for out in found:
        if out.faults:
            return Verdict("false positive", f"args {args} {kwargs}, inputs {inputs}: {out.faults[0]}")
    for out, shape in zip(found, real.shapes or [], strict=False):
        if out.shape is not None and len(out.shape) != len(shape):
            return Verdict("wrong", f"args {args} {kwargs}: {show(out.shape)}, the framework has {shape}")
        for mine, theirs in zip(out.shape or (), shape, strict=False):
            if isinstance(mine, int) and theirs is not None and mine != theirs:
                return Verdict("wrong", f"args {args} {kwargs}, inputs {inputs}: {mine} is not {theirs}")
        if isinstance(out.last, int) and shape and shape[-1] is not None and shape[-1] != out.last:
            return Verdict("wrong", f"args {args} {kwargs}, inputs {inputs}: last {out.last} is not {shape[-1]}")
    first = found[0] if found else Out()
    for number, theirs in ((first.params, real.params), (first.state, real.state)):
        if isinstance(number, int) and theirs is not None and number != theirs:
            return Verdict("wrong", f"args {args} {kwargs}, inputs {inputs}: {number} numbers, not {theirs}")
    return Verdict("agree")


def _marked(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(_marked, value))
    return isinstance(value, str) and value.startswith("$")


def _closed(size: int | Dim) -> bool:
    return not any(v.origin == "dynamic" for v in symbols(size))


@dataclass
class Report:
    """How many cases ended how, and the ones that must be looked at."""

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def compare(cases: Iterable[tuple[Case, Real]], seed: int = 0, blurred: bool = False) -> dict[str, Report]:
    """A report per name, the symbolic check included; `blurred`: also with some arguments not known."""
    rng = random.Random(seed)
    checks: list[tuple[str, Callable[[Case, Real], Verdict]]] = [
        ("", judge),
        ("symbolic ", lambda c, r: judge_symbolic(c, r, rng)),
    ]
    if blurred:
        checks.append(("blurred ", lambda c, r: judge_blurred(c, r, rng)))
    reports: dict[str, Report] = {}
    for case, real in cases:
        report = reports.setdefault(case.name, Report())
        for kind, check in checks:
            try:
                verdict = check(case, real)
            except Exception as error:
                verdict = Verdict("crash", f"{type(error).__name__}: {error}")
                if isinstance(error, TypeError) and real.error:
                    verdict = Verdict("agree")  # the signature itself refuses it
            report.counts[kind + verdict.kind] += 1
            line = f"{kind}{verdict.kind}: {describe(case)}: {verdict.text}"
            if verdict.kind in ("wrong", "false positive", "crash"):
                report.bad.append(line)
            elif verdict.kind == "missed" and not kind:
                report.missed.append(line)
    return reports


def describe(case: Case) -> str:
    """The call, for a failure message."""
    arguments = [*map(repr, case.args), *(f"{k}={v!r}" for k, v in case.kwargs.items())]
    call = f" called {case.call} {case.call_kwargs}" if case.call_kwargs or case.call != ["$0"] else ""
    return f"{case.name}({', '.join(arguments)}) on {case.inputs}{call}"


def drift(name: str, real: inspect.Signature) -> list[str]:
    """Differences between the declared signature and the framework's: names, order, defaults."""
    spec = find(name)
    assert spec is not None, name
    theirs = [p for p in real.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    names = [p.name for p in theirs]
    defaults = {p.name: p.default for p in theirs}
    problems: list[str] = []
    at = 0
    for parameter in spec.signature.parameters.values():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if parameter.name not in defaults:
            problems.append(f"{parameter.name} is not a parameter of {name}")
        elif parameter.kind is not parameter.KEYWORD_ONLY and names[at : at + 1] != [parameter.name]:
            problems.append(f"parameter {at} of {name} is {names[at : at + 1]}, declared {parameter.name}")
        elif defaults[parameter.name] != parameter.default:
            problems.append(f"{parameter.name} of {name}: {defaults[parameter.name]!r}, declared {parameter.default!r}")
        at += 1
    return problems


def write(framework: str, answers: Iterable[tuple[Case, Real]]) -> Path:
    """Records answers, smallest form first: only what differs from the defaults."""
    RECORDED.mkdir(parents=True, exist_ok=True)
    path = RECORDED / f"{framework}.jsonl.gz"
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        for case, real in answers:
            line = json.dumps([_small(case), _small(real)], separators=(",", ":"))
            file.write(line.encode() + b"\n")
    return path


def _small(record: Case | Real) -> dict[str, Any]:
    default = asdict(type(record)(name="") if isinstance(record, Case) else type(record)())
    return {k: v for k, v in asdict(record).items() if v != default[k]}


def read(framework: str) -> Iterator[tuple[Case, Real]]:
    """The recorded answers."""
    with gzip.open(RECORDED / f"{framework}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            case, real = json.loads(line)
            for record in (case, real):
                for key in ("inputs", "shapes"):
                    if record.get(key):
                        record[key] = [tuple(shape) for shape in record[key]]
            yield Case(**case), Real(**real)


Generator = Callable[[random.Random], Case]


def generate(makers: dict[str, Generator], each: int, seed: int = 0) -> Iterator[Case]:
    """`each` cases of every maker, the same ones for the same seed."""
    for name, make in makers.items():
        rng = random.Random(f"{name}{seed}")
        for _ in range(each):
            yield make(rng)

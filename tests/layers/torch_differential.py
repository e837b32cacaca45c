"""The comparison of torch declarations with executed torch.  (Keras and TF are compared by `differential`.)

A `Case` is one call with concrete arguments; an `Answer` what the framework made of it.  `judge` compares the
declaration with the answer, on the case as it is and on blurred versions of it: sizes replaced by symbols,
arguments by unknowns.  Whatever is blurred, a fault where the framework accepts is wrong, and so is every size
that does not come out as the framework's when the symbols get their values back.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from archlint.dims import Dim, evaluate, var
from archlint.layers import SPECS, Out, Spec, find, load_all
from archlint.layers.arguments import NotKnown
from archlint.values import External, Layer, Tensor, Unknown

RECORDED = Path(__file__).parents[2] / "fixtures" / "recorded"
PREFIX = 48
"""So many cases of each declaration are recorded, and checked where the framework is missing."""


@dataclass(frozen=True)
class T:
    """A tensor argument."""

    shape: tuple[Any, ...] | None
    dtype: str = "float32"


@dataclass(frozen=True)
class Name:
    """A thing of the framework: `Name("torch.float16")`."""

    name: str


@dataclass(frozen=True)
class Built:
    """A layer as an argument of another one."""

    name: str
    kwargs: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One call: `name(*args, **kwargs)`, for a layer `name(*args, **kwargs)(**call)` (or `(call)` for one tensor)."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    call: Any = None


@dataclass(frozen=True)
class Answer:
    """What the framework gave: nested shapes, or a plain number; `error` if it refused."""

    result: Any = None
    params: int | None = None
    state: int | None = None
    error: str = ""


Execute = Callable[[Case], Answer]
Generate = Callable[[Random], Case]


def static(value: Any) -> Any:
    """An argument as the interpreter would hand it to a declaration."""
    if isinstance(value, T):
        return Tensor(value.shape, value.dtype or None)
    if isinstance(value, Name):
        return External(value.name)
    if isinstance(value, Built):
        spec = find(value.name)
        assert spec is not None
        return Layer(spec, spec.bind((), static(value.kwargs)), {}, None, 0)  # type: ignore[arg-type]
    if isinstance(value, (tuple, list)):
        return type(value)(static(v) for v in value)
    if isinstance(value, dict):
        return {k: static(v) for k, v in value.items()}
    return value


def bind(case: Case) -> dict[str, Any]:
    """Arguments by name; TypeError if they do not fit."""
    spec = find(case.name)
    assert spec is not None, case.name
    return spec.bind(static(case.args), static(case.kwargs))


def apply(case: Case, bound: dict[str, Any]) -> Any:
    """What the declaration says; None if it says nothing."""
    spec = find(case.name)
    assert spec is not None
    x = static(case.call)
    if spec.kind == "layer" and spec.call and not isinstance(x, dict):
        x = {spec.call[0]: x}
    try:
        return spec.apply(x, bound)
    except NotKnown:
        return None


def outs(result: Any) -> Iterator[Out]:
    """Every output in a result."""
    if isinstance(result, Out):
        yield result
    elif isinstance(result, (tuple, list)):
        for item in result:
            yield from outs(item)
    elif isinstance(result, dict):
        for item in result.values():
            yield from outs(item)


def differences(said: Any, real: Any, values: dict[str, int]) -> Iterator[str]:
    """Where a declared result contradicts the real one; an unknown size contradicts nothing."""
    if said is None or isinstance(said, Unknown):
        return
    if isinstance(said, Out):
        if not (isinstance(real, tuple) and real and real[0] == "tensor"):
            yield f"a tensor, really {real}"
        elif said.shape is not None:
            sizes = tuple(evaluate(s, values) if isinstance(s, Dim) else s for s in said.shape)
            if len(sizes) != len(real[1]) or any(s is not None and s != r for s, r in zip(sizes, real[1])):
                yield f"shape {sizes}, really {real[1]}"
        elif said.last is not None and real[1]:
            last = evaluate(said.last, values)
            if last != real[1][-1]:
                yield f"last axis {last}, really {real[1][-1]}"
    elif isinstance(said, (tuple, list)):
        if not isinstance(real, (tuple, list)) or (real and real[0] == "tensor") or len(said) != len(real):
            yield f"{len(said)} results, really {real}"
        else:
            for one, other in zip(said, real):
                yield from differences(one, other, values)
    elif isinstance(said, (int, Dim)):
        if evaluate(said, values) != real:
            yield f"{said}, really {real}"


def counts(result: Any, values: dict[str, int]) -> tuple[int | None, int | None]:
    """Trainable and other numbers of the layer."""
    first = next(outs(result), None)
    if first is None:
        return None, None
    return tuple(None if n is None else evaluate(n, values) for n in (first.params, first.state))  # type: ignore[return-value]


@dataclass
class Tally:
    """Verdicts over many cases of one declaration."""

    verdicts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: str) -> None:
        self.verdicts[verdict] += 1


def judge(
    case: Case, answer: Answer, tally: Tally, values: dict[str, int] | None = None, blurred: bool = False
) -> None:
    """Compare one case with its answer."""
    values = values or {}
    try:
        bound = bind(case)
    except TypeError as problem:
        if not answer.error:
            tally.wrong.append(f"{case}: does not bind ({problem}), really {answer}")
        tally.add("refused")
        return
    said = apply(case, bound)
    faults = [f for o in outs(said) for f in o.faults]
    if answer.error:
        tally.add("refused" if faults else "missed")
        if not faults and not blurred:
            tally.missed[answer.error[:100]] += 1
        return
    if faults:
        tally.add("false positive")
        tally.wrong.append(f"FALSE POSITIVE {case}: {faults}, really {answer}")
        return
    found = list(differences(said, answer.result, values))
    for declared, real in zip(counts(said, values), (answer.params, answer.state)):
        if declared is not None and real is not None and declared != real:
            found.append(f"{declared} numbers, really {real}")
    if found:
        tally.add("wrong")
        tally.wrong.append(f"{case}: {found}")
        return
    first = list(outs(said))
    tally.add("unknown" if said is None or any(o.shape is None or None in o.shape for o in first) else "agree")


def blur(case: Case, rng: Random) -> tuple[Case, dict[str, int]]:
    """The same call with less known about it, and the values of its symbols."""
    values: dict[str, int] = {}
    how = rng.choice(("symbols", "symbols", "symbols", "sizes", "rank", "arguments", "argument symbols"))
    count = [0]

    def size(s: int) -> Any:
        if s < 1 or rng.random() < 0.4:
            return s
        if how == "sizes":
            return None
        count[0] += 1
        name = f"S{s}" if rng.random() < 0.6 else f"U{count[0]}"
        values[name] = s
        return var(name)

    def vague(value: Any) -> Any:
        if isinstance(value, T) and value.shape is not None:
            if how == "rank":
                return T(None, value.dtype) if rng.random() < 0.6 else value
            return T(tuple(size(s) for s in value.shape), value.dtype) if how in ("symbols", "sizes") else value
        if isinstance(value, (tuple, list)):
            return type(value)(vague(v) for v in value)
        if isinstance(value, dict):
            return {k: vague(v) for k, v in value.items()}
        return value

    def hidden(value: Any) -> Any:
        if isinstance(value, T) or rng.random() < 0.6:
            return value
        if how == "arguments":
            return Unknown("argument", "p")
        if how == "argument symbols" and type(value) is int:
            name = f"a{value}" if value >= 0 else f"am{-value}"
            values[name] = value
            return (
                var(name, "argument") if rng.random() < 0.5 else Unknown("argument", "p", None, var(name, "argument"))
            )
        return value

    if how in ("arguments", "argument symbols"):
        args = tuple(hidden(v) for v in case.args)
        return Case(case.name, args, {k: hidden(v) for k, v in case.kwargs.items()}, case.call), values
    return Case(case.name, vague(case.args), vague(case.kwargs), vague(case.call)), values


def cases_of(name: str, generate: Generate, count: int, seed: int = 1) -> list[Case]:
    """The same cases every time."""
    rng = Random(f"{name} {seed}")
    return [generate(rng) for _ in range(count)]


def compare(name: str, cases: Sequence[Case], answers: Sequence[Answer], blurs: int = 3) -> Tally:
    """Judge every case, and blurred versions of it."""
    tally, rng = Tally(), Random(f"blur {name}")
    for case, answer in zip(cases, answers):
        judge(case, answer, tally)
        for _ in range(blurs):
            vague, values = blur(case, rng)
            judge(vague, answer, Tally() if answer.error else _Only(tally), values, blurred=True)
    return tally


class _Only(Tally):
    """Verdicts on blurred cases: only what is wrong counts."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.wrong = tally.wrong


def declared(prefix: str) -> list[Spec]:
    """Every declaration whose first name starts so."""
    load_all()
    return list({id(s): s for n, s in SPECS.items() if n.startswith(prefix)}.values())


def digest(cases: Sequence[Case]) -> str:
    """Fingerprint of a list of cases."""
    return hashlib.sha256(repr(cases).encode()).hexdigest()[:12]


def pack(answer: Answer) -> Any:
    """An answer as JSON."""
    return 0 if answer.error else [answer.result, answer.params, answer.state]


def unpack(packed: Any) -> Answer:
    """The answer again; the words of an error are not kept."""
    if packed == 0:
        return Answer(error="refused")

    def tuples(value: Any) -> Any:
        return tuple(tuples(v) for v in value) if isinstance(value, list) else value

    return Answer(*(tuples(v) for v in packed))


def write(framework: str, answers: dict[str, tuple[str, list[Answer]]]) -> Path:
    """Keep the framework's answers for machines without it."""
    RECORDED.mkdir(parents=True, exist_ok=True)
    path = RECORDED / f"{framework}.jsonl.gz"
    lines = [json.dumps([name, mark, [pack(a) for a in found]], separators=(",", ":"))
             for name, (mark, found) in sorted(answers.items())]  # fmt: skip
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        file.write("\n".join(lines).encode())
    return path


def read(framework: str) -> dict[str, tuple[str, list[Answer]]]:
    """The recorded answers by declaration, each with the fingerprint of its cases."""
    path = RECORDED / f"{framework}.jsonl.gz"
    if not path.exists():
        return {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {name: (mark, [unpack(a) for a in found]) for name, mark, found in rows}

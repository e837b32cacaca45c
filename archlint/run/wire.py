"""Records to JSON and back.  What comes back was written by a stranger's program: nothing in it is taken on trust."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, TypeVar

from archlint.run.records import (
    Attempt,
    BuiltModel,
    Default,
    Executed,
    Failure,
    Given,
    ModuleFact,
    Outcome,
    Probed,
    Run,
    Settings,
    Shape,
    Target,
    Value,
    Visit,
)

GIVEN = "__tensor__"
DEFAULT = "__default__"
LONGEST_TEXT = 4000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_LEVELS = 8

T = TypeVar("T")
Json: TypeAlias = Mapping[str, Any]
VERDICTS: tuple[Literal["holds", "violated", "not run"], ...] = ("holds", "violated", "not run")


class Garbled(ValueError):
    """The answer is not what a child of ours writes."""


def header(framework: str, settings: Settings, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The first line to a zygote."""
    return {
        "ev": "header",
        "framework": framework,
        "roots": list(settings.roots),
        "preload": list(settings.preload.get(framework, ())),
        "limits": {"timeout": settings.timeout, "cpu": settings.cpu, "memory": settings.memory},
        "probe": settings.probe,
        "symbolic": settings.symbolic,
        "unsafe": settings.unsafe,
        "cwd": os.getcwd(),
        "without": list(without),
    }


def request(target: Target, files: Mapping[str, str]) -> dict[str, Any]:
    """One target, with the files that the zygote does not have yet."""
    return {
        "ev": "target",
        "id": target.id,
        "path": target.path,
        "name": target.name,
        "kind": target.kind,
        "call": literal((tuple(target.args), dict(target.kwargs))),
        "attempts": [attempt(one) for one in target.attempts],
        "arg_scope": target.arg_scope,
        "files": dict(files),
    }


def attempt(one: Attempt) -> dict[str, Any]:
    """The tensors of one call, and those of the second."""
    return {"tensors": [spec(t) for t in one.tensors], "second": [spec(t) for t in one.second]}


def spec(given: Given) -> list[Any]:
    """A tensor as [name, shape, dtype, high]."""
    return [given.name, list(given.shape), given.dtype, given.high]


def literal(value: Any) -> str:
    """Source of a value that `ast.literal_eval` of any Python from 3.6 reads back.  Raises TypeError."""
    match value:
        case Given():
            return repr({GIVEN: spec(value)})
        case Default():
            return repr({DEFAULT: [value.path, value.name]})
        case tuple():
            return "(" + "".join(literal(one) + ", " for one in value) + ")"
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
        case float() if value in (float("inf"), float("-inf")):
            return "1e999" if value > 0 else "-1e999"
        case float() if value != value:
            raise TypeError("nan cannot be given as an argument")
        case None | bool() | int() | float() | complex() | str() | bytes():
            return repr(value)
    raise TypeError(f"{type(value).__name__} cannot be given as an argument")


def outcome(target: str, body: bytes) -> Outcome:
    """What a child wrote of a target.  Raises Garbled."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Garbled("no JSON") from None
    if not isinstance(found, dict):
        raise Garbled("no object")
    status = found.get("status")
    if status not in ("ran", "failed"):
        raise Garbled("no status")
    return Outcome(
        target,
        status,
        runs=each(found, "runs", run),
        failures=each(found, "failures", failure),
        statements=each(found, "statements", failure),
        models=each(found, "models", built),
        probes=each(found, "probes", probed),
        mocked=tuple(each_text(found, "mocked")),
        notes=tuple(each_text(found, "notes")),
        seconds=seconds(found.get("seconds")),
        cpu=seconds(found.get("cpu")),
    )


def run(found: Json) -> Run:
    """One entry of `runs`; values and owners are numbered."""
    values = [value(one) for one in listed(found, "values")]
    owners = each_text(found, "owners")
    visits = []
    for one in listed(found, "visits"):
        if not (isinstance(one, list) and len(one) == 3):
            raise Garbled("a visit is [site, value, owner]")
        site, number, owner = one
        visits.append(Visit(count(site), pick(values, number), None if owner is None else pick(owners, owner)))
    return Run(
        count(found.get("attempt"), least=-1),
        text(found.get("strategy")),
        tuple(shape(one) for one in listed(found, "shapes")),
        visits,
        value(found.get("output")),
        tuple(each_text(found, "guards")),
    )


def failure(found: Json) -> Failure:
    """One exception."""
    frames = []
    for one in listed(found, "frames"):
        if not (isinstance(one, list) and len(one) == 3):
            raise Garbled("a frame is [file, line, function]")
        frames.append((text(one[0]), count(one[1]), text(one[2])))
    message = text(found.get("message"))
    return Failure(
        text(found.get("phase")), text(found.get("type")), message, tuple(frames), count(found.get("attempt"), -1),
        text(found.get("origin", "")),
    )  # fmt: skip


def built(found: Json) -> BuiltModel:
    """One model."""
    modules = each(found, "modules", module)
    return BuiltModel(text(found.get("name")), text(found.get("cls")), parameters(found), modules)


def module(found: Json) -> ModuleFact:
    """One layer."""
    return ModuleFact(text(found.get("path")), text(found.get("cls")), parameters(found), value(found.get("output")))


def probed(found: Json) -> Probed:
    """One behavioural probe."""
    for verdict in VERDICTS:
        if found.get("verdict") == verdict:
            paths = tuple(each_text(found, "paths")) if "paths" in found else ()
            return Probed(text(found.get("probe")), verdict, text(found.get("detail") or ""), paths)
    raise Garbled("no verdict")


def value(found: Any, level: int = 0) -> Value:
    """A descriptor."""
    if found is None or isinstance(found, (bool, int)):
        return found
    if not isinstance(found, dict) or level > _LEVELS:
        raise Garbled("no descriptor")
    if "s" in found:
        return Executed(shape(found["s"]), text(found.get("d") or ""))
    if "l" in found:
        return tuple(value(one, level + 1) for one in listed(found, "l"))
    if isinstance(found.get("m"), dict):
        return {text(key): value(one, level + 1) for key, one in found["m"].items()}
    raise Garbled("no descriptor")


def shape(found: Any) -> Shape:
    """Sizes."""
    if not isinstance(found, list):
        raise Garbled("no shape")
    return tuple(one if one is None or is_int(one) else text(one) for one in found)


def parameters(found: Json) -> int | None:
    """`params`, where they were counted."""
    return None if found.get("params") is None else count(found["params"])


def each(found: Json, key: str, read: Callable[[Json], T]) -> list[T]:
    """The objects of a list, read."""
    items = listed(found, key)
    if not all(isinstance(one, dict) for one in items):
        raise Garbled(f"{key}: no object")
    return [read(one) for one in items]


def each_text(found: Json, key: str) -> list[str]:
    """The texts of a list."""
    return [text(one) for one in listed(found, key)]


def listed(found: Json, key: str) -> list[Any]:
    """A list, empty where there is none."""
    items = found.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise Garbled(f"{key}: no list")
    return items


def pick(items: list[T], number: Any) -> T:
    """The item of a number."""
    at = count(number)
    if at >= len(items):
        raise Garbled("a number of nothing")
    return items[at]


def count(found: Any, least: int = 0) -> int:
    """A number that counts."""
    if not (is_int(found) and found >= least):
        raise Garbled("no number")
    return int(found)


def is_int(found: Any) -> bool:
    """A number, and no truth value."""
    return isinstance(found, int) and not isinstance(found, bool)


def seconds(found: Any) -> float:
    """A duration, 0 where it is none."""
    return float(found) if isinstance(found, (int, float)) and 0 <= found < 1e9 else 0.0


def text(found: Any) -> str:
    """Text that may be shown on a terminal: no control characters, not longer than 4,000.  Raises Garbled."""
    if not isinstance(found, str):
        raise Garbled("no text")
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", found[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8"))

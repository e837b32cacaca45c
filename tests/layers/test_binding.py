"""Arguments bind to a declaration exactly as Python's own `inspect` binds them."""

from __future__ import annotations

import inspect
import random
from typing import Any

from archlint.layers import load_all
from archlint.layers.binding import bind, plan, unbind


def by_inspect(signature: inspect.Signature, args: list[Any], kwargs: dict[str, Any]) -> Any:
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return TypeError
    given = frozenset(bound.arguments)
    bound.apply_defaults()
    found: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            found.update(bound.arguments[name])
        else:
            found[name] = bound.arguments[name]
    return found, given


def by_plan(signature: inspect.Signature, args: list[Any], kwargs: dict[str, Any]) -> Any:
    try:
        return bind(plan(signature), args, kwargs)
    except TypeError:
        return TypeError


def test_every_declaration_binds_as_inspect_does() -> None:
    rng = random.Random(7)
    outcomes = set()
    for spec in {id(s): s for s in load_all().values()}.values():
        names = [p.name for p in spec.signature.parameters.values() if not p.kind.name.startswith("VAR_")]
        for _ in range(6):
            args = [rng.randint(0, 9) for _ in range(rng.randint(0, len(names) + 1))]
            kwargs = {rng.choice([*names, "other"]): rng.randint(0, 9) for _ in range(rng.randint(0, 3))}
            expected = by_inspect(spec.signature, args, kwargs)
            assert by_plan(spec.signature, args, kwargs) == expected, (spec.name, args, kwargs)
            outcomes.add(expected is TypeError)
    assert outcomes == {True, False}


def test_bound_arguments_call_the_function_again() -> None:
    def target(a: int, b: int = 2, *rest: int, c: int, d: int = 4, **more: int) -> Any:
        return a, b, rest, c, d, more

    how = plan(inspect.signature(target))
    found, given = bind(how, [1, 5, 6], {"c": 3, "e": 9})
    args, kwargs = unbind(how, found)
    assert target(*args, **kwargs) == (1, 5, (6,), 3, 4, {"e": 9})
    assert given == {"a", "b", "rest", "c", "more"}

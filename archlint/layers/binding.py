"""Binding of a call's arguments to a declared signature, as Python does it, without `inspect` on every call."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_GIVEN: dict[frozenset[str], frozenset[str]] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """A signature taken apart.

    `star` and `double` name its `*args` and `**kwargs`; `positional` may be given by place, `by_name` by keyword.
    """

    positional: tuple[str, ...]
    keyword_only: tuple[str, ...]
    by_name: frozenset[str]
    defaults: dict[str, Any]
    required: tuple[str, ...]
    star: str
    double: str


def plan(signature: inspect.Signature) -> Plan:
    """Take a signature apart."""
    kinds = inspect.Parameter
    parameters = signature.parameters.values()
    positional = [p.name for p in parameters if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    keyword_only = [p.name for p in parameters if p.kind is kinds.KEYWORD_ONLY]
    named = [p for p in parameters if p.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
    single = [*positional, *keyword_only]
    return Plan(
        tuple(positional),
        tuple(keyword_only),
        frozenset(p.name for p in named),
        {p.name: p.default for p in parameters if p.default is not kinds.empty},
        tuple(p.name for p in parameters if p.name in single and p.default is kinds.empty),
        next((p.name for p in parameters if p.kind is kinds.VAR_POSITIONAL), ""),
        next((p.name for p in parameters if p.kind is kinds.VAR_KEYWORD), ""),
    )


def bind(how: Plan, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Arguments by name, in the signature's order with defaults filled in, and the names that the call states.

    Extra keywords of a `**` parameter stand under their own names.  Raises TypeError as the call itself would.
    """
    stated: dict[str, Any] = dict(zip(how.positional, args))
    rest = tuple(args[len(how.positional) :])
    if rest and not how.star:
        raise TypeError("too many positional arguments")
    extra: dict[str, Any] = {}
    for name, value in kwargs.items():
        if name in how.by_name:
            if name in stated:
                raise TypeError(f"multiple values for argument {name!r}")
            stated[name] = value
        elif how.double:
            extra[name] = value
        else:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
    missing = [name for name in how.required if name not in stated]
    if missing:
        raise TypeError(f"missing a required argument: {missing[0]!r}")
    given = set(stated)
    found = {name: stated[name] if name in stated else how.defaults[name] for name in how.positional}
    if how.star:
        found[how.star] = rest
        if rest:
            given.add(how.star)
    found.update((name, stated[name] if name in stated else how.defaults[name]) for name in how.keyword_only)
    found.update(extra)
    if extra:
        given.add(how.double)
    names = frozenset(given)
    return found, _GIVEN.setdefault(names, names)  # one set for all the calls that state the same


def unbind(how: Plan, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments that call the function with bound arguments."""
    args = [arguments[name] for name in how.positional]
    if how.star:
        args.extend(arguments[how.star])
    kwargs = {name: arguments[name] for name in how.keyword_only}
    if how.double:
        known = {*how.positional, *how.keyword_only, how.star}
        kwargs.update((k, v) for k, v in arguments.items() if k not in known)
    return args, kwargs

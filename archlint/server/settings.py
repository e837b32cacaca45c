"""What the user sets in the editor: the section `archlint`, or `initializationOptions` where there are no sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, cast

Hints: TypeAlias = Literal["off", "calls", "all"]
HINTS = ("off", "calls", "all")
SECTION = "archlint"


@dataclass(frozen=True, slots=True)
class Settings:
    """hints: no shapes; at calls of layers and functions; also where a Sequential's layers stand.

    length: characters of the longest hint.  select, ignore: rules, as on the command line.  configuration: a
    configuration file that holds instead of those found beside the files.  interpreter: runs the models of `verify`.
    workspace: are files checked that are not open?
    problems: what could not be read, as sentences for the user.
    """

    hints: Hints = "all"
    length: int = 40
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    configuration: str = ""
    interpreter: str = ""
    lens: bool = True
    workspace: bool = False
    problems: tuple[str, ...] = field(default=(), compare=False)


def read(value: Any, before: Settings = Settings()) -> Settings:
    """Settings from what a client sent; what it does not speak of is as it was before."""
    section = _section(value)
    lint = section.get("lint")
    given = {**section, **({f"lint.{k}": v for k, v in lint.items()} if isinstance(lint, Mapping) else {})}
    problems: list[str] = []
    settings = replace(before, problems=())
    for key, put in _KEYS.items():
        if key not in given or given[key] is None:
            continue
        try:
            settings = put(settings, given[key])
        except (TypeError, ValueError) as error:
            problems.append(f"{SECTION}.{key}: {error}")
    return replace(settings, problems=tuple(problems))


def configured_in(folder: str) -> Settings:
    """What the configuration of a folder says of editors, which their own settings go before."""
    from archlint.configuration import Configuration, ConfigurationError

    try:
        stated = Configuration().at(folder)
    except ConfigurationError:  # it is said of the first file there that is opened
        return Settings()
    return Settings(stated.get("server", "inlay-hints"), stated.get("server", "max-length"))


def _section(value: Any) -> Mapping[str, Any]:
    """`{"archlint": {…}}`, `{"settings": {…}}` and the section itself mean the same."""
    for name in ("settings", SECTION):
        if isinstance(value, Mapping) and isinstance(value.get(name), Mapping):
            value = value[name]
    return value if isinstance(value, Mapping) else {}


def _hints(settings: Settings, value: Any) -> Settings:
    chosen = {True: "all", False: "off"}.get(value, value) if isinstance(value, bool) else value
    if chosen not in HINTS:
        raise ValueError(f"is one of {', '.join(HINTS)}, not {value!r}")
    return replace(settings, hints=cast(Hints, chosen))


def _length(settings: Settings, value: Any) -> Settings:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 1:
        raise ValueError(f"is a number of characters, not {value!r}")
    return replace(settings, length=int(value))


def _codes(value: Any) -> tuple[str, ...]:
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)) or any(not isinstance(code, str) for code in found):
        raise ValueError(f"is a list of rules, not {value!r}")
    return tuple(code.strip() for code in found if code.strip())


def _path(value: Any) -> str:
    found = value[0] if isinstance(value, (list, tuple)) and value else value or ""
    if not isinstance(found, str):
        raise ValueError(f"is a path, not {value!r}")
    return found


_KEYS: dict[str, Callable[[Settings, Any], Settings]] = {
    "inlayHints": _hints,
    "inlayHintsMaxLength": _length,
    "lint.select": lambda settings, value: replace(settings, select=_codes(value)),
    "lint.ignore": lambda settings, value: replace(settings, ignore=_codes(value)),
    "configuration": lambda settings, value: replace(settings, configuration=_path(value)),
    "interpreter": lambda settings, value: replace(settings, interpreter=_path(value)),
    "checkWorkspace": lambda settings, value: replace(settings, workspace=value is True),
    "codeLens": lambda settings, value: replace(settings, lens=bool(value)),
}

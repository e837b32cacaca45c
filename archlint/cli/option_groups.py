"""Options that belong together reach a command as one value: `fixing: Fixing`, not five flags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any

Command = Callable[..., Any]


def grouped(name: str, into: type, *options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """The options, in the order of the help, as the keyword `name`: an instance of the dataclass `into`.

    Each field is the parameter of an option; a field without one keeps its default.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def called(**given: Any) -> Any:
            own = {field.name: given.pop(field.name) for field in fields(into) if field.name in given}
            return command(**given, **{name: into(**own)})

        result: Command = called
        for option in reversed(options):
            result = option(result)
        return result

    return decorate

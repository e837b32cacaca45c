"""What a run is asked to do of each file, and how the user writes the shape of an input."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archlint.dims import Dim, Size
    from archlint.rule import Severity

RANK: dict[Severity, int] = {"info": 0, "warning": 1, "error": 2}
"""Severities from advice to certain failure."""


OFF = "off"
"""As a severity: the rule does not run."""


@dataclass(frozen=True, slots=True)
class Selectors:
    """Which rules run, as one place says it: codes, prefixes (`ARC1`), names or `ALL`."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelSetup:
    """How one model is built and called, as configured.

    args, kwargs: literals for its constructor.  inputs: shapes by parameter; "" is the first input.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[tuple[str, tuple[Size, ...]], ...] = ()


def configured_inputs(models: Mapping[str, ModelSetup]) -> dict[str, tuple[Size, ...]]:
    """The shapes of inputs by `Net`, `Net.x`."""
    return {
        f"{name}.{parameter}" if parameter else name: shape
        for name, setup in models.items()
        for parameter, shape in setup.inputs
    }


@dataclass(frozen=True, slots=True)
class Options:
    """What applies to one file.

    select, ignore, extend_select: codes, prefixes (`ARC1`), names or `ALL`; an empty `select` is what runs by default.
    below: what is said before these, by configurations.  always: codes that run whatever is selected, unless ignored.
    file_ignore: the same, for this file, whatever is selected.
    severities: by code, prefix or name, what findings are reported as; `off`: not at all.
    fixable, unfixable: rules whose fixes are offered.
    inputs: shapes of entry tensors by `Net`, `Net.x`, or "" (the first input of every model).
    models: by name, how the models of the file are built and called.  frameworks: whose models are checked.
    keras: the major version that the code is for; 0: what the code itself tells.
    settings: by the name of a rule, the keyword arguments of its check.
    threshold: the least severity that makes the run fail.
    suppressions, noqa: do `# archlint: ignore` and `# noqa` comments hold?
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    inputs: Mapping[str, tuple[Size, ...]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    threshold: Severity = "warning"
    extend_select: tuple[str, ...] = ()
    below: tuple[Selectors, ...] = ()
    always: tuple[str, ...] = ()
    file_ignore: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)
    fixable: tuple[str, ...] = ("ALL",)
    unfixable: tuple[str, ...] = ()
    models: Mapping[str, ModelSetup] = field(default_factory=dict)
    frameworks: tuple[str, ...] = ("torch", "keras", "tf")
    suppressions: bool = True
    noqa: bool = True
    keras: int = 0

    @property
    def chosen(self) -> bool:
        """Are the rules that run other than those that run by default?"""
        said = (*self.select, *self.ignore, *self.extend_select, *self.file_ignore)
        return bool(said or any(map(_says, self.below)) or OFF in self.severities.values())

    def holds(self, kind: str) -> bool:
        """Does a suppression hold that is written in this way, `ignore` or `noqa`?"""
        return self.suppressions and (self.noqa or kind != "noqa")


def _says(selectors: Selectors) -> bool:
    return bool(selectors.select or selectors.ignore or selectors.extend_select)


@dataclass(slots=True)
class RunOptions:
    """The options of a run by file: the configuration nearest to a file holds for it.

    whole: of the run itself, and of every file where nothing else is said.
    of_file: display path -> Options; takes loaded rules, raises ConfigurationError.
    key_of: display path -> text that is equal where the options are; takes neither rules nor the engine.
    ignored_in: display path -> rules whose findings are not wanted there, whatever model they are about.
    """

    whole: Options = field(default_factory=Options)
    of_file: Callable[[str], Options] | None = None
    key_of: Callable[[str], str] | None = None
    ignored_in: Callable[[str], tuple[str, ...]] | None = None

    def of(self, path: str) -> Options:
        """What applies to a file; files of one configuration share one value."""
        return self.whole if self.of_file is None else self.of_file(path)

    def key(self, path: str) -> str:
        """A text that changes with what applies to a file."""
        return repr(self.whole) if self.key_of is None else self.key_of(path)

    def ignored(self, path: str) -> tuple[str, ...]:
        """Rules whose findings are not wanted in a file, also where another file's model has them."""
        return self.whole.file_ignore if self.ignored_in is None else self.ignored_in(path)

    @classmethod
    def by_file(cls, options: Options | RunOptions) -> RunOptions:
        """Options that are the same for all files, as options by file."""
        return options if isinstance(options, RunOptions) else cls(options)


def parse_input(text: str) -> tuple[str, tuple[Size, ...]]:
    """`Net=(N, 3, 224, 224)` as ("Net", shape); without a name the shape is for every model."""
    name, equals, shape = text.partition("=")
    if not equals:
        name, shape = "", text
    return name.strip(), parse_shape(shape)


def parse_shape(text: str) -> tuple[Size, ...]:
    """A shape as written: `(N, 3, 2*H, 32)`.  A name is a symbol, `None`, `?` and `_` an unknown size.

    Raises ValueError with a sentence for the user.
    """
    wanted = f"'{text.strip()}' is not a shape like (N, 3, 32, 32)"
    try:
        tree = ast.parse(text.strip().replace("?", "_"), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(wanted) from None
    if not isinstance(tree, (ast.Tuple, ast.List)):
        raise ValueError(wanted)
    return tuple(_size(item, wanted) for item in tree.elts)


def _size(tree: ast.expr, wanted: str) -> Size:
    match tree:
        case ast.Constant(value=None) | ast.Name(id="_"):
            return None
        case _:
            size = _term(tree, wanted)
            if isinstance(size, int) and size < 1:
                raise ValueError(f"{wanted}: a size is at least 1, not {size}")
            return size


def _term(tree: ast.expr, wanted: str) -> int | Dim:
    match tree:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.Name(id=name):
            from archlint.dims import var

            return var(name)
        case ast.BinOp(left=left, op=operator, right=right):
            a, b = _term(left, wanted), _term(right, wanted)
            match operator:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.FloorDiv() if isinstance(b, int) and b > 0:
                    return a // b
    raise ValueError(wanted)

"""What an expression of the user's program can be.

Constants of the program are themselves (`int`, `float`, `str`, `bool`, `None`, …); a tuple is a
Python tuple of values; a symbolic integer is a `Dim`.  Everything else is one of the classes below.
A value that is not known is `Unknown` with a reason: it is never falsy by accident, never absorbs an
attribute silently, and keeps the reason it was born with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import EllipsisType
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from archlint.dims import Dim, Size, var
from archlint.text import Span

if TYPE_CHECKING:
    from archlint.source import ir

Shape: TypeAlias = Union[tuple[Size, ...], None]
"""Sizes of the axes; `None` for a tensor of unknown rank."""


class Reason:
    """The closed list of reasons why something is unknown."""

    ARGUMENT = "argument"  # a parameter that no call site gives
    EXTERNAL = "external"  # a call into a library that is not modelled
    BRANCH = "branch"  # two arms of an undecided test disagree
    LOOP = "loop"  # a loop whose length is not known
    DATA = "data"  # input, output, randomness, contents of a tensor
    IMPORT = "import"  # a module outside the project
    SYNTAX = "syntax not modelled"
    BUDGET = "budget"  # evaluation was cut off
    FAULT = "after fault"  # downstream of a reported defect
    SPEC = "layer not modelled"
    NAME = "name not found"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not known, why, and where it came from.

    `symbol` is set for a parameter: used as a size, it is that symbol.  `number`: certainly a plain number, as
    `head_dim ** -0.5` is, so arithmetic with it keeps a tensor's shape.  `whole`: an integer, as a size is.
    `between`: that number's bounds.
    """

    why: str
    about: str = ""
    where: Span | None = field(default=None, compare=False)
    symbol: Dim | None = None
    number: bool = False
    between: tuple[float, float] | None = None
    whole: bool = False

    def __bool__(self) -> bool:
        raise TypeError("an unknown value has no truth value")


@dataclass(slots=True, eq=False)
class Storage:
    """The memory of a tensor, which its views share; once it is written to, what was in it is not known any more."""

    written: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Elements of a small torch tensor of at most one axis, and the memory they stand in.

    Not equal to itself of before a write, so that nothing remembered of the elements is found again.
    """

    elements: tuple[Any, ...]
    storage: Storage

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and (self.elements, self.storage) == (other.elements, other.storage)

    def __hash__(self) -> int:
        return hash((self.elements, id(self.storage), self.storage.written))


@dataclass(frozen=True, slots=True)
class Atom:
    """One factor of an axis: who made it (`ident`), its size, and its role.

    Roles: `batch time channel space0 space1 space2 features heads classes layers` or "" (not known).
    Two axes of 200 made in different places have different idents, so they never unify by chance.
    """

    ident: int
    size: Size
    role: str = ""


Axis: TypeAlias = tuple[Atom, ...]
"""An axis as a row-major product of atoms: `view(N * T, F)` has an axis of two."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor: the output `slot` of graph node `node`.

    `shape` None is unknown rank; then `last` may still hold the size of the last axis.
    `entry` names the entry tensor whose shape this one shares while that shape is still open.
    `data` holds the elements of a small integer vector, as `tf.shape(x)` gives, or the contents of a torch tensor.
    """

    shape: Shape
    dtype: str | None = None
    axes: tuple[Axis, ...] | None = None
    node: int = -1
    slot: int = 0
    last: Size = None
    entry: int | None = None
    data: tuple[Size, ...] | int | Dim | Held | None = None
    framework: str = "torch"

    @property
    def rank(self) -> int | None:
        """Number of axes, if known."""
        return None if self.shape is None else len(self.shape)

    @property
    def features(self) -> Size:
        """Size of the last axis, if known."""
        return self.shape[-1] if self.shape else self.last

    @property
    def elements(self) -> tuple[Any, ...] | None:
        """The elements of a small torch tensor in order, as long as nothing was written to it."""
        held = self.data
        return held.elements if isinstance(held, Held) and not held.storage.written else None


@dataclass(frozen=True, slots=True)
class Alike:
    """Why a list's elements are not known one by one, and the form that each of them has."""

    why: Unknown
    form: Any


@dataclass(frozen=True, slots=True, eq=False)
class Among:
    """Why a list's elements are not known: it holds these in this order, without some of those that are not `sure`."""

    why: Unknown
    items: tuple[tuple[Any, bool], ...]


@dataclass(slots=True, eq=False)
class ListValue:
    """A list.  `items` None: its contents are not known (`why` says the reason)."""

    items: list[Any] | None
    why: Unknown | Alike | Among | None = None


@dataclass(slots=True, eq=False)
class DictValue:
    """A dict with known keys, or `items` None.  `default` makes missing values, as in `defaultdict(list)`."""

    items: dict[Any, Any] | None
    why: Unknown | None = None
    default: Any = None


@dataclass(slots=True, eq=False)
class SetValue:
    """A set of known members, or `items` None."""

    items: list[Any] | None
    why: Unknown | None = None


@dataclass(frozen=True, slots=True)
class RangeValue:
    """`range(start, stop, step)` with known bounds."""

    start: int
    stop: int
    step: int


@dataclass(frozen=True, slots=True)
class SliceValue:
    """`lower:upper:step` inside a subscript."""

    lower: Any
    upper: Any
    step: Any


@dataclass(frozen=True, slots=True)
class Ratio:
    """A symbolic size divided by a positive integer: `h / 2` on the way to `int(h / 2)`."""

    num: Dim
    den: int


@dataclass(slots=True, eq=False)
class Contents:
    """What is known of the elements of an array, shared by its views: `y[y == 10] = 0` changes them all.

    classes: every element is a whole number from 0 on, and the greatest is `classes - 1`.
    """

    classes: int | None = None


@dataclass(slots=True, eq=False)
class Array:
    """A numpy array, data of the program: its shape, the name of its type, where it was made."""

    shape: Shape
    dtype: str | None = None
    contents: Contents = field(default_factory=Contents)
    made: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """What a data loader or data set gives: `length` times something like `item`, whose arrays are of `framework`."""

    item: Any
    length: Size = None
    framework: str = "numpy"


@dataclass(frozen=True, slots=True)
class External:
    """A name of a library that is not the user's: `torch.nn.functional.relu`."""

    name: str


@dataclass(frozen=True, slots=True)
class Nominal:
    """A value of which nothing is known but that it is one and the same wherever it comes up: the device in use."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two to four values, depending on a test that is not decided."""

    options: tuple[Any, ...]


@dataclass(slots=True, eq=False)
class Module:
    """A module of the project, its globals filled in as its top-level statements run."""

    name: str
    path: str
    names: dict[str, Any] = field(default_factory=dict)
    stars: list[Any] = field(default_factory=list)
    state: str = "new"  # new, running, done


@dataclass(slots=True, eq=False)
class Function:
    """A function or lambda of the user's program, with the scope it was defined in."""

    node: ir.FunctionDef | ir.Lambda
    chunk: Any
    module: Module
    closure: Any
    defaults: dict[str, Any]
    owner: Class | None = None
    attrs: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "<lambda>")


@dataclass(slots=True, eq=False)
class Class:
    """A class of the user's program.  `bases` are Class, External or Unknown; `mro` is C3 order."""

    node: ir.ClassDef
    chunk: Any
    module: Module
    bases: tuple[Any, ...]
    attrs: dict[str, Any]
    mro: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        return self.node.name


@dataclass(slots=True, eq=False)
class Layer:
    """A layer of a framework, constructed but not yet applied.

    `args` are the constructor's arguments by parameter name; `arg_spans` where each was written.
    `parent` and `name` are filled when it is registered in a model.
    """

    spec: Any
    args: dict[str, Any]
    arg_spans: dict[str, Span]
    span: Span
    ident: int
    name: str = ""
    parent: Any = None
    attrs: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Object:
    """An instance of a user's class, or of a container of the framework (`nn.Sequential`).

    `kind` is the qualified name of the framework class it behaves as ("" for a plain object);
    `items` are the children of a container in order, by key.
    """

    cls: Class | None
    kind: str
    attrs: dict[str, Any]
    ident: int
    span: Span
    name: str = ""
    parent: Any = None
    items: dict[str, Any] | None = None
    native: Layer | None = None
    attr_spans: dict[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A function bound to its receiver; `function` is a Function, or the name of a modelled method."""

    receiver: Any
    function: Function | str
    owner: Class | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """A callable that the interpreter implements itself: `functools.partial(f, …)`, a decorator."""

    name: str
    call: Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Super:
    """`super()`: attribute look-up in the classes after `after` in the receiver's order."""

    receiver: Any
    after: Class


Value: TypeAlias = Union[
    bool, int, float, complex, str, bytes, EllipsisType, Dim, tuple[Any, ...], Unknown, Tensor, ListValue, DictValue,
    SetValue, RangeValue, SliceValue, Ratio, External, Nominal, Choice, Module, Function, Class, Layer, Object, Method,
    Builtin, Super, Array, Batches, None,
]  # fmt: skip


def as_size(value: Any) -> Size:
    """The value as a size: an int, a symbol, the symbol of an unknown parameter, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Dim)):
        return value
    if isinstance(value, Unknown):
        return value.symbol
    if isinstance(value, Tensor) and isinstance(value.data, (int, Dim)):
        return value.data
    if isinstance(value, Tensor) and value.shape == () and value.elements is not None:
        return as_size(value.elements[0])
    return None


def parameter(name: str, where: Span | None = None) -> Unknown:
    """The value of a parameter that no call site gives; as a size, the symbol of its name."""
    return Unknown(Reason.ARGUMENT, name, where, var(name, "argument"))

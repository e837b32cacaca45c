"""The mistakes that people make most, as changes of a program's text.  The codes are the rules that mean them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

Sites = Callable[["Program"], Iterator["Change"]]


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes `start` to `end` become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: its name, the rules that mean it, and where it could be made.

    crashes: it is one only where the program fails; with another number that fits, a model is another, not wrong.
    """

    name: str
    codes: tuple[str, ...]
    sites: Sites
    crashes: bool = False


class Program:
    """A parsed program: its nodes in order, their text and place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = text.encode()
        wrapper = MetadataWrapper(cst.parse_module(text))
        self._places = wrapper.resolve(ByteSpanPositionProvider)
        self.nodes = list(_walk(wrapper.module, ()))

    def change(self, node: cst.CSTNode, text: str) -> Change:
        """The node's text for another."""
        place = self._places[node]
        return Change(place.start, place.start + place.length, text)

    def of(self, node: cst.CSTNode) -> str:
        """The text of a node."""
        place = self._places[node]
        return self.data[place.start : place.start + place.length].decode()

    def calls(self, *names: str) -> Iterator[cst.Call]:
        """Calls whose last name is one of these: `Linear` of `nn.Linear(…)`."""
        for node, _ in self.nodes:
            if isinstance(node, cst.Call) and last_name(node.func) in names:
                yield node

    def within(self, name: str) -> Iterator[cst.CSTNode]:
        """Nodes inside functions of a name."""
        for node, above in self.nodes:
            if any(isinstance(one, cst.FunctionDef) and one.name.value == name for one in above):
                yield node


def _walk(node: cst.CSTNode, above: tuple[cst.CSTNode, ...]) -> Iterator[tuple[cst.CSTNode, tuple[cst.CSTNode, ...]]]:
    yield node, above
    for child in node.children:
        yield from _walk(child, (*above, node))


def made(text: str, change: Change) -> str:
    """The program with the mistake in it."""
    data = text.encode()
    return (data[: change.start] + change.text.encode() + data[change.end :]).decode()


def last_name(node: cst.CSTNode) -> str:
    """`Linear` of `nn.Linear`."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def argument(call: cst.Call, place: int, name: str) -> cst.Arg | None:
    """An argument by its keyword, or by its place."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == name:
            return arg
    plain = [arg for arg in call.args if arg.keyword is None and not arg.star]
    return plain[place] if place < len(plain) else None


def without(program: Program, call: cst.Call, arg: cst.Arg) -> Change:
    """The call without one of its arguments."""
    rest = [program.of(other).rstrip().rstrip(",") for other in call.args if other is not arg]
    return program.change(call, f"{program.of(call.func)}({', '.join(rest)})")


def _numbers(program: Program, arg: cst.Arg | None) -> Iterator[Change]:
    """Another number in an argument: a literal in it is changed, or the whole doubled."""
    if arg is None:
        return
    literals = [n for n, _ in _walk(arg.value, ()) if isinstance(n, cst.Integer) and int(n.value) > 1]
    for literal in literals[:1]:
        number = int(literal.value)
        yield program.change(literal, str(number // 2 if number > 3 else number + 1))
    if not literals:
        yield program.change(arg.value, f"2 * ({program.of(arg.value)})")


def number(names: Sequence[str], place: int, keyword: str) -> Sites:
    """A wrong number for an argument."""

    def sites(program: Program) -> Iterator[Change]:
        for call in program.calls(*names):
            yield from _numbers(program, argument(call, place, keyword))

    return sites


def swapped(names: Sequence[str]) -> Sites:
    """The first two arguments, changed over."""

    def sites(program: Program) -> Iterator[Change]:
        for call in program.calls(*names):
            a, b = argument(call, 0, ""), argument(call, 1, "")
            if a and b and a is call.args[0] and b is call.args[1] and program.of(a.value) != program.of(b.value):
                rest = "".join(f", {program.of(arg).rstrip().rstrip(',')}" for arg in call.args[2:])
                changed = f"{program.of(b.value)}, {program.of(a.value)}{rest}"
                yield program.change(call, f"{program.of(call.func)}({changed})")

    return sites


def dropped(names: Sequence[str], keyword: str, value: str = "") -> Sites:
    """A keyword argument left out."""

    def sites(program: Program) -> Iterator[Change]:
        for call in program.calls(*names):
            for arg in call.args:
                if arg.keyword is not None and arg.keyword.value == keyword and value in program.of(arg.value):
                    yield without(program, call, arg)

    return sites


def renamed(old: str, new: str) -> Sites:
    """One layer or function for another."""

    def sites(program: Program) -> Iterator[Change]:
        for call in program.calls(old):
            name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
            yield program.change(name, new)

    return sites


def unwrapped(*names: str) -> Sites:
    """`F.relu(x)` becomes `x`; `nn.ReLU(),` in a list goes away."""

    def sites(program: Program) -> Iterator[Change]:
        for call in program.calls(*names):
            base = program.of(call.func.value) if isinstance(call.func, cst.Attribute) else ""
            if call.args and not _makes_layer(call):
                method = base not in ("", "F", "nn", "self", "tf.nn", "torch")
                yield program.change(call, base if method else program.of(call.args[0].value))
        yield from _removed(program, names)

    return sites


def _makes_layer(call: cst.Call) -> bool:
    return last_name(call.func)[:1].isupper()


def _removed(program: Program, names: Sequence[str]) -> Iterator[Change]:
    """Layers of a list of layers, and statements `model.add(Flatten())`."""
    for node, above in program.nodes:
        if isinstance(node, (cst.Element, cst.Arg)) and isinstance(node.value, cst.Call):
            if last_name(node.value.func) not in names or not above or not _makes_layer(node.value):
                continue
            outer = above[-1]
            if isinstance(outer, cst.Call) and last_name(outer.func) == "add":
                yield program.change(outer, "pass")
            elif isinstance(outer, cst.List) or (isinstance(outer, cst.Call) and last_name(outer.func) == "Sequential"):
                change = program.change(node.value, "")
                comma = program.data.find(b",", change.end)
                if comma >= 0 and not program.data[change.end : comma].strip():
                    yield Change(change.start, comma + 1, "")

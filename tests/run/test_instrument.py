"""What the rewritten source looks like, that it does what the original does, and that no expression is forgotten."""

from __future__ import annotations

import ast
import gc
import importlib.util
import sys
import sysconfig
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archlint.run.instrument import instrument
from archlint.source import ir
from archlint.source.encoding import decode
from archlint.source.parse import parse

ROOT = Path(__file__).parents[2]
STDLIB = Path(sysconfig.get_path("stdlib"))


def rewritten(text: str) -> str:
    return instrument(text).text


def recorded(text: str, **names: Any) -> list[tuple[str, Any]]:
    """(source text, value) of every evaluation, in order."""
    made = instrument(text)
    seen: list[tuple[str, Any]] = []

    def record(number: int, value: Any) -> Any:
        seen.append((text[made.sites[number].start : made.sites[number].end], value))
        return value

    exec(compile(made.text, "model.py", "exec", dont_inherit=True), {"_AL_": record, **names})
    return seen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = f(x)", "y = _AL_(0,f(x))"),
        ("y = self.fc(x.view(-1, 16 * 5))", "y = _AL_(0,self.fc(_AL_(1,x.view(-1, _AL_(2,16 * 5)))))"),
        ("y = x.shape[0]", "y = _AL_(0,x.shape[0])"),
        ("y = (a\n     + b)", "y = (_AL_(0,a\n     + b))"),
        ("y = a + \\\n  b", "y = _AL_(0,a + \\\n  b)"),
        ("return_ = lambda: f(x)", "return_ = lambda: _AL_(0,f(x))"),
        ("y = f(g(x) for x in y)", "y = _AL_(0,f(_AL_(1,g(x)) for x in y))"),
        ("f(*g(), **h())", "_AL_(0,f(*_AL_(1,g()), **_AL_(2,h())))"),
        ("if (n := f(x)) > 1: pass", "if (n := _AL_(0,f(x))) > 1: pass"),
        ("y = 1 if(a)+b else(c)()", "y = 1 if _AL_(0,(a)+b) else _AL_(1,(c)())"),
        ("y = -x ** 2", "y = -_AL_(0,x ** 2)"),
        ("x[f(i)] += g(y)", "x[_AL_(0,f(i))] += _AL_(1,g(y))"),
        ("x[0] = y", "x[0] = y"),
        ("del x[0], f().y", "del x[0], _AL_(0,f()).y"),
        ("f(x).y, z[i + 1] = w", "_AL_(0,f(x)).y, z[_AL_(1,i + 1)] = w"),
        ("@dec(1 + 2)\ndef f(a: T[0] = g()) -> U[1]: pass", "@dec(1 + 2)\ndef f(a: T[0] = _AL_(0,g())) -> U[1]: pass"),
        ("x: List[int] = f()", "x: List[int] = _AL_(0,f())"),
        ("y = f'{f(x)} {a[0]}' % z", "y = _AL_(0,f'{f(x)} {a[0]}' % z)"),
        ("class A(f(), metaclass=M[0]): pass", "class A(_AL_(0,f()), metaclass=_AL_(1,M[0])): pass"),
        ("super().__init__()", "_AL_(0,super().__init__())"),
        ("print(locals(), f(x))", "print(locals(), _AL_(0,f(x)))"),
        ("match f(x):\n case A(x=1+2j) if g(x): pass", "match _AL_(0,f(x)):\n case A(x=1+2j) if _AL_(1,g(x)): pass"),
        ("async def f():\n return await g(x)[0]", "async def f():\n return await _AL_(0,_AL_(1,g(x))[0])"),
        ("with f(x) as y, g(z): pass", "with _AL_(0,f(x)) as y, _AL_(1,g(z)): pass"),
        ("if x:\n\ty = f(x)\r\n", "if x:\n\ty = _AL_(0,f(x))\r\n"),
        ("# coding: latin-1\né = f('ü', (ö)+1)", "# coding: latin-1\né = _AL_(0,f('ü', _AL_(1,(ö)+1)))"),
        ("\x0cy = f(x)\x0c\nz = a[0]", "\x0cy = _AL_(0,f(x))\x0c\nz = _AL_(1,a[0])"),
        ("a = 1\ry = f(x)", "a = 1\ry = _AL_(0,f(x))"),
        ("s = '''\u2028\x0b\n'''; y = f(x)", "s = '''\u2028\x0b\n'''; y = _AL_(0,f(x))"),
    ],
)  # fmt: skip
def test_the_text(text: str, expected: str) -> None:
    assert rewritten(text) == expected
    compile(expected, "model.py", "exec")


def test_a_byte_order_mark_goes_and_offsets_stay_those_of_the_original() -> None:
    text = "\ufeffy = f(x)"
    made = instrument(text)
    assert made.text == "y = _AL_(0,f(x))"
    assert [text[s:e] for s, e in made.sites] == ["f(x)"]


def test_sites_are_numbered_from_where_the_caller_says() -> None:
    made = instrument("y = f(g(x))", first=40)
    assert made.text == "y = _AL_(40,f(_AL_(41,g(x))))"
    assert len(made.sites) == 2


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_type_parameters_and_aliases_are_left_alone() -> None:
    text = "type A[T: B[0]] = C[T]\ndef f[T: D[0]](x): return x[0]"
    assert rewritten(text) == text.replace("x[0]", "_AL_(0,x[0])")


@pytest.mark.parametrize("text", ["x = (", "print 1", "x = '\0'", "x = '\ud800'", "x = " + "(" * 500 + ")" * 500])
def test_what_does_not_parse_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxError):
        instrument(text)


def test_values_come_inner_first_with_the_text_they_belong_to() -> None:
    text = "y = sum([n * 2 for n in (1, 2)]) - d['a'][0]"
    assert recorded(text, d={"a": [5]}) == [
        ("n * 2", 2), ("n * 2", 4), ("sum([n * 2 for n in (1, 2)])", 6), ("d['a']", [5]), ("d['a'][0]", 5),
        ("sum([n * 2 for n in (1, 2)]) - d['a'][0]", 1),
    ]  # fmt: skip


def test_class_cells_mangled_names_and_zero_argument_super_still_work() -> None:
    text = """
class A:
    def __init__(self): self.seen = [type(self)]
class B(A):
    def __init__(self):
        super().__init__()
        self.__own = [__class__ for _ in str(0)] + self.seen
    def own(self): return len(self.__own)
n = B().own()
"""
    assert ("B().own()", 2) in recorded(text)


def test_a_traceback_keeps_its_line_numbers() -> None:
    text = "def f(x):\n    return (x +\n            1)\n\ny = [\n    f(1),\n    f('a'),\n]\n"
    lines = []
    for source in (text, rewritten(text)):
        with pytest.raises(TypeError) as raised:
            exec(compile(source, "model.py", "exec"), {"_AL_": lambda number, value: value})
        lines.append([entry.lineno for entry in raised.traceback][-2:])
    assert lines[0] == lines[1]


@pytest.mark.parametrize("text", ["x = " + " + ".join("abcdefgh" * 40), "x = " + "f(" * 60 + "1" + ")" * 60])
def test_long_chains_are_wrapped_only_as_deep_as_an_old_parser_reads(text: str) -> None:
    made = instrument(text)
    compile(made.text, "model.py", "exec")
    assert 15 <= len(made.sites) <= 40
    depth = deepest = 0
    for char in made.text:
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    assert deepest <= 85


def test_four_times_the_lines_take_about_four_times_as_long() -> None:
    def seconds(lines: int) -> float:
        text = "def f(x, w):\n" + "    x = self.act(self.norm(x[:, 0] + w * 2))\n" * lines
        gc.disable()  # it walks all that other tests have left
        try:
            start = time.process_time()
            made = instrument(text)
            taken = time.process_time() - start
        finally:
            gc.enable()
        assert len(made.sites) == 5 * lines
        return taken

    # A ratio of the fastest of several, not seconds: the machine may be busy.
    assert min(seconds(4000) for _ in range(3)) < 9 * min(seconds(1000) for _ in range(5))


def _behaves(module: types.ModuleType, name: str) -> Any:
    """Something that exercises much of a module of the standard library."""
    calls: dict[str, Callable[[Any], Any]] = {
        "textwrap": lambda m: m.wrap("the quick brown fox jumps over the lazy dog", 12),
        "difflib": lambda m: list(m.unified_diff(["a\n", "b\n"], ["a\n", "c\n"])),
        "shlex": lambda m: m.split('a \'b c\' "d\\"e" # f', comments=True),
        "heapq": lambda m: list(m.merge([1, 4], [2, 3])) + m.nsmallest(2, [3, 1, 2]),
        "statistics": lambda m: (m.mean([1, 2, 4]), m.stdev([1, 2, 4]), m.quantiles([1, 2, 3, 4])),
        "fractions": lambda m: str(m.Fraction("3/4") + m.Fraction(1, 3) ** 2),
        "json.decoder": lambda m: m.JSONDecoder().decode('{"a": [1, 2.5, null, "\\u00e9"]}'),
        "configparser": lambda m: _ini(m),
        "colorsys": lambda m: m.rgb_to_hls(0.2, 0.4, 0.6),
        "calendar": lambda m: m.TextCalendar().formatmonth(2024, 2),
        "string": lambda m: m.Template("$a ${b}").substitute(a=1, b=2) + m.Formatter().format("{:>5}", 3),
        "graphlib": lambda m: list(m.TopologicalSorter({"a": {"b"}, "b": {"c"}}).static_order()),
        "html.parser": lambda m: m.unescape("&lt;&eacute;"),
        "tokenize": lambda m: [t.string for t in m.generate_tokens(iter(["x = f(1)\n"]).__next__)],
        "dataclasses": lambda m: m.asdict(m.make_dataclass("P", [("x", int), ("y", int, 3)])(1)),
    }
    return calls[name](module)


def _ini(module: Any) -> dict[str, str]:
    parser = module.ConfigParser()
    parser.read_string("[a]\nx = 1\ny = %(x)s2\n")
    return dict(parser["a"])


@pytest.mark.parametrize(
    "name",
    ["textwrap", "difflib", "shlex", "heapq", "statistics", "fractions", "json.decoder", "configparser", "colorsys",
     "calendar", "string", "graphlib", "html.parser", "tokenize", "dataclasses"],
)  # fmt: skip
def test_a_rewritten_module_behaves_as_before(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text(encoding="utf-8")
    seen: list[int] = []
    outcomes = []
    for source in (text, rewritten(text)):
        module = types.ModuleType(name)
        module.__package__ = name.rpartition(".")[0]
        module.__dict__["_AL_"] = lambda number, value: (seen.append(number), value)[1]
        monkeypatch.setitem(sys.modules, name, module)
        exec(compile(source, spec.origin, "exec", dont_inherit=True), module.__dict__)
        outcomes.append(_behaves(module, name))
    assert outcomes[0] == outcomes[1]
    assert len(seen) > 3


FILES = sorted([*ROOT.glob("fixtures/*/*.py"), *ROOT.glob("archlint/interp/*.py"), *STDLIB.glob("[ac]*.py")])


def test_every_call_operator_and_subscript_of_the_evaluator_is_a_site() -> None:
    spans = 0
    for path in FILES:
        text = decode(path.read_bytes())
        made = instrument(text)
        sites = set(made.sites)
        missing = [text[s:e] for s, e in _wanted(text) if (s, e) not in sites]
        assert not missing, (path, missing[:3])
        spans += len(sites)
    assert spans > 5_000


def _wanted(text: str) -> Iterator[tuple[int, int]]:
    """Spans in the IR of what is read, by the IR's own account of what is evaluated."""
    for chunk in parse("model.py", text).chunks:
        pending: list[tuple[Any, int]] = [(node, 0) for node in chunk.body]
        while pending:
            node, depth = pending.pop()
            if depth < 15 and _value(node):
                yield chunk.base + node.start, chunk.base + node.end
            pending += [(child, depth + 1) for child in _evaluated(node)]


def _value(node: Any) -> bool:
    if isinstance(node, ir.Call):
        return not isinstance(node.func, ir.Name) or node.func.id not in {
            "super", "locals", "globals", "vars", "dir", "eval", "exec", "print", "isinstance", "issubclass",
            "hasattr", "callable", "type", "range", "staticmethod", "classmethod", "property", "__import__",
        }  # fmt: skip
    return isinstance(node, (ir.BinOp, ir.Subscript))


def _evaluated(node: Any) -> Iterator[Any]:
    skipped = {
        ir.FString: {"parts"}, ir.FunctionDef: {"decorators", "returns"}, ir.ClassDef: {"decorators"},
        ir.Param: {"annotation"}, ir.Declare: {"annotation"}, ir.Assign: {"annotation"},
    }.get(type(node), set())  # fmt: skip
    if isinstance(node, ir.Match):
        yield node.subject
        for _, guard, body in node.cases:
            yield from [guard, *body] if guard is not None else body
        return
    stored: list[Any] = []
    for name in ("targets", "target", "items" if isinstance(node, ir.With) else "", "generators"):
        value = getattr(node, name, None) if name else None
        stored += value if isinstance(value, list) else [value] if value is not None else []
    for name in type(node).__slots__ if hasattr(type(node), "__slots__") else ():
        if name not in skipped:
            yield from _nodes(getattr(node, name), stored)


def _nodes(value: Any, stored: list[Any]) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        pair = len(value) in (2, 3) and any(value is item for item in stored)
        for place, item in enumerate(value):
            # (target, iterable, conditions) of a comprehension, (expression, target) of a `with`
            target = pair and place == (0 if len(value) == 3 else 1)
            yield from _inside(item) if target else _nodes(item, stored)
    elif hasattr(value, "start"):
        yield from _inside(value) if any(value is item for item in stored) else [value]


def _inside(target: Any) -> Iterator[Any]:
    """What a target evaluates: `x[f(i)] = …` evaluates `x` and `f(i)`."""
    if isinstance(target, ir.Display):
        for item in target.items:
            yield from _inside(item)
    elif isinstance(target, ir.Starred):
        yield from _inside(target.value)
    elif isinstance(target, ir.Subscript):
        yield from (target.value, target.index)
    elif isinstance(target, ir.Attr):
        yield target.value


def test_the_rewritten_files_compile_and_count_their_lines_as_before() -> None:
    for path in FILES:
        text = decode(path.read_bytes())
        made = rewritten(text)
        assert made.count("\n") == text.count("\n")
        ast.parse(made)

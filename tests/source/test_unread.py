"""Which calls a file drops the values of, and which loops repeat one step."""

from __future__ import annotations

import pytest

from archlint.source.parse import parse
from archlint.source.unread import Dataflow, dataflow


def flow(body: str) -> Dataflow:
    lines = "\n".join("    " + line for line in body.splitlines())
    return dataflow(parse("m.py", f"def f(self, x, y):\n{lines}\n"))


def dropped(body: str) -> list[str]:
    """The calls whose values nobody reads."""
    text = f"def f(self, x, y):\n{chr(10).join('    ' + line for line in body.splitlines())}\n"
    return sorted(text[s.start : s.end] for s in dataflow(parse("m.py", text)).unread)


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        ("h = a(x)\nreturn b(x)", ["a(x)"]),
        ("h = a(x)\nh = b(x)\nreturn h", ["a(x)"]),
        ("a(x)\nreturn x", ["a(x)"]),
        ("h = a(x)\nif y:\n    h = b(x)\nelse:\n    h = c(x)\nreturn h", ["a(x)"]),
        ("try:\n    h = a(x)\nfinally:\n    c = 1\nreturn x", ["a(x)"]),
        ("for l in y:\n    h = l(x)\nreturn x", ["l(x)"]),
    ],
)
def test_a_value_that_is_read_on_no_way_is_dropped(body: str, calls: list[str]) -> None:
    assert dropped(body) == calls


@pytest.mark.parametrize(
    "body",
    [
        "h = a(x)\nreturn h",
        "h = a(x)\nif y:\n    h = b(x)\nreturn h",
        "h = a(x)\nh += 1\nreturn h",
        "h = a(x)\nwhile y:\n    x = x + h\n    h = a(x)\nreturn x",
        "h = 0\nfor l in y:\n    x = x + h\n    h = l(x)\nreturn x",
        "for l in y:\n    h = l(x)\n    if h:\n        break\nreturn x",
        "h = a(x)\ntry:\n    h = b(x)\nexcept ValueError:\n    pass\nreturn h",
        "h = a(x)\nwith suppress(ValueError):\n    h = b(x)\nreturn h",
        "h = a(x)\ndef g():\n    return h\nreturn g",
        "h = a(x)\nreturn [h for _ in y]",
        "h = a(x)\nreturn f'{h}'",
        "h = a(x)\nreturn eval('h')",
        "global h\nh = a(x)\nreturn x",
        "_ = a(x)\nreturn x",
        "a_(x)\nx.relu_()\nreturn x",
        "y = F.relu(x, inplace=y)\nreturn x",
        "h = a(x)\ndel h\nreturn x",
        "h, z = a(x)\nreturn x",
        "self.h = a(x)\nreturn x",
    ],
)
def test_a_value_that_may_be_read_is_not(body: str) -> None:
    assert dropped(body) == []


def test_at_module_level_every_function_may_read_a_name() -> None:
    source = "d = a(x)\ne = a(x)\ng = a(x)\n__all__ = ['g']\n\n\ndef f():\n    return e\n"
    found = dataflow(parse("m.py", source)).unread
    assert [source[s.start : s.end] for s in found] == ["a(x)"]
    assert [(u.name, u.function) for u in found.values()] == [("d", "")]


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        ("for l in y:\n    out = l(x)\nreturn out", True),
        ("for i, l in enumerate(y):\n    out = l(x)\nreturn out", True),
        ("for l in y:\n    x = l(x)\nreturn x", False),
        ("for l in y:\n    out = l(x)\n    z.append(out)\nreturn out", False),
        ("for l in y:\n    out = l(x)\n    x = x + 1\nreturn out", False),
        ("for i, l in enumerate(y):\n    out = l(x, i)\nreturn out", False),
        ("for l in y:\n    out = l(x)\n    if z:\n        break\nreturn out", False),
        ("for l in y:\n    if z:\n        out = l(x)\nreturn out", False),
    ],
)
def test_a_loop_in_which_every_turn_does_the_same(body: str, repeated: bool) -> None:
    assert bool(flow(body).repeated) is repeated


def test_parameters_that_are_never_mentioned() -> None:
    found = flow("return g(x)")
    assert len(found.ignored) == 1
    assert next(iter(found.ignored)).start == len("def f(self, x, ")
    assert not flow("return locals()").ignored
    assert not flow("raise NotImplementedError").ignored

"""Parsing a file never fails: what can be read is read, the rest is reported where it stands."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from test_split import damaged

from archlint.source import ir
from archlint.source.comments import comments_of
from archlint.source.encoding import NotText, decode
from archlint.source.model import Source
from archlint.source.parse import parse


def said(source: Source) -> list[tuple[str, str]]:
    """(message, text it points at) of each problem."""
    return [(problem.message, source.text[problem.start : problem.end]) for problem in source.problems]


def names(source: Source) -> list[str]:
    """The definitions that were read."""
    return [stmt.name for c in source.chunks for stmt in c.body if isinstance(stmt, (ir.ClassDef, ir.FunctionDef))]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("x = (1, 2\n", "`(` is never closed", "("),
        ("x = [1, 2)\n", "`)` does not close the `[` before it", ")"),
        ("x = 1)\n", "`)` closes nothing", ")"),
        ("x = 'it's'\n", "string is never closed", "'"),
        ("x = '''a\n", "triple-quoted string is never closed", "'''"),
        ("class A\n    pass\n", "expected `:`", "A"),
        ("class A:\n    def f(self)  # why\n        pass\n", "expected `:`", ")"),
        ("f(a b)\n", "unexpected `b`", "b"),
        ("é = 'ü'; x = 5 55\n", "unexpected `55`", "55"),
        ("def f():\npass\n", "expected an indented block", ":"),
        ("def f():\n    x = 1\n      y = 2\n", "unexpected indent", "      "),
        ("if x:\n    a\n  b\n", "no matching outer block for dedent", "b"),
        ("if x:\n\ta\n        b\n", "inconsistent mixing of tabs and spaces", "b"),
        ("import\n", "expected a name", "t"),
        ("try:\n    a\nb\n", "expected `except` or `finally`", "a"),
        ("x = a?\n", "unexpected character `?`", "?"),
        ("x = 'ok' \0\n", "unexpected character `U+0000`", "\0"),
        (
            "match x:\n    case 1:\n        class A(B, metaclass=C, *D): pass\n",
            "valid Python that LibCST cannot parse; not analysed",
            ...,
        ),
    ],
)
def test_an_error_is_one_line_at_the_place_it_is_seen(text: str, message: str, place: str) -> None:
    source = parse("a.py", "import a\n" + text)
    ((found, where),) = said(source)
    assert found == message
    assert place is ... or where == place


def test_a_broken_definition_costs_only_itself() -> None:
    text = "class A:\n    x = 1\n\nclass B:\n    def f(self):\n        return (1\n\n@d\nclass C:\n    pass\n"
    source = parse("a.py", text)
    assert names(source) == ["A", "C"]
    assert said(source) == [("`(` is never closed", "(")]
    assert [text[chunk.base :].startswith(chunk.text) for chunk in source.chunks] == [True, True]


def test_a_docstring_without_closing_quotes_does_not_swallow_the_file() -> None:
    text = 'def a():\n    """Open.\n    x = 1\n\n\ndef b():\n    """Closed."""\n\n\nclass C:\n    """Closed, too."""\n'
    source = parse("a.py", text)
    assert names(source) == ["b", "C"]
    assert said(source) == [("triple-quoted string is never closed", '"""')]


def test_a_file_of_errors_is_given_up() -> None:
    source = parse("a.py", "x = )\ny = 1\n" * 500)
    assert len(source.problems) == 101
    assert source.problems[-1].message == "too many syntax errors; the rest of the file is not analysed"


PYTHON_2 = """\
class Net(object):
  def fit(self, x):
    print "fit", x, \\
        "now"  # ; not here
    try:
      y = x <> 0777L
    except (A, B), e:
      raise ValueError, "no"
    if y: print x; print
    return slim.conv2d(x, 64, [3, 3])  # print "no"
"""


def test_python_2_is_named_and_the_rest_of_its_class_is_read() -> None:
    source = parse("a.py", PYTHON_2)
    assert [(message.split("; Python 3")[0], place) for message, place in said(source)] == [
        ("Python 2 syntax: `print` statement", 'print "fit", x, \\\n        "now"'),
        ("Python 2 syntax: `<>`", "<>"),
        ("Python 2 syntax: octal number with a leading 0", "0777L"),
        ("Python 2 syntax: `except X, name`", ", e"),
        ("Python 2 syntax: `raise X, message`", ', "no"'),
    ]
    assert "(and 1 more below)" in source.problems[0].message
    (chunk,) = source.chunks
    fit = chunk.body[0].body[0]  # type: ignore[union-attr]
    assert isinstance(fit, ir.FunctionDef)
    result = fit.body[-1]
    assert isinstance(result, ir.Return)
    assert isinstance(result.value, ir.Call)
    assert chunk.text[result.value.start : result.value.end] == "slim.conv2d(x, 64, [3, 3])"
    assert chunk.text == PYTHON_2


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("exec 'x' in y", "`exec` statement"),
        ("exec code", "`exec` statement"),
        ("print 'a' % b,", "`print` statement"),
        ("print", ""),
        ("print ('a'), b", ""),
        ("print >>f, x", ""),
        ("print is None", ""),
        ("x = `y`", "backticks"),
        ("x = 10L", "number ending in `L`"),
        ("x = ur'\\d'", "`ur''` string"),
        ("x = lambda (a, b): a", "tuple as a parameter"),
        ("x.cuda(async=True)", "`async` is a keyword"),
    ],
)
def test_python_2_lines(line: str, what: str) -> None:
    source = parse("a.py", f"def f(x):\n    {line}\n    return g(x)\n")
    assert names(source) == ["f"]
    assert [what in message for message, _ in said(source)] == ([True] if what else [])
    body = source.chunks[0].body[0].body  # type: ignore[union-attr]
    assert source.text[body[-1].start : body[-1].end] == "return g(x)"


def test_python_2_next_to_a_real_error_is_named_with_it() -> None:
    source = parse("a.py", "def f(x):\n    print 'a'\n    y = = 1\n")
    assert [place for _, place in said(source)] == ["print 'a'", "="]
    assert not source.chunks


def test_except_comma_is_python_2_even_where_libcst_takes_it() -> None:
    source = parse("a.py", "try:\n    f()\nexcept ValueError, e:\n    g()\n")
    ((message, _),) = said(source)
    assert message.startswith("Python 2 syntax: `except X, name`")
    (handler,) = source.chunks[0].body[0].handlers  # type: ignore[union-attr]
    assert isinstance(handler[0], ir.Name)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# only a comment", "x = 1", "x = 1\r\ny = 2\r\n", "x = 1\ry = 2\r", "\ufeffx = 1\n", "x = '\ud800'\n",
     "\fx = 1\n", "if x:\n    a\n\f    b\n", "if x:\n\ta\n\tb", "x = 1;\n", "\\\n", "x = '\u2028 \x85 \v'\n"],
)  # fmt: skip
def test_odd_files_are_fine(text: str) -> None:
    source = parse("a.py", text)
    assert not source.problems or text == "\\\n"
    for chunk in source.chunks:
        assert text[chunk.base : chunk.base + len(chunk.text)] == chunk.text
        for stmt in chunk.body:
            assert chunk.text[stmt.start : stmt.end].strip() == chunk.text[stmt.start : stmt.end] != ""


BIG = 1_000_000
PATHOLOGICAL = {
    "sum of 2,000": "x = " + "1+" * 2_000 + "1\n",
    "chain of 1,000 calls": "x = a" + ".b(1)" * 1_000 + "\n",
    "chain near the limit": "x = a" + ".b(1)" * 330 + "\n",
    "elif ladder": "if a: b\n" + "elif a: b\n" * 3_000,
    "brackets": "x = " + "[" * 500 + "]" * 500 + "\n",
    "nested calls": "x = " + "f(" * 500 + ")" * 500 + "\n",
    "conditions": "x = " + "1 if a else " * 900 + "1\n",
    "list of 100,000": "x = [" + "1, " * 100_000 + "]\n",
    "5 MB sum": "x = " + "1 + " * (BIG + BIG // 4) + "1\n",
    "5 MB sum on lines": "x = (\n" + "1 +\n" * (BIG + BIG // 4) + "1)\n",
    "5 MB chain": "x = a" + ".b(1)" * BIG + "\n",
    "5 MB list": "x = [\n" + "  0.25,\n" * (BIG // 2) + "]\n",
    "5 MB string": "x = '''" + "a\n" * (2 * BIG) + "'''\n",
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_what_libcst_would_take_minutes_for_is_refused_at_once(name: str) -> None:
    start = time.process_time()
    source = parse("a.py", PATHOLOGICAL[name] + "class A:\n    pass\n")
    assert time.process_time() - start < 2.0
    assert [problem.message for problem in source.problems] in (
        ["expression too deeply nested to analyse"],
        ["too large to analyse"],
    )
    assert names(source) == ["A"]


def test_long_literals_that_people_write_are_read() -> None:
    text = "x = {\n" + "    'name': (1, 2.5, [3, 4]),\n" * 1_000 + "}\n" + "y = '" + "a" * 5_000 + "'\n"
    source = parse("a.py", text)
    assert not source.problems
    assert len(source.chunks) == 2


@settings(max_examples=200, deadline=None)
@given(damaged())
def test_no_damage_makes_it_raise_and_every_offset_is_in_the_file(text: str) -> None:
    source = parse("a.py", text)
    for problem in source.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert "\n" not in problem.message
        assert len(problem.message) < 160
    ends = [0]
    for chunk in source.chunks:
        assert chunk.base >= ends[-1]
        assert text[chunk.base : chunk.base + len(chunk.text)] == chunk.text
        ends.append(chunk.base + len(chunk.text))
    for comment in [*source.comments, *comments_of(text)]:
        assert text[comment.start : comment.end] == comment.text
        assert comment.text.startswith("#")


def test_a_memo_gives_the_same_body_back() -> None:
    memo: dict[str, list[ir.Stmt]] = {}
    first = parse("a.py", "import a\n\ndef f():\n    return 1\n", memo)
    second = parse("a.py", "import abc\n\ndef f():\n    return 1\n", memo)
    assert second.chunks[1].body is first.chunks[1].body
    assert second.chunks[1].base == first.chunks[1].base + 2


def test_a_file_is_decoded_as_python_would() -> None:
    assert decode("x = 'é'\n".encode()) == "x = 'é'\n"
    assert decode(b"\xef\xbb\xbfx\r\n") == "\ufeffx\r\n"
    assert decode("# vim: set fileencoding=latin-1 :\nx = 'é'\n".encode("latin-1")).endswith("'é'\n")
    assert decode(b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\nx = '\x80'\n").endswith("'€'\n")
    assert decode(b"import a\n# coding: latin-1\n") == "import a\n# coding: latin-1\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = 1\ny = '\xe9'\n", "line 2 is not utf-8: byte 0xe9"),
        (b"# coding: klingon\n", "unknown encoding `klingon`"),
        (b"# coding: hex\n", "unknown encoding `hex`"),
        ("x".encode("utf-16"), "the file is UTF-16; Python reads UTF-8"),
    ],
)
def test_a_file_that_is_no_text_says_why(data: bytes, message: str) -> None:
    with pytest.raises(NotText, match=message.replace("(", "\\(")):
        decode(data)


def test_libcst_is_not_imported_before_there_is_something_that_cpython_does_not_take() -> None:
    code = (
        "import sys, archlint.source.parse as p, archlint.source.index\n"
        "p.parse('a.py', '# archlint: file-ignore[ARC101]\\nx = 1')\n"
        "assert 'libcst' not in sys.modules\n"
        "p.parse('a.py', 'print x')\n"
        "assert 'libcst' in sys.modules\n"
        "assert not any(m in sys.modules for m in ('libcst.matchers', 'networkx'))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""Comments that speak to archlint."""

from __future__ import annotations

import pytest

from archlint.source.comments import comments_of
from archlint.source.model import Directive
from archlint.source.parse import parse

KINDS = "`ignore`, `file-ignore`, `disable`, `enable`, `input`, `skip-model`"


def directive(comment: str) -> Directive:
    (found,) = parse("a.py", f"x = 1  {comment}\n").directives
    return found


@pytest.mark.parametrize(
    ("comment", "kind", "codes", "value"),
    [
        ("# archlint: ignore", "ignore", (), ""),
        ("# archlint: ignore[ARC101]", "ignore", ("ARC101",), ""),
        ("#archlint:ignore[arc101]", "ignore", ("ARC101",), ""),
        (
            "# archlint: ignore[ARC101, flatten-before-timestep-dense] we mean it",
            "ignore",
            ("ARC101", "flatten-before-timestep-dense"),
            "we mean it",
        ),
        ("# archlint: file-ignore[ARC204]", "file-ignore", ("ARC204",), ""),
        ("# archlint: input=(N, 3, 32, 32)", "input", (), "(N, 3, 32, 32)"),
        ("# archlint: input = x: (N, 3); y: (N,)", "input", (), "x: (N, 3); y: (N,)"),
        ("# archlint: input=(N, 3), (N, 4)", "input", (), "(N, 3), (N, 4)"),
        ("# archlint: skip-model", "skip-model", (), ""),
        ("# noqa", "noqa", (), ""),
        ("#NOQA", "noqa", (), ""),
        ("# noqa: ARC101, E501 ARC204", "noqa", ("ARC101", "ARC204"), ""),
        ("# type: ignore # noqa:arc101 because", "noqa", ("ARC101",), ""),
        ("# type: ignore  # archlint: ignore[ARC101]", "ignore", ("ARC101",), ""),
    ],
)
def test_a_directive_is_read(comment: str, kind: str, codes: tuple[str, ...], value: str) -> None:
    found = directive(comment)
    assert (found.kind, found.codes, found.value) == (kind, codes, value)


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# archlint: ignroe[ARC101]", "unknown directive `ignroe`; did you mean `ignore`?"),
        ("# archlint: skip", "unknown directive `skip`; did you mean `skip-model`?"),
        ("# archlint: fix=1", f"unknown directive `fix`; write one of {KINDS}"),
        ("# archlint: ignore ARC101", "write the rules in brackets: `ignore[ARC101]`"),
        ("# archlint: ignore=ARC101", "write the rules in brackets: `ignore[ARC101]`"),
        ("# archlint: ignore[]", "`ignore[]` names no rule; write `ignore[ARC101]`"),
        ("# archlint: ignore[ARC101", "`]` is missing after `ignore[`"),
        ("# archlint: ignore[ARC 101]", "`ARC 101` is not the code or name of a rule"),
        ("# archlint: file-ignore", "`file-ignore` needs the rules it is for: `file-ignore[ARC101]`"),
        ("# archlint: input", "`input` needs a shape: `input=(N, 3, 32, 32)`"),
        ("# archlint: input=(N, 3", "`input` needs a shape in parentheses: `input=(N, 3, 32, 32)`"),
        ("# archlint: skip-model=yes", "`skip-model` takes no value"),
        ("# archlint:", f"nothing to do after `archlint:`; write one of {KINDS}"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_directive_is_explained(comment: str, message: str) -> None:
    found = directive(comment)
    assert (found.kind, found.value) == ("bad", message)


@pytest.mark.parametrize("comment", ["# noqa: E501", "# see archlint for more", "# noqarchlint", "x = '# noqa'"])
def test_other_comments_say_nothing_to_us(comment: str) -> None:
    assert not parse("a.py", f"{comment}\n").directives


def test_a_directive_knows_its_line_and_whether_code_stands_before_it() -> None:
    text = (
        'x = """\n# noqa\n"""\r\n# archlint: ignore\nclass A:  # archlint: skip-model\n    pass\n    # noqa: ARC101\n'
    )
    found = parse("a.py", text).directives
    assert [(each.kind, each.line, each.trailing) for each in found] == [
        ("ignore", 4, False),
        ("skip-model", 5, True),
        ("noqa", 7, False),
    ]
    assert [text[each.start : each.end] for each in found][1] == "# archlint: skip-model"


def test_comments_of_a_broken_file_are_found() -> None:
    text = "x = (1,  # one\ndef f():  # two\n    '# no' # three\n# four\ny = 'open # five\n"
    assert [comment.text for comment in comments_of(text)] == ["# one", "# two", "# three", "# four", "# five"]
    assert [comment.text for comment in parse("a.py", text).comments] == [c.text for c in comments_of(text)]

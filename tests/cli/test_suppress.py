"""Which comment silences which finding."""

from __future__ import annotations

import pytest

from archlint.diagnostic import Diagnostic
from archlint.options import Options
from archlint.rule import Finding
from archlint.source.parse import parse
from archlint.suppress import suppress
from archlint.text import Span

CODE, NAME = "ARC102", "channel-mismatch"


def silenced(text: str, words: str = "bad") -> bool:
    """Is a finding at the first `words` suppressed?"""
    start = text.index(words)
    found = Diagnostic(CODE, NAME, "error", "proven", "Net", Finding(Span("m.py", start, start + len(words)), "m"))
    source = parse("m.py", text)
    return not suppress([found], {"m.py": source}.get).kept


@pytest.mark.parametrize(
    "comment",
    [
        "# archlint: ignore",
        "# archlint: ignore[ARC102]",
        "# archlint: ignore[ARC1]",
        "# archlint: ignore[channel-mismatch]",
        "# archlint: ignore[ARC204, ARC102] the channels are swapped at run time",
        "# noqa",
        "# noqa: ARC102",
        "# noqa: E501, ARC102",
        "# type: ignore  # noqa: ARC102",
    ],
)
def test_a_comment_behind_the_line_silences_it(comment: str) -> None:
    assert silenced(f"x = conv(bad)  {comment}\n")
    assert not silenced(f"y = 1  {comment}\nx = conv(bad)\n")


@pytest.mark.parametrize(
    "comment",
    [
        "# archlint: ignore[ARC204]",
        "# archlint: ignore[ARC999, no-such-rule]",
        "# archlint: ignore[flatten]",
        "# archlint: shrug",
        "# archlint: input=(N, 3)",
        "# noqa: E501",
        "# noqa: ARC204",
        "# an ignored ARC102",
    ],
)
def test_another_comment_does_not(comment: str) -> None:
    assert not silenced(f"x = conv(bad)  {comment}\n")


def test_a_comment_on_a_line_of_its_own_is_for_the_next_line_of_code() -> None:
    assert silenced("# archlint: ignore[ARC102]\n\n# why: see above\nx = conv(bad)\n")
    assert silenced("def f():\n    # archlint: ignore\n    x = conv(bad)\n")
    assert not silenced("# archlint: ignore\ny = 1\nx = conv(bad)\n")
    assert not silenced("x = conv(bad)\n# archlint: ignore\n")


def test_a_noqa_on_a_line_of_its_own_is_for_that_line() -> None:
    assert not silenced("# noqa\nx = conv(bad)\n")


@pytest.mark.parametrize("line", range(5))
def test_a_comment_at_any_line_of_the_call_silences_it(line: int) -> None:
    lines = ["self.conv = Conv2d(", "    bad,", "    64,", "    3,", ")"]
    lines[line] += "  # archlint: ignore[ARC102]"
    assert silenced("\n".join(lines))


@pytest.mark.parametrize(("line", "hit"), [(0, True), (1, False), (2, True), (3, False), (4, True)])
def test_in_a_long_list_a_comment_means_its_own_layer_or_at_the_ends_all(line: int, hit: bool) -> None:
    lines = ["net = Sequential(", "    Conv2d(3, 8),", "    Conv2d(bad, 8),", "    Conv2d(8, 8),", ")"]
    lines[line] += "  # archlint: ignore[ARC102]"
    assert silenced("\n".join(lines)) is hit


def test_a_comment_on_its_own_line_inside_a_list_is_for_the_next_layer() -> None:
    assert silenced("net = Sequential(\n    Conv2d(3, 8),\n    # archlint: ignore\n    Conv2d(bad, 8),\n)")
    assert not silenced("net = Sequential(\n    # archlint: ignore\n    Conv2d(3, 8),\n    Conv2d(bad, 8),\n)")


def test_a_comment_behind_the_head_of_a_class_is_not_for_its_body() -> None:
    text = "class Net(Module):  # archlint: ignore\n    def forward(self, x):\n        return conv(bad)\n"
    assert not silenced(text)
    assert silenced(text, "Net")
    assert silenced("class Net(\n    Module,\n):  # archlint: ignore\n    pass\n", "Net")


def test_a_finding_over_several_lines_is_silenced_on_any_of_them() -> None:
    text = "x = f(\n    a,  # noqa: ARC102\n    b)\n"
    assert silenced(text, text[4:].strip())


@pytest.mark.parametrize(
    "comment",
    ["# archlint: file-ignore[ALL]", "# archlint: file-ignore[ARC1]", "# archlint: file-ignore[channel-mismatch]"],
)
def test_a_file_can_be_silenced_from_any_line(comment: str) -> None:
    assert silenced(f"{comment}\n\nx = conv(bad)\n")
    assert silenced(f"x = conv(bad)\n{comment}\n")
    assert not silenced("# archlint: file-ignore[ARC2]\nx = conv(bad)\n")


def test_a_comment_in_a_string_is_no_comment() -> None:
    assert not silenced('x = conv(bad, "# archlint: ignore")\n')


def test_a_comment_works_in_a_file_that_does_not_parse() -> None:
    assert silenced("x = = 3\ny = conv(bad)  # archlint: ignore\n")
    assert silenced("x = (bad  # archlint: ignore\n")


def test_what_a_comment_was_good_for_is_known() -> None:
    source = parse("m.py", "x = bad  # archlint: ignore[ARC204, ARC1]\ny = 1  # noqa\n")
    found = Diagnostic(CODE, NAME, "error", "proven", "", Finding(Span("m.py", 4, 7), "m"))
    result = suppress([found], {"m.py": source}.get)
    assert result.kept == []
    assert [(path, directive.line, code) for path, directive, code in result.used] == [("m.py", 1, "ARC1")]


def test_a_finding_in_a_file_that_is_not_at_hand_is_kept() -> None:
    found = Diagnostic(CODE, NAME, "error", "proven", "", Finding(Span("gone.py", 4, 7), "m"))
    assert suppress([found], lambda path: None).kept == [found]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("# archlint: disable[ARC102]\ny = 1\nx = conv(bad)\n", True),
        ("# archlint: disable[ARC1, ARC204] why\nx = conv(bad)\n", True),
        ("# archlint: disable[channel-mismatch]\nx = conv(\n    bad,\n)\n", True),
        ("# archlint: disable[ARC204]\nx = conv(bad)\n", False),
        ("x = conv(bad)\n# archlint: disable[ARC102]\n", False),
        ("# archlint: disable[ARC102]\ny = 1\n# archlint: enable[ARC102]\nx = conv(bad)\n", False),
        ("# archlint: disable[ARC102]\ny = 1\n# archlint: enable\nx = conv(bad)\n", False),
        ("# archlint: disable[ARC102]\nx = conv(bad)\n# archlint: enable\n", True),
        ("# archlint: disable[ARC102, ARC204]\n# archlint: enable[ARC204]\nx = conv(bad)\n", True),
        ("# archlint: disable[ARC102, ARC204]\n# archlint: enable[ARC102]\nx = conv(bad)\n", False),
        ("y = 1  # archlint: disable[ARC102]\nx = conv(bad)\n", True),
        ("def f():\n    # archlint: disable[ARC102]\n    y = 1\n    x = conv(bad)\n", True),
        ("def f():\n    # archlint: disable[ARC102]\n    y = 1\n\n\nx = conv(bad)\n", False),
        (
            "class A:\n    def f():\n        y = 1  # archlint: disable[ARC102]\n    def g():\n        conv(bad)\n",
            False,
        ),
        (
            "class A:\n    # archlint: disable[ARC102]\n    def f():\n        y = 1\n    def g():\n        conv(bad)\n",
            True,
        ),
        ("def f():\n    # archlint: disable[ARC102]\n    y = 1\n# archlint: enable[ARC102]\nx = conv(bad)\n", False),
        ("net = [\n    # archlint: disable[ARC102]\n    conv(bad),\n    # archlint: enable[ARC102]\n]\n", True),
        ("s = '''\n# archlint: disable[ARC102]\n'''\nx = conv(bad)\n", False),
    ],
)
def test_a_range_silences_what_begins_in_it(text: str, hit: bool) -> None:
    assert silenced(text) == hit


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# archlint: enable[ARC102]\n", "nothing to enable: no `disable[ARC102]` stands above; remove it"),
        ("# archlint: enable\n", "nothing to enable: no `disable[...]` stands above; remove it"),
        ("# archlint: disable\n", "`disable` needs the rules it is for: `disable[ARC101]`"),
        (
            "# archlint: disable[ARC1]\n# archlint: enable[ARC102]\n",
            "nothing to enable: no `disable[ARC102]` stands above; remove it",
        ),
        (
            "def f():\n    # archlint: disable[ARC102]\n    pass\n# archlint: enable[ARC102]\n",
            "nothing to enable: `disable[ARC102]` above stands in a block that is over; indent the two alike",
        ),
    ],
)
def test_a_range_that_is_none_is_explained(text: str, why: str) -> None:
    assert [d.value for d in parse("m.py", text).directives if d.kind == "bad"] == [why]


@pytest.mark.parametrize(
    ("options", "hit"), [(Options(), True), (Options(suppressions=False), False), (Options(noqa=False), False)]
)
def test_a_run_may_take_no_notice_of_comments(options: Options, hit: bool) -> None:
    text = "x = conv(bad)  # noqa: ARC102\n"
    found = Diagnostic(CODE, NAME, "error", "proven", "Net", Finding(Span("m.py", 9, 12), "m"))
    assert bool(suppress([found], {"m.py": parse("m.py", text)}.get, lambda path: options).kept) != hit

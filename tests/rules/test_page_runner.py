"""The page runner fails where a claim does not hold: it would be worth nothing otherwise."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.options import Options
from page_runner import check_example
from pages import read_page

NET = """
    # A page

    ## Example

    ```python
    import torch.nn as nn

    net = nn.Sequential(
        nn.Conv2d(3, 8, 3),{first}
        nn.Conv2d(4, 8, 3),{second}
    )
    ```
"""


def problems(first: str = "", second: str = "") -> list[tuple[int, str]]:
    page = dedent(NET).replace("{first}", first).replace("{second}", second)
    (example,) = read_page(page)[1].examples
    return check_example(example, Options())


def test_a_claim_that_holds_is_no_problem() -> None:
    assert problems("  # shape: (N, 8, H - 2, W - 2)", '  # error: [ARC102] "expects 4 channels"') == []


def test_a_finding_that_is_not_claimed_is_a_problem_at_its_line_of_the_page() -> None:
    ((line, text),) = problems()
    assert (line, text[:24]) == (11, "unexpected error: [ARC10")


@pytest.mark.parametrize("claim", ['# error: [ARC102] "expects 5"', "# warning: [ARC102]", "# error: [ARC104]"])
def test_a_claim_with_the_wrong_text_severity_or_rule_is_missed(claim: str) -> None:
    assert ["missing" in text for _, text in problems(second=f"  {claim}")].count(True) == 1


def test_a_wrong_shape_is_a_problem_that_says_the_right_one() -> None:
    assert (10, "shape is (N, 8, H - 2, W - 2), not (N, 8)") in problems("  # shape: (N, 8)")


def test_files_with_names_belong_to_the_next_fence_without_one() -> None:
    page = "# P\n\n`block.py`:\n\n```python\nWIDTH = 8\n```\n\n```python\nimport block\n```\n\n```python\nx = 1\n```\n"
    files = [list(e.files) for e in read_page(page)[0].examples]
    assert files == [["block.py", "model.py"], ["model.py"]]


def test_a_claim_on_its_own_line_is_about_the_next() -> None:
    page = "# P\n\n```python\n# error: [ARC102]\n# error: [ARC104]\nf()\n```\n"
    (example,) = read_page(page)[0].examples
    assert [(c.rule, c.line) for c in example.findings()] == [("ARC102", 3), ("ARC104", 3)]

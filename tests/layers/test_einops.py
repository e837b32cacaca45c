"""Every einops declaration against einops: live where it is installed with torch, else against recorded answers.

`ARCHLINT_CASES=200 pytest tests/layers/test_einops.py` for more cases; `ARCHLINT_RECORD=1` writes the answers anew.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
from collections.abc import Iterator

import pytest
from einops_cases import CASES
from torch_differential import PREFIX, Answer, cases_of, compare, declared, digest, read, write

LIVE = all(importlib.util.find_spec(name) for name in ("torch", "einops"))
COUNT = int(os.environ.get("ARCHLINT_CASES", PREFIX))
RECORDING = LIVE and "ARCHLINT_RECORD" in os.environ

NOT_RUN = {"einops.asnumpy"}
"""Gives an array of numpy, no tensor."""


@pytest.fixture(scope="session")
def recorded() -> Iterator[dict[str, tuple[str, list[Answer]]]]:
    found = {} if RECORDING else read("einops")
    yield found
    if RECORDING:
        write("einops", found)


@pytest.mark.parametrize("name", sorted(CASES))
def test_says_what_einops_does(name: str, recorded: dict[str, tuple[str, list[Answer]]]) -> None:
    """No fault where einops accepts, no other shape or count than its own, symbols and unknowns included."""
    cases = cases_of(name, CASES[name], COUNT if LIVE else PREFIX)
    if LIVE:
        from einops_execution import execute

        answers = [execute(case) for case in cases]
        if RECORDING:
            recorded[name] = (digest(cases[:PREFIX]), answers[:PREFIX])
    else:
        mark, answers = recorded[name]
        assert mark == digest(cases), f"the cases of {name} have changed: ARCHLINT_RECORD=1 pytest {__file__}"
    tally = compare(name, cases, answers)
    assert not tally.wrong, "\n".join(tally.wrong[:5])
    assert tally.verdicts["agree"] > len(cases) // 4, tally.verdicts


def test_every_declaration_is_compared() -> None:
    assert {s.name for s in declared("einops.")} - set(CASES) == NOT_RUN


@pytest.mark.skipif(not LIVE, reason="needs einops")
@pytest.mark.parametrize("name", sorted(CASES))
def test_signature(name: str) -> None:
    """The names of the parameters are those of einops itself."""
    from einops_execution import resolve

    ours = next(s for s in declared("einops.") if s.name == name)
    theirs = [p for p in inspect.signature(resolve(name)).parameters if p != "self"]
    assert list(ours.signature.parameters) == theirs

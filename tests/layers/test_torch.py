"""Every torch declaration against torch: live where torch is installed, else against its recorded answers.

`ARCHLINT_CASES=200 pytest tests/layers/test_torch.py` for more cases; `ARCHLINT_RECORD=1` writes the answers anew.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator

import pytest
import torch_cases_create  # noqa: F401  adds its cases
from torch_cases_functional import FUNCTIONS, LAYERS
from torch_differential import PREFIX, Answer, cases_of, compare, declared, digest, read, write

GENERATORS = {**LAYERS, **FUNCTIONS}
LIVE = importlib.util.find_spec("torch") is not None
COUNT = int(os.environ.get("ARCHLINT_CASES", PREFIX))
RECORDING = LIVE and "ARCHLINT_RECORD" in os.environ

NOT_RUN = {
    "torch.Tensor", "torch.Tensor.share_memory_", "torch.Tensor.cuda", "torch.Tensor.pin_memory", "torch.Tensor.xpu",
    "torch.Tensor.item", "torch.is_tensor", "torch.is_complex", "torch.is_floating_point",
}  # fmt: skip
"""Declarations that need a device, or give no tensor."""

MISSES = {
    "ConvTranspose": "some kernels refuse an output of no positions, others do not",
    "conv_transpose": "some kernels refuse an output of no positions, others do not",
    "torch.nn.functional.dropout2d": "refuses a vector in training only",
    "torch.nn.functional.dropout3d": "refuses a vector in training only",
    "torch.dstack": "tensors of few axes are raised first: not modelled",
    "torch.vstack": "tensors of few axes are raised first: not modelled",
    "torch.arange": "steps in the wrong direction",
    "torch.broadcast_shapes": "gives a plain value, which cannot carry a fault",
    "torch.Tensor.size": "gives a plain value, which cannot carry a fault",
    "torch.diff": "axes that do not exist",
    "torch.tensor_split": "axes that do not exist",
}
"""Errors of torch that no declaration finds in more than one case of 25, and why."""


@pytest.fixture(scope="session")
def recorded() -> Iterator[dict[str, tuple[str, list[Answer]]]]:
    found = {} if RECORDING else read("torch")
    yield found
    if RECORDING:
        write("torch", found)


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_says_what_torch_does(name: str, recorded: dict[str, tuple[str, list[Answer]]]) -> None:
    """No fault where torch accepts, no other shape or count than torch's, symbols and unknowns included."""
    cases = cases_of(name, GENERATORS[name], COUNT if LIVE else PREFIX)
    if LIVE:
        from torch_execution import execute

        answers = [execute(case) for case in cases]
        if RECORDING:
            recorded[name] = (digest(cases[:PREFIX]), answers[:PREFIX])
    else:
        assert name in recorded, f"no recorded answers for {name}: ARCHLINT_RECORD=1 pytest {__file__}"
        mark, answers = recorded[name]
        assert mark == digest(cases), f"the cases of {name} have changed: ARCHLINT_RECORD=1 pytest {__file__}"
    tally = compare(name, cases, answers)
    assert not tally.wrong, "\n".join(tally.wrong[:5])
    few = tally.verdicts["missed"] <= max(1, len(cases) // 25)
    assert few or any(k in name for k in MISSES), tally.missed.most_common(5)
    assert tally.verdicts["agree"] + tally.verdicts["unknown"] > 0, tally.verdicts


def test_every_declaration_is_compared() -> None:
    """A declaration without random cases is not proven."""
    alone = {s.name for s in declared("torch.") if not any(n in GENERATORS for n in s.names)}
    assert alone == NOT_RUN


def test_enough_is_declared() -> None:
    assert len(declared("torch.")) > 500

"""One mistake, one finding: what only follows from another finding is not reported besides."""

from __future__ import annotations

from archlint.check import check_texts

FLAT = """
import torch
from torch import nn

model = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.MaxPool2d(4), nn.Flatten(0), nn.Linear(16 * 8 * 8, 10))
criterion = nn.CrossEntropyLoss()
output = model(torch.rand(20, 3, 32, 32))
loss = criterion(output, torch.randint(10, (20,)))
"""


def codes(source: str) -> list[str]:
    report = check_texts({"net.py": source})
    assert not report.internal_errors
    return [d.code for d in report.diagnostics]


def test_a_flattened_batch_is_the_cause_of_what_the_linear_layer_and_the_loss_get() -> None:
    assert codes(FLAT) == ["ARC202"]
    assert codes(FLAT.replace("Flatten(0)", "Flatten()")) == []
    assert codes(FLAT.replace("Flatten(0)", "Flatten()").replace("16 * 8 * 8", "100")) == ["ARC104"]

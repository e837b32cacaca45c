"""A loss that is given what is no tensor, because the model returns nothing, or several: unknown, never our failure."""

from __future__ import annotations

import pytest

from archlint.check import check_texts

NET = """
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        y = self.fc(x)
        {ending}

net = Net()
out = net(torch.randn(8, 4))
loss = {loss}
"""
LOSSES = [
    "nn.L1Loss()", "nn.MSELoss()", "nn.HuberLoss()", "nn.SmoothL1Loss()", "nn.BCELoss()", "nn.BCEWithLogitsLoss()",
    "nn.KLDivLoss()", "nn.CrossEntropyLoss()", "nn.NLLLoss()", "nn.PoissonNLLLoss()", "nn.SoftMarginLoss()",
    "nn.MultiLabelMarginLoss()", "nn.MultiLabelSoftMarginLoss()", "nn.MultiMarginLoss()", "nn.HingeEmbeddingLoss()",
    "F.cross_entropy", "F.nll_loss", "F.mse_loss", "F.l1_loss", "F.binary_cross_entropy", "F.kl_div",
    "F.binary_cross_entropy_with_logits", "F.smooth_l1_loss", "F.huber_loss", "F.multi_margin_loss",
]  # fmt: skip
THREE = ["nn.TripletMarginLoss()", "nn.CosineEmbeddingLoss()", "nn.MarginRankingLoss()", "nn.GaussianNLLLoss()"]


@pytest.mark.parametrize("ending", ["print(y)", "return y, x"])
@pytest.mark.parametrize("loss", LOSSES + THREE)
def test_nothing_is_made_up_and_nothing_fails(loss: str, ending: str) -> None:
    targets = ", torch.ones(8)" * (2 if loss in THREE else 1)
    report = check_texts({"net.py": NET.format(ending=ending, loss=f"{loss}(out{targets})")})
    assert not report.internal_errors
    errors = [d for d in report.diagnostics if d.severity == "error" and "loss" in d.finding.message]
    assert all("is given a tuple" in d.finding.message for d in errors)

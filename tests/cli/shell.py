"""What tests of the command line share: a clean and a broken model, and the outcome of a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

ROOT = Path(__file__).parents[2]

CLEAN = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3)
        self.conv2 = nn.Conv2d(16, 32, 3)

    def forward(self, x):
        return self.conv2(self.conv1(x).relu())
"""
BROKEN = CLEAN.replace("nn.Conv2d(16, 32, 3)", "nn.Conv2d(64, 32, 3)")
"""ARC102 channel-mismatch: an error."""


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]
Process = Callable[..., "CompletedProcess[str]"]


def notebook(*cells: str | tuple[str, str], language: str = "python") -> str:
    """A notebook as Jupyter saves it; a cell that is no code is given with its type: ("markdown", "# Net")."""
    made = []
    for cell in cells:
        kind, source = ("code", cell) if isinstance(cell, str) else cell
        extra = {"execution_count": 1, "outputs": [{"data": {"text/plain": ["é ☃"]}}]} if kind == "code" else {}
        made.append({"cell_type": kind, **extra, "metadata": {"tags": []}, "source": source.splitlines(True)})
    kernel = {"kernelspec": {"display_name": "K", "language": language, "name": "k"}}
    whole = {"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"

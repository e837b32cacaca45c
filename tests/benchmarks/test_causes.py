"""What stops a model is named once, with everything that fell with it."""

from __future__ import annotations

import textwrap

from archlint.check import analyze_texts
from benchmarks.causes import causes


def test_layers_after_a_stop_count_for_the_stop() -> None:
    text = """
    from torch import nn
    from elsewhere import mystery

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 3)
            self.act = nn.ReLU()
            self.pool = nn.Sigmoid()

        def forward(self, x):
            return self.pool(self.act(mystery(self.stem(x))))
    """
    [model] = analyze_texts({"net.py": textwrap.dedent(text)})
    found = causes(model)
    [(reason, count)] = found.items()
    assert "mystery" in reason
    assert count == 3


def test_a_model_that_is_understood_has_no_causes() -> None:
    [model] = analyze_texts({"net.py": "from torch import nn\nnet = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())\n"})
    assert not causes(model)

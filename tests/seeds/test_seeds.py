"""Six questions that people asked, as code: what archlint prints has to answer them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archlint.check import check_texts
from archlint.report.terminal import render

SEEDS = Path(__file__).resolve().parents[2] / "fixtures" / "seeds"

ANSWERS = {
    # Does the whole image go to every neuron?  And is the output (None, 128, 98, 98)?
    "receptive_field": [
        "comment says (None, 128, 98, 98), inferred (N, 98, 98, 128)",
        "128 filters (output channels) and 98x98x128 = 1,229,312 neurons, each reading 3x3x1 = 9 of the 10,000",
        "1,229,313 of 1,230,593 parameters",
    ],
    # Why 32 channels, and are they the number of neurons?
    "slim_channels": [
        "`tf.contrib.layers.conv2d` is no more",
        "32 filters (output channels) and 32x32x32 = 32,768 neurons",
        "inferred (N, 16, 16, 32)",
        "`logits` can never be negative",
    ],
    # Why 512 units, and what do they read?
    "cifar10_dense": [
        "1,180,160 of 1,250,858 parameters (94.3 %)",
        "6x6x64 values become one vector of 2,304",
    ],
    # Is Flatten and Dense the same as TimeDistributed(Dense)?
    "flatten_or_time_distributed": [
        "mixes all 4 time steps: 260 parameters instead of 20",
        "80 parameters: EinsumDense",
        "both have 55 parameters",
        "2,505 parameters, and every output reads all 50 steps",
    ],
    # How do CNN features get into an RNN, and why does it not fit into memory?
    "cnn_features_to_rnn": [
        "needs (batch, steps, features) but gets (N, 8, 8, 128)",
        "12,800 frames (128 clips of 100) at once: it keeps 14.3 GiB",
        "the features take 400 MiB",
    ],
    # How many layers are these, and which is the input layer?
    "slim_layer_count": [
        "it is hidden layer 1 of 1",
        "1 hidden layer of 6,000 neurons and 1 output layer; 4,770,010 parameters",
        "`output` can never be negative",
        "this one call makes 3 layers (32, 64, 128), each with ReLU",
    ],
}


def printed(seed: str) -> str:
    """What `archlint check` prints for a seed."""
    name = f"{seed}.py"
    return render(check_texts({name: (SEEDS / name).read_text(encoding="utf-8")}))


def test_every_seed_has_its_answers() -> None:
    assert sorted(path.stem for path in SEEDS.glob("*.py")) == sorted(ANSWERS)


@pytest.mark.parametrize("seed", sorted(ANSWERS))
def test_the_findings_answer_the_question(seed: str) -> None:
    text = printed(seed)
    missing = [answer for answer in ANSWERS[seed] if answer not in text]
    assert not missing, text


@pytest.mark.parametrize("seed", sorted(ANSWERS))
def test_the_output_is_the_expected_text(seed: str, request: pytest.FixtureRequest) -> None:
    expected = SEEDS / "expected" / f"{seed}.txt"
    text = printed(seed)
    if request.config.getoption("--accept"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("seed", "function"), [("flatten_or_time_distributed", "plain"), ("cnn_features_to_rnn", "chunked")]
)
def test_the_right_way_is_silent(seed: str, function: str) -> None:
    text = (SEEDS / f"{seed}.py").read_text(encoding="utf-8")
    begins = text.index(f"def {function}()")
    report = check_texts({f"{seed}.py": text})
    assert [d.finding.message for d in report.diagnostics if d.finding.span.start > begins] == []
    assert len(report.models) > 1

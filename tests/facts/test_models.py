"""Whole models from their source text, against what the frameworks themselves count."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archlint.check import analyze_texts
from archlint.facts.summary import Summary, summarize

MODELS = Path(__file__).parents[2] / "fixtures" / "models"


@dataclass(frozen=True)
class Truth:
    """Counted by the framework: trainable and other numbers, layer objects, bytes saved per sample (dropout apart)."""

    file: str
    model: str
    trainable: int
    other: int
    objects: int | None
    depth: int
    weight_layers: int
    saved: int | None = None


TRUTHS = [
    Truth("vgg16.py", "VGG16", 138_357_544, 0, 38, 16, 16, 73_254_912 - 2 * 4096 * 4 + 2 * 4096),
    Truth("resnet50.py", "ResNet", 25_557_032, 53_173, 108, 50, 54, 85_909_504),
    Truth("tagger.py", "Tagger", 1_635_153, 0, 4, 3, 2),
    Truth("unet.py", "UNet", 7_766_018, 5_906, 60, 23, 23, 42_991_616),
    Truth("unet_keras.py", "model", 488_035, 1_408, 52, 15, 15),
    Truth("cifar_keras.py", "model", 1_250_858, 0, 13, 6, 6),
    Truth("digits_slim.py", "digits", 4_770_010, 0, None, 2, 2),
]


def summary(truth: Truth) -> Summary:
    """The summary of the fixture's main model."""
    models = analyze_texts({truth.file: (MODELS / truth.file).read_text(encoding="utf-8")})
    return summarize(max(models, key=lambda m: len(m.nodes)))


@pytest.fixture(params=TRUTHS, ids=lambda t: t.file)
def truth(request: pytest.FixtureRequest) -> Truth:
    assert isinstance(request.param, Truth)
    return request.param


def test_numbers_are_the_framework_s(truth: Truth) -> None:
    totals = summary(truth).totals
    assert (totals.trainable, totals.non_trainable) == (truth.trainable, truth.other)


def test_layers_are_counted_by_every_convention(truth: Truth) -> None:
    counts = {c.name: c.count for c in summary(truth).counts}
    assert (counts["depth"], counts["weight layers"]) == (truth.depth, truth.weight_layers)
    assert counts.get("framework layers") == truth.objects


def test_bytes_saved_are_the_framework_s(truth: Truth) -> None:
    if truth.saved is not None:
        assert summary(truth).memory.saved_per_sample == truth.saved


def test_everything_is_understood(truth: Truth) -> None:
    table = summary(truth)
    assert table.understood[0] == table.understood[1] > 0
    assert all(not row.unknown for row in table.rows)


def test_receptive_field_of_resnet50() -> None:
    rows = {row.path: row for row in summary(TRUTHS[1]).rows}
    assert rows["stages.3.2.conv3"].receptive_field == "427x427"
    assert rows["fc"].receptive_field == "all"


def test_largest_layer_of_a_plain_classifier() -> None:
    totals = summary(TRUTHS[5]).totals
    assert totals.largest_params == 1_180_160
    assert totals.largest_share == pytest.approx(0.943, abs=5e-4)


def loaded(file: str) -> Any:
    spec = importlib.util.spec_from_file_location(Path(file).stem, MODELS / file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("truth", [t for t in TRUTHS if t.depth and "keras" not in t.file and "slim" not in t.file])
def test_recorded_torch_numbers(truth: Truth) -> None:
    pytest.importorskip("torch")
    module = loaded(truth.file)
    net = module.resnet50() if truth.model == "ResNet" else getattr(module, truth.model)()
    assert sum(p.numel() for p in net.parameters()) == truth.trainable
    assert sum(b.numel() for b in net.buffers()) == truth.other
    assert sum(not list(m.children()) for m in net.modules()) == truth.objects


@pytest.mark.parametrize("truth", [t for t in TRUTHS if "keras" in t.file])
def test_recorded_keras_numbers(truth: Truth) -> None:
    keras = pytest.importorskip("keras")
    model = loaded(truth.file).model
    trainable = sum(math.prod(w.shape) for w in model.trainable_weights)
    assert (trainable, model.count_params() - trainable) == (truth.trainable, truth.other)
    assert sum(not isinstance(one, keras.layers.InputLayer) for one in model.layers) == truth.objects

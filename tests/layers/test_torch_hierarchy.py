"""Which layers are which others, held against the classes themselves."""

from __future__ import annotations

import pytest

from archlint.layers.torch.hierarchy import derives


def test_each_pair_of_layers_is_related_as_in_torch() -> None:
    nn = pytest.importorskip("torch.nn")
    layers = {n: c for n, c in vars(nn).items() if isinstance(c, type) and issubclass(c, nn.Module)}
    told = {(a, b): derives(f"torch.nn.{a}", f"torch.nn.{b}") for a in layers for b in layers}
    wrong = [pair for pair, said in told.items() if said not in (None, issubclass(layers[pair[0]], layers[pair[1]]))]
    assert not wrong
    assert sum(said is not None for said in told.values()) > 20_000


def test_a_class_of_another_library_is_not_told() -> None:
    assert derives("torch.nn.Linear", "apex.normalization.FusedLayerNorm") is None

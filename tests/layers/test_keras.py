"""Keras layers and functions as declared, against Keras itself, or its recorded answers where it is not installed."""

from __future__ import annotations

import inspect
import os
import random
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

import keras2_cases
import keras_cases
import keras_op_cases
import keras_select_cases
import pytest
from differential import Case, Real, compare, drift, generate, read

from archlint.layers import SPECS, Out, find, load_all
from archlint.layers.keras.cells import both_directions
from archlint.text import Span
from archlint.values import Layer, Tensor

EACH = int(os.environ.get("ARCHLINT_CASES", "30"))
MAKERS = keras_cases.MAKERS | keras_op_cases.MAKERS | keras_select_cases.MAKERS
LIVE = find_spec("keras") is not None and find_spec("torch") is not None
LIVE2 = find_spec("tf_keras") is not None


def answers() -> Iterable[tuple[Case, Real]]:
    if not LIVE:
        return read("keras")
    from keras_execution import execute

    return ((case, execute(case)) for case in generate(MAKERS, EACH))


def answers2() -> Iterable[tuple[Case, Real]]:
    if not LIVE2:
        return read("keras2")
    from keras2_execution import execute

    return ((case, execute(case)) for case in generate(keras2_cases.MAKERS, EACH))


@pytest.mark.parametrize("source", [answers, answers2], ids=["keras 3", "keras 2"])
def test_declarations_agree_with_keras(source: Any) -> None:
    reports = compare(source(), blurred=True)
    bad = [line for report in reports.values() for line in report.bad]
    assert not bad, "\n".join(bad[:20])
    agreed = sum(r.counts["agree"] for r in reports.values())
    total = sum(
        sum(n for kind, n in r.counts.items() if " " not in kind or kind == "false positive") for r in reports.values()
    )
    assert agreed > 0.95 * total, f"only {agreed} of {total} cases are decided"


def test_every_common_layer_is_proven() -> None:
    makers = {make(random.Random(0)).name for make in (*MAKERS.values(), *keras2_cases.MAKERS.values())}
    proven = {name for name in makers if name.startswith("keras.layers.")}
    assert len(proven) > 95
    assert all(find(name) is not None for name in makers)


# Keras 1 names and defaults that Keras 3 dropped, and layers whose signature is a catch-all.
NOT_DRIFT = {"AveragePooling", "AvgPool", "RandomFlip", "Discretization"}


@pytest.mark.skipif(not LIVE, reason="needs Keras")
def test_signatures_are_those_of_keras() -> None:
    from keras_execution import resolve

    problems: list[str] = []
    load_all()
    for name in sorted(SPECS):
        if not name.startswith("keras.layers.") or any(part in name for part in NOT_DRIFT):
            continue
        try:
            real = resolve(name)
        except AttributeError:
            continue  # Keras 1 or 2
        problems += drift(name, inspect.signature(real))
    assert not problems, "\n".join(problems)


def _applied(name: str, x: Any, *args: Any, **kwargs: Any) -> Any:
    spec = find(name)
    assert spec is not None
    return spec.apply(x, spec.bind(args, kwargs))


@pytest.mark.skipif(not LIVE, reason="needs Keras")
@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave", None])
@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("state", [True, False])
def test_both_directions(merge_mode: str | None, sequences: bool, state: bool) -> None:
    import keras_execution
    from keras import KerasTensor, layers

    options = {"return_sequences": sequences, "return_state": state}
    one = _applied("keras.layers.LSTM", {"sequences": Tensor((2, 7, 3))}, 5, **options)
    mine = both_directions(one, one, merge_mode)
    real = layers.Bidirectional(layers.LSTM(5, **options), merge_mode=merge_mode)
    theirs = keras_execution._flat(real(KerasTensor((2, 7, 3))))
    outs = list(mine) if isinstance(mine, tuple) else [mine]
    assert [o.shape for o in outs] == [tuple(t.shape) for t in theirs]
    assert sum(o.params for o in outs) == real.count_params()


@pytest.mark.skipif(not LIVE, reason="needs Keras")
@pytest.mark.parametrize("names", [["LSTMCell"], ["GRUCell"], ["SimpleRNNCell"], ["LSTMCell", "LSTMCell"]])
def test_unrolled_cells(names: list[str]) -> None:
    from keras import KerasTensor, layers

    cells = [Layer(find("keras.layers." + n), {"units": 4 + i}, {}, Span("", 0, 0), i) for i, n in enumerate(names)]
    out: Out = _applied("keras.layers.RNN", {"sequences": Tensor((2, 7, 3))}, cells if len(cells) > 1 else cells[0])
    real_cells = [getattr(layers, n)(4 + i) for i, n in enumerate(names)]
    real = layers.RNN(real_cells if len(real_cells) > 1 else real_cells[0])
    assert out.shape == tuple(real(KerasTensor((2, 7, 3))).shape)
    assert out.params == real.count_params()


@pytest.mark.skipif(not LIVE, reason="needs Keras")
@pytest.mark.parametrize(("name", "args"), [("Dense", {"units": 5}), ("Conv1D", {"filters": 5, "kernel_size": 3})])
def test_spectral_normalization(name: str, args: dict[str, Any]) -> None:
    from keras import KerasTensor, layers

    spec = find("keras.layers." + name)
    assert spec is not None
    inner = Layer(spec, spec.bind((), args), {}, Span("", 0, 0), 1)
    out: Out = _applied("keras.layers.SpectralNormalization", Tensor((2, 7, 3)), inner)
    real = layers.SpectralNormalization(getattr(layers, name)(**args))
    assert out.shape == tuple(real(KerasTensor((2, 7, 3))).shape)
    assert isinstance(out.params, int)
    assert isinstance(out.state, int)
    assert out.params + out.state == real.count_params()

"""Runs one case in Keras 2, as `tf_keras`, on symbolic tensors."""

from __future__ import annotations

import os
from dataclasses import replace
from math import prod
from typing import Any

from differential import Case, Real, Shape, substitute

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")


def _resolve(name: str) -> Any:
    import tf_keras
    from tf_keras.src.layers.rnn.cudnn_gru import CuDNNGRU
    from tf_keras.src.layers.rnn.cudnn_lstm import CuDNNLSTM

    _, part, last = name.split(".")
    hidden = {"CuDNNGRU": CuDNNGRU, "CuDNNLSTM": CuDNNLSTM}
    return hidden.get(last) or getattr(getattr(tf_keras, part), last)


def execute(case: Case) -> Real:
    """What Keras 2 answers."""
    import tensorflow
    import tf_keras

    dtypes = [*case.dtypes, *["float32"] * len(case.inputs)]
    try:
        tensors = [tf_keras.Input(batch_shape=s, dtype=d) for s, d in zip(case.inputs, dtypes, strict=False)]
        target, layer = _resolve(case.name), None
        args, kwargs = substitute(case.args, tensors), substitute(case.kwargs, tensors)
        result = target(*args, **kwargs)
        if isinstance(target, type):
            layer, result = result, result(*substitute(case.call, tensors))
    except Exception as error:
        return Real(error=f"{type(error).__name__}: {str(error)[:60]}")
    if layer is None and not hasattr(result, "dtype"):
        return Real(value=result)
    flat = tensorflow.nest.flatten(result)
    shapes: list[Shape] = [tuple(t.shape) for t in flat]
    real = Real(shapes=shapes, dtypes=[t.dtype.name for t in flat])
    if layer is None:
        return real
    trained = sum(prod(w.shape) for w in layer.trainable_weights)
    return replace(real, params=trained, state=sum(prod(w.shape) for w in layer.non_trainable_weights))

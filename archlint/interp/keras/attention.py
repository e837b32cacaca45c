"""Keras' multi-head attention from inside: a subclass with a `call` of its own uses the projections of its base."""

from __future__ import annotations

from typing import Any

from archlint.dims import Size
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import construct
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.layers import find
from archlint.layers.families.attention import attention_macs
from archlint.layers.spec import Out
from archlint.text import Span
from archlint.values import Builtin, DictValue, Layer, Object, Reason, Tensor, Unknown, as_size

_SPEC = "keras.layers.MultiHeadAttention"
_DENSE = ("_query_dense", "_key_dense", "_value_dense", "_output_dense")


ABSENT = object()


def attribute(ev: Evaluator, frame: Frame, model: Object, name: str, where: Span) -> Any:
    """`self._query_dense`, `self._num_heads`, `self._compute_attention`; ABSENT for anything else."""
    native = model.native
    if native is None or native.spec.name != _SPEC:
        return ABSENT
    if name in _DENSE:
        return _projection(ev, model, native, name, where)
    if name == "_compute_attention":
        return Builtin(name, _attend)
    if name in ("_build_attention", "_get_common_kwargs_for_sublayer"):
        return Builtin(name, lambda ev, frame, arguments: DictValue({}))
    if name == "_value_dim":
        return _value_dim(native)
    return native.args.get(name[1:], ABSENT) if name.startswith("_") else ABSENT


def _value_dim(native: Layer) -> Any:
    value = native.args.get("value_dim")
    return native.args.get("key_dim") if value is None else value


def _projection(ev: Evaluator, model: Object, native: Layer, name: str, where: Span) -> Any:
    """The dense layer between features and heads; each is made once."""
    kept = model.attrs.get(f"__{name}__")
    if kept is not None:
        return kept
    heads, bias = native.args.get("num_heads"), native.args.get("use_bias", True)
    width = _value_dim(native) if name == "_value_dense" else native.args.get("key_dim")
    equation, axes, shape = "abc,cde->abde", "de", (None, heads, width)
    if name == "_output_dense":
        stated = native.args.get("output_shape")
        features = model.attrs.get("__query_features__") if stated is None else stated
        if features is None or isinstance(features, (tuple, list)):
            return Unknown(Reason.ARGUMENT, name, where)
        equation, axes, shape = "abcd,cde->abe", "e", (None, features)  # type: ignore[assignment]
    spec = find("keras.layers.EinsumDense")
    assert spec is not None
    keywords = {"equation": equation, "output_shape": shape, "bias_axes": axes if bias is True else None}
    if not isinstance(bias, bool):
        return Unknown(Reason.ARGUMENT, name, where)
    made = construct.layer(ev, spec, Arguments([], keywords, where))
    ev.heap.touch(model.attrs)
    model.attrs[f"__{name}__"] = made
    construct.adopt(model, name.strip("_"), made)
    return made


def note_query(ev: Evaluator, model: Object, arguments: Arguments) -> None:
    """The output has as many features as the query, unless it is told otherwise."""
    if model.native is None or model.native.spec.name != _SPEC:
        return
    query = arguments.get(0, "query")
    if isinstance(query, Tensor):
        features: Size = ev.refresh(query).features
        ev.heap.touch(model.attrs)
        model.attrs["__query_features__"] = features


def _attend(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """Heads in, heads out: `(batch, time, heads, features)`, and the scores."""
    given = [arguments.get(i, n) for i, n in enumerate(("query", "key", "value"))]
    tensors = [ev.refresh(t) for t in given if isinstance(t, Tensor)]
    if len(tensors) < 3 or any(t.shape is None or len(t.shape) != 4 for t in tensors):
        why = Unknown(Reason.ARGUMENT, "query, key and value", arguments.span)
        return (apply.opaque(ev, f"{_SPEC}._compute_attention", arguments, why), why)
    q, k, v = (t.shape or () for t in tensors)
    out = Out((*q[:3], as_size(v[3])), axes=(0, 1, 2, 3), sees_all=True, macs=attention_macs(q, k, v))
    scores = Out((q[0], q[2], q[1], k[1]))
    site = apply.Site(f"{_SPEC}._compute_attention", "attention", arguments.span)
    return apply.record(ev, site, tensors, (out, scores))

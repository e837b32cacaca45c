"""Data that meets models: `model.fit(x, y)`, `model.predict(x)`, `sess.run(loss, feed_dict={images: batch})`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archlint.dims import proven_different, show
from archlint.graph import Node
from archlint.interp.data import batches
from archlint.interp.evaluator import Evaluator
from archlint.interp.keras import models as keras_models
from archlint.interp.keras import taking as keras_taking
from archlint.interp.python import call as calls
from archlint.interp.python import functions, iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame
from archlint.interp.tensors import apply
from archlint.layers.keras import losses
from archlint.layers.keras.data import as_taken, input_fault
from archlint.layers.spec import Fault
from archlint.model import CompileRecord, DataRecord
from archlint.text import Span
from archlint.values import Array, Batches, DictValue, ListValue, Object, Reason, Shape, Tensor, Unknown

X_AND_Y = frozenset(["fit", "evaluate", "train_on_batch", "test_on_batch"])
X_ONLY = frozenset(["predict", "predict_on_batch", "predict_classes", "predict_proba"])
FROM_GENERATOR = frozenset(["fit_generator", "evaluate_generator", "predict_generator"])
_OWN_TRAINING = ("fit", "train_step", "test_step", "predict_step", "compute_loss", "make_train_function")
"""A model class that overrides one of these reads data in its own way."""
METHODS = X_AND_Y | X_ONLY | FROM_GENERATOR


@dataclass(slots=True)
class Given:
    """One argument of `fit`: its value and where it is written."""

    value: Any
    span: Span


def meet(ev: Evaluator, frame: Frame, model: Any, name: str, arguments: Arguments) -> None:
    """A Keras model is given data; what does not fit is written down for the rules."""
    if not isinstance(model, Object) or arguments.open or any(functions.method(model, n) for n in _OWN_TRAINING):
        return
    x, y = _given(arguments, 0, "x"), _given(arguments, 1, "y") if name in X_AND_Y else None
    if name in FROM_GENERATOR:
        x, y = _given(arguments, 0, "generator"), None
    if x is not None:
        _pair(ev, frame, model, name, x, y)
    held_out = _given(arguments, 7, "validation_data") if name in ("fit", "fit_generator") else None
    if held_out is None or (name == "fit_generator" and "validation_data" not in arguments.keywords):
        return
    parts = held_out.value if isinstance(held_out.value, tuple) else None
    if parts is not None and len(parts) in (2, 3):
        pair = (Given(part, held_out.span) for part in parts[:2])
        _pair(ev, frame, model, "validation_data", *pair)
    elif isinstance(held_out.value, Batches):
        _pair(ev, frame, model, "validation_data", held_out, None)


def predicted(ev: Evaluator, model: Any, arguments: Arguments) -> Any:
    """What `model.predict(x)` gives: the output's form, with as many rows as came in."""
    x = arguments.get(0, "x")
    given = batches.data(ev, x, arguments.span)
    outputs = _tensors(ev, model, "output") if isinstance(model, Object) else []
    if len(outputs) != 1 or not outputs[0].shape or "__called__" in model.attrs:
        return Unknown(Reason.DATA, "a prediction", arguments.span)
    rows = given.shape[0] if given is not None and given.shape else None
    return Array((rows, *outputs[0].shape[1:]), "float32", made=arguments.span)


def _given(arguments: Arguments, place: int, name: str) -> Given | None:
    value = arguments.get(place, name)
    if value is None:
        return None
    if place < len(arguments.positional):
        spans = arguments.positional_spans
        return Given(value, spans[place] if place < len(spans) else arguments.span)
    return Given(value, arguments.keyword_spans.get(name, arguments.span))


def _pair(ev: Evaluator, frame: Frame, model: Object, name: str, x: Given, y: Given | None) -> None:
    if isinstance(x.value, Batches):
        item = x.value.item
        parts = item if isinstance(item, tuple) else (item,)
        x, y = Given(parts[0], x.span), Given(parts[1], x.span) if len(parts) > 1 else None
    xs = _arrays(ev, x)
    _ready(ev, frame, model, x, xs)
    _number(ev, model, name, x, xs)
    for place, (array, expected) in enumerate(_matched(xs, _tensors(ev, model, "input"))):
        found = _input_fault(ev, frame, model, array.shape, expected) if place == 0 or len(xs) > 1 else None
        _note(ev, model, DataRecord(
            name, "input", x.span, array.shape, expected.shape, expected.node, "", array.contents.classes, found,
            array.made,
        ))  # fmt: skip
    if y is not None and not name.startswith("predict"):
        _labels(ev, model, name, xs, y)


def _number(ev: Evaluator, model: Object, name: str, x: Given, xs: list[Array]) -> None:
    """`model.fit(pictures, y)` of a functional model with two inputs: Keras wants an array for each."""
    wanted = _tensors(ev, model, "input") if isinstance(model.attrs.get("__inputs__"), (ListValue, tuple)) else []
    if not xs or len(wanted) < 2 or len(xs) == len(wanted) or isinstance(x.value, Batches):
        return
    text = f"{len(xs)} of {len(wanted)} inputs"
    _note(ev, model, DataRecord(
        name, "input", x.span, xs[0].shape, wanted[0].shape, wanted[0].node,
        fault=Fault("inputs", "x", text, len(wanted), len(xs)), made=xs[0].made,
    ))  # fmt: skip


def _arrays(ev: Evaluator, given: Given) -> list[Array]:
    """The arrays of an argument, one for each input; none where one of them is not known."""
    value = given.value
    parts = iterate.items(ev, value) if isinstance(value, (ListValue, tuple)) else [value]
    if isinstance(parts, Unknown) or not all(isinstance(p, (Array, Tensor)) for p in parts):
        return []
    found = [batches.data(ev, p, given.span) for p in parts]
    return [f for f in found if f is not None and f.shape] if all(f is not None and f.shape for f in found) else []


def _tensors(ev: Evaluator, model: Object, side: str) -> list[Tensor]:
    """The model's inputs, or its outputs."""
    value = model.attrs.get(f"__{side}s__", model.attrs.get(f"__{side}__"))
    return [ev.refresh(t) for t in apply.tensors_in(apply.plain(value))]


def _matched(xs: list[Array], tensors: list[Tensor]) -> Iterator[tuple[Array, Tensor]]:
    return iter(zip(xs, tensors)) if len(xs) == len(tensors) else iter(())


def _ready(ev: Evaluator, frame: Frame, model: Object, given: Given, xs: list[Array]) -> None:
    """A model that does not state its input is built by the first data that it meets."""
    stated = "__output__" in model.attrs or "__outputs__" in model.attrs or model.attrs.get("__called__")
    if not xs or stated or ev.branches or "__unknown_items__" in model.attrs:
        return
    entries: list[Any] = []
    for array in xs:
        entry = ev.new_entry("x", given.span, "keras", declared=True)
        if entry.entry is not None and array.shape:
            shape = (ev.symbol("N", "dynamic"), *array.shape[1:])
            ev.bind_entry(entry.entry, shape, ("batch",) + ("",) * len(shape[1:]), "example")
        entries.append(ev.refresh(entry))
    value = entries[0] if len(entries) == 1 else ListValue(entries)
    step = Arguments([value], {}, model.span)
    if model.kind == "keras.Sequential" and model.items:
        keras_models.sequence(ev, frame, model, step)
    elif model.cls is not None and model.kind == "keras.Model":
        model.attrs["__input__"] = value
        model.attrs["__output__"] = calls.call(ev, frame, model, step)


def _input_fault(ev: Evaluator, frame: Frame, model: Object, shape: Shape, expected: Tensor) -> Fault | None:
    found = input_fault(expected.shape, shape, model.kind == "keras.Model" and "__outputs__" in model.attrs)
    if found is not None or expected.shape is None or not shape:
        return found
    taken = as_taken(expected.shape, shape)
    if model.kind != "keras.Sequential" or taken is None:
        return None
    if not any(proven_different(a, b) for a, b in zip(expected.shape[1:], taken[1:])):
        return None
    return _trial(ev, frame, model, (expected.shape[0], *taken[1:]))


def _trial(ev: Evaluator, frame: Frame, model: Object, shape: tuple[Any, ...]) -> Fault | None:
    """The first fault in the layers of a Sequential, given this shape; the session is left as it was."""
    if model.items is None or any(isinstance(child, Object) for child in model.items.values()):
        return None
    session, first = ev.session, ev.next_node()
    applied = (node for node in reversed(session.graph.nodes) if node.layer is not None and node.weights)
    built: dict[int | None, Node] = {node.layer: node for node in applied}
    kept = len(session.graph.nodes), len(session.stops), len(session.entries), len(ev.tape)
    value: Any = Tensor(shape, framework="keras")
    ev.tape_depth += 1
    try:
        for child in model.items.values():
            value = calls.call(ev, frame, child, Arguments([value], {}, model.span))
        found = [
            fault
            for node in ev.nodes_from(first)
            for fault in (*node.faults, *keras_taking.rebuilt(node, built.get(node.layer)))
        ]
    finally:
        ev.tape_depth -= 1
        del session.graph.nodes[kept[0] :], session.stops[kept[1] :], session.entries[kept[2] :], ev.tape[kept[3] :]
    return Fault("layer", "x", found[0].text, found[0].want, found[0].got) if found else None


def _labels(ev: Evaluator, model: Object, name: str, xs: list[Array], given: Given) -> None:
    ys, outputs = _arrays(ev, given), _tensors(ev, model, "output")
    compiled = model.attrs.get("__compiled__")
    stated = compiled.loss if isinstance(compiled, CompileRecord) else None
    place = compiled.span if isinstance(compiled, CompileRecord) else None
    for array, output in _matched(ys, outputs):
        loss = losses.named(_loss_of(ev, stated, len(outputs), outputs.index(output)))
        found = _samples(xs, array)
        if found is None and loss is not None and output.shape and array.shape:
            target = (output.shape[0], *array.shape[1:])
            found = losses.fault(loss, *losses.evened(target, output.shape))
        _note(ev, model, DataRecord(
            name, "label", given.span, array.shape, output.shape, output.node, loss or "",
            array.contents.classes, found, array.made, place,
        ))  # fmt: skip


def _loss_of(ev: Evaluator, stated: Any, outputs: int, place: int) -> Any:
    """One loss for all outputs, or a list with one for each."""
    if isinstance(stated, (ListValue, tuple)):
        items = iterate.items(ev, stated)
        return items[place] if not isinstance(items, Unknown) and len(items) == outputs else None
    return stated


def _samples(xs: list[Array], labels: Array) -> Fault | None:
    """As many labels as samples: Keras refuses anything else."""
    for x in xs:
        if x.shape and labels.shape and proven_different(x.shape[0], labels.shape[0]):
            text = f"{show(labels.shape[0])} labels for {show(x.shape[0])} samples"
            return Fault("samples", "y", text, x.shape[0], labels.shape[0], 0)
    return None


def _note(ev: Evaluator, model: Object | None, record: DataRecord) -> None:
    ev.session.feeds.append((None if model is None else model.ident, record))


def placeholders(ev: Evaluator, arguments: Arguments) -> None:
    """`feed_dict={x: batch_x}`: TensorFlow 1 holds every size against the placeholder's."""
    fed = arguments.keywords.get("feed_dict")
    if fed is None:
        fed = next((v for v in arguments.positional[:2] if isinstance(v, DictValue)), None)
    if not isinstance(fed, DictValue) or fed.items is None:
        return
    span = arguments.keyword_spans.get("feed_dict", arguments.span)
    for key, value in fed.items.items():
        array = batches.data(ev, value, span)
        if not isinstance(key, Tensor) or array is None or array.shape is None:
            continue
        expected = ev.refresh(key)
        node = ev.node(expected.node)
        if node is None or node.op != "tensorflow.placeholder" or expected.shape is None:
            continue
        found = _fed_fault(expected.shape, array.shape)
        _note(ev, None, DataRecord(
            "feed_dict", "input", span, array.shape, expected.shape, expected.node, fault=found, made=array.made,
        ))  # fmt: skip


def _fed_fault(expected: tuple[Any, ...], given: tuple[Any, ...]) -> Fault | None:
    if len(expected) != len(given):
        return Fault("rank", "x", f"{len(given)} axes where {len(expected)} are needed", expected, given)
    for axis, (a, b) in enumerate(zip(expected, given)):
        if proven_different(a, b):
            return Fault("merge", "x", f"axis {axis} is {show(b)} where {show(a)} is needed", expected, given, axis)
    return None

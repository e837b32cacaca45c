"""A dense layer on feature maps: it acts on the channels alone, and the model predicts once per pixel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archlint.rule import Finding, Label, Model, Node, Shape, Tensor, product, proven_different, rule, show, show_shape
from archlint_rules.flow import ancestors, descendants, place
from archlint_rules.wording import name_of, op_name

_LOSSES = ("crossentropy", "cross_entropy", "hinge")


@rule("ARC206", "missing-flatten-before-dense", severity="warning", category="axes")
def missing_flatten_before_dense(model: Model) -> Iterator[Finding]:
    for dense in on_pixels(model):
        yield finding(model, dense)


def on_pixels(model: Model) -> Iterator[Node]:
    """Each such dense layer."""
    for dense in model.family("dense"):
        if "wrapper" in dense.args or not on_maps(dense) or any(on_maps(n) for n in dense_before(model, dense)):
            continue
        after = [dense, *descendants(model, dense)]
        if all(keeps_maps(n) for n in after) and classifies(model, after) and smaller_than_input(model, dense):
            yield dense


def on_maps(dense: Node) -> bool:
    """`(N, h, w, C)`: a dense layer that mixes the last axis of feature maps, never their positions."""
    return dense.family == "dense" and len(dense.inputs) == 1 and maps(dense.inputs[0])


def maps(tensor: Tensor) -> bool:
    """Has the tensor two axes of space before its last axis, which is none?"""
    if tensor.shape is None or tensor.axes is None or len(tensor.shape) != 4:
        return False
    roles = [[a.role for a in axis] for axis in tensor.axes]
    return roles[1] == ["space0"] and roles[2] == ["space1"]


def dense_before(model: Model, dense: Node) -> list[Node]:
    return [n for n in ancestors(model, dense) if n.family == "dense"]


def keeps_maps(node: Node) -> bool:
    """Do all positions go on as they are: no pooling, flatten, reshape or merge, no second convolution?"""
    if node.family == "loss" or picks_class(node):
        return True
    return node.family in ("dense", "activation", "softmax", "dropout", "identity", "norm") and maps(node.output)


def picks_class(node: Node) -> bool:
    """`tf.argmax(logits, 1)` means one class for each image: of maps it would take the best row."""
    return op_name(node) == "argmax" and node.args.get("axis") == 1 and bool(node.inputs) and maps(node.inputs[0])


def classifies(model: Model, after: list[Node]) -> bool:
    """Is the output compared with one class per image?  A softmax at the very end, or a loss over classes."""
    if model.compiled is not None:
        return any(word in spelled(model.compiled.loss) for word in _LOSSES)
    last = after[-1]
    if picks_class(last):
        return True
    return last.family in ("softmax", "loss") or "softmax" in (op_name(last), spelled(last.args.get("activation")))


def spelled(value: Any) -> str:
    """Lower-case name of a loss given as a string, a function or an object."""
    name = value if isinstance(value, str) else getattr(value, "name", getattr(value, "op", ""))
    return str(name).lower()


def smaller_than_input(model: Model, dense: Node) -> bool:
    """Are the maps of another size than the picture?  Then nobody has one label per pixel to compare them with."""
    shape = dense.inputs[0].shape
    assert shape is not None
    pictures = [i.shape for i in model.inputs if i.shape is not None and len(i.shape) == 4]
    return bool(pictures) and all(proven_different(p[1], shape[1]) for p in pictures)


def finding(model: Model, dense: Node) -> Finding:
    before, after = dense.inputs[0].shape, dense.output.shape
    assert before is not None
    _, height, width, channels = before
    maker = model.graph[dense.inputs[0].node]
    each = f"{show(height)}x{show(width)}"
    times = product((height, width))
    failing = next((r for r in model.data if r.role == "label" and too_many_axes(r.expected, r.shape)), None)
    many = f"{show(times)} predictions" if isinstance(times, int) else f"a prediction at each of {each} positions"
    return Finding(
        place(dense),
        f"{name_of(dense)} acts on the {show(channels)} channels alone: output {show_shape(after)}, {many} per image",
        label=f"gets {show_shape(before)}",
        related=(Label(place(maker), f"{show_shape(before)} comes from here"),),
        help="put a Flatten or a GlobalAveragePooling2D before it, so that one image gives one prediction",
        layer=dense.path,
        notes=(f"`{failing.call}` fails for it: the labels are {show_shape(failing.shape)}",) if failing else (),
        severity="error" if failing else None,
    )


def too_many_axes(output: Shape, labels: Shape) -> bool:
    """Are there predictions for pixels, and labels for pictures?"""
    return output is not None and labels is not None and len(output) == 4 and len(labels) < 3

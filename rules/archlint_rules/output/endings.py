"""How rules speak of the last activation before a loss, and take it away in the source."""

from __future__ import annotations

import ast
import re

from archlint.rule import Edit, Ending, FileFacts, Judged, Label, LayerGraph, Node, Span
from archlint_rules.flow import place, text_of
from archlint_rules.wording import name_of, op_name, shape_text

_LIBRARIES = frozenset(
    ["F", "K", "L", "activations", "backend", "functional", "keras", "layers", "math", "nn", "ops", "slim", "special",
     "tf", "torch", "tensorflow"]
)  # fmt: skip
"""What stands before the dot where a function of a library is called, not a method."""


def made_by(ending: Ending) -> str:
    """The activation for people: `` `softmax` ``, `` `out` (Softmax) ``, ``the softmax of `dense_1` ``."""
    node = ending.node
    if ending.own:
        return f"the {ending.kind} of {name_of(node)}" if ending.kind != "linear" else name_of(node)
    if node.path and not node.path.rpartition(".")[2].isdigit() and node.layer is not None:
        return f"`{node.path}` ({op_name(node)})"
    return name_of(node)


def cause(judged: Judged) -> tuple[Label, ...]:
    """Where the values are made."""
    ending = judged.ending
    if ending is None:
        return ()
    where = ending.node.arg_spans.get("activation") if ending.own else None
    span = where or place(ending.node)
    inside = span.path == judged.span.path and judged.span.start <= span.start < judged.span.end
    return () if inside and span == judged.span else (Label(span, f"{made_by(ending)} is applied here"),)


def without(facts: FileFacts | None, graph: LayerGraph, ending: Ending) -> tuple[Edit, ...]:
    """The edit that takes the activation away, where the source allows it in one place."""
    node = ending.node
    if facts is None or node.span.path != facts.path or _hidden_ones_too(graph, ending):
        return ()
    if ending.own:
        return _argument_deleted(facts, node.arg_spans.get("activation"))
    if isinstance(by := node.args.get("by"), int):
        return switched_off(facts, graph[by])
    made = node.made_at
    if made is not None and made == node.span and node.layer is not None:
        return _element_deleted(facts, made)  # `layers.Activation("softmax"),` in a list
    if made is not None and made != node.span and not _called_at_once(node):
        name = node.path.rpartition(".")[2]
        called = _call(text_of(facts, node.span))
        if called is None or name.isdigit() or not _dotted(called.func).endswith(name):
            return _element_deleted(facts, made)
    inner = applied_to(facts, node) if node.layer is not None or _named_in_call(facts, node) else ""
    return (Edit(node.span, inner),) if inner else ()


def _hidden_ones_too(graph: LayerGraph, ending: Ending) -> bool:
    """Do layers on the way to the last one get their activation at the same place?

    def block(x, n):
        return Dense(n, activation="relu")(x)       # block(block(x, 16), 3)
    """

    def written(node: Node) -> Span | None:
        return node.arg_spans.get("activation") if ending.own else node.span

    where, before = written(ending.node), {ending.node.id}
    for node in reversed(graph.nodes[: ending.node.id]):
        if any(user.id in before for user in graph.consumers(node.id)):
            before.add(node.id)
            if node.family == ending.node.family and written(node) == where:
                return True
    return False


def _named_in_call(facts: FileFacts, node: Node) -> bool:
    """`F.softmax(x)` or `x.softmax(1)`, not `activation(x)`, which other calls give another function."""
    called = _call(text_of(facts, node.span))
    return called is not None and _dotted_last(called.func) == node.op.rpartition(".")[2]


def switched_off(facts: FileFacts | None, layer: Node) -> tuple[Edit, ...]:
    """`slim.fully_connected(x, 10)` becomes `slim.fully_connected(x, 10, activation_fn=None)`."""
    text, stated = text_of(facts, layer.span), layer.arg_spans.get("activation_fn")
    if stated is not None and layer.span.start <= stated.start < stated.end <= layer.span.end:
        return (Edit(stated, "None"),) if text else ()
    if text.endswith(")") and "#" not in text and not text[:-1].rstrip().endswith((",", "(")):
        return (Edit(Span(layer.span.path, layer.span.end - 1, layer.span.end - 1), ", activation_fn=None"),)
    return ()


def _called_at_once(node: Node) -> bool:
    """`nn.Softmax(dim=1)(x)`."""
    made = node.made_at
    return made is not None and made.path == node.span.path and made.start == node.span.start < made.end < node.span.end


def applied_to(facts: FileFacts, node: Node) -> str:
    """The source of what an activation is applied to: `x` of `F.softmax(x, dim=1)`, `x.softmax(1)`, `self.act(x)`."""
    text = text_of(facts, node.span)
    called = _call(text)
    if called is None or any(isinstance(a, ast.Starred) for a in called.args):
        return ""
    if node.layer is None and isinstance(called.func, ast.Attribute) and not of_library(called.func):
        part = ast.get_source_segment(text, called.func.value)
    else:
        part = ast.get_source_segment(text, called.args[0]) if called.args else None
    return part if part and "\n" not in part else ""


def of_library(function: ast.Attribute) -> bool:
    """`F.softmax`, not `x.softmax`."""
    return _dotted(function.value).rpartition(".")[2] in _LIBRARIES


def _call(text: str) -> ast.Call | None:
    try:
        found = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return found if isinstance(found, ast.Call) else None


def _dotted_last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else _dotted(node)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def _argument_deleted(facts: FileFacts, span: Span | None) -> tuple[Edit, ...]:
    """`, activation="softmax"` of a call goes."""
    if span is None or span.path != facts.path:
        return ()
    head = re.search(r",\s*(activation\s*=\s*)?$", facts.lines.text[: span.start])
    return () if head is None else (Edit(Span(span.path, head.start(), span.end), ""),)


def _element_deleted(facts: FileFacts, span: Span) -> tuple[Edit, ...]:
    """`, nn.Softmax(dim=1)` of a Sequential goes."""
    if span.path != facts.path:
        return ()
    head = re.search(r",\s*$", facts.lines.text[: span.start])
    return () if head is None else (Edit(Span(span.path, head.start(), span.end), ""),)


def renamed(facts: FileFacts | None, span: Span | None, old: str, new: str) -> tuple[Edit, ...]:
    """`F.softmax(x, dim=1)` becomes `F.log_softmax(x, dim=1)`: the callee's last name, written once."""
    if facts is None or span is None:
        return ()
    head = re.match(rf"[\w.\s]*?\b({re.escape(old)})\s*\(", text_of(facts, span))
    if head is None:
        return ()
    return (Edit(Span(span.path, span.start + head.start(1), span.start + head.end(1)), new),)


def of_keras(judged: Judged) -> bool:
    """A loss that `compile` states, or of `keras.losses`."""
    return judged.compiled or (judged.node is not None and judged.node.op.startswith("keras."))


def output_labels(judged: Judged) -> tuple[Label, ...]:
    """Where the output comes from that the loss judges."""
    node = judged.graph[judged.scores.node]
    if node.family == "input":
        return ()
    return (Label(place(node), f"{name_of(node)} gives {shape_text(judged.scores.shape)} here"),)

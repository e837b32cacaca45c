"""ARC421: a loss or a metric for an output that the model does not have."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from archlint.rule import Finding, Label, Model, Node, Span, rule
from archlint_rules.flow import place


@rule("ARC421", "loss-of-no-output", severity="error", category="output")
def loss_of_no_output(model: Model) -> Iterator[Finding]:
    """Keys of `compile(loss={…}, metrics={…})` against the names of the layers that give a model's outputs."""
    compiled, outputs = model.compiled, named_outputs(model)
    if compiled is None:
        return
    if too_many(model, compiled.loss):
        yield surplus(model, compiled.span, len(listed(compiled.loss)))
    for argument, value in (("loss", compiled.loss), ("metrics", compiled.metrics)) if outputs else ():
        for key in keys(value):
            if key not in outputs:
                yield finding(model, argument, key, outputs)


def listed(value: Any) -> list[Any]:
    """The losses of a list."""
    items = getattr(value, "items", None)
    return items if isinstance(items, list) else []


def too_many(model: Model, loss: Any) -> bool:
    """More losses in a list than a functional model has outputs: one of them has nothing to judge."""
    functional = model.given_at is not None and not model.keyed and len(set(model.outputs)) == len(model.outputs)
    return functional and 1 < len(model.outputs) < len(listed(loss))


def surplus(model: Model, span: Span, losses: int) -> Finding:
    return Finding(
        span,
        f"{losses} losses for {len(model.outputs)} outputs",
        label="a loss for each output",
        related=tuple(Label(place(model.graph[i]), "an output") for i in model.outputs),
        help="losses in a list go by the order of the model's outputs, one for each",
        notes=("Keras raises an error when it first trains or evaluates",),
    )


def named_outputs(model: Model) -> dict[str, Node]:
    """The outputs of a functional model by name; empty where one of the names is not stated in the code."""
    nodes = [model.graph[i] for i in model.outputs]
    if model.given_at is None or model.keyed or len(nodes) < 2 or len(set(model.outputs)) != len(nodes):
        return {}
    if any(n.root is not None or n.branch or n.layer is None or "wrapper" in n.args for n in nodes):
        return {}
    names = [n.args.get("name") for n in nodes]
    stated = all(isinstance(name, str) and n.path == name for name, n in zip(names, nodes))
    return dict(zip(map(str, names), nodes)) if stated and len(set(names)) == len(nodes) else {}


def keys(value: Any) -> list[str]:
    """The keys of a dictionary all of which are known."""
    items = getattr(value, "items", None)
    found = list(items) if isinstance(items, dict) else []
    return found if all(isinstance(key, str) for key in found) else []


def finding(model: Model, argument: str, key: str, outputs: dict[str, Node]) -> Finding:
    assert model.compiled is not None
    near = get_close_matches(key, list(outputs), 1, 0.5)
    names = ", ".join(f"`{name}`" for name in outputs)
    return Finding(
        model.compiled.span,
        f"{argument} has a key `{key}`, but the outputs are {names}",
        label=f"no output is called `{key}`",
        related=tuple(Label(place(node), f"output `{name}`") for name, node in outputs.items()),
        help=f"`{near[0]}` is meant" if near else "the keys are the names of the layers that give the outputs",
        notes=("Keras raises a ValueError when it first trains or evaluates",),
    )

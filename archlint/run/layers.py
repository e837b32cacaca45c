"""The layers of an inferred model against those of an executed one: parameters and shapes by path or name."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archlint.dims import Size, add, same, show, show_shape, substitute
from archlint.facts.parameters import parameters, summed
from archlint.graph import Node
from archlint.model import Model
from archlint.run.records import BuiltModel

PARTLY = ("MultiheadAttention",)
"""Modules whose own numbers the record splits: the projection inside is a module that is never called."""

_PARAMETER = "torch.nn.Parameter"

EQUAL, UNKNOWN, DIFFERS = "equal", "unknown", "differs"


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded application of a module: its path, class, output shape and own parameters."""

    path: str
    kind: str
    shape: tuple[int | None, ...] | None
    params: int


@dataclass(frozen=True, slots=True)
class Truth:
    """One recorded model."""

    model: str
    file: str
    shape: tuple[int | None, ...]
    params: int
    out: tuple[int | None, ...] | None
    entries: tuple[Entry, ...]
    arg_scope: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number of ours that is wrong."""

    what: str
    path: str
    kind: str
    ours: str
    theirs: str


@dataclass(slots=True)
class Comparison:
    """`counts` by (what, verdict); what is `total`, `output`, `shape`, `params`, `path`."""

    model: str
    file: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    sizes: Mapping[str, int] = field(default_factory=dict)

    def add(self, what: str, verdict: str, path: str, kind: str, ours: str, theirs: str) -> None:
        """Count one verdict and keep the numbers of a difference."""
        self.counts[what, verdict] += 1
        if verdict == DIFFERS:
            self.differences.append(Difference(what, path, kind, ours, theirs))

    def shape(self, entry: Entry, node: Node) -> None:
        """Compare the output of one application."""
        if entry.shape is not None:
            ours = node.output.shape
            self.add(
                "shape", verdict(ours, entry.shape), entry.path, entry.kind, show_shape(ours), show_shape(entry.shape)
            )

    def total(self, truth: Truth, ours: Size) -> None:
        """Compare the parameters of the model.  A model that was cut off has no total: a number here is a claim."""
        ours = substitute(ours, self.sizes)
        self.add("total", size_verdict(ours, truth.params), "", "", show(ours), str(truth.params))

    def number(self, entry: Entry, ours: Size) -> None:
        """Compare a module's own parameters."""
        ours = substitute(ours, self.sizes)
        self.add("params", size_verdict(ours, entry.params), entry.path, entry.kind, show(ours), str(entry.params))


def recorded(record: dict[str, Any]) -> Truth:
    """A line of a truth file: `modules` as torch records them, `layers` as Keras does."""
    rows = record["modules"] if "modules" in record else record["layers"]
    entries = [Entry(row[0], row[1], _shape(row[-2]), row[-1]) for row in rows]
    shape = _shape(record["input"])
    assert shape is not None, record["model"]
    file = str(record.get("src", "")).lstrip("/")
    out, scope = _shape(record.get("out")), record.get("arg_scope", "")
    return Truth(record["model"], file, shape, record["params"], out, tuple(entries), scope)


def of_built(built: BuiltModel) -> Truth:
    """What a child built."""
    entries = tuple(Entry(fact.path, fact.cls, None, fact.params or 0) for fact in built.modules)
    return Truth(built.name, "", (), built.params or 0, None, entries)


def parameters_of(model: Model, built: BuiltModel, sizes: Mapping[str, int]) -> Comparison:
    """Parameters of the model and of each of its layers against those of the executed one, where its sizes are
    `sizes`: `slim.conv2d(images, 64, 3)` on open channels has `576*C + 64`."""
    result = Comparison(built.name, "", sizes=sizes)
    truth = of_built(built)
    if model.framework == "torch":
        result.total(truth, registered(model))
        _params(model, truth, result)
    elif model.framework == "keras":
        result.total(truth, parameters(model).total)
        for entry, ours in _pairs(model, truth, _named(model)):
            if ours is not None and ours.family != "input":
                result.number(entry, add(ours.out.params, ours.out.state))
    else:
        result.total(truth, parameters(model).trainable)
    return result


def _shape(value: Any) -> tuple[int | None, ...] | None:
    """A shape as recorded; the first of several outputs; None where it is no shape."""
    if isinstance(value, str):
        value = ast.literal_eval(value)
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple)):
        value = value[0]
    if isinstance(value, (list, tuple)) and all(v is None or isinstance(v, int) for v in value):
        return tuple(value)
    return None


def verdict(ours: Sequence[Size] | None, theirs: Sequence[int | None]) -> str:
    """Of two shapes; a size that the framework leaves open matches any size of ours."""
    if ours is None:
        return UNKNOWN
    if len(ours) != len(theirs):
        return DIFFERS
    agree = [True if b is None else same(a, b) for a, b in zip(ours, theirs)]
    return DIFFERS if False in agree else UNKNOWN if None in agree else EQUAL


def size_verdict(ours: Size, theirs: int) -> str:
    """Of two numbers."""
    return verdict((ours,), (theirs,))


def compare(model: Model | None, truth: Truth) -> Comparison:
    """Every recorded number against ours."""
    result = Comparison(truth.model, truth.file)
    if model is None:
        result.counts["total", "no model"] += 1
        return result
    stops = Counter(f"{stop.why}: {stop.about}" for stop in model.stops)
    result.stops = [f"{count} x {reason}" for reason, count in stops.most_common(6)]
    if model.framework == "torch":
        _torch(model, truth, result)
    elif model.framework == "tf":  # variables go by scope, our layers by their own names: the sum tells
        result.total(truth, parameters(model).trainable)
    else:
        _keras(model, truth, result)
    return result


def registered(model: Model) -> Size:
    """The numbers in `model.parameters()`: those of `nn.Parameter(mean, requires_grad=False)` are among them."""
    held = parameters(model)
    frozen = summed(one.state for one in held.layers if one.op == _PARAMETER)
    return add(held.trainable, frozen)


def _torch(model: Model, truth: Truth, result: Comparison) -> None:
    result.total(truth, registered(model))
    ends = sorted({*model.outputs, *(model.returned or ())})  # of several that are returned, one may go on to the next
    outputs = [model.nodes[i].output.shape for i in ends if model.nodes[i].output.shape is not None]
    if truth.out is not None:
        verdicts = [verdict(shape, truth.out) for shape in outputs]
        found = EQUAL if EQUAL in verdicts else DIFFERS if verdicts == [DIFFERS] and model.complete else UNKNOWN
        result.add("output", found, "", "", " ".join(map(show_shape, outputs)), show_shape(truth.out))
    _shapes(model, truth, result)
    _params(model, truth, result)


def _shapes(model: Model, truth: Truth, result: Comparison) -> None:
    """The k-th application at a path against the k-th recorded one."""
    ours: dict[str, list[Node]] = {}
    for node in model.nodes:
        if node.path and node.family != "input" and node.layer is not None:
            ours.setdefault(node.path, []).append(node)
    for path, entries in _by_path(truth.entries).items():
        nodes = ours.get(path, [])
        for place, entry in enumerate(entries):
            if entry.shape is None or (not nodes and _is_container(path, truth)):
                continue
            if place >= len(nodes):
                result.counts["shape", "missing"] += 1
                continue
            result.shape(entry, nodes[place])
    known = {entry.path for entry in truth.entries}
    for path, nodes in ours.items():
        if path not in known and not any(node.branch for node in nodes):
            result.add("path", DIFFERS, path, nodes[0].op, "applied", "not applied")


def _is_container(path: str, truth: Truth) -> bool:
    return not path or any(entry.path.startswith(path + ".") for entry in truth.entries)


def _by_path(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.path, []).append(entry)
    return found


def _params(model: Model, truth: Truth, result: Comparison) -> None:
    """Own parameters of each module that has some; a user's module owns the `nn.Parameter`s in its attributes."""
    ours: dict[str, Size] = {}
    for record in model.layers:
        path = record.path.rpartition(".")[0] if record.ident < 0 else record.path
        own = add(record.params, record.state) if record.op == _PARAMETER else record.params
        ours[path] = add(ours.get(path, 0), own)
    shared = sum(entry.params for entry in truth.entries) - truth.params
    for path, entries in _by_path(truth.entries).items():
        entry = entries[0]
        if ours.get(path) == 0 and 0 < entry.params <= shared:  # tied: ours stands at the layer that it is tied to
            result.counts["params", "missing"] += 1
        elif path in ours and entry.kind not in PARTLY:
            result.number(entry, ours[path])
        elif path not in ours and entry.params:
            result.counts["params", "missing"] += 1


def _keras(model: Model, truth: Truth, result: Comparison) -> None:
    """Layer by layer; names that Keras numbers itself are matched by their order within the class."""
    result.total(truth, parameters(model).total)
    for entry, ours in _pairs(model, truth, _named(model)):
        if ours is None:
            result.counts["shape", "missing"] += 1
            continue
        result.shape(entry, ours)
        if ours.family != "input":
            result.number(entry, add(ours.out.params, ours.out.state))


def _named(model: Model) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for node in model.nodes:
        if _name(node):
            nodes.setdefault(_name(node), node)
    return nodes


def _name(node: Node) -> str:
    """A layer's name; `layers.add([a, b], name="out")` makes a layer too, though our graph has a call."""
    name = node.path or node.args.get("name")
    return name if isinstance(name, str) else ""


def _pairs(model: Model, truth: Truth, nodes: dict[str, Node]) -> Iterator[tuple[Entry, Node | None]]:
    """Recorded layers with ours of the same name; the left over in order, class by class."""
    named = {entry.path for entry in truth.entries if entry.path in nodes and not _numbered(entry)}
    rest: dict[str, list[Node]] = {}
    for node in model.nodes:
        if _name(node) not in named and (node.path or not _name(node)):
            kind = "InputLayer" if node.family == "input" else node.op.rpartition(".")[2]
            rest.setdefault(kind.lower(), []).append(node)
    for entry in sorted(truth.entries, key=_number):  # as they were made; Keras lists them by depth
        if entry.path in named:
            yield entry, nodes[entry.path]
        else:
            left = rest.get(entry.kind.lower()) if _numbered(entry) else None
            yield entry, left.pop(0) if left else None


def _number(entry: Entry) -> int:
    digits = re.search(r"\d+$", entry.path)
    return int(digits[0]) if digits is not None and _numbered(entry) else 0


def _numbered(entry: Entry) -> bool:
    """`conv2d_17`: a name that depends on what was built before in the same process."""
    stem = entry.path.rstrip("0123456789").rstrip("_")
    return stem.replace("_", "") == entry.kind.lower()

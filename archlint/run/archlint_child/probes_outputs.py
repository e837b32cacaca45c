"""What the outputs are: the same each time, dependent on the input, probabilities, clipped at zero."""

from typing import Any, Dict, List, Optional, Tuple

from .probes import TRIALS, NotRun, Output, Subject, change, finite, magnitude, named, result, spaced
from .probes_samples import batch_of

REDRAWS = 4


def evaluation_determinism(subject: Subject) -> Dict[str, Any]:
    """Calls the model twice on the same input, with the random generators in different states.

    Dropout left on and noise change the output; so does anything that the model keeps from one call to the next.
    """
    gaps = []
    for trial in range(TRIALS):
        inputs, before = subject.trial(trial)
        after = subject.call(inputs, 7 + trial)
        gaps.append(max(change(x, y) for (_, x), (_, y) in zip(before, after)))
    subject.random = min(gaps) > subject.moved
    if subject.random:
        return result("violated", "two calls on the same input differ by {:.2g} of the largest value".format(max(gaps)))
    if max(gaps) > subject.still:
        raise NotRun("two calls on the same input differ in some of {} trials, by {:.1e}".format(TRIALS, max(gaps)))
    return result("holds", "calls on the same input give the same output")


def input_preservation(subject: Subject) -> Dict[str, Any]:
    """Compares the input after a call with a copy: an in-place layer at the front overwrites the caller's data."""
    if subject.keep is None:
        raise NotRun("the inputs are copied for the call")
    names = None
    for trial in range(TRIALS):
        inputs, copies = subject.inputs(trial), subject.inputs(trial)
        subject.keep(inputs, 0)
        changed = {g.name for g, x, y in zip(subject.givens, inputs, copies) if not bool((x == y).all())}
        names = changed if names is None else names & changed
    idle = sorted(names or ())
    if idle:
        return result("violated", "the call overwrites {}".format(named(idle)), idle)
    return result("holds", "the inputs are as they were after the call")


def varying_output(subject: Subject) -> Dict[str, Any]:
    """Gives all inputs new values: some output must move, if not with the first weights then with others.

    A softmax over one unit gives 1 whatever happens before it.
    """
    if not subject.givens:
        raise NotRun("the model has no input")
    outputs = [subject.trial(t)[1] for t in range(TRIALS)]
    if moves(subject, outputs):
        return result("holds", "other inputs give other outputs")
    for weights in redrawn(subject):
        outputs = [subject.call(subject.inputs(t), 0) for t in range(TRIALS)]
        if weights and moves(subject, outputs):
            raise NotRun("the output is the same for all inputs with the first weights, but not with others")
    array = outputs[0][0][1]
    low, high = float(array.min()), float(array.max())
    value = "always {:.4g}".format(low) if high - low <= 1e-9 * max(1.0, abs(low)) else "the same for every input"
    return result("violated", "the output is {}, with {} sets of weights".format(value, 1 + REDRAWS))


def moves(subject: Subject, outputs: List[List[Output]]) -> bool:
    """Is an output of one trial another than that of the first?"""
    return any(change(x, y) > subject.still for o in outputs[1:] for (_, x), (_, y) in zip(outputs[0], o))


def redrawn(subject: Subject) -> Any:
    """Turns the weights over several times; the first ones are back afterwards.  Nothing where there are none."""
    if subject.redraw is None:
        raise NotRun("the weights cannot be set")
    try:
        for seed in range(REDRAWS):
            subject.redraw(seed)
            yield seed + 1
    finally:
        subject.redraw(None)


def reach(subject: Subject) -> List[Tuple[str, List[Any]]]:
    """Every floating output as it comes with the first weights and with others, on small and on large inputs.

    A head without an activation leaves any range then; an activation keeps to its own whatever the weights.
    """
    seen = [[array for _, array in subject.trial(t)[1]] for t in range(TRIALS)]
    names = [name for name, _ in subject.trial(0)[1]]
    for weights in redrawn(subject):
        inputs = subject.inputs(weights)
        if weights % 2:
            inputs = [x * 10 if "float" in g.dtype else x for g, x in zip(subject.givens, inputs)]
        seen.append([array for _, array in subject.call(inputs, 0)])
    if any(len(arrays) != len(names) for arrays in seen):
        raise NotRun("the model returns another number of tensors for other weights")
    columns = [(name, [arrays[i] for arrays in seen]) for i, name in enumerate(names)]
    if not all(finite(array) for _, arrays in columns for array in arrays):
        raise NotRun("other weights give NaN or infinite values")
    floating = [(n, arrays) for n, arrays in columns if not all(bool((a == a.round()).all()) for a in arrays)]
    if not floating:
        raise NotRun("the outputs are whole numbers")
    return floating


class Reach:
    """The values of all floating outputs, asked for once."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.columns: List[Tuple[str, List[Any]]] = []

    def of_outputs(self) -> List[Tuple[str, List[Any]]]:
        if not self.columns:
            self.columns = reach(self.subject)
        return self.columns

    def unit_range(self) -> Dict[str, Any]:
        """Are all outputs in 0..1, whatever the weights?  As those of a sigmoid or softmax are."""
        columns = self.of_outputs()
        inside = [name for name, arrays in columns if within(arrays)]
        if len(inside) == len(columns):
            return result("holds", "{}, and in 0..1 with other weights too".format(spread(columns[0][1][:TRIALS])))
        if inside:
            raise NotRun("outputs{} in 0..1, others not".format(spaced(", ".join(inside))))
        first = columns[0][1][:TRIALS]
        return result("violated", spread(columns[0][1]) + " with other weights" if within(first) else spread(first))

    def row_sum(self) -> Dict[str, Any]:
        """Do the entries of every output sum to 1 along an axis, whatever the weights?  As those of a softmax do."""
        columns = self.of_outputs()
        if not all(within(arrays) for _, arrays in columns):
            raise NotRun("an output leaves 0..1")
        if any(arrays[0].shape[-1:] == (1,) for _, arrays in columns):
            raise NotRun("an output has one unit")
        samples = axes_of_samples(self.subject)
        sums = [
            name
            for name, arrays in columns
            if any(sums_to_one(arrays, a) for a in range(len(arrays[0].shape)) if a != samples.get(name, 0))
        ]
        if len(sums) == len(columns):
            return result("holds", "rows sum to 1, with other weights too")
        if sums:
            raise NotRun("rows of the output{} sum to 1, of others not".format(spaced(", ".join(sums))))
        return result("violated", "rows do not sum to 1")

    def unclipped_output(self) -> Dict[str, Any]:
        """Is some output never negative, and 0 in many places, whatever the weights?  Then a ReLU is the last step."""
        columns = self.of_outputs()
        shares = [clipped(arrays) for _, arrays in columns]
        if all(share is not None and share > 0 for share in shares):
            text = "never negative, and {:.0%} of the values are exactly 0"
            return result("violated", text.format(min(share for share in shares if share)))
        if any(share != 0 for share in shares):
            raise NotRun("never negative, but the zeros may be of another making than a ReLU")
        return result("holds", "{}, not clipped at 0".format(spread(columns[0][1][:TRIALS])))


def axes_of_samples(subject: Subject) -> Dict[str, int]:
    """Axis of the samples by output, as far as it is known."""
    names = [name for name, _ in subject.trial(0)[1]]
    try:
        return {names[rows.output]: rows.axis for rows in batch_of(subject).rows}
    except NotRun:
        return {}


def bounds(arrays: List[Any]) -> Tuple[float, float]:
    return min(float(a.min()) for a in arrays), max(float(a.max()) for a in arrays)


def spread(arrays: List[Any]) -> str:
    return "from {:.3g} to {:.3g}".format(*bounds(arrays))


def within(arrays: List[Any]) -> bool:
    low, high = bounds(arrays)
    return low >= -1e-6 and high <= 1 + 1e-6


def sums_to_one(arrays: List[Any], axis: int) -> bool:
    """Along an axis of two entries or more, in every array?"""
    return all(a.shape[axis] > 1 and magnitude(a.sum(axis) - 1) < 1e-4 for a in arrays)


def clipped(arrays: List[Any]) -> Optional[float]:
    """Share of exact zeros among the values of a clipped output, 0 for one that is not; None: cannot tell.

    A sigmoid, an exponential or a softplus that saturates is 0 as well, but never with the first weights.
    """
    low, high = bounds(arrays)
    share = shares_of_zero(arrays[:TRIALS])
    if low < 0 or (share == 0 and shares_of_zero(arrays) == 0):
        return 0.0
    return share if share >= 0.02 and high > 1 else None


def shares_of_zero(arrays: List[Any]) -> float:
    return sum(float((a == 0).sum()) for a in arrays) / max(1, sum(int((a == a).sum()) for a in arrays))

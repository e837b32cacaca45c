"""Which axis holds the samples, and whether each sample, each step and each input goes its own way."""

from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from .probes import (
    TRIALS,
    Given,
    NotRun,
    Output,
    Subject,
    at,
    brief,
    change,
    magnitude,
    named,
    replaced,
    result,
    spaced,
)

GRAPHS = ("edge_index", "edge_attr", "edges", "adj", "adj_t", "adjacency", "adj_matrix")

Rows = NamedTuple("Rows", [("output", int), ("axis", int), ("each", int)])
"""Where the samples are in an output: its number, the axis, and how many rows a sample has there."""


class Batch:
    """How the outputs grow with the number of samples.  odd: outputs whose rows are no whole number per sample."""

    def __init__(self, samples: int, rows: List[Rows], odd: List[Tuple[str, int]], squares: List[str]) -> None:
        self.samples = samples
        self.rows = rows
        self.odd = odd
        self.squares = squares


def samples_of(subject: Subject) -> int:
    """Samples in one call.  Of a graph, the rows are nodes, which are there to see each other."""
    if any(given.name.lower() in GRAPHS for given in subject.givens):
        raise NotRun("the input is a graph: its nodes are no samples")
    sizes = {given.shape[given.batch] for given in subject.givens if given.batch is not None}
    if len(sizes) != 1 or min(sizes) < 2:
        raise NotRun("no axis of the inputs holds two samples or more")
    return sizes.pop()


def batch_of(subject: Subject) -> Batch:
    """Finds the samples in the outputs: calls the model with twice as many and looks which sizes double."""
    samples = samples_of(subject)
    _, once = subject.trial(0)
    try:
        twice = subject.call(subject.inputs(0, 2 * samples), 0)
    except Exception as error:
        text = "fails with {} samples in place of {}: {}"
        raise NotRun(text.format(2 * samples, samples, brief(error))) from error
    batch = Batch(samples, [], [], [])
    if len(once) != len(twice):
        raise NotRun("returns another number of tensors for another number of samples")
    for number, ((name, array), (_, larger)) in enumerate(zip(once, twice)):
        before, after = tuple(array.shape), tuple(larger.shape)
        if len(before) != len(after):
            continue
        grown = [a for a in range(len(before)) if after[a] == 2 * before[a] and before[a] > 0]
        if len(grown) > 1:
            batch.squares.append(name)
        elif grown and before[grown[0]] % samples == 0:
            batch.rows.append(Rows(number, grown[0], before[grown[0]] // samples))
        elif grown:
            batch.odd.append((name, before[grown[0]]))
    return batch


def row_per_sample(subject: Subject) -> Dict[str, Any]:
    """Calls the model with twice the samples: an output that grows has as many rows as there are samples."""
    batch = batch_of(subject)
    _, outputs = subject.trial(0)
    places = positions(subject)
    wrong = [(outputs[r.output][0], r.each * batch.samples) for r in batch.rows if r.each not in places] + batch.odd
    if not wrong and any(rows.each != 1 for rows in batch.rows):
        raise NotRun("several rows per sample, but one for each of its steps or positions")
    if wrong:
        name, rows = wrong[0]
        return result("violated", "{} samples give {} rows{}".format(batch.samples, rows, of(name)))
    if not batch.rows:
        raise NotRun("no output grows with the number of samples")
    return result("holds", "{} samples give {} rows".format(batch.samples, batch.samples))


def positions(subject: Subject) -> Set[int]:
    """How many rows a sample may be meant to have: one, or one for each step, pixel or channel of an input."""
    found = {1}
    for given in subject.givens:
        for start in range(1, len(given.shape)):
            product = 1
            for size in given.shape[start:]:
                product *= size
                found.add(product)
    return found


def of(name: str) -> str:
    return " in the output " + name if name else ""


def swapped_sample(subject: Subject, trial: int) -> List[Any]:
    """The inputs of a trial, with other values in sample 0."""
    inputs, other = subject.trial(trial)[0], subject.inputs(trial + 100)
    return [
        x if given.batch is None else replaced(x, given.batch, 0, y)
        for given, x, y in zip(subject.givens, inputs, other)
    ]


def batch_independence(subject: Subject) -> Dict[str, Any]:
    """Gives sample 0 other values: what belongs to the other samples must not move.

    Where the samples are is a guess (the first axis), so a model that mixes along it, but keeps samples apart along
    the second axis of a sequence, may be right for time-major input, and nothing is said of it.
    """
    found = leak(subject)
    if found["verdict"] == "violated":
        other = time_major(subject)
        if other is not None and leaks_along(other) is False:
            raise NotRun("mixes along axis 0 but not along axis 1: right if the input is (time, batch, features)")
    return found


def leaks_along(subject: Subject) -> Optional[bool]:
    """Do samples mix?  None: cannot tell."""
    try:
        return {"violated": True, "holds": False}[leak(subject)["verdict"]]
    except Exception:
        return None


def time_major(subject: Subject) -> Optional[Subject]:
    """The same model, its inputs read as (time, batch, features)."""
    givens = [g._replace(batch=1) if g.batch == 0 and ranked(g) else g._replace(batch=None) for g in subject.givens]
    if not any(g.batch == 1 for g in givens):
        return None
    other = Subject(subject.call, subject.draw, givens, subject.still, subject.moved)
    other.first, other.random = subject.first, subject.random
    return other


def ranked(given: Given) -> bool:
    """Has the input an axis besides the first that can hold samples: (T, N, F), or tokens (T, N)?"""
    return len(given.shape) == 3 or (len(given.shape) == 2 and "int" in given.dtype)


def leak(subject: Subject) -> Dict[str, Any]:
    """Batch independence, along the axes that `subject` names."""
    apart(subject)
    batch = batch_of(subject)
    if batch.squares and not batch.rows:
        raise NotRun("the output compares samples with each other: two of its axes grow with their number")
    if not batch.rows:
        raise NotRun("no output has an axis of samples")
    worst, name, leaks, own = 0.0, "", 0, False
    for trial in range(TRIALS):
        before = subject.trial(trial)[1]
        after = subject.call(swapped_sample(subject, trial), 0)
        moves = [shifts(batch, rows, before, after) for rows in batch.rows]
        own = own or any(mine > subject.own for mine, _ in moves)
        leaks += any(others > subject.moved for _, others in moves)
        for rows, (_, others) in zip(batch.rows, moves):
            if others > worst:
                worst, name = others, before[rows.output][0]
    if leaks == TRIALS:
        text = "other samples of the output{} move by {:.2g} of its largest value when only sample 0 changes{}"
        place = where(subject, batch)
        return result("violated", text.format(spaced(name), worst, place[0]), place[1])
    if leaks or worst > subject.still:
        raise NotRun("other samples move in {} of {} trials, by {:.1e} at most".format(leaks, TRIALS, worst))
    if not own:
        raise NotRun("the output hardly moves with the input")
    return result("holds", "only the output of the sample that changes moves")


def shifts(batch: Batch, rows: Rows, before: List[Output], after: List[Output]) -> Tuple[float, float]:
    """How far sample 0 of an output moves, and how far the others do.

    Several rows per sample can lie together, (N*T), or apart, (T*N): the reading that keeps samples apart counts.
    """
    x, y = before[rows.output][1], after[rows.output][1]
    size, scale = batch.samples * rows.each, max(magnitude(x), magnitude(y))
    moves = [change(at(x, rows.axis, i), at(y, rows.axis, i), scale) for i in range(size)]
    together = max(moves[: rows.each]), max(moves[rows.each :])
    spread = max(moves[:: batch.samples]), max(m for i, m in enumerate(moves) if i % batch.samples)
    return min(together, spread, key=lambda pair: pair[1])


def apart(subject: Subject) -> None:
    """Only a model that gives the same output again can show what a perturbation does."""
    inputs, outputs = subject.trial(0)
    again = subject.call(inputs, 0)
    if any(change(x, y) > subject.still for (_, x), (_, y) in zip(outputs, again)):
        raise NotRun("the same call gives other numbers each time, under the same seed")


def where(subject: Subject, batch: Batch) -> Tuple[str, List[str]]:
    """The layer in which samples begin to mix, as text and path; [""] where it is between two layers."""
    if subject.trace is None:
        return "", []
    inputs, larger = subject.trial(0)[0], subject.inputs(0, 2 * batch.samples)
    before, after = subject.trace(inputs, 0), subject.trace(swapped_sample(subject, 0), 0)
    double = subject.trace(larger, 0)
    if [path for path, _, _ in before] != [path for path, _, _ in after] or len(before) != len(double):
        return "", []
    for (path, got, gave), (_, got_then, gave_then), (_, got_twice, gave_twice) in zip(before, after, double):
        if any(map(mixed(subject, batch), zip(got, got_then, got_twice))):
            return ": first between two layers, before `{}`".format(path), [""]
        if any(map(mixed(subject, batch), zip(gave, gave_then, gave_twice))):
            return ": first inside `{}`".format(path), [path]
    return ": first after the last layer", [""]


def mixed(subject: Subject, batch: Batch) -> Any:
    """Is a tensor inside the model different in samples other than 0, however its samples lie on their axis?"""

    def differs(arrays: Tuple[Any, Any, Any]) -> bool:
        before, after, double = arrays
        sizes = tuple(before.shape)
        if sizes != tuple(after.shape) or len(sizes) != len(double.shape) or 0 in sizes:
            return False
        grown = [a for a in range(len(sizes)) if double.shape[a] == 2 * sizes[a]]
        if len(grown) != 1 or sizes[grown[0]] % batch.samples:
            return False
        axis, size = grown[0], sizes[grown[0]]
        each = size // batch.samples
        scale = max(magnitude(before), magnitude(after))
        moves = [change(at(before, axis, i), at(after, axis, i), scale) > subject.moved for i in range(size)]
        return any(moves[each:]) and any(m for i, m in enumerate(moves) if i % batch.samples)

    return differs


def sample_permutation(subject: Subject) -> Dict[str, Any]:
    """Changes the order of the samples: the outputs must change their order with them, and nothing else.

    Finds what depends on a sample's place in the batch, such as a positional encoding added along the batch axis.
    """
    apart(subject)
    if subject.random:
        raise NotRun("the output is random: each sample draws its own numbers")
    batch = batch_of(subject)
    single = [rows for rows in batch.rows if rows.each == 1]
    if not single:
        raise NotRun("no output has one row per sample")
    order = [*range(1, batch.samples), 0]
    worst, broken, differ = 0.0, 0, False
    for trial in range(TRIALS):
        inputs, before = subject.trial(trial)
        shuffled = [x if g.batch is None else at(x, g.batch, order) for g, x in zip(subject.givens, inputs)]
        after = subject.call(shuffled, 0)
        gap = 0.0
        for rows in single:
            x, y = before[rows.output][1], after[rows.output][1]
            scale = max(magnitude(x), magnitude(y))
            gap = max(gap, change(at(x, rows.axis, order), y, scale))
            differ = differ or change(at(x, rows.axis, 0), at(x, rows.axis, 1), scale) > subject.own
        worst, broken = max(worst, gap), broken + (gap > subject.moved)
    if broken == TRIALS:
        other = time_major(subject)
        if other is not None and permutes(other):
            raise NotRun("depends on the place along axis 0 but not along axis 1: right for (time, batch, features)")
        text = "a sample's output changes by {:.2g} of the largest value with its place in the batch"
        return result("violated", text.format(worst))
    if broken or worst > subject.still:
        raise NotRun("the order matters in {} of {} trials, by {:.1e} at most".format(broken, TRIALS, worst))
    if not differ:
        raise NotRun("the output hardly moves with the input")
    return result("holds", "samples in another order give the same outputs in that order")


def permutes(subject: Subject) -> bool:
    try:
        return bool(sample_permutation(subject)["verdict"] == "holds")
    except Exception:
        return False


def step_independence(subject: Subject) -> Dict[str, Any]:
    """Changes one step of a sequence (N, T, ...) that becomes another (N, T, ...): the other steps must not move.

    Speaks of models whose layers have no business to mix steps.  Behind recurrent layers that go forward, a change of
    the last step alone must leave the earlier ones; with attention, convolution or a backward pass nothing is said.
    """
    both = [m for m in subject.mixers if not m[2]]
    if both:
        raise NotRun("mixes steps by design: {} `{}`".format(both[0][1], both[0][0]))
    given = subject.givens[0]
    steps = given.shape[1] if len(given.shape) in (2, 3) and given.batch == 0 else 0
    if len(subject.givens) != 1 or steps < 2 or (len(given.shape) == 2 and "int" not in given.dtype):
        raise NotRun("the input is no sequence (N, T, F)")
    apart(subject)
    outputs = subject.trial(0)[1]
    batch = {r.output: r for r in batch_of(subject).rows}
    stepwise = [i for i, (_, y) in enumerate(outputs) if len(y.shape) > 2 and y.shape[1] == steps and i in batch]
    stepwise = [i for i in stepwise if batch[i].axis == 0 and batch[i].each == 1]
    if not stepwise:
        raise NotRun("no output has one entry per step")
    step = steps - 1 if subject.mixers else 0
    leaks, worst, own = 0, 0.0, False
    for trial in range(TRIALS):
        inputs, before = subject.trial(trial)
        after = subject.call([replaced(inputs[0], 1, step, subject.inputs(trial + 100)[0])], 0)
        gap = 0.0
        for i in stepwise:
            x, y = before[i][1], after[i][1]
            scale = max(magnitude(x), magnitude(y))
            moves = [change(at(x, 1, s), at(y, 1, s), scale) for s in range(steps)]
            mine = moves.pop(step)
            own = own or mine > subject.own
            gap = max(gap, *moves)
        worst, leaks = max(worst, gap), leaks + (gap > subject.moved)
    if leaks == TRIALS:
        text = "other steps move by {:.2g} of the largest value when only step {} of {} changes"
        return result("violated", text.format(worst, step, steps))
    if leaks or worst > subject.still:
        raise NotRun("other steps move in {} of {} trials, by {:.1e} at most".format(leaks, TRIALS, worst))
    if not own:
        raise NotRun("the output hardly moves with the step that changes")
    return result("holds", "{}only the step that changes moves".format("among the earlier ones, " if step else ""))


def input_relevance(subject: Subject) -> Dict[str, Any]:
    """Gives one input after the other new values: each must move some output."""
    if len(subject.givens) < 2:
        raise NotRun("the model has one input")
    apart(subject)
    idle = [given.name or str(i) for i, given in enumerate(subject.givens) if not matters(subject, i)]
    if len(idle) == len(subject.givens):
        raise NotRun("no input moves the output")
    if idle:
        return result("violated", "no output moves with {}".format(named(idle)), idle)
    return result("holds", "every input moves the output", [g.name for g in subject.givens])


def matters(subject: Subject, number: int) -> bool:
    """Does some output move with an input?  Anything in between rounding and a move counts as one."""
    for trial in range(TRIALS):
        inputs, before = subject.trial(trial)
        other = list(inputs)
        other[number] = subject.inputs(trial + 100)[number]
        after = subject.call(other, 0)
        if any(change(x, y) > subject.still for (_, x), (_, y) in zip(before, after)):
            return True
    return False

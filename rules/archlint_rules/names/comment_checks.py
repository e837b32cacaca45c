"""Comparing a commented shape with the inferred one; only what is wrong for certain counts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from archlint.rule import Model, Size, Tensor, evaluate, proven_different, proven_equal, show, substitute, symbols
from archlint_rules.flow import text_of
from archlint_rules.names.comment_shapes import Claim, Entry, Open, Rest, evaluated, letters, literal
from archlint_rules.names.commented_lines import Commented, takes_settings
from archlint_rules.origins import axis_source

_WIDTHS = ("out_channels", "filters", "units", "out_features", "num_outputs", "embedding_dim", "output_dim")
_WIDTH_ROLES = ("channel", "features", "classes")
_CERTAIN = ("declared", "directive", "first layer", "open")
_LARGE = 2**14
_FAR = 4 / 3


class Known:
    """What the comments of one function say, up to one of them.

    sizes: symbols of the input that a comment on the input gives a number: `# x: (N, 3, 224, 224)`.
    letters: what each letter stands for, where all comments that use it agree.
    named: the letter that a comment on the input gives each of its axes, by the axis's identity.
    """

    def __init__(self, model: Model, before: list[Commented]) -> None:
        self.model = model
        self.named = {ident: letter for c in before if c.entry for ident, letter in _letters_of_axes(c)}
        self.sizes: dict[str, int] = {}
        self.letters: dict[str, Size] = {}
        for c in before:
            for entry, size in self._of_input(c):
                number = literal(entry)
                if isinstance(number, int) and show(size).isidentifier():
                    self.sizes.setdefault(show(size), number)
        bound: dict[str, list[Size]] = {}
        for c in before:
            for entry, size in self.pairs(c.claim, c.nodes[0].output):
                if isinstance(entry, str):
                    bound.setdefault(entry, []).append(size)
        self.letters = {k: v[0] for k, v in bound.items() if all(proven_equal(v[0], other) for other in v)}

    def _of_input(self, c: Commented) -> list[tuple[Entry, Size]]:
        """What a comment says of an input: behind the `def`, or above the first statement, whose value it cannot be."""
        if c.entry:
            return self.pairs(c.claim, c.nodes[0].output)
        if any(self.may_be_about(c.claim, n.output) for n in c.nodes):
            return []
        before = (t for t in c.beside if t.shape is not None and self.may_be_about(c.claim, t))
        return next((self.pairs(c.claim, t) for t in before), [])

    def sized(self, size: Size) -> Size:
        """The size, with the numbers that a comment gives the input."""
        return substitute(size, dict(self.sizes))

    def pairs(self, claim: Claim, tensor: Tensor) -> list[tuple[Entry, Size]]:
        """Entries of the claim beside the sizes they speak of; [] where the numbers of axes differ."""
        if tensor.shape is None:
            return []
        shape, entries = tensor.shape, list(claim.entries)
        at = next((i for i, e in enumerate(entries) if isinstance(e, Rest)), None)
        if at is not None:
            entries[at : at + 1] = [Open()] * max(len(shape) - len(entries) + 1, 0)
        elif len(entries) == len(shape) - 1 and not claim.batch_first:
            shape = shape[1:]  # the batch is left out
        return [(e, self.sized(s)) for e, s in zip(entries, shape)] if len(entries) == len(shape) else []

    def wrong(self, c: Commented, tensor: Tensor) -> list[int]:
        """Axes of a tensor that the claim contradicts whatever the configuration; [-1]: the number of axes."""
        pairs = self.pairs(c.claim, tensor)
        if tensor.shape is None or not pairs:
            return [-1] if tensor.shape is not None and self._other_rank(c.claim, tensor.shape) else []
        shift = len(tensor.shape) - len(pairs)
        different = [i + shift for i, (entry, size) in enumerate(pairs) if self.differs(entry, size)]
        if different:
            return different if any(self.certain(c, tensor, axis) for axis in different) else []
        return [] if takes_settings(self.model.file, c.region) else self.swapped(c.claim, tensor)

    def _other_rank(self, claim: Claim, shape: tuple[Size, ...]) -> bool:
        """Is the number of axes wrong, and no mere habit: `(N, 3)` for N points of every sample?"""
        if not _speaks_of_rank(claim):
            return False
        fewer = len(shape) - len(claim.entries)
        if abs(fewer) == 1 and any(i.source not in _CERTAIN for i in self.model.inputs):
            return False  # an example without a batch axis
        rest = zip(claim.entries, shape[1:])
        return fewer != 1 or any(self.differs(entry, self.sized(size)) for entry, size in rest)

    def may_be_about(self, claim: Claim, tensor: Tensor) -> bool:
        """Could the claim be about this tensor?"""
        if tensor.shape is None:
            return True
        pairs = self.pairs(claim, tensor)
        different = any(self.differs(entry, size) for entry, size in pairs)
        return bool(pairs) and not different and not self.swapped(claim, tensor)

    def swapped(self, claim: Claim, tensor: Tensor) -> list[int]:
        """Axes under the letter of another axis: `(B, T, C)` of what is (B, C, T) by the comment on the input."""
        if tensor.axes is None or len(tensor.axes) != len(claim.entries):
            return []
        said = {e for e in claim.entries if isinstance(e, str)}
        real = [self.named.get(axis[0].ident, "") if len(axis) == 1 else "" for axis in tensor.axes]
        if not all(real) or set(real) != said or len(said) < len(real):
            return []
        return [i for i, (entry, letter) in enumerate(zip(claim.entries, real)) if entry != letter]

    def contradicted(self, c: Commented) -> list[int]:
        """Axes at which the comment is wrong, whichever tensor of its statement it means; [] if it may be right."""
        results = [self.wrong(c, n.output) for n in c.nodes]
        if not results or not all(results) or any(self.may_be_about(c.claim, t) for t in c.beside):
            return []
        return results[0]

    def text(self, claim: Claim, tensor: Tensor, axis: int) -> str:
        """What the comment should say of an axis: its letter where letters are in the wrong order, else its size."""
        if tensor.axes is not None and axis in self.swapped(claim, tensor):
            return self.named[tensor.axes[axis][0].ident]
        return show(self.sized(tensor.shape[axis])) if tensor.shape is not None else "?"

    def differs(self, entry: Entry, size: Size) -> bool:
        """Is the entry wrong for every value of the symbols?  A lone letter says nothing."""
        if isinstance(entry, (Open, Rest, str)):
            return False
        number = literal(entry)
        if number is not None:
            return proven_different(number, size)
        assert isinstance(entry, ast.expr)
        return size is not None and self._far_off(entry, size)

    def _far_off(self, entry: ast.expr, size: Size) -> bool:
        """`H/4` where the size is about `H/2`: off by a factor, which rounding and borders do not explain."""
        if not letters(entry) <= self.letters.keys() or size is None:
            return False
        meant = {name: self.sized(self.letters[name]) for name in letters(entry)}
        names = sorted({v.name for s in (size, *meant.values()) for v in symbols(s)})
        at = {name: _LARGE * (i + 1) for i, name in enumerate(names)}
        values = {name: float(evaluate(s, at)) for name, s in meant.items() if s is not None}
        said, real = evaluated(entry, values), float(evaluate(size, at))
        if said is None or said <= 0 or real <= 0:
            return False
        return max(said / real, real / said) > _FAR

    def certain(self, c: Commented, tensor: Tensor, axis: int) -> bool:
        """Is the inferred size the same in every configuration of the model that the author can have meant?"""
        assert tensor.shape is not None
        size = tensor.shape[axis]
        roles = [a.role for a in tensor.axes[axis]] if tensor.axes else [""]
        if any(i.source not in _CERTAIN for i in self.model.inputs):
            if not all(r in _WIDTH_ROLES for r in roles):
                return False  # the sizes of an example call: the comment may be about another picture
        if not isinstance(size, int) or not takes_settings(self.model.file, c.region):
            return True
        source = axis_source(self.model, tensor, axis) if all(r in _WIDTH_ROLES for r in roles) else None
        if source is None:
            return False
        stated = [text_of(self.model.file, source.arg_spans[a]) for a in _WIDTHS if a in source.arg_spans]
        return str(size) in stated


def _letters_of_axes(c: Commented) -> Iterator[tuple[int, str]]:
    """Identities of the axes of an input, each with its letter in the comment behind the `def`."""
    axes, entries = c.nodes[0].output.axes, c.claim.entries
    if axes is not None and len(axes) == len(entries):
        for axis, entry in zip(axes, entries):
            if len(axis) == 1 and isinstance(entry, str) and entries.count(entry) == 1:
                yield axis[0].ident, entry


def _speaks_of_rank(claim: Claim) -> bool:
    """Does the claim list all axes, the batch first?"""
    if not claim.batch_first or any(isinstance(e, Rest) for e in claim.entries):
        return False
    first = claim.entries[0]
    numbers = any(isinstance(e, int) for e in claim.entries)
    return numbers or len(claim.entries) > 2 or (isinstance(first, str) and first.isupper())

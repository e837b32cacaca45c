"""Which behavioural probe speaks for which rule: a measured property, held against one finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from archlint.diagnostic import Diagnostic
from archlint.rule import Finding
from archlint.run.records import Probed
from archlint.verdict import Standing

Fits: TypeAlias = Callable[[Finding, Probed], bool]
"""Is what was measured about the place that the finding speaks of?"""


def anywhere(finding: Finding, probed: Probed) -> bool:
    """The finding is about the model as a whole."""
    return True


def at_layer(finding: Finding, probed: Probed) -> bool:
    """One of the paths is the finding's layer, or inside of it: `fc2.weight` for `fc2`."""
    return bool(finding.layer) and any(inside(path, finding.layer) for path in probed.paths)


def same_layer(finding: Finding, probed: Probed) -> bool:
    """One of the paths is the attribute or layer of the finding itself."""
    return finding.layer in probed.paths


def at_origin(finding: Finding, probed: Probed) -> bool:
    """Samples begin to mix in the finding's layer; between two layers for a finding about a function."""
    return bool(probed.paths) and probed.paths[0] == finding.layer


def by_dropout(finding: Finding, probed: Probed) -> bool:
    """A dropout function stayed active, and nothing else drew random numbers."""
    return bool(probed.paths) and all("dropout" in name for name in probed.paths)


def input_named(finding: Finding, probed: Probed) -> bool:
    """The message names one of the inputs."""
    return any(f"`{name}`" in finding.message for name in probed.paths)


def same_rows(finding: Finding, probed: Probed) -> bool:
    """`makes 4*N rows of N samples: a sample has 1024 numbers, a row 256`: the rows that were counted."""
    stated = re.search(r"a sample has (\d+) numbers, a row (\d+)", finding.message)
    counted = re.match(r"(\d+) samples give (\d+) rows", probed.detail)
    if stated is None or counted is None:
        return False
    sample, row, samples, rows = (int(x) for x in (*stated.groups(), *counted.groups()))
    return row > 0 and samples > 0 and Fraction(sample, row) == Fraction(rows, samples)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a probe says of the findings of one rule.

    confirms, refutes: the verdict that does, "" for none, each where its `…_if` says that it is about the same thing.
    A refutation needs more than a confirmation: that the very layer was in the model that ran.
    """

    probe: str
    confirms: str = ""
    refutes: str = ""
    confirms_if: Fits = anywhere
    refutes_if: Fits = anywhere


_MIXING = (Claim("batch independence", confirms="violated", confirms_if=at_origin),)

STANDS_FOR: dict[str, tuple[Claim, ...]] = {
    "ARC201": (Claim("row per sample", confirms="violated", confirms_if=same_rows),),
    # a Dense over all steps moves other steps; where only the changed one moves, no layer mixes them
    "ARC204": (Claim("step independence", confirms="violated", refutes="holds"),),
    "ARC205": (Claim("redundant wrapper", "violated", "holds", same_layer, same_layer),),
    "ARC210": _MIXING,
    "ARC214": _MIXING,
    "ARC302": _MIXING,
    "ARC303": _MIXING,
    # not refuted by other signs: a softmax or a loss may come after the ReLU that the finding is about
    "ARC401": (Claim("row sum", confirms="holds"),),
    "ARC405": (Claim("unit range", confirms="holds"),),
    "ARC408": (Claim("unclipped output", confirms="violated"),),
    "ARC409": (Claim("unclipped output", confirms="violated"),),
    "ARC416": (Claim("nonlinearity", confirms="violated", confirms_if=same_layer),),
    # not refuted where the call may be on a branch that did not run
    "ARC501": (Claim("evaluation determinism", confirms="violated", confirms_if=by_dropout),),
    "ARC602": (Claim("registration", "violated", "holds", same_layer, same_layer),),
    "ARC605": (
        Claim("gradient flow", "violated", "holds", at_layer, at_layer),
        Claim("layer use", "violated", "holds", same_layer, same_layer),
    ),
    # the layer may have another call, whose result is used
    "ARC606": (Claim("gradient flow", confirms="violated", confirms_if=at_layer),),
    "ARC609": (Claim("gradient flow", "violated", "holds", at_layer, at_layer),),
    "ARC612": (Claim("input relevance", "violated", "holds", input_named, input_named),),
}
"""By code.  What is not here is judged by shapes and by failures, or by nothing that can be measured."""


def standing(diagnostic: Diagnostic, probes: Iterable[Probed]) -> Standing:
    """What the probes of one executed model say of a finding in it: `confirmed`, `refuted` or `not tested`."""
    claims = STANDS_FOR.get(diagnostic.code, ())
    said: set[Standing] = set()
    for probed in probes:
        for claim in claims:
            if claim.probe != probed.probe:
                continue
            if probed.verdict == claim.confirms and claim.confirms_if(diagnostic.finding, probed):
                said.add("confirmed")
            if probed.verdict == claim.refutes and claim.refutes_if(diagnostic.finding, probed):
                said.add("refuted")
    return said.pop() if len(said) == 1 else "not tested"


def inside(path: str, layer: str) -> bool:
    """Is a path a layer, or a part of it?"""
    return path == layer or path.startswith((layer + ".", layer + "["))

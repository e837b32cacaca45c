"""ARC853: kernels that get smaller with depth."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from archlint.rule import Finding, Label, Model, rule
from archlint_rules.cost.windows import sizes
from archlint_rules.design.trunk import convolutions, kernel
from archlint_rules.flow import place
from archlint_rules.wording import name_of


@rule("ARC853", "kernel-shrinking", severity="info", confidence="hint", category="design", default=False)
def kernel_shrinking(model: Model) -> Iterator[Finding]:
    """Kernels along a plain chain; 1x1 convolutions, which look at no neighbours, are left out."""
    trunk = [node for node in convolutions(model) if set(kernel(node)) != {1}]
    shapes = [kernel(node) for node in trunk]
    if not all(shapes):
        return
    for first, second in itertools.pairwise(trunk):
        a, b = kernel(first), kernel(second)
        if len(a) == len(b) and a != b and all(y <= x for x, y in zip(a, b)):
            yield Finding(
                place(second),
                f"kernels shrink with depth: {' -> '.join(sizes(list(shape)) for shape in shapes)}",
                related=(Label(place(first), f"{name_of(first)} has {sizes(list(a))}"),),
                help="small kernels first: local forms are found before they are put together",
                layer=second.path,
            )
            return
